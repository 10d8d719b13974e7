/*
 * report.h - reads a report, as far as an update needs to remember it.
 */
#ifndef RJ_READ_REPORT_H
#define RJ_READ_REPORT_H

#include "model/report.h"
#include "read/read.h"

/*
 * Opens and reads a report whose pool, input, run and number are set. Reruns
 * are entered into the mentions, the original is looked up in it, so the
 * original comes last. Everything kept lives in the arena; close the report
 * also after a failure.
 */
enum rejunit_status
rj_report_read(struct rj_report *r, bool repair, bool keep_suites,
    struct rj_mentions *o, struct rj_arena *arena, struct rejunit_error *err);

/* Goes through a report once more and looks up its classnames. */
enum rejunit_status rj_report_reread(struct rj_report *r, struct rj_mentions *o,
    struct rj_arena *arena, struct rejunit_error *err);

/*
 * Which cases of a report are worth keeping, where no rerun says it. Where it
 * can run out of memory, that is what false means.
 */
struct rj_selection {
	bool (*wants)(void *ctx, const struct rj_case *c, bool *wanted);
	/* As rj_mentions_excludes(): beyond doubt, it is not wanted. */
	bool (*excludes)(
	    void *ctx, struct rj_str classname, struct rj_str name);
	void *ctx;
	/* Gets everything first, and then nothing is excluded; NULL: nobody. */
	const struct rj_reader *also;
};

/*
 * Reads a report whose source is open, and keeps what is wanted of it; what was
 * kept of it before is not.
 */
enum rejunit_status
rj_report_select(struct rj_report *r, const struct rj_selection *selection,
    struct rj_arena *arena, struct rejunit_error *err);

void rj_report_close(struct rj_report *r);

#endif
