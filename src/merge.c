#include "plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More canonically equal names than this are not worth telling apart. */
#define FORMS_MAX 16

/* One identity: where it stands by now, and what the current run says. */
struct test {
	struct rj_str key;
	struct form *form; /* NULL: nothing else normalises to it */
	struct test *next_form;
	struct test *next; /* of all */
	struct test *queued; /* of those that the current run has */
	struct rj_slot *slots;
	struct rj_slot **slots_tail;
	size_t n_slots;
	unsigned int run;
	struct rj_case *cases;
	struct rj_case **cases_tail;
	size_t n_cases;
};

/* Identities with one normalised form. */
struct form {
	struct test *tests;
	size_t n;
};

/* Suites of one path, in document order. */
struct place {
	struct rj_suite *suite;
	struct place *next;
};

struct phantom {
	struct phantom *next;
	struct rj_slot *slot;
	struct rj_slot *first; /* the first case of its module in a run */
	bool executed;
};

struct merge {
	struct rj_plan *plan;
	struct rj_arena *arena;
	struct rj_arena scratch;
	struct rj_report *reports;
	struct rj_overlap *overlap;
	const struct rj_merge_options *opt;
	struct rejunit_error *err;
	unsigned int fields;
	size_t room; /* for slots */
	size_t bad; /* bad cases as things stand */
	struct rj_map tests;
	struct rj_map forms;
	struct rj_map places;
	struct test *all;
	struct test **all_tail;
	struct phantom *phantoms;
	size_t n_new; /* suites that the plan adds */
};

bool
rj_plan_warn(struct rj_plan *plan, const char *fmt, ...)
{
	struct rj_warning *w = rj_alloc(plan->arena, sizeof(*w));
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!w || !rj_alloc_str(plan->arena, rj_str(text), &w->text))
		return false;
	if (!plan->warnings_tail)
		plan->warnings_tail = &plan->warnings;
	*plan->warnings_tail = w;
	plan->warnings_tail = &w->next;
	return true;
}

void
rj_plan_free(struct rj_plan *plan)
{
	free(plan->slots);
	free(plan->decisions);
	free(plan->suites);
	plan->slots = NULL;
	plan->decisions = NULL;
	plan->suites = NULL;
}

bool
rj_slot_is_touched(const struct rj_slot *slot)
{
	return slot->pass || slot->fill || slot->later || slot->collection ||
	       slot->retired;
}

static enum rejunit_status
no_memory(struct merge *m)
{
	return rj_fail_memory(m->err);
}

/* --- identities --------------------------------------------------------- */

static bool
join_form(struct merge *m, struct test *t, struct rj_str normal)
{
	struct form *f = rj_map_get(&m->forms, normal);

	if (!f) {
		f = rj_alloc(m->arena, sizeof(*f));
		if (!f || !rj_alloc_str(m->arena, normal, &normal) ||
		    !rj_map_put(&m->forms, normal, f))
			return false;
	}
	t->form = f;
	t->next_form = f->tests;
	f->tests = t;
	f->n++;
	return true;
}

/* ASCII is its own normal form, and seldom anything else's. */
static bool
find_form(struct merge *m, struct test *t)
{
	struct rj_buf normal = { 0 };
	struct test *plain;
	bool ok;

	if (rj_is_ascii(t->key))
		return !rj_map_get(&m->forms, t->key) ||
		       join_form(m, t, t->key);
	ok = rj_nfc(&normal, t->key) && join_form(m, t, rj_buf_str(&normal));
	if (ok) {
		plain = rj_map_get(&m->tests, rj_buf_str(&normal));
		if (plain && !plain->form)
			ok = join_form(m, plain, plain->key);
	}
	rj_buf_free(&normal);
	return ok;
}

static struct test *
find_test(struct merge *m, const struct rj_case *c)
{
	struct rj_buf key = { 0 };
	struct test *t = NULL;

	if (!rj_key(&key, c, m->fields))
		goto out;
	t = rj_map_get(&m->tests, rj_buf_str(&key));
	if (t)
		goto out;
	t = rj_alloc(m->arena, sizeof(*t));
	if (!t)
		goto out;
	t->slots_tail = &t->slots;
	if (!rj_alloc_str(m->arena, rj_buf_str(&key), &t->key) ||
	    !rj_map_put(&m->tests, t->key, t) || !find_form(m, t)) {
		t = NULL;
		goto out;
	}
	*m->all_tail = t;
	m->all_tail = &t->next;
out:
	rj_buf_free(&key);
	return t;
}

