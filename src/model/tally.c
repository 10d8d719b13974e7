#include "model/case.h"

struct rj_sums
rj_sums_of(const struct rj_suite *s)
{
	return (struct rj_sums){
		.own = s->own,
		.all = s->all,
		.bad_suites = s->bad_suites,
		.bad_suites_all = s->bad_suites_all,
	};
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
	bool bad = rejunit_is_bad(c->outcome);

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
