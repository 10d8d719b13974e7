/* What is said of a run of tests, and where its report will be. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

#define RETRIES	    2
#define RETRIES_MAX 100
#define JOBS_MAX    10000
#define ROUNDS_MAX  1000000
#define OWN_REPORT  "rejunit-report.xml"
#define SECONDS_MAX 1e9

enum {
	OPT_RUNNER = 1280,
	OPT_RUNNERS,
	OPT_REPORT,
	OPT_RERUN_COMMAND,
	OPT_NATIVE,
	OPT_RETRIES,
	OPT_JOBS,
	OPT_DELAY,
	OPT_BUDGET,
	OPT_MAX_RERUN,
	OPT_KEEP_REPORTS,
	OPT_RECORD,
	OPT_TIMES,
	OPT_UNTIL_FAIL,
	OPT_FOR,
	OPT_FLAKE_RATE,
	OPT_VERIFY_FIX,
	OPT_ALONE,
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
	{ OPT_JOBS, "jobs-for-rerun", "N", "run so many tests at once then" },
	{ OPT_DELAY, "delay", "10s", "wait so long before each rerun" },
	{ OPT_BUDGET, "budget", "10m", "begin no rerun after so long" },
	{ OPT_MAX_RERUN, "max-rerun", "N|N%",
	    "rerun nothing if more failed (10, and 10%)" },
	{ OPT_KEEP_REPORTS, "keep-reports", "DIR",
	    "keep each attempt's report there" },
	{ OPT_RECORD, "record", "[=HISTORY]",
	    "keep the runs in a history, as record does" },
	{ OPT_TIMES, "times", "N", "hunt: run all of it N times" },
	{ OPT_UNTIL_FAIL, "until-fail", NULL, "hunt until something fails" },
	{ OPT_FOR, "for", "10m", "hunt for so long" },
	{ OPT_FLAKE_RATE, "flake-rate", "1%",
	    "hunt until a flake of that rate would have shown" },
	{ OPT_VERIFY_FIX, "verify-fix", "TEST",
	    "hunt until TEST, as flaky as it was, would have failed" },
	{ OPT_ALONE, "alone", NULL, "run nothing but that test" },
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

static enum rejunit_status
begin(void *settings)
{
	struct running *s = settings;

	s->retries = RETRIES;
	s->budget = -1;
	s->hunt.seconds = -1;
	return REJUNIT_OK;
}

static void
end(void *settings)
{
	struct running *s = settings;

	if (*s->folder)
		remove_folder(s->folder);
	free_words(&s->for_each);
	free_words(&s->for_last);
	free_words(&s->skipped);
	free_words(&s->for_record);
	free_words(&s->attempts);
	free_words(&s->command);
	free_words(&s->failed);
	free_words(&s->configured);
	free(s->report);
}

/* --- options -------------------------------------------------------------- */

static bool
hand_on(struct words *to, int id, const char *arg)
{
	return add_option(to, options, id, arg);
}

static bool
set_record(struct running *s, const char *arg)
{
	s->records = true;
	if (arg)
		s->history = arg;
	return hand_on(&s->for_last, OPT_RECORD, arg) &&
	       (!arg || add_two(&s->for_record, "--history=", arg));
}

static bool
set_max_rerun(struct running *s, const char *arg)
{
	s->in_percent = *arg && arg[strlen(arg) - 1] == '%';
	s->most_said = true;
	return set_amount(s->common.command, "max-rerun", arg,
	    s->in_percent ? "%" : "", s->in_percent ? 100 : SECONDS_MAX,
	    &s->most);
}

