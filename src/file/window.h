/*
 * window.h - small pieces of a source, one behind the other, with few reads.
 *
 * Bytes of two sources are read ahead. Without a source, a window is empty:
 * begin so. A piece is the window's, until the next one is asked for.
 */
#ifndef RJ_FILE_WINDOW_H
#define RJ_FILE_WINDOW_H

#include "file/source.h"

#define RJ_PIECE_MAX ((size_t)4096)
#define RJ_AHEAD_MAX ((size_t)64 * 1024)
struct rj_ahead {
	struct rj_pieces {
		const struct rj_source *src;
		uint64_t at;
		size_t n;
		char bytes[RJ_AHEAD_MAX];
	} windows[2];
	int last; /* the one that was used */
};

/* A piece of up to RJ_PIECE_MAX bytes. */
enum rejunit_status
rj_source_piece(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_str *piece, struct rejunit_error *err);

/* As much of a span as there is at once: its first bytes. */
enum rejunit_status
rj_source_some(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_str *piece, struct rejunit_error *err);

/* The white space that a span ends with; of more than this, its end. */
#define RJ_BLANK_MAX 256
enum rejunit_status
rj_source_blank_before(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_str *blank, struct rejunit_error *err);

#endif
