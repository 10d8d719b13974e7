/* What comparisons tell. */
#include "history/clock.h"
#include "investigate/telling.h"

#define CERTAIN	  0.01 /* over all comparisons of one output */
#define SURE	  0.001
#define FEW	  3 /* failures */
#define CONSTANT  0.05 /* of a duration, so far apart */
#define NAMED	  8 /* that no run tells from a culprit */
#define COMPANIES 3 /* that are told one by one */

/* --- comparisons --------------------------------------------------------- */

static struct rj_str
name_of_test(const struct rj_causes *f, unsigned int test)
{
	return rj_past_id(&f->e.ranking->past, test);
}

/* One of the words stands in a name, as a word of its own. */
static bool
has_word(struct rj_str name, const char *const *words)
{
	while (name.n) {
		size_t n = 0;

		while (n < name.n && rj_is_word(name.s[n]) && name.s[n] != '_')
			n++;
		for (const char *const *word = words; *word; word++)
			if (rj_str_ieq(
				(struct rj_str){ name.s, n }, rj_str(*word)))
				return true;
		name = rj_str_from(name, n < name.n ? n + 1 : n);
	}
	return false;
}

static bool
is_resource(struct rj_str name)
{
	static const char *const words[] = { "mem", "memory", "rss", "heap",
		"thread", "threads", "load", "file", "files", "fd", "fds",
		"handles", "object", "objects", "gc", "cpu", "disk", "sockets",
		"connections", "modules", "swap", NULL };

	return has_word(name, words);
}

static enum rj_category
category_of_fact(struct rj_str name)
{
	static const char *const platform[] = { "version", "python", "java",
		"node", "os", "arch", "platform", "kernel", "image", "driver",
		"compiler", "ruby", "go", "php", "browser", NULL };

	if (is_resource(name))
		return RJ_RESOURCES;
	return has_word(name, platform) ? RJ_PLATFORM : RJ_ENVIRONMENT_VARIABLE;
}

static enum rj_category
category_of_comparison(const struct rj_comparison *c)
{
	switch (c->what.kind) {
	case RJ_POSITIONS:
		return RJ_ORDER;
	case RJ_DURATION:
	case RJ_SLOW_RUN:
		return RJ_RESOURCES;
	case RJ_GROWTH:
		return is_resource(c->what.name) ? RJ_RESOURCES
						 : RJ_CATEGORY_UNKNOWN;
	case RJ_CLOCK:
		return RJ_TIME;
	case RJ_JOB:
	case RJ_HOST:
		return RJ_PLATFORM;
	case RJ_WORKER:
		return RJ_WORKER_ISOLATION;
	case RJ_SEED:
		return RJ_RANDOMNESS;
	case RJ_FACT:
		return category_of_fact(c->what.name);
	default:
		return RJ_CATEGORY_UNKNOWN;
	}
}

/* "on host a", and the like. */
static void
say_what(struct rj_telling *w, const struct rj_what *what)
{
	switch (what->kind) {
	case RJ_JOB:
		rj_say(w, "of the job %q", what->value);
		break;
	case RJ_HOST:
		rj_say(w, "on the host %q", what->value);
		break;
	case RJ_BRANCH:
		rj_say(w, "on the branch %q", what->value);
		break;
	case RJ_WORKER:
		rj_say(w, "on the worker %q", what->value);
		break;
	case RJ_SEED:
		rj_say(w, "with the %q %q", what->name, what->value);
		break;
	case RJ_FACT:
		rj_say(w, "with %q being %q", what->name, what->value);
		break;
	case RJ_PARAMETER:
		rj_say(w, "with the parameter %q", what->value);
		break;
	case RJ_SLOW_RUN:
		rj_say(w, "among %s of their job", what->value.s);
		break;
	case RJ_CLOCK:
		if (rj_str_eq(what->name, RJ_STR("hour")))
			rj_say(w, "that began from %s", what->value.s);
		else if (rj_str_eq(what->name, RJ_STR("weekday")))
			rj_say(w, "that began on a %s", what->value.s);
		else if (rj_str_eq(what->name, RJ_STR("weekend")))
			rj_say(w, "that began at a weekend");
		else if (rj_str_eq(what->name, RJ_STR("midnight")))
			rj_say(w, "that began within a quarter of an hour of "
				  "midnight, UTC");
		else if (rj_str_eq(what->name, RJ_STR("clocks change")))
			rj_say(w, "on days on which clocks change");
		else
			rj_say(w, "that began on the %s day of a month",
			    rj_str_eq(what->name, RJ_STR("month's end"))
				? "last"
				: "first");
		break;
	case RJ_POSITIONS:
		rj_say(w, "in which it ran %s", what->value.s);
		break;
	default:
		break;
	}
}

