#include <stdlib.h>

#include "api/handle.h"
#include "api/update.h"
#include "model/identity.h"
#include "read/report.h"

/* Enters the files of one input as the reports of one run. */
static enum rejunit_status
enter_files(struct rejunit_update *u, const struct rejunit_input *in,
    unsigned int run, struct rejunit_error *err)
{
	struct rj_fileset set;
	enum rejunit_status status = rj_fileset_find(&set, &u->arena, in, err);
	struct rj_report *more = NULL;

	if (!status) {
		more =
		    realloc(u->reports, (u->n_reports + set.n) * sizeof(*more));
		if (!more)
			status = rj_fail_memory(err);
		else
			u->reports = more;
	}
	for (size_t i = 0; i < set.n && !status; i++) {
		struct rj_report *r = &u->reports[u->n_reports];

		*r = (struct rj_report){
			.pool = &u->pool,
			.input = set.files[i].input,
			.name = set.files[i].name,
			.run = run,
			.number = (unsigned int)u->n_reports++,
		};
	}
	if (!status && run == 0)
		u->folder = set.folder;
	rj_fileset_free(&set);
	return status;
}

static enum rejunit_status
read_report(struct rejunit_update *u, struct rj_report *r, size_t *reports,
    struct rejunit_error *err)
{
	const struct rj_fileset_file file = { r->input, r->name };
	enum rejunit_status status = rj_report_read(
	    r, u->repair, u->options.recount, &u->mentions, &u->arena, err);

	*reports += status == REJUNIT_OK;
	return rj_pass_over(status, r->foreign, &file, &u->plan.warnings, err);
}

/* A report has a case of a module, or a test, that only classnames explain. */
static enum rejunit_status
asks_for_classnames(struct rejunit_update *u, const struct rj_report *r,
    bool *asks, struct rejunit_error *err)
{
	bool related = r->n == 0;

	for (size_t i = 0; i < r->n && r->run == 0 && !*asks; i++)
		*asks = rj_is_collection_error(r->cases[i]);
	for (size_t i = 0; i < r->n && r->run > 0 && !related; i++)
		if (!rj_mentions_related(&u->mentions, r->cases[i], &related))
			return rj_fail_memory(err);
	*asks = *asks || (r->run > 0 && !related);
	return REJUNIT_OK;
}

/* Where classnames matter, they are gathered, and the original's looked up. */
static enum rejunit_status
read_classnames(struct rejunit_update *u, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;
	bool asks = false;

	for (size_t i = 0; i < u->n_reports && !status && !asks; i++)
		status = asks_for_classnames(u, &u->reports[i], &asks, err);
	for (size_t i = 0; i < u->n_reports && !status && asks; i++) {
		const struct rj_report *r = &u->reports[i];

		for (size_t k = 0; k < r->n && r->run > 0; k++)
			if (!rj_mentions_add_classname(
				&u->mentions, r->cases[k]))
				return rj_fail_memory(err);
	}
	for (size_t i = 0; i < u->n_reports && !status && asks; i++)
		if (u->reports[i].run == 0 && !u->reports[i].foreign)
			status = rj_report_reread(
			    &u->reports[i], &u->mentions, &u->arena, err);
	return status;
}

static enum rejunit_status
read_reports(struct rejunit_update *u, struct rejunit_error *err)
{
	enum rejunit_status status = enter_files(u, &u->original, 0, err);
	size_t n = u->n_reports, reports = 0;

	for (size_t i = 0; i < u->n_reruns && !status; i++)
		status =
		    enter_files(u, &u->reruns[i], (unsigned int)i + 1, err);
	/* the original comes last: the reruns say what to keep of it */
	for (size_t i = n; i < u->n_reports && !status; i++)
		status = read_report(u, &u->reports[i], &reports, err);
	if (!status && !rj_mentions_ready(&u->mentions))
		status = rj_fail_memory(err);
	reports = 0;
	for (size_t i = 0; i < n && !status; i++)
		status = read_report(u, &u->reports[i], &reports, err);
	if (!status && reports == 0)
		return rj_fail_at(err, REJUNIT_INPUT, u->original.name, 0, 0,
		    "holds no JUnit report");
	return status ? status : read_classnames(u, err);
}

/*
 * Every file of a run is one of the original's. The same bytes in another file
 * are a rerun in which nothing changed.
 */
static bool
is_original(const struct rj_map *files, const struct rj_run *run)
{
	struct rj_file_id id;

	for (size_t i = 0; i < run->n; i++)
		if (!rj_map_get(
			files, rj_file_key(&run->reports[i].src.id, &id)))
			return false;
	return true;
}

static enum rejunit_status
refuse_original(struct rejunit_update *u, struct rejunit_error *err)
{
	struct rj_run run = rj_run_at(u->reports, u->n_reports);
	struct rj_map files = { 0 };
	enum rejunit_status status = REJUNIT_OK;
	struct rj_file_id id;

	for (size_t i = 0; i < run.n && !status; i++)
		if (!rj_map_put_copy(&files, &u->arena,
			rj_file_key(&u->reports[i].src.id, &id), &files))
			status = rj_fail_memory(err);
	for (size_t i = run.n; i < u->n_reports && !status; i += run.n) {
		run = rj_run_at(u->reports + i, u->n_reports - i);
		if (is_original(&files, &run))
			status = rj_fail_at(err, REJUNIT_INPUT,
			    u->reports[i].src.name, 0, 0,
			    "is the original itself, not a rerun of it");
	}
	rj_map_free(&files);
	return status;
}

enum rejunit_status
rj_update_read(struct rejunit_update *u, struct rejunit_error *err)
{
	enum rejunit_status status = read_reports(u, err);

	return status ? status : refuse_original(u, err);
}

void
rj_update_forget(struct rejunit_update *u)
{
	for (size_t i = 0; i < u->n_reports; i++)
		rj_report_close(&u->reports[i]);
	rj_pool_close(&u->pool);
	free(u->reports);
	u->reports = NULL;
	u->n_reports = 0;
	rj_mentions_free(&u->mentions);
	rj_plan_free(&u->plan);
}
