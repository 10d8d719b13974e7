#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

/* Copies what a terminal may show; what does not fit is left out whole. */
static void
copy_visible(char *out, size_t size, const char *in)
{
	size_t n = 0;

	while (*in) {
		utf8proc_int32_t c;
		utf8proc_ssize_t used =
		    utf8proc_iterate((const utf8proc_uint8_t *)in,
			(utf8proc_ssize_t)strlen(in), &c);
		char hex[16];

		if (used > 0 && c >= 0x20 && c != 0x7f &&
		    utf8proc_category(c) != UTF8PROC_CATEGORY_CC &&
		    utf8proc_category(c) != UTF8PROC_CATEGORY_CF) {
			memcpy(hex, in, (size_t)used);
			hex[used] = '\0';
		} else if (used > 0 && c > 0xff) {
			snprintf(hex, sizeof(hex), "\\u%04x", (unsigned int)c);
		} else {
			used = 1;
			snprintf(hex, sizeof(hex), "\\x%02x",
			    (unsigned int)(unsigned char)*in);
		}
		if (n + strlen(hex) + 1 > size)
			break;
		memcpy(out + n, hex, strlen(hex));
		n += strlen(hex);
		in += used;
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
rj_fail_memory(struct rejunit_error *err)
{
	return rj_fail(err, REJUNIT_MEMORY, "out of memory");
}
