/*
 * diff.h - what changed between two runs, test by test.
 *
 * It is made of those cases of both that anything may have changed in. Which
 * of them are one test is what an update would say, see merge/match.h; what
 * cannot be told apart is compared by how many there are of each outcome, and
 * where that does not decide, it is in doubt.
 */
#ifndef RJ_DIFF_H
#define RJ_DIFF_H

#include "diff/index.h"
#include "merge/pairing.h"

/* One test, or several that cannot be told apart. */
struct rj_difference {
	enum rejunit_verdict before; /* the worst; REJUNIT_ABSENT: none */
	enum rejunit_verdict after;
	const struct rj_case *old_case; /* that shows it; NULL: none */
	const struct rj_case *new_case;
	size_t old_tests; /* so many */
	size_t new_tests;
	/* what only the reports' text says */
	int64_t old_time;
	int64_t new_time;
	bool excused; /* by a quarantine */
};

struct rj_differences {
	struct rj_difference **list;
	size_t n;
	size_t room;
};

#define RJ_KINDS (REJUNIT_DIFF_ADDED + 1)

struct rj_diff {
	struct rj_arena *arena;
	struct rj_differences of[RJ_KINDS];
};

/*
 * Compares the reports of two runs. The paths are those of suites that count
 * where cases have no class, see merge/match.h; NULL where all have one. What
 * took longer is listed, however little. False: out of memory.
 */
bool rj_diff(struct rj_diff *d, const struct rj_run *before,
    const struct rj_run *after, const struct rj_map *old_paths,
    const struct rj_map *new_paths);

/* Its outcome, or an error where it is a failure of the run. */
enum rejunit_verdict rj_diff_outcome(const struct rj_case *c);

void rj_diff_free(struct rj_diff *d);

#endif
