#include "read/read_ahead.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/handover.h"

#define WINDOWS 4
#define SHORT	((size_t)64 * 1024) /* memory is slow when it is new */

/* What is kept is moved by whole blocks. */
_Static_assert(RJ_WINDOW_OLD % RJ_SCAN_BLOCK == 0, "");
_Static_assert(RJ_WINDOW_NEW % RJ_SCAN_BLOCK == 0, "");
_Static_assert(SHORT % RJ_SCAN_BLOCK == 0, "");

struct rj_stream {
	const struct rj_source *src;
	bool scan;
	void (*look)(void *ctx, struct rj_window *w);
	void *ctx;
	uint64_t at; /* of what is read next, */
	size_t step; /* and how much */
	struct rj_window *windows[WINDOWS]; /* without a thread, only one */
	struct rj_window *now; /* that the caller has; NULL at first */
	bool held; /* the source is, */
	bool ahead; /* and a thread fills the windows */
	struct rj_ring ring;
};

/* Reads on into a window, behind the place for what is kept. */
static void
fill(struct rj_stream *s, struct rj_window *w)
{
	uint64_t n = s->src->size - s->at;

	if (n > s->step)
		n = s->step;
	w->base = s->at - RJ_WINDOW_OLD;
	w->begin = RJ_WINDOW_OLD;
	w->end = RJ_WINDOW_OLD + (size_t)n;
	w->runs.n = 0;
	w->status = rj_source_read(
	    s->src, s->at, w->bytes + RJ_WINDOW_OLD, (size_t)n, &w->err);
	s->at += n;
	w->last = s->at == s->src->size;
	w->scanned = false;
}

static void
scan(const struct rj_stream *s, struct rj_window *w)
{
	if (!s->scan || w->scanned || w->status)
		return;
	rj_scan(&w->scan, w->bytes, RJ_WINDOW_OLD, w->end);
	w->scanned = true;
}

static void *
read_ahead(void *ctx)
{
	struct rj_stream *s = ctx;
	bool more = true;
	size_t slot;

	while (more && rj_ring_fill(&s->ring, &slot)) {
		struct rj_window *w = s->windows[slot];

		fill(s, w);
		more = !w->status && !w->last;
		/* while a window waits, the caller is the busier one */
		if (rj_ring_has_filled(&s->ring))
			scan(s, w);
		if (s->look && w->scanned && rj_ring_has_filled(&s->ring))
			s->look(s->ctx, w);
		rj_ring_filled(&s->ring);
	}
	rj_ring_close(&s->ring);
	return NULL;
}

/* Without the memory or the thread for it, nothing is read ahead. */
static bool
start_ahead(struct rj_stream *s)
{
	for (int i = 1; i < WINDOWS; i++) {
		s->windows[i] = malloc(sizeof(**s->windows));
		if (!s->windows[i])
			return false;
	}
	/* one of the windows is the caller's */
	return rj_ring_start(&s->ring, WINDOWS, WINDOWS - 1, read_ahead, s);
}

struct rj_stream *
rj_stream_new(const struct rj_source *src, bool scan,
    void (*look)(void *ctx, struct rj_window *w), void *ctx)
{
	struct rj_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->src = src;
	s->scan = scan;
	s->look = look;
	s->ctx = ctx;
	s->windows[0] = malloc(sizeof(**s->windows));
	if (!s->windows[0]) {
		free(s);
		return NULL;
	}
	s->step = RJ_WINDOW_NEW;
	/* why it cannot be read, reading says */
	s->held = !rj_source_hold(src, NULL);
	s->ahead = s->held && scan && rj_ring_pays(src->size) && start_ahead(s);
	if (!s->ahead)
		s->step = SHORT;
	return s;
}

void
rj_stream_free(struct rj_stream *s)
{
	if (!s)
		return;
	if (s->ahead)
		rj_ring_end(&s->ring);
	if (s->held)
		rj_source_release(s->src);
	for (int i = 0; i < WINDOWS; i++)
		free(s->windows[i]);
	free(s);
}

/* Puts what is kept of this window in front of the next: where it begins. */
static size_t
keep(const struct rj_stream *s, struct rj_window *next, size_t from)
{
	size_t skip = from % RJ_SCAN_BLOCK;
	size_t n = s->now->end - from + skip, to = RJ_WINDOW_OLD - n;

	memmove(next->bytes + to, s->now->bytes + from - skip, n);
	if (s->scan)
		rj_scan_keep(&next->scan, to, &s->now->scan, from - skip, n);
	return to + skip;
}

enum rejunit_status
rj_stream_next(struct rj_stream *s, size_t from, const struct rj_window **next,
    struct rejunit_error *err)
{
	size_t begin = RJ_WINDOW_OLD, slot = 0;
	struct rj_window *w;

	if (s->ahead && !rj_ring_take(&s->ring, &slot))
		return rj_fail(err, REJUNIT_INPUT, "nothing is left to read");
	w = s->windows[slot];
	/* without a thread, it is the end of the one window that moves */
	if (s->now && from < s->now->end)
		begin = keep(s, w, from);
	if (s->ahead)
		rj_ring_taken(&s->ring);
	else
		fill(s, w);
	scan(s, w);
	w->begin = begin;
	s->now = w;
	*next = w;
	if (w->status && err)
		*err = w->err;
	return w->status;
}
