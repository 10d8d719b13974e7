#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

#define LISTED	  20 /* tests of each kind, if nobody says more */
#define MANY	  1000000
#define LONG_TIME 1e9
#define WHAT_MOST 4096 /* of a line that says what failed */

enum {
	OPT_FORMAT = 256,
	OPT_LIMIT,
	OPT_SLOWER,
};

static const struct option_spec options[] = {
	{ OPT_FORMAT, "format", "FORMAT",
	    "text (default), json, markdown or github" },
	{ OPT_LIMIT, "limit", "N", "list N tests of each kind (20)" },
	{ OPT_SLOWER, "slower", "2x,1s",
	    "twice as long and by a second is slower; or none" },
	REPAIR_OPTION,
	ROOTDIR_OPTION,
	QUARANTINE_OPTIONS,
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	struct rejunit_diff *diff;
	int format; /* of enum rejunit_format */
	size_t limit;
	const char *rootdir;
	bool repair;
	struct excuses excuses;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status = rejunit_diff_new(&s->diff, err);

	s->limit = LISTED;
	s->rootdir = ".";
	return status ? status : rejunit_diff_rootdir(s->diff, ".", err);
}

static void
end(void *settings)
{
	struct settings *s = settings;

	rejunit_diff_free(s->diff);
	free_excuses(&s->excuses);
}

/* One of "2x" and "1s", by the units that there may be. */
static bool
set_part(const struct command *c, const char *units, const char *s, size_t n,
    double *times, double *seconds)
{
	char word[64];

	if (n < 2 || n >= sizeof(word) || !strchr(units, s[n - 1])) {
		print_usage_error(c,
		    "--slower takes 2x, 1s, 2x,1s or none, not \"%.*s\"",
		    (int)n, s);
		return false;
	}
	memcpy(word, s, n - 1);
	word[n - 1] = '\0';
	return set_amount(c, "slower", word, "", LONG_TIME,
	    s[n - 1] == 'x' ? times : seconds);
}

/* Both, or one, or "none". */
static bool
set_slower(struct settings *s, const char *arg)
{
	const struct command *c = s->common.command;
	double times = 1, seconds = 0;
	size_t n = strcspn(arg, ",");
	const char *other = n && arg[n - 1] == 'x' ? "s" : "x";

	if (strcmp(arg, "none") == 0)
		times = -1;
	else if (!set_part(c, "xs", arg, n, &times, &seconds) ||
		 (arg[n] && !set_part(c, other, arg + n + 1,
				strlen(arg + n + 1), &times, &seconds)))
		return false;
	return !rejunit_diff_slower(s->diff, times, seconds, &s->common.err);
}

static bool
set(void *settings, int id, const char *arg)
{
	static const char *const formats[] = { "text", "json", "markdown",
		"github", NULL };
	static const enum rejunit_format by[] = { REJUNIT_TEXT, REJUNIT_JSON,
		REJUNIT_MARKDOWN, REJUNIT_GITHUB };
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	double n;
	int word;

	switch (id) {
	case OPT_FORMAT:
		if (!set_word(s->common.command, "format", formats, arg, &word))
			return false;
		s->format = (int)by[word];
		return true;
	case OPT_LIMIT:
		if (!set_count(s->common.command, "limit", arg, MANY, &n))
			return false;
		s->limit = (size_t)n;
		return true;
	case OPT_SLOWER:
		return set_slower(s, arg);
	case OPT_REPAIR:
		s->repair = true;
		return !rejunit_diff_repair(s->diff, true, err);
	case OPT_ROOTDIR:
		s->rootdir = arg;
		return !rejunit_diff_rootdir(s->diff, arg, err);
	default:
		return set_excuse_option(
		    s->common.command, &s->excuses, id, arg);
	}
}

static bool
is_read_once(const char *path)
{
	struct stat st;

	return strcmp(path, "-") == 0 ||
	       (stat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
		   !S_ISDIR(st.st_mode));
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;
	const struct command *c = s->common.command;

	if (!check_operands(c, 2, "give the old report and the new one",
		operands, operand) ||
	    !check_excuses(c, &s->excuses))
		return false;
	if (operands > 2)
		print_usage_error(
		    c, "two reports are compared, not %d", operands);
	else if (s->excuses.path && is_read_once(operand[1]))
		print_usage_error(c,
		    "a pipe is read once, and a quarantine looks "
		    "into the new report again");
	else
		return true;
	return false;
}

