/* Two updates of one file, and of one folder: the second one waits. */
#include <string.h>
#include <unistd.h>

#include "rejunit.h"
#include "tap.h"

static struct rejunit_update *
update_of(const char *path)
{
	struct rejunit_update *u = NULL;

	if (rejunit_update_new(&u, NULL) ||
	    rejunit_update_original(u, path, NULL))
		abort();
	return u;
}

static void
try_twice(const char *path)
{
	struct rejunit_update *one = update_of(path), *other = update_of(path);
	struct rejunit_error err = { 0 };

	OK(rejunit_update_lock(one, 0, &err) == REJUNIT_OK);
	OK(rejunit_update_lock(other, 0, &err) == REJUNIT_OUTPUT);
	OK(strstr(err.message, "has not ended within 0 seconds") != NULL);
	OK(strncmp(err.file, path, strlen(path)) == 0);
	rejunit_update_free(one);
	OK(rejunit_update_lock(other, 0, &err) == REJUNIT_OK);
	rejunit_update_free(other);
}

int
main(void)
{
	char folder[] = P_tmpdir "/rejunit-test-XXXXXX";
	char file[sizeof(folder) + 8];
	FILE *f;

	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	snprintf(file, sizeof(file), "%s/o.xml", folder);
	f = fopen(file, "w");
	if (!f || fclose(f) != 0)
		return EXIT_FAILURE;
	try_twice(file);
	try_twice(folder);
	unlink(file);
	OK(rmdir(folder) == 0);
	return done();
}
