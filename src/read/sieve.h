/*
 * sieve.h - the bytes that the parser gets to see.
 *
 * libxml2 judges all markup. What is no markup, or of the simplest form, need
 * not go through it: text and CDATA are left out once their characters have
 * been verified here, and test cases without children are set aside, with a
 * processing instruction in their place; when the parser comes to it, they
 * are handed over. What is doubtful goes to libxml2 as it stands, and so does
 * everything behind it: nothing is refused here, but for a tag with more
 * attributes than libxml2 can take in time.
 *
 * A sieve that spares nothing gives every byte as it is: that is the plain way,
 * and the measure of the other one.
 */
#ifndef RJ_SIEVE_H
#define RJ_SIEVE_H

#include "read/plaincase.h"

struct rj_sieve;

/* NULL: out of memory. The source has to outlive it; `skip` may be NULL. */
struct rj_sieve *rj_sieve_new(const struct rj_source *src, bool spare,
    const struct rj_skip *skip, struct rejunit_error *err);
void rj_sieve_free(struct rj_sieve *f);

/* Gives the next bytes: how many; 0 at the end; -1: see rj_sieve_status(). */
int rj_sieve_read(struct rj_sieve *f, char *out, int room);
enum rejunit_status rj_sieve_status(const struct rj_sieve *f);

/* Whether anything was left out so far. */
bool rj_sieve_has_spared(const struct rj_sieve *f);

/*
 * The place in the source of a tag that begins at an offset in what was given;
 * *lines: those in front of it that were left out. Offsets come in order.
 */
uint64_t
rj_sieve_place(struct rj_sieve *f, uint64_t given, unsigned long *lines);

/*
 * At a processing instruction: it stands for cases that were set aside. Then
 * rj_sieve_next() hands them over while there are *more: the element, but for
 * its depth, and the span of its end tag. Strings live until the parser goes
 * on. `line` is the parser's. What it returns, unless it is 0, is the number
 * of cases that were only counted; then the span is that of the last case.
 */
bool rj_sieve_is_token(struct rj_sieve *f, const char *target);
size_t rj_sieve_next(struct rj_sieve *f, unsigned long line,
    struct rj_element *e, struct rj_span *end, bool *more);

#endif
