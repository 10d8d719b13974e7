/*
 * flakes.h - the flake list and the decisions, for programs.
 */
#ifndef RJ_FLAKES_H
#define RJ_FLAKES_H

#include "model/plan.h"

struct rj_flakes {
	const struct rj_plan *plan;
	const struct rj_report *reports;
	size_t n_reports;
	struct rj_rootdir *rootdir; /* NULL: no files are looked for */
};

enum rejunit_status
rj_flakes_write(const struct rj_flakes *f, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

enum rejunit_status rj_decisions_write(const struct rj_flakes *f,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

/*
 * Whether a test that failed in the original failed in the same way in all
 * reruns that it failed in: *alike is 1 or 0; -1 where that cannot be said.
 */
enum rejunit_status rj_alike(const struct rj_flakes *f,
    const struct rejunit_decision *d, int *alike, struct rejunit_error *err);

#endif
