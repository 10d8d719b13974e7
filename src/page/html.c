#include "page/html.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/duration.h"
#include "history/clock.h"
#include "investigate/causes.h"
#include "investigate/telling.h"

/* Bytes of a word, behind which a line may break: where it divides, or not. */
#define DIVIDED	  10
#define UNDIVIDED 48

void
rj_html(struct rj_out *out, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	rj_out_text(out, rj_str(text));
}

/* --- text of others ------------------------------------------------------ */

static const char *
entity_of(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void
put_escaped(struct rj_out *out, struct rj_str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		const char *entity = entity_of(s.s[i]);

		if (!entity)
			continue;
		rj_out_text(out, (struct rj_str){ s.s + from, i - from });
		rj_out_text(out, rj_str(entity));
		from = i + 1;
	}
	rj_out_text(out, rj_str_from(s, from));
}

static void
put_visible(struct rj_out *out, struct rj_str s)
{
	while (s.n) {
		char c[16];

		put_escaped(out, rj_str_visible(&s, c));
	}
}

static bool
divides(char c)
{
	return c && strchr("./:_-,;=&\\", c);
}

/* So much of a word that a line may break behind it. */
static size_t
part_of_word(struct rj_str s, bool *breaks)
{
	size_t n = 0;

	*breaks = false;
	while (n < s.n && !*breaks) {
		char c = s.s[n++];

		if (c == ' ')
			return n;
		/* not between two of them: "::" is one sign */
		*breaks = n >= (divides(c) && !(n < s.n && divides(s.s[n]))
				       ? DIVIDED
				       : UNDIVIDED);
	}
	/* not within a character; bytes that are none are cut anywhere */
	if (*breaks && rj_str_cut(s, n).n)
		n = rj_str_cut(s, n).n;
	return n;
}

static void
put_breakable(struct rj_out *out, struct rj_str s)
{
	while (s.n) {
		bool breaks;
		size_t n = part_of_word(s, &breaks);

		put_visible(out, (struct rj_str){ s.s, n });
		s = rj_str_from(s, n);
		if (breaks && s.n)
			rj_out_text(out, RJ_STR("<wbr>"));
	}
}

/* The end of a text, from a character on. */
static struct rj_str
end_of(struct rj_str s, size_t most)
{
	size_t at = s.n - most;

	while (at < s.n && ((unsigned char)s.s[at] & 0xc0) == 0x80)
		at++;
	return rj_str_from(s, at);
}

typedef void put_fn(struct rj_out *out, struct rj_str s);

static void
put_most(struct rj_out *out, struct rj_str s, size_t most, put_fn *put)
{
	struct rj_str head = s, tail = { NULL, 0 };

	if (s.n > most) {
		head = rj_str_cut(s, most / 2);
		tail = end_of(s, most / 2);
	}
	put(out, head);
	if (!tail.n)
		return;
	rj_html(
	    out, "<i> … %zu bytes are left out … </i>", s.n - head.n - tail.n);
	put(out, tail);
}

void
rj_html_text(struct rj_out *out, struct rj_str s, size_t most)
{
	rj_html(out, "<bdi>");
	put_most(out, s, most, put_breakable);
	rj_html(out, "</bdi>");
}

static void
put_each_line(struct rj_out *out, struct rj_str s)
{
	while (s.n) {
		size_t n = rj_str_find(s, RJ_STR("\n"));
		size_t end = n && s.s[n - 1] == '\r' ? n - 1 : n;

		put_visible(out, (struct rj_str){ s.s, end });
		if (n < s.n)
			rj_html(out, "\n");
		s = rj_str_from(s, n < s.n ? n + 1 : n);
	}
}

void
rj_html_lines(struct rj_out *out, struct rj_str s, size_t most)
{
	put_most(out, s, most, put_each_line);
}

void
rj_html_value(struct rj_out *out, struct rj_str s)
{
	put_visible(out, s);
}

