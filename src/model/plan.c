#include "model/plan.h"

#include <stdlib.h>
#include <string.h>

static bool
is_touched(const struct rj_slot *s)
{
	return !s->appended && rj_slot_is_touched(s);
}

/* Turns numbers of entries, each one place on, into where they begin. */
static void
begin_each(size_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		at[i + 1] += at[i];
}

bool
rj_plan_index(struct rj_plan *plan, size_t n_reports)
{
	size_t *next = rj_alloc_n(plan->arena, n_reports + 1, sizeof(*next));
	size_t *slots = rj_alloc_n(plan->arena, n_reports + 1, sizeof(*slots));
	size_t *suites =
	    rj_alloc_n(plan->arena, n_reports + 1, sizeof(*suites));

	if (!next || !slots || !suites)
		return false;
	for (size_t i = 0; i < plan->n; i++)
		slots[plan->slots[i]->base->suite->report + 1] +=
		    is_touched(plan->slots[i]);
	for (size_t i = 0; i < plan->n_suites; i++)
		suites[plan->suites[i]->suite->report + 1] +=
		    !plan->suites[i]->added;
	begin_each(slots, n_reports);
	begin_each(suites, n_reports);
	plan->touched_at = slots;
	plan->edited_at = suites;
	plan->touched = rj_alloc_n(
	    plan->arena, slots[n_reports] + 1, sizeof(struct rj_slot *));
	plan->edited = rj_alloc_n(plan->arena, suites[n_reports] + 1,
	    sizeof(struct rj_planned_suite *));
	if (!plan->touched || !plan->edited)
		return false;
	memcpy(next, slots, (n_reports + 1) * sizeof(*next));
	for (size_t i = 0; i < plan->n; i++)
		if (is_touched(plan->slots[i]))
			plan->touched
			    [next[plan->slots[i]->base->suite->report]++] =
			    plan->slots[i];
	memcpy(next, suites, (n_reports + 1) * sizeof(*next));
	for (size_t i = 0; i < plan->n_suites; i++)
		/* one that is added has its tag elsewhere than in its report */
		if (!plan->suites[i]->added)
			plan->edited[next[plan->suites[i]->suite->report]++] =
			    plan->suites[i];
	return true;
}

void
rj_plan_free(struct rj_plan *plan)
{
	free(plan->slots);
	*plan = (struct rj_plan){ 0 };
}

bool
rj_slot_is_touched(const struct rj_slot *slot)
{
	return slot->pass || slot->fill || slot->later || slot->collection ||
	       slot->retired || slot->excuse.s;
}

int64_t
rj_moved(int64_t said, int64_t by)
{
	if (said < 0)
		return said;
	return said + by > 0 ? said + by : 0;
}

int64_t
rj_planned_count(
    const struct rj_planned_suite *p, struct rj_str name, int64_t n)
{
	int c = p->after ? rj_counter_named(name) : -1;

	if (c < 0)
		return n;
	if (p->after->is_recount && n >= 0)
		return p->after->counters[c];
	return rj_moved(n, p->after->counters[c] - p->suite->said[c]);
}
