#include "model/markup.h"

#include <string.h>

#include <utf8proc.h>

#include "base/inside.h"
#include "base/xmlchar.h"

struct rj_str
rj_tag_name(struct rj_str tag)
{
	size_t n = 1;

	while (n < tag.n && !rj_is_blank(tag.s[n]) && tag.s[n] != '/' &&
	       tag.s[n] != '>')
		n++;
	return (struct rj_str){ tag.s + 1, n - 1 };
}

bool
rj_tag_next(struct rj_str tag, size_t *pos, struct rj_tag_attr *out)
{
	size_t i = *pos ? *pos : rj_tag_name(tag).n + 1;
	const char *end;

	out->at = i;
	while (i < tag.n && rj_is_blank(tag.s[i]))
		i++;
	if (i >= tag.n || tag.s[i] == '/' || tag.s[i] == '>')
		return false;
	out->name.s = tag.s + i;
	while (i < tag.n && !rj_is_blank(tag.s[i]) && tag.s[i] != '=')
		i++;
	out->name.n = (size_t)(tag.s + i - out->name.s);
	while (i < tag.n && (rj_is_blank(tag.s[i]) || tag.s[i] == '='))
		i++;
	if (i >= tag.n)
		return false;
	out->quote = tag.s[i++];
	end = memchr(tag.s + i, out->quote, tag.n - i);
	if (!end)
		return false;
	out->value = (struct rj_str){ tag.s + i, (size_t)(end - tag.s) - i };
	out->end = (size_t)(end - tag.s) + 1;
	*pos = out->end;
	return true;
}

bool
rj_tag_find(struct rj_str tag, struct rj_str name, struct rj_tag_attr *out)
{
	size_t pos = 0;

	while (rj_tag_next(tag, &pos, out))
		if (rj_str_eq(out->name, name))
			return true;
	return false;
}

/* Appends what a reference stands for; returns its length, 0 if it is none. */
static size_t
reference(struct rj_str s, struct rj_buf *out, bool *ok)
{
	static const struct {
		const char *name;
		const char *is;
	} named[] = { { "&lt;", "<" }, { "&gt;", ">" }, { "&amp;", "&" },
		{ "&quot;", "\"" }, { "&apos;", "'" } };
	utf8proc_uint8_t utf8[4];
	long code;
	size_t n;

	for (size_t k = 0; k < sizeof(named) / sizeof(*named); k++) {
		struct rj_str name = rj_str(named[k].name);

		if (!rj_str_starts(s, name))
			continue;
		*ok = rj_buf_add(out, rj_str(named[k].is));
		return name.n;
	}
	n = rj_char_reference(s, &code);
	if (n == 0 || code >= RJ_BEYOND)
		return 0;
	*ok = rj_buf_add(out,
	    (struct rj_str){ (char *)utf8,
		(size_t)utf8proc_encode_char((utf8proc_int32_t)code, utf8) });
	return n;
}

/* Plain text up to the next byte that means something; a CRLF is one end. */
static bool
add_text(struct rj_buf *out, struct rj_str s, bool is_value)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];

		if (c == '\r' && i + 1 < s.n && s.s[i + 1] == '\n')
			continue;
		if (c == '\r')
			c = '\n';
		if (is_value && rj_is_blank(c))
			c = ' ';
		if (!rj_buf_add(out, (struct rj_str){ &c, 1 }))
			return false;
	}
	return true;
}

bool
rj_unescape_value(struct rj_buf *out, struct rj_str raw)
{
	size_t at = 0;
	bool ok = true;

	while (ok && at < raw.n) {
		struct rj_str s = rj_str_from(raw, at);
		const char *amp = memchr(s.s, '&', s.n);
		size_t n;

		if (amp != s.s) {
			n = amp ? (size_t)(amp - s.s) : s.n;
			ok = add_text(out, (struct rj_str){ s.s, n }, true);
		} else {
			n = reference(s, out, &ok);
			if (n == 0) {
				n = 1;
				ok = rj_buf_add(out, RJ_STR("&"));
			}
		}
		at += n;
	}
	return ok;
}

/* Where a mark ends, from its start; the whole string if it does not. */
static size_t
behind(struct rj_str s, struct rj_str mark)
{
	size_t at = rj_str_find(s, mark);

	return at < s.n ? at + mark.n : s.n;
}

/* The length of a tag, whose values may hold ">". */
static size_t
tag_length(struct rj_str s)
{
	char quote = '\0';

	for (size_t i = 1; i < s.n; i++) {
		if (quote)
			quote = s.s[i] == quote ? '\0' : quote;
		else if (s.s[i] == '"' || s.s[i] == '\'')
			quote = s.s[i];
		else if (s.s[i] == '>')
			return i + 1;
	}
	return s.n;
}

/* Passes over markup; of a CDATA section the text is added. */
static size_t
markup(struct rj_str s, struct rj_buf *out, bool *ok)
{
	const struct rj_section *section = rj_section_at(s);
	struct rj_str inner;
	size_t n;

	if (!section)
		return tag_length(s);
	n = behind(s, section->end);
	if (section->of != RJ_IN_CDATA || n < section->begin.n + section->end.n)
		return n;
	inner = rj_str_from(s, section->begin.n);
	inner.n = n - section->begin.n - section->end.n;
	*ok = add_text(out, inner, false);
	return n;
}

bool
rj_unescape_body(struct rj_buf *out, struct rj_str raw)
{
	size_t at = 0;
	bool ok = true;

	while (ok && at < raw.n) {
		struct rj_str s = rj_str_from(raw, at);
		size_t n = 0;

		if (s.s[0] == '<') {
			n = markup(s, out, &ok);
		} else if (s.s[0] == '&') {
			n = reference(s, out, &ok);
		} else {
			while (n < s.n && s.s[n] != '<' && s.s[n] != '&')
				n++;
			ok = add_text(out, (struct rj_str){ s.s, n }, false);
		}
		if (n == 0) {
			n = 1;
			ok = rj_buf_add(out, RJ_STR("&"));
		}
		at += n;
	}
	return ok;
}
