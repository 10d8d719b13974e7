#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const struct command *const commands[] = { &run_tests_command,
	&update_command, &merge_command, &audit_command, &show_command,
	&diff_command, &record_command, &rank_command, &investigate_command,
	&html_command, &quarantine_command, &export_command, &prune_command,
	&rename_command, &init_command, NULL };

static void
print_help(FILE *to)
{
	fputs("usage: rejunit COMMAND [options] FILE...\n\n", to);
	for (int i = 0; commands[i]; i++)
		fprintf(to, "  rejunit %s %s\n", commands[i]->name,
		    commands[i]->synopsis);
	fputs(
	    "\nReruns tests that failed; merges, updates and remembers JUnit "
	    "XML test reports.\n"
	    "'rejunit COMMAND --help' lists a command's options, "
	    "'rejunit --version' says\nwhich version this is, "
	    "'rejunit --completions=SHELL' what bash, zsh or fish\nreads."
	    "\n\n"
	    "Exit status: 0 nothing failing in the result, 1 failing tests "
	    "remain, are new\nto a diff, or an audit found something, 2 wrong "
	    "usage, 3 an input cannot be\nread or trusted, 4 the output "
	    "could not be written.\n",
	    to);
}

static int
finish(void)
{
	return fflush(stdout) == 0 ? EXIT_GREEN : EXIT_OUTPUT;
}

static volatile sig_atomic_t caught;
static bool for_all;

static void
on_signal(int number)
{
	caught = number;
	rejunit_cancel();
}

int
caught_signal(void)
{
	return (int)caught;
}

void
end_by_signal(int number, bool all)
{
	caught = number;
	for_all = all;
}

/* Who asks the command to end waits until what it has begun is removed. */
static void
catch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	/* the second one ends it at once; what waits is interrupted */
	struct sigaction act = { .sa_handler = on_signal,
		.sa_flags = (int)SA_RESETHAND };
	struct sigaction old;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (sigaction(numbers[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			(void)sigaction(numbers[i], &act, NULL);
}

/* A person who wonders why nothing happens. */
static void
tell_wait(enum rejunit_wait what, const char *name)
{
	struct terminal t = terminal_on(stderr);

	fprintf(t.to, "rejunit: waiting for %s",
	    what == REJUNIT_WAIT_LOCK ? "another update of " : "");
	print_text(&t, name, 0);
	fputc('\n', t.to);
}

/* The caller is to see which signal it was. */
static int
end(int status)
{
	if (caught) {
		signal(caught, SIG_DFL);
		(void)kill(for_all ? 0 : getpid(), caught);
	}
	return status;
}

const char *
temporary_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder ? folder : P_tmpdir;
}

int
cli_main(int argc, char **argv)
{
	struct nearest nearest = { NULL, 0 };

	/* a reader that went away is an output error like any other */
	signal(SIGPIPE, SIG_IGN);
	/* a summary comes in bits and pieces */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	catch_signals();
	rejunit_allow_threads(true);
	rejunit_allow_temporary(temporary_folder());
	if (isatty(STDERR_FILENO))
		rejunit_on_wait(tell_wait);
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return finish();
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("rejunit %s\n", rejunit_version());
		return finish();
	}
	if (strcmp(argv[1], "--completions") == 0 ||
	    starts(argv[1], "--completions="))
		return print_completions(argv[1][13] ? argv[1] + 14
					 : argc > 2  ? argv[2]
						     : "",
			   commands)
			   ? finish()
			   : EXIT_USAGE;
	for (int i = 0; commands[i]; i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return end(
			    run_command(commands[i], argc - 1, argv + 1));
	for (int i = 0; commands[i]; i++)
		note_nearest(&nearest, argv[1], commands[i]->name);
	if (nearest.name)
		print_usage_error(NULL,
		    "unknown command \"%s\"; there is \"%s\"", argv[1],
		    nearest.name);
	else
		print_usage_error(NULL, "unknown command \"%s\"", argv[1]);
	return EXIT_USAGE;
}
