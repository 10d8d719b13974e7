#include "merge/match.h"

#include <stdlib.h>

#include "model/dialect.h"
#include "model/identity.h"
#include "model/path.h"

/* What divides entries of one name, in this order. */
enum divider {
	BY_FILE,
	BY_MODULE,
	BY_SUITE,
	BY_HOST,
	BY_REPORT, /* of one name in both sets: legs of a matrix, say */
	BY_LINE,
	DIVIDERS
};

/* One side's entries, whatever they are to the other one. */
struct side {
	const struct rj_case **entry;
	size_t n;
	unsigned int *test; /* that it is of, see rj_number_tests() */
	struct rj_str *value; /* by the divider at work */
	unsigned int *part; /* of the division at work */
	bool *strange; /* it is where no entry of the other side is */
};

struct match {
	const struct rj_matching *how;
	struct rj_arena *arena;
	struct rj_cells *out;
};

/* --- which tests ---------------------------------------------------------- */

static bool
add_pointer(struct rj_buf *key, const void *p)
{
	return rj_buf_add(key, (struct rj_str){ (const char *)&p, sizeof(p) });
}

/*
 * The key that entries of one test share: a suite, and perhaps the file in it.
 * An entry that shares with none has its own place for a key.
 */
static bool
test_key(
    const struct rj_matching *how, const struct rj_case *c, struct rj_buf *key)
{
	key->n = 0;
	if (!how->plainly && rj_names_python_file(c))
		return add_pointer(key, c->suite) &&
		       rj_path_normalise(key, c->file);
	if (!how->plainly && rj_dialect_of(c->suite)->names_are_unique)
		return add_pointer(key, c->suite);
	if (how->assume & REJUNIT_ASSUME_ATTEMPTS)
		return add_pointer(key, c->suite) &&
		       rj_path_normalise(key, c->file);
	return add_pointer(key, c);
}

/* Numbers an entry like the one before it that has the same key. */
static bool
number_by_key(struct rj_map *map, struct rj_arena *arena,
    const struct rj_buf *key, unsigned int *tests, unsigned int *test)
{
	uintptr_t known = (uintptr_t)rj_map_get(map, rj_buf_str(key));

	if (known) {
		*test = (unsigned int)(known - 1);
		return true;
	}
	*test = (*tests)++;
	return rj_map_put_copy(
	    map, arena, rj_buf_str(key), (void *)((uintptr_t)*test + 1));
}

/*
 * Gives the error of a teardown the number of the failure before it, unless
 * that has one already.
 */
static void
join_phases(const struct rj_case *const *entries, size_t n, unsigned int *test)
{
	size_t failed = n;

	for (size_t i = 0; i < n; i++) {
		if (failed < n && rj_are_phases(entries[failed], entries[i])) {
			test[i] = test[failed];
			failed = n;
		} else if (rejunit_is_bad(entries[i]->outcome)) {
			failed = i;
		}
	}
}

/* Closes the gaps that joining left in the numbers. */
static bool
renumber(unsigned int *test, size_t n, size_t *n_tests)
{
	unsigned int *new = calloc(n, sizeof(*new)), tests = 0;

	if (!new)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!new[test[i]])
			new[test[i]] = ++tests;
		test[i] = new[test[i]] - 1;
	}
	free(new);
	*n_tests = tests;
	return true;
}

bool
rj_number_tests(const struct rj_matching *how,
    const struct rj_case *const *entries, size_t n, unsigned int *test,
    size_t *n_tests)
{
	struct rj_map map = { 0 };
	struct rj_arena keys = { 0 };
	struct rj_buf key = { 0 };
	unsigned int tests = 0;
	bool ok = true;

	if (n == 1) {
		test[0] = 0;
		*n_tests = 1;
		return true;
	}
	for (size_t i = 0; i < n && ok; i++)
		ok = test_key(how, entries[i], &key) &&
		     number_by_key(&map, &keys, &key, &tests, &test[i]);
	if (ok && !how->plainly)
		join_phases(entries, n, test);
	rj_map_free(&map);
	rj_arena_free(&keys);
	rj_buf_free(&key);
	return ok && renumber(test, n, n_tests);
}

/* --- what they say beside their names ---------------------------------- */

static const char *
report_name(const struct rj_matching *how, const struct rj_case *c)
{
	return how->reports[c->suite->report].name;
}

