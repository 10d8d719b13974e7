#include "model/plan.h"

enum rejunit_verdict
rejunit_decision_before(const struct rejunit_decision *d)
{
	return d ? d->before : REJUNIT_ABSENT;
}

enum rejunit_verdict
rejunit_decision_after(const struct rejunit_decision *d)
{
	return d ? d->after : REJUNIT_ABSENT;
}

enum rejunit_reason
rejunit_decision_reason(const struct rejunit_decision *d)
{
	return d ? d->reason : REJUNIT_UNCHANGED;
}

enum rejunit_flaky
rejunit_decision_flaky(const struct rejunit_decision *d)
{
	return d ? d->flaky : REJUNIT_NOT_FLAKY;
}

unsigned int
rejunit_decision_assumed(const struct rejunit_decision *d)
{
	return d ? d->assumed : 0;
}

const char *
rejunit_assumption_name(enum rejunit_assumption a)
{
	switch (a) {
	case REJUNIT_ASSUME_ATTEMPTS:
		return "attempts";
	case REJUNIT_ASSUME_FAILURES_ONLY:
		return "failures-only";
	case REJUNIT_ASSUME_COMPLETE:
		return "complete";
	}
	return "";
}

const char *
rejunit_verdict_name(enum rejunit_verdict v)
{
	static const char *const names[] = {
		[REJUNIT_ABSENT] = "absent",
		[REJUNIT_PASSED] = "passed",
		[REJUNIT_FAILED] = "failed",
		[REJUNIT_ERROR] = "error",
		[REJUNIT_SKIPPED] = "skipped",
		[REJUNIT_UNKNOWN] = "unknown",
	};

	return (size_t)v < sizeof(names) / sizeof(*names) ? names[v] : "";
}

const char *
rejunit_reason_name(enum rejunit_reason r)
{
	static const char *const names[] = {
		[REJUNIT_UNCHANGED] = "unchanged",
		[REJUNIT_RECOVERED] = "recovered",
		[REJUNIT_REGRESSED] = "regressed",
		[REJUNIT_STILL_FAILING] = "still-failing",
		[REJUNIT_SKIPPED_IN_RERUN] = "skipped-in-rerun",
		[REJUNIT_NOT_RERUN] = "not-rerun",
		[REJUNIT_FIRST_RUN] = "first-run",
		[REJUNIT_NEW] = "new",
		[REJUNIT_AMBIGUOUS] = "ambiguous",
		[REJUNIT_COVERAGE_UNKNOWN] = "coverage-unknown",
		[REJUNIT_UNKNOWN_IN_RERUN] = "unknown-in-rerun",
		[REJUNIT_NOT_LISTED] = "not-listed",
	};

	return (size_t)r < sizeof(names) / sizeof(*names) ? names[r] : "";
}

const char *
rejunit_flaky_name(enum rejunit_flaky f)
{
	static const char *const names[] = {
		[REJUNIT_NOT_FLAKY] = "",
		[REJUNIT_FLAKY_RECOVERED] = "recovered",
		[REJUNIT_FLAKY_REGRESSED] = "regressed",
		[REJUNIT_FLAKY_REPORTED] = "reported",
	};

	return (size_t)f < sizeof(names) / sizeof(*names) ? names[f] : "";
}
