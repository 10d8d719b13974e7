#include <limits.h>
#include <string.h>

#include "cli.h"

#define NAMES	"--history="
#define MAX_TOP 1000000
#define ALWAYS	(10000LL * 24 * 60 * 60) /* seconds to look back */

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
	struct words source; /* options and operands that name the history */
	bool no_memory; /* for them */
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
	free_words(&s->source);
}

/* An option as it was given, for the commands that the page tells. */
static void
keep_option(struct settings *s, int id, const char *arg)
{
	if (id != OPT_AT && !add_option(&s->source, options, id, arg))
		s->no_memory = true;
}

static bool
keep_operands(struct settings *s, int operands, char **operand)
{
	for (int i = 0; i < operands; i++)
		if (!add_word(&s->source, operand[i]))
			s->no_memory = true;
	/* an address without its password */
	for (size_t i = 0; i < s->source.n; i++)
		if (starts(s->source.of[i], NAMES) &&
		    !replace_word(
			&s->source, i, NAMES, rejunit_history_name(s->history)))
			s->no_memory = true;
	s->page.source = (const char *const *)s->source.of;
	s->page.n_source = s->source.n;
	return !s->no_memory;
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
		if (!set_looking_option(c, &s->looking, id, arg))
			return false;
		keep_option(s, id, arg);
		return true;
	}
}

/* What is read must not be written over. */
static bool
check_written(
    const struct settings *s, const char *path, int operands, char **operand)
{
	const struct command *c = s->common.command;

	for (int i = 0; i <= operands; i++) {
		const char *read = i < operands ? operand[i] : s->looking.path;

		if ((i < operands || !operands) && same_file(path, read)) {
			print_usage_error(c, "%s is named twice", path);
			return false;
		}
	}
	return true;
}

/* Style and script, named as the page is. */
static bool
check_beside(const struct settings *s, int operands, char **operand)
{
	static const char *const suffix[] = { ".css", ".js" };
	size_t stem = strlen(s->output);
	bool ok = true;

	if (stem >= PATH_MAX)
		return true; /* no such file is there */
	if (stem > 5 && strcmp(s->output + stem - 5, ".html") == 0)
		stem -= 5;
	for (size_t i = 0; i < 2 && ok; i++) {
		char path[PATH_MAX + 8];

		snprintf(path, sizeof(path), "%.*s%s", (int)stem, s->output,
		    suffix[i]);
		ok = check_written(s, path, operands, operand);
	}
	return ok;
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
	return check_written(s, s->output, operands, operand) &&
	       (!s->page.split || check_beside(s, operands, operand));
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status;

	if (operands && !s->looking.how.since)
		s->looking.how.since = ALWAYS;
	status = open_to_look(&s->looking, &s->history, operands, operand, err);
	if (!status && !keep_operands(s, operands, operand))
		status = no_memory(err);
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
