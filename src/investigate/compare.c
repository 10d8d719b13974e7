#include "investigate/compare.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/duration.h"
#include "history/clock.h"

#define CERTAIN	   0.01 /* over all comparisons of one output */
#define LIKELY	   0.05 /* what is likelier than that is not kept */
#define SOME_DAYS  5
#define SEEN_OFTEN 3 /* a value says something from so many samples on */
#define MANY	   10 /* values, from which on numbers are told by size */
#define PASSES	   5 /* durations are held against */

/* --- one comparison ------------------------------------------------------ */

/* What is compared, on one line of bytes. */
static struct rj_str
key_of(struct rj_comparing *c, const struct rj_units *u, char key[16],
    enum rj_kind kind)
{
	uint64_t sum[2] = { 14695981039346656037u, 1099511628211u };

	/* not all are of the same units */
	sum[0] ^= kind == RJ_COMPANY	 ? 1u
		  : kind == RJ_PARAMETER ? 2u
		  : u != &c->units	 ? 3u
					 : 0u;
	for (size_t i = 0; i < u->n; i++)
		for (int k = 0; k < 2; k++)
			sum[k] =
			    (sum[k] ^ (c->has[i] + 1u + 7u * (unsigned)k)) *
			    1099511628211u;
	memcpy(key, sum, 16);
	return (struct rj_str){ key, 16 };
}

static void
add_alike(struct rj_comparison *to, const struct rj_what *what)
{
	if (to->n_alike < RJ_ALIKE)
		to->alike[to->n_alike] = *what;
	to->n_alike++;
}

/*
 * What holds for a time, as a day, an image or a short branch does, says less
 * than it seems where failures came on a bad day; that needs some days to tell.
 */
static bool
goes_by_days(const struct rj_comparing *c, enum rj_kind kind)
{
	switch (kind) {
	case RJ_CLOCK:
		return true;
	case RJ_JOB:
	case RJ_HOST:
	case RJ_BRANCH:
	case RJ_WORKER:
	case RJ_SEED:
	case RJ_FACT:
		return c->bad_days >= SOME_DAYS;
	default:
		return false;
	}
}

bool
rj_compared(struct rj_comparing *c, const struct rj_what *what,
    struct rj_split counts, double p)
{
	void *more;

	c->made++;
	if (p >= LIKELY)
		return true;
	more = rj_grown(c->found, c->n, &c->room, sizeof(*c->found));
	if (!more)
		return false;
	c->found = more;
	c->found[c->n++] =
	    (struct rj_comparison){ .what = *what, .counts = counts, .p = p };
	return true;
}

bool
rj_compare_one(struct rj_comparing *c, const struct rj_units *u,
    const struct rj_what *what, double number)
{
	struct rj_split counts;
	char key[16];
	uintptr_t known;
	double p;

	if (u == &c->units && what->kind != RJ_COMPANY)
		for (size_t i = 0; i < u->n; i++)
			if (c->outage[i])
				c->has[i] = RJ_UNKNOWN;
	known = (uintptr_t)rj_map_get(&c->known, key_of(c, u, key, what->kind));
	/* what is the same is one comparison, whatever it is called */
	if (known > 1)
		add_alike(&c->found[known - 2], what);
	if (known)
		return true;
	if (!rj_odds(u, c->has, goes_by_days(c, what->kind), &counts, &p))
		return false;
	if (!counts.with || !counts.without ||
	    counts.bad_with + counts.bad_without == 0)
		return true;
	known = p < LIKELY ? c->n + 2 : 1;
	if (!rj_map_put_copy(&c->known, &c->e->arena,
		(struct rj_str){ key, sizeof(key) }, (void *)known) ||
	    !rj_compared(c, what, counts, p))
		return false;
	if (known == 1)
		return true;
	c->found[known - 2].number = number;
	c->found[known - 2].units = u;
	c->found[known - 2].has = rj_alloc_n(&c->e->arena, u->n + 1, 1);
	if (!c->found[known - 2].has)
		return false;
	memcpy(c->found[known - 2].has, c->has, u->n);
	return true;
}

/* --- values -------------------------------------------------------------- */

/* What a sample has, if anybody knows. */
typedef struct rj_str
value_fn(const struct rj_comparing *c, size_t i, struct rj_str name);

struct value {
	struct rj_str text;
	unsigned int samples;
};

struct values {
	struct value *of;
	size_t n;
	unsigned int *at; /* by sample, from 1 on; 0: unknown */
};

