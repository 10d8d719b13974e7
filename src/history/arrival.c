#include "history/arrival.h"

#include <stdio.h>

/* What a run of that name has so far. */
struct so_far {
	struct rj_history *history;
	struct rj_record *record;
	struct rj_arena *texts; /* where the record's live */
	struct rj_map tests; /* of the record, by their keys, from 1 on */
	struct rj_buf key;
	int64_t run; /* its number; 0: there is none of that name */
	bool same; /* as far as it is said: host, commit and branch */
	bool no_memory;
	size_t common; /* tests that both have */
	unsigned int latest; /* attempt */
	struct rj_arena arena;
	/* of the record's tests: the latest attempt that they had, from 1 on,
	   and whether they failed in it */
	unsigned int *attempt;
	bool *bad;
};

/* Two words do not differ, as far as both are said. */
static bool
agree(struct rj_str a, struct rj_str b)
{
	return a.n == 0 || b.n == 0 || rj_str_eq(a, b);
}

static enum rejunit_status
take_run(void *ctx, const struct rj_db_row *row)
{
	struct so_far *s = ctx;
	const struct rj_record *r = s->record;

	s->run = row->number(row, 0);
	s->same = rj_str_eq(row->text(row, 1), r->host) &&
		  agree(row->text(row, 2), r->commit) &&
		  agree(row->text(row, 3), r->branch) &&
		  agree(row->text(row, 4), r->job) &&
		  rj_str_eq(row->text(row, 5), r->kind);
	return REJUNIT_OK;
}

/*
 * A test that stands alone in its report may be one that had namesakes before,
 * from which its file or its suites told it: then they do so now. False: out of
 * memory.
 */
static bool
find_namesake(struct so_far *s, const struct rj_db_row *row, uintptr_t *place)
{
	struct rj_str told = row->text(row, 2);
	struct rj_record_test *t;
	uintptr_t at;

	if (!told.n)
		return true;
	if (!rj_record_key(&s->key, row->text(row, 0), row->text(row, 1),
		(struct rj_str){ NULL, 0 }))
		return false;
	at = (uintptr_t)rj_map_get(&s->tests, rj_buf_str(&s->key));
	t = at ? &s->record->tests[at - 1] : NULL;
	if (!t || (t->told.n && !rj_str_eq(t->told, told)) ||
	    (!rj_str_eq(t->file, told) && !rj_str_eq(t->suites, told)))
		return true;
	*place = at;
	return t->told.n || rj_alloc_str(s->texts, told, &t->told);
}

/* Executions come in the order of their attempts. */
static enum rejunit_status
take_execution(void *ctx, const struct rj_db_row *row)
{
	struct so_far *s = ctx;
	unsigned int attempt = (unsigned int)(row->number(row, 3) >> 32);
	bool bad = rejunit_is_bad((enum rejunit_verdict)row->number(row, 4));
	uintptr_t place;

	if (attempt > s->latest)
		s->latest = attempt;
	if (!rj_record_key(&s->key, row->text(row, 0), row->text(row, 1),
		row->text(row, 2))) {
		s->no_memory = true;
		return REJUNIT_OK;
	}
	place = (uintptr_t)rj_map_get(&s->tests, rj_buf_str(&s->key));
	if (!place && !find_namesake(s, row, &place))
		return rj_fail_memory(s->history->db.err);
	if (!place--)
		return REJUNIT_OK;
	s->common += s->attempt[place] == 0;
	if (s->attempt[place] != attempt + 1)
		s->bad[place] = false;
	s->attempt[place] = attempt + 1;
	s->bad[place] = s->bad[place] || bad;
	return REJUNIT_OK;
}

static enum rejunit_status
find_run(struct rj_history *h, struct so_far *s, struct rj_str name)
{
	const struct rj_db_value run[] = { rj_db_int(rj_history_hash(&name, 1)),
		rj_db_text(name) };

	s->run = 0;
	return rj_history_run(h,
	    "SELECT id, host, commit_id, branch, job, kind FROM run "
	    "WHERE hash = $1 AND run = $2",
	    run, 2, take_run, s);
}

static enum rejunit_status
look_at(struct rj_history *h, struct so_far *s, struct rj_str name)
{
	enum rejunit_status status = find_run(h, s, name);
	const struct rj_db_value run[] = { rj_db_int(s->run) };

	s->common = s->latest = 0;
	for (size_t i = 0; i < s->record->n; i++)
		s->attempt[i] = 0;
	if (status || !s->run)
		return status;
	status = rj_history_run(h,
	    "SELECT t.classname, t.name, t.told, e.part, e.outcome "
	    "FROM execution e JOIN test t ON t.id = e.test WHERE e.run = $1 "
	    "ORDER BY e.part",
	    run, 1, take_execution, s);
	return s->no_memory ? rj_fail_memory(h->db.err) : status;
}

