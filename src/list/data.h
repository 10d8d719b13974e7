/*
 * data.h - what the public interface hands out of a report's cases.
 *
 * Begin with a zeroed struct but for its reports.
 */
#ifndef RJ_DATA_H
#define RJ_DATA_H

#include <stdatomic.h>

#include "list/execution.h"
#include "list/runner_id.h"

/* The cases of some reports, and what was read for whoever asked last. */
struct rj_data {
	const struct rj_report *reports;
	const atomic_int *cancelled; /* whoever reads them; NULL: cannot be */
	struct rj_rootdir *rootdir; /* NULL: no files are looked for */
	struct rj_details details;
	struct rj_buf id;
};

/* A case as it is handed out, for as long as the case lives. */
struct rejunit_case rj_data_case(struct rj_data *d, const struct rj_case *c);

void rj_data_free(struct rj_data *d);

static inline struct rejunit_string
rj_public(struct rj_str s)
{
	return (struct rejunit_string){ s.s, s.n };
}

#endif
