#include <string.h>

#include "cli.h"

enum {
	OPT_JOIN_SUITES = 256,
	OPT_EXIT_ZERO,
};

static const struct option_spec options[] = {
	{ 'o', "output", "FILE", "write the merged report to FILE" },
	{ 'i', "in-place", NULL, "write it over the first report, atomically" },
	{ OPT_JOIN_SUITES, "join-suites", NULL,
	    "make one of suites that have the same name" },
	{ OPT_REPAIR, "repair", NULL,
	    "replace characters that XML forbids, visibly" },
	{ OPT_EXIT_ZERO, "exit-zero", NULL, "exit 0 where it would be 1" },
	{ 'q', "quiet", NULL, "no summary" },
	{ 'h', "help", NULL, "print this" },
	{ 0, NULL, NULL, NULL },
};

struct settings {
	const struct command *command;
	struct rejunit_merge *merge;
	struct rejunit_error *err;
	const char *output;
	bool in_place;
	bool exit_zero;
	bool quiet;
	bool help;
};

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
	case OPT_JOIN_SUITES:
		rejunit_merge_join_suites(s->merge, true);
		return true;
	case OPT_REPAIR:
		rejunit_merge_repair(s->merge, true);
		return true;
	case OPT_EXIT_ZERO:
		return s->exit_zero = true;
	case 'q':
		return s->quiet = true;
	case 'h':
		return s->help = true;
	default:
		return false;
	}
}

static bool
check_settings(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;
	if (!check_operands(
		s->command, 1, "give the reports to merge", operands, operand))
		return false;
	if (s->in_place && s->output)
		print_usage_error(
		    s->command, "--in-place and --output exclude each other");
	else if (s->in_place && strcmp(operand[0], "-") == 0)
		print_usage_error(
		    s->command, "standard input cannot be merged in place");
	else
		return true;
	return false;
}

static enum rejunit_status
deliver(struct settings *s)
{
	enum rejunit_status status;

	if (s->in_place || s->output)
		return rejunit_merge_save(s->merge, s->output, s->err);
	status = rejunit_merge_write(
	    s->merge, rejunit_write_fd, to_stdout(), s->err);
	return status ? status : flush_stdout(s->err);
}

static const char *
merge_warning(const void *of, size_t i)
{
	return rejunit_merge_warning(of, i);
}

static void
print_merged(const struct rejunit_merge *m)
{
	struct terminal t = terminal_on(stderr);
	size_t reports = rejunit_merge_count(m, REJUNIT_COUNT_REPORTS);
	size_t cases = rejunit_merge_count(m, REJUNIT_COUNT_CASES);
	size_t bad = rejunit_merge_count(m, REJUNIT_COUNT_BAD_AFTER);
	size_t loose = rejunit_merge_count(m, REJUNIT_COUNT_LOOSE);

	print_warnings(merge_warning, m);
	fprintf(t.to, "rejunit: %zu report%s, %zu case%s, ", reports,
	    reports == 1 ? "" : "s", cases, cases == 1 ? "" : "s");
	colour(&t, bad + loose ? "1;31" : "1;32");
	fprintf(t.to, "%zu bad", bad);
	if (loose)
		fprintf(t.to, ", and %zu failures of no case", loose);
	colour(&t, "0");
	fputc('\n', t.to);
}

static int
run_merge(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	enum rejunit_status status = REJUNIT_OK;
	bool failing;

	for (int i = 0; i < operands && !status; i++)
		status = rejunit_merge_add(s->merge, operand[i], s->err);
	if (!status && s->output)
		status = rejunit_merge_except(s->merge, s->output, s->err);
	if (!status && s->in_place)
		status = rejunit_merge_lock(s->merge, LOCK_SECONDS, s->err);
	if (!status)
		status = rejunit_merge_read(s->merge, s->err);
	if (!status)
		status = deliver(s);
	if (status) {
		print_error(s->err);
		return exit_status_of(status);
	}
	if (!s->quiet)
		print_merged(s->merge);
	failing = rejunit_merge_count(s->merge, REJUNIT_COUNT_BAD_AFTER) ||
		  rejunit_merge_count(s->merge, REJUNIT_COUNT_LOOSE);
	return failing && !s->exit_zero ? EXIT_FAILING : EXIT_GREEN;
}

static int
run(const struct command *c, int argc, char **argv)
{
	struct rejunit_error err = { 0 };
	struct settings s = { .command = c, .err = &err };
	const struct course course = { set_option, check_settings, run_merge,
		&s.help, &err };
	int status;

	if (rejunit_merge_new(&s.merge, &err)) {
		print_error(&err);
		return EXIT_INPUT;
	}
	status = take_course(c, &course, &s, argc, argv);
	rejunit_merge_free(s.merge);
	return status;
}

const struct command merge_command = {
	.name = "merge",
	.synopsis = "[options] REPORT...",
	.purpose =
	    "Makes one report out of several: files, folders, quoted patterns. "
	    "Every suite is copied as it stands, into one <testsuites> whose "
	    "counters and time are the sums of theirs. \"-\" is standard "
	    "input.",
	.options = options,
	.run = run,
};
