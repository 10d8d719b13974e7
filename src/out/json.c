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

/* Takes the next part off a string, as JSON wants it; an escape is in text. */
static struct rj_str
next_part(struct rj_str *s, char text[8])
{
	size_t n = plain(*s);
	struct rj_str part = { s->s, n };
	unsigned char c = (unsigned char)s->s[0];
	utf8proc_int32_t code;
	utf8proc_ssize_t more;

	if (n == 0) {
		more = utf8proc_iterate((const utf8proc_uint8_t *)s->s,
		    (utf8proc_ssize_t)(s->n < 4 ? s->n : 4), &code);
		n = more > 0 ? (size_t)more : 1;
		part.n = n;
		*text = '\0';
		if (more <= 0)
			snprintf(text, 8, "\\ufffd"); /* of a path, say */
		else if (c == '"' || c == '\\')
			snprintf(text, 8, "\\%c", c);
		else if (c == '\n')
			snprintf(text, 8, "\\n");
		else if (c < 0x20 || c == 0x7f)
			snprintf(text, 8, "\\u%04x", c);
		if (*text)
			part = rj_str(text);
	}
	*s = rj_str_from(*s, n);
	return part;
}

static void
put_string(struct rj_json *j, struct rj_str s)
{
	char text[8];

	put(j, "\"");
	while (s.n)
		rj_out_text(j->out, next_part(&s, text));
	put(j, "\"");
}

bool
rj_json_quote(struct rj_buf *out, struct rj_str s)
{
	char text[8];
	bool ok = rj_buf_add(out, RJ_STR("\""));

	while (s.n && ok)
		ok = rj_buf_add(out, next_part(&s, text));
	return ok && rj_buf_add(out, RJ_STR("\""));
}

static void
end_line(struct rj_json *j)
{
	if (j->on_one_line)
		return;
	put(j, "\n");
	for (int i = 0; i < j->depth; i++)
		put(j, "  ");
}

static void
begin(struct rj_json *j, const char *key)
{
	if (!j->first)
		put(j, ",");
	j->first = false;
	if (j->depth)
		end_line(j);
	if (key) {
		put_string(j, rj_str(key));
		put(j, j->on_one_line ? ":" : ": ");
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
	if (!j->first)
		end_line(j);
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
rj_json_value(struct rj_json *j, const char *key, struct rj_str json)
{
	begin(j, key);
	rj_out_text(j->out, json);
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
