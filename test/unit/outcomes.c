#include "model/outcome.h"
#include "tap.h"

static enum rejunit_verdict
outcome_of(const char *status, const char *result, enum rj_tag a, enum rj_tag b)
{
	unsigned int marks = 0;
	bool passed;

	marks |= rj_mark_word(RJ_ATTR_STATUS, rj_str(status), &passed);
	marks |= rj_mark_word(RJ_ATTR_RESULT, rj_str(result), &passed);
	marks |= rj_mark_child(a, marks);
	marks |= rj_mark_child(b, marks);
	return rj_outcome(marks);
}

/* What an attribute makes of a case that says nothing else. */
static enum rejunit_verdict
said(enum rj_attr word, const char *value)
{
	bool passed;

	return rj_outcome(rj_mark_word(word, rj_str(value), &passed));
}

/* What a child of that name makes of it. */
static enum rejunit_verdict
child(const char *name)
{
	return rj_outcome(rj_mark_child(rj_child_named(name), 0));
}

/* Every word for it, in every spelling, in each of the attributes. */
static bool
all_say(const char *const *values, size_t n, enum rejunit_verdict want)
{
	bool all = true;

	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < RJ_WORDS; k++) {
			if (said(rj_words[k], values[i]) == want)
				continue;
			printf("#   %s=\"%s\"\n", rj_attr_names[rj_words[k]],
			    values[i]);
			all = false;
		}
	return all;
}

#define ALL(want, ...)                                     \
	OK(all_say((const char *const[]){ __VA_ARGS__ },   \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / \
		sizeof(const char *),                      \
	    want))

static void
test_words(void)
{
	ALL(REJUNIT_PASSED, "passed", "Passed", "PASSED", "pass", "success",
	    "successful", "Succeeded", "ok", "OK", "true", "True", "run",
	    "completed", "executed", "");
	ALL(REJUNIT_FAILED, "failed", "Failed", "FAILED", "fail", "failure",
	    "not ok", "not_ok", "broken");
	ALL(REJUNIT_ERROR, "error", "Error", "ERRORED", "crashed", "timeout",
	    "timed-out", "TimedOut", "aborted");
	ALL(REJUNIT_SKIPPED, "notrun", "not run", "Not-Run", "NotExecuted",
	    "disabled", "suppressed", "skipped", "ignored", "pending", "todo");
	ALL(REJUNIT_UNKNOWN, "xfail", "xpass", "bfail", "bpass", "inconclusive",
	    "flaky", "unstable", "undefined", "untested", "cancelled", "0",
	    "passed?", "pas", "passedd", "\xc3\xa9");
	OK(said(RJ_ATTR_SUCCESS, "false") == REJUNIT_FAILED);
	OK(said(RJ_ATTR_EXECUTED, "false") == REJUNIT_SKIPPED);
	OK(said(RJ_ATTR_EXECUTED, "False") == REJUNIT_SKIPPED);
}

static void
test_children(void)
{
	OK(child("Failure") == REJUNIT_FAILED);
	OK(child("fail") == REJUNIT_FAILED);
	OK(child("Error") == REJUNIT_ERROR);
	OK(child("exception") == REJUNIT_ERROR);
	OK(child("ignored") == REJUNIT_SKIPPED);
	OK(child("pending") == REJUNIT_SKIPPED);
	OK(child("incomplete") == REJUNIT_SKIPPED);
	OK(child("skip") == REJUNIT_SKIPPED);
	OK(child("Skipped") == REJUNIT_SKIPPED);
	OK(child("risky") == REJUNIT_UNKNOWN);
	OK(child("warning") == REJUNIT_UNKNOWN);
	OK(child("inconclusive") == REJUNIT_UNKNOWN);
	OK(child("failures") == REJUNIT_UNKNOWN);
	OK(child("anything") == REJUNIT_UNKNOWN);
	OK(child("testcase") == REJUNIT_UNKNOWN);
	OK(child("time") == REJUNIT_PASSED);
	OK(child("system-out") == REJUNIT_PASSED);
	OK(child("properties") == REJUNIT_PASSED);
	OK(child("attachments") == REJUNIT_PASSED);
}

