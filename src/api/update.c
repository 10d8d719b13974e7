#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/report_set.h"
#include "api/update.h"
#include "file/fileset.h"
#include "list/flakes.h"
#include "list/runner_id.h"
#include "merge/merge.h"
#include "read/report.h"
#include "write/write.h"

#ifndef REJUNIT_VERSION
#define REJUNIT_VERSION "0"
#endif

struct rejunit_update {
	struct rj_arena arena;
	const char *original;
	const char **reruns;
	size_t n_reruns;
	size_t room;
	enum rejunit_evidence evidence;
	struct rj_merge_options options;
	bool repair;
	struct rj_rootdir *rootdir;
	struct rj_replace lock; /* an update in place: of a file, */
	int folder_lock; /* or of a folder */
	const char *folder; /* of the original, where it is a set */

	struct rj_mentions mentions;
	struct rj_pool pool; /* the reports' descriptors */
	struct rj_report *reports; /* the original, then the reruns */
	size_t n_reports;
	struct rj_plan plan;
	bool planned;
	size_t reasons[REJUNIT_UNKNOWN_IN_RERUN + 1];
	size_t flaky[REJUNIT_FLAKY_REPORTED + 1];
	size_t assumed;
};

enum rejunit_status
rejunit_update_new(struct rejunit_update **out, struct rejunit_error *err)
{
	struct rejunit_update *u = out ? calloc(1, sizeof(*u)) : NULL;

	if (!u)
		return out ? rj_fail_memory(err)
			   : rj_need(false, "a place", err);
	u->lock = RJ_REPLACE_NONE;
	u->folder_lock = -1;
	*out = u;
	return REJUNIT_OK;
}

static enum rejunit_status
need_update(const struct rejunit_update *u, struct rejunit_error *err)
{
	return rj_need(u, "an update", err);
}

static enum rejunit_status
need_writer(rejunit_write_fn *write, struct rejunit_error *err)
{
	return rj_need(write, "a function that writes", err);
}

static void
forget_reports(struct rejunit_update *u)
{
	for (size_t i = 0; i < u->n_reports; i++)
		rj_report_close(&u->reports[i]);
	rj_pool_close(&u->pool);
	free(u->reports);
	u->reports = NULL;
	u->n_reports = 0;
	rj_mentions_free(&u->mentions);
	rj_plan_free(&u->plan);
}

void
rejunit_update_free(struct rejunit_update *u)
{
	if (!u)
		return;
	forget_reports(u);
	rj_replace_abort(&u->lock);
	if (u->folder_lock >= 0)
		close(u->folder_lock);
	rj_rootdir_free(u->rootdir);
	rj_arena_free(&u->arena);
	free(u->reruns);
	free(u);
}

static enum rejunit_status
keep_path(struct rejunit_update *u, const char *path, const char **out,
    struct rejunit_error *err)
{
	struct rj_str copy;

	if (!path)
		return rj_need(false, "a path", err);
	if (!rj_alloc_str(&u->arena, rj_str(path), &copy))
		return rj_fail_memory(err);
	*out = copy.s;
	return REJUNIT_OK;
}

enum rejunit_status
rejunit_update_original(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	if (!u)
		return need_update(u, err);
	return keep_path(u, path, &u->original, err);
}

enum rejunit_status
rejunit_update_rerun(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status;
	void *p;

	if (!u)
		return need_update(u, err);
	p = rj_grown(u->reruns, u->n_reruns, &u->room, sizeof(*u->reruns));
	if (!p)
		return rj_fail_memory(err);
	u->reruns = p;
	status = keep_path(u, path, &u->reruns[u->n_reruns], err);
	if (!status)
		u->n_reruns++;
	return status;
}

void
rejunit_update_evidence(
    struct rejunit_update *u, enum rejunit_evidence evidence)
{
	if (u)
		u->evidence = evidence;
}

enum rejunit_status
rejunit_update_match(
    struct rejunit_update *u, unsigned int fields, struct rejunit_error *err)
{
	if (!u)
		return need_update(u, err);
	if (!(fields & REJUNIT_NAME))
		return rj_fail(err, REJUNIT_USAGE,
		    "without the name, different tests are the same");
	u->options.fields = fields;
	return REJUNIT_OK;
}

void
rejunit_update_assume(struct rejunit_update *u, unsigned int assumptions)
{
	if (u)
		u->options.assume |= assumptions;
}

void
rejunit_update_append_reruns(struct rejunit_update *u, bool append)
{
	if (u)
		u->options.append_reruns = append;
}