static bool
want(const struct command *c, const char *what)
{
	print_usage_error(c, "%s", what);
	return false;
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

/* The lists; and what may make an update fail though all is mended. */
static bool
is_for_last(int id)
{
	return id >= OPT_FOR_UPDATE && id <= OPT_FOR_UPDATE + 2;
}

/* What the history is told of a run. */
static bool
set_kept(struct running *s, int id, const char *arg)
{
	return hand_on(&s->for_record, id, arg) &&
	       hand_on(&s->for_last, id, arg);
}

/* *ok: it is said as it has to be. */
static bool
set_hunt(struct running *s, int id, const char *arg, bool *ok)
{
	const struct command *c = s->common.command;
	struct hunt *h = &s->hunt;

	*ok = true;
	switch (id) {
	case OPT_TIMES:
		*ok = set_count(c, "times", arg, ROUNDS_MAX, &h->rounds) &&
		      (h->rounds > 0 || want(c, "--times takes 1 or more"));
		return true;
	case OPT_UNTIL_FAIL:
		return h->until_fail = true;
	case OPT_FOR:
		*ok = set_seconds(c, "for", arg, &h->seconds);
		return true;
	case OPT_FLAKE_RATE:
		*ok = set_amount(c, "flake-rate", arg, "%", 99, &h->rate) &&
		      (h->rate > 0 ||
			  want(c, "--flake-rate takes more than 0 %"));
		h->rate /= 100;
		return true;
	case OPT_VERIFY_FIX:
		h->fixed = arg;
		return true;
	case OPT_ALONE:
		return h->alone = true;
	default:
		return false;
	}
}

static bool
set(void *settings, int id, const char *arg)
{
	struct running *s = settings;
	const struct command *c = s->common.command;
	bool ok;
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
	case OPT_JOBS:
		s->jobs = arg;
		return set_count(c, "jobs-for-rerun", arg, JOBS_MAX, &n);
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
	case OPT_ROOTDIR:
		s->rootdir = arg;
		return hand_on(&s->for_each, id, arg);
	case OPT_HISTORY:
		s->history = arg;
		return hand_on(&s->for_each, id, arg);
	case OPT_RUN:
		s->run = arg;
		return set_kept(s, id, arg);
	default:
		if (set_hunt(s, id, arg, &ok))
			return ok;
		if (id > OPT_RUN && id <= OPT_REQUIRE_HISTORY)
			return set_kept(s, id, arg);
		s->updates = true;
		if (id == OPT_QUARANTINE || id == OPT_RECOVER_ONLY)
			s->list = arg;
		return hand_on(
		    is_for_last(id) ? &s->for_last : &s->for_each, id, arg);
	}
}

static bool
check_hunt(const struct running *s)
{
	const struct command *c = s->common.command;

	if (s->hunt.alone && !s->hunt.fixed)
		return want(c, "--alone goes with --verify-fix");
	if (is_hunt(&s->hunt) && (s->updates || s->native || s->rerun_command))
		return want(c, "a hunt reruns nothing, and updates no report");
	return true;
}

static bool
check_command(const struct running *s)
{
	char **words = s->rerun_command ? split_words(s->rerun_command) : NULL;
	bool ok = !s->rerun_command || (words && words[0]);

	if (!ok)
		print_usage_error(s->common.command,
		    words ? "--rerun-command takes a command"
			  : "a quote in --rerun-command does not end");
	free(words);
	return ok;
}

/* What an update would refuse is refused before anything runs. */
static bool
check_update(const struct running *s)
{
	struct words w = { .n = 0 };
	bool ok = add_word(&w, "update");

	ok = ok && add_words(&w, (const char *const *)s->for_each.of) &&
	     add_words(&w, (const char *const *)s->for_last.of);
	ok = ok && add_word(&w, "--") && add_word(&w, "report") &&
	     add_word(&w, "rerun") && is_sound(&update_command, (int)w.n, w.of);
	free_words(&w);
	return ok;
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct running *s = settings;
	const struct command *c = s->common.command;
	const struct runner *r;
	int arguments;

	if (s->list_runners)
		return true;
	if (operands < 1)
		return want(c, "give the command that runs the tests");
	r = find_runner(s->name, operand, &arguments);
	if (!r)
		print_usage_error(c,
		    "there is no runner \"%s\"; --runners lists them", s->name);
	else if (is_hunt(&s->hunt))
		return check_hunt(s);
	else if (!can_select(r) && !(s->rerun_command && s->report_said))
		print_usage_error(c,
		    "%s is no runner that is known: say --runner=NAME, or "
		    "--report=FILE and --rerun-command='CMD {ids}'",
		    operand[0]);
	else if (s->native && !r->native)
		print_usage_error(
		    c, "%s does not remember what failed", r->name);
	else if (s->jobs && !r->jobs)
		print_usage_error(c,
		    "%s cannot be told how many tests to run at once", r->name);
	else if (s->list && strcmp(s->list, "-") != 0 &&
		 access(s->list, R_OK) != 0)
		print_usage_error(c, "%s: %s", s->list, strerror(errno));
	else
		return check_command(s) && check_hunt(s) && check_update(s);
	return false;
}

