#include "verdict.h"

#include "identity.h"

/* Of more cases than this, a file may be missed, and all stays red. */
#define FILES_MAX 64

bool
rj_sight(
    struct rj_ledger *l, struct rejunit_decision *d, const struct rj_case *c)
{
	struct rj_sighting *s = rj_alloc(l->plan->arena, sizeof(*s));

	if (!s)
		return false;
	s->at = c;
	*d->tail = s;
	d->tail = &s->next;
	return true;
}

void
rj_set_outcome(struct rj_ledger *l, struct rj_slot *s, enum rejunit_verdict v)
{
	l->bad -= rj_is_bad(s->outcome);
	l->bad += rj_is_bad(v);
	s->outcome = v;
}

struct rejunit_decision *
rj_decision_of(const struct rj_slot *s)
{
	struct rejunit_decision *d = s->decision;

	while (d->into)
		d = d->into;
	return d;
}

/* Bad before passed before skipped; of two bad ones the first stays. */
static enum rejunit_verdict
worse(enum rejunit_verdict a, enum rejunit_verdict b)
{
	static const int rank[] = {
		[REJUNIT_ABSENT] = 0,
		[REJUNIT_SKIPPED] = 1,
		[REJUNIT_PASSED] = 2,
		[REJUNIT_FAILED] = 3,
		[REJUNIT_ERROR] = 3,
	};

	return rank[b] > rank[a] ? b : a;
}

/* Slots that cannot be told apart share one decision: the first one's. */
void
rj_join(struct rj_slot **slots, size_t n)
{
	struct rejunit_decision *to = rj_decision_of(slots[0]);
	bool joined = false;

	for (size_t i = 1; i < n; i++) {
		struct rejunit_decision *d = rj_decision_of(slots[i]);

		if (d == to)
			continue;
		joined = true;
		d->into = to;
		*to->tail = d->sightings;
		to->tail = d->tail;
		/* what became of the failure says most */
		if (to->reason == REJUNIT_UNCHANGED ||
		    (rj_is_bad(d->before) && !rj_is_bad(to->before)))
			to->reason = d->reason;
		if (rj_is_bad(d->before) && !rj_is_bad(to->before))
			to->slot = d->slot;
		to->before = worse(to->before, d->before);
		to->after = worse(to->after, d->after);
		if (to->flaky == REJUNIT_NOT_FLAKY)
			to->flaky = d->flaky;
	}
	if (!rj_is_bad(to->after))
		return;
	/* one entry passes, another does not: that is not one flaky test */
	if (joined &&
	    (to->before == REJUNIT_PASSED || to->before == REJUNIT_SKIPPED ||
		to->reason == REJUNIT_RECOVERED ||
		to->reason == REJUNIT_REGRESSED))
		to->reason = REJUNIT_AMBIGUOUS;
	to->flaky = REJUNIT_NOT_FLAKY;
}

enum state {
	PASSED,
	BAD,
	SKIPPED,
	MISSING,
	STATES
};

enum act {
	KEEP,
	RECOVER,
	REGRESS,
	FAIL_AGAIN,
	SKIP_AGAIN,
	RUN_FIRST,
	FAIL_FIRST,
};

/* What stands by now, down; what the rerun says, across. */
/* clang-format off */
static const enum act rule[STATES][STATES] = {
	/*             passed     bad         skipped     missing */
	[PASSED]  = { KEEP,      REGRESS,    KEEP,       KEEP },
	[BAD]     = { RECOVER,   FAIL_AGAIN, SKIP_AGAIN, KEEP },
	[SKIPPED] = { RUN_FIRST, FAIL_FIRST, KEEP,       KEEP },
};
/* clang-format on */

static enum state
state_of(enum rejunit_verdict v)
{
	switch (v) {
	case REJUNIT_PASSED:
		return PASSED;
	case REJUNIT_FAILED:
	case REJUNIT_ERROR:
		return BAD;
	case REJUNIT_SKIPPED:
		return SKIPPED;
	default:
		return MISSING;
	}
}

/* The entries of one test on both sides, as a decision sees them. */
struct group {
	struct rj_slot **slots;
	size_t n_slots;
	struct rj_case **cases;
	size_t n_cases;
	enum rejunit_verdict before; /* the worst of the slots */
	enum rejunit_verdict after; /* the worst of the cases */
	const struct rj_case *pass; /* the first passing one */
	size_t executed;
	size_t bad_slots;
	size_t bad_executions; /* phases of one execution count once */
	bool all_bad; /* nothing that was executed passed */
	bool contradicted; /* by the files that the entries name */
};

#define BAD_MARKS (RJ_HAS_FAILURE | RJ_HAS_ERROR)

/* Of two that are bad, one has a failure and the other one an error. */
static bool
complete_each_other(unsigned int marks, unsigned int other)
{
	return marks && other && (marks ^ other) == BAD_MARKS;
}

bool
rj_are_phases(const struct rj_case *a, const struct rj_case *b)
{
	return a->suite == b->suite && !rj_files_differ(a, b) &&
	       complete_each_other(a->marks & BAD_MARKS, b->marks & BAD_MARKS);
}

