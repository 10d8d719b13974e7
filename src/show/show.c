#include "show/show.h"

#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "list/execution.h"
#include "list/runner_id.h"
#include "model/identity.h"
#include "out/json.h"
#include "read/read.h"
#include "read/timing.h"

struct surveying {
	struct rj_show *survey;
	struct rj_show_report *into;
	struct rj_report report; /* as far as ids and details need it */
	struct rj_timing timing;
	struct rj_details details;
	struct rj_votes votes;
	struct rejunit_error *err;
};

static bool
add(struct rj_entries *e, struct rejunit_entry *one)
{
	void *p = rj_grown(e->list, e->n, &e->room, sizeof(one));

	if (!p)
		return false;
	e->list = p;
	e->list[e->n++] = one;
	return true;
}

/* The case's first failure, now or in an earlier attempt. */
static enum rejunit_status
read_failure(struct surveying *v, const struct rj_case *c, bool *found)
{
	struct rj_execution x;

	*found = false;
	for (unsigned int step = 0; rj_next_execution(c, &step, &x);)
		if (rj_is_bad(x.outcome)) {
			*found = true;
			return rj_read_details(
			    &v->details, &v->report, &x, v->err);
		}
	return REJUNIT_OK;
}

static enum rejunit_status
make_entry(struct surveying *v, const struct rj_case *c, struct rj_arena *a,
    struct rejunit_entry **out)
{
	struct rejunit_entry *e = rj_alloc(a, sizeof(*e));
	struct rj_buf id = { 0 }, title = { 0 };
	enum rejunit_status status;
	bool ok, found;

	if (!e)
		return rj_fail_memory(v->err);
	e->verdict = c->outcome;
	e->time = v->timing.time;
	e->line = c->line_no;
	rj_duration_write(e->time, e->seconds);
	status = read_failure(v, c, &found);
	if (status)
		return status;
	ok = rj_test_id(&id, c, v->survey->rootdir) &&
	     rj_alloc_str(a, rj_buf_str(&id), &e->id) &&
	     rj_test_name(&title, c, v->survey->rootdir) &&
	     rj_alloc_str(a, rj_buf_str(&title), &e->title) &&
	     rj_alloc_str(a, c->classname, &e->classname) &&
	     rj_alloc_str(a, c->name, &e->name) &&
	     rj_alloc_str(a, c->file, &e->file) &&
	     rj_alloc_str(a, c->suite->name, &e->suite) &&
	     (!found || (rj_alloc_str(a, v->details.what, &e->what) &&
			    rj_alloc_str(a, v->details.type, &e->type) &&
			    rj_alloc_str(a, rj_str(v->details.signature),
				&e->signature)));
	rj_buf_free(&id);
	rj_buf_free(&title);
	if (!e->id.s)
		e->id = RJ_STR("");
	e->report = rj_str(v->into->path);
	*out = e;
	return ok ? REJUNIT_OK : rj_fail_memory(v->err);
}

/* An entry with memory of its own, which it takes along. */
static enum rejunit_status
make_lone_entry(
    struct surveying *v, const struct rj_case *c, struct rejunit_entry **out)
{
	struct rj_arena own = { 0 };
	struct rejunit_entry *e = NULL;
	enum rejunit_status status = make_entry(v, c, &own, &e);

	if (status || !e) {
		rj_arena_free(&own);
		return status;
	}
	e->own = own;
	*out = e;
	return REJUNIT_OK;
}

static void
free_entry(const struct rejunit_entry *e)
{
	struct rj_arena own = e->own;

	rj_arena_free(&own);
}

/* Puts a case among the slowest, where it is one of them. */
static enum rejunit_status
rank(struct surveying *v, const struct rj_case *c, struct rejunit_entry *e)
{
	struct rj_entries *l = &v->survey->lists[REJUNIT_LIST_SLOWEST];
	size_t most = v->survey->slowest, i;
	enum rejunit_status status = REJUNIT_OK;
	bool lone = !e;

	if (v->timing.time <= 0 || most == 0 ||
	    (l->n == most && l->list[most - 1]->time >= v->timing.time))
		return REJUNIT_OK;
	if (lone)
		status = make_lone_entry(v, c, &e);
	if (status || !e)
		return status;
	if (l->n == most) {
		free_entry(l->list[most - 1]);
	} else if (!add(l, e)) {
		if (lone)
			free_entry(e);
		return rj_fail_memory(v->err);
	}
	for (i = l->n - 1; i > 0 && l->list[i - 1]->time < e->time; i--)
		l->list[i] = l->list[i - 1];
	l->list[i] = e;
	return REJUNIT_OK;
}

static enum rejunit_status
on_test(void *ctx, const struct rj_case *c)
{
	struct surveying *v = ctx;
	struct rj_show *s = v->survey;
	struct rj_totals *sums = &v->into->sums;
	bool bad = rj_is_bad(c->outcome);
	bool flaky = c->outcome == REJUNIT_PASSED && c->marks & RJ_HAS_FLAKY;
	struct rj_entries *l =
	    &s->lists[bad ? REJUNIT_LIST_FAILING : REJUNIT_LIST_FLAKY];
	enum rejunit_status status = REJUNIT_OK;
	struct rejunit_entry *e = NULL;

	sums->cases++;
	sums->outcomes[c->outcome]++;
	sums->flaky += flaky;
	sums->nameless += rj_is_nameless(c);
	if ((bad || flaky) && !(s->limited && l->n >= s->limit))
		status = make_entry(v, c, s->arena, &e);
	if (!status && e && !add(l, e))
		status = rj_fail_memory(v->err);
	return status ? status : rank(v, c, e);
}

