#include "api/update.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/handle.h"
#include "api/quarantine.h"
#include "api/save.h"
#include "base/cancel.h"

enum rejunit_status
rejunit_update_new(struct rejunit_update **out, struct rejunit_error *err)
{
	enum rejunit_status status;
	struct rejunit_update *u = rj_handle_new(out, sizeof(*u), &status, err);

	if (!u)
		return status;
	u->lock = RJ_REPLACE_NONE;
	u->folder_lock = -1;
	*out = u;
	return REJUNIT_OK;
}

void
rejunit_update_free(struct rejunit_update *u)
{
	if (!u)
		return;
	rj_update_forget(u);
	rj_replace_abort(&u->lock);
	if (u->folder_lock >= 0)
		close(u->folder_lock);
	rj_rootdir_free(u->data.rootdir);
	rj_data_free(&u->data);
	rj_arena_free(&u->arena);
	free(u->reruns);
	free(u);
}

void
rejunit_update_cancel(struct rejunit_update *u)
{
	if (u)
		atomic_store(&u->cancelled, 1);
}

enum rejunit_status
rj_need_plan(const struct rejunit_update *u, struct rejunit_error *err)
{
	if (u && !u->planned)
		return rj_fail(err, REJUNIT_USAGE, "the update is not planned");
	return rj_need(u, "an update", err);
}

/* Settings come before the plan. */
static enum rejunit_status
need_no_plan(const struct rejunit_update *u, struct rejunit_error *err)
{
	if (u && u->planned)
		return rj_fail(
		    err, REJUNIT_USAGE, "the update is planned already");
	return rj_need(u, "an update", err);
}

/* --- inputs -------------------------------------------------------------- */

enum rejunit_status
rejunit_update_original_from(struct rejunit_update *u,
    const struct rejunit_input *in, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);

	if (status)
		return status;
	if (u->folder_lock >= 0 || u->lock.fd >= 0)
		return rj_fail(
		    err, REJUNIT_USAGE, "the original is locked already");
	return rj_keep_input(&u->arena, in, &u->original, err);
}

enum rejunit_status
rejunit_update_rerun_from(struct rejunit_update *u,
    const struct rejunit_input *in, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);
	void *p;

	if (status)
		return status;
	p = rj_grown(u->reruns, u->n_reruns, &u->room, sizeof(*u->reruns));
	if (!p)
		return rj_fail_memory(err);
	u->reruns = p;
	status = rj_keep_input(&u->arena, in, &u->reruns[u->n_reruns], err);
	u->n_reruns += status == REJUNIT_OK;
	return status;
}

enum rejunit_status
rejunit_update_original(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	const struct rejunit_input in = rejunit_path(path);

	return rejunit_update_original_from(u, &in, err);
}

enum rejunit_status
rejunit_update_rerun(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	const struct rejunit_input in = rejunit_path(path);

	return rejunit_update_rerun_from(u, &in, err);
}

/* --- settings ------------------------------------------------------------ */

enum rejunit_status
rejunit_update_evidence(struct rejunit_update *u,
    enum rejunit_evidence evidence, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);

	if (status)
		return status;
	if ((unsigned int)evidence > REJUNIT_EVIDENCE_NONE)
		return rj_fail(err, REJUNIT_USAGE, "there is no such evidence");
	u->evidence = evidence;
	return REJUNIT_OK;
}

enum rejunit_status
rejunit_update_match(
    struct rejunit_update *u, unsigned int fields, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);

	if (status)
		return status;
	if (!(fields & REJUNIT_NAME))
		return rj_fail(err, REJUNIT_USAGE,
		    "without the name, different tests are the same");
	if (fields >= REJUNIT_HOSTNAME << 1)
		return rj_fail(err, REJUNIT_USAGE, "there is no such field");
	u->options.fields = fields;
	return REJUNIT_OK;
}

enum rejunit_status
rejunit_update_assume(struct rejunit_update *u, unsigned int assumptions,
    struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);

	if (status)
		return status;
	if (assumptions >= REJUNIT_ASSUME_COMPLETE << 1)
		return rj_fail(
		    err, REJUNIT_USAGE, "there is no such assumption");
	u->options.assume |= assumptions;
	return REJUNIT_OK;
}

enum rejunit_status
rejunit_update_append_reruns(
    struct rejunit_update *u, bool append, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);

	if (!status)
		u->options.append_reruns = append;
	return status;
}

enum rejunit_status
rejunit_update_recount(
    struct rejunit_update *u, bool recount, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);

	if (!status)
		u->options.recount = recount;
	return status;
}

