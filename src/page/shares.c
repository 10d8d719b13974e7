/* What a test's failures have in common, held against its passes. */
#include <stdio.h>
#include <stdlib.h>

#include "history/clock.h"
#include "list/signature.h"
#include "page/parts.h"

#define KINDS	   64 /* of things that are looked at */
#define VALUES	   3 /* of one kind that are shown */
#define SIGNATURES 3 /* that have a column of their own */
#define FRAME	   "frame" /* the kind that passes have none of */
#define FAILURES   40 /* that have a mark of their own, the newest */

/* What a run had: "host", "ci-3". */
struct shared {
	struct rj_str value;
	unsigned int bad;
	unsigned int good;
	unsigned int by_signature[SIGNATURES];
	char marks[FAILURES]; /* F: that failure had it */
};

struct kind {
	struct rj_str name;
	bool fact; /* that somebody recorded: it may have any name */
	struct shared *of;
	size_t n;
	size_t room;
	struct rj_map at; /* by value, from 1 on */
	unsigned int bad; /* of which it is known */
	unsigned int good;
};

struct sharing {
	const struct rj_evidence *e;
	struct rj_arena arena;
	struct kind kind[KINDS];
	size_t n;
	unsigned int signatures[SIGNATURES]; /* failures that have each */
	size_t failure; /* the number of the one at hand, */
	size_t first; /* and of the first with a mark */
	double low; /* few passes take less, */
	double high; /* and few more */
	bool left_out; /* of what has no place */
	bool no_memory;
};

static struct kind *
kind_of(struct sharing *s, struct rj_str name, bool fact)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->kind[i].fact == fact && rj_str_eq(s->kind[i].name, name))
			return &s->kind[i];
	if (s->n == KINDS) {
		s->left_out = true;
		return NULL;
	}
	s->kind[s->n] = (struct kind){ .name = name, .fact = fact };
	return &s->kind[s->n++];
}

static size_t
signature_of(const struct sharing *s, const struct rj_sample *x)
{
	struct rj_str signature =
	    rj_past_signature(&s->e->ranking->past, x->words);
	size_t k = 0;

	while (k < SIGNATURES && k < s->e->n_said &&
	       !rj_str_eq(s->e->said[k].signature, signature))
		k++;
	return x->bad && signature.n && k < s->e->n_said ? k : SIGNATURES;
}

static void
share_in(struct sharing *s, const struct rj_sample *x, struct kind *k,
    struct rj_str value)
{
	size_t signature = signature_of(s, x);
	uintptr_t at;
	void *more;

	if (!k)
		return;
	at = (uintptr_t)rj_map_get(&k->at, value);
	if (!at) {
		more = rj_grown(k->of, k->n, &k->room, sizeof(*k->of));
		if (!more) {
			s->no_memory = true;
			return;
		}
		k->of = more;
		k->of[k->n] = (struct shared){ .bad = 0 };
		memset(k->of[k->n].marks, ' ', FAILURES);
		at = k->n + 1;
		if (!rj_alloc_str(&s->arena, value, &k->of[k->n].value) ||
		    !rj_map_put(&k->at, k->of[k->n].value, (void *)at)) {
			s->no_memory = true;
			return;
		}
		k->n++;
	}
	k->bad += x->bad;
	k->good += !x->bad;
	k->of[at - 1].bad += x->bad;
	k->of[at - 1].good += !x->bad;
	if (signature < SIGNATURES)
		k->of[at - 1].by_signature[signature]++;
	if (x->bad && s->failure >= s->first)
		k->of[at - 1].marks[s->failure - s->first] = 'F';
}

static void
share(struct sharing *s, const struct rj_sample *x, const char *name,
    struct rj_str value)
{
	if (value.n)
		share_in(s, x, kind_of(s, rj_str(name), false), value);
}

/* How long it took, beside what passes take. */
static void
share_duration(struct sharing *s, const struct rj_sample *x)
{
	if (x->seconds < 0 || s->high < 0)
		return;
	share(s, x, "took",
	    x->seconds > s->high  ? RJ_STR("longer than 95 % of passes")
	    : x->seconds < s->low ? RJ_STR("less than 95 % of passes")
				  : RJ_STR("as long as passes"));
}

