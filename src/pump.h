/*
 * pump.h - writes to a file while what comes next is put together.
 *
 * A second thread does it, from buffers that go round. Only for regular files,
 * which keep nobody waiting: that thread hears of no signal.
 */
#ifndef RJ_PUMP_H
#define RJ_PUMP_H

#include <stddef.h>

struct rj_pump;

/* NULL: it cannot be done, or the file is none that one may write to so. */
struct rj_pump *rj_pump_new(int fd, size_t size);

/* A buffer of the size, once there is one. */
char *rj_pump_buffer(struct rj_pump *p);

/* Hands over that buffer, with n bytes; an errno value if writing failed. */
int rj_pump_put(struct rj_pump *p, size_t n);

/* Waits until everything is written; an errno value if writing failed. */
int rj_pump_end(struct rj_pump *p);

#endif
