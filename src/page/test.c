/* All that is known of a test. */
#include <stdio.h>

#include "base/duration.h"
#include "history/clock.h"
#include "investigate/telling.h"
#include "list/signature.h"
#include "page/parts.h"

#define COLUMNS	 140 /* runs in its strip, the newest */
#define ATTEMPTS 3
#define FAILURES 8 /* runs that it failed in, which are named */
#define FINDINGS 5
#define FEW	 3
#define KINDS	 5 /* of failures */

/* Executions of other tests that are looked at, for one page. */
#define OTHERS_MAX 1000000

/* --- what it comes to ---------------------------------------------------- */

static void
put_rate(struct rj_out *out, const struct rj_rank *r)
{
	if (rj_is_broken(r) || r->state == REJUNIT_NEW_TEST) {
		rj_html(out, "; it failed in %u of %u", r->bad_runs, r->runs);
		return;
	}
	rj_html(out, "; it fails in ");
	rj_html_percent(out, r->rate);
	rj_html(out, "&nbsp;%% of its runs (");
	rj_html_percent(out, r->rate_low);
	rj_html(out, " to ");
	rj_html_percent(out, r->rate_high);
	rj_html(out, ")");
}

static void
put_sentence(struct rj_page *p, const struct rj_rank *r)
{
	unsigned int flakes = 0;

	if (p->ranking->past.n_runs == 1) {
		const char *result = rj_page_result(r);

		rj_html(
		    p->out, "<p><span class=\"state\">%s</span></p>\n", result);
		return;
	}
	for (int e = 0; e < RJ_EVENTS; e++)
		flakes += r->events[e];
	rj_html(p->out,
	    "<p><span class=\"state %s\">%s</span> %u flake%s in %u run%s",
	    rejunit_state_name(r->state), rejunit_state_name(r->state), flakes,
	    rj_plural(flakes), r->runs, rj_plural(r->runs));
	if (r->blocked_runs)
		rj_html(p->out, ", %u ended red", r->blocked_runs);
	put_rate(p->out, r);
	if (r->missing_passes)
		rj_html(p->out,
		    "; %u more pass%s in a row, and it is healthy again",
		    r->missing_passes, r->missing_passes == 1 ? "" : "es");
	rj_html(p->out, ".</p>\n");
}

/* --- its runs ------------------------------------------------------------ */

/* How an attempt ended in each run: F, . or nothing. */
static unsigned int
mark_attempt(const struct rj_evidence *e, unsigned int attempt, size_t first,
    char *marks, unsigned int *bad)
{
	unsigned int n = 0;

	memset(marks, ' ', e->n - first);
	*bad = 0;
	for (size_t i = 0; i < e->n_attempts; i++) {
		const struct rj_attempt *a = &e->attempts[i];
		bool is_it = attempt + 1 < ATTEMPTS ? a->attempt == attempt
						    : a->attempt >= attempt;

		if (!is_it || a->sample < first)
			continue;
		/* of several entries, or attempts, a bad one counts */
		if (marks[a->sample - first] != 'F')
			marks[a->sample - first] = a->bad ? 'F' : '.';
	}
	for (size_t i = 0; i < e->n - first; i++) {
		n += marks[i] != ' ';
		*bad += marks[i] == 'F';
	}
	return n;
}

static size_t
count_hunts(const struct rj_evidence *e, size_t first)
{
	size_t n = 0;

	for (size_t i = first; i < e->n; i++)
		n += e->ranking->past.runs[e->samples[i].run].hunt;
	return n;
}

