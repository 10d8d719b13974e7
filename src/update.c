#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "flakes.h"
#include "outfile.h"
#include "writer.h"

#ifndef REJUNIT_VERSION
#define REJUNIT_VERSION "0"
#endif

#define LOCK_SECONDS 30

struct rejunit_update {
	struct rj_arena arena;
	const char *original;
	const char **reruns;
	size_t n_reruns;
	size_t room;
	enum rejunit_evidence evidence;
	struct rj_merge_options options;
	bool repair;
	const char *rootdir;
	struct rj_outfile lock;

	struct rj_overlap overlap;
	struct rj_report *reports; /* the original, then the reruns */
	size_t n_reports;
	struct rj_plan plan;
	bool planned;
	size_t reasons[REJUNIT_COVERAGE_UNKNOWN + 1];
	size_t flaky[REJUNIT_FLAKY_REPORTED + 1];
};

enum rejunit_status
rejunit_update_new(struct rejunit_update **out, struct rejunit_error *err)
{
	struct rejunit_update *u = calloc(1, sizeof(*u));

	if (!u)
		return rj_fail_memory(err);
	u->lock = RJ_OUTFILE_NONE;
	*out = u;
	return REJUNIT_OK;
}

static void
forget_reports(struct rejunit_update *u)
{
	for (size_t i = 0; i < u->n_reports; i++)
		rj_report_close(&u->reports[i]);
	free(u->reports);
	u->reports = NULL;
	u->n_reports = 0;
	rj_overlap_free(&u->overlap);
	rj_plan_free(&u->plan);
}

void
rejunit_update_free(struct rejunit_update *u)
{
	if (!u)
		return;
	forget_reports(u);
	rj_outfile_abort(&u->lock);
	rj_arena_free(&u->arena);
	free(u->reruns);
	free(u);
}

static enum rejunit_status
keep_path(struct rejunit_update *u, const char *path, const char **out,
    struct rejunit_error *err)
{
	struct rj_str copy;

	if (!rj_alloc_str(&u->arena, rj_str(path), &copy))
		return rj_fail_memory(err);
	*out = copy.s;
	return REJUNIT_OK;
}

enum rejunit_status
rejunit_update_original(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	return keep_path(u, path, &u->original, err);
}

enum rejunit_status
rejunit_update_rerun(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status;

	if (u->n_reruns == u->room) {
		size_t room = u->room ? u->room * 2 : 8;
		void *p = realloc(u->reruns, room * sizeof(*u->reruns));

		if (!p)
			return rj_fail_memory(err);
		u->reruns = p;
		u->room = room;
	}
	status = keep_path(u, path, &u->reruns[u->n_reruns], err);
	if (!status)
		u->n_reruns++;
	return status;
}

void
rejunit_update_evidence(
    struct rejunit_update *u, enum rejunit_evidence evidence)
{
	u->evidence = evidence;
}

void
rejunit_update_match(struct rejunit_update *u, unsigned int fields)
{
	u->options.fields = fields;
}

void
rejunit_update_append_reruns(struct rejunit_update *u, bool append)
{
	u->options.append_reruns = append;
}

void
rejunit_update_recount(struct rejunit_update *u, bool recount)
{
	u->options.recount = recount;
}

void
rejunit_update_repair(struct rejunit_update *u, bool repair)
{
	u->repair = repair;
}

enum rejunit_status
rejunit_update_rootdir(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	return keep_path(u, path, &u->rootdir, err);
}

void
rejunit_update_max_recovered(
    struct rejunit_update *u, unsigned long limit, bool percent)
{
	u->options.limited = true;
	u->options.limit = limit;
	u->options.percent = percent;
}

enum rejunit_status
rejunit_update_lock(
    struct rejunit_update *u, unsigned int seconds, struct rejunit_error *err)
{
	struct stat st;

	if (!u->original)
		return rj_fail(
		    err, REJUNIT_USAGE, "there is no original to lock");
	if (stat(u->original, &st) != 0)
		return rj_fail_at(err, REJUNIT_INPUT, u->original, 0, 0,
		    "cannot be opened: %s", strerror(errno));
	return rj_outfile_open(&u->lock, u->original, seconds, err);
}

static enum rejunit_status
read_reports(struct rejunit_update *u, struct rejunit_error *err)
{
	u->reports = calloc(u->n_reruns + 1, sizeof(*u->reports));
	if (!u->reports)
		return rj_fail_memory(err);
	u->n_reports = u->n_reruns + 1;
	for (size_t i = 0; i < u->n_reports; i++)
		u->reports[i].src.fd = u->reports[i].src.raw_fd = -1;
	for (size_t i = 1; i <= u->n_reports; i++) {
		/* the original comes last: the reruns say what to keep of it */
		unsigned int run = (unsigned int)(i % u->n_reports);
		enum rejunit_status status = rj_report_read(&u->reports[run],
		    run ? u->reruns[run - 1] : u->original, run, u->repair,
		    u->options.recount, &u->overlap, &u->arena, err);

		if (status)
			return status;
	}
	return REJUNIT_OK;
}

