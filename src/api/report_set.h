/*
 * report_set.h - the updated reports as files: saving them, and proving what
 * stands there.
 *
 * What an update came to is handed over as it is; nothing of it changes. Where
 * the original is a folder, the set is of the reports below it and of those
 * that only a rerun has, each with its name.
 */
#ifndef RJ_REPORT_SET_H
#define RJ_REPORT_SET_H

#include "audit/findings.h"
#include "model/plan.h"

struct rj_report_set {
	struct rj_arena *arena;
	const struct rj_plan *plan;
	struct rj_warnings *warnings; /* more may be said when it is saved */
	const struct rj_report *reports; /* of all runs */
	size_t n;
	enum rejunit_evidence evidence;
	unsigned int fields; /* --match; 0: the default */
	const char *folder; /* the original's; NULL: it is one file */
	int lock; /* the folder's, for an update in place; else -1 */
};

/* Nothing changes in a report of the original, not even by a repair. */
bool rj_report_set_leaves(
    const struct rj_report_set *set, const struct rj_report *r);

/* Fails as wrong usage if to save to a path would overwrite a rerun. */
enum rejunit_status rj_report_set_check(const struct rj_report_set *set,
    const char *path, struct rejunit_error *err);

/* The same for a list, which may overwrite no report at all. */
enum rejunit_status rj_report_set_check_list(const struct rj_report_set *set,
    const char *path, struct rejunit_error *err);

/* Saves all into a folder, or in place where that is NULL: all or none. */
enum rejunit_status rj_report_set_save(const struct rj_report_set *set,
    const char *folder, struct rejunit_error *err);

/*
 * Adds to the findings where a folder, or a file, is not what follows.
 * *reports: how many follow.
 */
enum rejunit_status rj_report_set_prove(const struct rj_report_set *set,
    struct rj_findings *found, const struct rejunit_input *updated,
    size_t *reports, struct rejunit_error *err);

#endif
