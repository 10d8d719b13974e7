#include "read/plaincase.h"

#include <string.h>

#include "model/outcome.h"
#include "model/path.h"

#define LOOK RJ_BYTEMAP_LOOK

/* What the reader calls it. */
static const enum rj_attr attrs[RJ_PARTS] = {
	[RJ_PART_ASSERTIONS] = RJ_ATTR_ASSERTIONS,
	[RJ_PART_CLASSNAME] = RJ_ATTR_CLASSNAME,
	[RJ_PART_FILE] = RJ_ATTR_FILE,
	[RJ_PART_ID] = RJ_ATTR_ID,
	[RJ_PART_LINE] = RJ_ATTR_LINE,
	[RJ_PART_NAME] = RJ_ATTR_NAME,
	[RJ_PART_RESULT] = RJ_ATTR_RESULT,
	[RJ_PART_STATUS] = RJ_ATTR_STATUS,
	[RJ_PART_TIME] = RJ_ATTR_TIME,
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
		IS("assertions=", RJ_PART_ASSERTIONS);
	case 'c':
		IS("classname=", RJ_PART_CLASSNAME);
	case 'f':
		IS("file=", RJ_PART_FILE);
	case 'i':
		IS("id=", RJ_PART_ID);
	case 'l':
		IS("line=", RJ_PART_LINE);
	case 'n':
		IS("name=", RJ_PART_NAME);
	case 'r':
		IS("result=", RJ_PART_RESULT);
	case 's':
		IS("status=", RJ_PART_STATUS);
	case 't':
		IS("time=", RJ_PART_TIME);
	default:
		return RJ_PARTS;
	}
#undef IS
}

/* Where the source ends, what is cut has no end. */
static enum rj_found
cut(bool last)
{
	return last ? RJ_NO_CASE : RJ_CUT;
}

static struct rj_str
value_of(
    const struct rj_bytemap *m, const struct rj_plaincase *c, enum rj_part part)
{
	if (!(c->has & 1u << part))
		return (struct rj_str){ NULL, 0 };
	return (struct rj_str){ m->s + c->value[part].at, c->value[part].n };
}

/*
 * Reads the attributes of a case from behind its "<testcase" up to its ">" or
 * "/>". All have to be known, plain ASCII and without references.
 */
static enum rj_found
read_attributes(
    const struct rj_bytemap *m, bool last, size_t *at, struct rj_plaincase *c)
{
	const char *end = m->s + m->n, *p = m->s + *at;

	for (c->has = 0;;) {
		const char *from = p;
		enum rj_part part;
		size_t n = 0, close;

		while (p < end && rj_is_blank(*p))
			p++;
		if (end - p < LOOK)
			return cut(last);
		if (*p == '/' || *p == '>')
			break;
		part = part_at(p, &n);
		if (p == from || part == RJ_PARTS || c->has & 1u << part)
			return RJ_NO_CASE;
		p += n + 1;
		if (p[-1] != '"' && p[-1] != '\'')
			return RJ_NO_CASE;
		close = rj_bytemap_value(m, (size_t)(p - m->s), p[-1]);
		if (close == SIZE_MAX)
			return m->n - (size_t)(p - m->s) < RJ_PLAINCASE_MAX
				   ? cut(last)
				   : RJ_NO_CASE;
		c->has |= 1u << part;
		c->value[part].at = (unsigned int)(p - m->s);
		c->value[part].n = (unsigned int)close - c->value[part].at;
		p = m->s + close + 1;
	}
	*at = (size_t)(p - m->s);
	return RJ_CASE;
}

static bool
is_at(const struct rj_bytemap *m, size_t at, struct rj_str mark)
{
	return rj_str_starts((struct rj_str){ m->s + at, m->n - at }, mark);
}

/* Behind an element that holds output, and nothing else. */
static enum rj_found
read_output(const struct rj_bytemap *m, bool last, size_t *at)
{
	const struct {
		struct rj_str open;
		struct rj_str close;
	} outputs[] = {
		{ RJ_STR("<system-out>"), RJ_STR("</system-out>") },
		{ RJ_STR("<system-err>"), RJ_STR("</system-err>") },
	};
	const struct rj_str section = RJ_STR("<![CDATA[");
	const bool err = is_at(m, *at, outputs[1].open);

	if (!err && !is_at(m, *at, outputs[0].open))
		return RJ_NO_CASE;
	*at += outputs[err].open.n;
	for (;;) {
		*at = rj_bytemap_text(m, *at);
		if (m->n - *at < LOOK)
			return cut(last);
		if (!is_at(m, *at, section))
			break;
		*at = rj_bytemap_cdata(m, *at + section.n);
		if (m->n - *at < LOOK)
			return cut(last);
		if (!is_at(m, *at, RJ_STR("]]>")))
			return RJ_NO_CASE;
		*at += 3;
	}
	if (!is_at(m, *at, outputs[err].close))
		return RJ_NO_CASE;
	*at += outputs[err].close.n;
	return RJ_CASE;
}

