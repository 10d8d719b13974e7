#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "api/handle.h"
#include "history/arrival.h"
#include "history/clock.h"
#include "history/lines.h"
#include "history/list.h"
#include "history/report.h"

#define SINCE	(90 * RJ_DAY)
#define MINUTES 30

struct rejunit_history {
	struct rj_arena arena;
	struct rj_warnings warnings;
	struct rejunit_reader *reader;
	struct rj_history store;
	struct rejunit_error err; /* of a call that is given none */
	struct rj_ranking ranking;
	bool ranked;
	size_t added;
};

/* --- handles ---------------------------------------------------------------
 */

enum rejunit_status
rejunit_history_open(struct rejunit_history **out, const char *path,
    bool create, struct rejunit_error *err)
{
	enum rejunit_status status;
	struct rejunit_history *h =
	    rj_handle_new(out, sizeof(*h), &status, err);

	if (!h)
		return status;
	h->warnings.arena = &h->arena;
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
	rejunit_reader_free(h->reader);
	rj_arena_free(&h->arena);
	free(h);
}

/* The error that a call fills, from here on. */
static void
work_with(struct rejunit_history *h, struct rejunit_error *err)
{
	h->store.db.err = err ? err : &h->err;
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

/* --- recording -------------------------------------------------------------
 */

static struct rj_str
said(const char *s)
{
	return rj_str(s ? s : "");
}

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

/* From 1970 to the year 9999: others have no way to be written. */
static enum rejunit_status
need_time(long long at, struct rejunit_error *err)
{
	if (at < 0 || at > 253402300799)
		return rj_fail(err, REJUNIT_USAGE, "there is no such time");
	return REJUNIT_OK;
}

static enum rejunit_status
read_reports(struct rejunit_history *h, struct rj_record *r, struct rj_arena *a,
    const struct rejunit_run *run, const char *const *paths, size_t n,
    struct rejunit_error *err)
{
	unsigned int attempt =
	    run->attempt > 0 ? (unsigned int)run->attempt : 0;
	enum rejunit_status status = REJUNIT_OK;

	*r = (struct rj_record){
		.kind = run->hunt ? RJ_STR("hunt") : RJ_STR("ci"),
		.run = said(run->name),
		.at = run->at,
		.commit = said(run->commit),
		.branch = said(run->branch),
		.job = said(run->job),
		.host = said(run->host),
		.url = said(run->url),
	};
	for (size_t i = 0; i < n && !status; i++) {
		const struct rejunit_input in = rejunit_path(paths[i]);

		status = rj_record_report(
		    r, a, h->reader, &in, attempt + (unsigned int)i, err);
	}
	if (status)
		return status;
	if (r->at == 0)
		r->at = (int64_t)time(NULL);
	if ((r->run.n || name_run(r, a)) && rj_record_digest(r, a))
		return REJUNIT_OK;
	return rj_fail_memory(err);
}

/* Finds the run that the record is of, and keeps it there. */
static enum rejunit_status
keep(struct rejunit_history *h, struct rj_record *r, struct rj_arena *a,
    bool find, size_t *added)
{
	struct rj_str given = r->run;
	enum rejunit_status status = REJUNIT_OK;
	unsigned int shift = 0;
	bool known = false;

	if (find)
		status = rj_arrive(&h->store, r, a, &shift, &known);
	if (status || known)
		return status;
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->tests[i].n; k++)
			r->tests[i].executions[k].attempt += shift;
	if (!rj_str_eq(given, r->run) &&
	    !rj_warn(&h->warnings,
		"run %.*s is known, and this is another one: it is kept as "
		"%.*s",
		RJ_SHOWN(given), RJ_SHOWN(r->run)))
		return rj_fail_memory(h->store.db.err);
	return rj_history_keep(&h->store, r, added);
}

enum rejunit_status
rejunit_history_record(struct rejunit_history *h, const struct rejunit_run *run,
    const char *const *paths, size_t n, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", run, "a run", err);
	struct rj_arena arena = { 0 };
	struct rj_record r;
	size_t added = 0;

	if (!status)
		status = need_time(run->at, err);
	if (!status)
		status = rj_need(paths && n, "a report", err);
	for (size_t i = 0; paths && i < n && !status; i++)
		status = rj_need(paths[i], "a path", err);
	if (status)
		return status;
	work_with(h, err);
	status = read_reports(h, &r, &arena, run, paths, n, err);
	if (!status)
		status = rj_history_begin(&h->store, true);
	if (!status)
		status = rj_history_end(
		    &h->store, keep(h, &r, &arena, run->attempt < 0, &added));
	if (!status)
		h->added += added;
	rj_record_free(&r);
	rj_arena_free(&arena);
	return status;
}

