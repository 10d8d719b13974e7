#include "out/json.h"
#include "base/duration.h"
#include "diff/write.h"

static void
put_run(struct rj_diff_out *o, struct rj_json *j, const char *key, bool after)
{
	struct rejunit_report r = { 0 };
	char seconds[32];

	rejunit_diff_run(o->diff, after, &r);
	rj_duration_write(r.nanoseconds, seconds);
	rj_json_open(j, key, '{');
	rj_json_string(j, "report", rj_str(r.name));
	rj_json_number(j, "cases", r.cases);
	rj_json_number(j, "passed", r.outcomes[REJUNIT_PASSED]);
	rj_json_number(j, "failed", r.outcomes[REJUNIT_FAILED]);
	rj_json_number(j, "errors", r.outcomes[REJUNIT_ERROR]);
	rj_json_number(j, "skipped", r.outcomes[REJUNIT_SKIPPED]);
	rj_json_number(j, "unknown", r.outcomes[REJUNIT_UNKNOWN]);
	rj_json_number(j, "flaky", r.flaky);
	rj_json_number(j, "nameless", r.nameless);
	rj_json_number(j, "loose", r.loose);
	rj_json_string(j, "time", rj_str(seconds));
	rj_json_close(j, '}');
}

/* How it ended, and where that stands. */
static void
put_side(struct rj_diff_out *o, struct rj_json *j, const char *key,
    enum rejunit_verdict verdict, size_t tests, const struct rejunit_case *c)
{
	struct rejunit_execution x;
	size_t step = 0;
	bool failed;

	rj_json_open(j, key, '{');
	rj_json_string(j, "outcome", rj_str(rejunit_verdict_name(verdict)));
	if (tests > 1)
		rj_json_number(j, "tests", tests);
	if (c->report) {
		rj_json_string(j, "report", rj_str(c->report));
		rj_json_number(j, "line", c->at_line);
		rj_out_fail(
		    &o->out, rejunit_case_next(c, &step, &x, o->out.err));
		if (!o->out.status)
			rj_json_string(j, "time", rj_diff_text(x.time));
		failed = rejunit_is_bad(verdict) && rj_diff_failure(o, c, &x);
		if (failed && !o->out.status) {
			rj_json_string(j, "type", rj_diff_text(x.type));
			rj_json_string(j, "message", rj_diff_text(x.message));
			rj_json_string(
			    j, "signature", rj_diff_text(x.signature));
		}
	}
	rj_json_close(j, '}');
}

static void
put_test(struct rj_diff_out *o, struct rj_json *j,
    const struct rejunit_changed *c, int alike)
{
	const struct rejunit_case *shown = rj_diff_shown(c);

	rj_json_open(j, NULL, '{');
	rj_json_string(j, "id", rj_diff_line(o, rejunit_case_id(shown)));
	rj_json_string(j, "classname", rj_diff_text(shown->classname));
	rj_json_string(j, "name", rj_diff_text(shown->name));
	rj_json_string(j, "file", rj_diff_text(shown->file));
	rj_json_string(j, "suite", rj_diff_text(shown->suite));
	put_side(o, j, "before", c->before, c->tests_before, &c->old_case);
	put_side(o, j, "after", c->after, c->tests_after, &c->new_case);
	if (alike >= 0)
		rj_json_bool(j, "same_failure", alike);
	if (c->excused)
		rj_json_bool(j, "excused", true);
	rj_json_close(j, '}');
}

void
rj_diff_json(struct rj_diff_out *o)
{
	struct rj_json j = { .out = &o->out };
	struct rejunit_changed c;

	rj_json_open(&j, NULL, '{');
	rj_json_number(&j, "version", 1);
	put_run(o, &j, "before", false);
	put_run(o, &j, "after", true);
	for (int kind = 0; kind <= REJUNIT_DIFF_ADDED; kind++) {
		enum rejunit_difference k = (enum rejunit_difference)kind;

		rj_json_open(&j, rejunit_difference_name(k), '[');
		for (size_t i = 0;
		     !o->out.status && rejunit_diff_test(o->diff, k, i, &c);
		     i++)
			put_test(o, &j, &c, rj_diff_alike(o, k, i));
		rj_json_close(&j, ']');
	}
	rj_json_close(&j, '}');
}
