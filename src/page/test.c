/* All that is known of a test. */
#include <stdio.h>

#include "base/duration.h"
#include "investigate/telling.h"
#include "list/signature.h"
#include "page/parts.h"

#define COLUMNS	 140 /* runs in its strip, the newest */
#define ATTEMPTS 3
#define FAILURES 8 /* runs that it failed in, which are named */
#define FINDINGS 5
#define FEW	 3
#define KINDS	 5 /* of failures */
#define LINE_MAX 160

/* Executions of other tests that are looked at, for one page. */
#define OTHERS_MAX 1000000

/* --- what it comes to ---------------------------------------------------- */

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
	rj_html(p->out, "; it fails in ");
	rj_html_percent(p->out, r->rate);
	rj_html(p->out, "&nbsp;%% of its runs (");
	rj_html_percent(p->out, r->rate_low);
	rj_html(p->out, " to ");
	rj_html_percent(p->out, r->rate_high);
	rj_html(p->out, ")");
	if (r->missing_passes)
		rj_html(p->out, "; it needs %u more passes in a row",
		    r->missing_passes);
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

static void
put_runs(struct rj_page *p, const struct rj_evidence *e)
{
	size_t first = e->n > COLUMNS ? e->n - COLUMNS : 0;
	char marks[COLUMNS];

	if (!e->n)
		return;
	rj_html(p->out,
	    "<figure>\n<figcaption>Its last %zu run%s, attempt by attempt, the "
	    "newest on the right: tall is a failure, low a pass."
	    "</figcaption>\n<div class=\"wide\"><table "
	    "class=\"runs\"><tbody>\n",
	    e->n - first, rj_plural(e->n - first));
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
		if (s->seconds >= 0)
			rj_html_seconds(p->out, s->seconds);
		rj_html(p->out, "</td><td>%s</td><td>",
		    s->again_passed ? "passed in a rerun"
		    : s->again	    ? "failed again"
				    : "was not rerun");
		rj_html_text(p->out, r->job, 80);
		if (r->job.n && r->host.n)
			rj_html(p->out, ", ");
		rj_html_text(p->out, r->host, 80);
		rj_html(p->out, "</td></tr>\n");
	}
	rj_html(p->out, "</tbody>\n</table>\n");
	if (e->bad > n)
		rj_html(p->out, "<p>%zu earlier ones.</p>\n", e->bad - n);
}

/* --- in which ways ------------------------------------------------------- */

static void
put_kinds(struct rj_page *p, const struct rj_evidence *e)
{
	if (!e->n_said)
		return;
	rj_html(p->out,
	    e->n_said == 1 ? "<p>All that say something fail in one way.</p>\n"
			   : "<p>It fails in %zu ways.</p>\n",
	    e->n_said);
	rj_html(p->out, "<ol class=\"kinds\">\n");
	for (size_t i = 0; i < e->n_said && i < KINDS; i++) {
		const struct rj_said *s = &e->said[i];
		struct rj_str line =
		    rj_first_line(rj_what_failed(s->message, s->trace));

		rj_html(p->out, "<li><b>%u×</b> ", s->failures);
		if (s->signature.n) {
			rj_html(p->out, "<a href=\"#");
			rj_html_text_anchor(p->out, s->signature);
			rj_html(p->out, "\">");
		}
		rj_html_text(p->out,
		    line.n	? rj_str_cut(line, LINE_MAX)
		    : s->type.n ? s->type
				: s->signature,
		    LINE_MAX);
		rj_html(p->out, s->signature.n ? "</a></li>\n" : "</li>\n");
	}
	rj_html(p->out, "</ol>\n");
	if (e->n_said > KINDS)
		rj_html(
		    p->out, "<p>and %zu rarer ones</p>\n", e->n_said - KINDS);
}

/* --- why ----------------------------------------------------------------- */

static void
put_chance(struct rj_out *out, double p)
{
	char text[64];

	rj_digits(p, 2, text);
	rj_html(out, "%s", text);
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
		rj_html_command(p->out, c->command);
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

static void
put_why(struct rj_page *p, const struct rj_causes *f, bool others)
{
	struct rj_buf command = { 0 };

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
			rj_html_command(p->out, f->next[k]);
			rj_html(p->out, "</li>\n");
		}
	rj_html(p->out, "<li>");
	if (rj_buf_add(&command, RJ_STR("rejunit investigate ")) &&
	    rj_shell_quote(&command, f->id))
		rj_html_command(p->out, rj_buf_str(&command));
	else
		rj_out_fail(p->out, rj_fail_memory(p->out->err));
	rj_buf_free(&command);
	rj_html(p->out, "</li>\n</ul>\n");
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
