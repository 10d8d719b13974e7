/*
 * clock.h - points in time, as seconds since 1970 in UTC.
 */
#ifndef RJ_CLOCK_H
#define RJ_CLOCK_H

#include <stdint.h>

#include "base/str.h"

#define RJ_DAY ((int64_t)86400)

/*
 * Reads 2026-07-18T06:33:31, with "Z", an offset or nothing behind it, which
 * is taken for UTC; fractions are left out. False: it is no such time.
 */
bool rj_clock_read(struct rj_str s, int64_t *at);

/* What it was read from says no zone. */
bool rj_clock_is_zoneless(struct rj_str s);

/* From 1970 to 9999: what others are, nobody has run a test then. */
bool rj_clock_is_sane(int64_t at);

/* Its month, as 202601. */
int rj_clock_month(int64_t at);

/* Writes it with a "Z". */
void rj_clock_write(int64_t at, char out[40]);

#endif
