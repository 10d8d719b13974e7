/*
 * pairing.h - goes through what a run says, test by test, and holds each
 * against what stands before it.
 *
 * Whoever asks gets the cells in the order in which the run first names their
 * tests, see match.h, and each case of the run that none of the entries before
 * can be; what follows from either is his. Where a function can run out of
 * memory, that is what false means.
 */
#ifndef RJ_PAIRING_H
#define RJ_PAIRING_H

#include "merge/match.h"
#include "merge/tests.h"

struct rj_pairing {
	const struct rj_matching *how;
	struct rj_tests *tests;
	/* The scratch memory is for a test at a time. */
	bool (*cell)(
	    void *ctx, const struct rj_cell *cell, struct rj_arena *scratch);
	bool (*fresh)(void *ctx, struct rj_test *test, const struct rj_case *c);
	void *ctx;
	struct rj_arena scratch;
	struct rj_arena run_scratch; /* for a run at a time */
};

bool rj_pair_run(struct rj_pairing *p, const struct rj_run *run);

/* Lays out a test's slots and, unless that is NULL, a run's cases of it. */
bool rj_lay_out(struct rj_pairing *p, const struct rj_test *before,
    const struct rj_test *current, struct rj_cell *all);

void rj_pairing_free(struct rj_pairing *p);

/*
 * Tells each case how much of its path is shared by the original and the run:
 * by both together, since what the run adds is the original's from then on, and
 * the same update made again has to find it there.
 */
void rj_share_folders(const struct rj_run *original, const struct rj_run *run);

#endif
