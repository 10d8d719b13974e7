/* What it comes to. */
#include <stdlib.h>

#include "investigate/telling.h"
#include "list/signature.h"

#define FEW 3 /* failures */

/* --- the category -------------------------------------------------------- */

static int
compare_causes(const void *a, const void *b)
{
	const struct rj_cause *x = a, *y = b;
	bool p = x->p >= 0, q = y->p >= 0;

	if (x->confidence != y->confidence)
		return x->confidence > y->confidence ? -1 : 1;
	if (p != q)
		return p ? -1 : 1;
	if (p && x->adjusted != y->adjusted)
		return x->adjusted < y->adjusted ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return rj_str_order(x->value, y->value);
}

static void
choose_category(struct rj_causes *f)
{
	static const enum rj_category seconds[RJ_CATEGORIES] = {
		[RJ_ORDER] = RJ_SHARED_STATE,
		[RJ_WORKER_ISOLATION] = RJ_SHARED_STATE,
		[RJ_MOCKS] = RJ_SHARED_STATE,
	};

	qsort(f->cause, f->n, sizeof(*f->cause), compare_causes);
	for (size_t i = 0; i < f->n; i++) {
		const struct rj_cause *c = &f->cause[i];
		/* words are those of the same failures */
		bool is_new = c->kind != RJ_FROM_WORDS;

		if (!c->category || c->kind == RJ_ATTEMPTS)
			continue;
		if (!f->primary) {
			f->primary = c->category;
			f->confidence = c->confidence;
		} else if (c->category == f->primary) {
			/* two things that do not know of each other */
			if (f->confidence == RJ_MEDIUM && is_new)
				f->confidence = RJ_HIGH;
		} else if (!f->secondary) {
			f->secondary = c->category;
		}
	}
	if (!f->secondary)
		f->secondary = seconds[f->primary];
}

/* --- the rest ------------------------------------------------------------ */

static struct rj_str
line_behind(struct rj_str trace, struct rj_str place)
{
	size_t at = (size_t)(place.s - trace.s) + place.n, n = 0;
	struct rj_str rest = rj_str_from(trace, at);

	if (rj_str_starts(rest, RJ_STR("\", line ")))
		rest = rj_str_from(rest, 8);
	else if (rest.n)
		rest = rj_str_from(rest, 1);
	while (n < rest.n && rest.s[n] >= '0' && rest.s[n] <= '9')
		n++;
	return (struct rj_str){ rest.s, n };
}

static void
find_frames(struct rj_telling *w)
{
	struct rj_causes *f = w->f;

	for (size_t i = 0; i < f->e.n_said; i++) {
		struct rj_str trace = f->e.said[i].trace, function;
		struct rj_str place = rj_own_frame(trace, &function), at;
		size_t k = 0;

		if (!place.s)
			continue;
		w->no_memory =
		    w->no_memory || !rj_buf_add_visible(&w->text, place);
		rj_say_text(w, RJ_STR(":"));
		rj_say_text(w, line_behind(trace, place));
		at = rj_keep_said(w);
		while (k < f->frames && !rj_str_eq(f->frame[k].place, at))
			k++;
		if (k == RJ_FRAMES)
			continue;
		f->frame[k].place = at;
		f->frame[k].function = function;
		f->frame[k].failures += f->e.said[i].failures;
		f->frames += k == f->frames;
	}
}

static void
miss(struct rj_telling *w, bool is_missing, const char *what)
{
	struct rj_causes *f = w->f;

	if (is_missing &&
	    f->n_missing < sizeof(f->missing) / sizeof(*f->missing))
		f->missing[f->n_missing++] = rj_str(what);
}

static void
find_missing(struct rj_telling *w)
{
	struct rj_causes *f = w->f;
	bool commits = false, hosts = false, jobs = false, took = false,
	     positions = false, seeds = false, workers = false, traces = false,
	     again = false;

	for (size_t i = 0; i < f->e.n; i++) {
		const struct rj_sample *s = &f->e.samples[i];
		const struct rj_run_texts *r = &f->e.runs[s->run];

		commits = commits || r->commit.n;
		hosts = hosts || r->host.n;
		jobs = jobs || r->job.n;
		took = took || s->seconds >= 0;
		positions = positions || s->position >= 0;
		seeds = seeds || rj_fact(s->facts, RJ_STR("seed")).n ||
			rj_fact(r->facts, RJ_STR("seed")).n;
		workers = workers || s->worker;
		again = again || s->again;
	}
	for (size_t i = 0; i < f->e.n_said; i++)
		traces = traces || f->e.said[i].trace.n;
	miss(w, f->units_bad < FEW,
	    "failures: below three of different commits, nothing is compared");
	miss(w, f->e.n_others == 0,
	    "other tests of the same runs: record whole reports");
	miss(w, !again, "reruns: record the rerun's report with the original");
	miss(w, !commits, "commits: record with --commit, or in the checkout");
	miss(w, !jobs, "jobs: record with --job");
	miss(w, !hosts, "hosts: record with --host");
	miss(w, !took, "durations");
	miss(w, !positions, "positions: record reports, or runs with them");
	miss(w, !seeds,
	    "seeds: record with --fact=seed=…, or have the report "
	    "say it as a property");
	miss(w, !workers, "workers: a property \"worker\" of each case");
	miss(w, f->e.bad && !traces, "traces: record without --no-text");
}

static void
choose_next(struct rj_telling *w)
{
	struct rj_causes *f = w->f;
	struct rj_str candidates[8] = { { NULL, 0 } };
	size_t n = 0, chosen = 0;

	for (size_t i = 0; i < f->n && n < 2; i++)
		if (f->cause[i].confidence >= RJ_MEDIUM)
			candidates[n++] = f->cause[i].command;
	candidates[n++] = rj_keep_command(w, rj_command_repeat);
	candidates[n++] = f->capture;
	candidates[n++] = rj_keep_command(w, rj_command_alone);
	candidates[n++] = rj_keep_command(w, rj_command_fixtures);
	for (size_t i = 0; i < n && chosen < 3; i++) {
		bool is_known = candidates[i].n == 0;

		for (size_t k = 0; k < chosen; k++)
			is_known =
			    is_known || rj_str_eq(f->next[k], candidates[i]);
		if (!is_known)
			f->next[chosen++] = candidates[i];
	}
}

void
rj_conclude(struct rj_telling *w)
{
	if (w->f->n)
		choose_category(w->f);
	find_frames(w);
	find_missing(w);
	choose_next(w);
}
