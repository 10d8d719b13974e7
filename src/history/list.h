/*
 * list.h - a ranking, as files have it.
 */
#ifndef RJ_HISTORY_LIST_H
#define RJ_HISTORY_LIST_H

#include "history/rank.h"

/* As JSON, CSV or Markdown: the first `top` tests that are listed; 0: all. */
enum rejunit_status
rj_ranking_write(const struct rj_ranking *r, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

#endif
