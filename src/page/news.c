/* What is new in the last run of each job since the run of that job before. */
#include <stdlib.h>

#include "history/clock.h"
#include "page/parts.h"

#define NEWS	12 /* tests of one kind that are named */
#define RECENT	(7 * RJ_DAY)
#define NOT_ONE SIZE_MAX

/*
 * A run of a job is all legs of its matrix. It counts if it is of the main
 * branch, and neither an outage nor a hunt; or if there is no other at all.
 */
struct job {
	size_t runs; /* that count */
	unsigned int legs; /* of the newest */
	int64_t at; /* of the newest */
	bool red; /* the newest ended so, */
	size_t executed;
	size_t failed; /* at first, */
	size_t ended_bad; /* and in the end */
	size_t run; /* one of its runs */
	bool outage; /* a newer one is, and says nothing */
	bool old; /* it has not run for long */
};

/* What became of a test in a run of a job. */
struct result {
	bool bad;
	bool passed;
	bool recovered;
};

struct looking {
	struct rj_page *p;
	struct rj_news *n;
	struct job *job;
	size_t jobs; /* places of jobs */
	size_t *number; /* of each run in its job, from 1 on; 0: no count */
	struct result *last; /* of the test at hand, by job, */
	struct result *before; /* in the run before it */
	size_t first; /* run that any of this is about */
	bool any; /* also what would not count */
};

static bool
counts(const struct looking *l, size_t i)
{
	const struct rj_past *p = &l->p->ranking->past;
	const struct rj_past_run *r = &p->runs[i];

	return l->any || (!r->hunt && !r->outage &&
			     (!r->branch || !p->main_branch ||
				 r->branch == p->main_branch));
}

static void
number_runs(struct looking *l)
{
	const struct rj_past *p = &l->p->ranking->past;

	for (size_t i = 0; i < p->n_runs; i++) {
		const struct rj_past_run *r = &p->runs[i];
		struct job *j = &l->job[r->job];
		bool is_leg = j->runs && r->legs && r->legs == j->legs;

		if (!counts(l, i)) {
			j->outage = j->outage || (r->outage && !r->hunt);
			continue;
		}
		if (!is_leg)
			*j = (struct job){ .runs = j->runs + 1,
				.legs = r->legs };
		j->at = r->at;
		j->run = i;
		j->executed += r->executed;
		j->failed += r->failed;
		j->ended_bad += r->ended_bad;
		j->red = j->red || r->ended_bad;
		l->number[i] = j->runs;
	}
}

/* Jobs that nobody runs any more have no news. */
static void
find_jobs(struct looking *l)
{
	const struct rj_past *p = &l->p->ranking->past;
	struct rj_news *n = l->n;
	int64_t newest = 0;

	for (size_t k = 0; k < l->jobs; k++)
		if (l->job[k].runs && l->job[k].at > newest)
			newest = l->job[k].at;
	for (size_t k = 0; k < l->jobs; k++) {
		struct job *j = &l->job[k];

		if (!j->runs)
			continue;
		j->old = j->at < newest - RECENT;
		n->old += j->old;
		if (j->old)
			continue;
		n->jobs++;
		n->red += j->red;
		n->outages += j->outage;
		n->run = j->run;
		n->executed += j->executed;
		n->failed += j->failed;
		n->ended_bad += j->ended_bad;
	}
	l->first = p->n_runs;
	for (size_t i = p->n_runs; i-- > 0;) {
		const struct job *j = &l->job[p->runs[i].job];

		if (l->number[i] && !j->old && l->number[i] + 1 >= j->runs)
			l->first = i;
	}
}

static void
take(struct result *r, const struct rj_seen *s)
{
	r->bad = r->bad || rejunit_is_bad(s->last);
	r->passed = r->passed || s->last == REJUNIT_PASSED;
	r->recovered = r->recovered ||
		       (rejunit_is_bad(s->first) && s->last == REJUNIT_PASSED);
}

static enum rj_news_kind
kind_of(const struct result *last, const struct result *before)
{
	if (last->bad)
		return before->bad	? RJ_STILL_FAILING
		       : before->passed ? RJ_NEW_FAILURE
					: RJ_UNSEEN_FAILURE;
	if (last->recovered)
		return RJ_TOOK_A_RERUN;
	return last->passed && before->bad ? RJ_MENDED : RJ_NEWS_KINDS;
}

/* Of several jobs, what is worst. */
static enum rj_news_kind
news_of(struct looking *l, const struct rj_past_test *t)
{
	const struct rj_past *p = &l->p->ranking->past;
	enum rj_news_kind worst = RJ_NEWS_KINDS;
	size_t from = t->n;

	while (from > 0 && t->seen[from - 1].run >= l->first)
		from--;
	for (size_t i = from; i < t->n; i++) {
		unsigned int job = p->runs[t->seen[i].run].job;

		l->last[job] = l->before[job] = (struct result){ false };
	}
	for (size_t i = from; i < t->n; i++) {
		unsigned int run = t->seen[i].run, job = p->runs[run].job;
		size_t number = l->number[run], runs = l->job[job].runs;

		if (!number || l->job[job].old)
			continue;
		if (number == runs)
			take(&l->last[job], &t->seen[i]);
		else if (number + 1 == runs)
			take(&l->before[job], &t->seen[i]);
	}
	for (size_t i = from; i < t->n; i++) {
		unsigned int job = p->runs[t->seen[i].run].job;
		enum rj_news_kind one = kind_of(&l->last[job], &l->before[job]);

		worst = one < worst ? one : worst;
	}
	return worst;
}

