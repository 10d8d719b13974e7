#include "base/arena.h"

#include <stdalign.h>
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

/* Takes bytes from the newest block, or from a new one. */
static char *
take(struct rj_arena *a, size_t size, size_t align)
{
	struct rj_block *b = a->blocks;
	size_t at = b ? (b->used + align - 1) / align * align : 0;

	if (size > SIZE_MAX / 2)
		return NULL;
	if (!b || at > b->size || size > b->size - at) {
		size_t room = block_size(a, size);

		b = malloc(sizeof(*b) + room);
		if (!b)
			return NULL;
		b->next = a->blocks;
		b->size = room;
		a->blocks = b;
		at = 0;
	}
	b->used = at + size;
	return (char *)b->data + at;
}

void *
rj_alloc(struct rj_arena *a, size_t size)
{
	char *p = take(a, size, alignof(max_align_t));

	return p ? memset(p, 0, size) : NULL;
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
	p = s.n < SIZE_MAX ? take(a, s.n + 1, 1) : NULL;
	if (!p)
		return false;
	memcpy(p, s.s, s.n);
	p[s.n] = '\0';
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

static void *
grown(void *array, size_t n, size_t *room, size_t size, size_t first)
{
	size_t more = *room ? *room * 2 : first;
	void *p;

	if (n < *room)
		return array;
	p = more <= SIZE_MAX / size ? realloc(array, more * size) : NULL;
	if (p)
		*room = more;
	return p;
}

void *
rj_grown(void *array, size_t n, size_t *room, size_t size)
{
	return grown(array, n, room, size, 16);
}

void *
rj_grown_little(void *array, size_t n, size_t *room, size_t size)
{
	return grown(array, n, room, size, 1);
}
