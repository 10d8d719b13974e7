/* What the other tests of a test's runs tell of it. */
#include <math.h>
#include <stdlib.h>

#include "investigate/compare.h"

#define THIRDS	   3
#define SEEN_OFTEN 3
#define PARTS	   16 /* of parameters, that are looked at one by one */
#define NAME_BYTES 1024 /* of a name, that parameters are looked for in */

/* The rows of one test, which stand together. */
static size_t
end_of_test(const struct rj_evidence *e, size_t at)
{
	size_t end = at;

	while (end < e->n_others && e->others[end].test == e->others[at].test)
		end++;
	return end;
}

/* --- what fails with it -------------------------------------------------- */

static bool
compare_company(struct rj_comparing *c)
{
	const struct rj_evidence *e = c->e;

	for (size_t at = 0, end; at < e->n_others; at = end) {
		const struct rj_what what = { RJ_COMPANY, RJ_STR("company"),
			{ NULL, 0 }, e->others[at].test, false };
		size_t failed = 0;

		end = end_of_test(e, at);
		for (size_t i = at; i < end; i++)
			failed += e->others[i].bad;
		if (failed < SEEN_OFTEN)
			continue;
		memset(c->has, RJ_HAS_NOT, e->n);
		for (size_t i = at; i < end; i++)
			if (e->others[i].bad)
				c->has[e->others[i].sample] = RJ_HAS;
		if (!rj_compare_one(c, &c->units, &what, 0))
			return false;
	}
	return true;
}

/* --- what runs before it ------------------------------------------------- */

/* Whether it runs early or late leaves as much room before it. */
static bool
units_by_position(struct rj_comparing *c)
{
	struct rj_evidence *e = c->e;
	double *sorted = calloc(e->n + 1, sizeof(*sorted)), edge[THIRDS - 1];
	struct rj_units *u = &c->in_order;
	size_t n = 0;

	*u = c->units;
	u->unit = rj_alloc_n(&e->arena, e->n + 1, sizeof(*u->unit));
	if (!sorted || !u->unit) {
		free(sorted);
		return false;
	}
	for (size_t i = 0; i < e->n; i++)
		if (e->samples[i].position >= 0)
			sorted[n++] = (double)e->samples[i].position;
	qsort(sorted, n, sizeof(*sorted), rj_compare_doubles);
	for (int k = 0; k < THIRDS - 1; k++)
		edge[k] = rj_quantile(sorted, n, (k + 1.0) / THIRDS);
	free(sorted);
	for (size_t i = 0; i < e->n; i++) {
		u->unit[i] = c->units.unit[i];
		for (int k = 0; k < THIRDS - 1; k++)
			u->unit[i].stratum +=
			    (double)e->samples[i].position > edge[k];
	}
	return true;
}

static bool
runs_before(const struct rj_evidence *e, const struct rj_other *o)
{
	const struct rj_sample *s = &e->samples[o->sample];

	return o->decided && o->position >= 0 && o->position < s->position &&
	       (!o->worker || !s->worker || o->worker == s->worker);
}

static bool
compare_order(struct rj_comparing *c)
{
	const struct rj_evidence *e = c->e;
	if (!units_by_position(c))
		return false;
	for (size_t at = 0, end; at < e->n_others; at = end) {
		struct rj_what what = { RJ_POSITIONS, RJ_STR("before"),
			{ NULL, 0 }, e->others[at].test, false };
		size_t before = 0;

		end = end_of_test(e, at);
		for (int inverted = 0; inverted < 2; inverted++) {
			unsigned char yes = inverted ? RJ_HAS_NOT : RJ_HAS;

			for (size_t i = 0; i < e->n; i++)
				c->has[i] = e->samples[i].position < 0
						? RJ_UNKNOWN
					    : inverted ? RJ_HAS
						       : RJ_HAS_NOT;
			before = 0;
			for (size_t i = at; i < end; i++)
				if (runs_before(e, &e->others[i])) {
					c->has[e->others[i].sample] = yes;
					before++;
				}
			if (before < SEEN_OFTEN || before + SEEN_OFTEN > e->n)
				break;
			for (size_t i = 0; i < e->n; i++)
				if (c->outage[i])
					c->has[i] = RJ_UNKNOWN;
			what.inverted = inverted;
			if (!rj_compare_one(c, &c->in_order, &what, 0))
				return false;
		}
	}
	return true;
}