static void
put_runs(struct rj_page *p, const struct rj_evidence *e)
{
	size_t first = e->n > COLUMNS ? e->n - COLUMNS : 0;
	size_t hunts = count_hunts(e, first);
	char marks[COLUMNS];

	if (!e->n)
		return;
	rj_html(p->out,
	    "<figure>\n<figcaption>Its last %zu run%s, attempt by attempt, the "
	    "newest on the right: tall is a failure, low a pass.",
	    e->n - first, rj_plural(e->n - first));
	if (hunts)
		rj_html(p->out,
		    " %zu of them %s made to provoke failures, and no part of "
		    "any rate.",
		    hunts, hunts == 1 ? "was" : "were");
	rj_html(p->out, "</figcaption>\n<div class=\"wide\"><table "
			"class=\"runs\"><tbody>\n");
	for (unsigned int k = 0; k < ATTEMPTS; k++) {
		unsigned int bad, n = mark_attempt(e, k, first, marks, &bad);
		char what[64];

		if (!n)
			continue;
		snprintf(what, sizeof(what), "%u of %u failed", bad, n);
		rj_html(p->out, "<tr><th scope=\"row\">%s%u</th><td>",
		    k == 0		? "attempt "
		    : k + 1 == ATTEMPTS ? "attempts from "
					: "attempt ",
		    k);
		rj_draw_strip(p->out, marks, e->n - first, what);
		rj_html(p->out, "</td><td class=\"n\">%s</td></tr>\n", what);
	}
	rj_html(p->out, "</tbody></table></div>\n</figure>\n");
}

static const char *
what_then(const struct rj_evidence *e, const struct rj_sample *s)
{
	const struct rj_past_test *t = e->rank->test;
	size_t k = 0;

	if (!s->again)
		return "was not rerun";
	while (k + 1 < t->n && t->seen[k].run != s->run)
		k++;
	if (!s->again_passed)
		return "failed again";
	return rejunit_is_bad(t->seen[k].last) ? "passed, and failed again"
					       : "passed in a rerun";
}

/* The newest of its failures. */
static void
put_failures(struct rj_page *p, const struct rj_evidence *e)
{
	unsigned int n = 0;

	if (!e->bad)
		return;
	rj_html(p->out,
	    "<table class=\"failures\">\n<caption>The last failures</caption>\n"
	    "<thead><tr><th scope=\"col\">Run</th><th scope=\"col\">When</th>"
	    "<th scope=\"col\">Took</th><th scope=\"col\">Then</th>"
	    "<th scope=\"col\">Where</th></tr></thead>\n<tbody>\n");
	for (size_t i = e->n; i-- > 0 && n < FAILURES;) {
		const struct rj_sample *s = &e->samples[i];
		const struct rj_run_texts *r = &e->runs[s->run];

		if (!s->bad)
			continue;
		n++;
		rj_html(p->out, "<tr><td>");
		rj_html_run(p, s->run);
		rj_html(p->out, "</td><td>");
		rj_html_minute(p->out, e->ranking->past.runs[s->run].at);
		rj_html(p->out, "</td><td class=\"n\">");
		if (s->seconds > 0)
			rj_html_seconds(p->out, s->seconds);
		rj_html(p->out, "</td><td>%s</td><td>", what_then(e, s));
		rj_html_text(p->out, r->job, 80);
		if (r->job.n && r->host.n)
			rj_html(p->out, ", ");
		rj_html_text(p->out, r->host, 80);
		rj_html(p->out, "</td></tr>\n");
	}
	rj_html(p->out, "</tbody>\n</table>\n");
	if (e->bad > n)
		rj_html(p->out, "<p>%zu earlier one%s.</p>\n", e->bad - n,
		    rj_plural(e->bad - n));
}

/* --- in which ways ------------------------------------------------------- */

