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
};

static const struct option_spec options[] = {
	{ OPT_JSON, "json", NULL, "everything, as JSON" },
	{ OPT_LIMIT, "limit", "N", "list N failing and N flaky tests (20)" },
	{ OPT_SLOWEST, "slowest", "N", "list the N slowest tests (5)" },
	REPAIR_OPTION,
	ROOTDIR_OPTION,
	QUARANTINE_OPTIONS,
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	struct rejunit_survey *survey;
	size_t limit;
	bool json;
	const char *rootdir;
	bool repair;
	struct excuses excuses;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status = rejunit_survey_new(&s->survey, err);

	s->limit = LISTED;
	s->rootdir = ".";
	if (!status)
		status = rejunit_survey_rootdir(s->survey, ".", err);
	return status ? status
		      : rejunit_survey_slowest(s->survey, SLOWEST, err);
}

static void
end(void *settings)
{
	struct settings *s = settings;

	rejunit_survey_free(s->survey);
	free_excuses(&s->excuses);
}

static bool
set_number(
    const struct settings *s, const char *option, const char *arg, size_t *out)
{
	char *rest;
	unsigned long n;

	errno = 0;
	n = strtoul(arg, &rest, 10);
	if (*arg < '0' || *arg > '9' || *rest || errno || n > MANY) {
		print_usage_error(s->common.command,
		    "--%s takes a number up to %d, not \"%s\"", option, MANY,
		    arg);
		return false;
	}
	*out = n;
	return true;
}

static bool
set(void *settings, int id, const char *arg)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	size_t n;

	switch (id) {
	case OPT_JSON:
		return s->json = true;
	case OPT_LIMIT:
		return set_number(s, "limit", arg, &s->limit);
	case OPT_SLOWEST:
		return set_number(s, "slowest", arg, &n) &&
		       !rejunit_survey_slowest(s->survey, n, err);
	case OPT_REPAIR:
		s->repair = true;
		return !rejunit_survey_repair(s->survey, true, err);
	case OPT_ROOTDIR:
		s->rootdir = arg;
		return !rejunit_survey_rootdir(s->survey, arg, err);
	default:
		return set_excuse_option(
		    s->common.command, &s->excuses, id, arg);
	}
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	if (!check_operands(s->common.command, 1, "give the reports to show",
		operands, operand) ||
	    !check_excuses(s->common.command, &s->excuses))
		return false;
	for (int i = 0; i < operands && s->excuses.path; i++)
		if (strcmp(operand[i], "-") == 0) {
			print_usage_error(s->common.command,
			    "standard input is read once, and a quarantine "
			    "looks into reports again");
			return false;
		}
	return true;
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

/* Everything, for a person. */
static void
print_survey(const struct settings *s)
{
	const struct rejunit_survey *of = s->survey;
	struct terminal t = terminal_on(stdout);

	print_totals(&t, of);
	print_entries(&t, of, REJUNIT_LIST_FAILING, "Failing",
	    rejunit_survey_count(of, REJUNIT_COUNT_BAD_AFTER), s->limit);
	print_entries(&t, of, REJUNIT_LIST_FLAKY, "Flaky",
	    rejunit_survey_count(of, REJUNIT_COUNT_REPORTED), s->limit);
	print_slowest(&t, of);
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status = read_excuses(&s->excuses, err);

	if (!status)
		status = find_broken(&s->excuses, err);
	if (!status && !s->json)
		status = rejunit_survey_limit(s->survey, s->limit, err);
	for (int i = 0; i < operands && !status; i++)
		status = rejunit_survey_report(s->survey, operand[i], err);
	if (!status && s->excuses.list)
		status = rejunit_quarantine_reports(s->excuses.list,
		    (const char *const *)operand, (size_t)operands, s->rootdir,
		    s->repair, err);
	if (!status && s->json)
		status = rejunit_survey_write(
		    s->survey, rejunit_write_fd, to_stdout(), err);
	else if (!status && !s->common.quiet)
		print_survey(s);
	if (!status)
		status = flush_stdout(err);
	if (!status)
		print_warnings(survey_warning, s->survey);
	if (!status && !s->common.quiet)
		print_excuses(&s->excuses);
	return status;
}

static bool
is_failing(const void *settings)
{
	const struct settings *s = settings;

	return rejunit_survey_count(s->survey, REJUNIT_COUNT_BAD_AFTER) >
		   rejunit_quarantine_excused(s->excuses.list) ||
	       rejunit_survey_count(s->survey, REJUNIT_COUNT_LOOSE);
}

const struct command show_command = {
	.name = "show",
	.synopsis = "[options] REPORT...",
	.purpose = "Says what reports say: how many cases passed and failed, "
		   "which failed and why, which are flaky, which took longest. "
		   "\"-\" is standard input.",
	.options = options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