static bool
find_values(struct rj_comparing *c, value_fn *value_of, struct rj_str name,
    struct values *v)
{
	struct rj_map known = { 0 };
	size_t room = 0;
	bool ok;

	v->at = calloc(c->e->n + 1, sizeof(*v->at));
	ok = v->at != NULL;
	for (size_t i = 0; i < c->e->n && ok; i++) {
		struct rj_str text = value_of(c, i, name);
		uintptr_t at;
		void *more;

		if (!text.n || c->outage[i])
			continue;
		at = (uintptr_t)rj_map_get(&known, text);
		if (!at) {
			more = rj_grown(v->of, v->n, &room, sizeof(*v->of));
			ok = more != NULL;
			if (!ok)
				break;
			v->of = more;
			v->of[v->n++] = (struct value){ text, 0 };
			at = v->n;
			ok = rj_map_put(&known, text, (void *)at);
		}
		v->of[at - 1].samples++;
		v->at[i] = (unsigned int)at;
	}
	rj_map_free(&known);
	return ok;
}

static bool
compare_each(struct rj_comparing *c, const struct values *v, enum rj_kind kind,
    struct rj_str name)
{
	for (size_t k = 0; k < v->n && v->n > 1; k++) {
		const struct rj_what what = { kind, name, v->of[k].text,
			RJ_NO_TEST, false };

		if (v->of[k].samples < SEEN_OFTEN)
			continue;
		for (size_t i = 0; i < c->e->n; i++)
			c->has[i] = !v->at[i]		? RJ_UNKNOWN
				    : v->at[i] == k + 1 ? RJ_HAS
							: RJ_HAS_NOT;
		if (!rj_compare_one(c, &c->units, &what, 0))
			return false;
	}
	return true;
}

int
rj_compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

double
rj_quantile(double *values, size_t n, double share)
{
	return n ? values[(size_t)((double)(n - 1) * share + 0.5)] : 0;
}

/* More or less of something: than most samples have, one way or the other. */
static bool
compare_sizes(struct rj_comparing *c, const double *number,
    const unsigned int *at, enum rj_kind kind, struct rj_str name)
{
	static const double shares[] = { 0.9, 0.75, 0.25, 0.1 };
	double *sorted = calloc(c->e->n + 1, sizeof(*sorted));
	size_t n = 0;
	bool ok = sorted != NULL;

	for (size_t i = 0; i < c->e->n && ok; i++)
		if (at[i])
			sorted[n++] = number[i];
	if (ok)
		qsort(sorted, n, sizeof(*sorted), rj_compare_doubles);
	for (int k = 0; k < 4 && ok; k++) {
		double edge = rj_quantile(sorted, n, shares[k]);
		bool above = shares[k] > 0.5;
		struct rj_what what = { kind, name, { NULL, 0 }, RJ_NO_TEST,
			false };
		char text[96], number_text[64];

		rj_digits(edge, 6, number_text);
		snprintf(text, sizeof(text), "%s %s",
		    above ? "at least" : "at most", number_text);
		ok = rj_alloc_str(&c->e->arena, rj_str(text), &what.value);
		for (size_t i = 0; i < c->e->n; i++)
			c->has[i] =
			    !at[i] ? RJ_UNKNOWN
			    : (above ? number[i] >= edge : number[i] <= edge)
				? RJ_HAS
				: RJ_HAS_NOT;
		ok = ok && rj_compare_one(c, &c->units, &what, 0);
	}
	free(sorted);
	return ok;
}

static bool
are_numbers(const struct values *v)
{
	double n;

	for (size_t k = 0; k < v->n; k++)
		if (!rj_read_digits(v->of[k].text, &n))
			return false;
	return v->n > MANY;
}

static bool
compare_values(struct rj_comparing *c, enum rj_kind kind, struct rj_str name,
    value_fn *value_of)
{
	struct values v = { 0 };
	double *number = NULL;
	bool ok = find_values(c, value_of, name, &v) &&
		  compare_each(c, &v, kind, name);

	if (ok && kind == RJ_FACT && are_numbers(&v)) {
		number = calloc(c->e->n + 1, sizeof(*number));
		ok = number != NULL;
		for (size_t i = 0; i < c->e->n && ok; i++)
			if (v.at[i])
				(void)rj_read_digits(
				    v.of[v.at[i] - 1].text, &number[i]);
		ok = ok && compare_sizes(c, number, v.at, kind, name);
	}
	free(number);
	free(v.of);
	free(v.at);
	return ok;
}

