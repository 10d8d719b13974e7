#include "quarantine/tend.h"

#include <stdio.h>
#include <stdlib.h>

#include "history/clock.h"
#include "list/signature.h"

#define OURS	   "rejunit"
#define RENEW_DAYS 7 /* before the last one */

/* --- which test is which ------------------------------------------------- */

struct names {
	struct rj_tending *t;
	struct rj_str *id; /* that its runner takes back, by test */
	const struct rj_rank **rank; /* of each test */
	struct rj_map tests; /* by id, from 1 on; SEVERAL: it is of many */
	struct rj_buf line; /* scratch */
};

#define SEVERAL UINT32_MAX

static enum rejunit_status
take_id(void *ctx, const struct rj_db_row *row)
{
	struct names *n = ctx;
	const struct rj_past *p = &n->t->ranking->past;
	unsigned int at =
	    rj_past_place(p->test_at, p->n_test_at, row->number(row, 0));

	/* only what the ranking sees */
	if (!at || !rj_past_place(p->run_at, p->n_run_at, row->number(row, 2)))
		return REJUNIT_OK;
	return rj_alloc_str(&n->t->q->arena, row->text(row, 1), &n->id[at - 1])
		   ? REJUNIT_OK
		   : rj_fail_memory(n->t->history->db.err);
}

/* As the list has it: one line, and no comment. */
static bool
settle_id(struct names *n, size_t test)
{
	const struct rj_past_test *t = &n->t->ranking->past.tests[test];
	struct rj_str *id = &n->id[test];
	uintptr_t known;

	n->line.n = 0;
	if (!id->n &&
	    (rj_is_comment(t->id) || rj_str_starts(t->id, RJ_STR("-"))) &&
	    !rj_buf_add(&n->line, RJ_STR("./")))
		return false;
	if (!rj_buf_add_visible(&n->line, id->n ? *id : t->id) ||
	    !rj_alloc_str(&n->t->q->arena, rj_buf_str(&n->line), id))
		return false;
	known = (uintptr_t)rj_map_get(&n->tests, *id);
	return rj_map_put(&n->tests, *id, (void *)(known ? SEVERAL : test + 1));
}

/* The newest of each test; what has none is called by its names. */
static enum rejunit_status
name_tests(struct names *n)
{
	const struct rj_past *p = &n->t->ranking->past;
	struct rejunit_error *err = n->t->history->db.err;
	enum rejunit_status status;

	n->id = calloc(p->n_tests + 1, sizeof(*n->id));
	n->rank = calloc(p->n_tests + 1, sizeof(*n->rank));
	if (!n->id || !n->rank)
		return rj_fail_memory(err);
	for (size_t i = 0; i < n->t->ranking->n; i++) {
		const struct rj_rank *r = &n->t->ranking->tests[i];

		n->rank[r->test - p->tests] = r;
	}
	status = rj_history_run(n->t->history,
	    "SELECT DISTINCT e.test, p.id_of_runner, e.run, r.at, r.run "
	    "FROM execution e JOIN run r ON r.id = e.run "
	    "JOIN place p ON p.id = e.place WHERE p.id_of_runner <> '' "
	    "ORDER BY r.at, r.run, p.id_of_runner",
	    NULL, 0, take_id, n);
	for (size_t i = 0; i < p->n_tests && !status; i++)
		if (p->tests[i].n && !settle_id(n, i))
			status = rj_fail_memory(err);
	return status;
}

/* --- changes ------------------------------------------------------------- */

static bool
note(struct rj_tending *t, enum rj_change_kind kind, struct rj_str id,
    const char *why)
{
	void *more = rj_grown(t->change, t->n, &t->room, sizeof(*t->change));
	struct rj_change *c;

	if (!more)
		return false;
	t->change = more;
	c = &t->change[t->n];
	*c = (struct rj_change){ .kind = kind };
	t->n++;
	return rj_alloc_str(&t->q->arena, id, &c->id) &&
	       rj_alloc_str(&t->q->arena, rj_str(why), &c->why);
}

static bool
add(struct rj_tending *t, const char *s)
{
	return rj_buf_add(&t->text, rj_str(s));
}

static unsigned int
flakes_of(const struct rj_rank *r)
{
	return r->events[RJ_EVENT_S] + r->events[RJ_EVENT_C];
}

/* The signatures of a test's failures, each once, the newest first. */
static bool
add_signatures(struct rj_tending *t, const struct rj_rank *r)
{
	struct rj_str known[RJ_SIGNATURES_MAX];
	size_t n = 0;
	bool ok = true;

	for (size_t i = r->test->n; i-- > 0 && n < RJ_SIGNATURES_MAX && ok;) {
		struct rj_str s = rj_past_signature(
		    &t->ranking->past, r->test->seen[i].words);
		size_t k = 0;

		while (k < n && !rj_str_eq(known[k], s))
			k++;
		if (!rj_is_signature(s) || k < n)
			continue;
		ok = add(t, n ? "," : " signature=") && rj_buf_add(&t->text, s);
		known[n++] = s;
	}
	return ok;
}

static bool
end_line(struct rj_tending *t)
{
	return t->text.n == 0 || t->text.s[t->text.n - 1] == '\n' ||
	       add(t, "\n");
}

/* A comment that stands alone says nothing of what comes next. */
static bool
end_comment(struct rj_tending *t)
{
	size_t at = t->text.n ? t->text.n - 1 : 0;

	while (at > 0 && t->text.s[at - 1] != '\n')
		at--;
	return t->text.n == 0 || t->text.s[at] != '#' || add(t, "\n");
}

