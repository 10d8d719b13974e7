#include "list/signature.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PATH_PARTS 2 /* of a path, what does not depend on the checkout */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
span(struct rj_str s, bool (*is)(char))
{
	size_t n = 0;

	while (n < s.n && is(s.s[n]))
		n++;
	return n;
}

/* --- the message --------------------------------------------------------- */

static struct rj_str
next_line(struct rj_str *rest)
{
	const char *end = rest->n ? memchr(rest->s, '\n', rest->n) : NULL;
	struct rj_str line = { rest->s,
		end ? (size_t)(end - rest->s) : rest->n };

	*rest = rj_str_from(*rest, line.n + (end ? 1 : 0));
	while (line.n && strchr(" \t\r", line.s[line.n - 1]))
		line.n--;
	while (line.n && strchr(" \t\r", line.s[0]))
		line = rj_str_from(line, 1);
	return line;
}

/* "file.cc:8" and the like: where, but not what. */
static bool
is_only_a_place(struct rj_str line)
{
	const char *colon = line.n ? memchr(line.s, ':', line.n) : NULL;

	return colon && !memchr(line.s, ' ', line.n) && colon > line.s &&
	       memchr(line.s, '.', (size_t)(colon - line.s)) &&
	       colon + 1 < line.s + line.n && is_digit(colon[1]);
}

/* "Failed", which every failure has done. */
static bool
is_only_a_word(struct rj_str line)
{
	return rj_str_ieq(line, RJ_STR("failed")) ||
	       rj_str_ieq(line, RJ_STR("error"));
}

struct rj_str
rj_first_line(struct rj_str s)
{
	struct rj_str line = { "", 0 }, found = line;

	while (s.n &&
	       (line.n == 0 || is_only_a_place(line) || is_only_a_word(line))) {
		line = next_line(&s);
		if (line.n)
			found = line;
	}
	return found;
}

/* "ATest::testX", and perhaps which data it had: PHPUnit says so first. */
static bool
is_only_a_name(struct rj_str line)
{
	return rj_str_find(line, RJ_STR("::")) < line.n &&
	       (rj_str_find(line, RJ_STR(" ")) == line.n ||
		   rj_str_find(line, RJ_STR(" with data set ")) < line.n);
}

/* What Go's test logged last before it failed: "a_test.go:15: want 1". */
static struct rj_str
last_logged(struct rj_str trace)
{
	const struct rj_str place = RJ_STR(".go:");
	struct rj_str found = { "", 0 };

	while (trace.n) {
		struct rj_str line = next_line(&trace);
		size_t at = rj_str_find(line, place) + place.n;

		if (rj_str_starts(line, RJ_STR("--- FAIL")))
			break;
		if (at < line.n && is_digit(line.s[at]))
			found = line;
	}
	return found;
}

struct rj_str
rj_what_failed(struct rj_str message, struct rj_str trace)
{
	struct rj_str said = rj_first_line(message), rest = trace, line;

	if (said.n && !is_only_a_word(said))
		return said;
	if (rj_str_starts(trace, RJ_STR("=== "))) {
		line = last_logged(trace);
	} else {
		line = next_line(&rest);
		line = rj_first_line(is_only_a_name(line) ? rest : trace);
	}
	return line.n ? line : said;
}

/* Without a message, the first two lines of the trace say what failed. */
static bool
mask_message(struct rj_buf *out, rj_mask_fn *mask, struct rj_str message,
    struct rj_str trace)
{
	struct rj_str line = rj_first_line(message);
	int lines = 0;

	if (line.n && !is_only_a_word(line))
		return mask(out, line);
	while (trace.n && lines < 2) {
		line = next_line(&trace);
		if (line.n && ++lines &&
		    (!mask(out, line) || !rj_buf_add(out, RJ_STR("\n"))))
			return false;
	}
	return true;
}

/* --- the trace ----------------------------------------------------------- */

static bool
is_path(char c)
{
	return rj_is_word(c) || c == '/' || c == '\\' || c == '.' || c == '-' ||
	       c == '+' || c == '@';
}

/* Not of the project: what came with the language or was installed. */
static bool
is_foreign(struct rj_str line)
{
	const struct rj_str marks[] = { RJ_STR("site-packages"),
		RJ_STR("dist-packages"), RJ_STR("node_modules"),
		RJ_STR("node:"), RJ_STR("/usr/lib"), RJ_STR("/usr/local/"),
		RJ_STR("<frozen"), RJ_STR("/lib/python"), RJ_STR(" java."),
		RJ_STR(" javax."), RJ_STR(" jdk."), RJ_STR(" sun."),
		RJ_STR(" org.junit."), RJ_STR(" org.testng."),
		RJ_STR(" org.apache.maven."), RJ_STR("/gems/"),
		RJ_STR("/go/src/"), RJ_STR("/rustc/"), RJ_STR("internal/") };

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (rj_str_find(line, marks[i]) < line.n)
			return true;
	return false;
}

