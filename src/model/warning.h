/*
 * warning.h - what somebody should be told, and what nobody has to act on.
 *
 * Start with a zeroed struct but for its arena, in which the texts live.
 */
#ifndef RJ_WARNING_H
#define RJ_WARNING_H

#include "base/arena.h"
#include "base/error.h"

struct rj_source;

struct rj_warning {
	struct rj_warning *next;
	struct rj_str text;
};

struct rj_warnings {
	struct rj_arena *arena;
	struct rj_warning *first;
	struct rj_warning **tail;
};

/* Adds one at the end; false: out of memory. */
bool rj_warn(struct rj_warnings *w, const char *fmt, ...) RJ_PRINTF(2, 3);

/* Says how much of a source had to be repaired, if anything had to be. */
bool rj_warn_repaired(struct rj_warnings *w, const struct rj_source *src);

/* Says that n files that are replaced lose their owner, a path the first. */
bool rj_warn_owner(struct rj_warnings *w, const char *path, size_t n);

/* Takes back what was added since a copy was made. */
void rj_warn_back(struct rj_warnings *w, const struct rj_warnings *before);

/* The text of number i, from 0; NULL behind the last one. */
const char *rj_warning(const struct rj_warnings *w, size_t i);

#endif
