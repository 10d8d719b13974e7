#include "api/report_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/save.h"
#include "audit/proof.h"
#include "file/fileset.h"
#include "file/replace_set.h"
#include "write/write.h"

/* Where a report of the updated set goes; NULL: out of memory. */
static char *
target_of(const struct rj_report_set *set, const struct rj_report *r,
    const char *folder)
{
	struct rj_buf path = { 0 };
	bool slash = folder && !rj_str_ends(rj_str(folder), RJ_STR("/"));

	if (rj_buf_add(&path, rj_str(folder ? folder : set->folder)) &&
	    rj_buf_add(&path, rj_str(slash ? "/" : "")) &&
	    rj_buf_add(&path, rj_str(r->name)) &&
	    rj_buf_add(&path, RJ_STR("\0")))
		return path.s;
	rj_buf_free(&path);
	return NULL;
}

bool
rj_report_set_leaves(const struct rj_report_set *set, const struct rj_report *r)
{
	return r->run == 0 && !r->src.repaired &&
	       rj_plan_leaves(set->plan, r->number);
}

/* The file has the report's bytes already. */
static bool
has_bytes(const struct rj_report_set *set, const char *path,
    const struct rj_report *r)
{
	const struct rejunit_input in = rejunit_path(path);
	struct rj_source there;
	struct stat st;
	bool same;

	/* only a file opens without waiting for somebody */
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (uint64_t)st.st_size != r->src.raw_size)
		return false;
	same = !rj_source_open(&there, set->arena, &in, false, NULL) &&
	       rj_source_same(&there, &r->src);
	rj_source_close(&there);
	return same;
}

/* One report of a set, to be written. */
struct one {
	const struct rj_report_set *set;
	const struct rj_report *report;
};

static enum rejunit_status
put_one(void *ctx, rejunit_write_fn *write, void *to, struct rejunit_error *err)
{
	const struct one *one = ctx;
	const struct rj_report_set *set = one->set;

	return rj_write(set->plan, set->reports, one->report->number,
	    set->evidence, write, to, err);
}

/* Prepares one report of a set, unless there is nothing to be done for it. */
static enum rejunit_status
prepare(const struct rj_report_set *set, const struct rj_report *r,
    const char *folder, struct rj_replace_set *out, struct rejunit_error *err)
{
	const struct stat *then = !folder && r->run == 0 ? &r->src.id : NULL;
	char *path = target_of(set, r, folder);
	struct one one = { set, r };
	enum rejunit_status status;
	struct rj_replace *f;

	if (!path)
		return rj_fail_memory(err);
	if (rj_report_set_leaves(set, r) &&
	    (!folder || has_bytes(set, path, r))) {
		status = rj_replace_set_pass(out, path, err);
	} else {
		status = rj_replace_set_open(out, path, then, &f, err);
		if (!status)
			status = rj_save_content(put_one, &one, f, path, err);
		if (!status)
			status = rj_replace_set_ready(out, err);
	}
	free(path);
	return status;
}

/* Two names of one file cannot both be replaced. */
static enum rejunit_status
check_twins(const struct rj_report_set *set, struct rejunit_error *err)
{
	struct rj_map files = { 0 };
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < set->n && !status; i++) {
		const struct rj_report *r = &set->reports[i];
		struct rj_file_id id;
		struct rj_str key = rj_file_key(&r->src.id, &id);

		if (r->run > 0 || r->foreign)
			continue;
		if (rj_map_get(&files, key))
			status = rj_fail_at(err, REJUNIT_USAGE, r->input.name,
			    0, 0, "is another name of a file in the set");
		else if (!rj_map_put_copy(&files, set->arena, key, &files))
			status = rj_fail_memory(err);
	}
	rj_map_free(&files);
	return status;
}

/* The files that were read, from a run on. */
static enum rejunit_status
find_files(const struct rj_report_set *set, unsigned int first,
    struct rj_map *files, struct rejunit_error *err)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct rj_report *r = &set->reports[i];
		struct rj_file_id id;

		if (r->run >= first && S_ISREG(r->src.id.st_mode) &&
		    !rj_map_put_copy(
			files, set->arena, rj_file_key(&r->src.id, &id), files))
			return rj_fail_memory(err);
	}
	return REJUNIT_OK;
}

static enum rejunit_status
check_target(
    const struct rj_map *files, const char *path, struct rejunit_error *err)
{
	struct rj_file_id id;
	struct stat st;

	if (stat(path, &st) != 0)
		return REJUNIT_OK;
	if (!rj_map_get(files, rj_file_key(&st, &id)))
		return REJUNIT_OK;
	return rj_fail_at(err, REJUNIT_USAGE, path, 0, 0,
	    "is a report that was read, and would be overwritten");
}

enum rejunit_status
rj_report_set_check_list(const struct rj_report_set *set, const char *path,
    struct rejunit_error *err)
{
	struct rj_map files = { 0 };
	enum rejunit_status status = find_files(set, 0, &files, err);

	if (!status)
		status = check_target(&files, path, err);
	rj_map_free(&files);
	return status;
}

enum rejunit_status
rj_report_set_check(const struct rj_report_set *set, const char *path,
    struct rejunit_error *err)
{
	struct rj_map reruns = { 0 };
	enum rejunit_status status = find_files(set, 1, &reruns, err);

	if (!status && !set->folder)
		status = check_target(&reruns, path, err);
	for (size_t i = 0; i < set->n && !status && set->folder; i++) {
		const struct rj_report *r = &set->reports[i];
		char *target;

		if (r->foreign || (r->run > 0 && !r->adopted))
			continue;
		target = target_of(set, r, path);
		status = target ? check_target(&reruns, target, err)
				: rj_fail_memory(err);
		free(target);
	}
	rj_map_free(&reruns);
	return status;
}

