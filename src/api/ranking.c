#include <stdlib.h>
#include <time.h>

#include "api/history.h"
#include "api/quarantine.h"
#include "api/save.h"
#include "history/beta.h"
#include "history/clock.h"
#include "history/list.h"

#define SINCE	(90 * RJ_DAY)
#define MINUTES 30
#define OUTAGE	0.2
#define ENTER	2 /* flakes, */
#define DAYS	30 /* for which a test goes into quarantine */

/*
 * A time without a zone may be that of a place where it is later already: what
 * was recorded just now is to be seen.
 */
static enum rejunit_status
see_newest(struct rejunit_history *h, int64_t *at)
{
	const struct rj_db_value soon = rj_db_int(*at + RJ_DAY);
	int64_t newest = 0;
	enum rejunit_status status = rj_history_run(&h->store,
	    "SELECT coalesce(max(at), 0) FROM run WHERE at <= $1", &soon, 1,
	    rj_take_number, &newest);

	if (newest > *at)
		*at = newest;
	return status;
}

enum rejunit_status
rj_rank_understand(const struct rejunit_ranking *how, struct rj_rank_options *o,
    struct rejunit_error *err)
{
	enum rejunit_status status = rj_need_time(how->at, err);

	if (!status)
		status = rj_need_time(how->since, err);
	if (!status && (unsigned int)how->by > REJUNIT_BY_SIGNATURE)
		status = rj_fail(err, REJUNIT_USAGE, "there is no such order");
	*o = (struct rj_rank_options){
		.past = { .at = how->at ? how->at : (int64_t)time(NULL),
		    .since = how->since ? how->since : SINCE,
		    .branch = rj_said(how->branch),
		    .job = rj_said(how->job),
		    .outage = how->outage > 0 ? how->outage : OUTAGE },
		.by = how->by,
		.all = how->all,
		.top = how->top,
		.minutes = how->minutes < 0   ? 0
			   : how->minutes > 0 ? how->minutes
					      : MINUTES,
		.hourly = how->hourly,
		.machine_hour = how->machine_hour,
	};
	return status;
}

/* Begins to read, as if it were the time that is asked for, or now. */
static enum rejunit_status
begin(struct rejunit_history *h, const struct rejunit_ranking *how,
    struct rj_rank_options *o, struct rejunit_error *err)
{
	enum rejunit_status status = rj_rank_understand(how, o, err);

	if (!status)
		status = rj_history_work_in(h, false, err);
	if (status || how->at)
		return status;
	status = see_newest(h, &o->past.at);
	return status ? rj_history_end(&h->store, status) : REJUNIT_OK;
}

