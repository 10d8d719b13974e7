#include <stdlib.h>
#include <time.h>

#include "cli.h"

enum {
	OPT_CHECK = 256,
};

static const struct option_spec options[] = {
	HISTORY_OPTION,
	KEEPING_OPTIONS,
	{ OPT_ATTEMPT, "attempt", "N", "of the first report, 0 the original" },
	{ OPT_HUNT, "hunt", NULL, "it was made to provoke failures" },
	{ OPT_CHECK, "check", NULL, "look for what is wrong in the history" },
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	struct keeping keeping;
	struct rejunit_history *history;
	bool check;
	bool is_sound;
	time_t told; /* when it was last said how far it is */
	bool has_told;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;

	begin_keeping(&s->keeping);
	s->is_sound = true;
	return REJUNIT_OK;
}

static void
end(void *settings)
{
	struct settings *s = settings;

	rejunit_history_free(s->history);
}

static bool
set(void *settings, int id, const char *arg)
{
	struct settings *s = settings;

	if (id == OPT_CHECK)
		return s->check = true;
	return set_keeping_option(s->common.command, &s->keeping, id, arg);
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	return check_operands(s->common.command, s->check ? 0 : 1,
	    "give the reports of a run, or run records", operands, operand);
}

/* A person who waits sees how far it is, from the second second on. */
static void
tell_progress(void *ctx, size_t executions)
{
	struct settings *s = ctx;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!s->told)
		s->told = now.tv_sec + 1;
	if (now.tv_sec <= s->told)
		return;
	s->told = now.tv_sec;
	s->has_told = true;
	fprintf(stderr, "\rrejunit: %zu new executions so far", executions);
	fflush(stderr);
}

static void
ask_for_progress(struct settings *s)
{
	if (terminal_on(stderr).width && !s->common.quiet)
		(void)rejunit_history_on_progress(
		    s->history, tell_progress, s, NULL);
}

/* Runs that somebody kept elsewhere, one path after the other. */
static enum rejunit_status
load_runs(struct settings *s, const char **paths, size_t n)
{
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < n && !status; i++)
		status = rejunit_history_load(s->history, paths[i], err);
	return status ? kept(&s->keeping, status, err) : REJUNIT_OK;
}

static enum rejunit_status
look_for_wrong(struct settings *s)
{
	enum rejunit_status status =
	    rejunit_history_check(s->history, &s->common.err);
	const char *what;

	for (size_t i = 0;
	     !status && (what = rejunit_history_finding(s->history, i)) != NULL;
	     i++) {
		s->is_sound = false;
		printf("%s\n", what);
	}
	if (!status && s->is_sound && !s->common.quiet)
		printf("%s is sound\n", rejunit_history_name(s->history));
	return status ? status : flush_stdout(&s->common.err);
}

static enum rejunit_status
record(struct settings *s, int operands, char **operand)
{
	struct rejunit_error *err = &s->common.err;
	size_t reports;
	const char **paths = sort_operands(operands, operand, &reports);
	enum rejunit_status status;

	if (!paths)
		return no_memory(err);
	status = load_runs(s, paths + reports, (size_t)operands - reports);
	if (!status && reports)
		status =
		    keep_reports(&s->keeping, s->history, paths, reports, err);
	free(paths);
	return status;
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status =
	    s->check && !operands
		? rejunit_history_open(&s->history, s->keeping.path, false, err)
		: open_to_keep(&s->keeping, &s->history, err);
	size_t n;

	if (status || !s->history)
		return status;
	ask_for_progress(s);
	status = operands ? record(s, operands, operand) : REJUNIT_OK;
	if (s->has_told)
		fputs("\r\033[K", stderr);
	n = rejunit_history_added(s->history);
	if (!status && operands && !s->common.quiet)
		fprintf(stderr, "rejunit: %zu new execution%s in %s\n", n,
		    n == 1 ? "" : "s", rejunit_history_name(s->history));
	return !status && s->check ? look_for_wrong(s) : status;
}

static bool
is_failing(const void *settings)
{
	const struct settings *s = settings;

	return !s->is_sound;
}

const struct command record_command = {
	.name = "record",
	.synopsis = "[options] REPORT...",
	.purpose = "Keeps what reports say in a history. The reports of one "
		   "call are the attempts of one run, in their order; run "
		   "records (*.jsonl, *.jsonl.gz), other histories, and "
		   "folders of them are taken in.",
	.options = options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
