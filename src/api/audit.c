#include <stdlib.h>

#include "api/update.h"
#include "audit/findings.h"
#include "file/fileset.h"

struct rejunit_audit {
	struct rj_arena arena;
	struct rj_findings found;
	enum rejunit_profile profile;
	size_t reports;
};

enum rejunit_status
rejunit_audit_new(struct rejunit_audit **out, struct rejunit_error *err)
{
	struct rejunit_audit *a = out ? calloc(1, sizeof(*a)) : NULL;

	if (!a)
		return out ? rj_fail_memory(err)
			   : rj_need(false, "a place", err);
	a->found.arena = &a->arena;
	*out = a;
	return REJUNIT_OK;
}

void
rejunit_audit_free(struct rejunit_audit *a)
{
	if (!a)
		return;
	rj_findings_free(&a->found);
	rj_arena_free(&a->arena);
	free(a);
}

void
rejunit_audit_profile(struct rejunit_audit *a, enum rejunit_profile profile)
{
	if (a)
		a->profile = profile;
}

/* Among a folder's files, what is no JUnit report is passed over. */
static enum rejunit_status
audit_file(struct rejunit_audit *a, const struct rj_fileset_file *file,
    struct rejunit_error *err)
{
	bool foreign;
	struct rejunit_error why = { 0 };
	enum rejunit_status status =
	    rj_audit(&a->found, file->path, a->profile, &foreign, &why);

	if (status == REJUNIT_INPUT && foreign && file->name)
		return REJUNIT_OK;
	if (status == REJUNIT_INPUT && foreign)
		return rj_find(&a->found, "not-junit", file->path, why.line,
			   why.column, "%s", why.message) &&
			       rj_findings_close(&a->found)
			   ? (a->reports++, REJUNIT_OK)
			   : rj_fail_memory(err);
	if (status && err)
		*err = why;
	if (!status && !rj_findings_close(&a->found))
		status = rj_fail_memory(err);
	a->reports += status == REJUNIT_OK;
	return status;
}

static enum rejunit_status
need_audit(
    const struct rejunit_audit *a, const char *path, struct rejunit_error *err)
{
	return rj_need(a && path, a ? "a path" : "an audit", err);
}

enum rejunit_status
rejunit_audit_report(
    struct rejunit_audit *a, const char *path, struct rejunit_error *err)
{
	struct rj_fileset set;
	struct rj_str copy;
	struct rj_findings before;
	size_t reports;
	enum rejunit_status status = need_audit(a, path, err);

	if (status)
		return status;
	before = a->found;
	reports = a->reports;
	if (!rj_alloc_str(&a->arena, rj_str(path), &copy))
		return rj_fail_memory(err);
	status = rj_fileset_find(&set, &a->arena, copy.s, err);
	for (size_t i = 0; i < set.n && !status; i++)
		status = audit_file(a, &set.files[i], err);
	rj_fileset_free(&set);
	if (status) {
		rj_findings_restore(&a->found, &before);
		a->reports = reports;
	}
	return status;
}

enum rejunit_status
rejunit_audit_update(struct rejunit_audit *a, struct rejunit_update *u,
    const char *updated, struct rejunit_error *err)
{
	struct rj_findings before;
	size_t reports;
	enum rejunit_status status = need_audit(a, updated, err);

	if (status)
		return status;
	before = a->found;
	status = rj_update_prove(u, &a->found, updated, &reports, err);
	if (status)
		rj_findings_restore(&a->found, &before);
	else
		a->reports += reports;
	return status;
}

size_t
rejunit_audit_count(const struct rejunit_audit *a)
{
	return a ? a->found.total : 0;
}

size_t
rejunit_audit_reports(const struct rejunit_audit *a)
{
	return a ? a->reports : 0;
}

enum rejunit_status
rejunit_audit_write(struct rejunit_audit *a, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	if (!a || !write)
		return rj_need(
		    false, a ? "a function that writes" : "an audit", err);
	return rj_findings_write(&a->found, format, write, ctx, err);
}
