#include "history/tend.h"

#include <stdio.h>
#include <stdlib.h>

#include "history/clock.h"
#include "model/identity.h"

/* --- forgetting ----------------------------------------------------------- */

static enum rejunit_status
ask_number(struct rj_history *h, const char *sql, const struct rj_db_value *v,
    int n, int64_t *out)
{
	return rj_history_run(h, sql, v, n, rj_take_number, out);
}

enum rejunit_status
rj_history_prune(
    struct rj_history *h, int64_t before, int64_t *runs, int64_t *executions)
{
	/* what is referred to by nothing goes, too */
	static const char *const statements[] = {
		"DELETE FROM execution WHERE run IN "
		"(SELECT id FROM run WHERE at < $1)",
		"DELETE FROM report WHERE run IN "
		"(SELECT id FROM run WHERE at < $1)",
		"DELETE FROM run WHERE at < $1",
		"DELETE FROM test WHERE id IN "
		"(SELECT id FROM test EXCEPT SELECT test FROM execution)",
		"DELETE FROM words WHERE id IN "
		"(SELECT id FROM words EXCEPT SELECT words FROM execution)",
		"DELETE FROM place WHERE id IN "
		"(SELECT id FROM place EXCEPT SELECT place FROM execution)",
	};
	const struct rj_db_value time = rj_db_int(before);
	enum rejunit_status status = rj_history_begin(h, true);

	if (status)
		return status;
	status = ask_number(
	    h, "SELECT count(*) FROM run WHERE at < $1", &time, 1, runs);
	if (!status)
		status = ask_number(h,
		    "SELECT count(*) FROM execution WHERE run IN "
		    "(SELECT id FROM run WHERE at < $1)",
		    &time, 1, executions);
	for (int i = 0; i < 6 && !status && *runs; i++)
		status =
		    rj_history_run(h, statements[i], &time, i < 3, NULL, NULL);
	status = rj_history_end(h, status);
	/* it is forgotten, whether or not there is room for a smaller file */
	if (!status && *runs)
		(void)h->db.driver->tidy(&h->db, rj_clock_month(before));
	return status;
}

/* --- renaming ------------------------------------------------------------- */

struct named {
	int64_t id;
	struct rj_str classname;
	struct rj_str name;
	struct rj_str told;
};

struct renaming {
	struct rj_history *history;
	struct rj_arena arena;
	struct rj_str from;
	struct named *tests; /* that are meant */
	size_t n;
	size_t room;
};

/*
 * A test as it is listed: its class and "::", if it has one, its name, and
 * behind " @ " what tells it from its namesakes, unless all of them are meant.
 */
static bool
is_listed_as(const struct named *t, struct rj_str as)
{
	size_t n = t->classname.n ? t->classname.n + 2 : 0;

	if (t->told.n && as.n > t->told.n + 3 && rj_str_ends(as, t->told) &&
	    memcmp(as.s + as.n - t->told.n - 3, " @ ", 3) == 0)
		as.n -= t->told.n + 3;

	return as.n == n + t->name.n && rj_str_starts(as, t->classname) &&
	       (n == 0 || memcmp(as.s + t->classname.n, "::", 2) == 0) &&
	       rj_str_ends(as, t->name);
}

/* A class, or one of those below it. */
static bool
is_of_class(struct rj_str classname, struct rj_str of)
{
	return rj_str_starts(classname, of) &&
	       (classname.n == of.n ||
		   (classname.s[of.n] && strchr("./:$\\", classname.s[of.n])));
}

static enum rejunit_status
take_test(void *ctx, const struct rj_db_row *row)
{
	struct renaming *r = ctx;
	struct named t = { row->number(row, 0), row->text(row, 1),
		row->text(row, 2), row->text(row, 3) };
	void *tests;

	if (!is_listed_as(&t, r->from) && !is_of_class(t.classname, r->from))
		return REJUNIT_OK;
	tests = rj_grown(r->tests, r->n, &r->room, sizeof(*r->tests));
	if (!tests)
		return rj_fail_memory(r->history->db.err);
	r->tests = tests;
	r->tests[r->n++] = t;
	return rj_alloc_str(
		   &r->arena, t.classname, &r->tests[r->n - 1].classname) &&
		       rj_alloc_str(
			   &r->arena, t.name, &r->tests[r->n - 1].name) &&
		       rj_alloc_str(&r->arena, t.told, &r->tests[r->n - 1].told)
		   ? REJUNIT_OK
		   : rj_fail_memory(r->history->db.err);
}

