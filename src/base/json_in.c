#include "base/json_in.h"

#include <utf8proc.h>

static bool
fail(struct rj_json_in *j, const char *wrong)
{
	if (!j->wrong)
		j->wrong = wrong;
	return false;
}

/* The next character, behind white space; NUL at the end. */
static char
next(struct rj_json_in *j)
{
	while (j->at < j->text.n && rj_is_blank(j->text.s[j->at]))
		j->at++;
	return j->at < j->text.n && !j->wrong ? j->text.s[j->at] : '\0';
}

char
rj_json_peek(struct rj_json_in *j)
{
	char c = next(j);

	return c == '-' || (c >= '0' && c <= '9') ? '0' : c;
}

static bool
take(struct rj_json_in *j, char c, const char *wrong)
{
	if (next(j) != c)
		return fail(j, wrong);
	j->at++;
	return true;
}

bool
rj_json_enter(struct rj_json_in *j, char bracket)
{
	if (j->depth == RJ_JSON_DEPTH)
		return fail(j, "values are nested too deeply");
	if (!take(j, bracket,
		bracket == '{' ? "an object is wanted" : "an array is wanted"))
		return false;
	j->begun[j->depth++] = false;
	return true;
}

/* --- strings ------------------------------------------------------------- */

/* Four hexadecimal digits; -1: they are none. */
static long
hex(const char *s)
{
	long n = 0;

	for (int i = 0; i < 4; i++) {
		const char *digit =
		    s[i] ? strchr("0123456789abcdefABCDEF", s[i]) : NULL;
		long value;

		if (!digit)
			return -1;
		value = digit - "0123456789abcdefABCDEF";
		n = n * 16 + (value > 15 ? value - 6 : value);
	}
	return n;
}

/* Appends what a \u stands for, from behind it; returns what it takes up. */
static size_t
add_code(struct rj_buf *out, struct rj_str s, bool *ok)
{
	long code = s.n >= 4 ? hex(s.s) : -1, low;
	utf8proc_uint8_t utf8[4];
	size_t used = 4;

	if (code >= 0xd800 && code < 0xdc00 && s.n >= 10 && s.s[4] == '\\' &&
	    s.s[5] == 'u' && (low = hex(s.s + 6)) >= 0xdc00 && low < 0xe000) {
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		used = 10;
	}
	if (code < 0)
		return 0;
	/* half a pair, or a NUL, which no string can hold */
	if ((code >= 0xd800 && code < 0xe000) || code == 0)
		code = 0xfffd;
	*ok = rj_buf_add(out,
	    (struct rj_str){ (const char *)utf8,
		(size_t)utf8proc_encode_char((utf8proc_int32_t)code, utf8) });
	return used;
}

/* Resolves the escapes of a string that has no mistakes beside them. */
static bool
unescape(struct rj_json_in *j, struct rj_str raw, struct rj_buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	bool ok = true;

	while (raw.n && ok) {
		const char *back = memchr(raw.s, '\\', raw.n), *known;
		size_t n = back ? (size_t)(back - raw.s) : raw.n;

		ok = rj_buf_add(out, (struct rj_str){ raw.s, n });
		raw = rj_str_from(raw, n);
		if (!raw.n || !ok)
			continue;
		known = raw.n > 1 && raw.s[1] ? strchr(from, raw.s[1]) : NULL;
		if (raw.n > 1 && raw.s[1] == 'u') {
			n = add_code(out, rj_str_from(raw, 2), &ok);
			if (n == 0)
				return fail(j, "an escape is none");
			raw = rj_str_from(raw, n + 2);
		} else if (known) {
			ok = rj_buf_add(
			    out, (struct rj_str){ to + (known - from), 1 });
			raw = rj_str_from(raw, 2);
		} else {
			return fail(j, "an escape is none");
		}
	}
	if (!ok)
		j->no_memory = true;
	return ok || fail(j, "out of memory");
}