static const struct rj_run_texts *
run_of(const struct rj_comparing *c, size_t i)
{
	return &c->e->runs[c->e->samples[i].run];
}

static struct rj_str
job_of(const struct rj_comparing *c, size_t i, struct rj_str name)
{
	(void)name;
	return run_of(c, i)->job;
}

static struct rj_str
host_of(const struct rj_comparing *c, size_t i, struct rj_str name)
{
	(void)name;
	return run_of(c, i)->host;
}

static struct rj_str
branch_of(const struct rj_comparing *c, size_t i, struct rj_str name)
{
	(void)name;
	return run_of(c, i)->branch;
}

static struct rj_str
fact_of(const struct rj_comparing *c, size_t i, struct rj_str name)
{
	struct rj_str value = rj_fact(c->e->samples[i].facts, name);

	return value.s ? value : rj_fact(run_of(c, i)->facts, name);
}

/* --- facts --------------------------------------------------------------- */

static enum rj_kind
kind_of_fact(struct rj_str name)
{
	if (rj_str_eq(name, RJ_STR("worker")))
		return RJ_WORKER;
	return rj_str_ends(name, RJ_STR("seed")) ? RJ_SEED : RJ_FACT;
}

static bool
add_names(struct rj_facts *all, struct rj_arena *a, const struct rj_facts *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (!rj_fact(all, f->fact[i].name).s &&
		    !rj_fact_set(all, a, f->fact[i].name, RJ_STR("")))
			return false;
	return true;
}

static bool
compare_facts(struct rj_comparing *c)
{
	struct rj_facts names = { .n = 0 };
	const struct rj_facts *last[2] = { NULL, NULL };
	bool ok = true;

	for (size_t i = 0; i < c->e->n && ok; i++) {
		const struct rj_facts *of[2] = { c->e->samples[i].facts,
			run_of(c, i)->facts };

		for (int k = 0; k < 2 && ok; k++)
			if (of[k] != last[k])
				ok = add_names(
				    &names, &c->e->arena, last[k] = of[k]);
	}
	for (size_t i = 0; i < names.n && ok; i++)
		ok = compare_values(c, kind_of_fact(names.fact[i].name),
		    names.fact[i].name, fact_of);
	return ok;
}

/* --- the clock ----------------------------------------------------------- */

struct moment {
	int hour;
	int minute;
	int weekday; /* 0 is Sunday */
	int day;
	int month;
	int days; /* of the month */
};

static struct moment
moment_of(int64_t at)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	struct moment m;
	char text[40];
	int year = 0;

	rj_clock_write(at, text);
	(void)sscanf(text, "%d-%d-%dT%d:%d", &year, &m.month, &m.day, &m.hour,
	    &m.minute);
	m.weekday = (int)((at / RJ_DAY + 4) % 7);
	m.days = days[(m.month - 1) % 12];
	if (m.month == 2 && year % 4 == 0 &&
	    (year % 100 != 0 || year % 400 == 0))
		m.days++;
	return m;
}

static bool
is_weekend(const struct moment *m)
{
	return m->weekday == 0 || m->weekday == 6;
}

static bool
is_last_day(const struct moment *m)
{
	return m->day == m->days;
}

static bool
is_first_day(const struct moment *m)
{
	return m->day == 1;
}

static bool
is_midnight(const struct moment *m)
{
	return (m->hour == 23 && m->minute >= 45) ||
	       (m->hour == 0 && m->minute < 15);
}

/* In Europe the last Sundays of March and October, in America the second one
 * of March and the first one of November. */
static bool
is_change_of_clocks(const struct moment *m)
{
	if (m->weekday != 0)
		return false;
	return ((m->month == 3 || m->month == 10) && m->day > 24) ||
	       (m->month == 3 && m->day > 7 && m->day <= 14) ||
	       (m->month == 11 && m->day <= 7);
}

static bool
compare_moments(struct rj_comparing *c, const struct moment *moments,
    const char *name, const char *value, bool (*is)(const struct moment *m),
    int hour, int weekday)
{
	struct rj_what what = { RJ_CLOCK, rj_str(name), rj_str(value),
		RJ_NO_TEST, false };

	for (size_t i = 0; i < c->e->n; i++) {
		const struct moment *m = &moments[i];

		c->has[i] = is		? is(m)
			    : hour >= 0 ? m->hour == hour
					: m->weekday == weekday;
	}
	return rj_alloc_str(&c->e->arena, what.value, &what.value) &&
	       rj_compare_one(c, &c->units, &what, 0);
}

