#include "investigate/investigate.h"

#include <stdio.h>
#include <stdlib.h>

#define SHOWN 5 /* of several that are meant */

/* --- which test ---------------------------------------------------------- */

/* Another name of a test: the id that its runner takes back. */
struct alias {
	struct rj_str id;
	unsigned int test; /* its place in the past */
};

struct search {
	struct rj_history *history;
	const struct rj_past *past;
	struct rj_arena arena;
	struct alias *aliases;
	size_t n;
	size_t room;
};

static enum rejunit_status
take_alias(void *ctx, const struct rj_db_row *row)
{
	struct search *s = ctx;
	const struct rj_past *p = s->past;
	unsigned int test =
	    rj_past_place(p->test_at, p->n_test_at, row->number(row, 0));
	void *more;

	if (!test || p->tests[test - 1].n == 0 ||
	    !rj_past_place(p->run_at, p->n_run_at, row->number(row, 2)))
		return REJUNIT_OK;
	more = rj_grown(s->aliases, s->n, &s->room, sizeof(*s->aliases));
	if (!more)
		return rj_fail_memory(s->history->db.err);
	s->aliases = more;
	s->aliases[s->n].test = test - 1;
	return rj_alloc_str(
		   &s->arena, row->text(row, 1), &s->aliases[s->n++].id)
		   ? REJUNIT_OK
		   : rj_fail_memory(s->history->db.err);
}

/* Tests whose names, or aliases, are that, or have it in them. */
struct meant {
	bool *is; /* by test */
	size_t n;
};

static void
mean(struct meant *m, unsigned int test)
{
	m->n += !m->is[test];
	m->is[test] = true;
}

/* What of a test is to be that: its id, its name, or a part of an id. */
enum by {
	BY_ID,
	BY_NAME,
	BY_PART,
};

static bool
is_meant(struct rj_str id, struct rj_str wanted, enum by by)
{
	return by == BY_PART ? rj_str_find(id, wanted) < id.n
			     : rj_str_eq(id, wanted);
}

static void
search(
    const struct search *s, struct rj_str wanted, enum by by, struct meant *m)
{
	for (size_t i = 0; i < s->past->n_tests; i++) {
		const struct rj_past_test *t = &s->past->tests[i];

		if (t->n &&
		    is_meant(by == BY_NAME ? t->name : t->id, wanted, by))
			mean(m, (unsigned int)i);
	}
	for (size_t i = 0; i < s->n && by != BY_NAME; i++)
		if (is_meant(s->aliases[i].id, wanted, by))
			mean(m, s->aliases[i].test);
}

static enum rejunit_status
refuse(const struct search *s, struct rj_str wanted, const struct meant *m)
{
	struct rejunit_error *err = s->history->db.err;
	struct rj_buf names = { 0 };
	bool ok = true;

	if (m->n == 0)
		return rj_fail(err, REJUNIT_USAGE,
		    "no test of these runs is called %.*s", RJ_SHOWN(wanted));
	for (size_t i = 0, shown = 0;
	     shown < SHOWN && i < s->past->n_tests && ok; i++)
		if (m->is[i])
			ok = rj_buf_add(&names, rj_str(shown++ ? ", " : "")) &&
			     rj_buf_add_visible(&names,
				 rj_str_cut(rj_past_id(s->past, i), 80));
	if (ok)
		(void)rj_fail(err, REJUNIT_USAGE,
		    "%.*s is in the ids of %zu tests: %.*s%s", RJ_SHOWN(wanted),
		    m->n, (int)names.n, names.s, m->n > SHOWN ? ", …" : "");
	rj_buf_free(&names);
	return ok ? REJUNIT_USAGE : rj_fail_memory(err);
}

static enum rejunit_status
find_test(struct search *s, struct rj_str wanted, unsigned int *test)
{
	struct meant m = { .n = 0 };
	enum rejunit_status status = rj_history_run(s->history,
	    "SELECT DISTINCT e.test, p.id_of_runner, e.run FROM execution e "
	    "JOIN place p ON p.id = e.place WHERE p.id_of_runner <> ''",
	    NULL, 0, take_alias, s);

	if (status)
		return status;
	m.is = rj_alloc_n(&s->arena, s->past->n_tests + 1, sizeof(*m.is));
	if (!m.is)
		return rj_fail_memory(s->history->db.err);
	for (int by = BY_ID; by <= BY_PART && wanted.n && m.n == 0; by++)
		search(s, wanted, (enum by)by, &m);
	if (m.n != 1)
		return refuse(s, wanted, &m);
	for (size_t i = 0; i < s->past->n_tests; i++)
		if (m.is[i])
			*test = (unsigned int)i;
	return REJUNIT_OK;
}

/* --- the whole ----------------------------------------------------------- */

enum rejunit_status
rj_investigate(struct rj_investigation **out, struct rj_history *h,
    struct rj_str test, const struct rj_rank_options *o)
{
	struct rj_investigation *i = calloc(1, sizeof(*i));
	struct search s = { .history = h };
	unsigned int at = 0;
	enum rejunit_status status;

	*out = NULL;
	if (!i)
		return rj_fail_memory(h->db.err);
	s.past = &i->ranking.past;
	status = rj_rank(&i->ranking, h, o);
	if (!status)
		status = find_test(&s, test, &at);
	free(s.aliases);
	rj_arena_free(&s.arena);
	if (!status)
		status = rj_causes_find(&i->causes, h, &i->ranking, at, true);
	if (status)
		rj_investigation_free(i);
	else
		*out = i;
	return status;
}

void
rj_investigation_free(struct rj_investigation *i)
{
	if (!i)
		return;
	rj_causes_free(&i->causes);
	rj_ranking_free(&i->ranking);
	free(i);
}

enum rejunit_status
rj_investigation_write(const struct rj_investigation *i,
    enum rejunit_format format, rejunit_write_fn *write, void *ctx,
    struct rejunit_error *err)
{
	struct rj_out out;
	enum rejunit_status status = rj_out_open(&out, NULL, write, ctx, err);

	if (!status && format == REJUNIT_JSON)
		rj_investigation_json(&out, i);
	else if (!status)
		rj_investigation_markdown(&out, i);
	if (!status)
		status = rj_out_flush(&out);
	rj_out_close(&out);
	return status;
}
