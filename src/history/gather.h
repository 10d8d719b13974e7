/*
 * gather.h - what somebody has downloaded, as runs.
 *
 * A path leads to run records, to a history, to a report, or to a folder of
 * them. Of reports, each folder that holds some is a run, and what a report
 * says of a test that an earlier one of its run had is a further attempt.
 */
#ifndef RJ_GATHER_H
#define RJ_GATHER_H

#include "history/history.h"

/* It holds run records, or histories: reports beside them are theirs. */
bool rj_holds_runs(const char *path);

/* Keeps all runs of such a path. Inside of begin and end. */
enum rejunit_status
rj_gather_runs(struct rj_history *h, const char *path, size_t *added);

/*
 * Keeps the reports of paths as runs, which are named by their folders or,
 * where a pattern is given, by the first part of a path that it matches.
 */
enum rejunit_status
rj_gather_reports(struct rj_history *h, struct rejunit_reader *reader,
    const char *const *paths, size_t n, const char *run_per, size_t *added);

#endif
