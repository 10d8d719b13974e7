/*
 * db.h - a database, whichever it is.
 *
 * A driver is a table of functions. Statements are written once, in the SQL
 * that all of them know, with $1, $2… in the order in which they occur; each is
 * a constant. All work is done between begin and end. Every function fills err,
 * which is the caller's for as long as the database is open.
 */
#ifndef RJ_DB_H
#define RJ_DB_H

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
	int at;
	int64_t (*number)(const struct rj_db_row *row, int column);
	struct rj_str (*text)(const struct rj_db_row *row, int column);
	bool (*is_null)(const struct rj_db_row *row, int column);
};

/* Takes a row; anything but 0 ends the answer with that status. */
typedef enum rejunit_status
rj_db_row_fn(void *ctx, const struct rj_db_row *row);

/* Where rows are put, said in two ways, for the columns of one list. */
struct rj_db_table {
	const char *insert;
	const char *copy;
	int columns;
};

struct rj_db {
	const struct rj_db_driver *driver;
	void *handle; /* the driver's */
	char name[512]; /* for messages, without a password */
	struct rejunit_error *err;
};

/* What makes each version of the one before it, the first of nothing. */
typedef const char *const *rj_db_step; /* statements; NULL ends them */

struct rj_db_driver {
	const char *release; /* of rejunit, that it was built with */
	const rj_db_step *steps; /* NULL ends them */
	/* `write`: what is not there is made */
	enum rejunit_status (*open)(
	    struct rj_db *db, const char *name, bool write);
	void (*close)(struct rj_db *db);
	/* Before there are tables. */
	enum rejunit_status (*prepare)(struct rj_db *db);
	/* Who writes is alone; who reads sees one state of it all. */
	enum rejunit_status (*begin)(struct rj_db *db, bool write);
	enum rejunit_status (*end)(struct rj_db *db, bool keep);
	/* The version of its tables; 0: there are none. */
	enum rejunit_status (*version)(struct rj_db *db, int64_t *version);
	/* A statement that is not said again. */
	enum rejunit_status (*execute)(struct rj_db *db, const char *sql);
	/* One statement; `row` may be NULL. */
	enum rejunit_status (*run)(struct rj_db *db, const char *sql,
	    const struct rj_db_value *values, int n, rj_db_row_fn *row,
	    void *ctx);
	/* Adds a row, at the latest before the next statement. */
	enum rejunit_status (*put)(struct rj_db *db,
	    const struct rj_db_table *table, const struct rj_db_value *values);
	/* A month is going to be written, as 202601. */
	enum rejunit_status (*month)(struct rj_db *db, int month);
	/* Outside of begin and end: gives back the room of what is gone, which
	   is all before a month. */
	enum rejunit_status (*tidy)(struct rj_db *db, int month);
	/* What the engine finds wrong in its files, a row for each. */
	enum rejunit_status (*check)(
	    struct rj_db *db, rj_db_row_fn *row, void *ctx);
};

extern const struct rj_db_driver rj_sqlite;

/* The name is the address of a server. */
bool rj_is_server(const char *name);

/*
 * The driver for a name; the one of a server is loaded when it is needed. NULL:
 * it cannot be, and why says so.
 */
const struct rj_db_driver *
rj_db_driver(const char *name, char *why, size_t room);

/* Takes the number in the first column, which is never NULL. */
static inline enum rejunit_status
rj_take_number(void *ctx, const struct rj_db_row *row)
{
	*(int64_t *)ctx = row->number(row, 0);
	return REJUNIT_OK;
}

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
