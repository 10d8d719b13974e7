#include "history/past.h"

#include <limits.h>
#include <stdlib.h>

#include "list/signature.h"

#define OUTAGE_TESTS 10
#define TIME_MAX     ((int64_t)1 << 50) /* microseconds: 35 years */

/* What is needed while the past is loaded. */
struct load {
	struct rj_past *past;
	struct rj_history *history;
	struct rj_map commits;
	struct rj_map branches;
	struct rj_map jobs;
	struct rj_map legs;
	unsigned int n_commits, n_branches, n_jobs, n_legs;
	size_t room;
	size_t test_room;
	size_t signature_room;
	size_t *seen_room; /* by test */
	struct rj_buf id; /* scratch */
	struct rj_str branch;
};

static enum rejunit_status
no_memory(const struct load *l)
{
	return rj_fail_memory(l->history->db.err);
}

/* The number of a word; 0: it is empty. */
static bool
number_word(struct load *l, struct rj_map *map, unsigned int *n,
    struct rj_str word, unsigned int *out)
{
	uintptr_t known = (uintptr_t)rj_map_get(map, word);

	*out = (unsigned int)known;
	if (known || word.n == 0)
		return true;
	*out = ++*n;
	return rj_map_put_copy(
	    map, &l->past->arena, word, (void *)(uintptr_t)*out);
}

static enum rejunit_status
is_damaged(const struct load *l)
{
	const struct rj_db *db = &l->history->db;

	return rj_fail_at(db->err, REJUNIT_INPUT, db->name, 0, 0,
	    "is damaged, or no history: a number in it cannot be");
}

bool
rj_past_enter(
    unsigned int **places, size_t *n, int64_t number, unsigned int place)
{
	if ((size_t)number >= *n) {
		size_t room = (size_t)number * 2 + 64;
		unsigned int *more = realloc(*places, room * sizeof(*more));

		if (!more)
			return false;
		for (size_t i = *n; i < room; i++)
			more[i] = 0;
		*places = more;
		*n = room;
	}
	(*places)[number] = place;
	return true;
}

/*
 * The name of a run without the host that CI gave it: those that share the rest
 * are one job on several machines, the legs of a matrix.
 */
static struct rj_str
name_of_legs(struct rj_str name, struct rj_str host)
{
	if (host.n && name.n > host.n && rj_str_ends(name, host) &&
	    name.s[name.n - host.n - 1] == '/')
		return (struct rj_str){ name.s, name.n - host.n };
	return (struct rj_str){ NULL, 0 };
}

static enum rejunit_status
take_run(void *ctx, const struct rj_db_row *row)
{
	struct load *l = ctx;
	struct rj_past *p = l->past;
	struct rj_past_run *r;
	void *runs;

	if (!rj_is_number(row->number(row, 0)))
		return is_damaged(l);
	runs = rj_grown(p->runs, p->n_runs, &l->room, sizeof(*p->runs));
	if (!runs)
		return no_memory(l);
	p->runs = runs;
	r = &p->runs[p->n_runs++];
	*r = (struct rj_past_run){ .at = row->number(row, 2) };
	r->hunt = rj_str_eq(row->text(row, 3), RJ_STR("hunt"));
	if (!rj_alloc_str(&p->arena, row->text(row, 1), &r->name) ||
	    !number_word(
		l, &l->commits, &l->n_commits, row->text(row, 4), &r->commit) ||
	    !number_word(l, &l->branches, &l->n_branches, row->text(row, 5),
		&r->branch) ||
	    !number_word(l, &l->jobs, &l->n_jobs, row->text(row, 6), &r->job) ||
	    !number_word(l, &l->legs, &l->n_legs,
		name_of_legs(r->name, row->text(row, 7)), &r->legs) ||
	    !rj_past_enter(&p->run_at, &p->n_run_at, row->number(row, 0),
		(unsigned int)p->n_runs))
		return no_memory(l);
	return REJUNIT_OK;
}

static bool
make_id(struct load *l, struct rj_past_test *t)
{
	struct rj_buf *id = &l->id;

	id->n = 0;
	return rj_buf_add(id, t->classname) &&
	       rj_buf_add(id, t->classname.n ? RJ_STR("::") : RJ_STR("")) &&
	       rj_buf_add(id, t->name) &&
	       rj_buf_add(id, t->told.n ? RJ_STR(" @ ") : RJ_STR("")) &&
	       rj_buf_add(id, t->told) &&
	       rj_alloc_str(&l->past->arena, rj_buf_str(id), &t->id);
}

