#include "model/counting.h"

/* One of each makes a way of counting. */
enum unit {
	PER_CASE,
	PER_CHILD,
	PER_ATTEMPT,
	UNITS
};
enum split {
	BY_TAG,
	ALL_ERRORS,
	ALL_FAILURES,
	IN_BOTH,
	ERRORS_IN_BOTH, /* Criterion: a crash is a failure, too */
	SPLITS
};
enum scope {
	CUMULATIVE, /* suites below are included */
	DIRECT, /* only its own cases */
	SUITE_AS_ONE, /* a bad suite below counts as one bad case */
	SUITE_AND_CASES, /* its cases count, and each bad suite once more */
	SCOPES
};

/* What the counters would say, counted in one way. */
static struct rj_counts
count(
    const struct rj_sums *c, enum unit unit, enum split split, enum scope scope)
{
	const struct rj_tally *t =
	    scope == DIRECT || scope == SUITE_AS_ONE ? &c->own : &c->all;
	struct rj_counts n;

	switch (unit) {
	case PER_CHILD:
		n = (struct rj_counts){ t->failures, t->errors };
		break;
	case PER_ATTEMPT:
		n = (struct rj_counts){ t->failure_attempts,
			t->error_attempts };
		break;
	default:
		n = (struct rj_counts){ t->failed_cases, t->error_cases };
		break;
	}
	if (split != BY_TAG && split != ERRORS_IN_BOTH && unit == PER_CASE)
		n = (struct rj_counts){ t->bad_cases, 0 };
	n.failures += t->loose_failures;
	n.errors += t->loose_errors;
	if (scope == SUITE_AS_ONE)
		n.failures += c->bad_suites;
	else if (scope == SUITE_AND_CASES)
		n.failures += c->bad_suites_all;
	switch (split) {
	case ALL_ERRORS:
		return (struct rj_counts){ 0, n.failures + n.errors };
	case ALL_FAILURES:
		return (struct rj_counts){ n.failures + n.errors, 0 };
	case IN_BOTH:
		n.failures += n.errors;
		return (struct rj_counts){ n.failures, n.failures };
	case ERRORS_IN_BOTH:
		n.failures += n.errors;
		return n;
	default:
		return n;
	}
}

/* Ways are numbered from the plain to the odd: of equals the first wins. */
static enum unit
unit_of(int way)
{
	return (enum unit)(way % UNITS);
}

static enum split
split_of(int way)
{
	return (enum split)(way / UNITS % SPLITS);
}

static enum scope
scope_of(int way)
{
	return (enum scope)(way / (UNITS * SPLITS));
}

struct rj_counts
rj_count_in(const struct rj_sums *c, int way)
{
	return count(c, unit_of(way), split_of(way), scope_of(way));
}

bool
rj_counts_failures(const struct rj_suite *s)
{
	return s->said[RJ_FAILURES] >= 0 || s->said[RJ_ERRORS] >= 0;
}

static bool
fits(const struct rj_suite *s, struct rj_counts n)
{
	return (s->said[RJ_FAILURES] < 0 ||
		   s->said[RJ_FAILURES] == n.failures) &&
	       (s->said[RJ_ERRORS] < 0 || s->said[RJ_ERRORS] == n.errors);
}

/*
 * Ways that count more than there is: they explain a suite only where another
 * suite has no other explanation either, as by chance they explain too much.
 */
static bool
inflates(int way)
{
	return split_of(way) == IN_BOTH || split_of(way) == ERRORS_IN_BOTH ||
	       scope_of(way) == SUITE_AND_CASES ||
	       (unit_of(way) == PER_ATTEMPT && split_of(way) != BY_TAG);
}

/*
 * Who counts attempts counts them as tests too. A report that was updated has
 * attempts that nobody counted.
 */
static bool
may_count_attempts(const struct rj_suite *s)
{
	const struct rj_tally *t = &s->all;

	return s->said[RJ_TESTS] < 0 ||
	       (s->said[RJ_TESTS] != t->cases &&
		   s->said[RJ_TESTS] != s->own.cases) ||
	       t->failure_attempts + t->error_attempts ==
		   t->failures + t->errors;
}

static uint64_t
fitting_ways(const struct rj_suite *s)
{
	struct rj_sums c = rj_sums_of(s);
	bool attempts = may_count_attempts(s);
	uint64_t ways = 0;

	for (int way = 0; way < RJ_WAYS; way++)
		if ((attempts || unit_of(way) != PER_ATTEMPT) &&
		    fits(s, rj_count_in(&c, way)))
			ways |= (uint64_t)1 << way;
	return ways;
}

static bool
has_plain_way(uint64_t ways)
{
	for (int way = 0; way < RJ_WAYS; way++)
		if (ways >> way & 1 && !inflates(way))
			return true;
	return false;
}

