/*
 * group.h - a small group of entries of one name, as the engine merges it, and
 * as an oracle sees it that knows nothing of the engine.
 *
 * The hidden truth is an assignment of a run's entries to tests. The tests are
 * those of the original, and further ones only if a run has more entries than
 * there were tests. An entry that was bad may be green only if it passed, in
 * one of the runs, under every assignment that the reports allow; and nothing
 * may be left that failed and never passed, unless the exit status says so.
 */
#ifndef GROUP_H
#define GROUP_H

#include "merge/merge.h"
#include "model/mentions.h"

#define ENTRIES 4
#define RUNS	2
#define TESTS	(ENTRIES * (RUNS + 1))

static const enum rejunit_verdict outcomes[] = { REJUNIT_PASSED, REJUNIT_FAILED,
	REJUNIT_SKIPPED, REJUNIT_UNKNOWN, REJUNIT_ERROR };

/* What every entry says of itself beside its name. */
enum says {
	NOTHING,
	ITS_FILE,
	ITS_SUITE,
	ITS_HOST,
	ITS_LINE,
	SAYS
};

/* One report: how its entries ended, and what they are labelled with. */
struct report {
	unsigned int n;
	enum rejunit_verdict outcome[ENTRIES];
	unsigned int label[ENTRIES];
};

struct group {
	enum says says;
	const char *suite; /* its name, in both runs */
	unsigned int n_runs;
	struct report report[RUNS + 1]; /* the original first */
};

/* --- the oracle --------------------------------------------------------------
 */

struct oracle {
	const struct group *g;
	unsigned int tests; /* known before the run at hand */
	/* per test and run, over all assignments */
	bool always_passed[TESTS][RUNS + 1];
	bool ever_bad[TESTS][RUNS + 1];
	bool there[TESTS][RUNS + 1]; /* it was known by then */
};

static bool
is_bad(enum rejunit_verdict v)
{
	return v == REJUNIT_FAILED || v == REJUNIT_ERROR;
}

/* The test that a label names, if it can be trusted; -1: any. */
static int
named(const struct group *g, unsigned int run, unsigned int entry)
{
	const struct report *o = &g->report[0], *r = &g->report[run];
	unsigned int label = r->label[entry], known = 0;

	if (g->says == NOTHING)
		return -1;
	for (unsigned int i = 0; i < r->n; i++)
		known += r->label[i] < o->n;
	/* what changes from run to run tells only where both have the same */
	if ((g->says == ITS_HOST || g->says == ITS_LINE) &&
	    (known < r->n || r->n != o->n))
		return -1;
	/* another file is another test, whatever else there is */
	if (g->says == ITS_FILE)
		return (int)label;
	return label < o->n ? (int)label : -1;
}

/* Gives the entries from one on a test each, in every way that is left. */
static void
assign(struct oracle *o, unsigned int run, unsigned int entry,
    unsigned int limit, unsigned int taken, enum rejunit_verdict *got)
{
	const struct report *r = &o->g->report[run];

	if (entry == r->n) {
		for (unsigned int t = 0; t < TESTS; t++) {
			if (got[t] != REJUNIT_PASSED)
				o->always_passed[t][run] = false;
			if (is_bad(got[t]))
				o->ever_bad[t][run] = true;
		}
		return;
	}
	for (unsigned int t = 0; t < limit; t++) {
		int only = named(o->g, run, entry);

		if (taken >> t & 1 || (only >= 0 && (unsigned int)only != t))
			continue;
		got[t] = r->outcome[entry];
		assign(o, run, entry + 1, limit, taken | 1u << t, got);
		got[t] = REJUNIT_ABSENT;
	}
}

static void
ask(struct oracle *o)
{
	const struct group *g = o->g;

	o->tests = g->report[0].n;
	for (unsigned int run = 1; run <= g->n_runs; run++) {
		enum rejunit_verdict got[TESTS] = { REJUNIT_ABSENT };
		unsigned int limit = o->tests;

		if (g->report[run].n > limit)
			limit = g->report[run].n;
		for (unsigned int i = 0; i < g->report[run].n; i++)
			if (named(g, run, i) >= (int)limit)
				limit = (unsigned int)named(g, run, i) + 1;
		for (unsigned int t = 0; t < TESTS; t++)
			o->always_passed[t][run] = true;
		assign(o, run, 0, limit, 0, got);
		o->tests = limit;
	}
}

/* Whatever is assigned, the test passed in some run. */
static bool
surely_passed(const struct oracle *o, unsigned int test)
{
	for (unsigned int run = 1; run <= o->g->n_runs; run++)
		if (o->always_passed[test][run])
			return true;
	return false;
}

/* Some assignment has it fail in a run, and pass in none. */
static bool
may_be_failing(const struct oracle *o, unsigned int test)
{
	const struct report *r = &o->g->report[0];
	bool bad = false;

	if (test < r->n && r->outcome[test] == REJUNIT_PASSED)
		return false;
	if (test < r->n && is_bad(r->outcome[test]))
		return !surely_passed(o, test);
	for (unsigned int run = 1; run <= o->g->n_runs; run++)
		bad = bad || o->ever_bad[test][run];
	return bad && !surely_passed(o, test);
}

