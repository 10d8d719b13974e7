#include "base/handover.h"

#include <signal.h>
#include <unistd.h>

#include "base/allow.h"

bool
rj_handover_pays(uint64_t bytes)
{
	return bytes >= RJ_HANDOVER_LONG && rj_may_start_threads() &&
	       sysconf(_SC_NPROCESSORS_ONLN) > 1;
}

static void
forget(struct rj_handover *r)
{
	pthread_mutex_destroy(&r->lock);
	pthread_cond_destroy(&r->changed);
}

bool
rj_handover_start(struct rj_handover *r, size_t slots, size_t ahead,
    void *(*run)(void *ctx), void *ctx)
{
	sigset_t all, old;
	bool started;

	*r = (struct rj_handover){ .slots = slots, .ahead = ahead };
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
	/* signals are for the thread that the program knows */
	sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	started = pthread_create(&r->thread, NULL, run, ctx) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!started)
		forget(r);
	return started;
}

void
rj_handover_close(struct rj_handover *r)
{
	pthread_mutex_lock(&r->lock);
	r->closed = true;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

void
rj_handover_end(struct rj_handover *r)
{
	rj_handover_close(r);
	pthread_join(r->thread, NULL);
	forget(r);
}

bool
rj_handover_fill(struct rj_handover *r, size_t *slot)
{
	bool open;

	pthread_mutex_lock(&r->lock);
	while (r->filled - r->taken == r->ahead && !r->closed)
		pthread_cond_wait(&r->changed, &r->lock);
	*slot = r->filled % r->slots;
	open = !r->closed;
	pthread_mutex_unlock(&r->lock);
	return open;
}

bool
rj_handover_has_filled(struct rj_handover *r)
{
	bool any;

	pthread_mutex_lock(&r->lock);
	any = r->filled != r->taken;
	pthread_mutex_unlock(&r->lock);
	return any;
}

bool
rj_handover_take(struct rj_handover *r, size_t *slot)
{
	bool any;

	pthread_mutex_lock(&r->lock);
	while (r->filled == r->taken && !r->closed)
		pthread_cond_wait(&r->changed, &r->lock);
	*slot = r->taken % r->slots;
	any = r->filled != r->taken;
	pthread_mutex_unlock(&r->lock);
	return any;
}

static void
count(struct rj_handover *r, size_t *counter)
{
	pthread_mutex_lock(&r->lock);
	++*counter;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

void
rj_handover_filled(struct rj_handover *r)
{
	count(r, &r->filled);
}

void
rj_handover_taken(struct rj_handover *r)
{
	count(r, &r->taken);
}
