#include "list/execution.h"

#include <string.h>

#include "base/inside.h"
#include "model/markup.h"

/* Of a longer trace, its beginning and its end. */
#define TRACE_PART ((uint64_t)64 * 1024)

static enum rejunit_verdict
verdict_of(enum rj_tag tag)
{
	switch (tag) {
	case RJ_FAILURE:
	case RJ_RERUN_FAILURE:
	case RJ_FLAKY_FAILURE:
		return REJUNIT_FAILED;
	case RJ_ERROR:
	case RJ_RERUN_ERROR:
	case RJ_FLAKY_ERROR:
		return REJUNIT_ERROR;
	default:
		return REJUNIT_ABSENT;
	}
}

bool
rj_next_execution(
    const struct rj_case *c, size_t *step, struct rj_execution *out)
{
	for (; *step < c->children; ++*step) {
		const struct rj_child *child = &c->child[*step];

		*out =
		    (struct rj_execution){ c, child, verdict_of(child->tag) };
		if (out->outcome == REJUNIT_ABSENT)
			continue;
		/* several failures of a case are one execution's */
		if ((child->tag == RJ_FAILURE || child->tag == RJ_ERROR) &&
		    (!rejunit_is_bad(c->outcome) || *step + 1 != c->failure))
			continue;
		++*step;
		return true;
	}
	if (*step > c->children || (rejunit_is_bad(c->outcome) && c->failure))
		return false;
	*step = c->children + 1;
	*out = (struct rj_execution){ c, NULL, c->outcome };
	return true;
}

static enum rejunit_status
read_raw(struct rj_details *d, const struct rj_source *src, uint64_t at,
    uint64_t end, struct rejunit_error *err)
{
	enum rejunit_status status;

	if (!rj_buf_reserve(&d->raw, (size_t)(end - at)))
		return rj_fail_memory(err);
	status = rj_source_read(
	    src, at, d->raw.s + d->raw.n, (size_t)(end - at), err);
	if (!status)
		d->raw.n += (size_t)(end - at);
	return status;
}

/* Where a string of the details stands, while their buffer still moves. */
struct part {
	size_t at;
	size_t n;
	bool there;
};

static bool
take_attribute(struct rj_details *d, const char *name, struct part *part)
{
	struct rj_tag_attr a;

	*part = (struct part){ d->text.n, 0, false };
	if (!rj_tag_find(rj_buf_str(&d->raw), rj_str(name), &a))
		return true;
	part->there = true;
	if (!rj_buf_reserve(&d->text, 1) ||
	    !rj_unescape_value(&d->text, a.value))
		return false;
	part->n = d->text.n - part->at;
	return true;
}

static struct rj_str
str_of(const struct rj_details *d, struct part part)
{
	if (!part.there)
		return (struct rj_str){ NULL, 0 };
	return (struct rj_str){ d->text.s + part.at, part.n };
}

/* --- a trace that is cut -------------------------------------------------- */

#define CDATA_BEGINS "<![CDATA["
#define CDATA_ENDS   "]]>"

/* Nothing that is resolved or left out is longer, but for tags. */
#define TOKEN_MAX 16

/* Ends what was read of a body where nothing is cut in two. */
static bool
end_beginning(struct rj_buf *raw)
{
	struct rj_str s = rj_str_cut(rj_buf_str(raw), TRACE_PART);
	struct rj_inside inside = { .of = RJ_IN_TEXT };
	size_t begun = s.n; /* what has not ended yet */

	for (size_t i = 0; i < s.n; i++) {
		if (inside.of == RJ_IN_TEXT && (s.s[i] == '&' || s.s[i] == '<'))
			begun = i;
		else if (inside.of == RJ_IN_TEXT && s.s[i] == ';')
			begun = s.n;
		rj_inside_step(&inside, s.s[i]);
		if (inside.of == RJ_IN_TEXT && s.s[i] == '>')
			begun = s.n;
	}
	if (inside.of != RJ_IN_CDATA) {
		raw->n = begun;
		return true;
	}
	while (s.n && s.s[s.n - 1] == ']')
		s.n--;
	raw->n = s.n;
	return rj_buf_add(raw, RJ_STR(CDATA_ENDS));
}

/*
 * Begins what was read of a body's end where nothing is cut in two. It stands
 * at `at`, behind the beginning of a CDATA section, which goes if the end is in
 * none; TOKEN_MAX of its bytes are to look back to.
 */
