/*
 * suites.h - the suites of several reports, and which of them are one.
 *
 * While a report is read, its suites are laid out as pieces, each below the
 * one around it. Behind the last report they are joined: what was the first
 * piece of a suite has the others hanging on it.
 */
#ifndef RJ_SUITES_H
#define RJ_SUITES_H

#include "join/join.h"

/* A suite as one input has it. */
struct rj_join_suite {
	struct rj_suite *suite;
	struct rj_span properties;
	int64_t time;
	bool says_time;
	struct rj_join_suite *next; /* in the suite around it */
	struct rj_join_suite *first; /* the suites in it */
	struct rj_join_suite **tail;
	struct rj_join_suite
	    *head; /* the one that it is joined to; its own first */
	struct rj_join_suite *also; /* what is joined to this one, in order */
	struct rj_join_suite **also_tail;
	struct rj_join_suite
	    *twin; /* the next one that this one's name may mean */
	struct rj_join_suite *host_twin; /* and on this one's host */
};

/*
 * Joins suites of one name below one suite, where neither hosts nor properties
 * nor namespaces speak against it. It reads tags and properties once more.
 */
enum rejunit_status
rj_join_suites(struct rj_join *j, struct rejunit_error *err);

#endif
