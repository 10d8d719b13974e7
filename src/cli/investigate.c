#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define TIME_LIMIT 60 /* seconds, for who is asked */
#define LIMIT_MAX  86400

enum {
	OPT_ARTIFACTS = 256,
	OPT_HYPOTHESIS,
	OPT_TIME_LIMIT,
	OPT_FORMAT,
};

static const struct option_spec options[] = {
	HISTORY_OPTION,
	LOOKING_OPTIONS,
	{ OPT_ARTIFACTS, "artifacts", "DIR",
	    "look there for recordings, logs and snapshots" },
	{ OPT_HYPOTHESIS, "hypothesis", "COMMAND",
	    "hand it the evidence as JSON, and set what it says beside" },
	{ OPT_TIME_LIMIT, "time-limit", "SECONDS", "for that command (60)" },
	{ OPT_FORMAT, "format", "FORMAT", "markdown (default) or json" },
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	struct looking looking;
	struct rejunit_history *history;
	const char *artifacts;
	const char *hypothesis;
	int time_limit;
	int format;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;

	begin_looking(&s->looking);
	s->time_limit = TIME_LIMIT;
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
	static const char *const formats[] = { "markdown", "json", NULL };
	struct settings *s = settings;
	const struct command *c = s->common.command;
	double n;

	switch (id) {
	case OPT_ARTIFACTS:
		s->artifacts = arg;
		return true;
	case OPT_HYPOTHESIS:
		s->hypothesis = arg;
		return true;
	case OPT_TIME_LIMIT:
		if (!set_count(c, "time-limit", arg, LIMIT_MAX, &n))
			return false;
		s->time_limit = n < 1 ? 1 : (int)n;
		return true;
	case OPT_FORMAT:
		return set_word(c, "format", formats, arg, &s->format);
	default:
		return set_looking_option(c, &s->looking, id, arg);
	}
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	return check_operands(
	    s->common.command, 1, "a test", operands, operand);
}

/* --- who is asked -------------------------------------------------------- */

struct evidence {
	char *s;
	size_t n;
	size_t room;
};

static int
take(void *ctx, const void *data, size_t n)
{
	struct evidence *e = ctx;

	if (n > e->room - e->n) {
		size_t room = (e->n + n) * 2;
		char *more = realloc(e->s, room);

		if (!more)
			return ENOMEM;
		e->s = more;
		e->room = room;
	}
	memcpy(e->s + e->n, data, n);
	e->n += n;
	return 0;
}

static enum rejunit_status
ask(struct settings *s)
{
	struct rejunit_error *err = &s->common.err;
	struct evidence e = { NULL, 0, 0 };
	char trouble[128], *answer = NULL;
	const char *why;
	enum rejunit_status status =
	    rejunit_history_report(s->history, REJUNIT_JSON, take, &e, err);

	if (!status) {
		why = ask_command(
		    s->hypothesis, e.s, e.n, s->time_limit, &answer, trouble);
		status = rejunit_history_hypothesis(
		    s->history, s->hypothesis, answer, why, err);
	}
	free(answer);
	free(e.s);
	return status;
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status = open_to_look(
	    &s->looking, &s->history, operands - 1, operand + 1, err);

	if (!status)
		status = rejunit_history_investigate(
		    s->history, operand[0], &s->looking.how, err);
	if (!status && s->artifacts)
		status =
		    rejunit_history_artifacts(s->history, s->artifacts, err);
	if (!status && s->hypothesis)
		status = ask(s);
	/* what is asked for in a format is not for a person */
	if (!status && (s->format || !s->common.quiet))
		status = rejunit_history_report(s->history,
		    s->format ? REJUNIT_JSON : REJUNIT_MARKDOWN,
		    rejunit_write_fd, to_stdout(), err);
	return status ? status : flush_stdout(err);
}

static bool
is_failing(const void *settings)
{
	(void)settings;
	return false;
}

const struct command investigate_command = {
	.name = "investigate",
	.synopsis = "[options] TEST [REPORT...]",
	.purpose = "Says why a test flakes, as far as its runs tell: holds its "
		   "failures against its passes, and names what would refute "
		   "each finding. Of a history or, at once, of reports, run "
		   "records, and folders of them.",
	.options = options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
