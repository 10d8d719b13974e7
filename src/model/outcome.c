#include "model/outcome.h"

const enum rj_attr rj_words[RJ_WORDS] = { RJ_ATTR_STATUS, RJ_ATTR_RESULT,
	RJ_ATTR_OUTCOME, RJ_ATTR_SUCCESS, RJ_ATTR_EXECUTED };

/* Upper and lower case, blanks, hyphens and underscores make no difference. */
static bool
is_word(struct rj_str s, const char *word)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.s[i];

		if (c == ' ' || c == '-' || c == '_')
			continue;
		if (rj_ascii_lower(c) != *word++)
			return false;
	}
	return *word == '\0';
}

static bool
is_one_of(struct rj_str s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_word(s, words[i]))
			return true;
	return false;
}

#define IS_ONE_OF(s, words) \
	is_one_of(s, words, sizeof(words) / sizeof(*(words)))

enum rj_tag
rj_child_named(const char *name)
{
	static const char *const failures[] = { "failure", "fail", "failed" };
	static const char *const errors[] = { "error", "errored", "exception",
		"crash", "crashed" };
	static const char *const skips[] = { "skipped", "skip", "ignored",
		"ignore", "pending", "incomplete", "disabled", "notrun", "todo",
		"suppressed" };
	static const char *const descriptions[] = { "systemout", "systemerr",
		"stdout", "stderr", "output", "log", "logs", "properties",
		"property", "metadata", "time", "duration", "description",
		"comment", "comments", "attachment", "attachments", "tag",
		"tags", "link", "links", "label", "labels", "parameter",
		"parameters", "argument", "arguments", "requirement",
		"requirements", "assertions", "measurement", "measurements" };
	struct rj_str s = rj_str(name);

	if (IS_ONE_OF(s, failures))
		return RJ_FAILURE;
	if (IS_ONE_OF(s, errors))
		return RJ_ERROR;
	if (IS_ONE_OF(s, skips))
		return RJ_SKIPPED;
	return IS_ONE_OF(s, descriptions) ? RJ_OUTPUT : RJ_OTHER;
}

unsigned int
rj_mark_child(enum rj_tag tag, unsigned int marks)
{
	switch (tag) {
	case RJ_FAILURE:
		return RJ_HAS_FAILURE;
	case RJ_ERROR:
		return marks & RJ_HAS_FAILURE ? RJ_HAS_ERROR
					      : RJ_HAS_ERROR | RJ_ERROR_FIRST;
	case RJ_SKIPPED:
		return RJ_HAS_SKIPPED;
	case RJ_FLAKY_FAILURE:
	case RJ_FLAKY_ERROR:
		return RJ_HAS_FLAKY;
	case RJ_RERUN_FAILURE:
	case RJ_RERUN_ERROR:
		return RJ_HAS_RERUN;
	case RJ_SYSTEM_OUT:
	case RJ_SYSTEM_ERR:
	case RJ_PROPERTIES:
	case RJ_OUTPUT:
		return 0;
	default:
		return RJ_HAS_STRANGE;
	}
}

unsigned int
rj_mark_skipped(struct rj_str type, struct rj_str message, unsigned int marks)
{
	/* node's todo; Catch2's !mayfail and !shouldfail */
	if (rj_str_eq(type, RJ_STR("todo")) ||
	    rj_str_starts(message, RJ_STR("TEST_CASE tagged with !")))
		return RJ_IS_TOLERATED;
	/* CTest's executable that is not there, say; a test that skips itself
	 * has SKIP_RETURN_CODE or SKIP_REGULAR_EXPRESSION_MATCHED */
	if (marks & RJ_SAYS_NOT_RUN && message.n &&
	    !rj_str_starts(message, RJ_STR("SKIP_")))
		return RJ_CANNOT_RUN;
	return 0;
}

