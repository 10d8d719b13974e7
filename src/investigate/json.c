/* An investigation, for programs. */
#include "out/json.h"
#include "base/duration.h"
#include "history/clock.h"
#include "investigate/investigate.h"

/* A number with as many digits as it needs, as JSON has it everywhere. */
static void
put_number(struct rj_json *j, const char *key, double value)
{
	char text[64];

	rj_digits(value, 6, text);
	rj_json_value(j, key, rj_str(text));
}

/* A sentence without the marks of its names. */
static void
put_sentence(
    struct rj_json *j, const char *key, struct rj_str s, struct rj_buf *scratch)
{
	scratch->n = 0;
	if (!rj_buf_add(scratch, s))
		rj_out_fail(j->out, rj_fail_memory(j->out->err));
	scratch->n = rj_unquote(scratch->s, scratch->n);
	rj_json_string(j, key, scratch->n ? rj_buf_str(scratch) : RJ_STR(""));
}

static void
put_time(struct rj_json *j, const char *key, int64_t at)
{
	char text[40];

	rj_clock_write(at, text);
	rj_json_string(j, key, rj_str(text));
}

static void
put_test(struct rj_json *j, const struct rj_investigation *i)
{
	const struct rj_causes *f = &i->causes;
	const struct rj_past_test *t = &i->ranking.past.tests[f->e.test];
	const struct rj_rank *r = f->e.rank;

	rj_json_open(j, "test", '{');
	rj_json_string(j, "id", f->id);
	rj_json_string(j, "classname", t->classname);
	rj_json_string(j, "name", t->name);
	if (t->told.n)
		rj_json_string(j, "told", t->told);
	if (r) {
		rj_json_string(
		    j, "state", rj_str(rejunit_state_name(r->state)));
		rj_json_number(j, "runs", r->runs);
		rj_json_number(j, "bad_runs", r->bad_runs);
		rj_json_decimal(j, "rate", r->rate);
		rj_json_decimal(j, "rate_low", r->rate_low);
		rj_json_decimal(j, "rate_high", r->rate_high);
		rj_json_number(j, "missing_passes", r->missing_passes);
	}
	rj_json_close(j, '}');
}

static void
put_cause(struct rj_json *j, const struct rj_cause *c, struct rj_buf *scratch)
{
	rj_json_open(j, NULL, '{');
	rj_json_string(j, "kind", rj_str(rj_kind_name(c->kind)));
	rj_json_string(j, "category", rj_str(rj_category_name(c->category)));
	rj_json_string(
	    j, "confidence", rj_str(rj_confidence_name(c->confidence)));
	put_sentence(j, "statement", c->statement, scratch);
	if (c->value.n)
		rj_json_string(j, "value", c->value);
	rj_json_open(j, "numbers", '{');
	for (size_t k = 0; k < c->numbers; k++)
		put_number(j, c->number[k].name, c->number[k].value);
	rj_json_close(j, '}');
	if (c->p >= 0) {
		put_number(j, "p", c->p);
		put_number(j, "p_adjusted", c->adjusted);
	} else {
		rj_json_value(j, "p", RJ_STR("null"));
	}
	put_sentence(j, "refuted_by", c->refuted_by, scratch);
	rj_json_string(j, "command", c->command);
	rj_json_close(j, '}');
}

static void
put_failures(struct rj_json *j, const struct rj_investigation *i)
{
	const struct rj_causes *f = &i->causes;

	rj_json_open(j, "failures", '[');
	for (size_t k = 0; k < f->e.n_said; k++) {
		const struct rj_said *s = &f->e.said[k];

		rj_json_open(j, NULL, '{');
		rj_json_string(j, "signature", s->signature);
		rj_json_number(j, "count", s->failures);
		put_time(j, "last", i->ranking.past.runs[s->run].at);
		rj_json_string(j, "run", i->ranking.past.runs[s->run].name);
		rj_json_string(j, "type", s->type);
		rj_json_string(j, "message", s->message);
		rj_json_string(j, "trace", s->trace);
		rj_json_close(j, '}');
	}
	rj_json_close(j, ']');
	rj_json_open(j, "frames", '[');
	for (size_t k = 0; k < f->frames; k++) {
		rj_json_open(j, NULL, '{');
		rj_json_string(j, "place", f->frame[k].place);
		rj_json_string(j, "function", f->frame[k].function);
		rj_json_number(j, "failures", f->frame[k].failures);
		rj_json_close(j, '}');
	}
	rj_json_close(j, ']');
}

static void
put_artifacts(struct rj_json *j, const struct rj_artifacts *a)
{
	rj_json_open(j, "artifacts", '[');
	for (size_t k = 0; k < a->n; k++) {
		rj_json_open(j, NULL, '{');
		rj_json_string(
		    j, "kind", rj_str(rj_artifact_kind_name(a->of[k].kind)));
		rj_json_string(j, "path", rj_str(a->of[k].path));
		rj_json_bool(j, "names_test", a->of[k].names_test);
		if (a->of[k].run.n)
			rj_json_string(j, "run", a->of[k].run);
		rj_json_close(j, '}');
	}
	rj_json_close(j, ']');
}

static void
put_hypothesis(struct rj_json *j, const struct rj_hypothesis *h)
{
	if (!h->command.s)
		return;
	rj_json_open(j, "hypothesis", '{');
	rj_json_string(j, "command", h->command);
	if (h->trouble.s)
		rj_json_string(j, "trouble", h->trouble);
	else
		rj_json_string(j, "answer", h->answer);
	rj_json_close(j, '}');
}

static void
put_texts(
    struct rj_json *j, const char *key, const struct rj_str *texts, size_t n)
{
	rj_json_open(j, key, '[');
	for (size_t k = 0; k < n; k++)
		if (texts[k].n)
			rj_json_string(j, NULL, texts[k]);
	rj_json_close(j, ']');
}

void
rj_investigation_json(struct rj_out *out, const struct rj_investigation *i)
{
	const struct rj_causes *f = &i->causes;
	struct rj_json j = { .out = out };
	struct rj_buf scratch = { 0 };

	rj_json_open(&j, NULL, '{');
	rj_json_number(&j, "version", 1);
	put_time(&j, "at", i->ranking.at);
	put_test(&j, i);
	rj_json_open(&j, "category", '{');
	rj_json_string(&j, "primary", rj_str(rj_category_name(f->primary)));
	if (f->secondary)
		rj_json_string(
		    &j, "secondary", rj_str(rj_category_name(f->secondary)));
	else
		rj_json_value(&j, "secondary", RJ_STR("null"));
	rj_json_string(
	    &j, "confidence", rj_str(rj_confidence_name(f->confidence)));
	rj_json_close(&j, '}');
	rj_json_number(&j, "comparisons", f->c.made);
	rj_json_open(&j, "findings", '[');
	for (size_t k = 0; k < f->n && !out->status; k++)
		put_cause(&j, &f->cause[k], &scratch);
	rj_json_close(&j, ']');
	put_texts(&j, "missing", f->missing, f->n_missing);
	put_failures(&j, i);
	rj_json_string(&j, "capture", f->capture);
	put_artifacts(&j, &i->artifacts);
	put_texts(&j, "next", f->next, 3);
	rj_json_string(&j, "fix", rj_str(rj_category_mend(f->primary)));
	put_hypothesis(&j, &i->hypothesis);
	rj_json_close(&j, '}');
	rj_buf_free(&scratch);
}
