#include "file/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/waiting.h"
#include "file/encoding.h"
#include "file/repair.h"

#define CHUNK 16384

static enum rejunit_status
fail_errno(
    const struct rj_source *src, const char *what, struct rejunit_error *err)
{
	return rj_fail_errno(err, REJUNIT_INPUT, src->name, what);
}

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev &&
	       a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Opens a file once more, if it was closed since. */
static enum rejunit_status
wake(const struct rj_source *src, struct rejunit_error *err)
{
	struct stat now;
	int fd;

	if (!src->file || src->file->fd >= 0)
		return REJUNIT_OK;
	fd = rj_pool_open(src->pool, src->path);
	if (fd < 0)
		return fail_errno(src, "cannot be opened again", err);
	if (fstat(fd, &now) != 0 || !is_same_file(&now, &src->id)) {
		close(fd);
		return rj_fail_at(err, REJUNIT_INPUT, src->name, 0, 0,
		    "was changed by somebody else while it was being read");
	}
	rj_pool_enter(src->pool, src->file, fd);
	return REJUNIT_OK;
}

enum rejunit_status
rj_source_hold(const struct rj_source *src, struct rejunit_error *err)
{
	enum rejunit_status status = wake(src, err);

	if (!status && src->file)
		src->file->holds++;
	return status;
}

void
rj_source_release(const struct rj_source *src)
{
	if (src->file && src->file->holds)
		src->file->holds--;
}

/* --- what is kept -------------------------------------------------------- */

enum rejunit_status
rj_source_begin_kept(const struct rj_source *src, struct rj_origin *part,
    struct rejunit_error *err)
{
	if (!rj_pool_begin_kept(src->pool))
		return fail_errno(src, "cannot make a temporary file", err);
	*part = (struct rj_origin){ .kept = true, .at = src->pool->kept_size };
	return REJUNIT_OK;
}

enum rejunit_status
rj_source_keep(const struct rj_source *src, const char *s, size_t n,
    struct rejunit_error *err)
{
	if (rj_pool_keep(src->pool, s, n))
		return REJUNIT_OK;
	return errno == ENOMEM
		   ? rj_fail_memory(err)
		   : fail_errno(src, "cannot be kept in a temporary file", err);
}

/* As pread() does, from wherever the bytes are. */
static ssize_t
read_at(const struct rj_source *src, const struct rj_origin *part, void *out,
    size_t n, uint64_t at)
{
	if (part->kept)
		return rj_pool_read_kept(src->pool, out, n, at);
	if (src->file)
		return pread(src->file->fd, out, n, (off_t)at);
	if (at >= src->raw_size)
		return 0;
	if (n > src->raw_size - at)
		n = (size_t)(src->raw_size - at);
	memcpy(out, src->memory + at, n);
	return (ssize_t)n;
}

/* Reads a file, from one place on: how much there is of what is asked for. */
static enum rejunit_status
read_part(const struct rj_source *src, const struct rj_origin *part,
    uint64_t at, void *out, size_t n, size_t *got, struct rejunit_error *err)
{
	enum rejunit_status status = part->kept ? REJUNIT_OK : wake(src, err);
	char *p = out;

	*got = 0;
	if (status)
		return status;
	if (rj_is_cancelled()) {
		errno = EINTR;
		return fail_errno(src, "cannot be read", err);
	}
	while (*got < n) {
		ssize_t r = read_at(
		    src, part, p + *got, n - *got, part->at + at + *got);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return fail_errno(src, "cannot be read", err);
		if (r == 0)
			break;
		*got += (size_t)r;
	}
	return REJUNIT_OK;
}

enum rejunit_status
rj_source_read_some(const struct rj_source *src, uint64_t at, void *out,
    size_t n, size_t *got, struct rejunit_error *err)
{
	/* what is kept behind them is not theirs */
	if (src->raw.kept && at + n > src->raw_size)
		n = at < src->raw_size ? (size_t)(src->raw_size - at) : 0;
	return read_part(src, &src->raw, at, out, n, got, err);
}

/* --- opening ------------------------------------------------------------- */

