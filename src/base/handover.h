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

struct rj_handover {
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
#define RJ_HANDOVER_LONG ((uint64_t)4 << 20)

/* A second thread is allowed, and has enough to do for a second processor. */
bool rj_handover_pays(uint64_t bytes);

/* Starts the second thread; false: there is none, and nothing to end. */
bool rj_handover_start(struct rj_handover *r, size_t slots, size_t ahead,
    void *(*run)(void *ctx), void *ctx);

/* Closes the handover: no more is filled, but what is can be taken yet. */
void rj_handover_close(struct rj_handover *r);

/* Closes it, and waits for the thread to end. */
void rj_handover_end(struct rj_handover *r);

/*
 * Waits for a slot that can be filled; false: the handover is closed. It
 * belongs to who fills until rj_handover_filled() hands it over.
 */
bool rj_handover_fill(struct rj_handover *r, size_t *slot);
void rj_handover_filled(struct rj_handover *r);

/* A slot is filled, and waits to be taken. */
bool rj_handover_has_filled(struct rj_handover *r);

/*
 * Waits for a slot that is filled; false: none is, and the handover is closed.
 * It belongs to who takes until rj_handover_taken() gives it back.
 */
bool rj_handover_take(struct rj_handover *r, size_t *slot);
void rj_handover_taken(struct rj_handover *r);

#endif
