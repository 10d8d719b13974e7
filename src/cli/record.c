#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

enum {
	OPT_HISTORY = 256,
	OPT_RUN,
	OPT_ATTEMPT,
	OPT_AT,
	OPT_COMMIT,
	OPT_BRANCH,
	OPT_JOB,
	OPT_HOST,
	OPT_URL,
	OPT_HUNT,
};

static const struct option_spec options[] = {
	{ OPT_HISTORY, "history", "FILE",
	    "the history; else $REJUNIT_HISTORY, .rejunit/history.db" },
	{ OPT_RUN, "run", "ID", "the run's name; else made of what CI says" },
	{ OPT_ATTEMPT, "attempt", "N", "of the first report, 0 the original" },
	{ OPT_AT, "at", "TIME", "when it ran; else as the report says" },
	{ OPT_COMMIT, "commit", "SHA", "what was tested" },
	{ OPT_BRANCH, "branch", "NAME", "the branch of it" },
	{ OPT_JOB, "job", "NAME", "the job that ran it" },
	{ OPT_HOST, "host", "NAME", "the machine that ran it" },
	{ OPT_URL, "url", "URL", "where it can be looked at" },
	{ OPT_HUNT, "hunt", NULL, "it was made to provoke failures" },
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	const char *path;
	struct rejunit_history *history;
	struct rejunit_run run;
	struct ci_run ci; /* what its strings live in */
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;

	s->path = history_path();
	s->run.attempt = -1;
	return REJUNIT_OK;
}

static void
end(void *settings)
{
	struct settings *s = settings;

	rejunit_history_free(s->history);
}

static bool
set_attempt(struct settings *s, const char *arg)
{
	char *rest;
	long n = strtol(arg, &rest, 10);

	if (*arg < '0' || *arg > '9' || *rest || n > 1000) {
		print_usage_error(s->common.command,
		    "--attempt takes a number up to 1000, not \"%s\"", arg);
		return false;
	}
	s->run.attempt = (int)n;
	return true;
}

static bool
set(void *settings, int id, const char *arg)
{
	struct settings *s = settings;

	switch (id) {
	case OPT_HISTORY:
		s->path = arg;
		return true;
	case OPT_RUN:
		s->run.name = arg;
		return true;
	case OPT_ATTEMPT:
		return set_attempt(s, arg);
	case OPT_AT:
		return set_time(s->common.command, "at", arg, &s->run.at);
	case OPT_COMMIT:
		s->run.commit = arg;
		return true;
	case OPT_BRANCH:
		s->run.branch = arg;
		return true;
	case OPT_JOB:
		s->run.job = arg;
		return true;
	case OPT_HOST:
		s->run.host = arg;
		return true;
	case OPT_URL:
		s->run.url = arg;
		return true;
	case OPT_HUNT:
		return s->run.hunt = true;
	default:
		return false;
	}
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	return check_operands(s->common.command, 1,
	    "give the reports of a run, or run records", operands, operand);
}

/* A file of run records, by its name. */
static bool
holds_records(const char *path)
{
	static const char *const endings[] = { ".jsonl", ".jsonl.gz", ".ndjson",
		NULL };
	size_t n = strlen(path);

	for (int i = 0; endings[i]; i++) {
		size_t k = strlen(endings[i]);

		if (n >= k && strcmp(path + n - k, endings[i]) == 0)
			return true;
	}
	return false;
}

static enum rejunit_status
open_history(struct settings *s)
{
	/* the default one lies in a folder of its own */
	if (strcmp(s->path, DEFAULT_HISTORY) == 0)
		(void)mkdir(".rejunit", 0777);
	return rejunit_history_open(&s->history, s->path, true, &s->common.err);
}

static const char *
history_warning(const void *of, size_t i)
{
	return rejunit_history_warning(of, i);
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	const char **reports = calloc((size_t)operands + 1, sizeof(*reports));
	enum rejunit_status status = reports ? open_history(s) : no_memory(err);
	size_t n = 0;

	for (int i = 0; i < operands && !status; i++)
		if (holds_records(operand[i]))
			status =
			    rejunit_history_load(s->history, operand[i], err);
		else
			reports[n++] = operand[i];
	if (!status && n) {
		complete_run(&s->ci, &s->run);
		status = rejunit_history_record(
		    s->history, &s->run, reports, n, err);
	}
	free(reports);
	if (status)
		return status;
	print_warnings(history_warning, s->history);
	if (!s->common.quiet)
		fprintf(stderr, "rejunit: %zu new execution%s in %s\n",
		    rejunit_history_added(s->history),
		    rejunit_history_added(s->history) == 1 ? "" : "s", s->path);
	return REJUNIT_OK;
}

static bool
is_failing(const void *settings)
{
	(void)settings;
	return false;
}

const struct command record_command = {
	.name = "record",
	.synopsis = "[options] REPORT...",
	.purpose = "Keeps what reports say in a history. The reports of one "
		   "call are the attempts of one run, in their order; files "
		   "that end in .jsonl or .jsonl.gz hold run records.",
	.options = options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
