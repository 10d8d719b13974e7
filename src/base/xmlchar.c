#include "base/xmlchar.h"

#include <string.h>

bool
rj_is_xml_char(long c)
{
	return c == '\t' || c == '\n' || c == '\r' ||
	       (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
	       (c >= 0x10000 && c <= 0x10ffff);
}

size_t
rj_char_reference(struct rj_str s, long *code)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	int base = 10;
	size_t i = 2;

	if (!rj_str_starts(s, RJ_STR("&#")))
		return 0;
	if (i < s.n && s.s[i] == 'x') {
		base = 16;
		i++;
	}
	for (*code = 0; i < s.n && s.s[i] != ';'; i++) {
		const char *d = s.s[i] ? strchr(digits, s.s[i]) : NULL;

		if (!d || (d - digits) % 16 >= base)
			return 0;
		*code = *code * base + (d - digits) % 16;
		if (*code > RJ_BEYOND)
			*code = RJ_BEYOND;
	}
	return i < s.n ? i + 1 : 0;
}
