#include "list/data.h"

#include "base/cancel.h"

struct rejunit_case
rj_data_case(struct rj_data *d, const struct rj_case *c)
{
	const struct rj_report *r = &d->reports[c->suite->report];

	return (struct rejunit_case){
		.classname = rj_public(c->classname),
		.name = rj_public(c->name),
		.file = rj_public(c->file),
		.line = rj_public(c->line),
		.suite = rj_public(c->suite->name),
		.suite_path = rj_public(c->suite->path),
		.hostname = rj_public(c->suite->hostname),
		.report = r->src.name,
		.report_name = r->name,
		.at_line = c->line_no,
		.run = c->suite->run,
		.outcome = c->outcome,
		.is_flaky =
		    c->outcome == REJUNIT_PASSED && c->marks & RJ_HAS_FLAKY,
		.internal = { d, (void *)(uintptr_t)c },
	};
}

void
rj_data_free(struct rj_data *d)
{
	rj_free_details(&d->details);
	rj_buf_free(&d->id);
}

enum rejunit_status
rejunit_case_next(const struct rejunit_case *c, size_t *step,
    struct rejunit_execution *out, struct rejunit_error *err)
{
	struct rj_data *d = c ? c->internal[0] : NULL;
	const struct rj_details *details;
	const atomic_int *before;
	enum rejunit_status status;
	struct rj_execution x;
	size_t next;

	if (!d || !step || !out)
		return rj_need(false, d ? "a place" : "a case", err);
	details = &d->details;
	next = *step;
	if (!rj_next_execution(c->internal[1], &next, &x)) {
		*out = (struct rejunit_execution){ .run = c->run };
		return REJUNIT_OK;
	}
	before = rj_work_for(d->cancelled);
	status = rj_read_details(&d->details, d->reports, &x, err);
	rj_work_for(before);
	if (status)
		return status;
	*step = next;
	*out = (struct rejunit_execution){ .run = c->run };
	out->outcome = x.outcome;
	out->is_noted =
	    x.child && x.child->tag != RJ_FAILURE && x.child->tag != RJ_ERROR;
	out->time = rj_public(details->time);
	out->type = rj_public(details->type);
	out->message = rj_public(details->message);
	out->what = rj_public(details->what);
	out->trace = rj_public(details->trace);
	if (details->signature[0])
		out->signature = rj_public(rj_str(details->signature));
	return REJUNIT_OK;
}

/* A line about a case, in its handle's buffer; NULL: out of memory. */
static const char *
line(const struct rejunit_case *c,
    bool (*make)(struct rj_buf *out, const struct rj_case *c,
	struct rj_rootdir *rootdir))
{
	struct rj_data *d = c ? c->internal[0] : NULL;

	if (!d)
		return "";
	d->id.n = 0;
	return make(&d->id, c->internal[1], d->rootdir) &&
		       rj_buf_add(&d->id, RJ_STR("\0"))
		   ? d->id.s
		   : NULL;
}

const char *
rejunit_case_id(const struct rejunit_case *c)
{
	return line(c, rj_test_id);
}

const char *
rejunit_case_name(const struct rejunit_case *c)
{
	return line(c, rj_test_name);
}

const char *
rejunit_case_file(const struct rejunit_case *c)
{
	return line(c, rj_test_file);
}

enum rejunit_status
rejunit_case_is_runnable(
    const struct rejunit_case *c, bool *runnable, struct rejunit_error *err)
{
	const struct rj_data *d = c ? c->internal[0] : NULL;

	if (!d || !runnable)
		return rj_need(false, d ? "a place" : "a case", err);
	return rj_test_is_runnable(c->internal[1], d->rootdir, runnable)
		   ? REJUNIT_OK
		   : rj_fail_memory(err);
}