struct loading {
	struct rejunit_history *history;
	const char *path;
	struct rejunit_error *err;
	struct rj_arena arena;
	size_t added;
};

static enum rejunit_status
load_line(void *ctx, struct rj_str line, unsigned long number)
{
	struct loading *l = ctx;
	struct rj_record r;
	enum rejunit_status status;

	rj_arena_reset(&l->arena);
	status = rj_record_read(&r, &l->arena, line, l->path, number, l->err);
	if (status)
		return status;
	status = rj_history_keep(&l->history->store, &r, &l->added);
	rj_record_free(&r);
	return status;
}

enum rejunit_status
rejunit_history_load(
    struct rejunit_history *h, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", path, "a path", err);
	struct loading l = { .history = h, .path = path };

	if (status)
		return status;
	work_with(h, err);
	l.err = h->store.db.err;
	status = rj_history_begin(&h->store, true);
	if (!status)
		status = rj_history_end(
		    &h->store, rj_read_lines(path, load_line, &l, l.err));
	if (!status)
		h->added += l.added;
	rj_arena_free(&l.arena);
	return status;
}

/* --- ranking ---------------------------------------------------------------
 */

enum rejunit_status
rejunit_history_rank(struct rejunit_history *h,
    const struct rejunit_ranking *how, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", how, "a way to rank", err);
	struct rj_ranking ranking;
	struct rj_rank_options o;

	if (!status)
		status = need_time(how->at, err);
	if (!status)
		status = need_time(how->since, err);
	if (!status && (unsigned int)how->by > REJUNIT_BY_TIME)
		status = rj_fail(err, REJUNIT_USAGE, "there is no such order");
	if (status)
		return status;
	o = (struct rj_rank_options){
		.past = { .at = how->at ? how->at : (int64_t)time(NULL),
		    .since = how->since ? how->since : SINCE,
		    .branch = said(how->branch),
		    .job = said(how->job) },
		.by = how->by,
		.all = how->all,
		.top = how->top,
		.minutes = how->minutes > 0 ? how->minutes : MINUTES,
	};
	work_with(h, err);
	status = rj_history_begin(&h->store, false);
	if (status)
		return status;
	status = rj_history_end(&h->store, rj_rank(&ranking, &h->store, &o));
	if (status) {
		rj_ranking_free(&ranking);
		return status;
	}
	if (h->ranked)
		rj_ranking_free(&h->ranking);
	h->ranking = ranking;
	h->ranked = true;
	return REJUNIT_OK;
}

static struct rejunit_string public(struct rj_str s)
{
	return (struct rejunit_string){ s.s, s.n };
}

bool
rejunit_history_ranked(
    const struct rejunit_history *h, size_t i, struct rejunit_rank *out)
{
	const struct rj_rank *r;

	if (!h || !out || !h->ranked || i >= h->ranking.n_listed)
		return false;
	r = &h->ranking.tests[i];
	*out = (struct rejunit_rank){
		.classname = public(r->test->classname),
		.name = public(r->test->name),
		.told = public(r->test->told),
		.strip = public(rj_str(r->strip)),
		.state = r->state,
		.stale = r->stale,
		.runs = r->runs,
		.bad_runs = r->bad_runs,
		.blocked_runs = r->blocked_runs,
		.missing_passes = r->missing_passes,
		.lost_nanoseconds = r->lost * 1000,
		.flakes = r->evidence,
		.cost = r->cost,
		.rate = r->rate,
		.rate_low = r->rate_low,
		.rate_high = r->rate_high,
		.first_bad = r->first_bad,
		.last_bad = r->last_bad,
	};
	for (int e = 0; e < RJ_EVENTS; e++)
		out->events[e] = r->events[e];
	return true;
}

size_t
rejunit_history_runs(const struct rejunit_history *h)
{
	return h && h->ranked ? h->ranking.past.n_runs : 0;
}

size_t
rejunit_history_outages(const struct rejunit_history *h)
{
	return h && h->ranked ? h->ranking.past.outages : 0;
}

long long
rejunit_history_at(const struct rejunit_history *h)
{
	return h && h->ranked ? h->ranking.at : 0;
}

enum rejunit_status
rejunit_history_write(struct rejunit_history *h, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", write, "a function that writes", err);

	if (!status && !h->ranked)
		status = rj_fail(err, REJUNIT_USAGE, "nothing is ranked yet");
	if (!status && format != REJUNIT_JSON && format != REJUNIT_CSV)
		status =
		    rj_fail(err, REJUNIT_USAGE, "a ranking has no such format");
	return status ? status
		      : rj_ranking_write(&h->ranking, format, write, ctx, err);
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
