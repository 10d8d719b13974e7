/*
 * collection.h - modules that could not be collected.
 *
 * pytest writes one case for such a module, in the place of its tests. It is
 * retired when a later run executes tests of the module.
 */
#ifndef RJ_COLLECTION_H
#define RJ_COLLECTION_H

#include "merge/apply.h"
#include "merge/tests.h"
#include "model/mentions.h"

/* Begin with a zeroed one. */
struct rj_collection {
	struct rj_uncollected *modules;
	struct rj_map by_name;
};

/* Notes a case that stands for a module; false: out of memory. */
bool rj_collection_add(struct rj_collection *c, struct rj_arena *arena,
    struct rj_test *t, struct rj_slot *slot);

/* A case is of a module that could not be collected. */
bool rj_collection_has_module_of(
    const struct rj_collection *c, const struct rj_case *one);

/* The plan's slots that a run has added: from `from` on. */
struct rj_fold {
	struct rj_run run;
	const struct rj_plan *plan;
	size_t from;
};

/*
 * Retires the errors of modules that the run executed. One of the original,
 * only if no case of the module was there: then its tests are new. One that a
 * rerun brought in between, in any case. None of which the run speaks itself:
 * then that counts, as for any other case.
 */
bool rj_collection_retire(struct rj_collection *c, struct rj_ledger *ledger,
    const struct rj_matching *how, const struct rj_mentions *mentions,
    const struct rj_fold *fold);

void rj_collection_free(struct rj_collection *c);

#endif
