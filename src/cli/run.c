/* The loop: runs tests, reruns what failed, updates the report, and decides. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

#define RETRIES	    2
#define RETRIES_MAX 100
#define OUTAGE	    10 /* tests, and percent, above which nothing is rerun */
#define CALL_MAX    100000 /* bytes of ids in one call */
#define OWN_REPORT  "rejunit-report.xml"
#define SECONDS_MAX 1e9

enum {
	OPT_RUNNER = 1280,
	OPT_RUNNERS,
	OPT_REPORT,
	OPT_RERUN_COMMAND,
	OPT_NATIVE,
	OPT_RETRIES,
	OPT_DELAY,
	OPT_BUDGET,
	OPT_MAX_RERUN,
	OPT_KEEP_REPORTS,
	OPT_RECORD,
	OPT_FOR_UPDATE,
};

/* What update takes, too, is handed on to it as it was said. */
static const struct option_spec options[] = {
	{ OPT_RUNNER, "runner", "NAME",
	    "the program is that runner, whatever it is called" },
	{ OPT_RUNNERS, "runners", NULL, "list the runners that are known" },
	{ OPT_REPORT, "report", "FILE", "where the runner puts its report" },
	{ OPT_RERUN_COMMAND, "rerun-command", "CMD",
	    "rerun so; {ids} are the tests, {report} the new report" },
	{ OPT_NATIVE, "native", NULL, "have the runner remember what failed" },
	{ OPT_RETRIES, "retries", "N", "rerun so often at most (2)" },
	{ OPT_DELAY, "delay", "10s", "wait so long before each rerun" },
	{ OPT_BUDGET, "budget", "10m", "begin no rerun after so long" },
	{ OPT_MAX_RERUN, "max-rerun", "N|N%",
	    "rerun nothing if more failed (10, and 10%)" },
	{ OPT_KEEP_REPORTS, "keep-reports", "DIR",
	    "keep each attempt's report there" },
	{ OPT_RECORD, "record", "[=HISTORY]",
	    "keep the runs in a history, as record does" },
	{ OPT_FOR_UPDATE, "flakes", "FILE",
	    "write the list of flaky tests to FILE" },
	{ OPT_FOR_UPDATE + 1, "flakes-format", "FORMAT",
	    "text, json, csv, markdown, github" },
	{ OPT_FOR_UPDATE + 2, "fail-on-flaky", NULL,
	    "exit 1 if a test recovered or regressed" },
	{ OPT_FOR_UPDATE + 3, "max-recovered", "N|N%",
	    "refuse to turn more than that green" },
	PLAN_OPTIONS,
	ROOTDIR_OPTION,
	KEEPING_OPTIONS,
	UPDATE_EXCUSES,
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	const char *name; /* of the runner */
	const char *report_said;
	const char *rerun_command;
	const char *keep;
	const char *rootdir; /* of pytest's node ids */
	bool list_runners;
	bool native;
	bool records;
	int retries;
	double delay;
	double budget; /* less than 0: there is none */
	double most; /* tests that may have failed, */
	bool most_said;
	bool in_percent;
	struct words for_update;
	struct words for_record;
	/* from here on, the run */
	const struct runner *runner;
	char **argv;
	int arguments; /* of the runner, begin there */
	struct words configured; /* options that stand elsewhere */
	char *report;
	char folder[4096]; /* with each attempt's report; empty: none yet */
	struct words attempts; /* the reports, attempt 0 first */
	struct words made; /* all files in the folder */
	struct words failed; /* ids */
	size_t cases;
	size_t bad;
	int first_status;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;

	s->retries = RETRIES;
	s->budget = -1;
	return REJUNIT_OK;
}

static void
end(void *settings)
{
	struct settings *s = settings;

	for (size_t i = 0; i < s->made.n; i++)
		(void)unlink(s->made.of[i]);
	if (*s->folder)
		(void)rmdir(s->folder);
	free_words(&s->for_update);
	free_words(&s->for_record);
	free_words(&s->attempts);
	free_words(&s->made);
	free_words(&s->failed);
	free_words(&s->configured);
	free(s->report);
}

/* --- options -------------------------------------------------------------- */

static bool
hand_on(struct words *to, int id, const char *arg)
{
	const struct option_spec *o = options;
	char word[8192];

	while (o->id != id)
		o++;
	if ((size_t)snprintf(word, sizeof(word), "--%s%s%s", o->name,
		arg ? "=" : "", arg ? arg : "") >= sizeof(word))
		return false;
	return add_word(to, word);
}

