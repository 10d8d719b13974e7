/* GitHub's workflow commands, which end with their line. */
#include "list/lines.h"
#include "out/github.h"

static void
put_line(struct rj_list *l, size_t i, const char *level, const char *title,
    const char *word)
{
	struct rejunit_execution x;
	struct rejunit_case c;

	if (!rejunit_update_test(l->update, i, &c))
		return;
	rj_github_begin(
	    &l->out, level, rj_list_line(l, rejunit_case_file(&c)), title);
	rj_list_put(l, " (");
	rj_list_put(l, word);
	rj_list_put(l, ")::");
	rj_github_text(&l->out, rj_list_line(l, rejunit_case_name(&c)), false);
	if (rj_list_failure(l, i, &x) && x.what.n) {
		rj_list_put(l, ": ");
		rj_github_text(&l->out, rj_text(x.what), false);
	}
	rj_list_put(l, "\n");
}

/* Of each kind, as many are shown; the last one says how many are not. */
void
rj_list_annotations(struct rj_list *l)
{
	size_t failing = 0, flaky = 0, shown = RJ_GITHUB_MAX - 1;
	const struct rejunit_decision *d;

	for (size_t i = 0; (d = rejunit_update_decision(l->update, i)) != NULL;
	     i++) {
		if (rj_list_is_failing(d) && failing++ < shown)
			put_line(l, i, "error", "Failing test",
			    rejunit_reason_name(rejunit_decision_reason(d)));
		if (rj_list_is_flaky(d) && flaky++ < shown)
			put_line(l, i, "warning", "Flaky test",
			    rejunit_flaky_name(rejunit_decision_flaky(d)));
	}
	if (failing > shown)
		rj_github_more(
		    &l->out, "error", "Failing tests", failing - shown);
	if (flaky > shown)
		rj_github_more(
		    &l->out, "warning", "Flaky tests", flaky - shown);
}
