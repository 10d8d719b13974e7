/*
 * aside.h - test cases that wait for the parser to come to their place.
 *
 * They are set aside in a row, with one token in the place of all of them, and
 * handed over in that order. Those that nobody asks for are only counted.
 */
#ifndef RJ_ASIDE_H
#define RJ_ASIDE_H

#include "read/read_ahead.h"

#define RJ_ASIDE_MAX 1024

/* A case that waits, or a number of passed ones that are only counted. */
struct rj_set_aside {
	uint64_t base; /* of the window */
	struct rj_plaincase plain; /* of those that are counted: where the last
				      one begins and ends, and nothing else */
	uint64_t given; /* the token's offset */
	size_t passed; /* how many; 0: a case */
	unsigned int lines; /* between its token and its "<" */
	bool last; /* of its token */
};

struct rj_aside {
	size_t n;
	size_t next; /* the one that is handed over next */
	size_t held; /* that wait, with their names in the window */
	size_t tokens; /* given, and not come to yet */
	size_t streak; /* of the window: the next one that was counted ahead */
	struct rj_set_aside cases[RJ_ASIDE_MAX];
};

/* The array is not cleared. */
void rj_aside_init(struct rj_aside *a);

/* Some wait. */
bool rj_aside_waits(const struct rj_aside *a);

/*
 * Sets aside the cases at an offset of a window; *end: behind the last one.
 * RJ_CASE: there were some, and a token is given at the offset `given`.
 */
enum rj_found rj_aside_take(struct rj_aside *a, const struct rj_window *w,
    const struct rj_skip *skip, uint64_t given, size_t at, size_t *end);

/* The next one, while the window is the one that has it. */
const struct rj_set_aside *rj_aside_next(struct rj_aside *a);

#endif
