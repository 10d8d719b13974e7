/*
 * waiting.h - telling somebody what a call is waiting for.
 *
 * The library itself says nothing: rejunit_on_wait() names who is told. Begin
 * with a zeroed struct, and call rj_wait() each time that nothing has come.
 */
#ifndef RJ_WAITING_H
#define RJ_WAITING_H

#include <time.h>

#include "rejunit.h"

/* What waits looks round so often, in milliseconds. */
#define RJ_WAIT_MS 50

struct rj_wait {
	bool began;
	bool told;
	struct timespec since;
};

/* Tells it, once, when a second has gone by since the first call. */
void rj_wait(struct rj_wait *w, enum rejunit_wait what, const char *name);

#endif
