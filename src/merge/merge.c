#include <stdlib.h>
#include <string.h>

#include "merge/merge.h"

#include "merge/apply.h"
#include "merge/placement.h"
#include "model/path.h"

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
	struct rj_case *cases;
	struct rj_case **cases_tail;
	unsigned int n_slots;
	unsigned int n_cases;
	unsigned int run;
};

/* Identities with one normalised form. */
struct form {
	struct test *tests;
	size_t n;
};

struct phantom {
	struct phantom *next;
	struct test *test;
	struct rj_slot *slot;
	struct rj_slot *first; /* the first case of its module in a run */
	bool executed;
};

/* One run: a report, or the reports of a folder. */
struct run {
	struct rj_report *reports;
	size_t n;
};

struct merge {
	struct rj_plan *plan;
	struct rj_ledger ledger;
	struct rj_matching how;
	struct rj_arena *arena;
	struct rj_arena scratch;
	struct run original;
	size_t nameless; /* bad cases without a name */
	bool empty; /* the original has no case */
	struct rj_mentions *mentions;
	const struct rj_merge_options *opt;
	struct rejunit_error *err;
	unsigned int fields;
	size_t room; /* for slots */
	struct rj_map tests;
	struct rj_buf key; /* scratch */
	struct rj_map forms;
	struct test *all;
	struct test **all_tail;
	struct phantom *phantoms;
	struct rj_map modules; /* theirs, by name */
	struct rj_map paths; /* of the original's suites, if they matter */
	struct rj_map run_paths; /* and of the run's */
};

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
		if (!f || !rj_map_put_copy(&m->forms, m->arena, normal, f))
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
	struct rj_str kept = rj_kept_key(c, m->fields), key = kept;
	struct test *t;

	if (!kept.s) {
		m->key.n = 0;
		if (!rj_key(&m->key, c, m->fields))
			return NULL;
		key = rj_buf_str(&m->key);
	}
	t = rj_map_get(&m->tests, key);
	if (t)
		return t;
	t = rj_alloc(m->arena, sizeof(*t));
	if (!t)
		return NULL;
	t->slots_tail = &t->slots;
	t->key = kept;
	if ((!kept.s && !rj_alloc_str(m->arena, key, &t->key)) ||
	    !rj_map_put(&m->tests, t->key, t) || !find_form(m, t))
		return NULL;
	*m->all_tail = t;
	m->all_tail = &t->next;
	return t;
}

/* --- slots and decisions ------------------------------------------------ */

static bool
add_slot(struct merge *m, struct test *t, const struct rj_case *c)
{
	struct rj_slot *s = rj_alloc(m->arena, sizeof(*s));
	struct rejunit_decision *d = rj_alloc(m->arena, sizeof(*d));
	bool bad = rj_is_bad(c->outcome);
	void *slots;

	if (!s || !d)
		return false;
	s->base = c;
	s->outcome = c->outcome;
	s->later_tail = &s->later;
	s->added = c->suite->run > 0;
	s->decision = d;
	d->slot = s;
	d->n_slots = 1;
	d->tail = &d->sightings;
	d->before = s->added ? REJUNIT_ABSENT : c->outcome;
	d->reason = s->added ? REJUNIT_NEW
		    : bad    ? REJUNIT_NOT_RERUN
			     : REJUNIT_UNCHANGED;
	if (c->outcome == REJUNIT_PASSED && c->marks & RJ_HAS_FLAKY)
		d->flaky = REJUNIT_FLAKY_REPORTED;
	if (!rj_sight(&m->ledger, d, c))
		return false;
	slots = rj_grown(m->plan->slots, m->plan->n, &m->room, sizeof(s));
	if (!slots)
		return false;
	m->plan->slots = slots;
	m->plan->slots[m->plan->n++] = s;
	*t->slots_tail = s;
	t->slots_tail = &s->next;
	t->n_slots++;
	m->ledger.bad += bad;
	if (rj_is_collection_error(c)) {
		struct phantom *p = rj_alloc(m->arena, sizeof(*p));

		if (!p)
			return false;
		p->test = t;
		p->slot = s;
		p->next = m->phantoms;
		m->phantoms = p;
		if (!rj_map_put(&m->modules, c->name, p))
			return false;
	}
	return true;
}

