#include "show/show.h"

#include <stdlib.h>

#include "base/duration.h"
#include "base/error.h"
#include "out/json.h"

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

static bool
copy(struct rj_arena *a, struct rejunit_string s, struct rj_str *out)
{
	return rj_alloc_str(a, (struct rj_str){ s.s, s.n }, out);
}

/* The first failure, now or in an earlier attempt. */
static enum rejunit_status
add_failure(struct rj_show *s, const struct rejunit_case *c, struct rj_arena *a,
    struct rejunit_entry *e)
{
	struct rejunit_execution x;
	size_t step = 0;

	do {
		enum rejunit_status status =
		    rejunit_case_next(c, &step, &x, s->err);

		if (status)
			return status;
		if (rejunit_is_bad(x.outcome))
			return copy(a, x.what, &e->what) &&
				       copy(a, x.type, &e->type) &&
				       copy(a, x.signature, &e->signature)
				   ? REJUNIT_OK
				   : rj_fail_memory(s->err);
	} while (x.outcome != REJUNIT_ABSENT);
	return REJUNIT_OK;
}

static enum rejunit_status
make_entry(struct rj_show *s, const struct rejunit_case *c, struct rj_arena *a,
    struct rejunit_entry **out)
{
	struct rejunit_entry *e = rj_alloc(a, sizeof(*e));
	const char *id = rejunit_case_id(c), *title;
	bool ok;

	if (!e || !id || !rj_alloc_str(a, rj_str(id), &e->id))
		return rj_fail_memory(s->err);
	title = rejunit_case_name(c);
	e->verdict = c->outcome;
	e->time = c->nanoseconds;
	e->line = c->at_line;
	e->report = rj_str(c->report);
	rj_duration_write(e->time, e->seconds);
	ok = title && rj_alloc_str(a, rj_str(title), &e->title) &&
	     copy(a, c->classname, &e->classname) &&
	     copy(a, c->name, &e->name) && copy(a, c->file, &e->file) &&
	     copy(a, c->suite, &e->suite);
	*out = e;
	return ok ? add_failure(s, c, a, e) : rj_fail_memory(s->err);
}

/* An entry with memory of its own, which it takes along. */
static enum rejunit_status
make_lone_entry(
    struct rj_show *s, const struct rejunit_case *c, struct rejunit_entry **out)
{
	struct rj_arena own = { 0 };
	struct rejunit_entry *e = NULL;
	enum rejunit_status status = make_entry(s, c, &own, &e);

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
rank(struct rj_show *s, const struct rejunit_case *c, struct rejunit_entry *e)
{
	struct rj_entries *l = &s->lists[REJUNIT_LIST_SLOWEST];
	size_t most = s->slowest, i;
	enum rejunit_status status = REJUNIT_OK;
	bool lone = !e;

	if (c->nanoseconds <= 0 || most == 0 ||
	    (l->n == most && l->list[most - 1]->time >= c->nanoseconds))
		return REJUNIT_OK;
	if (lone)
		status = make_lone_entry(s, c, &e);
	if (status || !e)
		return status;
	if (l->n == most) {
		free_entry(l->list[most - 1]);
	} else if (!add(l, e)) {
		if (lone)
			free_entry(e);
		return rj_fail_memory(s->err);
	}
	for (i = l->n - 1; i > 0 && l->list[i - 1]->time < e->time; i--)
		l->list[i] = l->list[i - 1];
	l->list[i] = e;
	return REJUNIT_OK;
}

static enum rejunit_status
on_test(void *ctx, const struct rejunit_case *c)
{
	struct rj_show *s = ctx;
	bool bad = rejunit_is_bad(c->outcome);
	struct rj_entries *l =
	    &s->lists[bad ? REJUNIT_LIST_FAILING : REJUNIT_LIST_FLAKY];
	enum rejunit_status status = REJUNIT_OK;
	struct rejunit_entry *e = NULL;

	if ((bad || c->is_flaky) && !(s->limited && l->n >= s->limit))
		status = make_entry(s, c, s->arena, &e);
	if (!status && e && !add(l, e))
		status = rj_fail_memory(s->err);
	return status ? status : rank(s, c, e);
}

static void
sum_up(struct rejunit_report *to, const struct rejunit_report *from)
{
	int64_t time = to->nanoseconds;

	to->cases += from->cases;
	for (int i = 0; i <= REJUNIT_UNKNOWN; i++)
		to->outcomes[i] += from->outcomes[i];
	to->flaky += from->flaky;
	to->nameless += from->nameless;
	to->loose += from->loose;
	rj_duration_add(&time, from->nanoseconds);
	to->nanoseconds = time;
}

static enum rejunit_status
on_report(void *ctx, const struct rejunit_report *r)
{
	struct rj_show *s = ctx;
	struct rj_shown *one = rj_alloc(s->arena, sizeof(*one));

	if (!one)
		return rj_fail_memory(s->err);
	one->sums = *r;
	sum_up(&s->sums, r);
	if (!s->tail)
		s->tail = &s->reports;
	*s->tail = one;
	s->tail = &one->next;
	s->n_reports++;
	return REJUNIT_OK;
}

const struct rejunit_visitor rj_show_visitor = {
	.test = on_test,
	.end_report = on_report,
};

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
	sum_up(&s->sums, &part->sums);
	rj_duration_write(s->sums.nanoseconds, s->seconds);
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
put_sums(struct rj_json *j, const struct rejunit_report *s)
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
	rj_duration_write(s->nanoseconds, seconds);
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
		for (const struct rj_shown *r = s->reports; r; r = r->next) {
			rj_json_open(&j, NULL, '{');
			rj_json_string(&j, "report", rj_str(r->sums.name));
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
