#include "base/waiting.h"

#include <stdatomic.h>

static _Atomic(rejunit_wait_fn *) teller;

void
rejunit_on_wait(rejunit_wait_fn *tell)
{
	atomic_store(&teller, tell);
}

void
rj_wait(struct rj_wait *w, enum rejunit_wait what, const char *name)
{
	rejunit_wait_fn *tell = atomic_load(&teller);
	struct timespec now;

	if (w->told || !tell)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!w->began) {
		w->since = now;
		w->began = true;
	}
	if (now.tv_sec - w->since.tv_sec <
	    1 + (now.tv_nsec < w->since.tv_nsec ? 1 : 0))
		return;
	w->told = true;
	tell(what, name);
}
