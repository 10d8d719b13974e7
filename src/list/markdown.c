/* For a job summary. */
#include <stdio.h>

#include "list/lines.h"
#include "out/markdown.h"

/* It may have 1 MiB; the rest is for what stands around it. */
#define MOST ((size_t)900 * 1024)

#define SHOWN 300 /* of a line that says what failed */

/* What became of a test. */
static const char *
word_for(struct rj_list *l, size_t i, const struct rejunit_decision *d)
{
	static const char *const alike[] = { "still failing",
		"still failing, in another way",
		"still failing, same failure" };

	int same = -1;

	if (rejunit_decision_reason(d) == REJUNIT_STILL_FAILING) {
		rj_out_fail(&l->out,
		    rejunit_update_alike(l->update, i, &same, l->out.err));
		return alike[same + 1];
	}
	return rj_list_is_flaky(d)
		   ? rejunit_flaky_name(rejunit_decision_flaky(d))
		   : rejunit_reason_name(rejunit_decision_reason(d));
}

static void
put_item(struct rj_list *l, size_t i, const struct rejunit_decision *d)
{
	struct rejunit_execution x;
	struct rejunit_case c;

	if (!rejunit_update_test(l->update, i, &c))
		return;
	rj_list_put(l, "- ");
	rj_markdown_code(&l->out, rj_list_line(l, rejunit_case_name(&c)));
	rj_list_put(l, " (");
	rj_list_put(l, word_for(l, i, d));
	rj_list_put(l, ")");
	if (rj_list_failure(l, i, &x) && x.what.n) {
		rj_list_put(l, ": ");
		rj_markdown_code(&l->out, rj_str_cut(rj_text(x.what), SHOWN));
	}
	rj_list_put(l, "\n");
}

static void
put_section(struct rj_list *l, const char *title,
    bool (*belongs)(const struct rejunit_decision *d))
{
	const struct rejunit_decision *d;
	size_t n = 0, left = 0;
	char text[96];

	for (size_t i = 0; (d = rejunit_update_decision(l->update, i)) != NULL;
	     i++)
		n += belongs(d);
	if (n == 0)
		return;
	snprintf(text, sizeof(text), "\n### %s: %zu\n\n", title, n);
	rj_list_put(l, text);
	for (size_t i = 0; !l->out.status &&
			   (d = rejunit_update_decision(l->update, i)) != NULL;
	     i++) {
		if (!belongs(d))
			continue;
		if (l->out.total > MOST)
			left++;
		else
			put_item(l, i, d);
	}
	if (left) {
		snprintf(text, sizeof(text), "- and %zu more\n", left);
		rj_list_put(l, text);
	}
}

void
rj_list_markdown(struct rj_list *l)
{
	const struct rejunit_update *u = l->update;
	char text[160];

	snprintf(text, sizeof(text),
	    "## Tests after rerun\n\n"
	    "| cases | bad before | bad now |\n|---|---|---|\n"
	    "| %zu | %zu | %zu |\n",
	    rejunit_update_count(u, REJUNIT_COUNT_CASES),
	    rejunit_update_count(u, REJUNIT_COUNT_BAD_BEFORE),
	    rejunit_update_count(u, REJUNIT_COUNT_BAD_AFTER));
	rj_list_put(l, text);
	put_section(l, "Failing", rj_list_is_failing);
	put_section(l, "Flaky", rj_list_is_flaky);
}
