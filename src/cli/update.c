#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

enum {
	OPT_FLAKES = 256,
	OPT_FLAKES_FORMAT,
	OPT_DECISIONS,
	OPT_ROOTDIR,
	OPT_MAX_RECOVERED,
	OPT_FAIL_ON_FLAKY,
	OPT_EXIT_ZERO,
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
	{ OPT_ROOTDIR, "rootdir", "DIR",
	    "find the files of pytest's node ids below DIR" },
	{ OPT_MAX_RECOVERED, "max-recovered", "N|N%",
	    "refuse to turn more than that green" },
	{ OPT_FAIL_ON_FLAKY, "fail-on-flaky", NULL,
	    "exit 1 if a test recovered or regressed" },
	{ OPT_EXIT_ZERO, "exit-zero", NULL, "exit 0 where it would be 1" },
	{ 'q', "quiet", NULL, "no summary" },
	{ 'h', "help", NULL, "print this" },
	{ 0, NULL, NULL, NULL },
};

#define LISTS_MAX 8

/* A --flakes, and the --flakes-format that follows it. */
struct list {
	const char *path;
	enum rejunit_format format;
	bool has_format;
};

struct settings {
	const struct command *command;
	struct rejunit_update *update;
	struct rejunit_error *err;
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
	bool exit_zero;
	bool quiet;
	bool help;
};

static bool
set_max_recovered(struct settings *s, const char *arg)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || errno || n > 1000000000 ||
	    (strcmp(end, "") != 0 && strcmp(end, "%") != 0)) {
		print_usage_error(s->command,
		    "--max-recovered takes a number or a percentage, not "
		    "\"%s\"",
		    arg);
		return false;
	}
	rejunit_update_max_recovered(s->update, n, *end == '%');
	return true;
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
		    s->command, "there can be %d --flakes", LISTS_MAX);
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

	if (!set_word(s->command, "flakes-format", formats, arg, &word))
		return false;
	l->format = (enum rejunit_format)word;
	return l->has_format = true;
}

static bool
set_option(void *ctx, int id, const char *arg)
{
	struct settings *s = ctx;

	switch (id) {
	case 'o':
		s->output = is_stdout(arg) ? NULL : arg;
		return true;
	case 'i':
		return s->in_place = true;
	case 'n':
		return s->dry_run = true;
	case 'q':
		return s->quiet = true;
	case 'h':
		return s->help = true;
	case OPT_FLAKES:
		return set_flakes(s, arg);
	case OPT_FLAKES_FORMAT:
		return set_flakes_format(s, arg);
	case OPT_DECISIONS:
		s->decisions = arg;
		return true;
	case OPT_ROOTDIR:
		return rejunit_update_rootdir(s->update, arg, s->err) ==
		       REJUNIT_OK;
	case OPT_MAX_RECOVERED:
		return set_max_recovered(s, arg);
	case OPT_FAIL_ON_FLAKY:
		return s->fail_on_flaky = true;
	case OPT_EXIT_ZERO:
		return s->exit_zero = true;
	default:
		return set_plan_option(s->command, s->update, id, arg, s->err);
	}
}

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (!a || !b)
		return false;
	return strcmp(a, b) == 0 ||
	       (stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) &&
		   x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/* A list must not replace a report, nor another list. */
