#include "merge/recount.h"

bool
rj_recount_open(struct rj_planned_suite *p, struct rj_arena *a)
{
	if (p->after)
		return true;
	p->after = rj_alloc(a, sizeof(*p->after));
	if (p->after && !p->added)
		p->after->sums = rj_sums_of(p->suite);
	return p->after != NULL;
}

bool
rj_recount_case(struct rj_planned_suite *p, struct rj_arena *a,
    const struct rj_case *before, const struct rj_case *after)
{
	for (struct rj_planned_suite *s = p; s; s = s->up) {
		struct rj_sums *sums;

		if (!rj_recount_open(s, a))
			return false;
		sums = &s->after->sums;
		if (before)
			rj_tally_add(&sums->all, before, -1);
		if (after)
			rj_tally_add(&sums->all, after, 1);
		if (s != p)
			continue;
		if (before)
			rj_tally_add(&sums->own, before, -1);
		if (after)
			rj_tally_add(&sums->own, after, 1);
	}
	return true;
}

void
rj_recount_close(struct rj_planned_suite *p)
{
	bool was_bad = !p->added && p->suite->all.bad_cases != 0;
	int64_t by = (p->after->sums.all.bad_cases != 0) - was_bad;

	if (by == 0)
		return;
	for (struct rj_planned_suite *s = p; s; s = s->up)
		s->after->sums.bad_suites_all += by;
	if (p->up)
		p->up->after->sums.bad_suites += by;
}

/* What fails as well may be counted among the skipped ones, or not. */
static int64_t
moved_skips(
    int64_t said, const struct rj_tally *before, const struct rj_tally *after)
{
	if (said == before->skipped - before->skipped_bad)
		return rj_moved(
		    said, rj_plain_count(after, RJ_SKIPPED_COUNT) - said);
	return rj_moved(said, after->skipped - before->skipped);
}

/* What takes one below zero was counted in the other one by its producer. */
static void
settle(const struct rj_suite *s, struct rj_counts by, int64_t out[RJ_COUNTERS])
{
	int64_t failures = s->said[RJ_FAILURES] + by.failures;
	int64_t errors = s->said[RJ_ERRORS] + by.errors;

	if (s->said[RJ_FAILURES] >= 0 && failures < 0)
		by.errors += failures;
	if (s->said[RJ_ERRORS] >= 0 && errors < 0)
		by.failures += errors;
	out[RJ_FAILURES] = rj_moved(s->said[RJ_FAILURES], by.failures);
	out[RJ_ERRORS] = rj_moved(s->said[RJ_ERRORS], by.errors);
}

bool
rj_recount(struct rj_planned_suite *p, const struct rj_votes *votes)
{
	const struct rj_suite *s = p->suite;
	const struct rj_sums read = rj_sums_of(s), *now = &p->after->sums;
	const struct rj_tally *before = &read.all, *after = &now->all;
	int64_t *out = p->after->counters;
	int way = rj_way_of(s, votes);
	bool explained = way >= 0;
	struct rj_counts old, new, by;

	if (!explained)
		way = rj_common_way(votes);
	old = rj_count_in(&read, way);
	new = rj_count_in(now, way);
	if (explained &&
	    after->bad_cases + after->loose_failures + after->loose_errors == 0)
		new = (struct rj_counts){ 0, 0 };
	by = (struct rj_counts){ new.failures - old.failures,
		new.errors - old.errors };
	settle(s, by, out);
	if (rj_way_is_direct(s, way)) {
		before = &read.own;
		after = &now->own;
	}
	out[RJ_TESTS] =
	    rj_moved(s->said[RJ_TESTS], after->cases - before->cases);
	out[RJ_SKIPPED_COUNT] =
	    moved_skips(s->said[RJ_SKIPPED_COUNT], before, after);
	out[RJ_DISABLED] =
	    rj_moved(s->said[RJ_DISABLED], after->not_run - before->not_run);
	return explained || (by.failures == 0 && by.errors == 0);
}

void
rj_recount_plainly(struct rj_planned_suite *p)
{
	const int64_t *said = p->suite->said;

	for (int i = 0; i < RJ_COUNTERS; i++)
		p->after->counters[i] =
		    said[i] < 0 ? -1 : rj_plain_count(&p->after->sums.all, i);
	p->after->is_recount = true;
}