/* In two sets, reports of one base name in two folders are two modules. */
static bool
modules_differ(const struct rj_matching *how, const struct rj_case *a,
    const struct rj_case *b)
{
	struct rj_str x = rj_str(report_name(how, a));
	struct rj_str y = rj_str(report_name(how, b));

	return x.n && y.n && !rj_str_eq(x, y) &&
	       rj_str_eq(rj_path_base(x), rj_path_base(y));
}

/* Playwright's projects are no machines: a test of another one is another. */
static bool
projects_differ(const struct rj_case *a, const struct rj_case *b)
{
	return !rj_str_eq(a->suite->hostname, b->suite->hostname) &&
	       rj_dialect_of(a->suite)->hosts_are_projects &&
	       rj_dialect_of(b->suite)->hosts_are_projects;
}

/*
 * Without a class, a name says little, and suites are asked. Where the one
 * entry's suite ran again, the other one in another suite is another test.
 */
static bool
suite_ran_again(const struct rj_matching *how, const struct rj_case *a,
    const struct rj_case *b)
{
	return !a->classname.n && !b->classname.n &&
	       !rj_str_eq(a->suite->path, b->suite->path) && how->run &&
	       rj_map_get(how->run, a->suite->path);
}

/*
 * Where the other entry's suite was there before, it may be another test, too.
 * What an update adds is there the next time: so this is only a doubt.
 */
static bool
suite_was_there(const struct rj_matching *how, const struct rj_case *a,
    const struct rj_case *b)
{
	return !a->classname.n && !b->classname.n &&
	       !rj_str_eq(a->suite->path, b->suite->path) && how->before &&
	       rj_map_get(how->before, b->suite->path);
}

enum rj_likeness
rj_compare(const struct rj_matching *how, const struct rj_case *a,
    const struct rj_case *b)
{
	if (how->plainly)
		return RJ_MAY_BE_ONE;
	if (rj_files_differ(a, b) || modules_differ(how, a, b) ||
	    projects_differ(a, b) || suite_ran_again(how, a, b))
		return RJ_ARE_TWO;
	return suite_was_there(how, a, b) ? RJ_IN_DOUBT : RJ_MAY_BE_ONE;
}

/* An entry says something that may contradict another one. */
static bool
has_place(const struct rj_matching *how, const struct rj_case *c)
{
	return c->file.n || report_name(how, c) ||
	       (how->run && !c->classname.n);
}

/* An entry's value by a divider, absent where it has none; false: no memory. */
static bool
value_of(struct match *m, const struct rj_case *c, enum divider by,
    struct rj_str *value)
{
	struct rj_buf normal = { 0 };
	bool ok;

	*value = (struct rj_str){ NULL, 0 };
	switch (by) {
	case BY_FILE:
		if (!c->file.n)
			return true;
		ok = rj_path_normalise(&normal, c->file) &&
		     rj_alloc_str(m->arena, rj_buf_str(&normal), value);
		rj_buf_free(&normal);
		return ok;
	case BY_MODULE:
	case BY_REPORT:
		*value = rj_str(report_name(m->how, c));
		return true;
	case BY_SUITE:
		*value = c->suite->path;
		return true;
	case BY_HOST:
		*value = c->suite->hostname;
		break;
	default:
		*value = c->line;
		break;
	}
	if (!value->n)
		value->s = NULL;
	return true;
}

static bool
read_values(struct match *m, struct side *s, enum divider by, bool *complete)
{
	*complete = true;
	for (size_t i = 0; i < s->n && *complete; i++) {
		if (!value_of(m, s->entry[i], by, &s->value[i]))
			return false;
		*complete = s->value[i].s != NULL;
	}
	return true;
}

/* All are relative, or of one root: their spelling tells files apart. */
static bool
are_comparable(const struct side *s, const struct rj_case *first)
{
	bool relative = rj_path_is_relative(first->file);

	for (size_t i = 0; i < s->n; i++) {
		struct rj_str file = s->entry[i]->file;

		if (rj_path_is_relative(file) != relative)
			return false;
		if (!relative && !rj_path_is_near(file, first->file))
			return false;
	}
	return true;
}

static bool
are_one_module_each(const struct side *s, struct rj_str base)
{
	for (size_t i = 0; i < s->n; i++)
		if (!rj_str_eq(rj_path_base(s->value[i]), base))
			return false;
	return true;
}

/*
 * Numbers the values: each slot's, then those of cases that no slot has.
 * *parts: how many there are, of which the first *known are slots'.
 */
