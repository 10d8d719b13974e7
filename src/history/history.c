#include "history/history.h"

#include <stdlib.h>

#include "history/schema.h"

#define VERSION 1

static enum rejunit_status
run_sql(struct rj_history *h, const char *sql, const struct rj_db_value *values,
    int n, rj_db_row_fn *row, void *ctx)
{
	return h->db.driver->run(&h->db, sql, values, n, row, ctx);
}

/* --- opening ------------------------------------------------------------- */

static enum rejunit_status
take_number(void *ctx, const struct rj_db_row *row)
{
	*(int64_t *)ctx = row->number(row, 0);
	return REJUNIT_OK;
}

static enum rejunit_status
set_up(struct rj_history *h)
{
	int64_t tables = 0, version = 0;
	enum rejunit_status status = run_sql(h,
	    "SELECT count(*) FROM sqlite_master WHERE name = 'history'", NULL,
	    0, take_number, &tables);

	if (status)
		return status;
	if (tables == 0) {
		status = h->db.driver->script(&h->db, "BEGIN IMMEDIATE");
		/* somebody else may have been faster */
		if (!status)
			status = run_sql(h,
			    "SELECT count(*) FROM sqlite_master WHERE name = "
			    "'run'",
			    NULL, 0, take_number, &tables);
		if (!status && tables == 0)
			status = h->db.driver->script(&h->db, rj_schema_sql);
		return rj_history_end(h, status);
	}
	status = run_sql(
	    h, "SELECT version FROM history", NULL, 0, take_number, &version);
	if (!status && version != VERSION)
		status = rj_fail_at(h->db.err, REJUNIT_INPUT, h->db.name, 0, 0,
		    "is a history of another version");
	return status;
}

enum rejunit_status
rj_history_open(struct rj_history *h, const char *name, bool create,
    struct rejunit_error *err)
{
	enum rejunit_status status;

	*h = (struct rj_history){ .db = {
				      .driver = &rj_sqlite,
				      .name = name ? name : "<memory>",
				      .err = err,
				  } };
	status = h->db.driver->open(
	    &h->db, name ? name : ":memory:", create || !name);
	return status ? status : set_up(h);
}

void
rj_history_close(struct rj_history *h)
{
	h->db.driver->close(&h->db);
	rj_map_free(&h->tests);
	rj_map_free(&h->words);
	rj_buf_free(&h->key);
	rj_arena_free(&h->arena);
}

enum rejunit_status
rj_history_begin(struct rj_history *h)
{
	return h->db.driver->script(&h->db, "BEGIN IMMEDIATE");
}

enum rejunit_status
rj_history_end(struct rj_history *h, enum rejunit_status status)
{
	struct rejunit_error why;

	if (!status)
		return h->db.driver->script(&h->db, "COMMIT");
	/* what went wrong first is what is told */
	why = *h->db.err;
	(void)h->db.driver->script(&h->db, "ROLLBACK");
	*h->db.err = why;
	/* numbers that were given are given anew */
	rj_map_free(&h->tests);
	rj_map_free(&h->words);
	return status;
}

/* --- keeping ------------------------------------------------------------- */

/* A number that was given to a key before; 0: none was. */
static int64_t
known(const struct rj_map *map, struct rj_str key)
{
	return (int64_t)(intptr_t)rj_map_get(map, key);
}

static enum rejunit_status
remember(struct rj_history *h, struct rj_map *map, int64_t number)
{
	return rj_map_put_copy(map, &h->arena, rj_buf_str(&h->key),
		   (void *)(intptr_t)number)
		   ? REJUNIT_OK
		   : rj_fail_memory(h->db.err);
}

static bool
join_key(struct rj_history *h, const struct rj_str *parts, int n)
{
	bool ok = true;

	h->key.n = 0;
	for (int i = 0; i < n && ok; i++)
		ok = rj_buf_add(&h->key, parts[i]) &&
		     rj_buf_add(&h->key, RJ_STR("\0"));
	return ok;
}

static enum rejunit_status
number_test(
    struct rj_history *h, const struct rj_record_test *t, int64_t *number)
{
	const struct rj_str key[] = { t->classname, t->name, t->told };
	const struct rj_db_value values[] = { rj_db_text(t->classname),
		rj_db_text(t->name), rj_db_text(t->told) };
	enum rejunit_status status;

	if (!join_key(h, key, 3))
		return rj_fail_memory(h->db.err);
	*number = known(&h->tests, rj_buf_str(&h->key));
	if (*number)
		return REJUNIT_OK;
	status = run_sql(h,
	    "INSERT INTO test (classname, name, told) VALUES ($1, $2, $3) "
	    "ON CONFLICT DO NOTHING",
	    values, 3, NULL, NULL);
	if (!status)
		status = run_sql(h,
		    "SELECT id FROM test WHERE classname = $1 AND name = $2 "
		    "AND told = $3",
		    values, 3, take_number, number);
	return status ? status : remember(h, &h->tests, *number);
}

static enum rejunit_status
number_words(
    struct rj_history *h, const struct rj_record_execution *x, int64_t *number)
{
	const struct rj_str key[] = { x->type, x->message, x->trace,
		x->signature };
	struct rj_db_value values[5];
	enum rejunit_status status;
	char sum[RJ_DIGEST_SIZE];