void
rj_html_sentence(struct rj_out *out, struct rj_str s)
{
	while (s.n) {
		const char quotes[] = { RJ_QUOTE_BEGINS, RJ_QUOTE_ENDS };
		size_t from = rj_str_find(s, (struct rj_str){ quotes, 1 });
		size_t end;

		put_visible(out, (struct rj_str){ s.s, from });
		if (from == s.n)
			return;
		s = rj_str_from(s, from + 1);
		end = rj_str_find(s, (struct rj_str){ quotes + 1, 1 });
		rj_html(out, "<code>");
		rj_html_text(out, (struct rj_str){ s.s, end }, 400);
		rj_html(out, "</code>");
		s = rj_str_from(s, end < s.n ? end + 1 : end);
	}
}

/* Whole: half a command is none. */
void
rj_html_command(struct rj_out *out, struct rj_str s)
{
	rj_html(out, "<code class=\"cmd\">");
	put_breakable(out, s);
	rj_html(out, "</code>");
}

/* --- numbers ------------------------------------------------------------- */

static void
put_time(struct rj_out *out, int64_t at, size_t digits)
{
	char text[40];

	rj_clock_write(at, text);
	rj_html(out, "<time datetime=\"%.16sZ\">%.10s", text, text);
	if (digits > 10)
		rj_html(out, " %.5s", text + 11);
	rj_html(out, "</time>");
}

void
rj_html_day(struct rj_out *out, int64_t at)
{
	put_time(out, at, 10);
}

void
rj_html_minute(struct rj_out *out, int64_t at)
{
	put_time(out, at, 16);
}

void
rj_html_percent(struct rj_out *out, double share)
{
	char text[64];

	rj_percent(share, text);
	rj_html(out, "%s", text);
}

void
rj_html_seconds(struct rj_out *out, double seconds)
{
	char text[64];

	rj_digits(seconds, 3, text);
	rj_html(out, "%s s", text);
}

void
rj_html_count(struct rj_out *out, size_t n)
{
	if (n >= 1000) {
		rj_html_count(out, n / 1000);
		rj_html(out, "\u00a0%03zu", n % 1000);
	} else {
		rj_html(out, "%zu", n);
	}
}

/* --- addresses ----------------------------------------------------------- */

/* What may stand in an address; of one part of it, letters and a few alone. */
static bool
is_plain(char c, bool part)
{
	if (rj_is_word(c))
		return (unsigned char)c < 0x80;
	return strchr(part ? "-.~" : "-.~:/?#[]@!$()*+,;=%&", c) && c;
}

static bool
add_encoded(struct rj_buf *out, struct rj_str s, bool part)
{
	bool ok = true;

	for (size_t i = 0; i < s.n && ok; i++) {
		char code[4];

		snprintf(
		    code, sizeof(code), "%%%02X", (unsigned char)s.s[i] & 0xff);
		ok = rj_buf_add(out, is_plain(s.s[i], part)
					 ? (struct rj_str){ s.s + i, 1 }
					 : rj_str(code));
	}
	return ok;
}

void
rj_html_file(struct rj_out *out, struct rj_str name)
{
	struct rj_buf address = { 0 };

	if (add_encoded(&address, name, true))
		rj_out_text(out, rj_buf_str(&address));
	else
		rj_out_fail(out, rj_fail_memory(out->err));
	rj_buf_free(&address);
}

size_t
rj_web_scheme(struct rj_str s)
{
	return rj_str_ieq(rj_str_cut(s, 7), RJ_STR("http://"))	  ? 7
	       : rj_str_ieq(rj_str_cut(s, 8), RJ_STR("https://")) ? 8
								  : 0;
}

bool
rj_run_address(struct rj_buf *out, struct rj_str pattern,
    struct rj_str recorded, struct rj_str run)
{
	const struct rj_str place = RJ_STR("{run}");
	struct rj_str rest = pattern.n ? pattern : recorded;
	bool ok = true;

	if (!rj_web_scheme(rest))
		return true;
	while (rest.n && ok) {
		size_t at = pattern.n ? rj_str_find(rest, place) : rest.n;

		ok = add_encoded(out, (struct rj_str){ rest.s, at }, false) &&
		     (at == rest.n || add_encoded(out, run, true));
		rest = rj_str_from(rest, at < rest.n ? at + place.n : at);
	}
	return ok;
}
