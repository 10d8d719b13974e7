#include <stdlib.h>

#include "api/handle.h"
#include "api/update.h"
#include "audit/audit.h"
#include "audit/findings.h"

struct rejunit_audit {
	struct rj_arena arena;
	struct rj_findings found;
	enum rejunit_profile profile;
	size_t reports;
};

enum rejunit_status
rejunit_audit_new(struct rejunit_audit **out, struct rejunit_error *err)
{
	enum rejunit_status status;
	struct rejunit_audit *a = rj_handle_new(out, sizeof(*a), &status, err);

	if (!a)
		return status;
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

enum rejunit_status
rejunit_audit_profile(struct rejunit_audit *a, enum rejunit_profile profile,
    struct rejunit_error *err)
{
	if (!a)
		return rj_need(a, "an audit", err);
	if ((unsigned int)profile > REJUNIT_PROFILE_SUREFIRE)
		return rj_fail(err, REJUNIT_USAGE, "there is no such profile");
	a->profile = profile;
	return REJUNIT_OK;
}

/* What is no JUnit report is a finding, but in a folder. */
static enum rejunit_status
read_file(void *ctx, const struct rj_fileset_file *file, bool *foreign,
    struct rejunit_error *err)
{
	struct rejunit_audit *a = ctx;
	struct rejunit_error why = { 0 };
	enum rejunit_status status =
	    rj_audit(&a->found, &file->input, a->profile, foreign, &why);

	if (status == REJUNIT_INPUT && *foreign && !file->name)
		status =
		    rj_find(&a->found, "not-junit", rj_input_name(&file->input),
			why.line, why.column, "%s", why.message)
			? REJUNIT_OK
			: rj_fail_memory(err);
	else if (status && err)
		*err = why;
	if (!status && !rj_findings_close(&a->found))
		status = rj_fail_memory(err);
	a->reports += status == REJUNIT_OK;
	return status;
}

enum rejunit_status
rejunit_audit_report_from(struct rejunit_audit *a,
    const struct rejunit_input *in, struct rejunit_error *err)
{
	struct rejunit_input kept;
	struct rj_findings before;
	size_t reports;
	enum rejunit_status status = rj_need(a, "an audit", err);

	if (!status)
		status = rj_keep_input(&a->arena, in, &kept, err);
	if (status)
		return status;
	before = a->found;
	reports = a->reports;
	status = rj_each_file(&a->arena, &kept, read_file, a, NULL, err);
	if (status) {
		rj_findings_restore(&a->found, &before);
		a->reports = reports;
	}
	return status;
}

enum rejunit_status
rejunit_audit_report(
    struct rejunit_audit *a, const char *path, struct rejunit_error *err)
{
	const struct rejunit_input in = rejunit_path(path);

	return rejunit_audit_report_from(a, &in, err);
}

enum rejunit_status
rejunit_audit_update_from(struct rejunit_audit *a, struct rejunit_update *u,
    const struct rejunit_input *updated, struct rejunit_error *err)
{
	struct rejunit_input kept;
	struct rj_findings before;
	size_t reports;
	enum rejunit_status status = rj_need(a, "an audit", err);

	if (!status)
		status = rj_keep_input(&a->arena, updated, &kept, err);
	if (status)
		return status;
	before = a->found;
	status = rj_update_prove(u, &a->found, &kept, &reports, err);
	if (status)
		rj_findings_restore(&a->found, &before);
	else
		a->reports += reports;
	return status;
}

enum rejunit_status
rejunit_audit_update(struct rejunit_audit *a, struct rejunit_update *u,
    const char *updated, struct rejunit_error *err)
{
	const struct rejunit_input in = rejunit_path(updated);

	return rejunit_audit_update_from(a, u, &in, err);
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
		return rj_need_both(
		    a, "an audit", write, "a function that writes", err);
	if (format != REJUNIT_TEXT && format != REJUNIT_JSON &&
	    format != REJUNIT_GITHUB)
		return rj_fail(
		    err, REJUNIT_USAGE, "findings have no such format");
	return rj_findings_write(&a->found, format, write, ctx, err);
}
