/*
 * case.h - a report's suites and cases, as the stages hand them on.
 *
 * Places are offsets in the report's bytes.
 */
#ifndef RJ_CASE_H
#define RJ_CASE_H

#include "base/span.h"
#include "model/outcome.h"
#include "model/tally.h"

struct rj_suite {
	struct rj_suite *up; /* NULL for the root */
	enum rj_tag tag; /* RJ_TESTSUITES or RJ_TESTSUITE */
	struct rj_str name;
	struct rj_str hostname;
	char timestamp[20]; /* to the second, as 2026-01-31T23:59:59; else "" */
	struct rj_str path; /* the names down to this one, each with a NUL
			       behind it; <testsuites> adds none */
	struct rj_span start; /* the start tag */
	unsigned long line; /* of it */
	uint64_t body_end; /* of the end tag's "<" */
	uint64_t end; /* behind the end tag */
	uint64_t last_at; /* the last child element; 0: none */
	uint64_t last_end;
	bool empty; /* <testsuite/> */
	bool has_suites; /* a suite stands directly in it */
	bool keep; /* see read/read.h */
	/* what proves who wrote it, see dialect.h */
	bool has_id; /* an attribute that counts or names it, */
	bool has_ids; /* or its cases */
	bool counts_assertions;
	bool is_go; /* a property names the version of Go */
	bool is_surefire; /* its schema is Maven Surefire's */
	bool is_behave; /* a case of it printed what behave does */
	int64_t teardowns; /* errors of pytest behind a test, kept ones too */
	int64_t phases; /* of them, those behind a failure of that name */
	/* per word of rj_words, the kinds of cases that it says passed */
	uint64_t passes[RJ_WORDS];
	bool doubted; /* its counters name more than its cases show */
	unsigned int run; /* of which run it is */
	unsigned int report; /* in which of the reports it stands */
	size_t number; /* if it is kept: among those of its report */
	int64_t said[RJ_COUNTERS]; /* the counters as written; -1: no number */
	struct rj_tally own; /* of its direct cases */
	struct rj_tally all; /* and of those in suites below */
	int64_t bad_suites; /* suites directly below with a bad case */
	int64_t bad_suites_all; /* suites with a bad case, itself included */
	int64_t bare_suites; /* suites directly below without a case */
};

/* A child of a case that says something of its outcome, or its output. */
struct rj_child {
	enum rj_tag tag;
	bool has_stack_trace; /* its first child element is a stackTrace */
	bool is_collection; /* an error of pytest's collection */
	bool is_internal; /* an error of pytest itself */
	uint64_t at; /* of its "<" */
	uint64_t body; /* behind its start tag */
	uint64_t inner; /* its first child element, else body_end */
	uint64_t body_end; /* its end tag; an empty one's is its end */
	uint64_t end;
};

struct rj_case {
	struct rj_str classname; /* absent: s is NULL */
	struct rj_str name;
	struct rj_str file;
	struct rj_str line;
	struct rj_suite *suite;
	uint64_t at; /* of its "<" */
	uint64_t body; /* behind its start tag */
	uint64_t body_end; /* of its end tag; an empty one's is its end */
	uint64_t end;
	unsigned int line_no;
	unsigned int nth; /* among its suite's own */
	unsigned int marks;
	enum rejunit_verdict outcome;
	bool says_passed; /* by one of rj_words */
	unsigned char says; /* which of them it has, as bits */
	unsigned int shared; /* how much of `file` all of its run share */
	struct rj_str trace; /* the file of its failure, where somebody asked */
	unsigned int failure; /* number of its first failure or error, from 1 */
	unsigned int children;
	struct rj_child *child;
};

#endif
