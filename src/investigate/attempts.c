/* What the attempts of a run tell: of the test alone, and of what grows. */
#include "base/duration.h"
#include "investigate/compare.h"

#define FLAT  0.2 /* likelier than that by luck: it does not grow */
#define STEPS 5 /* from one attempt to the next, that tell of growth */

/*
 * It failed in the whole run; alone, does it fail as often? A run counts once
 * on each side, and of a commit and job, one failure does.
 */
static bool
compare_alone(struct rj_comparing *c)
{
	const struct rj_evidence *e = c->e;
	const struct rj_what what = { RJ_ATTEMPTS, RJ_STR("attempts"),
		{ NULL, 0 }, RJ_NO_TEST, false };
	struct rj_split counts = { 0 };
	double p;

	for (size_t i = 0; i < e->n; i++) {
		const struct rj_sample *s = &e->samples[i];

		if (s->several || c->outage[i] || !c->units.counts[i])
			continue;
		counts.with++;
		counts.bad_with += s->bad;
		counts.without += s->again > 0;
		counts.bad_without += s->again > 0 && !s->again_passed;
	}
	if (!counts.without)
		return true;
	return rj_odds_of_counts(counts, &p) &&
	       rj_compared(c, &what, counts, p);
}

/* A number that a fact of a test had, attempt by attempt. */
struct growth {
	struct rj_str name;
	unsigned int up;
	unsigned int down;
	struct rj_str first; /* in the newest run with more than one */
	struct rj_str last;
};

static void
follow(const struct rj_evidence *e, struct growth *g)
{
	struct rj_str begin = { NULL, 0 };

	for (size_t i = 0; i < e->n_attempts; i++) {
		const struct rj_attempt *a = &e->attempts[i];
		struct rj_str now = rj_fact(a->facts, g->name), was;
		double x, y;

		if (i == 0 || a[-1].sample != a->sample) {
			begin = now;
			continue;
		}
		was = rj_fact(a[-1].facts, g->name);
		if (a[-1].attempt == a->attempt || !rj_read_digits(was, &x) ||
		    !rj_read_digits(now, &y))
			continue;
		g->up += y > x;
		g->down += y < x;
		g->first = begin;
		g->last = now;
	}
}

static bool
compare_growth(struct rj_comparing *c, const struct growth *g)
{
	struct rj_what what = { RJ_GROWTH, g->name, { NULL, 0 }, RJ_NO_TEST,
		false };
	const struct rj_split counts = { .bad_with = g->up,
		.with = g->up + g->down };
	double p = rj_odds_of_heads(g->up, g->up + g->down);
	struct rj_buf value = { 0 };
	bool ok = rj_buf_add(&value, RJ_STR("from ")) &&
		  rj_buf_add_visible(&value, g->first) &&
		  rj_buf_add(&value, RJ_STR(" to ")) &&
		  rj_buf_add_visible(&value, g->last) &&
		  rj_alloc_str(&c->e->arena, rj_buf_str(&value), &what.value);

	rj_buf_free(&value);
	if (p > FLAT && !c->flat.s) {
		c->flat = g->name;
		c->flat_counts = counts;
	}
	return ok && rj_compared(c, &what, counts, p);
}

bool
rj_compare_attempts(struct rj_comparing *c)
{
	const struct rj_evidence *e = c->e;
	struct rj_facts names = { .n = 0 };
	bool ok = compare_alone(c);

	for (size_t i = 0; i < e->n_attempts && ok; i++)
		for (size_t k = 0; k < e->attempts[i].facts->n && ok; k++) {
			struct rj_str name = e->attempts[i].facts->fact[k].name;

			if (i &&
			    e->attempts[i].facts == e->attempts[i - 1].facts)
				break;
			if (!rj_fact(&names, name).s)
				ok = rj_fact_set(
				    &names, &c->e->arena, name, RJ_STR(""));
		}
	for (size_t i = 0; i < names.n && ok; i++) {
		struct growth g = { .name = names.fact[i].name };

		if (rj_str_ends(g.name, RJ_STR("seed")))
			continue;
		follow(e, &g);
		if (g.up + g.down >= STEPS)
			ok = compare_growth(c, &g);
	}
	return ok;
}
