#include "diff/diff.h"

#include <stdlib.h>

#include "merge/verdict.h"

/* A case of the old run. */
struct old_case {
	struct rj_slot slot; /* first: that is what a cell hands back */
	bool seen;
};

struct comparison {
	struct rj_diff *diff;
	const struct rj_matching *how;
	/* entries of one name that the other run does not have */
	const struct rj_test *alone;
	const struct rj_case **entry;
	size_t n;
	size_t room;
	struct rj_arena scratch;
};

enum rejunit_verdict
rj_diff_outcome(const struct rj_case *c)
{
	return c->marks & RJ_CANNOT_RUN ? REJUNIT_ERROR : c->outcome;
}

static bool
list(struct rj_diff *d, enum rejunit_difference kind,
    const struct rj_difference *one)
{
	struct rj_differences *l = &d->of[kind];
	struct rj_difference *kept = rj_alloc(d->arena, sizeof(*kept));
	void *p = kept ? rj_grown(l->list, l->n, &l->room, sizeof(kept)) : NULL;

	if (!p)
		return false;
	*kept = *one;
	l->list = p;
	l->list[l->n++] = kept;
	return true;
}

/* --- one side of a cell --------------------------------------------------- */

/* Entries that nothing tells apart: of how many tests, and how they ended. */
struct tests {
	size_t n;
	size_t of[REJUNIT_UNKNOWN + 1];
	size_t bad;
	enum rejunit_verdict worst;
	const struct rj_case *shown; /* the first one of the worst */
};

/* The phases of one test are one: the worst of them counts. */
static bool
count_tests(const struct rj_matching *how, const struct rj_case *const *entry,
    size_t n, struct rj_arena *scratch, struct tests *out)
{
	unsigned int *test = rj_alloc_n(scratch, n, sizeof(*test));
	enum rejunit_verdict *worst = rj_alloc_n(scratch, n, sizeof(*worst));

	*out = (struct tests){ .worst = REJUNIT_ABSENT };
	if (!test || !worst || !rj_number_tests(how, entry, n, test, &out->n))
		return false;
	for (size_t i = 0; i < n; i++) {
		enum rejunit_verdict v = rj_diff_outcome(entry[i]);

		worst[test[i]] = rj_worse(worst[test[i]], v);
		v = rj_worse(out->worst, v);
		if (v != out->worst)
			out->shown = entry[i];
		out->worst = v;
	}
	for (size_t i = 0; i < out->n; i++)
		out->of[worst[i]]++;
	out->bad = out->of[REJUNIT_FAILED] + out->of[REJUNIT_ERROR];
	return true;
}

/* --- what a cell comes to ------------------------------------------------- */

#define NOTHING RJ_KINDS /* is listed */

/* One test on each side. */
static int
compare_test(
    enum rejunit_verdict before, enum rejunit_verdict after, bool contradicted)
{
	bool was_bad = rejunit_is_bad(before);

	if (rejunit_is_bad(after) && !was_bad)
		return REJUNIT_DIFF_NEWLY_FAILING;
	/* it may be another test of that name */
	if (contradicted && (was_bad || before != after))
		return REJUNIT_DIFF_DOUBTFUL;
	if (rejunit_is_bad(after))
		return REJUNIT_DIFF_STILL_FAILING;
	if (after == REJUNIT_UNKNOWN)
		return before == REJUNIT_UNKNOWN ? NOTHING
						 : REJUNIT_DIFF_DOUBTFUL;
	if (after == REJUNIT_SKIPPED)
		return before == REJUNIT_SKIPPED ? NOTHING
						 : REJUNIT_DIFF_NEWLY_SKIPPED;
	if (was_bad)
		return REJUNIT_DIFF_FIXED;
	return before == REJUNIT_PASSED ? REJUNIT_DIFF_SLOWER : NOTHING;
}

/*
 * Several that cannot be told apart. More failures than before are new ones,
 * whichever they are; all of them are fixed where all passed, and none is
 * missing or may be another one.
 */