enum rejunit_status
rejunit_update_repair(
    struct rejunit_update *u, bool repair, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);

	if (!status)
		u->repair = repair;
	return status;
}

enum rejunit_status
rejunit_update_rootdir(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);

	if (!status)
		status = rj_rootdir_set(&u->data.rootdir, &u->arena, path, err);
	return status;
}

enum rejunit_status
rejunit_update_max_recovered(struct rejunit_update *u, unsigned long limit,
    bool percent, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);

	if (status)
		return status;
	u->options.limited = true;
	u->options.limit = limit;
	u->options.percent = percent;
	return REJUNIT_OK;
}

enum rejunit_status
rejunit_update_quarantine(struct rejunit_update *u,
    struct rejunit_quarantine *q, bool skip, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);

	if (!status)
		status = rj_need(q, "a quarantine", err);
	if (status)
		return status;
	u->quarantine = q;
	u->skip_quarantined = skip;
	return REJUNIT_OK;
}

enum rejunit_status
rejunit_update_recover_only(struct rejunit_update *u,
    struct rejunit_quarantine *q, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);

	if (!status)
		status = rj_need(q, "a list", err);
	if (!status)
		u->recover_only = q;
	return status;
}

/* --- the lock, and the plan ---------------------------------------------- */

static enum rejunit_status
lock_folder(struct rejunit_update *u, const char *folder, unsigned int seconds,
    struct rejunit_error *err)
{
	int fd =
	    open(*folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum rejunit_status status;

	if (fd < 0)
		return rj_fail_errno(
		    err, REJUNIT_INPUT, folder, "cannot be opened");
	status = rj_replace_lock(fd, folder, seconds, err);
	if (status)
		close(fd);
	else
		u->folder_lock = fd;
	return status;
}

static enum rejunit_status
lock_original(
    struct rejunit_update *u, unsigned int seconds, struct rejunit_error *err)
{
	struct rj_fileset set;
	enum rejunit_status status =
	    rj_fileset_find(&set, &u->arena, &u->original, err);

	if (!status)
		status = set.folder ? lock_folder(u, set.folder, seconds, err)
				    : rj_lock_input(
					  &u->lock, &u->original, seconds, err);
	rj_fileset_free(&set);
	return status;
}

enum rejunit_status
rejunit_update_lock(
    struct rejunit_update *u, unsigned int seconds, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);
	const atomic_int *before;

	if (status)
		return status;
	if (!u->original.name || u->folder_lock >= 0 || u->lock.fd >= 0)
		return rj_fail(err, REJUNIT_USAGE,
		    u->original.name ? "the original is locked already"
				     : "there is no original to lock");
	before = rj_work_for(&u->cancelled);
	status = lock_original(u, seconds, err);
	rj_work_for(before);
	return status;
}

static enum rejunit_status
plan(struct rejunit_update *u, struct rejunit_error *err)
{
	enum rejunit_status status;

	u->plan.arena = u->plan.warnings.arena = &u->arena;
	u->mentions.arena = &u->arena;
	u->mentions.fields = u->options.fields
				 ? u->options.fields
				 : REJUNIT_CLASSNAME | REJUNIT_NAME;
	rj_quarantine_options(u, &u->options);
	status = rj_update_read(u, err);
	u->data.reports = u->reports;
	if (!status)
		status = rj_merge(&u->plan, u->reports, u->n_reports,
		    &u->mentions, &u->options, err);
	if (!status && !rj_update_warn(u))
		status = rj_fail_memory(err);
	return status;
}

enum rejunit_status
rejunit_update_plan(struct rejunit_update *u, struct rejunit_error *err)
{
	enum rejunit_status status = need_no_plan(u, err);
	const atomic_int *before;

	if (status)
		return status;
	if (!u->original.name)
		return rj_fail(
		    err, REJUNIT_USAGE, "there is no original to update");
	before = rj_work_for(&u->cancelled);
	status = plan(u, err);
	rj_work_for(before);
	if (status) {
		rj_update_forget(u);
		return status;
	}
	u->planned = true;
	u->data.reports = u->reports;
	u->data.cancelled = &u->cancelled;
	if (u->quarantine)
		u->quarantine->cases = u->plan.excused + u->plan.skipped;
	for (size_t i = 0; i < u->plan.n_decisions; i++) {
		u->reasons[u->plan.decisions[i]->reason]++;
		u->flaky[u->plan.decisions[i]->flaky]++;
		u->assumed += u->plan.decisions[i]->assumed != 0;
	}
	return REJUNIT_OK;
}
