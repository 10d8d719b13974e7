#include "investigate/evidence.h"

#include <stdlib.h>

#define NO_FACTS "{}"
/*
 * The executions of one test: run by run, as they are stored. SQLite keeps this
 * order of joining, where it would read all of them else.
 */
#define OF_TEST	 "FROM run r CROSS JOIN execution e"
#define SAID_MAX 200 /* signatures that are looked at */

struct load {
	struct rj_evidence *e;
	struct rj_history *history;
	struct rj_map facts; /* that were read, by their JSON */
	struct rj_map workers; /* their numbers */
	unsigned int n_workers;
	unsigned int *worker_at; /* by the numbers of places */
	size_t n_worker_at;
	unsigned int *sample_at; /* by runs; from 1 on */
	int64_t *run_numbers; /* by samples */
	size_t next_run;
	size_t room;
	size_t attempt_room;
	size_t other_room;
	size_t said_room;
};

static enum rejunit_status
no_memory(const struct load *l)
{
	return rj_fail_memory(l->history->db.err);
}

/* What an object of JSON says, read once. */
static const struct rj_facts *
facts_of(struct load *l, struct rj_str json)
{
	struct rj_facts *f = rj_map_get(&l->facts, json);

	if (f)
		return f;
	f = rj_alloc(&l->e->arena, sizeof(*f));
	if (!f || !rj_alloc_str(&l->e->arena, json, &json) ||
	    !rj_facts_read(f, &l->e->arena, json) ||
	    !rj_map_put(&l->facts, json, f))
		return NULL;
	return f;
}

static bool
number_worker(struct load *l, struct rj_str name, unsigned int *out)
{
	uintptr_t known = (uintptr_t)rj_map_get(&l->workers, name);

	*out = (unsigned int)known;
	if (known || !name.n)
		return true;
	*out = ++l->n_workers;
	return rj_map_put_copy(
	    &l->workers, &l->e->arena, name, (void *)(uintptr_t)*out);
}

/* --- the runs ------------------------------------------------------------ */

/* They come in the order of the past. */
static enum rejunit_status
take_run(void *ctx, const struct rj_db_row *row)
{
	struct load *l = ctx;
	const struct rj_past *p = &l->e->ranking->past;
	unsigned int at =
	    rj_past_place(p->run_at, p->n_run_at, row->number(row, 0));
	struct rj_run_texts *r;
	struct rj_str *texts[5];

	if (!at)
		return REJUNIT_OK;
	r = &l->e->runs[at - 1];
	texts[0] = &r->commit;
	texts[1] = &r->branch;
	texts[2] = &r->job;
	texts[3] = &r->host;
	texts[4] = &r->url;
	for (int i = 0; i < 5; i++)
		if (!rj_alloc_str(
			&l->e->arena, row->text(row, i + 1), texts[i]))
			return no_memory(l);
	r->facts = facts_of(l, row->text(row, 6));
	return r->facts ? REJUNIT_OK : no_memory(l);
}

static enum rejunit_status
load_runs(struct load *l)
{
	struct rj_evidence *e = l->e;
	const struct rj_past *p = &e->ranking->past;
	const struct rj_facts *none = facts_of(l, RJ_STR(NO_FACTS));

	e->runs = rj_alloc_n(&e->arena, p->n_runs + 1, sizeof(*e->runs));
	if (!e->runs || !none)
		return no_memory(l);
	for (size_t i = 0; i < p->n_runs; i++)
		e->runs[i].facts = none;
	return rj_history_run(l->history,
	    "SELECT id, commit_id, branch, job, host, url, facts FROM run "
	    "ORDER BY at, run",
	    NULL, 0, take_run, l);
}

/* --- the test ------------------------------------------------------------ */

static bool
is_decided(enum rejunit_verdict v)
{
	return v == REJUNIT_PASSED || rejunit_is_bad(v);
}

static bool
take_attempt(struct load *l, size_t sample, unsigned int attempt, bool bad,
    const struct rj_facts *facts)
{
	struct rj_evidence *e = l->e;
	void *more = rj_grown(
	    e->attempts, e->n_attempts, &l->attempt_room, sizeof(*e->attempts));

	if (!more)
		return false;
	e->attempts = more;
	e->attempts[e->n_attempts++] =
	    (struct rj_attempt){ (unsigned int)sample, attempt, bad, facts };
	return true;
}