/* Early or late in its run, whatever runs before it. */
static bool
compare_place(struct rj_comparing *c)
{
	struct rj_evidence *e = c->e;
	double *sorted = calloc(e->n + 1, sizeof(*sorted));
	size_t n = 0;
	bool ok = sorted != NULL;

	for (size_t i = 0; i < e->n && ok; i++)
		if (e->samples[i].position >= 0)
			sorted[n++] = (double)e->samples[i].position;
	if (n)
		qsort(sorted, n, sizeof(*sorted), rj_compare_doubles);
	for (int late = 0; late < 2 && ok && n; late++) {
		double edge = rj_quantile(sorted, n, late ? 0.75 : 0.25);
		double end = sorted[late ? 0 : n - 1];
		const struct rj_what what = { RJ_POSITIONS, RJ_STR("place"),
			late ? RJ_STR("late") : RJ_STR("early"), RJ_NO_TEST,
			false };

		if (sorted[0] == sorted[n - 1])
			break;
		for (size_t i = 0; i < e->n; i++) {
			double at = (double)e->samples[i].position;
			bool is_beyond = late ? at > edge : at < edge;

			/* where there are few places, the edge is one */
			c->has[i] = at < 0 ? RJ_UNKNOWN
				    : is_beyond || (at == edge && edge != end)
					? RJ_HAS
					: RJ_HAS_NOT;
		}
		ok = rj_compare_one(c, &c->units, &what, 0);
	}
	free(sorted);
	return ok;
}

/* --- how slow its run was ------------------------------------------------ */

struct slowness {
	double took; /* by the tests of a run, */
	double usual; /* and by the same ones on the average */
};

/* Of each sample's run, how much longer its tests took than they usually do. */
static bool
find_slowness(struct rj_comparing *c, double *slow)
{
	const struct rj_evidence *e = c->e;
	struct slowness *of = calloc(e->n + 1, sizeof(*of));

	if (!of)
		return false;
	for (size_t at = 0, end; at < e->n_others; at = end) {
		double sum = 0;
		size_t n = 0;

		end = end_of_test(e, at);
		for (size_t i = at; i < end; i++)
			if (e->others[i].seconds >= 0 && e->others[i].decided &&
			    !e->others[i].bad) {
				sum += e->others[i].seconds;
				n++;
			}
		if (n < SEEN_OFTEN || sum <= 0)
			continue;
		for (size_t i = at; i < end; i++)
			if (e->others[i].seconds >= 0 && e->others[i].decided &&
			    !e->others[i].bad) {
				struct slowness *s = &of[e->others[i].sample];

				s->took += e->others[i].seconds;
				s->usual += sum / (double)n;
			}
	}
	for (size_t i = 0; i < e->n; i++)
		slow[i] = of[i].usual > 0 ? of[i].took / of[i].usual : -1;
	free(of);
	return true;
}

/* The edge of each job: machines are not equally fast. */
static bool
find_edges(const struct rj_comparing *c, const double *slow, double share,
    double *edge)
{
	const struct rj_evidence *e = c->e;
	double *sorted = calloc(e->n + 1, sizeof(*sorted));

	if (!sorted)
		return false;
	for (unsigned int job = 0; job < e->ranking->past.jobs; job++) {
		size_t n = 0;

		for (size_t i = 0; i < e->n; i++)
			if (c->units.unit[i].job == job && slow[i] >= 0)
				sorted[n++] = slow[i];
		if (n)
			qsort(sorted, n, sizeof(*sorted), rj_compare_doubles);
		edge[job] = rj_quantile(sorted, n, share);
	}
	free(sorted);
	return true;
}

static bool
compare_slowness(struct rj_comparing *c)
{
	static const struct {
		double share;
		const char *value;
	} shares[] = { { 0.9, "the slowest tenth" },
		{ 0.75, "the slowest quarter" } };
	const struct rj_evidence *e = c->e;
	double *slow = calloc(e->n + 1, sizeof(*slow));
	double *edge = calloc(e->ranking->past.jobs + 1, sizeof(*edge));
	bool ok = slow && edge && find_slowness(c, slow);

	for (int k = 0; k < 2 && ok; k++) {
		struct rj_what what = { RJ_SLOW_RUN, RJ_STR("slow run"),
			rj_str(shares[k].value), RJ_NO_TEST, false };
		double most = 0, least = 0;

		ok = find_edges(c, slow, shares[k].share, edge);
		for (size_t i = 0; i < e->n; i++) {
			c->has[i] = slow[i] < 0 ? RJ_UNKNOWN
				    : slow[i] > edge[c->units.unit[i].job]
					? RJ_HAS
					: RJ_HAS_NOT;
			if (slow[i] >= 0 && (least == 0 || slow[i] < least))
				least = slow[i];
			most = slow[i] > most ? slow[i] : most;
		}
		/* a hundredth more is no slower run */
		if (most < least * 1.05)
			break;
		ok = ok && rj_compare_one(c, &c->units, &what, 0);
	}
	free(slow);
	free(edge);
	return ok;
}

/* --- parameters ---------------------------------------------------------- */

