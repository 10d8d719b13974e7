/*
 * postgresql.c - a history on a server; a module that is loaded for one.
 *
 * Nothing of a session is relied on but within a transaction, so that a pool of
 * connections may stand between. No message has a password in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "history/db.h"
#include "history/postgresql_schema.h"

#define WAIT_SECONDS	"30"
#define CONNECT_SECONDS "10"
#define LOCK		"1919249013" /* one number for all who write */
#define CHUNK		((size_t)64 * 1024)
#define MOST		16 /* parameters */
#define DIGITS		24

REJUNIT_API extern const struct rj_db_driver rejunit_driver;

struct server {
	PGconn *conn;
	const struct rj_db_table *into; /* that rows are being put to */
	struct rj_buf rows;
	struct rj_buf text; /* scratch */
	char *secrets[4]; /* passwords, as far as they are known */
};

/* --- messages ------------------------------------------------------------- */

static bool
is_secret(const PQconninfoOption *o)
{
	return strcmp(o->dispchar, "*") == 0;
}

/* What libpq says, on one line and without what is secret. */
static void
write_safely(const struct server *s, const char *said, char *out, size_t room)
{
	size_t n = 0;

	while (*said && n + 4 < room) {
		size_t secret = 0;

		for (int i = 0; i < 4 && s->secrets[i]; i++) {
			size_t k = strlen(s->secrets[i]);

			if (k && strncmp(said, s->secrets[i], k) == 0)
				secret = k;
		}
		if (secret) {
			memcpy(out + n, "***", 3);
			n += 3;
			said += secret;
		} else if (*said == '\n' || *said == '\r') {
			said++;
			if (*said)
				out[n++] = ' ';
		} else {
			out[n++] = *said++;
		}
	}
	out[n] = '\0';
}

static enum rejunit_status
fail(struct rj_db *db, const char *what, const char *said)
{
	const struct server *s = db->handle;
	char safe[1024];

	write_safely(s, said, safe, sizeof(safe));
	return rj_fail_at(db->err, REJUNIT_OUTPUT, db->name, 0, 0, "%s: %s",
	    PQstatus(s->conn) == CONNECTION_BAD ? "the connection is lost"
						: what,
	    safe);
}

/* A result that was not what was wanted; it is freed. */
static enum rejunit_status
fail_result(struct rj_db *db, PGresult *result)
{
	const struct server *s = db->handle;
	const char *said = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	enum rejunit_status status = fail(db, "the history cannot be used",
	    said ? said : PQerrorMessage(s->conn));

	PQclear(result);
	return status;
}

/* --- connections ---------------------------------------------------------- */

/*
 * A password has its "/" and "@" written as %2F and %40: where it has not, a
 * part of it would be taken for the host, and be shown.
 */
static bool
is_sound(const char *address)
{
	const char *from = strstr(address, "://");
	size_t n = from ? strcspn(from + 3, "?") : 0;
	size_t host = from ? strcspn(from + 3, "/?") : 0, ats = 0;

	for (size_t i = 0; i < n; i++)
		if (from[3 + i] == '@' && (ats++ || i > host))
			return false;
	return from != NULL;
}

/*
 * Reads the address: its passwords are remembered so that they are kept out of
 * messages, and the name gets what else is in it.
 */
static bool
read_address(struct rj_db *db, const char *address)
{
	struct server *s = db->handle;
	PQconninfoOption *all = PQconninfoParse(address, NULL);
	const char *part[4] = { "", "", "", "" };
	static const char *const parts[] = { "user", "host", "port", "dbname" };
	int n = 0;

	for (PQconninfoOption *o = all; o && o->keyword; o++) {
		if (!o->val)
			continue;
		if (is_secret(o) && n < 3)
			s->secrets[n++] = strdup(o->val);
		for (int i = 0; i < 4; i++)
			if (strcmp(o->keyword, parts[i]) == 0)
				part[i] = o->val;
	}
	snprintf(db->name, sizeof(db->name), "postgresql://%s%s%s%s%s/%s",
	    part[0], *part[0] ? "@" : "", part[1], *part[2] ? ":" : "", part[2],
	    part[3]);
	PQconninfoFree(all);
	return all != NULL;
}

