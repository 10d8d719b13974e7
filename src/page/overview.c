/* What somebody sees who has thirty seconds. */
#include <stdio.h>
#include <stdlib.h>

#include "history/clock.h"
#include "page/parts.h"

/* --- links --------------------------------------------------------------- */

/* A test, with a link to its section if it has one. */
void
rj_html_test(struct rj_page *p, const struct rj_past_test *t,
    const struct rj_shown *shown)
{
	if (shown)
		rj_html(p->out, "<a href=\"#%s\">", shown->anchor);
	rj_html_text(p->out, t->id, RJ_NAME_MAX);
	if (shown)
		rj_html(p->out, "</a>");
}

/* It failed in the end, or at first alone, or passed. */
static char
seen_as(const struct rj_seen *s)
{
	if (rejunit_is_bad(s->last))
		return 'F';
	if (rejunit_is_bad(s->first))
		return 'f';
	return s->first == REJUNIT_PASSED ? '.' : ' ';
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
put_result(struct rj_page *p, const struct rj_news *n)
{
	size_t bad = n->n[RJ_UNSEEN_FAILURE], rerun = n->n[RJ_TOOK_A_RERUN];

	rj_html(p->out, "<p class=\"verdict\"><b class=\"%s\">",
	    bad || p->history->unnamed ? "bad" : "good");
	if (bad)
		rj_html_count(p->out, bad);
	rj_html(p->out, "%s</b>",
	    !bad && p->history->unnamed ? "No test with a name fails"
	    : !bad			? "Nothing fails"
	    : bad == 1			? " test fails"
					: " tests fail");
	if (p->history->unnamed)
		rj_html(p->out,
		    ", <b class=\"bad\">%zu failure%s to no test</b>",
		    p->history->unnamed,
		    p->history->unnamed == 1 ? " belongs" : "s belong");
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
put_verdict(struct rj_page *p, const struct rj_news *n)
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
	if (p->history->unnamed)
		rj_html(p->out,
		    "<p><b class=\"bad\">%zu failure%s to no test</b>, or to "
		    "one without a name.</p>\n",
		    p->history->unnamed,
		    p->history->unnamed == 1 ? " belongs" : "s belong");
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
	    "last %zu run%s: %u failed, %u of them at first alone",
	    strlen(r->strip), rj_plural(strlen(r->strip)), bad, passed);
	rj_html(p->out,
	    "<tr data-t=\"%s\" data-s=\"%s\"><td class=\"n\">%zu</td>"
	    "<th scope=\"row\">",
	    p->shown[i].anchor, rejunit_state_name(r->state), i + 1);
	rj_html_test(p, r->test, &p->shown[i]);
	rj_html(p->out, "</th><td><span class=\"state %s\">%s</span>%s</td>",
	    rejunit_state_name(r->state), rejunit_state_name(r->state),
	    r->stale ? " stale" : "");
	rj_html(p->out, "<td class=\"n\">%u</td><td class=\"n\">%u/%u</td>",
	    flakes, r->bad_runs, r->runs);
	if (rj_is_broken(r)) {
		rj_html(p->out, "<td class=\"n\" data-v=\"1000000\"></td>");
	} else {
		rj_html(
		    p->out, "<td class=\"n\" data-v=\"%.0f\">", r->rate * 1e6);
		rj_html_percent(p->out, r->rate);
		rj_html(p->out, "&nbsp;%% <small>");
		rj_html_percent(p->out, r->rate_low);
		rj_html(p->out, "–");
		rj_html_percent(p->out, r->rate_high);
		rj_html(p->out, "</small></td>");
	}
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
		rj_html_test(p, p->shown[i].rank->test, &p->shown[i]);
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
	    "ones passes; what is both passed in the end. Cost is what is "
	    "to be expected if it goes on so: reruns, and half an hour of a "
	    "person for a red run.</p>\n"
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
		    "<p>%zu more test%s failed, and %s left out here "
		    "(<code>--top=0</code> shows all).</p>\n",
		    p->left_out, p->left_out == 1 ? " has" : "s have",
		    p->left_out == 1 ? "is" : "are");
	rj_html(p->out, "</section>\n");
}

bool
rj_page_overview(struct rj_page *p)
{
	struct rj_news n = { .jobs = 0 };

	if (!rj_page_find_news(p, &n))
		return false;
	rj_html(p->out, "<header>\n<h1>");
	rj_html_text(p->out, p->opt->title, RJ_NAME_MAX);
	rj_html(p->out, "</h1>\n");
	put_verdict(p, &n);
	rj_page_put_last(p, &n);
	rj_html(p->out, "</header>\n");
	rj_page_put_news(p, &n);
	put_ranking(p);
	return true;
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
			marks[t->seen[k].run - first] = seen_as(&t->seen[k]);
			bad += rejunit_is_bad(t->seen[k].first);
		}
		if (!bad)
			continue;
		snprintf(what, sizeof(what), "%u of %zu runs failed at first",
		    bad, n);
		rj_html(p->out, "<tr data-t=\"%s\"><th scope=\"row\">",
		    p->shown[i].anchor);
		rj_html_test(p, t, &p->shown[i]);
		rj_html(p->out, "</th><td>");
		rj_draw_strip(p->out, marks, n, what);
		rj_html(p->out, "</td></tr>\n");
	}
	rj_html(p->out, "</tbody>\n</table></div>\n</section>\n");
}
