/* What is told without a comparison, or beside it. */
#include "investigate/telling.h"

#define FEW	3 /* failures */
#define BETWEEN 200 /* bytes, a fixture's mark and its name */

/* --- attempts, signatures, fixtures, words ------------------------------- */

/* Also where luck explains it: everybody asks. */
static void
tell_attempts(struct rj_telling *w)
{
	struct rj_causes *f = w->f;
	unsigned int bad = 0, n = 0, again = 0, passed = 0;
	struct rj_cause *cause;
	double luck = 1;

	for (size_t i = 0; i < f->n; i++)
		if (f->cause[i].kind == RJ_ATTEMPTS)
			return;
	for (size_t i = 0; i < f->e.n; i++) {
		const struct rj_sample *s = &f->e.samples[i];

		if (s->several || f->c.outage[i])
			continue;
		n++;
		bad += s->bad;
		again += s->again;
		passed += s->again_passed;
	}
	if (!again || !(cause = rj_add_cause(w, RJ_ATTEMPTS)))
		return;
	for (unsigned int i = 0; i < passed; i++)
		luck *= 1 - rj_share(bad, n);
	cause->confidence = RJ_LOW;
	rj_say(w,
	    "It failed in %u of %u whole runs (%r), and passed in %u of %u "
	    "reruns.",
	    bad, n, rj_share(bad, n), passed, again);
	if (passed == again)
		rj_say(w,
		    " A test that fails alone as often as in a whole run "
		    "would pass so often in %r of all cases: this says "
		    "little.",
		    luck);
	cause->statement = rj_keep_said(w);
	rj_cause_number(cause, "failed", bad);
	rj_cause_number(cause, "runs", n);
	rj_cause_number(cause, "reruns", again);
	rj_cause_number(cause, "passed_again", passed);
	rj_say(w, "It fails alone as often as in a whole run.");
	cause->refuted_by = rj_keep_said(w);
	cause->command = rj_keep_command(w, rj_command_repeat);
}

static void
tell_signatures(struct rj_telling *w)
{
	struct rj_causes *f = w->f;
	struct rj_cause *cause;
	unsigned int all = 0;

	for (size_t i = 0; i < f->e.n_said; i++)
		all += f->e.said[i].failures;
	if (all < 2 || !(cause = rj_add_cause(w, RJ_SIGNATURES)))
		return;
	cause->confidence = RJ_LOW;
	cause->value = f->e.said[0].signature;
	if (f->e.n_said == 1)
		rj_say(
		    w, "All %u failures are alike: one cause is likely.", all);
	else
		rj_say(w,
		    "Its failures have %u signatures; %u of %u have the "
		    "most frequent one%s.",
		    (unsigned int)f->e.n_said, f->e.said[0].failures, all,
		    f->e.said[0].failures * 5 >= all * 4
			? ": one cause explains most"
			: ": there may be several causes");
	cause->statement = rj_keep_said(w);
	rj_cause_number(cause, "signatures", (double)f->e.n_said);
	rj_cause_number(cause, "most_frequent", f->e.said[0].failures);
	rj_cause_number(cause, "failures", all);
	rj_say(w, "Failures of one signature turn out to have two causes.");
	cause->refuted_by = rj_keep_said(w);
	cause->command = rj_keep_command(w, rj_command_repeat);
}

static const char *const setups[] = { "failed on setup with",
	"\"before each\" hook", "\"before all\" hook", "beforeEach hook",
	"beforeAll hook", "setUpClass", "setUpModule", "SetUpTestSuite",
	"SetUpTestCase", "before(:each)", NULL };
static const char *const teardowns[] = { "failed on teardown with",
	"\"after each\" hook", "\"after all\" hook", "afterEach hook",
	"afterAll hook", "tearDownClass", "tearDownModule", "TearDownTestSuite",
	NULL };

static bool
is_of(const struct rj_said *s, const char *const *words)
{
	return rj_has_one_of(rj_str_cut(s->message, 512), words) ||
	       (!s->message.n &&
		   rj_has_one_of(rj_str_cut(s->trace, 512), words));
}

/* The fixture that a trace of pytest shows: the function below its mark. */
static struct rj_str
fixture_in(struct rj_str trace)
{
	const struct rj_str mark = RJ_STR("fixture"), def = RJ_STR("def ");
	struct rj_str found = { NULL, 0 };

	for (;;) {
		size_t at = rj_str_find(trace, mark), n = 0;
		struct rj_str rest;

		if (at >= trace.n)
			return found;
		trace = rj_str_from(trace, at + mark.n);
		/* nothing but the mark's own arguments is between */
		rest = rj_str_cut(trace, BETWEEN + def.n);
		at = rj_str_find(rest, def);
		if (at >= rest.n)
			continue;
		rest = rj_str_from(trace, at + def.n);
		while (n < rest.n && rj_is_word(rest.s[n]))
			n++;
		if (n)
			found = (struct rj_str){ rest.s, n };
	}
}

/* Of all failures that the ranking sees, how many are of that kind. */
struct setups {
	struct rj_telling *w;
	unsigned int n;
	unsigned int failures;
};

static enum rejunit_status
count_setup(void *ctx, const struct rj_db_row *row)
{
	struct setups *s = ctx;
	const struct rj_past *p = &s->w->f->e.ranking->past;
	const struct rj_said said = { .message = row->text(row, 1),
		.trace = row->text(row, 2) };

	if (!rj_past_place(p->run_at, p->n_run_at, row->number(row, 0)))
		return REJUNIT_OK;
	s->failures++;
	s->n += is_of(&said, setups) || is_of(&said, teardowns);
	return REJUNIT_OK;
}

