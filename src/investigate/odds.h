/*
 * odds.h - is it luck that failures have something in common?
 *
 * A comparison holds what failed against what passed, week by week: what came
 * and went with the weeks explains nothing. A finding has to hold on whichever
 * day weeks begin, and both where each run counts and where each commit does:
 * the failures of one commit may be one.
 */
#ifndef RJ_ODDS_H
#define RJ_ODDS_H

#include "base/arena.h"

/* One execution, and what is the same for all comparisons of it. */
struct rj_unit {
	int64_t day; /* since 1970 */
	unsigned int commit; /* 0: unknown; each stands for itself */
	unsigned int job;
	unsigned int stratum; /* besides the week: only alike ones compare */
	bool bad;
	bool alone; /* no other one of its commit is the same once more */
};

#define RJ_STRATA 16 /* of them, beside weeks */

#define RJ_DAYS 7 /* of a week */

struct rj_units {
	struct rj_unit *unit;
	size_t n;
	size_t bad; /* one a commit and job */
	/* filled by rj_units_prepare() */
	unsigned int (
	    *week)[RJ_DAYS]; /* a number, by the day that weeks begin */
	unsigned int weeks;
	bool *counts; /* not a further failure of one commit and job */
	size_t *order; /* by commit */
};

/* Where n and the units are set; false: out of memory. */
bool rj_units_prepare(struct rj_units *u, struct rj_arena *a);

/* What is compared, for each unit. */
enum rj_has {
	RJ_HAS_NOT,
	RJ_HAS,
	RJ_UNKNOWN
};

/* The runs that were counted. */
struct rj_split {
	unsigned int bad_with;
	unsigned int with;
	unsigned int bad_without;
	unsigned int without;
};

/*
 * How likely so many failures, or more, have it by luck alone; 1 where nothing
 * can be compared. `by_day`: it has to hold also where of each day one failure
 * counts, and the units are in the order of time. False: out of memory.
 */
bool rj_odds(const struct rj_units *u, const unsigned char *has, bool by_day,
    struct rj_split *counts, double *p);

/* The same for one table of counts alone. */
bool rj_odds_of_counts(struct rj_split counts, double *p);

/* That of n things that are as likely as not, so many or more happen. */
double rj_odds_of_heads(unsigned int heads, unsigned int n);

/*
 * The smallest p that Holm's way leaves to each of `made` comparisons, of
 * which the n smallest stand here, in their order.
 */
void rj_odds_adjust(double *p, size_t n, size_t made);

#endif
