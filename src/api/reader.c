#include <stdlib.h>

#include "api/handle.h"
#include "list/data.h"
#include "model/identity.h"
#include "read/read.h"
#include "read/timing.h"

struct rejunit_reader {
	struct rj_arena arena;
	struct rj_warnings warnings;
	struct rj_data data;
	bool repair;
};

/* A report that is being read. */
struct reading {
	struct rejunit_reader *reader;
	const struct rejunit_visitor *visitor;
	void *ctx;
	struct rj_report report; /* as far as its cases are asked for */
	struct rejunit_report sums;
	struct rj_timing timing;
	struct rj_votes votes;
	unsigned int depth; /* of the innermost open suite */
	bool in_case; /* what comes is in a case, */
	bool in_properties; /* or in the properties of a case or a suite */
	struct rejunit_suite suites[RJ_MAX_DEPTH + 1]; /* those around it */
};

enum rejunit_status
rejunit_reader_new(struct rejunit_reader **out, struct rejunit_error *err)
{
	enum rejunit_status status;
	struct rejunit_reader *r = rj_handle_new(out, sizeof(*r), &status, err);

	if (!r)
		return status;
	r->warnings.arena = &r->arena;
	*out = r;
	return REJUNIT_OK;
}

void
rejunit_reader_free(struct rejunit_reader *r)
{
	if (!r)
		return;
	rj_rootdir_free(r->data.rootdir);
	rj_data_free(&r->data);
	rj_arena_free(&r->arena);
	free(r);
}

enum rejunit_status
rejunit_reader_repair(
    struct rejunit_reader *r, bool repair, struct rejunit_error *err)
{
	if (r)
		r->repair = repair;
	return rj_need(r, "a reader", err);
}

enum rejunit_status
rejunit_reader_rootdir(
    struct rejunit_reader *r, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status = rj_need(r, "a reader", err);

	return status ? status
		      : rj_rootdir_set(&r->data.rootdir, &r->arena, path, err);
}

/* --- what is found, for the visitor --------------------------------------- */

static enum rejunit_status
on_open(void *ctx, struct rj_suite *s)
{
	struct reading *r = ctx;
	struct rejunit_suite *out = &r->suites[r->depth++];

	rj_timing_open(&r->timing);
	*out = (struct rejunit_suite){
		.up = s->up ? out - 1 : NULL,
		.name = rj_public(s->name),
		.hostname = rj_public(s->hostname),
		.path = rj_public(s->path),
		.line = s->line,
	};
	if (s->timestamp[0])
		out->timestamp = rj_public(rj_str(s->timestamp));
	return r->visitor->begin_suite ? r->visitor->begin_suite(r->ctx, out)
				       : REJUNIT_OK;
}

static enum rejunit_status
on_close(void *ctx, struct rj_suite *s)
{
	struct reading *r = ctx;
	struct rejunit_suite *out = &r->suites[--r->depth];

	out->nanoseconds = rj_timing_close(&r->timing);
	out->cases = (size_t)s->all.cases;
	out->bad = (size_t)s->all.bad_cases;
	out->loose =
	    (size_t)(s->own.loose_failures + s->own.loose_errors + s->own.lost);
	rj_votes_add(&r->votes, s);
	r->sums.loose += out->loose;
	if (!s->up)
		r->sums.loose +=
		    (size_t)(s->all.cannot_run + rj_unexplained(&r->votes));
	return r->visitor->end_suite ? r->visitor->end_suite(r->ctx, out)
				     : REJUNIT_OK;
}

static enum rejunit_status
on_test(void *ctx, const struct rj_case *c)
{
	struct reading *r = ctx;
	struct rejunit_case out;

	r->sums.cases++;
	r->sums.outcomes[c->outcome]++;
	r->sums.nameless += rj_is_nameless(c);
	r->sums.flaky +=
	    c->outcome == REJUNIT_PASSED && c->marks & RJ_HAS_FLAKY;
	if (!r->visitor->test)
		return REJUNIT_OK;
	out = rj_data_case(&r->reader->data, c);
	out.nanoseconds = r->timing.time;
	return r->visitor->test(r->ctx, &out);
}

