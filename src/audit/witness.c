#include "audit/witness.h"

#include <string.h>

#include "model/dialect.h"
#include "model/identity.h"
#include "read/read.h"

/* An entry of some report, beside the others of its identity. */
struct entry {
	struct entry *next;
	const struct rj_case *c;
};

struct group {
	struct entry *first; /* run by run, the original's first */
	struct entry **tail;
	size_t n; /* of all */
	size_t passes; /* of all reruns */
	size_t greens;
	bool mentioned; /* by a rerun */
};

/* What may tell entries of one identity apart; each only where it can. */
enum mark {
	EXACT_NAME,
	FILE_NAME,
	MODULE,
	SUITE,
	HOST,
	LINE,
	MARKS
};

/* --- taking in --------------------------------------------------------- */

static bool
identity(struct rj_witness *w, const struct rj_case *c)
{
	struct rj_buf exact = { 0 };
	bool ok;

	w->key.n = 0;
	ok = rj_key(&exact, c,
		 w->fields ? w->fields : REJUNIT_CLASSNAME | REJUNIT_NAME) &&
	     rj_nfc(&w->key, rj_buf_str(&exact));
	rj_buf_free(&exact);
	return ok;
}

static struct group *
group_of(struct rj_witness *w, const struct rj_case *c)
{
	struct group *g;

	if (!identity(w, c))
		return NULL;
	g = rj_map_get(&w->groups, rj_buf_str(&w->key));
	if (g)
		return g;
	g = rj_alloc(&w->arena, sizeof(*g));
	if (!g ||
	    !rj_map_put_copy(&w->groups, &w->arena, rj_buf_str(&w->key), g))
		return NULL;
	g->tail = &g->first;
	return g;
}

static bool
add(struct rj_witness *w, const struct rj_case *c)
{
	struct group *g = group_of(w, c);
	struct entry *e = rj_alloc(&w->arena, sizeof(*e));

	if (!g || !e)
		return false;
	e->c = c;
	*g->tail = e;
	g->tail = &e->next;
	g->n++;
	g->mentioned = g->mentioned || c->suite->run > 0;
	g->passes += c->suite->run > 0 && c->outcome == REJUNIT_PASSED;
	return true;
}

/* A suite's key among those of all runs. */
static bool
suite_key(struct rj_witness *w, unsigned int run, struct rj_str path)
{
	w->key.n = 0;
	return rj_buf_add(&w->key,
		   (struct rj_str){ (const char *)&run, sizeof(run) }) &&
	       rj_buf_add(&w->key, path);
}

/* What an update adds has the same path in it. */
static bool
keeps_paths(const struct rj_report *reports, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (reports[k].run == 0 && reports[k].root &&
		    reports[k].root->tag == RJ_TESTSUITE)
			return false;
	return true;
}

static bool
enter_suites(struct rj_witness *w, const struct rj_report *r)
{
	for (size_t i = 0; i < r->n_suites; i++) {
		if (!suite_key(w, r->run, r->suites[i]->path))
			return false;
		if (rj_map_get(&w->suites, rj_buf_str(&w->key)))
			continue;
		if (!rj_map_put_copy(
			&w->suites, &w->arena, rj_buf_str(&w->key), w))
			return false;
	}
	return true;
}

bool
rj_witness_open(struct rj_witness *w, const struct rj_report *reports, size_t n,
    unsigned int fields, unsigned int assume)
{
	bool ask = keeps_paths(reports, n);

	*w = (struct rj_witness){
		.reports = reports,
		.assume = assume,
		.fields = fields,
		.runs = reports[n - 1].run + 1,
	};
	for (size_t k = 0; k < n; k++) {
		if (ask && !enter_suites(w, &reports[k]))
			return false;
		for (size_t i = 0; i < reports[k].n; i++)
			if (!add(w, reports[k].cases[i]))
				return false;
	}
	return true;
}

