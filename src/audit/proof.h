/*
 * proof.h - whether an updated report is what follows from its runs.
 *
 * The update is made once more and compared byte by byte with what is to be
 * proved. Only if they differ, both are read, and every difference is told:
 * verdicts, cases that are lost, added or moved, attributes, other bytes.
 */
#ifndef RJ_PROOF_H
#define RJ_PROOF_H

#include "audit/witness.h"
#include "model/plan.h"

/*
 * The input's name lives as long as the findings. The witness counts
 * what turned green, whatever follows.
 */
enum rejunit_status rj_prove(struct rj_findings *f, const struct rj_plan *plan,
    const struct rj_report *reports, unsigned int report,
    enum rejunit_evidence evidence, struct rj_witness *witness,
    const struct rejunit_input *updated, struct rejunit_error *err);

#endif
