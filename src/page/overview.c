/* What somebody sees who has thirty seconds. */
#include <stdio.h>
#include <stdlib.h>

#include "history/clock.h"
#include "page/parts.h"

#define NEWS 12 /* tests of one kind that are named */

/* --- links --------------------------------------------------------------- */

/* A test, with a link to its section if it has one. */
static void
put_test(struct rj_page *p, const struct rj_past_test *t,
    const struct rj_shown *shown)
{
	if (shown)
		rj_html(p->out, "<a href=\"#%s\">", shown->anchor);
	rj_html_text(p->out, t->id, RJ_NAME_MAX);
	if (shown)
		rj_html(p->out, "</a>");
}

static const char *
seen_as(const struct rj_seen *s)
{
	if (!rejunit_is_bad(s->first))
		return s->first == REJUNIT_PASSED ? "." : " ";
	return rejunit_is_bad(s->last) ? "F" : "f";
}

/* --- news ---------------------------------------------------------------- */

enum news {
	NEW_FAILURE, /* it passed in the run of its job before */
	UNSEEN_FAILURE, /* it did not run before */
	STILL_FAILING,
	TOOK_A_RERUN, /* it failed, and passed in the end */
	MENDED,
	KINDS
};

struct item {
	size_t test; /* its place in the past */
	const struct rj_shown *shown; /* NULL: it is not */
};

struct news_of {
	struct item *of[KINDS];
	size_t n[KINDS];
	unsigned int *newest; /* run of each job; 0: none, else from 1 on */
	size_t jobs;
	size_t red; /* of these runs, those that ended so */
};

static bool
is_told(const struct rj_past_run *r)
{
	return !r->hunt;
}

/* The newest run of each job, if it is not of another age. */
static bool
find_newest(const struct rj_past *p, struct news_of *n)
{
	int64_t last = 0;

	n->newest = calloc((size_t)p->jobs + 1, sizeof(*n->newest));
	if (!n->newest)
		return false;
	for (size_t i = 0; i < p->n_runs; i++)
		if (is_told(&p->runs[i])) {
			n->newest[p->runs[i].job] = (unsigned int)i + 1;
			last = p->runs[i].at;
		}
	for (size_t k = 0; k <= p->jobs; k++) {
		if (!n->newest[k])
			continue;
		if (p->runs[n->newest[k] - 1].at < last - 7 * RJ_DAY) {
			n->newest[k] = 0;
			continue;
		}
		n->jobs++;
		n->red += p->runs[n->newest[k] - 1].ended_bad > 0;
	}
	return true;
}

/* The last time before that it ran in that job, if it did. */
static const struct rj_seen *
seen_before(const struct rj_past *p, const struct rj_past_test *t, size_t at)
{
	unsigned int job = p->runs[t->seen[at].run].job;

	while (at-- > 0)
		if (p->runs[t->seen[at].run].job == job &&
		    is_told(&p->runs[t->seen[at].run]))
			return &t->seen[at];
	return NULL;
}

static bool
is_news(const struct rj_past *p, const struct rj_past_test *t, size_t at,
    enum news *kind)
{
	const struct rj_seen *s = &t->seen[at], *before;

	if (rejunit_is_bad(s->first) && !rejunit_is_bad(s->last)) {
		*kind = TOOK_A_RERUN;
		return true;
	}
	if (!rejunit_is_bad(s->last) && s->last != REJUNIT_PASSED)
		return false;
	before = seen_before(p, t, at);
	if (rejunit_is_bad(s->last))
		*kind = !before			       ? UNSEEN_FAILURE
			: rejunit_is_bad(before->last) ? STILL_FAILING
						       : NEW_FAILURE;
	else if (before && rejunit_is_bad(before->last))
		*kind = MENDED;
	else
		return false;
	return true;
}

/* Of several jobs, what is worst. */
static bool
find_news_of(const struct rj_page *p, const struct news_of *n,
    const struct rj_past_test *t, enum news *kind)
{
	const struct rj_past *past = &p->ranking->past;
	enum news worst = KINDS, one;
	size_t left = n->jobs;

	for (size_t at = t->n; at-- > 0 && left;) {
		unsigned int run = t->seen[at].run;

		if (n->newest[past->runs[run].job] != run + 1)
			continue;
		left--;
		if (is_news(past, t, at, &one) && one < worst)
			worst = one;
	}
	*kind = worst;
	return worst < KINDS;
}