static bool
find_bounds(struct sharing *s)
{
	const struct rj_evidence *e = s->e;
	double *passes = calloc(e->n + 1, sizeof(*passes));
	size_t n = 0, bad = 0;

	if (!passes)
		return false;
	for (size_t i = 0; i < e->n; i++) {
		const struct rj_sample *x = &e->samples[i];
		bool outage = e->ranking->past.runs[x->run].outage;

		bad += x->bad && !outage;
		if (!x->bad && !outage && x->seconds >= 0)
			passes[n++] = x->seconds;
	}
	qsort(passes, n, sizeof(*passes), rj_compare_doubles);
	s->low = rj_quantile(passes, n, 0.05);
	s->high = n ? rj_quantile(passes, n, 0.95) : -1;
	s->first = bad > FAILURES ? bad - FAILURES : 0;
	free(passes);
	return true;
}

/* By the clock of UTC. */
static void
share_time(struct sharing *s, const struct rj_sample *x, int64_t at)
{
	static const char *const days[] = { "Thursday", "Friday", "Saturday",
		"Sunday", "Monday", "Tuesday", "Wednesday" };
	char hour[8];

	snprintf(hour, sizeof(hour), "%02d h", (int)(at % RJ_DAY / 3600));
	share(s, x, "hour", rj_str(hour));
	share(s, x, "day", rj_str(days[at / RJ_DAY % 7]));
}

static bool
has_fact(const struct rj_facts *f, struct rj_str name)
{
	for (size_t i = 0; i < f->n; i++)
		if (rj_str_eq(f->fact[i].name, name))
			return true;
	return false;
}

/* What the test has itself stands for what its run has. */
static void
share_facts(
    struct sharing *s, const struct rj_sample *x, const struct rj_facts *of_run)
{
	const struct rj_facts *own = x->facts;

	for (size_t i = 0; i < own->n; i++)
		share_in(s, x, kind_of(s, own->fact[i].name, true),
		    own->fact[i].value);
	for (size_t i = 0; i < of_run->n; i++)
		if (!has_fact(own, of_run->fact[i].name))
			share_in(s, x, kind_of(s, of_run->fact[i].name, true),
			    of_run->fact[i].value);
}

/* The last line of the project that its trace goes through. */
static void
share_frame(struct sharing *s, const struct rj_sample *x)
{
	for (size_t i = 0; i < s->e->n_said; i++) {
		const struct rj_said *said = &s->e->said[i];
		struct rj_str function, place;

		if (!rj_str_eq(said->signature,
			rj_past_signature(&s->e->ranking->past, x->words)))
			continue;
		place = rj_own_frame(said->trace, &function);
		share(s, x, FRAME, function.n ? function : place);
		return;
	}
}

/* The test that ran right before it, in each run; UINT32_MAX: none. */
static unsigned int *
find_previous(const struct rj_evidence *e)
{
	unsigned int *test = malloc((e->n + 1) * sizeof(*test));
	int64_t *position = malloc((e->n + 1) * sizeof(*position));

	for (size_t i = 0; i < e->n && test && position; i++) {
		test[i] = RJ_NO_TEST;
		position[i] = -1;
	}
	for (size_t i = 0; i < e->n_others && test && position; i++) {
		const struct rj_other *o = &e->others[i];
		const struct rj_sample *x = &e->samples[o->sample];

		if (o->decided && o->position < x->position &&
		    o->position > position[o->sample] &&
		    (!o->worker || !x->worker || o->worker == x->worker)) {
			position[o->sample] = o->position;
			test[o->sample] = o->test;
		}
	}
	if (!position) {
		free(test);
		test = NULL;
	}
	free(position);
	return test;
}

static void
share_all(struct sharing *s)
{
	const struct rj_evidence *e = s->e;
	const struct rj_past *past = &e->ranking->past;
	unsigned int *previous = find_previous(e);

	s->no_memory = !previous || !find_bounds(s);
	for (size_t i = 0; i < e->n && !s->no_memory; i++) {
		const struct rj_sample *x = &e->samples[i];
		const struct rj_run_texts *r = &e->runs[x->run];
		size_t signature = signature_of(s, x);

		if (past->runs[x->run].outage)
			continue;
		if (signature < SIGNATURES)
			s->signatures[signature]++;
		if (x->bad)
			share_frame(s, x);
		share_duration(s, x);
		share(s, x, "job", r->job);
		share(s, x, "host", r->host);
		share(s, x, "branch", r->branch);
		share_time(s, x, past->runs[x->run].at);
		share_facts(s, x, r->facts);
		if (previous[i] != RJ_NO_TEST)
			share(
			    s, x, "test before", rj_past_id(past, previous[i]));
		s->failure += x->bad;
	}
	free(previous);
}

