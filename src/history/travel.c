#include "history/travel.h"

#include <stdlib.h>

struct travel {
	struct rj_history *history;
	struct rj_arena arena; /* of one run */
	int64_t *runs;
	size_t n;
	size_t room;
	struct rj_record record;
	size_t digest_room;
};

static enum rejunit_status
no_memory(const struct travel *t)
{
	return rj_fail_memory(t->history->db.err);
}

static enum rejunit_status
note_run(void *ctx, const struct rj_db_row *row)
{
	struct travel *t = ctx;
	void *runs = rj_grown(t->runs, t->n, &t->room, sizeof(*t->runs));

	if (!runs)
		return no_memory(t);
	t->runs = runs;
	t->runs[t->n++] = row->number(row, 0);
	return REJUNIT_OK;
}

static enum rejunit_status
take_run(void *ctx, const struct rj_db_row *row)
{
	struct travel *t = ctx;
	struct rj_record *r = &t->record;
	struct rj_str *const texts[] = { &r->run, &r->kind, &r->commit,
		&r->branch, &r->job, &r->host, &r->url, &r->facts };

	r->at = row->number(row, 0);
	r->zoneless = row->number(row, 1) != 0;
	for (int i = 0; i < 8; i++)
		if (!rj_alloc_str(&t->arena, row->text(row, i + 2), texts[i]))
			return no_memory(t);
	return REJUNIT_OK;
}

static enum rejunit_status
take_digest(void *ctx, const struct rj_db_row *row)
{
	struct travel *t = ctx;
	struct rj_record *r = &t->record;
	void *digests = rj_grown(
	    r->digests, r->n_digests, &t->digest_room, sizeof(*r->digests));

	if (!digests)
		return no_memory(t);
	r->digests = digests;
	return rj_alloc_str(
		   &t->arena, row->text(row, 0), &r->digests[r->n_digests++])
		   ? REJUNIT_OK
		   : no_memory(t);
}

/* The test that a row is of: the last one, or a further one. */
static struct rj_record_test *
test_of(struct travel *t, const struct rj_db_row *row)
{
	struct rj_record *r = &t->record;
	struct rj_record_test *test = r->n ? &r->tests[r->n - 1] : NULL;
	const struct rj_str said[] = { row->text(row, 0), row->text(row, 1),
		row->text(row, 2), row->text(row, 3), row->text(row, 4),
		row->text(row, 14) };
	struct rj_str *to[6];
	bool ok = true;

	if (test && rj_str_eq(test->classname, said[0]) &&
	    rj_str_eq(test->name, said[1]) && rj_str_eq(test->told, said[2]) &&
	    rj_str_eq(test->file, said[3]) &&
	    rj_str_eq(test->suite_path, said[4]) &&
	    rj_str_eq(test->id, said[5]))
		return test;
	test = rj_record_test(r);
	if (!test)
		return NULL;
	to[0] = &test->classname;
	to[1] = &test->name;
	to[2] = &test->told;
	to[3] = &test->file;
	to[4] = &test->suite_path;
	to[5] = &test->id;
	for (int i = 0; i < 6 && ok; i++)
		ok = rj_alloc_str(&t->arena, said[i], to[i]);
	return ok ? test : NULL;
}

static enum rejunit_status
take_execution(void *ctx, const struct rj_db_row *row)
{
	struct travel *t = ctx;
	struct rj_record_test *test = test_of(t, row);
	struct rj_record_execution *x = test ? rj_record_execution(test) : NULL;
	bool ok = x != NULL;

	if (!ok)
		return no_memory(t);
	x->attempt = (unsigned int)(row->number(row, 6) >> 32);
	x->outcome = (enum rejunit_verdict)row->number(row, 7);
	if (!row->is_null(row, 8) && row->number(row, 8) >= 0)
		x->time = row->number(row, 8) < RJ_TIME_MAX / 1000
			      ? row->number(row, 8) * 1000
			      : RJ_TIME_MAX;
	if (!row->is_null(row, 9))
		x->position = row->number(row, 9);
	ok = rj_alloc_str(&t->arena, row->text(row, 5), &x->facts) &&
	     rj_alloc_str(&t->arena, row->text(row, 10), &x->type) &&
	     rj_alloc_str(&t->arena, row->text(row, 11), &x->message) &&
	     rj_alloc_str(&t->arena, row->text(row, 12), &x->trace) &&
	     rj_alloc_str(&t->arena, row->text(row, 13), &x->signature);
	return ok ? REJUNIT_OK : no_memory(t);
}

static enum rejunit_status
load(struct travel *t, int64_t run)
{
	const struct rj_db_value value = rj_db_int(run);
	enum rejunit_status status = rj_history_run(t->history,
	    "SELECT at, zoneless, run, kind, commit_id, branch, job, host, "
	    "url, facts FROM run WHERE id = $1",
	    &value, 1, take_run, t);

	if (!status)
		status = rj_history_run(t->history,
		    "SELECT digest FROM report WHERE run = $1 "
		    "ORDER BY digest",
		    &value, 1, take_digest, t);
	if (!status)
		status = rj_history_run(t->history,
		    "SELECT t.classname, t.name, t.told, "
		    "coalesce(p.file, ''), coalesce(p.suite_path, ''), "
		    "coalesce(p.facts, ''), e.part, e.outcome, e.time, "
		    "e.position, coalesce(w.type, ''), "
		    "coalesce(w.message, ''), coalesce(w.trace, ''), "
		    "coalesce(w.signature, ''), coalesce(p.id_of_runner, '') "
		    "FROM execution e JOIN test t ON t.id = e.test "
		    "LEFT JOIN place p ON p.id = e.place "
		    "LEFT JOIN words w ON w.id = e.words WHERE e.run = $1 "
		    "ORDER BY t.classname, t.name, t.told, "
		    "coalesce(p.file, ''), coalesce(p.suite_path, ''), "
		    "coalesce(p.id_of_runner, ''), e.part",
		    &value, 1, take_execution, t);
	return status;
}

enum rejunit_status
rj_history_each(struct rj_history *h, int64_t after, int64_t until,
    rj_record_fn *take, void *ctx)
{
	struct travel t = { .history = h };
	const struct rj_db_value range[] = { rj_db_int(after),
		rj_db_int(until) };
	enum rejunit_status status = rj_history_run(h,
	    "SELECT id FROM run WHERE at > $1 AND at <= $2 ORDER BY at, run",
	    range, 2, note_run, &t);

	for (size_t i = 0; i < t.n && !status; i++) {
		struct rj_str *digests = t.record.digests;

		rj_record_free(&t.record);
		rj_arena_reset(&t.arena);
		t.record.digests = digests;
		status = load(&t, t.runs[i]);
		if (!status)
			status = take(ctx, &t.record);
	}
	free(t.record.digests);
	rj_record_free(&t.record);
	rj_arena_free(&t.arena);
	free(t.runs);
	return status;
}
