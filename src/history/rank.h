/*
 * rank.h - which tests flake, how sure that is, and what it costs.
 *
 * The evidence are events: a test that failed and then passed where nothing
 * but luck can be the difference. See the manual for the rules.
 */
#ifndef RJ_RANK_H
#define RJ_RANK_H

#include "history/past.h"

enum rj_event {
	RJ_EVENT_S, /* passed in a later attempt of the same run */
	RJ_EVENT_C, /* in another run of the same commit and job */
	RJ_EVENT_J, /* in as many jobs of the same commit as it failed in */
	RJ_EVENT_I, /* in the runs of its job before and after */
	RJ_EVENTS
};

#define RJ_STRIP 30

struct rj_rank {
	const struct rj_past_test *test;
	struct rj_str id;
	enum rejunit_state state;
	bool stale;
	unsigned int events[RJ_EVENTS];
	unsigned int runs;
	unsigned int bad_runs;
	unsigned int blocked_runs; /* that it ended red */
	int64_t lost; /* microseconds that later attempts took */
	double evidence; /* events, the older the less each counts */
	double machine; /* seconds to expect, by the same decay, */
	double person; /* and those of people */
	double rate;
	double rate_low;
	double rate_high;
	unsigned int missing_passes;
	char strip[RJ_STRIP + 1]; /* its last runs, the newest last */
	int64_t first_bad; /* 0: it never was */
	int64_t last_bad;
};

struct rj_ranking {
	struct rj_past past;
	struct rj_rank *tests; /* best first */
	size_t n;
	size_t n_listed; /* of them, those that somebody has to look at */
	struct rj_cluster
	    *clusters; /* in place of tests, the most frequent first */
	size_t n_clusters;
	struct rj_recovered *recovered; /* failures that passed in the end */
	size_t n_recovered;
	int64_t at;
	bool by_signature;
	double hourly;
	double machine_hour;
};

/* Failures with one signature. */
struct rj_cluster {
	struct rj_str signature;
	struct rj_str type;
	struct rj_str message;
	int64_t words; /* of one of them */
	unsigned int failures;
	unsigned int recovered;
	unsigned int runs;
	unsigned int *tests; /* places in the past, in their order */
	size_t n_tests;
	int64_t first;
	int64_t last;
};

/* A failure that passed in the end, and what was known of it by then. */
struct rj_recovered {
	unsigned int run;
	unsigned int runs_before; /* with the same signature */
};

struct rj_rank_options {
	struct rj_past_options past;
	enum rejunit_rank_by by;
	bool all; /* list also what is new or healthy */
	size_t top; /* list no more; 0: no limit */
	double minutes; /* of a person, for a run that ends red */
	double hourly; /* what an hour of a person costs, */
	double machine_hour; /* and one of a machine */
};

/* Seconds, and what they cost. */
double rj_rank_cost(const struct rj_rank *r);
double rj_rank_money(const struct rj_ranking *r, const struct rj_rank *test);

/* Free it also after a failure. */
enum rejunit_status rj_rank(struct rj_ranking *r, struct rj_history *h,
    const struct rj_rank_options *o);
void rj_ranking_free(struct rj_ranking *r);

/* cluster.c: puts alike failures together; the history is open for reading. */
enum rejunit_status rj_cluster(struct rj_ranking *r, struct rj_history *h,
    const struct rj_rank_options *o);

#endif