void
rj_witness_close(struct rj_witness *w)
{
	rj_map_free(&w->groups);
	rj_map_free(&w->suites);
	rj_buf_free(&w->key);
	rj_arena_free(&w->arena);
}

/* The first entry of a run from one on; NULL: there is none. */
static const struct entry *
of_run(const struct entry *e, unsigned int run)
{
	while (e && e->c->suite->run != run)
		e = e->next;
	return e;
}

/* --- counting ---------------------------------------------------------- */

/* What the entries of one value come to. */
struct count {
	size_t tests; /* that they are of */
	size_t needed; /* passes, to be sure of all of these */
	size_t ran;
	size_t passed;
};

/* Appends what an entry says by one mark; *there: it says anything. */
static bool
add_mark(const struct rj_witness *w, struct rj_buf *value,
    const struct rj_case *c, enum mark mark, bool *there)
{
	struct rj_str s;

	switch (mark) {
	case EXACT_NAME:
		*there = true;
		return rj_key(value, c, REJUNIT_CLASSNAME | REJUNIT_NAME);
	case FILE_NAME:
		*there = c->file.n > 0;
		return rj_path_normalise(value, c->file) &&
		       rj_buf_add(value, RJ_STR("\0"));
	case MODULE:
		s = rj_str(w->reports[c->suite->report].name);
		break;
	case SUITE:
		s = c->suite->path;
		break;
	case HOST:
		s = c->suite->hostname;
		break;
	default:
		s = c->line;
		break;
	}
	*there = s.n > 0 || (mark == SUITE && !s.n);
	return rj_buf_add(value, s) && rj_buf_add(value, RJ_STR("\0"));
}

/* The value that an entry has by all marks of a set. */
static bool
value_of(const struct rj_witness *w, const struct rj_case *c,
    unsigned int marks, struct rj_buf *value)
{
	bool there;

	value->n = 0;
	for (int mark = 0; mark < MARKS; mark++)
		if (marks >> mark & 1 &&
		    !add_mark(w, value, c, (enum mark)mark, &there))
			return false;
	return true;
}

/* Neither has a class, and their suites, by which they go, are not one. */
static bool
are_of_other_suites(
    struct rj_witness *w, const struct rj_case *a, const struct rj_case *b)
{
	const struct rj_suite *s = a->suite, *t = b->suite;

	if (a->classname.n || b->classname.n || rj_str_eq(s->path, t->path))
		return false;
	return (suite_key(w, s->run, t->path) &&
		   rj_map_get(&w->suites, rj_buf_str(&w->key))) ||
	       (suite_key(w, t->run, s->path) &&
		   rj_map_get(&w->suites, rj_buf_str(&w->key)));
}

/* A run's entry may be this one: nothing that they say is against it. */
static bool
may_be(struct rj_witness *w, const struct rj_case *a, const struct rj_case *b)
{
	struct rj_str x = rj_str(w->reports[a->suite->report].name);
	struct rj_str y = rj_str(w->reports[b->suite->report].name);
	bool projects = rj_dialect_of(a->suite)->hosts_are_projects &&
			rj_dialect_of(b->suite)->hosts_are_projects;

	if (w->fields)
		return true;
	if (rj_files_differ(a, b) || are_of_other_suites(w, a, b) ||
	    (projects && !rj_str_eq(a->suite->hostname, b->suite->hostname)))
		return false;
	if (!x.n || !y.n || rj_str_eq(x, y))
		return true;
	return !rj_str_eq(rj_str_from(x, rj_path_folders(x)),
	    rj_str_from(y, rj_path_folders(y)));
}

/* The values by one mark, of entries that a set of marks leaves alike. */
struct values {
	size_t before;
	size_t both; /* of them, those that the run has, too */
	bool complete;
	size_t unknown; /* entries of the run that may be it, of new values */
};

