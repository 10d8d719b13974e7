#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "history/db.h"

/* What serves PostgreSQL is a module, which brings the library with it. */
#define MODULE "rejunit-postgresql.so"
#ifndef RJ_MODULES
#define RJ_MODULES "/usr/local/lib/rejunit"
#endif

static struct {
	pthread_mutex_t lock;
	const struct rj_db_driver *driver;
	char why[8192];
} postgresql = { .lock = PTHREAD_MUTEX_INITIALIZER };

#ifdef RJ_STATIC
static void
load(void)
{
	snprintf(postgresql.why, sizeof(postgresql.why),
	    "a command that is linked statically loads none");
}
#else
static bool
load_from(const char *folder, size_t n, const char *below)
{
	char path[4096];
	void *module;

	if (snprintf(path, sizeof(path), "%.*s%s/" MODULE, (int)n, folder,
		below) >= (int)sizeof(path))
		return false;
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module) {
		/* that it is not there says least */
		const char *why = dlerror();

		if (!*postgresql.why || !strstr(why, MODULE ": cannot open"))
			snprintf(
			    postgresql.why, sizeof(postgresql.why), "%s", why);
		return false;
	}
	postgresql.driver = dlsym(module, "rejunit_driver");
	if (postgresql.driver &&
	    strcmp(postgresql.driver->release, REJUNIT_VERSION) == 0)
		return true;
	snprintf(postgresql.why, sizeof(postgresql.why),
	    "%s is of another rejunit", path);
	postgresql.driver = NULL;
	dlclose(module);
	return false;
}

/* Beside the program, in the lib beside its bin, and where it belongs. */
static void
load(void)
{
	char program[4096];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	const char *slash;

	program[n > 0 ? n : 0] = '\0';
	slash = strrchr(program, '/');
	n = slash ? slash - program : 0;
	if (!slash || (!load_from(program, (size_t)n, "") &&
			  !load_from(program, (size_t)n, "/../lib/rejunit")))
		(void)load_from(RJ_MODULES, strlen(RJ_MODULES), "");
}
#endif

bool
rj_is_server(const char *name)
{
	return strncmp(name, "postgresql://", 13) == 0 ||
	       strncmp(name, "postgres://", 11) == 0;
}

const struct rj_db_driver *
rj_db_driver(const char *name, char *why, size_t room)
{
	const struct rj_db_driver *driver;

	if (!rj_is_server(name))
		return &rj_sqlite;
	pthread_mutex_lock(&postgresql.lock);
	if (!postgresql.driver)
		load();
	driver = postgresql.driver;
	if (!driver)
		snprintf(why, room,
		    "a history in PostgreSQL needs the module " MODULE
		    " and the library libpq.so.5, of the package libpq5 or "
		    "libpq: %s",
		    postgresql.why);
	pthread_mutex_unlock(&postgresql.lock);
	return driver;
}
