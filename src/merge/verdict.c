#include "merge/verdict.h"

#include "model/dialect.h"

enum rejunit_verdict
rj_worse(enum rejunit_verdict a, enum rejunit_verdict b)
{
	static const int rank[] = {
		[REJUNIT_ABSENT] = 0,
		[REJUNIT_SKIPPED] = 1,
		[REJUNIT_UNKNOWN] = 2,
		[REJUNIT_PASSED] = 3,
		[REJUNIT_FAILED] = 4,
		[REJUNIT_ERROR] = 4,
	};

	return rank[b] > rank[a] ? b : a;
}

/* --- facts ---------------------------------------------------------------- */

/* What the entries of one test come to. */
struct test {
	size_t bad;
	bool failed; /* and a teardown may follow */
	bool idle;
};

/* The executions that failed, by test: a failure and its teardown are one. */
static void
look_at_tests(const struct rj_cell *cell, const unsigned int *number,
    struct test *test, struct rj_facts *f)
{
	for (size_t i = 0; i < f->tests; i++)
		test[i].idle = true;
	for (size_t i = 0; i < cell->n_slots; i++) {
		const struct rj_slot *s = cell->slots[i];
		struct test *t = &test[number[i]];
		bool is_teardown = s->base->marks & RJ_IS_TEARDOWN;

		if (rejunit_is_bad(s->outcome))
			t->bad += !(is_teardown && t->failed);
		t->failed = rejunit_is_bad(s->outcome) && !is_teardown;
		t->idle = t->idle && s->outcome != REJUNIT_PASSED &&
			  !rejunit_is_bad(s->outcome);
		f->some_pass = f->some_pass || s->outcome == REJUNIT_PASSED;
		f->before = rj_worse(f->before, s->outcome);
	}
	for (size_t i = 0; i < f->tests; i++) {
		f->bad += test[i].bad;
		f->idle += test[i].idle;
	}
}

static bool
keeps_order(const struct rj_cell *cell)
{
	const struct rj_suite *a = cell->slots[0]->base->suite;
	const struct rj_suite *b = cell->cases[0]->suite;

	if (cell->n_slots != cell->n_cases || !rj_dialect_of(a)->keeps_order)
		return false;
	for (size_t i = 0; i < cell->n_slots; i++)
		if (cell->slots[i]->base->suite != a ||
		    cell->cases[i]->suite != b)
			return false;
	return true;
}

/* One by one, what stands where the bad ones stood has passed. */
static bool
passed_in_order(const struct rj_cell *cell)
{
	bool some = false;

	if (!keeps_order(cell))
		return false;
	for (size_t i = 0; i < cell->n_slots; i++) {
		if (!rejunit_is_bad(cell->slots[i]->outcome))
			continue;
		if (cell->cases[i]->outcome != REJUNIT_PASSED)
			return false;
		some = true;
	}
	return some;
}

static void
look_at_run(const struct rj_cell *cell, struct rj_facts *f)
{
	f->run = cell->n_cases;
	f->strangers = cell->strangers;
	for (size_t i = 0; i < cell->n_cases; i++) {
		switch (cell->cases[i]->outcome) {
		case REJUNIT_PASSED:
			f->run_passed++;
			f->some_pass = true;
			break;
		case REJUNIT_SKIPPED:
			f->run_skipped++;
			break;
		case REJUNIT_UNKNOWN:
			f->run_unknown++;
			break;
		default:
			f->run_bad++;
			break;
		}
	}
}

/*
 * The tests that a run may have run again, and how many passes it takes for all
 * of them to be among these.
 */
static void
count_needed(
    const struct rj_matching *how, const struct test *test, struct rj_facts *f)
{
	bool only_bad =
	    how->assume & REJUNIT_ASSUME_FAILURES_ONLY && f->bad > 0;

	for (size_t i = 0; i < f->tests; i++) {
		f->may_run += test[i].bad || !only_bad;
		f->passes_needed += test[i].bad ? test[i].bad : !only_bad;
	}
}

bool
rj_facts_of(const struct rj_matching *how, const struct rj_cell *cell,
    size_t extra, struct rj_arena *scratch, struct rj_facts *f)
{
	size_t slots = cell->n_slots, n = slots + cell->n_cases;
	unsigned int *number = rj_alloc_n(scratch, n, sizeof(*number));
	const struct rj_case **entry = rj_alloc_n(scratch, n, sizeof(*entry));
	struct test *test = rj_alloc_n(scratch, slots, sizeof(*test));

	*f = (struct rj_facts){ .entries = slots,
		.extra = extra,
		.contradicted = cell->contradicted };
	if (!number || !entry || !test)
		return false;
	for (size_t i = 0; i < slots; i++)
		entry[i] = cell->slots[i]->base;
	for (size_t i = 0; i < cell->n_cases; i++)
		entry[slots + i] = cell->cases[i];
	if (!rj_number_tests(how, entry, slots, number, &f->tests) ||
	    !rj_number_tests(how, entry + slots, cell->n_cases, number + slots,
		&f->run_tests))
		return false;
	look_at_tests(cell, number, test, f);
	look_at_run(cell, f);
	count_needed(how, test, f);
	f->passes_needed += extra;
	f->in_order = passed_in_order(cell);
	return true;
}

