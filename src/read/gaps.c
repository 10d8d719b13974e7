#include "read/gaps.h"

void
rj_gaps_init(struct rj_gaps *g)
{
	g->given = 0;
	g->any = false;
	g->first = g->n = 0;
	g->skipped = 0;
	g->lines = 0;
}

bool
rj_gaps_has_room(const struct rj_gaps *g, size_t n)
{
	return g->n + n <= RJ_GAPS_MAX;
}

void
rj_gaps_add(struct rj_gaps *g, int64_t skip, unsigned long lines)
{
	struct rj_gap *last = NULL;

	g->any = true;
	if (g->n)
		last = &g->gap[(g->first + g->n - 1) % RJ_GAPS_MAX];
	if (!last || last->given != g->given) {
		last = &g->gap[(g->first + g->n++) % RJ_GAPS_MAX];
		*last = (struct rj_gap){ .given = g->given };
	}
	last->skip += skip;
	last->lines += lines;
}

uint64_t
rj_gaps_place(struct rj_gaps *g, uint64_t given, unsigned long *lines)
{
	while (g->n && g->gap[g->first].given <= given) {
		g->skipped += g->gap[g->first].skip;
		g->lines += g->gap[g->first].lines;
		g->first = (g->first + 1) % RJ_GAPS_MAX;
		g->n--;
	}
	if (g->n == 0)
		g->first = 0;
	*lines = g->lines;
	return (uint64_t)((int64_t)given + g->skipped);
}