static bool
find_all(struct looking *l)
{
	struct rj_page *p = l->p;
	const struct rj_past *past = &p->ranking->past;
	const struct rj_shown **shown = rj_alloc_n(
	    &p->arena, past->n_tests + 1, sizeof(const struct rj_shown *));

	if (!shown)
		return false;
	for (size_t i = 0; i < p->n; i++)
		shown[p->shown[i].rank->test - past->tests] = &p->shown[i];
	for (int k = 0; k < RJ_NEWS_KINDS; k++) {
		l->n->of[k] = rj_alloc_n(&p->arena, NEWS, sizeof(*l->n->of[k]));
		if (!l->n->of[k])
			return false;
	}
	for (size_t i = 0; i < past->n_tests; i++) {
		enum rj_news_kind kind = news_of(l, &past->tests[i]);

		if (kind == RJ_NEWS_KINDS)
			continue;
		if (l->n->n[kind] < NEWS)
			l->n->of[kind][l->n->n[kind]] =
			    (struct rj_news_item){ &past->tests[i], shown[i] };
		l->n->n[kind]++;
	}
	return true;
}

bool
rj_page_find_news(struct rj_page *p, struct rj_news *n)
{
	const struct rj_past *past = &p->ranking->past;
	struct looking l = { .p = p, .n = n, .jobs = past->jobs + 1u };

	l.job = rj_alloc_n(&p->arena, l.jobs + 1, sizeof(*l.job));
	l.last = rj_alloc_n(&p->arena, l.jobs + 1, sizeof(*l.last));
	l.before = rj_alloc_n(&p->arena, l.jobs + 1, sizeof(*l.before));
	l.number = rj_alloc_n(&p->arena, past->n_runs + 1, sizeof(*l.number));
	if (!l.job || !l.last || !l.before || !l.number)
		return false;
	l.any = true;
	for (size_t i = 0; i < past->n_runs && l.any; i++) {
		l.any = false;
		l.any = !counts(&l, i);
	}
	number_runs(&l);
	find_jobs(&l);
	return find_all(&l);
}

/* --- as text -------------------------------------------------------------- */

void
rj_page_put_news(struct rj_page *p, const struct rj_news *n)
{
	bool of_one = p->ranking->past.n_runs == 1, any = false;
	const char *const words[RJ_NEWS_KINDS][2] = {
		{ "new failure", ", which passed in the run before" },
		{ "failure", of_one ? "" : " of what did not run before" },
		{ "failure", " that the run before had, too" },
		{ "failure", " that passed in a rerun" },
		{ "test", " failed in the run before, and passed" },
	};

	for (int k = 0; k < RJ_NEWS_KINDS; k++) {
		if (!n->n[k])
			continue;
		rj_html(p->out, any ? "" : "<div class=\"news\">\n");
		any = true;
		rj_html(p->out, "<h2 class=\"k%d\">", k);
		rj_html_count(p->out, n->n[k]);
		rj_html(p->out, " %s%s%s</h2>\n<ul>\n", words[k][0],
		    rj_plural(n->n[k]), words[k][1]);
		for (size_t i = 0; i < n->n[k] && i < NEWS; i++) {
			rj_html(p->out, "<li>");
			rj_html_test(p, n->of[k][i].test, n->of[k][i].shown);
			rj_html(p->out, "</li>\n");
		}
		if (n->n[k] > NEWS)
			rj_html(
			    p->out, "<li>and %zu more</li>\n", n->n[k] - NEWS);
		rj_html(p->out, "</ul>\n");
	}
	rj_html(p->out, any ? "</div>\n" : "");
}

static void
put_one(struct rj_page *p, const struct rj_news *n)
{
	bool red = n->red || p->history->unnamed;

	rj_html(p->out, "The last run, ");
	rj_html_run(p, (unsigned int)n->run);
	rj_html(p->out, " of ");
	rj_html_minute(p->out, p->ranking->past.runs[n->run].at);
	if (n->executed + p->history->passes == 0) {
		rj_html(p->out, ", ran nothing");
		return;
	}
	rj_html(p->out,
	    ", ended <b class=\"%s\">%s</b>: ", red ? "bad" : "good",
	    red ? "red" : "green");
	rj_html_count(p->out, n->executed + p->history->passes);
	rj_html(p->out, " ran, %zu failed at first, %zu in the end", n->failed,
	    n->ended_bad);
}

void
rj_page_put_last(struct rj_page *p, const struct rj_news *n)
{
	if (!n->jobs)
		return;
	rj_html(p->out, "<p class=\"last\">");
	if (n->jobs == 1)
		put_one(p, n);
	else
		rj_html(p->out,
		    "Of the last runs of %zu jobs, <b class=\"%s\">%zu ended "
		    "red</b>",
		    n->jobs, n->red ? "bad" : "good", n->red);
	if (n->outages)
		rj_html(p->out,
		    ". %zu newer one%s an outage, and say%s nothing of a test",
		    n->outages, n->outages == 1 ? " was" : "s were",
		    n->outages == 1 ? "s" : "");
	if (n->old)
		rj_html(p->out, ". %zu other job%s not run for a week", n->old,
		    n->old == 1 ? " has" : "s have");
	rj_html(p->out, ".</p>\n");
}
