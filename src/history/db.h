/*
 * db.h - a database, whichever it is.
 *
 * Statements are written once, in the SQL that all of them know, with $1, $2…
 * in the order in which they occur. A statement is a constant: it is prepared
 * when it is first used. Every function fills err, which is the caller's for
 * as long as the database is open.
 */
#ifndef RJ_DB_H
#define RJ_DB_H

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

/* A parameter. */
struct rj_db_value {
	enum {
		RJ_DB_NULL,
		RJ_DB_INT,
		RJ_DB_TEXT
	} kind;
	int64_t number;
	struct rj_str text;
};

/* A row of an answer; strings live until the next one. */
struct rj_db_row {
	const void *of;
	int64_t (*number)(const struct rj_db_row *row, int column);
	struct rj_str (*text)(const struct rj_db_row *row, int column);
	bool (*is_null)(const struct rj_db_row *row, int column);
};

/* Takes a row; anything but 0 ends the answer with that status. */
typedef enum rejunit_status
rj_db_row_fn(void *ctx, const struct rj_db_row *row);

struct rj_db {
	const struct rj_db_driver *driver;
	void *handle; /* the driver's */
	const char *name; /* for messages, without a password */
	struct rejunit_error *err;
};

struct rj_db_driver {
	enum rejunit_status (*open)(
	    struct rj_db *db, const char *name, bool create);
	void (*close)(struct rj_db *db);
	/* Statements without parameters, with semicolons between them. */
	enum rejunit_status (*script)(struct rj_db *db, const char *sql);
	/* One statement; `row` may be NULL. */
	enum rejunit_status (*run)(struct rj_db *db, const char *sql,
	    const struct rj_db_value *values, int n, rj_db_row_fn *row,
	    void *ctx);
};

extern const struct rj_db_driver rj_sqlite;

static inline struct rj_db_value
rj_db_int(int64_t n)
{
	return (struct rj_db_value){ .kind = RJ_DB_INT, .number = n };
}

/* An absent string is an empty one. */
static inline struct rj_db_value
rj_db_text(struct rj_str s)
{
	return (struct rj_db_value){ .kind = RJ_DB_TEXT,
		.text = s.s ? s : RJ_STR("") };
}

/* Less than 0 is none. */
static inline struct rj_db_value
rj_db_maybe(int64_t n)
{
	struct rj_db_value none = { .kind = RJ_DB_NULL };

	return n < 0 ? none : rj_db_int(n);
}

#endif
