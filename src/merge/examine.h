/*
 * examine.h - whether a run can be a rerun of what came before it.
 */
#ifndef RJ_EXAMINE_H
#define RJ_EXAMINE_H

#include "merge/collection.h"

/* What came before it. */
struct rj_before {
	size_t bad; /* cases */
	size_t nameless_bad; /* of them, without a name */
	bool empty; /* no case at all */
};

/* Fails, naming the report, where the run proves nothing. */
enum rejunit_status rj_examine(const struct rj_run *run,
    const struct rj_before *before, struct rj_mentions *mentions,
    const struct rj_collection *collection, struct rejunit_error *err);

#endif