static bool
find_news(const struct rj_page *p, struct news_of *n)
{
	const struct rj_past *past = &p->ranking->past;
	const struct rj_shown **shown =
	    calloc(past->n_tests + 1, sizeof(const struct rj_shown *));
	bool ok = shown && find_newest(past, n);

	for (size_t i = 0; i < p->n && ok; i++)
		shown[p->shown[i].rank->test - past->tests] = &p->shown[i];
	for (int k = 0; k < KINDS && ok; k++) {
		n->of[k] = calloc(NEWS, sizeof(*n->of[k]));
		ok = n->of[k] != NULL;
	}
	for (size_t i = 0; i < past->n_tests && ok; i++) {
		enum news kind;

		if (!find_news_of(p, n, &past->tests[i], &kind))
			continue;
		if (n->n[kind] < NEWS)
			n->of[kind][n->n[kind]] = (struct item){ i, shown[i] };
		n->n[kind]++;
	}
	free(shown);
	return ok;
}

static void
put_news(struct rj_page *p, const struct news_of *n)
{
	bool of_one = p->ranking->past.n_runs == 1;
	const char *const words[KINDS][2] = {
		{ "new failure", "" },
		{ "failure", of_one ? "" : " of what did not run before" },
		{ "failure", " that the run before had, too" },
		{ "failure", " that passed in a rerun" },
		{ "test", " failed before, and passed" },
	};
	bool any = false;

	for (int k = 0; k < KINDS; k++) {
		if (!n->n[k])
			continue;
		rj_html(p->out, any ? "" : "<div class=\"news\">\n");
		any = true;
		rj_html(p->out, "<h2 class=\"k%d\">", k);
		rj_html_count(p->out, n->n[k]);
		rj_html(p->out, " ");
		rj_html(p->out, "%s%s%s", words[k][0], rj_plural(n->n[k]),
		    words[k][1]);
		rj_html(p->out, "</h2>\n<ul>\n");
		for (size_t i = 0; i < n->n[k] && i < NEWS; i++) {
			rj_html(p->out, "<li>");
			put_test(p, &p->ranking->past.tests[n->of[k][i].test],
			    n->of[k][i].shown);
			rj_html(p->out, "</li>\n");
		}
		if (n->n[k] > NEWS)
			rj_html(
			    p->out, "<li>and %zu more</li>\n", n->n[k] - NEWS);
		rj_html(p->out, "</ul>\n");
	}
	rj_html(p->out, any ? "</div>\n" : "");
}

/* --- the verdict --------------------------------------------------------- */

static void
put_state_count(struct rj_page *p, enum rejunit_state state,
    const char *singular, const char *plural, bool *any)
{
	size_t n = p->states[state];

	if (!n)
		return;
	rj_html(p->out, *any ? ", <b>" : "<b>");
	rj_html_count(p->out, n);
	if (!*any)
		rj_html(p->out, " test%s", rj_plural(n));
	rj_html(p->out, " %s</b>", n == 1 ? singular : plural);
	*any = true;
}

/* Of one run alone, nothing is known but what it says. */
static void
put_result(struct rj_page *p, const struct news_of *n)
{
	size_t bad = n->n[UNSEEN_FAILURE], rerun = n->n[TOOK_A_RERUN];

	rj_html(p->out, "<p class=\"verdict\"><b class=\"%s\">",
	    bad ? "bad" : "good");
	if (bad)
		rj_html_count(p->out, bad);
	rj_html(p->out, "%s</b>",
	    !bad       ? "Nothing fails"
	    : bad == 1 ? " test fails"
		       : " tests fail");
	if (rerun) {
		rj_html(p->out, ", <b>");
		rj_html_count(p->out, rerun);
		rj_html(p->out, " passed in a rerun</b>");
	}
	rj_html(p->out, ", of ");
	rj_html_count(p->out, p->tests);
	rj_html(p->out, " test%s.</p>\n", rj_plural(p->tests));
}

static void
put_verdict(struct rj_page *p, const struct news_of *n)
{
	const struct rj_past *past = &p->ranking->past;
	bool any = false;

	if (past->n_runs == 1) {
		put_result(p, n);
		return;
	}
	rj_html(p->out, "<p class=\"verdict\">");
	put_state_count(p, REJUNIT_BROKEN, "is broken", "are broken", &any);
	put_state_count(p, REJUNIT_ENVIRONMENT, "fails in one job alone",
	    "fail in one job alone", &any);
	put_state_count(p, REJUNIT_FLAKY, "flakes", "flake", &any);
	put_state_count(
	    p, REJUNIT_RECOVERING, "is recovering", "are recovering", &any);
	put_state_count(p, REJUNIT_SUSPECT, "is suspect", "are suspect", &any);
	rj_html(p->out, any ? ", of " : "Nothing flakes, of ");
	rj_html_count(p->out, p->tests);
	rj_html(p->out, " test%s in ", rj_plural(p->tests));
	rj_html_count(p->out, past->n_runs);
	rj_html(p->out, " run%s", rj_plural(past->n_runs));
	if (past->n_runs > 1) {
		rj_html(p->out, " from ");
		rj_html_day(p->out, past->runs[0].at);
		rj_html(p->out, " to ");
		rj_html_day(p->out, past->runs[past->n_runs - 1].at);
	}
	if (past->outages)
		rj_html(p->out, ", %zu of them %s", past->outages,
		    past->outages == 1 ? "an outage" : "outages");
	rj_html(p->out, ".</p>\n");
}

