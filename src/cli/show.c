#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define LISTED	20 /* failing and flaky tests, if nobody says more */
#define SLOWEST 5
#define MANY	1000000

enum {
	OPT_JSON = 256,
	OPT_LIMIT,
	OPT_SLOWEST,
	OPT_ROOTDIR,
	OPT_EXIT_ZERO,
};

static const struct option_spec options[] = {
	{ OPT_JSON, "json", NULL, "everything, as JSON" },
	{ OPT_LIMIT, "limit", "N", "list N failing and N flaky tests (20)" },
	{ OPT_SLOWEST, "slowest", "N", "list the N slowest tests (5)" },
	{ OPT_REPAIR, "repair", NULL,
	    "replace characters that XML forbids, visibly" },
	{ OPT_ROOTDIR, "rootdir", "DIR",
	    "find the files of pytest's node ids below DIR" },
	{ OPT_EXIT_ZERO, "exit-zero", NULL, "exit 0 where it would be 1" },
	{ 'h', "help", NULL, "print this" },
	{ 0, NULL, NULL, NULL },
};

struct settings {
	const struct command *command;
	struct rejunit_survey *survey;
	struct rejunit_error *err;
	size_t limit;
	bool json;
	bool exit_zero;
	bool help;
};

static bool
set_number(struct settings *s, const char *option, const char *arg, size_t *out)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || errno || n > MANY) {
		print_usage_error(s->command,
		    "--%s takes a number up to %d, not \"%s\"", option, MANY,
		    arg);
		return false;
	}
	*out = n;
	return true;
}

static bool
set_option(void *ctx, int id, const char *arg)
{
	struct settings *s = ctx;
	size_t n;

	switch (id) {
	case OPT_JSON:
		return s->json = true;
	case OPT_LIMIT:
		return set_number(s, "limit", arg, &s->limit);
	case OPT_SLOWEST:
		if (!set_number(s, "slowest", arg, &n))
			return false;
		rejunit_survey_slowest(s->survey, n);
		return true;
	case OPT_REPAIR:
		rejunit_survey_repair(s->survey, true);
		return true;
	case OPT_ROOTDIR:
		return rejunit_survey_rootdir(s->survey, arg, s->err) ==
		       REJUNIT_OK;
	case OPT_EXIT_ZERO:
		return s->exit_zero = true;
	case 'h':
		return s->help = true;
	default:
		return false;
	}
}

/* --- for a person -------------------------------------------------------- */

static void
print_number(
    const struct terminal *t, const char *what, const char *code, size_t n)
{
	if (n == 0)
		return;
	colour(t, code);
	fprintf(t->to, "  %-8s %6zu", what, n);
	colour(t, "0");
	fputc('\n', t->to);
}

static void
print_totals(const struct terminal *t, const struct rejunit_survey *s)
{
	size_t reports = rejunit_survey_count(s, REJUNIT_COUNT_REPORTS);
	size_t cases = rejunit_survey_count(s, REJUNIT_COUNT_CASES);

	fprintf(t->to, "%zu case%s", cases, cases == 1 ? "" : "s");
	if (reports > 1)
		fprintf(t->to, " in %zu reports", reports);
	fprintf(t->to, ", %s s\n", rejunit_survey_time(s));
	print_number(
	    t, "passed", "32", rejunit_survey_count(s, REJUNIT_COUNT_PASSED));
	print_number(
	    t, "flaky", "33", rejunit_survey_count(s, REJUNIT_COUNT_REPORTED));
	print_number(
	    t, "failed", "31", rejunit_survey_count(s, REJUNIT_COUNT_FAILED));
	print_number(
	    t, "errors", "31", rejunit_survey_count(s, REJUNIT_COUNT_ERRORS));
	print_number(
	    t, "skipped", "0", rejunit_survey_count(s, REJUNIT_COUNT_SKIPPED));
	print_number(t, "no name", "33",
	    rejunit_survey_count(s, REJUNIT_COUNT_NAMELESS));
	print_number(
	    t, "no case", "31", rejunit_survey_count(s, REJUNIT_COUNT_LOOSE));
}

/* A name, and below it what failed. */
static void
print_entries(const struct terminal *t, const struct rejunit_survey *s,
    enum rejunit_list list, const char *title, size_t all, size_t limit)
{
	const struct rejunit_entry *e;