/* The failures that a bad slot shows by now. */
static unsigned int
bad_marks(const struct rj_slot *s)
{
	return (s->n_fill ? s->fill[0] : s->base)->marks & BAD_MARKS;
}

static bool
are_phases(const struct rj_slot *a, const struct rj_slot *b)
{
	return a->base->suite == b->base->suite &&
	       !rj_files_differ(a->base, b->base) &&
	       complete_each_other(bad_marks(a), bad_marks(b));
}

static void
survey(struct group *g)
{
	const struct rj_slot *bad[2] = { NULL, NULL };
	size_t passed = 0;

	g->before = g->after = REJUNIT_ABSENT;
	for (size_t i = 0; i < g->n_slots; i++) {
		enum rejunit_verdict v = g->slots[i]->outcome;

		g->before = worse(g->before, v);
		if (rj_is_bad(v) && g->bad_slots++ < 2)
			bad[g->bad_slots - 1] = g->slots[i];
		passed += v == REJUNIT_PASSED;
	}
	g->bad_executions = g->bad_slots;
	if (g->bad_slots == 2 && are_phases(bad[0], bad[1]))
		g->bad_executions = 1;
	for (size_t i = 0; i < g->n_cases; i++) {
		struct rj_case *c = g->cases[i];

		g->after = worse(g->after, c->outcome);
		g->executed += c->outcome != REJUNIT_SKIPPED;
		passed += c->outcome == REJUNIT_PASSED;
		if (c->outcome == REJUNIT_PASSED && !g->pass)
			g->pass = c;
	}
	g->all_bad = passed == 0;
}

/* Whether some bad slot names a file, and every case another one. */
static void
check_files(struct group *g)
{
	for (size_t i = 0; i < g->n_slots && !g->contradicted; i++) {
		const struct rj_slot *s = g->slots[i];
		size_t k = 0;

		if (!rj_is_bad(s->outcome))
			continue;
		while (k < g->n_cases && k < FILES_MAX &&
		       rj_files_differ(s->base, g->cases[k]))
			k++;
		g->contradicted = k == g->n_cases || k == FILES_MAX;
	}
}

/* No two tests of one name stand in a suite that is all of one class. */
static bool
is_suite_of_class(const struct rj_case *c)
{
	struct rj_str suite = c->suite->name, class = c->classname;
	size_t before = suite.n - class.n;

	/* gotestsum may shorten a package to its last component */
	return class.n && rj_str_ends(suite, class) &&
	       (before == 0 || suite.s[before - 1] == '/');
}

bool
rj_is_attempt(const struct rj_case *a, const struct rj_case *b)
{
	/* pytest's plugins list attempts one behind the other */
	return a->suite == b->suite && rj_str_eq(a->file, b->file) &&
	       (is_suite_of_class(b) ||
		   (rj_str_eq(b->suite->name, RJ_STR("pytest")) &&
		       a->nth + 1 == b->nth));
}

static bool
are_attempts(const struct group *g)
{
	for (size_t i = 1; i < g->n_slots; i++)
		if (!rj_is_attempt(g->slots[i - 1]->base, g->slots[i]->base))
			return false;
	return true;
}

/*
 * One by one, what stands where the bad ones stood has passed. Only of one
 * class can it be said that both runs list its tests in one order.
 */
static bool
passed_in_order(const struct group *g)
{
	for (size_t i = 0; i < g->n_slots; i++) {
		const struct rj_case *was = g->slots[i]->base;
		const struct rj_case *is = g->cases[i];

		if (was->suite != g->slots[0]->base->suite ||
		    is->suite != g->cases[0]->suite ||
		    !is_suite_of_class(was) ||
		    (rj_is_bad(g->slots[i]->outcome) &&
			is->outcome != REJUNIT_PASSED))
			return false;
	}
	return true;
}

/* Whether what passed in the rerun may be others than those that failed. */
static bool
is_in_doubt(const struct group *g)
{
	size_t others = g->n_slots - g->bad_slots;

	if (g->executed < g->bad_executions || g->contradicted)
		return true;
	if (g->executed >= g->bad_executions + others)
		return false;
	if (g->n_cases == g->n_slots)
		return !passed_in_order(g);
	return g->executed < g->n_cases || !are_attempts(g);
}

/*
 * What failed in the rerun may be a test that was not there, or was skipped:
 * the run has more tests of the name, or fewer that are skipped.
 */
static bool
may_be_new(const struct group *g)
{
	size_t tests = g->n_cases, skipped = 0;

	for (size_t i = 1; i < g->n_cases; i++)
		tests -= rj_is_attempt(g->cases[i - 1], g->cases[i]) ||
			 rj_are_phases(g->cases[i - 1], g->cases[i]);
	for (size_t i = 0; i < g->n_slots; i++)
		skipped += g->slots[i]->outcome == REJUNIT_SKIPPED;
	return tests > g->n_slots || g->n_cases - g->executed < skipped;
}

