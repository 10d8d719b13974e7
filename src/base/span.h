/*
 * span.h - a range of a source's UTF-8 bytes.
 */
#ifndef RJ_SPAN_H
#define RJ_SPAN_H

#include <stdint.h>

struct rj_span {
	uint64_t at;
	uint64_t end;
};

#endif
