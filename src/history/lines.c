#include "history/lines.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef RJ_HAS_ZLIB
#include <zlib.h>
#endif

#define CHUNK 65536

/* What has been read, and not been taken yet. */
struct unread {
	struct rj_buf text;
	size_t seen; /* of it, where no line ends */
	unsigned long number; /* of the last line */
};

/* Takes the lines that are whole, and keeps the rest. */
static enum rejunit_status
take_lines(struct unread *u, bool end, rj_line_fn *take, void *ctx)
{
	enum rejunit_status status = REJUNIT_OK;
	const char *s = u->text.s;
	size_t n = u->text.n, at = 0;

	while (!status && at < n) {
		size_t from = at > u->seen ? at : u->seen;
		const char *newline = memchr(s + from, '\n', n - from);
		size_t stop = newline ? (size_t)(newline - s) : n;
		size_t shown = stop - at;

		if (!newline && !end)
			break;
		++u->number;
		if (shown && s[at + shown - 1] == '\r')
			shown--;
		if (shown)
			status = take(
			    ctx, (struct rj_str){ s + at, shown }, u->number);
		at = stop + (newline != NULL);
	}
	if (at)
		memmove(u->text.s, s + at, n - at);
	u->text.n -= at;
	u->seen = u->text.n;
	return status;
}

/* --- compressed or not ---------------------------------------------------- */

#ifdef RJ_HAS_ZLIB

typedef gzFile stream;

static stream
open_stream(int fd)
{
	return gzdopen(fd, "rb");
}

static void
close_stream(stream f)
{
	gzclose(f);
}

/* How much there is; less than 0: why says what is wrong, unless errno does. */
static int
read_stream(stream f, char *out, const char **why)
{
	int n = gzread(f, out, CHUNK), code = Z_OK;
	const char *what = gzerror(f, &code);

	*why = code == Z_ERRNO ? NULL : what;
	/* what ends in the middle of compressed data is no end */
	return code == Z_OK || code == Z_STREAM_END ? n : -1;
}

#else

typedef FILE *stream;

static stream
open_stream(int fd)
{
	return fdopen(fd, "rb");
}

static void
close_stream(stream f)
{
	fclose(f);
}

static int
read_stream(stream f, char *out, const char **why)
{
	int n = (int)fread(out, 1, CHUNK, f);

	*why = NULL;
	if (n == 0 && ferror(f))
		return -1;
	if (n < 2 || memcmp(out, "\x1f\x8b", 2) != 0)
		return n;
	*why = "this rejunit was built without zlib";
	return -1;
}

#endif

enum rejunit_status
rj_read_lines(
    const char *path, rj_line_fn *take, void *ctx, struct rejunit_error *err)
{
	int fd = strcmp(path, "-") == 0
		     ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
		     : open(path, O_RDONLY | O_CLOEXEC);
	stream f = fd < 0 ? NULL : open_stream(fd);
	enum rejunit_status status = REJUNIT_OK;
	struct unread u = { .seen = 0 };

	if (fd < 0)
		return rj_fail_errno(
		    err, REJUNIT_INPUT, path, "cannot be opened");
	if (!f) {
		close(fd);
		return rj_fail_memory(err);
	}
	for (int n = 1; !status && n > 0;) {
		const char *why;

		if (!rj_buf_reserve(&u.text, CHUNK)) {
			status = rj_fail_memory(err);
			break;
		}
		n = read_stream(f, u.text.s + u.text.n, &why);
		if (n < 0 && why)
			status = rj_fail_at(err, REJUNIT_INPUT, path, 0, 0,
			    "cannot be read: %s", why);
		else if (n < 0)
			status = rj_fail_errno(
			    err, REJUNIT_INPUT, path, "cannot be read");
		if (status)
			break;
		u.text.n += (size_t)n;
		status = take_lines(&u, n == 0, take, ctx);
	}
	rj_buf_free(&u.text);
	close_stream(f);
	return status;
}
