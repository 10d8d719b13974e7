#include "out/markdown.h"

void
rj_markdown_code(struct rj_out *out, struct rj_str s)
{
	size_t longest = 0, ticks = 0;

	for (size_t i = 0; i < s.n; i++) {
		ticks = s.s[i] == '`' ? ticks + 1 : 0;
		longest = ticks > longest ? ticks : longest;
	}
	for (size_t i = 0; i <= longest; i++)
		rj_out_text(out, RJ_STR("`"));
	rj_out_text(out, longest ? RJ_STR(" ") : RJ_STR(""));
	rj_out_visible(out, s);
	rj_out_text(out, longest ? RJ_STR(" ") : RJ_STR(""));
	for (size_t i = 0; i <= longest; i++)
		rj_out_text(out, RJ_STR("`"));
}
