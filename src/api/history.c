#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "api/history.h"
#include "api/save.h"
#include "history/arrival.h"
#include "history/clock.h"
#include "history/gather.h"
#include "history/report.h"
#include "history/tend.h"
#include "history/travel.h"

/* --- handles ------------------------------------------------------------- */

enum rejunit_status
rejunit_history_open(struct rejunit_history **out, const char *path,
    bool create, struct rejunit_error *err)
{
	enum rejunit_status status;
	struct rejunit_history *h =
	    rj_handle_new(out, sizeof(*h), &status, err);

	if (!h)
		return status;
	h->warnings.arena = h->findings.arena = &h->arena;
	status = rejunit_reader_new(&h->reader, err);
	if (!status)
		status = rj_history_open(
		    &h->store, path, create, err ? err : &h->err);
	if (status)
		rejunit_history_free(h);
	else
		*out = h;
	return status;
}

void
rejunit_history_free(struct rejunit_history *h)
{
	if (!h)
		return;
	if (h->store.db.driver)
		rj_history_close(&h->store);
	if (h->ranked)
		rj_ranking_free(&h->ranking);
	rj_investigation_free(h->investigation);
	rj_tending_free(&h->tending);
	rj_quarantine_free(&h->quarantine);
	rejunit_reader_free(h->reader);
	rj_arena_free(&h->arena);
	free(h);
}

void
rj_history_work(struct rejunit_history *h, struct rejunit_error *err)
{
	h->store.db.err = err ? err : &h->err;
}

enum rejunit_status
rj_history_work_in(
    struct rejunit_history *h, bool write, struct rejunit_error *err)
{
	rj_history_work(h, err);
	return rj_history_begin(&h->store, write);
}

enum rejunit_status
rj_need_time(long long at, struct rejunit_error *err)
{
	return rj_clock_is_sane(at)
		   ? REJUNIT_OK
		   : rj_fail(err, REJUNIT_USAGE, "there is no such time");
}

enum rejunit_status
rejunit_history_on_progress(struct rejunit_history *h,
    rejunit_progress_fn *tell, void *ctx, struct rejunit_error *err)
{
	if (h) {
		h->store.tell = tell;
		h->store.tell_ctx = ctx;
	}
	return rj_need(h, "a history", err);
}

enum rejunit_status
rejunit_history_rootdir(
    struct rejunit_history *h, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status = rj_need(h, "a history", err);

	return status ? status : rejunit_reader_rootdir(h->reader, path, err);
}

const char *
rejunit_history_name(const struct rejunit_history *h)
{
	return h ? h->store.db.name : NULL;
}

size_t
rejunit_history_added(const struct rejunit_history *h)
{
	return h ? h->added : 0;
}

const char *
rejunit_history_warning(const struct rejunit_history *h, size_t i)
{
	return h ? rj_warning(&h->warnings, i) : NULL;
}

/* --- recording ----------------------------------------------------------- */

/* A name for a run that has none: what tells it from others. */
static bool
name_run(struct rj_record *r, struct rj_arena *a)
{
	struct rj_buf name = { 0 };
	char at[40];
	bool ok;

	rj_clock_write(r->at, at);
	ok = rj_buf_add(&name, r->job) &&
	     rj_buf_add(&name, rj_str(r->job.n ? "/" : "")) &&
	     rj_buf_add(&name, r->host) &&
	     rj_buf_add(&name, rj_str(r->host.n ? "/" : "")) &&
	     rj_buf_add(&name, rj_str(at)) &&
	     rj_alloc_str(a, rj_buf_str(&name), &r->run);
	rj_buf_free(&name);
	return ok;
}

static void
drop_texts(struct rj_record *r)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->tests[i].n; k++) {
			struct rj_record_execution *x =
			    &r->tests[i].executions[k];

			x->type.n = x->message.n = x->trace.n = 0;
		}
}

/* Facts, each NAME=VALUE; the last one of a name counts. */
static enum rejunit_status
write_facts(struct rj_record *r, struct rj_arena *a,
    const struct rejunit_run *run, struct rejunit_error *err)
{
	struct rj_facts facts = { .n = 0 };
	bool ok = true;

	for (size_t i = 0; i < run->n_facts && ok; i++) {
		struct rj_str fact = rj_said(run->facts[i]);
		size_t n = rj_str_find(fact, RJ_STR("="));

		if (n == 0 || n >= fact.n)
			return rj_fail(err, REJUNIT_USAGE,
			    "a fact is written as NAME=VALUE, not \"%.*s\"",
			    RJ_SHOWN(fact));
		ok = rj_fact_set(&facts, a, (struct rj_str){ fact.s, n },
		    rj_str_from(fact, n + 1));
	}
	return ok && rj_facts_write(&facts, a, &r->facts) ? REJUNIT_OK
							  : rj_fail_memory(err);
}

