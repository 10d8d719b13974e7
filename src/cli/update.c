#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

#define LOCK_SECONDS 30

enum {
	OPT_FLAKES = 256,
	OPT_FLAKES_FORMAT,
	OPT_DECISIONS,
	OPT_EVIDENCE,
	OPT_MATCH,
	OPT_APPEND_RERUNS,
	OPT_RECOUNT,
	OPT_REPAIR,
	OPT_ROOTDIR,
	OPT_MAX_RECOVERED,
	OPT_FAIL_ON_FLAKY,
	OPT_EXIT_ZERO,
};

static const struct option_spec options[] = {
	{ 'o', "output", "FILE", "write the updated report to FILE" },
	{ 'i', "in-place", NULL, "write it over the original, atomically" },
	{ 'n', "dry-run", NULL, "write nothing, print the decisions as JSON" },
	{ OPT_FLAKES, "flakes", "FILE",
	    "write the list of flaky tests to FILE" },
	{ OPT_FLAKES_FORMAT, "flakes-format", "FORMAT",
	    "text, json, csv, markdown or github; else by ending" },
	{ OPT_DECISIONS, "decisions", "FILE",
	    "write every decision and its reason to FILE, as JSON" },
	{ OPT_EVIDENCE, "evidence", "STYLE",
	    "surefire (default), jenkins or none" },
	{ OPT_MATCH, "match", "FIELDS",
	    "of classname,name,file,suite,hostname" },
	{ OPT_APPEND_RERUNS, "append-reruns", NULL,
	    "add later failures of what still fails to its case" },
	{ OPT_RECOUNT, "recount", NULL, "set every counter from the cases" },
	{ OPT_REPAIR, "repair", NULL,
	    "replace characters that XML forbids, visibly" },
	{ OPT_ROOTDIR, "rootdir", "DIR",
	    "find the files of pytest's node ids below DIR" },
	{ OPT_MAX_RECOVERED, "max-recovered", "N|N%",
	    "refuse to turn more than that green" },
	{ OPT_FAIL_ON_FLAKY, "fail-on-flaky", NULL,
	    "exit 1 if a test recovered or regressed" },
	{ OPT_EXIT_ZERO, "exit-zero", NULL, "exit 0 where it would be 1" },
	{ 'q', "quiet", NULL, "no summary" },
	{ 'h', "help", NULL, "print this" },
	{ 0, NULL, NULL, NULL },
};

struct settings {
	const struct command *command;
	struct rejunit_update *update;
	struct rejunit_error *err;
	const char *output;
	const char *flakes;
	const char *decisions;
	enum rejunit_format format;
	bool has_format;
	bool in_place;
	bool dry_run;
	bool fail_on_flaky;
	bool exit_zero;
	bool quiet;
	bool help;
};

/* Finds a word in a list that ends with NULL; -1 if it is not there. */
static int
find_word(const char *const *words, const char *s, size_t n)
{
	for (int i = 0; words[i]; i++)
		if (strlen(words[i]) == n && strncmp(words[i], s, n) == 0)
			return i;
	return -1;
}

static bool
set_word(struct settings *s, const char *option, const char *const *words,
    const char *arg, int *out)
{
	*out = find_word(words, arg, strlen(arg));
	if (*out < 0)
		print_usage_error(
		    s->command, "--%s does not know \"%s\"", option, arg);
	return *out >= 0;
}

static bool
set_match(struct settings *s, const char *arg)
{
	static const char *const names[] = { "classname", "name", "file",
		"suite", "hostname", NULL };
	unsigned int fields = 0;

	for (const char *p = arg; *p;) {
		size_t n = strcspn(p, ",");
		int i = find_word(names, p, n);

		if (i < 0) {
			print_usage_error(s->command,
			    "--match does not know \"%.*s\"", (int)n, p);
			return false;
		}
		fields |= 1u << i;
		p += n + (p[n] == ',');
	}
	if (rejunit_update_match(s->update, fields, s->err) == REJUNIT_OK)
		return true;
	print_usage_error(s->command, "--match: %s", s->err->message);
	return false;
}

static bool
set_max_recovered(struct settings *s, const char *arg)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || errno || n > 1000000000 ||
	    (strcmp(end, "") != 0 && strcmp(end, "%") != 0)) {
		print_usage_error(s->command,
		    "--max-recovered takes a number or a percentage, not "
		    "\"%s\"",
		    arg);
		return false;
	}
	rejunit_update_max_recovered(s->update, n, *end == '%');
	return true;
}

