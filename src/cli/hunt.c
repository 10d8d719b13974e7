/* A hunt: all tests again and again, and how often they fail. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

#define DOUBT  0.05 /* that is left */
#define BROKEN 0.5 /* how often a test fails that always does, to say less */
#define SHOWN  3 /* tests of a round */
#define LISTED 20 /* tests in the end */

/* How many rounds failed a test. */
struct tally {
	char *id;
	size_t failed;
};

struct hunting {
	struct running *s;
	size_t rounds;
	size_t failed;
	struct tally *tests;
	size_t n;
	double most; /* rounds; 0: no limit */
	double wanted; /* for what is to be shown */
	/* of the fix that is verified */
	struct rejunit_history *history;
	struct rejunit_rank test;
	char *id;
	struct words alone; /* the command; none: the whole one */
	size_t passes;
	size_t failures;
	size_t missing;
	size_t died; /* rounds whose runner did, whatever its report says */
	bool unrecorded; /* the history could not be reached, and has to be */
};

bool
is_hunt(const struct hunt *h)
{
	return h->rounds > 0 || h->until_fail || h->seconds >= 0 ||
	       h->rate > 0 || h->fixed;
}

/* So many passes leave little doubt that it fails less often. */
static double
rounds_for(double rate)
{
	return ceil(log(DOUBT) / log(1 - rate));
}

/* What would have shown by now. */
static double
rate_after(size_t rounds)
{
	return 1 - pow(DOUBT, 1 / (double)rounds);
}

/* Two digits, as of a percentage that nobody can know better. */
static const char *
percent(double share, char out[16])
{
	double n = share * 100;

	snprintf(out, 16, n >= 10 || n < 0.05 ? "%.0f" : "%.1f", n);
	return out;
}

/* --- the fix -------------------------------------------------------------- */

static enum rejunit_status
make_alone(struct hunting *h, const char *id)
{
	struct running *s = h->s;
	const struct rejunit_case c = {
		.classname = { h->test.classname, strlen(h->test.classname) },
		.name = { h->test.name, strlen(h->test.name) },
	};
	struct words ids = { .n = 0 };
	char *own =
	    s->runner->form == BY_ID ? strdup(id) : find_id(s->runner, &c);
	struct rerun how = { .argv = s->argv,
		.from = s->arguments,
		.added = s->added,
		.place = s->report,
		.folder = s->rootdir,
		.ids = &ids,
		.n = 1 };
	bool ok = own && add_word(&ids, own) &&
		  make_rerun(s->runner, &h->alone, &how);

	free(own);
	free_words(&ids);
	return ok ? REJUNIT_OK : no_memory(&s->common.err);
}

/* As flaky as the history says, in how many rounds would it have failed? */
static enum rejunit_status
find_fixed(struct hunting *h)
{
	struct running *s = h->s;
	const struct rejunit_ranking how = { .all = true };
	struct rejunit_error *err = &s->common.err;
	const char *path = s->history ? s->history : history_path(), *id;
	char rate[16], low[16], high[16];
	enum rejunit_status status =
	    rejunit_history_open(&h->history, path, false, err);

	if (!status)
		status = rejunit_history_investigate(
		    h->history, s->hunt.fixed, &how, err);
	if (status)
		return status;
	id = rejunit_history_investigated(h->history, &h->test);
	h->id = id ? strdup(id) : NULL;
	if (!h->id)
		return no_memory(err);
	if (h->test.state == REJUNIT_BROKEN) {
		h->wanted = rounds_for(BROKEN);
		run_say(s, "%.400s was broken: %.0f rounds", h->id, h->wanted);
	} else {
		h->wanted = rounds_for(h->test.rate);
		run_say(s,
		    "%.400s failed in %s %% of its runs (%s to %s): %.0f "
		    "rounds",
		    h->id, percent(h->test.rate, rate),
		    percent(h->test.rate_low, low),
		    percent(h->test.rate_high, high), h->wanted);
	}
	if (s->hunt.alone && !can_select(s->runner))
		return run_refuse(
		    s, "nobody knows how that runner runs a test alone");
	return s->hunt.alone ? make_alone(h, h->id) : REJUNIT_OK;
}

/* --- a round -------------------------------------------------------------- */

static bool
count(struct hunting *h, const char *id)
{
	struct tally *more;

	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->tests[i].id, id) == 0) {
			h->tests[i].failed++;
			return true;
		}
	more = realloc(h->tests, (h->n + 1) * sizeof(*more));
	if (!more)
		return false;
	h->tests = more;
	more[h->n] = (struct tally){ strdup(id), 1 };
	return more[h->n++].id != NULL;
}

