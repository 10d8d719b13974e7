/*
 * read_ahead.h - a source from one end to the other, a window at a time.
 *
 * Where it pays, a thread of its own reads the next windows while the caller is
 * busy with the one that it has. Whichever is less busy scans them.
 */
#ifndef RJ_READ_AHEAD_H
#define RJ_READ_AHEAD_H

#include "file/source.h"
#include "read/plaincase.h"

/* Bytes that a window may keep of the one before it, and that it adds. */
#ifndef RJ_WINDOW_OLD
#define RJ_WINDOW_OLD ((size_t)64 * 1024)
#endif
#define RJ_WINDOW_NEW (RJ_BYTEMAP_MAX - RJ_WINDOW_OLD)

struct rj_window {
	uint64_t base; /* offset in the source of bytes[0], were it there */
	size_t begin; /* the bytes that are there */
	size_t end;
	bool last; /* it ends where the source does */
	enum rejunit_status status;
	struct rejunit_error err;
	bool scanned;
	struct rj_bytemap map;
	struct rj_streaks streaks; /* that were noted so far */
	char bytes[RJ_BYTEMAP_MAX];
};

struct rj_read_ahead;

/*
 * NULL: out of memory. The source and ctx have to outlive it. While the caller
 * is the busier one, the thread calls `look`, unless that is NULL, for windows
 * that it has scanned and not handed over yet.
 */
struct rj_read_ahead *rj_read_ahead_new(const struct rj_source *src, bool scan,
    void (*look)(void *ctx, struct rj_window *w), void *ctx);
void rj_read_ahead_free(struct rj_read_ahead *s);

/*
 * Brings the next window, whose first bytes are those of the last one from
 * `from` on: up to RJ_WINDOW_KEEP of them. It is the reader's own, until
 * the next one is asked for. Behind the last, and after a failure, there is
 * none.
 */
#define RJ_WINDOW_KEEP (RJ_WINDOW_OLD - RJ_BYTEMAP_BLOCK)
enum rejunit_status rj_read_ahead_next(struct rj_read_ahead *s, size_t from,
    const struct rj_window **next, struct rejunit_error *err);

#endif
