#include "file/repair.h"

#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

#include "base/xmlchar.h"

/* The longest thing that is looked at whole; longer references are left. */
#define LOOKAHEAD 16

/* The length of a character reference to something illegal; 0: none here. */
static size_t
illegal_reference(struct rj_str s, long *code)
{
	size_t n = rj_char_reference(
	    (struct rj_str){ s.s, s.n < LOOKAHEAD ? s.n : LOOKAHEAD }, code);

	return n && !rj_is_xml_char(*code) ? n : 0;
}

/*
 * The length of the character in front of s; *legal: XML may hold it. Of a
 * byte that is not UTF-8, the code is below zero.
 */
static size_t
character(const struct rj_repair *r, struct rj_str s, long *code, bool *legal)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n;

	*code = (unsigned char)s.s[0];
	*legal = rj_is_xml_char(*code);
	if (!r->utf8 || *code < 0x80)
		return 1;
	n = utf8proc_iterate((const utf8proc_uint8_t *)s.s,
	    (utf8proc_ssize_t)(s.n < 4 ? s.n : 4), &c);
	*legal = n > 0 && rj_is_xml_char(c);
	if (n < 0) {
		*code = -*code;
		return 1;
	}
	*code = c;
	return (size_t)n;
}

static bool
put(struct rj_repair *r, struct rj_buf *out, struct rj_str s)
{
	r->written += s.n;
	return rj_buf_add(out, s);
}

static bool
replace(struct rj_repair *r, struct rj_buf *out, const char *with)
{
	if (r->replaced++ == 0)
		r->first_line = r->line + 1;
	return put(r, out, rj_str(with));
}

static bool
show(struct rj_repair *r, struct rj_buf *out, long code)
{
	char text[24];

	if (code > 0xff)
		snprintf(text, sizeof(text), "\\u%04lx", (unsigned long)code);
	else
		snprintf(text, sizeof(text), "\\x%02lx", (unsigned long)code);
	return replace(r, out, text);
}

/* Where the markup goes on from here; returns the length that decided it. */
static size_t
next_state(struct rj_repair *r, struct rj_str s)
{
	static const struct {
		enum rj_repair_state from;
		const char *mark;
		enum rj_repair_state to;
	} moves[] = {
		{ RJ_IN_TEXT, "<![CDATA[", RJ_IN_CDATA },
		{ RJ_IN_TEXT, "<!--", RJ_IN_COMMENT },
		{ RJ_IN_TEXT, "<?", RJ_IN_PI },
		{ RJ_IN_TEXT, "<", RJ_IN_TAG },
		{ RJ_IN_TEXT_BEHIND_CDATA, "<![CDATA[", RJ_IN_CDATA },
		{ RJ_IN_TEXT_BEHIND_CDATA, "<!--", RJ_IN_COMMENT },
		{ RJ_IN_TEXT_BEHIND_CDATA, "<?", RJ_IN_PI },
		{ RJ_IN_TEXT_BEHIND_CDATA, "<", RJ_IN_TAG },
		{ RJ_IN_TAG, ">", RJ_IN_TEXT },
		{ RJ_IN_TAG, "\"", RJ_IN_VALUE },
		{ RJ_IN_TAG, "'", RJ_IN_VALUE },
		{ RJ_IN_CDATA, "]]>", RJ_IN_TEXT_BEHIND_CDATA },
		{ RJ_IN_COMMENT, "-->", RJ_IN_TEXT },
		{ RJ_IN_PI, "?>", RJ_IN_TEXT },
	};

	if (r->state == RJ_IN_VALUE) {
		if (s.s[0] != r->quote)
			return 0;
		r->state = RJ_IN_TAG;
		return 1;
	}
	for (size_t i = 0; i < sizeof(moves) / sizeof(*moves); i++) {
		struct rj_str mark = rj_str(moves[i].mark);

		if (moves[i].from != r->state || !rj_str_starts(s, mark))
			continue;
		r->state = moves[i].to;
		r->quote = mark.s[0];
		return mark.n;
	}
	return 0;
}

size_t
rj_repair(struct rj_repair *r, struct rj_str in, bool last, struct rj_buf *out)
{
	size_t at = 0;
	bool ok = true;

	while (ok && at < in.n && (last || in.n - at > LOOKAHEAD)) {
		struct rj_str s = rj_str_from(in, at);
		bool references = r->state != RJ_IN_CDATA &&
				  r->state != RJ_IN_COMMENT &&
				  r->state != RJ_IN_PI;
		bool legal;
		long code;
		size_t n = character(r, s, &code, &legal), mark;

		if (s.s[0] == '\n')
			r->line++;
		if (!legal) {
			r->bytes += code < 0;
			ok = show(r, out, code < 0 ? -code : code);
		} else if (references &&
			   (mark = illegal_reference(s, &code)) != 0) {
			n = mark;
			ok = show(r, out, code);
		} else if (r->state == RJ_IN_TEXT &&
			   rj_str_starts(s, RJ_STR("]]>"))) {
			n = 3;
			ok = replace(r, out, "]]&gt;");
		} else {
			if ((mark = next_state(r, s)) != 0)
				n = mark;
			ok = put(r, out, (struct rj_str){ s.s, n });
		}
		at += n;
	}
	return ok ? at : SIZE_MAX;
}