/* The report of a round, kept as a run of its own, and in the history. */
static enum rejunit_status
keep_round(struct hunting *h, const char *place)
{
	struct running *s = h->s;
	char name[64], run[512];

	snprintf(name, sizeof(name), "round-%04zu%s", h->rounds,
	    strrchr(place, '.') ? "/report.xml" : "");
	if (keep_report(s, place, name))
		return s->common.err.status;
	if (!s->records)
		return REJUNIT_OK;
	if (s->run)
		snprintf(
		    run, sizeof(run), "%.400s/round-%zu", s->run, h->rounds);
	else
		snprintf(run, sizeof(run), "hunt-%lld-%ld/round-%zu",
		    (long long)time(NULL), (long)getpid(), h->rounds);
	h->unrecorded = record_report(s, place, run) == EXIT_OUTPUT;
	return REJUNIT_OK;
}

static enum rejunit_status
read_round(struct hunting *h, const struct before *b, struct words *failed)
{
	struct running *s = h->s;
	struct reading r = { .bad = failed,
		.test = s->hunt.fixed ? &h->test : NULL };
	char place[PLACE_MAX];
	enum rejunit_status status;

	make_place(s, 0, 0, place);
	remove_folder(place);
	status = save_report(s, b, place);
	if (!status)
		status = read_report(s, place, &r);
	if (status)
		return status;
	sort_words(failed);
	s->bad = r.n_bad;
	h->passes += r.passes > 0 && r.failures == 0;
	h->failures += r.failures > 0;
	h->missing += r.passes + r.failures == 0;
	for (size_t i = 0; i < failed->n; i++)
		if (!count(h, failed->of[i]))
			return no_memory(&s->common.err);
	return keep_round(h, place);
}

/* "1 of 20, 5 % (0.6 to 21)" */
static void
tell_round(const struct hunting *h, bool is_bad, const struct words *failed)
{
	char rate[16], least[16], most[16], names[1024] = "";
	double low, high;
	size_t n = 0;

	rejunit_rate_range(h->failed, h->rounds, &low, &high);
	for (size_t i = 0; i < failed->n && i < SHOWN; i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%.300s",
		    i ? ", " : ": ", failed->of[i]);
	run_say(h->s, "round %zu %s; %zu of %zu, %s %% (%s to %s)%s%s",
	    h->rounds, is_bad ? "failed" : "passed", h->failed, h->rounds,
	    percent((double)h->failed / (double)h->rounds, rate),
	    percent(low, least), percent(high, most), names,
	    failed->n > SHOWN ? ", …" : "");
}

/* *end: nothing more is to be tried, and that is the status. */
static enum rejunit_status
one_round(struct hunting *h, int *end)
{
	struct running *s = h->s;
	struct words failed = { .n = 0 };
	struct before before;
	enum rejunit_status status = REJUNIT_OK;
	int trouble, ended;
	bool is_bad, is_there;

	*end = -1;
	s->bad = 0;
	remember_report(s, &before);
	ended =
	    run_tests(s, h->alone.n ? h->alone.of : s->command.of, 0, &trouble);
	if (trouble) {
		tell_trouble(s, trouble);
		*end = ended;
		return REJUNIT_OK;
	}
	if (asked_to_end())
		return REJUNIT_OK;
	h->rounds++;
	is_there = is_new_report(s, &before);
	if (is_there)
		status = read_round(h, &before, &failed);
	else if (s->hunt.fixed)
		h->missing++;
	is_bad = ended || s->bad;
	h->died += ended >= 128;
	if (!status && ended > 0 && ended < 128 && can_select(s->runner) &&
	    !is_failed_status(s->runner, ended)) {
		run_say(s, "round %zu ended with %d, which is no verdict",
		    h->rounds, ended);
		h->rounds--;
		*end = ended;
	} else if (!status) {
		h->failed += is_bad;
		tell_round(h, is_bad, &failed);
	}
	free_words(&failed);
	return status;
}

/* --- the whole ------------------------------------------------------------ */

static bool
is_done(const struct hunting *h)
{
	const struct hunt *o = &h->s->hunt;
	double passed = seconds_now() - h->s->start;

	return asked_to_end() || h->unrecorded ||
	       (h->most > 0 && (double)h->rounds >= h->most) ||
	       (o->seconds >= 0 && h->rounds && passed >= o->seconds) ||
	       (o->fixed && (h->failures || h->missing || h->died)) ||
	       (h->failed && !o->fixed && (o->until_fail || o->rate > 0));
}

