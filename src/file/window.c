#include "file/window.h"

/* Who asks for a child's tag may ask next for that of its case, before it. */
#define BACK ((uint64_t)512)

/* The window of a source; it is filled anew if it lacks a span. */
static enum rejunit_status
look_ahead(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_pieces **window, struct rejunit_error *err)
{
	uint64_t at = span.at < BACK ? 0 : span.at - BACK, n = src->size - at;
	size_t room = RJ_PIECE_MAX + BACK;
	enum rejunit_status status;
	struct rj_pieces *w;

	if (ahead->windows[ahead->last].src != src)
		ahead->last = !ahead->last;
	*window = w = &ahead->windows[ahead->last];
	if (w->src == src && span.at >= w->at) {
		if (span.end <= w->at + w->n)
			return REJUNIT_OK;
		/* one that goes on from here, does so with more */
		if (span.at < w->at + w->n + RJ_AHEAD_MAX)
			room =
			    2 * w->n < RJ_AHEAD_MAX ? 2 * w->n : RJ_AHEAD_MAX;
	}
	w->src = NULL;
	w->at = at;
	w->n = n < room ? (size_t)n : room;
	status = rj_source_read(src, w->at, w->bytes, w->n, err);
	if (!status)
		w->src = src;
	return status;
}

enum rejunit_status
rj_source_piece(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_str *piece, struct rejunit_error *err)
{
	struct rj_pieces *w;
	enum rejunit_status status = look_ahead(src, ahead, span, &w, err);

	*piece = (struct rj_str){ w->bytes + (span.at - w->at),
		(size_t)(span.end - span.at) };
	return status;
}

enum rejunit_status
rj_source_some(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_str *piece, struct rejunit_error *err)
{
	const struct rj_span first = { span.at, span.at + 1 };
	struct rj_pieces *w;
	enum rejunit_status status = look_ahead(src, ahead, first, &w, err);
	uint64_t n = w->at + w->n - span.at;

	if (n > span.end - span.at)
		n = span.end - span.at;
	*piece = (struct rj_str){ w->bytes + (span.at - w->at), (size_t)n };
	return status;
}

enum rejunit_status
rj_source_blank_before(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_str *blank, struct rejunit_error *err)
{
	enum rejunit_status status;
	struct rj_str s;
	size_t n = 0;

	if (span.end - span.at > RJ_BLANK_MAX)
		span.at = span.end - RJ_BLANK_MAX;
	status = rj_source_piece(src, ahead, span, &s, err);
	while (!status && n < s.n && rj_is_blank(s.s[s.n - n - 1]))
		n++;
	*blank = (struct rj_str){ s.s + s.n - n, n };
	return status;
}