/* --- for a person -------------------------------------------------------- */

struct section {
	enum rejunit_difference kind;
	const char *title;
	const char *colour;
};

/* What matters most comes first. */
static const struct section sections[] = {
	{ REJUNIT_DIFF_NEWLY_FAILING, "Newly failing", "31" },
	{ REJUNIT_DIFF_DOUBTFUL, "In doubt", "33" },
	{ REJUNIT_DIFF_STILL_FAILING, "Still failing", "31" },
	{ REJUNIT_DIFF_FIXED, "Fixed", "32" },
	{ REJUNIT_DIFF_NEWLY_SKIPPED, "Newly skipped", "33" },
	{ REJUNIT_DIFF_SLOWER, "Slower", "33" },
	{ REJUNIT_DIFF_REMOVED, "Removed", "0" },
	{ REJUNIT_DIFF_ADDED, "Added", "0" },
};

#define N_SECTIONS (sizeof(sections) / sizeof(*sections))

static void
print_count(const struct terminal *t, const char *what, const char *code,
    size_t before, size_t after)
{
	if (!before && !after)
		return;
	colour(t, after ? code : "0");
	fprintf(t->to, "  %-12s %8zu %8zu", what, before, after);
	colour(t, "0");
	if (before != after)
		fprintf(t->to, "  %+lld", (long long)after - (long long)before);
	fputc('\n', t->to);
}

static void
print_runs(const struct terminal *t, const struct rejunit_diff *d)
{
	struct rejunit_report b = { 0 }, a = { 0 };

	(void)rejunit_diff_run(d, false, &b);
	(void)rejunit_diff_run(d, true, &a);
	fprintf(t->to, "  %-12s %8s %8s\n", "", "before", "after");
	print_count(t, "cases", "0", b.cases, a.cases);
	print_count(t, "passed", "32", b.outcomes[REJUNIT_PASSED],
	    a.outcomes[REJUNIT_PASSED]);
	print_count(t, "failed", "31", b.outcomes[REJUNIT_FAILED],
	    a.outcomes[REJUNIT_FAILED]);
	print_count(t, "errors", "31", b.outcomes[REJUNIT_ERROR],
	    a.outcomes[REJUNIT_ERROR]);
	print_count(t, "skipped", "0", b.outcomes[REJUNIT_SKIPPED],
	    a.outcomes[REJUNIT_SKIPPED]);
	print_count(t, "unknown", "33", b.outcomes[REJUNIT_UNKNOWN],
	    a.outcomes[REJUNIT_UNKNOWN]);
	print_count(t, "no case", "31", b.loose, a.loose);
	fprintf(t->to, "  %-12s %8.3f %8.3f\n", "seconds",
	    (double)b.nanoseconds / 1e9, (double)a.nanoseconds / 1e9);
}

/* What there is to say of a test beside its name. */
static void
print_note(const struct terminal *t, const struct section *s,
    const struct rejunit_changed *c, int alike)
{
	colour(t, "2");
	if (c->tests_before > 1 || c->tests_after > 1)
		fprintf(t->to, "  %zu before, %zu now, not to be told apart",
		    c->tests_before, c->tests_after);
	else if (s->kind == REJUNIT_DIFF_SLOWER)
		fprintf(t->to, "  %.3f s, was %.3f s",
		    (double)c->new_case.nanoseconds / 1e9,
		    (double)c->old_case.nanoseconds / 1e9);
	else if (s->kind == REJUNIT_DIFF_STILL_FAILING)
		fputs(alike == 1   ? "  same failure"
		      : alike == 0 ? "  in another way"
				   : "",
		    t->to);
	else if (c->before == REJUNIT_ABSENT)
		fputs(s->kind == REJUNIT_DIFF_ADDED ? "" : "  new", t->to);
	else
		fprintf(t->to, "  was %s", rejunit_verdict_name(c->before));
	if (c->excused)
		fputs("  quarantined", t->to);
	colour(t, "0");
}

static void
print_what(const struct terminal *t, struct rejunit_string what)
{
	char text[WHAT_MOST];

	snprintf(text, sizeof(text), "%.*s",
	    (int)(what.n < sizeof(text) ? what.n : sizeof(text) - 1), what.s);
	fputs("      ", t->to);
	colour(t, "2");
	print_start(t, text, t->width - 6);
	colour(t, "0");
	fputc('\n', t->to);
}

