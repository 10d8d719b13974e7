#include "file/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	if (!rj_pool_keep(src->pool, s, n))
		return fail_errno(
		    src, "cannot be kept in a temporary file", err);
	return REJUNIT_OK;
}

/* Reads a file, from one place on: how much there is of what is asked for. */
static enum rejunit_status
read_part(const struct rj_source *src, const struct rj_origin *part,
    uint64_t at, void *out, size_t n, size_t *got, struct rejunit_error *err)
{
	enum rejunit_status status = part->kept ? REJUNIT_OK : wake(src, err);
	int fd = part->kept ? src->pool->kept : src->file ? src->file->fd : -1;
	char *p = out;

	*got = 0;
	if (status)
		return status;
	if (rj_is_cancelled()) {
		errno = EINTR;
		return fail_errno(src, "cannot be read", err);
	}
	while (*got < n) {
		ssize_t r = pread(
		    fd, p + *got, n - *got, (off_t)(part->at + at + *got));

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
open_raw(struct rj_source *src, struct rj_arena *a, const char *path,
    struct rejunit_error *err)
{
	struct stat *st = &src->id;
	bool is_stdin = strcmp(path, "-") == 0;
	/* it is not the opening of a FIFO that waits for a writer */
	int in = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
			  : rj_pool_open(src->pool, path);
	enum rejunit_status status = REJUNIT_OK;

	if (in < 0)
		return fail_errno(src, "cannot be opened", err);
	if (fstat(in, st) != 0) {
		status = fail_errno(src, "cannot be opened", err);
	} else if (!is_stdin && S_ISREG(st->st_mode)) {
		src->file = rj_alloc(a, sizeof(*src->file));
		if (src->file) {
			rj_pool_enter(src->pool, src->file, in);
			src->path = path;
			src->raw_size = (uint64_t)st->st_size;
			return REJUNIT_OK;
		}
		status = rj_fail_memory(err);
	} else if (S_ISDIR(st->st_mode)) {
		errno = EISDIR;
		status = fail_errno(src, "cannot be read", err);
	} else if (S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode) || is_stdin) {
		status = spool(src, in, err);
	} else {
		status = rj_fail_at(err, REJUNIT_INPUT, src->name, 0, 0,
		    "is a device, not a report");
	}
	close(in);
	return status;
}

/* Counts lines in what was decoded, to say where the decoder stopped. */
struct place {
	unsigned long line;
	unsigned long column;
};

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
		src->pool->kept_size = copy.at;
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
	struct rj_str head = { bytes, 0 }, name;
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
    struct rj_arena *a, const char *path, bool mend, struct rejunit_error *err)
{
	enum rejunit_status status;

	*src = (struct rj_source){
		.name = strcmp(path, "-") == 0 ? "<stdin>" : path,
		.pool = pool,
	};
	status = open_raw(src, a, path, err);
	return status ? status : prepare(src, a, mend, err);
}

enum rejunit_status
rj_source_open(struct rj_source *src, struct rj_arena *a, const char *path,
    bool mend, struct rejunit_error *err)
{
	struct rj_pool *own = rj_alloc(a, sizeof(*own));
	enum rejunit_status status;

	*src = (struct rj_source){ .name = path };
	if (!own)
		return rj_fail_memory(err);
	status = rj_source_open_in(src, own, a, path, mend, err);
	src->own = own;
	return status;
}

enum rejunit_status
rj_source_adopt(struct rj_source *src, struct rj_arena *a, const char *name,
    int fd, struct rejunit_error *err)
{
	struct rj_pool *own = rj_alloc(a, sizeof(*own));

	*src = (struct rj_source){ .name = name, .raw = { .kept = true } };
	if (!own) {
		close(fd);
		return rj_fail_memory(err);
	}
	src->pool = src->own = own;
	own->kept = fd;
	own->has_kept = true;
	if (fstat(fd, &src->id) != 0)
		return fail_errno(src, "cannot be read", err);
	own->kept_size = src->raw_size = (uint64_t)src->id.st_size;
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
