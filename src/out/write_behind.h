/*
 * write_behind.h - writes to a file while what comes next is put together.
 *
 * A second thread does it, from buffers that go round. Only for regular files,
 * which keep nobody waiting: that thread hears of no signal.
 */
#ifndef RJ_WRITE_BEHIND_H
#define RJ_WRITE_BEHIND_H

#include <stddef.h>

struct rj_write_behind;

/*
 * NULL: it is no regular file, or there is no memory or thread. The file stays
 * the caller's, and has to stay open.
 */
struct rj_write_behind *rj_write_behind_new(int fd, size_t size);

/* A buffer of that size, once one is free; the writer's, until it is put. */
char *rj_write_behind_buffer(struct rj_write_behind *p);

/* Hands over that buffer, with n bytes; an errno value if writing failed. */
int rj_write_behind_put(struct rj_write_behind *p, size_t n);

/*
 * Waits until everything is written, and frees the rest; an errno value if
 * writing failed.
 */
int rj_write_behind_end(struct rj_write_behind *p);

#endif
