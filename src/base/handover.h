/*
 * handover.h - a second thread, and the slots that go round between the two.
 *
 * One side fills slots, the other takes them, in the same order. What a slot
 * is, is theirs; a slot belongs to one side at a time.
 */
#ifndef RJ_HANDOVER_H
#define RJ_HANDOVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rj_ring {
	size_t slots;
	size_t ahead; /* that may be filled, and not yet taken */
	size_t filled;
	size_t taken;
	bool closed;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

/* Bytes; below, a thread costs more than it saves. */
#define RJ_RING_LONG ((uint64_t)4 << 20)

/* There is a second processor, and enough to do for it. */
bool rj_ring_pays(uint64_t bytes);

/* Starts the second thread; false: there is none, and nothing to end. */
bool rj_ring_start(struct rj_ring *r, size_t slots, size_t ahead,
    void *(*run)(void *ctx), void *ctx);

/* Closes the ring: no more is filled, but what is can be taken yet. */
void rj_ring_close(struct rj_ring *r);

/* Closes the ring, and waits for the thread to end. */
void rj_ring_end(struct rj_ring *r);

/*
 * Waits for a slot that can be filled; false: the ring is closed. It belongs
 * to who fills until rj_ring_filled() hands it over.
 */
bool rj_ring_fill(struct rj_ring *r, size_t *slot);
void rj_ring_filled(struct rj_ring *r);

/* A slot is filled, and waits to be taken. */
bool rj_ring_has_filled(struct rj_ring *r);

/*
 * Waits for a slot that is filled; false: none is, and the ring is closed. It
 * belongs to who takes until rj_ring_taken() gives it back.
 */
bool rj_ring_take(struct rj_ring *r, size_t *slot);
void rj_ring_taken(struct rj_ring *r);

#endif
