#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

#include "rejunit.h"

/* Control characters, invisible ones, line ends and what is no character. */
static bool
is_hidden(utf8proc_int32_t c)
{
	switch (utf8proc_category(c)) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_CN:
		return true;
	default:
		return false;
	}
}

size_t
rejunit_visible(const char *s, size_t size, char out[16], int *columns)
{
	utf8proc_int32_t c;
	utf8proc_ssize_t n;

	int unasked;

	if (!columns)
		columns = &unasked;
	*columns = 0;
	if (out)
		out[0] = '\0';
	if (size == 0 || !s || !out)
		return 0;
	/* most are of this kind */
	if (*s >= ' ' && *s <= '~') {
		out[0] = *s;
		out[1] = '\0';
		*columns = 1;
		return 1;
	}
	n = utf8proc_iterate((const utf8proc_uint8_t *)s,
	    (utf8proc_ssize_t)(size < 4 ? size : 4), &c);

	if (n <= 0) {
		c = (unsigned char)*s;
		n = 1;
	} else if (!is_hidden(c)) {
		memcpy(out, s, (size_t)n);
		out[n] = '\0';
		*columns = utf8proc_charwidth(c);
		return (size_t)n;
	}
	snprintf(out, 16, c > 0xff ? "\\u%04x" : "\\x%02x", (unsigned int)c);
	*columns = (int)strlen(out);
	return (size_t)n;
}
