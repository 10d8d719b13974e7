#include <stdlib.h>

#include "cli.h"

#define MANY 1000000

enum {
	OPT_ENTER = 256,
	OPT_DAYS,
	OPT_CHECK,
};

static const struct option_spec options[] = {
	HISTORY_OPTION,
	LOOKING_OPTIONS,
	{ OPT_ENTER, "enter", "N",
	    "enter a test that flaked so often within or beside a run (2)" },
	{ OPT_DAYS, "days", "N", "for so many days (30)" },
	{ OPT_CHECK, "check", NULL, "only look; exit 1 if it would change" },
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	struct looking looking;
	struct rejunit_history *history;
	unsigned int enter;
	unsigned int days;
	bool check;
	bool changes;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;

	begin_looking(&s->looking);
	return REJUNIT_OK;
}

static void
end(void *settings)
{
	struct settings *s = settings;

	rejunit_history_free(s->history);
}

static bool
set_least(const struct command *c, const char *option, const char *arg,
    unsigned int *out)
{
	double n;

	if (!set_count(c, option, arg, MANY, &n))
		return false;
	*out = n < 1 ? 1 : (unsigned int)n;
	return true;
}

static bool
set(void *settings, int id, const char *arg)
{
	struct settings *s = settings;
	const struct command *c = s->common.command;

	switch (id) {
	case OPT_ENTER:
		return set_least(c, "enter", arg, &s->enter);
	case OPT_DAYS:
		return set_least(c, "days", arg, &s->days);
	case OPT_CHECK:
		return s->check = true;
	default:
		return set_looking_option(c, &s->looking, id, arg);
	}
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	if (!check_operands(s->common.command, 1, "give the list to keep",
		operands, operand))
		return false;
	if (operands > 1)
		print_usage_error(s->common.command, "there is one list");
	return operands == 1;
}

static void
print_changes(struct settings *s)
{
	static const char *const marks[] = {
		[REJUNIT_CHANGE_ENTERED] = "+",
		[REJUNIT_CHANGE_DROPPED] = "-",
		[REJUNIT_CHANGE_RENEWED] = "~",
		[REJUNIT_CHANGE_NOT_ENTERED] = "!",
	};
	struct terminal t = terminal_on(stdout);
	const char *id, *why;
	enum rejunit_change kind;

	for (size_t i = 0;
	     (kind = rejunit_history_change(s->history, i, &id, &why)) != 0;
	     i++) {
		s->changes = s->changes || kind != REJUNIT_CHANGE_NOT_ENTERED;
		if (s->common.quiet)
			continue;
		fprintf(t.to, "%s ", marks[kind]);
		print_text(&t, id, 0);
		fprintf(t.to, "  (");
		print_text(&t, why, 0);
		fputs(")\n", t.to);
	}
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status =
	    open_to_look(&s->looking, &s->history, 0, NULL, err);

	(void)operands;
	if (!status)
		status = rejunit_history_rank(s->history, &s->looking.how, err);
	if (!status)
		status = rejunit_history_quarantine(
		    s->history, operand[0], s->enter, s->days, s->check, err);
	if (!status)
		print_changes(s);
	return status ? status : flush_stdout(err);
}

static bool
is_failing(const void *settings)
{
	const struct settings *s = settings;

	return s->check && s->changes;
}

const struct command quarantine_command = {
	.name = "quarantine",
	.synopsis = "[options] FILE",
	.purpose = "Keeps a list of tests that may fail for a while: enters "
		   "those that flake, drops its own that recovered or broke, "
		   "and leaves alone what people wrote.",
	.options = options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