void
rejunit_update_recount(struct rejunit_update *u, bool recount)
{
	if (u)
		u->options.recount = recount;
}

void
rejunit_update_repair(struct rejunit_update *u, bool repair)
{
	if (u)
		u->repair = repair;
}

enum rejunit_status
rejunit_update_rootdir(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	struct rj_rootdir *rootdir;

	if (!u)
		return need_update(u, err);
	if (!path)
		return rj_need(false, "a path", err);
	rootdir = rj_rootdir_new(&u->arena, path);
	if (!rootdir)
		return rj_fail_memory(err);
	rj_rootdir_free(u->rootdir);
	u->rootdir = rootdir;
	return REJUNIT_OK;
}

void
rejunit_update_max_recovered(
    struct rejunit_update *u, unsigned long limit, bool percent)
{
	if (!u)
		return;
	u->options.limited = true;
	u->options.limit = limit;
	u->options.percent = percent;
}

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

enum rejunit_status
rejunit_update_lock(
    struct rejunit_update *u, unsigned int seconds, struct rejunit_error *err)
{
	struct rj_fileset set;
	enum rejunit_status status;
	struct stat st;

	if (!u)
		return need_update(u, err);
	if (!u->original || u->folder_lock >= 0 || u->lock.fd >= 0)
		return rj_fail(err, REJUNIT_USAGE,
		    u->original ? "the original is locked already"
				: "there is no original to lock");
	status = rj_fileset_find(&set, &u->arena, u->original, err);
	if (!status && set.folder)
		status = lock_folder(u, set.folder, seconds, err);
	else if (!status && stat(u->original, &st) != 0)
		status = rj_fail_errno(
		    err, REJUNIT_INPUT, u->original, "cannot be opened");
	else if (!status)
		status = rj_replace_open(&u->lock, u->original, seconds, err);
	rj_fileset_free(&set);
	return status;
}

/* Enters the files of one operand as the reports of one run. */
static enum rejunit_status
enter_files(struct rejunit_update *u, const char *operand, unsigned int run,
    struct rejunit_error *err)
{
	struct rj_fileset set;
	enum rejunit_status status =
	    rj_fileset_find(&set, &u->arena, operand, err);
	struct rj_report *more = NULL;

	if (!status) {
		more =
		    realloc(u->reports, (u->n_reports + set.n) * sizeof(*more));
		if (!more)
			status = rj_fail_memory(err);
		else
			u->reports = more;
	}
	for (size_t i = 0; i < set.n && !status; i++) {
		struct rj_report *r = &u->reports[u->n_reports];

		*r = (struct rj_report){
			.pool = &u->pool,
			.path = set.files[i].path,
			.name = set.files[i].name,
			.run = run,
			.number = (unsigned int)u->n_reports++,
		};
	}
	if (!status && run == 0)
		u->folder = set.folder;
	rj_fileset_free(&set);
	return status;
}

/* Among a folder's files, what is no JUnit report is passed over. */
static enum rejunit_status
read_report(struct rejunit_update *u, struct rj_report *r, size_t *reports,
    struct rejunit_error *err)
{
	enum rejunit_status status = rj_report_read(
	    r, u->repair, u->options.recount, &u->mentions, &u->arena, err);

	*reports += status == REJUNIT_OK;
	if (status != REJUNIT_INPUT || !r->foreign || !r->name)
		return status;
	if (!rj_warn(
		&u->plan.warnings, "%s: no JUnit report, passed over", r->path))
		return rj_fail_memory(err);
	return REJUNIT_OK;
}

/* A report has a case of a module, or a test, that only classnames explain. */
static enum rejunit_status
asks_for_classnames(struct rejunit_update *u, const struct rj_report *r,
    bool *asks, struct rejunit_error *err)
{
	bool related = r->n == 0;

	for (size_t i = 0; i < r->n && r->run == 0 && !*asks; i++)
		*asks = rj_is_collection_error(r->cases[i]);
	for (size_t i = 0; i < r->n && r->run > 0 && !related; i++)
		if (!rj_mentions_related(&u->mentions, r->cases[i], &related))
			return rj_fail_memory(err);
	*asks = *asks || (r->run > 0 && !related);
	return REJUNIT_OK;
}

