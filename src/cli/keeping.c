#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

#define DEFAULT_HISTORY ".rejunit/history.db"
#define ATTEMPT_MAX	1000

const char *
named_history(void)
{
	const char *path = getenv("REJUNIT_HISTORY");

	return path && *path ? path : NULL;
}

const char *
history_path(void)
{
	const char *path = named_history();

	return path ? path : DEFAULT_HISTORY;
}

bool
set_time(
    const struct command *c, const char *option, const char *arg, long long *at)
{
	if (rejunit_time(arg, at))
		return true;
	print_usage_error(c,
	    "--%s takes a time like 2026-01-31T23:59:59Z, not \"%s\"", option,
	    arg);
	return false;
}

bool
set_amount(const struct command *c, const char *option, const char *arg,
    const char *unit, double most, double *out)
{
	char *rest;

	errno = 0;
	*out = strtod(arg, &rest);
	if (strcmp(rest, unit) == 0)
		rest += strlen(rest);
	if (*arg >= '0' && *arg <= '9' && !*rest && !errno && *out >= 0 &&
	    *out <= most && !strpbrk(arg, "xXpP"))
		return true;
	print_usage_error(c, "--%s takes a number up to %.0f%s, not \"%s\"",
	    option, most, unit, arg);
	return false;
}

#define DAY	 86400
#define MAX_DAYS 36500

bool
set_days(const struct command *c, const char *option, const char *arg,
    long long *seconds)
{
	double days;

	if (!set_amount(c, option, arg, "d", MAX_DAYS, &days))
		return false;
	*seconds = (long long)(days * DAY);
	return true;
}

const char **
sort_operands(int n, char **operand, size_t *reports)
{
	const char **sorted = calloc((size_t)n + 1, sizeof(*sorted));
	bool *holds = calloc((size_t)n + 1, sizeof(*holds));
	size_t at = 0;

	*reports = 0;
	for (int i = 0; i < n && sorted && holds; i++) {
		holds[i] = rejunit_holds_runs(operand[i]);
		if (!holds[i])
			sorted[at++] = operand[i];
	}
	*reports = at;
	for (int i = 0; i < n && sorted && holds; i++)
		if (holds[i])
			sorted[at++] = operand[i];
	if (!holds) {
		free(sorted);
		sorted = NULL;
	}
	free(holds);
	return sorted;
}

bool
set_count(const struct command *c, const char *option, const char *arg,
    double most, double *out)
{
	if (strspn(arg, "0123456789") == strlen(arg))
		return set_amount(c, option, arg, "", most, out);
	print_usage_error(c, "--%s takes a whole number up to %.0f, not \"%s\"",
	    option, most, arg);
	return false;
}

bool
set_history(const struct command *c, const char *arg, const char **path)
{
	*path = arg;
	if (*arg)
		return true;
	/* of a variable that is not set, say */
	print_usage_error(c, "--history takes a file or an address");
	return false;
}

void
begin_keeping(struct keeping *k)
{
	k->path = history_path();
	k->rootdir = ".";
	k->run.attempt = -1;
	k->run.facts = k->facts;
	k->run.fact_properties = k->properties;
}

static bool
add_one(const struct command *c, const char **list, size_t *n, const char *arg)
{
	if (*n == FACTS_MAX) {
		print_usage_error(c, "there can be %d facts", FACTS_MAX);
		return false;
	}
	list[(*n)++] = arg;
	return true;
}

static bool
add_fact(const struct command *c, struct keeping *k, const char *arg)
{
	const char *equals = strchr(arg, '=');

	if (!equals || equals == arg) {
		print_usage_error(
		    c, "--fact takes NAME=VALUE, not \"%s\"", arg);
		return false;
	}
	return add_one(c, k->facts, &k->run.n_facts, arg);
}

bool
set_keeping_option(
    const struct command *c, struct keeping *k, int id, const char *arg)
{
	struct rejunit_run *run = &k->run;
	double n;

	switch (id) {
	case OPT_HISTORY:
		return set_history(c, arg, &k->path);
	case OPT_RUN:
		run->name = arg;
		return true;
	case OPT_ATTEMPT:
		if (!set_count(c, "attempt", arg, ATTEMPT_MAX, &n))
			return false;
		run->attempt = (int)n;
		return true;
	case OPT_AT:
		return set_time(c, "at", arg, &run->at);
	case OPT_COMMIT:
		run->commit = arg;
		return true;
	case OPT_BRANCH:
		run->branch = arg;
		return true;
	case OPT_JOB:
		run->job = arg;
		return true;
	case OPT_HOST:
		run->host = arg;
		return true;
	case OPT_URL:
		run->url = arg;
		return true;
	case OPT_HUNT:
		return run->hunt = true;
	case OPT_FACT:
		return add_fact(c, k, arg);
	case OPT_FACT_FROM:
		return add_one(c, k->properties, &run->n_fact_properties, arg);
	case OPT_NO_TEXT:
		return run->no_text = true;
	case OPT_REQUIRE_HISTORY:
		return k->require = true;
	default:
		return false;
	}
}

void
warn_of_history(const char *what, const struct rejunit_error *err)
{
	struct terminal t = terminal_on(stderr);
	char file[sizeof(err->file)];

	fputs("rejunit: ", t.to);
	colour(&t, "33");
	fputs("warning: ", t.to);
	colour(&t, "0");
	fprintf(t.to, "%s: ", what);
	if (err->file[0]) {
		hide_secrets(err->file, file, sizeof(file));
		print_text(&t, file, 0);
		fputs(": ", t.to);
	}
	print_text(&t, err->message, 0);
	fputc('\n', t.to);
}

enum rejunit_status
kept(const struct keeping *k, enum rejunit_status status,
    const struct rejunit_error *err)
{
	if (k->lenient && status == REJUNIT_INPUT)
		status = REJUNIT_OUTPUT;
	if (status != REJUNIT_OUTPUT || k->require)
		return status;
	warn_of_history("nothing is recorded", err);
	return REJUNIT_OK;
}

enum rejunit_status
open_to_keep(const struct keeping *k, struct rejunit_history **out,
    struct rejunit_error *err)
{
	enum rejunit_status status;

	/* the default one lies in a folder of its own */
	if (strcmp(k->path, DEFAULT_HISTORY) == 0)
		(void)mkdir(".rejunit", 0777);
	*out = NULL;
	status = rejunit_history_open(out, k->path, true, err);
	return status ? kept(k, status, err) : REJUNIT_OK;
}

static const char *
history_warning(const void *of, size_t i)
{
	return rejunit_history_warning(of, i);
}

enum rejunit_status
keep_reports(struct keeping *k, struct rejunit_history *h,
    const char *const *paths, size_t n, struct rejunit_error *err)
{
	enum rejunit_status status;

	complete_run(&k->ci, &k->run, paths[0]);
	status = rejunit_history_rootdir(h, k->rootdir, err);
	if (!status)
		status = rejunit_history_record(h, &k->run, paths, n, err);
	if (!status)
		print_warnings(history_warning, h);
	return status ? kept(k, status, err) : REJUNIT_OK;
}
