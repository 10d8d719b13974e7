/*
 * pool.h - the descriptors of sources that are needed together.
 *
 * However many files there are, few are open: one is opened by whatever reads
 * from it, and closed when others need its descriptor. What cannot be read
 * twice is kept: in one temporary file, or, where none is allowed, in memory.
 */
#ifndef RJ_POOL_H
#define RJ_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Files that are open at a time. */
#define RJ_POOL_FILES 64

/* A file's descriptor. */
struct rj_file {
	struct rj_file *next; /* that was opened after it */
	int fd; /* -1: it is closed */
	unsigned int holds; /* it is not to be closed */
};

/* Begin with a zeroed one; it has to outlive its sources, and not move. */
struct rj_pool {
	struct rj_file *first; /* of the open ones */
	struct rj_file **tail;
	size_t n;
	bool has_kept; /* something is kept: */
	int kept; /* in a temporary file, or -1, */
	char *bytes; /* in memory, */
	size_t room;
	uint64_t kept_size; /* so much of it */
};

/* Opens a path; files of the pool are closed for it. -1 with errno. */
int rj_pool_open(struct rj_pool *pool, const char *path);

/* Enters what was opened as a file's descriptor. */
void rj_pool_enter(struct rj_pool *pool, struct rj_file *f, int fd);

/* Closes a file, if it is open; NULL is fine. */
void rj_pool_close_file(struct rj_pool *pool, const struct rj_file *f);

/* Something is to be kept; false with errno. */
bool rj_pool_begin_kept(struct rj_pool *pool);

/* Appends to what is kept; false with errno. */
bool rj_pool_keep(struct rj_pool *pool, const char *s, size_t n);

/* Takes back what was kept from an offset on. */
void rj_pool_forget(struct rj_pool *pool, uint64_t at);

/* Reads of it, as pread() does. */
ssize_t
rj_pool_read_kept(const struct rj_pool *pool, void *out, size_t n, uint64_t at);

/* After the sources, or in their place. */
void rj_pool_close(struct rj_pool *pool);

#endif