static bool
number_values(struct side *slots, struct side *cases, unsigned int *parts,
    unsigned int *known)
{
	struct side *sides[] = { slots, cases };
	struct rj_map map = { 0 };
	bool ok = true;

	*parts = 0;
	for (int k = 0; k < 2 && ok; k++) {
		struct side *s = sides[k];

		for (size_t i = 0; i < s->n && ok; i++) {
			uintptr_t part =
			    (uintptr_t)rj_map_get(&map, s->value[i]);

			if (!part) {
				part = ++*parts;
				ok =
				    rj_map_put(&map, s->value[i], (void *)part);
			}
			s->part[i] = (unsigned int)(part - 1);
		}
		if (k == 0)
			*known = *parts;
	}
	rj_map_free(&map);
	return ok;
}

/* Each part of a side is one test's, and each test is in one part. */
static bool
has_one_test_a_part(
    const struct match *m, const struct side *s, unsigned int parts, bool *one)
{
	unsigned int *test = rj_alloc_n(m->arena, parts, sizeof(*test));

	if (!test)
		return false;
	*one = true;
	for (size_t i = 0; i < s->n && *one; i++) {
		unsigned int *t = &test[s->part[i]];

		*one = *t == 0 || *t == s->test[i] + 1;
		*t = s->test[i] + 1;
	}
	return true;
}

/* How many of the parts a side has. */
static bool
count_parts(const struct match *m, const struct side *s, unsigned int parts,
    unsigned int *n)
{
	bool *there = rj_alloc_n(m->arena, parts, sizeof(*there));

	*n = 0;
	if (!there)
		return false;
	for (size_t i = 0; i < s->n; i++) {
		*n += !there[s->part[i]];
		there[s->part[i]] = true;
	}
	return true;
}

/* Where some are found again, names last from run to run. */
static void
mark_strangers(struct side *cases, unsigned int known)
{
	bool some = false;

	for (size_t i = 0; i < cases->n; i++)
		some = some || cases->part[i] < known;
	for (size_t i = 0; i < cases->n && some; i++)
		cases->strange[i] =
		    cases->strange[i] || cases->part[i] >= known;
}

/* The run's hosts may be fewer where they are no machines. */
static bool
may_be_fewer(enum divider by, const struct side *slots)
{
	if (by != BY_HOST)
		return by == BY_SUITE || by == BY_REPORT;
	for (size_t i = 0; i < slots->n; i++)
		if (!rj_dialect_of(slots->entry[i]->suite)->hosts_are_projects)
			return false;
	return true;
}

/* Whether some part has entries on both sides that are not of one test. */
static bool
has_strange_pair(struct match *m, const struct side *slots,
    const struct side *cases, unsigned int parts, bool *has)
{
	const struct rj_case **first =
	    rj_alloc_n(m->arena, parts, sizeof(*first));

	*has = false;
	if (!first)
		return false;
	for (size_t i = slots->n; i-- > 0;)
		first[slots->part[i]] = slots->entry[i];
	for (size_t i = 0; i < cases->n && !*has; i++) {
		const struct rj_case *slot = first[cases->part[i]];

		*has = slot &&
		       rj_compare(m->how, slot, cases->entry[i]) == RJ_ARE_TWO;
	}
	return true;
}

/*
 * Divides by what may change from run to run: it has to give each test a value
 * of its own on both sides, and the values have to be the same. Where it would
 * bring two files together, it has changed.
 */
static bool
divides_beyond_doubt(struct match *m, const struct side *slots,
    struct side *cases, enum divider by, unsigned int parts, unsigned int known,
    bool *does)
{
	unsigned int ran;
	bool slots_own, cases_own, strange;

	*does = false;
	if (known < parts) {
		mark_strangers(cases, known);
		return true;
	}
	if (!has_one_test_a_part(m, slots, parts, &slots_own) ||
	    !has_one_test_a_part(m, cases, parts, &cases_own) ||
	    !count_parts(m, cases, parts, &ran) ||
	    !has_strange_pair(m, slots, cases, parts, &strange))
		return false;
	*does = slots_own && cases_own && !strange &&
		(ran == parts || may_be_fewer(by, slots));
	return true;
}

