/*
 * plaincase.h - test cases of the simplest form, which need no parser.
 *
 * All attributes are known, plain ASCII and without references, and nothing
 * stands inside. What is of another form may be a sound case all the same:
 * here it is none. Offsets are in the bytes that were scanned.
 */
#ifndef RJ_PLAINCASE_H
#define RJ_PLAINCASE_H

#include "read/bytemap.h"
#include "read/xml.h"

/* What such a case may say of itself. */
enum rj_part {
	RJ_PART_ASSERTIONS,
	RJ_PART_CLASSNAME,
	RJ_PART_FILE,
	RJ_PART_ID,
	RJ_PART_LINE,
	RJ_PART_NAME,
	RJ_PART_RESULT,
	RJ_PART_STATUS,
	RJ_PART_TIME,
	RJ_PARTS
};

struct rj_plaincase {
	unsigned int at;
	unsigned int body; /* behind its start tag */
	unsigned int body_end;
	unsigned int end;
	unsigned int has; /* bits of enum rj_part */
	struct {
		unsigned int at;
		unsigned int n;
	} value[RJ_PARTS];
};

/*
 * Who reads a report may say of a name that he does not ask for its passed
 * cases. Then these may also have output. Another thread may ask, while the
 * reader is at work.
 */
struct rj_skip {
	bool (*ask)(void *ctx, struct rj_str classname, struct rj_str name);
	void *ctx;
};

#define RJ_PLAINCASE_MAX 8192 /* bytes that are read again for one's sake */

enum rj_found {
	RJ_NO_CASE,
	RJ_CUT, /* where the bytes end: more of them decide it */
	RJ_CASE,
	RJ_UNASKED, /* a passed one that nobody asks for */
};

/*
 * Reads the case at *at, which goes behind it, or, if it is none, to somewhere
 * in what was looked at; *c holds anything then. `last`: no more bytes follow.
 * `skip` may be NULL: everything is asked for.
 */
enum rj_found rj_plaincase_read(const struct rj_bytemap *m, bool last,
    const struct rj_skip *skip, size_t *at, struct rj_plaincase *c);

/* Makes an element of it, from a zeroed one, but for its depth and line. */
void rj_plaincase_element(const struct rj_plaincase *c,
    const struct rj_bytemap *m, uint64_t base, struct rj_element *e);

/* Cases, with blanks at most between them, that nobody asks for. */
struct rj_streak {
	unsigned int at; /* of the first one */
	unsigned int last; /* of the last one */
	unsigned int end;
	unsigned int passed; /* how many */
};

#define RJ_STREAKS 1024

struct rj_streaks {
	size_t n;
	struct rj_streak streak[RJ_STREAKS];
};

/*
 * Notes streaks from an offset on, while there is room for them. What looks
 * like one may stand in a comment, say: only who knows that a tag begins at its
 * offset can use it.
 */
void rj_plaincase_streaks(const struct rj_bytemap *m, bool last,
    const struct rj_skip *skip, size_t from, struct rj_streaks *streaks);

#endif