/* What no run tells from it. */
static void
say_alike(struct rj_telling *w, const struct rj_comparison *c)
{
	size_t shown = c->n_alike < NAMED ? c->n_alike : NAMED;

	if (!c->n_alike)
		return;
	rj_say(w, " No run tells this from: ");
	for (size_t i = 0; i < shown; i++) {
		rj_say(w, i ? "; " : "");
		if (c->alike[i].test != RJ_NO_TEST)
			rj_say(w, "%q", name_of_test(w->f, c->alike[i].test));
		else
			say_what(w, &c->alike[i]);
	}
	if (c->n_alike > shown)
		rj_say(w, "; and %u more", (unsigned int)(c->n_alike - shown));
	rj_say(w, ".");
}

static void
say_comparison(struct rj_telling *w, const struct rj_comparison *c)
{
	const struct rj_split *n = &c->counts;
	unsigned int bad = n->bad_with + n->bad_without;
	unsigned int passed = n->with + n->without - bad;
	unsigned int passed_with = n->with - n->bad_with;
	bool other = c->what.test != RJ_NO_TEST;

	if (c->what.kind == RJ_POSITIONS && other)
		rj_say(w,
		    "%q %s before it in %u of %u runs in which it failed, "
		    "and in %u of %u in which it passed.",
		    name_of_test(w->f, c->what.test),
		    c->what.inverted ? "did not run" : "ran", n->bad_with, bad,
		    passed_with, passed);
	else if (c->what.kind == RJ_COMPANY)
		rj_say(w,
		    "%q failed, too, in %u of %u runs in which it failed, and "
		    "in %u of %u in which it passed.",
		    name_of_test(w->f, c->what.test), n->bad_with, bad,
		    passed_with, passed);
	else if (c->what.kind == RJ_DURATION)
		rj_say(w,
		    "%u of %u failures took longer than 95 %% of its passes: "
		    "%g s is their median.",
		    n->bad_with, bad, c->number);
	else if (c->what.kind == RJ_ATTEMPTS)
		rj_say(w,
		    "It failed in %u of %u whole runs (%r), and when it was "
		    "run again, with fewer tests, it kept failing in %u of "
		    "%u (%r).",
		    n->bad_with, n->with, rj_share(n->bad_with, n->with),
		    n->bad_without, n->without,
		    rj_share(n->bad_without, n->without));
	else if (c->what.kind == RJ_GROWTH)
		rj_say(w,
		    "%q grew in %u of %u steps from one attempt to the next, "
		    "the last time %s; by luck it would be half of them.",
		    c->what.name, n->bad_with, n->with, c->what.value.s);
	else {
		rj_say(w, "It failed in %u of %u %s ", n->bad_with, n->with,
		    c->what.kind == RJ_PARAMETER ? "executions" : "runs");
		say_what(w, &c->what);
		rj_say(w, " (%r), and in %u of %u others (%r).",
		    rj_share(n->bad_with, n->with), n->bad_without, n->without,
		    rj_share(n->bad_without, n->without));
	}
	say_alike(w, c);
}

