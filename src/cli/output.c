#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

int *
to_stdout(void)
{
	static int fd = STDOUT_FILENO;

	return &fd;
}

bool
is_stdout(const char *path)
{
	return strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0 ||
	       strcmp(path, "/dev/fd/1") == 0 ||
	       strcmp(path, "/proc/self/fd/1") == 0;
}

bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (!a || !b)
		return false;
	return strcmp(a, b) == 0 ||
	       (stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) &&
		   x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

enum rejunit_status
flush_stdout(struct rejunit_error *err)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return REJUNIT_OK;
	*err = (struct rejunit_error){ .status = REJUNIT_OUTPUT };
	snprintf(err->message, sizeof(err->message), "cannot be written: %s",
	    strerror(errno));
	return REJUNIT_OUTPUT;
}

enum rejunit_status
no_memory(struct rejunit_error *err)
{
	*err = (struct rejunit_error){ .status = REJUNIT_MEMORY };
	snprintf(err->message, sizeof(err->message), "out of memory");
	return REJUNIT_MEMORY;
}
