#include "model/counting.h"
#include "merge/recount.h"
#include "tap.h"

/* A suite with some cases, and counters that its producer wrote. */
static void
fill(struct rj_suite *s, const enum rj_tag *children, int n, int per_case)
{
	static struct rj_child child[8];

	for (int i = 0; i < n; i += per_case) {
		struct rj_case c = { .child = child,
			.children = (unsigned int)per_case };

		for (int k = 0; k < per_case; k++) {
			child[k].tag = children[i + k];
			c.marks |= rj_mark_child(child[k].tag, c.marks);
		}
		c.outcome = rj_outcome(c.marks);
		rj_tally_add(&s->own, &c, 1);
	}
}

static struct rj_suite
suite(struct rj_suite *up, long failures, long errors)
{
	return (struct rj_suite){
		.up = up,
		.tag = RJ_TESTSUITE,
		.said = { 3, failures, errors, -1, -1 },
	};
}

/* Takes one case with these children out, as if it had passed. */
static bool
pass_one(struct rj_planned_suite *p, struct rj_arena *a,
    const enum rj_tag *tags, unsigned int n, const struct rj_votes *votes)
{
	struct rj_child child[8] = { { .tag = RJ_OTHER } };
	struct rj_case was = { .child = child, .children = n };
	struct rj_case is = { .outcome = REJUNIT_PASSED };

	for (unsigned int i = 0; i < n; i++) {
		child[i].tag = tags[i];
		was.marks |= rj_mark_child(tags[i], was.marks);
	}
	was.outcome = rj_outcome(was.marks);
	return rj_recount_case(p, a, &was, &is) &&
	       (rj_recount_close(p), rj_recount(p, votes));
}

static bool
says(const struct rj_planned_suite *p, long failures, long errors)
{
	const int64_t *c = p->after->counters;

	if (c[RJ_FAILURES] == failures && c[RJ_ERRORS] == errors)
		return true;
	printf("#   %ld and %ld\n", (long)c[RJ_FAILURES], (long)c[RJ_ERRORS]);
	return false;
}

int
main(void)
{
	const enum rj_tag two[] = { RJ_FAILURE, RJ_FAILURE, RJ_FAILURE,
		RJ_FAILURE };
	const enum rj_tag mixed[] = { RJ_FAILURE, RJ_FAILURE, RJ_ERROR };
	const enum rj_tag attempts[] = { RJ_FAILURE, RJ_RERUN_FAILURE };
	struct rj_votes votes = { 0 };
	struct rj_arena a = { 0 };
	struct rj_suite s;
	struct rj_planned_suite p;

	/* one per case, although each has two failures */
	s = suite(NULL, 2, 0);
	fill(&s, two, 4, 2);
	rj_tally_close(&s);
	p = (struct rj_planned_suite){ .suite = &s };
	OK(pass_one(&p, &a, two, 2, &votes) && says(&p, 1, 0));

	/* one per <failure> */
	s = suite(NULL, 4, 0);
	fill(&s, two, 4, 2);
	rj_tally_close(&s);
	p = (struct rj_planned_suite){ .suite = &s };
	OK(pass_one(&p, &a, two, 2, &votes) && says(&p, 2, 0));

	/* one per attempt */
	s = suite(NULL, 2, 0);
	fill(&s, attempts, 2, 2);
	rj_tally_close(&s);
	p = (struct rj_planned_suite){ .suite = &s };
	OK(pass_one(&p, &a, attempts, 2, &votes) && says(&p, 0, 0));

	/* failures counted as errors */
	s = suite(NULL, 0, 3);
	fill(&s, mixed, 3, 1);
	rj_tally_close(&s);
	p = (struct rj_planned_suite){ .suite = &s };
	OK(pass_one(&p, &a, mixed, 1, &votes) && says(&p, 0, 2));

	/* by tag, and the attribute that is not there stays so */
	s = suite(NULL, 2, -1);
	fill(&s, mixed, 3, 1);
	rj_tally_close(&s);
	p = (struct rj_planned_suite){ .suite = &s };
	OK(pass_one(&p, &a, mixed, 1, &votes) && says(&p, 1, -1));

	/* no way fits: lowered, and borrowed rather than negative */
	s = suite(NULL, 0, 5);
	fill(&s, mixed, 3, 1);
	rj_tally_close(&s);
	p = (struct rj_planned_suite){ .suite = &s };
	OK(!pass_one(&p, &a, mixed, 1, &votes) && says(&p, 0, 4));
	votes = (struct rj_votes){ 0 };
	rj_votes_add(&votes, &s);
	OK(rj_unexplained(&votes) == 2);
	votes = (struct rj_votes){ 0 };

	/* a suite below is included, or is not */
	for (int included = 0; included < 2; included++) {
		struct rj_planned_suite q;
		struct rj_suite below;

		s = suite(NULL, 1 + included, 0);
		below = suite(&s, 1, 0);
		fill(&s, mixed, 1, 1);
		fill(&below, mixed, 1, 1);
		rj_tally_close(&below);
		rj_tally_close(&s);
		p = (struct rj_planned_suite){ .suite = &s };
		q = (struct rj_planned_suite){ .suite = &below, .up = &p };
		OK(pass_one(&q, &a, mixed, 1, &votes) && says(&q, 0, 0));
		OK(rj_recount(&p, &votes) && says(&p, 1, 0));
	}

	/* what a suite does not tell, the others do */
	{
		struct rj_suite other = suite(NULL, 4, 0);

		fill(&other, two, 4, 2);
		rj_tally_close(&other);
		rj_votes_add(&votes, &other);
		s = suite(NULL, 2, 0);
		fill(&s, mixed, 2, 1);
		rj_tally_close(&s);
		p = (struct rj_planned_suite){ .suite = &s };
		OK(pass_one(&p, &a, two, 2, &votes) && says(&p, 0, 0));
	}
	rj_arena_free(&a);
	return done();
}
