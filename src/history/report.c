#include "history/report.h"

#include <stdlib.h>

#include "base/map.h"
#include "history/clock.h"
#include "model/identity.h"
#include "out/json.h"

/* An entry of a report, before its namesakes are told apart. */
struct entry {
	struct rj_record_test test;
	struct rj_str key; /* its names at once, with a NUL behind each */
	struct rj_str path; /* of its suite, its names with a NUL each */
	size_t next; /* of the same names, in order; none: NONE */
	size_t last; /* of the first one: the last one of them */
	bool is_first;
};

#define NONE SIZE_MAX

/* What is known of all cases of a suite. */
struct level {
	struct level *up;
	struct rj_facts facts;
	struct rj_str json; /* the same */
};

struct taking {
	struct rj_record *record;
	struct rj_arena *arena;
	struct rejunit_error *err;
	struct entry *entries;
	size_t n;
	size_t room;
	struct rj_map first; /* entries by their names, from 1 on */
	struct rj_str path; /* of suites, that came last, */
	struct rj_str json; /* as an array of JSON, */
	struct rj_str suites; /* and with slashes */
	struct rj_str of_json; /* the path that this is */
	const struct rj_fact_list *listed;
	size_t *passes; /* that are left out; NULL: none is */
	size_t *unnamed; /* failures of no test; NULL: nobody asks */
	struct level *level; /* the innermost suite's */
	struct rj_facts of_case; /* that comes next */
	struct rj_buf key;
};

static struct rj_str
str(struct rejunit_string s)
{
	return (struct rj_str){ s.s, s.n };
}

static bool
copy(struct taking *t, struct rejunit_string from, struct rj_str *to)
{
	return rj_alloc_str(t->arena, str(from), to);
}

static bool
add_name(struct rj_buf *out, struct rj_str name)
{
	return rj_is_ascii(name) ? rj_buf_add(out, name) : rj_nfc(out, name);
}

/* Its names in their normal form. */
static bool
copy_names(struct taking *t, const struct rejunit_case *c, struct entry *e)
{
	size_t n;

	t->key.n = 0;
	if (!add_name(&t->key, str(c->classname)))
		return false;
	n = t->key.n;
	if (!rj_buf_add(&t->key, RJ_STR("\0")) ||
	    !add_name(&t->key, str(c->name)) ||
	    !rj_buf_add(&t->key, RJ_STR("\0")) ||
	    !rj_alloc_str(t->arena, rj_buf_str(&t->key), &e->key))
		return false;
	e->test.classname = (struct rj_str){ e->key.s, n };
	e->test.name = (struct rj_str){ e->key.s + n + 1, e->key.n - n - 2 };
	return true;
}

static enum rejunit_status
begin_suite(void *ctx, const struct rejunit_suite *s)
{
	struct taking *t = ctx;
	struct rj_record *r = t->record;
	struct level *l = rj_alloc(t->arena, sizeof(*l));
	int64_t at;

	if (!l)
		return rj_fail_memory(t->err);
	if (t->level)
		*l = *t->level;
	l->up = t->level;
	t->level = l;
	if (!r->host.n && s->hostname.n && !copy(t, s->hostname, &r->host))
		return rj_fail_memory(t->err);
	/* some write the year 1 for want of a time */
	if (r->at == 0 && s->timestamp.n &&
	    rj_clock_read(str(s->timestamp), &at) && rj_clock_is_sane(at)) {
		r->at = at;
		r->zoneless = rj_clock_is_zoneless(str(s->timestamp));
	}
	return REJUNIT_OK;
}

static enum rejunit_status
end_suite(void *ctx, const struct rejunit_suite *s)
{
	struct taking *t = ctx;

	(void)s;
	t->level = t->level->up;
	return REJUNIT_OK;
}

static enum rejunit_status
take_property(void *ctx, bool of_case, struct rejunit_string name,
    struct rejunit_string value)
{
	struct taking *t = ctx;
	struct level *l = t->level;

	if (!l || !rj_is_fact(t->listed, str(name)))
		return REJUNIT_OK;
	if (rj_fact_set(of_case ? &t->of_case : &l->facts, t->arena, str(name),
		str(value)) &&
	    (of_case || rj_facts_write(&l->facts, t->arena, &l->json)))
		return REJUNIT_OK;
	return rj_fail_memory(t->err);
}

/* What is known of a case: that of its suites, and its own in place of it. */
static bool
give_facts(struct taking *t, struct entry *e)
{
	struct rj_str json = t->level ? t->level->json : RJ_STR("");
	struct rj_facts all;
	bool ok = true;

	if (t->of_case.n && t->level) {
		all = t->level->facts;
		for (size_t i = 0; i < t->of_case.n && ok; i++)
			ok = rj_fact_set(&all, t->arena,
			    t->of_case.fact[i].name, t->of_case.fact[i].value);
		ok = ok && rj_facts_write(&all, t->arena, &json);
		t->of_case.n = 0;
	}
	for (size_t i = 0; i < e->test.n; i++)
		e->test.executions[i].facts = json;
	return ok;
}