static int
compare_tests(const struct tests *o, const struct tests *n, size_t strangers,
    bool contradicted)
{
	if (n->bad > o->bad)
		return REJUNIT_DIFF_NEWLY_FAILING;
	if (o->bad && o->bad == o->n && n->bad == n->n && !strangers &&
	    !contradicted)
		return REJUNIT_DIFF_STILL_FAILING;
	if (n->bad)
		return REJUNIT_DIFF_DOUBTFUL;
	if (o->bad)
		return !contradicted && n->n >= o->n + strangers &&
			       n->of[REJUNIT_PASSED] == n->n
			   ? REJUNIT_DIFF_FIXED
			   : REJUNIT_DIFF_DOUBTFUL;
	if (n->of[REJUNIT_UNKNOWN] > o->of[REJUNIT_UNKNOWN])
		return REJUNIT_DIFF_DOUBTFUL;
	if (n->of[REJUNIT_SKIPPED] > o->of[REJUNIT_SKIPPED])
		return REJUNIT_DIFF_NEWLY_SKIPPED;
	if (n->n != o->n)
		return n->n > o->n ? REJUNIT_DIFF_ADDED : REJUNIT_DIFF_REMOVED;
	return NOTHING;
}

static bool
on_cell(void *ctx, const struct rj_cell *cell, struct rj_arena *scratch)
{
	struct comparison *cmp = ctx;
	const struct rj_case **before =
	    rj_alloc_n(scratch, cell->n_slots, sizeof(*before));
	const struct rj_case **after =
	    rj_alloc_n(scratch, cell->n_cases, sizeof(*after));
	struct tests o, n;
	struct rj_difference d;
	int kind;

	if (!before || !after)
		return false;
	for (size_t i = 0; i < cell->n_slots; i++) {
		((struct old_case *)cell->slots[i])->seen = true;
		before[i] = cell->slots[i]->base;
	}
	for (size_t i = 0; i < cell->n_cases; i++)
		after[i] = cell->cases[i];
	if (!count_tests(cmp->how, before, cell->n_slots, scratch, &o) ||
	    !count_tests(cmp->how, after, cell->n_cases, scratch, &n))
		return false;
	kind = o.n == 1 && n.n == 1 && !cell->strangers
		   ? compare_test(o.worst, n.worst, cell->contradicted)
		   : compare_tests(&o, &n, cell->strangers, cell->contradicted);
	if (kind == NOTHING)
		return true;
	d = (struct rj_difference){ .before = o.worst,
		.after = n.worst,
		.old_case = o.shown,
		.new_case = n.shown,
		.old_tests = o.n,
		.new_tests = n.n };
	return list(cmp->diff, (enum rejunit_difference)kind, &d);
}

/* --- what one run has alone ----------------------------------------------- */

/* One test's entries, the worst of which is the difference's. */
static void
add_entry(struct rj_difference *d, const struct rj_case *c, enum rj_side side)
{
	enum rejunit_verdict *v = side == RJ_OLD ? &d->before : &d->after;
	enum rejunit_verdict worse = rj_worse(*v, rj_diff_outcome(c));

	if (worse == *v)
		return;
	*v = worse;
	*(side == RJ_OLD ? &d->old_case : &d->new_case) = c;
	*(side == RJ_OLD ? &d->old_tests : &d->new_tests) = 1;
}

