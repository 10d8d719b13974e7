#include "api/quarantine.h"

#include <stdlib.h>
#include <time.h>

#include "api/handle.h"
#include "api/update.h"
#include "history/clock.h"
#include "model/identity.h"
#include "read/read.h"

#define EXCUSE "quarantined: "

/* --- the list ------------------------------------------------------------ */

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
text(struct rj_str s)
{
	return s.s ? s.s : "";
}

bool
rejunit_quarantine_entry(const struct rejunit_quarantine *q, size_t i,
    struct rejunit_quarantined *out)
{
	const struct rj_listed *e;

	if (!q || !out || i >= q->list.n)
		return false;
	e = &q->list.entry[i];
	*out = (struct rejunit_quarantined){
		.line = e->line, .failed = e->failed, .excuse = e->excuse
	};
	out->id = text(e->id);
	out->until = text(e->until);
	out->owner = text(e->owner);
	out->why = text(e->why);
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

/* --- what is seen -------------------------------------------------------- */

/* The case before, as long as one may be its teardown. */
struct before {
	const struct rj_suite *suite;
	unsigned int nth;
	bool red;
	struct rj_listed *entry;
	struct rj_str names; /* in the buffer */
	struct rj_buf buf;
};

static bool
is_red(const struct rj_case *c)
{
	return rejunit_is_bad(c->outcome) ||
	       rj_is_excused(c->outcome, c->marks);
}

static bool
has_child(const struct rj_case *c, enum rj_tag tag)
{
	for (unsigned int i = 0; i < c->children; i++)
		if (c->child[i].tag == tag)
			return true;
	return false;
}

/* The error of pytest's teardown, also where it is skipped by now. */
static bool
is_teardown(const struct rj_case *c)
{
	if (rj_is_excused(c->outcome, c->marks))
		return has_child(c, RJ_RERUN_ERROR) &&
		       !has_child(c, RJ_RERUN_FAILURE);
	return c->marks & RJ_IS_TEARDOWN && !(c->marks & RJ_HAS_FAILURE);
}

/* A failing test, and behind it the error of its teardown, are one. */
static bool
are_one(const struct before *b, const struct rj_case *c, struct rj_str names)
{
	return b->red && b->suite == c->suite && b->nth + 1 == c->nth &&
	       is_teardown(c) && rj_str_eq(b->names, names);
}

/* Takes a case; *e: what is listed of its test. False: out of memory. */
static bool
see_case(struct rj_quarantine *list, struct before *b, const struct rj_case *c,
    struct rj_str id, bool failed, struct rj_listed **e)
{
	struct rj_buf names = { 0 };
	bool ok;

	*e = NULL;
	/* what has no name is no test */
	if (!c->name.n)
		return true;
	ok = rj_quarantine_see(list, id, c->classname, c->name, failed, e);
	if (ok && *e) {
		ok = rj_key(
		    &names, c, REJUNIT_CLASSNAME | REJUNIT_NAME | REJUNIT_FILE);
		(*e)->tests -=
		    ok && *e == b->entry && are_one(b, c, rj_buf_str(&names));
	}
	rj_buf_free(&b->buf);
	*b = (struct before){ .suite = c->suite,
		.nth = c->nth,
		.red = is_red(c),
		.entry = *e,
		.names = rj_buf_str(&names),
		.buf = names };
	return ok;
}

static enum rejunit_verdict
verdict_of(enum rj_tag tag)
{
	switch (tag) {
	case RJ_FAILURE:
	case RJ_RERUN_FAILURE:
	case RJ_FLAKY_FAILURE:
		return REJUNIT_FAILED;
	case RJ_ERROR:
	case RJ_RERUN_ERROR:
	case RJ_FLAKY_ERROR:
		return REJUNIT_ERROR;
	default:
		return REJUNIT_ABSENT;
	}
}

/* All that a case says it failed with. */
static enum rejunit_status
tell_failures(struct rj_listed *e, struct rj_details *details,
    const struct rj_report *reports, const struct rj_case *c,
    struct rejunit_error *err)
{
	const struct rj_str none = { NULL, 0 };
	enum rejunit_status status = REJUNIT_OK;