static enum rejunit_status
take_test(void *ctx, const struct rj_db_row *row)
{
	struct load *l = ctx;
	struct rj_past *p = l->past;
	struct rj_past_test *t;
	void *tests;

	if (!rj_is_number(row->number(row, 0)))
		return is_damaged(l);
	tests =
	    rj_grown(p->tests, p->n_tests, &l->test_room, sizeof(*p->tests));
	if (!tests)
		return no_memory(l);
	p->tests = tests;
	t = &p->tests[p->n_tests++];
	*t = (struct rj_past_test){ .n = 0 };
	if (!rj_alloc_str(&p->arena, row->text(row, 1), &t->classname) ||
	    !rj_alloc_str(&p->arena, row->text(row, 2), &t->name) ||
	    !rj_alloc_str(&p->arena, row->text(row, 3), &t->told) ||
	    !make_id(l, t) ||
	    !rj_past_enter(&p->test_at, &p->n_test_at, row->number(row, 0),
		(unsigned int)p->n_tests))
		return no_memory(l);
	return REJUNIT_OK;
}

static enum rejunit_status
take_signature(void *ctx, const struct rj_db_row *row)
{
	struct load *l = ctx;
	struct rj_past *p = l->past;
	size_t at = (size_t)row->number(row, 0);

	if (!rj_is_number(row->number(row, 0)))
		return is_damaged(l);
	while (p->n_signatures <= at) {
		void *more = rj_grown(p->signatures, p->n_signatures,
		    &l->signature_room, sizeof(*p->signatures));

		if (!more)
			return no_memory(l);
		p->signatures = more;
		p->signatures[p->n_signatures++] = (struct rj_str){ NULL, 0 };
	}
	return rj_alloc_str(&p->arena, row->text(row, 1), &p->signatures[at])
		   ? REJUNIT_OK
		   : no_memory(l);
}

/* An earlier version told apart what later ones do not: it is made anew. */
static enum rejunit_status
sign_again(void *ctx, const struct rj_db_row *row)
{
	struct load *l = ctx;
	struct rj_past *p = l->past;
	size_t at = (size_t)row->number(row, 0);
	char signature[RJ_SIGNATURE_SIZE];

	if (at >= p->n_signatures)
		return is_damaged(l);
	return rj_signature(RJ_SIGNATURE_VERSION, row->text(row, 1),
		   row->text(row, 2), row->text(row, 3), signature) &&
		       rj_alloc_str(
			   &p->arena, rj_str(signature), &p->signatures[at])
		   ? REJUNIT_OK
		   : no_memory(l);
}

static bool
is_decided(enum rejunit_verdict v)
{
	return v == REJUNIT_PASSED || v == REJUNIT_FAILED || v == REJUNIT_ERROR;
}

/* Of several entries, a bad one says most, then one that passed. */
static enum rejunit_verdict
worse(enum rejunit_verdict a, enum rejunit_verdict b)
{
	if (rejunit_is_bad(a) || rejunit_is_bad(b))
		return rejunit_is_bad(a) ? a : b;
	return a == REJUNIT_PASSED || b == REJUNIT_ABSENT ? a : b;
}

static enum rejunit_status
take_execution(void *ctx, const struct rj_db_row *row)
{
	struct load *l = ctx;
	const struct rj_past *p = l->past;
	unsigned int run =
	    rj_past_place(p->run_at, p->n_run_at, row->number(row, 0));
	unsigned int test =
	    rj_past_place(p->test_at, p->n_test_at, row->number(row, 1));
	unsigned int attempt = (unsigned int)(row->number(row, 2) >> 32);
	bool is_first = (uint32_t)row->number(row, 2) == 0;
	enum rejunit_verdict v = (enum rejunit_verdict)row->number(row, 3);
	struct rj_past_test *t;
	struct rj_seen *s;

	if (!run || !test)
		return REJUNIT_OK;
	t = &l->past->tests[test - 1];
	/* the executions of a run come together */
	if (t->n == 0 || t->seen[t->n - 1].run != run - 1) {
		void *seen = rj_grown(
		    t->seen, t->n, &l->seen_room[test - 1], sizeof(*t->seen));

		if (!seen)
			return no_memory(l);
		t->seen = seen;
		t->seen[t->n++] =
		    (struct rj_seen){ .run = run - 1, .words = -1 };
	}
	s = &t->seen[t->n - 1];
	s->several = s->several || !is_first;
	if (attempt == 0) {
		s->first = worse(s->first, v);
		if (rejunit_is_bad(v) && s->words < 0 && !row->is_null(row, 5))
			s->words = row->number(row, 5);
	} else {
		s->passed_later = s->passed_later || v == REJUNIT_PASSED;
		if (!row->is_null(row, 4) && row->number(row, 4) > 0 &&
		    s->again < TIME_MAX)
			s->again += row->number(row, 4) < TIME_MAX
					? row->number(row, 4)
					: TIME_MAX;
	}
	/* attempts come in their order */
	if (is_decided(v))
		s->last = is_first ? v : worse(s->last, v);
	return REJUNIT_OK;
}

static int
by_run(const void *a, const void *b)
{
	unsigned int x = ((const struct rj_seen *)a)->run;
	unsigned int y = ((const struct rj_seen *)b)->run;

	return x < y ? -1 : x > y;
}

