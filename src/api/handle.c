#include "api/handle.h"

#include <stdlib.h>

void *
rj_handle_new(const void *out, size_t size, enum rejunit_status *status,
    struct rejunit_error *err)
{
	void *handle;

	*status = rj_need(out, "a place", err);
	if (*status)
		return NULL;
	handle = calloc(1, size);
	if (!handle)
		*status = rj_fail_memory(err);
	return handle;
}

enum rejunit_status
rj_need_both(const void *handle, const char *handle_name, const void *more,
    const char *more_name, struct rejunit_error *err)
{
	enum rejunit_status status = rj_need(handle, handle_name, err);

	return status ? status : rj_need(more, more_name, err);
}

enum rejunit_status
rj_keep_input(struct rj_arena *a, const struct rejunit_input *in,
    struct rejunit_input *out, struct rejunit_error *err)
{
	struct rj_str name;

	if (!in || !in->name)
		return rj_need(false, in ? "a path" : "an input", err);
	if (!rj_alloc_str(a, rj_str(in->name), &name))
		return rj_fail_memory(err);
	*out = *in;
	out->name = name.s;
	return REJUNIT_OK;
}

enum rejunit_status
rj_pass_over(enum rejunit_status status, bool foreign,
    const struct rj_fileset_file *file, struct rj_warnings *warnings,
    struct rejunit_error *err)
{
	if (status != REJUNIT_INPUT || !foreign || !file->name)
		return status;
	if (warnings && !rj_warn(warnings, "%s: no JUnit report, passed over",
			    file->input.name))
		return rj_fail_memory(err);
	return REJUNIT_OK;
}

enum rejunit_status
rj_each_file(struct rj_arena *a, const struct rejunit_input *in,
    rj_file_fn *read, void *ctx, struct rj_warnings *warnings,
    struct rejunit_error *err)
{
	struct rj_fileset set;
	enum rejunit_status status = rj_fileset_find(&set, a, in, err);

	for (size_t i = 0; i < set.n && !status; i++) {
		bool foreign = false;

		status = read(ctx, &set.files[i], &foreign, err);
		status =
		    rj_pass_over(status, foreign, &set.files[i], warnings, err);
	}
	rj_fileset_free(&set);
	return status;
}