static bool
set_record(struct settings *s, const char *arg)
{
	s->records = true;
	return hand_on(&s->for_update, OPT_RECORD, arg) &&
	       (!arg || add_two(&s->for_record, "--history=", arg));
}

static bool
set_max_rerun(struct settings *s, const char *arg)
{
	s->in_percent = *arg && arg[strlen(arg) - 1] == '%';
	s->most_said = true;
	return set_amount(s->common.command, "max-rerun", arg,
	    s->in_percent ? "%" : "", s->in_percent ? 100 : SECONDS_MAX,
	    &s->most);
}

/* 90, 90s, 1.5m, 1h */
static bool
set_seconds(
    const struct command *c, const char *option, const char *arg, double *out)
{
	size_t n = strlen(arg);
	char unit = n ? arg[n - 1] : '\0';
	char number[32];

	if (unit != 'm' && unit != 'h')
		return set_amount(c, option, arg, "s", SECONDS_MAX, out);
	snprintf(number, sizeof(number), "%.*s", (int)n - 1, arg);
	if (!set_amount(c, option, number, "", SECONDS_MAX / 3600, out))
		return false;
	*out *= unit == 'm' ? 60 : 3600;
	return true;
}

static bool
set(void *settings, int id, const char *arg)
{
	struct settings *s = settings;
	const struct command *c = s->common.command;
	double n;

	switch (id) {
	case OPT_RUNNER:
		s->name = arg;
		return true;
	case OPT_RUNNERS:
		return s->list_runners = true;
	case OPT_REPORT:
		s->report_said = arg;
		return true;
	case OPT_RERUN_COMMAND:
		s->rerun_command = arg;
		return true;
	case OPT_NATIVE:
		return s->native = true;
	case OPT_RETRIES:
		if (!set_count(c, "retries", arg, RETRIES_MAX, &n))
			return false;
		s->retries = (int)n;
		return true;
	case OPT_DELAY:
		return set_seconds(c, "delay", arg, &s->delay);
	case OPT_BUDGET:
		return set_seconds(c, "budget", arg, &s->budget);
	case OPT_MAX_RERUN:
		return set_max_rerun(s, arg);
	case OPT_KEEP_REPORTS:
		s->keep = arg;
		return true;
	case OPT_RECORD:
		return set_record(s, arg);
	default:
		if (id == OPT_ROOTDIR)
			s->rootdir = arg;
		if (id >= OPT_RUN && id <= OPT_REQUIRE_HISTORY &&
		    !hand_on(&s->for_record, id, arg))
			return false;
		return hand_on(&s->for_update, id, arg);
	}
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;
	const struct command *c = s->common.command;
	const struct runner *r;
	int arguments;

	if (s->list_runners)
		return true;
	if (operands < 1) {
		print_usage_error(c, "give the command that runs the tests");
		return false;
	}
	r = find_runner(s->name, operand, &arguments);
	if (!r)
		print_usage_error(c,
		    "there is no runner \"%s\"; --runners "
		    "lists them",
		    s->name);
	else if (!can_select(r) && !(s->rerun_command && s->report_said))
		print_usage_error(c,
		    "%s is no runner that is known: say "
		    "--runner=NAME, or --report=FILE and "
		    "--rerun-command='CMD {ids}'",
		    operand[0]);
	else if (s->native && !has_memory(r))
		print_usage_error(
		    c, "%s does not remember what failed", runner_name(r));
	else
		return true;
	return false;
}

/* --- what is said --------------------------------------------------------- */

static void
say(const struct settings *s, const char *what)
{
	if (!s->common.quiet)
		fprintf(stderr, "rejunit: %s\n", what);
}

/* Ends as the runner did. */
static enum rejunit_status
end_as(struct settings *s, int status)
{
	s->common.is_runners = true;
	s->common.status = status;
	return REJUNIT_OK;
}

/* --- files ---------------------------------------------------------------- */

static enum rejunit_status
fail(struct settings *s, enum rejunit_status status, const char *path)
{
	s->common.err = (struct rejunit_error){ .status = status };
	snprintf(s->common.err.message, sizeof(s->common.err.message),
	    "%.200s: %s", path, strerror(errno));
	return status;
}

