/*
 * attributes.h - what the roots of several reports say beside their counters.
 */
#ifndef RJ_ATTRIBUTES_H
#define RJ_ATTRIBUTES_H

#include "join/join.h"

/* An attribute that some <testsuites> have. */
struct rj_root_attr {
	struct rj_root_attr *next;
	struct rj_str name;
	struct rj_str value; /* as written */
	size_t n; /* how many roots have it */
	int64_t sum; /* of their values; -1: one is no number */
	char quote;
	bool differs; /* not all that have it agree */
};

/* Numbers that some producers have besides, and that add up, too. */
bool rj_is_extra_number(struct rj_str name);

/* Adds up values; -1 once one of them is no number. */
void rj_add_number(int64_t *sum, struct rj_str value);

/* Reads those of one input's root. */
enum rejunit_status rj_join_read_root(struct rj_join *j,
    const struct rj_join_input *in, struct rejunit_error *err);

/*
 * Brings them together, when all are read: what differs is left out, and said;
 * namespaces that differ are an error.
 */
enum rejunit_status
rj_join_settle_attributes(struct rj_join *j, struct rejunit_error *err);

#endif