/* Reports that are recorded in one call. */
struct call {
	struct rejunit_history *history;
	const struct rejunit_run *run;
	struct rejunit_error *err;
	struct rj_arena arena;
	struct rj_record *reports;
	size_t n;
	bool is_named; /* by whoever calls */
	struct rj_record all; /* what is new, as the attempts of one run */
	struct rj_joining joining;
	size_t added;
};

static enum rejunit_status
read_reports(struct call *c, const char *const *paths)
{
	const struct rj_fact_list facts = { c->run->fact_properties,
		c->run->n_fact_properties };
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < c->n && !status; i++) {
		const struct rejunit_input in = rejunit_path(paths[i]);
		struct rj_record *r = &c->reports[i];

		status = rj_record_report(r, &c->arena, c->history->reader, &in,
		    &facts, NULL, NULL, c->err);
		if (!status && !rj_record_digest(r, &c->arena))
			status = rj_fail_memory(c->err);
		/* the digest is of all that it says */
		if (!status && c->run->no_text)
			drop_texts(r);
	}
	return status;
}

/* What a command line says may be no text: what is none becomes visible. */
static bool
make_visible(struct call *c)
{
	struct rj_record *r = &c->all;
	struct rj_str *const texts[] = { &r->run, &r->commit, &r->branch,
		&r->job, &r->host, &r->url };
	struct rj_buf visible = { 0 };
	bool ok = true;

	for (int i = 0; i < 6 && ok; i++) {
		visible.n = 0;
		ok = rj_buf_add_visible(&visible, *texts[i]) &&
		     (visible.n == 0 || rj_alloc_str(&c->arena,
					    rj_buf_str(&visible), texts[i]));
	}
	rj_buf_free(&visible);
	return ok;
}

/* What is known of the run beside what is said. */
static enum rejunit_status
describe_run(struct call *c)
{
	const struct rejunit_run *run = c->run;
	struct rj_record *r = &c->all;

	*r = (struct rj_record){
		.kind = run->hunt ? RJ_STR("hunt") : RJ_STR("ci"),
		.run = rj_said(run->name),
		.at = run->at,
		.commit = rj_said(run->commit),
		.branch = rj_said(run->branch),
		.job = rj_said(run->job),
		.host = rj_said(run->host),
		.url = rj_said(run->url),
	};
	if (!make_visible(c))
		return rj_fail_memory(c->err);
	for (size_t i = 0; i < c->n; i++) {
		if (r->at == 0) {
			r->at = c->reports[i].at;
			r->zoneless = c->reports[i].zoneless;
		}
		if (r->host.n == 0)
			r->host = c->reports[i].host;
	}
	if (r->at == 0)
		r->at = (int64_t)time(NULL);
	c->is_named = r->run.n > 0;
	if (!c->is_named && !name_run(r, &c->arena))
		return rj_fail_memory(c->err);
	return write_facts(r, &c->arena, run, c->err);
}

/* Puts the reports together that no such run has yet. */
static enum rejunit_status
join_new_reports(struct call *c)
{
	struct rj_str name = c->is_named ? c->all.run : RJ_STR(""), run;
	int attempt = c->run->attempt;
	unsigned int least = attempt > 0 ? (unsigned int)attempt : 0;
	enum rejunit_status status = REJUNIT_OK;
	bool ok = true;

	c->joining =
	    (struct rj_joining){ .record = &c->all, .arena = &c->arena };
	c->all.digests = rj_alloc_n(&c->arena, c->n, sizeof(*c->all.digests));
	if (!c->all.digests)
		return rj_fail_memory(c->err);
	for (size_t i = 0; i < c->n && ok; i++) {
		struct rj_record *r = &c->reports[i];

		status = rj_find_report(
		    &c->history->store, r->digests[0], name, &c->arena, &run);
		if (status)
			return status;
		if (run.n && attempt < 0) {
			c->all.run = run;
			continue;
		}
		c->all.digests[c->all.n_digests++] = r->digests[0];
		if (i + 1 == c->n && c->all.n_digests == 1)
			rj_record_move(&c->all, r, least);
		else
			ok = rj_record_join(&c->joining, r, least++);
	}
	return ok ? REJUNIT_OK : rj_fail_memory(c->err);
}

