#include "simple.h"

#include <string.h>

#include "outcome.h"

#define LOOK RJ_SCAN_LOOK

/* What the reader calls it; RJ_ATTRS: nobody asks for it. */
static const enum rj_attr attrs[RJ_PARTS] = {
	[RJ_ASSERTIONS] = RJ_ATTRS,
	[RJ_CLASSNAME] = RJ_ATTR_CLASSNAME,
	[RJ_FILE] = RJ_ATTR_FILE,
	[RJ_ID] = RJ_ATTRS,
	[RJ_LINE] = RJ_ATTR_LINE,
	[RJ_NAME] = RJ_ATTR_NAME,
	[RJ_RESULT] = RJ_ATTR_RESULT,
	[RJ_STATUS] = RJ_ATTR_STATUS,
	[RJ_TIME] = RJ_ATTR_TIME,
};

/* The longest of them, a quote and a byte are looked at at once. */
_Static_assert(LOOK >= sizeof("assertions=\"x") - 1, "");
_Static_assert(LOOK >= sizeof("</system-out>") - 1, "");

/* The attribute that begins at s, where LOOK bytes are; *n: of its start. */
static inline enum rj_part
part_at(const char *s, size_t *n)
{
#define IS(start, part)         \
	*n = sizeof(start) - 1; \
	return memcmp(s, start, sizeof(start) - 1) == 0 ? (part) : RJ_PARTS

	switch (*s) {
	case 'a':
		IS("assertions=", RJ_ASSERTIONS);
	case 'c':
		IS("classname=", RJ_CLASSNAME);
	case 'f':
		IS("file=", RJ_FILE);
	case 'i':
		IS("id=", RJ_ID);
	case 'l':
		IS("line=", RJ_LINE);
	case 'n':
		IS("name=", RJ_NAME);
	case 'r':
		IS("result=", RJ_RESULT);
	case 's':
		IS("status=", RJ_STATUS);
	case 't':
		IS("time=", RJ_TIME);
	default:
		return RJ_PARTS;
	}
#undef IS
}

/* Where the source ends, what is cut has no end. */
static enum rj_found
cut(const struct rj_window *w)
{
	return w->last ? RJ_NO_CASE : RJ_CUT;
}

static struct rj_str
value_of(
    const struct rj_window *w, const struct rj_simple *c, enum rj_part part)
{
	if (!(c->has & 1u << part))
		return (struct rj_str){ NULL, 0 };
	return (
	    struct rj_str){ w->bytes + c->value[part].at, c->value[part].n };
}

size_t
rj_skip_blank(const struct rj_window *w, size_t at)
{
	while (at < w->end && rj_is_blank(w->bytes[at]))
		at++;
	return at;
}

/*
 * Reads the attributes of a case from behind its "<testcase" up to its ">" or
 * "/>". All have to be known, plain ASCII and without references.
 */
static enum rj_found
read_attributes(const struct rj_window *w, size_t *at, struct rj_simple *c)
{
	const char *end = w->bytes + w->end, *p = w->bytes + *at;

	for (c->has = 0;;) {
		const char *from = p;
		enum rj_part part;
		size_t n, close;

		while (p < end && rj_is_blank(*p))
			p++;
		if (end - p < LOOK)
			return cut(w);
		if (*p == '/' || *p == '>')
			break;
		part = part_at(p, &n);
		if (p == from || part == RJ_PARTS || c->has & 1u << part)
			return RJ_NO_CASE;
		p += n + 1;
		if (p[-1] != '"' && p[-1] != '\'')
			return RJ_NO_CASE;
		close = rj_scan_value(&w->scan, (size_t)(p - w->bytes), p[-1]);
		if (close == SIZE_MAX)
			return w->end - (size_t)(p - w->bytes) < RJ_SIMPLE_MAX
				   ? cut(w)
				   : RJ_NO_CASE;
		c->has |= 1u << part;
		c->value[part].at = (unsigned int)(p - w->bytes);
		c->value[part].n = (unsigned int)close - c->value[part].at;
		p = w->bytes + close + 1;
	}
	*at = (size_t)(p - w->bytes);
	return RJ_CASE;
}

static bool
is_at(const struct rj_window *w, size_t at, struct rj_str mark)
{
	return w->end - at >= mark.n &&
	       memcmp(w->bytes + at, mark.s, mark.n) == 0;
}

