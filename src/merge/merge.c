#include "merge/merge.h"

#include <stdlib.h>

#include "merge/examine.h"
#include "merge/pairing.h"
#include "merge/placement.h"
#include "model/identity.h"

struct merge {
	struct rj_plan *plan;
	struct rj_ledger ledger;
	struct rj_matching how;
	struct rj_arena *arena;
	struct rj_pairing pairing;
	struct rj_run original;
	size_t nameless; /* bad cases without a name */
	bool empty; /* the original has no case */
	struct rj_mentions *mentions;
	const struct rj_merge_options *opt;
	struct rejunit_error *err;
	size_t room; /* for slots */
	struct rj_tests tests;
	struct rj_collection collection;
	struct rj_map paths; /* of the original's suites, if they matter */
	struct rj_map run_paths; /* and of the run's */
};

static enum rejunit_status
no_memory(struct merge *m)
{
	return rj_fail_memory(m->err);
}

/* --- slots and decisions ------------------------------------------------ */

static enum rejunit_verdict
outcome_before(const struct rj_slot *s)
{
	return s->added ? REJUNIT_ABSENT : s->base->outcome;
}

/* A slot of a case, with a decision of its own; NULL: out of memory. */
static struct rj_slot *
new_slot(struct merge *m, const struct rj_case *c)
{
	struct rj_slot *s = rj_alloc(m->arena, sizeof(*s));
	struct rejunit_decision *d = rj_alloc(m->arena, sizeof(*d));

	if (!s || !d)
		return NULL;
	s->base = c;
	s->outcome = c->outcome;
	s->later_tail = &s->later;
	s->added = c->suite->run > 0;
	s->decision = d;
	d->slot = s;
	d->n_slots = 1;
	d->tail = &d->sightings;
	d->before = outcome_before(s);
	d->reason = s->added			 ? REJUNIT_NEW
		    : rejunit_is_bad(c->outcome) ? REJUNIT_NOT_RERUN
						 : REJUNIT_UNCHANGED;
	if (c->outcome == REJUNIT_PASSED && c->marks & RJ_HAS_FLAKY)
		d->flaky = REJUNIT_FLAKY_REPORTED;
	return rj_sight(&m->ledger, d, c) ? s : NULL;
}

static bool
add_to_plan(struct merge *m, struct rj_slot *s)
{
	void *slots = rj_grown(m->plan->slots, m->plan->n, &m->room, sizeof(s));

	if (!slots)
		return false;
	m->plan->slots = slots;
	m->plan->slots[m->plan->n++] = s;
	m->ledger.bad += rejunit_is_bad(s->outcome);
	return true;
}

/* A case stands for its test from now on. */
static bool
add_slot(struct merge *m, struct rj_test *t, const struct rj_case *c)
{
	struct rj_slot *s = new_slot(m, c);

	return s && add_to_plan(m, s) && rj_test_add_slot(&m->tests, t, s) &&
	       (!rj_is_collection_error(c) ||
		   rj_collection_add(&m->collection, m->arena, t, s));
}

static bool
on_cell(void *ctx, const struct rj_cell *cell, struct rj_arena *scratch)
{
	struct merge *m = ctx;

	return rj_decide(&m->ledger, &m->how, cell, scratch);
}

static bool
on_fresh(void *ctx, struct rj_test *t, const struct rj_case *c)
{
	return add_slot(ctx, t, c);
}

/* --- reruns ------------------------------------------------------------- */

static bool
has_classless(const struct rj_run *run)
{
	for (size_t k = 0; k < run->n; k++)
		for (size_t i = 0; i < run->reports[k].n; i++)
			if (!run->reports[k].cases[i]->classname.n)
				return true;
	return false;
}