static bool
see_values(struct rj_witness *w, const struct group *g, unsigned int run,
    unsigned int set, const struct rj_case *of, enum mark mark,
    struct values *v)
{
	unsigned int sides[] = { 0, run }, unknown = 0;
	struct rj_map seen = { 0 };
	struct rj_arena keys = { 0 };
	struct rj_buf value = { 0 }, wanted = { 0 };
	bool ok = value_of(w, of, set, &wanted);

	*v = (struct values){ .complete = true };
	for (int k = 0; k < 2 && ok; k++)
		for (const struct entry *e = of_run(g->first, sides[k]); e;
		     e = of_run(e->next, sides[k])) {
			struct rj_str kept;
			void **side;
			bool there = false;

			ok = ok && value_of(w, e->c, set, &value);
			if (!ok ||
			    !rj_str_eq(rj_buf_str(&value), rj_buf_str(&wanted)))
				continue;
			value.n = 0;
			ok = add_mark(w, &value, e->c, mark, &there);
			v->complete = v->complete && there;
			side = ok ? rj_map_at(&seen, rj_buf_str(&value), &kept)
				  : NULL;
			if (side && k == 1 && *side == &sides[0]) {
				*side = &sides[1];
				v->both++;
			}
			v->unknown += k == 1 && (!side || *side == &unknown) &&
				      may_be(w, of, e->c);
			if (side || !ok)
				continue;
			v->before += k == 0;
			ok = rj_map_put_copy(&seen, &keys, rj_buf_str(&value),
			    k == 0 ? &sides[0] : &unknown);
		}
	rj_map_free(&seen);
	rj_arena_free(&keys);
	rj_buf_free(&value);
	rj_buf_free(&wanted);
	return ok;
}

static bool
are_projects(const struct group *g)
{
	for (const struct entry *e = of_run(g->first, 0); e;
	     e = of_run(e->next, 0))
		if (!rj_dialect_of(e->c->suite)->hosts_are_projects)
			return false;
	return true;
}

/*
 * Entries of a run that are where none of the original is, while others are
 * where some are: what they say lasts, and these are others. Only those count
 * that the marks do not tell from an entry.
 */
static size_t
count_strangers(struct rj_witness *w, const struct group *g, unsigned int run,
    unsigned int set, const struct rj_case *of, bool *ok)
{
	static const enum mark marks[] = { SUITE, HOST, LINE };
	size_t most = 0;

	for (size_t i = 0; i < 3 && *ok && !w->fields; i++) {
		struct values v;

		*ok = see_values(w, g, run, set, of, marks[i], &v);
		if (*ok && v.complete && v.both && v.unknown > most)
			most = v.unknown;
	}
	return most;
}

/* Whether a mark says which entry of the run is whose. */
static bool
can_tell(const struct group *g, enum mark mark, const struct values *v)
{
	if (!v->complete)
		return false;
	switch (mark) {
	case FILE_NAME:
	case MODULE:
		return true;
	case EXACT_NAME:
	case SUITE:
		return !v->unknown;
	default:
		return !v->unknown && (v->both == v->before ||
					  (mark == HOST && are_projects(g)));
	}
}

/* What proves that an entry is of the test of the one before it. */
static bool
are_attempts(const struct rj_witness *w, const struct rj_case *before,
    const struct rj_case *c)
{
	return before->suite == c->suite && !rj_files_differ(before, c) &&
	       (w->assume & REJUNIT_ASSUME_ATTEMPTS ||
		   (!w->fields &&
		       (rj_names_python_file(c) ||
			   rj_dialect_of(c->suite)->names_are_unique)));
}

/* Adds an entry, which stands behind another one of its value. */
static void
add_entry(const struct rj_witness *w, const struct rj_case *before,
    const struct rj_case *c, bool any_bad, struct count *n)
{
	bool bad = rejunit_is_bad(c->outcome);
	bool attempt = before && are_attempts(w, before, c);
	bool phase = before && !w->fields && rj_are_phases(before, c);

	n->ran++;
	n->passed += c->outcome == REJUNIT_PASSED;
	n->tests += !attempt && !phase;
	if (w->assume & REJUNIT_ASSUME_FAILURES_ONLY && any_bad && !bad)
		return;
	if (attempt)
		n->needed += bad && rejunit_is_bad(before->outcome) &&
			     !(c->marks & RJ_IS_TEARDOWN);
	else
		n->needed += !phase;
}