/* --- what a run says of a test ------------------------------------------- */

/* Lays out a test's slots and, in the same scratch memory, a run's cases. */
static bool
lay_out(struct merge *m, const struct test *before, const struct test *current,
    struct rj_cell *all)
{
	size_t cases = current ? current->n_cases : 0;

	rj_arena_reset(&m->scratch);
	*all = (struct rj_cell){
		.slots = rj_alloc_n(
		    &m->scratch, before->n_slots, sizeof(struct rj_slot *)),
		.cases =
		    rj_alloc_n(&m->scratch, cases, sizeof(struct rj_case *)),
	};
	if (!all->slots || !all->cases)
		return false;
	for (struct rj_slot *s = before->slots; s; s = s->next)
		all->slots[all->n_slots++] = s;
	for (struct rj_case *c = current ? current->cases : NULL; c;
	     c = c->next)
		all->cases[all->n_cases++] = c;
	return true;
}

/* One entry on each side, as nearly all tests have. */
static bool
match_pair(struct merge *m, struct test *before, struct test *current)
{
	struct rj_slot *s = before->slots;
	struct rj_case *c = current->cases;
	enum rj_likeness alike = rj_compare(&m->how, s->base, c);
	const struct rj_cell cell = { .slots = &s,
		.n_slots = 1,
		.cases = &c,
		.n_cases = 1,
		.contradicted = alike == RJ_IN_DOUBT };

	if (alike == RJ_ARE_TWO)
		return add_slot(m, current, c);
	rj_arena_reset(&m->scratch);
	return rj_decide(&m->ledger, &m->how, &cell, &m->scratch);
}