static enum rejunit_status
on_open(void *ctx, struct rj_suite *s)
{
	struct surveying *v = ctx;

	rj_timing_open(&v->timing);
	if (!s->up) {
		s->keep = true;
		v->report.root = s;
	}
	return REJUNIT_OK;
}

static enum rejunit_status
on_close(void *ctx, struct rj_suite *s)
{
	struct surveying *v = ctx;

	rj_timing_close(&v->timing);
	rj_votes_add(&v->votes, s);
	v->into->sums.loose +=
	    (size_t)(s->own.loose_failures + s->own.loose_errors + s->own.lost);
	if (!s->up)
		v->into->sums.loose +=
		    (size_t)(s->all.cannot_run + rj_unexplained(&v->votes));
	return REJUNIT_OK;
}

static enum rejunit_status
on_element(void *ctx, const struct rj_element *e, struct rejunit_error *err)
{
	struct surveying *v = ctx;

	(void)err;
	rj_timing_element(&v->timing, e);
	return REJUNIT_OK;
}

static enum rejunit_status
on_end(void *ctx, struct rj_span span, struct rejunit_error *err)
{
	(void)ctx;
	(void)span;
	(void)err;
	return REJUNIT_OK;
}

static void
sum_up(struct rj_totals *to, const struct rj_totals *from)
{
	to->cases += from->cases;
	for (int i = 0; i <= REJUNIT_UNKNOWN; i++)
		to->outcomes[i] += from->outcomes[i];
	to->flaky += from->flaky;
	to->nameless += from->nameless;
	to->loose += from->loose;
	rj_duration_add(&to->time, from->time);
}

static enum rejunit_status
finish(struct rj_show *s, struct surveying *v)
{
	struct rj_show_report *r = v->into;

	r->sums.time = v->timing.level[0].below;
	sum_up(&s->sums, &r->sums);
	rj_duration_write(s->sums.time, s->seconds);
	if (!s->tail)
		s->tail = &s->reports;
	*s->tail = r;
	s->tail = &r->next;
	s->n_reports++;
	return rj_warn_repaired(&s->warnings, &v->report.src)
		   ? REJUNIT_OK
		   : rj_fail_memory(v->err);
}

enum rejunit_status
rj_show_add(struct rj_show *s, const char *path, bool *foreign,
    struct rejunit_error *err)
{
	static const struct rj_xml_handler watch = {
		.start = on_element,
		.end = on_end,
	};
	struct surveying *v = calloc(1, sizeof(*v));
	enum rejunit_status status = REJUNIT_OK;
	struct rj_str name;

	*foreign = false;
	if (!v)
		return rj_fail_memory(err);
	v->survey = s;
	v->err = err;
	v->into = rj_alloc(s->arena, sizeof(*v->into));
	if (!v->into ||
	    !rj_alloc_str(s->arena,
		rj_str(strcmp(path, "-") == 0 ? "<stdin>" : path), &name)) {
		free(v);
		return rj_fail_memory(err);
	}
	v->into->path = name.s;
	status = rj_source_open(&v->report.src, s->arena, path, s->repair, err);
	if (!status)
		status = rj_read(&v->report.src, 0, 0,
		    &(struct rj_reader){
			.open = on_open,
			.close = on_close,
			.test = on_test,
			.ctx = v,
			.foreign = foreign,
			.watch = &watch,
		    },
		    s->arena, err);
	if (!status)
		status = finish(s, v);
	rj_source_close(&v->report.src);
	rj_free_details(&v->details);
	free(v);
	return status;
}

void
rj_show_free(struct rj_show *s)
{
	const struct rj_entries *slowest = &s->lists[REJUNIT_LIST_SLOWEST];

	for (size_t i = 0; i < slowest->n; i++)
		free_entry(slowest->list[i]);
	for (int i = 0; i <= REJUNIT_LIST_SLOWEST; i++) {
		free(s->lists[i].list);
		s->lists[i] = (struct rj_entries){ 0 };
	}
}

/* --- a part --------------------------------------------------------------- */

struct rj_show
rj_show_part(const struct rj_show *s)
{
	struct rj_show part = {
		.arena = s->arena,
		.warnings.arena = s->arena,
		.rootdir = s->rootdir,
		.repair = s->repair,
		.slowest = s->slowest,
		.limited = s->limited,
		.limit = s->limit,
	};

	return part;
}

static bool
make_room(struct rj_entries *l, size_t n)
{
	void *p;

	if (n <= l->room)
		return true;
	p = realloc(l->list, n * sizeof(struct rejunit_entry *));
	if (!p)
		return false;
	l->list = p;
	l->room = n;
	return true;
}

