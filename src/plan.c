#include "plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool
rj_plan_warn(struct rj_plan *plan, const char *fmt, ...)
{
	struct rj_warning *w = rj_alloc(plan->arena, sizeof(*w));
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!w || !rj_alloc_str(plan->arena, rj_str(text), &w->text))
		return false;
	if (!plan->warnings_tail)
		plan->warnings_tail = &plan->warnings;
	*plan->warnings_tail = w;
	plan->warnings_tail = &w->next;
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
	       slot->retired;
}
