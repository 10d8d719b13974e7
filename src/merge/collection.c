#include "merge/collection.h"

#include "model/identity.h"

struct rj_uncollected {
	struct rj_uncollected *next;
	struct rj_test *test;
	struct rj_slot *slot;
	struct rj_slot *first; /* the first case of its module in a run */
	bool executed;
};

bool
rj_collection_add(struct rj_collection *c, struct rj_arena *arena,
    struct rj_test *t, struct rj_slot *slot)
{
	struct rj_uncollected *u = rj_alloc(arena, sizeof(*u));

	if (!u)
		return false;
	u->test = t;
	u->slot = slot;
	u->next = c->modules;
	c->modules = u;
	return rj_map_put(&c->by_name, slot->base->name, u);
}

bool
rj_collection_has_module_of(
    const struct rj_collection *c, const struct rj_case *one)
{
	struct rj_str module = { NULL, 0 };

	while (rj_next_module(one->classname, &module))
		if (rj_map_get(&c->by_name, module))
			return true;
	return false;
}

/* Which of two new cases takes the evidence in: a pass, else a failure. */
static bool
takes_better(const struct rj_slot *a, const struct rj_slot *b)
{
	if (!b)
		return true;
	if (a->outcome == REJUNIT_PASSED)
		return b->outcome != REJUNIT_PASSED;
	return b->outcome == REJUNIT_SKIPPED && a->outcome != REJUNIT_SKIPPED;
}

/* Steps through the uncollected modules that a case may be of. */
static struct rj_uncollected *
next_of(const struct rj_collection *c, const struct rj_matching *how,
    const struct rj_case *one, struct rj_str *module)
{
	while (rj_next_module(one->classname, module)) {
		struct rj_uncollected *u = rj_map_get(&c->by_name, *module);

		if (u && rj_compare(how, u->slot->base, one) == RJ_MAY_BE_ONE)
			return u;
	}
	return NULL;
}

static void
note_executed(const struct rj_collection *c, const struct rj_matching *how,
    const struct rj_case *one)
{
	struct rj_str module = { NULL, 0 };
	struct rj_uncollected *u;

	if (one->outcome != REJUNIT_PASSED && !rejunit_is_bad(one->outcome))
		return;
	while ((u = next_of(c, how, one, &module)) != NULL)
		u->executed = true;
}

static void
note_first(const struct rj_collection *c, const struct rj_matching *how,
    struct rj_slot *slot)
{
	struct rj_str module = { NULL, 0 };
	struct rj_uncollected *u;

	while ((u = next_of(c, how, slot->base, &module)) != NULL)
		if (takes_better(slot, u->first))
			u->first = slot;
}

/* What the run says of the modules. */
static void
look_at_run(const struct rj_collection *c, const struct rj_matching *how,
    const struct rj_fold *fold)
{
	for (struct rj_uncollected *u = c->modules; u; u = u->next) {
		u->first = NULL;
		u->executed = false;
	}
	for (size_t k = 0; k < fold->run.n; k++)
		for (size_t i = 0; i < fold->run.reports[k].n; i++)
			note_executed(c, how, fold->run.reports[k].cases[i]);
	for (size_t i = fold->from; i < fold->plan->n; i++)
		note_first(c, how, fold->plan->slots[i]);
}

static void
retire(struct rj_ledger *ledger, struct rj_uncollected *u)
{
	u->slot->retired = true;
	rj_test_drop_slot(u->test, u->slot);
	if (u->first) {
		u->slot->collection = u->first->collection;
		u->first->collection = u->slot;
	}
	rj_set_outcome(ledger, u->slot, REJUNIT_ABSENT);
	rj_decision_of(u->slot)->reason = REJUNIT_COVERAGE_UNKNOWN;
}

bool
rj_collection_retire(struct rj_collection *c, struct rj_ledger *ledger,
    const struct rj_matching *how, const struct rj_mentions *mentions,
    const struct rj_fold *fold)
{
	unsigned int number = fold->run.reports[0].run;

	if (!c->modules)
		return true;
	look_at_run(c, how, fold);
	for (struct rj_uncollected *u = c->modules; u; u = u->next) {
		struct rj_slot *s = u->slot;
		bool may;

		if (!u->executed || s->retired || u->test->run == number)
			continue;
		if (!s->added &&
		    (!u->first || rj_mentions_module_before(
				      mentions, s->base->name, number)))
			continue;
		if (!rj_may_recover(ledger, &s, 1, &may))
			return false;
		if (may)
			retire(ledger, u);
		else
			rj_decision_of(s)->reason = REJUNIT_NOT_LISTED;
	}
	return true;
}

void
rj_collection_free(struct rj_collection *c)
{
	rj_map_free(&c->by_name);
}
