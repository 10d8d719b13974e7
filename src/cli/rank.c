#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define LISTED	20 /* tests, if nobody says more */
#define DAY	86400
#define MAX_TOP 1000000

enum {
	OPT_HISTORY = 256,
	OPT_SINCE,
	OPT_AT,
	OPT_BRANCH,
	OPT_JOB,
	OPT_BY,
	OPT_TOP,
	OPT_ALL,
	OPT_FORMAT,
	OPT_MINUTES,
};

static const struct option_spec options[] = {
	{ OPT_HISTORY, "history", "FILE",
	    "the history; else $REJUNIT_HISTORY, .rejunit/history.db" },
	{ OPT_SINCE, "since", "90d", "look back so many days" },
	{ OPT_AT, "at", "TIME", "as if it were then" },
	{ OPT_BRANCH, "branch", "NAME",
	    "the main one; else that of most runs" },
	{ OPT_JOB, "job", "NAME", "look at no other job" },
	{ OPT_BY, "by", "WHAT", "flakes (default), cost, rate or time" },
	{ OPT_TOP, "top", "N", "list N tests (20); 0: all of them" },
	{ OPT_ALL, "all", NULL, "also those that are new or healthy" },
	{ OPT_FORMAT, "format", "FORMAT", "text (default), json or csv" },
	{ OPT_MINUTES, "minutes", "N", "that a red run costs a person (30)" },
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	const char *path;
	struct rejunit_history *history;
	struct rejunit_ranking how;
	int format;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;

	s->path = history_path();
	s->how.top = LISTED;
	return REJUNIT_OK;
}

static void
end(void *settings)
{
	struct settings *s = settings;

	rejunit_history_free(s->history);
}

static bool
set_number(const struct settings *s, const char *option, const char *arg,
    char unit, unsigned long *out)
{
	char *rest;

	errno = 0;
	*out = strtoul(arg, &rest, 10);
	if (*rest == unit && unit)
		rest++;
	if (*arg >= '0' && *arg <= '9' && !*rest && !errno && *out <= MAX_TOP)
		return true;
	print_usage_error(s->common.command,
	    "--%s takes a number up to %d, not \"%s\"", option, MAX_TOP, arg);
	return false;
}

static bool
set(void *settings, int id, const char *arg)
{
	static const char *const formats[] = { "text", "json", "csv", NULL };
	static const char *const orders[] = { "flakes", "cost", "rate", "time",
		NULL };
	struct settings *s = settings;
	unsigned long n;
	int word;

	switch (id) {
	case OPT_HISTORY:
		s->path = arg;
		return true;
	case OPT_SINCE:
		if (!set_number(s, "since", arg, 'd', &n))
			return false;
		s->how.since = (long long)n * DAY;
		return true;
	case OPT_AT:
		return set_time(s->common.command, "at", arg, &s->how.at);
	case OPT_BRANCH:
		s->how.branch = arg;
		return true;
	case OPT_JOB:
		s->how.job = arg;
		return true;
	case OPT_BY:
		if (!set_word(s->common.command, "by", orders, arg, &word))
			return false;
		s->how.by = (enum rejunit_rank_by)word;
		return true;
	case OPT_TOP:
		if (!set_number(s, "top", arg, '\0', &n))
			return false;
		s->how.top = n;
		return true;
	case OPT_ALL:
		return s->how.all = true;
	case OPT_FORMAT:
		return set_word(
		    s->common.command, "format", formats, arg, &s->format);
	case OPT_MINUTES:
		if (!set_number(s, "minutes", arg, '\0', &n))
			return false;
		s->how.minutes = (double)n;
		return true;
	default:
		return false;
	}
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	return check_operands(s->common.command, 0, "", operands, operand);
}

/* --- for a person ----------------------------------------------------------
 */

static const char *
ago(long long seconds, char out[32])
{
	long long days = seconds / DAY;

	if (days == 0)
		return "today";
	snprintf(out, 32, "%lld day%s ago", days, days == 1 ? "" : "s");
	return out;
}

static const char *
percent(double rate, char out[32])
{
	double p = rate * 100;

	snprintf(out, 32, p >= 9.95 ? "%.0f" : p >= 0.095 ? "%.1f" : "%.2f", p);
	return out;
}

static void
print_test(
    const struct terminal *t, const struct rejunit_rank *r, long long now)
{
	unsigned int flakes =
	    r->events[0] + r->events[1] + r->events[2] + r->events[3];
	char text[3][32];

	fputs("  ", t->to);
	if (r->classname.n) {
		print_text(t, r->classname.s, 0);
		fputs("::", t->to);
	}
	print_text(t, r->name.n ? r->name.s : "", 0);
	fprintf(t->to, "\n      ");
	colour(t, r->state == REJUNIT_BROKEN ? "31" : "33");
	fputs(rejunit_state_name(r->state), t->to);
	colour(t, "0");
	fprintf(t->to, "%s: %u flake%s in %u runs", r->stale ? ", stale" : "",
	    flakes, flakes == 1 ? "" : "s", r->runs);
	if (r->blocked_runs)
		fprintf(t->to, ", %u blocked", r->blocked_runs);
	if (r->cost >= 60)
		fprintf(t->to, ", %.0f min", r->cost / 60);
	if (r->last_bad)
		fprintf(t->to, ", last %s", ago(now - r->last_bad, text[0]));
	fprintf(t->to, ", %s %% (%s to %s)", percent(r->rate, text[0]),
	    percent(r->rate_low, text[1]), percent(r->rate_high, text[2]));
	if (r->missing_passes)
		fprintf(t->to, ", needs %u more passes", r->missing_passes);
	fprintf(t->to, "\n      ");
	colour(t, "2");
	fputs(r->strip.s, t->to);
	colour(t, "0");
	fputc('\n', t->to);
}

static void
print_ranking(const struct settings *s)
{
	struct terminal t = terminal_on(stdout);
	struct rejunit_rank r;
	size_t runs = rejunit_history_runs(s->history);
	size_t outages = rejunit_history_outages(s->history);

	fprintf(t.to, "%zu run%s", runs, runs == 1 ? "" : "s");
	if (outages)
		fprintf(t.to, ", %zu of them outages", outages);
	fputc('\n', t.to);
	for (size_t i = 0; rejunit_history_ranked(s->history, i, &r); i++)
		print_test(&t, &r, rejunit_history_at(s->history));
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status =
	    rejunit_history_open(&s->history, s->path, false, err);

	(void)operands;
	(void)operand;
	if (!status)
		status = rejunit_history_rank(s->history, &s->how, err);
	if (!status && s->format)
		status = rejunit_history_write(s->history,
		    (enum rejunit_format)s->format, rejunit_write_fd,
		    to_stdout(), err);
	else if (!status && !s->common.quiet)
		print_ranking(s);
	return status ? status : flush_stdout(err);
}

static bool
is_failing(const void *settings)
{
	(void)settings;
	return false;
}

const struct command rank_command = {
	.name = "rank",
	.synopsis = "[options]",
	.purpose = "Says which tests flake again and again, by what the "
		   "history tells: how often, since when, at what cost.",
	.options = options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