/* Waits until there is something to read, or its end; false with errno. */
static bool
await(int in, const char *name)
{
	struct pollfd p = { .fd = in, .events = POLLIN };
	struct rj_wait wait = { 0 };
	int n;

	/* a signal may come just before poll() does */
	while ((n = poll(&p, 1, RJ_WAIT_MS)) <= 0) {
		if (n < 0 && errno != EINTR)
			return false;
		if (rj_is_cancelled()) {
			errno = EINTR;
			return false;
		}
		rj_wait(&wait, REJUNIT_WAIT_INPUT, name);
	}
	return true;
}

/* Keeps what cannot be read twice. */
static enum rejunit_status
spool(struct rj_source *src, int in, struct rejunit_error *err)
{
	enum rejunit_status status = rj_source_begin_kept(src, &src->raw, err);
	char chunk[4 * CHUNK];

	while (!status) {
		ssize_t n = -1;

		if (await(in, src->name))
			n = read(in, chunk, sizeof(chunk));
		if (n == 0)
			break;
		if (n < 0 && !rj_is_cancelled() &&
		    (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return fail_errno(src, "cannot be read", err);
		status = rj_source_keep(src, chunk, (size_t)n, err);
		src->raw_size += (uint64_t)n;
	}
	return status;
}

static enum rejunit_status
enter_file(struct rj_source *src, struct rj_arena *a, const char *path, int fd,
    struct rejunit_error *err)
{
	src->file = rj_alloc(a, sizeof(*src->file));
	if (!src->file)
		return rj_fail_memory(err);
	rj_pool_enter(src->pool, src->file, fd);
	/* what has no path cannot be opened again */
	src->file->holds = path == NULL;
	src->path = path;
	src->raw_size = (uint64_t)src->id.st_size;
	return REJUNIT_OK;
}

/* Takes the bytes from an open descriptor, which is the source's then. */
static enum rejunit_status
take_descriptor(struct rj_source *src, struct rj_arena *a, const char *path,
    int fd, bool is_stream, struct rejunit_error *err)
{
	mode_t mode;
	enum rejunit_status status = REJUNIT_OK;

	if (fstat(fd, &src->id) != 0) {
		status = fail_errno(src, "cannot be opened", err);
		close(fd);
		return status;
	}
	mode = src->id.st_mode;
	if (!is_stream && S_ISREG(mode)) {
		status = enter_file(src, a, path, fd, err);
		if (!status)
			return REJUNIT_OK;
	} else if (S_ISDIR(mode)) {
		errno = EISDIR;
		status = fail_errno(src, "cannot be read", err);
	} else if (S_ISFIFO(mode) || S_ISSOCK(mode) || is_stream) {
		status = spool(src, fd, err);
	} else {
		status = rj_fail_at(err, REJUNIT_INPUT, src->name, 0, 0,
		    "is a device, not a report");
	}
	close(fd);
	return status;
}

static enum rejunit_status
open_raw(struct rj_source *src, struct rj_arena *a,
    const struct rejunit_input *in, struct rejunit_error *err)
{
	bool is_stdin = !in->data && in->fd < 0 && strcmp(in->name, "-") == 0;
	const char *path = NULL;
	int fd;

	if (in->data) {
		src->memory = in->data;
		src->raw_size = in->size;
		/* the same bytes are the same input */
		src->id.st_ino = (ino_t)(uintptr_t)in->data;
		return REJUNIT_OK;
	}
	if (is_stdin || in->fd >= 0) {
		fd =
		    fcntl(is_stdin ? STDIN_FILENO : in->fd, F_DUPFD_CLOEXEC, 0);
	} else {
		/* it is not the opening of a FIFO that waits for a writer */
		path = in->name;
		fd = rj_pool_open(src->pool, path);
	}
	if (fd < 0)
		return fail_errno(src, "cannot be opened", err);
	/* nothing ever comes out of one that is for writing */
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY) {
		close(fd);
		errno = EBADF;
		return fail_errno(src, "cannot be opened", err);
	}
	return take_descriptor(src, a, path, fd, is_stdin, err);
}

/* Keeps a repaired copy of the file's own bytes. */
static enum rejunit_status
keep_repaired(const struct rj_source *src, struct rj_repair *r,
    struct rj_buf *out, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;
	char in[CHUNK];
	uint64_t at = 0;
	size_t left = 0, n = 1;

	while (!status && n) {
		size_t done;

		status = rj_source_read_some(
		    src, at, in + left, sizeof(in) - left, &n, err);
		if (status)
			break;
		at += n;
		left += n;
		out->n = 0;
		done = rj_repair(r, (struct rj_str){ in, left }, n == 0, out);
		if (done == SIZE_MAX)
			return rj_fail_memory(err);
		status = rj_source_keep(src, out->s, out->n, err);
		left -= done;
		memmove(in, in + done, left);
	}
	return status;
}

/* Puts a repaired copy in the place of the file, if there is any need. */
static enum rejunit_status
repair(struct rj_source *src, struct rejunit_error *err)
{
	struct rj_repair r = { .utf8 = !src->encoding };
	struct rj_buf out = { 0 };
	struct rj_origin copy = { 0 };
	enum rejunit_status status = rj_source_begin_kept(src, &copy, err);

	if (!status)
		status = keep_repaired(src, &r, &out, err);
	rj_buf_free(&out);
	if (status)
		return status;
	if (r.replaced == 0) {
		rj_pool_forget(src->pool, copy.at);
		return REJUNIT_OK;
	}
	rj_pool_close_file(src->pool, src->file);
	src->raw = copy;
	src->raw_size = r.written;
	src->repaired = r.replaced;
	src->repaired_bytes = r.bytes;
	src->repaired_line = r.first_line;
	return REJUNIT_OK;
}

/* Finds src->encoding; NULL stays for UTF-8. */
static enum rejunit_status
find_encoding(
    struct rj_source *src, struct rj_arena *a, struct rejunit_error *err)
{
	char bytes[RJ_HEAD_MAX];
	struct rj_str head = { bytes, 0 }, name = { NULL, 0 };
	enum rejunit_status status =
	    rj_source_read_some(src, 0, bytes, sizeof(bytes), &head.n, err);

	if (!status)
		status = rj_encoding_find(src->name, head, &name, err);
	if (status || !name.n)
		return status;
	if (!rj_alloc_str(a, name, &name))
		return rj_fail_memory(err);
	src->encoding = name.s;
	return REJUNIT_OK;
}

/* With the file's own bytes there: finds their encoding, and decodes them. */
static enum rejunit_status
prepare(struct rj_source *src, struct rj_arena *a, bool mend,
    struct rejunit_error *err)
{
	enum rejunit_status status = find_encoding(src, a, err);

	if (!status && mend && src->encoding &&
	    rj_str_starts(rj_str(src->encoding), RJ_STR("UTF-")))
		return rj_fail_at(err, REJUNIT_INPUT, src->name, 1, 1,
		    "a report in %s cannot be repaired", src->encoding);
	if (!status && mend)
		status = repair(src, err);
	if (status)
		return status;
	if (src->encoding)
		return rj_source_decode(src, err);
	src->text = src->raw;
	src->size = src->raw_size;
	return REJUNIT_OK;
}

enum rejunit_status
rj_source_open_in(struct rj_source *src, struct rj_pool *pool,
    struct rj_arena *a, const struct rejunit_input *in, bool mend,
    struct rejunit_error *err)
{
	enum rejunit_status status;

	*src = (struct rj_source){ .name = rj_input_name(in), .pool = pool };
	status = open_raw(src, a, in, err);
	return status ? status : prepare(src, a, mend, err);
}

/* A pool of its own; NULL: out of memory. */
static struct rj_pool *
own_pool(struct rj_source *src, struct rj_arena *a, const char *name)
{
	*src = (struct rj_source){ .name = name };
	src->pool = src->own = rj_alloc(a, sizeof(*src->own));
	return src->own;
}

enum rejunit_status
rj_source_open(struct rj_source *src, struct rj_arena *a,
    const struct rejunit_input *in, bool mend, struct rejunit_error *err)
{
	struct rj_pool *own = own_pool(src, a, in->name);
	enum rejunit_status status;

	if (!own)
		return rj_fail_memory(err);
	status = rj_source_open_in(src, own, a, in, mend, err);
	src->own = own;
	return status;
}

enum rejunit_status
rj_source_begin(struct rj_source *src, struct rj_arena *a, const char *name,
    struct rejunit_error *err)
{
	if (!own_pool(src, a, name))
		return rj_fail_memory(err);
	return rj_source_begin_kept(src, &src->raw, err);
}

int
rj_source_append(void *source, const void *data, size_t n)
{
	struct rj_source *src = source;

	if (!rj_pool_keep(src->pool, data, n))
		return errno;
	src->raw_size += n;
	return 0;
}

enum rejunit_status
rj_source_end(
    struct rj_source *src, struct rj_arena *a, struct rejunit_error *err)
{
	return prepare(src, a, false, err);
}

enum rejunit_status
rj_source_mend(
    struct rj_source *src, struct rj_arena *a, struct rejunit_error *err)
{
	src->text = (struct rj_origin){ 0 };
	src->size = 0;
	src->encoding = NULL;
	return prepare(src, a, true, err);
}

void
rj_source_close(struct rj_source *src)
{
	if (src->pool)
		rj_pool_close_file(src->pool, src->file);
	if (src->own)
		rj_pool_close(src->own);
	src->pool = src->own = NULL;
	src->file = NULL;
}

/* --- reading ------------------------------------------------------------- */

static enum rejunit_status
read_exactly(const struct rj_source *src, const struct rj_origin *part,
    uint64_t at, void *out, size_t n, struct rejunit_error *err)
{
	size_t got;
	enum rejunit_status status =
	    read_part(src, part, at, out, n, &got, err);

	if (!status && got < n)
		status = rj_fail_at(err, REJUNIT_INPUT, src->name, 0, 0,
		    "became shorter while it was being read");
	return status;
}

enum rejunit_status
rj_source_read(const struct rj_source *src, uint64_t at, void *out, size_t n,
    struct rejunit_error *err)
{
	return read_exactly(src, &src->text, at, out, n, err);
}

enum rejunit_status
rj_source_read_raw(const struct rj_source *src, uint64_t at, void *out,
    size_t n, struct rejunit_error *err)
{
	return read_exactly(src, &src->raw, at, out, n, err);
}

enum rejunit_status
rj_source_read_span(const struct rj_source *src, struct rj_span span,
    struct rj_buf *to, struct rejunit_error *err)
{
	size_t n = (size_t)(span.end - span.at);
	enum rejunit_status status;

	to->n = 0;
	if (!rj_buf_reserve(to, n))
		return rj_fail_memory(err);
	status = rj_source_read(src, span.at, to->s, n, err);
	if (!status)
		to->n = n;
	return status;
}

enum rejunit_status
rj_source_untouched(
    const char *path, const struct stat *then, struct rejunit_error *err)
{
	struct stat now;

	if (stat(path, &now) == 0 && is_same_file(&now, then))
		return REJUNIT_OK;
	return rj_fail_at(err, REJUNIT_OUTPUT, path, 0, 0,
	    "was changed by somebody else while it was being updated");
}

struct rj_str
rj_file_key(const struct stat *st, struct rj_file_id *id)
{
	/* what lies between the members is part of the key */
	memset(id, 0, sizeof(*id));
	id->dev = st->st_dev;
	id->ino = st->st_ino;
	return (struct rj_str){ (const char *)id, sizeof(*id) };
}

bool
rj_source_same(const struct rj_source *a, const struct rj_source *b)
{
	char x[CHUNK], y[CHUNK];

	if (a->path && b->path && a->id.st_dev == b->id.st_dev &&
	    a->id.st_ino == b->id.st_ino)
		return true;
	if (a->raw_size != b->raw_size)
		return false;
	for (uint64_t at = 0; at < a->raw_size; at += sizeof(x)) {
		size_t n, m;

		if (rj_source_read_some(a, at, x, sizeof(x), &n, NULL) ||
		    n == 0 ||
		    rj_source_read_some(b, at, y, sizeof(y), &m, NULL) ||
		    m != n || memcmp(x, y, n) != 0)
			return false;
	}
	return true;
}
