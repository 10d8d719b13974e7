#include "read/read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"

/* An open suite, and the strings that it has until it is kept. */
struct open_suite {
	struct rj_suite suite; /* first: one pointer serves for both */
	struct rj_buf text;
	struct open_suite *spare;
};

struct reading {
	const struct rj_source *src;
	const struct rj_reader *out;
	struct rejunit_error *err;
	struct rj_arena *arena;
	unsigned int run;
	unsigned int report;

	unsigned int depth; /* of the element just entered */
	unsigned int suite_depth; /* of the innermost open suite */
	struct rj_suite *suite;
	struct open_suite *spare;

	bool in_case;
	bool has_id; /* the open case has one */
	struct rj_case test;
	bool lost[RJ_MAX_DEPTH + 1]; /* a case where none belongs is open */
	enum rj_tag child; /* of the innermost suite, the last that began */
	char stranger[64]; /* the last of another language, */
	unsigned long stranger_line; /* its line, */
	bool is_foreign; /* and whether anything stands in one */
	bool has_cases;
	struct rj_arena strings; /* the open case's */
	size_t room; /* for children */
};

static bool
add_name(struct rj_buf *text, struct rj_str s)
{
	return rj_buf_add(text, s) && rj_buf_add(text, RJ_STR("\0"));
}

/* A suite's path, name and hostname, one behind the other in its buffer. */
static bool
name_suite(
    struct open_suite *o, const struct rj_suite *up, const struct rj_element *e)
{
	struct rj_str name = e->attr[RJ_ATTR_NAME];
	struct rj_str host = e->attr[RJ_ATTR_HOSTNAME];
	size_t path;

	o->text.n = 0;
	if (up && !rj_buf_add(&o->text, up->path))
		return false;
	if (e->tag == RJ_TESTSUITE && !add_name(&o->text, name))
		return false;
	path = o->text.n;
	if (!add_name(&o->text, name) || !add_name(&o->text, host))
		return false;
	o->suite.path = (struct rj_str){ o->text.s, path };
	if (name.s)
		o->suite.name = (struct rj_str){ o->text.s + path, name.n };
	if (host.s)
		o->suite.hostname =
		    (struct rj_str){ o->text.s + path + name.n + 1, host.n };
	return true;
}

static void
read_counters(struct rj_suite *s, const struct rj_element *e)
{
	static const enum rj_attr skipped[] = { RJ_ATTR_SKIPPED, RJ_ATTR_SKIPS,
		RJ_ATTR_SKIP };

	s->said[RJ_TESTS] = rj_str_number(e->attr[RJ_ATTR_TESTS]);
	s->said[RJ_FAILURES] = rj_str_number(e->attr[RJ_ATTR_FAILURES]);
	s->said[RJ_ERRORS] = rj_str_number(e->attr[RJ_ATTR_ERRORS]);
	s->said[RJ_DISABLED] = rj_str_number(e->attr[RJ_ATTR_DISABLED]);
	s->said[RJ_SKIPPED_COUNT] = -1;
	for (size_t i = 0; i < sizeof(skipped) / sizeof(*skipped); i++)
		if (s->said[RJ_SKIPPED_COUNT] < 0)
			s->said[RJ_SKIPPED_COUNT] =
			    rj_str_number(e->attr[skipped[i]]);
}

/* Maven Surefire's root names its schema. */
static bool
has_surefire_schema(const struct rj_element *e)
{
	struct rj_str prefix, name, value;

	for (int step = 0; rj_next_attribute(e, &step, &prefix, &name, &value);)
		if (rj_str_find(value, RJ_STR("/surefire-test-report")) <
		    value.n)
			return true;
	return false;
}

