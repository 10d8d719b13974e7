#include <string.h>

#include "api/update.h"

static bool
warn_of_report(struct rj_plan *plan, const struct rj_report *r)
{
	if (!rj_warn_repaired(&plan->warnings, &r->src))
		return false;
	if (r->nameless &&
	    !rj_warn(&plan->warnings,
		"%s: cases without a name, left alone: %zu, bad ones among "
		"them: %zu",
		r->src.name, r->nameless, r->nameless_bad))
		return false;
	if (r->unknown &&
	    !rj_warn(&plan->warnings,
		"%s: cases that say neither that they passed nor that they "
		"failed: %zu, the first \"%.*s\"; they prove nothing",
		r->src.name, r->unknown, RJ_SHOWN(rj_str(r->first_unknown))))
		return false;
	if (r->run == 0 && r->crashed &&
	    !rj_warn(&plan->warnings,
		plan->assumed & REJUNIT_ASSUME_COMPLETE
		    ? "%s: the run broke off in \"%.*s\"; it is assumed that "
		      "every test ran all the same"
		    : "%s: the run broke off in \"%.*s\": tests may not have "
		      "run at all, and no report says which",
		r->src.name, RJ_SHOWN(rj_str(r->crashed))))
		return false;
	return r->loose + r->unexplained == 0 ||
	       rj_warn(&plan->warnings,
		   "%s: failures that belong to no case: %zu, the first in "
		   "suite \"%.*s\"",
		   r->src.name, r->loose + r->unexplained,
		   RJ_SHOWN(r->loose_suite));
}

/* When the original began; "" where it does not say. */
static const char *
original_time(const struct rejunit_update *u)
{
	const char *first = "";

	for (size_t i = 0; i < u->n_reports && u->reports[i].run == 0; i++) {
		const char *at = u->reports[i].earliest;

		if (at[0] && (!first[0] || strcmp(at, first) < 0))
			first = at;
	}
	return first;
}

/* A rerun from before the original is one of something else. */
static bool
warn_of_time(
    struct rj_plan *plan, const struct rj_report *r, const char *original)
{
	return r->run == 0 || !r->latest[0] ||
	       strcmp(r->latest, original) >= 0 ||
	       rj_warn(&plan->warnings,
		   "%s: says that it ran at %s, before the original at %s: is "
		   "it a rerun of it?",
		   r->src.name, r->latest, original);
}

static bool
warn_of_reports(struct rejunit_update *u)
{
	const char *original = original_time(u);

	for (size_t i = 0; i < u->n_reports; i++)
		if (!warn_of_report(&u->plan, &u->reports[i]) ||
		    !warn_of_time(&u->plan, &u->reports[i], original))
			return false;
	return true;
}

/* What is missing from the list that a runner takes back. */
static bool
warn_of_ids(struct rejunit_update *u)
{
	const struct rejunit_decision *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < u->plan.n_decisions; i++) {
		const struct rejunit_decision *d = u->plan.decisions[i];
		bool runnable = true;

		if (d->flaky && !rj_test_is_runnable(
				    d->slot->base, u->data.rootdir, &runnable))
			return false;
		if (!runnable && n++ == 0)
			first = d;
	}
	return n == 0 ||
	       rj_warn(&u->plan.warnings,
		   "flaky tests whose file is not known, and which no list of "
		   "ids names: %zu, the first \"%.*s\"; --rootdir may find "
		   "them",
		   n, RJ_SHOWN(first->slot->base->name));
}

bool
rj_update_warn(struct rejunit_update *u)
{
	return warn_of_reports(u) && warn_of_ids(u);
}
