#include "write/write.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/markup.h"
#include "write/case.h"

/* At one place, what ends comes before what begins. */
enum kind {
	SUITE_END,
	SUITE_TAG,
	CASE
};

/* A place in the report where something is to be written. */
struct point {
	uint64_t at;
	enum kind kind;
	const void *what;
};

/* Copies the report's own bytes, up to an offset. */
static void
copy_original(struct rj_writing *w, uint64_t end)
{
	const struct rj_source *src = &w->home->src;
	uint64_t at;

	if (end <= w->pos || w->out.status)
		return;
	rj_out_fail(&w->out, rj_raw_seek(&w->raw, src, w->pos, w->out.err));
	at = w->raw.at;
	if (!w->out.status)
		rj_out_fail(
		    &w->out, rj_raw_seek(&w->raw, src, end, w->out.err));
	rj_out_copy_raw(&w->out, src, at, w->raw.at);
	w->pos = end;
}

/* --- tags ---------------------------------------------------------------- */

/* A counter may be spelt with references. */
static int64_t
counter_value(struct rj_writing *w, struct rj_str raw)
{
	w->other.n = 0;
	if (raw.n > 256)
		return -1;
	if (!rj_unescape_value(&w->other, raw)) {
		rj_out_fail(&w->out, rj_fail_memory(w->out.err));
		return -1;
	}
	return rj_str_number(rj_buf_str(&w->other));
}

/* Writes a suite's start tag, without its end, with its new counters. */
static void
put_suite_tag(struct rj_writing *w, const struct rj_planned_suite *p)
{
	const struct rj_suite *s = p->suite;
	struct rj_str tag;
	struct rj_tag_attr a;
	size_t pos = 0, done = 0;
	char number[32];

	if (!rj_read_tag(w, s->report, s->start.at, s->start.end, &w->tag))
		return;
	tag = rj_buf_str(&w->tag);
	while (rj_tag_next(tag, &pos, &a)) {
		int64_t before = counter_value(w, a.value);
		int64_t after = rj_planned_count(p, a.name, before);
		size_t value = (size_t)(a.value.s - tag.s);

		if (before == after)
			continue;
		snprintf(number, sizeof(number), "%" PRId64, after);
		rj_out_text(
		    &w->out, (struct rj_str){ tag.s + done, value - done });
		rj_put(w, number);
		done = a.end - 1;
	}
	tag.n -= s->empty ? 2 : 1;
	rj_out_text(&w->out, rj_str_from(tag, done));
}

/* --- suites -------------------------------------------------------------- */

static void put_additions(struct rj_writing *w,
    const struct rj_planned_suite *p, struct rj_str space);

/* A suite that only a rerun has, laid out as it is there. */
static void
put_new_suite(struct rj_writing *w, const struct rj_planned_suite *p)
{
	const struct rj_suite *s = p->suite;
	char space[RJ_BLANK_MAX];

	put_suite_tag(w, p);
	rj_put(w, ">");
	put_additions(w, p, (struct rj_str){ NULL, 0 });
	/* it had a case in the rerun, so that it has an end tag */
	rj_out_text(&w->out,
	    rj_blank_before(w, s->report,
		s->last_end ? s->last_end : s->body_end, s->body_end, space));
	rj_copy_text(w, s->report, s->body_end, s->end);
}

/* What is added to a suite; without space given, spaced as in the rerun. */
static void
put_additions(
    struct rj_writing *w, const struct rj_planned_suite *p, struct rj_str space)
{
	char blank[RJ_BLANK_MAX];

	for (const struct rj_addition *a = p->cases; a; a = a->next) {
		const struct rj_case *c = a->slot->base;

		rj_out_text(
		    &w->out, space.s ? space
				     : rj_blank_before(w, c->suite->report,
					   c->suite->start.end, c->at, blank));
		rj_put_case(w, a->slot);
	}
	for (const struct rj_planned_suite *s = p->suites; s; s = s->next) {
		rj_out_text(&w->out, space);
		put_new_suite(w, s);
	}
}

static bool
has_additions(const struct rj_planned_suite *p)
{
	return p->cases || p->suites;
}

static uint64_t
suite_end(const struct rj_suite *s)
{
	if (s->empty)
		return s->start.end;
	return s->last_end ? s->last_end : s->body_end;
}

