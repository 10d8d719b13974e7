#include <errno.h>
#include <string.h>

#include "cli.h"

int
write_stdout(void *ctx, const void *data, size_t n)
{
	(void)ctx;
	errno = 0;
	if (n && fwrite(data, 1, n, stdout) != n)
		return errno ? errno : EIO;
	return 0;
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