/* How many bad ones a suite's counters name beyond what its cases show. */
static int64_t
excess(const struct rj_suite *s)
{
	const struct rj_tally *t = &s->all;
	int64_t children = t->failures + t->errors;
	int64_t most = t->failed_cases + t->error_cases, said = 0;

	for (int i = RJ_FAILURES; i <= RJ_ERRORS; i++)
		said += s->said[i] > 0 ? s->said[i] : 0;
	if (children > most)
		most = children;
	most += t->loose_failures + t->loose_errors;
	return said > most ? said - most : 0;
}

void
rj_votes_add(struct rj_votes *v, const struct rj_suite *s)
{
	uint64_t ways;
	bool plain;
	int64_t more;

	if (!rj_counts_failures(s))
		return;
	ways = fitting_ways(s);
	plain = has_plain_way(ways);
	for (int way = 0; way < RJ_WAYS; way++) {
		v->suites[way] += ways >> way & 1;
		v->proofs[way] += !plain && ways >> way & 1;
		v->against[way] += s->all.bad_cases && !(ways >> way & 1);
	}
	more = plain ? 0 : excess(s);
	if (more > v->excess)
		v->excess = more;
	for (int way = 0; way < RJ_WAYS; way++)
		if (!(ways >> way & 1) && more > v->excess_without[way])
			v->excess_without[way] = more;
}

static bool
is_admissible(const struct rj_votes *v, int way)
{
	/* a producer that has no other explanation has this one */
	if (split_of(way) == ERRORS_IN_BOTH && v->against[way] == 0)
		return v->proofs[way] > 0;
	return !inflates(way) || v->proofs[way] > 1;
}

int64_t
rj_unexplained(const struct rj_votes *v)
{
	int64_t least = v->excess;

	for (int way = 0; way < RJ_WAYS; way++)
		if (inflates(way) && is_admissible(v, way) &&
		    v->excess_without[way] < least)
			least = v->excess_without[way];
	return least;
}

enum rj_explanation
rj_explain(const struct rj_suite *s)
{
	uint64_t ways = fitting_ways(s);

	if (!ways)
		return RJ_UNEXPLAINED;
	return has_plain_way(ways) ? RJ_EXPLAINED : RJ_PERHAPS;
}

bool
rj_counters_explained(const struct rj_suite *s, const struct rj_votes *votes)
{
	uint64_t ways = fitting_ways(s);

	for (int way = 0; way < RJ_WAYS; way++)
		if (ways >> way & 1 && is_admissible(votes, way))
			return true;
	return false;
}

/* Skips that no case shows; of none but listed tests, each is one of them. */
static int64_t
hidden_skips(const struct rj_suite *s)
{
	const struct rj_tally *t = &s->all;
	int64_t shown = t->skips > t->skipped ? t->skips : t->skipped;

	if (s->said[RJ_TESTS] != t->cases && s->said[RJ_TESTS] != s->own.cases)
		return 0;
	shown += t->not_run + t->unknown + s->bare_suites;
	return s->said[RJ_SKIPPED_COUNT] - shown;
}

bool
rj_counters_exceed(const struct rj_suite *s, const struct rj_votes *votes)
{
	return (rj_counts_failures(s) && excess(s) > s->all.unknown &&
		   !rj_counters_explained(s, votes)) ||
	       hidden_skips(s) > 0;
}

/* The scope that a suite's number of tests shows; way's own if it does not. */
static enum scope
scope_by_tests(const struct rj_suite *s, enum scope otherwise)
{
	if (s->own.cases == s->all.cases)
		return otherwise;
	if (s->said[RJ_TESTS] == s->own.cases)
		return DIRECT;
	return s->said[RJ_TESTS] == s->all.cases ? CUMULATIVE : otherwise;
}

int
rj_way_of(const struct rj_suite *s, const struct rj_votes *votes)
{
	uint64_t ways = fitting_ways(s);
	int best = -1;

	for (int way = 0; way < RJ_WAYS; way++) {
		if (!(ways >> way & 1) || !is_admissible(votes, way))
			continue;
		if (best < 0 || votes->suites[way] > votes->suites[best] ||
		    (votes->suites[way] == votes->suites[best] &&
			scope_of(way) == scope_by_tests(s, scope_of(best)) &&
			scope_of(best) != scope_of(way)))
			best = way;
	}
	return best;
}

int
rj_common_way(const struct rj_votes *votes)
{
	int best = 0;

	for (int way = 1; way < RJ_WAYS; way++)
		if (is_admissible(votes, way) &&
		    votes->suites[way] > votes->suites[best])
			best = way;
	return best;
}

int64_t
rj_absent_count(const struct rj_suite *s, int counter)
{
	int64_t plain = rj_plain_count(&s->own, counter), rest;
	int other = counter == RJ_FAILURES ? RJ_ERRORS : RJ_FAILURES;

	if ((counter != RJ_FAILURES && counter != RJ_ERRORS) ||
	    s->said[other] < 0)
		return plain;
	rest = plain + rj_plain_count(&s->own, other) - s->said[other];
	return rest > 0 ? rest : 0;
}

bool
rj_way_is_direct(const struct rj_suite *s, int way)
{
	return scope_by_tests(s, scope_of(way)) == DIRECT;
}