static void
put_suite_end(struct rj_writing *w, const struct rj_planned_suite *p)
{
	const struct rj_suite *s = p->suite;
	char space[RJ_BLANK_MAX];
	struct rj_str blank = { space, 0 };

	if (s->last_end)
		blank = rj_blank_before(
		    w, s->report, s->start.end, s->last_at, space);
	put_additions(w, p, blank);
	if (s->empty) {
		rj_read_tag(w, s->report, s->start.at, s->start.end, &w->tag);
		rj_put(w, "</");
		rj_out_text(&w->out, rj_tag_name(rj_buf_str(&w->tag)));
		rj_put(w, ">");
	}
}

/* --- the whole ----------------------------------------------------------- */

static int
by_place(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	/* a suite ends before what follows it, and before that around it */
	if (x->kind == SUITE_END && y->kind == SUITE_END) {
		const struct rj_planned_suite *p = x->what, *q = y->what;

		return p->suite->start.at > q->suite->start.at ? -1 : 1;
	}
	return (x->kind > y->kind) - (x->kind < y->kind);
}

/* Of a suite whose counters stay as they are, nothing changes. */
static bool
counters_move(const struct rj_planned_suite *p)
{
	for (int i = 0; p->after && i < RJ_COUNTERS; i++)
		if (p->after->counters[i] != p->suite->said[i])
			return true;
	return false;
}

static void
add_point(struct point *points, size_t i, enum kind kind, uint64_t at,
    const void *what)
{
	if (points)
		points[i] = (struct point){ at, kind, what };
}

/*
 * Finds the places in a report where something is to be written; with NULL
 * they are only counted.
 */
static size_t
collect(const struct rj_plan *plan, unsigned int report, struct point *points)
{
	size_t n = 0;

	for (size_t i = plan->edited_at[report];
	     i < plan->edited_at[report + 1]; i++) {
		const struct rj_planned_suite *p = plan->edited[i];
		const struct rj_suite *s = p->suite;
		bool adds = has_additions(p);

		if (counters_move(p) || (s->empty && adds))
			add_point(points, n++, SUITE_TAG, s->start.at, p);
		if (adds)
			add_point(points, n++, SUITE_END, suite_end(s), p);
	}
	for (size_t i = plan->touched_at[report];
	     i < plan->touched_at[report + 1]; i++)
		add_point(points, n++, CASE, plan->touched[i]->base->at,
		    plan->touched[i]);
	return n;
}

static void
put_point(struct rj_writing *w, const struct point *p)
{
	const struct rj_planned_suite *suite = p->what;
	const struct rj_slot *slot = p->what;
	char space[RJ_BLANK_MAX];

	switch (p->kind) {
	case SUITE_TAG:
		copy_original(w, p->at);
		put_suite_tag(w, suite);
		rj_put(w,
		    suite->suite->empty && !has_additions(suite) ? "/>" : ">");
		w->pos = suite->suite->start.end;
		break;
	case SUITE_END:
		copy_original(w, p->at);
		put_suite_end(w, suite);
		break;
	default:
		copy_original(w,
		    slot->retired ? p->at - rj_blank_before(w, w->home->number,
						w->pos, p->at, space)
						.n
				  : p->at);
		if (!slot->retired)
			rj_put_case(w, slot);
		w->pos = slot->base->end;
		break;
	}
}

bool
rj_plan_leaves(const struct rj_plan *plan, unsigned int report)
{
	return collect(plan, report, NULL) == 0;
}

enum rejunit_status
rj_write(const struct rj_plan *plan, const struct rj_report *reports,
    unsigned int report, enum rejunit_evidence evidence,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	struct rj_writing w = { .reports = reports,
		.home = &reports[report],
		.evidence = evidence };
	const struct rj_source *src = &w.home->src;
	size_t n = collect(plan, report, NULL);
	struct point *points = calloc(n + 1, sizeof(*points));
	enum rejunit_status status;

	if (!points)
		return rj_fail_memory(err);
	status = rj_out_open(&w.out, src->encoding, write, ctx, err);
	if (!status) {
		collect(plan, report, points);
		qsort(points, n, sizeof(*points), by_place);
		for (size_t i = 0; i < n && !w.out.status; i++)
			put_point(&w, &points[i]);
		copy_original(&w, src->size);
		status = rj_out_flush(&w.out);
	}
	rj_out_close(&w.out);
	rj_raw_close(&w.raw);
	rj_buf_free(&w.tag);
	rj_buf_free(&w.other);
	free(points);
	return status;
}
