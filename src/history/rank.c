#include "history/rank.h"

#include <math.h>
#include <stdlib.h>

#include "history/beta.h"
#include "history/clock.h"

#define EVENT_HALF_LIFE (9.5 * RJ_DAY)
#define RATE_HALF_LIFE	(30.0 * RJ_DAY)
#define FEW_RUNS	10
#define FEW_IN_A_JOB	5
#define LEAST_STREAK	3
#define LEAST_PASSES	20
#define LEAST_DAYS	(7 * RJ_DAY)
#define STALE_AFTER	(14 * RJ_DAY)
#define SUSPECTS_WITHIN (30 * RJ_DAY)
#define PRIOR_BAD	0.5
#define PRIOR_PASSED	9.5
#define LOST_MAX	((int64_t)1 << 52) /* microseconds */
#define DOUBT		0.04

/* A sighting in the order of commits. */
struct of_commit {
	unsigned int commit;
	size_t at;
};

/* What is found out of one test after the other. */
struct posterior {
	double a;
	double b;
};

struct work {
	const struct rj_past *past;
	const struct rj_rank_options *opt;
	const struct rj_past_test *test;
	/* of each sighting, in the order of runs */
	size_t room;
	size_t *before; /* the one before it in its job, or none */
	size_t *after;
	struct of_commit *order;
	int64_t *suspects; /* when there was an I */
	size_t n_suspects;
	bool *excluded; /* it says nothing of the rate */
	bool *hopeless; /* no job passed its commit */
	/* of each job */
	size_t *latest;
	unsigned int *ran;
	unsigned int *bad;
	/* the rate that came last, and its bounds */
	struct posterior last;
	double last_low;
	double last_high;
};

#define NONE SIZE_MAX

static const struct rj_past_run *
run_of(const struct work *w, size_t i)
{
	return &w->past->runs[w->test->seen[i].run];
}

static bool
is_decided(const struct rj_seen *s)
{
	return s->first == REJUNIT_PASSED || rejunit_is_bad(s->first);
}

/* It may be evidence: neither provoked nor part of something larger. */
static bool
is_sample(const struct work *w, size_t i)
{
	const struct rj_past_run *r = run_of(w, i);

	return is_decided(&w->test->seen[i]) && !r->hunt && !r->outage;
}

static bool
is_on_main(const struct work *w, size_t i)
{
	return run_of(w, i)->branch == w->past->main_branch;
}

/* It stands in the row of the main branch: in an outage, what passed proves
 * nothing, and what failed does. */
static bool
counts_on_main(const struct work *w, size_t i)
{
	const struct rj_past_run *r = run_of(w, i);
	const struct rj_seen *s = &w->test->seen[i];

	return is_decided(s) && !r->hunt && is_on_main(w, i) &&
	       !(r->outage && s->first == REJUNIT_PASSED);
}

static double
decay(int64_t age, double half_life)
{
	return exp2(-(double)age / half_life);
}

/* --- neighbours ----------------------------------------------------------- */

static bool
make_room(struct work *w, size_t n)
{
	size_t room = n * 2;

	if (n <= w->room)
		return true;
	free(w->before);
	free(w->after);
	free(w->order);
	free(w->suspects);
	free(w->excluded);
	free(w->hopeless);
	w->before = calloc(room, sizeof(*w->before));
	w->after = calloc(room, sizeof(*w->after));
	w->order = calloc(room, sizeof(*w->order));
	w->suspects = calloc(room, sizeof(*w->suspects));
	w->excluded = calloc(room, sizeof(*w->excluded));
	w->hopeless = calloc(room, sizeof(*w->hopeless));
	w->room = w->before && w->after && w->order && w->suspects &&
			  w->excluded && w->hopeless
		      ? room
		      : 0;
	return w->room > 0;
}

