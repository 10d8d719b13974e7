/*
 * gaps.h - where in the source something is that was given to the parser.
 *
 * What is left out, or put in, is a gap. Places are asked for in order, and
 * with each one the gaps in front of it are done with.
 */
#ifndef RJ_GAPS_H
#define RJ_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RJ_GAPS_MAX 4096

struct rj_gaps {
	uint64_t given; /* bytes, in all */
	bool any; /* there was one */
	/* private */
	size_t first; /* of those that no place has passed yet */
	size_t n;
	int64_t skipped; /* by those passed */
	unsigned long lines;
	/* from an offset in what was given on, the source is so much further */
	struct rj_gap {
		uint64_t given;
		int64_t skip;
		unsigned long lines;
	} gap[RJ_GAPS_MAX];
};

/* The array is not cleared: new memory is slow. */
void rj_gaps_init(struct rj_gaps *g);

/* There is room for so many more. */
bool rj_gaps_has_room(const struct rj_gaps *g, size_t n);

/* What is given next is so much further on in the source. */
void rj_gaps_add(struct rj_gaps *g, int64_t skip, unsigned long lines);

/* The place of an offset; *lines: those in front of it that were left out. */
uint64_t rj_gaps_place(struct rj_gaps *g, uint64_t given, unsigned long *lines);

#endif
