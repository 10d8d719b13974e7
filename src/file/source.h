/*
 * source.h - the bytes of one input.
 *
 * The reader works on UTF-8. A source in another encoding is decoded once
 * into an unlinked temporary file; offsets everywhere are those of the UTF-8
 * bytes, and a struct rj_raw finds the bytes of the file itself that lie
 * between two of them. What cannot be read twice (standard input, a pipe) is
 * kept in an unlinked temporary file too.
 *
 * Sources that are needed together share a pool: it has few descriptors
 * however many sources there are, and one temporary file for all of them. A
 * file is opened by whatever reads from it, and closed when others need its
 * descriptor. Opened again, it has to be the same file, unchanged; else the
 * reading fails.
 *
 * Files are read with pread() and never mapped: a report that somebody
 * truncates meanwhile is an error then, not a signal.
 */
#ifndef RJ_SOURCE_H
#define RJ_SOURCE_H

#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"

/* A range of a source's UTF-8 bytes. */
struct rj_span {
	uint64_t at;
	uint64_t end;
};

/* Files of a pool that are open at a time. */
#define RJ_POOL_FILES 64

/* Begin with a zeroed one; it has to outlive its sources, and not move. */
struct rj_pool {
	struct rj_file *first; /* of the open ones */
	struct rj_file **tail;
	size_t n;
	bool has_kept; /* there is a temporary file, */
	int kept; /* its descriptor, */
	uint64_t kept_size; /* and how much of it is taken */
};

/* After its sources, or in their place. */
void rj_pool_close(struct rj_pool *pool);

/* Where some bytes of a source begin. */
struct rj_origin {
	bool kept; /* in the pool's temporary file; else in the file itself */
	uint64_t at;
};

/* A zeroed one is closed. */
struct rj_source {
	const char *name; /* for messages; the caller's */
	const char *path; /* the caller's; NULL: it is no file */
	struct rj_pool *pool;
	struct rj_pool *own; /* the pool, if it has no other source */
	struct rj_file *file; /* the pool's descriptor for it */
	struct rj_origin text; /* the UTF-8 bytes */
	struct rj_origin raw; /* the file's own bytes; for UTF-8, the same */
	uint64_t size; /* of the UTF-8 bytes */
	uint64_t raw_size; /* of the file's own */
	const char *encoding; /* what iconv calls it; NULL for UTF-8 */
	struct stat id; /* which file it is */
	size_t repaired; /* illegal characters replaced, */
	size_t repaired_bytes; /* those that are not UTF-8 among them */
	unsigned long repaired_line; /* of the first of them */
};

/*
 * Opens a file, or standard input for "-"; to mend it, what XML forbids is
 * replaced by a visible spelling on the way. The arena holds what the source
 * needs, the path stays the caller's. Close it also after a failure.
 */
enum rejunit_status
rj_source_open_in(struct rj_source *src, struct rj_pool *pool,
    struct rj_arena *a, const char *path, bool mend, struct rejunit_error *err);

/* The same, with a pool of its own. */
enum rejunit_status rj_source_open(struct rj_source *src, struct rj_arena *a,
    const char *path, bool mend, struct rejunit_error *err);
void rj_source_close(struct rj_source *src);

/* Mends a source that is open: a pipe, say, cannot be opened once more. */
enum rejunit_status rj_source_mend(
    struct rj_source *src, struct rj_arena *a, struct rejunit_error *err);

/* Opens a file that is open already: the source's, also after a failure. */
enum rejunit_status rj_source_adopt(struct rj_source *src, struct rj_arena *a,
    const char *name, int fd, struct rejunit_error *err);

/* Keeps a file open, for another thread to read it, until it is released. */
enum rejunit_status
rj_source_hold(const struct rj_source *src, struct rejunit_error *err);
void rj_source_release(const struct rj_source *src);

/* An open file without a name; -1 with errno. */
int rj_temporary(void);

/* Writes everything; false with errno. */
bool rj_write_all(int fd, const char *s, size_t n);

/*
 * Reads exactly n bytes from the UTF-8 offset `at`. Fewer mean that the file
 * changed under us: an input error.
 */
enum rejunit_status rj_source_read(const struct rj_source *src, uint64_t at,
    void *out, size_t n, struct rejunit_error *err);

/* The same for the file's own bytes, at an offset in the file. */
enum rejunit_status rj_source_read_raw(const struct rj_source *src, uint64_t at,
    void *out, size_t n, struct rejunit_error *err);

/* Reads a span in the place of what the buffer held. */
enum rejunit_status rj_source_read_span(const struct rj_source *src,
    struct rj_span span, struct rj_buf *to, struct rejunit_error *err);

/*
 * Bytes of two sources that were read ahead, for who needs small pieces one
 * behind the other. Without a source, a window is empty: begin so.
 */
#define RJ_PIECE_MAX ((size_t)4096)
#define RJ_AHEAD_MAX ((size_t)64 * 1024)
struct rj_ahead {
	struct rj_pieces {
		const struct rj_source *src;
		uint64_t at;
		size_t n;
		char bytes[RJ_AHEAD_MAX];
	} windows[2];
	int last; /* the one that was used */
};

/* A piece of up to RJ_PIECE_MAX bytes, until the next one is asked for. */
enum rejunit_status
rj_source_piece(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_str *piece, struct rejunit_error *err);

/* As much of a span as there is at once: its first bytes, likewise. */
enum rejunit_status
rj_source_some(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_str *piece, struct rejunit_error *err);

/*
 * The white space that a span ends with, likewise; of more than RJ_BLANK_MAX,
 * its end.
 */
#define RJ_BLANK_MAX 256
enum rejunit_status
rj_source_blank_before(const struct rj_source *src, struct rj_ahead *ahead,
    struct rj_span span, struct rj_str *blank, struct rejunit_error *err);

/* The line and column of an offset, from 1; as far as it can be read. */
void rj_source_place(const struct rj_source *src, uint64_t at,
    unsigned long *line, unsigned long *column);

/* A place up to which columns were counted; zeroed: there is none yet. */
struct rj_known {
	uint64_t at;
	unsigned long column;
};

/*
 * The column alone, as far as it can be read. It is counted from the place that
 * is known, so that many in one long line cost no more than the line.
 */
unsigned long rj_source_column(
    const struct rj_source *src, uint64_t at, struct rj_known *known);

/* Fails as an output if a path leads no more to the file that was opened. */
enum rejunit_status rj_source_untouched(
    const char *path, const struct stat *then, struct rejunit_error *err);

/* Which file it is, whatever its name. */
struct rj_file_id {
	dev_t dev;
	ino_t ino;
};

/* The same as a key, whose bytes are *id's. */
struct rj_str rj_file_key(const struct stat *st, struct rj_file_id *id);

/* Both have the same bytes; a failure to read says that they differ. */
bool rj_source_same(const struct rj_source *a, const struct rj_source *b);

/*
 * Maps ascending UTF-8 offsets to offsets in the file itself. Start with a
 * zeroed one, end with rj_raw_close().
 */
struct rj_raw {
	void *decoder;
	uint64_t at; /* in the file */
	uint64_t utf; /* in the UTF-8 bytes */
};

enum rejunit_status rj_raw_seek(struct rj_raw *raw, const struct rj_source *src,
    uint64_t utf, struct rejunit_error *err);
void rj_raw_close(struct rj_raw *raw);

#endif
