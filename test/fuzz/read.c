/*
 * Fuzzes the reader alone: all ways to read some bytes see the same, and so it
 * is where they come in another encoding or are mended first.
 */
#include <stdint.h>
#include <stdlib.h>

#include "../unit/agree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Once mended, a report has nothing left to mend. */
static void
mend(const char *s, size_t n)
{
	const struct rejunit_input in = rejunit_memory("x", s, n);
	struct rj_arena arena = { 0 };
	struct rj_source src, again;
	struct rj_buf all = { 0 };

	if (!rj_source_open(&src, &arena, &in, true, NULL) &&
	    !rj_source_read_span(
		&src, (struct rj_span){ 0, src.size }, &all, NULL)) {
		const struct rejunit_input mended =
		    rejunit_memory("y", all.s, all.n);

		/* what was decoded is UTF-8, whatever it says of itself */
		if (!src.encoding) {
			(void)rj_source_open(
			    &again, &arena, &mended, true, NULL);
			if (again.repaired)
				abort();
			rj_source_close(&again);
		}
	}
	rj_source_close(&src);
	rj_buf_free(&all);
	rj_arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool accepted;

	if (!agree((const char *)data, size, &accepted)) {
		fflush(stdout);
		abort();
	}
	if (!accepted)
		mend((const char *)data, size);
	return 0;
}
