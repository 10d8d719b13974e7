#include "out/json.h"
#include "list/lines.h"

/* A list of flaky tests, or of all decisions: these say more. */
struct listing {
	struct rj_list *list;
	struct rj_json json;
	bool all;
};

static void
put_execution(struct listing *l, const struct rejunit_case *c,
    const struct rejunit_execution *x)
{
	struct rj_json *j = &l->json;

	rj_json_open(j, NULL, '{');
	rj_json_number(j, "run", c->run);
	rj_json_string(j, "outcome", rj_str(rejunit_verdict_name(x->outcome)));
	if (l->all) {
		rj_json_string(j, "report", rj_str(c->report));
		rj_json_number(j, "line", c->at_line);
	}
	rj_json_string(j, "time", rj_text(x->time));
	rj_json_string(j, "type", rj_text(x->type));
	rj_json_string(j, "message", rj_text(x->message));
	rj_json_string(j, "signature", rj_text(x->signature));
	rj_json_close(j, '}');
}

static void
put_executions(struct listing *l, size_t decision)
{
	struct rj_out *out = &l->list->out;
	struct rejunit_execution x;
	struct rejunit_case c;

	rj_json_open(&l->json, "executions", '[');
	for (size_t k = 0; !out->status && rejunit_update_case(l->list->update,
					       decision, k, &c);
	     k++)
		for (size_t step = 0; !out->status;) {
			rj_out_fail(
			    out, rejunit_case_next(&c, &step, &x, out->err));
			if (out->status || x.outcome == REJUNIT_ABSENT)
				break;
			put_execution(l, &c, &x);
		}
	rj_json_close(&l->json, ']');
}

static void
put_suite_path(struct rj_json *j, struct rejunit_string path)
{
	rj_json_open(j, "suite_path", '[');
	for (size_t at = 0; at < path.n;) {
		struct rj_str name = rj_str(path.s + at);

		rj_json_string(j, NULL, name);
		at += name.n + 1;
	}
	rj_json_close(j, ']');
}

static void
put_assumptions(struct rj_json *j, unsigned int assumed)
{
	if (!assumed)
		return;
	rj_json_open(j, "assumed", '[');
	for (unsigned int bit = 1; bit <= assumed; bit <<= 1)
		if (assumed & bit)
			rj_json_string(j, NULL,
			    rj_str(rejunit_assumption_name(
				(enum rejunit_assumption)bit)));
	rj_json_close(j, ']');
}

static void
put_decision(struct listing *l, size_t i, const struct rejunit_decision *d)
{
	struct rj_json *j = &l->json;
	struct rejunit_case c;

	if (!rejunit_update_test(l->list->update, i, &c))
		return;
	rj_json_open(j, NULL, '{');
	rj_json_string(j, "id", rj_list_line(l->list, rejunit_case_id(&c)));
	rj_json_string(j, "classname", rj_text(c.classname));
	rj_json_string(j, "name", rj_text(c.name));
	rj_json_string(j, "file", rj_text(c.file));
	rj_json_string(j, "suite", rj_text(c.suite));
	put_suite_path(j, c.suite_path);
	rj_json_string(j, "hostname", rj_text(c.hostname));
	rj_json_string(j, "line", rj_text(c.line));
	rj_json_string(j, "report", rj_str(c.report_name));
	if (l->all) {
		rj_json_string(j, "before",
		    rj_str(rejunit_verdict_name(rejunit_decision_before(d))));
		rj_json_string(j, "after",
		    rj_str(rejunit_verdict_name(rejunit_decision_after(d))));
		rj_json_string(j, "reason",
		    rj_str(rejunit_reason_name(rejunit_decision_reason(d))));
		if (rejunit_decision_excused(d))
			rj_json_bool(j, "excused", true);
	}
	put_assumptions(j, rejunit_decision_assumed(d));
	if (rj_list_is_flaky(d))
		rj_json_string(j, "direction",
		    rj_str(rejunit_flaky_name(rejunit_decision_flaky(d))));
	put_executions(l, i);
	rj_json_close(j, '}');
}

void
rj_list_json(struct rj_list *list, bool all)
{
	struct listing l = { list, { .out = &list->out }, all };
	const struct rejunit_decision *d;

	rj_json_open(&l.json, NULL, '{');
	rj_json_number(&l.json, "version", 1);
	put_assumptions(&l.json, rejunit_update_assumed(list->update));
	rj_json_open(&l.json, all ? "decisions" : "flaky", '[');
	for (size_t i = 0; !list->out.status && (d = rejunit_update_decision(
						     list->update, i)) != NULL;
	     i++)
		if (all || rj_list_is_flaky(d))
			put_decision(&l, i, d);
	rj_json_close(&l.json, ']');
	rj_json_close(&l.json, '}');
}
