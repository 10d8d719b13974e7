#include "base/cancel.h"

#include <stddef.h>

#include "rejunit.h"

/* lock-free, so that a signal handler may set it */
static atomic_int cancelled;

static _Thread_local const atomic_int *handle;

void
rejunit_cancel(void)
{
	atomic_store(&cancelled, 1);
}

bool
rj_is_cancelled(void)
{
	return atomic_load(&cancelled) != 0 ||
	       (handle && atomic_load(handle) != 0);
}

const atomic_int *
rj_work_for(const atomic_int *next)
{
	const atomic_int *before = handle;

	handle = next;
	return before;
}
