/*
 * outcome.h - what one execution said, whatever dialect it said it in.
 */
#ifndef RJ_OUTCOME_H
#define RJ_OUTCOME_H

#include "rejunit.h"
#include "xml.h"

/* Which children a case has, and what its attributes say, as one set. */
enum rj_mark {
	RJ_HAS_FAILURE = 1 << 0,
	RJ_HAS_ERROR = 1 << 1,
	RJ_HAS_SKIPPED = 1 << 2,
	RJ_HAS_FLAKY = 1 << 3, /* flakyFailure, flakyError */
	RJ_HAS_RERUN = 1 << 4, /* rerunFailure, rerunError */
	RJ_IS_NOT_RUN = 1 << 5, /* an attribute says that it was not run */
	RJ_ERROR_FIRST = 1 << 6, /* an error stands before any failure */
	RJ_IS_TOLERATED = 1 << 7, /* its <skipped> forgives a failure */
	RJ_HAS_WARNING = 1 << 8, /* PHPUnit's, of what it could not run */
	RJ_CANNOT_RUN = 1 << 9, /* CTest's: skipped, and a failure of the run */
};

/* The mark that a child makes; 0 for those that say nothing. */
unsigned int rj_mark_child(enum rj_tag tag, unsigned int marks);

/* The mark that a <skipped> makes besides, by its type and message. */
unsigned int
rj_mark_skipped(struct rj_str type, struct rj_str message, unsigned int marks);

/* The mark that a case's own attributes make. */
unsigned int rj_mark_attributes(struct rj_str status, struct rj_str result);

/* The outcome that the marks come to; never REJUNIT_ABSENT. */
enum rejunit_verdict rj_outcome(unsigned int marks);

/* Failed or errored. */
bool rj_is_bad(enum rejunit_verdict v);

#endif
