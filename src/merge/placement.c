#include "merge/placement.h"

#include "model/dialect.h"

struct layout {
	struct rj_plan *plan;
	struct rj_report *reports;
	size_t n_reports;
	unsigned int fields; /* --match */
	bool recount;
	struct rj_map places; /* suites by path, and by path and host */
	struct rj_map firsts; /* the first of each path, run by run */
	struct rj_arena keys;
	struct rj_buf key; /* scratch */
	struct rj_map names; /* of the original's reports in a folder */
	struct rj_arena scratch;
	size_t n_new; /* suites that the plan adds */
};

/* A suite's key: its path, and perhaps its host. Paths end in a NUL. */
static bool
key_of(struct layout *l, const struct rj_suite *s, bool host)
{
	l->key.n = 0;
	return rj_buf_add(&l->key, s->path) &&
	       (!host || (rj_buf_add(&l->key, RJ_STR("@")) &&
			     rj_buf_add(&l->key, s->hostname)));
}

/* Enters a suite where added cases may go; the first of its kind stays. */
static bool
add_place(struct layout *l, struct rj_suite *s)
{
	for (int host = 0; host < 2; host++)
		if (!key_of(l, s, host) ||
		    (!rj_map_get(&l->places, rj_buf_str(&l->key)) &&
			!rj_map_put_copy(
			    &l->places, &l->keys, rj_buf_str(&l->key), s)))
			return false;
	return true;
}

static struct rj_suite_edit *
edit_of(struct layout *l, struct rj_suite *s)
{
	if (!s->edit) {
		s->edit = rj_alloc(l->plan->arena, sizeof(*s->edit));
		if (s->edit) {
			s->edit->tail = &s->edit->first;
			s->edit->suites_tail = &s->edit->suites;
		}
	}
	return s->edit;
}

/* The first suite of a run with this path; NULL: there is none. */
static struct rj_suite *
first_of_run(
    struct layout *l, const struct rj_suite *s, unsigned int run, bool *ok)
{
	struct rj_str number = { (const char *)&run, sizeof(run) };

	*ok = key_of(l, s, false) && rj_buf_add(&l->key, number);
	return *ok ? rj_map_get(&l->firsts, rj_buf_str(&l->key)) : NULL;
}

/* Where suites of one path differ by their hosts, hosts have a meaning. */
static bool
note_hosts(struct layout *l, struct rj_suite *s)
{
	bool ok;
	struct rj_suite *first = first_of_run(l, s, s->run, &ok);

	if (!ok)
		return false;
	if (first) {
		if (!rj_str_eq(first->hostname, s->hostname))
			first->many_hosts = true;
		return true;
	}
	return rj_map_put_copy(&l->firsts, &l->keys, rj_buf_str(&l->key), s);
}

static bool
hosts_matter(struct layout *l, const struct rj_suite *s, bool *ok)
{
	const struct rj_suite *here = first_of_run(l, s, s->run, ok);
	const struct rj_suite *there = *ok ? first_of_run(l, s, 0, ok) : NULL;

	return l->fields & REJUNIT_HOSTNAME ||
	       rj_dialect_of(s)->hosts_are_projects ||
	       (here && here->many_hosts) || (there && there->many_hosts);
}

/* The suite of a path: on the same host if there is one; NULL: none. */
static struct rj_suite *
standing_suite(struct layout *l, const struct rj_suite *s, bool *ok)
{
	struct rj_suite *found;

	*ok = key_of(l, s, true);
	if (!*ok)
		return NULL;
	found = rj_map_get(&l->places, rj_buf_str(&l->key));
	if (found)
		return found;
	if (hosts_matter(l, s, ok) || !*ok)
		return NULL;
	*ok = key_of(l, s, false);
	found = *ok ? rj_map_get(&l->places, rj_buf_str(&l->key)) : NULL;
	/* beside it in one run, another host makes another suite */
	return found && found->run != s->run ? found : NULL;
}

static struct rj_suite *
new_suite(struct layout *l, const struct rj_suite *from, struct rj_suite *up)
{
	struct rj_suite *s = rj_alloc(l->plan->arena, sizeof(*s));
	struct rj_suite_edit *around = edit_of(l, up);

	if (!s || !around)
		return NULL;
	*s = *from;
	s->up = up;
	s->edit = NULL;
	s->change = NULL;
	s->own = s->all = (struct rj_tally){ 0 };
	s->bad_suites = s->bad_suites_all = 0;
	if (!edit_of(l, s) || !add_place(l, s))
		return NULL;
	s->edit->added = true;
	*around->suites_tail = s;
	around->suites_tail = &s->edit->next;
	l->n_new++;
	return s;
}