static void
say_refutation(struct rj_telling *w, const struct rj_comparison *c)
{
	switch (c->what.kind) {
	case RJ_POSITIONS:
		if (c->what.test == RJ_NO_TEST)
			rj_say(
			    w, "It fails as often where its place is another.");
		else
			rj_say(w,
			    "It passes %s %s every time, or fails as often "
			    "otherwise.",
			    c->what.inverted ? "without" : "behind",
			    c->n_alike ? "all of these tests" : "that test");
		break;
	case RJ_COMPANY:
		rj_say(w, "It fails while what it fails with passes.");
		break;
	case RJ_DURATION:
		rj_say(w,
		    "It fails as fast as it passes, or with twice the time "
		    "limit in the same way.");
		break;
	case RJ_SLOW_RUN:
		rj_say(w, "It passes on a machine that is kept busy.");
		break;
	case RJ_CLOCK:
		rj_say(w, "It passes with the clock set to such a time.");
		break;
	case RJ_ATTEMPTS:
		rj_say(w, "It fails alone as often as in a whole run.");
		break;
	case RJ_GROWTH:
		rj_say(w, "The numbers fall again, or it fails while they are "
			  "low.");
		break;
	default:
		rj_say(w, "It fails as often ");
		if (c->what.kind == RJ_PARAMETER)
			rj_say(w, "with other parameters.");
		else
			rj_say(w, "elsewhere, all else being equal.");
		break;
	}
}

static struct rj_target
target_of(struct rj_telling *w, unsigned int test)
{
	struct rj_causes *f = w->f;
	const struct rj_past_test *t = &f->e.ranking->past.tests[test];
	struct rj_str id = { NULL, 0 };

	if (rj_evidence_id(&f->e, w->history, test, &id))
		w->no_memory = true;
	return (struct rj_target){ .id = id.n ? id : t->id,
		.classname = t->classname,
		.name = t->name,
		.is_known = id.n > 0 };
}

/* The newest failing run that has it began then. */
static void
say_when(struct rj_telling *w, const struct rj_comparison *c)
{
	const struct rj_causes *f = w->f;
	char text[40] = "";

	for (size_t i = 0; i < f->e.n; i++)
		if (f->e.samples[i].bad && c->has && c->has[i] == RJ_HAS)
			rj_clock_write(
			    f->e.ranking->past.runs[f->e.samples[i].run].at,
			    text);
	text[10] = ' ';
	text[19] = '\0';
	rj_say(w, "TZ=UTC faketime '%s' ", text);
}

/* What runs before it, all that no run tells apart, and then it. */
static bool
say_both(struct rj_telling *w, const struct rj_comparison *c)
{
	struct rj_target targets[NAMED + 2];
	int n = 0;

	targets[n++] = target_of(w, c->what.test);
	for (size_t i = 0; i < c->n_alike && i < NAMED; i++)
		if (c->alike[i].test != RJ_NO_TEST)
			targets[n++] = target_of(w, c->alike[i].test);
	targets[n++] = w->f->target;
	return rj_command_in_order(&w->text, targets, n);
}

static void
say_command(struct rj_telling *w, const struct rj_comparison *c)
{
	const struct rj_target *t = &w->f->target;
	bool ok = true;
	size_t from;

	switch (c->what.kind) {
	case RJ_POSITIONS:
	case RJ_COMPANY:
		if (c->what.test == RJ_NO_TEST) {
			ok = rj_command_repeat(&w->text, t);
			break;
		}
		ok = c->what.inverted ? rj_command_alone(&w->text, t)
				      : say_both(w, c);
		break;
	case RJ_DURATION:
	case RJ_ATTEMPTS:
	case RJ_GROWTH:
		ok = rj_command_repeat(&w->text, t);
		break;
	case RJ_SLOW_RUN:
		if (rj_knows_runner(t))
			rj_say(w, "stress-ng --cpu 0 --timeout 120 & ");
		ok = rj_command_alone(&w->text, t);
		break;
	case RJ_CLOCK:
		if (rj_knows_runner(t))
			say_when(w, c);
		ok = rj_command_alone(&w->text, t);
		break;
	case RJ_SEED:
		ok = rj_command_seed(&w->text, t, c->what.value);
		break;
	default:
		ok = rj_command_alone(&w->text, t);
		rj_say(w, "  # ");
		from = w->text.n;
		say_what(w, &c->what);
		/* no quotes in a comment */
		w->text.n =
		    from + rj_unquote(w->text.s + from, w->text.n - from);
		rj_say(w, ", then without");
		break;
	}
	w->no_memory = w->no_memory || !ok;
}

