#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define LISTED	    20 /* tests, if nobody says more */
#define DAY	    86400
#define MESSAGE	    120 /* characters of one, where no terminal says more */
#define TESTS_SHOWN 5
#define MAX_TOP	    1000000
#define MAX_COST    1e6

enum {
	OPT_BY = 256,
	OPT_TOP,
	OPT_ALL,
	OPT_FORMAT,
	OPT_MINUTES,
	OPT_HOURLY,
	OPT_MACHINE_HOUR,
	OPT_FAIL_ABOVE,
	OPT_FAIL_ON_RECURRING,
};

static const struct option_spec options[] = {
	HISTORY_OPTION,
	LOOKING_OPTIONS,
	{ OPT_BY, "by", "WHAT",
	    "flakes (default), cost, rate, time or signature" },
	{ OPT_TOP, "top", "N", "list N tests (20); 0: all of them" },
	{ OPT_ALL, "all", NULL, "also those that are new or healthy" },
	{ OPT_FORMAT, "format", "FORMAT",
	    "text (default), json, csv or markdown" },
	{ OPT_MINUTES, "minutes", "N", "that a red run costs a person (30)" },
	{ OPT_HOURLY, "hourly", "N", "what an hour of a person costs" },
	{ OPT_MACHINE_HOUR, "machine-hour", "N", "and one of a machine" },
	{ OPT_FAIL_ABOVE, "fail-above", "RATE",
	    "exit 1 if a flaky test fails more often, as 5%" },
	{ OPT_FAIL_ON_RECURRING, "fail-on-recurring", "N",
	    "exit 1 if a failure recovered that N runs had before" },
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	struct looking looking;
	struct rejunit_history *history;
	int format;
	double fail_above; /* less than 0: not wanted */
	unsigned int recurring; /* 0: not wanted */
	bool is_failing;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;

	begin_looking(&s->looking);
	s->looking.how.top = LISTED;
	s->fail_above = -1;
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
	static const char *const formats[] = { "text", "json", "csv",
		"markdown", NULL };
	static const char *const orders[] = { "flakes", "cost", "rate", "time",
		"signature", NULL };
	struct settings *s = settings;
	const struct command *c = s->common.command;
	double n = 0;
	int word;

	switch (id) {
	case OPT_BY:
		if (!set_word(s->common.command, "by", orders, arg, &word))
			return false;
		s->looking.how.by = (enum rejunit_rank_by)word;
		return true;
	case OPT_TOP:
		if (!set_count(c, "top", arg, MAX_TOP, &n))
			return false;
		s->looking.how.top = (size_t)n;
		return true;
	case OPT_ALL:
		return s->looking.how.all = true;
	case OPT_FORMAT:
		return set_word(c, "format", formats, arg, &s->format);
	case OPT_MINUTES:
		if (!set_amount(c, "minutes", arg, "", MAX_COST, &n))
			return false;
		/* what 0 says is said with less */
		s->looking.how.minutes = n > 0 ? n : -1;
		return true;
	case OPT_HOURLY:
		return set_amount(
		    c, "hourly", arg, "", MAX_COST, &s->looking.how.hourly);
	case OPT_MACHINE_HOUR:
		return set_amount(c, "machine-hour", arg, "", MAX_COST,
		    &s->looking.how.machine_hour);
	case OPT_FAIL_ABOVE:
		if (!set_amount(c, "fail-above", arg, "%", 100, &n))
			return false;
		s->fail_above = n / 100;
		return true;
	case OPT_FAIL_ON_RECURRING:
		if (!set_count(c, "fail-on-recurring", arg, MAX_TOP, &n))
			return false;
		s->recurring = n < 1 ? 1 : (unsigned int)n;
		return true;
	default:
		return set_looking_option(c, &s->looking, id, arg);
	}
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;

	return check_operands(s->common.command, 0, "", operands, operand);
}

