#include "plan.h"

#include <stdlib.h>

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
	       slot->retired;
}