/* Of two lists in order, the slowest; those before first, where they tie. */
static void
take_slowest(struct rj_entries *to, struct rj_entries *from, size_t most)
{
	size_t a = to->n, b = from->n, n = a + b;

	while (n-- > 0) {
		bool older = b == 0 || (a > 0 && to->list[a - 1]->time <
						     from->list[b - 1]->time);
		struct rejunit_entry *e =
		    older ? to->list[--a] : from->list[--b];

		if (n < most)
			to->list[n] = e;
		else
			free_entry(e);
	}
	n = to->n + from->n;
	to->n = n < most ? n : most;
	from->n = 0;
}

bool
rj_show_take(struct rj_show *s, struct rj_show *part)
{
	for (int i = 0; i <= REJUNIT_LIST_SLOWEST; i++)
		if (!make_room(&s->lists[i], s->lists[i].n + part->lists[i].n))
			return false;
	for (int i = 0; i < REJUNIT_LIST_SLOWEST; i++) {
		struct rj_entries *l = &s->lists[i];

		for (size_t k = 0; k < part->lists[i].n; k++)
			if (!s->limited || l->n < s->limit)
				l->list[l->n++] = part->lists[i].list[k];
	}
	take_slowest(&s->lists[REJUNIT_LIST_SLOWEST],
	    &part->lists[REJUNIT_LIST_SLOWEST], s->slowest);
	rj_warn_all(&s->warnings, &part->warnings);
	sum_up(&s->sums, &part->sums);
	rj_duration_write(s->sums.time, s->seconds);
	if (!s->tail)
		s->tail = &s->reports;
	if (part->reports) {
		*s->tail = part->reports;
		s->tail = part->tail;
	}
	s->n_reports += part->n_reports;
	return true;
}

/* --- JSON ---------------------------------------------------------------- */

static void
put_sums(struct rj_json *j, const struct rj_totals *s)
{
	char seconds[32];

	rj_json_number(j, "cases", s->cases);
	rj_json_number(j, "passed", s->outcomes[REJUNIT_PASSED]);
	rj_json_number(j, "failed", s->outcomes[REJUNIT_FAILED]);
	rj_json_number(j, "errors", s->outcomes[REJUNIT_ERROR]);
	rj_json_number(j, "skipped", s->outcomes[REJUNIT_SKIPPED]);
	rj_json_number(j, "unknown", s->outcomes[REJUNIT_UNKNOWN]);
	rj_json_number(j, "flaky", s->flaky);
	rj_json_number(j, "nameless", s->nameless);
	rj_json_number(j, "loose", s->loose);
	rj_duration_write(s->time, seconds);
	rj_json_string(j, "time", rj_str(seconds));
}

static void
put_entries(struct rj_json *j, const char *key, const struct rj_entries *l)
{
	rj_json_open(j, key, '[');
	for (size_t i = 0; i < l->n; i++) {
		const struct rejunit_entry *e = l->list[i];

		rj_json_open(j, NULL, '{');
		rj_json_string(j, "id", e->id);
		rj_json_string(j, "classname", e->classname);
		rj_json_string(j, "name", e->name);
		rj_json_string(j, "file", e->file);
		rj_json_string(j, "suite", e->suite);
		rj_json_string(
		    j, "outcome", rj_str(rejunit_verdict_name(e->verdict)));
		rj_json_string(j, "report", e->report);
		rj_json_number(j, "line", e->line);
		rj_json_string(j, "time", rj_str(e->seconds));
		rj_json_string(j, "type", e->type);
		rj_json_string(j, "message", e->what);
		if (e->signature.n)
			rj_json_string(j, "signature", e->signature);
		rj_json_close(j, '}');
	}
	rj_json_close(j, ']');
}

enum rejunit_status
rj_show_write(const struct rj_show *s, rejunit_write_fn *write, void *ctx,
    struct rejunit_error *err)
{
	static const char *const names[] = {
		[REJUNIT_LIST_FAILING] = "failing",
		[REJUNIT_LIST_FLAKY] = "flaky",
		[REJUNIT_LIST_SLOWEST] = "slowest",
	};
	struct rj_out o;
	struct rj_json j = { .out = &o };
	enum rejunit_status status = rj_out_open(&o, NULL, write, ctx, err);

	if (!status) {
		rj_json_open(&j, NULL, '{');
		rj_json_number(&j, "version", 1);
		rj_json_open(&j, "totals", '{');
		put_sums(&j, &s->sums);
		rj_json_close(&j, '}');
		rj_json_open(&j, "reports", '[');
		for (const struct rj_show_report *r = s->reports; r;
		     r = r->next) {
			rj_json_open(&j, NULL, '{');
			rj_json_string(&j, "report", rj_str(r->path));
			put_sums(&j, &r->sums);
			rj_json_close(&j, '}');
		}
		rj_json_close(&j, ']');
		for (int i = 0; i <= REJUNIT_LIST_SLOWEST; i++)
			put_entries(&j, names[i], &s->lists[i]);
		rj_json_close(&j, '}');
		status = rj_out_flush(&o);
	}
	rj_out_close(&o);
	return status;
}