static void
ignore_notice(void *ctx, const PGresult *result)
{
	(void)ctx;
	(void)result;
}

static enum rejunit_status
open_db(struct rj_db *db, const char *name, bool write)
{
	const char *const keys[] = { "connect_timeout",
		"fallback_application_name", "dbname", "client_encoding",
		NULL };
	const char *const values[] = { CONNECT_SECONDS, "rejunit", name, "UTF8",
		NULL };
	enum rejunit_status status = write ? REJUNIT_OUTPUT : REJUNIT_INPUT;
	struct server *s = db->handle = calloc(1, sizeof(*s));

	snprintf(db->name, sizeof(db->name), "postgresql://");
	if (!s)
		return rj_fail_memory(db->err);
	/* what libpq would say of it has parts of it */
	if (!is_sound(name) || !read_address(db, name))
		return rj_fail_at(db->err, status, db->name, 0, 0,
		    "the rest of this is no address of a server");
	s->conn = PQconnectdbParams(keys, values, 1);
	if (!s->conn)
		return rj_fail_memory(db->err);
	PQsetNoticeReceiver(s->conn, ignore_notice, NULL);
	if (PQstatus(s->conn) != CONNECTION_OK) {
		char safe[1024];

		write_safely(s, PQerrorMessage(s->conn), safe, sizeof(safe));
		return rj_fail_at(db->err, status, db->name, 0, 0,
		    "cannot be reached: %s", safe);
	}
	return REJUNIT_OK;
}

static void
close_db(struct rj_db *db)
{
	struct server *s = db->handle;

	if (!s)
		return;
	PQfinish(s->conn);
	rj_buf_free(&s->rows);
	rj_buf_free(&s->text);
	for (int i = 0; i < 4; i++)
		free(s->secrets[i]);
	free(s);
	db->handle = NULL;
}

/* --- rows that are put ---------------------------------------------------- */

static enum rejunit_status
send_rows(struct rj_db *db)
{
	struct server *s = db->handle;

	if (PQputCopyData(s->conn, s->rows.s, (int)s->rows.n) != 1)
		return fail(db, "the history cannot be written",
		    PQerrorMessage(s->conn));
	s->rows.n = 0;
	return REJUNIT_OK;
}

/* What was put is there, or it fails. */
static enum rejunit_status
finish_rows(struct rj_db *db)
{
	struct server *s = db->handle;
	enum rejunit_status status = REJUNIT_OK;
	PGresult *result;

	if (!s->into)
		return REJUNIT_OK;
	s->into = NULL;
	if (s->rows.n)
		status = send_rows(db);
	if (!status && PQputCopyEnd(s->conn, NULL) != 1)
		status = fail(db, "the history cannot be written",
		    PQerrorMessage(s->conn));
	while ((result = PQgetResult(s->conn)) != NULL) {
		if (!status && PQresultStatus(result) != PGRES_COMMAND_OK)
			status = fail_result(db, result);
		else
			PQclear(result);
	}
	return status;
}

static enum rejunit_status
begin_rows(struct rj_db *db, const struct rj_db_table *table)
{
	struct server *s = db->handle;
	enum rejunit_status status = finish_rows(db);
	PGresult *result;

	if (status)
		return status;
	result = PQexec(s->conn, table->copy);
	if (PQresultStatus(result) != PGRES_COPY_IN)
		return fail_result(db, result);
	PQclear(result);
	s->into = table;
	return REJUNIT_OK;
}

/* As COPY reads text: a backslash before what means something. */
static bool
add_text(struct rj_buf *b, struct rj_str text)
{
	size_t from = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.s[i];
		const char *as = c == '\\'   ? "\\\\"
				 : c == '\n' ? "\\n"
				 : c == '\r' ? "\\r"
				 : c == '\t' ? "\\t"
					     : NULL;

		if (!as)
			continue;
		if (!rj_buf_add(
			b, (struct rj_str){ text.s + from, i - from }) ||
		    !rj_buf_add(b, rj_str(as)))
			return false;
		from = i + 1;
	}
	return rj_buf_add(b, rj_str_from(text, from));
}