static enum rejunit_status
count_setups(struct setups *s)
{
	return rj_history_run(s->w->history,
	    "SELECT e.run, coalesce(w.message, ''), "
	    "substr(coalesce(w.trace, ''), 1, 512) FROM execution e "
	    "LEFT JOIN words w ON w.id = e.words WHERE e.outcome IN (2, 3)",
	    NULL, 0, count_setup, s);
}

static enum rejunit_status
tell_fixture(struct rj_telling *w)
{
	struct rj_causes *f = w->f;
	unsigned int before = 0, after = 0, all = 0;
	struct setups all_failures = { .w = w };
	struct rj_str fixture = { NULL, 0 };
	struct rj_cause *cause;
	enum rejunit_status status;

	for (size_t i = 0; i < f->e.n_said; i++) {
		const struct rj_said *s = &f->e.said[i];
		bool in_setup = is_of(s, setups);
		bool in_teardown = !in_setup && is_of(s, teardowns);

		all += s->failures;
		before += in_setup ? s->failures : 0;
		after += in_teardown ? s->failures : 0;
		if ((in_setup || in_teardown) && !fixture.s)
			fixture = fixture_in(s->trace);
	}
	if (before + after == 0)
		return REJUNIT_OK;
	status = count_setups(&all_failures);
	if (status || !(cause = rj_add_cause(w, RJ_FIXTURE)))
		return status;
	cause->category = RJ_IN_FIXTURE;
	/* its runner says so, and no word of ours */
	cause->confidence = before + after < FEW	     ? RJ_LOW
			    : (before + after) * 5 < all * 4 ? RJ_LOW
							     : RJ_MEDIUM;
	cause->value = fixture.s	 ? fixture
		       : before >= after ? RJ_STR("setup")
					 : RJ_STR("teardown");
	rj_say(w, "%u of %u failures are in its %s, and not in the test itself",
	    before >= after ? before : after, all,
	    before >= after ? "setup" : "teardown");
	if (fixture.s)
		rj_say(w, ": the fixture %q", fixture);
	rj_say(w, ". Of all failures of the history, %u of %u are.",
	    all_failures.n, all_failures.failures);
	cause->statement = rj_keep_said(w);
	rj_cause_number(cause, "setup", before);
	rj_cause_number(cause, "teardown", after);
	rj_cause_number(cause, "failures", all);
	rj_cause_number(
	    cause, "of_all", rj_share(all_failures.n, all_failures.failures));
	rj_say(w,
	    "It fails in its own lines, too, or other tests with the same "
	    "fixture do not fail.");
	cause->refuted_by = rj_keep_said(w);
	cause->command = rj_keep_command(w, rj_command_fixtures);
	return REJUNIT_OK;
}

/* What grows, a comparison tells. */
static void
tell_flat(struct rj_telling *w)
{
	const struct rj_comparing *c = &w->f->c;
	struct rj_cause *cause = c->flat.s ? rj_add_cause(w, RJ_GROWTH) : NULL;

	if (!cause)
		return;
	cause->confidence = RJ_LOW;
	cause->value = c->flat;
	rj_say(w,
	    "%q stays flat: it grew in %u of %u steps from one attempt to the "
	    "next. If something runs short, others hold it; it does not leak.",
	    c->flat, c->flat_counts.bad_with, c->flat_counts.with);
	cause->statement = rj_keep_said(w);
	rj_cause_number(cause, "grew", c->flat_counts.bad_with);
	rj_cause_number(cause, "steps", c->flat_counts.with);
	rj_say(w, "It grows where there are more attempts.");
	cause->refuted_by = rj_keep_said(w);
	cause->command = rj_keep_command(w, rj_command_repeat);
}

static void
tell_words(struct rj_telling *w)
{
	struct rj_causes *f = w->f;
	unsigned int by[RJ_CATEGORIES] = { 0 }, all = 0;
	struct rj_str words[RJ_CATEGORIES] = { { NULL, 0 } }, found;
	enum rj_category best = RJ_CATEGORY_UNKNOWN;
	struct rj_cause *cause;

	for (size_t i = 0; i < f->e.n_said; i++) {
		const struct rj_said *s = &f->e.said[i];
		enum rj_category c =
		    rj_category_of_words(s->type, s->message, s->trace, &found);

		by[c] += s->failures;
		all += s->failures;
		if (!words[c].s)
			words[c] = found;
	}
	for (int c = 1; c < RJ_CATEGORIES; c++)
		if (by[c] > (best ? by[best] : 0))
			best = (enum rj_category)c;
	if (!best || !(cause = rj_add_cause(w, RJ_FROM_WORDS)))
		return;
	cause->category = best;
	cause->confidence = RJ_LOW;
	cause->value = words[best];
	rj_say(w,
	    "The words of %u of %u failures speak of %s (%q, say). Words "
	    "name a cause in a third of all cases at most.",
	    by[best], all, rj_category_name(best), words[best]);
	cause->statement = rj_keep_said(w);
	rj_cause_number(cause, "failures_with", by[best]);
	rj_cause_number(cause, "failures", all);
	rj_say(w, "The same words where something else turned out to be the "
		  "cause.");
	cause->refuted_by = rj_keep_said(w);
	cause->command = rj_keep_command(w, rj_command_repeat);
}

enum rejunit_status
rj_tell_clues(struct rj_telling *w)
{
	enum rejunit_status status;

	tell_attempts(w);
	tell_signatures(w);
	tell_flat(w);
	status = tell_fixture(w);
	if (!status)
		tell_words(w);
	return status;
}