static enum rejunit_status
open_suite(struct reading *r, const struct rj_element *e)
{
	struct open_suite *o = r->spare;
	struct rj_suite *s;

	if (o) {
		struct rj_buf text = o->text;

		r->spare = o->spare;
		*o = (struct open_suite){ .text = text };
	} else {
		o = rj_alloc(r->arena, sizeof(*o));
		if (!o)
			return rj_fail_memory(r->err);
	}
	s = &o->suite;
	s->up = r->suite;
	if (s->up)
		s->up->has_suites = true;
	r->suite = s;
	r->suite_depth = e->depth;
	if (!name_suite(o, s->up, e))
		return rj_fail_memory(r->err);
	s->run = r->run;
	s->report = r->report;
	s->tag = e->tag;
	s->start = (struct rj_span){ e->at, e->end };
	s->line = e->line;
	s->empty = e->empty;
	s->has_id = e->attr[RJ_ATTR_ID].s != NULL;
	s->is_surefire = !s->up && has_surefire_schema(e);
	s->counts_assertions = e->attr[RJ_ATTR_ASSERTIONS].s != NULL;
	read_counters(s, e);
	/* only a time that can be compared as it is written */
	if (rj_is_stamp(e->attr[RJ_ATTR_TIMESTAMP]))
		memcpy(s->timestamp, e->attr[RJ_ATTR_TIMESTAMP].s, RJ_STAMP);
	return r->out->open ? r->out->open(r->out->ctx, s) : REJUNIT_OK;
}

/* The strings of a suite that stays move into the arena. */
static bool
keep_suite(struct reading *r, struct open_suite *o)
{
	struct rj_suite *s = &o->suite;
	bool ok = rj_alloc_str(r->arena, s->path, &s->path) &&
		  rj_alloc_str(r->arena, s->name, &s->name) &&
		  rj_alloc_str(r->arena, s->hostname, &s->hostname);

	rj_buf_free(&o->text);
	return ok;
}

static enum rejunit_status
close_suite(struct reading *r, struct rj_span span)
{
	struct rj_suite *s = r->suite;
	struct open_suite *o = (struct open_suite *)s;
	enum rejunit_status status = REJUNIT_OK;

	s->body_end = span.at;
	s->end = span.end;
	rj_tally_close(s);
	if (!s->up && !r->has_cases && r->is_foreign) {
		*r->out->foreign = true;
		return rj_fail_at(r->err, REJUNIT_INPUT, r->src->name,
		    r->stranger_line, 1,
		    "not a JUnit report: it has no <testcase>, but <%s>",
		    r->stranger);
	}
	if (r->out->close)
		status = r->out->close(r->out->ctx, s);
	r->suite = s->up;
	r->suite_depth--;
	if (s->up && s->keep)
		s->up->keep = true;
	if (!s->keep) {
		o->spare = r->spare;
		r->spare = o;
	} else if (!keep_suite(r, o) && !status) {
		status = rj_fail_memory(r->err);
	}
	return status;
}

/*
 * Cases of one class, and with the same attributes, are of one kind: where
 * reports of several producers were joined, one's cases are no measure for
 * another's. Kinds may coincide.
 */
static unsigned int
kind_of(const struct rj_case *c)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < c->classname.n; i++)
		hash = (hash ^ (unsigned char)c->classname.s[i]) * 16777619u;
	hash = (hash ^ (c->classname.s != NULL)) * 16777619u;
	hash = (hash ^ (c->file.s != NULL)) * 16777619u;
	hash = (hash ^ (c->line.s != NULL)) * 16777619u;
	return hash >> 26;
}

/* A suite of more kinds of cases is no measure for a silent one. */
#define KINDS_MAX 8

/* What the words of a case make of it, and which it has. */
static void
read_words(struct rj_case *c, const struct rj_element *e)
{
	unsigned int passed = 0;

	for (int i = 0; i < RJ_WORDS; i++) {
		struct rj_str value = e->attr[rj_words[i]];
		bool is_pass;

		if (!value.s)
			continue;
		c->says |= (unsigned char)(1u << i);
		c->marks |= rj_mark_word(rj_words[i], value, &is_pass);
		passed |= (unsigned int)is_pass << i;
	}
	for (int i = 0; i < RJ_WORDS; i++)
		if (passed >> i & 1)
			c->suite->passes[i] |= (uint64_t)1 << kind_of(c);
	c->says_passed = passed != 0;
}