	*number = -1;
	if (!x->type.n && !x->message.n && !x->trace.n && !x->signature.n)
		return REJUNIT_OK;
	if (!join_key(h, key, 4))
		return rj_fail_memory(h->db.err);
	rj_digest(rj_buf_str(&h->key), sum);
	h->key.n = 0;
	if (!rj_buf_add(&h->key, rj_str(sum)))
		return rj_fail_memory(h->db.err);
	*number = known(&h->words, rj_str(sum));
	if (*number)
		return REJUNIT_OK;
	for (int i = 0; i < 4; i++)
		values[i] = rj_db_text(key[i]);
	values[4] = rj_db_text(rj_str(sum));
	status = run_sql(h,
	    "INSERT INTO words (type, message, trace, signature, digest) "
	    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
	    values, 5, NULL, NULL);
	if (!status)
		status = run_sql(h, "SELECT id FROM words WHERE digest = $1",
		    &values[4], 1, take_number, number);
	return status ? status : remember(h, &h->words, *number);
}

static enum rejunit_status
number_run(struct rj_history *h, const struct rj_record *r, int64_t *number)
{
	const struct rj_db_value values[] = { rj_db_text(r->run),
		rj_db_text(r->kind), rj_db_int(r->at), rj_db_text(r->commit),
		rj_db_text(r->branch), rj_db_text(r->job), rj_db_text(r->host),
		rj_db_text(r->url),
		rj_db_text(r->facts.n ? r->facts : RJ_STR("{}")) };
	enum rejunit_status status = run_sql(h,
	    "INSERT INTO run (run, kind, at, commit_id, branch, job, host, "
	    "url, facts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
	    "ON CONFLICT DO NOTHING",
	    values, 9, NULL, NULL);

	return status ? status
		      : run_sql(h, "SELECT id FROM run WHERE run = $1", values,
			    1, take_number, number);
}

/* An execution that is there already has to be the same. */
struct other {
	bool there;
	int64_t outcome;
};

static enum rejunit_status
take_outcome(void *ctx, const struct rj_db_row *row)
{
	*(struct other *)ctx = (struct other){ true, row->number(row, 0) };
	return REJUNIT_OK;
}

static enum rejunit_status
keep_execution(struct rj_history *h, const struct rj_record *r,
    const struct rj_record_test *t, int64_t run, int64_t test, int64_t entry,
    const struct rj_record_execution *x, size_t *added)
{
	struct rj_db_value values[8] = { rj_db_int(run), rj_db_int(x->attempt),
		rj_db_int(test), rj_db_int(entry) };
	struct other other = { false, 0 };
	int64_t words;
	enum rejunit_status status = run_sql(h,
	    "SELECT outcome FROM execution WHERE run = $1 AND attempt = $2 "
	    "AND test = $3 AND entry = $4",
	    values, 4, take_outcome, &other);

	if (status || (other.there && other.outcome == (int64_t)x->outcome))
		return status;
	if (other.there)
		return rj_fail_at(h->db.err, REJUNIT_INPUT, h->db.name, 0, 0,
		    "run %.*s: %.*s.%.*s %s in attempt %u, and is said to have "
		    "%s",
		    RJ_SHOWN(r->run), RJ_SHOWN(t->classname), RJ_SHOWN(t->name),
		    rejunit_verdict_name((enum rejunit_verdict)other.outcome),
		    x->attempt, rejunit_verdict_name(x->outcome));
	status = number_words(h, x, &words);
	if (status)
		return status;
	values[4] = rj_db_int((int64_t)x->outcome);
	values[5] = rj_db_maybe(x->time);
	values[6] = rj_db_maybe(x->position);
	values[7] = rj_db_maybe(words);
	++*added;
	return run_sql(h,
	    "INSERT INTO execution (run, attempt, test, entry, outcome, time, "
	    "position, words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	    values, 8, NULL, NULL);
}

/* Which of the test's entries in its attempt an execution is. */
static int64_t
entry_of(const struct rj_record_test *t, size_t i)
{
	int64_t entry = 0;

	for (size_t k = 0; k < i; k++)
		entry += t->executions[k].attempt == t->executions[i].attempt;
	return entry;
}

static enum rejunit_status
keep_digest(struct rj_history *h, const struct rj_record *r, int64_t run)
{
	const struct rj_db_value values[] = { rj_db_int(run),
		rj_db_text(r->digest) };

	return run_sql(h,
	    "INSERT INTO report (run, digest) VALUES ($1, $2) "
	    "ON CONFLICT DO NOTHING",
	    values, 2, NULL, NULL);
}

enum rejunit_status
rj_history_keep(struct rj_history *h, const struct rj_record *r, size_t *added)
{
	int64_t run = 0;
	enum rejunit_status status = number_run(h, r, &run);

	if (!status && r->digest.n)
		status = keep_digest(h, r, run);
	for (size_t i = 0; i < r->n && !status; i++) {
		const struct rj_record_test *t = &r->tests[i];
		int64_t test;

		status = number_test(h, t, &test);
		for (size_t k = 0; k < t->n && !status; k++)
			status = keep_execution(h, r, t, run, test,
			    entry_of(t, k), &t->executions[k], added);
	}
	return status;
}