static size_t
count_colons(struct rj_str s)
{
	size_t n = 0;

	for (size_t i = 0; i + 1 < s.n; i++)
		if (memcmp(s.s + i, "::", 2) == 0) {
			n++;
			i++;
		}
	return n;
}

/*
 * Parts a name where the old one was parted: as many "::" belong to its name as
 * did to the old one's, the others to its class.
 */
static bool
split(struct rj_str listed, const struct named *old, struct named *to)
{
	size_t all = count_colons(listed), in_name = count_colons(old->name);

	to->classname = (struct rj_str){ NULL, 0 };
	to->name = listed;
	if (old->classname.n == 0 && all == in_name)
		return listed.n > 0;
	for (size_t i = 0, met = 0; i + 1 < listed.n; i++)
		if (memcmp(listed.s + i, "::", 2) == 0) {
			if (++met + in_name == all) {
				to->classname = (struct rj_str){ listed.s, i };
				to->name = rj_str_from(listed, i + 2);
				return i > 0 && to->name.n > 0;
			}
			i++;
		}
	return false;
}

/* The new name of a test; false: it has none. */
static bool
name_anew(struct renaming *r, const struct named *t, struct rj_str to,
    struct named *out)
{
	struct rj_buf classname = { 0 };
	bool ok;

	*out = *t;
	if (is_listed_as(t, r->from))
		return split(to, t, out);
	ok = rj_buf_add(&classname, to) &&
	     rj_buf_add(&classname, rj_str_from(t->classname, r->from.n)) &&
	     rj_alloc_str(&r->arena, rj_buf_str(&classname), &out->classname);
	rj_buf_free(&classname);
	return ok;
}

static enum rejunit_status
set_names(struct rj_history *h, int64_t id, const struct named *to)
{
	const struct rj_str parts[] = { to->classname, to->name, to->told };
	const struct rj_db_value values[] = {
		rj_db_int(rj_history_hash(parts, 3)), rj_db_text(to->classname),
		rj_db_text(to->name), rj_db_text(to->told), rj_db_int(id)
	};

	return rj_history_run(h,
	    "UPDATE test SET hash = $1, classname = $2, name = $3, told = $4 "
	    "WHERE id = $5",
	    values, 5, NULL, NULL);
}

/* The test has a past under its new name: both become one. */
static enum rejunit_status
unite(struct rj_history *h, const struct named *t, int64_t with)
{
	const struct rj_db_value ids[] = { rj_db_int(with), rj_db_int(t->id) };
	int64_t both = 0;
	enum rejunit_status status = ask_number(h,
	    "SELECT count(DISTINCT a.run) FROM execution a JOIN execution b "
	    "ON a.run = b.run WHERE a.test = $1 AND b.test = $2",
	    ids, 2, &both);

	if (!status && both)
		status = rj_fail_at(h->db.err, REJUNIT_INPUT, h->db.name, 0, 0,
		    "%.*s::%.*s and what it would be renamed to were both in "
		    "%lld run%s: they are two tests",
		    RJ_SHOWN(t->classname), RJ_SHOWN(t->name), (long long)both,
		    both == 1 ? "" : "s");
	if (!status)
		status = rj_history_run(h,
		    "UPDATE execution SET test = $1 WHERE test = $2", ids, 2,
		    NULL, NULL);
	if (!status)
		status = rj_history_run(h, "DELETE FROM test WHERE id = $1",
		    &ids[1], 1, NULL, NULL);
	return status;
}

static enum rejunit_status
give_name(struct rj_history *h, const struct named *t, const struct named *to)
{
	const struct rj_str parts[] = { to->classname, to->name, to->told };
	const struct rj_db_value values[] = {
		rj_db_int(rj_history_hash(parts, 3)), rj_db_text(to->classname),
		rj_db_text(to->name), rj_db_text(to->told)
	};
	int64_t there = 0;
	enum rejunit_status status = ask_number(h,
	    "SELECT id FROM test WHERE hash = $1 AND classname = $2 "
	    "AND name = $3 AND told = $4",
	    values, 4, &there);

	if (status)
		return status;
	return there ? unite(h, t, there) : set_names(h, t->id, to);
}