static bool
compare_clock(struct rj_comparing *c)
{
	static const char *const weekdays[] = { "Sunday", "Monday", "Tuesday",
		"Wednesday", "Thursday", "Friday", "Saturday" };
	static const struct {
		const char *name;
		bool (*is)(const struct moment *m);
	} times[] = { { "weekend", is_weekend }, { "month's end", is_last_day },
		{ "month's first day", is_first_day },
		{ "midnight", is_midnight },
		{ "clocks change", is_change_of_clocks } };
	struct moment *moments = calloc(c->e->n + 1, sizeof(*moments));
	bool ok = moments != NULL;
	char hour[32];

	for (size_t i = 0; i < c->e->n && ok; i++)
		moments[i] = moment_of(
		    c->e->ranking->past.runs[c->e->samples[i].run].at);
	for (int h = 0; h < 24 && ok; h++) {
		snprintf(hour, sizeof(hour), "%02d:00 to %02d:59 UTC", h, h);
		ok = compare_moments(c, moments, "hour", hour, NULL, h, 0);
	}
	for (size_t i = 0; i < sizeof(times) / sizeof(*times) && ok; i++)
		ok = compare_moments(c, moments, times[i].name, times[i].name,
		    times[i].is, 0, 0);
	for (int d = 0; d < 7 && ok; d++)
		ok = compare_moments(
		    c, moments, "weekday", weekdays[d], NULL, -1, d);
	free(moments);
	return ok;
}

/* --- durations ----------------------------------------------------------- */

/* The failures that took longer than nearly all passes. */
static bool
compare_durations(struct rj_comparing *c)
{
	const struct rj_what what = { RJ_DURATION, RJ_STR("duration"),
		{ NULL, 0 }, RJ_NO_TEST, false };
	double *took = calloc(2 * (c->e->n + 1), sizeof(*took)), edge;
	double *of_bad = took ? took + c->e->n + 1 : NULL;
	size_t n = 0, n_bad = 0;
	bool ok = took != NULL;

	for (size_t i = 0; i < c->e->n && ok; i++) {
		const struct rj_sample *s = &c->e->samples[i];

		if (s->seconds < 0 || c->outage[i])
			continue;
		if (s->bad)
			of_bad[n_bad++] = s->seconds;
		else
			took[n++] = s->seconds;
	}
	if (ok && n >= PASSES && n_bad) {
		qsort(took, n, sizeof(*took), rj_compare_doubles);
		edge = rj_quantile(took, n, 0.95);
		n_bad = 0;
		for (size_t i = 0; i < c->e->n; i++) {
			const struct rj_sample *s = &c->e->samples[i];

			c->has[i] = s->seconds < 0	? RJ_UNKNOWN
				    : s->seconds > edge ? RJ_HAS
							: RJ_HAS_NOT;
			if (s->bad && s->seconds > edge && !c->outage[i])
				of_bad[n_bad++] = s->seconds;
		}
		qsort(of_bad, n_bad, sizeof(*of_bad), rj_compare_doubles);
		ok = rj_compare_one(
		    c, &c->units, &what, rj_quantile(of_bad, n_bad, 0.5));
	}
	free(took);
	return ok;
}

/* --- the whole ----------------------------------------------------------- */

static bool
prepare(struct rj_comparing *c)
{
	const struct rj_past *p = &c->e->ranking->past;
	struct rj_evidence *e = c->e;
	int64_t last = 0;

	c->units.n = e->n;
	c->units.unit = rj_alloc_n(&e->arena, e->n + 1, sizeof(*c->units.unit));
	c->outage = rj_alloc_n(&e->arena, e->n + 1, sizeof(*c->outage));
	/* parameters are compared among many tests */
	c->has = rj_alloc_n(&e->arena, e->n + e->n_others + 1, 1);
	if (!c->units.unit || !c->outage || !c->has)
		return false;
	for (size_t i = 0; i < e->n; i++) {
		const struct rj_past_run *r = &p->runs[e->samples[i].run];

		c->outage[i] = r->outage;
		c->units.unit[i] = (struct rj_unit){ .day = r->at / RJ_DAY,
			.commit = r->commit,
			.job = r->job,
			.stratum = r->hunt ? RJ_STRATA / 4 : 0,
			.bad = e->samples[i].bad,
			.alone = r->hunt };
	}
	for (size_t i = 0; i < e->n; i++) {
		const struct rj_unit *u = &c->units.unit[i];

		/* they are in the order of time */
		if (u->bad && (c->bad_days == 0 || u->day != last))
			c->bad_days++;
		last = u->bad ? u->day : last;
	}
	return rj_units_prepare(&c->units, &e->arena);
}