static bool
set_option(void *ctx, int id, const char *arg)
{
	static const char *const formats[] = { "text", "json", "csv",
		"markdown", "github", NULL };
	static const char *const styles[] = { "surefire", "jenkins", "none",
		NULL };
	struct settings *s = ctx;
	int word;

	switch (id) {
	case 'o':
		/* standard output is where it goes without a name */
		s->output = strcmp(arg, "-") == 0 ? NULL : arg;
		return true;
	case 'i':
		return s->in_place = true;
	case 'n':
		return s->dry_run = true;
	case 'q':
		return s->quiet = true;
	case 'h':
		return s->help = true;
	case OPT_FLAKES:
		s->flakes = arg;
		return true;
	case OPT_FLAKES_FORMAT:
		if (!set_word(s, "flakes-format", formats, arg, &word))
			return false;
		s->format = (enum rejunit_format)word;
		return s->has_format = true;
	case OPT_DECISIONS:
		s->decisions = arg;
		return true;
	case OPT_EVIDENCE:
		if (!set_word(s, "evidence", styles, arg, &word))
			return false;
		rejunit_update_evidence(s->update, (enum rejunit_evidence)word);
		return true;
	case OPT_MATCH:
		return set_match(s, arg);
	case OPT_APPEND_RERUNS:
		rejunit_update_append_reruns(s->update, true);
		return true;
	case OPT_RECOUNT:
		rejunit_update_recount(s->update, true);
		return true;
	case OPT_REPAIR:
		rejunit_update_repair(s->update, true);
		return true;
	case OPT_ROOTDIR:
		return rejunit_update_rootdir(s->update, arg, s->err) ==
		       REJUNIT_OK;
	case OPT_MAX_RECOVERED:
		return set_max_recovered(s, arg);
	case OPT_FAIL_ON_FLAKY:
		return s->fail_on_flaky = true;
	case OPT_EXIT_ZERO:
		return s->exit_zero = true;
	default:
		return false;
	}
}

static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (!a || !b)
		return false;
	return strcmp(a, b) == 0 ||
	       (stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) &&
		   x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/* A list must not replace a report, nor the other list. */
static const char *
overwritten(const struct settings *s, int operands, char **operand)
{
	const char *lists[] = { s->flakes, s->decisions };

	if (same_file(s->flakes, s->decisions))
		return s->flakes;
	for (int k = 0; k < 2; k++) {
		if (same_file(lists[k], s->output))
			return lists[k];
		for (int i = 0; i < operands; i++)
			if (same_file(lists[k], operand[i]))
				return lists[k];
	}
	return NULL;
}

static enum rejunit_format
format_by_ending(const char *ending)
{
	if (strcmp(ending, ".json") == 0)
		return REJUNIT_JSON;
	if (strcmp(ending, ".csv") == 0)
		return REJUNIT_CSV;
	return strcmp(ending, ".md") == 0 ? REJUNIT_MARKDOWN : REJUNIT_TEXT;
}

/* What contradicts itself is said before anything is read. */
static bool
check_settings(struct settings *s, int operands, char **operand)
{
	const char *dot = s->flakes ? strrchr(s->flakes, '.') : NULL;
	int inputs = 0;

	for (int i = 0; i < operands; i++)
		inputs += strcmp(operand[i], "-") == 0;
	if (operands < 2)
		print_usage_error(
		    s->command, "give the original and at least one rerun");
	else if (inputs > 1)
		print_usage_error(
		    s->command, "standard input can be read only once");
	else if (s->in_place && s->output)
		print_usage_error(
		    s->command, "--in-place and --output exclude each other");
	else if (overwritten(s, operands, operand))
		print_usage_error(s->command, "%s is named twice",
		    overwritten(s, operands, operand));
	else if (s->in_place && strcmp(operand[0], "-") == 0)
		print_usage_error(
		    s->command, "standard input cannot be updated in place");
	else {
		if (!s->has_format && dot)
			s->format = format_by_ending(dot);
		return true;
	}
	return false;
}

static int
write_stdout(void *ctx, const void *data, size_t n)
{
	(void)ctx;
	errno = 0;
	if (n && fwrite(data, 1, n, stdout) != n)
		return errno ? errno : EIO;
	return 0;
}

/* Collects what goes to a file in one step. */
struct memory {
	char *s;
	size_t n;
	size_t cap;
};

static int
write_memory(void *ctx, const void *data, size_t n)
{
	struct memory *m = ctx;

	if (n > m->cap - m->n) {
		size_t cap = (m->n + n) * 2;
		char *s = realloc(m->s, cap);

		if (!s)
			return ENOMEM;
		m->s = s;
		m->cap = cap;
	}
	if (n)
		memcpy(m->s + m->n, data, n);
	m->n += n;
	return 0;
}