/* The original's report of the same name in its folder, else its first. */
static struct rj_report *
counterpart(struct layout *l, const struct rj_report *r)
{
	struct rj_report *same = NULL;

	if (r->name)
		same = rj_map_get(&l->names, rj_str(r->name));
	/* what is no JUnit report was passed over, and has no root */
	if (same && !same->root)
		same = NULL;
	for (size_t i = 0; !same; i++)
		if (l->reports[i].root)
			same = &l->reports[i];
	return same;
}

static bool
is_flat(const struct rj_suite *root)
{
	return root->tag == RJ_TESTSUITE && !root->has_suites;
}

/* Where the cases of a rerun's suite go in the updated report. */
static struct rj_suite *
target_of(struct layout *l, struct rj_suite *s)
{
	struct rj_suite_edit *e = edit_of(l, s);
	struct rj_suite *root, *up;
	bool ok;

	if (!e || e->target)
		return e ? e->target : NULL;
	e->target = standing_suite(l, s, &ok);
	if (e->target || !ok)
		return e->target;
	root = counterpart(l, &l->reports[s->report])->root;
	up = s->up ? target_of(l, s->up) : root;
	if (!up)
		return NULL;
	/* a root that is a suite of cases has no suites below it */
	if (s->tag == RJ_TESTSUITES || is_flat(root))
		e->target = root;
	else
		e->target = new_suite(l, s, up);
	return e->target;
}

/* --- what the counters will have to say ---------------------------------- */

/* The case that a slot becomes, as a counter sees it. */
static bool
compose(struct layout *l, const struct rj_slot *s, struct rj_case *out)
{
	const struct rj_case *base = s->base;
	size_t room = base->children + 1;
	struct rj_child *child;

	*out = *base;
	out->outcome = s->outcome;
	if (!s->pass && !s->fill)
		return true;
	for (size_t i = 0; i < s->n_fill; i++)
		room += s->fill[i]->children + 1;
	rj_arena_reset(&l->scratch);
	child = rj_alloc_n(&l->scratch, room, sizeof(*child));
	if (!child)
		return false;
	out->child = child;
	out->children = 0;
	out->marks = base->marks & RJ_HAS_FLAKY;
	for (unsigned int i = 0; i < base->children; i++)
		if (rj_mark_child(base->child[i].tag, 0) == RJ_HAS_FLAKY)
			child[out->children++] = base->child[i];
	for (size_t i = 0; i < s->n_fill && !s->pass; i++) {
		const struct rj_case *f = s->fill[i];

		out->marks |= f->marks;
		for (unsigned int k = 0; k < f->children; k++)
			child[out->children++] = f->child[k];
		/* what only says so gets a child that says it */
		if (!(f->marks & (RJ_HAS_FAILURE | RJ_HAS_ERROR))) {
			bool error = f->outcome == REJUNIT_ERROR;

			out->marks |= error ? RJ_HAS_ERROR : RJ_HAS_FAILURE;
			child[out->children++].tag =
			    error ? RJ_ERROR : RJ_FAILURE;
		}
	}
	return true;
}

static bool
count_slot(struct layout *l, struct rj_slot *s)
{
	struct rj_report *home = &l->reports[s->base->suite->report];
	struct rj_suite *suite = s->base->suite;
	struct rj_case is;

	s->appended = s->added && !home->adopted;
	if (s->appended) {
		if (s->retired)
			return true;
		suite = target_of(l, suite);
		if (!suite || !edit_of(l, suite))
			return false;
		*suite->edit->tail = s;
		suite->edit->tail = &s->next_added;
	} else if (!rj_slot_is_touched(s)) {
		return true;
	}
	return compose(l, s, &is) &&
	       rj_change_case(suite, l->plan->arena,
		   s->appended ? NULL : s->base, s->retired ? NULL : &is);
}

/* A rerun's report none of whose suites stands anywhere yet. */
static bool
is_apart(struct layout *l, const struct rj_report *r, bool *ok)
{
	for (size_t i = 0; i < r->n_suites; i++) {
		const struct rj_suite *s = r->suites[i];

		if (s->tag != RJ_TESTSUITE)
			continue;
		if (standing_suite(l, s, ok) || !*ok)
			return false;
	}
	return true;
}

/*
 * In folders, a rerun's report of which everything is new, and whose suites
 * nothing has yet, joins the set as it is: a new class has a file of its own.
 */
