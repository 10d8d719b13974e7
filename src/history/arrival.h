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
 * Sets the record's name and shifts its attempts by *shift; *known: nothing is
 * to be kept. The name lives in the arena. Inside of begin and end.
 */
enum rejunit_status rj_arrive(struct rj_history *h, struct rj_record *r,
    struct rj_arena *a, unsigned int *shift, bool *known);

#endif