static void
test_marks(void)
{
	struct rj_str yes = RJ_STR("true"), no = RJ_STR("false");

	OK(rj_outcome(rj_mark_property(RJ_STR("skip"), yes)) ==
	    REJUNIT_SKIPPED);
	OK(rj_outcome(rj_mark_property(RJ_STR("todo"), RJ_STR("later"))) ==
	    REJUNIT_SKIPPED);
	OK(rj_mark_property(RJ_STR("skip"), no) == 0);
	/* Playwright's: expected to fail, and did */
	OK(rj_mark_property(RJ_STR("fail"), RJ_STR("")) == 0);
	OK(rj_mark_error(RJ_STR("failed on setup with \"worker 'gw0' crashed "
				"while running 'a.py::b'\"")) ==
	    RJ_HAS_CRASHED);
	OK(rj_mark_error(RJ_STR("worker 'gw3' crashed")) == RJ_HAS_CRASHED);
	OK(rj_mark_error(RJ_STR("the worker crashed")) == 0);
	OK(rj_mark_error(RJ_STR("failed on teardown with \"E: x\"")) ==
	    RJ_IS_TEARDOWN);
	OK(rj_mark_error(RJ_STR("failed on setup with \"E: x\"")) == 0);
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
	IS(RJ_SYSTEM_ERR, RJ_SYSTEM_OUT, REJUNIT_PASSED);
	IS(RJ_FAILURE, RJ_SYSTEM_OUT, REJUNIT_FAILED);
	IS(RJ_ERROR, RJ_SYSTEM_OUT, REJUNIT_ERROR);
	IS(RJ_FAILURE, RJ_ERROR, REJUNIT_FAILED);
	IS(RJ_ERROR, RJ_FAILURE, REJUNIT_ERROR);
	IS(RJ_SKIPPED, RJ_FAILURE, REJUNIT_FAILED);
	IS(RJ_ERROR, RJ_SKIPPED, REJUNIT_ERROR);
	IS(RJ_SKIPPED, RJ_SYSTEM_OUT, REJUNIT_SKIPPED);
	IS(RJ_SKIPPED, RJ_FLAKY_FAILURE, REJUNIT_SKIPPED);
	IS(RJ_WARNING, RJ_SYSTEM_OUT, REJUNIT_UNKNOWN);
	IS(RJ_RERUN_FAILURE, RJ_SYSTEM_OUT, REJUNIT_UNKNOWN);
	IS(RJ_WARNING, RJ_FAILURE, REJUNIT_FAILED);
	OK(is_tolerated("todo", ""));
	OK(is_tolerated(NULL, "TEST_CASE tagged with !mayfail"));
	OK(!is_tolerated("pytest.skip", "todo"));
	OK(!is_tolerated(NULL, NULL));
	IS(RJ_FLAKY_FAILURE, RJ_SYSTEM_OUT, REJUNIT_PASSED);
	IS(RJ_FLAKY_ERROR, RJ_FAILURE, REJUNIT_FAILED);
	IS(RJ_FAILURE, RJ_RERUN_FAILURE, REJUNIT_FAILED);
	OK(outcome_of("notrun", NULL, RJ_SYSTEM_OUT, RJ_SYSTEM_OUT) ==
	    REJUNIT_SKIPPED);
	OK(outcome_of("disabled", NULL, RJ_SYSTEM_OUT, RJ_SYSTEM_OUT) ==
	    REJUNIT_SKIPPED);
	OK(outcome_of(NULL, "suppressed", RJ_SYSTEM_OUT, RJ_SYSTEM_OUT) ==
	    REJUNIT_SKIPPED);
	OK(outcome_of("run", "completed", RJ_SYSTEM_OUT, RJ_SYSTEM_OUT) ==
	    REJUNIT_PASSED);
	OK(outcome_of("notrun", NULL, RJ_FAILURE, RJ_SYSTEM_OUT) ==
	    REJUNIT_FAILED);
	OK(outcome_of("notrun", NULL, RJ_FLAKY_FAILURE, RJ_SYSTEM_OUT) ==
	    REJUNIT_SKIPPED);
	/* a word contradicts what its children say */
	OK(outcome_of("failed", NULL, RJ_SKIPPED, RJ_SYSTEM_OUT) ==
	    REJUNIT_FAILED);
	OK(outcome_of("weird", NULL, RJ_FLAKY_FAILURE, RJ_SYSTEM_OUT) ==
	    REJUNIT_UNKNOWN);
	OK(outcome_of("passed", NULL, RJ_FAILURE, RJ_SYSTEM_OUT) ==
	    REJUNIT_FAILED);
	test_words();
	test_children();
	test_marks();
	OK(rejunit_is_bad(REJUNIT_FAILED) && rejunit_is_bad(REJUNIT_ERROR));
	OK(!rejunit_is_bad(REJUNIT_PASSED) &&
	    !rejunit_is_bad(REJUNIT_SKIPPED) &&
	    !rejunit_is_bad(REJUNIT_ABSENT) &&
	    !rejunit_is_bad(REJUNIT_UNKNOWN));
	return done();
}