static void
put_last(struct rj_page *p, const struct news_of *n)
{
	const struct rj_past *past = &p->ranking->past;

	if (!n->jobs)
		return;
	rj_html(p->out, "<p class=\"last\">");
	if (n->jobs == 1)
		for (size_t k = 0; k <= past->jobs; k++) {
			unsigned int run = n->newest[k];

			if (!run)
				continue;
			rj_html(p->out, "The last run, ");
			rj_html_run(p, run - 1);
			rj_html(p->out, " of ");
			rj_html_minute(p->out, past->runs[run - 1].at);
			rj_html(p->out, ", ended <b class=\"%s\">%s</b>: ",
			    n->red ? "bad" : "good", n->red ? "red" : "green");
			rj_html_count(p->out,
			    past->runs[run - 1].executed + p->history->passes);
			rj_html(p->out,
			    " ran, %u failed at first, %u in the "
			    "end",
			    past->runs[run - 1].failed,
			    past->runs[run - 1].ended_bad);
		}
	else
		rj_html(p->out,
		    "Of the last runs of %zu jobs, <b class=\"%s\">%zu ended "
		    "red</b>",
		    n->jobs, n->red ? "bad" : "good", n->red);
	rj_html(p->out, ".</p>\n");
}

/* --- the ranking --------------------------------------------------------- */

static void
put_cost(struct rj_page *p, const struct rj_rank *r)
{
	double minutes = rj_rank_cost(r) / 60;
	double money = rj_rank_money(p->ranking, r);

	rj_html(p->out, "<td class=\"n\" data-v=\"%.0f\">", minutes * 60);
	if (minutes >= 1)
		rj_html(p->out, "%.0f min", minutes);
	if (money > 0)
		rj_html(p->out, " or %.0f", money);
	rj_html(p->out, "</td>");
}

static void
put_row(struct rj_page *p, size_t i)
{
	const struct rj_rank *r = p->shown[i].rank;
	unsigned int flakes = 0;
	char what[96];
	unsigned int bad = 0, passed = 0;

	for (int e = 0; e < RJ_EVENTS; e++)
		flakes += r->events[e];
	for (const char *s = r->strip; *s; s++) {
		bad += *s == 'F' || *s == 'f';
		passed += *s == 'f';
	}
	snprintf(what, sizeof(what),
	    "last %zu runs: %u failed at first, %u of them passed in the end",
	    strlen(r->strip), bad, passed);
	rj_html(p->out,
	    "<tr data-t=\"%s\" data-s=\"%s\"><td class=\"n\">%zu</td>"
	    "<th scope=\"row\">",
	    p->shown[i].anchor, rejunit_state_name(r->state), i + 1);
	put_test(p, r->test, &p->shown[i]);
	rj_html(p->out, "</th><td><span class=\"state %s\">%s</span>%s</td>",
	    rejunit_state_name(r->state), rejunit_state_name(r->state),
	    r->stale ? " stale" : "");
	rj_html(p->out, "<td class=\"n\">%u</td><td class=\"n\">%u/%u</td>",
	    flakes, r->bad_runs, r->runs);
	rj_html(p->out, "<td class=\"n\" data-v=\"%.0f\">", r->rate * 1e6);
	rj_html_percent(p->out, r->rate);
	rj_html(p->out, "&nbsp;%% <small>");
	rj_html_percent(p->out, r->rate_low);
	rj_html(p->out, "–");
	rj_html_percent(p->out, r->rate_high);
	rj_html(p->out, "</small></td>");
	put_cost(p, r);
	rj_html(
	    p->out, "<td class=\"n\" data-v=\"%lld\">", (long long)r->last_bad);
	if (r->last_bad)
		rj_html_day(p->out, r->last_bad);
	rj_html(p->out, "</td><td>");
	rj_draw_strip(p->out, r->strip, strlen(r->strip), what);
	rj_html(p->out, "</td></tr>\n");
}