static enum rejunit_status
save_lists(struct settings *s)
{
	struct memory m = { 0 };
	enum rejunit_status status = REJUNIT_OK;

	if (s->flakes)
		status = rejunit_update_flakes(
		    s->update, s->format, write_memory, &m, s->err);
	if (s->flakes && !status)
		status = rejunit_save_file(s->flakes, m.s, m.n, s->err);
	m.n = 0;
	if (s->decisions && !status)
		status = rejunit_update_decisions(
		    s->update, write_memory, &m, s->err);
	if (s->decisions && !status)
		status = rejunit_save_file(s->decisions, m.s, m.n, s->err);
	free(m.s);
	return status;
}

static enum rejunit_status
flush_stdout(struct settings *s)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return REJUNIT_OK;
	*s->err = (struct rejunit_error){ .status = REJUNIT_OUTPUT };
	snprintf(s->err->message, sizeof(s->err->message),
	    "cannot be written: %s", strerror(errno));
	return REJUNIT_OUTPUT;
}

static enum rejunit_status
deliver(struct settings *s)
{
	bool to_file = s->in_place || s->output;
	enum rejunit_status status = REJUNIT_OK;

	if (s->dry_run) {
		status = rejunit_update_decisions(
		    s->update, write_stdout, NULL, s->err);
		return status ? status : flush_stdout(s);
	}
	if (!to_file)
		status =
		    rejunit_update_write(s->update, write_stdout, NULL, s->err);
	if (!status)
		status = save_lists(s);
	if (!status && to_file && !s->flakes)
		status = rejunit_update_flakes(
		    s->update, s->format, write_stdout, NULL, s->err);
	if (!status)
		status = flush_stdout(s);
	/* a report that is replaced is replaced last */
	if (!status && to_file)
		status = rejunit_update_save(
		    s->update, s->in_place ? NULL : s->output, s->err);
	return status;
}

static int
verdict(const struct settings *s)
{
	const struct rejunit_update *u = s->update;
	bool failing = rejunit_update_count(u, REJUNIT_COUNT_BAD_AFTER) ||
		       rejunit_update_count(u, REJUNIT_COUNT_LOOSE);
	bool flaky = rejunit_update_count(u, REJUNIT_COUNT_RECOVERED) ||
		     rejunit_update_count(u, REJUNIT_COUNT_REGRESSED);

	if (s->exit_zero)
		return EXIT_GREEN;
	return failing || (s->fail_on_flaky && flaky) ? EXIT_FAILING
						      : EXIT_GREEN;
}

static int
run_update(struct settings *s, int operands, char **operand)
{
	enum rejunit_status status =
	    rejunit_update_original(s->update, operand[0], s->err);

	for (int i = 1; i < operands && !status; i++)
		status = rejunit_update_rerun(s->update, operand[i], s->err);
	if (!status && s->in_place && !s->dry_run)
		status = rejunit_update_lock(s->update, LOCK_SECONDS, s->err);
	if (!status)
		status = rejunit_update_plan(s->update, s->err);
	if (!status)
		status = deliver(s);
	if (status) {
		if (status == REJUNIT_OUTPUT && !s->err->file[0])
			snprintf(s->err->file, sizeof(s->err->file),
			    "standard output");
		print_error(s->err);
		return exit_status_of(status);
	}
	if (!s->quiet)
		print_summary(s->update, s->flakes);
	return verdict(s);
}

static int
run(const struct command *c, int argc, char **argv)
{
	struct rejunit_error err;
	struct settings s = { .command = c, .err = &err };
	int first, status = EXIT_USAGE;

	if (rejunit_update_new(&s.update, &err)) {
		print_error(&err);
		return EXIT_INPUT;
	}
	if (parse_options(c, argc, argv, set_option, &s, &first)) {
		if (s.help) {
			print_command_help(c, stdout);
			status = flush_stdout(&s) ? EXIT_OUTPUT : EXIT_GREEN;
		} else if (check_settings(&s, argc - first, argv + first)) {
			status = run_update(&s, argc - first, argv + first);
		}
	}
	rejunit_update_free(s.update);
	return status;
}

const struct command update_command = {
	.name = "update",
	.synopsis = "[options] ORIGINAL RERUN...",
	.purpose = "Rewrites the verdicts of ORIGINAL by its reruns: failed "
		   "cases that later\npassed now pass, the evidence is kept, "
		   "every other byte stays. \"-\" is\nstandard input.",
	.options = options,
	.run = run,
};
