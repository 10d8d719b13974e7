/*
 * source.h - the bytes of one input.
 *
 * The reader works on UTF-8. A source in another encoding is decoded once
 * and kept by its pool, in an unlinked temporary file or in memory; offsets
 * everywhere are those of the UTF-8 bytes, and encoding.h finds the bytes of
 * the file itself that lie between two of them. What cannot be read twice
 * (standard input, a pipe) is kept there, too.
 *
 * Sources that are needed together share a pool. A file that is opened again
 * has to be the same one, unchanged; else the reading fails.
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
#include "base/span.h"
#include "file/pool.h"

/* Where some bytes of a source begin. */
struct rj_origin {
	bool kept; /* by the pool; else in the file itself */
	uint64_t at;
};

/* A zeroed one is closed. */
struct rj_source {
	const char *name; /* for messages; the caller's */
	const char *path; /* the caller's; NULL: it is no file that has one */
	const char *memory; /* the file's own bytes, where they are kept */
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

/* What messages call an input. */
const char *rj_input_name(const struct rejunit_input *in);

/*
 * Opens an input; to mend it, what XML forbids is replaced by a visible
 * spelling on the way. The arena holds what the source needs, the input's name
 * and bytes stay the caller's. Close it also after a failure.
 */
enum rejunit_status rj_source_open_in(struct rj_source *src,
    struct rj_pool *pool, struct rj_arena *a, const struct rejunit_input *in,
    bool mend, struct rejunit_error *err);

/* The same, with a pool of its own. */
enum rejunit_status rj_source_open(struct rj_source *src, struct rj_arena *a,
    const struct rejunit_input *in, bool mend, struct rejunit_error *err);

/*
 * A source of what is written: begin it, write to it by rj_source_append(),
 * which is a rejunit_write_fn, and end it before it is read.
 */
enum rejunit_status rj_source_begin(struct rj_source *src, struct rj_arena *a,
    const char *name, struct rejunit_error *err);
int rj_source_append(void *source, const void *data, size_t n);
enum rejunit_status rj_source_end(
    struct rj_source *src, struct rj_arena *a, struct rejunit_error *err);
void rj_source_close(struct rj_source *src);

/* Mends a source that is open: a pipe, say, cannot be opened once more. */
enum rejunit_status rj_source_mend(
    struct rj_source *src, struct rj_arena *a, struct rejunit_error *err);

/* Keeps a file open, for another thread to read it, until it is released. */
enum rejunit_status
rj_source_hold(const struct rj_source *src, struct rejunit_error *err);
void rj_source_release(const struct rj_source *src);

/* Begins to keep bytes of a source beside it; *part: where they are. */
enum rejunit_status rj_source_begin_kept(const struct rj_source *src,
    struct rj_origin *part, struct rejunit_error *err);
enum rejunit_status rj_source_keep(const struct rj_source *src, const char *s,
    size_t n, struct rejunit_error *err);

/*
 * Reads exactly n bytes from the UTF-8 offset `at`. Fewer mean that the file
 * changed under us: an input error.
 */
enum rejunit_status rj_source_read(const struct rj_source *src, uint64_t at,
    void *out, size_t n, struct rejunit_error *err);

/* The same for the file's own bytes, at an offset in the file. */
enum rejunit_status rj_source_read_raw(const struct rj_source *src, uint64_t at,
    void *out, size_t n, struct rejunit_error *err);

/* As many of them as there are, if that is fewer. */
enum rejunit_status rj_source_read_some(const struct rj_source *src,
    uint64_t at, void *out, size_t n, size_t *got, struct rejunit_error *err);

/* Reads a span in the place of what the buffer held. */
enum rejunit_status rj_source_read_span(const struct rj_source *src,
    struct rj_span span, struct rj_buf *to, struct rejunit_error *err);

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

#endif