/* Enters the paths of a run's suites. */
static bool
enter_paths(struct rj_map *paths, const struct rj_run *run)
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
keeps_paths(const struct rj_run *original)
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
look_at_suites(struct merge *m, const struct rj_run *run)
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
fold(struct merge *m, const struct rj_run *run)
{
	const struct rj_fold fold = { *run, m->plan, m->plan->n };
	const struct rj_before before = { m->ledger.bad, m->nameless,
		m->empty };
	enum rejunit_status status =
	    rj_examine(run, &before, m->mentions, &m->collection, m->err);

	if (status)
		return status;
	rj_share_folders(&m->original, run);
	if (!look_at_suites(m, run) || !rj_pair_run(&m->pairing, run))
		return no_memory(m);
	return rj_collection_retire(
		   &m->collection, &m->ledger, &m->how, m->mentions, &fold)
		   ? REJUNIT_OK
		   : no_memory(m);
}

/* --- the whole ----------------------------------------------------------- */

/* Entries of one identity that no rerun mentions, and nothing tells apart. */
static bool
join_rest(struct merge *m)
{
	for (struct rj_test *t = m->tests.all; t; t = t->next) {
		struct rj_cell all;
		bool apart;

		if (t->n_slots < 2)
			continue;
		if (!rj_lay_out(&m->pairing, t, NULL, &all) ||
		    !rj_tell_apart(&m->how, all.slots, all.n_slots,
			&m->pairing.scratch, &apart))
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

/* Of entries with one decision, the worst counts, and of these the first. */
static bool
list_decisions(struct merge *m)
{
	struct rj_plan *plan = m->plan;

	plan->decisions =
	    rj_alloc_n(plan->arena, plan->n, sizeof(struct rejunit_decision *));
	if (!plan->decisions)
		return false;
	for (size_t i = 0; i < plan->n; i++)
		rj_decision_of(plan->slots[i])->before = REJUNIT_ABSENT;
	for (size_t i = 0; i < plan->n; i++) {
		const struct rj_slot *s = plan->slots[i];
		struct rejunit_decision *d = rj_decision_of(s);

		d->before = rj_worse(d->before, outcome_before(s));
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

		turned += !s->added && rejunit_is_bad(s->base->outcome) &&
			  !rejunit_is_bad(s->outcome);
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

static enum rejunit_status
take_original(struct merge *m)
{
	m->empty = true;
	for (size_t k = 0; k < m->original.n; k++) {
		struct rj_report *r = &m->original.reports[k];

		for (size_t i = 0; i < r->n; i++) {
			struct rj_test *t =
			    rj_tests_find(&m->tests, r->cases[i]);

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

static enum rejunit_status
merge(struct merge *m, struct rj_report *reports, size_t n)
{
	struct rj_run run = m->original = rj_run_at(reports, n);
	enum rejunit_status status;

	status = take_original(m);
	for (size_t i = run.n; i < n && !status; i += run.n) {
		run = rj_run_at(reports + i, n - i);
		status = fold(m, &run);
	}
	if (!status)
		status = check_limit(m);
	if (status)
		return status;
	if (!join_rest(m) || !list_decisions(m))
		return no_memory(m);
	if (m->opt->excuse)
		status = m->opt->excuse(m->opt->ctx, m->err);
	if (status)
		return status;
	rj_excuse(&m->ledger);
	if (!note_loose(m) ||
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
		.tests = { .arena = plan->arena, .fields = mentions->fields },
		.ledger = { plan, opt, 0 },
		.how = {
			.reports = reports,
			.plainly = opt->fields != 0,
			.assume = opt->assume,
		},
	};
	enum rejunit_status status;

	m.pairing = (struct rj_pairing){ .how = &m.how,
		.tests = &m.tests,
		.cell = on_cell,
		.fresh = on_fresh,
		.ctx = &m };
	status = merge(&m, reports, n);
	rj_pairing_free(&m.pairing);
	rj_tests_free(&m.tests);
	rj_collection_free(&m.collection);
	rj_map_free(&m.paths);
	rj_map_free(&m.run_paths);
	return status;
}
