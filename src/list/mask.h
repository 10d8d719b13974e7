/*
 * mask.h - a line without what differs between two runs of one failure.
 */
#ifndef RJ_MASK_H
#define RJ_MASK_H

#include "base/str.h"

/* Appends a line as signatures of a version have it. False: no memory. */
typedef bool rj_mask_fn(struct rj_buf *out, struct rj_str line);

/* Numbers, addresses, UUIDs, digests, temporary paths. */
rj_mask_fn rj_mask_v1;

/*
 * These, and how many numbers there are and in which units; what a long text
 * was cut to; where a checkout lies and on which system; the order of sets and
 * how often one thing stands in a list.
 */
rj_mask_fn rj_mask_v2;

#endif