/*
 * Counts, for an entry of the original, those of a run that have its value by
 * all the marks and may be it, and the tests that they are of, at the least.
 */
static bool
count(struct rj_witness *w, const struct group *g, unsigned int run,
    unsigned int marks, const struct rj_case *of, struct count *n)
{
	struct rj_buf wanted = { 0 }, value = { 0 };
	const struct rj_case *before = NULL;
	bool any_bad = false, ok = value_of(w, of, marks, &wanted);

	*n = (struct count){ 0 };
	/* what a run failed in says nothing of what it may leave out */
	for (const struct entry *e = of_run(g->first, 0); run == 0 && e;
	     e = of_run(e->next, 0))
		any_bad = any_bad || rejunit_is_bad(e->c->outcome);
	for (const struct entry *e = of_run(g->first, run); e && ok;
	     e = of_run(e->next, run)) {
		ok = value_of(w, e->c, marks, &value);
		if (!ok ||
		    !rj_str_eq(rj_buf_str(&value), rj_buf_str(&wanted)) ||
		    !may_be(w, of, e->c))
			continue;
		add_entry(w, before, e->c, any_bad, n);
		before = e->c;
	}
	rj_buf_free(&wanted);
	rj_buf_free(&value);
	return ok;
}

/* *all: the run has a pass for each test of that value known by then. */
static bool
have_all_passed(struct rj_witness *w, const struct group *g, unsigned int run,
    unsigned int marks, size_t strangers, const struct rj_case *of, bool *all)
{
	struct count n, earlier;
	size_t tests = 0, needed = 0, passes;

	for (unsigned int k = 0; k < run; k++) {
		if (!count(w, g, k, marks, of, &earlier))
			return false;
		if (earlier.needed > needed)
			needed = earlier.needed;
		if (earlier.tests > tests)
			tests = earlier.tests;
	}
	if (!count(w, g, run, marks, of, &n))
		return false;
	/* many passes of one test are no passes of many */
	passes = tests == 1 ? n.passed : n.tests;
	*all = n.ran && n.passed == n.ran && passes >= needed + strangers;
	return true;
}

/* What stands where an entry stood has passed, and order counts. */
static bool
passed_in_place(
    const struct group *g, unsigned int run, const struct rj_case *c)
{
	const struct entry *a = of_run(g->first, 0);
	const struct entry *b = of_run(g->first, run);
	bool passed = false;

	if (!rj_dialect_of(c->suite)->keeps_order)
		return false;
	for (; a && b; a = of_run(a->next, 0), b = of_run(b->next, run))
		if (a->c == c)
			passed = b->c->outcome == REJUNIT_PASSED;
	return passed && !a && !b;
}

/* More entries of one identity than this are only counted. */
#define GROUP_MAX 512

/* *found: one of the reruns has a pass for an entry that no other one needs. */
static bool
has_witness(struct rj_witness *w, const struct group *g,
    const struct rj_case *c, bool *found)
{
	bool ok = true;

	*found = false;
	if (g->n > GROUP_MAX) {
		*found = g->greens <= g->passes;
		return true;
	}
	for (unsigned int run = 1; run < w->runs && ok && !*found; run++) {
		size_t strangers = count_strangers(w, g, run, 0, c, &ok);
		unsigned int marks = 0;

		if (ok)
			ok = have_all_passed(w, g, run, 0, strangers, c, found);
		for (int mark = 0; mark < MARKS && ok && !*found && !w->fields;
		     mark++) {
			struct values v;

			ok = see_values(w, g, run, 0, c, (enum mark)mark, &v);
			if (!ok || !can_tell(g, (enum mark)mark, &v))
				continue;
			marks |= 1u << mark;
			/* where they are told apart, they are no others' */
			strangers = count_strangers(w, g, run, marks, c, &ok);
			if (ok)
				ok = have_all_passed(
				    w, g, run, marks, strangers, c, found);
		}
		*found = *found || passed_in_place(g, run, c);
	}
	return ok;
}

