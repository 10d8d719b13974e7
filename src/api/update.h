/*
 * update.h - an update, as the files that make the public one share it.
 */
#ifndef RJ_UPDATE_H
#define RJ_UPDATE_H

#include <stdatomic.h>

#include "audit/findings.h"
#include "file/replace.h"
#include "list/data.h"
#include "merge/merge.h"
#include "model/mentions.h"

/* A decision's case that was asked for last. */
struct rj_cursor {
	const struct rejunit_decision *of;
	size_t k;
	const struct rj_sighting *sighting;
};

struct rejunit_update {
	struct rj_arena arena;
	struct rejunit_input original;
	struct rejunit_input *reruns;
	size_t n_reruns;
	size_t room;
	enum rejunit_evidence evidence;
	struct rj_merge_options options;
	struct rejunit_quarantine *quarantine; /* NULL: there is none */
	struct rejunit_quarantine *recover_only; /* NULL: all may */
	bool skip_quarantined;
	bool repair;
	struct rj_replace lock; /* an update in place: of a file, */
	int folder_lock; /* or of a folder */
	const char *folder; /* of the original, where it is a set */
	atomic_int cancelled;

	struct rj_mentions mentions;
	struct rj_pool pool; /* the reports' descriptors */
	struct rj_report *reports; /* the original, then the reruns */
	size_t n_reports;
	struct rj_plan plan;
	bool planned;
	struct rj_data data; /* what the cases are asked for */
	struct rj_cursor cursor;
	size_t reasons[REJUNIT_NOT_LISTED + 1];
	size_t flaky[REJUNIT_FLAKY_REPORTED + 1];
	size_t assumed;
};

/* A call that needs a planned update. */
enum rejunit_status
rj_need_plan(const struct rejunit_update *u, struct rejunit_error *err);

/* Reads all inputs; forget them also after a failure. */
enum rejunit_status
rj_update_read(struct rejunit_update *u, struct rejunit_error *err);
void rj_update_forget(struct rejunit_update *u);

/* Says what is odd about the reports, and the plan; false: out of memory. */
bool rj_update_warn(struct rejunit_update *u);

/*
 * Adds to the findings where a report, or a set of them, is not the result.
 * *reports: how many there should be.
 */
enum rejunit_status rj_update_prove(struct rejunit_update *u,
    struct rj_findings *found, const struct rejunit_input *updated,
    size_t *reports, struct rejunit_error *err);

#endif
