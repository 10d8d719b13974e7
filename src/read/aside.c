#include "read/aside.h"

void
rj_aside_init(struct rj_aside *a)
{
	a->n = a->next = a->held = a->tokens = a->streak = 0;
}

bool
rj_aside_waits(const struct rj_aside *a)
{
	return a->next < a->n;
}

/* Reads the next case, or the run of them that was noted there. */
static enum rj_found
read_case(struct rj_aside *a, const struct rj_window *w,
    const struct rj_skip *skip, size_t *at, struct rj_set_aside *c)
{
	const struct rj_streak *r;
	enum rj_found found;

	while (
	    a->streak < w->streaks.n && w->streaks.streak[a->streak].at < *at)
		a->streak++;
	r = &w->streaks.streak[a->streak];
	if (skip && a->streak < w->streaks.n && r->at == *at) {
		*at = r->end;
		c->plain.at = r->last;
		c->plain.end = r->end;
		c->passed = r->passed;
		return RJ_UNASKED;
	}
	found = rj_plaincase_read(&w->map, w->last, skip, at, &c->plain);
	c->passed = found == RJ_UNASKED;
	return found;
}

enum rj_found
rj_aside_take(struct rj_aside *a, const struct rj_window *w,
    const struct rj_skip *skip, uint64_t given, size_t at, size_t *end)
{
	struct rj_set_aside *last = NULL;
	enum rj_found found = RJ_NO_CASE;
	size_t begin = at;

	while (a->n < RJ_ASIDE_MAX) {
		struct rj_set_aside *c = &a->cases[a->n];

		at = rj_bytemap_blank(&w->map, at);
		found = read_case(a, w, skip, &at, c);
		if (found < RJ_CASE)
			break;
		*end = at;
		if (c->passed && last && last->passed) {
			last->passed += c->passed;
			last->plain.at = c->plain.at;
			last->plain.end = c->plain.end;
			continue;
		}
		c->base = w->base;
		c->given = given;
		c->last = false;
		if (!c->passed)
			c->lines = (unsigned int)rj_bytemap_lines(
			    &w->map, begin, c->plain.at);
		a->held += c->passed == 0;
		a->n++;
		last = c;
	}
	if (!last)
		return found;
	last->last = true;
	a->tokens++;
	return RJ_CASE;
}

const struct rj_set_aside *
rj_aside_next(struct rj_aside *a)
{
	const struct rj_set_aside *c = &a->cases[a->next++];

	if (a->next == a->n)
		a->next = a->n = 0;
	a->held -= c->passed == 0;
	return c;
}