static void
recover(struct rj_ledger *l, struct group *g, struct rejunit_decision *d)
{
	for (size_t i = 0; i < g->n_slots; i++) {
		if (!rj_is_bad(g->slots[i]->outcome))
			continue;
		g->slots[i]->pass = g->pass;
		rj_set_outcome(l, g->slots[i], REJUNIT_PASSED);
	}
	d->after = REJUNIT_PASSED;
	d->reason = REJUNIT_RECOVERED;
	d->flaky = REJUNIT_FLAKY_RECOVERED;
}

/* The slot that a later failure belongs to: of two phases, its own kind's. */
static struct rj_slot *
slot_for(const struct group *g, enum rejunit_verdict kind)
{
	struct rj_slot *found = NULL;

	for (size_t i = 0; i < g->n_slots; i++) {
		struct rj_slot *s = g->slots[i];

		if (rj_is_bad(s->outcome) &&
		    (!found || (found->outcome != kind && s->outcome == kind)))
			found = s;
	}
	return found;
}

static bool
append_later(struct rj_ledger *l, struct group *g)
{
	struct rj_slot *failed = slot_for(g, REJUNIT_FAILED);
	struct rj_slot *error = slot_for(g, REJUNIT_ERROR);

	for (size_t i = 0; i < g->n_cases; i++) {
		struct rj_later *later;
		struct rj_slot *s;

		if (!rj_is_bad(g->cases[i]->outcome))
			continue;
		later = rj_alloc(l->plan->arena, sizeof(*later));
		if (!later)
			return false;
		later->at = g->cases[i];
		s = later->at->outcome == REJUNIT_ERROR ? error : failed;
		*s->later_tail = later;
		s->later_tail = &later->next;
	}
	return true;
}

/* The rerun's failures take the place of <skipped>. */
static bool
fail_first(struct rj_ledger *l, struct group *g, struct rejunit_decision *d)
{
	struct rj_slot *s = g->slots[0];

	s->fill = rj_alloc_n(l->plan->arena, g->n_cases, sizeof(*s->fill));
	if (!s->fill)
		return false;
	for (size_t i = 0; i < g->n_cases; i++)
		if (rj_is_bad(g->cases[i]->outcome))
			s->fill[s->n_fill++] = g->cases[i];
	rj_set_outcome(l, s, g->after);
	d->after = g->after;
	d->reason = REJUNIT_FIRST_RUN;
	return true;
}

static void
run_first(struct rj_ledger *l, struct group *g, struct rejunit_decision *d)
{
	for (size_t i = 0; i < g->n_slots; i++) {
		g->slots[i]->pass = g->pass;
		rj_set_outcome(l, g->slots[i], REJUNIT_PASSED);
	}
	d->after = REJUNIT_PASSED;
	d->reason = REJUNIT_FIRST_RUN;
}

static bool
act_on(struct rj_ledger *l, struct group *g, struct rejunit_decision *d)
{
	d->unplaced = d->unplaced && g->after != REJUNIT_PASSED;
	switch (rule[state_of(g->before)][state_of(g->after)]) {
	case RECOVER:
		if (g->n_slots > 1 && is_in_doubt(g))
			d->reason = REJUNIT_AMBIGUOUS;
		else
			recover(l, g, d);
		return true;
	case REGRESS:
		d->unplaced = may_be_new(g);
		if (g->n_slots > 1 || d->unplaced) {
			d->reason = REJUNIT_AMBIGUOUS;
		} else if (d->flaky != REJUNIT_FLAKY_RECOVERED) {
			d->reason = REJUNIT_REGRESSED;
			d->flaky = REJUNIT_FLAKY_REGRESSED;
		}
		return true;
	case FAIL_AGAIN:
		d->reason =
		    g->all_bad ? REJUNIT_STILL_FAILING : REJUNIT_AMBIGUOUS;
		return !l->append_reruns || append_later(l, g);
	case SKIP_AGAIN:
		if (d->reason == REJUNIT_NOT_RERUN)
			d->reason = REJUNIT_SKIPPED_IN_RERUN;
		return true;
	case RUN_FIRST:
		if (g->n_slots > 1 && g->executed < g->n_slots)
			d->reason = REJUNIT_AMBIGUOUS;
		else
			run_first(l, g, d);
		return true;
	case FAIL_FIRST:
		return fail_first(l, g, d);
	default:
		return true;
	}
}

bool
rj_decide(struct rj_ledger *l, struct rj_slot **slots, size_t n_slots,
    struct rj_case **cases, size_t n_cases)
{
	struct group g = {
		.slots = slots,
		.n_slots = n_slots,
		.cases = cases,
		.n_cases = n_cases,
	};
	struct rejunit_decision *d;

	rj_join(slots, n_slots);
	d = rj_decision_of(slots[0]);
	survey(&g);
	check_files(&g);
	for (size_t i = 0; i < n_cases; i++)
		if (!rj_sight(l, d, cases[i]))
			return false;
	if (!act_on(l, &g, d))
		return false;
	for (size_t i = 0; i < n_cases; i++)
		if (d->flaky == REJUNIT_NOT_FLAKY &&
		    d->after == REJUNIT_PASSED && g.after == REJUNIT_PASSED &&
		    cases[i]->marks & RJ_HAS_FLAKY)
			d->flaky = REJUNIT_FLAKY_REPORTED;
	return true;
}
