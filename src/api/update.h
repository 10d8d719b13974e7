/*
 * update.h - what a proof needs of a planned update.
 */
#ifndef RJ_UPDATE_H
#define RJ_UPDATE_H

#include "audit/audit.h"

/*
 * Adds to the findings where a report, or a set of them, is not the result.
 * *reports: how many there should be.
 */
enum rejunit_status
rj_update_prove(struct rejunit_update *u, struct rj_findings *found,
    const char *updated, size_t *reports, struct rejunit_error *err);

#endif