/* What was said of it, unless it is ours. */
static bool
add_why(struct rj_tending *t, const struct rj_rank *r, struct rj_str said)
{
	const struct rj_str ours = RJ_STR(" flakes in ");
	char why[96];

	snprintf(why, sizeof(why), "%u%.*s%u runs", flakes_of(r), (int)ours.n,
	    ours.s, r->runs);
	if (!said.n || rj_str_find(said, ours) < said.n)
		said = rj_str(why);
	return add(t, " why=\"") && rj_buf_add(&t->text, said) &&
	       add(t, "\"\n");
}

/* An entry of our own; what people have said of it stays. */
static bool
add_entry(struct rj_tending *t, const struct rj_rank *r,
    const struct rj_listed *e, bool kept)
{
	char day[40];

	rj_clock_write((t->q->today + t->days) * RJ_DAY, day);
	day[10] = '\0';
	return end_line(t) && (kept || end_comment(t)) && add(t, "# until=") &&
	       add(t, day) && add(t, " by=" OURS) &&
	       (!e->owner.n ||
		   (add(t, " owner=\"") && rj_buf_add(&t->text, e->owner) &&
		       add(t, "\""))) &&
	       add_signatures(t, r) && add_why(t, r, e->why) &&
	       rj_buf_add(&t->text, e->id) && add(t, "\n");
}

/* --- what is listed ------------------------------------------------------ */

static const struct rj_rank *
rank_of(const struct names *n, struct rj_str id)
{
	uintptr_t at = (uintptr_t)rj_map_get(&n->tests, id);

	return at && at != SEVERAL ? n->rank[at - 1] : NULL;
}

/* What stands between our attributes and the id is none of ours. */
static bool
keep_comments(struct rj_tending *t, const struct rj_listed *e)
{
	struct rj_str all = t->q->text;
	struct rj_str rest = rj_str_from(all, e->from);
	size_t from = e->from + rj_str_find(rest, RJ_STR("\n")) + 1;

	return from >= e->at ||
	       rj_buf_add(
		   &t->text, (struct rj_str){ all.s + from, e->at - from });
}

/* Keeps an entry, renews it, or drops it. */
static bool
tend_entry(struct names *n, const struct rj_listed *e)
{
	struct rj_tending *t = n->t;
	struct rj_str all = t->q->text;
	const struct rj_rank *r =
	    rj_str_eq(e->by, RJ_STR(OURS)) ? rank_of(n, e->id) : NULL;

	if (r && (r->state == REJUNIT_HEALTHY || r->state == REJUNIT_BROKEN ||
		     r->state == REJUNIT_ENVIRONMENT))
		return keep_comments(t, e) &&
		       note(t, RJ_DROPPED, e->id,
			   r->state == REJUNIT_HEALTHY ? "it recovered"
						       : "it is broken");
	if (r && r->state == REJUNIT_FLAKY && flakes_of(r) >= t->enter &&
	    e->last_day < t->q->today + RENEW_DAYS)
		return keep_comments(t, e) && add_entry(t, r, e, true) &&
		       note(t, RJ_RENEWED, e->id, "it still flakes");
	return rj_buf_add(
	    &t->text, (struct rj_str){ all.s + e->from, e->end - e->from });
}

static bool
is_listed(const struct rj_quarantine *q, struct rj_str id)
{
	return rj_map_get(&q->ids, id) != NULL;
}

/* What flakes, and nobody has listed. */
static bool
enter(struct names *n, const struct rj_rank *r)
{
	struct rj_tending *t = n->t;
	const struct rj_listed e = {
		.id = n->id[r->test - t->ranking->past.tests]
	};
	char why[96];

	if (r->state != REJUNIT_FLAKY || r->stale || flakes_of(r) < t->enter ||
	    is_listed(t->q, e.id))
		return true;
	if ((uintptr_t)rj_map_get(&n->tests, e.id) == SEVERAL)
		return note(
		    t, RJ_NOT_ENTERED, e.id, "several tests are called so");
	if (!e.id.n || rj_is_comment(e.id))
		return note(
		    t, RJ_NOT_ENTERED, r->id, "its id would be a comment");
	snprintf(
	    why, sizeof(why), "%u flakes in %u runs", flakes_of(r), r->runs);
	return note(t, RJ_ENTERED, e.id, why) && add_entry(t, r, &e, false);
}

/* --- the whole ----------------------------------------------------------- */

enum rejunit_status
rj_quarantine_tend(struct rj_tending *t)
{
	struct names n = { .t = t };
	enum rejunit_status status = name_tests(&n);
	size_t at = 0;
	bool ok = true;

	for (size_t i = 0; i < t->q->n && ok && !status; i++) {
		const struct rj_listed *e = &t->q->entry[i];

		ok = rj_buf_add(&t->text,
			 (struct rj_str){ t->q->text.s + at, e->from - at }) &&
		     tend_entry(&n, e);
		at = e->end;
	}
	if (ok && !status)
		ok = rj_buf_add(&t->text, rj_str_from(t->q->text, at));
	for (size_t i = 0; i < t->ranking->n && ok && !status; i++)
		ok = enter(&n, &t->ranking->tests[i]);
	free(n.id);
	free(n.rank);
	rj_map_free(&n.tests);
	rj_buf_free(&n.line);
	return status ? status
	       : ok   ? REJUNIT_OK
		      : rj_fail_memory(t->history->db.err);
}

void
rj_tending_free(struct rj_tending *t)
{
	free(t->change);
	rj_buf_free(&t->text);
	*t = (struct rj_tending){ .n = 0 };
}