/* Cases like it say that they passed, and it does not. */
static bool
is_silent(const struct rj_case *c)
{
	uint64_t passes = 0;
	int kinds = 0;

	for (int i = 0; i < RJ_WORDS && !c->says_passed; i++)
		if (!(c->says >> i & 1))
			passes |= c->suite->passes[i];
	/* of many kinds, too many coincide */
	for (uint64_t rest = passes; rest; rest &= rest - 1)
		kinds++;
	return kinds <= KINDS_MAX && passes >> kind_of(c) & 1;
}

/* The open case's strings; what does not last is copied. */
static bool
name_case(struct reading *r, const struct rj_element *e)
{
	struct rj_case *c = &r->test;

	c->classname = e->attr[RJ_ATTR_CLASSNAME];
	c->name = e->attr[RJ_ATTR_NAME];
	c->file = e->attr[RJ_ATTR_FILE];
	c->line = e->attr[RJ_ATTR_LINE];
	if (e->lasts)
		return true;
	rj_arena_reset(&r->strings);
	return rj_alloc_str(&r->strings, c->classname, &c->classname) &&
	       rj_alloc_str(&r->strings, c->name, &c->name) &&
	       rj_alloc_str(&r->strings, c->file, &c->file) &&
	       rj_alloc_str(&r->strings, c->line, &c->line);
}

static enum rejunit_status
open_case(struct reading *r, const struct rj_element *e)
{
	struct rj_child *child = r->test.child;
	struct rj_case *c = &r->test;

	*c = (struct rj_case){ .child = child,
		.suite = r->suite,
		.at = e->at,
		.body = e->end,
		.line_no = (unsigned int)e->line };
	if (!name_case(r, e))
		return rj_fail_memory(r->err);
	read_words(c, e);
	r->has_id = e->attr[RJ_ATTR_ID].s != NULL;
	r->suite->has_ids = r->suite->has_ids || r->has_id;
	r->in_case = r->has_cases = true;
	return REJUNIT_OK;
}

static enum rejunit_status
close_case(struct reading *r, struct rj_span span)
{
	struct rj_case *c = &r->test;

	c->body_end = span.at;
	c->end = span.end;
	if (is_silent(c))
		c->marks |= RJ_IS_DOUBTED;
	c->outcome = rj_outcome(c->marks);
	c->nth = (unsigned int)r->suite->own.cases;
	r->in_case = false;
	rj_tally_add(&r->suite->own, c, 1);
	return r->out->test(r->out->ctx, c);
}

static enum rejunit_status
open_child(struct reading *r, const struct rj_element *e)
{
	struct rj_case *c = &r->test;
	struct rj_child *child =
	    rj_grown(c->child, c->children, &r->room, sizeof(*child));
	enum rj_tag tag = e->tag == RJ_OTHER ? rj_child_named(e->name) : e->tag;

	if (!child)
		return rj_fail_memory(r->err);
	c->child = child;
	c->marks |= rj_mark_child(tag, c->marks);
	if (e->tag == RJ_SKIPPED)
		c->marks |= rj_mark_skipped(
		    e->attr[RJ_ATTR_TYPE], e->attr[RJ_ATTR_MESSAGE], c->marks);
	child = &c->child[c->children++];
	if ((tag == RJ_ERROR || tag == RJ_RERUN_ERROR ||
		rj_mark_child(tag, 0) == RJ_HAS_FLAKY) &&
	    e->tag == tag &&
	    rj_mark_error(e->attr[RJ_ATTR_MESSAGE]) == RJ_IS_TEARDOWN)
		r->suite->teardowns++;
	if (!c->failure && (tag == RJ_FAILURE || tag == RJ_ERROR))
		c->failure = c->children;
	*child = (struct rj_child){
		.tag = tag,
		.at = e->at,
		.body = e->end,
	};
	if (e->tag == RJ_ERROR) {
		struct rj_str message = e->attr[RJ_ATTR_MESSAGE];

		child->is_collection =
		    rj_str_eq(message, RJ_STR("collection failure"));
		child->is_internal =
		    rj_str_eq(message, RJ_STR("internal error"));
		c->marks |= rj_mark_error(message);
	}
	return REJUNIT_OK;
}