static void
put_kinds(struct rj_page *p, const struct rj_evidence *e)
{
	if (!e->n_said)
		return;
	if (e->n_said > 1)
		rj_html(p->out, "<p>It fails in %zu ways.</p>\n", e->n_said);
	else if (e->bad > 1)
		rj_html(p->out, "<p>All that say something fail in one way."
				"</p>\n");
	rj_html(p->out, "<ol class=\"kinds\">\n");
	for (size_t i = 0; i < e->n_said && i < KINDS; i++) {
		rj_html(p->out, "<li><b>%u×</b> ", e->said[i].failures);
		rj_html_said(p, &e->said[i]);
		rj_html(p->out, "</li>\n");
	}
	rj_html(p->out, "</ol>\n");
	if (e->n_said > KINDS)
		rj_html(p->out, "<p>and %zu rarer one%s</p>\n",
		    e->n_said - KINDS, rj_plural(e->n_said - KINDS));
}

/* --- why ----------------------------------------------------------------- */

static void
put_chance(struct rj_out *out, double p)
{
	char text[64];

	rj_digits(p, 2, text);
	rj_html(out, "%s", text);
}

/* A command, or what stands in place of one. */
static void
put_step(struct rj_out *out, struct rj_str s)
{
	if (s.n && s.s[0] == '#')
		rj_html_text(out, rj_str_from(s, s.n > 1 ? 2 : 1), s.n);
	else
		rj_html_command(out, s);
}

static void
put_cause(struct rj_page *p, const struct rj_cause *c)
{
	rj_html(p->out, "<li><b>%s</b> (%s): ", rj_kind_name(c->kind),
	    rj_confidence_name(c->confidence));
	rj_html_sentence(p->out, c->statement);
	if (c->p >= 0) {
		rj_html(p->out, " p&nbsp;=&nbsp;");
		put_chance(p->out, c->p);
		rj_html(p->out, ", and ");
		put_chance(p->out, c->adjusted);
		rj_html(p->out, " after all comparisons.");
	}
	rj_html(p->out, "<br><small>Refuted by: ");
	rj_html_sentence(p->out, c->refuted_by);
	rj_html(p->out, "</small>");
	if (c->command.n) {
		rj_html(p->out, "<br>Try ");
		put_step(p->out, c->command);
	}
	rj_html(p->out, "</li>\n");
}

static void
put_places(struct rj_page *p, const struct rj_causes *f)
{
	if (!f->frames)
		return;
	rj_html(p->out, "<p>Look at ");
	for (size_t k = 0; k < f->frames && k < 3; k++) {
		rj_html(p->out, k ? ", <code>" : "<code>");
		rj_html_text(p->out, f->frame[k].place, 200);
		rj_html(p->out, "</code>");
	}
	rj_html(p->out, ".</p>\n");
}

/* The same history as this page is of, as of the same time. */
static bool
make_investigate(
    struct rj_buf *out, const struct rj_page *p, const struct rj_causes *f)
{
	struct rj_buf visible = { 0 };
	char at[40];
	bool ok = rj_buf_add_visible(&visible, f->id);
	bool is_plain = ok && rj_str_eq(rj_buf_str(&visible), f->id);

	rj_clock_write(p->ranking->at, at);
	ok = ok && rj_buf_add(out, RJ_STR("rejunit investigate --at=")) &&
	     rj_buf_add(out, rj_str(at));
	for (size_t i = 0; i < p->opt->n_source && ok; i++)
		ok = rj_buf_add(out, RJ_STR(" ")) &&
		     rj_shell_quote(out, rj_str(p->opt->source[i]));
	ok = ok && rj_buf_add(out, RJ_STR(" ")) &&
	     rj_shell_quote(out, is_plain ? f->id : f->e.rank->id);
	rj_buf_free(&visible);
	return ok;
}

static void
put_investigate(struct rj_page *p, const struct rj_causes *f)
{
	struct rj_buf command = { 0 };

	if (!make_investigate(&command, p, f))
		rj_out_fail(p->out, rj_fail_memory(p->out->err));
	rj_html(p->out, "<li>");
	rj_html_command(p->out, rj_buf_str(&command));
	rj_html(p->out, "</li>\n");
	rj_buf_free(&command);
}