/* Where classnames matter, they are gathered, and the original's looked up. */
static enum rejunit_status
read_classnames(struct rejunit_update *u, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;
	bool asks = false;

	for (size_t i = 0; i < u->n_reports && !status && !asks; i++)
		status = asks_for_classnames(u, &u->reports[i], &asks, err);
	for (size_t i = 0; i < u->n_reports && !status && asks; i++) {
		const struct rj_report *r = &u->reports[i];

		for (size_t k = 0; k < r->n && r->run > 0; k++)
			if (!rj_mentions_add_classname(
				&u->mentions, r->cases[k]))
				return rj_fail_memory(err);
	}
	for (size_t i = 0; i < u->n_reports && !status && asks; i++)
		if (u->reports[i].run == 0 && !u->reports[i].foreign)
			status = rj_report_reread(
			    &u->reports[i], &u->mentions, &u->arena, err);
	return status;
}

static enum rejunit_status
read_reports(struct rejunit_update *u, struct rejunit_error *err)
{
	enum rejunit_status status = enter_files(u, u->original, 0, err);
	size_t n = u->n_reports, reports = 0;

	for (size_t i = 0; i < u->n_reruns && !status; i++)
		status = enter_files(u, u->reruns[i], (unsigned int)i + 1, err);
	/* the original comes last: the reruns say what to keep of it */
	for (size_t i = n; i < u->n_reports && !status; i++)
		status = read_report(u, &u->reports[i], &reports, err);
	if (!status && !rj_mentions_ready(&u->mentions))
		status = rj_fail_memory(err);
	reports = 0;
	for (size_t i = 0; i < n && !status; i++)
		status = read_report(u, &u->reports[i], &reports, err);
	if (!status && reports == 0)
		return rj_fail_at(err, REJUNIT_INPUT, u->original, 0, 0,
		    "holds no JUnit report");
	return status ? status : read_classnames(u, err);
}

/*
 * Every file of a run is one of the original's. The same bytes in another file
 * are a rerun in which nothing changed.
 */
static bool
is_original(const struct rj_map *files, const struct rj_run *run)
{
	struct rj_file_id id;

	for (size_t i = 0; i < run->n; i++)
		if (!rj_map_get(
			files, rj_file_key(&run->reports[i].src.id, &id)))
			return false;
	return true;
}

static enum rejunit_status
refuse_original(struct rejunit_update *u, struct rejunit_error *err)
{
	struct rj_run run = rj_run_at(u->reports, u->n_reports);
	struct rj_map files = { 0 };
	enum rejunit_status status = REJUNIT_OK;
	struct rj_file_id id;

	for (size_t i = 0; i < run.n && !status; i++)
		if (!rj_map_put_copy(&files, &u->arena,
			rj_file_key(&u->reports[i].src.id, &id), &files))
			status = rj_fail_memory(err);
	for (size_t i = run.n; i < u->n_reports && !status; i += run.n) {
		run = rj_run_at(u->reports + i, u->n_reports - i);
		if (is_original(&files, &run))
			status = rj_fail_at(err, REJUNIT_INPUT,
			    u->reports[i].src.name, 0, 0,
			    "is the original itself, not a rerun of it");
	}
	rj_map_free(&files);
	return status;
}

static bool
warn_of_report(struct rj_plan *plan, const struct rj_report *r)
{
	if (!rj_warn_repaired(&plan->warnings, &r->src))
		return false;
	if (r->nameless &&
	    !rj_warn(&plan->warnings,
		"%s: cases without a name, left alone: %zu, bad ones among "
		"them: %zu",
		r->src.name, r->nameless, r->nameless_bad))
		return false;
	if (r->unknown &&
	    !rj_warn(&plan->warnings,
		"%s: cases that say neither that they passed nor that they "
		"failed: %zu, the first \"%.*s\"; they prove nothing",
		r->src.name, r->unknown, RJ_SHOWN(rj_str(r->first_unknown))))
		return false;
	if (r->run == 0 && r->crashed &&
	    !rj_warn(&plan->warnings,
		plan->assumed & REJUNIT_ASSUME_COMPLETE
		    ? "%s: the run broke off in \"%.*s\"; it is assumed that "
		      "every test ran all the same"
		    : "%s: the run broke off in \"%.*s\": tests may not have "
		      "run at all, and no report says which",
		r->src.name, RJ_SHOWN(rj_str(r->crashed))))
		return false;
	return r->loose + r->unexplained == 0 ||
	       rj_warn(&plan->warnings,
		   "%s: failures that belong to no case: %zu, the first in "
		   "suite \"%.*s\"",
		   r->src.name, r->loose + r->unexplained,
		   RJ_SHOWN(r->loose_suite));
}

