/*
 * record.h - a run, as it travels from reports to a history and on.
 *
 * A run record is one JSON object on one line. Everything in a struct
 * rj_record lives in the arena that it was made with.
 */
#ifndef RJ_RECORD_H
#define RJ_RECORD_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* Of a longer trace, its beginning is kept. */
#define RJ_TRACE_MAX ((size_t)16 * 1024)

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
	struct rj_str suite_path; /* a JSON array of names */
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
	struct rj_str digest; /* of what reports said; absent: no report */
	struct rj_record_test *tests;
	size_t n;
	size_t room;
};

/* Gives back what is not in the arena. */
void rj_record_free(struct rj_record *r);

/* A further test, zeroed, and a further execution of it; NULL: no memory. */
struct rj_record_test *rj_record_test(struct rj_record *r);
struct rj_record_execution *rj_record_execution(struct rj_record_test *t);

/* Digests what the tests came to, whatever the run is called. */
bool rj_record_digest(struct rj_record *r, struct rj_arena *a);

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

#endif
