#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK 4096
#define LAST_BLOCK  ((size_t)256 * 1024)

struct rj_block {
	struct rj_block *next;
	size_t used;
	size_t size;
	max_align_t data[];
};

static size_t
block_size(const struct rj_arena *a, size_t want)
{
	size_t size = FIRST_BLOCK;

	if (a->blocks)
		size = a->blocks->size * 2;
	if (size > LAST_BLOCK)
		size = LAST_BLOCK;
	return size < want ? want : size;
}

void *
rj_alloc(struct rj_arena *a, size_t size)
{
	const size_t align = sizeof(max_align_t);
	struct rj_block *b = a->blocks;
	char *p;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = (size + align - 1) / align * align;
	if (!b || size > b->size - b->used) {
		size_t room = block_size(a, size);

		b = malloc(sizeof(*b) + room);
		if (!b)
			return NULL;
		b->next = a->blocks;
		b->used = 0;
		b->size = room;
		a->blocks = b;
	}
	p = (char *)b->data + b->used;
	b->used += size;
	return memset(p, 0, size);
}

void *
rj_alloc_n(struct rj_arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		return NULL;
	return rj_alloc(a, n * size);
}

bool
rj_alloc_str(struct rj_arena *a, struct rj_str s, struct rj_str *out)
{
	char *p;

	if (!s.s) {
		*out = s;
		return true;
	}
	p = rj_alloc(a, s.n + 1);
	if (!p)
		return false;
	memcpy(p, s.s, s.n);
	*out = (struct rj_str){ p, s.n };
	return true;
}

void
rj_arena_reset(struct rj_arena *a)
{
	struct rj_block *keep = a->blocks;

	if (!keep)
		return;
	a->blocks = keep->next;
	rj_arena_free(a);
	keep->next = NULL;
	keep->used = 0;
	a->blocks = keep;
}

void
rj_arena_free(struct rj_arena *a)
{
	while (a->blocks) {
		struct rj_block *next = a->blocks->next;

		free(a->blocks);
		a->blocks = next;
	}
}