/* When the original began; "" where it does not say. */
static const char *
original_time(const struct rejunit_update *u)
{
	const char *first = "";

	for (size_t i = 0; i < u->n_reports && u->reports[i].run == 0; i++) {
		const char *at = u->reports[i].earliest;

		if (at[0] && (!first[0] || strcmp(at, first) < 0))
			first = at;
	}
	return first;
}

/* A rerun from before the original is one of something else. */
static bool
warn_of_time(
    struct rj_plan *plan, const struct rj_report *r, const char *original)
{
	return r->run == 0 || !r->latest[0] ||
	       strcmp(r->latest, original) >= 0 ||
	       rj_warn(&plan->warnings,
		   "%s: says that it ran at %s, before the original at %s: is "
		   "it a rerun of it?",
		   r->src.name, r->latest, original);
}

static bool
warn_of_reports(struct rejunit_update *u)
{
	const char *original = original_time(u);

	for (size_t i = 0; i < u->n_reports; i++)
		if (!warn_of_report(&u->plan, &u->reports[i]) ||
		    !warn_of_time(&u->plan, &u->reports[i], original))
			return false;
	return true;
}

/* What is missing from the list that a runner takes back. */
static bool
warn_of_ids(struct rejunit_update *u)
{
	const struct rejunit_decision *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < u->plan.n_decisions; i++) {
		const struct rejunit_decision *d = u->plan.decisions[i];
		bool runnable = true;

		if (d->flaky &&
		    !rj_test_is_runnable(d->slot->base, u->rootdir, &runnable))
			return false;
		if (!runnable && n++ == 0)
			first = d;
	}
	return n == 0 ||
	       rj_warn(&u->plan.warnings,
		   "flaky tests whose file is not known, and which no list of "
		   "ids names: %zu, the first \"%.*s\"; --rootdir may find "
		   "them",
		   n, RJ_SHOWN(first->slot->base->name));
}

enum rejunit_status
rejunit_update_plan(struct rejunit_update *u, struct rejunit_error *err)
{
	enum rejunit_status status;

	if (!u)
		return need_update(u, err);
	if (!u->original || u->planned)
		return rj_fail(err, REJUNIT_USAGE,
		    u->planned ? "the update is planned already"
			       : "there is no original to update");
	u->plan.arena = u->plan.warnings.arena = &u->arena;
	u->mentions.arena = &u->arena;
	u->mentions.fields = u->options.fields
				 ? u->options.fields
				 : REJUNIT_CLASSNAME | REJUNIT_NAME;
	status = read_reports(u, err);
	if (!status)
		status = refuse_original(u, err);
	if (!status)
		status = rj_merge(&u->plan, u->reports, u->n_reports,
		    &u->mentions, &u->options, err);
	if (!status && !warn_of_reports(u))
		status = rj_fail_memory(err);
	if (status) {
		forget_reports(u);
		return status;
	}
	if (!warn_of_ids(u)) {
		forget_reports(u);
		return rj_fail_memory(err);
	}
	u->planned = true;
	for (size_t i = 0; i < u->plan.n_decisions; i++) {
		u->reasons[u->plan.decisions[i]->reason]++;
		u->flaky[u->plan.decisions[i]->flaky]++;
		u->assumed += u->plan.decisions[i]->assumed != 0;
	}
	return REJUNIT_OK;
}

static enum rejunit_status
need_plan(const struct rejunit_update *u, struct rejunit_error *err)
{
	if (!u)
		return need_update(u, err);
	if (u->planned)
		return REJUNIT_OK;
	return rj_fail(err, REJUNIT_USAGE, "the update is not planned");
}