static bool
warn_of_report(struct rj_plan *plan, const struct rj_report *r)
{
	struct rj_str suite = r->loose_suite;

	if (r->src.repaired &&
	    !rj_plan_warn(plan,
		"%s:%lu: illegal characters replaced: %zu, the first in this "
		"line",
		r->src.name, r->src.repaired_line, r->src.repaired))
		return false;
	if (r->nameless &&
	    !rj_plan_warn(plan,
		"%s: cases without a name, left alone: %zu, bad ones among "
		"them: %zu",
		r->src.name, r->nameless, r->nameless_bad))
		return false;
	return r->loose + r->unexplained == 0 ||
	       rj_plan_warn(plan,
		   "%s: failures that belong to no case: %zu, the first in "
		   "suite \"%.*s\"",
		   r->src.name, r->loose + r->unexplained,
		   (int)(suite.n < 100 ? suite.n : 100),
		   suite.s ? suite.s : "");
}

enum rejunit_status
rejunit_update_plan(struct rejunit_update *u, struct rejunit_error *err)
{
	enum rejunit_status status;

	if (!u->original || u->planned)
		return rj_fail(err, REJUNIT_USAGE,
		    u->planned ? "the update is planned already"
			       : "there is no original to update");
	u->plan.arena = &u->arena;
	u->overlap.arena = &u->arena;
	u->overlap.fields = u->options.fields
				? u->options.fields
				: REJUNIT_CLASSNAME | REJUNIT_NAME;
	status = read_reports(u, err);
	if (!status)
		status = rj_merge(&u->plan, u->reports, u->n_reports,
		    &u->overlap, &u->options, err);
	for (size_t i = 0; i < u->n_reports && !status; i++)
		if (!warn_of_report(&u->plan, &u->reports[i]))
			status = rj_fail_memory(err);
	if (status) {
		forget_reports(u);
		return status;
	}
	u->planned = true;
	for (size_t i = 0; i < u->plan.n_decisions; i++) {
		u->reasons[u->plan.decisions[i]->reason]++;
		u->flaky[u->plan.decisions[i]->flaky]++;
	}
	return REJUNIT_OK;
}

static enum rejunit_status
need_plan(const struct rejunit_update *u, struct rejunit_error *err)
{
	if (u->planned)
		return REJUNIT_OK;
	return rj_fail(err, REJUNIT_USAGE, "the update is not planned");
}

enum rejunit_status
rejunit_update_write(struct rejunit_update *u, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err)
{
	enum rejunit_status status = need_plan(u, err);

	if (status)
		return status;
	return rj_write(&u->plan, u->reports, u->evidence, write, ctx, err);
}

enum rejunit_status
rejunit_update_save(
    struct rejunit_update *u, const char *path, struct rejunit_error *err)
{
	struct rj_outfile own = RJ_OUTFILE_NONE, *f = path ? &own : &u->lock;
	enum rejunit_status status = need_plan(u, err);

	if (!status && path)
		status = rj_outfile_open(f, path, LOCK_SECONDS, err);
	if (status)
		goto out;
	if (f->fd < 0) {
		status =
		    rj_fail(err, REJUNIT_USAGE, "the original was not locked");
		goto out;
	}
	if (!path && rj_plan_is_empty(&u->plan) && !u->reports[0].src.repaired)
		goto out;
	status = rejunit_update_write(u, rj_outfile_write, f, err);
	if (status == REJUNIT_OUTPUT && err && !err->file[0])
		status = rj_fail_at(err, status, path ? path : u->original, 0,
		    0, "%s", err->message);
	if (!status)
		status = rj_outfile_commit(f, err);
out:
	rj_outfile_abort(f);
	return status;
}

enum rejunit_status
rejunit_save_file(
    const char *path, const void *data, size_t size, struct rejunit_error *err)
{
	struct rj_outfile f = RJ_OUTFILE_NONE;
	enum rejunit_status status =
	    rj_outfile_open(&f, path, LOCK_SECONDS, err);
	int e = status ? 0 : rj_outfile_write(&f, data, size);

	if (e)
		status = rj_fail_at(err, REJUNIT_OUTPUT, path, 0, 0,
		    "cannot be written: %s", strerror(e));
	if (!status)
		status = rj_outfile_commit(&f, err);
	rj_outfile_abort(&f);
	return status;
}

static struct rj_flakes
flakes_of(const struct rejunit_update *u)
{
	return (struct rj_flakes){ &u->plan, u->reports, u->rootdir };
}

enum rejunit_status
rejunit_update_flakes(struct rejunit_update *u, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	struct rj_flakes f = flakes_of(u);
	enum rejunit_status status = need_plan(u, err);

	return status ? status : rj_flakes_write(&f, format, write, ctx, err);
}

enum rejunit_status
rejunit_update_decisions(struct rejunit_update *u, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err)
{
	struct rj_flakes f = flakes_of(u);
	enum rejunit_status status = need_plan(u, err);

	return status ? status : rj_decisions_write(&f, write, ctx, err);
}