static enum rejunit_status
print_test(const struct terminal *t, const struct section *s,
    const struct rejunit_changed *c, int alike, struct rejunit_error *err)
{
	const struct rejunit_case *shown =
	    c->after == REJUNIT_ABSENT ? &c->old_case : &c->new_case;
	const char *name = rejunit_case_name(shown);
	struct rejunit_execution x;
	enum rejunit_status status = REJUNIT_OK;
	size_t step = 0;

	if (!name)
		return no_memory(err);
	fputs("  ", t->to);
	print_text(t, name, 0);
	print_note(t, s, c, alike);
	fputc('\n', t->to);
	for (; rejunit_is_bad(c->after) && !status;) {
		status = rejunit_case_next(&c->new_case, &step, &x, err);
		if (status || x.outcome == REJUNIT_ABSENT)
			break;
		if (!rejunit_is_bad(x.outcome) || !x.what.n)
			continue;
		print_what(t, x.what);
		break;
	}
	return status;
}

static enum rejunit_status
print_section(
    const struct terminal *t, struct settings *s, const struct section *section)
{
	size_t n = rejunit_diff_count(s->diff, section->kind);
	struct rejunit_error *err = &s->common.err;
	struct rejunit_changed c;
	enum rejunit_status status = REJUNIT_OK;

	if (n == 0 || s->limit == 0)
		return REJUNIT_OK;
	fputc('\n', t->to);
	colour(t, section->colour);
	fprintf(t->to, "%s: %zu", section->title, n);
	colour(t, "0");
	fputc('\n', t->to);
	for (size_t i = 0; i < s->limit && !status &&
			   rejunit_diff_test(s->diff, section->kind, i, &c);
	     i++) {
		int alike = -1;

		if (section->kind == REJUNIT_DIFF_STILL_FAILING)
			status = rejunit_diff_alike(s->diff, i, &alike, err);
		if (!status)
			status = print_test(t, section, &c, alike, err);
	}
	if (n > s->limit)
		fprintf(t->to, "  ... and %zu more\n", n - s->limit);
	return status;
}

static enum rejunit_status
print_diff(struct settings *s)
{
	struct terminal t = terminal_on(stdout);
	enum rejunit_status status = REJUNIT_OK;

	print_runs(&t, s->diff);
	for (size_t i = 0; i < N_SECTIONS && !status; i++)
		status = print_section(&t, s, &sections[i]);
	return status;
}

/* --- the command ---------------------------------------------------------- */

static const char *
diff_warning(const void *of, size_t i)
{
	return rejunit_diff_warning(of, i);
}

/* The new run's failures are held against the quarantine. */
static enum rejunit_status
excuse(struct settings *s, const char *path)
{
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status = find_broken(&s->excuses, err);

	if (status || !s->excuses.list)
		return status;
	status = rejunit_quarantine_reports(
	    s->excuses.list, &path, 1, s->rootdir, s->repair, err);
	return status ? status
		      : rejunit_diff_quarantine(s->diff, s->excuses.list, err);
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	const struct rejunit_input before = rejunit_path(operand[0]);
	const struct rejunit_input after = rejunit_path(operand[1]);
	enum rejunit_status status = read_excuses(&s->excuses, err);

	(void)operands;
	if (!status)
		status = rejunit_diff_read(s->diff, &before, &after, err);
	if (!status)
		status = excuse(s, operand[1]);
	if (!status && s->format != REJUNIT_TEXT)
		status =
		    rejunit_diff_write(s->diff, (enum rejunit_format)s->format,
			rejunit_write_fd, to_stdout(), err);
	else if (!status && !s->common.quiet)
		status = print_diff(s);
	if (!status)
		status = flush_stdout(err);
	if (!status)
		print_warnings(diff_warning, s->diff);
	if (!status && !s->common.quiet)
		print_excuses(&s->excuses);
	return status;
}

static bool
is_failing(const void *settings)
{
	const struct settings *s = settings;

	return rejunit_diff_failures(s->diff) > 0;
}

const struct command diff_command = {
	.name = "diff",
	.synopsis = "[options] OLD NEW",
	.purpose = "Says what changed between two runs: which tests fail now "
		   "that did not, which are fixed, still failing, skipped, "
		   "slower, gone or new. Ends with 1 if something is newly "
		   "failing. OLD and NEW are reports, or folders of them; "
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
