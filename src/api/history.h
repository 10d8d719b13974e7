/*
 * history.h - the handle of a history.
 */
#ifndef RJ_API_HISTORY_H
#define RJ_API_HISTORY_H

#include "api/handle.h"
#include "history/history.h"
#include "history/rank.h"
#include "investigate/investigate.h"
#include "quarantine/tend.h"

struct rejunit_history {
	struct rj_arena arena;
	struct rj_warnings warnings;
	struct rj_warnings findings;
	struct rj_str run; /* that was recorded last */
	struct rejunit_reader *reader;
	struct rj_history store;
	struct rejunit_error err; /* of a call that is given none */
	struct rj_ranking ranking;
	bool ranked;
	struct rj_investigation *investigation; /* NULL: there is none */
	struct rj_quarantine quarantine; /* that was kept at last */
	struct rj_tending tending;
	size_t added;
};

/* The error that a call fills, from here on. */
void rj_history_work(struct rejunit_history *h, struct rejunit_error *err);

/* The same, and begins to read or to write; rj_history_end() ends it. */
enum rejunit_status rj_history_work_in(
    struct rejunit_history *h, bool write, struct rejunit_error *err);

/* What is ranked, and where it is not said, as the manual has it. */
enum rejunit_status rj_rank_understand(const struct rejunit_ranking *how,
    struct rj_rank_options *o, struct rejunit_error *err);

/* From 1970 to the year 9999: others have no way to be written. */
enum rejunit_status rj_need_time(long long at, struct rejunit_error *err);

/* What a caller says, empty for nothing. */
static inline struct rj_str
rj_said(const char *s)
{
	return rj_str(s ? s : "");
}

#endif
