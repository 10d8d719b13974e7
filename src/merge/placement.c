#include "merge/placement.h"

#include "merge/recount.h"
#include "model/dialect.h"

/* The first suite of its path in a run. */
struct first {
	const struct rj_suite *suite;
	bool many_hosts; /* others of its path stand on other hosts */
};

/* What is to become of a report's suites, each at its number. */
struct planned {
	struct rj_planned_suite *suite; /* NULL: none of them is written */
	struct rj_planned_suite **target; /* where a suite's cases are added */
};

struct placement {
	struct rj_plan *plan;
	struct rj_report *reports;
	size_t n_reports;
	unsigned int fields; /* --match */
	bool recount;
	struct planned *planned; /* by report */
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
key_of(struct placement *l, const struct rj_suite *s, bool host)
{
	l->key.n = 0;
	return rj_buf_add(&l->key, s->path) &&
	       (!host || (rj_buf_add(&l->key, RJ_STR("@")) &&
			     rj_buf_add(&l->key, s->hostname)));
}

/* Enters a suite where added cases may go; the first of its kind stays. */
static bool
add_place(struct placement *l, struct rj_planned_suite *p)
{
	for (int host = 0; host < 2; host++)
		if (!key_of(l, p->suite, host) ||
		    (!rj_map_get(&l->places, rj_buf_str(&l->key)) &&
			!rj_map_put_copy(
			    &l->places, &l->keys, rj_buf_str(&l->key), p)))
			return false;
	return true;
}

/* The suites of a report that is written, each in the one around it. */
static bool
plan_suites(struct placement *l, const struct rj_report *r)
{
	struct rj_planned_suite *all =
	    rj_alloc_n(l->plan->arena, r->n_suites, sizeof(*all));

	if (!all)
		return false;
	l->planned[r->number].suite = all;
	for (size_t i = 0; i < r->n_suites; i++) {
		const struct rj_suite *s = r->suites[i];

		all[i].suite = s;
		all[i].up = s->up ? &all[s->up->number] : NULL;
		all[i].cases_tail = &all[i].cases;
		all[i].suites_tail = &all[i].suites;
		if (!add_place(l, &all[i]))
			return false;
	}
	return true;
}

/* The first suite of a run with this path; NULL: there is none. */
static struct first *
first_of_run(
    struct placement *l, const struct rj_suite *s, unsigned int run, bool *ok)
{
	struct rj_str number = { (const char *)&run, sizeof(run) };

	*ok = key_of(l, s, false) && rj_buf_add(&l->key, number);
	return *ok ? rj_map_get(&l->firsts, rj_buf_str(&l->key)) : NULL;
}

/* Where suites of one path differ by their hosts, hosts have a meaning. */
static bool
note_hosts(struct placement *l, const struct rj_suite *s)
{
	bool ok;
	struct first *first = first_of_run(l, s, s->run, &ok);

	if (!ok)
		return false;
	if (first) {
		if (!rj_str_eq(first->suite->hostname, s->hostname))
			first->many_hosts = true;
		return true;
	}
	first = rj_alloc(&l->keys, sizeof(*first));
	if (!first)
		return false;
	first->suite = s;
	return rj_map_put_copy(
	    &l->firsts, &l->keys, rj_buf_str(&l->key), first);
}

static bool
hosts_matter(struct placement *l, const struct rj_suite *s, bool *ok)
{
	const struct first *here = first_of_run(l, s, s->run, ok);
	const struct first *there = *ok ? first_of_run(l, s, 0, ok) : NULL;

	return l->fields & REJUNIT_HOSTNAME ||
	       rj_dialect_of(s)->hosts_are_projects ||
	       (here && here->many_hosts) || (there && there->many_hosts);
}

/* The suite of a path: on the same host if there is one; NULL: none. */
static struct rj_planned_suite *
standing_suite(struct placement *l, const struct rj_suite *s, bool *ok)
{
	struct rj_planned_suite *found;

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
	return found && found->suite->run != s->run ? found : NULL;
}

/* A suite that only a rerun has, in another one. */
static struct rj_planned_suite *
new_suite(struct placement *l, const struct rj_suite *from,
    struct rj_planned_suite *up)
{
	struct rj_planned_suite *p = rj_alloc(l->plan->arena, sizeof(*p));

