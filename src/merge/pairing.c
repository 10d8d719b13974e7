#include "merge/pairing.h"

bool
rj_lay_out(struct rj_pairing *p, const struct rj_test *before,
    const struct rj_test *current, struct rj_cell *all)
{
	size_t cases = current ? current->n_cases : 0;

	rj_arena_reset(&p->scratch);
	*all = (struct rj_cell){
		.slots = rj_alloc_n(
		    &p->scratch, before->n_slots, sizeof(struct rj_slot *)),
		.cases =
		    rj_alloc_n(&p->scratch, cases, sizeof(struct rj_case *)),
	};
	if (!all->slots || !all->cases)
		return false;
	for (struct rj_slot_of *s = before->slots; s; s = s->next)
		all->slots[all->n_slots++] = s->slot;
	for (struct rj_case_of *c = current ? current->cases : NULL; c;
	     c = c->next)
		all->cases[all->n_cases++] = c->at;
	return true;
}

/* One entry on each side, as nearly all tests have. */
static bool
match_pair(
    struct rj_pairing *p, struct rj_test *before, struct rj_test *current)
{
	struct rj_slot *s = before->slots->slot;
	struct rj_case *c = current->cases->at;
	enum rj_likeness alike = rj_compare(p->how, s->base, c);
	const struct rj_cell cell = { .slots = &s,
		.n_slots = 1,
		.cases = &c,
		.n_cases = 1,
		.contradicted = alike == RJ_IN_DOUBT };

	if (alike == RJ_ARE_TWO)
		return p->fresh(p->ctx, current, c);
	rj_arena_reset(&p->scratch);
	return p->cell(p->ctx, &cell, &p->scratch);
}

static bool
match_group(
    struct rj_pairing *p, struct rj_test *before, struct rj_test *current)
{
	struct rj_cells cells = { 0 };
	struct rj_cell all;

	if (!rj_lay_out(p, before, current, &all) ||
	    !rj_match(p->how, all.slots, all.n_slots, all.cases, all.n_cases,
		&p->scratch, &cells))
		return false;
	for (size_t i = 0; i < cells.n; i++)
		if (!p->cell(p->ctx, &cells.cell[i], &p->scratch))
			return false;
	for (size_t i = 0; i < cells.n_fresh; i++)
		if (!p->fresh(p->ctx, current, cells.fresh[i]))
			return false;
	return true;
}

static bool
match(struct rj_pairing *p, struct rj_test *current)
{
	struct rj_test *before = rj_test_in_other_form(current);

	if (before->n_slots == 1 && current->n_cases == 1)
		return match_pair(p, before, current);
	if (before->n_slots > 0)
		return match_group(p, before, current);
	for (struct rj_case_of *c = current->cases; c; c = c->next)
		if (!p->fresh(p->ctx, current, c->at))
			return false;
	return true;
}

/* Puts each case of the run to its test: those that have any, in order. */
static bool
queue_tests(
    struct rj_pairing *p, const struct rj_run *run, struct rj_test **queue)
{
	rj_arena_reset(&p->run_scratch);
	for (size_t k = 0; k < run->n; k++)
		for (size_t i = 0; i < run->reports[k].n; i++) {
			struct rj_case *c = run->reports[k].cases[i];
			struct rj_test *t = rj_tests_find(p->tests, c);
			bool first;

			if (!t ||
			    !rj_test_add_case(t, &p->run_scratch, c, &first))
				return false;
			if (first) {
				*queue = t;
				queue = &t->queued;
			}
		}
	return true;
}

bool
rj_pair_run(struct rj_pairing *p, const struct rj_run *run)
{
	struct rj_test *queue = NULL;

	if (!queue_tests(p, run, &queue))
		return false;
	for (struct rj_test *t = queue; t; t = t->queued)
		if (!match(p, t))
			return false;
	return true;
}

void
rj_pairing_free(struct rj_pairing *p)
{
	rj_arena_free(&p->scratch);
	rj_arena_free(&p->run_scratch);
}

/* --- folders -------------------------------------------------------------- */

/* Adds the folders that a run's reports name. */
static void
take_folders(struct rj_folders *all, const struct rj_run *run)
{
	bool new;

	for (size_t k = 0; k < run->n; k++) {
		const struct rj_folders *f = &run->reports[k].folders;

		for (size_t i = 0; i < f->n && i < RJ_FOLDERS_MAX; i++)
			rj_folders_add(all, f->folder[i], &new);
		if (f->n > RJ_FOLDERS_MAX)
			all->n = f->n;
	}
}

static void
share(const struct rj_folders *all, const struct rj_run *run)
{
	for (size_t k = 0; k < run->n; k++)
		for (size_t i = 0; i < run->reports[k].n; i++) {
			struct rj_case *c = run->reports[k].cases[i];

			c->shared =
			    (unsigned int)rj_folders_shared(all, c->file);
		}
}

void
rj_share_folders(const struct rj_run *original, const struct rj_run *run)
{
	struct rj_folders all = { 0 };

	take_folders(&all, original);
	take_folders(&all, run);
	if (all.n) {
		share(&all, original);
		share(&all, run);
	}
}