/* Finds the run that the reports are of, and keeps them there. */
static enum rejunit_status
keep(struct call *c)
{
	struct rejunit_history *h = c->history;
	struct rj_record *r = &c->all;
	struct rj_str given = r->run, before;
	unsigned int shift = 0;
	enum rejunit_status status = join_new_reports(c);

	if (status || r->n_digests == 0)
		return status;
	before = r->run;
	if (c->run->attempt < 0)
		status = rj_arrive(&h->store, r, &c->arena, &shift);
	if (status)
		return status;
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->tests[i].n; k++)
			r->tests[i].executions[k].attempt += shift;
	if (!rj_str_eq(before, r->run) &&
	    !rj_warn(&h->warnings,
		"run %.*s is known, and this is another one: it is kept as "
		"%.*s",
		RJ_SHOWN(given), RJ_SHOWN(r->run)))
		return rj_fail_memory(h->store.db.err);
	return rj_history_keep(&h->store, r, &c->added);
}

static enum rejunit_status
record(struct call *c, const char *const *paths)
{
	struct rejunit_history *h = c->history;
	enum rejunit_status status;

	c->reports = rj_alloc_n(&c->arena, c->n, sizeof(*c->reports));
	if (!c->reports)
		return rj_fail_memory(c->err);
	status = read_reports(c, paths);
	if (!status)
		status = describe_run(c);
	if (!status)
		status = rj_history_work_in(h, true, c->err);
	if (status)
		return status;
	status = keep(c);
	if (!status && !rj_alloc_str(&h->arena, c->all.run, &h->run))
		status = rj_fail_memory(c->err);
	return rj_history_end(&h->store, status);
}

enum rejunit_status
rejunit_history_record(struct rejunit_history *h, const struct rejunit_run *run,
    const char *const *paths, size_t n, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", run, "a run", err);
	struct call c = { .history = h, .run = run, .err = err, .n = n };

	if (!status)
		status = rj_need_time(run->at, err);
	if (!status && (!paths || n == 0))
		return rj_need(false, "a report", err);
	for (size_t i = 0; i < n && !status; i++)
		status = rj_need(paths[i], "a path", err);
	if (status || !paths)
		return status;
	status = record(&c, paths);
	if (!status)
		h->added += c.added;
	for (size_t i = 0; c.reports && i < n; i++)
		rj_record_free(&c.reports[i]);
	rj_joining_free(&c.joining);
	rj_record_free(&c.all);
	rj_arena_free(&c.arena);
	return status;
}

bool
rejunit_holds_runs(const char *path)
{
	return path && rj_holds_runs(path);
}

enum rejunit_status
rejunit_history_load(
    struct rejunit_history *h, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", path, "a path", err);
	size_t added = 0;

	if (!status)
		status = rj_history_work_in(h, true, err);
	if (status)
		return status;
	status =
	    rj_history_end(&h->store, rj_gather_runs(&h->store, path, &added));
	if (!status)
		h->added += added;
	return status;
}

enum rejunit_status
rejunit_history_gather(struct rejunit_history *h, const char *const *paths,
    size_t n, const char *run_per, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", paths, "paths", err);
	size_t added = 0;

	for (size_t i = 0; i < n && !status; i++)
		status = rj_need(paths[i], "a path", err);
	if (!status)
		status = rj_history_work_in(h, true, err);
	if (status)
		return status;
	status = rj_history_end(&h->store,
	    rj_gather_reports(&h->store, h->reader, paths, n, run_per, &added));
	if (!status)
		h->added += added;
	return status;
}

enum rejunit_status
rejunit_history_failures_alone(
    struct rejunit_history *h, struct rejunit_error *err)
{
	enum rejunit_status status = rj_need(h, "a history", err);

	if (!status)
		h->store.failures_alone = true;
	return status;
}

const char *
rejunit_history_run(const struct rejunit_history *h)
{
	return h ? h->run.s : NULL;
}

/* --- tending ------------------------------------------------------------- */

struct exporting {
	struct rj_out out;
	bool rows;
};

static enum rejunit_status
export_record(void *ctx, const struct rj_record *r)
{
	struct exporting *e = ctx;

	if (e->rows)
		rj_record_write_rows(&e->out, r);
	else
		rj_record_write(&e->out, r);
	return e->out.status;
}