static double
seconds_in(const struct rj_db_row *row, int column)
{
	return row->is_null(row, column)
		   ? -1
		   : (double)row->number(row, column) / 1e6;
}

static int64_t
number_in(const struct rj_db_row *row, int column)
{
	return row->is_null(row, column) ? -1 : row->number(row, column);
}

static struct rj_sample *
add_sample(struct load *l, unsigned int run)
{
	struct rj_evidence *e = l->e;
	void *more = rj_grown(e->samples, e->n, &l->room, sizeof(*e->samples));

	if (!more)
		return NULL;
	e->samples = more;
	e->samples[e->n] = (struct rj_sample){ .run = run, .words = -1 };
	return &e->samples[e->n++];
}

static enum rejunit_status
take_execution(void *ctx, const struct rj_db_row *row)
{
	struct load *l = ctx;
	struct rj_evidence *e = l->e;
	const struct rj_past *p = &e->ranking->past;
	unsigned int run =
	    rj_past_place(p->run_at, p->n_run_at, row->number(row, 0));
	unsigned int attempt = (unsigned int)(row->number(row, 1) >> 32);
	enum rejunit_verdict v = (enum rejunit_verdict)row->number(row, 2);
	struct rj_sample *s = e->n ? &e->samples[e->n - 1] : NULL;
	const struct rj_facts *facts = facts_of(l, row->text(row, 6));
	bool bad = rejunit_is_bad(v);

	if (!run || !is_decided(v))
		return REJUNIT_OK;
	if (!facts)
		return no_memory(l);
	if (!s || s->run != run - 1) {
		/* without its attempt 0, nothing can be compared */
		if (attempt)
			return REJUNIT_OK;
		s = add_sample(l, run - 1);
		if (!s)
			return no_memory(l);
		s->seconds = seconds_in(row, 3);
		s->position = number_in(row, 4);
		s->facts = facts;
		s->verdict = v;
		if (!number_worker(
			l, rj_fact(facts, RJ_STR("worker")), &s->worker) ||
		    !rj_alloc_str(&e->arena, row->text(row, 7), &s->file) ||
		    !rj_alloc_str(&e->arena, row->text(row, 8), &s->id))
			return no_memory(l);
	} else if (attempt == 0) {
		s->several = true;
	}
	if (attempt == 0 && bad && !s->bad) {
		s->bad = true;
		s->verdict = v;
		s->words = number_in(row, 5);
		s->seconds = seconds_in(row, 3);
	}
	s->again += attempt > 0;
	s->again_passed += attempt > 0 && v == REJUNIT_PASSED;
	return take_attempt(l, e->n - 1, attempt, bad, facts) ? REJUNIT_OK
							      : no_memory(l);
}

static int64_t
number_of_test(const struct rj_past *p, unsigned int test)
{
	for (size_t i = 0; i < p->n_test_at; i++)
		if (p->test_at[i] == test + 1)
			return (int64_t)i;
	return 0;
}

static enum rejunit_status
load_test(struct load *l)
{
	struct rj_evidence *e = l->e;
	const struct rj_db_value test =
	    rj_db_int(number_of_test(&e->ranking->past, e->test));
	enum rejunit_status status = rj_history_run(l->history,
	    "SELECT e.run, e.part, e.outcome, e.time, e.position, e.words, "
	    "coalesce(p.facts, '" NO_FACTS "'), coalesce(p.file, ''), "
	    "coalesce(p.id_of_runner, '') " OF_TEST
	    " LEFT JOIN place p ON p.id = e.place "
	    "WHERE e.run = r.id AND e.test = $1 ORDER BY r.at, r.run, e.part",
	    &test, 1, take_execution, l);

	for (size_t i = 0; i < e->n; i++) {
		e->bad += e->samples[i].bad;
		if (e->samples[i].id.n)
			e->id = e->samples[i].id;
	}
	return status;
}

/* --- the others ---------------------------------------------------------- */