enum rejunit_status
rejunit_update_write(struct rejunit_update *u, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err)
{
	enum rejunit_status status = need_plan(u, err);

	if (!status)
		status = need_writer(write, err);
	if (status)
		return status;
	if (u->folder)
		return rj_fail(err, REJUNIT_USAGE,
		    "a set of reports has to be written to a folder, or in "
		    "place");
	return rj_write(&u->plan, u->reports, 0, u->evidence, write, ctx, err);
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

static enum rejunit_status
commit(
    struct rejunit_update *u, struct rj_replace *f, struct rejunit_error *err)
{
	/* memory may run out before it is replaced, and not after it */
	if (!rj_warn_owner(&u->plan.warnings, f->target, (size_t)f->owner_lost))
		return rj_fail_memory(err);
	return rj_replace_commit(f, err);
}

enum rejunit_status
rejunit_update_check(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status = need_plan(u, err);
	struct rj_report_set set;

	if (!status)
		status = rj_need(path, "a path", err);
	if (status)
		return status;
	set = set_of(u);
	return rj_report_set_check(&set, path, err);
}

enum rejunit_status
rejunit_update_save(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	struct rj_replace own = RJ_REPLACE_NONE, *f;
	enum rejunit_status status = need_plan(u, err);
	struct rj_report_set set;

	if (status)
		return status;
	set = set_of(u);
	f = path ? &own : &u->lock;
	if (path)
		status = rj_report_set_check(&set, path, err);
	if (status)
		return status;
	if (u->folder && !path && u->folder_lock < 0)
		return rj_fail(
		    err, REJUNIT_USAGE, "the original was not locked");
	if (u->folder)
		return rj_report_set_save(&set, path, err);
	if (path)
		status = rj_replace_open(f, path, RJ_LOCK_SECONDS, err);
	else if (f->fd < 0)
		status =
		    rj_fail(err, REJUNIT_USAGE, "the original was not locked");
	if (status || (!path && rj_report_set_leaves(&set, &u->reports[0])))
		goto out;
	status = rj_report_set_write(
	    &set, &u->reports[0], f, path ? path : u->original, err);
	if (!status)
		status = rj_replace_ready(f, true, err);
	if (!status && !path)
		status = rj_source_untouched(
		    u->reports[0].path, &u->reports[0].src.id, err);
	if (!status)
		status = commit(u, f, err);
out:
	rj_replace_abort(f);
	return status;
}

enum rejunit_status
rj_update_prove(struct rejunit_update *u, struct rj_findings *found,
    const char *updated, size_t *reports, struct rejunit_error *err)
{
	enum rejunit_status status = need_plan(u, err);
	struct rj_report_set set;

	if (status)
		return status;
	set = set_of(u);
	return rj_report_set_prove(&set, found, updated, reports, err);
}

static struct rj_flakes
flakes_of(const struct rejunit_update *u)
{
	return (struct rj_flakes){
		.plan = &u->plan,
		.reports = u->reports,
		.n_reports = u->n_reports,
		.rootdir = u->rootdir,
	};
}

enum rejunit_status
rejunit_update_flakes(struct rejunit_update *u, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	enum rejunit_status status = need_plan(u, err);
	struct rj_flakes f;

	if (!status)
		status = need_writer(write, err);
	if (status)
		return status;
	f = flakes_of(u);
	return rj_flakes_write(&f, format, write, ctx, err);
}

enum rejunit_status
rejunit_update_decisions(struct rejunit_update *u, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err)
{
	enum rejunit_status status = need_plan(u, err);
	struct rj_flakes f;

	if (!status)
		status = need_writer(write, err);
	if (status)
		return status;
	f = flakes_of(u);
	return rj_decisions_write(&f, write, ctx, err);
}

/* A list is replaced in one step, too, but nobody waits for the disk. */
static enum rejunit_status
save_list(struct rejunit_update *u, bool flakes, enum rejunit_format format,
    const char *path, struct rejunit_error *err)
{
	struct rj_replace f = RJ_REPLACE_NONE;
	enum rejunit_status status = need_plan(u, err);
	struct rj_report_set set;

	if (!status)
		status = rj_need(path, "a path", err);
	if (status)
		return status;
	set = set_of(u);
	status = rj_report_set_check_list(&set, path, err);
	if (!status)
		status = rj_replace_open(&f, path, RJ_LOCK_SECONDS, err);
	if (!status && flakes)
		status = rejunit_update_flakes(
		    u, format, rejunit_write_fd, &f.fd, err);
	else if (!status)
		status =
		    rejunit_update_decisions(u, rejunit_write_fd, &f.fd, err);
	status = rj_fail_in(err, status, path);
	if (!status)
		status = rj_replace_ready(&f, false, err);
	if (!status)
		status = commit(u, &f, err);
	rj_replace_abort(&f);
	return status;
}

enum rejunit_status
rejunit_update_save_flakes(struct rejunit_update *u, enum rejunit_format format,
    const char *path, struct rejunit_error *err)
{
	return save_list(u, true, format, path, err);
}

enum rejunit_status
rejunit_update_save_decisions(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	return save_list(u, false, REJUNIT_JSON, path, err);
}

size_t
rejunit_update_count(const struct rejunit_update *u, enum rejunit_count what)
{
	size_t n;

	if (!u || !u->planned)
		return 0;
	n = what == REJUNIT_COUNT_LOOSE ? u->plan.loose : 0;
	switch (what) {
	case REJUNIT_COUNT_RECOVERED:
		return u->flaky[REJUNIT_FLAKY_RECOVERED];
	case REJUNIT_COUNT_REGRESSED:
		return u->flaky[REJUNIT_FLAKY_REGRESSED];
	case REJUNIT_COUNT_REPORTED:
		return u->flaky[REJUNIT_FLAKY_REPORTED];
	case REJUNIT_COUNT_STILL_FAILING:
		return u->reasons[REJUNIT_STILL_FAILING];
	case REJUNIT_COUNT_SKIPPED_IN_RERUN:
		return u->reasons[REJUNIT_SKIPPED_IN_RERUN];
	case REJUNIT_COUNT_NOT_RERUN:
		return u->reasons[REJUNIT_NOT_RERUN];
	case REJUNIT_COUNT_AMBIGUOUS:
		return u->reasons[REJUNIT_AMBIGUOUS];
	case REJUNIT_COUNT_FIRST_RUN:
		return u->reasons[REJUNIT_FIRST_RUN];
	case REJUNIT_COUNT_NEW:
		return u->reasons[REJUNIT_NEW];
	case REJUNIT_COUNT_COVERAGE_UNKNOWN:
		return u->reasons[REJUNIT_COVERAGE_UNKNOWN];
	case REJUNIT_COUNT_UNKNOWN_IN_RERUN:
		return u->reasons[REJUNIT_UNKNOWN_IN_RERUN];
	case REJUNIT_COUNT_BAD_AFTER:
		return u->plan.bad_after;
	case REJUNIT_COUNT_ASSUMED:
		return u->assumed;
	default:
		break;
	}
	for (size_t i = 0; i < u->n_reports && u->reports[i].run == 0; i++) {
		const struct rj_report *r = &u->reports[i];

		if (what == REJUNIT_COUNT_BAD_BEFORE)
			n += r->bad;
		else if (what == REJUNIT_COUNT_CASES)
			n += r->total;
		else if (what == REJUNIT_COUNT_NAMELESS)
			n += r->nameless;
		else if (what == REJUNIT_COUNT_UNKNOWN)
			n += r->unknown;
		else if (what == REJUNIT_COUNT_BROKEN_OFF)
			n += r->crashed &&
			     !(u->options.assume & REJUNIT_ASSUME_COMPLETE);
		else if (what == REJUNIT_COUNT_LOOSE)
			n += r->loose +
			     (u->options.recount ? 0 : r->unexplained);
	}
	return n;
}

const char *
rejunit_update_warning(const struct rejunit_update *u, size_t i)
{
	return u ? rj_warning(&u->plan.warnings, i) : NULL;
}

/* The decision of a number; NULL: there is none. */
static struct rejunit_decision *
decision_at(const struct rejunit_update *u, size_t i)
{
	return u && i < u->plan.n_decisions ? u->plan.decisions[i] : NULL;
}

const struct rejunit_decision *
rejunit_update_decision(const struct rejunit_update *u, size_t i)
{
	return decision_at(u, i);
}

int
rejunit_update_alike(const struct rejunit_update *u, size_t i)
{
	const struct rejunit_decision *d = decision_at(u, i);
	struct rj_flakes f;
	int alike;

	if (!d)
		return -1;
	f = flakes_of(u);
	return rj_alike(&f, d, &alike, NULL) ? -1 : alike;
}

/* What somebody asks for is made only then; NULL: out of memory. */
static const char *
made_once(struct rejunit_update *u, const struct rejunit_decision *d,
    struct rj_str *kept,
    bool (*make)(struct rj_buf *out, const struct rj_case *c,
	struct rj_rootdir *rootdir))
{
	const struct rj_case *c = d->slot->base;
	struct rj_buf text = { 0 };

	if (!kept->s && (!make(&text, c, u->rootdir) ||
			    !rj_alloc_str(&u->arena, rj_buf_str(&text), kept)))
		kept->s = NULL;
	rj_buf_free(&text);
	return kept->s;
}

const char *
rejunit_update_id(struct rejunit_update *u, size_t i)
{
	struct rejunit_decision *d = decision_at(u, i);

	return d ? made_once(u, d, &d->id, rj_test_id) : NULL;
}

const char *
rejunit_update_name(struct rejunit_update *u, size_t i)
{
	struct rejunit_decision *d = decision_at(u, i);

	return d ? made_once(u, d, &d->title, rj_test_name) : NULL;
}

const char *
rejunit_version(void)
{
	return REJUNIT_VERSION;
}