static bool
add_value(struct rj_buf *b, const struct rj_db_value *v)
{
	char digits[DIGITS];

	switch (v->kind) {
	case RJ_DB_INT:
		snprintf(digits, sizeof(digits), "%lld", (long long)v->number);
		return rj_buf_add(b, rj_str(digits));
	case RJ_DB_TEXT:
		return add_text(b, v->text);
	default:
		return rj_buf_add(b, RJ_STR("\\N"));
	}
}

static enum rejunit_status
put(struct rj_db *db, const struct rj_db_table *table,
    const struct rj_db_value *values)
{
	struct server *s = db->handle;
	enum rejunit_status status = REJUNIT_OK;

	if (s->into != table)
		status = begin_rows(db, table);
	for (int i = 0; i < table->columns && !status; i++)
		if (!add_value(&s->rows, &values[i]) ||
		    !rj_buf_add(&s->rows,
			i + 1 < table->columns ? RJ_STR("\t") : RJ_STR("\n")))
			status = rj_fail_memory(db->err);
	return status || s->rows.n < CHUNK ? status : send_rows(db);
}

/* --- statements ----------------------------------------------------------- */

static int64_t
number(const struct rj_db_row *row, int column)
{
	return strtoll(PQgetvalue(row->of, row->at, column), NULL, 10);
}

static struct rj_str
text(const struct rj_db_row *row, int column)
{
	return (struct rj_str){ PQgetvalue(row->of, row->at, column),
		(size_t)PQgetlength(row->of, row->at, column) };
}

static bool
is_null(const struct rj_db_row *row, int column)
{
	return PQgetisnull(row->of, row->at, column) != 0;
}

/* Parameters as strings, one behind the other, that the pointers lead to. */
static bool
lay_out(struct server *s, const struct rj_db_value *values, int n,
    const char *out[MOST])
{
	size_t at[MOST];

	s->text.n = 0;
	for (int i = 0; i < n; i++) {
		char digits[DIGITS];
		struct rj_str part = values[i].text;

		if (values[i].kind == RJ_DB_INT) {
			snprintf(digits, sizeof(digits), "%lld",
			    (long long)values[i].number);
			part = rj_str(digits);
		}
		at[i] = s->text.n;
		if (!rj_buf_add(&s->text, part) ||
		    !rj_buf_add(&s->text, RJ_STR("\0")))
			return false;
	}
	for (int i = 0; i < n; i++)
		out[i] =
		    values[i].kind == RJ_DB_NULL ? NULL : s->text.s + at[i];
	return true;
}

/* Hands on what comes, row by row. */
static enum rejunit_status
take_results(struct rj_db *db, rj_db_row_fn *row, void *ctx)
{
	struct server *s = db->handle;
	enum rejunit_status status = REJUNIT_OK;
	PGresult *result;

	while ((result = PQgetResult(s->conn)) != NULL) {
		ExecStatusType type = PQresultStatus(result);
		int n = PQntuples(result);

		if (type != PGRES_SINGLE_TUPLE && type != PGRES_TUPLES_OK &&
		    type != PGRES_COMMAND_OK) {
			if (status)
				PQclear(result);
			else
				status = fail_result(db, result);
			continue;
		}
		for (int i = 0; i < n && row && !status; i++) {
			const struct rj_db_row at = { result, i, number, text,
				is_null };

			status = row(ctx, &at);
		}
		PQclear(result);
	}
	return status;
}

static enum rejunit_status
run(struct rj_db *db, const char *sql, const struct rj_db_value *values, int n,
    rj_db_row_fn *row, void *ctx)
{
	struct server *s = db->handle;
	const char *parameters[MOST] = { NULL };
	enum rejunit_status status = finish_rows(db);

	if (status)
		return status;
	if (!lay_out(s, values, n, parameters))
		return rj_fail_memory(db->err);
	if (PQsendQueryParams(
		s->conn, sql, n, NULL, parameters, NULL, NULL, 0) != 1)
		return fail(
		    db, "the history cannot be used", PQerrorMessage(s->conn));
	/* answers may be long */
	PQsetSingleRowMode(s->conn);
	return take_results(db, row, ctx);
}

static enum rejunit_status
execute(struct rj_db *db, const char *sql)
{
	return run(db, sql, NULL, 0, NULL, NULL);
}

static enum rejunit_status
prepare(struct rj_db *db)
{
	(void)db;
	return REJUNIT_OK;
}