/* --- the rule ---------------------------------------------------------- */

/* What the table asks of the facts. */
enum question {
	BAD = 1 << 0, /* the worst before */
	PASSED = 1 << 1,
	UNKNOWN = 1 << 2,
	SKIPPED = 1 << 3,
	SOME_PASS = 1 << 4, /* on either side */
	RUN_BAD = 1 << 5,
	RUN_PASSED = 1 << 6,
	RUN_UNKNOWN = 1 << 7,
	RUN_SKIPPED = 1 << 8,
	ALL_PASSED = 1 << 9, /* all tests ran, and nothing but passed */
	ONE = 1 << 10, /* one entry, and one in the run */
};

/* All tests of the cell are among what the run passed, or their places are. */
static bool
have_all_passed(const struct rj_facts *f)
{
	/* attempts at one test are many executions, twins as many tests */
	size_t ran = f->tests == 1 ? f->run : f->run_tests;

	if (f->contradicted || f->run_bad)
		return false;
	return f->in_order || (f->run_passed == f->run &&
				  ran >= f->passes_needed + f->strangers);
}

static unsigned int
answers(const struct rj_facts *f)
{
	static const unsigned int before[] = {
		[REJUNIT_PASSED] = PASSED,
		[REJUNIT_FAILED] = BAD,
		[REJUNIT_ERROR] = BAD,
		[REJUNIT_SKIPPED] = SKIPPED,
		[REJUNIT_UNKNOWN] = UNKNOWN,
	};
	unsigned int a = before[f->before];

	a |= f->some_pass ? SOME_PASS : 0;
	a |= f->run_bad ? RUN_BAD : 0;
	a |= f->run_passed ? RUN_PASSED : 0;
	a |= f->run_unknown ? RUN_UNKNOWN : 0;
	a |= f->run_skipped ? RUN_SKIPPED : 0;
	a |= have_all_passed(f) ? ALL_PASSED : 0;
	a |= f->entries == 1 && f->run_tests == 1 && !f->contradicted ? ONE : 0;
	return a;
}

/* The first row all of whose questions are answered with yes. */
/* clang-format off */
static const struct {
	unsigned int questions;
	enum rejunit_reason reason;
	enum rj_act act;
} table[] = {
	{ BAD | RUN_BAD | SOME_PASS, REJUNIT_AMBIGUOUS,        RJ_FAIL_AGAIN },
	{ BAD | RUN_BAD,             REJUNIT_STILL_FAILING,    RJ_FAIL_AGAIN },
	{ BAD | ALL_PASSED,          REJUNIT_RECOVERED,        RJ_RECOVER },
	{ BAD | RUN_PASSED,          REJUNIT_AMBIGUOUS,        RJ_NOTE },
	{ BAD | RUN_UNKNOWN,         REJUNIT_UNKNOWN_IN_RERUN, RJ_NOTE },
	{ BAD | RUN_SKIPPED,         REJUNIT_SKIPPED_IN_RERUN, RJ_NOTE },
	{ PASSED | RUN_BAD | ONE,    REJUNIT_REGRESSED,        RJ_REGRESS },
	{ PASSED | RUN_BAD,          REJUNIT_AMBIGUOUS,        RJ_NOTE },
	{ UNKNOWN | RUN_BAD,         REJUNIT_FIRST_RUN,        RJ_FAIL_FIRST },
	{ SKIPPED | RUN_BAD,         REJUNIT_FIRST_RUN,        RJ_FAIL_FIRST },
	{ SKIPPED | ALL_PASSED,      REJUNIT_FIRST_RUN,        RJ_PASS_FIRST },
	{ SKIPPED | RUN_PASSED,      REJUNIT_AMBIGUOUS,        RJ_NOTE },
	{ 0,                         REJUNIT_UNCHANGED,        RJ_KEEP },
};
/* clang-format on */

struct rj_verdict
rj_verdict_on(const struct rj_facts *f)
{
	unsigned int given = answers(f);
	struct rj_verdict v = { 0 };
	size_t i = 0;

	while ((table[i].questions & given) != table[i].questions)
		i++;
	v.act = table[i].act;
	v.reason = table[i].reason;
	v.proved = given & ALL_PASSED;
	v.extra = f->run_tests > f->may_run ? f->run_tests - f->may_run : 0;
	/* a failure may be of a test that was idle, or that was not there */
	v.unplaced = f->run_bad && (v.extra || f->extra || f->contradicted ||
				       f->idle > (v.act == RJ_FAIL_FIRST));
	return v;
}
