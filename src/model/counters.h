/*
 * counters.h - how a producer counts, and what its counters become.
 *
 * The only place that does arithmetic with counters. While a report is read,
 * every suite's cases are tallied, and every way of counting that explains
 * its counters gets a vote. When an update is written, each touched suite's
 * counters move by the difference that its edits make in the way that
 * explains it; where several do, in the one that explains most of the report.
 */
#ifndef RJ_COUNTERS_H
#define RJ_COUNTERS_H

#include <stdint.h>

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

/* Adds a case to a tally (sign 1), or takes it out (sign -1). */
void rj_tally_add(struct rj_tally *t, const struct rj_case *c, int64_t sign);

/* Adds up a suite when it ends, and hands the sum to the suite around it. */
void rj_tally_close(struct rj_suite *s);

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

/* A suite's sums as the plan leaves them. */
struct rj_change {
	struct rj_tally own;
	struct rj_tally all;
	int64_t bad_suites;
	int64_t bad_suites_all;
	int64_t counters[RJ_COUNTERS]; /* -1 where the suite says no number */
	bool recounted; /* they are set, whatever stood there */
};

/* Starts a change that changes nothing yet; NULL: out of memory. */
struct rj_change *rj_change_open(struct rj_suite *s, struct rj_arena *a);

/*
 * Notes that a case of a suite is to be another one (NULL: absent), in that
 * suite and in all around it. False: out of memory.
 */
bool rj_change_case(struct rj_suite *suite, struct rj_arena *a,
    const struct rj_case *was, const struct rj_case *is);

/* After the last change: once for each suite that has one. */
void rj_change_close(struct rj_suite *suite);

/*
 * Works out what the suite's counters should say. Returns false where no way
 * of counting explained them before: they are the best that can be done, and
 * somebody should be told.
 */
bool rj_change_counters(struct rj_suite *s, const struct rj_votes *votes);

/* What a counter would say of a tally by the plain way: one per case. */
int64_t rj_plain_count(const struct rj_tally *t, int counter);

/*
 * What a counter that the suite does not have would say of its own cases: not
 * what the other one says, where failures are counted as errors.
 */
int64_t rj_absent_count(const struct rj_suite *s, int counter);

/* The counter that an attribute is, of enum rj_counter; -1: none. */
int rj_counter_named(struct rj_str name);

/* What an attribute of the suite's tag that holds n is to say; -1: no number.
 */
int64_t
rj_counter_after(const struct rj_suite *s, struct rj_str name, int64_t n);

/* The same by the plain way: one per case, suites below included. */
void rj_change_recount(struct rj_suite *s);

#endif
