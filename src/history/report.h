/*
 * report.h - makes run records of reports.
 */
#ifndef RJ_HISTORY_REPORT_H
#define RJ_HISTORY_REPORT_H

#include "history/facts.h"
#include "history/record.h"

/*
 * Adds what a report says to a record, as an attempt of its run and, of a test
 * that attempts are noted of in it, as further ones. The record's time and
 * host are set from it where they are not known.
 */
enum rejunit_status rj_record_report(struct rj_record *r, struct rj_arena *a,
    struct rejunit_reader *reader, const struct rejunit_input *in,
    unsigned int attempt, const struct rj_fact_list *facts,
    struct rejunit_error *err);

#endif
