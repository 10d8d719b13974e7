#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repair.h"

#define CHUNK	 16384
#define HEAD_MAX 1024 /* an encoding declaration stands within */

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

static enum rejunit_status
spool(struct rj_source *src, int in, struct rejunit_error *err)
{
	char chunk[CHUNK];
	ssize_t n;

	src->raw_fd = rj_temporary();
	if (src->raw_fd < 0)
		return fail_errno(src, "cannot make a temporary file", err);
	while ((n = read(in, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR && !rj_is_cancelled())
			continue;
		if (n < 0)
			return fail_errno(src, "cannot be read", err);
		if (!rj_write_all(src->raw_fd, chunk, (size_t)n))
			return fail_errno(
			    src, "cannot be kept in a temporary file", err);
	}
	return REJUNIT_OK;
}

static enum rejunit_status
open_raw(struct rj_source *src, const char *path, struct rejunit_error *err)
{
	struct stat *st = &src->id;
	bool is_stdin = strcmp(path, "-") == 0;
	int in = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
			  : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	enum rejunit_status status = REJUNIT_OK;

	if (in < 0)
		return fail_errno(src, "cannot be opened", err);
	if (fstat(in, st) != 0) {
		status = fail_errno(src, "cannot be opened", err);
	} else if (S_ISREG(st->st_mode) && lseek(in, 0, SEEK_CUR) == 0) {
		src->raw_fd = in;
		in = -1;
	} else if (S_ISDIR(st->st_mode)) {
		errno = EISDIR;
		status = fail_errno(src, "cannot be read", err);
	} else if (S_ISFIFO(st->st_mode) || S_ISSOCK(st->st_mode) || is_stdin) {
		status = spool(src, in, err);
	} else {
		status = rj_fail_at(err, REJUNIT_INPUT, src->name, 0, 0,
		    "is a device, not a report");
	}
	if (in >= 0)
		close(in);
	if (!status && fstat(src->raw_fd, st) != 0)
		status = fail_errno(src, "cannot be read", err);
	if (!status)
		src->raw_size = (uint64_t)st->st_size;
	return status;
}

static ssize_t
read_at(int fd, uint64_t at, void *out, size_t n)
{
	char *p = out;
	size_t got = 0;

	if (rj_is_cancelled()) {
		errno = EINTR;
		return -1;
	}
	while (got < n) {
		ssize_t r = pread(fd, p + got, n - got, (off_t)(at + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
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
	ssize_t n = read_at(src->raw_fd, 0, head, sizeof(head));
	struct rj_str h, name;

	if (n < 0)
		return fail_errno(src, "cannot be read", err);
	h = (struct rj_str){ head, (size_t)n };
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
	size_t left = 0;
	uint64_t at = 0;

	for (;;) {
		ssize_t n =
		    read_at(src->raw_fd, at, in + left, sizeof(in) - left);
		char *ip = in, *op = out;
		size_t il, ol = sizeof(out);
		bool bad;

		if (n < 0)
			return fail_errno(src, "cannot be read", err);
		at += (size_t)n;
		il = left + (size_t)n;
		if (il == 0)
			return REJUNIT_OK;
		bad = iconv(cd, &ip, &il, &op, &ol) == (size_t)-1 &&
		      (errno == EILSEQ || (errno == EINVAL && n == 0));
		count(&place, out, (size_t)(op - out));
		if (bad)
			return rj_fail_at(err, REJUNIT_INPUT, src->name,
			    place.line, place.column,
			    "byte 0x%02x is not %s, which the report says it "
			    "is in",
			    (unsigned int)(unsigned char)*ip, src->encoding);
		if (!rj_write_all(src->fd, out, (size_t)(op - out)))
			return fail_errno(
			    src, "cannot be kept in a temporary file", err);
		src->size += (uint64_t)(op - out);
		memmove(in, ip, il);
		left = il;
	}
}

static enum rejunit_status
decode(struct rj_source *src, struct rejunit_error *err)
{
	iconv_t cd = iconv_open("UTF-8", src->encoding);
	enum rejunit_status status;

	if (cd == (iconv_t)-1)
		return rj_fail_at(err, REJUNIT_INPUT, src->name, 1, 1,
		    "the encoding %s is not known here", src->encoding);
	src->fd = rj_temporary();
	if (src->fd < 0)
		status = fail_errno(src, "cannot make a temporary file", err);
	else
		status = decode_with(src, cd, err);
	iconv_close(cd);
	return status;
}

/* Writes a repaired copy of the file's own bytes. */
static enum rejunit_status
repair_into(const struct rj_source *src, struct rj_repair *r, int fd,
    struct rj_buf *out, struct rejunit_error *err)
{
	char in[CHUNK];
	uint64_t at = 0;
	size_t left = 0;

	for (;;) {
		ssize_t n =
		    read_at(src->raw_fd, at, in + left, sizeof(in) - left);
		size_t done;

		if (n < 0)
			return fail_errno(src, "cannot be read", err);
		at += (size_t)n;
		left += (size_t)n;
		out->n = 0;
		done = rj_repair(r, (struct rj_str){ in, left }, n == 0, out);
		if (done == SIZE_MAX)
			return rj_fail_memory(err);
		if (!rj_write_all(fd, out->s, out->n))
			return fail_errno(
			    src, "cannot be kept in a temporary file", err);
		if (n == 0)
			return REJUNIT_OK;
		left -= done;
		memmove(in, in + done, left);
	}
}

/* Puts a repaired copy in the place of the file, if there is any need. */
static enum rejunit_status
repair(struct rj_source *src, struct rejunit_error *err)
{
	struct rj_repair r = { .utf8 = !src->encoding };
	struct rj_buf out = { 0 };
	int fd = rj_temporary();
	enum rejunit_status status;

	if (fd < 0)
		return fail_errno(src, "cannot make a temporary file", err);
	status = repair_into(src, &r, fd, &out, err);
	rj_buf_free(&out);
	if (status || r.replaced == 0) {
		close(fd);
		return status;
	}
	close(src->raw_fd);
	src->raw_fd = fd;
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
	src->fd = src->raw_fd;
	src->size = src->raw_size;
	return REJUNIT_OK;
}

enum rejunit_status
rj_source_open(struct rj_source *src, struct rj_arena *a, const char *path,
    bool mend, struct rejunit_error *err)
{
	enum rejunit_status status;

	*src = (struct rj_source){
		.name = strcmp(path, "-") == 0 ? "<stdin>" : path,
		.fd = -1,
		.raw_fd = -1,
	};
	status = open_raw(src, path, err);
	return status ? status : prepare(src, a, mend, err);
}

enum rejunit_status
rj_source_adopt(struct rj_source *src, struct rj_arena *a, const char *name,
    int fd, struct rejunit_error *err)
{
	*src = (struct rj_source){ .name = name, .fd = -1, .raw_fd = fd };
	if (fstat(fd, &src->id) != 0)
		return fail_errno(src, "cannot be read", err);
	src->raw_size = (uint64_t)src->id.st_size;
	return prepare(src, a, false, err);
}

/* Takes back what prepare() did. */
static void
forget_decoded(struct rj_source *src)
{
	if (src->fd >= 0 && src->fd != src->raw_fd)
		close(src->fd);
	src->fd = -1;
	src->size = 0;
	src->encoding = NULL;
}

enum rejunit_status
rj_source_mend(
    struct rj_source *src, struct rj_arena *a, struct rejunit_error *err)
{
	forget_decoded(src);
	return prepare(src, a, true, err);
}

void
rj_source_close(struct rj_source *src)
{
	forget_decoded(src);
	if (src->raw_fd >= 0)
		close(src->raw_fd);
	src->raw_fd = -1;
}

static enum rejunit_status
read_exactly(const struct rj_source *src, int fd, uint64_t at, void *out,
    size_t n, struct rejunit_error *err)
{
	ssize_t got = read_at(fd, at, out, n);

	if (got < 0)
		return fail_errno(src, "cannot be read", err);
	if ((size_t)got < n)
		return rj_fail_at(err, REJUNIT_INPUT, src->name, 0, 0,
		    "became shorter while it was being read");
	return REJUNIT_OK;
}

enum rejunit_status
rj_source_read(const struct rj_source *src, uint64_t at, void *out, size_t n,
    struct rejunit_error *err)
{
	return read_exactly(src, src->fd, at, out, n, err);
}

enum rejunit_status
rj_source_read_raw(const struct rj_source *src, uint64_t at, void *out,
    size_t n, struct rejunit_error *err)
{
	return read_exactly(src, src->raw_fd, at, out, n, err);
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

	if (stat(path, &now) == 0 && now.st_ino == then->st_ino &&
	    now.st_dev == then->st_dev && now.st_size == then->st_size &&
	    now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == then->st_mtim.tv_nsec)
		return REJUNIT_OK;
	return rj_fail_at(err, REJUNIT_OUTPUT, path, 0, 0,
	    "was changed by somebody else while it was being updated");
}

bool
rj_source_same(const struct rj_source *a, const struct rj_source *b)
{
	char x[CHUNK], y[CHUNK];

	if (a->id.st_dev == b->id.st_dev && a->id.st_ino == b->id.st_ino)
		return true;
	if (a->raw_size != b->raw_size)
		return false;
	for (uint64_t at = 0; at < a->raw_size; at += sizeof(x)) {
		ssize_t n = read_at(a->raw_fd, at, x, sizeof(x));

		if (n <= 0 || read_at(b->raw_fd, at, y, sizeof(y)) != n ||
		    memcmp(x, y, (size_t)n) != 0)
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
		ssize_t n = read_at(src->raw_fd, raw->at, in, sizeof(in));
		char *ip = in, *op = out;
		size_t il = n > 0 ? (size_t)n : 0, ol = sizeof(out);

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
