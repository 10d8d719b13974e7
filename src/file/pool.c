#include "file/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/allow.h"
#include "base/cancel.h"
#include "base/fd.h"

static void
close_at(struct rj_pool *pool, struct rj_file **at)
{
	struct rj_file *f = *at;

	close(f->fd);
	f->fd = -1;
	*at = f->next;
	if (!*at)
		pool->tail = at;
	pool->n--;
}

/* Closes the file that was opened first; false where there is none. */
static bool
close_one(struct rj_pool *pool)
{
	struct rj_file **at = &pool->first;

	while (*at && (*at)->holds)
		at = &(*at)->next;
	if (!*at)
		return false;
	close_at(pool, at);
	return true;
}

void
rj_pool_close_file(struct rj_pool *pool, const struct rj_file *f)
{
	struct rj_file **at = &pool->first;

	while (*at && *at != f)
		at = &(*at)->next;
	if (*at)
		close_at(pool, at);
}

void
rj_pool_enter(struct rj_pool *pool, struct rj_file *f, int fd)
{
	if (pool->n >= RJ_POOL_FILES)
		(void)close_one(pool);
	f->fd = fd;
	f->next = NULL;
	if (!pool->tail)
		pool->tail = &pool->first;
	*pool->tail = f;
	pool->tail = &f->next;
	pool->n++;
}

int
rj_pool_open(struct rj_pool *pool, const char *path)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	while (
	    fd < 0 && (errno == EMFILE || errno == ENFILE) && close_one(pool));
	return fd;
}

bool
rj_pool_begin_kept(struct rj_pool *pool)
{
	const char *folder = rj_temporary_folder();

	if (!pool->has_kept && !folder) {
		pool->kept = -1;
		pool->has_kept = true;
	}
	while (!pool->has_kept) {
		pool->kept = rj_temporary(folder);
		pool->has_kept = pool->kept >= 0;
		if (!pool->has_kept &&
		    ((errno != EMFILE && errno != ENFILE) || !close_one(pool)))
			return false;
	}
	return true;
}

static bool
keep_in_memory(struct rj_pool *pool, const char *s, size_t n)
{
	size_t used = (size_t)pool->kept_size;

	if (n > pool->room - used) {
		size_t room = pool->room + pool->room / 2;
		char *p;

		if (room < used + n)
			room = used + n;
		p = realloc(pool->bytes, room);
		if (!p) {
			errno = ENOMEM;
			return false;
		}
		pool->bytes = p;
		pool->room = room;
	}
	if (n)
		memcpy(pool->bytes + used, s, n);
	pool->kept_size += n;
	return true;
}

bool
rj_pool_keep(struct rj_pool *pool, const char *s, size_t n)
{
	if (pool->kept < 0)
		return keep_in_memory(pool, s, n);
	while (n) {
		ssize_t done = pwrite(pool->kept, s, n, (off_t)pool->kept_size);

		if (done < 0 && errno == EINTR && !rj_is_cancelled())
			continue;
		if (done == 0)
			errno = EIO;
		if (done <= 0)
			return false;
		pool->kept_size += (uint64_t)done;
		s += done;
		n -= (size_t)done;
	}
	return true;
}

void
rj_pool_forget(struct rj_pool *pool, uint64_t at)
{
	pool->kept_size = at;
}

ssize_t
rj_pool_read_kept(const struct rj_pool *pool, void *out, size_t n, uint64_t at)
{
	if (pool->kept >= 0)
		return pread(pool->kept, out, n, (off_t)at);
	if (at >= pool->kept_size)
		return 0;
	if (n > pool->kept_size - at)
		n = (size_t)(pool->kept_size - at);
	memcpy(out, pool->bytes + at, n);
	return (ssize_t)n;
}

void
rj_pool_close(struct rj_pool *pool)
{
	while (pool->first)
		close_at(pool, &pool->first);
	if (pool->has_kept && pool->kept >= 0)
		close(pool->kept);
	free(pool->bytes);
	*pool = (struct rj_pool){ 0 };
}