enum rejunit_status
rejunit_history_rank(struct rejunit_history *h,
    const struct rejunit_ranking *how, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", how, "a way to rank", err);
	struct rj_ranking ranking;
	struct rj_rank_options o;

	if (!status)
		status = begin(h, how, &o, err);
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

/* What is kept has a NUL behind it, and none in it. */
static const char *
text(struct rj_str s)
{
	return s.s ? s.s : "";
}

static void
show_rank(const struct rj_ranking *ranking, const struct rj_rank *r,
    struct rejunit_rank *out)
{
	*out = (struct rejunit_rank){
		.id = text(r->id),
		.classname = text(r->test->classname),
		.name = text(r->test->name),
		.told = text(r->test->told),
		.strip = r->strip,
		.state = r->state,
		.stale = r->stale,
		.runs = r->runs,
		.bad_runs = r->bad_runs,
		.blocked_runs = r->blocked_runs,
		.missing_passes = r->missing_passes,
		.lost_nanoseconds = r->lost * 1000,
		.flakes = r->evidence,
		.cost = rj_rank_cost(r),
		.money = rj_rank_money(ranking, r),
		.rate = r->rate,
		.rate_low = r->rate_low,
		.rate_high = r->rate_high,
		.first_bad = r->first_bad,
		.last_bad = r->last_bad,
	};
	for (int e = 0; e < RJ_EVENTS; e++)
		out->events[e] = r->events[e];
}

bool
rejunit_history_ranked(
    const struct rejunit_history *h, size_t i, struct rejunit_rank *out)
{
	if (!h || !out || !h->ranked || h->ranking.by_signature ||
	    i >= h->ranking.n_listed)
		return false;
	show_rank(&h->ranking, &h->ranking.tests[i], out);
	return true;
}

bool
rejunit_rate_range(size_t failed, size_t runs, double *low, double *high)
{
	double a = (double)failed + 0.5, b;

	if (!low || !high || failed > runs)
		return false;
	b = (double)(runs - failed) + 0.5;
	*low = failed ? rj_beta_quantile(a, b, 0.025) : 0;
	*high = failed < runs ? rj_beta_quantile(a, b, 0.975) : 1;
	return true;
}
bool
rejunit_history_cluster(
    const struct rejunit_history *h, size_t i, struct rejunit_cluster *out)
{
	const struct rj_cluster *c;

	if (!h || !out || !h->ranked || !h->ranking.by_signature ||
	    i >= h->ranking.n_clusters)
		return false;
	c = &h->ranking.clusters[i];
	*out = (struct rejunit_cluster){
		.signature = text(c->signature),
		.type = text(c->type),
		.message = text(c->message),
		.failures = c->failures,
		.runs = c->runs,
		.tests = (unsigned int)c->n_tests,
		.recovered = c->recovered,
		.first = c->first,
		.last = c->last,
	};
	return true;
}

const char *
rejunit_history_cluster_test(
    const struct rejunit_history *h, size_t i, size_t test)
{
	if (!h || !h->ranked || i >= h->ranking.n_clusters ||
	    test >= h->ranking.clusters[i].n_tests)
		return NULL;
	return text(
	    rj_past_id(&h->ranking.past, h->ranking.clusters[i].tests[test]));
}

size_t
rejunit_history_above(const struct rejunit_history *h, double rate)
{
	size_t n = 0;

	for (size_t i = 0; h && h->ranked && i < h->ranking.n; i++) {
		const struct rj_rank *r = &h->ranking.tests[i];

		n += r->rate > rate && (r->state == REJUNIT_FLAKY ||
					   r->state == REJUNIT_RECOVERING);
	}
	return n;
}

size_t
rejunit_history_recurring(
    const struct rejunit_history *h, const char *run, unsigned int runs)
{
	size_t n = 0;

	for (size_t i = 0; h && h->ranked && i < h->ranking.n_recovered; i++) {
		const struct rj_recovered *r = &h->ranking.recovered[i];

		n += r->runs_before >= runs &&
		     (!run || rj_str_eq(h->ranking.past.runs[r->run].name,
				  rj_str(run)));
	}
	return n;
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
	if (!status && format != REJUNIT_JSON && format != REJUNIT_CSV &&
	    format != REJUNIT_MARKDOWN)
		status =
		    rj_fail(err, REJUNIT_USAGE, "a ranking has no such format");
	return status ? status
		      : rj_ranking_write(&h->ranking, format, write, ctx, err);
}

enum rejunit_status
rejunit_quarantine_history(struct rejunit_quarantine *q,
    const struct rejunit_history *h, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(q, "a quarantine", h, "a history", err);

	if (!status && !h->ranked)
		status = rj_fail(err, REJUNIT_USAGE, "nothing is ranked yet");
	for (size_t i = 0; !status && i < h->ranking.n; i++) {
		const struct rj_rank *r = &h->ranking.tests[i];

		if ((r->state == REJUNIT_BROKEN ||
			r->state == REJUNIT_ENVIRONMENT) &&
		    !rj_quarantine_add_broken(
			&q->list, r->test->classname, r->test->name))
			status = rj_fail_memory(err);
	}
	return status;
}

static enum rejunit_status
write_list(
    void *ctx, rejunit_write_fn *write, void *to, struct rejunit_error *err)
{
	const struct rj_tending *t = ctx;
	struct rj_out out;
	enum rejunit_status status = rj_out_open(&out, NULL, write, to, err);

	if (!status) {
		rj_out_text(&out, rj_buf_str(&t->text));
		status = rj_out_flush(&out);
	}
	rj_out_close(&out);
	return status;
}

static bool
changes_anything(const struct rj_tending *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->change[i].kind != RJ_NOT_ENTERED)
			return true;
	return false;
}

