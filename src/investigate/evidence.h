/*
 * evidence.h - what a history knows of one test, execution by execution.
 */
#ifndef RJ_EVIDENCE_H
#define RJ_EVIDENCE_H

#include "history/facts.h"
#include "history/rank.h"
#include "investigate/odds.h"

/* The test in a run: its attempt 0. */
struct rj_sample {
	unsigned int run; /* its place in the past */
	bool bad;
	bool several; /* entries that nothing tells apart */
	double seconds; /* less than 0: unknown, as below */
	int64_t position;
	unsigned int worker; /* a number; 0: unknown */
	int64_t words; /* of the failure */
	struct rj_str id; /* that its runner takes back; absent: unknown */
	struct rj_str file;
	const struct rj_facts *facts; /* of the execution; never NULL */
	unsigned int again; /* later attempts, */
	unsigned int again_passed;
	enum rejunit_verdict verdict;
};

/* A later attempt, or the first one, with facts of its own. */
struct rj_attempt {
	unsigned int sample;
	unsigned int attempt;
	bool bad;
	const struct rj_facts *facts; /* never NULL */
};

/* Another test in such a run: its attempt 0. */
struct rj_other {
	unsigned int sample;
	unsigned int test; /* its place in the past */
	int64_t position;
	double seconds;
	unsigned int worker;
	bool bad;
	bool decided;
	int64_t words;
};

/* What is known of a run besides. */
struct rj_run_texts {
	struct rj_str commit;
	struct rj_str branch;
	struct rj_str job;
	struct rj_str host;
	struct rj_str url;
	const struct rj_facts *facts; /* never NULL */
};

/* What failures said: each once, the most frequent first. */
struct rj_said {
	int64_t words; /* the number */
	struct rj_str type;
	struct rj_str message;
	struct rj_str trace;
	struct rj_str signature;
	unsigned int failures;
	unsigned int run; /* the newest that it was in */
};

struct rj_evidence {
	struct rj_arena arena;
	const struct rj_ranking *ranking;
	const struct rj_rank *rank; /* of the test */
	unsigned int test; /* its place in the past */
	struct rj_str id; /* that its runner takes back, as far as is known */
	struct rj_run_texts *runs; /* by place */
	struct rj_sample *samples; /* in the order of runs */
	size_t n;
	size_t bad;
	struct rj_attempt *attempts; /* by sample and attempt */
	size_t n_attempts;
	struct rj_other *others; /* by test and sample */
	size_t n_others;
	struct rj_said *said;
	size_t n_said;
	size_t not_said; /* failures that are none of these */
};

/*
 * Of the test at a place of the ranking's past, with the other tests of its
 * runs if they are wanted. Free it also after a failure; the ranking has to
 * live as long.
 */
enum rejunit_status
rj_evidence_load(struct rj_evidence *e, struct rj_history *h,
    const struct rj_ranking *r, unsigned int test, bool others);
void rj_evidence_free(struct rj_evidence *e);

/* How its runner takes another test of these runs back. */
enum rejunit_status rj_evidence_id(struct rj_evidence *e, struct rj_history *h,
    unsigned int test, struct rj_str *id);

#endif
