/* Failures that are alike, across tests and runs. */
#include <stdlib.h>

#include "history/rank.h"

/* A failure of an attempt 0. */
struct failure {
	unsigned int signature; /* its number, from 1 on */
	unsigned int run;
	unsigned int test;
	bool recovered;
	int64_t words;
};

struct work {
	struct rj_ranking *ranking;
	struct rj_map numbers; /* by signature */
	struct failure *failures;
	size_t n;
	size_t room;
	unsigned int n_signatures;
};

static bool
add_failure(struct work *w, unsigned int test, const struct rj_seen *s)
{
	const struct rj_past *p = &w->ranking->past;
	struct rj_str signature = rj_past_signature(p, s->words);
	uintptr_t number;
	void *failures;

	if (!rejunit_is_bad(s->first) || !signature.n || p->runs[s->run].hunt)
		return true;
	number = (uintptr_t)rj_map_get(&w->numbers, signature);
	if (!number) {
		number = ++w->n_signatures;
		if (!rj_map_put(&w->numbers, signature, (void *)number))
			return false;
	}
	failures = rj_grown(w->failures, w->n, &w->room, sizeof(*w->failures));
	if (!failures)
		return false;
	w->failures = failures;
	w->failures[w->n++] = (struct failure){ (unsigned int)number, s->run,
		test, rj_seen_recovered(s), s->words };
	return true;
}

/* By signature, run and test. */
static int
compare_failures(const void *a, const void *b)
{
	const struct failure *x = a, *y = b;

	if (x->signature != y->signature)
		return x->signature < y->signature ? -1 : 1;
	if (x->run != y->run)
		return x->run < y->run ? -1 : 1;
	return x->test < y->test ? -1 : x->test > y->test;
}

static int
compare_numbers(const void *a, const void *b)
{
	const unsigned int *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The tests of failures, each once, in the past's arena. */
static bool
take_tests(struct work *w, struct rj_cluster *c, const struct failure *f)
{
	c->tests =
	    rj_alloc_n(&w->ranking->past.arena, c->failures, sizeof(*c->tests));
	if (!c->tests)
		return false;
	for (unsigned int i = 0; i < c->failures; i++)
		c->tests[i] = f[i].test;
	qsort(c->tests, c->failures, sizeof(*c->tests), compare_numbers);
	for (unsigned int i = 0; i < c->failures; i++)
		if (i == 0 || c->tests[i] != c->tests[i - 1])
			c->tests[c->n_tests++] = c->tests[i];
	return true;
}

/* A cluster of the failures that follow each other. */
static bool
make_cluster(struct work *w, struct rj_cluster *c, const struct failure *f)
{
	struct rj_ranking *r = w->ranking;
	const struct rj_past_run *runs = r->past.runs;

	*c = (struct rj_cluster){
		.signature = rj_past_signature(&r->past, f->words),
		.words = f->words,
		.first = runs[f->run].at,
	};
	for (const struct failure *at = f;
	     at < w->failures + w->n && at->signature == f->signature; at++) {
		if (at == f || at->run != at[-1].run)
			c->runs++;
		c->failures++;
		c->last = runs[at->run].at;
		if (!at->recovered)
			continue;
		c->recovered++;
		r->recovered[r->n_recovered++] =
		    (struct rj_recovered){ at->run, c->runs - 1 };
	}
	return take_tests(w, c, f);
}

static int
compare_clusters(const void *a, const void *b)
{
	const struct rj_cluster *x = a, *y = b;

	if (x->failures != y->failures)
		return x->failures > y->failures ? -1 : 1;
	if (x->last != y->last)
		return x->last > y->last ? -1 : 1;
	return rj_str_order(x->signature, y->signature);
}

struct texts {
	struct rj_arena *arena;
	struct rj_cluster *cluster;
	bool no_memory;
};

static enum rejunit_status
take_texts(void *ctx, const struct rj_db_row *row)
{
	struct texts *t = ctx;

	t->no_memory =
	    !rj_alloc_str(t->arena, row->text(row, 0), &t->cluster->type) ||
	    !rj_alloc_str(t->arena, row->text(row, 1), &t->cluster->message);
	return REJUNIT_OK;
}

/* What failures say, of those that are listed. */
static enum rejunit_status
read_texts(struct rj_ranking *r, struct rj_history *h)
{
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < r->n_clusters && !status; i++) {
		struct texts t = { &r->past.arena, &r->clusters[i], false };
		const struct rj_db_value id = rj_db_int(r->clusters[i].words);

		status = rj_history_run(h,
		    "SELECT type, message FROM words WHERE id = $1", &id, 1,
		    take_texts, &t);
		if (!status && t.no_memory)
			status = rj_fail_memory(h->db.err);
	}
	return status;
}

static bool
collect(struct work *w)
{
	struct rj_ranking *r = w->ranking;

	for (size_t i = 0; i < r->past.n_tests; i++)
		for (size_t k = 0; k < r->past.tests[i].n; k++)
			if (!add_failure(
				w, (unsigned int)i, &r->past.tests[i].seen[k]))
				return false;
	if (w->n)
		qsort(
		    w->failures, w->n, sizeof(*w->failures), compare_failures);
	r->clusters = calloc(w->n_signatures + 1, sizeof(*r->clusters));
	r->recovered = calloc(w->n + 1, sizeof(*r->recovered));
	if (!r->clusters || !r->recovered)
		return false;
	for (size_t i = 0; i < w->n; i += r->clusters[r->n_clusters++].failures)
		if (!make_cluster(
			w, &r->clusters[r->n_clusters], &w->failures[i]))
			return false;
	qsort(
	    r->clusters, r->n_clusters, sizeof(*r->clusters), compare_clusters);
	return true;
}

enum rejunit_status
rj_cluster(
    struct rj_ranking *r, struct rj_history *h, const struct rj_rank_options *o)
{
	struct work w = { .ranking = r };
	bool ok = collect(&w);

	rj_map_free(&w.numbers);
	free(w.failures);
	if (!ok)
		return rj_fail_memory(h->db.err);
	r->by_signature = o->by == REJUNIT_BY_SIGNATURE;
	if (!r->by_signature)
		return REJUNIT_OK;
	if (o->top && o->top < r->n_clusters)
		r->n_clusters = o->top;
	return read_texts(r, h);
}
