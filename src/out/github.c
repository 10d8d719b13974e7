#include "out/github.h"

#include <stdio.h>

void
rj_github_text(struct rj_out *o, struct rj_str s, bool property)
{
	for (size_t at = 0; at < s.n;) {
		char c[16], text[8];
		int columns;

		at += rejunit_visible(s.s + at, s.n - at, c, &columns);
		if (c[0] == '%' || (property && (c[0] == ':' || c[0] == ','))) {
			snprintf(text, sizeof(text), "%%%02X",
			    (unsigned int)(unsigned char)c[0]);
			rj_out_text(o, rj_str(text));
		} else {
			rj_out_text(o, rj_str(c));
		}
	}
}

void
rj_github_begin(
    struct rj_out *o, const char *level, struct rj_str file, const char *title)
{
	rj_out_text(o, RJ_STR("::"));
	rj_out_text(o, rj_str(level));
	rj_out_text(o, RJ_STR(" "));
	if (file.n) {
		rj_out_text(o, RJ_STR("file="));
		rj_github_text(o, file, true);
		rj_out_text(o, RJ_STR(","));
	}
	rj_out_text(o, RJ_STR("title="));
	rj_out_text(o, rj_str(title));
}

void
rj_github_more(
    struct rj_out *o, const char *level, const char *title, size_t more)
{
	char text[96];

	snprintf(text, sizeof(text), "::%s title=%s::%zu more\n", level, title,
	    more);
	rj_out_text(o, rj_str(text));
}