size_t
rejunit_update_count(const struct rejunit_update *u, enum rejunit_count what)
{
	if (!u->planned)
		return 0;
	switch (what) {
	case REJUNIT_COUNT_RECOVERED:
		return u->flaky[REJUNIT_FLAKY_RECOVERED];
	case REJUNIT_COUNT_REGRESSED:
		return u->flaky[REJUNIT_FLAKY_REGRESSED];
	case REJUNIT_COUNT_REPORTED:
		return u->flaky[REJUNIT_FLAKY_REPORTED];
	case REJUNIT_COUNT_STILL_FAILING:
		return u->reasons[REJUNIT_STILL_FAILING];
	case REJUNIT_COUNT_SKIPPED_IN_RERUN:
		return u->reasons[REJUNIT_SKIPPED_IN_RERUN];
	case REJUNIT_COUNT_NOT_RERUN:
		return u->reasons[REJUNIT_NOT_RERUN];
	case REJUNIT_COUNT_AMBIGUOUS:
		return u->reasons[REJUNIT_AMBIGUOUS];
	case REJUNIT_COUNT_FIRST_RUN:
		return u->reasons[REJUNIT_FIRST_RUN];
	case REJUNIT_COUNT_NEW:
		return u->reasons[REJUNIT_NEW];
	case REJUNIT_COUNT_COVERAGE_UNKNOWN:
		return u->reasons[REJUNIT_COVERAGE_UNKNOWN];
	case REJUNIT_COUNT_BAD_BEFORE:
		return u->reports[0].bad;
	case REJUNIT_COUNT_BAD_AFTER:
		return u->plan.bad_after;
	case REJUNIT_COUNT_CASES:
		return u->reports[0].total;
	case REJUNIT_COUNT_NAMELESS:
		return u->reports[0].nameless;
	case REJUNIT_COUNT_LOOSE:
		return u->reports[0].loose + u->reports[0].unexplained;
	}
	return 0;
}

const char *
rejunit_update_warning(const struct rejunit_update *u, size_t i)
{
	const struct rj_warning *w = u->plan.warnings;

	while (w && i--)
		w = w->next;
	return w ? w->text.s : NULL;
}

const struct rejunit_decision *
rejunit_update_decision(const struct rejunit_update *u, size_t i)
{
	return i < u->plan.n_decisions ? u->plan.decisions[i] : NULL;
}

const char *
rejunit_update_id(struct rejunit_update *u, size_t i)
{
	struct rejunit_decision *d;
	struct rj_buf id = { 0 };

	if (i >= u->plan.n_decisions)
		return NULL;
	d = u->plan.decisions[i];
	if (!d->id.s && (!rj_test_id(&id, d->slot->base, u->rootdir) ||
			    !rj_alloc_str(&u->arena, rj_buf_str(&id), &d->id)))
		d->id.s = NULL;
	rj_buf_free(&id);
	return d->id.s;
}

enum rejunit_verdict
rejunit_decision_before(const struct rejunit_decision *d)
{
	return d->before;
}

enum rejunit_verdict
rejunit_decision_after(const struct rejunit_decision *d)
{
	return d->after;
}

enum rejunit_reason
rejunit_decision_reason(const struct rejunit_decision *d)
{
	return d->reason;
}

enum rejunit_flaky
rejunit_decision_flaky(const struct rejunit_decision *d)
{
	return d->flaky;
}

const char *
rejunit_verdict_name(enum rejunit_verdict v)
{
	static const char *const names[] = {
		[REJUNIT_ABSENT] = "absent",
		[REJUNIT_PASSED] = "passed",
		[REJUNIT_FAILED] = "failed",
		[REJUNIT_ERROR] = "error",
		[REJUNIT_SKIPPED] = "skipped",
	};

	return names[v];
}

const char *
rejunit_reason_name(enum rejunit_reason r)
{
	static const char *const names[] = {
		[REJUNIT_UNCHANGED] = "unchanged",
		[REJUNIT_RECOVERED] = "recovered",
		[REJUNIT_REGRESSED] = "regressed",
		[REJUNIT_STILL_FAILING] = "still-failing",
		[REJUNIT_SKIPPED_IN_RERUN] = "skipped-in-rerun",
		[REJUNIT_NOT_RERUN] = "not-rerun",
		[REJUNIT_FIRST_RUN] = "first-run",
		[REJUNIT_NEW] = "new",
		[REJUNIT_AMBIGUOUS] = "ambiguous",
		[REJUNIT_COVERAGE_UNKNOWN] = "coverage-unknown",
	};

	return names[r];
}

const char *
rejunit_flaky_name(enum rejunit_flaky f)
{
	static const char *const names[] = {
		[REJUNIT_NOT_FLAKY] = "",
		[REJUNIT_FLAKY_RECOVERED] = "recovered",
		[REJUNIT_FLAKY_REGRESSED] = "regressed",
		[REJUNIT_FLAKY_REPORTED] = "reported",
	};

	return names[f];
}

const char *
rejunit_version(void)
{
	return REJUNIT_VERSION;
}