/* --- the updated report -------------------------------------------------- */

struct check {
	struct rj_witness *w;
	struct rj_findings *found;
	const char *file;
	struct rj_map originals; /* the report's entries, by all they say */
	struct rj_map names; /* of these */
	struct rj_arena arena;
	struct rj_buf key;
	bool foreign;
	struct rejunit_error *err;
};

static bool
full_key(struct check *k, const struct rj_case *c)
{
	k->key.n = 0;
	return rj_key(&k->key, c,
		   REJUNIT_CLASSNAME | REJUNIT_NAME | REJUNIT_FILE |
		       REJUNIT_SUITE | REJUNIT_HOSTNAME) &&
	       rj_buf_add(&k->key, c->line);
}

/* The report's own entries that say the same, in their order. */
struct queue {
	struct entry *first;
	struct group *group;
	/* where no rerun mentions any: what the updated report has too many */
	size_t passes; /* of the original, taken off by those that follow */
	unsigned long green; /* the line of one that is left */
};

/* Notes a name, so that all others need not be looked at. */
static bool
enter_name(struct check *k, const struct rj_case *c)
{
	k->key.n = 0;
	if (!rj_key(&k->key, c, REJUNIT_CLASSNAME | REJUNIT_NAME))
		return false;
	if (rj_map_get(&k->names, rj_buf_str(&k->key)))
		return true;
	return rj_map_put_copy(&k->names, &k->arena, rj_buf_str(&k->key), k);
}

/* A passed case of another name is none of the original's that matter. */
static bool
skip(void *ctx, struct rj_str classname, struct rj_str name)
{
	const struct check *k = ctx;
	char key[512];
	size_t n = classname.n + 1 + name.n + 1;

	if (n > sizeof(key))
		return false;
	if (classname.n)
		memcpy(key, classname.s, classname.n);
	key[classname.n] = '\0';
	memcpy(key + classname.n + 1, name.s, name.n);
	key[n - 1] = '\0';
	return !rj_map_get(&k->names, (struct rj_str){ key, n });
}

/* It failed, also if a quarantine has it skipped for that. */
static bool
is_red(const struct rj_case *c)
{
	return rejunit_is_bad(c->outcome) ||
	       rj_is_excused(c->outcome, c->marks);
}

static bool
enter_originals(struct check *k, const struct rj_report *r)
{
	for (size_t i = r->n; i-- > 0;) {
		struct entry *e = rj_alloc(&k->arena, sizeof(*e));
		struct queue *q;
		struct group *g;

		if (!e || !full_key(k, r->cases[i]))
			return false;
		g = group_of(k->w, r->cases[i]);
		if (!g)
			return false;
		if (!g->mentioned && !is_red(r->cases[i]))
			continue;
		q = rj_map_get(&k->originals, rj_buf_str(&k->key));
		if (!q) {
			q = rj_alloc(&k->arena, sizeof(*q));
			if (!q || !rj_map_put_copy(&k->originals, &k->arena,
				      rj_buf_str(&k->key), q))
				return false;
			q->group = g;
		}
		if (!enter_name(k, r->cases[i]))
			return false;
		*e = (struct entry){ q->first, r->cases[i] };
		q->first = e;
	}
	return true;
}

static bool
tell(struct check *k, const struct rj_case *c, unsigned long line)
{
	return rj_find(k->found, "unproved-green", k->file, line, 0,
	    "\"%.*s\" turned green, and no rerun has a pass for it that no "
	    "other entry needs",
	    RJ_SHOWN(c->name));
}

/*
 * The k-th of all that say the same is the k-th of the original. Of tests that
 * no rerun mentions, only the bad ones were kept.
 */
