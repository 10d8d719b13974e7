/*
 * recount.h - what the counters of the updated suites are to say.
 *
 * Each touched suite's counters move by the difference that its changes make
 * in its producer's way of counting. Open a suite's sums with the first change
 * to it or below it, note the changes, close each suite once, and set its
 * counters.
 */
#ifndef RJ_RECOUNT_H
#define RJ_RECOUNT_H

#include "model/plan.h"

/* Starts with the sums as they were read; false: out of memory. */
bool rj_recount_open(struct rj_planned_suite *p, struct rj_arena *a);

/*
 * Notes that a case of a suite is to be another one (NULL: absent), in that
 * suite and in all around it. False: out of memory.
 */
bool rj_recount_case(struct rj_planned_suite *p, struct rj_arena *a,
    const struct rj_case *before, const struct rj_case *after);

/* After the last change: once for each suite that was opened. */
void rj_recount_close(struct rj_planned_suite *p);

/*
 * Sets the counters in the producer's way. Returns false where no way of
 * counting explained them before: they are the best that can be done, and
 * somebody should be told.
 */
bool rj_recount(struct rj_planned_suite *p, const struct rj_votes *votes);

/* Sets them by the plain way: one per case, suites below included. */
void rj_recount_plainly(struct rj_planned_suite *p);

#endif
