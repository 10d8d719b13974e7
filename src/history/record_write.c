/* Run records on their way out. */
#include "base/duration.h"
#include "history/clock.h"
#include "history/record.h"
#include "out/csv.h"
#include "out/json.h"

/* Nothing stands where there is nothing to say. */
static void
put_text(struct rj_json *j, const char *key, struct rj_str s)
{
	if (s.n)
		rj_json_string(j, key, s);
}

static void
put_value(struct rj_json *j, const char *key, struct rj_str json)
{
	/* more than a pair of brackets */
	if (json.n > 2)
		rj_json_value(j, key, json);
}

static void
put_execution(struct rj_json *j, const struct rj_record_execution *x)
{
	rj_json_open(j, NULL, '{');
	rj_json_number(j, "attempt", x->attempt);
	rj_json_string(j, "outcome", rj_str(rejunit_verdict_name(x->outcome)));
	if (x->time >= 0)
		rj_json_decimal(j, "time", (double)x->time / 1e9);
	if (x->position >= 0)
		rj_json_number(j, "position", (unsigned long)x->position);
	put_text(j, "type", x->type);
	put_text(j, "message", x->message);
	put_text(j, "trace", x->trace);
	put_text(j, "signature", x->signature);
	put_value(j, "facts", x->facts);
	rj_json_close(j, '}');
}

static void
put_test(struct rj_json *j, const struct rj_record_test *t)
{
	rj_json_open(j, NULL, '{');
	put_text(j, "classname", t->classname);
	put_text(j, "name", t->name);
	put_text(j, "told", t->told);
	put_text(j, "file", t->file);
	put_text(j, "id", t->id);
	put_value(j, "suite_path", t->suite_path);
	rj_json_open(j, "executions", '[');
	for (size_t i = 0; i < t->n; i++)
		put_execution(j, &t->executions[i]);
	rj_json_close(j, ']');
	rj_json_close(j, '}');
}

void
rj_record_write(struct rj_out *out, const struct rj_record *r)
{
	struct rj_json j = { .out = out, .on_one_line = true };
	char at[40];

	rj_clock_write(r->at, at);
	rj_json_open(&j, NULL, '{');
	rj_json_number(&j, "version", 1);
	rj_json_string(&j, "run", r->run);
	rj_json_string(&j, "kind", r->kind);
	rj_json_string(&j, "at", rj_str(at));
	if (r->zoneless)
		rj_json_bool(&j, "zoneless", true);
	put_text(&j, "commit", r->commit);
	put_text(&j, "branch", r->branch);
	put_text(&j, "job", r->job);
	put_text(&j, "host", r->host);
	put_text(&j, "url", r->url);
	put_value(&j, "facts", r->facts);
	if (r->n_digests) {
		rj_json_open(&j, "digests", '[');
		for (size_t i = 0; i < r->n_digests; i++)
			rj_json_string(&j, NULL, r->digests[i]);
		rj_json_close(&j, ']');
	}
	rj_json_open(&j, "tests", '[');
	for (size_t i = 0; i < r->n && !out->status; i++)
		put_test(&j, &r->tests[i]);
	rj_json_close(&j, ']');
	rj_json_close(&j, '}');
}

void
rj_record_write_columns(struct rj_out *out)
{
	rj_out_text(out, RJ_STR("run,kind,at,commit,branch,job,host,url,"
				"classname,name,told,file,attempt,outcome,"
				"seconds,position,type,message,signature\r\n"));
}

static void
put_number(struct rj_out *out, double value, int digits, bool known)
{
	char text[64] = "";

	if (known)
		rj_decimal(value, digits, text);
	rj_out_text(out, rj_str(text));
	rj_out_text(out, RJ_STR(","));
}

void
rj_record_write_rows(struct rj_out *out, const struct rj_record *r)
{
	char at[40];

	rj_clock_write(r->at, at);
	for (size_t i = 0; i < r->n && !out->status; i++) {
		const struct rj_record_test *t = &r->tests[i];

		for (size_t k = 0; k < t->n; k++) {
			const struct rj_record_execution *x = &t->executions[k];
			const struct rj_str before[] = { r->run, r->kind,
				rj_str(at), r->commit, r->branch, r->job,
				r->host, r->url, t->classname, t->name, t->told,
				t->file };

			for (size_t c = 0; c < sizeof(before) / sizeof(*before);
			     c++)
				rj_csv_cell(out, before[c], ",");
			put_number(out, x->attempt, 0, true);
			rj_csv_cell(
			    out, rj_str(rejunit_verdict_name(x->outcome)), ",");
			put_number(out, (double)x->time / 1e9, 6, x->time >= 0);
			put_number(
			    out, (double)x->position, 0, x->position >= 0);
			rj_csv_cell(out, x->type, ",");
			rj_csv_cell(out, x->message, ",");
			rj_csv_cell(out, x->signature, "\r\n");
		}
	}
}