/* Whether the failures' durations are one and the same: a limit. */
static bool
is_constant(const struct rj_causes *f, double median)
{
	size_t near = 0, n = 0;

	for (size_t i = 0; i < f->e.n; i++) {
		const struct rj_sample *s = &f->e.samples[i];
		double off = s->seconds > median ? s->seconds - median
						 : median - s->seconds;

		if (!s->bad || s->seconds < 0)
			continue;
		n++;
		near += off <= CONSTANT * median;
	}
	return near >= FEW && near * 2 > n;
}

static enum rj_confidence
confidence_of(const struct rj_comparison *c)
{
	const struct rj_split *n = &c->counts;
	unsigned int bad = n->bad_with + n->bad_without;
	bool explains_most = n->bad_with * 5 >= bad * 4;
	bool is_one = c->what.kind != RJ_POSITIONS || c->n_alike == 0;
	bool is_rare = rj_share(n->bad_without, n->without) * 3 <
		       rj_share(n->bad_with, n->with);

	return c->adjusted < SURE && explains_most && is_rare && is_one
		   ? RJ_HIGH
		   : RJ_MEDIUM;
}

static struct rj_str
value_of(struct rj_telling *w, const struct rj_comparison *c)
{
	if (c->what.test != RJ_NO_TEST)
		return name_of_test(w->f, c->what.test);
	if (c->what.kind == RJ_DURATION) {
		rj_say(w, "%g s", c->number);
		return rj_keep_said(w);
	}
	if (c->what.kind == RJ_GROWTH)
		return c->what.name;
	if (c->what.kind == RJ_FACT) {
		rj_say(w, "%s=", c->what.name.s);
		rj_say_text(w, c->what.value);
		return rj_keep_said(w);
	}
	return c->what.value;
}

static void
tell_comparison(struct rj_telling *w, const struct rj_comparison *c)
{
	struct rj_cause *cause = rj_add_cause(w, c->what.kind);

	if (!cause)
		return;
	cause->p = c->p;
	cause->adjusted = c->adjusted;
	cause->category = category_of_comparison(c);
	cause->confidence = confidence_of(c);
	cause->value = value_of(w, c);
	rj_cause_number(cause, "failed_with", c->counts.bad_with);
	rj_cause_number(cause, "with", c->counts.with);
	rj_cause_number(cause, "failed_without", c->counts.bad_without);
	rj_cause_number(cause, "without", c->counts.without);
	say_comparison(w, c);
	if (c->what.kind == RJ_DURATION) {
		rj_cause_number(cause, "seconds", c->number);
		if (is_constant(w->f, c->number)) {
			rj_cause_number(cause, "limit", c->number);
			rj_say(w,
			    " More than half of all failures lie within 5 %% "
			    "of that: a time limit of about %g s.",
			    c->number);
		} else
			cause->confidence = RJ_MEDIUM;
	}
	cause->statement = rj_keep_said(w);
	say_refutation(w, c);
	cause->refuted_by = rj_keep_said(w);
	say_command(w, c);
	cause->command = rj_keep_said(w);
	/* it says that something is wrong, and not what; and many numbers, as
	   those of processes, grow wherever they are */
	if (c->what.kind == RJ_ATTEMPTS ||
	    (c->what.kind == RJ_GROWTH && !cause->category))
		cause->confidence = RJ_LOW;
}

/* --- what fails with it -------------------------------------------------- */

