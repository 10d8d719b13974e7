#include "investigate/odds.h"

#include <math.h>
#include <stdlib.h>

#define FEW	  3 /* failures, that nothing is compared below */
#define EXACT_MAX 2000 /* failures, from which on a normal curve is as good */
#define WORTH_IT  1.2 /* standard deviations, from which on it is computed */

/* --- units -----------------------------------------------------------------
 */

struct sorting {
	const struct rj_unit *unit;
	size_t at;
};

static int
by_commit(const void *a, const void *b)
{
	const struct sorting *x = a, *y = b;

	if (x->unit->commit != y->unit->commit)
		return x->unit->commit < y->unit->commit ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* They may be one and the same, run twice. */
static bool
are_of_one(const struct rj_unit *x, const struct rj_unit *y)
{
	return x->commit && x->commit == y->commit && !x->alone && !y->alone;
}

static int
by_day(const void *a, const void *b)
{
	const struct sorting *x = a, *y = b;

	return x->unit->day < y->unit->day ? -1 : x->unit->day > y->unit->day;
}

/* Weeks in which nothing ran have no number. */
static void
number_weeks(struct rj_units *u, struct sorting *sorting)
{
	qsort(sorting, u->n, sizeof(*sorting), by_day);
	for (int day = 0; day < RJ_DAYS; day++) {
		int64_t last = 0;
		unsigned int n = 0;

		for (size_t i = 0; i < u->n; i++) {
			int64_t week = (sorting[i].unit->day + day) / RJ_DAYS;

			n += i && week != last;
			last = week;
			u->week[sorting[i].at][day] = n;
		}
		u->weeks = n + 1 > u->weeks ? n + 1 : u->weeks;
	}
}

bool
rj_units_prepare(struct rj_units *u, struct rj_arena *a)
{
	struct sorting *sorting = calloc(u->n + 1, sizeof(*sorting));

	u->counts = rj_alloc_n(a, u->n + 1, sizeof(*u->counts));
	u->order = rj_alloc_n(a, u->n + 1, sizeof(*u->order));
	u->week = rj_alloc_n(a, u->n + 1, sizeof(*u->week));
	if (!sorting || !u->counts || !u->order || !u->week) {
		free(sorting);
		return false;
	}
	for (size_t i = 0; i < u->n; i++)
		sorting[i] = (struct sorting){ &u->unit[i], i };
	number_weeks(u, sorting);
	qsort(sorting, u->n, sizeof(*sorting), by_commit);
	u->bad = 0;
	for (size_t i = 0; i < u->n; i++) {
		const struct rj_unit *x = sorting[i].unit;
		bool is_further = false;

		u->order[i] = sorting[i].at;
		for (size_t k = i; k-- > 0 && !is_further &&
				   sorting[k].unit->commit == x->commit &&
				   x->commit && x->bad;)
			is_further = sorting[k].unit->bad &&
				     sorting[k].unit->job == x->job &&
				     are_of_one(x, sorting[k].unit);
		u->counts[sorting[i].at] = !is_further;
		u->bad += x->bad && !is_further;
	}
	free(sorting);
	return true;
}

/* --- strata ----------------------------------------------------------------
 */

struct stratum {
	unsigned int bad_with, with, bad, all;
};

struct table {
	struct stratum *of; /* a week and a kind each */
	size_t n;
};

static struct stratum *
stratum_of(const struct table *t, const struct rj_units *u, size_t at, int day)
{
	return &t->of[(size_t)u->week[at][day] * RJ_STRATA +
		      u->unit[at].stratum % RJ_STRATA];
}

static void
add(struct stratum *s, bool bad, bool with)
{
	s->bad_with += bad && with;
	s->with += with;
	s->bad += bad;
	s->all++;
}

/* Each run counts, but for further failures of a commit and job. */
static void
fill_by_runs(struct table *t, const struct rj_units *u,
    const unsigned char *has, int day)
{
	for (size_t i = 0; i < u->n; i++)
		if (has[i] != RJ_UNKNOWN && u->counts[i])
			add(stratum_of(t, u, i, day), u->unit[i].bad,
			    has[i] == RJ_HAS);
}

/* Of each commit, what has it counts once, and what has it not does. */
static void
fill_by_commits(struct table *t, const struct rj_units *u,
    const unsigned char *has, int day)
{
	for (size_t i = 0, end; i < u->n; i = end) {
		size_t first[2] = { u->n, u->n };
		bool bad[2] = { false, false };

		for (end = i; end < u->n &&
			      (end == i || are_of_one(&u->unit[u->order[i]],
					       &u->unit[u->order[end]]));
		     end++) {
			size_t at = u->order[end];

			if (has[at] == RJ_UNKNOWN)
				continue;
			if (first[has[at]] == u->n)
				first[has[at]] = at;
			bad[has[at]] = bad[has[at]] || u->unit[at].bad;
		}
		for (int with = 0; with < 2; with++)
			if (first[with] < u->n)
				add(stratum_of(t, u, first[with], day),
				    bad[with], with);
	}
}

/* --- the chance ------------------------------------------------------------
 */

static double
log_factorial(double n)
{
	int sign;

	/* lgamma() leaves the sign where another thread may, too */
	return lgamma_r(n + 1, &sign);
}

static double
log_choose(double n, double k)
{
	return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

static bool
says_nothing(const struct stratum *s)
{
	return s->bad == 0 || s->with == 0 || s->with == s->all ||
	       s->bad == s->all;
}

struct sums {
	double expected;
	double variance;
	unsigned int bad_with;
	unsigned int bad;
};

static struct sums
sum_up(const struct table *t)
{
	struct sums sums = { 0 };

	for (size_t i = 0; i < t->n; i++) {
		const struct stratum *s = &t->of[i];
		double n = s->all, bad = s->bad, with = s->with;

		if (says_nothing(s))
			continue;
		sums.bad_with += s->bad_with;
		sums.bad += s->bad;
		sums.expected += bad * with / n;
		sums.variance +=
		    bad * with * (n - bad) * (n - with) / (n * n * (n - 1));
	}
	return sums;
}

/* Of a stratum's failures, how likely so many have it, from `least` on. */
static unsigned int
spread(const struct stratum *s, double *chance, unsigned int *least)
{
	unsigned int without = s->all - s->with;
	unsigned int lo = s->bad > without ? s->bad - without : 0;
	unsigned int hi = s->bad < s->with ? s->bad : s->with;
	double p =
	    exp(log_choose(s->with, lo) + log_choose(without, s->bad - lo) -
		log_choose(s->all, s->bad));

	for (unsigned int k = lo; k <= hi; k++) {
		chance[k - lo] = p;
		p *= (double)(s->with - k) * (s->bad - k) /
		     ((double)(k + 1) * (without + k + 1.0 - s->bad));
	}
	*least = lo;
	return hi - lo + 1;
}

/* The chance of so many failures or more, all strata taken together. */
static bool
exact(const struct table *t, struct sums sums, double *p)
{
	double *dist = calloc(3 * ((size_t)sums.bad + 2), sizeof(*dist));
	double *next = dist ? dist + sums.bad + 2 : NULL;
	double *chance = dist ? next + sums.bad + 2 : NULL;
	unsigned int n = 1, offset = 0;

	if (!dist)
		return false;
	dist[0] = 1;
	for (size_t i = 0; i < t->n; i++) {
		unsigned int least, more;

		if (says_nothing(&t->of[i]))
			continue;
		more = spread(&t->of[i], chance, &least);
		for (unsigned int k = 0; k < n + more - 1; k++)
			next[k] = 0;
		for (unsigned int k = 0; k < n; k++)
			for (unsigned int m = 0; m < more; m++)
				next[k + m] += dist[k] * chance[m];
		n += more - 1;
		offset += least;
		for (unsigned int k = 0; k < n; k++)
			dist[k] = next[k];
	}
	*p = 0;
	/* the smallest first: they would be lost behind the large ones */
	for (unsigned int k = n; k-- > 0 && k + offset >= sums.bad_with;)
		*p += dist[k];
	if (*p > 1)
		*p = 1;
	free(dist);
	return true;
}

static bool
chance_of(const struct table *t, double *p)
{
	struct sums sums = sum_up(t);
	double above = sums.bad_with - sums.expected;

	*p = 1;
	if (sums.bad < FEW || sums.variance <= 0 ||
	    above < WORTH_IT * sqrt(sums.variance))
		return true;
	if (sums.bad <= EXACT_MAX)
		return exact(t, sums, p);
	*p = erfc((above - 0.5) / sqrt(2 * sums.variance)) / 2;
	return true;
}

/* --- comparisons -----------------------------------------------------------
 */

static struct rj_split
count(const struct rj_units *u, const unsigned char *has)
{
	struct rj_split counts = { 0 };

	for (size_t i = 0; i < u->n; i++) {
		bool bad = u->unit[i].bad, with = has[i] == RJ_HAS;

		if (has[i] == RJ_UNKNOWN || !u->counts[i])
			continue;
		counts.bad_with += bad && with;
		counts.bad_without += bad && !with;
		counts.with += with;
		counts.without += !with;
	}
	return counts;
}

bool
rj_odds(const struct rj_units *u, const unsigned char *has,
    struct rj_split *counts, double *p)
{
	struct table t = { .n = (size_t)u->weeks * RJ_STRATA };
	bool ok = true;

	*p = 1;
	*counts = count(u, has);
	if (counts->bad_with + counts->bad_without < FEW || !counts->with ||
	    !counts->without)
		return true;
	t.of = calloc(t.n, sizeof(*t.of));
	if (!t.of)
		return false;
	*p = 0;
	for (int day = 0; day < RJ_DAYS && *p < 1 && ok; day++)
		for (int by = 0; by < 2 && *p < 1 && ok; by++) {
			double q;

			memset(t.of, 0, t.n * sizeof(*t.of));
			(by ? fill_by_commits : fill_by_runs)(&t, u, has, day);
			ok = chance_of(&t, &q);
			*p = q > *p ? q : *p;
		}
	free(t.of);
	return ok;
}

bool
rj_odds_of_counts(struct rj_split c, double *p)
{
	struct stratum s = { c.bad_with, c.with, c.bad_with + c.bad_without,
		c.with + c.without };
	const struct table t = { &s, 1 };

	return chance_of(&t, p);
}

double
rj_odds_of_heads(unsigned int heads, unsigned int n)
{
	double p = 0;

	for (unsigned int k = n + 1; k-- > heads;)
		p += exp(log_choose(n, k) - n * log(2));
	return p < 1 ? p : 1;
}

void
rj_odds_adjust(double *p, size_t n, size_t made)
{
	double least = 0;

	for (size_t i = 0; i < n; i++) {
		double left = made > i ? (double)(made - i) : 1;
		double q = p[i] * left;

		least = q > least ? q : least;
		p[i] = least < 1 ? least : 1;
	}
}