	if (!p)
		return NULL;
	p->suite = from;
	p->up = up;
	p->added = true;
	p->cases_tail = &p->cases;
	p->suites_tail = &p->suites;
	if (!add_place(l, p))
		return NULL;
	*up->suites_tail = p;
	up->suites_tail = &p->next;
	l->n_new++;
	return p;
}

/* The original's report of the same name in its folder, else its first. */
static struct rj_report *
counterpart(struct placement *l, const struct rj_report *r)
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

/* Where the cases of a rerun's suite go; NULL: out of memory. */
static struct rj_planned_suite *
target_of(struct placement *l, const struct rj_suite *s);

static bool
is_flat(const struct rj_suite *root)
{
	return root->tag == RJ_TESTSUITE && !root->has_suites;
}

/* A place for the cases of a rerun's suite that has none; NULL: no memory. */
static struct rj_planned_suite *
make_place(struct placement *l, const struct rj_suite *s)
{
	const struct rj_report *home = counterpart(l, &l->reports[s->report]);
	struct rj_planned_suite *root =
	    &l->planned[home->number].suite[home->root->number];
	struct rj_planned_suite *up = s->up ? target_of(l, s->up) : root;

	if (!up)
		return NULL;
	/* a root that is a suite of cases has no suites below it */
	if (s->tag == RJ_TESTSUITES || is_flat(home->root))
		return root;
	return new_suite(l, s, up);
}

static struct rj_planned_suite *
target_of(struct placement *l, const struct rj_suite *s)
{
	struct rj_planned_suite **target =
	    &l->planned[s->report].target[s->number];
	bool ok = true;

	if (!*target)
		*target = standing_suite(l, s, &ok);
	if (!*target && ok)
		*target = make_place(l, s);
	return *target;
}

/* --- what the counters will have to say ---------------------------------- */

/* What failed in it is an attempt now. */
static void
add_attempts(const struct rj_case *c, bool all, struct rj_case *out)
{
	for (unsigned int i = 0; i < c->children; i++) {
		struct rj_child child = c->child[i];

		if (child.tag == RJ_FAILURE)
			child.tag = RJ_RERUN_FAILURE;
		else if (child.tag == RJ_ERROR)
			child.tag = RJ_RERUN_ERROR;
		else if (!all || child.tag == RJ_SKIPPED)
			continue;
		out->child[out->children++] = child;
	}
	if (rejunit_is_bad(c->outcome) && !c->failure)
		out->child[out->children++].tag = c->outcome == REJUNIT_ERROR
						      ? RJ_RERUN_ERROR
						      : RJ_RERUN_FAILURE;
}

/* A failing one that is skipped, since a quarantine excuses it. */
static bool
compose_skipped(
    struct placement *l, const struct rj_slot *s, struct rj_case *out)
{
	size_t room = s->base->children + 2;

	for (size_t i = 0; i < s->n_fill; i++)
		room += s->fill[i]->children + 1;
	rj_arena_reset(&l->scratch);
	out->child = rj_alloc_n(&l->scratch, room, sizeof(*out->child));
	if (!out->child)
		return false;
	out->children = 0;
	out->marks = (s->base->marks & RJ_HAS_FLAKY) | RJ_HAS_SKIPPED;
	add_attempts(s->base, true, out);
	for (size_t i = 0; i < s->n_fill; i++)
		add_attempts(s->fill[i], false, out);
	out->child[out->children++].tag = RJ_SKIPPED;
	return true;
}

/* The case that a slot becomes, as a counter sees it. */
static bool
compose(struct placement *l, const struct rj_slot *s, struct rj_case *out)
{
	const struct rj_case *base = s->base;
	size_t room = base->children + 1;
	struct rj_child *child;

	*out = *base;
	out->outcome = s->outcome;
	if (s->excuse.s)
		return compose_skipped(l, s, out);
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
		if (rj_mark_child(base->child[i].tag, 0) == RJ_HAS_FLAKY ||
		    (!s->pass && rj_is_excused(base->outcome, base->marks) &&
			rj_mark_child(base->child[i].tag, 0) == RJ_HAS_RERUN))
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
append(struct placement *l, struct rj_planned_suite *to, struct rj_slot *s)
{
	struct rj_addition *a = rj_alloc(l->plan->arena, sizeof(*a));

	if (!a)
		return false;
	a->slot = s;
	*to->cases_tail = a;
	to->cases_tail = &a->next;
	return true;
}

/* Puts a slot in its suite, and counts it there. */
static bool
place_slot(struct placement *l, struct rj_slot *s)
{
	const struct rj_suite *suite = s->base->suite;
	const struct rj_report *home = &l->reports[suite->report];
	struct rj_planned_suite *to;
	struct rj_case after;

	s->appended = s->added && !home->adopted;
	if (s->appended ? s->retired : !rj_slot_is_touched(s))
		return true;
	if (s->appended) {
		to = target_of(l, suite);
		if (!to || !append(l, to, s))
			return false;
	} else {
		to = &l->planned[home->number].suite[suite->number];
	}
	return compose(l, s, &after) &&
	       rj_recount_case(to, l->plan->arena, s->appended ? NULL : s->base,
		   s->retired ? NULL : &after);
}

/* A rerun's report none of whose suites stands anywhere yet. */
static bool
is_apart(struct placement *l, const struct rj_report *r, bool *ok)
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
adopt(struct placement *l)
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
		ok = rj_map_put(&l->names, rj_str(r->name), r) &&
		     plan_suites(l, r);
	}
	return ok;
}

