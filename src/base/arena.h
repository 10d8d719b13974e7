/*
 * arena.h - memory that is given back all at once.
 *
 * Start with a zeroed struct rj_arena. What rj_alloc() returns is zeroed,
 * aligned for any type, and lives until rj_arena_free() or rj_arena_reset().
 * NULL means that memory ran out; the arena stays usable.
 */
#ifndef RJ_ARENA_H
#define RJ_ARENA_H

#include "base/str.h"

struct rj_arena {
	struct rj_block *blocks; /* the newest first */
};

void *rj_alloc(struct rj_arena *a, size_t size);

/* Room for n elements of one size; NULL also where the product overflows. */
void *rj_alloc_n(struct rj_arena *a, size_t n, size_t size);

/* Copies a string, with a NUL behind it; an absent one stays absent. */
bool rj_alloc_str(struct rj_arena *a, struct rj_str s, struct rj_str *out);

/* Forgets everything and keeps the newest block for what comes next. */
void rj_arena_reset(struct rj_arena *a);

void rj_arena_free(struct rj_arena *a);

/*
 * An array with room for one more than the n of that size that it has, moved
 * perhaps; free() gives it back. NULL: out of memory, and it stays as it is.
 */
void *rj_grown(void *array, size_t n, size_t *room, size_t size);

/* The same for one of very many, each of which has one element, mostly. */
void *rj_grown_little(void *array, size_t n, size_t *room, size_t size);

#endif
