#include "write/writing.h"

#include <string.h>

void
rj_put(struct rj_writing *w, const char *s)
{
	rj_out_text(&w->out, rj_str(s));
}

bool
rj_read_tag(struct rj_writing *w, unsigned int report, uint64_t at,
    uint64_t end, struct rj_buf *to)
{
	const struct rj_source *src = &w->reports[report].src;
	const struct rj_span span = { at, end };
	struct rj_str s;

	if (end - at > RJ_PIECE_MAX) {
		rj_out_fail(
		    &w->out, rj_source_read_span(src, span, to, w->out.err));
		return !w->out.status;
	}
	to->n = 0;
	rj_out_fail(
	    &w->out, rj_source_piece(src, w->out.ahead, span, &s, w->out.err));
	if (!w->out.status && !rj_buf_add(to, s))
		rj_out_fail(&w->out, rj_fail_memory(w->out.err));
	return !w->out.status;
}

void
rj_copy_text(
    struct rj_writing *w, unsigned int report, uint64_t at, uint64_t end)
{
	rj_out_copy(&w->out, &w->reports[report].src, at, end);
}

struct rj_str
rj_blank_before(struct rj_writing *w, unsigned int report, uint64_t from,
    uint64_t at, char space[RJ_BLANK_MAX])
{
	struct rj_str blank = { NULL, 0 };

	if (!w->out.status)
		rj_out_fail(
		    &w->out, rj_source_blank_before(&w->reports[report].src,
				 w->out.ahead, (struct rj_span){ from, at },
				 &blank, w->out.err));
	if (w->out.status)
		return (struct rj_str){ space, 0 };
	memcpy(space, blank.s, blank.n);
	return (struct rj_str){ space, blank.n };
}