/* Only files of one root, and modules of one base name, can be compared. */
static bool
can_divide(const struct side *slots, const struct side *cases, enum divider by)
{
	const struct rj_case *first = slots->entry[0];
	struct rj_str base;

	switch (by) {
	case BY_FILE:
		return are_comparable(slots, first) &&
		       are_comparable(cases, first);
	case BY_MODULE:
		base = rj_path_base(slots->value[0]);
		return are_one_module_each(slots, base) &&
		       are_one_module_each(cases, base);
	default:
		return true;
	}
}

/* Entries without a class all of whose suites ran again, see rj_compare(). */
static bool
all_suites_ran_again(const struct match *m, const struct side *slots)
{
	for (size_t i = 0; i < slots->n; i++) {
		const struct rj_case *c = slots->entry[i];

		if (c->classname.n || !m->how->run ||
		    !rj_map_get(m->how->run, c->suite->path))
			return false;
	}
	return true;
}

/* Of two files, and of two modules, no test is ever the same. */
static bool
is_certain(const struct match *m, const struct side *slots, enum divider by)
{
	return by == BY_FILE || by == BY_MODULE ||
	       (by == BY_SUITE && all_suites_ran_again(m, slots));
}

/* *does: each entry has got the part that it is in by this divider. */
static bool
divide(struct match *m, struct side *slots, struct side *cases, enum divider by,
    unsigned int *parts, bool *does)
{
	unsigned int known;
	bool complete;

	*does = false;
	if (!read_values(m, slots, by, &complete) ||
	    (complete && !read_values(m, cases, by, &complete)))
		return false;
	if (!complete || !can_divide(slots, cases, by))
		return true;
	if (!number_values(slots, cases, parts, &known))
		return false;
	if (!is_certain(m, slots, by))
		return divides_beyond_doubt(
		    m, slots, cases, by, *parts, known, does);
	*does = *parts > 1;
	return true;
}

/* --- cells ---------------------------------------------------------------- */

/* More pairs than this are not compared one by one. */
#define PAIRS_MAX 4096

/* Some slot's file or module is not that of some case. */
static bool
is_contradicted(const struct match *m, const struct rj_cell *cell)
{
	bool slots = false, cases = false;

	if (m->how->plainly)
		return false;
	for (size_t i = 0; i < cell->n_slots; i++)
		slots = slots || has_place(m->how, cell->slots[i]->base);
	for (size_t i = 0; i < cell->n_cases; i++)
		cases = cases || has_place(m->how, cell->cases[i]);
	if ((!slots || !cases) && cell->n_slots + cell->n_cases > 2)
		return false;
	if (cell->n_slots > PAIRS_MAX / cell->n_cases)
		return !cell->comparable;
	for (size_t i = 0; i < cell->n_slots; i++)
		for (size_t k = 0; k < cell->n_cases; k++)
			if (rj_compare(m->how, cell->slots[i]->base,
				cell->cases[k]) != RJ_MAY_BE_ONE)
				return true;
	return false;
}

static bool
new_side(struct match *m, struct side *s, size_t n)
{
	s->n = n;
	s->entry = rj_alloc_n(m->arena, n, sizeof(*s->entry));
	s->test = rj_alloc_n(m->arena, n, sizeof(*s->test));
	s->value = rj_alloc_n(m->arena, n, sizeof(*s->value));
	s->part = rj_alloc_n(m->arena, n, sizeof(*s->part));
	s->strange = rj_alloc_n(m->arena, n, sizeof(*s->strange));
	return s->entry && s->test && s->value && s->part && s->strange;
}

static void
add_cell(struct match *m, const struct rj_cell *cell)
{
	struct rj_cells *out = m->out;
	bool contradicted =
	    cell->n_slots && cell->n_cases && is_contradicted(m, cell);

	/* the one is not the other: it was not there before */
	if (cell->n_slots == 0 ||
	    (contradicted && cell->n_slots == 1 && cell->n_cases == 1 &&
		rj_compare(m->how, cell->slots[0]->base, cell->cases[0]) ==
		    RJ_ARE_TWO)) {
		for (size_t i = 0; i < cell->n_cases; i++)
			out->fresh[out->n_fresh++] = cell->cases[i];
	} else if (cell->n_cases) {
		out->cell[out->n] = *cell;
		out->cell[out->n++].contradicted = contradicted;
	}
}

static bool divide_cell(struct match *m, struct rj_cell *cell, enum divider by);

