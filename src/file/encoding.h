/*
 * encoding.h - which encoding a report is in, and its way to UTF-8 and back.
 */
#ifndef RJ_ENCODING_H
#define RJ_ENCODING_H

#include "file/source.h"

/* The bytes that decide it: an encoding is declared within them. */
#define RJ_HEAD_MAX 1024

/*
 * What the first bytes of a file say: a name for iconv, or an absent string for
 * UTF-8. It is a part of the head, or a constant. `name` is the file's.
 */
enum rejunit_status rj_encoding_find(const char *name, struct rj_str head,
    struct rj_str *encoding, struct rejunit_error *err);

/* Decodes a source that has an encoding: its text is what is kept of it. */
enum rejunit_status
rj_source_decode(struct rj_source *src, struct rejunit_error *err);

/*
 * Maps ascending UTF-8 offsets to offsets in the file itself. Start with a
 * zeroed one, end with rj_raw_close().
 */
struct rj_raw {
	struct rj_charset *decoder;
	uint64_t at; /* in the file */
	uint64_t utf; /* in the UTF-8 bytes */
};

enum rejunit_status rj_raw_seek(struct rj_raw *raw, const struct rj_source *src,
    uint64_t utf, struct rejunit_error *err);
void rj_raw_close(struct rj_raw *raw);

#endif
