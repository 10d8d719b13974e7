#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/str.h"
#include "rejunit.h"

int
rejunit_write_fd(void *ctx, const void *data, size_t size)
{
	const int *fd = ctx;
	const char *p = data;

	if (!fd)
		return EBADF;
	while (size) {
		ssize_t n = write(*fd, p, size);

		if (n < 0 && errno == EINTR && !rj_is_cancelled())
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

int
rj_temporary(const char *folder)
{
	struct rj_buf path = { 0 };
	int fd = -1;

	if (!rj_buf_add(&path, rj_str(folder)) ||
	    !rj_buf_add(&path, RJ_STR("/rejunit-XXXXXX\0"))) {
		errno = ENOMEM;
	} else {
		fd = mkstemp(path.s);
		if (fd >= 0) {
			unlink(path.s);
			fcntl(fd, F_SETFD, FD_CLOEXEC);
		}
	}
	rj_buf_free(&path);
	return fd;
}