/* --- the engine -------------------------------------------------------- */

/* What an engine made of the group. */
struct result {
	bool green[ENTRIES]; /* that was bad */
	bool exits_green;
};

static const char strings[] = "c\0t"; /* a class and a name, as they are kept */

static void
set_up(struct rj_report *r, unsigned int run, const struct group *g,
    struct rj_suite *suites, struct rj_case *cases, struct rj_case **list,
    struct rj_suite **suite_list)
{
	static const char *const labels[] = { "0", "1", "2", "3", "4", "5", "6",
		"7", "8", "9" };
	const struct report *from = &g->report[run];

	for (unsigned int i = 0; i < from->n; i++) {
		struct rj_str label = rj_str(labels[from->label[i]]);
		unsigned int marks[] = {
			[REJUNIT_PASSED] = 0,
			[REJUNIT_FAILED] = RJ_HAS_FAILURE,
			[REJUNIT_ERROR] = RJ_HAS_ERROR | RJ_ERROR_FIRST,
			[REJUNIT_SKIPPED] = RJ_HAS_SKIPPED,
			[REJUNIT_UNKNOWN] = RJ_HAS_STRANGE,
		};
		/* one suite for all, unless suites or hosts tell */
		bool own = g->says == ITS_SUITE || g->says == ITS_HOST;
		struct rj_suite *s = &suites[1 + (own ? i : 0)];

		*s = (struct rj_suite){
			.up = &suites[0],
			.tag = RJ_TESTSUITE,
			.name = rj_str(g->suite),
			.path = { g->suite, strlen(g->suite) + 1 },
			.run = run,
			.report = run,
			.said = { -1, -1, -1, -1, -1 },
		};
		if (g->says == ITS_SUITE) {
			s->name = label;
			s->path = (struct rj_str){ label.s, label.n + 1 };
		}
		if (g->says == ITS_HOST)
			s->hostname = label;
		s->number = own ? i : 0;
		suite_list[s->number] = s;
		r->n_suites = own ? i + 1 : 1;
		cases[i] = (struct rj_case){
			.classname = { strings, 1 },
			.name = { strings + 2, 1 },
			.suite = s,
			.outcome = from->outcome[i],
			.marks = marks[from->outcome[i]],
			.line_no = 1,
		};
		if (g->says == ITS_FILE)
			cases[i].file = label;
		if (g->says == ITS_LINE)
			cases[i].line = label;
		list[i] = &cases[i];
		r->bad += is_bad(from->outcome[i]);
	}
	suites[0] = (struct rj_suite){ .tag = RJ_TESTSUITES,
		.run = run,
		.report = run,
		.path = { "", 0 },
		.said = { -1, -1, -1, -1, -1 } };
	suites[0].number = r->n_suites;
	suite_list[r->n_suites++] = &suites[0];
	r->root = &suites[0];
	r->run = r->number = run;
	r->src.name = "report";
	r->cases = list;
	r->suites = suite_list;
	r->n = r->total = from->n;
}

static bool
merge(const struct group *g, struct result *out)
{
	struct rj_report reports[RUNS + 1] = { { .run = 0 } };
	struct rj_suite suites[RUNS + 1][ENTRIES + 1];
	struct rj_suite *suite_list[RUNS + 1][ENTRIES + 1];
	struct rj_case cases[RUNS + 1][ENTRIES], *list[RUNS + 1][ENTRIES];
	struct rj_arena arena = { 0 };
	struct rj_mentions mentions = { .arena = &arena,
		.fields = REJUNIT_CLASSNAME | REJUNIT_NAME };
	struct rj_merge_options options = { 0 };
	struct rj_plan plan = { .arena = &arena };
	struct rejunit_error err;
	bool ok = true, hit;

	plan.warnings.arena = &arena;
	*out = (struct result){ .exits_green = false };
	for (unsigned int run = 0; run <= g->n_runs; run++)
		set_up(&reports[run], run, g, suites[run], cases[run],
		    list[run], suite_list[run]);
	for (unsigned int run = 1; run <= g->n_runs; run++)
		for (unsigned int i = 0; i < g->report[run].n; i++)
			ok =
			    ok && rj_mentions_add_case(&mentions, list[run][i]);
	for (unsigned int i = 0; i < g->report[0].n; i++)
		ok = ok && rj_mentions_see_case(&mentions, list[0][i], &hit);
	ok = ok && !rj_merge(&plan, reports, g->n_runs + 1, &mentions, &options,
		       &err);
	for (unsigned int i = 0; ok && i < g->report[0].n; i++)
		out->green[i] = is_bad(g->report[0].outcome[i]) &&
				!is_bad(plan.slots[i]->outcome);
	out->exits_green = ok && plan.bad_after + plan.loose == 0;
	rj_plan_free(&plan);
	rj_mentions_free(&mentions);
	rj_arena_free(&arena);
	return ok;
}

#endif
