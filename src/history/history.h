/*
 * history.h - runs that are remembered.
 *
 * Open a history, keep runs in it, ask it. All that is done between begin and
 * end is done, or nothing.
 */
#ifndef RJ_HISTORY_H
#define RJ_HISTORY_H

#include "base/map.h"
#include "history/db.h"
#include "history/record.h"

/* What executions refer to by numbers: those that are known, and the last. */
struct rj_numbers {
	struct rj_map known;
	int64_t last; /* less than 0: not asked yet */
	bool all; /* all of them are known */
};

struct rj_history {
	struct rj_db db;
	struct rj_arena arena; /* of what is known, until the end */
	struct rj_numbers runs;
	struct rj_numbers tests;
	struct rj_numbers words;
	struct rj_numbers places;
	int month; /* that may be written */
	bool failures_alone; /* of a single report that is gathered */
	size_t passes; /* that are left out then */
	size_t unnamed; /* failures of gathered reports, that no test has */
	rejunit_progress_fn *tell; /* NULL: nobody asks */
	void *tell_ctx;
};

/*
 * A file, or the address of a server; NULL: in memory, and gone when it is
 * closed. `write`: what is not there is made. Close it also after a failure.
 */
enum rejunit_status rj_history_open(struct rj_history *h, const char *name,
    bool write, struct rejunit_error *err);
void rj_history_close(struct rj_history *h);

enum rejunit_status rj_history_begin(struct rj_history *h, bool write);
/* With a failure, nothing is kept, and it is returned. */
enum rejunit_status
rj_history_end(struct rj_history *h, enum rejunit_status status);

/*
 * Keeps what a record adds to the run of its name: a union. What is known
 * stays; what contradicts it is an error. *added: how many executions are new.
 */
enum rejunit_status
rj_history_keep(struct rj_history *h, const struct rj_record *r, size_t *added);

/* A statement's parameters and rows, see db.h. */
enum rejunit_status rj_history_run(struct rj_history *h, const char *sql,
    const struct rj_db_value *values, int n, rj_db_row_fn *row, void *ctx);

/* A text's number in tables that find it by that. */
int64_t rj_history_hash(const struct rj_str *parts, int n);

#endif