static const char *
overwritten(const struct settings *s, int operands, char **operand)
{
	for (int k = 0; k <= s->n_lists; k++) {
		const char *list =
		    k < s->n_lists ? s->lists[k].path : s->decisions;

		if (same_file(list, s->output))
			return list;
		for (int i = 0; i < k; i++)
			if (same_file(list, s->lists[i].path))
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

/* What contradicts itself is said before anything is read. */
static bool
check_settings(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	if (!check_operands(s->command, 2,
		"give the original and at least one rerun", operands, operand))
		return false;
	if (s->in_place && s->output)
		print_usage_error(
		    s->command, "--in-place and --output exclude each other");
	else if (s->list_to_stdout && !s->in_place && !s->output)
		print_usage_error(s->command,
		    "the report and the list cannot both go to standard "
		    "output");
	else if (s->decisions && strcmp(s->decisions, "-") == 0)
		print_usage_error(s->command,
		    "--decisions needs a file; --dry-run prints them");
	else if (overwritten(s, operands, operand))
		print_usage_error(s->command, "%s is named twice",
		    overwritten(s, operands, operand));
	else if (s->in_place && strcmp(operand[0], "-") == 0)
		print_usage_error(
		    s->command, "standard input cannot be updated in place");
	else
		return true;
	return false;
}

static enum rejunit_status
save_lists(struct settings *s)
{
	enum rejunit_status status = REJUNIT_OK;

	for (int i = 0; i < s->n_lists && !status; i++)
		status = rejunit_update_save_flakes(s->update,
		    format_of(s, &s->lists[i]), s->lists[i].path, s->err);
	if (s->decisions && !status)
		status = rejunit_update_save_decisions(
		    s->update, s->decisions, s->err);
	return status;
}

static enum rejunit_status
deliver(struct settings *s)
{
	bool to_file = s->in_place || s->output;
	enum rejunit_status status = REJUNIT_OK;

	if (s->dry_run) {
		status = rejunit_update_decisions(
		    s->update, rejunit_write_fd, to_stdout(), s->err);
		return status ? status : flush_stdout(s->err);
	}
	if (!to_file)
		status = rejunit_update_write(
		    s->update, rejunit_write_fd, to_stdout(), s->err);
	if (!status)
		status = save_lists(s);
	if (!status && to_file && (s->list_to_stdout || !s->n_lists))
		status =
		    rejunit_update_flakes(s->update, format_of(s, &s->standard),
			rejunit_write_fd, to_stdout(), s->err);
	if (!status)
		status = flush_stdout(s->err);
	/* a report that is replaced is replaced last */
	if (!status && to_file)
		status = rejunit_update_save(
		    s->update, s->in_place ? NULL : s->output, s->err);
	return status;
}

static int
verdict(const struct settings *s)
{
	const struct rejunit_update *u = s->update;
	bool failing = rejunit_update_count(u, REJUNIT_COUNT_BAD_AFTER) ||
		       rejunit_update_count(u, REJUNIT_COUNT_LOOSE) ||
		       rejunit_update_count(u, REJUNIT_COUNT_BROKEN_OFF);
	bool flaky = rejunit_update_count(u, REJUNIT_COUNT_RECOVERED) ||
		     rejunit_update_count(u, REJUNIT_COUNT_REGRESSED);

	if (s->exit_zero)
		return EXIT_GREEN;
	return failing || (s->fail_on_flaky && flaky) ? EXIT_FAILING
						      : EXIT_GREEN;
}

static enum rejunit_status
no_memory(struct rejunit_error *err)
{
	*err = (struct rejunit_error){ .status = REJUNIT_MEMORY };
	snprintf(err->message, sizeof(err->message), "out of memory");
	return REJUNIT_MEMORY;
}

static const char *
first_list(const struct settings *s)
{
	return s->n_lists ? s->lists[0].path : NULL;
}

static int
run_update(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	enum rejunit_status status =
	    rejunit_update_original(s->update, operand[0], s->err);
	char *summary = NULL;

	for (int i = 1; i < operands && !status; i++)
		status = rejunit_update_rerun(s->update, operand[i], s->err);
	if (!status && s->in_place && !s->dry_run)
		status = rejunit_update_lock(s->update, LOCK_SECONDS, s->err);
	if (!status)
		status = rejunit_update_plan(s->update, s->err);
	if (!status && s->output && !s->dry_run)
		status = rejunit_update_check(s->update, s->output, s->err);
	if (!status && !s->quiet) {
		summary = compose_summary(s->update, first_list(s));
		if (!summary)
			status = no_memory(s->err);
	}
	if (!status)
		status = deliver(s);
	if (status)
		print_error(s->err);
	else if (summary)
		print_summary(s->update, summary);
	free(summary);
	return status ? exit_status_of(status) : verdict(s);
}

static int
run(const struct command *c, int argc, char **argv)
{
	struct rejunit_error err = { 0 };
	struct settings s = { .command = c, .err = &err };
	const struct course course = { set_option, check_settings, run_update,
		&s.help, &err };
	int status;

	/* a job updates where it has run its tests */
	if (rejunit_update_new(&s.update, &err) ||
	    rejunit_update_rootdir(s.update, ".", &err)) {
		print_error(&err);
		rejunit_update_free(s.update);
		return EXIT_INPUT;
	}
	status = take_course(c, &course, &s, argc, argv);
	rejunit_update_free(s.update);
	return status;
}

const struct command update_command = {
	.name = "update",
	.synopsis = "[options] ORIGINAL RERUN...",
	.purpose = "Rewrites the verdicts of ORIGINAL by its reruns: failed "
		   "cases that later passed now pass, the evidence is kept, "
		   "every other byte stays. \"-\" is standard input.",
	.options = options,
	.run = run,
};
