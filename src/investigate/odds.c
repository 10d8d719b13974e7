#include "investigate/odds.h"

#include <math.h>
#include <stdlib.h>

#define FEW	  3 /* failures, that nothing is compared below */
#define EXACT_MAX 4e6 /* steps, from which on a normal curve has to do */
#define WORTH_IT  1.2 /* standard deviations, from which on it is computed */

/* --- units --------------------------------------------------------------- */

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
	if (x->unit->alone != y->unit->alone)
		return x->unit->alone ? 1 : -1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Of a job, what failed comes first. */
static int
by_commit_and_job(const void *a, const void *b)
{
	const struct rj_unit *x = ((const struct sorting *)a)->unit;
	const struct rj_unit *y = ((const struct sorting *)b)->unit;

	if (x->commit == y->commit && x->alone == y->alone) {
		if (x->job != y->job)
			return x->job < y->job ? -1 : 1;
		if (x->bad != y->bad)
			return x->bad ? -1 : 1;
	}
	return by_commit(a, b);
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
	for (size_t i = 0; i < u->n; i++)
		u->order[i] = sorting[i].at;
	qsort(sorting, u->n, sizeof(*sorting), by_commit_and_job);
	u->bad = 0;
	for (size_t i = 0, first = 0; i < u->n; i++) {
		const struct rj_unit *x = sorting[i].unit;
		bool is_further;

		if (i && (!are_of_one(sorting[first].unit, x) ||
			     sorting[first].unit->job != x->job ||
			     !sorting[first].unit->bad))
			first = i;
		is_further = x->bad && first < i;
		u->counts[sorting[i].at] = !is_further;
		u->bad += x->bad && !is_further;
	}
	free(sorting);
	return true;
}

/* --- strata -------------------------------------------------------------- */

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

/* Takes a unit, unless it is a further failure of those that are together. */
static void
add_once(struct table *t, const struct rj_units *u, size_t at,
    const unsigned char *has, int day, bool failed[2])
{
	bool with = has[at] == RJ_HAS, bad = u->unit[at].bad;

	if (has[at] == RJ_UNKNOWN || (bad && failed[with]))
		return;
	failed[with] = failed[with] || bad;
	add(stratum_of(t, u, at, day), bad, with);
}

/* Of each commit, one failure counts that has it, and one that has not. */
static void
fill_by_commits(struct table *t, const struct rj_units *u,
    const unsigned char *has, int day)
{
	for (size_t i = 0, end; i < u->n; i = end) {
		bool failed[2] = { false, false };

		for (end = i; end < u->n &&
			      (end == i || are_of_one(&u->unit[u->order[i]],
					       &u->unit[u->order[end]]));
		     end++)
			add_once(t, u, u->order[end], has, day, failed);
	}
}

/* Of each day: an hour that was bad once is no bad hour. */
static void
fill_by_days(struct table *t, const struct rj_units *u,
    const unsigned char *has, int day)
{
	for (size_t i = 0, end; i < u->n; i = end) {
		bool failed[2] = { false, false };

		for (end = i; end < u->n && u->unit[end].day == u->unit[i].day;
		     end++)
			add_once(t, u, end, has, day, failed);
	}
}

/* --- the chance ---------------------------------------------------------- */

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
	double all = log_choose(s->all, s->bad);

	for (unsigned int k = lo; k <= hi; k++)
		chance[k - lo] = exp(log_choose(s->with, k) +
				     log_choose(without, s->bad - k) - all);
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

/* How many steps it takes to take all strata together. */
static double
steps_of(const struct table *t)
{
	double steps = 0, so_far = 1;

	for (size_t i = 0; i < t->n; i++) {
		const struct stratum *s = &t->of[i];
		unsigned int least = s->bad < s->with ? s->bad : s->with;
		unsigned int other =
		    s->bad < s->all - s->with ? s->bad : s->all - s->with;
		double width = (least < other ? least : other) + 1.0;

		if (says_nothing(s))
			continue;
		steps += so_far * width;
		so_far += width - 1;
	}
	return steps;
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
	/* so many steps are only where the curve is normal */
	if (steps_of(t) <= EXACT_MAX)
		return exact(t, sums, p);
	*p = erfc((above - 0.5) / sqrt(2 * sums.variance)) / 2;
	return true;
}

/* --- comparisons --------------------------------------------------------- */

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
rj_odds(const struct rj_units *u, const unsigned char *has, bool by_day,
    struct rj_split *counts, double *p)
{
	void (*const fill[])(struct table * t, const struct rj_units *u,
	    const unsigned char *has,
	    int day) = { fill_by_runs, fill_by_commits, fill_by_days };
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
		for (int by = 0; by < 2 + by_day && *p < 1 && ok; by++) {
			double q;

			memset(t.of, 0, t.n * sizeof(*t.of));
			fill[by](&t, u, has, day);
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