static enum rejunit_status
copy_file(struct settings *s, const char *from, const char *to)
{
	char buf[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
	ssize_t n = 0;
	bool ok;

	if (in < 0)
		return fail(s, REJUNIT_INPUT, from);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	ok = out >= 0;
	while (ok && (n = read(in, buf, sizeof(buf))) > 0)
		for (ssize_t done = 0, part; done < n && ok; done += part) {
			part = write(out, buf + done, (size_t)(n - done));
			ok = part > 0;
		}
	if (out >= 0)
		ok = close(out) == 0 && ok;
	(void)close(in);
	if (n < 0)
		return fail(s, REJUNIT_INPUT, from);
	return ok ? REJUNIT_OK : fail(s, REJUNIT_OUTPUT, to);
}

/* A place for an attempt's report, in a folder that goes with us. */
static enum rejunit_status
make_place(struct settings *s, int attempt, size_t call, char out[4352])
{
	const char *folder = getenv("TMPDIR");
	char number[32] = "";

	if (!*s->folder) {
		snprintf(s->folder, sizeof(s->folder), "%.4000s/rejunit-XXXXXX",
		    folder && *folder ? folder : P_tmpdir);
		if (!mkdtemp(s->folder)) {
			enum rejunit_status status =
			    fail(s, REJUNIT_OUTPUT, s->folder);

			*s->folder = '\0';
			return status;
		}
	}
	if (call)
		snprintf(number, sizeof(number), "-%zu", call);
	snprintf(out, 4352, "%s/attempt-%d%s.xml", s->folder, attempt, number);
	return add_word(&s->made, out) ? REJUNIT_OK : no_memory(&s->common.err);
}

/* Keeps an attempt's report for whoever wants to look at it. */
static enum rejunit_status
keep(struct settings *s, const char *report)
{
	const char *name = strrchr(report, '/');
	char path[4352];

	if (!s->keep)
		return REJUNIT_OK;
	if (mkdir(s->keep, 0777) != 0 && errno != EEXIST)
		return fail(s, REJUNIT_OUTPUT, s->keep);
	snprintf(path, sizeof(path), "%.4000s%s", s->keep, name);
	return copy_file(s, report, path);
}

/* It is there, and not what was there before. */
static bool
is_new(const char *path, bool was, const struct stat *then)
{
	struct stat now;

	if (stat(path, &now) != 0)
		return false;
	return !was || now.st_ino != then->st_ino ||
	       now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != then->st_mtim.tv_nsec ||
	       now.st_size != then->st_size;
}

/* --- reports -------------------------------------------------------------- */

struct reading {
	struct words *bad;
	struct words *ran; /* NULL: nobody asks */
	size_t cases;
	size_t n_bad;
	bool no_memory;
};

static enum rejunit_status
take_case(void *ctx, const struct rejunit_case *c)
{
	struct reading *r = ctx;
	struct rejunit_error err;
	const char *id = rejunit_case_id(c);
	bool bad = rejunit_is_bad(c->outcome), runnable = true, ok = id != NULL;

	r->cases++;
	r->n_bad += bad;
	if (ok && bad && r->bad) {
		ok = rejunit_case_is_runnable(c, &runnable, &err) == REJUNIT_OK;
		if (ok && runnable && id[0] != '-' && *id)
			ok = add_word(r->bad, id);
	}
	if (ok && r->ran && (bad || c->outcome == REJUNIT_PASSED))
		ok = add_word(r->ran, id);
	r->no_memory = !ok;
	return ok ? REJUNIT_OK : REJUNIT_MEMORY;
}

static enum rejunit_status
read_report(struct settings *s, const char *path, struct reading *r)
{
	static const struct rejunit_visitor visitor = { .test = take_case };
	const struct rejunit_input in = rejunit_path(path);
	struct rejunit_error *err = &s->common.err;
	struct rejunit_reader *reader;
	enum rejunit_status status = rejunit_reader_new(&reader, err);

	if (status)
		return status;
	status =
	    rejunit_reader_rootdir(reader, s->rootdir ? s->rootdir : ".", err);
	if (!status)
		status = rejunit_reader_read(reader, &in, &visitor, r, err);
	rejunit_reader_free(reader);
	return r->no_memory ? no_memory(err) : status;
}

static int
by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* Each id once: namesakes are selected together. */
static void
sort_words(struct words *w)
{
	size_t n = 0;

	if (w->n)
		qsort(w->of, w->n, sizeof(*w->of), by_text);
	for (size_t i = 0; i < w->n; i++)
		if (n && strcmp(w->of[n - 1], w->of[i]) == 0)
			free(w->of[i]);
		else
			w->of[n++] = w->of[i];
	w->n = n;
	if (w->of)
		w->of[n] = NULL;
}

/* What the report says now. */
static enum rejunit_status
look(struct settings *s)
{
	struct reading r = { .bad = &s->failed };
	enum rejunit_status status;

	free_words(&s->failed);
	status = read_report(s, s->report, &r);
	sort_words(&s->failed);
	s->cases = r.cases;
	s->bad = r.n_bad;
	return status;
}

/* --- the update ----------------------------------------------------------- */

/* All of the reruns at once, on the first report: as if somebody typed it. */
static int
update(struct settings *s, bool last)
{
	struct words w = { .n = 0 };
	bool ok = add_word(&w, "update") && add_word(&w, "-o") &&
		  add_word(&w, s->report);
	int status;

	if (last)
		for (size_t i = 0; i < s->for_update.n && ok; i++)
			ok = add_word(&w, s->for_update.of[i]);
	if (!last || s->common.quiet)
		ok = ok && add_word(&w, "-q");
	ok = ok && add_word(&w, "--");
	for (size_t i = 0; i < s->attempts.n && ok; i++)
		ok = add_word(&w, s->attempts.of[i]);
	status = ok ? run_within(&update_command, (int)w.n, w.of) : EXIT_INPUT;
	free_words(&w);
	return status;
}

static void
record(struct settings *s)
{
	struct words w = { .n = 0 };
	bool ok = add_word(&w, "record") && add_word(&w, "-q");

	for (size_t i = 0; i < s->for_record.n && ok; i++)
		ok = add_word(&w, s->for_record.of[i]);
	if (ok && add_word(&w, "--") && add_word(&w, s->report))
		(void)run_within(&record_command, (int)w.n, w.of);
	free_words(&w);
}

/* --- a rerun -------------------------------------------------------------- */

/* The command that somebody gave, its {ids} and its {report} filled in. */
static bool
fill_command(struct settings *s, struct words *to, const char *report,
    size_t first, size_t n, bool *has_report)
{
	char **words = split_words(s->rerun_command);
	bool ok = words && words[0];

	*has_report = false;
	for (int i = 0; ok && words[i]; i++) {
		const char *at = strstr(words[i], "{report}");

		if (strcmp(words[i], "{ids}") == 0) {
			for (size_t k = first; k < first + n && ok; k++)
				ok = add_word(to, s->failed.of[k]);
		} else if (at) {
			char word[8192];

			*has_report = true;
			snprintf(word, sizeof(word), "%.*s%s%s",
			    (int)(at - words[i]), words[i], report,
			    at + strlen("{report}"));
			ok = add_word(to, word);
		} else {
			ok = add_word(to, words[i]);
		}
	}
	free(words);
	return ok;
}

/* Says what was asked for and did not run. */
static void
miss(const struct settings *s, struct words *ran, size_t first, size_t n)
{
	size_t missing = 0;
	const char *one = NULL;

	sort_words(ran);
	for (size_t i = first; i < first + n; i++)
		if (!ran->n || !bsearch(&s->failed.of[i], ran->of, ran->n,
				   sizeof(*ran->of), by_text)) {
			missing++;
			one = s->failed.of[i];
		}
	if (missing && !s->common.quiet) {
		struct terminal t = terminal_on(stderr);

		fprintf(stderr,
		    "rejunit: %zu test%s asked for, and did not run: ", missing,
		    missing == 1 ? " was" : "s were");
		print_text(&t, one, 0);
		fprintf(stderr, missing == 1 ? "\n" : ", say\n");
	}
}

/* A pass is one only if the rerun's status goes with what its report says. */
static enum rejunit_status
judge(
    struct settings *s, int status, const char *report, size_t first, size_t n)
{
	struct words ran = { .n = 0 };
	struct reading r = { .ran = &ran };
	char text[128];

	if (read_report(s, report, &r)) {
		free_words(&ran);
		if (s->common.err.status == REJUNIT_MEMORY)
			return REJUNIT_MEMORY;
		print_error(&s->common.err);
		say(s, "the rerun counts for nothing");
		return REJUNIT_OK;
	}
	miss(s, &ran, first, n);
	free_words(&ran);
	if (r.cases == 0)
		return REJUNIT_OK;
	if (status && !(is_failed_status(s->runner, status) && r.n_bad)) {
		snprintf(text, sizeof(text),
		    "the rerun ended with %d, which its report does not "
		    "explain: it counts for nothing",
		    status);
		say(s, text);
		return REJUNIT_OK;
	}
	return add_word(&s->attempts, report) ? keep(s, report)
					      : no_memory(&s->common.err);
}

static enum rejunit_status
call(struct settings *s, int attempt, size_t number, size_t first, size_t n)
{
	struct words argv = { .n = 0 };
	char place[4352];
	bool own_place = true, ok, was;
	struct stat then;
	enum rejunit_status status = make_place(s, attempt, number, place);
	int ended, trouble;

	if (status)
		return status;
	ok = s->rerun_command
		 ? fill_command(s, &argv, place, first, n, &own_place)
		 : make_rerun(s->runner, &argv, s->argv, s->arguments, place,
		       s->native, &s->failed, first, n);
	if (!ok) {
		free_words(&argv);
		return no_memory(&s->common.err);
	}
	was = stat(s->report, &then) == 0;
	ended = run_child(argv.of, attempt, &trouble);
	free_words(&argv);
	if (trouble) {
		errno = trouble;
		return fail(s, REJUNIT_INPUT,
		    s->rerun_command ? s->rerun_command : s->argv[0]);
	}
	if (asked_to_end())
		return REJUNIT_OK;
	if (!own_place && is_new(s->report, was, &then))
		status = copy_file(s, s->report, place);
	if (status)
		return status;
	if (access(place, F_OK) != 0) {
		say(s, "the rerun left no report: it counts for nothing");
		return REJUNIT_OK;
	}
	return judge(s, ended, place, first, n);
}

/* In as many calls as their ids need. */
static enum rejunit_status
rerun(struct settings *s, int attempt)
{
	enum rejunit_status status = REJUNIT_OK;
	size_t number = 0;

	for (size_t i = 0, end; i < s->failed.n && !status && !asked_to_end();
	     i = end) {
		size_t bytes = 0;

		for (end = i; end < s->failed.n; end++) {
			bytes += strlen(s->failed.of[end]) + 8;
			if (end > i && bytes > CALL_MAX)
				break;
		}
		status = call(s, attempt, number++, i, end - i);
	}
	return status;
}

/* --- the loop ------------------------------------------------------------- */

static double
seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
wait_a_while(double seconds)
{
	struct timespec t = { (time_t)seconds,
		(long)((seconds - (double)(time_t)seconds) * 1e9) };

	(void)nanosleep(&t, NULL);
}

static bool
is_outage(const struct settings *s)
{
	double share = s->cases ? 100.0 * (double)s->bad / (double)s->cases : 0;

	if (!s->most_said)
		return s->bad > OUTAGE && share > OUTAGE;
	return s->in_percent ? share > s->most : (double)s->bad > s->most;
}

static enum rejunit_status
rerun_all(struct settings *s, double start)
{
	size_t known = s->attempts.n;
	enum rejunit_status status = REJUNIT_OK;

	for (int k = 1; k <= s->retries && s->failed.n && !status; k++) {
		if (s->budget >= 0 && seconds_now() - start > s->budget) {
			say(s, "the time is up: nothing more is rerun");
			break;
		}
		wait_a_while(s->delay);
		status = rerun(s, k);
		if (status || asked_to_end() || s->attempts.n == known)
			break;
		known = s->attempts.n;
		/* the best report there is, whatever comes next */
		if (update(s, false) > EXIT_FAILING)
			break;
		status = look(s);
	}
	return status;
}

/* What no report says, and no rerun mends. */
static int
settle(struct settings *s, int updated)
{
	const char *early = why_it_stops_early(
	    s->runner, s->argv + s->arguments, &s->configured);
	const char *gate =
	    which_gate(s->runner, s->argv + s->arguments, &s->configured);
	char text[256];

	if (updated != EXIT_GREEN || !(early || gate))
		return updated;
	snprintf(text, sizeof(text),
	    "nothing fails any more, but %s (%.80s): the status stays %d",
	    early ? "tests may not have run" : "there is a gate",
	    early ? early : gate, s->first_status);
	say(s, text);
	return s->first_status;
}

static enum rejunit_status
loop(struct settings *s, double start)
{
	char place[4352];
	enum rejunit_status status = make_place(s, 0, 0, place);
	int updated;

	if (!status)
		status = copy_file(s, s->report, place);
	if (!status && !add_word(&s->attempts, place))
		status = no_memory(&s->common.err);
	if (!status)
		status = keep(s, place);
	if (!status)
		status = rerun_all(s, start);
	if (status)
		return status;
	/* a runner may have put its rerun's report in the place of the first */
	if (s->attempts.n == 1)
		status = copy_file(s, place, s->report);
	updated = s->attempts.n > 1 ? update(s, !asked_to_end()) : EXIT_FAILING;
	if (s->attempts.n == 1 && s->records)
		record(s);
	if (status)
		return status;
	return end_as(
	    s, asked_to_end() ? 128 + asked_to_end() : settle(s, updated));
}

/* What is to be done about how the first run ended. */
static enum rejunit_status
decide(struct settings *s, int status, bool is_there, double start)
{
	bool failed = is_failed_status(s->runner, status);
	char text[512];

	if (!is_there) {
		snprintf(text, sizeof(text),
		    "%s left no new report at %.300s: its status is all there "
		    "is",
		    runner_name(s->runner), s->report);
		say(s, text);
		return end_as(s, status);
	}
	if (look(s)) {
		if (s->common.err.status == REJUNIT_MEMORY)
			return REJUNIT_MEMORY;
		print_error(&s->common.err);
		return end_as(s, status ? status : EXIT_INPUT);
	}
	*text = '\0';
	if (s->bad && status == 0)
		snprintf(text, sizeof(text),
		    "%s ended with 0, and its report has %zu failure%s",
		    runner_name(s->runner), s->bad, s->bad == 1 ? "" : "s");
	else if (status && !failed)
		snprintf(text, sizeof(text),
		    "%s ended with %d, which is no verdict: nothing is rerun",
		    runner_name(s->runner), status);
	else if (failed && !s->bad)
		snprintf(text, sizeof(text),
		    "%s ended with %d, and no test failed: nothing is rerun",
		    runner_name(s->runner), status);
	else if (failed && is_outage(s))
		snprintf(text, sizeof(text),
		    "%zu of %zu tests failed, which is no bad luck: nothing is "
		    "rerun",
		    s->bad, s->cases);
	if (failed && s->bad && !*text)
		return loop(s, start);
	if (*text)
		say(s, text);
	if (s->records && (status == 0 || failed))
		record(s);
	return end_as(s, s->bad && !status ? EXIT_FAILING : status);
}

static enum rejunit_status
find_where(struct settings *s, struct words *argv)
{
	bool ok = true;

	for (int i = 0; s->argv[i] && ok; i++)
		ok = add_word(argv, s->argv[i]);
	ok = ok && find_configured(s->runner, &s->configured);
	if (s->report_said)
		s->report = strdup(s->report_said);
	else if (ok)
		ok = find_report(s->runner, s->argv + s->arguments,
		    &s->configured, &s->report);
	if (ok && !s->report) {
		char *folder = getcwd(NULL, 0);
		size_t n = folder ? strlen(folder) + sizeof(OWN_REPORT) + 1 : 0;

		/* a runner may work elsewhere */
		s->report = folder ? malloc(n) : NULL;
		if (s->report)
			snprintf(s->report, n, "%s/" OWN_REPORT, folder);
		free(folder);
		ok = s->report && add_report(s->runner, argv, s->report);
		if (ok)
			say(s, "the report is " OWN_REPORT);
	}
	return ok && s->report ? REJUNIT_OK : no_memory(&s->common.err);
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct words argv = { .n = 0 };
	double start = seconds_now();
	enum rejunit_status status;
	struct stat then;
	bool was;
	int trouble;

	(void)operands;
	if (s->list_runners) {
		print_runners(stdout);
		(void)end_as(s, EXIT_GREEN);
		return flush_stdout(&s->common.err);
	}
	s->argv = operand;
	s->runner = find_runner(s->name, operand, &s->arguments);
	status = find_where(s, &argv);
	if (status) {
		free_words(&argv);
		return status;
	}
	was = stat(s->report, &then) == 0;
	s->first_status = run_child(argv.of, 0, &trouble);
	free_words(&argv);
	if (trouble) {
		fprintf(
		    stderr, "rejunit: %s: %s\n", operand[0], strerror(trouble));
		return end_as(s, s->first_status);
	}
	if (asked_to_end() || s->first_status > 128)
		return end_as(s, s->first_status);
	return decide(s, s->first_status, is_new(s->report, was, &then), start);
}

static bool
is_failing(const void *settings)
{
	(void)settings;
	return false;
}

const struct command run_tests_command = {
	.name = "run",
	.synopsis = "[options] [--] COMMAND...",
	.purpose = "Runs tests, reruns what failed, updates the report as "
		   "update does, and says how it all ended. The command keeps "
		   "its terminal and its output.",
	.options = options,
	.takes_command = true,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
