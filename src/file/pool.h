/*
 * pool.h - the descriptors of sources that are needed together.
 *
 * However many files there are, few are open: one is opened by whatever reads
 * from it, and closed when others need its descriptor. What cannot be read
 * twice is appended to one temporary file.
 */
#ifndef RJ_POOL_H
#define RJ_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	bool has_kept; /* there is a temporary file, */
	int kept; /* its descriptor, */
	uint64_t kept_size; /* and how much of it is taken */
};

/* Opens a path; files of the pool are closed for it. -1 with errno. */
int rj_pool_open(struct rj_pool *pool, const char *path);

/* Enters what was opened as a file's descriptor. */
void rj_pool_enter(struct rj_pool *pool, struct rj_file *f, int fd);

/* Closes a file, if it is open; NULL is fine. */
void rj_pool_close_file(struct rj_pool *pool, const struct rj_file *f);

/* Makes the temporary file, unless it is there; false with errno. */
bool rj_pool_begin_kept(struct rj_pool *pool);

/* Appends to it; false with errno. */
bool rj_pool_keep(struct rj_pool *pool, const char *s, size_t n);

/* After the sources, or in their place. */
void rj_pool_close(struct rj_pool *pool);

#endif
