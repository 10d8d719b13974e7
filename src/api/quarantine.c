#include "api/quarantine.h"

#include <stdlib.h>
#include <time.h>

#include "api/handle.h"
#include "api/update.h"
#include "history/clock.h"
#include "merge/apply.h"
#include "model/markup.h"

#define EXCUSE "quarantined: "

/* --- the list ----------------------------------------------------------------
 */

enum rejunit_status
rejunit_quarantine_read(struct rejunit_quarantine **out, const char *path,
    long long at, struct rejunit_error *err)
{
	enum rejunit_status status;
	struct rejunit_quarantine *q =
	    rj_handle_new(out, sizeof(*q), &status, err);

	if (!q)
		return status;
	status = rj_need(path, "a path", err);
	if (!status)
		status = rj_clock_is_sane(at) ? REJUNIT_OK
					      : rj_fail(err, REJUNIT_USAGE,
						    "there is no such time");
	if (!status)
		status = rj_quarantine_read(&q->list, path, false, err);
	q->list.today = (at ? at : (int64_t)time(NULL)) / RJ_DAY;
	if (status)
		rejunit_quarantine_free(q);
	else
		*out = q;
	return status;
}

void
rejunit_quarantine_free(struct rejunit_quarantine *q)
{
	if (!q)
		return;
	rj_quarantine_free(&q->list);
	free(q);
}

enum rejunit_status
rejunit_quarantine_most(
    struct rejunit_quarantine *q, size_t most, struct rejunit_error *err)
{
	if (q)
		q->list.most = most;
	return rj_need(q, "a quarantine", err);
}

static const char *
text(const struct rj_quarantine *q, struct rj_str s, struct rj_str *copy)
{
	/* parts of the file have no NUL behind them */
	return s.n && rj_alloc_str(&((struct rj_quarantine *)q)->arena, s, copy)
		   ? copy->s
		   : "";
}

bool
rejunit_quarantine_entry(const struct rejunit_quarantine *q, size_t i,
    struct rejunit_quarantined *out)
{
	const struct rj_listed *e;
	struct rj_str copy;

	if (!q || !out || i >= q->list.n)
		return false;
	e = &q->list.entry[i];
	*out = (struct rejunit_quarantined){
		.line = e->line, .failed = e->failed, .excuse = e->excuse
	};
	out->id = text(&q->list, e->id, &copy);
	out->until = text(&q->list, e->until, &copy);
	out->owner = text(&q->list, e->owner, &copy);
	out->why = text(&q->list, e->why, &copy);
	return true;
}

size_t
rejunit_quarantine_excused(const struct rejunit_quarantine *q)
{
	return q ? q->cases : 0;
}

const char *
rejunit_excuse_name(enum rejunit_excuse e)
{
	static const char *const names[] = {
		[REJUNIT_EXCUSED] = "excused",
		[REJUNIT_EXCUSE_PASSES] = "passes",
		[REJUNIT_EXCUSE_NOT_SEEN] = "matches nothing",
		[REJUNIT_EXCUSE_EXPIRED] = "expired",
		[REJUNIT_EXCUSE_UNDATED] = "without a day",
		[REJUNIT_EXCUSE_SEVERAL] = "matches several tests",
		[REJUNIT_EXCUSE_OTHER_FAILURE] = "another failure",
		[REJUNIT_EXCUSE_BROKEN] = "broken",
		[REJUNIT_EXCUSE_TOO_MANY] = "too many fail",
	};

	return (size_t)e < sizeof(names) / sizeof(*names) ? names[e] : "";
}

/* --- an update
 * ---------------------------------------------------------------- */

/* What is asked of an update that is being planned. */
static bool
may_recover(void *ctx, const struct rj_case *c, bool *may)
{
	struct rejunit_update *u = ctx;
	struct rj_buf *id = &u->data.id;

	id->n = 0;
	if (!rj_test_id(id, c, u->data.rootdir))
		return false;
	*may = rj_quarantine_lists(&u->recover_only->list, rj_buf_str(id));
	return true;
}

/* The entry of each decision's test; NULL: none. */
struct excusing {
	struct rejunit_update *u;
	struct rj_ledger *ledger;
	struct rejunit_error *err;
	struct rj_listed **of;
	struct rj_map entries; /* of decisions with more than one, how many */
};

/* What each failure of a test said, in all runs. */
static enum rejunit_status
tell_failures(const struct excusing *x, const struct rejunit_decision *d,
    struct rj_listed *e)
{
	struct rejunit_update *u = x->u;
	struct rj_details *details = &u->data.details;
	struct rj_execution execution;
	enum rejunit_status status = REJUNIT_OK;

	for (const struct rj_sighting *s = d->sightings; s && !status;
	     s = s->next) {
		size_t step = 0;

		while (!status && rj_next_execution(s->at, &step, &execution)) {
			if (!rejunit_is_bad(execution.outcome))
				continue;
			status = rj_read_details(
			    details, u->reports, &execution, x->err);
			if (!status && !rj_quarantine_failed(e, details->type,
					   details->message, details->trace))
				status = rj_fail_memory(x->err);
		}
	}
	return status;
}

