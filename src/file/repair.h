/*
 * repair.h - makes visible what XML forbids, and touches nothing else.
 *
 * Replaced are control characters and other code points that no XML document
 * may hold, bytes that are not UTF-8, references to such characters, and a
 * "]]>" in plain text, where its ">" has to be a reference. What decides over
 * the structure (tags, quotes, the ends of CDATA sections) is never guessed
 * at: the parser still refuses it.
 *
 * Start with a zeroed struct rj_repair but for its settings, and hand the
 * bytes over in order.
 */
#ifndef RJ_REPAIR_H
#define RJ_REPAIR_H

#include <stdint.h>

#include "base/inside.h"

struct rj_repair {
	bool utf8; /* set: the bytes are to be UTF-8 */
	size_t replaced; /* how much was replaced so far, */
	size_t bytes; /* bytes that are not UTF-8 among them */
	unsigned long first_line; /* where the first of it stood */
	uint64_t written; /* bytes put out so far */
	/* private */
	struct rj_inside inside;
	bool behind_cdata; /* in text, where a "]]>" may have ended some */
	unsigned long line;
};

/*
 * Appends the repaired form of `in` to `out` and returns how many bytes of it
 * are dealt with; the rest, a few bytes at most, is to stand in front of the
 * next call's. With `last`, nothing is left over. SIZE_MAX: out of memory.
 */
size_t
rj_repair(struct rj_repair *r, struct rj_str in, bool last, struct rj_buf *out);

#endif