/* The name without its parameters; the whole name: it has none. */
static struct rj_str
base_of(struct rj_str name)
{
	for (size_t i = 1; i < name.n; i++)
		if (strchr("[(<{/", name.s[i]))
			return (struct rj_str){ name.s, i };
	return name;
}

#define PARTING "-,/[](){}<>"

/* A sign, and no dash between two. */
static bool
is_sign(struct rj_str s)
{
	/* what stands in front of it belongs to the name */
	return s.n > 1 && s.s[0] == '-' && s.s[1] >= '0' && s.s[1] <= '9' &&
	       strchr(PARTING " ", s.s[-1]);
}

/* The next of parameters, which dashes, slashes and commas part. */
static struct rj_str
next_part(struct rj_str *rest)
{
	struct rj_str part;
	size_t n;

	while (rest->n && strchr(PARTING " ", rest->s[0]) && !is_sign(*rest))
		*rest = rj_str_from(*rest, 1);
	n = is_sign(*rest);
	while (n < rest->n && !strchr(PARTING, rest->s[n]))
		n++;
	part = (struct rj_str){ rest->s, n };
	*rest = rj_str_from(*rest, n);
	while (part.n && part.s[part.n - 1] == ' ')
		part.n--;
	return part;
}

static bool
has_part(struct rj_str name, struct rj_str part)
{
	struct rj_str rest, p;

	name = rj_str_cut(name, NAME_BYTES);
	rest = rj_str_from(name, base_of(name).n);
	while ((p = next_part(&rest)).n)
		if (rj_str_eq(p, part))
			return true;
	return false;
}

static bool
are_siblings(const struct rj_past_test *a, const struct rj_past_test *b)
{
	return rj_str_eq(a->classname, b->classname) &&
	       rj_str_eq(base_of(a->name), base_of(b->name)) &&
	       base_of(b->name).n < b->name.n;
}

struct family {
	struct rj_units units;
	unsigned int *test; /* of each unit */
};

static void
add_unit(struct rj_comparing *c, struct family *f, size_t sample,
    unsigned int test, bool bad)
{
	f->units.unit[f->units.n] = c->units.unit[sample];
	f->units.unit[f->units.n].bad = bad;
	f->test[f->units.n++] = test;
}

static bool
gather_family(struct rj_comparing *c, struct family *f)
{
	struct rj_evidence *e = c->e;
	const struct rj_past_test *tests = e->ranking->past.tests;
	size_t room = e->n + 1;

	for (size_t at = 0, end; at < e->n_others; at = end) {
		end = end_of_test(e, at);
		if (are_siblings(&tests[e->test], &tests[e->others[at].test]))
			room += end - at;
	}
	f->units.unit = rj_alloc_n(&e->arena, room, sizeof(*f->units.unit));
	f->test = rj_alloc_n(&e->arena, room, sizeof(*f->test));
	if (!f->units.unit || !f->test)
		return false;
	for (size_t i = 0; i < e->n; i++)
		if (!c->outage[i])
			add_unit(c, f, i, e->test, e->samples[i].bad);
	for (size_t at = 0, end; at < e->n_others; at = end) {
		end = end_of_test(e, at);
		if (!are_siblings(&tests[e->test], &tests[e->others[at].test]))
			continue;
		for (size_t i = at; i < end; i++)
			if (e->others[i].decided &&
			    !c->outage[e->others[i].sample])
				add_unit(c, f, e->others[i].sample,
				    e->others[at].test, e->others[i].bad);
	}
	return rj_units_prepare(&f->units, &e->arena);
}

/* Its parameters beside those of its siblings, all of them and one by one. */
static bool
compare_parameters(struct rj_comparing *c)
{
	struct rj_evidence *e = c->e;
	const struct rj_past_test *tests = e->ranking->past.tests;
	struct rj_str name = tests[e->test].name;
	struct rj_str rest = rj_str_from(name, base_of(name).n), part = rest;
	struct family f = { .test = NULL };

	if (!rest.n || !gather_family(c, &f))
		return rest.n == 0;
	for (int n = 0; part.n && n <= PARTS; part = next_part(&rest), n++) {
		const struct rj_what what = { RJ_PARAMETER, RJ_STR("parameter"),
			part, RJ_NO_TEST, false };

		for (size_t i = 0; i < f.units.n; i++)
			c->has[i] = n == 0
					? f.test[i] == e->test
					: has_part(tests[f.test[i]].name, part);
		if (!rj_compare_one(c, &f.units, &what, 0))
			return false;
	}
	return true;
}

bool
rj_compare_others(struct rj_comparing *c)
{
	return compare_company(c) && compare_order(c) && compare_place(c) &&
	       compare_slowness(c) && compare_parameters(c);
}
