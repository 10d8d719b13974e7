/* The commands that tend a history: export, prune and rename. */
#include <stdlib.h>
#include <time.h>

#include "cli.h"

#define LAST 253402300799 /* of the year 9999 */

enum {
	OPT_FORMAT = 256,
	OPT_OLDER_THAN,
};

struct settings {
	struct common common;
	const char *path;
	struct rejunit_history *history;
	long long since; /* seconds; less than 0: nobody says it */
	long long at;
	int format;
	const char *output;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;

	s->path = history_path();
	s->since = -1;
	s->at = LAST;
	return REJUNIT_OK;
}

static void
end(void *settings)
{
	struct settings *s = settings;

	rejunit_history_free(s->history);
}

static bool
is_failing(const void *settings)
{
	(void)settings;
	return false;
}

static bool
set(void *settings, int id, const char *arg)
{
	static const char *const formats[] = { "records", "csv", NULL };
	struct settings *s = settings;

	switch (id) {
	case OPT_HISTORY:
		return set_history(s->common.command, arg, &s->path);
	case OPT_SINCE:
		return set_days(s->common.command, "since", arg, &s->since);
	case OPT_OLDER_THAN:
		return set_days(
		    s->common.command, "older-than", arg, &s->since);
	case OPT_AT:
		return set_time(s->common.command, "at", arg, &s->at);
	case OPT_FORMAT:
		return set_word(
		    s->common.command, "format", formats, arg, &s->format);
	case 'o':
		s->output = is_stdout(arg) ? NULL : arg;
		return true;
	default:
		return false;
	}
}

static bool
takes_none(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	if (operands == 0)
		return true;
	(void)operand;
	print_usage_error(
	    s->common.command, "no operand is wanted, but options alone");
	return false;
}

/* --- export -------------------------------------------------------------- */

static const struct option_spec export_options[] = {
	HISTORY_OPTION,
	{ OPT_SINCE, "since", "90d", "the runs of so many days; else all" },
	{ OPT_AT, "at", "TIME", "those until then" },
	{ OPT_FORMAT, "format", "FORMAT",
	    "records (default) or csv: a run a line, or an execution a row" },
	{ 'o', "output", "FILE", "write them to FILE" },
	LAST_OPTIONS,
};

static bool
keeps_history(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	if (!takes_none(s, operands, operand))
		return false;
	if (!same_file(s->output, s->path))
		return true;
	print_usage_error(s->common.command, "%s is named twice", s->output);
	return false;
}

static enum rejunit_status
run_export(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_format format = s->format ? REJUNIT_CSV : REJUNIT_JSON;
	long long now = s->at < LAST ? s->at : (long long)time(NULL);
	long long after = s->since >= 0 ? now - s->since : -1;
	enum rejunit_status status =
	    rejunit_history_open(&s->history, s->path, false, err);

	(void)operands;
	(void)operand;
	if (status)
		return status;
	if (s->output)
		return rejunit_history_save(
		    s->history, format, after, s->at, s->output, err);
	status = rejunit_history_export(s->history, format, after, s->at,
	    rejunit_write_fd, to_stdout(), err);
	return status ? status : flush_stdout(err);
}

const struct command export_command = {
	.name = "export",
	.synopsis = "[options]",
	.purpose = "Writes what a history holds as run records, which record "
		   "takes in elsewhere, or as CSV for a warehouse.",
	.options = export_options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = keeps_history,
	.run = run_export,
	.is_failing = is_failing,
	.end = end,
};

/* --- prune ---------------------------------------------------------------- */

static const struct option_spec prune_options[] = {
	HISTORY_OPTION,
	{ OPT_OLDER_THAN, "older-than", "180d", "forget what is older" },
	LAST_OPTIONS,
};

static bool
wants_age(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	if (s->since >= 0)
		return takes_none(s, operands, operand);
	print_usage_error(s->common.command,
	    "say how much is to be forgotten: --older-than=180d");
	return false;
}

static enum rejunit_status
run_prune(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	struct rejunit_pruned pruned = { .runs = 0 };
	long long now = (long long)time(NULL);
	enum rejunit_status status =
	    rejunit_history_open(&s->history, s->path, false, err);

	(void)operands;
	(void)operand;
	if (!status)
		status = rejunit_history_prune(s->history,
		    now > s->since ? now - s->since : 0, &pruned, err);
	if (!status && !s->common.quiet)
		fprintf(stderr,
		    "rejunit: %llu run%s with %llu execution%s forgotten\n",
		    pruned.runs, pruned.runs == 1 ? "" : "s", pruned.executions,
		    pruned.executions == 1 ? "" : "s");
	return status;
}

const struct command prune_command = {
	.name = "prune",
	.synopsis = "--older-than=DAYS [options]",
	.purpose = "Forgets old runs, and gives their room back.",
	.options = prune_options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = wants_age,
	.run = run_prune,
	.is_failing = is_failing,
	.end = end,
};

/* --- rename -------------------------------------------------------------- */

static const struct option_spec rename_options[] = {
	HISTORY_OPTION,
	LAST_OPTIONS,
};

static bool
takes_two(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	if (operands == 2 && *operand[0] && *operand[1])
		return true;
	print_usage_error(s->common.command,
	    "give the old name and the new one, of a test or of a class");
	return false;
}

static enum rejunit_status
run_rename(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	size_t tests = 0;
	enum rejunit_status status =
	    rejunit_history_open(&s->history, s->path, false, err);

	(void)operands;
	if (!status)
		status = rejunit_history_rename(
		    s->history, operand[0], operand[1], &tests, err);
	if (!status && !s->common.quiet)
		fprintf(stderr, "rejunit: %zu test%s renamed\n", tests,
		    tests == 1 ? "" : "s");
	return status;
}

const struct command rename_command = {
	.name = "rename",
	.synopsis = "[options] OLD NEW",
	.purpose = "Carries the past of a test, classname::name, or of all "
		   "tests of a class and those below it over to a new name.",
	.options = rename_options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = takes_two,
	.run = run_rename,
	.is_failing = is_failing,
	.end = end,
};