/* A further attempt of the entry that came last. */
static struct rj_record_execution *
add_execution(struct taking *t, struct entry *e, enum rejunit_verdict outcome)
{
	struct rj_record_execution *x = rj_record_execution(&e->test);

	if (!x)
		return NULL;
	x->attempt = (unsigned int)e->test.n - 1;
	x->outcome = outcome;
	x->position = (int64_t)t->n - 1;
	return x;
}

static enum rejunit_status
take_executions(struct taking *t, struct entry *e, const struct rejunit_case *c)
{
	struct rejunit_execution x;

	for (size_t step = 0;;) {
		struct rj_record_execution *to;
		enum rejunit_status status =
		    rejunit_case_next(c, &step, &x, t->err);

		if (status || x.outcome == REJUNIT_ABSENT)
			return status;
		to = add_execution(t, e, x.outcome);
		if (!to)
			return rj_fail_memory(t->err);
		if (!copy(t, x.type, &to->type) ||
		    !copy(t, x.message, &to->message) ||
		    !rj_alloc_str(t->arena,
			rj_str_cut(str(x.trace), RJ_TRACE_MAX), &to->trace) ||
		    !copy(t, x.signature, &to->signature))
			return rj_fail_memory(t->err);
	}
}

/* Cases of one suite have one path. */
static bool
share_path(struct taking *t, struct rj_str path, struct rj_str *to)
{
	if (!rj_str_eq(path, t->path) &&
	    !rj_alloc_str(t->arena, path, &t->path))
		return false;
	*to = t->path;
	return true;
}

/* The id that its runner takes back, where it is not the names at once. */
static bool
copy_id(struct taking *t, const struct rejunit_case *c, struct entry *e)
{
	struct rj_str id = rj_str(rejunit_case_id(c)), cls = str(c->classname);
	bool is_of_names = rj_str_ends(id, str(c->name));
	size_t n = id.n - c->name.n; /* in front of it */

	if (is_of_names && cls.n)
		is_of_names =
		    n == cls.n + 2 && rj_str_starts(id, cls) &&
		    rj_str_ends((struct rj_str){ id.s, n }, RJ_STR("::"));
	else if (is_of_names)
		is_of_names = n == 0;
	return id.s && (is_of_names || rj_alloc_str(t->arena, id, &e->test.id));
}

static bool
chain(struct taking *t, size_t i)
{
	struct entry *e = &t->entries[i];
	uintptr_t known = (uintptr_t)rj_map_get(&t->first, e->key);

	if (known) {
		struct entry *first = &t->entries[known - 1];

		t->entries[first->last].next = i;
		first->last = i;
		return true;
	}
	e->is_first = true;
	e->last = i;
	return rj_map_put(&t->first, e->key, (void *)(uintptr_t)(i + 1));
}

static enum rejunit_status
take_test(void *ctx, const struct rejunit_case *c)
{
	struct taking *t = ctx;
	enum rejunit_status status;
	struct entry *e;
	void *more;

	if (t->passes && c->outcome == REJUNIT_PASSED && !c->is_flaky) {
		++*t->passes;
		t->of_case.n = 0;
		return REJUNIT_OK;
	}
	/* what has no name cannot be found again */
	if (!c->name.n && !c->classname.n) {
		if (t->unnamed)
			*t->unnamed += rejunit_is_bad(c->outcome);
		t->of_case.n = 0;
		return REJUNIT_OK;
	}
	more = rj_grown(t->entries, t->n, &t->room, sizeof(*t->entries));
	if (!more)
		return rj_fail_memory(t->err);
	t->entries = more;
	e = &t->entries[t->n++];
	*e = (struct entry){ .next = NONE };
	if (!copy_names(t, c, e) || !copy(t, c->file, &e->test.file) ||
	    !copy_id(t, c, e) || !share_path(t, str(c->suite_path), &e->path) ||
	    !chain(t, t->n - 1))
		return rj_fail_memory(t->err);
	/* most cases passed, and have nothing more to say */
	if (c->outcome == REJUNIT_PASSED && !c->is_flaky)
		status = add_execution(t, e, c->outcome)
			     ? REJUNIT_OK
			     : rj_fail_memory(t->err);
	else
		status = take_executions(t, e, c);
	if (!status && !give_facts(t, e))
		status = rj_fail_memory(t->err);
	/* what the case says it took is its last attempt's */
	if (!status && e->test.n)
		e->test.executions[e->test.n - 1].time =
		    c->nanoseconds < RJ_TIME_MAX ? c->nanoseconds : RJ_TIME_MAX;
	return status;
}

/* Failures outside of all cases. */
static enum rejunit_status
take_end(void *ctx, const struct rejunit_report *r)
{
	struct taking *t = ctx;

	if (t->unnamed)
		*t->unnamed += r->loose;
	return REJUNIT_OK;
}

/* --- namesakes ------------------------------------------------------------ */

static struct rj_str
file_of(const struct entry *e)
{
	return e->test.file;
}

static struct rj_str
path_of(const struct entry *e)
{
	return e->path;
}

