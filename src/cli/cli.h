/*
 * cli.h - the command line, on nothing but the public header.
 *
 * cli_main() is the whole program: it picks a command, and the command
 * returns the exit status.
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "rejunit.h"

enum exit_status {
	EXIT_GREEN = 0, /* nothing failing in the result */
	EXIT_FAILING = 1, /* failing tests remain */
	EXIT_USAGE = 2,
	EXIT_INPUT = 3,
	EXIT_OUTPUT = 4,
};

int cli_main(int argc, char **argv);

/* options.c: one table a command drives its parser, its help, its manual. */

struct option_spec {
	int id; /* a short option's letter, or above 255 */
	const char *name; /* the long option */
	const char *arg; /* its argument's name in the help; NULL: none */
	const char *help;
};

struct command {
	const char *name;
	const char *synopsis;
	const char *purpose;
	const struct option_spec *options; /* ends with a NULL name */
	int (*run)(const struct command *c, int argc, char **argv);
};

extern const struct command update_command;

/*
 * Calls `set` for each option; what is left are operands, from *first on.
 * False: the usage was wrong, and that has been said.
 */
bool parse_options(const struct command *c, int argc, char **argv,
    bool (*set)(void *ctx, int id, const char *arg), void *ctx, int *first);

void print_command_help(const struct command *c, FILE *to);

/* term.c: what a person sees. */

struct terminal {
	FILE *to;
	bool colour;
	int width; /* columns; 0: not a terminal, do not cut */
};

struct terminal terminal_on(FILE *to);

/* Prints a string with control characters made visible, cut in
 * front to a width. */
void print_text(const struct terminal *t, const char *s, int width);

/* Prints an error as rejunit: FILE:LINE:COLUMN: message. */
void print_error(const struct rejunit_error *err);
void print_usage_error(const struct command *c, const char *fmt, ...);

/* summary.c */
void print_summary(struct rejunit_update *u, const char *flakes_to);

/* The exit status that an error stands for. */
int exit_status_of(enum rejunit_status status);

#endif
