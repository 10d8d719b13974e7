/*
 * past.h - the runs of a time, as a ranking looks at them.
 *
 * Runs and tests are in an order of their own, which is the same whatever the
 * order was in which they were recorded. Strings live in the arena.
 */
#ifndef RJ_PAST_H
#define RJ_PAST_H

#include "history/history.h"

struct rj_past_run {
	struct rj_str name;
	int64_t at;
	unsigned int commit; /* numbers, the same for the same; 0: unknown */
	unsigned int branch;
	unsigned int job;
	unsigned int legs; /* those of one job's matrix share it; 0: no leg */
	bool hunt; /* made to provoke failures: no sample of anything */
	bool outage; /* so much failed that it says nothing of a test */
	unsigned int executed; /* tests that passed or failed at first, */
	unsigned int failed; /* those that failed, */
	unsigned int ended_bad; /* and those that did in the end */
};

/* A test in a run. */
struct rj_seen {
	unsigned int run; /* its place in the order */
	enum rejunit_verdict first; /* in attempt 0 */
	enum rejunit_verdict last;
	bool passed_later;
	bool several; /* entries that nothing tells apart */
	int64_t again; /* microseconds that later attempts took */
	int64_t words; /* of the first failure; -1: none */
};

/* It failed, and passed in a later attempt, and not by another entry. */
static inline bool
rj_seen_recovered(const struct rj_seen *s)
{
	return rejunit_is_bad(s->first) && s->passed_later && !s->several;
}

struct rj_past_test {
	struct rj_str classname;
	struct rj_str name;
	struct rj_str told;
	struct rj_str id; /* all of them on one line */
	struct rj_seen *seen; /* in the order of runs */
	size_t n;
};

struct rj_past {
	struct rj_arena arena;
	struct rj_past_run *runs;
	size_t n_runs;
	struct rj_past_test *tests;
	size_t n_tests;
	unsigned int commits; /* how many numbers there are, with 0 */
	unsigned int jobs;
	unsigned int
	    main_branch; /* the one that is named, or that of most runs */
	size_t outages;
	struct rj_str *signatures; /* by the numbers of words */
	size_t n_signatures;
	/* places by the numbers that the history gave, from 1 on; 0: none */
	unsigned int *run_at;
	size_t n_run_at;
	unsigned int *test_at;
	size_t n_test_at;
};

/* Numbers that a writer of ours gives stay far below. */
static inline bool
rj_is_number(int64_t n)
{
	return n > 0 && n < (int64_t)1 << 26;
}

/* Enters a place by such a number. False: out of memory. */
bool rj_past_enter(
    unsigned int **places, size_t *n, int64_t number, unsigned int place);

/* The place of a number, from 1 on; 0: it has none. */
static inline unsigned int
rj_past_place(const unsigned int *places, size_t n, int64_t number)
{
	return number > 0 && (uint64_t)number < n ? places[number] : 0;
}

struct rj_past_options {
	int64_t at; /* what is later is not seen */
	int64_t since; /* seconds before it */
	struct rj_str branch; /* absent: the one with most runs */
	struct rj_str job; /* absent: all of them */
	double outage; /* the share of tests that fail in one */
};

/* Free it also after a failure. */
enum rejunit_status rj_past_load(
    struct rj_past *p, struct rj_history *h, const struct rj_past_options *o);
void rj_past_free(struct rj_past *p);

/* A test by its place, on one line. */
struct rj_str rj_past_id(const struct rj_past *p, size_t test);

/* The signature of words, absent where there are none. */
struct rj_str rj_past_signature(const struct rj_past *p, int64_t words);

#endif