/* All tests that the run has, too, had failed there. */
static bool
is_rerun(const struct so_far *s)
{
	for (size_t i = 0; i < s->record->n; i++)
		if (s->attempt[i] && !s->bad[i])
			return false;
	return s->common > 0 && s->same;
}

/* Names that runs get which have another one's: r, r~2, r~3… */
static bool
name_again(
    struct rj_arena *a, struct rj_str given, unsigned int n, struct rj_str *out)
{
	struct rj_buf name = { 0 };
	char ending[16] = "";
	bool ok;

	if (n > 1)
		snprintf(ending, sizeof(ending), "~%u", n);
	ok = rj_buf_add(&name, given) && rj_buf_add(&name, rj_str(ending)) &&
	     rj_alloc_str(a, rj_buf_str(&name), out);
	rj_buf_free(&name);
	return ok;
}

/* --- the same report ------------------------------------------------------ */

struct digest {
	struct rj_history *history;
	struct rj_str name; /* absent: any */
	struct rj_arena *arena;
	struct rj_str *run;
};

/* It is the name, or the one that a further run of that name got. */
static bool
is_named(struct rj_str run, struct rj_str name)
{
	if (!rj_str_starts(run, name) || run.n == name.n)
		return name.n == 0 || rj_str_eq(run, name);
	if (name.n == 0 || run.s[name.n] != '~')
		return name.n == 0;
	return rj_str_number(rj_str_from(run, name.n + 1)) > 1;
}

static enum rejunit_status
take_named(void *ctx, const struct rj_db_row *row)
{
	const struct digest *d = ctx;

	if (d->run->n || !is_named(row->text(row, 0), d->name))
		return REJUNIT_OK;
	return rj_alloc_str(d->arena, row->text(row, 0), d->run)
		   ? REJUNIT_OK
		   : rj_fail_memory(d->history->db.err);
}

enum rejunit_status
rj_find_report(struct rj_history *h, struct rj_str digest, struct rj_str name,
    struct rj_arena *a, struct rj_str *run)
{
	const struct rj_db_value value = rj_db_text(digest);
	struct digest d = { h, name, a, run };

	*run = (struct rj_str){ NULL, 0 };
	return rj_history_run(h,
	    "SELECT r.run FROM report p JOIN run r ON r.id = p.run "
	    "WHERE p.digest = $1 ORDER BY r.run",
	    &value, 1, take_named, &d);
}

/* --- another one --------------------------------------------------------- */

static enum rejunit_status
choose(struct rj_history *h, struct rj_record *r, struct so_far *s,
    struct rj_arena *a, unsigned int *shift)
{
	struct rj_str given = r->run;
	enum rejunit_status status = REJUNIT_OK;

	for (unsigned int n = 2; !status; n++) {
		status = look_at(h, s, r->run);
		if (status || !s->run || (s->common == 0 && s->same))
			break;
		if (is_rerun(s)) {
			*shift = s->latest + 1;
			break;
		}
		if (!name_again(a, given, n, &r->run))
			return rj_fail_memory(h->db.err);
	}
	return status;
}

enum rejunit_status
rj_arrive(struct rj_history *h, struct rj_record *r, struct rj_arena *a,
    unsigned int *shift)
{
	struct so_far s = { .history = h, .record = r, .texts = a };
	enum rejunit_status status = REJUNIT_OK;
	bool ok;

	*shift = 0;
	/* most runs are new */
	status = find_run(h, &s, r->run);
	if (status || !s.run)
		return status;
	s.bad = rj_alloc_n(&s.arena, r->n + 1, sizeof(*s.bad));
	s.attempt = rj_alloc_n(&s.arena, r->n + 1, sizeof(*s.attempt));
	ok = s.bad && s.attempt;
	for (size_t i = 0; i < r->n && ok; i++) {
		const struct rj_record_test *t = &r->tests[i];

		ok = rj_record_key(&s.key, t->classname, t->name, t->told) &&
		     rj_map_put_copy(&s.tests, &s.arena, rj_buf_str(&s.key),
			 (void *)(uintptr_t)(i + 1));
	}
	status = ok ? choose(h, r, &s, a, shift) : rj_fail_memory(h->db.err);
	rj_map_free(&s.tests);
	rj_buf_free(&s.key);
	rj_arena_free(&s.arena);
	return status;
}