/* --- slots and decisions ------------------------------------------------ */

static bool
sight(struct merge *m, struct rejunit_decision *d, const struct rj_case *c)
{
	struct rj_sighting *s = rj_alloc(m->arena, sizeof(*s));

	if (!s)
		return false;
	s->at = c;
	*d->tail = s;
	d->tail = &s->next;
	return true;
}

static bool
is_collection_error(const struct rj_case *c)
{
	return c->classname.n == 0 && rj_is_bad(c->outcome) && c->children &&
	       c->child[0].is_collection;
}

static bool
add_slot(struct merge *m, struct test *t, const struct rj_case *c)
{
	struct rj_slot *s = rj_alloc(m->arena, sizeof(*s));
	struct rejunit_decision *d = rj_alloc(m->arena, sizeof(*d));
	bool bad = rj_is_bad(c->outcome);

	if (!s || !d)
		return false;
	s->base = c;
	s->outcome = c->outcome;
	s->later_tail = &s->later;
	s->added = c->run > 0;
	s->decision = d;
	d->slot = s;
	d->tail = &d->sightings;
	d->before = s->added ? REJUNIT_ABSENT : c->outcome;
	d->after = c->outcome;
	d->reason = s->added ? REJUNIT_NEW
		    : bad    ? REJUNIT_NOT_RERUN
			     : REJUNIT_UNCHANGED;
	if (c->outcome == REJUNIT_PASSED && c->marks & RJ_HAS_FLAKY)
		d->flaky = REJUNIT_FLAKY_REPORTED;
	if (!sight(m, d, c))
		return false;
	if (m->plan->n == m->room) {
		size_t room = m->room ? m->room * 2 : 64;
		void *p = realloc(m->plan->slots, room * sizeof(s));

		if (!p)
			return false;
		m->plan->slots = p;
		m->room = room;
	}
	m->plan->slots[m->plan->n++] = s;
	*t->slots_tail = s;
	t->slots_tail = &s->next;
	t->n_slots++;
	m->bad += bad;
	if (is_collection_error(c)) {
		struct phantom *p = rj_alloc(m->arena, sizeof(*p));

		if (!p)
			return false;
		p->slot = s;
		p->next = m->phantoms;
		m->phantoms = p;
	}
	return true;
}

static void
set_outcome(struct merge *m, struct rj_slot *s, enum rejunit_verdict v)
{
	m->bad -= rj_is_bad(s->outcome);
	m->bad += rj_is_bad(v);
	s->outcome = v;
}

static struct rejunit_decision *
decision_of(const struct rj_slot *s)
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
static void
join(struct rj_slot **slots, size_t n)
{
	struct rejunit_decision *to = decision_of(slots[0]);

	for (size_t i = 1; i < n; i++) {
		struct rejunit_decision *d = decision_of(slots[i]);

		if (d == to)
			continue;
		d->into = to;
		*to->tail = d->sightings;
		to->tail = d->tail;
		if (rj_is_bad(d->before) && !rj_is_bad(to->before))
			to->slot = d->slot;
		to->before = worse(to->before, d->before);
		to->after = worse(to->after, d->after);
		if (to->reason == REJUNIT_UNCHANGED)
			to->reason = d->reason;
		if (to->flaky == REJUNIT_NOT_FLAKY)
			to->flaky = d->flaky;
	}
	if (rj_is_bad(to->after) && to->flaky == REJUNIT_FLAKY_REPORTED)
		to->flaky = REJUNIT_NOT_FLAKY;
}

/* --- the one rule of verdicts ------------------------------------------- */

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
static const enum act rule[][STATES] = {
	/*             passed     bad         skipped     missing */
	[PASSED] = { KEEP, REGRESS, KEEP, KEEP },
	[BAD] = { RECOVER, FAIL_AGAIN, SKIP_AGAIN, KEEP },
	[SKIPPED] = { RUN_FIRST, FAIL_FIRST, KEEP, KEEP },
};

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
};

