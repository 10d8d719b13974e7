/*
 * apply.h - what follows from a verdict.
 *
 * The one place that writes what becomes of an entry: its outcome, its test's
 * decision, what the decision says. Reruns come one after the other: what
 * stands after one is what the next one meets. Where a function can run out of
 * memory, that is what false means.
 */
#ifndef RJ_APPLY_H
#define RJ_APPLY_H

#include "merge/merge.h"
#include "merge/verdict.h"

struct rj_ledger {
	struct rj_plan *plan;
	const struct rj_merge_options *opt;
	size_t bad; /* bad cases as things stand */
};

/* Whether all that is bad in some slots may turn green. False: no memory. */
bool rj_may_recover(const struct rj_ledger *l, struct rj_slot *const *slots,
    size_t n, bool *may);

/*
 * Decides on a cell. What cannot be told apart gets one decision, and is green
 * only together.
 */
bool rj_decide(struct rj_ledger *l, const struct rj_matching *how,
    const struct rj_cell *cell, struct rj_arena *scratch);

/* Gives slots that cannot be told apart one decision: the first one's. */
void rj_join_slots(struct rj_slot **slots, size_t n);

/* When all slots have been decided on: what its slots together come to. */
void rj_settle_decision(struct rejunit_decision *d);

/* What follows for the slots of decisions that are excused. */
void rj_excuse(struct rj_ledger *l);

/* The decision that a slot belongs to by now. */
struct rejunit_decision *rj_decision_of(const struct rj_slot *s);

void
rj_set_outcome(struct rj_ledger *l, struct rj_slot *s, enum rejunit_verdict v);

/* Notes that an entry speaks of a decision's test. */
bool rj_sight(
    struct rj_ledger *l, struct rejunit_decision *d, const struct rj_case *c);

#endif
