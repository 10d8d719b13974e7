#include <string.h>

#include "cli.h"

enum {
	OPT_JOIN_SUITES = 256,
};

static const struct option_spec options[] = {
	{ 'o', "output", "FILE", "write the merged report to FILE" },
	{ 'i', "in-place", NULL, "write it over the first report, atomically" },
	{ OPT_JOIN_SUITES, "join-suites", NULL,
	    "make one of suites that have the same name" },
	REPAIR_OPTION,
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	struct rejunit_merge *merge;
	const char *output;
	bool in_place;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;

	return rejunit_merge_new(&s->merge, &s->common.err);
}

static void
end(void *settings)
{
	struct settings *s = settings;

	rejunit_merge_free(s->merge);
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
	case OPT_JOIN_SUITES:
		return !rejunit_merge_join_suites(s->merge, true, err);
	case OPT_REPAIR:
		return !rejunit_merge_repair(s->merge, true, err);
	default:
		return false;
	}
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;
	const struct command *c = s->common.command;

	if (!check_operands(
		c, 1, "give the reports to merge", operands, operand))
		return false;
	if (s->in_place && s->output)
		print_usage_error(
		    c, "--in-place and --output exclude each other");
	else if (s->in_place && strcmp(operand[0], "-") == 0)
		print_usage_error(
		    c, "standard input cannot be merged in place");
	else
		return true;
	return false;
}

static enum rejunit_status
deliver(struct settings *s)
{
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status;

	if (s->in_place || s->output)
		return rejunit_merge_save(s->merge, s->output, err);
	status =
	    rejunit_merge_write(s->merge, rejunit_write_fd, to_stdout(), err);
	return status ? status : flush_stdout(err);
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

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status = REJUNIT_OK;

	for (int i = 0; i < operands && !status; i++)
		status = rejunit_merge_add(s->merge, operand[i], err);
	if (!status && s->output)
		status = rejunit_merge_except(s->merge, s->output, err);
	if (!status && s->in_place)
		status = rejunit_merge_lock(s->merge, LOCK_SECONDS, err);
	if (!status)
		status = rejunit_merge_read(s->merge, err);
	if (!status)
		status = deliver(s);
	if (!status && !s->common.quiet)
		print_merged(s->merge);
	return status;
}

static bool
is_failing(const void *settings)
{
	const struct settings *s = settings;

	return rejunit_merge_count(s->merge, REJUNIT_COUNT_BAD_AFTER) ||
	       rejunit_merge_count(s->merge, REJUNIT_COUNT_LOOSE);
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
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