enum rejunit_status
rejunit_history_export(struct rejunit_history *h, enum rejunit_format format,
    long long after, long long until, rejunit_write_fn *write, void *ctx,
    struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", write, "a function that writes", err);
	struct exporting e = { .rows = format == REJUNIT_CSV };

	if (!status && format != REJUNIT_JSON && format != REJUNIT_CSV)
		status =
		    rj_fail(err, REJUNIT_USAGE, "runs have no such format");
	if (!status)
		status = rj_history_work_in(h, false, err);
	if (status)
		return status;
	status = rj_out_open(&e.out, NULL, write, ctx, err);
	if (!status && e.rows)
		rj_record_write_columns(&e.out);
	if (!status)
		status =
		    rj_history_each(&h->store, after, until, export_record, &e);
	if (!status)
		status = rj_out_flush(&e.out);
	rj_out_close(&e.out);
	return rj_history_end(&h->store, status);
}

/* What is asked for, for a file of its own. */
struct wanted {
	struct rejunit_history *history;
	enum rejunit_format format;
	long long after;
	long long until;
};

static enum rejunit_status
write_wanted(
    void *ctx, rejunit_write_fn *write, void *to, struct rejunit_error *err)
{
	const struct wanted *w = ctx;

	return rejunit_history_export(
	    w->history, w->format, w->after, w->until, write, to, err);
}

enum rejunit_status
rejunit_history_save(struct rejunit_history *h, enum rejunit_format format,
    long long after, long long until, const char *path,
    struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", path, "a path", err);
	struct wanted wanted = { h, format, after, until };
	const struct rj_save save = { .content = write_wanted,
		.ctx = &wanted,
		.path = path,
		.lasts = true };

	return status ? status : rj_save(&save, err);
}

enum rejunit_status
rejunit_history_prune(struct rejunit_history *h, long long before,
    struct rejunit_pruned *out, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", out, "where it is told", err);
	int64_t runs = 0, executions = 0;

	if (!status)
		status = rj_need_time(before, err);
	if (status)
		return status;
	rj_history_work(h, err);
	status = rj_history_prune(&h->store, before, &runs, &executions);
	*out = (struct rejunit_pruned){ .runs = (unsigned long long)runs,
		.executions = (unsigned long long)executions };
	return status;
}

enum rejunit_status
rejunit_history_rename(struct rejunit_history *h, const char *from,
    const char *to, size_t *tests, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", from, "a name", err);
	size_t n = 0;

	if (!status)
		status = rj_need(*from && to && *to, "another name", err);
	if (!status)
		status = rj_history_work_in(h, true, err);
	if (status)
		return status;
	status = rj_history_end(&h->store,
	    rj_history_rename(&h->store, rj_str(from), rj_str(to), &n));
	if (tests)
		*tests = status ? 0 : n;
	return status;
}

static bool
take_finding(void *ctx, struct rj_str what)
{
	struct rejunit_history *h = ctx;

	return rj_warn(&h->findings, "%.*s", RJ_SHOWN(what));
}

enum rejunit_status
rejunit_history_check(struct rejunit_history *h, struct rejunit_error *err)
{
	enum rejunit_status status = rj_need(h, "a history", err);

	if (!status)
		status = rj_history_work_in(h, false, err);
	if (status)
		return status;
	h->findings = (struct rj_warnings){ .arena = &h->arena };
	return rj_history_end(
	    &h->store, rj_history_check(&h->store, take_finding, h));
}

const char *
rejunit_history_finding(const struct rejunit_history *h, size_t i)
{
	return h ? rj_warning(&h->findings, i) : NULL;
}

bool
rejunit_time(const char *s, long long *at)
{
	int64_t seconds;

	if (!s || !at || !rj_clock_read(rj_str(s), &seconds))
		return false;
	*at = seconds;
	return true;
}

const char *
rejunit_state_name(enum rejunit_state s)
{
	static const char *const names[] = {
		[REJUNIT_ENVIRONMENT] = "environment",
		[REJUNIT_BROKEN] = "broken",
		[REJUNIT_FLAKY] = "flaky",
		[REJUNIT_RECOVERING] = "recovering",
		[REJUNIT_SUSPECT] = "suspect",
		[REJUNIT_NEW_TEST] = "new",
		[REJUNIT_HEALTHY] = "healthy",
	};

	return (size_t)s < sizeof(names) / sizeof(*names) ? names[s] : "";
}
