/*
 * charset.h - text from one encoding to another, by iconv where it can.
 *
 * The encodings that reports are seen to have are known here, too: a command
 * that is linked statically takes nothing from the machine that it runs on,
 * where iconv's own may be missing, or of another version.
 */
#ifndef RJ_CHARSET_H
#define RJ_CHARSET_H

#include "base/str.h"

struct rj_charset;

/*
 * Between an encoding and UTF-8. NULL with errno: EINVAL, it is not known;
 * ENOMEM.
 */
struct rj_charset *rj_charset_open(const char *encoding, bool to_utf8);
/* The same without iconv. */
struct rj_charset *rj_charset_open_own(const char *encoding, bool to_utf8);
void rj_charset_close(struct rj_charset *c);

/*
 * Converts as iconv() does: moves all four, and returns (size_t)-1 with EILSEQ
 * at what is wrong, EINVAL at a character that has only begun, and E2BIG where
 * there is no more room.
 */
size_t rj_charset_convert(
    struct rj_charset *c, char **in, size_t *n, char **out, size_t *room);

#endif