static enum rejunit_status
take_worker(void *ctx, const struct rj_db_row *row)
{
	struct load *l = ctx;
	const struct rj_facts *facts = facts_of(l, row->text(row, 1));
	unsigned int worker;

	/* what no execution can refer to */
	if (!rj_is_number(row->number(row, 0)))
		return REJUNIT_OK;
	return facts &&
		       number_worker(
			   l, rj_fact(facts, RJ_STR("worker")), &worker) &&
		       rj_past_enter(&l->worker_at, &l->n_worker_at,
			   row->number(row, 0), worker)
		   ? REJUNIT_OK
		   : no_memory(l);
}

static enum rejunit_status
take_other(void *ctx, const struct rj_db_row *row)
{
	struct load *l = ctx;
	struct rj_evidence *e = l->e;
	const struct rj_past *p = &e->ranking->past;
	unsigned int run =
	    rj_past_place(p->run_at, p->n_run_at, row->number(row, 0));
	unsigned int test =
	    rj_past_place(p->test_at, p->n_test_at, row->number(row, 1));
	enum rejunit_verdict v = (enum rejunit_verdict)row->number(row, 2);
	unsigned int sample = run ? l->sample_at[run - 1] : 0;
	struct rj_other *last =
	    e->n_others ? &e->others[e->n_others - 1] : NULL;
	void *more;

	if (!sample || !test || test - 1 == e->test)
		return REJUNIT_OK;
	/* of several entries, the first bad one */
	if (last && last->sample == sample - 1 && last->test == test - 1) {
		if (rejunit_is_bad(v) && !last->bad) {
			last->bad = last->decided = true;
			last->words = number_in(row, 5);
		}
		return REJUNIT_OK;
	}
	more = rj_grown(
	    e->others, e->n_others, &l->other_room, sizeof(*e->others));
	if (!more)
		return no_memory(l);
	e->others = more;
	e->others[e->n_others++] = (struct rj_other){ sample - 1, test - 1,
		number_in(row, 4), seconds_in(row, 3),
		rj_past_place(l->worker_at, l->n_worker_at, number_in(row, 6)),
		rejunit_is_bad(v), is_decided(v), number_in(row, 5) };
	return REJUNIT_OK;
}

static int
by_test(const void *a, const void *b)
{
	const struct rj_other *x = a, *y = b;

	if (x->test != y->test)
		return x->test < y->test ? -1 : 1;
	return x->sample < y->sample ? -1 : x->sample > y->sample;
}

static enum rejunit_status
load_others(struct load *l)
{
	struct rj_evidence *e = l->e;
	const struct rj_past *p = &e->ranking->past;
	const struct rj_db_value test = rj_db_int(number_of_test(p, e->test));
	enum rejunit_status status;

	l->sample_at =
	    rj_alloc_n(&e->arena, p->n_runs + 1, sizeof(*l->sample_at));
	if (!l->sample_at)
		return no_memory(l);
	for (size_t i = 0; i < e->n; i++)
		l->sample_at[e->samples[i].run] = (unsigned int)i + 1;
	status = rj_history_run(l->history,
	    "SELECT id, facts FROM place WHERE facts LIKE '%\"worker\"%'", NULL,
	    0, take_worker, l);
	if (!status)
		status = rj_history_run(l->history,
		    "SELECT e.run, e.test, e.outcome, e.time, e.position, "
		    "e.words, e.place FROM execution e WHERE e.run IN "
		    "(SELECT r.id " OF_TEST
		    " WHERE e.run = r.id AND e.test = $1) "
		    "AND e.part < 4294967296 ORDER BY e.run, e.test, e.part",
		    &test, 1, take_other, l);
	if (!status && e->n_others)
		qsort(e->others, e->n_others, sizeof(*e->others), by_test);
	return status;
}

/* --- what failures said -------------------------------------------------- */

static enum rejunit_status
take_words(void *ctx, const struct rj_db_row *row)
{
	struct load *l = ctx;
	struct rj_said *s = &l->e->said[l->e->n_said];
	struct rj_arena *a = &l->e->arena;

	return rj_alloc_str(a, row->text(row, 0), &s->type) &&
		       rj_alloc_str(a, row->text(row, 1), &s->message) &&
		       rj_alloc_str(a, row->text(row, 2), &s->trace)
		   ? REJUNIT_OK
		   : no_memory(l);
}

