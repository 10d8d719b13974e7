/*
 * signature.h - two executions with one signature failed in the same way.
 *
 * A signature is "v2:" and 16 hexadecimal digits over the failure's type, the
 * first line of its message that says more than a place, and the innermost
 * frame of the project's own in its trace, without line numbers. Before that,
 * whatever differs between two runs of one failure is masked, see mask.h. It is
 * stable: another way of making it gets another version, and what earlier ones
 * made can be made again.
 */
#ifndef RJ_SIGNATURE_H
#define RJ_SIGNATURE_H

#include "list/mask.h"

#define RJ_SIGNATURE_VERSION 2
#define RJ_SIGNATURE_SIZE    20 /* with its NUL */

/* It has the form of one. */
bool rj_is_signature(struct rj_str s);

/*
 * Of a version from 1 on. All strings as parsed; absent ones count as empty.
 * False: no memory.
 */
bool rj_signature(int version, struct rj_str type, struct rj_str message,
    struct rj_str trace, char out[RJ_SIGNATURE_SIZE]);

/* The innermost frame of the project's own: its place, "path:line". */
struct rj_str rj_own_frame(struct rj_str trace, struct rj_str *function);

/*
 * The first line of a string that says what failed: more than blanks, a place
 * or the word "failed"; where there is none, the last one that is there.
 */
struct rj_str rj_first_line(struct rj_str s);

/* The line that says best what failed: of the message, else of the trace. */
struct rj_str rj_what_failed(struct rj_str message, struct rj_str trace);

#endif