static void
close_child(struct reading *r, struct rj_span span)
{
	struct rj_child *child = &r->test.child[r->test.children - 1];

	child->body_end = span.at;
	child->end = span.end;
	if (!child->inner)
		child->inner = span.at;
}

/* An element says of the case around it that it failed. */
static bool
is_failure(const struct rj_element *e)
{
	enum rj_tag tag = e->tag == RJ_OTHER ? rj_child_named(e->name) : e->tag;

	return tag == RJ_FAILURE || tag == RJ_ERROR;
}

/* A case says of itself that it failed. */
static bool
says_failure(const struct rj_element *e)
{
	unsigned int marks = 0;
	bool passed;

	for (int i = 0; i < RJ_WORDS; i++)
		if (e->attr[rj_words[i]].s)
			marks |= rj_mark_word(
			    rj_words[i], e->attr[rj_words[i]], &passed);
	return marks & (RJ_SAYS_FAILED | RJ_SAYS_ERROR);
}

/*
 * Elements that are none of a suite's or a case's own: a case among them is
 * nobody's, but if it failed, that is not forgotten.
 */
static enum rejunit_status
look_aside(struct reading *r, const struct rj_element *e)
{
	bool is_case = e->tag == RJ_TESTCASE;

	r->lost[e->depth] = is_case;
	if (is_case)
		r->has_cases = true;
	if (is_case ? says_failure(e) : r->lost[e->depth - 1] && is_failure(e))
		r->suite->own.lost++;
	return REJUNIT_OK;
}

/* What stands in a suite's element that is neither a suite nor a case. */
static enum rejunit_status
start_in_other(struct reading *r, const struct rj_element *e)
{
	if (r->child == RJ_PROPERTIES && e->tag == RJ_PROPERTY) {
		struct rj_str name = e->attr[RJ_ATTR_NAME];

		if (rj_str_eq(name, RJ_STR("go.version")))
			r->suite->is_go = true;
		/* QtTest's errors are what was printed, and what was skipped */
		if (rj_str_eq(name, RJ_STR("QTestVersion")))
			r->suite->said[RJ_ERRORS] = -1;
	}
	/* what has elements of its own is no mere remark */
	if (r->child == RJ_OTHER && !r->has_cases)
		r->is_foreign = true;
	return look_aside(r, e);
}

static enum rejunit_status
start_in_case(struct reading *r, const struct rj_element *e)
{
	struct rj_case *c = &r->test;

	if (e->depth == r->suite_depth + 2) {
		enum rejunit_status status = open_child(r, e);

		if (status)
			return status;
	}
	if (e->depth == r->suite_depth + 3) {
		struct rj_child *child = &c->child[c->children - 1];

		if (!child->inner) {
			child->inner = e->at;
			child->has_stack_trace = e->tag == RJ_STACK_TRACE;
		}
		/* node-tap's; others write what they like into theirs */
		if (child->tag == RJ_PROPERTIES && e->tag == RJ_PROPERTY &&
		    r->suite->counts_assertions && r->has_id)
			c->marks |= rj_mark_property(
			    e->attr[RJ_ATTR_NAME], e->attr[RJ_ATTR_VALUE]);
	}
	return look_aside(r, e);
}

/* Refused in any case; other kinds of files have one with good reason. */
static void
on_doctype(void *ctx, const char *name)
{
	struct reading *r = ctx;

	if (strcmp(name, rj_tag_names[RJ_TESTSUITES]) != 0 &&
	    strcmp(name, rj_tag_names[RJ_TESTSUITE]) != 0)
		*r->out->foreign = true;
}

static enum rejunit_status
start_root(struct reading *r, const struct rj_element *e)
{
	if (e->tag == RJ_TESTSUITES || e->tag == RJ_TESTSUITE)
		return open_suite(r, e);
	*r->out->foreign = true;
	return rj_fail_at(r->err, REJUNIT_INPUT, r->src->name, 1, 1,
	    "not a JUnit report: its root is neither <testsuites> nor "
	    "<testsuite>");
}

