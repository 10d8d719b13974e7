/*
 * Fuzzes the merge alone, against the oracle of the heart's unit test: there
 * every small group is tried, here larger ones whose entries say anything.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../unit/group.h"
#include "genes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A run's labels are those of the original and further ones, in any order. */
static void
label(struct genes *g, struct report *r, bool is_original)
{
	unsigned int taken = 0;

	for (unsigned int i = 0; i < r->n; i++) {
		unsigned int label = is_original ? i : choose(g, ENTRIES + 2);

		while (taken >> label & 1)
			label = (label + 1) % (ENTRIES + 2);
		taken |= 1u << label;
		r->label[i] = label;
	}
}

static struct group
grow(struct genes *g)
{
	static const char *const suites[] = { "s", "pytest", "c" };
	struct group group = { .says = (enum says)choose(g, SAYS),
		.suite = suites[choose(g, 3)],
		.n_runs = 1 + choose(g, RUNS) };

	for (unsigned int run = 0; run <= group.n_runs; run++) {
		struct report *r = &group.report[run];

		r->n = run ? 1 + choose(g, ENTRIES) : choose(g, ENTRIES + 1);
		for (unsigned int i = 0; i < r->n; i++)
			r->outcome[i] = outcomes[choose(g, 5)];
		label(g, r, run == 0);
	}
	return group;
}

static void
check(const struct group *group)
{
	struct oracle o = { .g = group };
	bool failing = false;
	struct result r;

	/* the oracle knows of no labels but the original's */
	if (group->says != NOTHING && group->n_runs > 1 &&
	    group->report[0].n == 0)
		return;
	ask(&o);
	if (!merge(group, &r))
		abort();
	for (unsigned int t = 0; t < o.tests; t++)
		failing = failing || may_be_failing(&o, t);
	for (unsigned int i = 0; i < group->report[0].n; i++)
		if (r.green[i] && !surely_passed(&o, i)) {
			fputs("green on a guess\n", stderr);
			abort();
		}
	if (failing && r.exits_green) {
		fputs("a failure is forgotten\n", stderr);
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct genes g = { data, data + size };
	const struct group group = grow(&g);

	check(&group);
	return 0;
}
