#include "file/source.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/waiting.h"
#include "file/repair.h"

#define CHUNK	 16384
#define HEAD_MAX 1024 /* an encoding declaration stands within */

/* --- temporary files ----------------------------------------------------- */

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

static enum rejunit_status
fail_errno(
    const struct rj_source *src, const char *what, struct rejunit_error *err)
{
	return rj_fail_errno(err, REJUNIT_INPUT, src->name, what);
}

/* --- descriptors --------------------------------------------------------- */

/* The descriptor of a file among those of a pool. */
struct rj_file {
	struct rj_file *next; /* that was opened after it */
	int fd; /* -1: it is closed */
	unsigned int holds; /* it is not to be closed */
};

static void
close_at(struct rj_pool *pool, struct rj_file **at)
{
	struct rj_file *f = *at;

	close(f->fd);
	f->fd = -1;
	*at = f->next;
	if (!*at)
		pool->tail = at;
	pool->n--;
}

/* Closes the file that was opened first; false where there is none. */
static bool
close_one(struct rj_pool *pool)
{
	struct rj_file **at = &pool->first;

	while (*at && (*at)->holds)
		at = &(*at)->next;
	if (!*at)
		return false;
	close_at(pool, at);
	return true;
}

static void
close_file(struct rj_pool *pool, const struct rj_file *f)
{
	struct rj_file **at = &pool->first;

	while (*at && *at != f)
		at = &(*at)->next;
	if (*at)
		close_at(pool, at);
}

static void
enter_file(struct rj_pool *pool, struct rj_file *f, int fd)
{
	if (pool->n >= RJ_POOL_FILES)
		(void)close_one(pool);
	f->fd = fd;
	f->next = NULL;
	if (!pool->tail)
		pool->tail = &pool->first;
	*pool->tail = f;
	pool->tail = &f->next;
	pool->n++;
}

/* Where no descriptor is left, files of the pool are closed for it. */
static int
open_path(struct rj_pool *pool, const char *path)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	while (
	    fd < 0 && (errno == EMFILE || errno == ENFILE) && close_one(pool));
	return fd;
}