/* What stands directly in a suite. */
static enum rejunit_status
start_in_suite(struct reading *r, const struct rj_element *e)
{
	struct rj_suite *s = r->suite;

	s->last_at = e->at;
	r->child = e->tag;
	r->lost[e->depth] = false;
	switch (e->tag) {
	case RJ_TESTSUITE:
		return open_suite(r, e);
	case RJ_TESTCASE:
		return open_case(r, e);
	case RJ_FAILURE:
		s->own.loose_failures++;
		return REJUNIT_OK;
	case RJ_ERROR:
		s->own.loose_errors++;
		return REJUNIT_OK;
	case RJ_OTHER:
		if (!r->has_cases && !r->is_foreign) {
			r->stranger_line = e->line;
			snprintf(
			    r->stranger, sizeof(r->stranger), "%s", e->name);
		}
		return REJUNIT_OK;
	default:
		return REJUNIT_OK;
	}
}

static enum rejunit_status
on_start(void *ctx, const struct rj_element *e, struct rejunit_error *err)
{
	struct reading *r = ctx;
	const struct rj_xml_handler *watch = r->out->watch;
	enum rejunit_status status =
	    watch ? watch->start(r->out->ctx, e, err) : REJUNIT_OK;

	if (status)
		return status;
	r->depth = e->depth;
	if (e->depth == 1)
		return start_root(r, e);
	if (r->in_case)
		return start_in_case(r, e);
	return e->depth == r->suite_depth + 1 ? start_in_suite(r, e)
					      : start_in_other(r, e);
}

static enum rejunit_status
on_end(void *ctx, struct rj_span span, struct rejunit_error *err)
{
	struct reading *r = ctx;
	unsigned int depth = r->depth--;
	const struct rj_xml_handler *watch = r->out->watch;
	enum rejunit_status status =
	    watch ? watch->end(r->out->ctx, span, err) : REJUNIT_OK;

	if (status)
		return status;
	if (depth == r->suite_depth)
		status = close_suite(r, span);
	else if (r->in_case && depth == r->suite_depth + 1)
		status = close_case(r, span);
	else if (r->in_case && depth == r->suite_depth + 2)
		close_child(r, span);
	if (r->suite && depth == r->suite_depth + 1)
		r->suite->last_end = span.end;
	return status;
}

static bool
on_skip(void *ctx, struct rj_str classname, struct rj_str name)
{
	struct reading *r = ctx;

	return r->out->skip(r->out->ctx, classname, name);
}

static void
on_passed(void *ctx, unsigned int depth, size_t n, struct rj_span last)
{
	struct reading *r = ctx;

	if (r->in_case || depth != r->suite_depth + 1)
		return;
	r->has_cases = true;
	r->suite->own.cases += (int64_t)n;
	r->suite->last_at = last.at;
	r->suite->last_end = last.end;
}

static void
on_text(void *ctx, unsigned long line)
{
	struct reading *r = ctx;

	r->out->watch->text(r->out->ctx, line);
}

enum rejunit_status
rj_read(const struct rj_source *src, unsigned int run, unsigned int report,
    const struct rj_reader *reader, struct rj_arena *arena,
    struct rejunit_error *err)
{
	const struct rj_xml_handler handler = {
		.start = on_start,
		.end = on_end,
		.doctype = on_doctype,
		.text = reader->watch && reader->watch->text ? on_text : NULL,
		.skip = reader->skip && !reader->watch ? on_skip : NULL,
		.passed = on_passed,
	};
	struct reading r = {
		.src = src,
		.out = reader,
		.err = err,
		.arena = arena,
		.run = run,
		.report = report,
	};
	enum rejunit_status status = rj_xml_parse(src, &handler, &r, err);

	for (struct rj_suite *s = r.suite; s; s = s->up)
		rj_buf_free(&((struct open_suite *)s)->text);
	for (struct open_suite *o = r.spare; o; o = o->spare)
		rj_buf_free(&o->text);
	rj_arena_free(&r.strings);
	free(r.test.child);
	return status;
}
