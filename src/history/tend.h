/*
 * tend.h - what keeps a history in order: forgetting, renaming, checking.
 */
#ifndef RJ_TEND_H
#define RJ_TEND_H

#include "history/history.h"

/* Forgets the runs that began before a time; says how many. */
enum rejunit_status rj_history_prune(
    struct rj_history *h, int64_t before, int64_t *runs, int64_t *executions);

/*
 * Gives tests another name, and their past goes with them. Both names are those
 * of a test, "classname::name" as it is listed, or both of a class, whose tests
 * and those of the classes below it are meant. *tests: how many there were.
 * What the new name has a past of already must not have been in the same runs.
 */
enum rejunit_status rj_history_rename(
    struct rj_history *h, struct rj_str from, struct rj_str to, size_t *tests);

/* Says what is wrong in it, once for each. */
typedef bool rj_finding_fn(void *ctx, struct rj_str what);
enum rejunit_status
rj_history_check(struct rj_history *h, rj_finding_fn *take, void *ctx);

#endif
