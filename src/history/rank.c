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
#define DOUBT		0.04

/* What is found out of one test after the other. */
struct work {
	const struct rj_past *past;
	const struct rj_rank_options *opt;
	const struct rj_past_test *test;
	/* of each sighting, in the order of runs */
	size_t room;
	size_t *before; /* the one before it in its job, or none */
	size_t *after;
	size_t *order; /* sightings by their commits */
	bool *excluded; /* it says nothing of the rate */
	/* of each job */
	size_t *latest;
	unsigned int *ran;
	unsigned int *bad;
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
	free(w->excluded);
	w->before = calloc(room, sizeof(*w->before));
	w->after = calloc(room, sizeof(*w->after));
	w->order = calloc(room, sizeof(*w->order));
	w->excluded = calloc(room, sizeof(*w->excluded));
	w->room = w->before && w->after && w->order && w->excluded ? room : 0;
	return w->room > 0;
}

/* Links what passed or failed on the main branch, job by job. */
static void
link_neighbours(struct work *w)
{
	const struct rj_past_test *t = w->test;

	for (unsigned int j = 0; j < w->past->jobs; j++)
		w->latest[j] = NONE;
	for (size_t i = 0; i < t->n; i++) {
		size_t *latest = &w->latest[run_of(w, i)->job];

		w->before[i] = w->after[i] = NONE;
		if (!is_decided(&t->seen[i]) || run_of(w, i)->hunt ||
		    !is_on_main(w, i))
			continue;
		w->before[i] = *latest;
		if (*latest != NONE)
			w->after[*latest] = i;
		*latest = i;
	}
}

/* Sorts sightings by their commits, and within one by their order. */
static void
order_by_commit(struct work *w)
{
	/* a stable count would need a table of all commits: heaps do */
	const struct rj_past_test *t = w->test;
	size_t *o = w->order, n = t->n;

	for (size_t i = 0; i < n; i++)
		o[i] = i;
	for (size_t gap = n / 2; gap > 0; gap /= 2)
		for (size_t i = gap; i < n; i++) {
			size_t moved = o[i], k = i;
			unsigned int commit = run_of(w, moved)->commit;

			for (; k >= gap; k -= gap) {
				size_t other = o[k - gap];
				unsigned int c = run_of(w, other)->commit;

				if (c < commit ||
				    (c == commit && other < moved))
					break;
				o[k] = other;
			}
			o[k] = moved;
		}
}

/* --- events --------------------------------------------------------------- */

struct found {
	struct rj_rank *rank;
	int64_t last; /* event */
	int64_t last_suspect;
	bool two_suspects;
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
	if (kind != RJ_EVENT_I)
		return;
	if (f->last_suspect && r->at - f->last_suspect <= SUSPECTS_WITHIN)
		f->two_suspects = true;
	f->last_suspect = r->at;
}

static bool
passed_again(const struct rj_seen *s)
{
	return s->passed_later && !s->several;
}

/* Among a commit's sightings there is a pass in the same job. */
static bool
passed_elsewhere(
    const struct work *w, const size_t *of, size_t n, size_t failed)
{
	const struct rj_past_run *r = run_of(w, failed);

	if (!r->commit)
		return false;
	for (size_t i = 0; i < n; i++)
		if (of[i] != failed && is_sample(w, of[i]) &&
		    run_of(w, of[i])->job == r->job &&
		    w->test->seen[of[i]].first == REJUNIT_PASSED)
			return true;
	return false;
}

