/*
 * record.h - a run, as it travels from reports to a history and on.
 *
 * A run record is one JSON object on one line. What the strings
 * of a struct rj_record are lives in the arena that it was made with.
 */
#ifndef RJ_RECORD_H
#define RJ_RECORD_H

#include <stdint.h>

#include "base/error.h"
#include "base/map.h"
#include "out/out.h"

/* Of a longer trace, its beginning is kept. */
#define RJ_TRACE_MAX ((size_t)16 * 1024)

/* Nanoseconds: nothing takes longer than thirty years. */
#define RJ_TIME_MAX ((int64_t)1000000000 * 1000000000)

struct rj_record_execution {
	unsigned int attempt;
	enum rejunit_verdict outcome;
	int64_t time; /* nanoseconds; -1: it says none */
	int64_t position; /* in its report; -1: nobody knows */
	/* of what failed; absent: it says nothing */
	struct rj_str type;
	struct rj_str message;
	struct rj_str trace;
	struct rj_str signature;
	struct rj_str facts; /* a JSON object; absent: none */
};

struct rj_record_test {
	struct rj_str classname;
	struct rj_str name;
	struct rj_str told; /* what tells it from its namesakes */
	struct rj_str file;
	struct rj_str id; /* that its runner takes back; absent: the names */
	struct rj_str suite_path; /* a JSON array of names */
	struct rj_str suites; /* the same with slashes; absent: unknown */
	struct rj_record_execution *executions;
	size_t n;
	size_t room;
};

struct rj_record {
	struct rj_str run; /* its name */
	struct rj_str kind; /* ci, or hunt */
	int64_t at;
	bool zoneless; /* the time had no zone, and is taken for UTC */
	struct rj_str commit; /* absent where nothing says it, as below */
	struct rj_str branch;
	struct rj_str job;
	struct rj_str host;
	struct rj_str url;
	struct rj_str facts; /* a JSON object */
	struct rj_str *digests; /* of what reports said */
	size_t n_digests;
	struct rj_record_test *tests;
	size_t n;
	size_t room;
};

/* Gives back what is not in the arena. */
void rj_record_free(struct rj_record *r);

/* A further test, zeroed, and a further execution of it; NULL: no memory. */
struct rj_record_test *rj_record_test(struct rj_record *r);
struct rj_record_execution *rj_record_execution(struct rj_record_test *t);

/*
 * Digests what a report says: when and where it ran, and what the tests came
 * to; that is the only digest then.
 */
bool rj_record_digest(struct rj_record *r, struct rj_arena *a);

/*
 * Adds what further records of a run have: executions are attempts from `least`
 * on, and behind those of the test that are there. The records' strings have to
 * live as long as it does.
 */
struct rj_joining {
	struct rj_record *record;
	struct rj_arena *arena;
	struct rj_map tests; /* their places, from 1 on */
	struct rj_buf key;
};

bool rj_record_join(
    struct rj_joining *j, const struct rj_record *more, unsigned int least);
/* The same for the one and only record: its tests are moved. */
void rj_record_move(
    struct rj_record *to, struct rj_record *from, unsigned int least);
void rj_joining_free(struct rj_joining *j);

/* A test's names as one string, with a NUL behind each but the last. */
bool rj_record_key(struct rj_buf *out, struct rj_str classname,
    struct rj_str name, struct rj_str told);

/* 128 bits of a string in hexadecimal digits, the same on every machine. */
#define RJ_DIGEST_SIZE 33
void rj_digest(struct rj_str s, char out[RJ_DIGEST_SIZE]);

/*
 * Reads a run record. An error has the line of its file, which the caller
 * counts, and the column of the mistake.
 */
enum rejunit_status
rj_record_read(struct rj_record *r, struct rj_arena *a, struct rj_str text,
    const char *file, unsigned long line, struct rejunit_error *err);

/* Writes it as one line. */
void rj_record_write(struct rj_out *out, const struct rj_record *r);

/* Writes a row an execution, below the names of the columns. */
void rj_record_write_columns(struct rj_out *out);
void rj_record_write_rows(struct rj_out *out, const struct rj_record *r);

#endif
