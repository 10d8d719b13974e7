#include "base/map.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct rj_map_entry {
	uint64_t hash;
	struct rj_str key;
	void *value; /* NULL: free */
};

static inline uint64_t
rotl(uint64_t x, int b)
{
	return (x << b) | (x >> (64 - b));
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

/* Eight bytes, the same number on every machine. */
static inline uint64_t
word_at(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;

	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

/* SipHash-1-3: short keys fast, and no collisions to order. */
uint64_t
rj_hash(const uint64_t seed[2], struct rj_str key)
{
	uint64_t v[4] = {
		seed[0] ^ 0x736f6d6570736575,
		seed[1] ^ 0x646f72616e646f6d,
		seed[0] ^ 0x6c7967656e657261,
		seed[1] ^ 0x7465646279746573,
	};
	uint64_t word;
	size_t i;

	for (i = 0; i + 8 <= key.n; i += 8) {
		word = word_at(key.s + i);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = (uint64_t)key.n << 56;
	for (size_t k = 0; i + k < key.n; k++)
		word |= (uint64_t)(unsigned char)key.s[i + k] << (8 * k);
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void
rj_hash_seed(uint64_t seed[2])
{
	if (getentropy(seed, 2 * sizeof(*seed)) == 0)
		return;
	/* no entropy to be had: an address is better than nothing */
	seed[0] = (uint64_t)(uintptr_t)seed;
	seed[1] = (uint64_t)time(NULL);
}

static struct rj_map_entry *
find(const struct rj_map *m, uint64_t hash, struct rj_str key)
{
	size_t i = hash & (m->cap - 1);

	while (m->entries[i].value && (m->entries[i].hash != hash ||
					  !rj_str_eq(m->entries[i].key, key)))
		i = (i + 1) & (m->cap - 1);
	return &m->entries[i];
}

static bool
grow(struct rj_map *m)
{
	struct rj_map bigger = *m;

	bigger.cap = m->cap ? m->cap * 2 : 64;
	bigger.entries = calloc(bigger.cap, sizeof(*bigger.entries));
	if (!bigger.entries)
		return false;
	if (!m->cap)
		rj_hash_seed(bigger.seed);
	for (size_t i = 0; i < m->cap; i++)
		if (m->entries[i].value)
			*find(&bigger, m->entries[i].hash, m->entries[i].key) =
			    m->entries[i];
	free(m->entries);
	*m = bigger;
	return true;
}

void *
rj_map_get(const struct rj_map *m, struct rj_str key)
{
	if (m->used == 0)
		return NULL;
	return find(m, rj_hash(m->seed, key), key)->value;
}

void **
rj_map_at(const struct rj_map *m, struct rj_str key, struct rj_str *kept)
{
	struct rj_map_entry *e;

	if (m->used == 0)
		return NULL;
	e = find(m, rj_hash(m->seed, key), key);
	if (!e->value)
		return NULL;
	*kept = e->key;
	return &e->value;
}

bool
rj_map_put(struct rj_map *m, struct rj_str key, void *value)
{
	struct rj_map_entry *e;
	uint64_t hash;

	if (m->used >= m->cap / 4 * 3 && !grow(m))
		return false;
	hash = rj_hash(m->seed, key);
	e = find(m, hash, key);
	if (!e->value)
		m->used++;
	*e = (struct rj_map_entry){ hash, key, value };
	return true;
}

bool
rj_map_put_copy(
    struct rj_map *m, struct rj_arena *a, struct rj_str key, void *value)
{
	struct rj_str kept;

	return rj_alloc_str(a, key, &kept) && rj_map_put(m, kept, value);
}

struct rj_str
rj_map_slot(const struct rj_map *m, size_t slot)
{
	const struct rj_map_entry *e = &m->entries[slot];

	return e->value ? e->key : (struct rj_str){ NULL, 0 };
}

void
rj_map_free(struct rj_map *m)
{
	free(m->entries);
	*m = (struct rj_map){ 0 };
}
