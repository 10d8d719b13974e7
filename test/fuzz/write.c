/*
 * Fuzzes the writer alone: reports grow from bytes, one plan is made of them,
 * and what is written by it, in every style, is a report with as many bad cases
 * as the plan says, in which the same update changes nothing more.
 */
#include "grow.h"
#include "rejunit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An update that is planned; NULL: the rerun is refused. */
static struct rejunit_update *
plan(const struct memory *original, const struct memory *rerun,
    enum rejunit_evidence evidence)
{
	const struct rejunit_input o =
	    rejunit_memory("o", original->s, original->n);
	const struct rejunit_input r = rejunit_memory("r", rerun->s, rerun->n);
	struct rejunit_update *u = NULL;

	need(!rejunit_update_new(&u, NULL) &&
		 !rejunit_update_original_from(u, &o, NULL) &&
		 !rejunit_update_rerun_from(u, &r, NULL) &&
		 !rejunit_update_evidence(u, evidence, NULL),
	    "an update");
	if (rejunit_update_plan(u, NULL)) {
		rejunit_update_free(u);
		return NULL;
	}
	return u;
}

static enum rejunit_status
count_bad(void *ctx, const struct rejunit_report *r)
{
	*(size_t *)ctx =
	    r->outcomes[REJUNIT_FAILED] + r->outcomes[REJUNIT_ERROR];
	return REJUNIT_OK;
}

/* What was written can be read, and is as red as was said. */
static void
check(const struct memory *m, size_t bad)
{
	const struct rejunit_visitor visitor = { .end_report = count_bad };
	const struct rejunit_input in = rejunit_memory("w", m->s, m->n);
	struct rejunit_reader *r = NULL;
	size_t n = 0;

	need(!rejunit_reader_new(&r, NULL), "a reader");
	need(!rejunit_reader_read(r, &in, &visitor, &n, NULL),
	    "what is written can be read");
	need(n == bad, "as many bad cases as was said");
	rejunit_reader_free(r);
}

/* Entries of one name may be told apart only as long as they are alone. */
static bool
is_crowded(struct rejunit_update *u)
{
	const struct rejunit_decision *d;

	for (size_t i = 0; (d = rejunit_update_decision(u, i)); i++)
		if (rejunit_decision_reason(d) == REJUNIT_NEW)
			return true;
	return false;
}

static void
again(const struct memory *updated, const struct memory *rerun,
    enum rejunit_evidence evidence)
{
	struct rejunit_update *u = plan(updated, rerun, evidence);
	struct memory second = { 0 };

	need(u != NULL || (updated->n == rerun->n &&
			      memcmp(updated->s, rerun->s, rerun->n) == 0),
	    "the result can be updated");
	if (!u)
		return;
	need(!rejunit_update_write(u, write_memory, &second, NULL),
	    "it can be written");
	need(second.n == updated->n &&
		 memcmp(second.s, updated->s, second.n) == 0,
	    "a second time changes nothing");
	free(second.s);
	rejunit_update_free(u);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct genes g = { data + 1, data + size };
	struct rejunit_update *u;
	struct memory original, rerun, out = { 0 };
	enum rejunit_evidence evidence;

	if (size == 0)
		return 0;
	evidence = (enum rejunit_evidence)(data[0] % 3);
	original = grow(&g);
	rerun = grow(&g);
	u = plan(&original, &rerun, evidence);
	if (u) {
		need(!rejunit_update_write(u, write_memory, &out, NULL),
		    "a planned update can be written");
		check(&out, rejunit_update_count(u, REJUNIT_COUNT_BAD_AFTER));
		if (!is_crowded(u))
			again(&out, &rerun, evidence);
		rejunit_update_free(u);
	}
	free(out.s);
	free(original.s);
	free(rerun.s);
	return 0;
}
