#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

enum {
	OPT_FLAKES = 256,
	OPT_FLAKES_FORMAT,
	OPT_DECISIONS,
	OPT_MAX_RECOVERED,
	OPT_FAIL_ON_FLAKY,
	OPT_RECORD,
	OPT_FAIL_ON_RECURRING,
};

static const struct option_spec options[] = {
	{ 'o', "output", "FILE", "write the updated report to FILE" },
	{ 'i', "in-place", NULL, "write it over the original, atomically" },
	{ 'n', "dry-run", NULL, "write nothing, print the decisions as JSON" },
	{ OPT_FLAKES, "flakes", "FILE",
	    "write the list of flaky tests to FILE" },
	{ OPT_FLAKES_FORMAT, "flakes-format", "FORMAT",
	    "text, json, csv, markdown, github" },
	{ OPT_DECISIONS, "decisions", "FILE",
	    "write every decision to FILE, as JSON" },
	PLAN_OPTIONS,
	ROOTDIR_OPTION,
	{ OPT_MAX_RECOVERED, "max-recovered", "N|N%",
	    "refuse to turn more than that green" },
	{ OPT_FAIL_ON_FLAKY, "fail-on-flaky", NULL,
	    "exit 1 if a test recovered or regressed" },
	{ OPT_RECORD, "record", "[=HISTORY]",
	    "keep the runs in a history, as record does" },
	KEEPING_OPTIONS,
	{ OPT_FAIL_ON_RECURRING, "fail-on-recurring", "N",
	    "exit 1 if a failure recovered that N runs had before" },
	UPDATE_EXCUSES,
	LAST_OPTIONS,
};

#define LISTS_MAX 8

/* A --flakes, and the --flakes-format that follows it. */
struct list {
	const char *path;
	enum rejunit_format format;
	bool has_format;
};

struct settings {
	struct common common;
	struct rejunit_update *update;
	const char *output;
	struct list lists[LISTS_MAX];
	int n_lists;
	bool list_to_stdout; /* --flakes=- */
	struct list standard; /* which is this one */
	struct list others; /* has the format of lists without one */
	struct list *last; /* named; NULL: none was yet */
	const char *decisions;
	bool in_place;
	bool dry_run;
	bool fail_on_flaky;
	bool record;
	bool recorded; /* and not only tried */
	struct keeping keeping;
	char assumed[128]; /* the fact that says so */
	unsigned int recurring; /* 0: not wanted */
	bool has_recurred;
	struct excuses excuses;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;
	enum rejunit_status status =
	    rejunit_update_new(&s->update, &s->common.err);

	begin_keeping(&s->keeping);
	/* a job that has tested is no failure for want of a history */
	s->keeping.lenient = true;
	/* a job updates where it has run its tests */
	return status ? status
		      : rejunit_update_rootdir(s->update, ".", &s->common.err);
}

static void
end(void *settings)
{
	struct settings *s = settings;

	rejunit_update_free(s->update);
	free_excuses(&s->excuses);
}

static bool
set_max_recovered(struct settings *s, const char *arg)
{
	char *rest;
	unsigned long n;

	errno = 0;
	n = strtoul(arg, &rest, 10);
	if (*arg < '0' || *arg > '9' || errno || n > 1000000000 ||
	    (strcmp(rest, "") != 0 && strcmp(rest, "%") != 0)) {
		print_usage_error(s->common.command,
		    "--max-recovered takes a number or a percentage, not "
		    "\"%s\"",
		    arg);
		return false;
	}
	return !rejunit_update_max_recovered(
	    s->update, n, *rest == '%', &s->common.err);
}

static bool
set_flakes(struct settings *s, const char *arg)
{
	/* where it goes without a name, if the report does not */
	if (is_stdout(arg)) {
		s->last = &s->standard;
		return s->list_to_stdout = true;
	}
	if (s->n_lists == LISTS_MAX) {
		print_usage_error(
		    s->common.command, "there can be %d --flakes", LISTS_MAX);
		return false;
	}
	s->last = &s->lists[s->n_lists++];
	s->last->path = arg;
	return true;
}

static bool
set_flakes_format(struct settings *s, const char *arg)
{
	static const char *const formats[] = { "text", "json", "csv",
		"markdown", "github", NULL };
	struct list *l = s->last ? s->last : &s->others;
	int word;

	if (!set_word(s->common.command, "flakes-format", formats, arg, &word))
		return false;
	l->format = (enum rejunit_format)word;
	return l->has_format = true;
}

static bool
set_recurring(struct settings *s, const char *arg)
{
	double n;

	if (!set_amount(
		s->common.command, "fail-on-recurring", arg, "", 1000000, &n))
		return false;
	s->recurring = n < 1 ? 1 : (unsigned int)n;
	return true;
}

/* Whoever reads the history is to know what was taken for granted. */
static void
note_assumption(struct settings *s, const char *what)
{
	size_t n = strlen(s->assumed);

	snprintf(s->assumed + n, sizeof(s->assumed) - n, "%s%s",
	    n ? "," : "rejunit.assume=", what);
	if (n == 0)
		(void)set_keeping_option(
		    s->common.command, &s->keeping, OPT_FACT, s->assumed);
}

