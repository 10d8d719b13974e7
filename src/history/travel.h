/*
 * travel.h - runs that leave a history, as the records that they came as.
 */
#ifndef RJ_TRAVEL_H
#define RJ_TRAVEL_H

#include "history/history.h"

/* Takes a record, which lives until it returns. */
typedef enum rejunit_status
rj_record_fn(void *ctx, const struct rj_record *record);

/*
 * Hands out the runs that began in (after, until], in their order, which is the
 * same whatever the order was in which they were kept.
 */
enum rejunit_status rj_history_each(struct rj_history *h, int64_t after,
    int64_t until, rj_record_fn *take, void *ctx);

#endif
