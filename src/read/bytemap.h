/*
 * bytemap.h - where in a stretch of bytes something has a meaning.
 *
 * Every byte is looked at once, and what may end a text or a value is noted in
 * maps of a bit a byte; all questions are answered from these. An answer says
 * what is beyond doubt, by the rules of XML 1.0 in UTF-8: what is not, may be
 * right or wrong.
 */
#ifndef RJ_BYTEMAP_H
#define RJ_BYTEMAP_H

#include <stdint.h>

#include "base/str.h"

/* A test may set what a window has, and what it keeps of the last one. */
#ifndef RJ_WINDOW_MAX
#define RJ_WINDOW_MAX ((size_t)320 * 1024)
#endif
#define RJ_BYTEMAP_MAX	 RJ_WINDOW_MAX
#define RJ_BYTEMAP_BLOCK 64
#define RJ_BYTEMAP_LOOK	 16 /* bytes that decide what something is */

struct rj_bytemap {
	const char *s;
	size_t n; /* where it ends */
	/* "<", "&", "]", and what is no plain ASCII or may not stand in XML */
	uint64_t text[RJ_BYTEMAP_MAX / RJ_BYTEMAP_BLOCK];
	/* the same with both quotes, tabs and ends of lines, but without "]" */
	uint64_t value[RJ_BYTEMAP_MAX / RJ_BYTEMAP_BLOCK];
	uint64_t lf[RJ_BYTEMAP_MAX / RJ_BYTEMAP_BLOCK];
	unsigned int
	    lines[RJ_BYTEMAP_MAX / RJ_BYTEMAP_BLOCK + 1]; /* before each */
};

/*
 * Looks at the bytes of a buffer of RJ_BYTEMAP_MAX from an offset, a multiple
 * of RJ_BYTEMAP_BLOCK, to another one. They have to stay where they are.
 */
void rj_bytemap(struct rj_bytemap *m, const char *s, size_t from, size_t to);

/*
 * Takes over what was noted of n bytes, which are whole blocks at the end of
 * what was scanned, for offsets that end where `m` begins. It may be the same
 * one, and is scanned then.
 */
void rj_bytemap_keep(struct rj_bytemap *m, size_t to,
    const struct rj_bytemap *last, size_t from, size_t n);

/* Behind the white space at an offset. */
size_t rj_bytemap_blank(const struct rj_bytemap *m, size_t at);

/*
 * Behind the sound text that begins at an offset: at a "<", at something
 * doubtful, or within RJ_BYTEMAP_LOOK bytes of the end.
 */
size_t rj_bytemap_text(const struct rj_bytemap *m, size_t at);

/* The same of CDATA, which a "]]>" ends. */
size_t rj_bytemap_cdata(const struct rj_bytemap *m, size_t at);

/*
 * The quote that ends a value of plain ASCII without references, tabs and
 * lines; SIZE_MAX: it is none, or has no end here.
 */
size_t rj_bytemap_value(const struct rj_bytemap *m, size_t at, char quote);

/* The lines that end in [from, to). */
unsigned long
rj_bytemap_lines(const struct rj_bytemap *m, size_t from, size_t to);

#endif
