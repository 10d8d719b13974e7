#include "model/counters.h"

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

struct counts {
	int64_t failures;
	int64_t errors;
};

static bool
same_counts(struct counts a, struct counts b)
{
	return a.failures == b.failures && a.errors == b.errors;
}

/* A case that has no child to say so, but an attribute, that it failed. */
static void
add_said(struct rj_tally *t, enum rejunit_verdict outcome, int64_t sign)
{
	bool error = outcome == REJUNIT_ERROR;

	*(error ? &t->error_cases : &t->failed_cases) += sign;
	*(error ? &t->errors : &t->failures) += sign;
	*(error ? &t->error_attempts : &t->failure_attempts) += sign;
}

void
rj_tally_add(struct rj_tally *t, const struct rj_case *c, int64_t sign)
{
	bool bad = rj_is_bad(c->outcome);

	t->cases += sign;
	if (c->outcome == REJUNIT_UNKNOWN)
		t->unknown += sign;
	if (c->marks & RJ_HAS_SKIPPED) {
		t->skipped += sign;
		t->skipped_bad += bad ? sign : 0;
	} else if (c->outcome == REJUNIT_SKIPPED) {
		t->not_run += sign;
	}
	if (c->marks & RJ_CANNOT_RUN && !bad)
		t->cannot_run += sign;
	if (bad) {
		t->bad_cases += sign;
		if (c->marks & RJ_HAS_FAILURE)
			t->failed_cases += sign;
		if (c->marks & RJ_HAS_ERROR)
			t->error_cases += sign;
		if (!(c->marks & (RJ_HAS_FAILURE | RJ_HAS_ERROR)))
			add_said(t, c->outcome, sign);
	}
	for (unsigned int i = 0; i < c->children; i++) {
		switch (c->child[i].tag) {
		case RJ_SKIPPED:
			t->skips += sign;
			break;
		case RJ_FAILURE:
			t->failures += bad ? sign : 0;
			t->failure_attempts += bad ? sign : 0;
			break;
		case RJ_ERROR:
			t->errors += bad ? sign : 0;
			t->error_attempts += bad ? sign : 0;
			break;
		case RJ_RERUN_FAILURE:
		case RJ_FLAKY_FAILURE:
			t->failure_attempts += sign;
			break;
		case RJ_RERUN_ERROR:
		case RJ_FLAKY_ERROR:
			t->error_attempts += sign;
			break;
		default:
			break;
		}
	}
}

static void
tally_sum(struct rj_tally *to, const struct rj_tally *t)
{
	to->cases += t->cases;
	to->unknown += t->unknown;
	to->skipped += t->skipped;
	to->skips += t->skips;
	to->skipped_bad += t->skipped_bad;
	to->not_run += t->not_run;
	to->cannot_run += t->cannot_run;
	to->bad_cases += t->bad_cases;
	to->failed_cases += t->failed_cases;
	to->error_cases += t->error_cases;
	to->failures += t->failures;
	to->errors += t->errors;
	to->failure_attempts += t->failure_attempts;
	to->error_attempts += t->error_attempts;
	to->loose_failures += t->loose_failures;
	to->loose_errors += t->loose_errors;
	to->lost += t->lost;
}

void
rj_tally_close(struct rj_suite *s)
{
	tally_sum(&s->all, &s->own);
	s->bad_suites_all += s->all.bad_cases != 0;
	if (!s->up)
		return;
	tally_sum(&s->up->all, &s->all);
	s->up->bad_suites += s->all.bad_cases != 0;
	s->up->bad_suites_all += s->bad_suites_all;
	s->up->bare_suites += s->all.cases == 0;
}

/* What the counters would say, counted in one way. */
static struct counts
count(const struct rj_change *c, enum unit unit, enum split split,
    enum scope scope)
{
	const struct rj_tally *t =
	    scope == DIRECT || scope == SUITE_AS_ONE ? &c->own : &c->all;
	struct counts n;