/* --- as a table ---------------------------------------------------------- */

static int
most_failures(const void *a, const void *b)
{
	const struct shared *x = a, *y = b;

	if (x->bad != y->bad)
		return x->bad > y->bad ? -1 : 1;
	if (x->good != y->good)
		return x->good < y->good ? -1 : 1;
	return rj_str_order(x->value, y->value);
}

static void
put_cell(
    struct rj_out *out, unsigned int part, unsigned int of, const char *colour)
{
	rj_html(out, "<td class=\"n\">");
	if (of) {
		rj_draw_share(out, (double)part / of, colour);
		rj_html(out, " %u/%u", part, of);
	}
	rj_html(out, "</td>");
}

static bool
is_frame(const struct kind *k)
{
	return !k->fact && rj_str_eq(k->name, RJ_STR(FRAME));
}

static void
put_shared(struct rj_page *p, const struct sharing *s, const struct kind *k,
    const struct shared *v)
{
	size_t marked = s->failure - s->first;
	char what[64];

	rj_html(p->out, "<tr><th scope=\"row\">");
	rj_html_text(p->out, k->name, 60);
	rj_html(p->out, " <b>");
	rj_html_text(p->out, v->value, 120);
	rj_html(p->out, "</b></th>");
	put_cell(p->out, v->bad, k->bad, RJ_RED);
	put_cell(p->out, v->good, is_frame(k) ? 0 : k->good, RJ_GREEN);
	snprintf(what, sizeof(what), "which of the last %zu failure%s had it",
	    marked, rj_plural(marked));
	rj_html(p->out, "<td>");
	rj_draw_strip(p->out, v->marks, marked, what);
	rj_html(p->out, "</td>");
	for (size_t i = 0;
	     i < SIGNATURES && i < s->e->n_said && s->e->n_said > 1; i++)
		put_cell(p->out, v->by_signature[i], s->signatures[i], RJ_RED);
	rj_html(p->out, "</tr>\n");
}

/* What all have is no news, but where it fails. */
static bool
is_worth_it(const struct kind *k)
{
	return k->bad && (k->n > 1 || is_frame(k));
}

static void
put_shares(struct rj_page *p, struct sharing *s)
{
	size_t others = 0;
	bool any = false;

	for (size_t i = 0; i < s->n; i++) {
		struct kind *k = &s->kind[i];

		if (!is_worth_it(k))
			continue;
		if (!any) {
			rj_html(p->out,
			    "<figure>\n<figcaption>What its failures have in "
			    "common. Look for a row that is dark for failures "
			    "and pale for passes; failure by failure, the "
			    "newest is on the right.</figcaption>\n"
			    "<div class=\"wide\"><table class=\"heat\">\n"
			    "<thead><tr><th scope=\"col\">The run had</th>"
			    "<th scope=\"col\">failures</th>"
			    "<th scope=\"col\">passes</th>"
			    "<th scope=\"col\">failure by failure</th>");
			for (size_t c = 0; c < SIGNATURES && c < s->e->n_said &&
					   s->e->n_said > 1;
			     c++)
				rj_html(p->out,
				    "<th scope=\"col\">of kind %zu</th>",
				    c + 1);
			rj_html(p->out, "</tr></thead>\n<tbody>\n");
		}
		any = true;
		qsort(k->of, k->n, sizeof(*k->of), most_failures);
		for (size_t v = 0; v < k->n && k->of[v].bad; v++)
			if (v < VALUES)
				put_shared(p, s, k, &k->of[v]);
			else
				others++;
	}
	if (!any)
		return;
	rj_html(p->out, "</tbody>\n</table></div>\n");
	if (others)
		rj_html(p->out,
		    "<p><small>%zu other value%s that failures had %s rarer."
		    "</small></p>\n",
		    others, rj_plural(others), others == 1 ? "is" : "are");
	if (s->left_out)
		rj_html(p->out, "<p><small>There are more facts than a page "
				"has a place for.</small></p>\n");
	rj_html(p->out, "</figure>\n");
}

bool
rj_page_shares(struct rj_page *p, const struct rj_evidence *e)
{
	struct sharing s = { .e = e };

	share_all(&s);
	if (!s.no_memory)
		put_shares(p, &s);
	for (size_t i = 0; i < s.n; i++) {
		free(s.kind[i].of);
		rj_map_free(&s.kind[i].at);
	}
	rj_arena_free(&s.arena);
	return !s.no_memory;
}
