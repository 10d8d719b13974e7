/*
 * match.h - which entries of a run speak of which entries before it.
 *
 * On one side are the entries that one identity has by now, on the other one
 * those that a run has of it. What they say beside their names divides them
 * into cells: within a cell nothing tells them apart, and no entry of one cell
 * speaks of another cell's. Nothing is decided here.
 */
#ifndef RJ_MATCH_H
#define RJ_MATCH_H

#include "model/plan.h"

struct rj_cell {
	struct rj_slot **slots; /* the entries before, at least one */
	size_t n_slots;
	struct rj_case **cases; /* those of the run, at least one */
	size_t n_cases;
	/*
	 * How many of the run are in suites, say, that no entry before is in,
	 * while others are: they are other tests, or these have moved.
	 */
	size_t strangers;
	bool comparable; /* all are of one file */
	bool contradicted; /* one names a file that another cannot be in */
};

struct rj_cells {
	struct rj_cell *cell;
	size_t n;
	struct rj_case **fresh; /* none of the entries before can be theirs */
	size_t n_fresh;
};

/* How it is done; the rest follows from the entries. */
struct rj_matching {
	const struct rj_report *reports;
	bool plainly; /* all in one cell, and nothing else is looked at */
	unsigned int assume; /* of enum rejunit_assumption */
	/* paths of suites, where entries have no class; else empty */
	const struct rj_map *before; /* of the original */
	const struct rj_map *run; /* of the run at hand */
};

/*
 * Divides the entries; at least one slot and one case. Everything lives in the
 * arena. False: out of memory.
 */
bool rj_match(const struct rj_matching *how, struct rj_slot **slots,
    size_t n_slots, struct rj_case **cases, size_t n_cases,
    struct rj_arena *arena, struct rj_cells *out);

/* The same question for one entry on each side. */
enum rj_likeness {
	RJ_MAY_BE_ONE, /* nothing that they say keeps them apart */
	RJ_IN_DOUBT,
	RJ_ARE_TWO,
};
enum rj_likeness rj_compare(const struct rj_matching *how,
    const struct rj_case *a, const struct rj_case *b);

/* *apart: each of the entries can be told from all others. */
bool rj_tell_apart(const struct rj_matching *how, struct rj_slot **slots,
    size_t n, struct rj_arena *arena, bool *apart);

/*
 * Numbers the tests that entries of one name are of, from 0 on, as far as they
 * themselves prove that several are of one. *n_tests: how many there are.
 */
bool rj_number_tests(const struct rj_matching *how,
    const struct rj_case *const *entries, size_t n, unsigned int *test,
    size_t *n_tests);

#endif