/* The same class, or the same module. */
static bool
is_near(const struct rj_causes *f, unsigned int test)
{
	const struct rj_past_test *tests = f->e.ranking->past.tests;

	return rj_str_eq(tests[test].classname, tests[f->e.test].classname);
}

/* Somebody else's fault: whose, the words may say. */
static enum rj_category
category_of_company(const struct rj_causes *f, bool all_near)
{
	enum rj_category of_words = RJ_CATEGORY_UNKNOWN;
	struct rj_str words;

	if (f->e.n_said)
		of_words = rj_category_of_words(f->e.said[0].type,
		    f->e.said[0].message, f->e.said[0].trace, &words);
	if (all_near)
		return of_words == RJ_IN_FIXTURE ? RJ_IN_FIXTURE
						 : RJ_SHARED_STATE;
	switch (of_words) {
	case RJ_DATABASE:
	case RJ_FILE_SYSTEM:
	case RJ_RESOURCES:
	case RJ_SUBPROCESS:
	case RJ_ENVIRONMENT_VARIABLE:
	case RJ_PLATFORM:
	case RJ_IN_FIXTURE:
		return of_words;
	default:
		return RJ_NETWORK;
	}
}

/* In how many runs it failed with the very same signature. */
static unsigned int
count_alike(const struct rj_causes *f, unsigned int test)
{
	const struct rj_past *p = &f->e.ranking->past;
	unsigned int n = 0;

	for (size_t i = 0; i < f->e.n_others; i++) {
		const struct rj_other *o = &f->e.others[i];
		const struct rj_sample *s = &f->e.samples[o->sample];
		struct rj_str signature = rj_past_signature(p, o->words);

		n += o->test == test && o->bad && s->bad && signature.n &&
		     rj_str_eq(signature, rj_past_signature(p, s->words));
	}
	return n;
}

static void
tell_company(struct rj_telling *w)
{
	struct rj_causes *f = w->f;
	const struct rj_comparison *first = NULL;
	struct rj_cause *cause;
	bool all_near = true;
	unsigned int n = 0;

	for (size_t i = 0; i < f->c.n && f->c.found[i].adjusted < CERTAIN;
	     i++) {
		const struct rj_comparison *c = &f->c.found[i];

		if (c->what.kind != RJ_COMPANY)
			continue;
		first = first ? first : c;
		all_near = all_near && is_near(f, c->what.test);
		all_near = all_near && c->n_alike <= RJ_ALIKE;
		for (size_t k = 0; k < c->n_alike && all_near; k++)
			all_near = is_near(f, c->alike[k].test);
		n += 1 + (unsigned int)c->n_alike;
	}
	if (!first)
		return;
	tell_comparison(w, first);
	if (w->no_memory)
		return;
	cause = &f->cause[f->n - 1];
	cause->category = category_of_company(f, all_near);
	rj_say_text(w, cause->statement);
	rj_say(w,
	    " %u other test%s so in all%s; in %u runs it failed in the very "
	    "same way.",
	    n, n == 1 ? " does" : "s do",
	    all_near ? ", of the same class or module" : "",
	    count_alike(f, first->what.test));
	cause->statement = rj_keep_said(w);
	rj_cause_number(cause, "tests", n);
	rj_cause_number(cause, "alike", count_alike(f, first->what.test));
}

/* The strongest of each kind: what else is likely is mostly the same. */
void
rj_tell_comparisons(struct rj_telling *w)
{
	struct rj_causes *f = w->f;
	unsigned int told[RJ_FROM_WORDS + 1] = { 0 };

	for (size_t i = 0; i < f->c.n && f->c.found[i].adjusted < CERTAIN;
	     i++) {
		const struct rj_comparison *c = &f->c.found[i];
		unsigned int most =
		    c->what.kind == RJ_FACT || c->what.kind == RJ_GROWTH
			? COMPANIES
			: 1;

		if (c->what.kind != RJ_COMPANY && told[c->what.kind]++ < most)
			tell_comparison(w, c);
	}
	tell_company(w);
}