/* Behind an element that holds output, and nothing else. */
static enum rj_found
read_output(const struct rj_window *w, size_t *at)
{
	const struct {
		struct rj_str open;
		struct rj_str close;
	} outputs[] = {
		{ RJ_STR("<system-out>"), RJ_STR("</system-out>") },
		{ RJ_STR("<system-err>"), RJ_STR("</system-err>") },
	};
	const struct rj_str section = RJ_STR("<![CDATA[");
	const bool err = is_at(w, *at, outputs[1].open);

	if (!err && !is_at(w, *at, outputs[0].open))
		return RJ_NO_CASE;
	*at += outputs[err].open.n;
	for (;;) {
		*at = rj_scan_text(&w->scan, *at);
		if (w->end - *at < LOOK)
			return cut(w);
		if (!is_at(w, *at, section))
			break;
		*at = rj_scan_cdata(&w->scan, *at + section.n);
		if (w->end - *at < LOOK)
			return cut(w);
		if (!is_at(w, *at, RJ_STR("]]>")))
			return RJ_NO_CASE;
		*at += 3;
	}
	if (!is_at(w, *at, outputs[err].close))
		return RJ_NO_CASE;
	*at += outputs[err].close.n;
	return RJ_CASE;
}

/* It has passed, and whoever reads the report does not ask for it. */
static bool
is_skipped(const struct rj_window *w, const struct rj_skip *skip,
    const struct rj_simple *c)
{
	const unsigned int marks = 1u << RJ_STATUS | 1u << RJ_RESULT;
	struct rj_str name = value_of(w, c, RJ_NAME);

	return skip && name.n &&
	       !(c->has & marks && rj_mark_attributes(value_of(w, c, RJ_STATUS),
				       value_of(w, c, RJ_RESULT))) &&
	       skip->ask(skip->ctx, value_of(w, c, RJ_CLASSNAME), name);
}

enum rj_found
rj_simple_read(const struct rj_window *w, const struct rj_skip *skip,
    size_t *at, struct rj_simple *c)
{
	const struct rj_str open = RJ_STR("<testcase");
	const struct rj_str close = RJ_STR("</testcase>");
	enum rj_found found;
	bool skipped;

	if (w->end - *at < LOOK)
		return cut(w);
	if (!is_at(w, *at, open))
		return RJ_NO_CASE;
	c->at = w->base + *at;
	*at += open.n;
	found = read_attributes(w, at, c);
	if (found != RJ_CASE)
		return found;
	skipped = is_skipped(w, skip, c);
	if (w->bytes[*at] == '/') {
		if (w->bytes[*at + 1] != '>')
			return RJ_NO_CASE;
		*at += 2;
		c->body = c->body_end = c->end = w->base + *at;
		return skipped ? RJ_PASSED : RJ_CASE;
	}
	c->body = w->base + ++*at;
	for (;;) {
		*at = rj_skip_blank(w, *at);
		if (w->end - *at < LOOK)
			return cut(w);
		if (is_at(w, *at, close))
			break;
		found = skipped ? read_output(w, at) : RJ_NO_CASE;
		if (found != RJ_CASE)
			return found;
	}
	c->body_end = w->base + *at;
	*at += close.n;
	c->end = w->base + *at;
	return skipped ? RJ_PASSED : RJ_CASE;
}

void
rj_simple_count(struct rj_window *w, const struct rj_skip *skip)
{
	size_t at = w->begin;
	struct rj_simple c;
	const char *less;

	w->n_runs = 0;
	while (w->n_runs < RJ_RUNS &&
	       (less = memchr(w->bytes + at, '<', w->end - at))) {
		struct rj_run *r = &w->runs[w->n_runs];

		at = (size_t)(less - w->bytes);
		*r = (struct rj_run){ .at = (unsigned int)at,
			.end = (unsigned int)at + 1 };
		while (rj_simple_read(w, skip, &at, &c) == RJ_PASSED) {
			r->passed++;
			r->last = (unsigned int)(c.at - w->base);
			r->end = (unsigned int)at;
			at = rj_skip_blank(w, at);
		}
		at = r->end;
		w->n_runs += r->passed > 0;
	}
}

void
rj_simple_element(
    const struct rj_simple *c, const struct rj_window *w, struct rj_element *e)
{
	e->tag = RJ_TESTCASE;
	e->name = rj_tag_names[RJ_TESTCASE];
	e->empty = c->body == c->end;
	e->at = c->at;
	e->end = c->body;
	e->attributes = NULL;
	e->n_attributes = 0;
	e->lasts = true;
	for (int i = 0; i < RJ_PARTS; i++)
		if (attrs[i] != RJ_ATTRS)
			e->attr[attrs[i]] = value_of(w, c, (enum rj_part)i);
}
