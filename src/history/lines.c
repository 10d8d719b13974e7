#include "history/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#define CHUNK 65536

/* Takes the lines that are whole, and keeps the rest. */
static enum rejunit_status
take_lines(struct rj_buf *b, bool end, rj_line_fn *take, void *ctx,
    unsigned long *number)
{
	enum rejunit_status status = REJUNIT_OK;
	size_t at = 0;

	while (!status && at < b->n) {
		const char *newline = memchr(b->s + at, '\n', b->n - at);
		size_t n = newline ? (size_t)(newline - b->s) - at : b->n - at;
		size_t shown = n;

		if (!newline && !end)
			break;
		++*number;
		if (shown && b->s[at + shown - 1] == '\r')
			shown--;
		if (shown)
			status = take(
			    ctx, (struct rj_str){ b->s + at, shown }, *number);
		at += n + (newline != NULL);
	}
	memmove(b->s, b->s + at, b->n - at);
	b->n -= at;
	return status;
}

static enum rejunit_status
fail_reading(
    gzFile f, const char *path, unsigned long line, struct rejunit_error *err)
{
	int code;
	const char *why = gzerror(f, &code);

	if (code == Z_ERRNO)
		return rj_fail_errno(
		    err, REJUNIT_INPUT, path, "cannot be read");
	if (code == Z_MEM_ERROR)
		return rj_fail_memory(err);
	return rj_fail_at(err, REJUNIT_INPUT, path, line, 0,
	    "is cut off or damaged: %s", why);
}

enum rejunit_status
rj_read_lines(
    const char *path, rj_line_fn *take, void *ctx, struct rejunit_error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
			  : open(path, O_RDONLY | O_CLOEXEC);
	gzFile f = fd < 0 ? NULL : gzdopen(fd, "rb");
	enum rejunit_status status = REJUNIT_OK;
	struct rj_buf b = { 0 };
	unsigned long number = 0;
	int n = 1, code;

	if (fd < 0)
		return rj_fail_errno(
		    err, REJUNIT_INPUT, path, "cannot be opened");
	if (!f) {
		close(fd);
		return rj_fail_memory(err);
	}
	while (!status && n > 0) {
		if (!rj_buf_reserve(&b, CHUNK)) {
			status = rj_fail_memory(err);
			break;
		}
		n = gzread(f, b.s + b.n, CHUNK);
		if (n < 0) {
			status = fail_reading(f, path, number, err);
			break;
		}
		b.n += (size_t)n;
		/* what ends in the middle of compressed data */
		if (n == 0 && (gzerror(f, &code), code != Z_OK))
			status = fail_reading(f, path, number, err);
		else
			status = take_lines(&b, n == 0, take, ctx, &number);
	}
	rj_buf_free(&b);
	gzclose(f);
	return status;
}