static bool
set(void *settings, int id, const char *arg)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;

	switch (id) {
	case 'o':
		s->output = is_stdout(arg) ? NULL : arg;
		return true;
	case 'i':
		return s->in_place = true;
	case 'n':
		return s->dry_run = true;
	case OPT_FLAKES:
		return set_flakes(s, arg);
	case OPT_FLAKES_FORMAT:
		return set_flakes_format(s, arg);
	case OPT_DECISIONS:
		s->decisions = arg;
		return true;
	case OPT_ROOTDIR:
		s->keeping.rootdir = arg;
		return !rejunit_update_rootdir(s->update, arg, err);
	case OPT_MAX_RECOVERED:
		return set_max_recovered(s, arg);
	case OPT_FAIL_ON_FLAKY:
		return s->fail_on_flaky = true;
	case OPT_RECORD:
		s->record = true;
		return !arg ||
		       set_history(s->common.command, arg, &s->keeping.path);
	case OPT_FAIL_ON_RECURRING:
		return set_recurring(s, arg);
	case OPT_ASSUME:
		note_assumption(s, arg);
		return set_plan_option(
		    s->common.command, s->update, id, arg, err);
	case OPT_HISTORY:
		s->keeping.path = arg;
		return set_excuse_option(
		    s->common.command, &s->excuses, id, arg);
	case OPT_QUARANTINE:
	case OPT_MAX_QUARANTINED:
	case OPT_QUARANTINED:
	case OPT_RECOVER_ONLY:
		return set_excuse_option(
		    s->common.command, &s->excuses, id, arg);
	default:
		if (set_keeping_option(s->common.command, &s->keeping, id, arg))
			return true;
		return set_plan_option(
		    s->common.command, s->update, id, arg, err);
	}
}

/* A list must not replace a report, nor another list. */
static const char *
overwritten(const struct settings *s, int operands, char **operand)
{
	const char *const read[] = { s->excuses.path, s->excuses.recover_only };

	if (s->record && same_file(s->output, s->keeping.path))
		return s->output;
	for (int i = 0; i < 2; i++)
		if (same_file(s->output, read[i]))
			return s->output;
	for (int k = 0; k <= s->n_lists; k++) {
		const char *list =
		    k < s->n_lists ? s->lists[k].path : s->decisions;

		if (same_file(list, s->output) ||
		    (s->record && same_file(list, s->keeping.path)))
			return list;
		for (int i = 0; i < k; i++)
			if (same_file(list, s->lists[i].path))
				return list;
		for (int i = 0; i < 2; i++)
			if (same_file(list, read[i]))
				return list;
		for (int i = 0; i < operands; i++)
			if (same_file(list, operand[i]))
				return list;
	}
	return NULL;
}

static enum rejunit_format
format_of(const struct settings *s, const struct list *l)
{
	const char *ending = l->path ? strrchr(l->path, '.') : NULL;

	if (l->has_format)
		return l->format;
	if (s->others.has_format || !ending)
		return s->others.format;
	if (strcmp(ending, ".json") == 0)
		return REJUNIT_JSON;
	if (strcmp(ending, ".csv") == 0)
		return REJUNIT_CSV;
	return strcmp(ending, ".md") == 0 ? REJUNIT_MARKDOWN : REJUNIT_TEXT;
}

static bool
names_stdin(int operands, char **operand)
{
	for (int i = 0; i < operands; i++)
		if (strcmp(operand[i], "-") == 0)
			return true;
	return false;
}

/* What contradicts itself is said before anything is read. */
static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	if (!check_operands(s->common.command, 2,
		"give the original and at least one rerun", operands, operand))
		return false;
	if (s->in_place && s->output)
		print_usage_error(s->common.command,
		    "--in-place and --output exclude each other");
	else if (s->list_to_stdout && !s->in_place && !s->output)
		print_usage_error(s->common.command,
		    "the report and the list cannot both go to standard "
		    "output");
	else if (s->decisions && strcmp(s->decisions, "-") == 0)
		print_usage_error(s->common.command,
		    "--decisions needs a file; --dry-run prints them");
	else if (overwritten(s, operands, operand))
		print_usage_error(s->common.command, "%s is named twice",
		    overwritten(s, operands, operand));
	else if (s->recurring && !s->record)
		print_usage_error(s->common.command,
		    "--fail-on-recurring looks into the history of --record");
	else if (s->record && names_stdin(operands, operand))
		print_usage_error(s->common.command,
		    "standard input cannot be recorded: it is read once");
	else if (s->in_place && strcmp(operand[0], "-") == 0)
		print_usage_error(s->common.command,
		    "standard input cannot be updated in place");
	else
		return check_excuses(s->common.command, &s->excuses);
	return false;
}

static enum rejunit_status
save_lists(struct settings *s)
{
	enum rejunit_status status = REJUNIT_OK;

	for (int i = 0; i < s->n_lists && !status; i++)
		status = rejunit_update_save_flakes(s->update,
		    format_of(s, &s->lists[i]), s->lists[i].path,
		    &s->common.err);
	if (s->decisions && !status)
		status = rejunit_update_save_decisions(
		    s->update, s->decisions, &s->common.err);
	return status;
}