static void
survey(struct group *g)
{
	size_t failed = 0, errors = 0, passed = 0;

	g->before = g->after = REJUNIT_ABSENT;
	for (size_t i = 0; i < g->n_slots; i++) {
		enum rejunit_verdict v = g->slots[i]->outcome;

		g->before = worse(g->before, v);
		failed += v == REJUNIT_FAILED;
		errors += v == REJUNIT_ERROR;
		passed += v == REJUNIT_PASSED;
	}
	g->bad_slots = g->bad_executions = failed + errors;
	if (failed == 1 && errors == 1)
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

static void
recover(struct merge *m, struct group *g, struct rejunit_decision *d)
{
	for (size_t i = 0; i < g->n_slots; i++) {
		if (!rj_is_bad(g->slots[i]->outcome))
			continue;
		g->slots[i]->pass = g->pass;
		set_outcome(m, g->slots[i], REJUNIT_PASSED);
		m->plan->turned++;
	}
	d->after = REJUNIT_PASSED;
	d->reason = REJUNIT_RECOVERED;
	d->flaky = REJUNIT_FLAKY_RECOVERED;
}

/* The slot that a later failure belongs to: of two phases, its own kind's. */
static struct rj_slot *
slot_for(const struct group *g, const struct rj_case *c)
{
	struct rj_slot *found = NULL;

	for (size_t i = 0; i < g->n_slots; i++) {
		struct rj_slot *s = g->slots[i];

		if (rj_is_bad(s->outcome) &&
		    (!found || (found->outcome != c->outcome &&
				   s->outcome == c->outcome)))
			found = s;
	}
	return found;
}

static bool
append_later(struct merge *m, struct group *g)
{
	for (size_t i = 0; i < g->n_cases; i++) {
		struct rj_later *l;
		struct rj_slot *s;

		if (!rj_is_bad(g->cases[i]->outcome))
			continue;
		l = rj_alloc(m->arena, sizeof(*l));
		if (!l)
			return false;
		l->at = g->cases[i];
		s = slot_for(g, l->at);
		*s->later_tail = l;
		s->later_tail = &l->next;
	}
	return true;
}

/* The rerun's failures take the place of <skipped>. */
static bool
fail_first(struct merge *m, struct group *g, struct rejunit_decision *d)
{
	struct rj_slot *s = g->slots[0];

	s->fill = rj_alloc_n(m->arena, g->n_cases, sizeof(*s->fill));
	if (!s->fill)
		return false;
	for (size_t i = 0; i < g->n_cases; i++)
		if (rj_is_bad(g->cases[i]->outcome))
			s->fill[s->n_fill++] = g->cases[i];
	set_outcome(m, s, g->after);
	d->after = g->after;
	d->reason = REJUNIT_FIRST_RUN;
	return true;
}

static void
run_first(struct merge *m, struct group *g, struct rejunit_decision *d)
{
	for (size_t i = 0; i < g->n_slots; i++) {
		g->slots[i]->pass = g->pass;
		set_outcome(m, g->slots[i], REJUNIT_PASSED);
	}
	d->after = REJUNIT_PASSED;
	d->reason = REJUNIT_FIRST_RUN;
}

static bool
act_on(struct merge *m, struct group *g, struct rejunit_decision *d)
{
	switch (rule[state_of(g->before)][state_of(g->after)]) {
	case RECOVER:
		if (g->n_slots > 1 && g->executed < g->bad_executions)
			d->reason = REJUNIT_AMBIGUOUS;
		else
			recover(m, g, d);
		return true;
	case REGRESS:
		if (g->n_slots > 1) {
			d->reason = REJUNIT_AMBIGUOUS;
		} else if (d->flaky != REJUNIT_FLAKY_RECOVERED) {
			d->reason = REJUNIT_REGRESSED;
			d->flaky = REJUNIT_FLAKY_REGRESSED;
		}
		return true;
	case FAIL_AGAIN:
		d->reason =
		    g->all_bad ? REJUNIT_STILL_FAILING : REJUNIT_AMBIGUOUS;
		return !m->opt->append_reruns || append_later(m, g);
	case SKIP_AGAIN:
		if (d->reason == REJUNIT_NOT_RERUN)
			d->reason = REJUNIT_SKIPPED_IN_RERUN;
		return true;
	case RUN_FIRST:
		if (g->n_slots > 1 && g->executed < g->n_slots)
			d->reason = REJUNIT_AMBIGUOUS;
		else
			run_first(m, g, d);
		return true;
	case FAIL_FIRST:
		return fail_first(m, g, d);
	default:
		return true;
	}
}

static bool
decide(struct merge *m, struct rj_slot **slots, size_t n_slots,
    struct rj_case **cases, size_t n_cases)
{
	struct group g = {
		.slots = slots,
		.n_slots = n_slots,
		.cases = cases,
		.n_cases = n_cases,
	};
	struct rejunit_decision *d;

	join(slots, n_slots);
	d = decision_of(slots[0]);
	survey(&g);
	for (size_t i = 0; i < n_cases; i++)
		if (!sight(m, d, cases[i]))
			return false;
	if (!act_on(m, &g, d))
		return false;
	for (size_t i = 0; i < n_cases; i++)
		if (d->flaky == REJUNIT_NOT_FLAKY &&
		    d->after == REJUNIT_PASSED && g.after == REJUNIT_PASSED &&
		    cases[i]->marks & RJ_HAS_FLAKY)
			d->flaky = REJUNIT_FLAKY_REPORTED;
	return true;
}

/* --- telling the entries of one identity apart -------------------------- */

/* Maps each slot's value to the slot; false if one is missing or double. */
static bool
own_values(struct rj_map *map, const struct test *t, enum rj_discriminator by,
    bool *ok)
{
	for (struct rj_slot *s = t->slots; s; s = s->next) {
		struct rj_str v = rj_discriminate(s->base, by);

		if (!v.s || rj_map_get(map, v))
			return false;
		*ok = rj_map_put(map, v, s);
		if (!*ok)
			return false;
	}
	return true;
}

/*
 * Gives each case of the run its slot by one discriminator, or says that it
 * does not tell them all apart. *ok turns false if memory runs out.
 */
static bool
split_by(const struct test *was, const struct test *now,
    enum rj_discriminator by, struct rj_slot **partner, bool *ok)
{
	bool subset = by == RJ_BY_FILE || by == RJ_BY_SUITE;
	struct rj_map slots = { 0 }, cases = { 0 };
	size_t i = 0;
	bool done = own_values(&slots, was, by, ok);

	if (now->n_cases > was->n_slots ||
	    (!subset && now->n_cases < was->n_slots))
		done = false;
	for (struct rj_case *c = now->cases; done && c; c = c->next) {
		struct rj_str v = rj_discriminate(c, by);

		partner[i] = v.s ? rj_map_get(&slots, v) : NULL;
		if (!partner[i++] || rj_map_get(&cases, v))
			done = false;
		else if (!rj_map_put(&cases, v, c))
			done = *ok = false;
	}
	rj_map_free(&slots);
	rj_map_free(&cases);
	return done;
}

static bool
split(struct merge *m, const struct test *was, const struct test *now,
    struct rj_slot **partner, bool *ok)
{
	bool done = false;

	if (m->opt->fields)
		return false;
	for (int by = 0; by < RJ_BYS && !done && *ok; by++)
		done =
		    split_by(was, now, (enum rj_discriminator)by, partner, ok);
	return done;
}

static bool
decide_pair(
    struct merge *m, struct test *now, struct rj_slot *s, struct rj_case *c)
{
	if (!m->opt->fields && rj_files_differ(s->base, c))
		return add_slot(m, now, c);
	return decide(m, &s, 1, &c, 1);
}

static bool
match_group(struct merge *m, struct test *was, struct test *now)
{
	struct rj_slot **partner, **slots;
	struct rj_case **cases;
	size_t i = 0;
	bool ok = true;

	rj_arena_reset(&m->scratch);
	partner =
	    rj_alloc_n(&m->scratch, now->n_cases, sizeof(struct rj_slot *));
	slots = rj_alloc_n(&m->scratch, was->n_slots, sizeof(struct rj_slot *));
	cases = rj_alloc_n(&m->scratch, now->n_cases, sizeof(struct rj_case *));
	if (!partner || !slots || !cases)
		return false;
	for (struct rj_case *c = now->cases; c; c = c->next)
		cases[i++] = c;
	if (split(m, was, now, partner, &ok)) {
		for (i = 0; ok && i < now->n_cases; i++)
			ok = decide_pair(m, now, partner[i], cases[i]);
		return ok;
	}
	i = 0;
	for (struct rj_slot *s = was->slots; s; s = s->next)
		slots[i++] = s;
	return ok && decide(m, slots, was->n_slots, cases, now->n_cases);
}

/*
 * A test that the run has and nothing before it has may be an earlier one in
 * another normal form, if there is exactly one of each.
 */
static struct test *
other_form(struct test *now)
{
	struct test *was = NULL;

	if (now->n_slots || !now->form || now->form->n > FORMS_MAX)
		return now;
	for (struct test *t = now->form->tests; t; t = t->next_form) {
		if (t != now && t->run == now->run)
			return now;
		if (!t->n_slots)
			continue;
		if (was)
			return now;
		was = t;
	}
	return was ? was : now;
}

static bool
match(struct merge *m, struct test *now)
{
	struct test *was = other_form(now);

	if (was->n_slots == 1 && now->n_cases == 1)
		return decide_pair(m, now, was->slots, now->cases);
	if (was->n_slots > 0)
		return match_group(m, was, now);
	for (struct rj_case *c = now->cases; c; c = c->next)
		if (!add_slot(m, now, c))
			return false;
	return true;
}

/* --- collection errors -------------------------------------------------- */

/* What the run's new cases say of the modules that could not be collected. */
static bool
survey_phantoms(struct merge *m, size_t from)
{
	struct rj_map names = { 0 };
	bool ok = true;

	for (struct phantom *p = m->phantoms; ok && p; p = p->next) {
		p->first = NULL;
		p->executed = false;
		if (!p->slot->retired)
			ok = rj_map_put(&names, p->slot->base->name, p);
	}
	for (size_t i = from; ok && i < m->plan->n; i++) {
		struct rj_slot *s = m->plan->slots[i];
		struct rj_str module = { NULL, 0 };

		while (rj_next_module(s->base->classname, &module)) {
			struct phantom *p = rj_map_get(&names, module);

			if (!p)
				continue;
			/* the evidence of an error befits a pass */
			if (!p->first || (p->first->outcome != REJUNIT_PASSED &&
					     s->outcome == REJUNIT_PASSED))
				p->first = s;
			p->executed =
			    p->executed || s->outcome != REJUNIT_SKIPPED;
		}
	}
	rj_map_free(&names);
	return ok;
}

static bool
retire_phantoms(struct merge *m, size_t from, unsigned int run)
{
	if (!m->phantoms)
		return true;
	if (!survey_phantoms(m, from))
		return false;
	for (struct phantom *p = m->phantoms; p; p = p->next) {
		struct rj_slot *s = p->slot;
		struct rejunit_decision *d = decision_of(s);

		if (!p->executed || s->retired ||
		    rj_overlap_module_before(m->overlap, s->base->name, run))
			continue;
		s->retired = true;
		s->collection = p->first->collection;
		p->first->collection = s;
		set_outcome(m, s, REJUNIT_ABSENT);
		m->plan->turned++;
		d->after = REJUNIT_ABSENT;
		d->reason = REJUNIT_COVERAGE_UNKNOWN;
	}
	return true;
}

/* --- reruns ------------------------------------------------------------- */

static bool
is_of_phantom(struct merge *m, const struct rj_case *c)
{
	struct rj_str module = { NULL, 0 };

	while (rj_next_module(c->classname, &module))
		for (struct phantom *p = m->phantoms; p; p = p->next)
			if (rj_str_eq(p->slot->base->name, module))
				return true;
	return false;
}

static enum rejunit_status
refuse(struct merge *m, const struct rj_report *r, const char *why)
{
	return rj_fail_at(m->err, REJUNIT_INPUT, r->src.name, 0, 0, "%s", why);
}

/* Whether a rerun proves anything. */
static enum rejunit_status
examine(struct merge *m, struct rj_report *r)
{
	bool related = false;

	if (rj_source_same(&m->reports[0].src, &r->src))
		return refuse(
		    m, r, "is the original itself, not a rerun of it");
	if (r->internal)
		return refuse(m, r,
		    "pytest broke down in this rerun (internal error); it "
		    "proves nothing");
	if (m->bad == 0)
		return REJUNIT_OK;
	if (r->total == 0)
		return refuse(m, r,
		    "has no test case, so it proves nothing of the failures "
		    "in the original");
	for (size_t i = 0; i < r->n && !related; i++)
		if (!rj_overlap_related(m->overlap, r->cases[i], &related))
			return no_memory(m);
	for (size_t i = 0; i < r->n && !related; i++)
		related = is_of_phantom(m, r->cases[i]);
	if (related)
		return REJUNIT_OK;
	return refuse(m, r,
	    "has no test and no class in common with the original, so it is "
	    "not a rerun of it");
}

static enum rejunit_status
fold(struct merge *m, struct rj_report *r)
{
	size_t from = m->plan->n;
	struct test *queue = NULL, **tail = &queue;
	enum rejunit_status status = examine(m, r);

	if (status)
		return status;
	for (size_t i = 0; i < r->n; i++) {
		struct rj_case *c = r->cases[i];
		struct test *t = find_test(m, c);

		if (!t)
			return no_memory(m);
		if (t->run != r->run) {
			t->run = r->run;
			t->cases = NULL;
			t->cases_tail = &t->cases;
			t->n_cases = 0;
			t->queued = NULL;
			*tail = t;
			tail = &t->queued;
		}
		c->next = NULL;
		*t->cases_tail = c;
		t->cases_tail = &c->next;
		t->n_cases++;
	}
	for (struct test *t = queue; t; t = t->queued)
		if (!match(m, t))
			return no_memory(m);
	if (!retire_phantoms(m, from, r->run))
		return no_memory(m);
	return REJUNIT_OK;
}

/* --- where added cases go ----------------------------------------------- */

static bool
add_place(struct merge *m, struct rj_suite *s)
{
	struct place *p = rj_alloc(m->arena, sizeof(*p));
	struct place *first = rj_map_get(&m->places, s->path);

	if (!p)
		return false;
	p->suite = s;
	if (!first)
		return rj_map_put(&m->places, s->path, p);
	p->next = first->next;
	first->next = p;
	return true;
}

static struct rj_suite_edit *
edit_of(struct merge *m, struct rj_suite *s)
{
	if (!s->edit) {
		s->edit = rj_alloc(m->arena, sizeof(*s->edit));
		if (s->edit) {
			s->edit->tail = &s->edit->first;
			s->edit->suites_tail = &s->edit->suites;
		}
	}
	return s->edit;
}

/* The suite of a path: on the same host if there is one. */
static struct rj_suite *
standing_suite(struct merge *m, const struct rj_suite *s)
{
	struct rj_suite *found = NULL;

	for (struct place *p = rj_map_get(&m->places, s->path); p;
	     p = p->next) {
		if (rj_str_eq(p->suite->hostname, s->hostname))
			return p->suite;
		/* beside it in one run, another host makes another suite */
		if (!found && p->suite->run != s->run)
			found = p->suite;
	}
	return found;
}

static struct rj_suite *
new_suite(struct merge *m, const struct rj_suite *from, struct rj_suite *up)
{
	struct rj_suite *s = rj_alloc(m->arena, sizeof(*s));
	struct rj_suite_edit *around = edit_of(m, up);

	if (!s || !around)
		return NULL;
	*s = *from;
	s->up = up;
	s->edit = NULL;
	s->change = NULL;
	s->own = s->all = (struct rj_tally){ 0 };
	s->bad_suites = s->bad_suites_all = 0;
	if (!edit_of(m, s) || !add_place(m, s))
		return NULL;
	s->edit->added = true;
	*around->suites_tail = s;
	around->suites_tail = &s->edit->next;
	m->n_new++;
	return s;
}

/* Where the cases of a rerun's suite go in the updated report. */
static struct rj_suite *
target_of(struct merge *m, struct rj_suite *s)
{
	struct rj_suite_edit *e = edit_of(m, s);
	struct rj_suite *root = m->reports[0].root, *up;

	if (!e || e->target)
		return e ? e->target : NULL;
	e->target = standing_suite(m, s);
	if (e->target)
		return e->target;
	up = s->up ? target_of(m, s->up) : root;
	if (!up)
		return NULL;
	e->target = s->tag == RJ_TESTSUITE ? new_suite(m, s, up) : root;
	return e->target;
}

/* --- what the counters will have to say ---------------------------------- */

/* The case that a slot becomes, as a counter sees it. */
static bool
compose(struct merge *m, const struct rj_slot *s, struct rj_case *out)
{
	const struct rj_case *base = s->base;
	size_t room = base->children;
	struct rj_child *child;

	*out = *base;
	out->outcome = s->outcome;
	if (!s->pass && !s->fill)
		return true;
	for (size_t i = 0; i < s->n_fill; i++)
		room += s->fill[i]->children;
	rj_arena_reset(&m->scratch);
	child = rj_alloc_n(&m->scratch, room + 1, sizeof(*child));
	if (!child)
		return false;
	out->child = child;
	out->children = 0;
	out->marks = base->marks & RJ_HAS_FLAKY;
	for (unsigned int i = 0; i < base->children; i++)
		if (rj_mark_child(base->child[i].tag, 0) == RJ_HAS_FLAKY)
			child[out->children++] = base->child[i];
	for (size_t i = 0; i < s->n_fill && !s->pass; i++) {
		const struct rj_case *f = s->fill[i];

		out->marks |= f->marks;
		for (unsigned int k = 0; k < f->children; k++)
			child[out->children++] = f->child[k];
	}
	return true;
}

static bool
count_slot(struct merge *m, struct rj_slot *s)
{
	const struct rj_case *was = s->added ? NULL : s->base;
	struct rj_suite *suite = s->base->suite;
	struct rj_case is;

	if (s->added) {
		if (s->retired)
			return true;
		suite = target_of(m, suite);
		if (!suite || !edit_of(m, suite))
			return false;
		*suite->edit->tail = s;
		suite->edit->tail = &s->next_added;
	} else if (!rj_slot_is_touched(s)) {
		return true;
	}
	return compose(m, s, &is) &&
	       rj_change_case(suite, m->arena, was, s->retired ? NULL : &is);
}

static bool
warn_unexplained(struct merge *m, const struct rj_suite *s)
{
	return rj_plan_warn(m->plan,
	    "%s: suite \"%.*s\": no way of counting explains its failures and "
	    "errors; they were lowered case by case",
	    m->reports[0].src.name, (int)(s->name.n < 100 ? s->name.n : 100),
	    s->name.s ? s->name.s : "");
}

static void
new_suites(struct rj_plan *plan, struct rj_suite *s)
{
	if (!s->edit)
		return;
	for (struct rj_suite *n = s->edit->suites; n; n = n->edit->next) {
		new_suites(plan, n);
		plan->suites[plan->n_suites++] = n;
	}
}

static bool
count_suites(struct merge *m)
{
	struct rj_plan *plan = m->plan;
	struct rj_report *original = &m->reports[0];
	size_t n = original->n_suites + m->n_new;

	plan->suites = calloc(n, sizeof(struct rj_suite *));
	if (!plan->suites)
		return false;
	for (size_t i = 0; i < original->n_suites; i++) {
		struct rj_suite *s = original->suites[i];

		if (m->opt->recount && !rj_change_open(s, m->arena))
			return false;
		new_suites(plan, s);
		if (s->change)
			plan->suites[plan->n_suites++] = s;
	}
	for (size_t i = 0; i < plan->n_suites; i++)
		rj_change_close(plan->suites[i]);
	for (size_t i = 0; i < plan->n_suites; i++) {
		struct rj_suite *s = plan->suites[i];

		if (m->opt->recount || (s->edit && s->edit->added))
			rj_change_recount(s);
		else if (!rj_change_counters(s, &original->votes) &&
			 !warn_unexplained(m, s))
			return false;
	}
	return true;
}

/* --- the whole ----------------------------------------------------------- */

/* Entries of one identity that no rerun mentions, and nothing tells apart. */
static bool
join_rest(struct merge *m)
{
	for (struct test *t = m->all; t; t = t->next) {
		struct rj_slot **slots;
		size_t n = 0;
		bool ok = true, apart = false;

		if (t->n_slots < 2)
			continue;
		for (int by = 0; by < RJ_BYS && !apart && ok; by++) {
			struct rj_map map = { 0 };

			apart =
			    !m->opt->fields &&
			    own_values(&map, t, (enum rj_discriminator)by, &ok);
			rj_map_free(&map);
		}
		if (!ok)
			return false;
		if (apart)
			continue;
		rj_arena_reset(&m->scratch);
		slots = rj_alloc_n(
		    &m->scratch, t->n_slots, sizeof(struct rj_slot *));
		if (!slots)
			return false;
		for (struct rj_slot *s = t->slots; s; s = s->next)
			slots[n++] = s;
		join(slots, n);
	}
	return true;
}

static bool
list_decisions(struct merge *m)
{
	struct rj_plan *plan = m->plan;

	if (plan->n == 0)
		return true;
	plan->decisions = calloc(plan->n, sizeof(*plan->decisions));
	if (!plan->decisions)
		return false;
	for (size_t i = 0; i < plan->n; i++)
		if (!plan->slots[i]->decision->into)
			plan->decisions[plan->n_decisions++] =
			    plan->slots[i]->decision;
	return true;
}

static enum rejunit_status
check_limit(struct merge *m)
{
	size_t all = m->reports[0].bad, turned = m->plan->turned;
	const struct rj_merge_options *o = m->opt;
	bool over =
	    o->percent ? turned * 100 > all * o->limit : turned > o->limit;

	if (!o->limited || !over)
		return REJUNIT_OK;
	return rj_fail_at(m->err, REJUNIT_INPUT, m->reports[0].src.name, 0, 0,
	    "%zu of %zu bad cases would turn green, more than --max-recovered "
	    "allows",
	    turned, all);
}

static enum rejunit_status
merge(struct merge *m, size_t n)
{
	struct rj_report *original = &m->reports[0];
	enum rejunit_status status;

	for (size_t i = 0; i < original->n; i++) {
		struct test *t = find_test(m, original->cases[i]);

		if (!t || !add_slot(m, t, original->cases[i]))
			return no_memory(m);
	}
	for (size_t i = 0; i < original->n_suites; i++)
		if (!add_place(m, original->suites[i]))
			return no_memory(m);
	m->bad += original->nameless_bad;
	for (size_t i = 1; i < n; i++) {
		status = fold(m, &m->reports[i]);
		if (status)
			return status;
	}
	status = check_limit(m);
	if (status)
		return status;
	if (!join_rest(m) || !list_decisions(m))
		return no_memory(m);
	for (size_t i = 0; i < m->plan->n; i++)
		if (!count_slot(m, m->plan->slots[i]))
			return no_memory(m);
	if (!count_suites(m))
		return no_memory(m);
	m->plan->bad_after = m->bad;
	return REJUNIT_OK;
}

enum rejunit_status
rj_merge(struct rj_plan *plan, struct rj_report *reports, size_t n,
    struct rj_overlap *overlap, const struct rj_merge_options *opt,
    struct rejunit_error *err)
{
	struct merge m = {
		.plan = plan,
		.arena = plan->arena,
		.reports = reports,
		.overlap = overlap,
		.opt = opt,
		.err = err,
		.fields = overlap->fields,
	};
	enum rejunit_status status;

	m.all_tail = &m.all;
	status = merge(&m, n);
	rj_arena_free(&m.scratch);
	rj_map_free(&m.tests);
	rj_map_free(&m.forms);
	rj_map_free(&m.places);
	return status;
}