/* --- the run -------------------------------------------------------------- */

/* A runner may work elsewhere. */
static char *
own_report(const char *name)
{
	char *folder = getcwd(NULL, 0), *path = NULL;
	size_t n = folder ? strlen(folder) + strlen(name) + 2 : 0;

	if (folder)
		path = malloc(n);
	if (path)
		snprintf(path, n, "%s/%s", folder, name);
	free(folder);
	return path;
}

/* A runner that was asked for no report is, where it can be. */
static enum rejunit_status
ask_for_report(struct running *s)
{
	const char *in_folder = s->runner->in_folder;
	const char *name = !in_folder	? OWN_REPORT
			   : *in_folder ? in_folder
					: "reports";

	if (!s->runner->output && is_hunt(&s->hunt))
		return REJUNIT_OK; /* its status will do */
	if (!s->runner->output)
		return run_refuse(s,
		    "nobody says where %s puts its report: give --report=PATH",
		    s->runner->name);
	s->added = true;
	s->report = own_report(name);
	free_words(&s->command);
	if (!s->report || !add_report(s->runner, &s->command, s->argv,
			      s->arguments, s->report))
		return no_memory(&s->common.err);
	run_say(s, "the report is %s", name);
	return REJUNIT_OK;
}

/* One that was asked for another report writes that alone. */
static enum rejunit_status
refuse_other(struct running *s)
{
	for (char **word = s->argv + s->arguments; *word; word++)
		if (starts(*word, s->runner->another))
			return run_refuse(s,
			    "%s is to write another report (%.100s), and but "
			    "one: give xml:PATH",
			    s->runner->name, *word);
	return REJUNIT_OK;
}

/* pytest's own ids are below the folder that its options are in. */
static void
find_rootdir(struct running *s, const char *folder)
{
	char *here = getcwd(NULL, 0);
	size_t n = here ? strlen(here) : 0;

	if (here && !s->rootdir && strncmp(folder, here, n) == 0 &&
	    folder[n] == '/') {
		snprintf(s->own_rootdir, sizeof(s->own_rootdir), "%s",
		    folder + n + 1);
		s->rootdir = s->own_rootdir;
	}
	free(here);
}

static enum rejunit_status
find_where(struct running *s)
{
	char folder[PATH_MAX];
	bool ok = find_configured(
	    s->runner, s->argv, s->arguments, &s->configured, folder);

	find_rootdir(s, folder);
	ok = ok && add_words(&s->command, (const char *const *)s->argv);
	if (ok && s->report_said)
		ok = (s->report = strdup(s->report_said)) != NULL;
	else if (ok)
		ok = find_report(s->runner, s->argv + s->arguments,
		    &s->configured, &s->report);
	if (!ok)
		return no_memory(&s->common.err);
	return s->report ? REJUNIT_OK : ask_for_report(s);
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct running *s = settings;
	enum rejunit_status status;

	(void)operands;
	if (s->list_runners) {
		print_runners(stdout);
		(void)run_end_as(s, EXIT_GREEN);
		return flush_stdout(&s->common.err);
	}
	s->start = seconds_now();
	s->argv = operand;
	s->runner = find_runner(s->name, operand, &s->arguments);
	status = find_where(s);
	if (!status && s->runner->another && s->added)
		status = refuse_other(s);
	if (status)
		return status;
	clear_kept(s);
	status = is_hunt(&s->hunt) ? run_hunt(s) : run_loop(s);
	/* a script that runs us is to end by it, too */
	if (asked_to_end() == SIGINT)
		end_by_signal(SIGINT, asked_by_key());
	return status;
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
		   "update does, and says how it all ended. Or hunts: runs "
		   "them again and again, and says how often they fail. The "
		   "command keeps its terminal and its output.",
	.options = options,
	.takes_command = true,
	.settings = sizeof(struct running),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