/* Links what passed or failed on the main branch, job by job. */
static void
link_neighbours(struct work *w)
{
	const struct rj_past_test *t = w->test;

	for (size_t i = 0; i < t->n; i++)
		w->latest[run_of(w, i)->job] = NONE;
	for (size_t i = 0; i < t->n; i++) {
		size_t *latest = &w->latest[run_of(w, i)->job];

		w->before[i] = w->after[i] = NONE;
		if (!counts_on_main(w, i))
			continue;
		w->before[i] = *latest;
		if (*latest != NONE)
			w->after[*latest] = i;
		*latest = i;
	}
}

static int
by_commit(const void *a, const void *b)
{
	const struct of_commit *x = a, *y = b;

	if (x->commit != y->commit)
		return x->commit < y->commit ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* Sorts sightings by their commits, and within one by their order. */
static void
order_by_commit(struct work *w)
{
	for (size_t i = 0; i < w->test->n; i++)
		w->order[i] = (struct of_commit){ run_of(w, i)->commit, i };
	qsort(w->order, w->test->n, sizeof(*w->order), by_commit);
}

/* Behind the last sighting of the commit that one in the order is of; where no
 * commit is known, each is alone. */
static size_t
end_of_commit(const struct work *w, size_t i)
{
	unsigned int commit = w->order[i].commit;

	for (i++; commit && i < w->test->n && w->order[i].commit == commit;)
		i++;
	return i;
}

/* --- events --------------------------------------------------------------- */

struct found {
	struct rj_rank *rank;
	int64_t last; /* event */
};

static void
note_event(struct work *w, struct found *f, enum rj_event kind, size_t i)
{
	const struct rj_past_run *r = run_of(w, i);
	const struct rj_seen *s = &w->test->seen[i];
	double weight = decay(w->opt->past.at - r->at, EVENT_HALF_LIFE);

	f->rank->events[kind]++;
	f->rank->evidence += weight;
	f->rank->machine += weight * (double)s->again / 1e6;
	if (rejunit_is_bad(s->last) && r->ended_bad)
		f->rank->person += weight * w->opt->minutes * 60 / r->ended_bad;
	if (r->at > f->last)
		f->last = r->at;
	if (kind == RJ_EVENT_I)
		w->suspects[w->n_suspects++] = r->at;
}

static bool
is_bad_at(const struct work *w, size_t i)
{
	return i != NONE && rejunit_is_bad(w->test->seen[i].first);
}

static bool
is_passed_at(const struct work *w, size_t i)
{
	return i != NONE && w->test->seen[i].first == REJUNIT_PASSED;
}

/* The sightings of one commit. */
struct commit {
	const struct of_commit *of;
	size_t n;
};

/* Counts its passes and failures by job, and the jobs that have some. */
static void
count_jobs(struct work *w, const struct commit *c, bool on_main, size_t *passed,
    size_t *failed)
{
	*passed = *failed = 0;
	for (size_t i = 0; i < c->n; i++) {
		unsigned int job = run_of(w, c->of[i].at)->job;

		w->ran[job] = w->bad[job] = 0;
	}
	for (size_t i = 0; i < c->n; i++) {
		size_t at = c->of[i].at;
		unsigned int job = run_of(w, at)->job;
		bool bad = is_bad_at(w, at);

		if (!is_sample(w, at) || (on_main && !is_on_main(w, at)))
			continue;
		if (w->ran[job]++ == 0)
			++*(bad ? failed : passed);
		else if (bad && !w->bad[job]) {
			--*passed;
			++*failed;
		}
		w->bad[job] += bad;
	}
}

/* It passed in another run of its job, which is no leg of the same one. */
static bool
passed_elsewhere(const struct work *w, const struct commit *c, size_t failed)
{
	const struct rj_past_run *r = run_of(w, failed);

	if (!r->commit || w->ran[r->job] == w->bad[r->job])
		return false;
	for (size_t i = 0; i < c->n; i++) {
		size_t at = c->of[i].at;
		const struct rj_past_run *other = run_of(w, at);

		if (is_sample(w, at) && is_passed_at(w, at) &&
		    other->job == r->job &&
		    (!r->legs || other->legs != r->legs))
			return true;
	}
	return false;
}

/* S and C, the stronger first, one for each job at most. */
static bool
find_proofs(struct work *w, struct found *f, const struct commit *c)
{
	size_t passed, failed;
	bool any = false;

	count_jobs(w, c, false, &passed, &failed);
	for (int kind = RJ_EVENT_S; kind <= RJ_EVENT_C; kind++)
		for (size_t i = 0; i < c->n; i++) {
			size_t at = c->of[i].at, *had;
			const struct rj_seen *s = &w->test->seen[at];

			had = &w->latest[run_of(w, at)->job];
			if (*had == c->of[0].at || !is_bad_at(w, at) ||
			    !is_sample(w, at))
				continue;
			if (kind == RJ_EVENT_S ? !rj_seen_recovered(s)
					       : !passed_elsewhere(w, c, at))
				continue;
			*had = c->of[0].at;
			note_event(w, f, (enum rj_event)kind, at);
			any = true;
		}
	return any;
}

/* Otherwise one J, or else one I. */
static void
find_hints(struct work *w, struct found *f, const struct commit *c)
{
	size_t passed, failed;

	count_jobs(w, c, true, &passed, &failed);
	for (int kind = RJ_EVENT_J; kind <= RJ_EVENT_I; kind++)
		for (size_t i = 0; i < c->n; i++) {
			size_t at = c->of[i].at;
			size_t before = w->before[at], after = w->after[at];
			bool is_j =
			    c->of[i].commit && passed >= failed &&
			    !(is_bad_at(w, before) && is_bad_at(w, after));
			bool is_i =
			    is_passed_at(w, before) && is_passed_at(w, after);

			if (!is_bad_at(w, at) || !is_sample(w, at) ||
			    !is_on_main(w, at) ||
			    !(kind == RJ_EVENT_J ? is_j : is_i))
				continue;
			note_event(w, f, (enum rj_event)kind, at);
			return;
		}
}

static void
find_events(struct work *w, struct found *f)
{
	size_t n = w->test->n;

	link_neighbours(w);
	for (size_t i = 0; i < n; i++)
		w->latest[run_of(w, i)->job] = NONE;
	for (size_t i = 0, end; i < n; i = end) {
		struct commit c = { w->order + i, 0 };

		end = end_of_commit(w, i);
		c.n = end - i;
		if (!find_proofs(w, f, &c))
			find_hints(w, f, &c);
	}
}

static int
compare_times(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Two isolated failures stand close to each other. */
static bool
has_two_suspects(struct work *w)
{
	qsort(w->suspects, w->n_suspects, sizeof(*w->suspects), compare_times);
	for (size_t i = 1; i < w->n_suspects; i++)
		if (w->suspects[i] - w->suspects[i - 1] <= SUSPECTS_WITHIN)
			return true;
	return false;
}

/* --- what is no luck ------------------------------------------------------ */

/* A job in which it always fails, and it fails in no other one. */
static bool
find_environment(struct work *w)
{
	size_t n = w->test->n, others = 0, ran = 0, first = NONE;
	unsigned int job;

	for (size_t i = 0; i < n && first == NONE; i++)
		if (is_sample(w, i) && is_bad_at(w, i))
			first = i;
	if (first == NONE)
		return false;
	job = run_of(w, first)->job;
	for (size_t i = 0; i < n; i++) {
		if (!is_sample(w, i))
			continue;
		if ((run_of(w, i)->job == job) != is_bad_at(w, i))
			return false;
		*(run_of(w, i)->job == job ? &ran : &others) += 1;
	}
	if (ran < FEW_IN_A_JOB || others == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		w->excluded[i] = run_of(w, i)->job == job;
	return true;
}

/* Marks the sightings of commits that no job passed. */
static void
find_hopeless(struct work *w)
{
	for (size_t i = 0, end; i < w->test->n; i = end) {
		bool passed = false;

		end = end_of_commit(w, i);
		for (size_t k = i; k < end; k++) {
			size_t at = w->order[k].at;

			passed = passed ||
				 (counts_on_main(w, at) && is_passed_at(w, at));
		}
		for (size_t k = i; k < end; k++)
			w->hopeless[w->order[k].at] = !passed;
	}
}

/* How many commits in a row, up to the newest, no job passed; marks them as
 * excluded. */
static unsigned int
find_streak(struct work *w)
{
	size_t from = w->test->n;
	unsigned int streak = 0;

	find_hopeless(w);
	while (
	    from > 0 && (!counts_on_main(w, from - 1) || w->hopeless[from - 1]))
		from--;
	/* each commit once: with its first sighting */
	for (size_t i = 0, end; i < w->test->n; i = end) {
		bool there = false;

		end = end_of_commit(w, i);
		for (size_t k = i; k < end && !there; k++)
			there = w->order[k].at >= from &&
				counts_on_main(w, w->order[k].at);
		streak += there;
	}
	if (streak < LEAST_STREAK)
		return 0;
	for (size_t i = from; i < w->test->n; i++)
		w->excluded[i] = is_bad_at(w, i) && is_on_main(w, i);
	return streak;
}

/* --- rates ---------------------------------------------------------------- */

/*
 * What is known of the rate at a time. Runs count the less the older they are;
 * what they add up to is as much as as many runs of equal weight would tell.
 */
static struct posterior
posterior_at(const struct work *w, int64_t at)
{
	double bad = 0, passed = 0, squares = 0, scale;

	for (size_t i = 0; i < w->test->n; i++) {
		int64_t then = run_of(w, i)->at;
		double weight;

		if (then > at || w->excluded[i] || !is_sample(w, i))
			continue;
		weight = decay(at - then, RATE_HALF_LIFE);
		*(is_bad_at(w, i) ? &bad : &passed) += weight;
		squares += weight * weight;
	}
	scale = squares > 0 ? (bad + passed) / squares : 1;
	return (struct posterior){ PRIOR_BAD + bad * scale,
		PRIOR_PASSED + passed * scale };
}

/* Most tests have passed in the same runs as the one before them. */
static void
set_rate(struct work *w, struct rj_rank *r, struct posterior p)
{
	if (p.a != w->last.a || p.b != w->last.b) {
		w->last = p;
		w->last_low = rj_beta_quantile(p.a, p.b, 0.025);
		w->last_high = rj_beta_quantile(p.a, p.b, 0.975);
	}
	r->rate = p.a / (p.a + p.b);
	r->rate_low = w->last_low;
	r->rate_high = w->last_high;
}

/* The logarithm of the chance that a test passes n times in a row. */
static double
log_all_pass(struct posterior p, double n)
{
	int sign;

	/* lgamma() leaves the sign where another thread may, too */
	return lgamma_r(p.b + n, &sign) + lgamma_r(p.a + p.b, &sign) -
	       lgamma_r(p.b, &sign) - lgamma_r(p.a + p.b + n, &sign);
}

/*
 * So many passes in a row are too many for luck, if the test flakes as before:
 * over all rates that it may have, for the likeliest one alone lets go of too
 * many.
 */
static double
passes_wanted(struct posterior p)
{
	double few = LEAST_PASSES - 1, enough = LEAST_PASSES;

	while (log_all_pass(p, enough) > log(DOUBT)) {
		few = enough;
		enough *= 2;
	}
	while (enough - few > 1) {
		double middle = floor((few + enough) / 2);

		if (log_all_pass(p, middle) > log(DOUBT))
			few = middle;
		else
			enough = middle;
	}
	return enough;
}

/* Passes in a row since the last event: enough of them, over long enough? */
static bool
has_left(struct work *w, const struct found *f, bool *half)
{
	double wanted = passes_wanted(posterior_at(w, f->last));
	double passes = 0;
	int64_t since = 0, until = 0;

	for (size_t i = 0; i < w->test->n; i++) {
		if (run_of(w, i)->at <= f->last || !is_sample(w, i))
			continue;
		if (is_bad_at(w, i)) {
			passes = 0;
			continue;
		}
		if (passes++ == 0)
			since = run_of(w, i)->at;
		until = run_of(w, i)->at;
	}
	*half = passes * 2 >= wanted;
	f->rank->missing_passes =
	    passes < wanted ? (unsigned int)(wanted - passes) : 0;
	return passes >= wanted && until - since >= LEAST_DAYS;
}

/* --- a test -------------------------------------------------------------- */

static void
count(struct work *w, struct rj_rank *r, int64_t *seen)
{
	*seen = 0;
	for (size_t i = 0; i < w->test->n; i++) {
		const struct rj_seen *s = &w->test->seen[i];
		int64_t at = run_of(w, i)->at;

		w->excluded[i] = false;
		if (!is_decided(s) || run_of(w, i)->hunt)
			continue;
		*seen = at;
		r->runs++;
		/* what anybody can have lost, whatever a record says */
		if (r->lost < LOST_MAX)
			r->lost += s->again;
		r->blocked_runs += rejunit_is_bad(s->last);
		if (!rejunit_is_bad(s->first))
			continue;
		if (r->bad_runs++ == 0)
			r->first_bad = at;
		r->last_bad = at;
	}
}

static void
draw_strip(const struct rj_past_test *t, char out[RJ_STRIP + 1])
{
	size_t from = t->n > RJ_STRIP ? t->n - RJ_STRIP : 0, n = 0;

	for (size_t i = from; i < t->n; i++) {
		const struct rj_seen *s = &t->seen[i];

		if (rejunit_is_bad(s->first))
			out[n++] = rejunit_is_bad(s->last) ? 'F' : 'f';
		else
			out[n++] = s->first == REJUNIT_PASSED ? '.' : 's';
	}
	out[n] = '\0';
}

static enum rejunit_state
state_of(struct work *w, struct found *f)
{
	struct rj_rank *r = f->rank;
	bool environment = r->bad_runs && find_environment(w);
	bool half = false, left;
	unsigned int streak = environment || !r->bad_runs ? 0 : find_streak(w);

	set_rate(w, r, posterior_at(w, w->opt->past.at));
	if (environment)
		return REJUNIT_ENVIRONMENT;
	if (streak && pow(r->rate_high, streak) < 0.01)
		return REJUNIT_BROKEN;
	if (streak) {
		/* its rate explains them */
		for (size_t i = 0; i < w->test->n; i++)
			w->excluded[i] = false;
		set_rate(w, r, posterior_at(w, w->opt->past.at));
	}
	if (r->events[RJ_EVENT_S] || r->events[RJ_EVENT_C] ||
	    r->events[RJ_EVENT_J] || has_two_suspects(w)) {
		left = has_left(w, f, &half);
		if (!left)
			return half ? REJUNIT_RECOVERING : REJUNIT_FLAKY;
	} else if (r->events[RJ_EVENT_I]) {
		left = has_left(w, f, &half);
		if (!left)
			return REJUNIT_SUSPECT;
	}
	return r->runs < FEW_RUNS ? REJUNIT_NEW_TEST : REJUNIT_HEALTHY;
}

static void
rank_test(struct work *w, const struct rj_past_test *t, struct rj_rank *r)
{
	struct found f = { .rank = r };
	int64_t seen;

	w->test = t;
	*r = (struct rj_rank){ .test = t, .id = t->id };
	count(w, r, &seen);
	draw_strip(t, r->strip);
	w->n_suspects = 0;
	if (r->bad_runs) {
		order_by_commit(w);
		find_events(w, &f);
	}
	r->stale = w->opt->past.at - seen > STALE_AFTER;
	r->state = state_of(w, &f);
	/* all its failures are of the one job, and no luck */
	if (r->state == REJUNIT_ENVIRONMENT) {
		r->evidence = r->machine = r->person = 0;
		for (int e = 0; e < RJ_EVENTS; e++)
			r->events[e] = 0;
	}
}

/* What is listed comes first, as much of it as is wanted. */
static void
list(struct rj_ranking *r, const struct rj_rank_options *o)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		if (o->all || r->tests[i].state < REJUNIT_NEW_TEST) {
			struct rj_rank t = r->tests[i];

			/* the others may stand in any order behind it */
			r->tests[i] = r->tests[n];
			r->tests[n++] = t;
		}
	r->n_listed = o->top && o->top < n ? o->top : n;
}

double
rj_rank_cost(const struct rj_rank *r)
{
	return r->machine + r->person;
}

double
rj_rank_money(const struct rj_ranking *r, const struct rj_rank *test)
{
	return (test->machine * r->machine_hour + test->person * r->hourly) /
	       3600;
}

/* --- the order ----------------------------------------------------------- */

struct sorting {
	const struct rj_rank *rank;
	double first;
	double second;
};

static int
compare(const void *a, const void *b)
{
	const struct sorting *x = a, *y = b;

	if (x->first != y->first)
		return x->first > y->first ? -1 : 1;
	if (x->second != y->second)
		return x->second > y->second ? -1 : 1;
	/* tests are in the order of their names */
	return x->rank->test < y->rank->test ? -1 : 1;
}

static double
value_of(const struct rj_rank *r, enum rejunit_rank_by by)
{
	switch (by) {
	case REJUNIT_BY_COST:
		return rj_rank_cost(r);
	case REJUNIT_BY_FLAKES:
		return r->evidence;
	case REJUNIT_BY_RATE:
		return r->rate;
	default:
		return (double)r->lost;
	}
}

static bool
sort(struct rj_ranking *r, enum rejunit_rank_by by)
{
	struct sorting *s = calloc(r->n + 1, sizeof(*s));
	struct rj_rank *sorted = calloc(r->n + 1, sizeof(*sorted));
	bool ok = s && sorted;

	for (size_t i = 0; i < r->n && ok; i++)
		s[i] = (struct sorting){ &r->tests[i],
			value_of(&r->tests[i], by), r->tests[i].evidence };
	if (ok) {
		qsort(s, r->n, sizeof(*s), compare);
		for (size_t i = 0; i < r->n; i++)
			sorted[i] = *s[i].rank;
		free(r->tests);
		r->tests = sorted;
	} else {
		free(sorted);
	}
	free(s);
	return ok;
}

enum rejunit_status
rj_rank(
    struct rj_ranking *r, struct rj_history *h, const struct rj_rank_options *o)
{
	struct work w = { .past = &r->past, .opt = o };
	enum rejunit_status status;
	bool ok;

	*r = (struct rj_ranking){ .n = 0 };
	status = rj_past_load(&r->past, h, &o->past);
	if (status)
		return status;
	w.latest = calloc(r->past.jobs, sizeof(*w.latest));
	w.ran = calloc(r->past.jobs, sizeof(*w.ran));
	w.bad = calloc(r->past.jobs, sizeof(*w.bad));
	r->tests = calloc(r->past.n_tests + 1, sizeof(*r->tests));
	ok = w.latest && w.ran && w.bad && r->tests;
	for (size_t i = 0; i < r->past.n_tests && ok; i++) {
		if (r->past.tests[i].n == 0)
			continue;
		ok = make_room(&w, r->past.tests[i].n);
		if (ok)
			rank_test(&w, &r->past.tests[i], &r->tests[r->n++]);
	}
	ok = ok && sort(r, o->by);
	if (ok)
		list(r, o);
	r->at = o->past.at;
	r->hourly = o->hourly;
	r->machine_hour = o->machine_hour;
	free(w.before);
	free(w.after);
	free(w.order);
	free(w.suspects);
	free(w.excluded);
	free(w.hopeless);
	free(w.latest);
	free(w.ran);
	free(w.bad);
	return ok ? rj_cluster(r, h, o) : rj_fail_memory(h->db.err);
}

void
rj_ranking_free(struct rj_ranking *r)
{
	free(r->tests);
	free(r->clusters);
	free(r->recovered);
	rj_past_free(&r->past);
	*r = (struct rj_ranking){ .n = 0 };
}
