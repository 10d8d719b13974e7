/* Odds, held against what counting all possibilities comes to. */
#include <math.h>

#include "investigate/odds.h"
#include "tap.h"

#define MOST 12

static unsigned int seed = 1;

static unsigned int
below(unsigned int n)
{
	seed = seed * 1103515245 + 12345;
	return seed / 65536 % n;
}

static bool
near(double a, double b)
{
	return fabs(a - b) <= 1e-9 * (1 + fabs(b));
}

static double
odds(struct rj_unit *unit, const unsigned char *has, size_t n)
{
	struct rj_units u = { .unit = unit, .n = n };
	struct rj_arena a = { 0 };
	struct rj_split counts;
	double p = -1;

	if (!rj_units_prepare(&u, &a) || !rj_odds(&u, has, false, &counts, &p))
		p = -1;
	rj_arena_free(&a);
	return p;
}

/*
 * Each way to choose as many failures as there were, stratum by stratum: the
 * share of those in which so many or more have it.
 */
static double
count_all(const struct rj_unit *unit, const unsigned char *has, size_t n)
{
	unsigned long ways = 0, as_many = 0;
	unsigned int really = 0;

	for (size_t i = 0; i < n; i++)
		really += unit[i].bad && has[i] == RJ_HAS;
	for (unsigned long set = 0; set < 1ul << n; set++) {
		int left[2] = { 0, 0 };
		unsigned int with = 0;

		for (size_t i = 0; i < n; i++) {
			bool bad = set >> i & 1;

			left[unit[i].stratum] += bad - unit[i].bad;
			with += bad && has[i] == RJ_HAS;
		}
		if (left[0] || left[1])
			continue;
		ways++;
		as_many += with >= really;
	}
	return (double)as_many / (double)ways;
}

static void
test_against_counting(void)
{
	bool good = true;
	unsigned int compared = 0;

	for (int round = 0; round < 400; round++) {
		struct rj_unit unit[MOST];
		unsigned char has[MOST];
		size_t n = 6 + below(MOST - 5);
		double p, q;

		for (size_t i = 0; i < n; i++) {
			has[i] = (unsigned char)below(2);
			unit[i] = (struct rj_unit){ .day = 20000,
				.commit = (unsigned int)i + 1,
				.stratum = below(2),
				.bad = below(4) < 1u + has[i] };
		}
		p = odds(unit, has, n);
		q = count_all(unit, has, n);
		/* what is likely anyway is not computed */
		if (p == 1)
			continue;
		compared++;
		if (!near(p, q)) {
			printf("# %zu: %.9g, and not %.9g\n", n, p, q);
			good = false;
		}
	}
	printf("# %u compared\n", compared);
	OK(good && compared > 50);
}

int
main(void)
{
	struct rj_unit unit[40];
	unsigned char has[40];
	double p, ps[] = { 0.001, 0.01, 0.02 };

	/* the lady who tastes tea: four of eight cups, all of them right */
	OK(rj_odds_of_counts((struct rj_split){ 4, 4, 0, 4 }, &p) &&
	    near(p, 1.0 / 70));
	/* also where many failed, or few had it */
	OK(rj_odds_of_counts((struct rj_split){ 460, 4500, 40, 500 }, &p) &&
	    p > 0.06 && p < 0.07);
	OK(rj_odds_of_counts((struct rj_split){ 1000, 2000, 900, 2000 }, &p) &&
	    p > 8e-4 && p < 9e-4);
	OK(rj_odds_of_counts((struct rj_split){ 2, 3, 2000, 100000 }, &p) &&
	    p > 1e-3 && p < 2e-3);
	OK(near(rj_odds_of_heads(5, 5), 1.0 / 32));
	OK(near(rj_odds_of_heads(0, 5), 1));
	OK(near(rj_odds_of_heads(4, 5), 6.0 / 32));
	test_against_counting();

	/* two weeks, apart from each other: luck has to strike twice */
	for (size_t i = 0; i < 12; i++) {
		has[i] = i % 6 < 3;
		unit[i] = (struct rj_unit){ .day = i < 6 ? 20000 : 20030,
			.commit = (unsigned int)i + 1,
			.bad = i % 6 < 3 };
	}
	OK(near(odds(unit, has, 12), 1.0 / 400));
	/* what comes and goes with the weeks explains nothing */
	for (size_t i = 0; i < 12; i++) {
		has[i] = i >= 6;
		unit[i].bad = i >= 6;
	}
	OK(odds(unit, has, 12) == 1);
	/* however weeks are counted: a change on any day of them */
	for (size_t i = 0; i < 40; i++) {
		has[i] = i >= 20;
		unit[i] = (struct rj_unit){ .day = 20000 + (int64_t)i,
			.commit = (unsigned int)i + 1,
			.bad = i >= 20 };
	}
	OK(odds(unit, has, 40) > 0.01);
	/* the failures of one commit, in many jobs, may be one */
	for (size_t i = 0; i < 24; i++) {
		has[i] = i < 6;
		unit[i] = (struct rj_unit){ .day = 20000,
			.commit = i < 6 ? 1 : (unsigned int)i,
			.job = (unsigned int)i,
			.bad = i < 6 };
	}
	OK(odds(unit, has, 24) == 1);
	for (size_t i = 0; i < 6; i++)
		unit[i].commit = 100 + (unsigned int)i;
	OK(odds(unit, has, 24) < 1e-4);
	/* of a commit and job, one failure counts */
	for (size_t i = 0; i < 6; i++) {
		unit[i].commit = 100 + (unsigned int)i / 3;
		unit[i].job = 1;
	}
	OK(odds(unit, has, 24) == 1);
	/* a hunt runs one commit on purpose */
	for (size_t i = 0; i < 6; i++)
		unit[i].alone = true;
	OK(odds(unit, has, 24) < 1e-4);
	/* what is unknown is not compared */
	for (size_t i = 0; i < 4; i++)
		has[i] = RJ_UNKNOWN;
	OK(odds(unit, has, 24) == 1);
	OK(odds(unit, has, 0) == 1);

	rj_odds_adjust(ps, 3, 3);
	OK(near(ps[0], 0.003) && near(ps[1], 0.02) && near(ps[2], 0.02));
	/* what is less likely is never surer */
	ps[0] = 0.01;
	ps[1] = 0.0101;
	rj_odds_adjust(ps, 2, 3);
	OK(near(ps[0], 0.03) && near(ps[1], 0.03));
	ps[0] = 0.01;
	rj_odds_adjust(ps, 1, 1000);
	OK(ps[0] == 1);
	return done();
}