static bool
adopt(struct layout *l)
{
	size_t *added = rj_alloc_n(&l->keys, l->n_reports, sizeof(size_t));
	bool ok = added != NULL;

	for (size_t i = 0; ok && i < l->plan->n; i++)
		if (l->plan->slots[i]->added)
			added[l->plan->slots[i]->base->suite->report]++;
	for (size_t i = 0; ok && i < l->n_reports; i++) {
		struct rj_report *r = &l->reports[i];

		if (r->run == 0 || !r->name || !l->reports[0].name ||
		    r->n == 0 || added[i] < r->n ||
		    rj_map_get(&l->names, rj_str(r->name)) ||
		    !is_apart(l, r, &ok))
			continue;
		r->adopted = true;
		ok = rj_map_put(&l->names, rj_str(r->name), r);
		for (size_t k = 0; ok && k < r->n_suites; k++)
			ok = add_place(l, r->suites[k]);
	}
	return ok;
}

static bool
warn_unexplained(struct layout *l, const struct rj_suite *s)
{
	return rj_warn(&l->plan->warnings,
	    "%s: suite \"%.*s\": no way of counting explains its failures and "
	    "errors; they were lowered case by case",
	    l->reports[s->report].src.name, RJ_SHOWN(s->name));
}

static void
new_suites(struct rj_plan *plan, struct rj_suite *s)
{
	if (!s->edit)
		return;
	for (struct rj_suite *n = s->edit->suites; n; n = n->edit->next) {
		new_suites(plan, n);
		plan->suites[plan->n_suites++] = n;
	}
}

/* The plan's suites: those that something happens to. */
static bool
list_suites(struct layout *l)
{
	struct rj_plan *plan = l->plan;
	size_t n = l->n_new;

	for (size_t i = 0; i < l->n_reports; i++)
		n += l->reports[i].n_suites;
	plan->suites = rj_alloc_n(plan->arena, n, sizeof(struct rj_suite *));
	if (!plan->suites)
		return false;
	for (size_t i = 0; i < l->n_reports; i++) {
		const struct rj_report *r = &l->reports[i];

		for (size_t k = 0; k < r->n_suites; k++) {
			struct rj_suite *s = r->suites[k];

			if (r->run > 0 && !r->adopted)
				continue;
			if (l->recount && !rj_change_open(s, plan->arena))
				return false;
			new_suites(plan, s);
			if (s->change)
				plan->suites[plan->n_suites++] = s;
		}
	}
	return true;
}

static bool
count_suites(struct layout *l)
{
	struct rj_plan *plan = l->plan;

	for (size_t i = 0; i < plan->n_suites; i++)
		rj_change_close(plan->suites[i]);
	for (size_t i = 0; i < plan->n_suites; i++) {
		struct rj_suite *s = plan->suites[i];

		if (l->recount || (s->edit && s->edit->added))
			rj_change_recount(s);
		else if (!rj_change_counters(s, &l->reports[s->report].votes) &&
			 !warn_unexplained(l, s))
			return false;
	}
	return true;
}

static bool
lay_out(struct layout *l)
{
	for (size_t i = 0; i < l->n_reports && l->reports[i].run == 0; i++) {
		struct rj_report *r = &l->reports[i];

		for (size_t k = 0; k < r->n_suites; k++)
			if (!add_place(l, r->suites[k]))
				return false;
		if (r->name && !rj_map_put(&l->names, rj_str(r->name), r))
			return false;
	}
	for (size_t i = 0; i < l->n_reports; i++)
		for (size_t k = 0; k < l->reports[i].n_suites; k++)
			if (!note_hosts(l, l->reports[i].suites[k]))
				return false;
	if (!adopt(l))
		return false;
	for (size_t i = 0; i < l->plan->n; i++)
		if (!count_slot(l, l->plan->slots[i]))
			return false;
	return list_suites(l) && count_suites(l);
}

bool
rj_place(struct rj_plan *plan, struct rj_report *reports, size_t n_reports,
    unsigned int fields, bool recount)
{
	struct layout l = {
		.plan = plan,
		.reports = reports,
		.n_reports = n_reports,
		.fields = fields,
		.recount = recount,
	};
	bool ok = lay_out(&l);

	rj_map_free(&l.places);
	rj_map_free(&l.firsts);
	rj_map_free(&l.names);
	rj_buf_free(&l.key);
	rj_arena_free(&l.keys);
	rj_arena_free(&l.scratch);
	return ok;
}
