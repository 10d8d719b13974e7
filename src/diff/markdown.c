/* For a comment of a pull request. */
#include <stdio.h>

#include "base/duration.h"
#include "diff/write.h"
#include "out/markdown.h"

/* GitHub takes 65,536 characters; some are kept for a last test, which may be
   long where much of it is spelled out, and for the ends of sections. */
#define MOST ((size_t)59 * 1024)

#define SHOWN	  300 /* of a line that says what failed, */
#define NAME_MOST 500 /* and of a name */

struct section {
	enum rejunit_difference kind;
	const char *title;
	bool folded; /* whoever wants it opens it */
};

static const struct section sections[] = {
	{ REJUNIT_DIFF_NEWLY_FAILING, "Newly failing", false },
	{ REJUNIT_DIFF_DOUBTFUL, "In doubt", false },
	{ REJUNIT_DIFF_FIXED, "Fixed", false },
	{ REJUNIT_DIFF_STILL_FAILING, "Still failing", true },
	{ REJUNIT_DIFF_NEWLY_SKIPPED, "Newly skipped", true },
	{ REJUNIT_DIFF_SLOWER, "Slower", true },
	{ REJUNIT_DIFF_REMOVED, "Removed", true },
	{ REJUNIT_DIFF_ADDED, "Added", true },
};

static void
put_row(struct rj_diff_out *o, const char *what, size_t before, size_t after)
{
	char text[96];

	if (!before && !after)
		return;
	snprintf(
	    text, sizeof(text), "| %s | %zu | %zu |\n", what, before, after);
	rj_diff_put(o, text);
}

static void
put_table(struct rj_diff_out *o)
{
	struct rejunit_report b = { 0 }, a = { 0 };
	char before[32], after[32], text[128];

	rejunit_diff_run(o->diff, false, &b);
	rejunit_diff_run(o->diff, true, &a);
	rj_duration_write(b.nanoseconds, before);
	rj_duration_write(a.nanoseconds, after);
	rj_diff_put(o, "| | before | after |\n|---|---:|---:|\n");
	put_row(o, "cases", b.cases, a.cases);
	put_row(o, "passed", b.outcomes[REJUNIT_PASSED],
	    a.outcomes[REJUNIT_PASSED]);
	put_row(o, "failed", b.outcomes[REJUNIT_FAILED],
	    a.outcomes[REJUNIT_FAILED]);
	put_row(
	    o, "errors", b.outcomes[REJUNIT_ERROR], a.outcomes[REJUNIT_ERROR]);
	put_row(o, "skipped", b.outcomes[REJUNIT_SKIPPED],
	    a.outcomes[REJUNIT_SKIPPED]);
	put_row(o, "unknown", b.outcomes[REJUNIT_UNKNOWN],
	    a.outcomes[REJUNIT_UNKNOWN]);
	put_row(o, "failures of no test", b.loose, a.loose);
	snprintf(text, sizeof(text), "| seconds | %s | %s |\n", before, after);
	rj_diff_put(o, text);
}

/* What there is to say of a test beside its name. */
static void
put_note(struct rj_diff_out *o, const struct section *s,
    const struct rejunit_changed *c, int alike)
{
	char before[32], after[32], text[128] = "";

	if (c->tests_before > 1 || c->tests_after > 1) {
		snprintf(text, sizeof(text),
		    " (%zu before, %zu now, not to be told apart)",
		    c->tests_before, c->tests_after);
	} else if (s->kind == REJUNIT_DIFF_SLOWER) {
		rj_duration_write(c->old_case.nanoseconds, before);
		rj_duration_write(c->new_case.nanoseconds, after);
		snprintf(
		    text, sizeof(text), " (%s s, was %s s)", after, before);
	} else if (s->kind == REJUNIT_DIFF_STILL_FAILING) {
		if (alike >= 0)
			snprintf(text, sizeof(text), " (%s)",
			    alike ? "same failure" : "in another way");
	} else if (c->before == REJUNIT_ABSENT) {
		snprintf(text, sizeof(text), " (new)");
	} else {
		snprintf(text, sizeof(text), " (was %s)",
		    rejunit_verdict_name(c->before));
	}
	rj_diff_put(o, text);
	if (c->excused)
		rj_diff_put(o, ", quarantined");
}

static void
put_item(struct rj_diff_out *o, const struct section *s,
    const struct rejunit_changed *c, int alike)
{
	struct rejunit_execution x;
	struct rj_str name =
	    rj_diff_line(o, rejunit_case_name(rj_diff_shown(c)));

	rj_diff_put(o, "- ");
	rj_markdown_code(
	    &o->out, name.n ? rj_str_cut(name, NAME_MOST) : RJ_STR("?"));
	put_note(o, s, c, alike);
	if (rejunit_is_bad(c->after) && rj_diff_failure(o, &c->new_case, &x) &&
	    x.what.n) {
		rj_diff_put(o, ": ");
		rj_markdown_code(
		    &o->out, rj_str_cut(rj_diff_text(x.what), SHOWN));
	}
	rj_diff_put(o, "\n");
}

static void
put_section(struct rj_diff_out *o, const struct section *s)
{
	size_t n = rejunit_diff_count(o->diff, s->kind), i = 0;
	struct rejunit_changed c;
	char text[128];

	if (n == 0)
		return;
	snprintf(text, sizeof(text),
	    s->folded ? "\n<details><summary>%s: %zu</summary>\n\n"
		      : "\n### %s: %zu\n\n",
	    s->title, n);
	rj_diff_put(o, text);
	for (; i < n && o->out.total < MOST && !o->out.status; i++)
		if (rejunit_diff_test(o->diff, s->kind, i, &c))
			put_item(o, s, &c, rj_diff_alike(o, s->kind, i));
	if (i < n) {
		snprintf(text, sizeof(text), "- and %zu more\n", n - i);
		rj_diff_put(o, text);
	}
	if (s->folded)
		rj_diff_put(o, "\n</details>\n");
}

void
rj_diff_markdown(struct rj_diff_out *o)
{
	size_t failures = rejunit_diff_failures(o->diff);
	size_t loose = rj_diff_loose(o);
	size_t fixed = rejunit_diff_count(o->diff, REJUNIT_DIFF_FIXED);
	char text[128];

	snprintf(text, sizeof(text),
	    "## Tests: %zu newly failing, %zu fixed\n\n", failures, fixed);
	rj_diff_put(o, text);
	put_table(o);
	if (loose) {
		snprintf(text, sizeof(text),
		    "\n%zu new failure%s to no test.\n", loose,
		    loose == 1 ? " belongs" : "s belong");
		rj_diff_put(o, text);
	}
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		put_section(o, &sections[i]);
}
