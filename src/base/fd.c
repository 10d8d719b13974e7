#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"

int
rejunit_write_fd(void *ctx, const void *data, size_t size)
{
	const int *fd = ctx;
	const char *p = data;

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
rj_temporary(void)
{
	char path[] = P_tmpdir "/rejunit-XXXXXX";
	int fd = mkstemp(path);

	if (fd >= 0) {
		unlink(path);
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	return fd;
}

bool
rj_write_all(int fd, const char *s, size_t n)
{
	errno = rejunit_write_fd(&fd, s, n);
	return errno == 0;
}