	switch (unit) {
	case PER_CHILD:
		n = (struct counts){ t->failures, t->errors };
		break;
	case PER_ATTEMPT:
		n = (struct counts){ t->failure_attempts, t->error_attempts };
		break;
	default:
		n = (struct counts){ t->failed_cases, t->error_cases };
		break;
	}
	if (split != BY_TAG && split != ERRORS_IN_BOTH && unit == PER_CASE)
		n = (struct counts){ t->bad_cases, 0 };
	n.failures += t->loose_failures;
	n.errors += t->loose_errors;
	if (scope == SUITE_AS_ONE)
		n.failures += c->bad_suites;
	else if (scope == SUITE_AND_CASES)
		n.failures += c->bad_suites_all;
	switch (split) {
	case ALL_ERRORS:
		return (struct counts){ 0, n.failures + n.errors };
	case ALL_FAILURES:
		return (struct counts){ n.failures + n.errors, 0 };
	case IN_BOTH:
		n.failures += n.errors;
		return (struct counts){ n.failures, n.failures };
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

static struct counts
count_way(const struct rj_change *c, int way)
{
	return count(c, unit_of(way), split_of(way), scope_of(way));
}

static struct rj_change
as_read(const struct rj_suite *s)
{
	return (struct rj_change){
		.own = s->own,
		.all = s->all,
		.bad_suites = s->bad_suites,
		.bad_suites_all = s->bad_suites_all,
	};
}

bool
rj_counts_failures(const struct rj_suite *s)
{
	return s->said[RJ_FAILURES] >= 0 || s->said[RJ_ERRORS] >= 0;
}

static bool
fits(const struct rj_suite *s, struct counts n)
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
	struct rj_change c = as_read(s);
	bool attempts = may_count_attempts(s);
	uint64_t ways = 0;

	for (int way = 0; way < RJ_WAYS; way++)
		if ((attempts || unit_of(way) != PER_ATTEMPT) &&
		    fits(s, count_way(&c, way)))
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

/* The way that explains most suites, of those that fit `s`; -1: none does. */
static int
best_way(const struct rj_suite *s, const struct rj_votes *votes)
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

/* The way of a suite that none explains: that of most others. */
static int
common_way(const struct rj_votes *votes)
{
	int best = 0;

	for (int way = 1; way < RJ_WAYS; way++)
		if (is_admissible(votes, way) &&
		    votes->suites[way] > votes->suites[best])
			best = way;
	return best;
}

/* Moves a counter that is there; none goes below zero. */
static int64_t
moved(int64_t said, int64_t by)
{
	if (said < 0)
		return said;
	return said + by > 0 ? said + by : 0;
}

/* What fails as well may be counted among the skipped ones, or not. */
static int64_t
moved_skips(int64_t said, const struct rj_tally *was, const struct rj_tally *is)
{
	if (said == was->skipped - was->skipped_bad)
		return moved(said, rj_plain_count(is, RJ_SKIPPED_COUNT) - said);
	return moved(said, is->skipped - was->skipped);
}

/* What takes one below zero was counted in the other one by its producer. */
static void
settle(const struct rj_suite *s, struct counts by, int64_t out[RJ_COUNTERS])
{
	int64_t failures = s->said[RJ_FAILURES] + by.failures;
	int64_t errors = s->said[RJ_ERRORS] + by.errors;

	if (s->said[RJ_FAILURES] >= 0 && failures < 0)
		by.errors += failures;
	if (s->said[RJ_ERRORS] >= 0 && errors < 0)
		by.failures += errors;
	out[RJ_FAILURES] = moved(s->said[RJ_FAILURES], by.failures);
	out[RJ_ERRORS] = moved(s->said[RJ_ERRORS], by.errors);
}

bool
rj_change_counters(struct rj_suite *s, const struct rj_votes *votes)
{
	struct rj_change before = as_read(s), *after = s->change;
	const struct rj_tally *was = &before.all, *is = &after->all;
	int64_t *out = after->counters;
	int way = best_way(s, votes);
	bool explained = way >= 0;
	struct counts old, new;

	if (!explained)
		way = common_way(votes);
	old = count_way(&before, way);
	new = count_way(after, way);
	if (explained &&
	    is->bad_cases + is->loose_failures + is->loose_errors == 0)
		new = (struct counts){ 0, 0 };
	settle(s,
	    (struct counts){
		new.failures - old.failures, new.errors - old.errors },
	    out);
	if (scope_by_tests(s, scope_of(way)) == DIRECT) {
		was = &before.own;
		is = &after->own;
	}
	out[RJ_TESTS] = moved(s->said[RJ_TESTS], is->cases - was->cases);
	out[RJ_SKIPPED_COUNT] = moved_skips(s->said[RJ_SKIPPED_COUNT], was, is);
	out[RJ_DISABLED] =
	    moved(s->said[RJ_DISABLED], is->not_run - was->not_run);
	return explained || same_counts(old, new);
}

struct rj_change *
rj_change_open(struct rj_suite *s, struct rj_arena *a)
{
	if (!s->change) {
		s->change = rj_alloc(a, sizeof(*s->change));
		if (s->change)
			*s->change = as_read(s);
	}
	return s->change;
}

bool
rj_change_case(struct rj_suite *suite, struct rj_arena *a,
    const struct rj_case *was, const struct rj_case *is)
{
	for (struct rj_suite *s = suite; s; s = s->up) {
		struct rj_change *c = rj_change_open(s, a);

		if (!c)
			return false;
		if (was)
			rj_tally_add(&c->all, was, -1);
		if (is)
			rj_tally_add(&c->all, is, 1);
		if (s != suite)
			continue;
		if (was)
			rj_tally_add(&c->own, was, -1);
		if (is)
			rj_tally_add(&c->own, is, 1);
	}
	return true;
}

void
rj_change_close(struct rj_suite *suite)
{
	int64_t by =
	    (suite->change->all.bad_cases != 0) - (suite->all.bad_cases != 0);

	if (by == 0)
		return;
	for (struct rj_suite *s = suite; s; s = s->up)
		s->change->bad_suites_all += by;
	if (suite->up)
		suite->up->change->bad_suites += by;
}

int64_t
rj_plain_count(const struct rj_tally *t, int counter)
{
	switch (counter) {
	case RJ_TESTS:
		return t->cases;
	case RJ_FAILURES:
		return t->failed_cases + t->loose_failures;
	case RJ_ERRORS:
		return t->error_cases + t->loose_errors;
	case RJ_SKIPPED_COUNT:
		return t->skipped - t->skipped_bad;
	default:
		return t->not_run;
	}
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

void
rj_change_recount(struct rj_suite *s)
{
	for (int i = 0; i < RJ_COUNTERS; i++)
		s->change->counters[i] =
		    s->said[i] < 0 ? -1 : rj_plain_count(&s->change->all, i);
	s->change->recounted = true;
}

int
rj_counter_named(struct rj_str name)
{
	static const struct {
		const char *name;
		enum rj_counter counter;
	} counters[] = {
		{ "tests", RJ_TESTS },
		{ "failures", RJ_FAILURES },
		{ "errors", RJ_ERRORS },
		{ "skipped", RJ_SKIPPED_COUNT },
		{ "skips", RJ_SKIPPED_COUNT },
		{ "skip", RJ_SKIPPED_COUNT },
		{ "disabled", RJ_DISABLED },
	};

	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		if (rj_str_eq(name, rj_str(counters[i].name)))
			return (int)counters[i].counter;
	return -1;
}

int64_t
rj_counter_after(const struct rj_suite *s, struct rj_str name, int64_t n)
{
	int c = s->change ? rj_counter_named(name) : -1;

	if (c < 0)
		return n;
	if (s->change->recounted && n >= 0)
		return s->change->counters[c];
	return moved(n, s->change->counters[c] - s->said[c]);
}
