/*
 * map.h - a hash table from strings to pointers.
 *
 * Start with a zeroed struct rj_map and end with rj_map_free(). Keys are not
 * copied: their bytes must outlive the map. The hash is keyed with a random
 * seed, as the strings come from untrusted reports; nothing may depend on
 * the order of the table.
 */
#ifndef RJ_MAP_H
#define RJ_MAP_H

#include <stdint.h>

#include "base/arena.h"

struct rj_map {
	struct rj_map_entry *entries;
	size_t used;
	size_t cap; /* a power of two, or 0 */
	uint64_t seed[2];
};

/* The value of a key; NULL where it has none. */
void *rj_map_get(const struct rj_map *m, struct rj_str key);

/*
 * The place of a key's value, and the key as it is kept; NULL where it has
 * none. The place is good until the next one is set.
 */
void **
rj_map_at(const struct rj_map *m, struct rj_str key, struct rj_str *kept);

/* Sets a key's value, which must not be NULL; false if memory ran out. */
bool rj_map_put(struct rj_map *m, struct rj_str key, void *value);

/* The same with a copy of the key, which lives in the arena. */
bool rj_map_put_copy(
    struct rj_map *m, struct rj_arena *a, struct rj_str key, void *value);

/* The key in one of the `cap` slots; absent: it is empty. */
struct rj_str rj_map_slot(const struct rj_map *m, size_t slot);

void rj_map_free(struct rj_map *m);

/* The hash itself, and a random key for it. */
uint64_t rj_hash(const uint64_t seed[2], struct rj_str key);
void rj_hash_seed(uint64_t seed[2]);

#endif
