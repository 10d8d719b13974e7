/*
 * witness.h - whether what turned green has a pass of its own.
 *
 * A second count beside the engine's, which it does not ask: per identity, no
 * more entries may have turned green than the reruns have passes that no other
 * entry needs. It knows of no cells, facts or verdicts, only of entries, and of
 * what they say that others of their name do not.
 */
#ifndef RJ_WITNESS_H
#define RJ_WITNESS_H

#include "audit/findings.h"
#include "base/map.h"
#include "model/report.h"

struct rj_witness {
	struct rj_arena arena;
	const struct rj_report *reports;
	struct rj_map groups; /* entries by their identity */
	struct rj_map suites; /* by their runs and paths */
	struct rj_buf key; /* scratch */
	unsigned int assume; /* of enum rejunit_assumption */
	unsigned int fields; /* --match; 0: the default */
	unsigned int runs;
};

/* Takes in what was read; close it also on failure. False: out of memory. */
bool rj_witness_open(struct rj_witness *w, const struct rj_report *reports,
    size_t n, unsigned int fields, unsigned int assume);
void rj_witness_close(struct rj_witness *w);

/* Adds a finding for each case of an updated report without a witness. */
enum rejunit_status rj_witness_check(struct rj_witness *w,
    struct rj_findings *f, unsigned int report, const struct rj_source *updated,
    struct rejunit_error *err);

#endif
