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

/* Steps over what stands in the report, as it stands there. */
static void
step_over(struct rj_repair *r, struct rj_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		enum rj_inside_of before = r->inside.of;

		r->line += s.s[i] == '\n';
		rj_inside_step(&r->inside, s.s[i]);
		if (r->inside.of != before)
			r->behind_cdata = before == RJ_IN_CDATA;
	}
}

static bool
has_references(const struct rj_repair *r)
{
	return r->inside.of == RJ_IN_TEXT || r->inside.of == RJ_IN_TAG ||
	       r->inside.of == RJ_IN_VALUE;
}

size_t
rj_repair(struct rj_repair *r, struct rj_str in, bool last, struct rj_buf *out)
{
	size_t at = 0;
	bool ok = true;

	while (ok && at < in.n && (last || in.n - at > LOOKAHEAD)) {
		struct rj_str s = rj_str_from(in, at);
		bool legal;
		long code;
		size_t n = character(r, s, &code, &legal), longer;

		if (!legal) {
			r->bytes += code < 0;
			ok = show(r, out, code < 0 ? -code : code);
		} else if (has_references(r) &&
			   (longer = illegal_reference(s, &code)) != 0) {
			n = longer;
			ok = show(r, out, code);
		} else if (r->inside.of == RJ_IN_TEXT && !r->behind_cdata &&
			   rj_str_starts(s, RJ_STR("]]>"))) {
			n = 3;
			ok = replace(r, out, "]]&gt;");
		} else {
			ok = put(r, out, (struct rj_str){ s.s, n });
		}
		step_over(r, (struct rj_str){ s.s, n });
		at += n;
	}
	return ok ? at : SIZE_MAX;
}
