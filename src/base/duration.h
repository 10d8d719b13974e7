/*
 * duration.h - the times that reports say, without floating point: sums are
 * exact, and no locale has a part in them.
 */
#ifndef RJ_DURATION_H
#define RJ_DURATION_H

#include <stdint.h>

#include "base/str.h"

enum rj_duration {
	RJ_DURATION_PLAIN, /* seconds, as any program reads them */
	RJ_DURATION_ODD, /* with a comma, or below zero: a person sees what
			    is meant */
	RJ_DURATION_NONE, /* no time at all; *ns is 0 */
};

/* Of a time stamp, 2026-01-31T23:59:59: whether a string begins with one. */
#define RJ_STAMP (sizeof("2026-01-31T23:59:59") - 1)
bool rj_is_stamp(struct rj_str s);

/* Reads seconds into nanoseconds. */
enum rj_duration rj_duration_read(struct rj_str s, int64_t *ns);

/* Adds a time that is not below zero; a sum ends at the largest there is. */
static inline void
rj_duration_add(int64_t *sum, int64_t ns)
{
	*sum = ns > INT64_MAX - *sum ? INT64_MAX : *sum + ns;
}

/* Writes seconds with as many decimals as there are; three at least. */
void rj_duration_write(int64_t ns, char out[32]);

/* Writes a number with so many digits behind the point, in any locale. */
void rj_decimal(double value, int digits, char out[64]);

/* With so many digits that tell something, and an exponent if it has to be. */
void rj_digits(double value, int digits, char out[64]);

/* Reads such a number; false: it is none. */
bool rj_read_digits(struct rj_str s, double *out);

#endif
