/*
 * compare.h - what the failures of a test are held against its passes by.
 */
#ifndef RJ_COMPARE_H
#define RJ_COMPARE_H

#include "investigate/evidence.h"

enum rj_kind {
	RJ_ATTEMPTS, /* it fails in whole runs, and passes alone */
	RJ_POSITIONS, /* what runs before it, and when it runs itself */
	RJ_COMPANY, /* what fails with it */
	RJ_DURATION,
	RJ_SLOW_RUN, /* all of the run is slower than others */
	RJ_CLOCK,
	RJ_JOB,
	RJ_HOST,
	RJ_BRANCH,
	RJ_WORKER,
	RJ_PARAMETER,
	RJ_SEED,
	RJ_FACT,
	RJ_FIXTURE, /* it fails in setup or teardown */
	RJ_SIGNATURES,
	RJ_GROWTH, /* facts that grow from attempt to attempt */
	RJ_FROM_WORDS,
};

#define RJ_NO_TEST UINT32_MAX

/* What is compared. */
struct rj_what {
	enum rj_kind kind;
	struct rj_str name; /* of a fact, or what kind of it */
	struct rj_str value;
	unsigned int test; /* another one; RJ_NO_TEST: none */
	bool inverted; /* that one did not run before it */
};

#define RJ_ALIKE 32 /* of what is the same, so many are known */

struct rj_comparison {
	struct rj_what what;
	struct rj_split counts;
	double p;
	double adjusted; /* what of it is left after all comparisons */
	struct rj_what alike[RJ_ALIKE]; /* that no run tells from it */
	size_t n_alike; /* all of them */
	double number; /* a duration, in seconds */
	const struct rj_units *units; /* that it is of, */
	unsigned char *has; /* and which of them have it; NULL: no units */
};

struct rj_comparing {
	struct rj_evidence *e;
	struct rj_units units; /* the samples */
	struct rj_units in_order; /* the same, by place in their runs */
	bool *outage; /* by sample */
	unsigned char *has; /* scratch, for a comparison */
	struct rj_comparison *found; /* after all: the likeliest first */
	size_t n;
	size_t room;
	size_t made;
	size_t bad_days; /* on which it failed */
	struct rj_str flat; /* a fact that does not grow; absent: none */
	struct rj_split flat_counts; /* in how many steps it did */
	struct rj_map known; /* comparisons by what they compare */
};

/* Compares whatever can be; false: out of memory. Free it also then. */
bool rj_compare_all(struct rj_comparing *c, struct rj_evidence *e);
void rj_comparing_free(struct rj_comparing *c);

/*
 * Compares one thing, which c->has says for each unit. Those of outages are
 * left out, but for what fails with it.
 */
bool rj_compare_one(struct rj_comparing *c, const struct rj_units *u,
    const struct rj_what *what, double number);

/* Takes a comparison that was made in another way; it has no namesake. */
bool rj_compared(struct rj_comparing *c, const struct rj_what *what,
    struct rj_split counts, double p);

/* attempts.c: what the attempts of a run tell. */
bool rj_compare_attempts(struct rj_comparing *c);

/* others.c: what other tests of these runs tell. */
bool rj_compare_others(struct rj_comparing *c);

int rj_compare_doubles(const void *a, const void *b);

/* A value below which a share of n values lies; they are sorted. */
double rj_quantile(double *values, size_t n, double share);

#endif
