#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Copies what a terminal may show; what does not fit is left out whole. */
static void
copy_visible(char *out, size_t size, const char *in)
{
	size_t n = 0, left = strlen(in);

	while (left) {
		char c[16];
		int columns;
		size_t used = rejunit_visible(in, left, c, &columns);

		if (n + strlen(c) + 1 > size)
			break;
		memcpy(out + n, c, strlen(c));
		n += strlen(c);
		in += used;
		left -= used;
	}
	out[n] = '\0';
}

static void
fill(struct rejunit_error *err, enum rejunit_status status, const char *file,
    unsigned long line, unsigned long column, const char *fmt, va_list args)
{
	char text[sizeof(err->message)];

	if (!err)
		return;
	vsnprintf(text, sizeof(text), fmt, args);
	*err = (struct rejunit_error){
		.status = status, .line = line, .column = column
	};
	copy_visible(err->message, sizeof(err->message), text);
	if (file) {
		size_t n = strlen(file), most = sizeof(err->file) / 4 - 1;

		/* the end of a long path says more than its beginning */
		copy_visible(err->file, sizeof(err->file),
		    n > most ? file + n - most : file);
	}
}

enum rejunit_status
rj_fail(
    struct rejunit_error *err, enum rejunit_status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fill(err, status, NULL, 0, 0, fmt, args);
	va_end(args);
	return status;
}

enum rejunit_status
rj_fail_at(struct rejunit_error *err, enum rejunit_status status,
    const char *file, unsigned long line, unsigned long column, const char *fmt,
    ...)
{
	va_list args;

	va_start(args, fmt);
	fill(err, status, file, line, column, fmt, args);
	va_end(args);
	return status;
}

enum rejunit_status
rj_fail_in(
    struct rejunit_error *err, enum rejunit_status status, const char *file)
{
	if (status != REJUNIT_OUTPUT || !err || err->file[0])
		return status;
	return rj_fail_at(err, status, file, 0, 0, "%s", err->message);
}

enum rejunit_status
rj_fail_memory(struct rejunit_error *err)
{
	return rj_fail(err, REJUNIT_MEMORY, "out of memory");
}

enum rejunit_status
rj_need(bool given, const char *what, struct rejunit_error *err)
{
	if (given)
		return REJUNIT_OK;
	return rj_fail(err, REJUNIT_USAGE, "called without %s", what);
}

enum rejunit_status
rj_fail_errno(struct rejunit_error *err, enum rejunit_status status,
    const char *file, const char *what)
{
	char why[128];

	/* the portable one: 0 for success, and no static buffer */
	if (strerror_r(errno, why, sizeof(why)) != 0)
		snprintf(why, sizeof(why), "error %d", errno);
	return rj_fail_at(err, status, file, 0, 0, "%s: %s", what, why);
}