void
rj_pool_close(struct rj_pool *pool)
{
	while (pool->first)
		close_at(pool, &pool->first);
	if (pool->has_kept)
		close(pool->kept);
	*pool = (struct rj_pool){ 0 };
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
	fd = open_path(src->pool, src->path);
	if (fd < 0)
		return fail_errno(src, "cannot be opened again", err);
	if (fstat(fd, &now) != 0 || !is_same_file(&now, &src->id)) {
		close(fd);
		return rj_fail_at(err, REJUNIT_INPUT, src->name, 0, 0,
		    "was changed by somebody else while it was being read");
	}
	enter_file(src->pool, src->file, fd);
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

/* The pool's temporary file: what is kept is appended to it. */
static enum rejunit_status
begin_kept(const struct rj_source *src, struct rj_origin *part,
    struct rejunit_error *err)
{
	struct rj_pool *pool = src->pool;

	if (!pool->has_kept) {
		do
			pool->kept = rj_temporary();
		while (pool->kept < 0 && (errno == EMFILE || errno == ENFILE) &&
		       close_one(pool));
		if (pool->kept < 0)
			return fail_errno(
			    src, "cannot make a temporary file", err);
		pool->has_kept = true;
	}
	*part = (struct rj_origin){ .kept = true, .at = pool->kept_size };
	return REJUNIT_OK;
}

static enum rejunit_status
keep(const struct rj_source *src, const char *s, size_t n,
    struct rejunit_error *err)
{
	struct rj_pool *pool = src->pool;

	while (n) {
		ssize_t done = pwrite(pool->kept, s, n, (off_t)pool->kept_size);

		if (done < 0 && errno == EINTR && !rj_is_cancelled())
			continue;
		if (done == 0)
			errno = EIO;
		if (done <= 0)
			return fail_errno(
			    src, "cannot be kept in a temporary file", err);
		pool->kept_size += (uint64_t)done;
		s += done;
		n -= (size_t)done;
	}
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

/* The file's own bytes; what is kept behind them is not theirs. */
static enum rejunit_status
read_raw(const struct rj_source *src, uint64_t at, void *out, size_t n,
    size_t *got, struct rejunit_error *err)
{
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
	enum rejunit_status status = begin_kept(src, &src->raw, err);
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
		status = keep(src, chunk, (size_t)n, err);
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
			  : open_path(src->pool, path);
	enum rejunit_status status = REJUNIT_OK;

	if (in < 0)
		return fail_errno(src, "cannot be opened", err);
	if (fstat(in, st) != 0) {
		status = fail_errno(src, "cannot be opened", err);
	} else if (!is_stdin && S_ISREG(st->st_mode)) {
		src->file = rj_alloc(a, sizeof(*src->file));
		if (src->file) {
			enter_file(src->pool, src->file, in);
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

/* The value of encoding= in an XML declaration; absent without one. */
static struct rj_str
declared_encoding(struct rj_str head)
{
	const struct rj_str none = { NULL, 0 }, word = RJ_STR("encoding");
	struct rj_str rest;
	const char *end;
	char quote;

	if (rj_str_starts(head, RJ_STR("\xef\xbb\xbf")))
		head = (struct rj_str){ head.s + 3, head.n - 3 };
	if (!rj_str_starts(head, RJ_STR("<?xml")))
		return none;
	end = memchr(head.s, '>', head.n);
	if (!end)
		return none;
	rest = (struct rj_str){ head.s + 5, (size_t)(end - head.s) - 5 };
	while (rest.n && !rj_str_starts(rest, word))
		rest = (struct rj_str){ rest.s + 1, rest.n - 1 };
	if (!rest.n)
		return none;
	rest = (struct rj_str){ rest.s + word.n, rest.n - word.n };
	while (rest.n && strchr(" \t\r\n=", rest.s[0]))
		rest = (struct rj_str){ rest.s + 1, rest.n - 1 };
	if (!rest.n || (rest.s[0] != '"' && rest.s[0] != '\''))
		return none;
	quote = rest.s[0];
	rest = (struct rj_str){ rest.s + 1, rest.n - 1 };
	end = memchr(rest.s, quote, rest.n);
	if (!end)
		return none;
	return (struct rj_str){ rest.s, (size_t)(end - rest.s) };
}

static bool
starts_any(struct rj_str s, const char *const *prefixes)
{
	for (; *prefixes; prefixes++) {
		struct rj_str p = rj_str(*prefixes);

		if (s.n >= p.n && rj_str_ieq((struct rj_str){ s.s, p.n }, p))
			return true;
	}
	return false;
}

/* Finds src->encoding; NULL stays for UTF-8. */
static enum rejunit_status
detect(struct rj_source *src, struct rj_arena *a, struct rejunit_error *err)
{
	/* two bytes a character or more: not what the declaration is in */
	static const char *const wide[] = { "utf-16", "utf16", "ucs", "utf-32",
		"utf32", "iso-10646", NULL };
	/* text spliced between two of their states would be read wrongly */
	static const char *const stateful[] = { "iso-2022", "iso2022", "csiso",
		"utf-7", "utf7", "hz", "cp5022", "ebcdic", NULL };
	char head[HEAD_MAX];
	struct rj_str h = { head, 0 }, name;
	enum rejunit_status status =
	    read_raw(src, 0, head, sizeof(head), &h.n, err);

	if (status)
		return status;
	if (rj_str_starts(h, RJ_STR("\xff\xfe\0\0")))
		src->encoding = "UTF-32LE";
	else if (rj_str_starts(h, RJ_STR("\0\0\xfe\xff")))
		src->encoding = "UTF-32BE";
	else if (rj_str_starts(h, RJ_STR("\xff\xfe")) ||
		 rj_str_starts(h, RJ_STR("<\0?\0")))
		src->encoding = "UTF-16LE";
	else if (rj_str_starts(h, RJ_STR("\xfe\xff")) ||
		 rj_str_starts(h, RJ_STR("\0<\0?")))
		src->encoding = "UTF-16BE";
	if (src->encoding)
		return REJUNIT_OK;
	name = declared_encoding(h);
	if (!name.n || rj_str_ieq(name, RJ_STR("utf-8")) ||
	    rj_str_ieq(name, RJ_STR("utf8")) ||
	    rj_str_starts(h, RJ_STR("\xef\xbb\xbf")))
		return REJUNIT_OK;
	for (size_t i = 0; i < name.n; i++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
			    "yz0123456789._-:",
			name.s[i]))
			return rj_fail_at(err, REJUNIT_INPUT, src->name, 1, 1,
			    "the declared encoding has no valid name");
	if (starts_any(name, wide))
		return rj_fail_at(err, REJUNIT_INPUT, src->name, 1, 1,
		    "declares the encoding %.*s, and its bytes are not",
		    (int)name.n, name.s);
	if (starts_any(name, stateful))
		return rj_fail_at(err, REJUNIT_INPUT, src->name, 1, 1,
		    "the encoding %.*s is not supported", (int)name.n, name.s);
	if (!rj_alloc_str(a, name, &name))
		return rj_fail_memory(err);
	src->encoding = name.s;
	return REJUNIT_OK;
}

/* Counts lines in what was decoded, to say where the decoder stopped. */
struct place {
	unsigned long line;
	unsigned long column;
};

static void
count(struct place *p, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\n') {
			p->line++;
			p->column = 1;
		} else if (((unsigned char)s[i] & 0xc0) != 0x80) {
			p->column++;
		}
	}
}

static enum rejunit_status
decode_with(struct rj_source *src, iconv_t cd, struct rejunit_error *err)
{
	char in[CHUNK], out[CHUNK * 2];
	struct place place = { 1, 1 };
	enum rejunit_status status = REJUNIT_OK;
	size_t left = 0, n;
	uint64_t at = 0;

	while (!status) {
		char *ip = in, *op = out;
		size_t il, ol = sizeof(out);
		bool bad;

		status =
		    read_raw(src, at, in + left, sizeof(in) - left, &n, err);
		at += n;
		il = left + n;
		if (status || il == 0)
			break;
		bad = iconv(cd, &ip, &il, &op, &ol) == (size_t)-1 &&
		      (errno == EILSEQ || (errno == EINVAL && n == 0));
		count(&place, out, (size_t)(op - out));
		if (bad)
			return rj_fail_at(err, REJUNIT_INPUT, src->name,
			    place.line, place.column,
			    "byte 0x%02x is not %s, which the report says it "
			    "is in",
			    (unsigned int)(unsigned char)*ip, src->encoding);
		status = keep(src, out, (size_t)(op - out), err);
		src->size += (uint64_t)(op - out);
		memmove(in, ip, il);
		left = il;
	}
	return status;
}

static enum rejunit_status
decode(struct rj_source *src, struct rejunit_error *err)
{
	iconv_t cd = iconv_open("UTF-8", src->encoding);
	enum rejunit_status status;

	if (cd == (iconv_t)-1)
		return rj_fail_at(err, REJUNIT_INPUT, src->name, 1, 1,
		    "the encoding %s is not known here", src->encoding);
	status = begin_kept(src, &src->text, err);
	if (!status)
		status = decode_with(src, cd, err);
	iconv_close(cd);
	return status;
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

		status =
		    read_raw(src, at, in + left, sizeof(in) - left, &n, err);
		if (status)
			break;
		at += n;
		left += n;
		out->n = 0;
		done = rj_repair(r, (struct rj_str){ in, left }, n == 0, out);
		if (done == SIZE_MAX)
			return rj_fail_memory(err);
		status = keep(src, out->s, out->n, err);
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
	enum rejunit_status status = begin_kept(src, &copy, err);

	if (!status)
		status = keep_repaired(src, &r, &out, err);
	rj_buf_free(&out);
	if (status)
		return status;
	if (r.replaced == 0) {
		src->pool->kept_size = copy.at;
		return REJUNIT_OK;
	}
	close_file(src->pool, src->file);
	src->raw = copy;
	src->raw_size = r.written;
	src->repaired = r.replaced;
	src->repaired_bytes = r.bytes;
	src->repaired_line = r.first_line;
	return REJUNIT_OK;
}

/* With the file's own bytes there: finds their encoding, and decodes them. */
static enum rejunit_status
prepare(struct rj_source *src, struct rj_arena *a, bool mend,
    struct rejunit_error *err)
{
	enum rejunit_status status = detect(src, a, err);

	if (!status && mend && src->encoding &&
	    rj_str_starts(rj_str(src->encoding), RJ_STR("UTF-")))
		return rj_fail_at(err, REJUNIT_INPUT, src->name, 1, 1,
		    "a report in %s cannot be repaired", src->encoding);
	if (!status && mend)
		status = repair(src, err);
	if (status)
		return status;
	if (src->encoding)
		return decode(src, err);
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
		close_file(src->pool, src->file);
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

/* Who asks for a child's tag may ask next for that of its case, before it. */
#define BACK ((uint64_t)512)

/* The window of a source; it is filled anew if it lacks a span. */
static enum rejunit_status
look_ahead(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_pieces **window, struct rejunit_error *err)
{
	uint64_t at = span.at < BACK ? 0 : span.at - BACK, n = src->size - at;
	size_t room = RJ_PIECE_MAX + BACK;
	enum rejunit_status status;
	struct rj_pieces *w;

	if (ahead->windows[ahead->last].src != src)
		ahead->last = !ahead->last;
	*window = w = &ahead->windows[ahead->last];
	if (w->src == src && span.at >= w->at) {
		if (span.end <= w->at + w->n)
			return REJUNIT_OK;
		/* one that goes on from here, does so with more */
		if (span.at < w->at + w->n + RJ_AHEAD_MAX)
			room =
			    2 * w->n < RJ_AHEAD_MAX ? 2 * w->n : RJ_AHEAD_MAX;
	}
	w->src = NULL;
	w->at = at;
	w->n = n < room ? (size_t)n : room;
	status = rj_source_read(src, w->at, w->bytes, w->n, err);
	if (!status)
		w->src = src;
	return status;
}

enum rejunit_status
rj_source_piece(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_str *piece, struct rejunit_error *err)
{
	struct rj_pieces *w;
	enum rejunit_status status = look_ahead(src, ahead, span, &w, err);

	*piece = (struct rj_str){ w->bytes + (span.at - w->at),
		(size_t)(span.end - span.at) };
	return status;
}

enum rejunit_status
rj_source_some(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_str *piece, struct rejunit_error *err)
{
	const struct rj_span first = { span.at, span.at + 1 };
	struct rj_pieces *w;
	enum rejunit_status status = look_ahead(src, ahead, first, &w, err);
	uint64_t n = w->at + w->n - span.at;

	if (n > span.end - span.at)
		n = span.end - span.at;
	*piece = (struct rj_str){ w->bytes + (span.at - w->at), (size_t)n };
	return status;
}

enum rejunit_status
rj_source_blank_before(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_str *blank, struct rejunit_error *err)
{
	enum rejunit_status status;
	struct rj_str s;
	size_t n = 0;

	if (span.end - span.at > RJ_BLANK_MAX)
		span.at = span.end - RJ_BLANK_MAX;
	status = rj_source_piece(src, ahead, span, &s, err);
	while (!status && n < s.n && rj_is_blank(s.s[s.n - n - 1]))
		n++;
	*blank = (struct rj_str){ s.s + s.n - n, n };
	return status;
}

/* The characters between two places, back to the last end of a line at most. */
static unsigned long
characters(
    const struct rj_source *src, uint64_t from, uint64_t to, bool *same_line)
{
	unsigned long count = 0;
	char back[4096];

	*same_line = true;
	while (to > from) {
		size_t n = to - from < sizeof(back) ? (size_t)(to - from)
						    : sizeof(back);

		if (rj_source_read(src, to - n, back, n, NULL))
			break;
		for (size_t i = n; i > 0; i--) {
			*same_line = back[i - 1] != '\n';
			if (!*same_line)
				return count;
			count += ((unsigned char)back[i - 1] & 0xc0) != 0x80;
		}
		to -= n;
	}
	return count;
}

/* Where the columns begin: a byte order mark takes up none. */
static uint64_t
first_column(const struct rj_source *src)
{
	char mark[3];

	return src->size >= sizeof(mark) &&
		       !rj_source_read(src, 0, mark, sizeof(mark), NULL) &&
		       memcmp(mark, "\xef\xbb\xbf", sizeof(mark)) == 0
		   ? sizeof(mark)
		   : 0;
}

unsigned long
rj_source_column(
    const struct rj_source *src, uint64_t at, struct rj_known *known)
{
	unsigned long n = 0;
	bool same = false;

	if (!known->column)
		*known = (struct rj_known){ first_column(src), 1 };
	if (at < known->at) {
		n = characters(src, at, known->at, &same);
		if (same)
			known->column -= n;
		else
			*known = (struct rj_known){ first_column(src), 1 };
	}
	if (!same) {
		n = characters(src, known->at, at, &same);
		known->column = (same ? known->column : 1) + n;
	}
	known->at = at;
	return known->column;
}

void
rj_source_place(const struct rj_source *src, uint64_t at, unsigned long *line,
    unsigned long *column)
{
	struct rj_known nothing = { 0 };
	char chunk[CHUNK];

	*line = 1;
	*column = rj_source_column(src, at, &nothing);
	for (uint64_t from = 0; from < at; from += sizeof(chunk)) {
		size_t n = at - from < sizeof(chunk) ? (size_t)(at - from)
						     : sizeof(chunk);

		if (rj_source_read(src, from, chunk, n, NULL))
			return;
		for (size_t i = 0; i < n; i++)
			*line += chunk[i] == '\n';
	}
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

		if (read_raw(a, at, x, sizeof(x), &n, NULL) || n == 0 ||
		    read_raw(b, at, y, sizeof(y), &m, NULL) || m != n ||
		    memcmp(x, y, n) != 0)
			return false;
	}
	return true;
}

enum rejunit_status
rj_raw_seek(struct rj_raw *raw, const struct rj_source *src, uint64_t utf,
    struct rejunit_error *err)
{
	char in[4096], out[4096];

	if (!src->encoding) {
		raw->at = raw->utf = utf;
		return REJUNIT_OK;
	}
	if (!raw->decoder) {
		iconv_t cd = iconv_open("UTF-8", src->encoding);

		if (cd == (iconv_t)-1)
			return rj_fail_memory(err);
		raw->decoder = cd;
	}
	while (raw->utf < utf) {
		char *ip = in, *op = out;
		size_t il, ol = sizeof(out);
		enum rejunit_status status =
		    read_raw(src, raw->at, in, sizeof(in), &il, err);

		if (status)
			return status;
		if (ol > utf - raw->utf)
			ol = (size_t)(utf - raw->utf);
		/* stops behind the last character that has room: there we are
		 */
		(void)iconv(raw->decoder, &ip, &il, &op, &ol);
		if (op == out)
			return rj_fail_at(err, REJUNIT_INPUT, src->name, 0, 0,
			    "changed while it was being read");
		raw->at += (uint64_t)(ip - in);
		raw->utf += (uint64_t)(op - out);
	}
	return REJUNIT_OK;
}

void
rj_raw_close(struct rj_raw *raw)
{
	if (raw->decoder)
		iconv_close(raw->decoder);
	*raw = (struct rj_raw){ 0 };
}