/* Properties are children of a case's or a suite's <properties>. */
static enum rejunit_status
look_for_property(struct reading *r, const struct rj_element *e)
{
	unsigned int below = e->depth - r->depth; /* the innermost suite */

	if (below == 1) {
		r->in_case = e->tag == RJ_TESTCASE;
		r->in_properties = e->tag == RJ_PROPERTIES;
	} else if (below == 2 && r->in_case) {
		r->in_properties = e->tag == RJ_PROPERTIES;
	} else if (below == 2u + r->in_case && r->in_properties &&
		   e->tag == RJ_PROPERTY) {
		return r->visitor->property(r->ctx, r->in_case,
		    rj_public(e->attr[RJ_ATTR_NAME]),
		    rj_public(e->attr[RJ_ATTR_VALUE]));
	}
	return REJUNIT_OK;
}

static enum rejunit_status
on_element(void *ctx, const struct rj_element *e, struct rejunit_error *err)
{
	struct reading *r = ctx;

	(void)err;
	rj_timing_element(&r->timing, e);
	return r->visitor->property ? look_for_property(r, e) : REJUNIT_OK;
}

static enum rejunit_status
on_end(void *ctx, struct rj_span span, struct rejunit_error *err)
{
	(void)ctx;
	(void)span;
	(void)err;
	return REJUNIT_OK;
}

/* --- the reports of an input --------------------------------------------- */

static enum rejunit_status
finish(struct reading *r, struct rejunit_error *err)
{
	r->sums.nanoseconds = r->timing.level[0].below;
	if (!rj_warn_repaired(&r->reader->warnings, &r->report.src))
		return rj_fail_memory(err);
	return r->visitor->end_report ? r->visitor->end_report(r->ctx, &r->sums)
				      : REJUNIT_OK;
}

/* What is read, by whom, and how many reports there were. */
struct visit {
	struct rejunit_reader *reader;
	const struct rejunit_visitor *visitor;
	void *ctx;
	size_t reports;
};

static enum rejunit_status
read_file(void *ctx, const struct rj_fileset_file *file, bool *foreign,
    struct rejunit_error *err)
{
	static const struct rj_xml_handler watch = {
		.start = on_element,
		.end = on_end,
	};
	struct visit *v = ctx;
	struct rj_arena arena = { 0 };
	struct reading *r = calloc(1, sizeof(*r));
	struct rj_reader reader = {
		.open = on_open,
		.close = on_close,
		.test = on_test,
		.ctx = r,
		.foreign = foreign,
		.watch = &watch,
	};
	const struct rj_report *outer = v->reader->data.reports;
	enum rejunit_status status;

	if (!r)
		return rj_fail_memory(err);
	r->reader = v->reader;
	r->visitor = v->visitor;
	r->ctx = v->ctx;
	r->report.name = file->name;
	r->reader->data.reports = &r->report;
	status = rj_source_open(
	    &r->report.src, &arena, &file->input, r->reader->repair, err);
	r->sums.name = r->report.src.name;
	r->sums.report_name = file->name;
	if (!status)
		status = rj_read(&r->report.src, 0, 0, &reader, &arena, err);
	if (!status)
		status = finish(r, err);
	v->reports += status == REJUNIT_OK;
	r->reader->data.reports = outer;
	rj_source_close(&r->report.src);
	rj_arena_free(&arena);
	free(r);
	return status;
}

enum rejunit_status
rejunit_reader_read(struct rejunit_reader *r, const struct rejunit_input *in,
    const struct rejunit_visitor *visitor, void *ctx, struct rejunit_error *err)
{
	struct visit v = { r, visitor, ctx, 0 };
	struct rejunit_input kept;
	struct rj_warnings before;
	enum rejunit_status status =
	    rj_need_both(r, "a reader", visitor, "a visitor", err);

	if (!status)
		status = rj_keep_input(&r->arena, in, &kept, err);
	if (status)
		return status;
	before = r->warnings;
	if (err)
		*err = (struct rejunit_error){ 0 };
	status =
	    rj_each_file(&r->arena, &kept, read_file, &v, &r->warnings, err);
	if (!status && v.reports == 0)
		status = rj_fail_at(err, REJUNIT_INPUT, kept.name, 0, 0,
		    "holds no JUnit report");
	/* who ended it may have said why */
	if (status && err && !err->status)
		rj_fail_at(err, status, kept.name, 0, 0,
		    "the reading was ended by its visitor");
	if (status)
		rj_warn_back(&r->warnings, &before);
	return status;
}

const char *
rejunit_reader_warning(const struct rejunit_reader *r, size_t i)
{
	return r ? rj_warning(&r->warnings, i) : NULL;
}
