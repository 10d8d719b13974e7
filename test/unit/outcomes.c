#include "outcome.h"
#include "tap.h"

static enum rejunit_verdict
outcome_of(const char *status, const char *result, enum rj_tag a, enum rj_tag b)
{
	unsigned int marks = rj_mark_attributes(rj_str(status), rj_str(result));

	marks |= rj_mark_child(a, marks);
	marks |= rj_mark_child(b, marks);
	return rj_outcome(marks);
}

/* A failure beside a <skipped> of that type and message. */
static bool
is_tolerated(const char *type, const char *message)
{
	unsigned int marks = rj_mark_child(RJ_FAILURE, 0);

	marks |= rj_mark_child(RJ_SKIPPED, marks);
	marks |= rj_mark_skipped(rj_str(type), rj_str(message), 0);
	return rj_outcome(marks) == REJUNIT_SKIPPED;
}

#define IS(a, b, verdict) OK(outcome_of(NULL, NULL, a, b) == (verdict))

int
main(void)
{
	IS(RJ_OTHER, RJ_SYSTEM_OUT, REJUNIT_PASSED);
	IS(RJ_FAILURE, RJ_OTHER, REJUNIT_FAILED);
	IS(RJ_ERROR, RJ_OTHER, REJUNIT_ERROR);
	IS(RJ_FAILURE, RJ_ERROR, REJUNIT_FAILED);
	IS(RJ_ERROR, RJ_FAILURE, REJUNIT_ERROR);
	IS(RJ_SKIPPED, RJ_FAILURE, REJUNIT_FAILED);
	IS(RJ_ERROR, RJ_SKIPPED, REJUNIT_ERROR);
	IS(RJ_SKIPPED, RJ_SYSTEM_OUT, REJUNIT_SKIPPED);
	IS(RJ_SKIPPED, RJ_FLAKY_FAILURE, REJUNIT_SKIPPED);
	IS(RJ_WARNING, RJ_OTHER, REJUNIT_SKIPPED);
	IS(RJ_WARNING, RJ_FAILURE, REJUNIT_FAILED);
	OK(is_tolerated("todo", ""));
	OK(is_tolerated(NULL, "TEST_CASE tagged with !mayfail"));
	OK(!is_tolerated("pytest.skip", "todo"));
	OK(!is_tolerated(NULL, NULL));
	IS(RJ_FLAKY_FAILURE, RJ_OTHER, REJUNIT_PASSED);
	IS(RJ_FLAKY_ERROR, RJ_FAILURE, REJUNIT_FAILED);
	IS(RJ_FAILURE, RJ_RERUN_FAILURE, REJUNIT_FAILED);
	OK(outcome_of("notrun", NULL, RJ_OTHER, RJ_OTHER) == REJUNIT_SKIPPED);
	OK(outcome_of("disabled", NULL, RJ_OTHER, RJ_OTHER) == REJUNIT_SKIPPED);
	OK(outcome_of(NULL, "suppressed", RJ_OTHER, RJ_OTHER) ==
	    REJUNIT_SKIPPED);
	OK(outcome_of("run", "completed", RJ_OTHER, RJ_OTHER) ==
	    REJUNIT_PASSED);
	OK(outcome_of("notrun", NULL, RJ_FAILURE, RJ_OTHER) == REJUNIT_FAILED);
	OK(outcome_of("notrun", NULL, RJ_FLAKY_FAILURE, RJ_OTHER) ==
	    REJUNIT_PASSED);
	OK(rj_is_bad(REJUNIT_FAILED) && rj_is_bad(REJUNIT_ERROR));
	OK(!rj_is_bad(REJUNIT_PASSED) && !rj_is_bad(REJUNIT_SKIPPED) &&
	    !rj_is_bad(REJUNIT_ABSENT));
	return done();
}