static bool
match_group(struct merge *m, struct test *before, struct test *current)
{
	struct rj_cells cells = { 0 };
	struct rj_cell all;

	if (!lay_out(m, before, current, &all) ||
	    !rj_match(&m->how, all.slots, all.n_slots, all.cases, all.n_cases,
		&m->scratch, &cells))
		return false;
	for (size_t i = 0; i < cells.n; i++)
		if (!rj_decide(
			&m->ledger, &m->how, &cells.cell[i], &m->scratch))
			return false;
	for (size_t i = 0; i < cells.n_fresh; i++)
		if (!add_slot(m, current, cells.fresh[i]))
			return false;
	return true;
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
match(struct merge *m, struct test *current)
{
	struct test *before = other_form(current);

	if (before->n_slots == 1 && current->n_cases == 1)
		return match_pair(m, before, current);
	if (before->n_slots > 0)
		return match_group(m, before, current);
	for (struct rj_case *c = current->cases; c; c = c->next)
		if (!add_slot(m, current, c))
			return false;
	return true;
}

/* --- collection errors -------------------------------------------------- */

/* Which of two new cases takes the evidence in: a pass, else a failure. */
static bool
takes_better(const struct rj_slot *a, const struct rj_slot *b)
{
	if (!b)
		return true;
	if (a->outcome == REJUNIT_PASSED)
		return b->outcome != REJUNIT_PASSED;
	return b->outcome == REJUNIT_SKIPPED && a->outcome != REJUNIT_SKIPPED;
}

static bool
is_of_module(
    const struct merge *m, const struct phantom *p, const struct rj_case *c)
{
	return rj_compare(&m->how, p->slot->base, c) == RJ_MAY_BE_ONE;
}

/* What the run says of the modules that could not be collected. */
static void
survey_phantoms(struct merge *m, size_t from, const struct run *run)
{
	for (struct phantom *p = m->phantoms; p; p = p->next) {
		p->first = NULL;
		p->executed = false;
	}
	for (size_t k = 0; k < run->n; k++) {
		for (size_t i = 0; i < run->reports[k].n; i++) {
			const struct rj_case *c = run->reports[k].cases[i];
			struct rj_str module = { NULL, 0 };

			while (rj_next_module(c->classname, &module)) {
				struct phantom *p =
				    rj_map_get(&m->modules, module);

				if (p && is_of_module(m, p, c) &&
				    (c->outcome == REJUNIT_PASSED ||
					rj_is_bad(c->outcome)))
					p->executed = true;
			}
		}
	}
	for (size_t i = from; i < m->plan->n; i++) {
		struct rj_slot *s = m->plan->slots[i];
		struct rj_str module = { NULL, 0 };

		while (rj_next_module(s->base->classname, &module)) {
			struct phantom *p = rj_map_get(&m->modules, module);

			if (p && is_of_module(m, p, s->base) &&
			    takes_better(s, p->first))
				p->first = s;
		}
	}
}

/* What was retired stands for its test no more. */
static void
leave_test(struct test *t, const struct rj_slot *slot)
{
	struct rj_slot **at = &t->slots;

	while (*at && *at != slot)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = slot->next;
	t->n_slots--;
	if (!*at)
		t->slots_tail = at;
}

/*
 * Retires the collection errors of modules that the run executed. One of the
 * original, only if no case of the module was there: then its tests are new.
 * One that a rerun brought in between, in any case. None of which the run
 * speaks itself: then that counts, as for any other case.
 */
static void
retire_phantoms(struct merge *m, size_t from, const struct run *run)
{
	unsigned int number = run->reports[0].run;

	if (!m->phantoms)
		return;
	survey_phantoms(m, from, run);
	for (struct phantom *p = m->phantoms; p; p = p->next) {
		struct rj_slot *s = p->slot;
		struct rejunit_decision *d = rj_decision_of(s);

		if (!p->executed || s->retired || p->test->run == number)
			continue;
		if (!s->added &&
		    (!p->first || rj_mentions_module_before(
				      m->mentions, s->base->name, number)))
			continue;
		s->retired = true;
		leave_test(p->test, s);
		if (p->first) {
			s->collection = p->first->collection;
			p->first->collection = s;
		}
		rj_set_outcome(&m->ledger, s, REJUNIT_ABSENT);
		d->reason = REJUNIT_COVERAGE_UNKNOWN;
	}
}

/* --- reruns ------------------------------------------------------------- */

static bool
is_of_phantom(struct merge *m, const struct rj_case *c)
{
	struct rj_str module = { NULL, 0 };

	while (rj_next_module(c->classname, &module))
		if (rj_map_get(&m->modules, module))
			return true;
	return false;
}

static enum rejunit_status
refuse(struct merge *m, const struct rj_report *r, const char *why)
{
	return rj_fail_at(m->err, REJUNIT_INPUT, r->src.name, 0, 0, "%s", why);
}

static enum rejunit_status
is_related(struct merge *m, const struct run *run, bool *related)
{
	*related = false;
	for (size_t k = 0; k < run->n && !*related; k++) {
		const struct rj_report *r = &run->reports[k];

		for (size_t i = 0; i < r->n && !*related; i++)
			if (!rj_mentions_related(
				m->mentions, r->cases[i], related))
				return no_memory(m);
		for (size_t i = 0; i < r->n && !*related; i++)
			*related = is_of_phantom(m, r->cases[i]);
	}
	return REJUNIT_OK;
}

/* Whether a rerun proves anything. */
static enum rejunit_status
examine(struct merge *m, const struct run *run)
{
	const struct rj_report *r = &run->reports[0];
	enum rejunit_status status;
	size_t total = 0, bad = 0;
	bool related;

	for (size_t i = 0; i < run->n; i++) {
		total += run->reports[i].total;
		bad += run->reports[i].bad;
		if (run->reports[i].internal)
			return refuse(m, &run->reports[i],
			    "pytest broke down in this rerun (internal "
			    "error); it proves nothing");
	}
	/* what has no case has none in common with anything */
	if (m->ledger.bad == 0 && (bad == 0 || m->empty))
		return REJUNIT_OK;
	if (m->ledger.bad && total == 0)
		return refuse(m, r,
		    "has no test case, so it proves nothing of the failures "
		    "in the original");
	/* what has no name is never matched: nothing can turn green */
	if (m->ledger.bad && m->ledger.bad == m->nameless)
		return REJUNIT_OK;
	status = is_related(m, run, &related);
	if (status || related)
		return status;
	return refuse(m, r,
	    "has no test and no class in common with the original, so it is "
	    "not a rerun of it");
}

/* Puts a case of the run beside the others of its test. */
static bool
enqueue(struct merge *m, struct rj_case *c, struct test ***tail)
{
	struct test *t = find_test(m, c);

	if (!t)
		return false;
	if (t->run != c->suite->run) {
		t->run = c->suite->run;
		t->cases = NULL;
		t->cases_tail = &t->cases;
		t->n_cases = 0;
		t->queued = NULL;
		**tail = t;
		*tail = &t->queued;
	}
	c->next = NULL;
	*t->cases_tail = c;
	t->cases_tail = &c->next;
	t->n_cases++;
	return true;
}

static bool
has_classless(const struct run *run)
{
	for (size_t k = 0; k < run->n; k++)
		for (size_t i = 0; i < run->reports[k].n; i++)
			if (!run->reports[k].cases[i]->classname.n)
				return true;
	return false;
}

/* Enters the paths of a run's suites. */
static bool
enter_paths(struct rj_map *paths, const struct run *run)
{
	for (size_t k = 0; k < run->n; k++)
		for (size_t i = 0; i < run->reports[k].n_suites; i++) {
			struct rj_suite *s = run->reports[k].suites[i];

			if (s->tag == RJ_TESTSUITE &&
			    !rj_map_get(paths, s->path) &&
			    !rj_map_put(paths, s->path, s))
				return false;
		}
	return true;
}

/* What a run adds stays in a suite of the same path. */
static bool
keeps_paths(const struct run *original)
{
	for (size_t k = 0; k < original->n; k++)
		if (original->reports[k].root &&
		    original->reports[k].root->tag != RJ_TESTSUITES)
			return false;
	return true;
}

/*
 * Where names alone stand for tests, their suites are asked, too, if an update
 * leaves them where they are.
 */
static bool
look_at_suites(struct merge *m, const struct run *run)
{
	rj_map_free(&m->run_paths);
	m->run_paths = (struct rj_map){ 0 };
	m->how.before = m->how.run = NULL;
	if (!has_classless(run) || !keeps_paths(&m->original))
		return true;
	m->how.before = &m->paths;
	m->how.run = &m->run_paths;
	return (m->paths.used || enter_paths(&m->paths, &m->original)) &&
	       enter_paths(&m->run_paths, run);
}

static enum rejunit_status
fold(struct merge *m, const struct run *run)
{
	size_t from = m->plan->n;
	struct test *queue = NULL, **tail = &queue;
	enum rejunit_status status = examine(m, run);

	if (status)
		return status;
	if (!look_at_suites(m, run))
		return no_memory(m);
	for (size_t k = 0; k < run->n; k++)
		for (size_t i = 0; i < run->reports[k].n; i++)
			if (!enqueue(m, run->reports[k].cases[i], &tail))
				return no_memory(m);
	for (struct test *t = queue; t; t = t->queued)
		if (!match(m, t))
			return no_memory(m);
	retire_phantoms(m, from, run);
	return REJUNIT_OK;
}

/* --- the whole ----------------------------------------------------------- */

/* Entries of one identity that no rerun mentions, and nothing tells apart. */
static bool
join_rest(struct merge *m)
{
	for (struct test *t = m->all; t; t = t->next) {
		struct rj_cell all;
		bool apart;

		if (t->n_slots < 2)
			continue;
		if (!lay_out(m, t, NULL, &all) ||
		    !rj_tell_apart(
			&m->how, all.slots, all.n_slots, &m->scratch, &apart))
			return false;
		if (!apart)
			rj_join_slots(all.slots, all.n_slots);
	}
	return true;
}

/* The earliest run that one of the entries is of. */
static unsigned int
lowest_run(const struct rj_sighting *s)
{
	unsigned int lowest = s->at->suite->run;

	for (; s; s = s->next)
		if (s->at->suite->run < lowest)
			lowest = s->at->suite->run;
	return lowest;
}

/* Brings the entries of a joined decision into the order of their runs. */
static void
order_sightings(struct rejunit_decision *d)
{
	struct rj_sighting *rest = d->sightings, **to = &d->sightings;

	while (rest) {
		unsigned int run = lowest_run(rest);
		struct rj_sighting **from = &rest;

		while (*from) {
			struct rj_sighting *one = *from;

			if (one->at->suite->run != run) {
				from = &one->next;
				continue;
			}
			*from = one->next;
			*to = one;
			to = &one->next;
		}
	}
	*to = NULL;
	d->tail = to;
}

static bool
list_decisions(struct merge *m)
{
	struct rj_plan *plan = m->plan;

	plan->decisions =
	    rj_alloc_n(plan->arena, plan->n, sizeof(struct rejunit_decision *));
	if (!plan->decisions)
		return false;
	for (size_t i = 0; i < plan->n; i++) {
		const struct rj_slot *s = plan->slots[i];
		struct rejunit_decision *d = rj_decision_of(s);

		d->after = rj_worse(d->after, s->outcome);
		if (s->decision == d)
			plan->decisions[plan->n_decisions++] = d;
	}
	for (size_t i = 0; i < plan->n_decisions; i++) {
		rj_settle_decision(plan->decisions[i]);
		order_sightings(plan->decisions[i]);
	}
	return true;
}

static enum rejunit_status
check_limit(struct merge *m)
{
	size_t all = 0, turned = 0;
	const struct rj_merge_options *o = m->opt;
	bool over;

	for (size_t i = 0; i < m->original.n; i++)
		all += m->original.reports[i].bad;
	for (size_t i = 0; i < m->plan->n; i++) {
		const struct rj_slot *s = m->plan->slots[i];

		turned += !s->added && rj_is_bad(s->base->outcome) &&
			  !rj_is_bad(s->outcome);
	}
	if (o->percent)
		over = o->limit < 100 && turned * 100 > all * o->limit;
	else
		over = turned > o->limit;
	if (!o->limited || !over)
		return REJUNIT_OK;
	return rj_fail_at(m->err, REJUNIT_INPUT,
	    m->original.reports[0].src.name, 0, 0,
	    "%zu of %zu bad cases would turn green, and only %lu%s may", turned,
	    all, o->limit, o->percent ? "%" : "");
}

/* The reports of one run stand side by side. */
static struct run
run_at(struct rj_report *reports, size_t n)
{
	struct run run = { reports, 0 };

	while (run.n < n && reports[run.n].run == reports[0].run)
		run.n++;
	return run;
}

static enum rejunit_status
take_original(struct merge *m)
{
	m->empty = true;
	for (size_t k = 0; k < m->original.n; k++) {
		struct rj_report *r = &m->original.reports[k];

		for (size_t i = 0; i < r->n; i++) {
			struct test *t = find_test(m, r->cases[i]);

			if (!t || !add_slot(m, t, r->cases[i]))
				return no_memory(m);
		}
		m->nameless += r->nameless_bad;
		m->empty = m->empty && r->total == 0;
	}
	m->ledger.bad += m->nameless;
	return REJUNIT_OK;
}

static bool
warn_of_loose(
    struct merge *m, const struct rj_case *first, size_t n, const char *what)
{
	return n == 0 ||
	       rj_warn(&m->plan->warnings, "%s: %s: %zu, the first \"%.*s\"",
		   m->how.reports[first->suite->report].src.name, what, n,
		   RJ_SHOWN(first->name));
}

/* What shows in no case as a failure keeps the report red all the same. */
static bool
note_loose(struct merge *m)
{
	const struct rj_case *unstarted = NULL, *unplaced = NULL;
	size_t n_unstarted = 0, n_unplaced = 0;

	for (size_t i = 0; i < m->plan->n; i++) {
		const struct rj_slot *s = m->plan->slots[i];

		if (s->base->marks & RJ_CANNOT_RUN &&
		    s->outcome == REJUNIT_SKIPPED && n_unstarted++ == 0)
			unstarted = s->base;
	}
	for (size_t i = 0; i < m->plan->n_decisions; i++) {
		const struct rejunit_decision *d = m->plan->decisions[i];

		if (d->unplaced && n_unplaced++ == 0)
			unplaced = d->slot->base;
	}
	m->plan->loose = n_unstarted + n_unplaced;
	return warn_of_loose(
		   m, unstarted, n_unstarted, "tests that could not be run") &&
	       warn_of_loose(m, unplaced, n_unplaced,
		   "names of which a failing test may be new");
}

/* Tells each case how much of its path others of its run have, too. */
static void
share_folders(const struct run *run)
{
	struct rj_folders all = { 0 };
	bool new;

	for (size_t k = 0; k < run->n; k++) {
		const struct rj_folders *f = &run->reports[k].folders;

		for (size_t i = 0; i < f->n && i < RJ_FOLDERS_MAX; i++)
			rj_folders_add(&all, f->folder[i], &new);
		if (f->n > RJ_FOLDERS_MAX)
			all.n = f->n;
	}
	for (size_t k = 0; k < run->n && all.n; k++)
		for (size_t i = 0; i < run->reports[k].n; i++) {
			struct rj_case *c = run->reports[k].cases[i];

			c->shared =
			    (unsigned int)rj_folders_shared(&all, c->file);
		}
}

static enum rejunit_status
merge(struct merge *m, struct rj_report *reports, size_t n)
{
	struct run run = m->original = run_at(reports, n);
	enum rejunit_status status;

	for (size_t i = 0; i < n; i += run.n) {
		run = run_at(reports + i, n - i);
		share_folders(&run);
	}
	run = m->original;
	status = take_original(m);
	for (size_t i = run.n; i < n && !status; i += run.n) {
		run = run_at(reports + i, n - i);
		status = fold(m, &run);
	}
	if (!status)
		status = check_limit(m);
	if (status)
		return status;
	if (!join_rest(m) || !list_decisions(m) || !note_loose(m) ||
	    !rj_place(m->plan, reports, n, m->opt->fields, m->opt->recount) ||
	    !rj_plan_index(m->plan, n))
		return no_memory(m);
	m->plan->bad_after = m->ledger.bad;
	m->plan->assumed = m->opt->assume;
	return REJUNIT_OK;
}

enum rejunit_status
rj_merge(struct rj_plan *plan, struct rj_report *reports, size_t n,
    struct rj_mentions *mentions, const struct rj_merge_options *opt,
    struct rejunit_error *err)
{
	struct merge m = {
		.plan = plan,
		.arena = plan->arena,
		.mentions = mentions,
		.opt = opt,
		.err = err,
		.fields = mentions->fields,
		.ledger = { plan, opt->append_reruns, 0 },
		.how = {
			.reports = reports,
			.plainly = opt->fields != 0,
			.assume = opt->assume,
		},
	};
	enum rejunit_status status;

	m.all_tail = &m.all;
	status = merge(&m, reports, n);
	rj_arena_free(&m.scratch);
	rj_map_free(&m.tests);
	rj_buf_free(&m.key);
	rj_map_free(&m.forms);
	rj_map_free(&m.modules);
	rj_map_free(&m.paths);
	rj_map_free(&m.run_paths);
	return status;
}
