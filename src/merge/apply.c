#include "merge/apply.h"

bool
rj_sight(
    struct rj_ledger *l, struct rejunit_decision *d, const struct rj_case *c)
{
	struct rj_sighting *s = rj_alloc(l->plan->arena, sizeof(*s));

	if (!s)
		return false;
	s->at = c;
	*d->tail = s;
	d->tail = &s->next;
	return true;
}

bool
rj_may_recover(const struct rj_ledger *l, struct rj_slot *const *slots,
    size_t n, bool *may)
{
	*may = true;
	for (size_t i = 0; i < n && *may && l->opt->may_recover; i++)
		if (slots[i]->outcome != REJUNIT_PASSED &&
		    !l->opt->may_recover(l->opt->ctx, slots[i]->base, may))
			return false;
	return true;
}

void
rj_set_outcome(struct rj_ledger *l, struct rj_slot *s, enum rejunit_verdict v)
{
	l->bad -= rejunit_is_bad(s->outcome);
	l->bad += rejunit_is_bad(v);
	s->outcome = v;
}

struct rejunit_decision *
rj_decision_of(const struct rj_slot *s)
{
	struct rejunit_decision *d = s->decision;

	while (d->into)
		d = d->into;
	return d;
}

void
rj_join_slots(struct rj_slot **slots, size_t n)
{
	struct rejunit_decision *to = rj_decision_of(slots[0]);

	for (size_t i = 1; i < n; i++) {
		struct rejunit_decision *d = rj_decision_of(slots[i]);

		if (d == to)
			continue;
		d->into = to;
		*to->tail = d->sightings;
		to->tail = d->tail;
		/* what became of the failure says most */
		if (to->reason == REJUNIT_UNCHANGED ||
		    (rejunit_is_bad(d->before) && !rejunit_is_bad(to->before)))
			to->reason = d->reason;
		if (rejunit_is_bad(d->before) && !rejunit_is_bad(to->before))
			to->slot = d->slot;
		to->before = rj_worse(to->before, d->before);
		if (to->flaky == REJUNIT_NOT_FLAKY)
			to->flaky = d->flaky;
		to->unplaced = to->unplaced || d->unplaced;
		to->extra += d->extra;
		to->n_slots += d->n_slots;
		to->assumed |= d->assumed;
	}
}

void
rj_settle_decision(struct rejunit_decision *d)
{
	bool greened =
	    d->reason == REJUNIT_RECOVERED || d->reason == REJUNIT_REGRESSED;

	if (!rejunit_is_bad(d->after))
		return;
	/* one entry passes, another does not: that is not one flaky test */
	if (greened || (d->n_slots > 1 && !rejunit_is_bad(d->before)))
		d->reason = REJUNIT_AMBIGUOUS;
	d->flaky = REJUNIT_NOT_FLAKY;
	d->assumed = 0;
}

/* All passed, or all in whose places the bad ones stood. */
static void
turn_green(
    struct rj_ledger *l, const struct rj_cell *cell, bool bad, bool in_order)
{
	for (size_t i = 0; i < cell->n_slots; i++) {
		struct rj_slot *s = cell->slots[i];

		if (rejunit_is_bad(s->outcome) != bad)
			continue;
		s->pass = cell->cases[in_order ? i : 0];
		rj_set_outcome(l, s, REJUNIT_PASSED);
	}
}

/* The slot that a later failure belongs to: of two phases, its own kind's. */
static struct rj_slot *
slot_for(const struct rj_cell *cell, enum rejunit_verdict kind)
{
	struct rj_slot *found = NULL;

	for (size_t i = 0; i < cell->n_slots; i++) {
		struct rj_slot *s = cell->slots[i];

		if (rejunit_is_bad(s->outcome) &&
		    (!found || (found->outcome != kind && s->outcome == kind)))
			found = s;
	}
	return found;
}

static bool
append_later(struct rj_ledger *l, const struct rj_cell *cell)
{
	struct rj_slot *failed = slot_for(cell, REJUNIT_FAILED);
	struct rj_slot *error = slot_for(cell, REJUNIT_ERROR);

	for (size_t i = 0; i < cell->n_cases; i++) {
		struct rj_later *later;
		struct rj_slot *s;

		if (!rejunit_is_bad(cell->cases[i]->outcome))
			continue;
		later = rj_alloc(l->plan->arena, sizeof(*later));
		if (!later)
			return false;
		later->at = cell->cases[i];
		s = later->at->outcome == REJUNIT_ERROR ? error : failed;
		*s->later_tail = later;
		s->later_tail = &later->next;
	}
	return true;
}

/* The rerun's failures take the place of <skipped>. */
static bool
fail_first(struct rj_ledger *l, const struct rj_cell *cell)
{
	enum rejunit_verdict worst = REJUNIT_ABSENT;
	struct rj_slot *s = cell->slots[0];

	s->fill = rj_alloc_n(l->plan->arena, cell->n_cases, sizeof(*s->fill));
	if (!s->fill)
		return false;
	for (size_t i = 0; i < cell->n_cases; i++) {
		worst = rj_worse(worst, cell->cases[i]->outcome);
		if (rejunit_is_bad(cell->cases[i]->outcome))
			s->fill[s->n_fill++] = cell->cases[i];
	}
	rj_set_outcome(l, s, worst);
	return true;
}

