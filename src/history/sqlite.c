#include "history/db.h"

#ifdef RJ_HAS_SQLITE

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/cancel.h"
#include "history/sqlite_schema.h"

/*
 * SQLite is loaded when a history is first opened: updates, which need none,
 * start a tenth sooner without it.
 */
#define LIBRARY "libsqlite3.so.0"

/* clang-format off */
#define FUNCTIONS(X) \
	X(bind_int64) X(bind_null) X(bind_parameter_count) X(bind_text64) \
	X(busy_timeout) \
	X(clear_bindings) X(close) X(column_bytes) X(column_int64) \
	X(column_text) X(column_type) X(errcode) X(errmsg) X(exec) \
	X(finalize) X(open_v2) X(prepare_v2) X(reset) X(step)
/* clang-format on */

static struct {
/* NOLINTNEXTLINE(bugprone-macro-parentheses) */
#define MEMBER(name) __typeof__(sqlite3_##name) *name;
	FUNCTIONS(MEMBER)
#undef MEMBER
	bool loaded;
} lib;

#ifdef RJ_LINKED_SQLITE
/* A command that brings all its libraries along. */
static void
load(void)
{
#define TAKE(name) lib.name = sqlite3_##name;
	FUNCTIONS(TAKE)
#undef TAKE
	lib.loaded = true;
}
#else
static void
load(void)
{
	void *from = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	bool all = from != NULL;

	/* ISO C knows no way from an object to a function */
#define LOOK_UP(name)                                                \
	if (all) {                                                   \
		*(void **)&lib.name = dlsym(from, "sqlite3_" #name); \
		all = lib.name != NULL;                              \
	}
	FUNCTIONS(LOOK_UP)
#undef LOOK_UP
	lib.loaded = all;
}
#endif

#define STATEMENTS 64
#define BUSY_MS	   30000
#define UNUSABLE   "the history cannot be used"
#define FOREIGN	   "is no history, or it is damaged"

struct sqlite {
	sqlite3 *db;
	struct {
		const char *sql;
		sqlite3_stmt *stmt;
	} known[STATEMENTS];
	int n;
	int oldest; /* that makes room, once there is none */
};

static enum rejunit_status
fail(struct rj_db *db, enum rejunit_status status, const char *what)
{
	struct sqlite *s = db->handle;
	int code = s && s->db ? lib.errcode(s->db) : SQLITE_NOMEM;

	if (code == SQLITE_NOMEM)
		return rj_fail_memory(db->err);
	if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		return rj_fail_at(db->err, REJUNIT_INPUT, db->name, 0, 0,
		    "%s: %s", FOREIGN, lib.errmsg(s->db));
	return rj_fail_at(
	    db->err, status, db->name, 0, 0, "%s: %s", what, lib.errmsg(s->db));
}

static void
close_db(struct rj_db *db)
{
	struct sqlite *s = db->handle;

	if (!s)
		return;
	for (int i = 0; i < s->n; i++)
		lib.finalize(s->known[i].stmt);
	lib.close(s->db);
	free(s);
	db->handle = NULL;
}

static enum rejunit_status
execute(struct rj_db *db, const char *sql)
{
	struct sqlite *s = db->handle;

	if (lib.exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return REJUNIT_OK;
	return fail(db, REJUNIT_OUTPUT, UNUSABLE);
}

/*
 * What others may be in the way of. SQLite waits by itself, but not where the
 * first or the last of several at once makes or removes the log.
 */
static enum rejunit_status
wait_for(struct rj_db *db, const char *sql, enum rejunit_status status)
{
	static const struct timespec pause = { 0, 10000000 };
	struct sqlite *s = db->handle;
	struct timespec now;
	time_t until;

	clock_gettime(CLOCK_MONOTONIC, &now);
	until = now.tv_sec + BUSY_MS / 1000;
	while (lib.exec(s->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (lib.errcode(s->db) != SQLITE_BUSY || now.tv_sec >= until ||
		    rj_is_cancelled())
			return fail(db, status, UNUSABLE);
		(void)lib.exec(s->db, "ROLLBACK", NULL, NULL, NULL);
		nanosleep(&pause, NULL);
	}
	return REJUNIT_OK;
}

/*
 * A file that may not be written, or lies where nothing may be, and whose
 * writers have all gone: SQLite reads it if it is told that it cannot change,
 * and leaves nothing beside it that would be in the way of who writes.
 */
static bool
is_sealed(const char *name)
{
	const char *slash = strrchr(name, '/');
	char folder[PATH_MAX], beside[PATH_MAX];

	snprintf(folder, sizeof(folder), "%.*s",
	    slash ? (int)(slash - name) + 1 : 1, slash ? name : ".");
	snprintf(beside, sizeof(beside), "%s-wal", name);
	return (access(folder, W_OK) != 0 || access(name, W_OK) != 0) &&
	       access(beside, F_OK) != 0;
}

/* Its address as one that cannot change; false: out of memory. */
static bool
seal(const char *name, struct rj_buf *out)
{
	bool ok = rj_buf_add(out, RJ_STR("file:"));

	for (; *name && ok; name++) {
		char escape[8];

		snprintf(escape, sizeof(escape),
		    strchr("?#%", *name) ? "%%%02X" : "%c",
		    (unsigned int)(unsigned char)*name);
		ok = rj_buf_add(out, rj_str(escape));
	}
	return ok && rj_buf_add(out, RJ_STR("?immutable=1\0"));
}

static int
open_file(struct sqlite *s, const char *name, bool write)
{
	struct rj_buf address = { 0 };
	int code = SQLITE_NOMEM;

	if (write || !is_sealed(name))
		return lib.open_v2(name, &s->db,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
			(write ? SQLITE_OPEN_CREATE : 0),
		    NULL);
	if (seal(name, &address))
		code = lib.open_v2(address.s, &s->db,
		    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX |
			SQLITE_OPEN_URI,
		    NULL);
	rj_buf_free(&address);
	return code;
}

static enum rejunit_status
open_db(struct rj_db *db, const char *name, bool write)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sqlite *s;
	enum rejunit_status status = write ? REJUNIT_OUTPUT : REJUNIT_INPUT;

	pthread_once(&once, load);
	if (!lib.loaded)
		return rj_fail_at(db->err, status, db->name, 0, 0,
		    "a history needs SQLite, which is not here: %s comes with "
		    "the package libsqlite3-0 or sqlite-libs",
		    LIBRARY);
	s = db->handle = calloc(1, sizeof(*s));
	if (!s)
		return rj_fail_memory(db->err);
	if (open_file(s, name, write) != SQLITE_OK)
		return fail(db, status, "cannot be opened");
	lib.busy_timeout(s->db, BUSY_MS);
	/* the index of names is written here and there; a log whose end is lost
	   with the power loses what it ended with, and nothing else */
	(void)lib.exec(s->db,
	    "PRAGMA cache_size = -65536; PRAGMA synchronous = NORMAL", NULL,
	    NULL, NULL);
	/* the first thing that looks into the file */
	return wait_for(db, "PRAGMA schema_version", status);
}

/* Written as a log; a file is told so before it gets its tables. */
static enum rejunit_status
prepare(struct rj_db *db)
{
	return wait_for(db, "PRAGMA journal_mode = WAL", REJUNIT_OUTPUT);
}

/* Who reads looks at once, so that what it sees is settled. */
static enum rejunit_status
begin(struct rj_db *db, bool write)
{
	return wait_for(db,
	    write ? "BEGIN IMMEDIATE"
		  : "BEGIN; SELECT count(*) FROM sqlite_master",
	    REJUNIT_OUTPUT);
}

static enum rejunit_status
end(struct rj_db *db, bool keep)
{
	return execute(db, keep ? "COMMIT" : "ROLLBACK");
}

static sqlite3_stmt *
statement(struct sqlite *s, const char *sql)
{
	sqlite3_stmt *stmt;

	for (int i = 0; i < s->n; i++)
		if (s->known[i].sql == sql)
			return s->known[i].stmt;
	if (lib.prepare_v2(s->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return NULL;
	/* one that has not been asked for long makes room */
	if (s->n == STATEMENTS)
		lib.finalize(s->known[s->oldest].stmt);
	else
		s->n++;
	s->known[s->oldest].sql = sql;
	s->known[s->oldest].stmt = stmt;
	s->oldest = (s->oldest + 1) % STATEMENTS;
	return stmt;
}

static bool
bind(sqlite3_stmt *stmt, int i, const struct rj_db_value *v)
{
	switch (v->kind) {
	case RJ_DB_INT:
		return lib.bind_int64(stmt, i, v->number) == SQLITE_OK;
	case RJ_DB_TEXT:
		return lib.bind_text64(stmt, i, v->text.s, v->text.n,
			   SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK;
	default:
		return lib.bind_null(stmt, i) == SQLITE_OK;
	}
}

static int64_t
number(const struct rj_db_row *row, int column)
{
	return lib.column_int64((sqlite3_stmt *)row->of, column);
}

static struct rj_str
text(const struct rj_db_row *row, int column)
{
	sqlite3_stmt *stmt = (sqlite3_stmt *)row->of;
	const unsigned char *s = lib.column_text(stmt, column);

	return (struct rj_str){ (const char *)s,
		s ? (size_t)lib.column_bytes(stmt, column) : 0 };
}

static bool
is_null(const struct rj_db_row *row, int column)
{
	return lib.column_type((sqlite3_stmt *)row->of, column) == SQLITE_NULL;
}

/* Steps through a statement that has its values; it is ready again then. */
static enum rejunit_status
step(struct rj_db *db, sqlite3_stmt *stmt, rj_db_row_fn *row, void *ctx)
{
	const struct rj_db_row at = { stmt, 0, number, text, is_null };
	enum rejunit_status status = REJUNIT_OK;
	int code = SQLITE_ROW;

	while (!status && (code = lib.step(stmt)) == SQLITE_ROW)
		if (row)
			status = row(ctx, &at);
	if (!status && code != SQLITE_DONE)
		status = fail(db, REJUNIT_OUTPUT, UNUSABLE);
	lib.reset(stmt);
	return status;
}

static enum rejunit_status
run(struct rj_db *db, const char *sql, const struct rj_db_value *values, int n,
    rj_db_row_fn *row, void *ctx)
{
	sqlite3_stmt *stmt = statement(db->handle, sql);
	enum rejunit_status status = REJUNIT_OK;

	if (!stmt)
		return fail(db, REJUNIT_OUTPUT, UNUSABLE);
	for (int i = 0; i < n && !status; i++)
		if (!bind(stmt, i + 1, &values[i]))
			status = fail(db, REJUNIT_OUTPUT, UNUSABLE);
	if (!status)
		status = step(db, stmt, row, ctx);
	lib.clear_bindings(stmt);
	return status;
}

/* Of the values, those that the statement has columns for. */
static enum rejunit_status
put(struct rj_db *db, const struct rj_db_table *table,
    const struct rj_db_value *values)
{
	sqlite3_stmt *stmt = statement(db->handle, table->insert);
	int n = stmt ? lib.bind_parameter_count(stmt) : 0;

	for (int i = 0; i < n && i < table->columns; i++)
		if (!bind(stmt, i + 1, &values[i]))
			return fail(db, REJUNIT_OUTPUT, UNUSABLE);
	return stmt ? step(db, stmt, NULL, NULL)
		    : fail(db, REJUNIT_OUTPUT, UNUSABLE);
}

/* How many tables there are, and whether one of them is ours. */
struct tables {
	int64_t all;
	int64_t ours;
};

static enum rejunit_status
take_tables(void *ctx, const struct rj_db_row *row)
{
	*(struct tables *)ctx =
	    (struct tables){ row->number(row, 0), row->number(row, 1) };
	return REJUNIT_OK;
}

static enum rejunit_status
version(struct rj_db *db, int64_t *version)
{
	struct tables tables = { 0, 0 };
	enum rejunit_status status = run(db,
	    "SELECT count(*), coalesce(sum(name = 'history'), 0) "
	    "FROM sqlite_master WHERE type = 'table'",
	    NULL, 0, take_tables, &tables);

	*version = 0;
	if (status || tables.all == 0)
		return status;
	if (tables.ours == 0)
		return rj_fail_at(db->err, REJUNIT_INPUT, db->name, 0, 0,
		    "%s: it has tables of something else", FOREIGN);
	return run(db, "SELECT version FROM history", NULL, 0, rj_take_number,
	    version);
}

static enum rejunit_status
month(struct rj_db *db, int month)
{
	(void)db;
	(void)month;
	return REJUNIT_OK;
}

static enum rejunit_status
tidy(struct rj_db *db, int month)
{
	enum rejunit_status status = execute(db, "VACUUM");

	(void)month;
	return status ? status : execute(db, "PRAGMA wal_checkpoint(TRUNCATE)");
}

static enum rejunit_status
check(struct rj_db *db, rj_db_row_fn *row, void *ctx)
{
	return run(db, "PRAGMA integrity_check", NULL, 0, row, ctx);
}

static const rj_db_step steps[] = { rj_sqlite_1, rj_sqlite_2, NULL };

const struct rj_db_driver rj_sqlite = { REJUNIT_VERSION, steps, open_db,
	close_db, prepare, begin, end, version, execute, run, put, month, tidy,
	check };

#else

static enum rejunit_status
open_db(struct rj_db *db, const char *name, bool write)
{
	(void)name;
	return rj_fail_at(db->err, write ? REJUNIT_OUTPUT : REJUNIT_INPUT,
	    db->name, 0, 0,
	    "this rejunit was built without SQLite, which a history needs");
}

static void
close_db(struct rj_db *db)
{
	(void)db;
}

const struct rj_db_driver rj_sqlite = { .open = open_db, .close = close_db };

#endif