static enum rejunit_status
begin(struct rj_db *db, bool write)
{
	static const char *const to_write[] = {
		"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
		"SET LOCAL search_path TO rejunit",
		"SET LOCAL lock_timeout TO '" WAIT_SECONDS "s'",
		"SELECT pg_advisory_xact_lock(" LOCK ")", NULL
	};
	static const char *const to_read[] = {
		"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		"SET LOCAL search_path TO rejunit", NULL
	};
	const char *const *sql = write ? to_write : to_read;
	enum rejunit_status status = REJUNIT_OK;

	for (; *sql && !status; sql++)
		status = execute(db, *sql);
	return status;
}

static enum rejunit_status
end(struct rj_db *db, bool keep)
{
	struct server *s = db->handle;

	if (keep)
		return execute(db, "COMMIT");
	/* what is being put is not wanted */
	if (s->into) {
		PQputCopyEnd(s->conn, "given up");
		s->into = NULL;
		s->rows.n = 0;
		(void)take_results(db, NULL, NULL);
	}
	return execute(db, "ROLLBACK");
}

static enum rejunit_status
version(struct rj_db *db, int64_t *version)
{
	int64_t there = 0;
	enum rejunit_status status = run(db,
	    "SELECT count(*) FROM pg_catalog.pg_tables "
	    "WHERE schemaname = 'rejunit' AND tablename = 'history'",
	    NULL, 0, rj_take_number, &there);

	*version = 0;
	if (status || !there)
		return status;
	return run(db, "SELECT version FROM rejunit.history", NULL, 0,
	    rj_take_number, version);
}

/* A partition a month is made by whoever comes first. */
static enum rejunit_status
month(struct rj_db *db, int month)
{
	char sql[256];
	char table[32];
	int64_t there = 0;
	struct rj_db_value value;
	enum rejunit_status status;

	snprintf(table, sizeof(table), "execution_%d", month);
	value = rj_db_text(rj_str(table));
	status = run(db,
	    "SELECT count(*) FROM pg_catalog.pg_tables "
	    "WHERE schemaname = 'rejunit' AND tablename = $1",
	    &value, 1, rj_take_number, &there);
	if (status || there)
		return status;
	snprintf(sql, sizeof(sql),
	    "CREATE TABLE %s PARTITION OF execution FOR VALUES IN (%d)", table,
	    month);
	return execute(db, sql);
}

/* A partition that is to be dropped. */
struct partition {
	int before; /* month */
	char drop[64]; /* the statement; empty: there is none */
};

static enum rejunit_status
take_partition(void *ctx, const struct rj_db_row *row)
{
	struct partition *p = ctx;
	struct rj_str table = row->text(row, 0);
	int month = (int)rj_str_number(rj_str_from(table, 10));

	if (month > 0 && month < p->before)
		snprintf(
		    p->drop, sizeof(p->drop), "DROP TABLE execution_%d", month);
	return REJUNIT_OK;
}

/* Whatever is of a month before is of a run that is gone. */
static enum rejunit_status
tidy(struct rj_db *db, int before)
{
	enum rejunit_status status = begin(db, true);
	struct rejunit_error why;

	if (status)
		return status;
	for (struct partition p = { before, "-" }; *p.drop && !status;) {
		*p.drop = '\0';
		status = run(db,
		    "SELECT tablename FROM pg_catalog.pg_tables WHERE "
		    "schemaname = 'rejunit' AND tablename LIKE 'execution\\_%'",
		    NULL, 0, take_partition, &p);
		if (!status && *p.drop)
			status = execute(db, p.drop);
	}
	if (!status)
		return end(db, true);
	why = *db->err;
	(void)end(db, false);
	*db->err = why;
	return status;
}

/* A server looks after its own files. */
static enum rejunit_status
check(struct rj_db *db, rj_db_row_fn *row, void *ctx)
{
	(void)db;
	(void)row;
	(void)ctx;
	return REJUNIT_OK;
}

static const rj_db_step steps[] = { rj_postgresql_1, rj_postgresql_2, NULL };

const struct rj_db_driver rejunit_driver = { REJUNIT_VERSION, steps, open_db,
	close_db, prepare, begin, end, version, execute, run, put, month, tidy,
	check };