unsigned int
rj_mark_error(struct rj_str message)
{
	const struct rj_str worker = RJ_STR("worker '");
	struct rj_str rest = rj_str_from(message, rj_str_find(message, worker));

	/* pytest-xdist goes on without it, or gives up, and does not say so */
	if (rest.n && rj_str_find(rest, RJ_STR("' crashed")) < rest.n)
		return RJ_HAS_CRASHED;
	return rj_str_starts(message, RJ_STR("failed on teardown with"))
		   ? RJ_IS_TEARDOWN
		   : 0;
}

unsigned int
rj_mark_property(struct rj_str name, struct rj_str value)
{
	bool is_skip =
	    rj_str_eq(name, RJ_STR("skip")) || rj_str_eq(name, RJ_STR("todo"));

	return is_skip && !rj_str_eq(value, RJ_STR("false"))
		   ? RJ_HAS_SKIP_PROPERTY
		   : 0;
}

unsigned int
rj_mark_word(enum rj_attr word, struct rj_str value, bool *passed)
{
	static const char *const passes[] = { "pass", "passed", "success",
		"successful", "succeeded", "ok", "true" };
	/* the case ran; how it ended is said by its children */
	static const char *const neutral[] = { "run", "completed", "executed" };
	static const char *const skips[] = { "notrun", "disabled", "suppressed",
		"skipped", "skip", "ignored", "pending", "todo", "notexecuted",
		"filtered", "deselected", "excluded" };
	static const char *const failures[] = { "failed", "fail", "failure",
		"failing", "false", "notok", "nok", "notpassed", "unsuccessful",
		"bad", "broken" };
	static const char *const errors[] = { "error", "errored", "errors",
		"crash", "crashed", "exception", "timeout", "timedout",
		"aborted", "abort", "killed", "fatal", "panic", "panicked" };

	*passed = false;
	if (!value.n || IS_ONE_OF(value, neutral))
		return 0;
	if (IS_ONE_OF(value, passes)) {
		*passed = word != RJ_ATTR_EXECUTED;
		return 0;
	}
	if (word == RJ_ATTR_STATUS && is_word(value, "notrun"))
		return RJ_SAYS_SKIPPED | RJ_SAYS_NOT_RUN;
	if (IS_ONE_OF(value, skips) ||
	    (word == RJ_ATTR_EXECUTED && is_word(value, "false")))
		return RJ_SAYS_SKIPPED;
	if (IS_ONE_OF(value, failures))
		return RJ_SAYS_FAILED;
	return IS_ONE_OF(value, errors) ? RJ_SAYS_ERROR : RJ_SAYS_STRANGE;
}

enum rejunit_verdict
rj_outcome(unsigned int marks)
{
	/* in this order: the first mark that a case has decides */
	static const struct {
		unsigned int mark;
		enum rejunit_verdict outcome;
	} table[] = {
		{ RJ_IS_TOLERATED, REJUNIT_SKIPPED },
		{ RJ_ERROR_FIRST, REJUNIT_ERROR },
		{ RJ_HAS_FAILURE, REJUNIT_FAILED },
		{ RJ_SAYS_FAILED, REJUNIT_FAILED },
		{ RJ_SAYS_ERROR, REJUNIT_ERROR },
		{ RJ_HAS_SKIPPED, REJUNIT_SKIPPED },
		{ RJ_HAS_SKIP_PROPERTY, REJUNIT_SKIPPED },
		{ RJ_SAYS_STRANGE, REJUNIT_UNKNOWN },
		{ RJ_SAYS_SKIPPED, REJUNIT_SKIPPED },
		{ RJ_HAS_FLAKY, REJUNIT_PASSED },
		{ RJ_HAS_RERUN, REJUNIT_UNKNOWN },
		{ RJ_HAS_STRANGE, REJUNIT_UNKNOWN },
		{ RJ_IS_DOUBTED, REJUNIT_UNKNOWN },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (marks & table[i].mark)
			return table[i].outcome;
	return REJUNIT_PASSED;
}

bool
rejunit_is_bad(enum rejunit_verdict v)
{
	return v == REJUNIT_FAILED || v == REJUNIT_ERROR;
}
