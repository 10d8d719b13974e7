/*
 * write.h - the updated report: the original's bytes, spliced.
 *
 * What the plan does not touch is copied as it stands in the file. Touched
 * cases, the counters above them and what is added are written in between,
 * in one pass, and in memory that grows with the edits alone.
 */
#ifndef RJ_WRITE_H
#define RJ_WRITE_H

#include "model/plan.h"

/* Writes one report, an original or an adopted one. */
enum rejunit_status
rj_write(const struct rj_plan *plan, const struct rj_report *reports,
    unsigned int report, enum rejunit_evidence evidence,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

/* The plan leaves every byte of this report as it is. */
bool rj_plan_leaves(const struct rj_plan *plan, unsigned int report);

#endif
