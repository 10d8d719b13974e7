#include <string.h>

#include "cli.h"

enum {
	OPT_ORIGINAL = 256,
	OPT_RERUN,
	OPT_PROFILE,
	OPT_FORMAT,
};

static const struct option_spec options[] = {
	{ OPT_PROFILE, "profile", "NAME",
	    "check the structure, too: junit10 or surefire" },
	{ OPT_FORMAT, "format", "FORMAT", "text (default), json or github" },
	{ OPT_ORIGINAL, "original", "FILE",
	    "prove that REPORT is FILE, updated" },
	{ OPT_RERUN, "rerun", "FILE",
	    "from FILE; for several reruns, in their order" },
	PLAN_OPTIONS,
	ROOTDIR_OPTION,
	UPDATE_EXCUSES,
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	struct rejunit_audit *audit;
	struct rejunit_update *update;
	enum rejunit_format format;
	bool original;
	bool rerun;
	bool planned_otherwise;
	struct excuses excuses;
};

static enum rejunit_status
begin(void *settings)
{
	struct settings *s = settings;
	enum rejunit_status status =
	    rejunit_audit_new(&s->audit, &s->common.err);

	if (!status)
		status = rejunit_update_new(&s->update, &s->common.err);
	return status ? status
		      : rejunit_update_rootdir(s->update, ".", &s->common.err);
}

static void
end(void *settings)
{
	struct settings *s = settings;

	rejunit_audit_free(s->audit);
	rejunit_update_free(s->update);
	free_excuses(&s->excuses);
}

static bool
set(void *settings, int id, const char *arg)
{
	static const char *const profiles[] = { "none", "junit10", "surefire",
		NULL };
	static const char *const names[] = { "text", "json", "github", NULL };
	static const enum rejunit_format formats[] = { REJUNIT_TEXT,
		REJUNIT_JSON, REJUNIT_GITHUB };
	struct settings *s = settings;
	const struct command *c = s->common.command;
	struct rejunit_error *err = &s->common.err;
	int word;

	switch (id) {
	case OPT_ORIGINAL:
		s->original = true;
		return !rejunit_update_original(s->update, arg, err);
	case OPT_RERUN:
		s->rerun = true;
		return !rejunit_update_rerun(s->update, arg, err);
	case OPT_PROFILE:
		return set_word(c, "profile", profiles, arg, &word) &&
		       !rejunit_audit_profile(
			   s->audit, (enum rejunit_profile)word, err);
	case OPT_FORMAT:
		if (!set_word(c, "format", names, arg, &word))
			return false;
		s->format = formats[word];
		return true;
	case OPT_ROOTDIR:
		return !rejunit_update_rootdir(s->update, arg, err);
	case OPT_HISTORY:
	case OPT_QUARANTINE:
	case OPT_MAX_QUARANTINED:
	case OPT_QUARANTINED:
	case OPT_RECOVER_ONLY:
		s->planned_otherwise = true;
		return set_excuse_option(c, &s->excuses, id, arg);
	default:
		/* what can be repaired is looked at in any case */
		s->planned_otherwise = s->planned_otherwise || id != OPT_REPAIR;
		return set_plan_option(c, s->update, id, arg, err);
	}
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;
	const struct command *c = s->common.command;

	if (!check_operands(
		c, 1, "give the reports to audit", operands, operand))
		return false;
	if (s->original != s->rerun)
		print_usage_error(
		    c, "a proof needs --original and at least one --rerun");
	else if (s->original && operands > 1)
		print_usage_error(c, "a proof is of one updated report");
	else if (s->planned_otherwise && !s->original)
		print_usage_error(c, "there is no --original to be updated");
	else
		return check_excuses(c, &s->excuses);
	return false;
}

/* A proof holds as far as what it takes for true. */
static void
print_assumptions(const struct terminal *t, const struct rejunit_update *u)
{
	const struct rejunit_decision *d;
	unsigned int assumed = 0;

	for (size_t i = 0; (d = rejunit_update_decision(u, i)) != NULL; i++)
		assumed |= rejunit_decision_assumed(d);
	for (unsigned int bit = 1; bit <= assumed; bit <<= 1)
		if (assumed & bit)
			fprintf(t->to, ", assuming %s",
			    rejunit_assumption_name(
				(enum rejunit_assumption)bit));
}

static void
print_audit(const struct settings *s)
{
	struct terminal t = terminal_on(stderr);
	size_t reports = rejunit_audit_reports(s->audit);
	size_t n = rejunit_audit_count(s->audit);

	fprintf(
	    t.to, "rejunit: %zu report%s, ", reports, reports == 1 ? "" : "s");
	colour(&t, n ? "1;31" : "1;32");
	if (n)
		fprintf(t.to, "%zu finding%s", n, n == 1 ? "" : "s");
	else
		fputs(s->original ? "proved" : "no findings", t.to);
	colour(&t, "0");
	if (s->original)
		print_assumptions(&t, s->update);
	fputc('\n', t.to);
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	enum rejunit_status status = REJUNIT_OK;

	if (s->original) {
		status = read_excuses(&s->excuses, err);
		if (!status)
			status = find_broken(&s->excuses, err);
		if (!status)
			status = excuse_update(&s->excuses, s->update, err);
		if (!status)
			status = rejunit_update_plan(s->update, err);
		if (!status)
			status = rejunit_audit_update(
			    s->audit, s->update, operand[0], err);
	}
	for (int i = 0; i < operands && !status && !s->original; i++)
		status = rejunit_audit_report(s->audit, operand[i], err);
	if (!status)
		status = rejunit_audit_write(
		    s->audit, s->format, rejunit_write_fd, to_stdout(), err);
	if (!status)
		status = flush_stdout(err);
	if (!status && !s->common.quiet)
		print_audit(s);
	return status;
}

static bool
is_failing(const void *settings)
{
	const struct settings *s = settings;

	return rejunit_audit_count(s->audit) > 0;
}

const struct command audit_command = {
	.name = "audit",
	.synopsis = "[options] REPORT...",
	.purpose = "Says what is wrong with reports: counters, names, times, "
		   "characters, structure. With --original and --rerun, "
		   "proves an update: whatever in REPORT does not follow "
		   "from them is a finding. \"-\" is standard input.",
	.options = options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