/* Each of an entry's namesakes has this, and no two the same. */
static bool
tells_apart(struct taking *t, size_t first,
    struct rj_str (*what)(const struct entry *e), bool *does)
{
	struct rj_map met = { 0 };
	bool ok = true;

	*does = true;
	for (size_t i = first; i != NONE && *does && ok;
	     i = t->entries[i].next) {
		struct rj_str s = what(&t->entries[i]);

		*does = s.n && !rj_map_get(&met, s);
		ok = !*does || rj_map_put(&met, s, t);
	}
	rj_map_free(&met);
	return ok;
}

/* A path of suites on one line. */
static bool
write_path(struct taking *t, struct rj_str path, struct rj_str *out)
{
	char *s;

	if (!rj_alloc_str(t->arena, path, out))
		return false;
	s = (char *)out->s;
	for (size_t i = 0; i < out->n; i++)
		if (s[i] == '\0')
			s[i] = '/';
	out->n -= out->n > 0;
	return true;
}

/* The path of suites as an array of JSON. */
static bool
write_suite_path(struct taking *t, struct rj_str path, struct rj_str *out)
{
	struct rj_buf *b = &t->key;
	bool ok = true;

	if (path.n == 0)
		return true;
	b->n = 0;
	ok = rj_buf_add(b, RJ_STR("["));
	while (path.n && ok) {
		const char *end = memchr(path.s, '\0', path.n);
		size_t n = end ? (size_t)(end - path.s) : path.n;

		ok = (b->n == 1 || rj_buf_add(b, RJ_STR(","))) &&
		     rj_json_quote(b, (struct rj_str){ path.s, n });
		path = rj_str_from(path, n + (end != NULL));
	}
	return ok && rj_buf_add(b, RJ_STR("]")) &&
	       rj_alloc_str(t->arena, rj_buf_str(b), out);
}

/* Where an entry stands goes with its test. */
static bool
set_place(struct taking *t, struct entry *e)
{
	if (t->of_json.s != e->path.s) {
		t->of_json = e->path;
		t->json = (struct rj_str){ NULL, 0 };
		if (!write_suite_path(t, e->path, &t->json) ||
		    !write_path(t, e->path, &t->suites))
			return false;
	}
	e->test.suite_path = t->json;
	e->test.suites = t->suites;
	return true;
}

/* An entry's test goes into the record as it is. */
static struct rj_record_test *
move_test(struct taking *t, struct entry *e, struct rj_str told)
{
	struct rj_record_test *test =
	    set_place(t, e) ? rj_record_test(t->record) : NULL;

	if (!test)
		return NULL;
	*test = e->test;
	test->told = told;
	e->test = (struct rj_record_test){ .n = 0 };
	return test;
}

static bool
put_entries(struct taking *t, size_t first, bool by_file, bool by_path)
{
	struct rj_record_test *test = NULL;

	for (size_t i = first; i != NONE; i = t->entries[i].next) {
		struct entry *e = &t->entries[i];
		struct rj_str told = by_file ? e->test.file : RJ_STR("");

		if (by_path && !write_path(t, e->path, &told))
			return false;
		if (!test || by_file || by_path) {
			test = move_test(t, e, told);
			if (!test)
				return false;
			continue;
		}
		for (size_t k = 0; k < e->test.n; k++) {
			struct rj_record_execution *x =
			    rj_record_execution(test);

			if (!x)
				return false;
			*x = e->test.executions[k];
		}
	}
	return true;
}

static enum rejunit_status
put_tests(struct taking *t)
{
	bool ok = true;

	for (size_t i = 0; i < t->n && ok; i++) {
		bool by_file = false, by_path = false;

		if (!t->entries[i].is_first)
			continue;
		if (t->entries[i].next != NONE) {
			ok = tells_apart(t, i, file_of, &by_file) &&
			     (by_file || tells_apart(t, i, path_of, &by_path));
		}
		ok = ok && put_entries(t, i, by_file, by_path);
	}
	return ok ? REJUNIT_OK : rj_fail_memory(t->err);
}

enum rejunit_status
rj_record_report(struct rj_record *r, struct rj_arena *a,
    struct rejunit_reader *reader, const struct rejunit_input *in,
    const struct rj_fact_list *facts, size_t *passes, size_t *unnamed,
    struct rejunit_error *err)
{
	static const struct rejunit_visitor visitor = {
		.begin_suite = begin_suite,
		.end_suite = end_suite,
		.test = take_test,
		.end_report = take_end,
		.property = take_property,
	};
	struct taking t = {
		.record = r,
		.arena = a,
		.err = err,
		.listed = facts,
		.passes = passes,
		.unnamed = unnamed,
	};
	enum rejunit_status status =
	    rejunit_reader_read(reader, in, &visitor, &t, err);

	if (!status)
		status = put_tests(&t);
	for (size_t i = 0; i < t.n; i++)
		free(t.entries[i].test.executions);
	free(t.entries);
	rj_map_free(&t.first);
	rj_buf_free(&t.key);
	return status;
}
