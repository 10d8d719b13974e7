/*
 * verdict.h - the one rule of verdicts.
 *
 * Whoever knows which entries of a report and of its rerun speak of the same
 * test hands them over here, and the plan's slots and decisions are moved as
 * the rule says. Reruns come one after the other: what stands after one is
 * what the next one meets.
 */
#ifndef RJ_VERDICT_H
#define RJ_VERDICT_H

#include "plan.h"

struct rj_ledger {
	struct rj_plan *plan;
	bool append_reruns;
	size_t bad; /* bad cases as things stand */
};

/* b, which comes behind a, is another attempt at the same test. */
bool rj_is_attempt(const struct rj_case *a, const struct rj_case *b);

/* A failing call and a failing teardown: one has a failure, one an error. */
bool rj_are_phases(const struct rj_case *a, const struct rj_case *b);

/*
 * Decides on the entries of one test: its slots, at least one, and what a
 * rerun has of it, at least one case. Of several slots that cannot be told
 * apart, all get one decision. False: out of memory.
 */
bool rj_decide(struct rj_ledger *l, struct rj_slot **slots, size_t n_slots,
    struct rj_case **cases, size_t n_cases);

/* Gives slots that cannot be told apart one decision: the first one's. */
void rj_join(struct rj_slot **slots, size_t n);

/* The decision that a slot belongs to by now. */
struct rejunit_decision *rj_decision_of(const struct rj_slot *s);

void
rj_set_outcome(struct rj_ledger *l, struct rj_slot *s, enum rejunit_verdict v);

/* Notes that an entry speaks of a decision's test; false: out of memory. */
bool rj_sight(
    struct rj_ledger *l, struct rejunit_decision *d, const struct rj_case *c);

#endif