static enum rejunit_status
warn_of_owners(const struct rj_report_set *set,
    const struct rj_replace_set *out, struct rejunit_error *err)
{
	const char *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < out->n; i++) {
		const struct rj_replace *f = &out->files[i].out;

		if (f->owner_lost && n++ == 0)
			first = f->target;
	}
	return rj_warn_owner(set->warnings, first, n) ? REJUNIT_OK
						      : rj_fail_memory(err);
}

/* Makes the folder, which is what has a slash behind it. */
static enum rejunit_status
make_folder(const char *folder, struct rejunit_error *err)
{
	struct rj_buf path = { 0 };
	enum rejunit_status status = REJUNIT_OK;

	if (!rj_buf_add(&path, rj_str(folder)) ||
	    !rj_buf_add(&path, RJ_STR("/\0")))
		status = rj_fail_memory(err);
	else if (!rj_make_folders(path.s))
		status = rj_fail_errno(
		    err, REJUNIT_OUTPUT, folder, "cannot be written");
	rj_buf_free(&path);
	return status;
}

/* Every report of the set is ready before the first takes its place. */
enum rejunit_status
rj_report_set_save(const struct rj_report_set *set, const char *folder,
    struct rejunit_error *err)
{
	struct rj_replace_set out = { .lock = -1 };
	enum rejunit_status status =
	    folder ? make_folder(folder, err) : check_twins(set, err);

	if (!status)
		status =
		    rj_replace_set_begin(&out, folder ? folder : set->folder,
			folder ? -1 : set->lock, err);
	for (size_t i = 0; i < set->n && !status; i++) {
		const struct rj_report *r = &set->reports[i];

		if (!r->foreign && (r->run == 0 || r->adopted))
			status = prepare(set, r, folder, &out, err);
	}
	if (!status)
		status = warn_of_owners(set, &out, err);
	if (!status)
		status = rj_replace_set_commit(&out, err);
	rj_replace_set_end(&out);
	return status;
}

/* A set that is proved. */
struct proof {
	const struct rj_report_set *set;
	const struct rejunit_input *updated;
	struct rj_findings *found;
	struct rj_witness witness;
	struct rj_map expected; /* reports, by their names */
	struct rejunit_error *err;
};

/* What is to be the updated report; a lost one has no name. */
static enum rejunit_status
find_updated(
    struct proof *p, const struct rj_report *r, struct rejunit_input *in)
{
	const struct rj_report_set *set = p->set;
	struct rj_str path = { NULL, 0 };
	char *target;
	bool ok;

	*in = *p->updated;
	if (!set->folder)
		return REJUNIT_OK;
	target = target_of(set, r, p->updated->name);
	ok = target && rj_alloc_str(set->arena, rj_str(target), &path);
	free(target);
	if (!ok)
		return rj_fail_memory(p->err);
	*in = rejunit_path(path.s);
	if (access(path.s, F_OK) == 0 || errno != ENOENT)
		return REJUNIT_OK;
	in->name = NULL;
	return rj_find(p->found, "lost-report", path.s, 0, 0,
		   "the report is not there, and follows")
		   ? REJUNIT_OK
		   : rj_fail_memory(p->err);
}

static enum rejunit_status
prove_report(struct proof *p, const struct rj_report *r)
{
	struct rejunit_input in;
	enum rejunit_status status = find_updated(p, r, &in);

	if (!status && in.name)
		status = rj_prove(p->found, p->set->plan, p->set->reports,
		    r->number, p->set->evidence, &p->witness, &in, p->err);
	if (!status && !rj_findings_close(p->found))
		status = rj_fail_memory(p->err);
	return status;
}

/* What stands in the folder and follows from nothing is a finding. */
static enum rejunit_status
find_added(struct proof *p)
{
	struct rj_fileset there;
	enum rejunit_status status =
	    rj_fileset_find(&there, p->set->arena, p->updated, p->err);

	for (size_t i = 0; i < there.n && !status; i++) {
		const struct rj_fileset_file *file = &there.files[i];

		if (file->name && rj_map_get(&p->expected, rj_str(file->name)))
			continue;
		if (!rj_find(p->found, "added-report", file->input.name, 0, 0,
			"the report follows from no run") ||
		    !rj_findings_close(p->found))
			status = rj_fail_memory(p->err);
	}
	rj_fileset_free(&there);
	return status;
}

static enum rejunit_status
prove_set(struct proof *p, size_t *reports)
{
	const struct rj_report_set *set = p->set;
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < set->n && !status; i++) {
		const struct rj_report *r = &set->reports[i];

		if (r->run > 0 && !r->adopted)
			continue;
		/* what was passed over may lie there, too */
		if (r->name && !rj_map_put(&p->expected, rj_str(r->name), p))
			return rj_fail_memory(p->err);
		if (r->foreign)
			continue;
		++*reports;
		status = prove_report(p, r);
	}
	return !status && set->folder ? find_added(p) : status;
}

enum rejunit_status
rj_report_set_prove(const struct rj_report_set *set, struct rj_findings *f,
    const struct rejunit_input *updated, size_t *reports,
    struct rejunit_error *err)
{
	struct proof p = {
		.set = set, .updated = updated, .found = f, .err = err
	};
	enum rejunit_status status;

	*reports = 0;
	if (set->folder && (updated->data || updated->fd >= 0))
		return rj_fail_at(err, REJUNIT_USAGE, updated->name, 0, 0,
		    "a set of reports is proved by a folder");
	status = rj_witness_open(&p.witness, set->reports, set->n, set->fields,
		     set->plan->assumed)
		     ? prove_set(&p, reports)
		     : rj_fail_memory(err);
	rj_map_free(&p.expected);
	rj_witness_close(&p.witness);
	return status;
}
