#include "cli.h"

#define MAX_TOP 1000000

enum {
	OPT_ASSETS = 256,
	OPT_RUN_URL,
	OPT_TITLE,
	OPT_TOP,
};

static const struct option_spec options[] = {
	HISTORY_OPTION,
	LOOKING_OPTIONS,
	{ 'o', "output", "FILE", "write the page to FILE" },
	{ OPT_ASSETS, "assets", "HOW",
	    "inline (default), or split: style and script in files beside it" },
	{ OPT_RUN_URL, "run-url", "URL",
	    "link runs to URL, in which {run} is the run" },
	{ OPT_TITLE, "title", "TEXT", "what stands above it" },
	{ OPT_TOP, "top", "N", "show N tests (200); 0: all that failed" },
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	struct looking looking;
	struct rejunit_history *history;
	struct rejunit_page page;
	const char *output;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;

	begin_looking(&s->looking);
	s->looking.failures_alone = true;
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
	static const char *const ways[] = { "inline", "split", NULL };
	struct settings *s = settings;
	const struct command *c = s->common.command;
	double n;
	int word;

	switch (id) {
	case 'o':
		s->output = is_stdout(arg) ? NULL : arg;
		return true;
	case OPT_ASSETS:
		if (!set_word(c, "assets", ways, arg, &word))
			return false;
		s->page.split = word == 1;
		return true;
	case OPT_RUN_URL:
		s->page.run_url = arg;
		return true;
	case OPT_TITLE:
		s->page.title = arg;
		return true;
	case OPT_TOP:
		if (!set_count(c, "top", arg, MAX_TOP, &n))
			return false;
		s->page.top = (size_t)n;
		s->page.all = n < 1;
		return true;
	default:
		return set_looking_option(c, &s->looking, id, arg);
	}
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;
	const struct command *c = s->common.command;

	if (!check_operands(c, 0, "", operands, operand))
		return false;
	if (s->page.split && !s->output) {
		print_usage_error(c, "--assets=split takes a file: -o FILE");
		return false;
	}
	for (int i = 0; i <= operands; i++) {
		const char *read = i < operands ? operand[i] : s->looking.path;

		if ((i < operands || !operands) && same_file(s->output, read)) {
			print_usage_error(c, "%s is named twice", s->output);
			return false;
		}
	}
	return true;
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status =
	    open_to_look(&s->looking, &s->history, operands, operand, err);

	if (status)
		return status;
	if (s->output)
		return rejunit_history_save_page(
		    s->history, &s->looking.how, &s->page, s->output, err);
	status = rejunit_history_page(s->history, &s->looking.how, &s->page,
	    rejunit_write_fd, to_stdout(), err);
	return status ? status : flush_stdout(err);
}

static bool
is_failing(const void *settings)
{
	(void)settings;
	return false;
}

const struct command html_command = {
	.name = "html",
	.synopsis = "[options] [REPORT...]",
	.purpose = "Draws a page to look at: what fails and what is new, what "
		   "flakes most, and all that is known of each such test. Of "
		   "a history or, at once, of reports, run records, and "
		   "folders of them.",
	.options = options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