	/* with these, nobody knows which tests did not run */
	if (c->marks & RJ_HAS_CRASHED || rj_is_collection_error(c))
		e->other_failure = true;
	if (!e->signatures)
		return REJUNIT_OK;
	if (rejunit_is_bad(c->outcome) && !c->failure &&
	    !rj_quarantine_failed(e, none, none, none))
		return rj_fail_memory(err);
	for (unsigned int i = 0; i < c->children && !status; i++) {
		const struct rj_execution x = { c, &c->child[i],
			verdict_of(c->child[i].tag) };

		if (x.outcome == REJUNIT_ABSENT)
			continue;
		status = rj_read_details(details, reports, &x, err);
		if (!status && !rj_quarantine_failed(e, details->type,
				   details->message, details->trace))
			status = rj_fail_memory(err);
	}
	return status;
}

/* --- an update ----------------------------------------------------------- */

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

/* All cases of the original, the passed ones among them. */
struct counting {
	struct rejunit_update *u;
	struct before before;
	struct rejunit_error *err;
};

static enum rejunit_status
count_case(void *ctx, const struct rj_case *c)
{
	struct counting *n = ctx;
	struct rj_buf *id = &n->u->data.id;
	struct rj_listed *e;

	id->n = 0;
	return rj_test_id(id, c, n->u->data.rootdir) &&
		       see_case(&n->u->quarantine->list, &n->before, c,
			   rj_buf_str(id), false, &e)
		   ? REJUNIT_OK
		   : rj_fail_memory(n->err);
}

static enum rejunit_status
count_cases(struct rejunit_update *u, struct rejunit_error *err)
{
	struct counting n = { .u = u, .err = err };
	bool foreign = false;
	const struct rj_reader reader = {
		.test = count_case, .ctx = &n, .foreign = &foreign
	};
	struct rj_arena scratch = { 0 };
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < u->n_reports && !status; i++)
		if (u->reports[i].run == 0) {
			n.before.suite = NULL;
			status = rj_read(&u->reports[i].src, 0, (unsigned int)i,
			    &reader, &scratch, err);
		}
	rj_buf_free(&n.before.buf);
	rj_arena_free(&scratch);
	return status;
}

/* Those that only reruns have, and what became of all. */
static enum rejunit_status
see_decision(struct rejunit_update *u, const struct rejunit_decision *d,
    struct rj_listed **e, struct rejunit_error *err)
{
	struct rj_quarantine *list = &u->quarantine->list;
	const struct rj_case *c = d->slot->base;
	bool failed = rejunit_is_bad(d->after);
	enum rejunit_status status = REJUNIT_OK;
	struct rj_listed *of = NULL;

	*e = NULL;
	/* what was taken out, or has no name, is no test */
	if (d->after == REJUNIT_ABSENT || !c->name.n)
		return REJUNIT_OK;
	u->data.id.n = 0;
	if (!rj_test_id(&u->data.id, c, u->data.rootdir) ||
	    !rj_quarantine_see(list, rj_buf_str(&u->data.id), c->classname,
		c->name, failed, &of))
		return rj_fail_memory(err);
	*e = of;
	if (!of)
		return REJUNIT_OK;
	/* the original's are counted already */
	of->tests -= !d->slot->added;
	for (const struct rj_sighting *s = d->sightings; s && failed && !status;
	     s = s->next)
		status =
		    tell_failures(of, &u->data.details, u->reports, s->at, err);
	return status;
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
excuse(void *ctx, struct rejunit_error *err)
{
	struct rejunit_update *u = ctx;
	struct rj_plan *plan = &u->plan;
	struct rj_listed **of = calloc(plan->n_decisions + 1, sizeof(*of));
	enum rejunit_status status;

	if (!of)
		return rj_fail_memory(err);
	rj_quarantine_begin(&u->quarantine->list);
	status = count_cases(u, err);
	for (size_t i = 0; i < plan->n_decisions && !status; i++)
		status = see_decision(u, plan->decisions[i], &of[i], err);
	rj_quarantine_settle(&u->quarantine->list);
	for (size_t i = 0; i < plan->n_decisions && !status; i++) {
		struct rejunit_decision *d = plan->decisions[i];

		d->excused = of[i] && rejunit_is_bad(d->after) &&
			     of[i]->excuse == REJUNIT_EXCUSED;
		if (d->excused && u->skip_quarantined &&
		    !make_excuse(u, of[i], &d->excuse))
			status = rj_fail_memory(err);
	}
	free(of);
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

/* --- reports ------------------------------------------------------------- */

struct judging {
	struct rejunit_quarantine *q;
	struct rejunit_error *err;
	struct before before;
};

static enum rejunit_status
judge(void *ctx, const struct rejunit_case *c)
{
	struct judging *j = ctx;
	struct rj_data *data = c->internal[0];
	const struct rj_case *of = c->internal[1];
	const char *id = rejunit_case_id(c);
	bool failed = rejunit_is_bad(c->outcome);
	struct rj_listed *e;

	if (!id ||
	    !see_case(&j->q->list, &j->before, of, rj_str(id), failed, &e))
		return rj_fail_memory(j->err);
	return failed && e
		   ? tell_failures(e, &data->details, data->reports, of, j->err)
		   : REJUNIT_OK;
}

enum rejunit_status
rejunit_quarantine_reports(struct rejunit_quarantine *q,
    const char *const *paths, size_t n, const char *rootdir, bool repair,
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
	if (!status)
		status = rejunit_reader_repair(reader, repair, err);
	if (!status && rootdir)
		status = rejunit_reader_rootdir(reader, rootdir, err);
	if (!status)
		rj_quarantine_begin(&q->list);
	for (size_t i = 0; i < n && !status; i++) {
		const struct rejunit_input in = rejunit_path(paths[i]);

		j.before.suite = NULL;
		status = rejunit_reader_read(reader, &in, &visitor, &j, err);
	}
	rejunit_reader_free(reader);
	rj_buf_free(&j.before.buf);
	if (status)
		return status;
	rj_quarantine_settle(&q->list);
	q->cases = 0;
	for (size_t i = 0; i < q->list.n; i++)
		if (q->list.entry[i].excuse == REJUNIT_EXCUSED)
			q->cases += q->list.entry[i].bad_cases;
	return REJUNIT_OK;
}