static bool
warn_unexplained(struct placement *l, const struct rj_suite *s)
{
	return rj_warn(&l->plan->warnings,
	    "%s: suite \"%.*s\": no way of counting explains its failures and "
	    "errors; they were lowered case by case",
	    l->reports[s->report].src.name, RJ_SHOWN(s->name));
}

static void
list_added(struct rj_plan *plan, struct rj_planned_suite *p)
{
	for (struct rj_planned_suite *s = p->suites; s; s = s->next) {
		list_added(plan, s);
		plan->suites[plan->n_suites++] = s;
	}
}

/* The plan's suites: those that something happens to. */
static bool
list_suites(struct placement *l)
{
	struct rj_plan *plan = l->plan;
	size_t n = l->n_new;

	for (size_t i = 0; i < l->n_reports; i++)
		n += l->reports[i].n_suites;
	plan->suites =
	    rj_alloc_n(plan->arena, n, sizeof(struct rj_planned_suite *));
	if (!plan->suites)
		return false;
	for (size_t i = 0; i < l->n_reports; i++) {
		struct rj_planned_suite *all = l->planned[i].suite;

		for (size_t k = 0; all && k < l->reports[i].n_suites; k++) {
			if (l->recount &&
			    !rj_recount_open(&all[k], plan->arena))
				return false;
			list_added(plan, &all[k]);
			if (all[k].after)
				plan->suites[plan->n_suites++] = &all[k];
		}
	}
	return true;
}

static bool
count_suites(struct placement *l)
{
	struct rj_plan *plan = l->plan;

	for (size_t i = 0; i < plan->n_suites; i++)
		rj_recount_close(plan->suites[i]);
	for (size_t i = 0; i < plan->n_suites; i++) {
		struct rj_planned_suite *p = plan->suites[i];
		unsigned int home = p->suite->report;

		if (l->recount || p->added)
			rj_recount_plainly(p);
		else if (!rj_recount(p, &l->reports[home].votes) &&
			 !warn_unexplained(l, p->suite))
			return false;
	}
	return true;
}

/* Room for what is to become of each report's suites. */
static bool
begin(struct placement *l)
{
	l->planned = rj_alloc_n(&l->keys, l->n_reports, sizeof(*l->planned));
	if (!l->planned)
		return false;
	for (size_t i = 0; i < l->n_reports; i++) {
		const struct rj_report *r = &l->reports[i];

		l->planned[i].target = rj_alloc_n(
		    &l->keys, r->n_suites, sizeof(struct rj_planned_suite *));
		if (!l->planned[i].target ||
		    (r->run == 0 && !plan_suites(l, r)))
			return false;
		for (size_t k = 0; k < r->n_suites; k++)
			if (!note_hosts(l, r->suites[k]))
				return false;
		if (r->run == 0 && r->name &&
		    !rj_map_put(&l->names, rj_str(r->name), &l->reports[i]))
			return false;
	}
	return true;
}

static bool
place(struct placement *l)
{
	if (!begin(l) || !adopt(l))
		return false;
	for (size_t i = 0; i < l->plan->n; i++)
		if (!place_slot(l, l->plan->slots[i]))
			return false;
	return list_suites(l) && count_suites(l);
}

bool
rj_place(struct rj_plan *plan, struct rj_report *reports, size_t n_reports,
    unsigned int fields, bool recount)
{
	struct placement l = {
		.plan = plan,
		.reports = reports,
		.n_reports = n_reports,
		.fields = fields,
		.recount = recount,
	};
	bool ok = place(&l);

	rj_map_free(&l.places);
	rj_map_free(&l.firsts);
	rj_map_free(&l.names);
	rj_buf_free(&l.key);
	rj_arena_free(&l.keys);
	rj_arena_free(&l.scratch);
	return ok;
}