static int
by_p(const void *a, const void *b)
{
	const struct rj_comparison *x = a, *y = b;
	int order;

	if (x->p != y->p)
		return x->p < y->p ? -1 : 1;
	if (x->what.kind != y->what.kind)
		return x->what.kind < y->what.kind ? -1 : 1;
	order = rj_str_order(x->what.name, y->what.name);
	if (!order)
		order = rj_str_order(x->what.value, y->what.value);
	if (order)
		return order;
	if (x->what.test != y->what.test)
		return x->what.test < y->what.test ? -1 : 1;
	return x->what.inverted - y->what.inverted;
}

/* It may be why; what else fails with it, or how long it takes, is not. */
static bool
may_be_why(const struct rj_comparison *c, const struct rj_comparing *of)
{
	switch (c->what.kind) {
	case RJ_POSITIONS:
	case RJ_CLOCK:
	case RJ_JOB:
	case RJ_HOST:
	case RJ_BRANCH:
	case RJ_WORKER:
	case RJ_SEED:
	case RJ_FACT:
		return c->units == &of->units || c->units == &of->in_order;
	default:
		return false;
	}
}

/*
 * What is left of the others where the likeliest reason is the same: jobs have
 * machines of their own, and other tests that fail in them.
 */
static bool
explain_away(struct rj_comparing *c)
{
	const struct rj_comparison *why = NULL;
	struct rj_units u;
	bool ok = true;

	for (size_t i = 0; i < c->n && !why; i++)
		if (may_be_why(&c->found[i], c))
			why = &c->found[i];
	if (!why || why->p * (double)c->made >= CERTAIN)
		return true;
	for (size_t i = 0; i < c->n && ok; i++) {
		struct rj_comparison *other = &c->found[i];
		struct rj_split counts;
		double p;

		if (other == why ||
		    (!may_be_why(other, c) && other->what.kind != RJ_COMPANY &&
			other->what.kind != RJ_SLOW_RUN))
			continue;
		u = *other->units;
		u.unit = calloc(u.n + 1, sizeof(*u.unit));
		ok = u.unit != NULL;
		for (size_t k = 0; k < u.n && ok; k++) {
			u.unit[k] = other->units->unit[k];
			if (why->has[k] == RJ_HAS)
				u.unit[k].stratum += RJ_STRATA / 2;
		}
		ok = ok && rj_odds(&u, other->has,
			       goes_by_days(c, other->what.kind), &counts, &p);
		if (ok && p > other->p)
			other->p = p;
		free(u.unit);
	}
	return ok;
}

static bool
adjust(struct rj_comparing *c)
{
	double *p = calloc(c->n + 1, sizeof(*p));

	if (!p)
		return false;
	if (c->n) {
		qsort(c->found, c->n, sizeof(*c->found), by_p);
		if (!explain_away(c)) {
			free(p);
			return false;
		}
		qsort(c->found, c->n, sizeof(*c->found), by_p);
	}
	for (size_t i = 0; i < c->n; i++)
		p[i] = c->found[i].p;
	rj_odds_adjust(p, c->n, c->made);
	for (size_t i = 0; i < c->n; i++)
		c->found[i].adjusted = p[i];
	free(p);
	return true;
}

bool
rj_compare_all(struct rj_comparing *c, struct rj_evidence *e)
{
	*c = (struct rj_comparing){ .e = e };
	return prepare(c) && compare_values(c, RJ_JOB, RJ_STR("job"), job_of) &&
	       compare_values(c, RJ_HOST, RJ_STR("host"), host_of) &&
	       compare_values(c, RJ_BRANCH, RJ_STR("branch"), branch_of) &&
	       compare_facts(c) && compare_clock(c) && compare_durations(c) &&
	       rj_compare_attempts(c) && rj_compare_others(c) && adjust(c);
}

void
rj_comparing_free(struct rj_comparing *c)
{
	free(c->found);
	rj_map_free(&c->known);
	*c = (struct rj_comparing){ .n = 0 };
}
