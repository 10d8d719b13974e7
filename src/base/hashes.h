/*
 * hashes.h - which tests have been seen, and where first.
 *
 * A table of hashes with a random key, 16 bytes a place, between half and
 * seven eighths of them in use: 18 to 37 bytes a test, whatever its name. Two
 * of a million different tests are taken for one with a probability of one in
 * thirty million.
 *
 * Start with a zeroed struct and end with rj_hashes_free().
 */
#ifndef RJ_HASHES_H
#define RJ_HASHES_H

#include "base/map.h"

struct rj_hashes_place {
	uint32_t where; /* the report's number, or what the caller likes */
	uint32_t line;
};

struct rj_hashes {
	struct rj_hashes_entry *entries;
	size_t used;
	size_t cap;
	uint64_t seed[2];
};

/*
 * Notes that a key stands somewhere. *first is where it stood first: there
 * itself, if it is new. False: out of memory.
 */
bool rj_hashes_note(struct rj_hashes *s, struct rj_str key,
    struct rj_hashes_place at, struct rj_hashes_place *first);

void rj_hashes_free(struct rj_hashes *s);

#endif