static bool
apply(struct rj_ledger *l, const struct rj_cell *cell,
    const struct rj_verdict *v, bool in_order, struct rejunit_decision *d)
{
	bool keeps_reason = v->reason == REJUNIT_UNCHANGED;

	switch (v->act) {
	case RJ_RECOVER:
		turn_green(l, cell, true, in_order);
		d->flaky = REJUNIT_FLAKY_RECOVERED;
		break;
	case RJ_PASS_FIRST:
		turn_green(l, cell, false, in_order);
		break;
	case RJ_REGRESS:
		/* what ever recovered stays so */
		keeps_reason = d->flaky == REJUNIT_FLAKY_RECOVERED;
		if (!keeps_reason)
			d->flaky = REJUNIT_FLAKY_REGRESSED;
		break;
	case RJ_FAIL_AGAIN:
		if (l->opt->append_reruns && !append_later(l, cell))
			return false;
		break;
	case RJ_FAIL_FIRST:
		if (!fail_first(l, cell))
			return false;
		break;
	case RJ_NOTE:
		/* that it did not run says less than what is known */
		keeps_reason = (v->reason == REJUNIT_SKIPPED_IN_RERUN ||
				   v->reason == REJUNIT_UNKNOWN_IN_RERUN) &&
			       d->reason != REJUNIT_NOT_RERUN;
		break;
	case RJ_KEEP:
		break;
	}
	if (!keeps_reason)
		d->reason = v->reason;
	return true;
}

/* Whether the verdict follows without what was assumed. */
static bool
note_assumption(const struct rj_matching *how, const struct rj_cell *cell,
    const struct rj_verdict *v, struct rj_arena *scratch,
    struct rejunit_decision *d)
{
	struct rj_matching without = *how;
	struct rj_facts facts;

	without.assume = 0;
	if (!how->assume || !v->proved)
		return true;
	if (!rj_facts_of(&without, cell, d->extra, scratch, &facts))
		return false;
	if (!rj_verdict_on(&facts).proved)
		d->assumed |= how->assume;
	return true;
}

static bool
has_failed(const struct rj_cell *cell)
{
	for (size_t i = 0; i < cell->n_slots; i++)
		if (rj_is_excused(
			cell->slots[i]->outcome, cell->slots[i]->base->marks))
			return true;
	return false;
}

bool
rj_decide(struct rj_ledger *l, const struct rj_matching *how,
    const struct rj_cell *cell, struct rj_arena *scratch)
{
	struct rejunit_decision *d;
	struct rj_verdict v;
	struct rj_facts facts;
	bool may = true;

	rj_join_slots(cell->slots, cell->n_slots);
	d = rj_decision_of(cell->slots[0]);
	for (size_t i = 0; i < cell->n_cases; i++)
		if (!rj_sight(l, d, cell->cases[i]))
			return false;
	if (!rj_facts_of(how, cell, d->extra, scratch, &facts))
		return false;
	v = rj_verdict_on(&facts);
	if ((v.act == RJ_RECOVER || v.act == RJ_PASS_FIRST) &&
	    !rj_may_recover(l, cell->slots, cell->n_slots, &may))
		return false;
	/* what failed, and a quarantine has skipped, is no test that never ran
	 */
	if (v.act == RJ_PASS_FIRST && has_failed(cell))
		v = (struct rj_verdict){ .act = RJ_KEEP };
	if (!may) {
		v.act = RJ_NOTE;
		v.reason = REJUNIT_NOT_LISTED;
		v.proved = false;
	}
	if (!note_assumption(how, cell, &v, scratch, d))
		return false;
	/* all of its entries have to have passed for it to be among them */
	d->unplaced =
	    v.unplaced ||
	    (d->unplaced && !(v.proved && cell->n_slots == d->n_slots));
	d->extra = v.extra > d->extra ? v.extra : d->extra;
	if (!apply(l, cell, &v, facts.in_order, d))
		return false;
	for (size_t i = 0; i < cell->n_cases; i++)
		if (d->flaky == REJUNIT_NOT_FLAKY && !facts.run_bad &&
		    cell->cases[i]->outcome == REJUNIT_PASSED &&
		    cell->cases[i]->marks & RJ_HAS_FLAKY)
			d->flaky = REJUNIT_FLAKY_REPORTED;
	return true;
}

/* The same update once more leaves alone what it has skipped before. */
static void
skip(struct rj_ledger *l, struct rj_slot *s, struct rj_str why)
{
	rj_set_outcome(l, s, REJUNIT_SKIPPED);
	if (!rj_is_excused(s->base->outcome, s->base->marks)) {
		s->excuse = why;
		return;
	}
	s->fill = NULL;
	s->n_fill = 0;
	s->later = NULL;
}

void
rj_excuse(struct rj_ledger *l)
{
	struct rj_plan *plan = l->plan;

	for (size_t i = 0; i < plan->n; i++) {
		struct rj_slot *s = plan->slots[i];
		struct rejunit_decision *d = rj_decision_of(s);

		if (!d->excused || !rejunit_is_bad(s->outcome))
			continue;
		if (!d->excuse.s) {
			plan->excused++;
			continue;
		}
		plan->skipped++;
		skip(l, s, d->excuse);
	}
	for (size_t i = 0; i < plan->n_decisions; i++)
		if (plan->decisions[i]->excuse.s)
			plan->decisions[i]->after = REJUNIT_SKIPPED;
}
