/*
 * tests.h - the tests that a merge knows, by their identity.
 *
 * Each holds the entries that stand for it by now, and those that the run at
 * hand has of it. Names that are canonically equal know of one another.
 *
 * Begin with a zeroed struct but for its arena and fields; rj_tests_free()
 * gives back what is not in the arena. Where a function can run out of memory,
 * that is what false, or NULL, means.
 */
#ifndef RJ_TESTS_H
#define RJ_TESTS_H

#include "base/map.h"
#include "model/plan.h"

struct rj_slot_of {
	struct rj_slot_of *next;
	struct rj_slot *slot;
};

struct rj_case_of {
	struct rj_case_of *next;
	struct rj_case *at;
};

struct rj_test {
	struct rj_str key;
	struct rj_form *form; /* NULL: nothing else normalises to it */
	struct rj_test *next_form;
	struct rj_test *next; /* of all */
	struct rj_test *queued; /* of those that the run at hand has */
	struct rj_slot_of *slots;
	struct rj_slot_of **slots_tail;
	struct rj_case_of *cases; /* of that run */
	struct rj_case_of **cases_tail;
	unsigned int n_slots;
	unsigned int n_cases;
	unsigned int run; /* the last one that had it */
};

struct rj_tests {
	struct rj_arena *arena;
	unsigned int fields; /* that are its identity */
	struct rj_map by_key;
	struct rj_map forms;
	struct rj_buf key; /* scratch */
	struct rj_test *all;
	struct rj_test **tail;
};

/* The test of a case, which is made if it is new. */
struct rj_test *rj_tests_find(struct rj_tests *tests, const struct rj_case *c);

/*
 * A test that the run has and nothing before it has may be an earlier one in
 * another normal form, if there is exactly one of each; else it is itself.
 */
struct rj_test *rj_test_in_other_form(struct rj_test *current);

bool rj_test_add_slot(
    struct rj_tests *tests, struct rj_test *t, struct rj_slot *slot);

/* What was retired stands for its test no more. */
void rj_test_drop_slot(struct rj_test *t, const struct rj_slot *slot);

/* Adds a case of a run; *first: it is the run's first one of this test. */
bool rj_test_add_case(
    struct rj_test *t, struct rj_arena *arena, struct rj_case *c, bool *first);

void rj_tests_free(struct rj_tests *tests);

#endif