/* Of one run, there is nothing to rank by. */
static void
put_failed(struct rj_page *p)
{
	rj_html(p->out,
	    "<section id=\"ranking\">\n<h2>What failed</h2>\n"
	    "<div class=\"wide\"><table id=\"rank\">\n<thead><tr>"
	    "<th scope=\"col\">#</th><th scope=\"col\">Test</th>"
	    "<th scope=\"col\">Result</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < p->n; i++) {
		const char *result = rj_page_result(p->shown[i].rank);

		rj_html(p->out,
		    "<tr data-t=\"%s\" data-s=\"%s\"><td class=\"n\">%zu</td>"
		    "<th scope=\"row\">",
		    p->shown[i].anchor, result, i + 1);
		put_test(p, p->shown[i].rank->test, &p->shown[i]);
		rj_html(p->out,
		    "</th><td><span class=\"state\">%s</span></td></tr>\n",
		    result);
	}
	rj_html(p->out, "</tbody>\n</table></div>\n");
}

const char *
rj_page_result(const struct rj_rank *r)
{
	return strchr(r->strip, 'F') ? "failed" : "passed in a rerun";
}

static void
put_ranked(struct rj_page *p)
{
	rj_html(p->out,
	    "<section id=\"ranking\">\n<h2>Ranking</h2>\n<p>What flakes most, "
	    "and most recently, stands first. Tall marks are failures, low "
	    "ones passes; what is both passed in the end.</p>\n"
	    "<div class=\"wide\"><table id=\"rank\">\n<thead><tr>"
	    "<th scope=\"col\">#</th><th scope=\"col\">Test</th>"
	    "<th scope=\"col\">State</th><th scope=\"col\">Flakes</th>"
	    "<th scope=\"col\">Failed</th><th scope=\"col\">Rate</th>"
	    "<th scope=\"col\">Cost</th><th scope=\"col\">Last failure</th>"
	    "<th scope=\"col\">Last runs</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < p->n; i++)
		put_row(p, i);
	rj_html(p->out, "</tbody>\n</table></div>\n");
}

static void
put_ranking(struct rj_page *p)
{
	if (!p->n)
		return;
	if (p->ranking->past.n_runs == 1)
		put_failed(p);
	else
		put_ranked(p);
	if (p->left_out)
		rj_html(p->out,
		    "<p>%zu more tests have failed, and are left out here "
		    "(<code>--top=0</code> shows them).</p>\n",
		    p->left_out);
	rj_html(p->out, "</section>\n");
}

bool
rj_page_overview(struct rj_page *p)
{
	struct news_of n = { .jobs = 0 };
	bool ok = find_news(p, &n);

	if (ok) {
		rj_html(p->out, "<header>\n<h1>");
		rj_html_text(p->out, p->opt->title, RJ_NAME_MAX);
		rj_html(p->out, "</h1>\n");
		put_verdict(p, &n);
		put_last(p, &n);
		rj_html(p->out, "</header>\n");
		put_news(p, &n);
		put_ranking(p);
	}
	for (int k = 0; k < KINDS; k++)
		free(n.of[k]);
	free(n.newest);
	return ok;
}

/* --- test by run --------------------------------------------------------- */

#define MATRIX 90 /* runs, the newest */

void
rj_page_matrix(struct rj_page *p)
{
	const struct rj_past *past = &p->ranking->past;
	size_t n = past->n_runs < MATRIX ? past->n_runs : MATRIX;
	size_t first = past->n_runs - n;
	char marks[MATRIX];

	if (!p->n || n < 2)
		return;
	rj_html(p->out,
	    "<section id=\"matrix\">\n<h2>Test by run</h2>\n<p>A column is one "
	    "of the last %zu runs, the same in each row: what fails together "
	    "stands one below the other.</p>\n<div class=\"wide\"><table>\n"
	    "<thead><tr><th scope=\"col\">Test</th><th scope=\"col\">",
	    n);
	rj_html_day(p->out, past->runs[first].at);
	rj_html(p->out, " to ");
	rj_html_day(p->out, past->runs[past->n_runs - 1].at);
	rj_html(p->out, "</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < p->n; i++) {
		const struct rj_past_test *t = p->shown[i].rank->test;
		unsigned int bad = 0;
		char what[64];

		memset(marks, ' ', sizeof(marks));
		for (size_t k = t->n; k-- > 0 && t->seen[k].run >= first;) {
			marks[t->seen[k].run - first] = *seen_as(&t->seen[k]);
			bad += rejunit_is_bad(t->seen[k].first);
		}
		if (!bad)
			continue;
		snprintf(what, sizeof(what), "%u of %zu runs failed at first",
		    bad, n);
		rj_html(p->out, "<tr data-t=\"%s\"><th scope=\"row\">",
		    p->shown[i].anchor);
		put_test(p, t, &p->shown[i]);
		rj_html(p->out, "</th><td>");
		rj_draw_strip(p->out, marks, n, what);
		rj_html(p->out, "</td></tr>\n");
	}
	rj_html(p->out, "</tbody>\n</table></div>\n</section>\n");
}