/* Sorts both sides by their parts, each in its order, and goes on with each. */
static bool
divide_parts(struct match *m, const struct rj_cell *cell,
    const struct side *slots, const struct side *cases, unsigned int parts,
    enum divider by)
{
	struct rj_cell *part = rj_alloc_n(m->arena, parts, sizeof(*part));
	struct rj_slot **slot =
	    rj_alloc_n(m->arena, slots->n, sizeof(struct rj_slot *));
	struct rj_case **one =
	    rj_alloc_n(m->arena, cases->n, sizeof(struct rj_case *));
	bool ok = part && slot && one;

	for (size_t i = 0; i < slots->n && ok; i++)
		part[slots->part[i]].n_slots++;
	for (size_t i = 0; i < cases->n && ok; i++)
		part[cases->part[i]].n_cases++;
	for (unsigned int i = 0; i < parts && ok; i++) {
		part[i].slots = slot;
		part[i].cases = one;
		slot += part[i].n_slots;
		one += part[i].n_cases;
		part[i].n_slots = part[i].n_cases = 0;
	}
	for (size_t i = 0; i < slots->n && ok; i++) {
		struct rj_cell *p = &part[slots->part[i]];

		p->slots[p->n_slots++] = cell->slots[i];
	}
	for (size_t i = 0; i < cases->n && ok; i++) {
		struct rj_cell *p = &part[cases->part[i]];

		p->cases[p->n_cases++] = cell->cases[i];
	}
	for (unsigned int i = 0; i < parts && ok; i++) {
		part[i].comparable = cell->comparable || by == BY_FILE;
		ok = divide_cell(m, &part[i], (enum divider)(by + 1));
	}
	return ok;
}

/* Divides a cell by one thing after the other, from `by` on. */
static bool
divide_cell(struct match *m, struct rj_cell *cell, enum divider by)
{
	struct side slots, cases;
	unsigned int parts = 0;
	bool does = false;
	size_t n;

	if (m->how->plainly || by == DIVIDERS || !cell->n_slots ||
	    !cell->n_cases) {
		add_cell(m, cell);
		return true;
	}
	if (!new_side(m, &slots, cell->n_slots) ||
	    !new_side(m, &cases, cell->n_cases))
		return false;
	for (size_t i = 0; i < slots.n; i++)
		slots.entry[i] = cell->slots[i]->base;
	for (size_t i = 0; i < cases.n; i++)
		cases.entry[i] = cell->cases[i];
	if (!rj_number_tests(m->how, slots.entry, slots.n, slots.test, &n) ||
	    !rj_number_tests(m->how, cases.entry, cases.n, cases.test, &n))
		return false;
	for (; by < DIVIDERS; by++) {
		/* for one on each side, what changes from run to run is none */
		if (by > BY_MODULE && slots.n == 1 && cases.n == 1)
			break;
		if (!divide(m, &slots, &cases, by, &parts, &does))
			return false;
		if (does)
			return divide_parts(m, cell, &slots, &cases, parts, by);
	}
	for (size_t i = 0; i < cases.n; i++)
		cell->strangers += cases.strange[i];
	add_cell(m, cell);
	return true;
}

bool
rj_match(const struct rj_matching *how, struct rj_slot **slots, size_t n_slots,
    struct rj_case **cases, size_t n_cases, struct rj_arena *arena,
    struct rj_cells *out)
{
	struct match m = { how, arena, out };
	struct rj_cell all = {
		.slots = slots,
		.n_slots = n_slots,
		.cases = cases,
		.n_cases = n_cases,
	};

	*out = (struct rj_cells){
		.cell = rj_alloc_n(arena, n_slots, sizeof(*out->cell)),
		.fresh = rj_alloc_n(arena, n_cases, sizeof(struct rj_case *)),
	};
	if (!out->cell || !out->fresh)
		return false;
	return divide_cell(&m, &all, BY_FILE);
}

bool
rj_tell_apart(const struct rj_matching *how, struct rj_slot **slots, size_t n,
    struct rj_arena *arena, bool *apart)
{
	struct match m = { how, arena, NULL };
	struct side s, none = { .n = 0 };

	*apart = false;
	if (how->plainly)
		return true;
	if (!new_side(&m, &s, n))
		return false;
	for (size_t i = 0; i < n; i++)
		s.entry[i] = slots[i]->base;
	for (enum divider by = BY_FILE; by < DIVIDERS && !*apart; by++) {
		unsigned int parts, known;
		bool complete;

		if (!read_values(&m, &s, by, &complete) ||
		    (complete && !number_values(&s, &none, &parts, &known)))
			return false;
		*apart = complete && parts == n;
	}
	return true;
}