/* --- for a person -------------------------------------------------------- */

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
	print_text(t, r->id, 0);
	fprintf(t->to, "\n      ");
	colour(t, r->state == REJUNIT_BROKEN ? "31" : "33");
	fputs(rejunit_state_name(r->state), t->to);
	colour(t, "0");
	fprintf(t->to, "%s: %u flake%s in %u run%s", r->stale ? ", stale" : "",
	    flakes, flakes == 1 ? "" : "s", r->runs, r->runs == 1 ? "" : "s");
	if (r->blocked_runs)
		fprintf(t->to, ", %u blocked", r->blocked_runs);
	if (r->cost >= 60)
		fprintf(t->to, ", %.0f min", r->cost / 60);
	if (r->money > 0)
		fprintf(t->to, " or %.2f", r->money);
	if (r->last_bad)
		fprintf(t->to, ", last %s", ago(now - r->last_bad, text[0]));
	fprintf(t->to, ", %s %% (%s to %s)", percent(r->rate, text[0]),
	    percent(r->rate_low, text[1]), percent(r->rate_high, text[2]));
	if (r->missing_passes)
		fprintf(t->to, ", needs %u more passes", r->missing_passes);
	fprintf(t->to, "\n      ");
	colour(t, "2");
	fputs(r->strip, t->to);
	colour(t, "0");
	fputc('\n', t->to);
}

static void
print_cluster(const struct settings *s, const struct terminal *t, size_t i)
{
	struct rejunit_cluster c;
	const char *test;
	char text[32], line[512];
	long long now = rejunit_history_at(s->history);

	(void)rejunit_history_cluster(s->history, i, &c);
	/* the first line of a message says what failed */
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(c.message, "\n"),
	    c.message);
	fputs("  ", t->to);
	print_start(
	    t, *line ? line : c.signature, t->width ? t->width - 2 : MESSAGE);
	fprintf(t->to,
	    "\n      %u failure%s in %u run%s of %u test%s, %u recovered, "
	    "last %s\n",
	    c.failures, c.failures == 1 ? "" : "s", c.runs,
	    c.runs == 1 ? "" : "s", c.tests, c.tests == 1 ? "" : "s",
	    c.recovered, ago(now - c.last, text));
	for (size_t k = 0;
	     k < TESTS_SHOWN &&
	     (test = rejunit_history_cluster_test(s->history, i, k)) != NULL;
	     k++) {
		fputs("      ", t->to);
		print_text(t, test, 0);
		fputc('\n', t->to);
	}
	if (c.tests > TESTS_SHOWN)
		fprintf(t->to, "      and %u more\n", c.tests - TESTS_SHOWN);
}

static void
print_ranking(const struct settings *s)
{
	struct terminal t = terminal_on(stdout);
	struct rejunit_cluster c;
	struct rejunit_rank r;
	size_t runs = rejunit_history_runs(s->history);
	size_t outages = rejunit_history_outages(s->history);

	fprintf(t.to, "%zu run%s", runs, runs == 1 ? "" : "s");
	if (outages)
		fprintf(t.to, ", %zu of them %s", outages,
		    outages == 1 ? "an outage" : "outages");
	fputc('\n', t.to);
	for (size_t i = 0; rejunit_history_ranked(s->history, i, &r); i++)
		print_test(&t, &r, rejunit_history_at(s->history));
	for (size_t i = 0; rejunit_history_cluster(s->history, i, &c); i++)
		print_cluster(s, &t, i);
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status =
	    open_to_look(&s->looking, &s->history, operands, operand, err);

	if (!status)
		status = rejunit_history_rank(s->history, &s->looking.how, err);
	if (!status && s->format)
		status = rejunit_history_write(s->history,
		    (enum rejunit_format)s->format, rejunit_write_fd,
		    to_stdout(), err);
	else if (!status && !s->common.quiet)
		print_ranking(s);
	if (!status)
		s->is_failing =
		    (s->fail_above >= 0 &&
			rejunit_history_above(s->history, s->fail_above)) ||
		    (s->recurring && rejunit_history_recurring(
					 s->history, NULL, s->recurring));
	return status ? status : flush_stdout(err);
}

static bool
is_failing(const void *settings)
{
	const struct settings *s = settings;

	return s->is_failing;
}

const struct command rank_command = {
	.name = "rank",
	.synopsis = "[options] [REPORT...]",
	.purpose = "Says which tests flake again and again: how often, since "
		   "when, at what cost. Of a history or, at once, of reports, "
		   "run records, and folders of them.",
	.options = options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
