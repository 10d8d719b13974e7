#include "api/report_set.h"
#include "api/save.h"
#include "api/update.h"
#include "base/cancel.h"
#include "list/list.h"
#include "write/write.h"

/* --- the report ---------------------------------------------------------- */

static enum rejunit_status
put_report(
    void *ctx, rejunit_write_fn *write, void *to, struct rejunit_error *err)
{
	const struct rejunit_update *u = ctx;

	return rj_write(&u->plan, u->reports, 0, u->evidence, write, to, err);
}

enum rejunit_status
rejunit_update_write(struct rejunit_update *u, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err)
{
	enum rejunit_status status = rj_need_plan(u, err);
	const atomic_int *before;

	if (!status)
		status = rj_need(write, "a function that writes", err);
	if (status)
		return status;
	if (u->folder)
		return rj_fail(err, REJUNIT_USAGE,
		    "a set of reports has to be written to a folder, or in "
		    "place");
	before = rj_work_for(&u->cancelled);
	status = put_report(u, write, ctx, err);
	rj_work_for(before);
	return status;
}

/* Of a planned update. */
static struct rj_report_set
set_of(struct rejunit_update *u)
{
	return (struct rj_report_set){
		.arena = &u->arena,
		.plan = &u->plan,
		.warnings = &u->plan.warnings,
		.reports = u->reports,
		.n = u->n_reports,
		.evidence = u->evidence,
		.fields = u->options.fields,
		.folder = u->folder,
		.lock = u->folder_lock,
	};
}

enum rejunit_status
rejunit_update_check(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status = rj_need_plan(u, err);
	struct rj_report_set set;

	if (!status)
		status = rj_need(path, "a path", err);
	if (status)
		return status;
	set = set_of(u);
	return rj_report_set_check(&set, path, err);
}

static enum rejunit_status
save_report(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	const struct rj_report_set set = set_of(u);
	struct rj_save save = { .content = put_report,
		.ctx = u,
		.path = path,
		.lasts = true,
		.warnings = &u->plan.warnings };
	enum rejunit_status status = REJUNIT_OK;

	if (path)
		status = rj_report_set_check(&set, path, err);
	else if ((u->folder ? u->folder_lock : u->lock.fd) < 0)
		status =
		    rj_fail(err, REJUNIT_USAGE, "the original was not locked");
	if (status)
		return status;
	if (u->folder)
		return rj_report_set_save(&set, path, err);
	if (!path && rj_report_set_leaves(&set, &u->reports[0])) {
		rj_replace_abort(&u->lock);
		return REJUNIT_OK;
	}
	if (!path) {
		save.path = u->original.name;
		save.locked = &u->lock;
		save.then = &u->reports[0].src.id;
	}
	return rj_save(&save, err);
}

enum rejunit_status
rejunit_update_save(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status = rj_need_plan(u, err);
	const atomic_int *before;

	if (status)
		return status;
	before = rj_work_for(&u->cancelled);
	status = save_report(u, path, err);
	rj_work_for(before);
	return status;
}

enum rejunit_status
rj_update_prove(struct rejunit_update *u, struct rj_findings *found,
    const struct rejunit_input *updated, size_t *reports,
    struct rejunit_error *err)
{
	enum rejunit_status status = rj_need_plan(u, err);
	const atomic_int *before;
	struct rj_report_set set;

	if (status)
		return status;
	set = set_of(u);
	before = rj_work_for(&u->cancelled);
	status = rj_report_set_prove(&set, found, updated, reports, err);
	rj_work_for(before);
	return status;
}

/* --- lists --------------------------------------------------------------- */

/* One that is asked for. */
struct list {
	struct rejunit_update *of;
	bool flakes; /* else all decisions */
	enum rejunit_format format;
};

static enum rejunit_status
put_list(
    void *ctx, rejunit_write_fn *write, void *to, struct rejunit_error *err)
{
	const struct list *l = ctx;

	return l->flakes ? rj_list_flakes(l->of, l->format, write, to, err)
			 : rj_list_decisions(l->of, write, to, err);
}

static enum rejunit_status
write_list(const struct list *list, rejunit_write_fn *write, void *ctx,
    struct rejunit_error *err)
{
	enum rejunit_status status = rj_need_plan(list->of, err);
	const atomic_int *before;
	struct list l = *list;

	if (!status)
		status = rj_need(write, "a function that writes", err);
	if (!status && (unsigned int)l.format > REJUNIT_GITHUB)
		status = rj_fail(err, REJUNIT_USAGE, "there is no such format");
	if (status)
		return status;
	before = rj_work_for(&l.of->cancelled);
	status = put_list(&l, write, ctx, err);
	rj_work_for(before);
	return status;
}

/* It is replaced in one step, too, but nobody waits for the disk. */
static enum rejunit_status
save_list(const struct list *list, const char *path, struct rejunit_error *err)
{
	const atomic_int *before;
	struct list l = *list;
	struct rj_save save = { .content = put_list, .ctx = &l, .path = path };
	enum rejunit_status status = rj_need_plan(l.of, err);
	struct rj_report_set set;

	if (!status)
		status = rj_need(path, "a path", err);
	if (status)
		return status;
	set = set_of(l.of);
	save.warnings = &l.of->plan.warnings;
	before = rj_work_for(&l.of->cancelled);
	status = rj_report_set_check_list(&set, path, err);
	if (!status)
		status = rj_save(&save, err);
	rj_work_for(before);
	return status;
}

enum rejunit_status
rejunit_update_flakes(struct rejunit_update *u, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	return write_list(&(struct list){ u, true, format }, write, ctx, err);
}

enum rejunit_status
rejunit_update_decisions(struct rejunit_update *u, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err)
{
	return write_list(
	    &(struct list){ u, false, REJUNIT_JSON }, write, ctx, err);
}

enum rejunit_status
rejunit_update_save_flakes(struct rejunit_update *u, enum rejunit_format format,
    const char *path, struct rejunit_error *err)
{
	return save_list(&(struct list){ u, true, format }, path, err);
}

enum rejunit_status
rejunit_update_save_decisions(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	return save_list(&(struct list){ u, false, REJUNIT_JSON }, path, err);
}