/* What says that it passed is held against those that are silent. */
static bool
says_nothing(
    const struct rj_bytemap *m, const struct rj_plaincase *c, enum rj_part part)
{
	bool passed = false;

	return !(c->has & 1u << part) ||
	       (!rj_mark_word(attrs[part], value_of(m, c, part), &passed) &&
		   !passed);
}

/* It has passed, and whoever reads the report does not ask for it. */
static bool
is_unasked(const struct rj_bytemap *m, const struct rj_skip *skip,
    const struct rj_plaincase *c)
{
	struct rj_str name = value_of(m, c, RJ_PART_NAME);
	struct rj_str file = value_of(m, c, RJ_PART_FILE);

	/* what folders a report's absolute paths share depends on them all */
	return skip && name.n && says_nothing(m, c, RJ_PART_STATUS) &&
	       says_nothing(m, c, RJ_PART_RESULT) &&
	       (!file.n || rj_path_is_relative(file)) &&
	       skip->ask(skip->ctx, value_of(m, c, RJ_PART_CLASSNAME), name);
}

enum rj_found
rj_plaincase_read(const struct rj_bytemap *m, bool last,
    const struct rj_skip *skip, size_t *at, struct rj_plaincase *c)
{
	const struct rj_str open = RJ_STR("<testcase");
	const struct rj_str close = RJ_STR("</testcase>");
	enum rj_found found;
	bool unasked;

	if (m->n - *at < LOOK)
		return cut(last);
	if (!is_at(m, *at, open))
		return RJ_NO_CASE;
	c->at = (unsigned int)*at;
	*at += open.n;
	found = read_attributes(m, last, at, c);
	if (found != RJ_CASE)
		return found;
	unasked = is_unasked(m, skip, c);
	if (m->s[*at] == '/') {
		if (m->s[*at + 1] != '>')
			return RJ_NO_CASE;
		*at += 2;
		c->body = c->body_end = c->end = (unsigned int)*at;
		return unasked ? RJ_UNASKED : RJ_CASE;
	}
	c->body = (unsigned int)++*at;
	for (;;) {
		*at = rj_bytemap_blank(m, *at);
		if (m->n - *at < LOOK)
			return cut(last);
		if (is_at(m, *at, close))
			break;
		found = unasked ? read_output(m, last, at) : RJ_NO_CASE;
		if (found != RJ_CASE)
			return found;
	}
	c->body_end = (unsigned int)*at;
	*at += close.n;
	c->end = (unsigned int)*at;
	return unasked ? RJ_UNASKED : RJ_CASE;
}

void
rj_plaincase_element(const struct rj_plaincase *c, const struct rj_bytemap *m,
    uint64_t base, struct rj_element *e)
{
	e->tag = RJ_TESTCASE;
	e->name = rj_tag_names[RJ_TESTCASE];
	e->empty = c->body == c->end;
	e->at = base + c->at;
	e->end = base + c->body;
	e->attributes = NULL;
	e->n_attributes = 0;
	e->lasts = true;
	for (int i = 0; i < RJ_PARTS; i++)
		e->attr[attrs[i]] = value_of(m, c, (enum rj_part)i);
}

void
rj_plaincase_streaks(const struct rj_bytemap *m, bool last,
    const struct rj_skip *skip, size_t from, struct rj_streaks *streaks)
{
	struct rj_plaincase c;
	const char *less;

	streaks->n = 0;
	while (streaks->n < RJ_STREAKS &&
	       (less = memchr(m->s + from, '<', m->n - from))) {
		struct rj_streak *r = &streaks->streak[streaks->n];
		size_t at = (size_t)(less - m->s);

		*r = (struct rj_streak){ .at = (unsigned int)at };
		while (
		    rj_plaincase_read(m, last, skip, &at, &c) == RJ_UNASKED) {
			r->passed++;
			r->last = c.at;
			r->end = (unsigned int)at;
			at = rj_bytemap_blank(m, at);
		}
		streaks->n += r->passed > 0;
		/* what was looked at is not looked at again */
		from = at > r->at ? at : r->at + 1;
	}
}
