/*
 * arrival.h - which run reports are of that arrive under a name.
 *
 * The name may be known: the same reports again change nothing; a run of what
 * had failed is the next attempt; tests that nobody knows yet are a further
 * part; else it is another run that got the same name, and gets one of its own.
 */
#ifndef RJ_ARRIVAL_H
#define RJ_ARRIVAL_H

#include "history/history.h"

/*
 * Finds a run that a report is part of already, by the report's digest: one of
 * that name, or that had it when there was another one (r, r~2, r~3…); absent:
 * any run. *run lives in the arena; absent: there is none.
 */
enum rejunit_status rj_find_report(struct rj_history *h, struct rj_str digest,
    struct rj_str name, struct rj_arena *a, struct rj_str *run);

/*
 * Sets the record's name, and shifts its attempts by *shift. The name lives in
 * the arena. Inside of begin and end.
 */
enum rejunit_status rj_arrive(struct rj_history *h, struct rj_record *r,
    struct rj_arena *a, unsigned int *shift);

#endif
