/*
 * report.h - one report, as far as an update needs to remember it.
 *
 * Of a rerun, every case that has a name. Of the original, those that are
 * bad, could not be run, are flaky by their own account, or that a rerun may
 * mean: so the memory does not grow with the cases that nothing happens to.
 */
#ifndef RJ_REPORT_H
#define RJ_REPORT_H

#include "file/source.h"
#include "model/counting.h"
#include "model/mentions.h"
#include "model/path.h"

struct rj_report {
	struct rj_source src;
	unsigned int run; /* 0: the original */
	unsigned int number; /* among all reports */
	struct rj_pool *pool; /* its descriptors; the caller's */
	struct rejunit_input input; /* the caller's */
	const char *name; /* below the folder that was named; NULL: a file */
	bool foreign; /* no JUnit report */
	bool adopted; /* a rerun's, taken whole into the updated set */
	struct rj_suite *root;
	struct rj_case **cases; /* in document order */
	size_t n;
	struct rj_suite **suites; /* the kept ones, as they ended */
	size_t n_suites;
	struct rj_votes votes;
	struct rj_map
	    kinds; /* words by which cases of a kind say they passed */
	struct rj_arena kind_keys;
	struct rj_folders folders; /* that its absolute paths share */

	/* over all cases, kept or not */
	size_t total;
	size_t unknown; /* of those kept */
	const char *first_unknown; /* its name */
	const char *crashed; /* the first whose worker crashed; NULL: none */
	size_t bad;
	size_t nameless;
	size_t nameless_bad;
	size_t loose; /* failures directly under suites */
	size_t unexplained; /* bad ones that only a counter names */
	char earliest[20]; /* of the suites' timestamps; "": none */
	char latest[20];
	bool internal; /* pytest itself failed */
	struct rj_str loose_suite; /* the first suite of either kind */
};

/* One run: a report, or the reports of a folder, side by side. */
struct rj_run {
	struct rj_report *reports;
	size_t n;
};

/* The run that the first of some reports is of. */
static inline struct rj_run
rj_run_at(struct rj_report *reports, size_t n)
{
	struct rj_run run = { reports, 0 };

	while (run.n < n && reports[run.n].run == reports[0].run)
		run.n++;
	return run;
}

#endif
