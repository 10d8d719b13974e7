/*
 * plan.h - what an update is going to do, and why.
 *
 * The merge engine makes it; the writer, the flake list and the list of
 * decisions read it. A decision is about one test; the slots below it are the
 * cases that stand for the test in the updated report, one or, where a test
 * has several phases, more.
 */
#ifndef RJ_PLAN_H
#define RJ_PLAN_H

#include "model/report.h"
#include "model/warning.h"

/* One case of the updated report, and what becomes of it. */
struct rj_slot {
	struct rejunit_decision *decision;
	const struct rj_case *base; /* whose bytes it is made of */
	const struct rj_case *pass; /* the execution that turned it green */
	const struct rj_case **fill; /* the failures in <skipped>'s place */
	struct rj_later *later; /* --append-reruns */
	struct rj_later **later_tail;
	struct rj_slot *collection; /* a retired collection error whose
				       evidence it takes in; its own names
				       the next one */
	struct rj_str excuse; /* written as why it is skipped; absent: it is
				 not */
	unsigned int n_fill;
	enum rejunit_verdict outcome; /* as it stands by now */
	bool added; /* not of the original */
	bool appended; /* written elsewhere than in its own report */
	bool retired; /* a phantom, taken out */
};

/* A failure of a later run of a still failing test. */
struct rj_later {
	struct rj_later *next;
	const struct rj_case *at;
};

/* An entry of some run that speaks of a test. */
struct rj_sighting {
	struct rj_sighting *next;
	const struct rj_case *at;
};

struct rejunit_decision {
	struct rejunit_decision *into; /* joined with that one */
	const struct rj_slot *slot; /* the test's first, or first bad one */
	enum rejunit_verdict before;
	enum rejunit_verdict after; /* the worst of its slots, at the end */
	size_t n_slots; /* that stand for it */
	enum rejunit_reason reason;
	enum rejunit_flaky flaky;
	bool unplaced; /* what failed may be a test that never passed */
	size_t extra; /* the most tests that a run had beyond the entries */
	bool excused; /* by a quarantine */
	struct rj_str excuse; /* for which it is skipped; absent: it is not */
	unsigned int assumed; /* without which the verdict did not follow */
	struct rj_sighting *sightings; /* in the order of the runs */
	struct rj_sighting **tail;
	struct rj_str id; /* these two are made when first asked for */
	struct rj_str title;
};

/* A case that is added to a suite. */
struct rj_addition {
	struct rj_addition *next;
	const struct rj_slot *slot;
};

/* What becomes of a suite's sums and counters. */
struct rj_recounted {
	struct rj_sums sums;
	int64_t counters[RJ_COUNTERS]; /* -1 where the suite says no number */
	bool is_recount; /* they are set, whatever stood there */
};

/* A suite of the updated report. */
struct rj_planned_suite {
	const struct rj_suite *suite; /* whose bytes it is made of */
	struct rj_planned_suite *up; /* the one around it; NULL: the root */
	bool added; /* it is none of its report's own */
	struct rj_recounted *after; /* NULL: nothing changes in it */
	/* what is added at its end: cases, then suites */
	struct rj_addition *cases;
	struct rj_addition **cases_tail;
	struct rj_planned_suite *suites;
	struct rj_planned_suite **suites_tail;
	struct rj_planned_suite *next; /* added beside this one */
};

struct rj_plan {
	struct rj_arena *arena;
	struct rj_slot **slots; /* the original's, then the added ones */
	size_t n;
	struct rejunit_decision **decisions; /* none that was joined */
	size_t n_decisions;
	struct rj_planned_suite **suites; /* those in which something changes */
	size_t n_suites;
	/* report by report, what is to be written differently in it */
	struct rj_slot **touched;
	size_t *touched_at; /* where a report's begin; one more at the end */
	struct rj_planned_suite **edited;
	size_t *edited_at;
	size_t bad_after;
	size_t excused; /* of them, those that a quarantine excuses, */
	size_t skipped; /* and those that are skipped for that instead */
	size_t loose; /* failures that show in no case, by what was decided */
	unsigned int assumed; /* everything that was taken for true */
	struct rj_warnings warnings;
};

/* The last step: sorts what is to be written by report. False: no memory. */
bool rj_plan_index(struct rj_plan *plan, size_t n_reports);

/* Gives back what is not in the arena. */
void rj_plan_free(struct rj_plan *plan);

/* Moves a counter that is there (else -1); none goes below zero. */
int64_t rj_moved(int64_t said, int64_t by);

/* What an attribute of a suite's tag that holds n is to say; -1: no number. */
int64_t rj_planned_count(
    const struct rj_planned_suite *p, struct rj_str name, int64_t n);

/* Whether the slot's bytes differ from its base's. */
bool rj_slot_is_touched(const struct rj_slot *slot);

#endif
