/*
 * list.h - the flake list and the decisions of an update.
 *
 * They are written with what the public interface tells of it, and nothing
 * else. The other headers of the room make what that interface hands out.
 */
#ifndef RJ_LIST_H
#define RJ_LIST_H

#include "rejunit.h"

enum rejunit_status
rj_list_flakes(struct rejunit_update *u, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

enum rejunit_status rj_list_decisions(struct rejunit_update *u,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

#endif