static enum rejunit_status
deliver(struct settings *s)
{
	bool to_file = s->in_place || s->output;
	enum rejunit_status status = REJUNIT_OK;

	if (s->dry_run) {
		status = rejunit_update_decisions(
		    s->update, rejunit_write_fd, to_stdout(), &s->common.err);
		return status ? status : flush_stdout(&s->common.err);
	}
	if (!to_file)
		status = rejunit_update_write(
		    s->update, rejunit_write_fd, to_stdout(), &s->common.err);
	if (!status)
		status = save_lists(s);
	if (!status && to_file &&
	    (s->list_to_stdout || (!s->n_lists && !s->common.within)))
		status =
		    rejunit_update_flakes(s->update, format_of(s, &s->standard),
			rejunit_write_fd, to_stdout(), &s->common.err);
	if (!status)
		status = flush_stdout(&s->common.err);
	/* a report that is replaced is replaced last */
	if (!status && to_file)
		status = rejunit_update_save(
		    s->update, s->in_place ? NULL : s->output, &s->common.err);
	return status;
}

static const char *
update_warning(const void *of, size_t i)
{
	return rejunit_update_warning(of, i);
}

/* Names the inputs, and decides. */
static enum rejunit_status
plan(struct settings *s, int operands, char **operand)
{
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status =
	    rejunit_update_original(s->update, operand[0], err);

	for (int i = 1; i < operands && !status; i++)
		status = rejunit_update_rerun(s->update, operand[i], err);
	if (!status)
		status = excuse_update(&s->excuses, s->update, err);
	if (!status && s->in_place && !s->dry_run)
		status = rejunit_update_lock(s->update, LOCK_SECONDS, err);
	if (!status)
		status = rejunit_update_plan(s->update, err);
	if (!status && s->output && !s->dry_run)
		status = rejunit_update_check(s->update, s->output, err);
	return status;
}

/* Keeps the reports, before one of them is replaced. */
static enum rejunit_status
record(struct settings *s, int operands, char **operand)
{
	const struct rejunit_ranking how = { .top = 1 };
	struct rejunit_error *err = &s->common.err;
	struct rejunit_history *h;
	enum rejunit_status status = open_to_keep(&s->keeping, &h, err);
	const char *run;

	if (status || !h)
		return status;
	status = keep_reports(&s->keeping, h, (const char *const *)operand,
	    (size_t)operands, err);
	run = rejunit_history_run(h);
	s->recorded = !status && run;
	if (!status && s->recurring && run) {
		status =
		    kept(&s->keeping, rejunit_history_rank(h, &how, err), err);
		s->has_recurred =
		    !status && rejunit_history_recurring(h, run, s->recurring);
	}
	rejunit_history_free(h);
	return status;
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	bool recorded = false;
	enum rejunit_status status = read_excuses(&s->excuses, err);
	char *summary = NULL;

	/* whether a test is broken, this run says, too */
	if (!status && s->excuses.path && s->record) {
		if (!s->dry_run)
			status = record(s, operands, operand);
		if (s->recorded || s->dry_run)
			s->excuses.history = s->keeping.path;
		recorded = true;
	}
	if (!status)
		status = find_broken(&s->excuses, err);
	if (!status)
		status = plan(s, operands, operand);
	if (!status && s->record && !s->dry_run && !recorded)
		status = record(s, operands, operand);
	if (!status && !s->common.quiet) {
		summary = compose_summary(
		    s->update, s->n_lists ? s->lists[0].path : NULL);
		if (!summary)
			status = no_memory(&s->common.err);
	}
	if (!status)
		status = deliver(s);
	if (!status && summary) {
		print_warnings(update_warning, s->update);
		fputs(summary, stderr);
		print_excuses(&s->excuses);
	}
	free(summary);
	return status;
}

static bool
is_failing(const void *settings)
{
	static const enum rejunit_count failing[] = { REJUNIT_COUNT_LOOSE,
		REJUNIT_COUNT_BROKEN_OFF };
	const struct settings *s = settings;
	const struct rejunit_update *u = s->update;

	if (rejunit_update_count(u, REJUNIT_COUNT_BAD_AFTER) >
	    rejunit_update_count(u, REJUNIT_COUNT_EXCUSED))
		return true;
	for (size_t i = 0; i < sizeof(failing) / sizeof(*failing); i++)
		if (rejunit_update_count(u, failing[i]))
			return true;
	return s->has_recurred ||
	       (s->fail_on_flaky &&
		   (rejunit_update_count(u, REJUNIT_COUNT_RECOVERED) ||
		       rejunit_update_count(u, REJUNIT_COUNT_REGRESSED)));
}

const struct command update_command = {
	.name = "update",
	.synopsis = "[options] ORIGINAL RERUN...",
	.purpose = "Rewrites the verdicts of ORIGINAL by its reruns: failed "
		   "cases that later passed now pass, the evidence is kept, "
		   "every other byte stays. \"-\" is standard input.",
	.options = options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