static void
put_why(struct rj_page *p, const struct rj_causes *f, bool others)
{
	rj_html(p->out, "<h4>Why</h4>\n<p>");
	if (f->primary) {
		rj_html(p->out, "Likely <b>%s</b> (%s)",
		    rj_category_name(f->primary),
		    rj_confidence_name(f->confidence));
		if (f->secondary)
			rj_html(
			    p->out, ", or %s", rj_category_name(f->secondary));
		rj_html(p->out, ". %s", rj_category_mend(f->primary));
	} else {
		rj_html(p->out, "Unknown: nothing stands out.");
	}
	rj_html(p->out, "</p>\n");
	put_places(p, f);
	if (f->n) {
		rj_html(p->out, "<ol class=\"findings\">\n");
		for (size_t k = 0; k < f->n && k < FINDINGS; k++)
			put_cause(p, &f->cause[k]);
		rj_html(p->out, "</ol>\n");
	}
	if (!f->e.bad)
		return;
	rj_html(p->out, "<h4>Next</h4>\n<ul class=\"next\">\n");
	for (int k = 0; k < 3; k++)
		if (f->next[k].n) {
			rj_html(p->out, "<li>");
			put_step(p->out, f->next[k]);
			rj_html(p->out, "</li>\n");
		}
	put_investigate(p, f);
	rj_html(p->out, "</ul>\n");
	if (!others)
		rj_html(p->out,
		    "<p><small>What other tests of the same runs tell is left "
		    "out: there are too many of them for one page.</small>"
		    "</p>\n");
}

/* A time limit, if there seems to be one; less than 0: there does not. */
static double
limit_of(const struct rj_causes *f)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < f->cause[i].numbers; k++)
			if (rj_str_eq(rj_str(f->cause[i].number[k].name),
				RJ_STR("limit")))
				return f->cause[i].number[k].value;
	return -1;
}

/* --- the whole ----------------------------------------------------------- */

static bool
put_section(
    struct rj_page *p, size_t at, const struct rj_causes *f, bool others)
{
	const struct rj_rank *r = p->shown[at].rank;

	rj_html(p->out,
	    "<article class=\"test\" id=\"%s\" data-s=\"%s\">\n<h3>",
	    p->shown[at].anchor, rejunit_state_name(r->state));
	rj_html_text(p->out, r->test->id, RJ_NAME_MAX);
	rj_html(p->out,
	    " <a class=\"self\" href=\"#%s\" aria-label=\"link to this test\">"
	    "#</a></h3>\n",
	    p->shown[at].anchor);
	put_sentence(p, r);
	put_runs(p, &f->e);
	if (!rj_draw_durations(p->out, &f->e, limit_of(f)) ||
	    !rj_draw_weeks(p->out, &f->e) || !rj_page_keep_texts(p, at, &f->e))
		return false;
	put_kinds(p, &f->e);
	put_failures(p, &f->e);
	if (f->e.bad && !rj_page_shares(p, &f->e))
		return false;
	put_why(p, f, others);
	rj_html(p->out, "</article>\n");
	return true;
}

/* How many executions of others were in its runs. */
static uint64_t
others_of(const struct rj_page *p, const struct rj_past_test *t)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += p->ranking->past.runs[t->seen[i].run].executed;
	return n;
}

enum rejunit_status
rj_page_test(struct rj_page *p, size_t at)
{
	const struct rj_rank *r = p->shown[at].rank;
	struct rj_causes f;
	uint64_t more = others_of(p, r->test);
	/* below that, nothing is compared */
	bool tells = r->bad_runs >= FEW;
	bool others = tells && p->looked_at + more <= OTHERS_MAX;
	enum rejunit_status status = rj_causes_find(&f, p->history, p->ranking,
	    (unsigned int)(r->test - p->ranking->past.tests), others);

	p->looked_at += others ? more : 0;
	if (!status && !put_section(p, at, &f, others || !tells))
		status = rj_fail_memory(p->out->err);
	rj_causes_free(&f);
	return status;
}
