/*
 * simple.h - test cases of the simplest form, which need no parser.
 *
 * All attributes are known, plain ASCII and without references, and nothing
 * stands inside. What is of another form may be a sound case all the same:
 * here it is none.
 */
#ifndef RJ_SIMPLE_H
#define RJ_SIMPLE_H

#include "stream.h"
#include "xml.h"

/* What such a case may say of itself. */
enum rj_part {
	RJ_ASSERTIONS,
	RJ_CLASSNAME,
	RJ_FILE,
	RJ_ID,
	RJ_LINE,
	RJ_NAME,
	RJ_RESULT,
	RJ_STATUS,
	RJ_TIME,
	RJ_PARTS
};

struct rj_simple {
	uint64_t at; /* in the source, as the next three */
	uint64_t body; /* behind its start tag */
	uint64_t body_end;
	uint64_t end;
	unsigned int has; /* bits of enum rj_part */
	struct {
		unsigned int at; /* in the window */
		unsigned int n;
	} value[RJ_PARTS];
};

/*
 * Who reads a report may say of a name that he does not ask for its passed
 * cases. Then these may also have output. Another thread may ask.
 */
struct rj_skip {
	bool (*ask)(void *ctx, struct rj_str classname, struct rj_str name);
	void *ctx;
};

#define RJ_SIMPLE_MAX 8192 /* bytes that are read again for one's sake */

enum rj_found {
	RJ_NO_CASE,
	RJ_CUT, /* by the end of the window */
	RJ_CASE,
	RJ_PASSED, /* and nobody asks for it */
};

/*
 * Reads the case at *at, which goes behind it. `skip` may be NULL: everything
 * is asked for.
 */
enum rj_found rj_simple_read(const struct rj_window *w,
    const struct rj_skip *skip, size_t *at, struct rj_simple *c);

/* Notes the runs of passed cases that nobody asks for, so far as there is room.
 */
void rj_simple_count(struct rj_window *w, const struct rj_skip *skip);

size_t rj_skip_blank(const struct rj_window *w, size_t at);

/* Makes an element of it, but for its depth and line. */
void rj_simple_element(
    const struct rj_simple *c, const struct rj_window *w, struct rj_element *e);

#endif