enum rejunit_status
rejunit_history_quarantine(struct rejunit_history *h, const char *path,
    unsigned int enter, unsigned int days, bool look, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", path, "a path", err);
	struct rj_save save = {
		.content = write_list, .path = path, .lasts = true
	};

	if (!status && !h->ranked)
		status = rj_fail(err, REJUNIT_USAGE, "nothing is ranked yet");
	if (status)
		return status;
	rj_tending_free(&h->tending);
	rj_quarantine_free(&h->quarantine);
	status = rj_quarantine_read(&h->quarantine, path, true, err);
	h->quarantine.today = h->ranking.at / RJ_DAY;
	h->tending = (struct rj_tending){ .q = &h->quarantine,
		.ranking = &h->ranking,
		.history = &h->store,
		.enter = enter ? enter : ENTER,
		.days = days ? days : DAYS };
	if (!status)
		status = rj_history_work_in(h, false, err);
	if (status)
		return status;
	status = rj_history_end(&h->store, rj_quarantine_tend(&h->tending));
	save.ctx = &h->tending;
	return status || look || !changes_anything(&h->tending)
		   ? status
		   : rj_save(&save, err);
}

enum rejunit_change
rejunit_history_change(const struct rejunit_history *h, size_t i,
    const char **id, const char **why)
{
	static const enum rejunit_change kinds[] = {
		[RJ_ENTERED] = REJUNIT_CHANGE_ENTERED,
		[RJ_DROPPED] = REJUNIT_CHANGE_DROPPED,
		[RJ_RENEWED] = REJUNIT_CHANGE_RENEWED,
		[RJ_NOT_ENTERED] = REJUNIT_CHANGE_NOT_ENTERED,
	};

	if (!h || !id || !why || i >= h->tending.n)
		return REJUNIT_CHANGE_NONE;
	*id = text(h->tending.change[i].id);
	*why = text(h->tending.change[i].why);
	return kinds[h->tending.change[i].kind];
}

/* --- investigation ------------------------------------------------------- */

enum rejunit_status
rejunit_history_investigate(struct rejunit_history *h, const char *test,
    const struct rejunit_ranking *how, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", how, "a way to rank", err);
	struct rj_investigation *i;
	struct rj_rank_options o;

	if (!status)
		status = rj_need(test, "a test", err);
	if (!status)
		status = begin(h, how, &o, err);
	if (status)
		return status;
	status = rj_history_end(
	    &h->store, rj_investigate(&i, &h->store, rj_str(test), &o));
	if (status)
		return status;
	rj_investigation_free(h->investigation);
	h->investigation = i;
	return REJUNIT_OK;
}

const char *
rejunit_history_investigated(
    const struct rejunit_history *h, struct rejunit_rank *out)
{
	const struct rj_investigation *i = h ? h->investigation : NULL;

	if (!i || !out)
		return NULL;
	show_rank(&i->ranking, i->causes.e.rank, out);
	return text(i->causes.id);
}

static enum rejunit_status
need_investigation(const struct rejunit_history *h, struct rejunit_error *err)
{
	enum rejunit_status status = rj_need(h, "a history", err);

	if (!status && !h->investigation)
		status =
		    rj_fail(err, REJUNIT_USAGE, "nothing is investigated yet");
	return status;
}

enum rejunit_status
rejunit_history_artifacts(
    struct rejunit_history *h, const char *folder, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", folder, "a folder", err);

	if (!status)
		status = need_investigation(h, err);
	return status ? status
		      : rj_artifacts_find(&h->investigation->artifacts,
			    &h->investigation->causes.e, folder, err);
}

enum rejunit_status
rejunit_history_hypothesis(struct rejunit_history *h, const char *command,
    const char *answer, const char *trouble, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", command, "a command", err);
	struct rj_hypothesis new = { 0 };
	struct rj_arena *a;

	if (!status)
		status = need_investigation(h, err);
	if (!status && !answer && !trouble)
		status = rj_need(false, "an answer", err);
	if (status)
		return status;
	a = &h->investigation->causes.e.arena;
	if (!rj_alloc_str(a, rj_str(answer), &new.answer) ||
	    !rj_alloc_str(a, rj_str(trouble), &new.trouble) ||
	    !rj_alloc_str(a, rj_str(command), &new.command))
		return rj_fail_memory(err);
	h->investigation->hypothesis = new;
	return REJUNIT_OK;
}

enum rejunit_status
rejunit_history_report(struct rejunit_history *h, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", write, "a function that writes", err);

	if (!status)
		status = need_investigation(h, err);
	if (!status && format != REJUNIT_JSON && format != REJUNIT_MARKDOWN)
		status = rj_fail(
		    err, REJUNIT_USAGE, "an investigation has no such format");
	return status ? status
		      : rj_investigation_write(
			    h->investigation, format, write, ctx, err);
}
