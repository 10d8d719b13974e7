#include "out/json.h"

#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

#include "base/duration.h"

static void
put(struct rj_json *j, const char *s)
{
	rj_out_text(j->out, rj_str(s));
}

/* One character of a string, as JSON wants it; returns its bytes in s. */
static size_t
put_character(struct rj_json *j, struct rj_str s)
{
	unsigned char c = (unsigned char)s.s[0];
	utf8proc_int32_t code;
	utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.s,
	    (utf8proc_ssize_t)(s.n < 4 ? s.n : 4), &code);
	char text[8] = "";

	if (n <= 0)
		snprintf(text, sizeof(text), "\\ufffd"); /* of a path, say */
	else if (c == '"' || c == '\\')
		snprintf(text, sizeof(text), "\\%c", c);
	else if (c == '\n')
		snprintf(text, sizeof(text), "\\n");
	else if (c < 0x20 || c == 0x7f)
		snprintf(text, sizeof(text), "\\u%04x", c);
	else
		rj_out_text(j->out, (struct rj_str){ s.s, (size_t)n });
	put(j, text);
	return n > 0 ? (size_t)n : 1;
}

/* How much stands in JSON as it is. */
static size_t
plain(struct rj_str s)
{
	size_t n = 0;

	while (n < s.n && s.s[n] >= ' ' && s.s[n] <= '~' && s.s[n] != '"' &&
	       s.s[n] != '\\')
		n++;
	return n;
}

static void
put_string(struct rj_json *j, struct rj_str s)
{
	put(j, "\"");
	while (s.n) {
		size_t n = plain(s);

		rj_out_text(j->out, (struct rj_str){ s.s, n });
		s = rj_str_from(s, n);
		n = s.n ? put_character(j, s) : 0;
		s = rj_str_from(s, n);
	}
	put(j, "\"");
}

static void
begin(struct rj_json *j, const char *key)
{
	if (!j->first)
		put(j, ",");
	j->first = false;
	if (j->depth)
		put(j, "\n");
	for (int i = 0; i < j->depth; i++)
		put(j, "  ");
	if (key) {
		put_string(j, rj_str(key));
		put(j, ": ");
	}
}

void
rj_json_open(struct rj_json *j, const char *key, char bracket)
{
	char text[2] = { bracket, '\0' };

	if (j->depth == 0)
		j->first = true;
	begin(j, key);
	put(j, text);
	j->depth++;
	j->first = true;
}

void
rj_json_close(struct rj_json *j, char bracket)
{
	char text[2] = { bracket, '\0' };

	j->depth--;
	if (!j->first) {
		put(j, "\n");
		for (int i = 0; i < j->depth; i++)
			put(j, "  ");
	}
	j->first = false;
	put(j, text);
	if (j->depth == 0)
		put(j, "\n");
}

void
rj_json_bool(struct rj_json *j, const char *key, bool b)
{
	begin(j, key);
	put(j, b ? "true" : "false");
}

void
rj_json_decimal(struct rj_json *j, const char *key, double value)
{
	char text[64];

	begin(j, key);
	rj_decimal(value, 6, text);
	put(j, text);
}

void
rj_json_number(struct rj_json *j, const char *key, unsigned long n)
{
	char text[32];

	begin(j, key);
	snprintf(text, sizeof(text), "%lu", n);
	put(j, text);
}

void
rj_json_string(struct rj_json *j, const char *key, struct rj_str s)
{
	if (!s.s)
		return;
	begin(j, key);
	put_string(j, s);
}
