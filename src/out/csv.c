#include "out/csv.h"

#include <string.h>

void
rj_csv_cell(struct rj_out *o, struct rj_str s, const char *end)
{
	rj_out_text(o, RJ_STR("\""));
	if (s.n && strchr("=+-@\t\r\n|%", s.s[0]))
		rj_out_text(o, RJ_STR("'"));
	while (s.n) {
		const char *quote = memchr(s.s, '"', s.n);
		size_t n = quote ? (size_t)(quote - s.s) + 1 : s.n;

		rj_out_text(o, (struct rj_str){ s.s, n });
		if (quote)
			rj_out_text(o, RJ_STR("\""));
		s = rj_str_from(s, n);
	}
	rj_out_text(o, RJ_STR("\""));
	rj_out_text(o, rj_str(end));
}