/* The key of a map, for a decision. */
static struct rj_str
key_of(struct rejunit_decision *const *d)
{
	return (struct rj_str){ (const char *)d, sizeof(*d) };
}

/* It erred, also if a quarantine has it skipped for that. */
static bool
is_error(const struct rj_slot *s)
{
	bool errors = false;

	if (s->outcome != REJUNIT_SKIPPED)
		return s->outcome == REJUNIT_ERROR;
	for (unsigned int i = 0; i < s->base->children; i++) {
		if (s->base->child[i].tag == RJ_RERUN_FAILURE)
			return false;
		errors = errors || s->base->child[i].tag == RJ_RERUN_ERROR;
	}
	return errors;
}

/*
 * Tests that nothing tells apart have one decision, and are no single test; the
 * error of a teardown is none of its own.
 */
static bool
count_entries(struct excusing *x)
{
	for (size_t i = 0; i < x->u->plan.n; i++) {
		const struct rj_slot *s = x->u->plan.slots[i];
		struct rejunit_decision *d = rj_decision_of(s);
		uintptr_t n = (uintptr_t)rj_map_get(&x->entries, key_of(&d));

		if (d->n_slots < 2 || s->retired || is_error(s))
			continue;
		if (!rj_map_put_copy(
			&x->entries, &x->u->arena, key_of(&d), (void *)(n + 1)))
			return false;
	}
	return true;
}

static enum rejunit_status
see_decision(struct excusing *x, size_t i)
{
	struct rejunit_update *u = x->u;
	struct rejunit_decision *d = u->plan.decisions[i];
	const struct rj_case *c = d->slot->base;
	bool failed = rejunit_is_bad(d->after);
	uintptr_t entries;

	/* what was taken out is no test */
	if (d->after == REJUNIT_ABSENT)
		return REJUNIT_OK;
	u->data.id.n = 0;
	if (!rj_test_id(&u->data.id, c, u->data.rootdir) ||
	    !rj_quarantine_see(&u->quarantine->list, rj_buf_str(&u->data.id),
		c->classname, c->name, failed, &x->of[i]))
		return rj_fail_memory(x->err);
	if (!x->of[i])
		return REJUNIT_OK;
	entries = (uintptr_t)rj_map_get(&x->entries, key_of(&d));
	x->of[i]->tests += entries > 1 ? (unsigned int)entries - 1 : 0;
	return failed && x->of[i]->signatures ? tell_failures(x, d, x->of[i])
					      : REJUNIT_OK;
}

/* Skipped by a quarantine before: the same update was made once already. */
static enum rejunit_status
was_skipped(const struct excusing *x, const struct rj_case *c, bool *was)
{
	struct rejunit_update *u = x->u;
	struct rj_buf *raw = &u->data.details.raw;
	struct rj_tag_attr a;

	*was = false;
	for (unsigned int i = 0; i < c->children; i++) {
		const struct rj_child *child = &c->child[i];
		const struct rj_span tag = { child->at, child->body };
		enum rejunit_status status;

		if (child->tag != RJ_SKIPPED)
			continue;
		raw->n = 0;
		status = rj_source_read_span(
		    &u->reports[c->suite->report].src, tag, raw, x->err);
		if (status)
			return status;
		*was = rj_tag_find(rj_buf_str(raw), RJ_STR("message"), &a) &&
		       rj_str_starts(a.value, RJ_STR(EXCUSE));
	}
	return REJUNIT_OK;
}

/* "quarantined: ", why and until when. */
static bool
make_excuse(
    struct rejunit_update *u, const struct rj_listed *e, struct rj_str *out)
{
	struct rj_buf b = { 0 };
	bool ok = rj_buf_add(&b, RJ_STR(EXCUSE)) &&
		  rj_buf_add_visible(&b, e->why) &&
		  rj_buf_add(&b, rj_str(e->why.n ? ", " : "")) &&
		  rj_buf_add(&b, RJ_STR("until ")) &&
		  rj_buf_add_visible(&b, e->until) &&
		  rj_alloc_str(&u->arena, rj_buf_str(&b), out);

	rj_buf_free(&b);
	return ok;
}

static enum rejunit_status
skip(struct excusing *x, struct rj_slot *s, const struct rj_listed *e)
{
	bool was;
	enum rejunit_status status = was_skipped(x, s->base, &was);

	if (status)
		return status;
	rj_set_outcome(x->ledger, s, REJUNIT_SKIPPED);
	s->later = NULL;
	if (was) {
		s->fill = NULL;
		s->n_fill = 0;
		return REJUNIT_OK;
	}
	return make_excuse(x->u, e, &s->excuse) ? REJUNIT_OK
						: rj_fail_memory(x->err);
}

