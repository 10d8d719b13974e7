#include "outcome.h"

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
	case RJ_WARNING:
		return RJ_HAS_WARNING;
	case RJ_FLAKY_FAILURE:
	case RJ_FLAKY_ERROR:
		return RJ_HAS_FLAKY;
	case RJ_RERUN_FAILURE:
	case RJ_RERUN_ERROR:
		return RJ_HAS_RERUN;
	default:
		return 0;
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
	if (marks & RJ_IS_NOT_RUN && message.n &&
	    !rj_str_starts(message, RJ_STR("SKIP_")))
		return RJ_CANNOT_RUN;
	return 0;
}

unsigned int
rj_mark_attributes(struct rj_str status, struct rj_str result)
{
	if (rj_str_eq(status, RJ_STR("notrun")) ||
	    rj_str_eq(status, RJ_STR("disabled")) ||
	    rj_str_eq(result, RJ_STR("suppressed")))
		return RJ_IS_NOT_RUN;
	return 0;
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
		{ RJ_HAS_SKIPPED, REJUNIT_SKIPPED },
		{ RJ_HAS_WARNING, REJUNIT_SKIPPED },
		{ RJ_HAS_FLAKY, REJUNIT_PASSED },
		{ RJ_IS_NOT_RUN, REJUNIT_SKIPPED },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (marks & table[i].mark)
			return table[i].outcome;
	return REJUNIT_PASSED;
}

bool
rj_is_bad(enum rejunit_verdict v)
{
	return v == REJUNIT_FAILED || v == REJUNIT_ERROR;
}