static int
most_failed(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	if (x->failed != y->failed)
		return x->failed > y->failed ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* What failed, and how often. */
static void
tell_tests(struct hunting *h)
{
	if (h->n)
		qsort(h->tests, h->n, sizeof(*h->tests), most_failed);
	for (size_t i = 0; i < h->n && i < LISTED; i++)
		run_say(h->s, "  %zu of %zu  %.800s", h->tests[i].failed,
		    h->rounds, h->tests[i].id);
	if (h->n > LISTED)
		run_say(h->s, "  and %zu more", h->n - LISTED);
}

static int
tell_fix(const struct hunting *h)
{
	const struct running *s = h->s;
	const char *alone =
	    s->hunt.alone ? " (alone, where no other test can disturb it)" : "";
	char rate[16];

	if (h->died)
		run_say(s, "the runner died in round %zu: nothing is verified",
		    h->rounds);
	else if (h->missing)
		run_say(s, "%.400s did not run: nothing is verified", h->id);
	else if (h->failures)
		run_say(s, "%.400s still fails%s: in round %zu", h->id, alone,
		    h->rounds);
	else if ((double)h->rounds < h->wanted)
		run_say(s,
		    "%.400s passed in %zu rounds%s, and it takes %.0f: nothing "
		    "is verified",
		    h->id, h->rounds, alone, h->wanted);
	else if (h->test.state == REJUNIT_BROKEN)
		run_say(s, "%.400s passed in all %zu rounds%s: it is mended",
		    h->id, h->rounds, alone);
	else
		run_say(s,
		    "%.400s passed in all %zu rounds%s: a test that fails in "
		    "%s %% would have failed by now, with 95 %% certainty",
		    h->id, h->rounds, alone,
		    percent(rate_after(h->rounds), rate));
	return !h->died && !h->missing && !h->failures &&
		       (double)h->rounds >= h->wanted
		   ? EXIT_GREEN
		   : EXIT_FAILING;
}

static int
tell(struct hunting *h)
{
	char rate[16];

	if (h->s->hunt.fixed)
		return tell_fix(h);
	if (!h->rounds)
		return EXIT_GREEN;
	if (h->failed)
		run_say(h->s, "%zu of %zu rounds failed", h->failed, h->rounds);
	else
		run_say(h->s,
		    "nothing failed in %zu round%s: a flake of %s %% would "
		    "have shown by now, with 95 %% certainty",
		    h->rounds, h->rounds == 1 ? "" : "s",
		    percent(rate_after(h->rounds), rate));
	tell_tests(h);
	return h->failed ? EXIT_FAILING : EXIT_GREEN;
}

/* A round that tells the result of the one before is none. */
static bool
keep_fresh(const struct running *s)
{
	const struct runner *r = s->runner;
	const char *said = r->fresh ? getenv(r->variable) : NULL;
	char value[4096];

	if (!r->fresh)
		return true;
	snprintf(
	    value, sizeof(value), "%.4000s %s", said ? said : "", r->fresh);
	return setenv(r->variable, value, 1) == 0;
}

static enum rejunit_status
hunt(struct hunting *h)
{
	struct running *s = h->s;
	enum rejunit_status status;
	int end = -1, said;

	status = make_folder(s);
	if (!status && !keep_fresh(s))
		status = no_memory(&s->common.err);
	if (!status && s->hunt.fixed)
		status = find_fixed(h);
	if (s->hunt.rate > 0)
		h->wanted = rounds_for(s->hunt.rate);
	h->most = h->wanted;
	if (s->hunt.rounds > 0 && (!(h->most > 0) || s->hunt.rounds < h->most))
		h->most = s->hunt.rounds;
	while (!status && end < 0 && !is_done(h))
		status = one_round(h, &end);
	if (status)
		return status;
	said = tell(h);
	if (h->unrecorded)
		return run_end_as(s, EXIT_OUTPUT);
	if (end >= 0)
		return run_end_as(s, end);
	return asked_to_end() ? run_end_as(s, 128 + asked_to_end())
			      : run_end_with(s, said);
}

enum rejunit_status
run_hunt(struct running *s)
{
	struct hunting h = { .s = s };
	enum rejunit_status status = hunt(&h);

	for (size_t i = 0; i < h.n; i++)
		free(h.tests[i].id);
	free(h.tests);
	free(h.id);
	free_words(&h.alone);
	rejunit_history_free(h.history);
	return status;
}