static enum rejunit_status
excuse_slots(struct excusing *x)
{
	struct rejunit_update *u = x->u;
	struct rj_map entries = { 0 };
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < u->plan.n_decisions && !status; i++) {
		struct rejunit_decision *d = u->plan.decisions[i];

		d->excused = x->of[i] && rejunit_is_bad(d->after) &&
			     x->of[i]->excuse == REJUNIT_EXCUSED;
		if (!d->excused)
			continue;
		if (!rj_map_put(
			&entries, key_of(&u->plan.decisions[i]), x->of[i]))
			status = rj_fail_memory(x->err);
		if (u->skip_quarantined)
			d->after = REJUNIT_SKIPPED;
	}
	for (size_t i = 0; i < u->plan.n && !status; i++) {
		struct rj_slot *s = u->plan.slots[i];
		struct rejunit_decision *d = rj_decision_of(s);

		if (!d->excused || !rejunit_is_bad(s->outcome))
			continue;
		u->quarantine->cases++;
		if (u->skip_quarantined)
			status = skip(x, s, rj_map_get(&entries, key_of(&d)));
		else
			u->plan.excused++;
	}
	rj_map_free(&entries);
	return status;
}

static enum rejunit_status
excuse(void *ctx, struct rj_ledger *l, struct rejunit_error *err)
{
	struct rejunit_update *u = ctx;
	struct excusing x = { .u = u, .ledger = l, .err = err };
	enum rejunit_status status = REJUNIT_OK;

	x.of = calloc(u->plan.n_decisions + 1, sizeof(*x.of));
	if (!x.of)
		return rj_fail_memory(err);
	u->quarantine->cases = 0;
	rj_quarantine_begin(&u->quarantine->list);
	if (!count_entries(&x))
		status = rj_fail_memory(err);
	for (size_t i = 0; i < u->plan.n_decisions && !status; i++)
		status = see_decision(&x, i);
	rj_quarantine_settle(&u->quarantine->list);
	if (!status)
		status = excuse_slots(&x);
	free(x.of);
	rj_map_free(&x.entries);
	return status;
}

void
rj_quarantine_options(
    struct rejunit_update *u, struct rj_merge_options *options)
{
	options->ctx = u;
	options->may_recover = u->recover_only ? may_recover : NULL;
	options->excuse = u->quarantine ? excuse : NULL;
}

/* --- reports
 * ------------------------------------------------------------------- */

struct judging {
	struct rejunit_quarantine *q;
	struct rejunit_error *err;
	struct rj_listed *last; /* the entry of the case before, */
	bool last_failed; /* and whether that failed */
};

static struct rj_str
str(struct rejunit_string s)
{
	return (struct rj_str){ s.s, s.n };
}

static enum rejunit_status
judge(void *ctx, const struct rejunit_case *c)
{
	struct judging *j = ctx;
	const char *id = rejunit_case_id(c);
	bool failed = rejunit_is_bad(c->outcome);
	struct rejunit_execution x = { .outcome = REJUNIT_UNKNOWN };
	struct rj_listed *e;
	enum rejunit_status status = REJUNIT_OK;

	if (!id || !rj_quarantine_see(&j->q->list, rj_str(id),
		       str(c->classname), str(c->name), failed, &e))
		return rj_fail_memory(j->err);
	/* the error of a test's teardown, behind its failure */
	if (e && e == j->last && j->last_failed && c->outcome == REJUNIT_ERROR)
		e->tests--;
	j->last = e;
	j->last_failed = failed;
	if (!failed || !e || !e->signatures)
		return REJUNIT_OK;
	for (size_t step = 0; !status && x.outcome != REJUNIT_ABSENT;) {
		status = rejunit_case_next(c, &step, &x, j->err);
		if (!status && rejunit_is_bad(x.outcome) &&
		    !rj_quarantine_failed(
			e, str(x.type), str(x.message), str(x.trace)))
			status = rj_fail_memory(j->err);
	}
	return status;
}

enum rejunit_status
rejunit_quarantine_reports(struct rejunit_quarantine *q,
    const char *const *paths, size_t n, const char *rootdir,
    struct rejunit_error *err)
{
	static const struct rejunit_visitor visitor = { .test = judge };
	struct judging j = { .q = q, .err = err };
	struct rejunit_reader *reader = NULL;
	enum rejunit_status status =
	    rj_need_both(q, "a quarantine", paths, "paths", err);

	for (size_t i = 0; i < n && !status; i++)
		status = rj_need(paths[i], "a path", err);
	if (!status)
		status = rejunit_reader_new(&reader, err);
	if (!status && rootdir)
		status = rejunit_reader_rootdir(reader, rootdir, err);
	if (!status)
		rj_quarantine_begin(&q->list);
	for (size_t i = 0; i < n && !status; i++) {
		const struct rejunit_input in = rejunit_path(paths[i]);

		status = rejunit_reader_read(reader, &in, &visitor, &j, err);
	}
	rejunit_reader_free(reader);
	if (status)
		return status;
	rj_quarantine_settle(&q->list);
	q->cases = 0;
	for (size_t i = 0; i < q->list.n; i++)
		if (q->list.entry[i].excuse == REJUNIT_EXCUSED)
			q->cases += q->list.entry[i].bad_cases;
	return REJUNIT_OK;
}
