/*
 * Fuzzes the reader of run records: what is read has what a record has to
 * have, and what is wrong is said, with a place.
 */
#include <string.h>

#include "grow.h"
#include "history/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct rj_record *r)
{
	need(r->run.n > 0, "a run has a name");
	for (size_t i = 0; i < r->n; i++) {
		const struct rj_record_test *t = &r->tests[i];

		need(t->classname.n || t->name.n, "a test has a name");
		need(t->n > 0, "and an execution");
		for (size_t k = 0; k < t->n; k++) {
			need(t->executions[k].outcome != REJUNIT_ABSENT,
			    "which has an outcome");
			need(t->executions[k].trace.n <= RJ_TRACE_MAX,
			    "and no long trace");
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rj_arena arena = { 0 };
	struct rejunit_error err = { 0 };
	struct rj_record record;
	char *copy = malloc(size + 1);

	/* what stands behind it is not to be read */
	if (!copy)
		return 0;
	memcpy(copy, data, size);
	copy = realloc(copy, size ? size : 1);
	if (rj_record_read(
		&record, &arena, (struct rj_str){ copy, size }, "f", 7, &err)) {
		need(err.status == REJUNIT_INPUT, "a mistake");
		need(err.message[0] && err.line == 7 && err.column > 0 &&
			 err.column <= size + 1,
		    "and where it is");
	} else {
		check(&record);
		need(rj_record_digest(&record, &arena), "a digest");
		rj_record_free(&record);
	}
	rj_arena_free(&arena);
	free(copy);
	return 0;
}
