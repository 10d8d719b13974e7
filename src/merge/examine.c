#include "merge/examine.h"

static enum rejunit_status
refuse(const struct rj_report *r, const char *why, struct rejunit_error *err)
{
	return rj_fail_at(err, REJUNIT_INPUT, r->src.name, 0, 0, "%s", why);
}

/* It has a test, a class or a module in common with what came before. */
static enum rejunit_status
is_related(const struct rj_run *run, struct rj_mentions *mentions,
    const struct rj_collection *collection, bool *related,
    struct rejunit_error *err)
{
	*related = false;
	for (size_t k = 0; k < run->n && !*related; k++) {
		const struct rj_report *r = &run->reports[k];

		for (size_t i = 0; i < r->n && !*related; i++)
			if (!rj_mentions_related(
				mentions, r->cases[i], related))
				return rj_fail_memory(err);
		for (size_t i = 0; i < r->n && !*related; i++)
			*related = rj_collection_has_module_of(
			    collection, r->cases[i]);
	}
	return REJUNIT_OK;
}

enum rejunit_status
rj_examine(const struct rj_run *run, const struct rj_before *before,
    struct rj_mentions *mentions, const struct rj_collection *collection,
    struct rejunit_error *err)
{
	const struct rj_report *r = &run->reports[0];
	enum rejunit_status status;
	size_t total = 0, bad = 0;
	bool related;

	for (size_t i = 0; i < run->n; i++) {
		total += run->reports[i].total;
		bad += run->reports[i].bad;
		if (run->reports[i].internal)
			return refuse(&run->reports[i],
			    "pytest broke down in this rerun (internal "
			    "error); it proves nothing",
			    err);
	}
	/* what has no case has none in common with anything */
	if (before->bad == 0 && (bad == 0 || before->empty))
		return REJUNIT_OK;
	if (before->bad && total == 0)
		return refuse(r,
		    "has no test case, so it proves nothing of the failures "
		    "in the original",
		    err);
	/* what has no name is never matched: nothing can turn green */
	if (before->bad && before->bad == before->nameless_bad)
		return REJUNIT_OK;
	status = is_related(run, mentions, collection, &related, err);
	if (status || related)
		return status;
	return refuse(r,
	    "has no test and no class in common with the original, so it is "
	    "not a rerun of it",
	    err);
}