/* What stands between the quotes; *escapes: some of it is escaped. */
static bool
raw_string(struct rj_json_in *j, struct rj_str *raw, bool *escapes)
{
	size_t from;

	*escapes = false;
	if (!take(j, '"', "a string is wanted"))
		return false;
	from = j->at;
	while (j->at < j->text.n && j->text.s[j->at] != '"') {
		const char *s = j->text.s + j->at;
		utf8proc_ssize_t n = (utf8proc_ssize_t)(j->text.n - j->at);
		utf8proc_int32_t code;

		if ((unsigned char)*s < 0x20)
			return fail(j, "a control character in a string");
		n = utf8proc_iterate(
		    (const utf8proc_uint8_t *)s, n < 4 ? n : 4, &code);
		if (n < 1)
			return fail(j, "bytes that are not UTF-8");
		if (*s == '\\') {
			*escapes = true;
			/* what is escaped is looked at in its turn */
			if (j->at + 1 < j->text.n && s[1] > ' ')
				n++;
		}
		j->at += (size_t)n;
	}
	if (j->at >= j->text.n) {
		j->at = j->text.n;
		return fail(j, "a string has no end");
	}
	*raw = (struct rj_str){ j->text.s + from, j->at++ - from };
	return true;
}

bool
rj_json_text(struct rj_json_in *j, struct rj_str *out)
{
	struct rj_buf text = { 0 };
	struct rj_str raw = { NULL, 0 };
	bool escapes, ok;

	if (!raw_string(j, &raw, &escapes))
		return false;
	if (!escapes) {
		*out = raw;
		return true;
	}
	ok = unescape(j, raw, &text);
	if (ok && !rj_alloc_str(j->arena, rj_buf_str(&text), out)) {
		j->no_memory = true;
		ok = fail(j, "out of memory");
	}
	if (ok && !out->s)
		*out = RJ_STR("");
	rj_buf_free(&text);
	return ok;
}

/* --- the rest ------------------------------------------------------------ */

static size_t
digits(struct rj_str s)
{
	size_t n = 0;

	while (n < s.n && s.s[n] >= '0' && s.s[n] <= '9')
		n++;
	return n;
}

bool
rj_json_digits(struct rj_json_in *j, struct rj_str *out)
{
	struct rj_str s;
	size_t n, more;

	(void)next(j);
	s = rj_str_from(j->text, j->at);
	n = s.n && s.s[0] == '-';
	more = digits(rj_str_from(s, n));
	if (j->wrong || more == 0 || (more > 1 && s.s[n] == '0'))
		return fail(j, "a number is wanted");
	n += more;
	if (n < s.n && s.s[n] == '.') {
		more = digits(rj_str_from(s, n + 1));
		if (more == 0)
			return fail(j, "a number is wanted");
		n += 1 + more;
	}
	if (n < s.n && (s.s[n] == 'e' || s.s[n] == 'E')) {
		n++;
		n += n < s.n && (s.s[n] == '+' || s.s[n] == '-');
		more = digits(rj_str_from(s, n));
		if (more == 0)
			return fail(j, "a number is wanted");
		n += more;
	}
	*out = (struct rj_str){ s.s, n };
	j->at += n;
	return true;
}

bool
rj_json_member(struct rj_json_in *j, struct rj_str *key)
{
	bool *begun;
	char c = next(j);

	if (j->wrong || j->depth == 0)
		return false;
	begun = &j->begun[j->depth - 1];
	if (c == (key ? '}' : ']')) {
		j->at++;
		j->depth--;
		return false;
	}
	if (*begun && !take(j, ',', "a comma is missing"))
		return false;
	*begun = true;
	return !key ||
	       (rj_json_text(j, key) && take(j, ':', "a colon is missing"));
}

static bool
word(struct rj_json_in *j, struct rj_str word)
{
	if (!rj_str_starts(rj_str_from(j->text, j->at), word))
		return fail(j, "a value is wanted");
	j->at += word.n;
	return true;
}

bool
rj_json_skip(struct rj_json_in *j)
{
	struct rj_str key;

	switch (rj_json_peek(j)) {
	case '"':
		/* its escapes have to be some */
		return rj_json_text(j, &key);
	case '0':
		return rj_json_digits(j, &key);
	case 'n':
		return word(j, RJ_STR("null"));
	case 't':
		return word(j, RJ_STR("true"));
	case 'f':
		return word(j, RJ_STR("false"));
	case '{':
		if (!rj_json_enter(j, '{'))
			return false;
		while (rj_json_member(j, &key))
			if (!rj_json_skip(j))
				return false;
		return !j->wrong;
	case '[':
		if (!rj_json_enter(j, '['))
			return false;
		while (rj_json_member(j, NULL))
			if (!rj_json_skip(j))
				return false;
		return !j->wrong;
	default:
		return fail(j, "a value is wanted");
	}
}

bool
rj_json_end(struct rj_json_in *j)
{
	if (next(j) != '\0')
		return fail(j, "more stands behind the value");
	return !j->wrong;
}
