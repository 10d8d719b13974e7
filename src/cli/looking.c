#include <stdlib.h>

#include "cli.h"

void
begin_looking(struct looking *l)
{
	l->path = history_path();
}

static bool
wants_more(const struct command *c, const char *option)
{
	print_usage_error(c, "--%s takes a number above 0", option);
	return false;
}

bool
set_looking_option(
    const struct command *c, struct looking *l, int id, const char *arg)
{
	double n;

	switch (id) {
	case OPT_HISTORY:
		return set_history(c, arg, &l->path);
	case OPT_SINCE:
		return set_days(c, "since", arg, &l->how.since) &&
		       (l->how.since > 0 || wants_more(c, "since"));
	case OPT_AT:
		return set_time(c, "at", arg, &l->how.at);
	case OPT_BRANCH:
		l->how.branch = arg;
		return true;
	case OPT_JOB:
		l->how.job = arg;
		return true;
	case OPT_OUTAGE:
		if (!set_amount(c, "outage", arg, "%", 100, &n))
			return false;
		l->how.outage = n / 100;
		return n > 0 || wants_more(c, "outage");
	case OPT_RUN_PER:
		l->run_per = arg;
		return true;
	default:
		return false;
	}
}

enum rejunit_status
open_to_look(const struct looking *l, struct rejunit_history **out,
    int operands, char **operand, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rejunit_history_open(out, operands ? NULL : l->path, false, err);
	const char **paths;
	size_t reports;

	if (!status)
		status = rejunit_history_rootdir(*out, ".", err);
	if (status || !operands)
		return status;
	if (l->failures_alone && operands == 1)
		status = rejunit_history_failures_alone(*out, err);
	if (status)
		return status;
	paths = sort_operands(operands, operand, &reports);
	if (!paths)
		return no_memory(err);
	for (size_t i = reports; i < (size_t)operands && !status; i++)
		status = rejunit_history_load(*out, paths[i], err);
	if (!status && reports)
		status = rejunit_history_gather(
		    *out, paths, reports, l->run_per, err);
	free(paths);
	return status;
}