/* In how many jobs of a commit the test failed, and in how many it passed. */
static void
count_jobs(const struct work *w, const size_t *of, size_t n, size_t *passed,
    size_t *failed)
{
	*passed = *failed = 0;
	for (size_t i = 0; i < n; i++)
		w->bad[run_of(w, of[i])->job] = w->ran[run_of(w, of[i])->job] =
		    0;
	for (size_t i = 0; i < n; i++) {
		const struct rj_past_run *r = run_of(w, of[i]);
		bool bad = rejunit_is_bad(w->test->seen[of[i]].first);

		if (!is_sample(w, of[i]) || !is_on_main(w, of[i]))
			continue;
		if (w->ran[r->job]++ == 0)
			++*(bad ? failed : passed);
		else if (bad && !w->bad[r->job]) {
			--*passed;
			++*failed;
		}
		w->bad[r->job] += bad;
	}
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

/* The events of one commit. */
static void
examine_commit(struct work *w, struct found *f, const size_t *of, size_t n)
{
	size_t passed = 0, failed = 0;
	bool proved = false, counted = false;

	for (unsigned int pass = 0; pass < 2 && !proved; pass++)
		for (size_t i = 0; i < n; i++) {
			const struct rj_seen *s = &w->test->seen[of[i]];
			unsigned int job = run_of(w, of[i])->job;
			enum rj_event kind;

			if (!rejunit_is_bad(s->first) || !is_sample(w, of[i]))
				continue;
			if (pass == 0 && passed_again(s))
				kind = RJ_EVENT_S;
			else if (pass == 0 && passed_elsewhere(w, of, n, of[i]))
				kind = RJ_EVENT_C;
			else if (pass == 0)
				continue;
			else {
				if (!is_on_main(w, of[i]))
					continue;
				if (!counted)
					count_jobs(w, of, n, &passed, &failed);
				counted = true;
				if (run_of(w, of[i])->commit && failed &&
				    passed >= failed &&
				    !(is_bad_at(w, w->before[of[i]]) &&
					is_bad_at(w, w->after[of[i]])))
					kind = RJ_EVENT_J;
				else
					continue;
				note_event(w, f, kind, of[i]);
				proved = true;
				break;
			}
			/* at most one in a job */
			if (proved && w->latest[job] == of[0])
				continue;
			w->latest[job] = of[0];
			note_event(w, f, kind, of[i]);
			proved = true;
		}
	for (size_t i = 0; i < n && !proved; i++)
		if (is_sample(w, of[i]) && is_bad_at(w, of[i]) &&
		    is_on_main(w, of[i]) && is_passed_at(w, w->before[of[i]]) &&
		    is_passed_at(w, w->after[of[i]])) {
			note_event(w, f, RJ_EVENT_I, of[i]);
			break;
		}
}

static void
find_events(struct work *w, struct found *f)
{
	size_t n = w->test->n;

	link_neighbours(w);
	order_by_commit(w);
	for (unsigned int j = 0; j < w->past->jobs; j++)
		w->latest[j] = NONE;
	for (size_t i = 0, end; i < n; i = end) {
		unsigned int commit = run_of(w, w->order[i])->commit;

		end = i + 1;
		while (commit && end < n &&
		       run_of(w, w->order[end])->commit == commit)
			end++;
		examine_commit(w, f, w->order + i, end - i);
	}
}

/* --- what is no luck ------------------------------------------------------ */

/* A job in which it always fails, and it fails in no other one. */
static bool
find_environment(struct work *w)
{
	unsigned int job = 0;
	size_t jobs = 0, bad_jobs = 0;
	bool all = false;

	for (unsigned int j = 0; j < w->past->jobs; j++)
		w->ran[j] = w->bad[j] = 0;
	for (size_t i = 0; i < w->test->n; i++) {
		if (!is_sample(w, i))
			continue;
		w->ran[run_of(w, i)->job]++;
		w->bad[run_of(w, i)->job] += is_bad_at(w, i);
	}
	for (unsigned int j = 0; j < w->past->jobs; j++) {
		jobs += w->ran[j] > 0;
		if (!w->bad[j])
			continue;
		bad_jobs++;
		job = j;
		all = w->ran[j] == w->bad[j] && w->ran[j] >= FEW_IN_A_JOB;
	}
	if (bad_jobs != 1 || !all || jobs < 2)
		return false;
	for (size_t i = 0; i < w->test->n; i++)
		if (run_of(w, i)->job == job)
			w->excluded[i] = true;
	return true;
}

/* The commits without a pass that are the newest; marks them as excluded. */
static unsigned int
find_streak(struct work *w)
{
	unsigned int streak = 0, commit = 0;
	size_t i;

	for (i = w->test->n; i-- > 0;) {
		const struct rj_past_run *r = run_of(w, i);

		if (!is_decided(&w->test->seen[i]) || r->hunt ||
		    !is_on_main(w, i))
			continue;
		if (!is_bad_at(w, i))
			break;
		if (streak == 0 || !r->commit || r->commit != commit)
			streak++;
		commit = r->commit;
	}
	/* a commit that passed somewhere is none of them */
	if (i != NONE && streak && commit && run_of(w, i)->commit == commit)
		streak--;
	if (streak < LEAST_STREAK)
		return 0;
	for (size_t k = i + 1; k < w->test->n; k++)
		if (is_bad_at(w, k) && is_on_main(w, k))
			w->excluded[k] = true;
	return streak;
}

/* --- rates ---------------------------------------------------------------- */

struct posterior {
	double a;
	double b;
};

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

static void
set_rate(struct rj_rank *r, struct posterior p)
{
	r->rate = p.a / (p.a + p.b);
	r->rate_low = rj_beta_quantile(p.a, p.b, 0.025);
	r->rate_high = rj_beta_quantile(p.a, p.b, 0.975);
}

/* The logarithm of the chance that a test passes n times in a row. */
static double
log_all_pass(struct posterior p, double n)
{
	return lgamma(p.b + n) + lgamma(p.a + p.b) - lgamma(p.b) -
	       lgamma(p.a + p.b + n);
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

/* --- a test ----------------------------------------------------------------
 */

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
	bool environment = find_environment(w), half = false, left;
	unsigned int streak = environment ? 0 : find_streak(w);

	set_rate(r, posterior_at(w, w->opt->past.at));
	if (environment)
		return REJUNIT_ENVIRONMENT;
	if (streak && pow(r->rate_high, streak) < 0.01)
		return REJUNIT_BROKEN;
	if (streak) {
		/* its rate explains them */
		for (size_t i = 0; i < w->test->n; i++)
			w->excluded[i] = false;
		set_rate(r, posterior_at(w, w->opt->past.at));
	}
	if (r->events[RJ_EVENT_S] || r->events[RJ_EVENT_C] ||
	    r->events[RJ_EVENT_J] || f->two_suspects) {
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
	if (r->bad_runs)
		find_events(w, &f);
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

/* --- the order -------------------------------------------------------------
 */

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
	free(w.excluded);
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
