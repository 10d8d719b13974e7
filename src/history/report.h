/*
 * report.h - makes run records of reports.
 */
#ifndef RJ_HISTORY_REPORT_H
#define RJ_HISTORY_REPORT_H

#include "history/facts.h"
#include "history/record.h"

/*
 * Fills a zeroed record with what a report says: its tests as attempt 0 and,
 * where it notes attempts of one, further ones; its first time and host. Where
 * passes are counted, those that say nothing more are left out. Failures that
 * belong to no test, or to one without a name, are counted, if anybody asks.
 */
enum rejunit_status rj_record_report(struct rj_record *r, struct rj_arena *a,
    struct rejunit_reader *reader, const struct rejunit_input *in,
    const struct rj_fact_list *facts, size_t *passes, size_t *unnamed,
    struct rejunit_error *err);

#endif
