/*
 * out.h - bytes on their way to a rejunit_write_fn.
 *
 * Text comes in as UTF-8 and leaves in the output's encoding; a character
 * that the encoding cannot hold leaves as a character reference, and where
 * there can be none, in a comment, in a spelling of its own. Bytes that
 * are in that encoding already pass as they are. After a failure nothing more
 * is written, and rj_out_flush() says what it was.
 */
#ifndef RJ_OUT_H
#define RJ_OUT_H

#include "base/inside.h"
#include "file/window.h"

/* What is written at once, and what is at first: new memory is slow. */
#ifndef RJ_OUT_SIZE
#define RJ_OUT_SIZE ((size_t)256 * 1024)
#endif
#define RJ_OUT_FIRST (RJ_OUT_SIZE / 4)

struct rj_out {
	rejunit_write_fn *write;
	void *ctx;
	struct rejunit_error *err;
	enum rejunit_status status;
	struct rj_charset *encoder; /* NULL for UTF-8 */
	char *buf;
	size_t size; /* of it, that is used */
	size_t n;
	struct rj_write_behind *behind; /* that has the buffer, if it is long */
	size_t total; /* bytes so far, in the output's encoding */
	struct rj_ahead *ahead; /* of what is copied */
	char part[4]; /* a character that has begun */
	size_t n_part;
	struct rj_inside inside; /* of which text comes next */
};

/* Encoding NULL is UTF-8. Close it also after a failure. */
enum rejunit_status rj_out_open(struct rj_out *o, const char *encoding,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);
void rj_out_close(struct rj_out *o);

void rj_out_text(struct rj_out *o, struct rj_str s);

/* The file's own bytes, from an offset in the file. */
void rj_out_copy_raw(
    struct rj_out *o, const struct rj_source *src, uint64_t at, uint64_t end);

/* Text on one line, with what must not be there made visible. */
void rj_out_visible(struct rj_out *o, struct rj_str s);

/* An attribute, its value as it is to be written. */
void rj_out_attribute(
    struct rj_out *o, struct rj_str name, struct rj_str value, char quote);

/* Copies a source's UTF-8 bytes, as text or, for a UTF-8 output, as they are.
 */
void rj_out_copy(
    struct rj_out *o, const struct rj_source *src, uint64_t at, uint64_t end);

/* Fails what is written, with the status of a call that filled o->err. */
void rj_out_fail(struct rj_out *o, enum rejunit_status status);

/* At the end: all is written, or has failed. Nothing may follow. */
enum rejunit_status rj_out_flush(struct rj_out *o);

#endif
