/*
 * merge.h - what becomes of a report by its reruns.
 */
#ifndef RJ_MERGE_H
#define RJ_MERGE_H

#include "model/plan.h"

struct rj_merge_options {
	unsigned int fields; /* --match; 0: the default and its refinements */
	unsigned int assume; /* of enum rejunit_assumption */
	bool append_reruns;
	bool recount;
	bool limited; /* --max-recovered */
	bool percent;
	unsigned long limit;
	/* whether a case may turn green; NULL: all may. False: no memory. */
	bool (*may_recover)(void *ctx, const struct rj_case *c, bool *may);
	/* marks the decisions that are excused; NULL: none is */
	enum rejunit_status (*excuse)(void *ctx, struct rejunit_error *err);
	void *ctx; /* of both */
};

/*
 * Decides. The original's reports come first, then the reruns' in order.
 * Everything in the plan lives in its arena and points into the reports.
 */
enum rejunit_status rj_merge(struct rj_plan *plan, struct rj_report *reports,
    size_t n, struct rj_mentions *mentions, const struct rj_merge_options *opt,
    struct rejunit_error *err);

#endif
