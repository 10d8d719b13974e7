/*
 * timing.h - how long a report took, suite by suite: what a suite says, else
 * what the suites and cases in it come to. Less than nothing is no time.
 *
 * For whoever watches a reader: start with a zeroed struct, hand over every
 * element before the reader sees it, and call open and close with the
 * reader's. Behind the last one, the whole is in level[0].below.
 */
#ifndef RJ_TIMING_H
#define RJ_TIMING_H

#include <stdint.h>

#include "read/xml.h"

struct rj_timing {
	unsigned int depth; /* of the innermost open suite */
	int64_t time; /* of the case just begun */
	struct {
		int64_t below;
		int64_t said;
		bool says;
	} level[RJ_MAX_DEPTH + 2];
};

void rj_timing_element(struct rj_timing *t, const struct rj_element *e);
void rj_timing_open(struct rj_timing *t);

/* Returns the suite's time. */
int64_t rj_timing_close(struct rj_timing *t);

#endif
