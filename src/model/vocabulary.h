/*
 * vocabulary.h - the elements and attributes that reports are made of.
 */
#ifndef RJ_VOCABULARY_H
#define RJ_VOCABULARY_H

#include <stdint.h>

#include "base/str.h"

/* Elements by their local names. */
enum rj_tag {
	RJ_OTHER,
	RJ_TESTSUITES,
	RJ_TESTSUITE,
	RJ_TESTCASE,
	RJ_FAILURE,
	RJ_ERROR,
	RJ_SKIPPED,
	RJ_WARNING,
	RJ_FLAKY_FAILURE,
	RJ_FLAKY_ERROR,
	RJ_RERUN_FAILURE,
	RJ_RERUN_ERROR,
	RJ_SYSTEM_OUT,
	RJ_SYSTEM_ERR,
	RJ_STACK_TRACE,
	RJ_PROPERTIES,
	RJ_PROPERTY,
	RJ_OUTPUT, /* and whatever else only describes a case */
	RJ_TAGS
};

/* Attributes without a prefix. */
enum rj_attr {
	RJ_ATTR_NAME,
	RJ_ATTR_CLASSNAME,
	RJ_ATTR_FILE,
	RJ_ATTR_LINE,
	RJ_ATTR_STATUS,
	RJ_ATTR_RESULT,
	RJ_ATTR_OUTCOME,
	RJ_ATTR_SUCCESS,
	RJ_ATTR_EXECUTED,
	RJ_ATTR_HOSTNAME,
	RJ_ATTR_TIME,
	RJ_ATTR_TIMESTAMP,
	RJ_ATTR_MESSAGE,
	RJ_ATTR_TYPE,
	RJ_ATTR_TESTS,
	RJ_ATTR_FAILURES,
	RJ_ATTR_ERRORS,
	RJ_ATTR_SKIPPED,
	RJ_ATTR_SKIPS,
	RJ_ATTR_SKIP,
	RJ_ATTR_DISABLED,
	RJ_ATTR_ASSERTIONS,
	RJ_ATTR_ID,
	RJ_ATTR_VALUE,
	RJ_ATTRS
};

extern const char *const rj_tag_names[RJ_TAGS];
extern const char *const rj_attr_names[RJ_ATTRS];

struct rj_element {
	enum rj_tag tag;
	const char *name; /* without its prefix */
	bool empty; /* <name/>: no end tag follows */
	unsigned int depth; /* the root's is 1 */
	uint64_t at; /* of its "<" */
	uint64_t end; /* behind the ">" of its start tag */
	unsigned long line; /* of its "<" */
	struct rj_str attr[RJ_ATTRS]; /* parsed values; absent: s is NULL.
					 Not read for RJ_OTHER. */
	bool lasts; /* the values live until the element has ended */
	/* private */
	const void *attributes;
	int n_attributes;
};

#endif
