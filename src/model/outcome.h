/*
 * outcome.h - what one execution said, whatever dialect it said it in.
 *
 * A case is a set of marks: which children it has, and which words its
 * attributes say. One table turns the marks into an outcome. A pass is what
 * nothing contradicts; what is contradicted is unknown, and proves nothing.
 */
#ifndef RJ_OUTCOME_H
#define RJ_OUTCOME_H

#include "model/vocabulary.h"
#include "rejunit.h"

enum rj_mark {
	RJ_HAS_FAILURE = 1 << 0,
	RJ_HAS_ERROR = 1 << 1,
	RJ_ERROR_FIRST = 1 << 2, /* an error stands before any failure */
	RJ_HAS_SKIPPED = 1 << 3,
	RJ_IS_TOLERATED = 1 << 4, /* its <skipped> forgives a failure */
	RJ_HAS_FLAKY = 1 << 5, /* flakyFailure, flakyError */
	RJ_HAS_RERUN = 1 << 6, /* rerunFailure, rerunError */
	RJ_HAS_STRANGE = 1 << 7, /* a child that is no output or description */
	RJ_HAS_SKIP_PROPERTY = 1 << 8, /* node-tap's skip and todo */
	/* by an attribute that is there to say how the case ended */
	RJ_SAYS_FAILED = 1 << 9,
	RJ_SAYS_ERROR = 1 << 10,
	RJ_SAYS_SKIPPED = 1 << 11,
	RJ_SAYS_STRANGE = 1 << 12,
	RJ_SAYS_NOT_RUN = 1 << 17, /* CTest's word for what it did not run */
	/* by its suite */
	RJ_IS_DOUBTED =
	    1 << 13, /* it is silent, and one like it did not pass */
	/* for other reasons */
	RJ_CANNOT_RUN =
	    1 << 14, /* CTest's: skipped, and a failure of the run */
	RJ_HAS_CRASHED = 1 << 15, /* the worker that ran it is gone */
	RJ_IS_TEARDOWN = 1 << 16, /* pytest's error behind a test */
};

/* The attributes that say how a case ended, as bits of a set. */
#define RJ_WORDS 5
extern const enum rj_attr rj_words[RJ_WORDS];

/*
 * What a child element is, by its name: RJ_FAILURE also for <Failure>, say;
 * RJ_OUTPUT for what describes a case; RJ_OTHER for what may be an outcome.
 */
enum rj_tag rj_child_named(const char *name);

/* The mark that a child makes; 0 for those that say nothing. */
unsigned int rj_mark_child(enum rj_tag tag, unsigned int marks);

/* The mark that a <skipped> makes besides, by its type and message. */
unsigned int
rj_mark_skipped(struct rj_str type, struct rj_str message, unsigned int marks);

/* The mark that an <error> makes besides, by its message. */
unsigned int rj_mark_error(struct rj_str message);

/* The mark that a property of a case makes. */
unsigned int rj_mark_property(struct rj_str name, struct rj_str value);

/*
 * The mark that one of rj_words makes by its value; *passed: it says that the
 * case passed, rather than that it ran.
 */
unsigned int rj_mark_word(enum rj_attr word, struct rj_str value, bool *passed);

/* Skipped though it failed, as a quarantine leaves it. */
#define RJ_IS_EXCUSED (RJ_HAS_SKIPPED | RJ_HAS_RERUN)
static inline bool
rj_is_excused(enum rejunit_verdict outcome, unsigned int marks)
{
	return outcome == REJUNIT_SKIPPED &&
	       (marks & RJ_IS_EXCUSED) == RJ_IS_EXCUSED;
}

/* The outcome that the marks come to; never REJUNIT_ABSENT. */
enum rejunit_verdict rj_outcome(unsigned int marks);

#endif
