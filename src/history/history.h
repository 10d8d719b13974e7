/*
 * history.h - runs that are remembered.
 *
 * Open a history, keep runs in it, load those of a time. A call that fails
 * leaves the history as it was.
 */
#ifndef RJ_HISTORY_H
#define RJ_HISTORY_H

#include "base/map.h"
#include "history/db.h"
#include "history/record.h"

struct rj_history {
	struct rj_db db;
	struct rj_arena arena;
	struct rj_map tests; /* numbers by their keys */
	struct rj_map words; /* by their digests */
	struct rj_buf key; /* scratch */
};

/* NULL: in memory, and gone when it is closed. Close it also after a failure.
 */
enum rejunit_status rj_history_open(struct rj_history *h, const char *name,
    bool create, struct rejunit_error *err);
void rj_history_close(struct rj_history *h);

/*
 * Keeps what a record adds to the run of its name. What is known stays;
 * *added: how many executions are new. Inside of begin and end.
 */
enum rejunit_status
rj_history_keep(struct rj_history *h, const struct rj_record *r, size_t *added);

/* All that is kept between the two is kept, or nothing. */
enum rejunit_status rj_history_begin(struct rj_history *h);
enum rejunit_status
rj_history_end(struct rj_history *h, enum rejunit_status status);

#endif