/* Lists the tests that the entries at hand are of. */
static bool
list_alone(struct comparison *cmp, enum rj_side side)
{
	unsigned int *test;
	struct rj_difference *d;
	size_t tests = 0;
	bool ok;

	if (cmp->n == 0)
		return true;
	rj_arena_reset(&cmp->scratch);
	test = rj_alloc_n(&cmp->scratch, cmp->n, sizeof(*test));
	d = rj_alloc_n(&cmp->scratch, cmp->n, sizeof(*d));
	ok = test && d &&
	     rj_number_tests(cmp->how, cmp->entry, cmp->n, test, &tests);
	for (size_t i = 0; i < cmp->n && ok; i++)
		add_entry(&d[test[i]], cmp->entry[i], side);
	for (size_t i = 0; i < tests && ok; i++)
		ok = list(cmp->diff,
		    side == RJ_OLD		 ? REJUNIT_DIFF_REMOVED
		    : rejunit_is_bad(d[i].after) ? REJUNIT_DIFF_NEWLY_FAILING
						 : REJUNIT_DIFF_ADDED,
		    &d[i]);
	cmp->n = 0;
	return ok;
}

/* Takes an entry that stands alone; those of one test come in a row. */
static bool
take_alone(struct comparison *cmp, enum rj_side side,
    const struct rj_test *test, const struct rj_case *c)
{
	void *p;

	if (cmp->alone != test && !list_alone(cmp, side))
		return false;
	cmp->alone = test;
	p = rj_grown(cmp->entry, cmp->n, &cmp->room, sizeof(c));
	if (!p)
		return false;
	cmp->entry = p;
	cmp->entry[cmp->n++] = c;
	return true;
}

static bool
on_fresh(void *ctx, struct rj_test *test, const struct rj_case *c)
{
	return take_alone(ctx, RJ_NEW, test, c);
}

static bool
list_removed(struct comparison *cmp, const struct rj_tests *tests)
{
	for (const struct rj_test *t = tests->all; t; t = t->next)
		for (const struct rj_slot_of *s = t->slots; s; s = s->next)
			if (!((const struct old_case *)s->slot)->seen &&
			    !take_alone(cmp, RJ_OLD, t, s->slot->base))
				return false;
	return list_alone(cmp, RJ_OLD);
}

/* --- the whole ------------------------------------------------------------ */

static bool
take_old(struct rj_tests *tests, struct rj_arena *a, const struct rj_run *run)
{
	struct old_case *old;
	size_t all = 0;

	for (size_t k = 0; k < run->n; k++)
		all += run->reports[k].n;
	old = rj_alloc_n(a, all, sizeof(*old));
	for (size_t k = 0; k < run->n && old; k++)
		for (size_t i = 0; i < run->reports[k].n; i++) {
			const struct rj_case *c = run->reports[k].cases[i];
			struct rj_slot *s = &old++->slot;
			struct rj_test *t = rj_tests_find(tests, c);

			s->base = c;
			if (!t || !rj_test_add_slot(tests, t, s))
				return false;
		}
	return old != NULL;
}

bool
rj_diff(struct rj_diff *d, const struct rj_run *before,
    const struct rj_run *after, const struct rj_map *old_paths,
    const struct rj_map *new_paths)
{
	const struct rj_matching how = { .reports = before->reports,
		.before = old_paths,
		.run = new_paths };
	struct rj_arena arena = { 0 };
	struct rj_tests tests = { .arena = &arena,
		.fields = REJUNIT_CLASSNAME | REJUNIT_NAME };
	struct comparison cmp = { .diff = d, .how = &how };
	struct rj_pairing pairing = { .how = &how,
		.tests = &tests,
		.cell = on_cell,
		.fresh = on_fresh,
		.ctx = &cmp };
	bool ok;

	rj_share_folders(before, after);
	ok = take_old(&tests, &arena, before) && rj_pair_run(&pairing, after) &&
	     list_alone(&cmp, RJ_NEW) && list_removed(&cmp, &tests);
	free(cmp.entry);
	rj_arena_free(&cmp.scratch);
	rj_pairing_free(&pairing);
	rj_tests_free(&tests);
	rj_arena_free(&arena);
	return ok;
}

void
rj_diff_free(struct rj_diff *d)
{
	for (int i = 0; i < RJ_KINDS; i++) {
		free(d->of[i].list);
		d->of[i] = (struct rj_differences){ 0 };
	}
}
