#include "diff/write.h"

#include <stdio.h>

#include "base/error.h"
#include "out/github.h"

const char *
rejunit_difference_name(enum rejunit_difference kind)
{
	static const char *const names[] = {
		[REJUNIT_DIFF_NEWLY_FAILING] = "newly_failing",
		[REJUNIT_DIFF_STILL_FAILING] = "still_failing",
		[REJUNIT_DIFF_DOUBTFUL] = "doubtful",
		[REJUNIT_DIFF_FIXED] = "fixed",
		[REJUNIT_DIFF_NEWLY_SKIPPED] = "newly_skipped",
		[REJUNIT_DIFF_SLOWER] = "slower",
		[REJUNIT_DIFF_REMOVED] = "removed",
		[REJUNIT_DIFF_ADDED] = "added",
	};

	return (size_t)kind < sizeof(names) / sizeof(*names) ? names[kind] : "";
}

void
rj_diff_put(struct rj_diff_out *o, const char *s)
{
	rj_out_text(&o->out, rj_str(s));
}

struct rj_str
rj_diff_line(struct rj_diff_out *o, const char *line)
{
	if (!line)
		rj_out_fail(&o->out, rj_fail_memory(o->out.err));
	return rj_str(line ? line : "");
}

const struct rejunit_case *
rj_diff_shown(const struct rejunit_changed *c)
{
	return c->after != REJUNIT_ABSENT ? &c->new_case : &c->old_case;
}

bool
rj_diff_failure(struct rj_diff_out *o, const struct rejunit_case *c,
    struct rejunit_execution *out)
{
	size_t step = 0;

	*out = (struct rejunit_execution){ .outcome = REJUNIT_ABSENT };
	while (c->report && !o->out.status) {
		rj_out_fail(
		    &o->out, rejunit_case_next(c, &step, out, o->out.err));
		if (o->out.status || out->outcome == REJUNIT_ABSENT)
			break;
		if (rejunit_is_bad(out->outcome))
			return true;
	}
	return false;
}

int
rj_diff_alike(struct rj_diff_out *o, enum rejunit_difference kind, size_t i)
{
	int alike = -1;

	if (kind == REJUNIT_DIFF_STILL_FAILING)
		rj_out_fail(&o->out,
		    rejunit_diff_alike(o->diff, i, &alike, o->out.err));
	return alike;
}

/* --- GitHub's workflow commands ------------------------------------------- */

static void
put_annotation(struct rj_diff_out *o, const struct rejunit_changed *c,
    const char *level, const char *title)
{
	const struct rejunit_case *shown = rj_diff_shown(c);
	struct rejunit_execution x;

	rj_github_begin(
	    &o->out, level, rj_diff_line(o, rejunit_case_file(shown)), title);
	rj_diff_put(o, "::");
	rj_github_text(
	    &o->out, rj_diff_line(o, rejunit_case_name(shown)), false);
	if (rj_diff_failure(o, &c->new_case, &x) && x.what.n) {
		rj_diff_put(o, ": ");
		rj_github_text(&o->out, rj_diff_text(x.what), false);
	}
	rj_diff_put(o, "\n");
}

/* Of each level, as many are shown; the last one says how many are not. */
static void
put_annotations(struct rj_diff_out *o, enum rejunit_difference kind,
    const char *level, const char *title, size_t most)
{
	size_t n = 0;
	struct rejunit_changed c;

	for (size_t i = 0;
	     !o->out.status && rejunit_diff_test(o->diff, kind, i, &c); i++)
		if (!c.excused && n++ < most - 1)
			put_annotation(o, &c, level, title);
	if (n > most - 1)
		rj_github_more(&o->out, level, title, n - (most - 1));
}

/* More failures of no test than before. */
size_t
rj_diff_loose(const struct rj_diff_out *o)
{
	struct rejunit_report before = { 0 }, after = { 0 };

	rejunit_diff_run(o->diff, false, &before);
	rejunit_diff_run(o->diff, true, &after);
	return after.loose > before.loose ? after.loose - before.loose : 0;
}

void
rj_diff_annotations(struct rj_diff_out *o)
{
	size_t loose = rj_diff_loose(o);
	char text[128];

	if (loose) {
		snprintf(text, sizeof(text),
		    "::error title=New failures::%zu that belong%s to no "
		    "test\n",
		    loose, loose == 1 ? "s" : "");
		rj_diff_put(o, text);
	}
	put_annotations(o, REJUNIT_DIFF_NEWLY_FAILING, "error",
	    "Newly failing test", RJ_GITHUB_MAX - (loose > 0));
	put_annotations(o, REJUNIT_DIFF_DOUBTFUL, "warning",
	    "Test that may be failing", RJ_GITHUB_MAX);
	put_annotations(o, REJUNIT_DIFF_NEWLY_SKIPPED, "notice",
	    "Newly skipped test", RJ_GITHUB_MAX);
}

/* --- the whole ------------------------------------------------------------ */

enum rejunit_status
rj_diff_write(struct rejunit_diff *d, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	struct rj_diff_out o = { .diff = d };
	enum rejunit_status status = rj_out_open(&o.out, NULL, write, ctx, err);

	if (!status) {
		switch (format) {
		case REJUNIT_JSON:
			rj_diff_json(&o);
			break;
		case REJUNIT_MARKDOWN:
			rj_diff_markdown(&o);
			break;
		case REJUNIT_GITHUB:
			rj_diff_annotations(&o);
			break;
		default:
			rj_out_fail(&o.out,
			    rj_fail(err, REJUNIT_USAGE,
				"there is no such format of a comparison"));
			break;
		}
		status = rj_out_flush(&o.out);
	}
	rj_out_close(&o.out);
	return status;
}
