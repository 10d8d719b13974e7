/*
 * quarantine.h - the handle of a quarantine.
 */
#ifndef RJ_API_QUARANTINE_H
#define RJ_API_QUARANTINE_H

#include "quarantine/quarantine.h"

struct rejunit_update;
struct rj_merge_options;

struct rejunit_quarantine {
	struct rj_quarantine list;
	size_t cases; /* bad ones that are excused */
};

/* What an update asks them while it is planned; see merge/merge.h. */
void rj_quarantine_options(
    struct rejunit_update *u, struct rj_merge_options *options);

#endif
