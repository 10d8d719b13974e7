/*
 * verdict.h - the one rule of verdicts.
 *
 * A cell is what nothing tells apart: entries that a report has of one name,
 * and what a run has of it. It is boiled down to facts, and the facts to a
 * verdict, by the first row of one table that they match. Both are pure: what
 * follows from a verdict is done elsewhere, see apply.h.
 *
 * Never is an entry called green on a guess: it is, if it is under every
 * assignment of the run's executions to tests that the reports allow.
 */
#ifndef RJ_VERDICT_H
#define RJ_VERDICT_H

#include "merge/match.h"

struct rj_facts {
	enum rejunit_verdict before; /* the worst of the entries before */
	size_t entries;
	size_t tests; /* that they are of, as far as they prove it */
	size_t bad; /* executions that failed; phases count once */
	size_t idle; /* tests that have neither passed nor failed, */
	size_t extra; /* and those that only earlier runs had */
	size_t may_run; /* of the tests, those that a rerun may run */
	size_t passes_needed; /* to be sure that all of these ran again */
	bool some_pass; /* of them, or of the run's */
	size_t run; /* entries of the run, */
	size_t run_tests; /* the tests that these are of, */
	size_t strangers; /* which of them may be others than those before, */
	size_t run_passed; /* and how they ended */
	size_t run_bad;
	size_t run_skipped;
	size_t run_unknown;
	bool in_order; /* the bad ones passed, one by one, and order counts */
	bool contradicted;
};

enum rj_act {
	RJ_KEEP,
	RJ_RECOVER,
	RJ_REGRESS,
	RJ_FAIL_AGAIN,
	RJ_NOTE, /* nothing changes, and the reason says why */
	RJ_PASS_FIRST,
	RJ_FAIL_FIRST,
};

struct rj_verdict {
	enum rj_act act;
	enum rejunit_reason reason; /* REJUNIT_UNCHANGED: as it was */
	bool proved; /* what passed was all of them */
	bool unplaced; /* what failed may be a test that never passed */
	size_t extra; /* tests that the run has beyond those before */
};

/*
 * The facts of a cell. `extra`: tests that earlier runs had beyond the entries.
 * The scratch memory is the caller's to reset. False: out of memory.
 */
bool rj_facts_of(const struct rj_matching *how, const struct rj_cell *cell,
    size_t extra, struct rj_arena *scratch, struct rj_facts *facts);

struct rj_verdict rj_verdict_on(const struct rj_facts *facts);

/* Bad before passed before unknown before skipped; of two bad, the first. */
enum rejunit_verdict rj_worse(enum rejunit_verdict a, enum rejunit_verdict b);

#endif