static enum rejunit_status
on_test(void *ctx, const struct rj_case *c)
{
	struct check *k = ctx;
	const struct rj_case *before;
	struct queue *q;
	bool found;

	if (!full_key(k, c))
		return rj_fail_memory(k->err);
	q = rj_map_get(&k->originals, rj_buf_str(&k->key));
	if (!q || !q->first)
		return REJUNIT_OK;
	before = q->first->c;
	if (!q->group->mentioned && !is_red(c)) {
		if (q->passes > 0)
			q->passes--;
		else
			q->green = c->line_no;
		return REJUNIT_OK;
	}
	q->first = q->first->next;
	if (!rejunit_is_bad(before->outcome) || c->outcome != REJUNIT_PASSED)
		return REJUNIT_OK;
	q->group->greens++;
	if (!has_witness(k->w, q->group, before, &found) ||
	    (!found && !tell(k, c, c->line_no)))
		return rj_fail_memory(k->err);
	return REJUNIT_OK;
}

/* Of what passed and no rerun mentions, only the sums were kept. */
static enum rejunit_status
count_pass(void *ctx, const struct rj_case *c)
{
	struct check *k = ctx;
	struct queue *q;

	if (!full_key(k, c))
		return rj_fail_memory(k->err);
	q = rj_map_get(&k->originals, rj_buf_str(&k->key));
	if (q && !q->group->mentioned && !is_red(c))
		q->passes++;
	return REJUNIT_OK;
}

/*
 * A module that could not be collected goes when it could: its name passes only
 * where it did before.
 */
static enum rejunit_status
count_passes(struct check *k, const struct rj_report *r)
{
	const struct rj_reader reader = {
		.test = count_pass,
		.skip = skip,
		.ctx = k,
		.foreign = &k->foreign,
	};
	bool any = false;

	for (size_t i = 0; i < r->n && !any; i++)
		any = rj_is_collection_error(r->cases[i]);
	return any ? rj_read(&r->src, 0, 0, &reader, &k->arena, k->err)
		   : REJUNIT_OK;
}

/* What was bad, is bad no more, and no rerun mentions. */
static bool
tell_vanished(struct check *k, const struct rj_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct rj_case *c = r->cases[i];
		struct queue *q;

		if (!full_key(k, c))
			return false;
		q = rj_map_get(&k->originals, rj_buf_str(&k->key));
		if (!q || q->group->mentioned)
			continue;
		while (q->first) {
			/* a module that could be collected has other tests */
			if (rejunit_is_bad(q->first->c->outcome) &&
			    (q->green ||
				!rj_is_collection_error(q->first->c)) &&
			    !tell(k, q->first->c, q->green))
				return false;
			q->first = q->first->next;
		}
	}
	return true;
}

enum rejunit_status
rj_witness_check(struct rj_witness *w, struct rj_findings *f,
    unsigned int report, const struct rj_source *updated,
    struct rejunit_error *err)
{
	struct rejunit_error why = { 0 };
	struct check k = {
		.w = w, .found = f, .file = updated->name, .err = &why
	};
	const struct rj_reader reader = {
		.test = on_test,
		.skip = skip,
		.ctx = &k,
		.foreign = &k.foreign,
	};
	enum rejunit_status status = REJUNIT_OK;

	if (!enter_originals(&k, &w->reports[report]))
		status = rj_fail_memory(&why);
	if (!status)
		status = count_passes(&k, &w->reports[report]);
	if (!status) {
		status = rj_read(updated, 0, 0, &reader, &k.arena, &why);
		if (!status && !tell_vanished(&k, &w->reports[report]))
			status = rj_fail_memory(&why);
		/* the proof tells of what is not well-formed */
		if (status == REJUNIT_INPUT)
			status = REJUNIT_OK;
	}
	if (status && err)
		*err = why;
	rj_map_free(&k.originals);
	rj_map_free(&k.names);
	rj_arena_free(&k.arena);
	rj_buf_free(&k.key);
	return status;
}
