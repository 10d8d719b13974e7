#include "base/hashes.h"

#include <stdlib.h>

struct rj_seen_entry {
	uint64_t hash; /* 0: free */
	struct rj_seen_at at;
};

static struct rj_seen_entry *
find(const struct rj_seen *s, uint64_t hash)
{
	size_t i = hash & (s->cap - 1);

	while (s->entries[i].hash && s->entries[i].hash != hash)
		i = (i + 1) & (s->cap - 1);
	return &s->entries[i];
}

static bool
grow(struct rj_seen *s)
{
	struct rj_seen bigger = *s;

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
rj_seen_note(struct rj_seen *s, struct rj_str key, struct rj_seen_at at,
    struct rj_seen_at *first)
{
	struct rj_seen_entry *e;
	uint64_t hash;

	if (s->used >= s->cap / 8 * 7 && !grow(s))
		return false;
	hash = rj_hash(s->seed, key);
	hash += hash == 0;
	e = find(s, hash);
	if (!e->hash) {
		*e = (struct rj_seen_entry){ hash, at };
		s->used++;
	}
	*first = e->at;
	return true;
}

void
rj_seen_free(struct rj_seen *s)
{
	free(s->entries);
	*s = (struct rj_seen){ 0 };
}
