#include <stdlib.h>

#include "cli.h"

static int
exit_status_of(enum rejunit_status status)
{
	switch (status) {
	case REJUNIT_OK:
		return EXIT_GREEN;
	case REJUNIT_USAGE:
		return EXIT_USAGE;
	case REJUNIT_OUTPUT:
		return EXIT_OUTPUT;
	default:
		return EXIT_INPUT;
	}
}

static int
fail(const struct rejunit_error *err, enum rejunit_status status)
{
	print_error(err);
	return exit_status_of(status);
}

static bool
set_option(void *settings, int id, const char *arg)
{
	struct common *s = settings;

	switch (id) {
	case OPT_EXIT_ZERO:
		return s->exit_zero = true;
	case 'q':
		return s->quiet = true;
	case 'h':
		return s->help = true;
	default:
		return s->command->set(settings, id, arg);
	}
}

static int
run(struct common *s, int argc, char **argv)
{
	const struct command *c = s->command;
	enum rejunit_status status;
	int first;

	if (!parse_options(c, argc, argv, set_option, s, &first))
		return s->err.status == REJUNIT_MEMORY
			   ? fail(&s->err, REJUNIT_MEMORY)
			   : EXIT_USAGE;
	if (s->help) {
		print_command_help(c, stdout);
		status = flush_stdout(&s->err);
		return status ? fail(&s->err, status) : EXIT_GREEN;
	}
	argc -= first;
	argv += first;
	if (!c->check(s, argc, argv))
		return EXIT_USAGE;
	status = c->run(s, argc, argv);
	if (status)
		return fail(&s->err, status);
	if (s->is_runners)
		return s->status;
	return c->is_failing(s) && !s->exit_zero ? EXIT_FAILING : EXIT_GREEN;
}

static int
run_as(const struct command *c, bool within, int argc, char **argv)
{
	struct common *s = calloc(1, c->settings);
	enum rejunit_status status;
	int exit_status;

	if (!s) {
		struct rejunit_error err = { .status = REJUNIT_OK };

		(void)no_memory(&err);
		return fail(&err, err.status);
	}
	s->command = c;
	s->within = within;
	status = c->begin(s);
	exit_status = status ? fail(&s->err, status) : run(s, argc, argv);
	c->end(s);
	free(s);
	return exit_status;
}

bool
is_sound(const struct command *c, int argc, char **argv)
{
	struct common *s = calloc(1, c->settings);
	int first;
	bool ok;

	if (!s)
		return false;
	s->command = c;
	ok = c->begin(s) == REJUNIT_OK &&
	     parse_options(c, argc, argv, set_option, s, &first) &&
	     c->check(s, argc - first, argv + first);
	c->end(s);
	free(s);
	return ok;
}

int
run_command(const struct command *c, int argc, char **argv)
{
	return run_as(c, false, argc, argv);
}

int
run_within(const struct command *c, int argc, char **argv)
{
	return run_as(c, true, argc, argv);
}
