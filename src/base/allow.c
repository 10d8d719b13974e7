#include "base/allow.h"

#include <stdatomic.h>
#include <stddef.h>

#include "rejunit.h"

static atomic_bool threads;
static _Atomic(const char *) folder;

void
rejunit_allow_threads(bool allow)
{
	atomic_store(&threads, allow);
}

void
rejunit_allow_temporary(const char *path)
{
	atomic_store(&folder, path);
}

bool
rj_may_start_threads(void)
{
	return atomic_load(&threads);
}

const char *
rj_temporary_folder(void)
{
	return atomic_load(&folder);
}
