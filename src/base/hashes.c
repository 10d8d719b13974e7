#include "base/hashes.h"

#include <stdlib.h>

struct rj_hashes_entry {
	uint64_t hash; /* 0: free */
	struct rj_hashes_place at;
};

static struct rj_hashes_entry *
find(const struct rj_hashes *s, uint64_t hash)
{
	size_t i = hash & (s->cap - 1);

	while (s->entries[i].hash && s->entries[i].hash != hash)
		i = (i + 1) & (s->cap - 1);
	return &s->entries[i];
}

static bool
grow(struct rj_hashes *s)
{
	struct rj_hashes bigger = *s;

	bigger.cap = s->cap ? s->cap * 2 : 256;
	bigger.entries = calloc(bigger.cap, sizeof(*bigger.entries));
	if (!bigger.entries)
		return false;
	if (!s->cap)
		rj_hash_seed(bigger.seed);
	for (size_t i = 0; i < s->cap; i++)
		if (s->entries[i].hash)
			*find(&bigger, s->entries[i].hash) = s->entries[i];
	free(s->entries);
	*s = bigger;
	return true;
}

bool
rj_hashes_note(struct rj_hashes *s, struct rj_str key,
    struct rj_hashes_place at, struct rj_hashes_place *first)
{
	struct rj_hashes_entry *e;
	uint64_t hash;

	if (s->used >= s->cap / 8 * 7 && !grow(s))
		return false;
	hash = rj_hash(s->seed, key);
	hash += hash == 0;
	e = find(s, hash);
	if (!e->hash) {
		*e = (struct rj_hashes_entry){ hash, at };
		s->used++;
	}
	*first = e->at;
	return true;
}

void
rj_hashes_free(struct rj_hashes *s)
{
	free(s->entries);
	*s = (struct rj_hashes){ 0 };
}
