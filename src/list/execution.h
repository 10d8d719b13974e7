/*
 * execution.h - the executions that a report's entries speak of.
 *
 * An entry is one execution, and more where an earlier tool noted attempts
 * beside it. What an execution said is read from the report when it is asked
 * for: nothing of it is kept in memory.
 */
#ifndef RJ_EXECUTION_H
#define RJ_EXECUTION_H

#include "list/signature.h"
#include "model/report.h"

struct rj_execution {
	const struct rj_case *at;
	const struct rj_child *child; /* what says so; NULL: the case itself */
	enum rejunit_verdict outcome;
};

/* Steps through an entry's executions; start with *step == 0. */
bool rj_next_execution(
    const struct rj_case *c, size_t *step, struct rj_execution *out);

/* What an execution said; strings live in the buffer until the next reading. */
struct rj_details {
	struct rj_str time; /* absent: s is NULL */
	struct rj_str type;
	struct rj_str message;
	struct rj_str what; /* one line: of the message, else of the trace */
	struct rj_str trace;
	char signature[RJ_SIGNATURE_SIZE]; /* empty for what is not bad */
	struct rj_buf text;
	struct rj_buf raw;
};

enum rejunit_status
rj_read_details(struct rj_details *d, const struct rj_report *reports,
    const struct rj_execution *x, struct rejunit_error *err);
void rj_free_details(struct rj_details *d);

#endif