/* The place in a line: a path with an ending, a colon or `", line `, digits. */
static struct rj_str
place_in(struct rj_str line)
{
	for (size_t at = 0; at < line.n;) {
		struct rj_str path = rj_str_from(line, at);
		struct rj_str rest;
		size_t n = span(path, is_path);
		const char *dot;

		if (n == 0) {
			at++;
			continue;
		}
		path.n = n;
		rest = rj_str_from(line, at + n);
		at += n;
		dot = memchr(path.s, '.', path.n);
		if (!dot || dot == path.s || is_digit(path.s[0]) ||
		    is_digit(path.s[path.n - 1]))
			continue;
		if ((rest.n > 1 && rest.s[0] == ':' && is_digit(rest.s[1])) ||
		    rj_str_starts(rest, RJ_STR("\", line ")))
			return path;
	}
	return (struct rj_str){ NULL, 0 };
}

/* The function that a frame names: "in f", "at f(", "in `f'". */
static struct rj_str
function_in(struct rj_str line)
{
	const struct rj_str marks[] = { RJ_STR("at "), RJ_STR(", in "),
		RJ_STR(":in `"), RJ_STR(":in '") };

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		size_t end = rj_str_find(line, marks[i]) + marks[i].n;
		struct rj_str f;
		size_t n = 0;

		if (end >= line.n)
			continue;
		f = rj_str_from(line, end);
		while (n < f.n && !strchr(" (`'\t", f.s[n]))
			n++;
		return (struct rj_str){ f.s, n };
	}
	return (struct rj_str){ NULL, 0 };
}

struct rj_str
rj_own_frame(struct rj_str trace, struct rj_str *function)
{
	struct rj_str found = { NULL, 0 };

	*function = found;
	while (trace.n) {
		struct rj_str line = next_line(&trace);
		struct rj_str place = place_in(line);
		/* " at" lines, as they are stripped, go from the inside out */
		bool inside_out = rj_str_starts(line, RJ_STR("at "));

		if (!place.s || is_foreign(line) || (found.s && inside_out))
			continue;
		found = place;
		*function = function_in(line);
	}
	return found;
}

static struct rj_str
path_end(struct rj_str path)
{
	size_t at = path.n;

	if (!path.s)
		return path;
	for (int parts = 0; at > 0; at--)
		if ((path.s[at - 1] == '/' || path.s[at - 1] == '\\') &&
		    ++parts == PATH_PARTS)
			break;
	return rj_str_from(path, at);
}

/* --- the whole ----------------------------------------------------------- */

static uint64_t
digest(struct rj_str s)
{
	uint64_t sum = 14695981039346656037u;

	for (size_t i = 0; i < s.n; i++)
		sum = (sum ^ (unsigned char)s.s[i]) * 1099511628211u;
	return sum;
}

bool
rj_signature(int version, struct rj_str type, struct rj_str message,
    struct rj_str trace, char out[RJ_SIGNATURE_SIZE])
{
	rj_mask_fn *mask = version == 1 ? rj_mask_v1 : rj_mask_v2;
	struct rj_str function, frame = rj_own_frame(trace, &function);
	struct rj_buf text = { 0 };
	bool ok;

	/* these stand where the producer had no type */
	if (rj_str_eq(type, RJ_STR("failure")) ||
	    rj_str_eq(type, RJ_STR("error")))
		type.n = 0;
	ok = mask(&text, type) && rj_buf_add(&text, RJ_STR("\n")) &&
	     mask_message(&text, mask, message, trace) &&
	     rj_buf_add(&text, RJ_STR("\n")) && mask(&text, path_end(frame)) &&
	     rj_buf_add(&text, RJ_STR("\n")) && mask(&text, function);
	if (ok)
		snprintf(out, RJ_SIGNATURE_SIZE, "v%d:%016llx", version,
		    (unsigned long long)digest(rj_buf_str(&text)));
	rj_buf_free(&text);
	return ok;
}

bool
rj_is_signature(struct rj_str s)
{
	if (s.n != RJ_SIGNATURE_SIZE - 1 || s.s[0] != 'v' ||
	    (s.s[1] != '1' && s.s[1] != '2') || s.s[2] != ':')
		return false;
	for (size_t i = 3; i < s.n; i++)
		if (!is_digit(s.s[i]) && (s.s[i] < 'a' || s.s[i] > 'f'))
			return false;
	return true;
}
