#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"

struct terminal
terminal_on(FILE *to)
{
	struct terminal t = { .to = to };
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size;

	if (!isatty(fileno(to)))
		return t;
	t.colour =
	    !(no_colour && *no_colour) && term && strcmp(term, "dumb") != 0;
	t.width = 80;
	if (ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		t.width = size.ws_col;
	return t;
}

void
colour(const struct terminal *t, const char *code)
{
	if (t->colour)
		fprintf(t->to, "\033[%sm", code);
}

static int
text_width(const char *s)
{
	const char *end = s + strlen(s);
	int width = 0;

	while (s < end) {
		char c[16];
		int columns;

		s += rejunit_visible(s, (size_t)(end - s), c, &columns);
		width += columns;
	}
	return width;
}

void
print_text(const struct terminal *t, const char *s, int width)
{
	int over = width > 0 ? text_width(s) - width : 0;
	const char *end = s + strlen(s);

	/* the end of an id tells it from its neighbours */
	if (over > 0) {
		fputs("\xe2\x80\xa6", t->to);
		over++;
	}
	while (s < end) {
		char c[16];
		int columns;

		s += rejunit_visible(s, (size_t)(end - s), c, &columns);
		if (over > 0)
			over -= columns;
		else
			fputs(c, t->to);
	}
}

void
print_start(const struct terminal *t, const char *s, int width)
{
	bool cut = width > 0 && text_width(s) > width;
	const char *end = s + strlen(s);
	int left = cut ? width - 1 : 0;

	while (s < end) {
		char c[16];
		int columns;

		s += rejunit_visible(s, (size_t)(end - s), c, &columns);
		left -= cut ? columns : 0;
		if (left < 0)
			break;
		fputs(c, t->to);
	}
	fputs(cut ? "\xe2\x80\xa6" : "", t->to);
}

/*
 * Of anything like scheme://user:password@host, what stands between the first
 * colon and the last "@" may be one; of password=x, what is behind it.
 */
void
hide_secrets(const char *s, char *out, size_t room)
{
	const char *scheme = strstr(s, "://"), *at, *colon;
	const char *named = strstr(s, "password=");

	snprintf(out, room, "%s", s);
	if (strncasecmp(s, "postgres", 8) != 0 && !named)
		return;
	at = scheme ? strrchr(scheme, '@') : NULL;
	colon = at ? strchr(scheme + 3, ':') : NULL;
	if (colon && colon < at)
		snprintf(out, room, "%.*s:***%s", (int)(colon - s), s, at);
	named = strstr(out, "password=");
	if (named && room > (size_t)(named - out) + 13)
		snprintf(out + (named - out) + 9, 4, "***");
}

static void
print_prefix(const struct terminal *t)
{
	fputs(t->colour ? "\033[1mrejunit:\033[0m " : "rejunit: ", t->to);
}

void
print_error(const struct rejunit_error *err)
{
	struct terminal t = terminal_on(stderr);

	print_prefix(&t);
	if (err->file[0]) {
		char file[sizeof(err->file)];

		hide_secrets(err->file, file, sizeof(file));
		print_text(&t, file, 0);
		if (err->line)
			fprintf(stderr, ":%lu:%lu", err->line, err->column);
		fputs(": ", stderr);
	} else if (err->status == REJUNIT_OUTPUT) {
		fputs("standard output: ", stderr);
	}
	print_text(&t, err->message, 0);
	fputc('\n', stderr);
}

void
print_usage_error(const struct command *c, const char *fmt, ...)
{
	struct terminal t = terminal_on(stderr);
	char text[512];
	const char *address, *named;
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	print_prefix(&t);
	/* of what was typed, an address may have a password in it */
	address = strstr(text, "://");
	named = strstr(text, "password=");
	if (address || named) {
		size_t n = strcspn(text, "\":");

		if (named && (size_t)(named - text) + 9 < n)
			n = (size_t)(named - text) + 9;
		/* there has to be room for the end */
		if (n > sizeof(text) - 4)
			n = sizeof(text) - 4;
		snprintf(text + n, sizeof(text) - n, "...");
	}
	print_text(&t, text, 0);
	fprintf(stderr, "\nTry 'rejunit %s%s--help'.\n", c ? c->name : "",
	    c ? " " : "");
}
