/*
 * join.h - one report out of several.
 *
 * Every input's suites are copied as they stand, into one <testsuites> whose
 * counters and time are the sums of theirs. Only the inputs' roots are
 * remembered; where suites are joined, all suites are.
 *
 * Add one input after the other, bring together what they have in common, then
 * write. The files are opened when they are needed, and must stay as they are.
 */
#ifndef RJ_JOIN_H
#define RJ_JOIN_H

#include "base/hashes.h"
#include "file/source.h"
#include "model/counting.h"
#include "model/warning.h"

struct rj_join_input {
	struct rj_source src;
	const struct rj_suite *root;
	struct rj_join_suite *piece; /* of the root, where suites are joined */
};

struct rj_join {
	struct rj_arena *arena;
	struct rj_warnings warnings;
	bool suites; /* join suites of one name, too */
	struct rj_pool pool; /* the inputs' descriptors */
	struct rj_join_input *inputs;
	size_t n;
	size_t room;

	int64_t counters[RJ_COUNTERS];
	int64_t time;
	bool says[RJ_COUNTERS]; /* some root has this counter */
	struct rj_root_attr *attrs; /* what else the roots have */
	struct rj_hashes seen;
	size_t cases;
	size_t bad;
	size_t loose;
	size_t nameless;
	size_t duplicates; /* tests that an earlier input has, too */
};

/*
 * Reads a report. *foreign: it is XML, but no JUnit report, and
 * nothing was added.
 */
enum rejunit_status
rj_join_add(struct rj_join *j, const struct rejunit_input *in, bool repair,
    bool *foreign, struct rejunit_error *err);

/* After the last input: brings together what they have in common. */
enum rejunit_status
rj_join_settle(struct rj_join *j, struct rejunit_error *err);

enum rejunit_status rj_join_write(const struct rj_join *j,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

void rj_join_free(struct rj_join *j);

#endif
