/*
 * twins.h - telling the entries of one identity apart.
 *
 * On one side are the slots that the entries have by now, on the other one the
 * cases that a run has of them. Where something gives every slot a value of its
 * own, it says which case is whose. Elsewhere they are decided on together, and
 * what is none of them has to be left out before.
 *
 * Where a function can run out of memory, that is what false means.
 */
#ifndef RJ_TWINS_H
#define RJ_TWINS_H

#include "plan.h"

struct rj_twins {
	const struct rj_report *reports;
	struct rj_slot **slots;
	size_t n_slots;
	struct rj_case **cases;
	size_t n_cases;
	struct rj_slot **partner; /* of each case; NULL: it is no slot's */
};

/* *apart: each slot has a value of its own. The cases do not matter. */
bool rj_twins_differ(const struct rj_twins *t, bool *apart);

/* *done: each case has its partner. */
bool rj_twins_split(struct rj_twins *t, bool *done);

/* Every slot and every case names a file. */
bool rj_twins_name_files(const struct rj_twins *t);

/* A case is of another file than any slot. */
bool
rj_twins_is_of_other_files(const struct rj_twins *t, const struct rj_case *c);

/*
 * Takes out of the cases what says nothing of the slots: it is of another file,
 * suite, host or report than any of them. Whether it is new is not certain
 * either; *failed: some of it has failed.
 */
bool
rj_twins_leave_out(struct rj_twins *t, struct rj_arena *scratch, bool *failed);

#endif
