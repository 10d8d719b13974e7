#include "json.h"

#include <stdio.h>
#include <string.h>

static void
put(struct rj_json *j, const char *s)
{
	rj_out_text(j->out, rj_str(s));
}

static void
put_string(struct rj_json *j, struct rj_str s)
{
	size_t done = 0;

	put(j, "\"");
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.s[i];
		char text[8];

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		if (c == '"' || c == '\\')
			snprintf(text, sizeof(text), "\\%c", c);
		else if (c == '\n')
			snprintf(text, sizeof(text), "\\n");
		else
			snprintf(text, sizeof(text), "\\u%04x", c);
		rj_out_text(j->out, (struct rj_str){ s.s + done, i - done });
		put(j, text);
		done = i + 1;
	}
	rj_out_text(j->out, (struct rj_str){ s.s + done, s.n - done });
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
