/*
 * tally.h - what the cases of a suite add up to.
 */
#ifndef RJ_TALLY_H
#define RJ_TALLY_H

#include <stdint.h>

#include "base/str.h"

struct rj_case;
struct rj_suite;

/* A counter attribute of a suite; RJ_SKIPPED_COUNT in three spellings. */
enum rj_counter {
	RJ_TESTS,
	RJ_FAILURES,
	RJ_ERRORS,
	RJ_SKIPPED_COUNT,
	RJ_DISABLED,
	RJ_COUNTERS
};

/*
 * What the cases of a suite add up to, under each way of counting that
 * producers have. `loose` failures are those outside of any case.
 */
struct rj_tally {
	int64_t cases;
	int64_t unknown; /* cases whose outcome is */
	int64_t skipped; /* cases with a <skipped> */
	int64_t skips; /* <skipped>, however many a case has */
	int64_t skipped_bad; /* of them, those that fail all the same */
	int64_t not_run; /* cases skipped without one */
	int64_t
	    cannot_run; /* skipped, and their runner takes them for failed */
	int64_t bad_cases; /* failed or errored */
	int64_t failed_cases; /* bad, with a <failure> */
	int64_t error_cases; /* bad, with an <error> */
	int64_t failures; /* <failure> of bad cases */
	int64_t errors;
	int64_t failure_attempts; /* those, rerunFailure and flakyFailure */
	int64_t error_attempts;
	int64_t loose_failures;
	int64_t loose_errors;
	int64_t lost; /* failures of cases that stand where none belongs */
};

/* A suite's sums: its own cases, and those of the suites below. */
struct rj_sums {
	struct rj_tally own;
	struct rj_tally all;
	int64_t bad_suites; /* directly below, with a bad case */
	int64_t bad_suites_all; /* with a bad case, itself included */
};

/* As they were read. */
struct rj_sums rj_sums_of(const struct rj_suite *s);

/* Adds a case to a tally (sign 1), or takes it out (sign -1). */
void rj_tally_add(struct rj_tally *t, const struct rj_case *c, int64_t sign);

/* Adds up a suite when it ends, and hands the sum to the suite around it. */
void rj_tally_close(struct rj_suite *s);

/* What a counter would say of a tally by the plain way: one per case. */
int64_t rj_plain_count(const struct rj_tally *t, int counter);

/* The counter that an attribute is, of enum rj_counter; -1: none. */
int rj_counter_named(struct rj_str name);

#endif