/* Takes the old names away first: a new one may be another one's old one. */
static enum rejunit_status
rename_all(struct renaming *r, struct rj_str to)
{
	struct rj_history *h = r->history;
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < r->n && !status; i++) {
		const struct named none = { .told = RJ_STR("renaming") };
		struct named nowhere = none;
		char number[24];

		snprintf(
		    number, sizeof(number), "%lld", (long long)r->tests[i].id);
		nowhere.name = rj_str(number);
		status = set_names(h, r->tests[i].id, &nowhere);
	}
	for (size_t i = 0; i < r->n && !status; i++) {
		struct named new;

		if (name_anew(r, &r->tests[i], to, &new))
			status = give_name(h, &r->tests[i], &new);
		else
			status = rj_fail(h->db.err, REJUNIT_USAGE,
			    "\"%.*s\" is no name for a test: it is written "
			    "as classname::name",
			    RJ_SHOWN(to));
	}
	return status;
}

/* Names are kept in their normal form. */
static bool
normalise(struct renaming *r, struct rj_str *name)
{
	struct rj_buf normal = { 0 };
	bool ok = rj_is_ascii(*name) ||
		  (rj_nfc(&normal, *name) &&
		      rj_alloc_str(&r->arena, rj_buf_str(&normal), name));

	rj_buf_free(&normal);
	return ok;
}

enum rejunit_status
rj_history_rename(
    struct rj_history *h, struct rj_str from, struct rj_str to, size_t *tests)
{
	struct renaming r = { .history = h };
	enum rejunit_status status = REJUNIT_OK;

	if (!normalise(&r, &from) || !normalise(&r, &to))
		status = rj_fail_memory(h->db.err);
	r.from = from;
	if (!status)
		status = rj_history_run(h,
		    "SELECT id, classname, name, told FROM test "
		    "ORDER BY classname, name, told",
		    NULL, 0, take_test, &r);

	if (!status && r.n == 0)
		status = rj_fail_at(h->db.err, REJUNIT_INPUT, h->db.name, 0, 0,
		    "has no test \"%.*s\"", RJ_SHOWN(from));
	if (!status)
		status = rename_all(&r, to);
	*tests = status ? 0 : r.n;
	free(r.tests);
	rj_arena_free(&r.arena);
	return status;
}

/* --- checking ------------------------------------------------------------- */

struct checking {
	rj_finding_fn *take;
	void *ctx;
	struct rejunit_error *err;
};

static enum rejunit_status
take_finding(void *ctx, const struct rj_db_row *row)
{
	const struct checking *c = ctx;
	struct rj_str what = row->text(row, 0);

	/* what the engine says of a sound file */
	if (rj_str_eq(what, RJ_STR("ok")))
		return REJUNIT_OK;
	return c->take(c->ctx, what) ? REJUNIT_OK : rj_fail_memory(c->err);
}

enum rejunit_status
rj_history_check(struct rj_history *h, rj_finding_fn *take, void *ctx)
{
	static const struct {
		const char *sql;
		const char *what;
	} wrong[] = {
		{ "SELECT count(*) FROM execution WHERE run NOT IN "
		  "(SELECT id FROM run)",
		    "executions of no run" },
		{ "SELECT count(*) FROM execution WHERE test NOT IN "
		  "(SELECT id FROM test)",
		    "executions of no test" },
		{ "SELECT count(*) FROM execution WHERE words IS NOT NULL "
		  "AND words NOT IN (SELECT id FROM words)",
		    "executions whose words are gone" },
		{ "SELECT count(*) FROM execution WHERE place IS NOT NULL "
		  "AND place NOT IN (SELECT id FROM place)",
		    "executions whose place is gone" },
		{ "SELECT count(*) FROM report WHERE run NOT IN "
		  "(SELECT id FROM run)",
		    "reports of no run" },
		{ "SELECT count(*) - count(DISTINCT run) FROM run",
		    "runs that have another one's name" },
		{ "SELECT count(*) FROM (SELECT 1 FROM test GROUP BY "
		  "classname, name, told HAVING count(*) > 1) AS twice",
		    "tests that stand there twice" },
		{ "SELECT count(*) FROM execution WHERE outcome NOT BETWEEN 1 "
		  "AND 5 OR part < 0 OR time < 0",
		    "executions that say what cannot be" },
	};
	const struct checking c = { take, ctx, h->db.err };
	enum rejunit_status status =
	    h->db.driver->check(&h->db, take_finding, (void *)&c);

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong) && !status; i++) {
		int64_t n = 0;
		char text[128];

		status = ask_number(h, wrong[i].sql, NULL, 0, &n);
		if (status || n == 0)
			continue;
		snprintf(
		    text, sizeof(text), "%lld %s", (long long)n, wrong[i].what);
		if (!take(ctx, rj_str(text)))
			status = rj_fail_memory(h->db.err);
	}
	return status;
}
