/*
 * The proof of "never green on a guess": every small group of entries of one
 * name is merged, and held against the oracle of group.h.
 */
#include "group.h"
#include "tap.h"

static unsigned long groups, greens, wrong_greens, wrong_reds, wrong_exits;

static void
show(const struct group *g, const char *what)
{
	printf("#   %s: says %d, suite %s\n", what, g->says, g->suite);
	for (unsigned int run = 0; run <= g->n_runs; run++) {
		printf("#     ");
		for (unsigned int i = 0; i < g->report[run].n; i++)
			printf("%u:%s ", g->report[run].label[i],
			    rejunit_verdict_name(g->report[run].outcome[i]));
		printf("\n");
	}
}

static void
check(const struct group *g)
{
	struct oracle o = { .g = g };
	struct result r;
	bool failing = false;

	/* the oracle knows of no labels but the original's */
	if (g->says != NOTHING && g->n_runs > 1 && g->report[0].n == 0)
		return;
	ask(&o);
	groups++;
	if (!merge(g, &r)) {
		show(g, "refused");
		wrong_exits++;
		return;
	}
	for (unsigned int t = 0; t < o.tests; t++)
		failing = failing || may_be_failing(&o, t);
	for (unsigned int i = 0; i < g->report[0].n; i++) {
		bool sure =
		    is_bad(g->report[0].outcome[i]) && surely_passed(&o, i);

		greens += r.green[i];
		if (r.green[i] && !sure && wrong_greens++ < 5)
			show(g, "green on a guess");
		/* where nothing else tells, it is as green as it can be */
		if (!r.green[i] && sure && g->says == NOTHING &&
		    wrong_reds++ < 5)
			show(g, "red beyond doubt");
	}
	if (failing && r.exits_green && wrong_exits++ < 5)
		show(g, "a failure is forgotten");
}

/* Counts through the outcomes of the reports from one on. */
static void
each_outcome(
    struct group *g, unsigned int run, unsigned int entry, unsigned int kinds)
{
	struct report *r = &g->report[run];

	if (run > g->n_runs) {
		check(g);
	} else if (entry == r->n) {
		each_outcome(g, run + 1, 0, kinds);
	} else {
		for (unsigned int k = 0; k < kinds; k++) {
			r->outcome[entry] = outcomes[k];
			each_outcome(g, run, entry + 1, kinds);
		}
	}
}

/* Counts through the sizes; each run's labels are shifted by some. */
static void
each_size(struct group *g, unsigned int run, unsigned int most,
    unsigned int kinds, unsigned int shift)
{
	if (run > g->n_runs) {
		each_outcome(g, 0, 0, kinds);
		return;
	}
	for (unsigned int n = run ? 1 : 0; n <= most; n++) {
		g->report[run].n = n;
		for (unsigned int i = 0; i < n; i++)
			g->report[run].label[i] = i + (run ? shift : 0);
		each_size(g, run + 1, most, kinds, shift);
	}
}

static void
sweep(enum says says, const char *suite, unsigned int runs, unsigned int most,
    unsigned int kinds, unsigned int shift)
{
	struct group g = { .says = says, .suite = suite, .n_runs = runs };

	each_size(&g, 0, most, kinds, shift);
}

int
main(void)
{
	static const char *const suites[] = { "s", "pytest", "c", "x/c" };

	/* the suite's name makes no difference */
	sweep(NOTHING, "s", 1, 4, 5, 0);
	for (size_t i = 1; i < sizeof(suites) / sizeof(*suites); i++)
		sweep(NOTHING, suites[i], 1, 3, 5, 0);
	sweep(NOTHING, "s", 2, 2, 5, 0);
	sweep(NOTHING, "pytest", 2, 3, 3, 0);
	for (int says = ITS_FILE; says < SAYS; says++)
		for (unsigned int shift = 0; shift < 4; shift++) {
			sweep((enum says)says, "s", 1, 3, 5, shift);
			sweep((enum says)says, "s", 2, 2, 3, shift);
		}
	printf("# %lu groups, %lu entries turned green\n", groups, greens);
	OK(groups > 800000 && greens > 10000);
	OK(wrong_greens == 0);
	OK(wrong_reds == 0);
	OK(wrong_exits == 0);
	return done();
}
