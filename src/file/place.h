/*
 * place.h - lines and columns of a source, from 1, as far as it can be read.
 */
#ifndef RJ_PLACE_H
#define RJ_PLACE_H

#include "file/source.h"

/* The line and column of an offset. */
void rj_source_place(const struct rj_source *src, uint64_t at,
    unsigned long *line, unsigned long *column);

/* A place up to which columns were counted; zeroed: there is none yet. */
struct rj_known {
	uint64_t at;
	unsigned long column;
};

/*
 * The column alone. It is counted from the place that is known, so that many
 * in one long line cost no more than the line.
 */
unsigned long rj_source_column(
    const struct rj_source *src, uint64_t at, struct rj_known *known);

#endif