static void
begin_end(struct rj_buf *raw, size_t at)
{
	size_t from = at + TOKEN_MAX, to = at;
	struct rj_str s;

	/* back to where something begins that has not ended yet */
	for (size_t i = from; i-- > at && !strchr(";>", raw->s[i]);)
		if (strchr("&<]", raw->s[i]) &&
		    (raw->s[i] != ']' || i == at || raw->s[i - 1] != ']')) {
			from = i;
			break;
		}
	while (from < raw->n && ((unsigned char)raw->s[from] & 0xc0) == 0x80)
		from++;
	s = rj_str_from(rj_buf_str(raw), from);
	/* nowhere else does text have the end of one */
	if (rj_str_find(s, RJ_STR(CDATA_ENDS)) >=
	    rj_str_find(s, RJ_STR(CDATA_BEGINS)))
		to -= strlen(CDATA_BEGINS);
	memmove(raw->s + to, raw->s + from, raw->n - from);
	raw->n -= from - to;
}

/* Both ends of a body, as raw as they stand, without what is between. */
static enum rejunit_status
read_both_ends(struct rj_details *d, const struct rj_source *src, uint64_t body,
    uint64_t end, struct rejunit_error *err)
{
	enum rejunit_status status =
	    read_raw(d, src, body, body + TRACE_PART + 1, err);
	size_t at;

	if (status)
		return status;
	if (!end_beginning(&d->raw) ||
	    !rj_buf_add(&d->raw, RJ_STR(CDATA_BEGINS)))
		return rj_fail_memory(err);
	at = d->raw.n;
	status = read_raw(d, src, end - TRACE_PART - TOKEN_MAX, end, err);
	if (!status)
		begin_end(&d->raw, at);
	return status;
}

/* The text that stands for the trace: without what was printed beside it. */
static enum rejunit_status
take_trace(struct rj_details *d, const struct rj_source *src,
    const struct rj_child *c, struct part *part, struct rejunit_error *err)
{
	const struct rj_str close = RJ_STR("</stackTrace");
	bool whole =
	    c->tag == RJ_FAILURE || c->tag == RJ_ERROR || c->has_stack_trace;
	uint64_t end = whole ? c->body_end : c->inner;
	enum rejunit_status status = REJUNIT_OK;
	struct rj_str raw;

	d->raw.n = 0;
	*part = (struct part){ d->text.n, 0, true };
	status = end - c->body > 2 * TRACE_PART + TOKEN_MAX
		     ? read_both_ends(d, src, c->body, end, err)
		     : read_raw(d, src, c->body, end, err);
	if (status)
		return status;
	raw = rj_buf_str(&d->raw);
	if (c->has_stack_trace)
		raw.n = rj_str_find(raw, close);
	if (!rj_buf_reserve(&d->text, 1) || !rj_unescape_body(&d->text, raw))
		return rj_fail_memory(err);
	part->n = d->text.n - part->at;
	return REJUNIT_OK;
}

static enum rejunit_status
read_failure(struct rj_details *d, const struct rj_source *src,
    const struct rj_execution *x, struct rejunit_error *err)
{
	struct part type, message, trace;
	enum rejunit_status status;

	d->raw.n = 0;
	status = read_raw(d, src, x->child->at, x->child->body, err);
	if (status)
		return status;
	if (!take_attribute(d, "type", &type) ||
	    !take_attribute(d, "message", &message))
		return rj_fail_memory(err);
	status = take_trace(d, src, x->child, &trace, err);
	if (status)
		return status;
	d->type = str_of(d, type);
	d->message = str_of(d, message);
	d->trace = str_of(d, trace);
	d->what = rj_what_failed(d->message, d->trace);
	if (!rj_signature(RJ_SIGNATURE_VERSION, d->type, d->message, d->trace,
		d->signature))
		return rj_fail_memory(err);
	return REJUNIT_OK;
}

enum rejunit_status
rj_read_details(struct rj_details *d, const struct rj_report *reports,
    const struct rj_execution *x, struct rejunit_error *err)
{
	const struct rj_source *src = &reports[x->at->suite->report].src;
	enum rejunit_status status;
	struct part time;

	d->text.n = d->raw.n = 0;
	d->type = d->message = d->trace = (struct rj_str){ NULL, 0 };
	d->what = RJ_STR("");
	d->signature[0] = '\0';
	status = read_raw(d, src, x->at->at, x->at->body, err);
	if (status)
		return status;
	if (!take_attribute(d, "time", &time))
		return rj_fail_memory(err);
	if (x->child)
		status = read_failure(d, src, x, err);
	d->time = str_of(d, time);
	return status;
}

void
rj_free_details(struct rj_details *d)
{
	rj_buf_free(&d->text);
	rj_buf_free(&d->raw);
}