	if (all == 0 || limit == 0)
		return;
	fprintf(t->to, "\n%s\n", title);
	for (size_t i = 0; (e = rejunit_survey_entry(s, list, i)); i++) {
		const char *name = rejunit_entry_name(e);
		const char *what = rejunit_entry_what(e);

		fputs("  ", t->to);
		print_text(t, *name ? name : "(no name)", t->width - 2);
		fputc('\n', t->to);
		if (!*what)
			continue;
		fputs("      ", t->to);
		colour(t, "2");
		print_start(t, what, t->width - 6);
		colour(t, "0");
		fputc('\n', t->to);
	}
	if (all > limit)
		fprintf(t->to, "  ... and %zu more\n", all - limit);
}

static void
print_slowest(const struct terminal *t, const struct rejunit_survey *s)
{
	const struct rejunit_entry *e =
	    rejunit_survey_entry(s, REJUNIT_LIST_SLOWEST, 0);
	int column;

	if (!e)
		return;
	column = (int)strlen(rejunit_entry_time(e));
	fputs("\nSlowest\n", t->to);
	for (size_t i = 0;
	     (e = rejunit_survey_entry(s, REJUNIT_LIST_SLOWEST, i)); i++) {
		const char *time = rejunit_entry_time(e);

		if ((int)strlen(time) > column)
			column = (int)strlen(time);
	}
	for (size_t i = 0;
	     (e = rejunit_survey_entry(s, REJUNIT_LIST_SLOWEST, i)); i++) {
		fprintf(t->to, "  %*s s  ", column, rejunit_entry_time(e));
		print_text(t, rejunit_entry_name(e), t->width - column - 6);
		fputc('\n', t->to);
	}
}

static const char *
survey_warning(const void *of, size_t i)
{
	return rejunit_survey_warning(of, i);
}

static int
run_show(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	enum rejunit_status status = REJUNIT_OK;
	struct terminal t = terminal_on(stdout);
	bool failing;

	if (!s->json)
		rejunit_survey_limit(s->survey, s->limit);
	for (int i = 0; i < operands && !status; i++)
		status = rejunit_survey_report(s->survey, operand[i], s->err);
	if (!status && s->json) {
		status = rejunit_survey_write(
		    s->survey, rejunit_write_fd, to_stdout(), s->err);
	} else if (!status) {
		print_totals(&t, s->survey);
		print_entries(&t, s->survey, REJUNIT_LIST_FAILING, "Failing",
		    rejunit_survey_count(s->survey, REJUNIT_COUNT_BAD_AFTER),
		    s->limit);
		print_entries(&t, s->survey, REJUNIT_LIST_FLAKY, "Flaky",
		    rejunit_survey_count(s->survey, REJUNIT_COUNT_REPORTED),
		    s->limit);
		print_slowest(&t, s->survey);
	}
	if (!status)
		status = flush_stdout(s->err);
	if (status) {
		print_error(s->err);
		return exit_status_of(status);
	}
	print_warnings(survey_warning, s->survey);
	failing = rejunit_survey_count(s->survey, REJUNIT_COUNT_BAD_AFTER) ||
		  rejunit_survey_count(s->survey, REJUNIT_COUNT_LOOSE);
	return failing && !s->exit_zero ? EXIT_FAILING : EXIT_GREEN;
}

static bool
check_settings(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;
	return check_operands(
	    s->command, 1, "give the reports to show", operands, operand);
}

static int
run(const struct command *c, int argc, char **argv)
{
	struct rejunit_error err = { 0 };
	struct settings s = { .command = c, .err = &err, .limit = LISTED };
	const struct course course = { set_option, check_settings, run_show,
		&s.help, &err };
	int status;

	if (rejunit_survey_new(&s.survey, &err) ||
	    rejunit_survey_rootdir(s.survey, ".", &err)) {
		print_error(&err);
		rejunit_survey_free(s.survey);
		return EXIT_INPUT;
	}
	rejunit_survey_slowest(s.survey, SLOWEST);
	status = take_course(c, &course, &s, argc, argv);
	rejunit_survey_free(s.survey);
	return status;
}

const struct command show_command = {
	.name = "show",
	.synopsis = "[options] REPORT...",
	.purpose = "Says what reports say: how many cases passed and failed, "
		   "which failed and why, which are flaky, which took longest. "
		   "\"-\" is standard input.",
	.options = options,
	.run = run,
};
