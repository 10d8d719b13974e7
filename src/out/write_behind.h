/*
 * write_behind.h - writes to a file while what comes next is put together.
 *
 * A second thread does it, from buffers that go round. Only for regular files,
 * which keep nobody waiting: that thread hears of no signal.
 */
#ifndef RJ_WRITE_BEHIND_H
#define RJ_WRITE_BEHIND_H

#include <stddef.h>

struct rj_pump;

/*
 * NULL: it is no regular file, or there is no memory or thread. The file stays
 * the caller's, and has to stay open.
 */
struct rj_pump *rj_pump_new(int fd, size_t size);

/* A buffer of that size, once one is free; the pump's, until it is put. */
char *rj_pump_buffer(struct rj_pump *p);

/* Hands over that buffer, with n bytes; an errno value if writing failed. */
int rj_pump_put(struct rj_pump *p, size_t n);

/*
 * Waits until everything is written, and frees the pump; an errno value if
 * writing failed.
 */
int rj_pump_end(struct rj_pump *p);

#endif