static enum rejunit_status
find_branch(struct load *l)
{
	struct rj_past *p = l->past;
	size_t *runs, most = 0;

	if (l->branch.n) {
		p->main_branch = (unsigned int)(uintptr_t)rj_map_get(
		    &l->branches, l->branch);
		/* nobody has been on it */
		if (!p->main_branch)
			p->main_branch = UINT_MAX;
		return REJUNIT_OK;
	}
	runs = calloc(l->n_branches + 1, sizeof(*runs));
	if (!runs)
		return no_memory(l);
	for (size_t i = 0; i < p->n_runs; i++)
		runs[p->runs[i].branch]++;
	for (unsigned int b = 0; b <= l->n_branches; b++)
		if (runs[b] > most) {
			most = runs[b];
			p->main_branch = b;
		}
	free(runs);
	return REJUNIT_OK;
}

static void
find_outages(struct rj_past *p, double share)
{
	for (size_t i = 0; i < p->n_tests; i++)
		for (size_t k = 0; k < p->tests[i].n; k++) {
			const struct rj_seen *s = &p->tests[i].seen[k];
			struct rj_past_run *r = &p->runs[s->run];

			r->executed += is_decided(s->first);
			r->failed += rejunit_is_bad(s->first);
			r->ended_bad += rejunit_is_bad(s->last);
		}
	for (size_t i = 0; i < p->n_runs; i++) {
		struct rj_past_run *r = &p->runs[i];

		r->outage = r->failed >= OUTAGE_TESTS &&
			    r->failed > share * r->executed;
		p->outages += r->outage;
	}
}

static enum rejunit_status
load(struct load *l, const struct rj_past_options *o)
{
	struct rj_past *p = l->past;
	const struct rj_db_value range[] = { rj_db_int(o->at - o->since),
		rj_db_int(o->at), rj_db_text(o->job) };
	enum rejunit_status status = rj_history_run(l->history,
	    "SELECT id, run, at, kind, commit_id, branch, job, host FROM run "
	    "WHERE at > $1 AND at <= $2 AND ($3 = '' OR job = $3) "
	    "ORDER BY at, run",
	    range, 3, take_run, l);

	if (!status)
		status = rj_history_run(l->history,
		    "SELECT id, classname, name, told FROM test "
		    "ORDER BY classname, name, told",
		    NULL, 0, take_test, l);
	l->seen_room = calloc(p->n_tests + 1, sizeof(*l->seen_room));
	if (!status && !l->seen_room)
		status = no_memory(l);
	if (!status)
		status = rj_history_run(l->history,
		    "SELECT e.run, e.test, e.part, e.outcome, e.time, e.words "
		    "FROM run r JOIN execution e ON e.run = r.id "
		    "WHERE r.at > $1 AND r.at <= $2 "
		    "AND ($3 = '' OR r.job = $3) "
		    "ORDER BY e.run, e.test, e.part",
		    range, 3, take_execution, l);
	if (!status)
		status = rj_history_run(l->history,
		    "SELECT id, signature FROM words WHERE signature <> '' "
		    "ORDER BY id",
		    NULL, 0, take_signature, l);
	if (!status)
		status = rj_history_run(l->history,
		    "SELECT id, type, message, trace FROM words "
		    "WHERE substr(signature, 1, 3) = 'v1:' AND (type <> '' "
		    "OR message <> '' OR trace <> '') ORDER BY id",
		    NULL, 0, sign_again, l);
	if (status)
		return status;
	for (size_t i = 0; i < p->n_tests; i++)
		if (p->tests[i].n > 1)
			qsort(p->tests[i].seen, p->tests[i].n,
			    sizeof(*p->tests[i].seen), by_run);
	p->commits = l->n_commits + 1;
	p->jobs = l->n_jobs + 1;
	find_outages(p, o->outage);
	return find_branch(l);
}

enum rejunit_status
rj_past_load(
    struct rj_past *p, struct rj_history *h, const struct rj_past_options *o)
{
	struct load l = { .past = p, .history = h, .branch = o->branch };
	enum rejunit_status status;

	*p = (struct rj_past){ .n_runs = 0 };
	status = load(&l, o);
	rj_map_free(&l.commits);
	rj_map_free(&l.branches);
	rj_map_free(&l.jobs);
	rj_map_free(&l.legs);
	free(l.seen_room);
	rj_buf_free(&l.id);
	return status;
}

void
rj_past_free(struct rj_past *p)
{
	for (size_t i = 0; i < p->n_tests; i++)
		free(p->tests[i].seen);
	free(p->tests);
	free(p->runs);
	free(p->signatures);
	free(p->run_at);
	free(p->test_at);
	rj_arena_free(&p->arena);
	*p = (struct rj_past){ .n_runs = 0 };
}

struct rj_str
rj_past_id(const struct rj_past *p, size_t test)
{
	return p->tests[test].id;
}

struct rj_str
rj_past_signature(const struct rj_past *p, int64_t words)
{
	if (words < 0 || (size_t)words >= p->n_signatures)
		return (struct rj_str){ NULL, 0 };
	return p->signatures[words];
}
