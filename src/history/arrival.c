#include "history/arrival.h"

#include <stdio.h>

/* What a run of that name has so far. */
struct so_far {
	const struct rj_record *record;
	struct rj_map tests; /* of the record, by their keys, from 1 on */
	struct rj_buf key;
	bool there;
	bool same_host;
	bool no_memory;
	size_t common; /* tests that both have */
	unsigned int latest; /* attempt */
	struct rj_arena arena;
	bool *bad; /* of the record's tests, in the latest attempt they had */
	bool *has;
};

static bool
put_key(struct so_far *s, const struct rj_str *parts)
{
	s->key.n = 0;
	for (int i = 0; i < 3; i++)
		if (!rj_buf_add(&s->key, parts[i]) ||
		    !rj_buf_add(&s->key, RJ_STR("\0")))
			return false;
	return true;
}

static enum rejunit_status
take_run(void *ctx, const struct rj_db_row *row)
{
	struct so_far *s = ctx;

	s->there = true;
	s->same_host = rj_str_eq(row->text(row, 0), s->record->host);
	return REJUNIT_OK;
}

/* Executions come in the order of their attempts. */
static enum rejunit_status
take_execution(void *ctx, const struct rj_db_row *row)
{
	struct so_far *s = ctx;
	const struct rj_str parts[] = { row->text(row, 0), row->text(row, 1),
		row->text(row, 2) };
	unsigned int attempt = (unsigned int)row->number(row, 3);
	uintptr_t place;

	if (attempt > s->latest)
		s->latest = attempt;
	if (!put_key(s, parts)) {
		s->no_memory = true;
		return REJUNIT_OK;
	}
	place = (uintptr_t)rj_map_get(&s->tests, rj_buf_str(&s->key));
	if (!place)
		return REJUNIT_OK;
	s->common += !s->has[place - 1];
	s->has[place - 1] = true;
	s->bad[place - 1] =
	    rejunit_is_bad((enum rejunit_verdict)row->number(row, 4));
	return REJUNIT_OK;
}

static enum rejunit_status
look_at(struct rj_history *h, struct so_far *s, struct rj_str name)
{
	const struct rj_db_value run[] = { rj_db_text(name) };
	enum rejunit_status status;

	s->there = false;
	s->common = s->latest = 0;
	for (size_t i = 0; i < s->record->n; i++)
		s->has[i] = s->bad[i] = false;
	status = h->db.driver->run(
	    &h->db, "SELECT host FROM run WHERE run = $1", run, 1, take_run, s);
	if (status || !s->there)
		return status;
	status = h->db.driver->run(&h->db,
	    "SELECT t.classname, t.name, t.told, e.attempt, e.outcome "
	    "FROM run r JOIN execution e ON e.run = r.id "
	    "JOIN test t ON t.id = e.test WHERE r.run = $1 "
	    "ORDER BY e.attempt, e.test, e.entry",
	    run, 1, take_execution, s);
	return s->no_memory ? rj_fail_memory(h->db.err) : status;
}

/* All tests that the run has, too, had failed there. */
static bool
is_rerun(const struct so_far *s)
{
	for (size_t i = 0; i < s->record->n; i++)
		if (s->has[i] && !s->bad[i])
			return false;
	return s->common > 0 && s->same_host;
}

static enum rejunit_status
take_known(void *ctx, const struct rj_db_row *row)
{
	(void)row;
	*(bool *)ctx = true;
	return REJUNIT_OK;
}

static enum rejunit_status
choose(struct rj_history *h, struct rj_record *r, struct so_far *s,
    struct rj_arena *a, unsigned int *shift, bool *known)
{
	struct rj_str given = r->run;
	const struct rj_db_value digest[] = { rj_db_text(r->digest),
		rj_db_text(given) };
	enum rejunit_status status = h->db.driver->run(&h->db,
	    "SELECT 1 FROM report p JOIN run r ON r.id = p.run "
	    "WHERE p.digest = $1 AND (r.run = $2 OR substr(r.run, 1, "
	    "length($2) + 1) = $2 || '~')",
	    digest, 2, take_known, known);

	for (unsigned int n = 2; !status && !*known; n++) {
		char ending[16];

		status = look_at(h, s, r->run);
		if (status || !s->there || s->common == 0)
			break;
		if (is_rerun(s)) {
			*shift = s->latest + 1;
			break;
		}
		snprintf(ending, sizeof(ending), "~%u", n);
		s->key.n = 0;
		if (!rj_buf_add(&s->key, given) ||
		    !rj_buf_add(&s->key, rj_str(ending)) ||
		    !rj_alloc_str(a, rj_buf_str(&s->key), &r->run))
			return rj_fail_memory(h->db.err);
	}
	return status;
}

enum rejunit_status
rj_arrive(struct rj_history *h, struct rj_record *r, struct rj_arena *a,
    unsigned int *shift, bool *known)
{
	struct so_far s = { .record = r };
	enum rejunit_status status = REJUNIT_OK;
	bool ok;

	*shift = 0;
	*known = false;
	s.bad = rj_alloc_n(&s.arena, r->n + 1, sizeof(*s.bad));
	s.has = rj_alloc_n(&s.arena, r->n + 1, sizeof(*s.has));
	ok = s.bad && s.has;
	for (size_t i = 0; i < r->n && ok; i++) {
		const struct rj_str parts[] = { r->tests[i].classname,
			r->tests[i].name, r->tests[i].told };

		ok = put_key(&s, parts) &&
		     rj_map_put_copy(&s.tests, &s.arena, rj_buf_str(&s.key),
			 (void *)(uintptr_t)(i + 1));
	}
	status =
	    ok ? choose(h, r, &s, a, shift, known) : rj_fail_memory(h->db.err);
	rj_map_free(&s.tests);
	rj_buf_free(&s.key);
	rj_arena_free(&s.arena);
	return status;
}
