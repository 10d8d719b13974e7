#include "read/read_ahead.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/handover.h"

#define WINDOWS 4
#define SHORT	RJ_WINDOW_OLD /* memory is slow when it is new */

/* What is kept is moved by whole blocks. */
_Static_assert(RJ_WINDOW_OLD % RJ_BYTEMAP_BLOCK == 0, "");
_Static_assert(RJ_WINDOW_NEW % RJ_BYTEMAP_BLOCK == 0, "");
_Static_assert(SHORT % RJ_BYTEMAP_BLOCK == 0, "");

struct rj_read_ahead {
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
	struct rj_handover handover;
};

/* Reads on into a window, behind the place for what is kept. */
static void
fill(struct rj_read_ahead *s, struct rj_window *w)
{
	uint64_t n = s->src->size - s->at;

	if (n > s->step)
		n = s->step;
	w->base = s->at - RJ_WINDOW_OLD;
	w->begin = RJ_WINDOW_OLD;
	w->end = RJ_WINDOW_OLD + (size_t)n;
	w->streaks.n = 0;
	w->status = rj_source_read(
	    s->src, s->at, w->bytes + RJ_WINDOW_OLD, (size_t)n, &w->err);
	s->at += n;
	w->last = s->at == s->src->size;
	w->scanned = false;
}

static void
scan(const struct rj_read_ahead *s, struct rj_window *w)
{
	if (!s->scan || w->scanned || w->status)
		return;
	rj_bytemap(&w->map, w->bytes, RJ_WINDOW_OLD, w->end);
	w->scanned = true;
}

static void *
read_ahead(void *ctx)
{
	struct rj_read_ahead *s = ctx;
	bool more = true;
	size_t slot;

	while (more && rj_handover_fill(&s->handover, &slot)) {
		struct rj_window *w = s->windows[slot];

		fill(s, w);
		more = !w->status && !w->last;
		/* while a window waits, the caller is the busier one */
		if (rj_handover_has_filled(&s->handover))
			scan(s, w);
		if (s->look && w->scanned &&
		    rj_handover_has_filled(&s->handover))
			s->look(s->ctx, w);
		rj_handover_filled(&s->handover);
	}
	rj_handover_close(&s->handover);
	return NULL;
}

/* Without the memory or the thread for it, nothing is read ahead. */
static bool
start_ahead(struct rj_read_ahead *s)
{
	for (int i = 1; i < WINDOWS; i++) {
		s->windows[i] = malloc(sizeof(**s->windows));
		if (!s->windows[i])
			return false;
	}
	/* one of the windows is the caller's */
	return rj_handover_start(
	    &s->handover, WINDOWS, WINDOWS - 1, read_ahead, s);
}

struct rj_read_ahead *
rj_read_ahead_new(const struct rj_source *src, bool scan,
    void (*look)(void *ctx, struct rj_window *w), void *ctx)
{
	struct rj_read_ahead *s = calloc(1, sizeof(*s));

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
	s->ahead =
	    s->held && scan && rj_handover_pays(src->size) && start_ahead(s);
	if (!s->ahead)
		s->step = SHORT;
	return s;
}

void
rj_read_ahead_free(struct rj_read_ahead *s)
{
	if (!s)
		return;
	if (s->ahead)
		rj_handover_end(&s->handover);
	if (s->held)
		rj_source_release(s->src);
	for (int i = 0; i < WINDOWS; i++)
		free(s->windows[i]);
	free(s);
}

/* Puts what is kept of this window in front of the next: where it begins. */
static size_t
keep(const struct rj_read_ahead *s, struct rj_window *next, size_t from)
{
	size_t skip = from % RJ_BYTEMAP_BLOCK;
	size_t n = s->now->end - from + skip, to = RJ_WINDOW_OLD - n;

	memmove(next->bytes + to, s->now->bytes + from - skip, n);
	if (s->scan)
		rj_bytemap_keep(&next->map, to, &s->now->map, from - skip, n);
	return to + skip;
}

enum rejunit_status
rj_read_ahead_next(struct rj_read_ahead *s, size_t from,
    const struct rj_window **next, struct rejunit_error *err)
{
	size_t begin = RJ_WINDOW_OLD, slot = 0;
	struct rj_window *w;

	if (s->ahead && !rj_handover_take(&s->handover, &slot))
		return rj_fail(err, REJUNIT_INPUT, "nothing is left to read");
	w = s->windows[slot];
	/* without a thread, it is the end of the one window that moves */
	if (s->now && from < s->now->end)
		begin = keep(s, w, from);
	if (s->ahead)
		rj_handover_taken(&s->handover);
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