static int
by_failures(const void *a, const void *b)
{
	const struct rj_said *x = a, *y = b;

	if (x->failures != y->failures)
		return x->failures > y->failures ? -1 : 1;
	if (x->run != y->run)
		return x->run > y->run ? -1 : 1;
	return rj_str_order(x->signature, y->signature);
}

/* One of each signature, the newest. */
static enum rejunit_status
load_said(struct load *l)
{
	struct rj_evidence *e = l->e;
	enum rejunit_status status = REJUNIT_OK;

	e->said = rj_alloc_n(&e->arena, e->bad + 1, sizeof(*e->said));
	if (!e->said)
		return no_memory(l);
	for (size_t i = e->n; i-- > 0 && !status;) {
		const struct rj_sample *s = &e->samples[i];
		const struct rj_db_value id = rj_db_int(s->words);
		struct rj_str signature =
		    rj_past_signature(&e->ranking->past, s->words);
		size_t k = 0;

		if (!s->bad || s->words < 0)
			continue;
		while (
		    k < e->n_said &&
		    !(signature.n ? rj_str_eq(e->said[k].signature, signature)
				  : e->said[k].words == s->words))
			k++;
		/* so many ways to fail say nothing one by one */
		if (k == SAID_MAX) {
			e->not_said++;
			continue;
		}
		e->said[k].failures++;
		if (k < e->n_said)
			continue;
		e->said[k].words = s->words;
		e->said[k].signature = signature;
		e->said[k].run = s->run;
		status = rj_history_run(l->history,
		    "SELECT type, message, trace FROM words WHERE id = $1", &id,
		    1, take_words, l);
		e->n_said++;
	}
	if (e->n_said)
		qsort(e->said, e->n_said, sizeof(*e->said), by_failures);
	return status;
}

/* --- the whole ----------------------------------------------------------- */

enum rejunit_status
rj_evidence_load(struct rj_evidence *e, struct rj_history *h,
    const struct rj_ranking *r, unsigned int test, bool others)
{
	struct load l = { .e = e, .history = h };
	enum rejunit_status status;

	*e = (struct rj_evidence){ .ranking = r, .test = test };
	for (size_t i = 0; i < r->n; i++)
		if (r->tests[i].test == &r->past.tests[test])
			e->rank = &r->tests[i];
	status = load_runs(&l);
	if (!status)
		status = load_test(&l);
	if (!status && others)
		status = load_others(&l);
	if (!status)
		status = load_said(&l);
	rj_map_free(&l.facts);
	rj_map_free(&l.workers);
	free(l.worker_at);
	return status;
}

void
rj_evidence_free(struct rj_evidence *e)
{
	free(e->samples);
	free(e->attempts);
	free(e->others);
	rj_arena_free(&e->arena);
	*e = (struct rj_evidence){ .n = 0 };
}

/* The newest of the runs that the ranking sees. */
struct id {
	struct rj_evidence *e;
	struct rj_str *out;
};

static enum rejunit_status
take_id(void *ctx, const struct rj_db_row *row)
{
	struct id *id = ctx;
	const struct rj_past *p = &id->e->ranking->past;

	if (id->out->n ||
	    !rj_past_place(p->run_at, p->n_run_at, row->number(row, 1)) ||
	    rj_alloc_str(&id->e->arena, row->text(row, 0), id->out))
		return REJUNIT_OK;
	return REJUNIT_OUTPUT;
}

enum rejunit_status
rj_evidence_id(struct rj_evidence *e, struct rj_history *h, unsigned int test,
    struct rj_str *out)
{
	const struct rj_past *p = &e->ranking->past;
	const struct rj_db_value number = rj_db_int(number_of_test(p, test));
	struct id id = { e, out };
	enum rejunit_status status;

	*out = (struct rj_str){ NULL, 0 };
	status = rj_history_run(h,
	    "SELECT p.id_of_runner, e.run " OF_TEST
	    " JOIN place p ON p.id = e.place WHERE e.run = r.id "
	    "AND e.test = $1 AND p.id_of_runner <> '' "
	    "ORDER BY r.at DESC, r.run DESC, e.part",
	    &number, 1, take_id, &id);
	return status == REJUNIT_OUTPUT ? rj_fail_memory(h->db.err) : status;
}
