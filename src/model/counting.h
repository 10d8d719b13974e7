/*
 * counting.h - how a producer counts.
 *
 * While a report is read, every way of counting that explains a suite's
 * counters gets a vote. A suite's own way is the one that explains it; where
 * several do, the one that explains most of the report.
 */
#ifndef RJ_COUNTING_H
#define RJ_COUNTING_H

#include "model/case.h"

#define RJ_WAYS 60

/* How many suites each way of counting explains. */
struct rj_votes {
	unsigned long suites[RJ_WAYS];
	unsigned long proofs[RJ_WAYS]; /* of them, by no plain way */
	unsigned long
	    against[RJ_WAYS]; /* suites with bad cases, not explained */
	int64_t excess; /* the most that no plain way explains of a suite */
	int64_t excess_without[RJ_WAYS]; /* the same, and not this one either */
};

/* Lets a suite that has ended vote. */
void rj_votes_add(struct rj_votes *v, const struct rj_suite *s);

/*
 * How many bad ones some suite's counters name beyond what its cases show and
 * any way of counting explains; 0 where all is explained. Ask after the last
 * suite has voted.
 */
int64_t rj_unexplained(const struct rj_votes *v);

/* Whether a way of counting explains what a suite says of its bad cases. */
enum rj_explanation {
	RJ_UNEXPLAINED,
	RJ_EXPLAINED,
	RJ_PERHAPS, /* by a way that needs another suite as a witness */
};
enum rj_explanation rj_explain(const struct rj_suite *s);

/* The same, when all suites have voted. */
bool
rj_counters_explained(const struct rj_suite *s, const struct rj_votes *votes);

/*
 * A suite's counters name more failures, or more skips, than its cases show in
 * any way of counting: one of those that are silent is it. Ask when all suites
 * have voted.
 */
bool rj_counters_exceed(const struct rj_suite *s, const struct rj_votes *votes);

/* A suite says how many of its cases failed. */
bool rj_counts_failures(const struct rj_suite *s);

/* The way of a suite; -1: none explains it. */
int rj_way_of(const struct rj_suite *s, const struct rj_votes *votes);

/* The way of most suites: for one that none explains. */
int rj_common_way(const struct rj_votes *votes);

/* What its counters say are failures and errors, counted in one way. */
struct rj_counts {
	int64_t failures;
	int64_t errors;
};
struct rj_counts rj_count_in(const struct rj_sums *sums, int way);

/* Of all its cases, such a suite counts only its own. */
bool rj_way_is_direct(const struct rj_suite *s, int way);

/*
 * What a counter that the suite does not have would say of its own cases: not
 * what the other one says, where failures are counted as errors.
 */
int64_t rj_absent_count(const struct rj_suite *s, int counter);

#endif
