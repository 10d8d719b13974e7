#include "flakes.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "tag.h"

/* A list on its way out. */
struct list {
	const struct rj_flakes *of;
	struct rj_out out;
	struct rj_json json;
	struct rj_buf tag; /* scratch */
	struct rj_buf value;
	bool places; /* say where in its report each execution stands */
};

static void
no_memory(struct list *l)
{
	rj_out_fail(&l->out, rj_fail_memory(l->out.err));
}

/* Reads a start tag of a report into l->tag. */
static bool
read_tag(struct list *l, unsigned int report, uint64_t at, uint64_t end)
{
	enum rejunit_status status;

	l->tag.n = 0;
	if (!rj_buf_reserve(&l->tag, (size_t)(end - at))) {
		no_memory(l);
		return false;
	}
	status = rj_source_read(&l->of->reports[report].src, at, l->tag.s,
	    (size_t)(end - at), l->out.err);
	rj_out_fail(&l->out, status);
	l->tag.n = status ? 0 : (size_t)(end - at);
	return !status;
}

/* A member from an attribute of the tag in l->tag, if it has it. */
static void
put_attribute(struct list *l, const char *name)
{
	struct rj_tag_attr a;

	if (!rj_tag_find(rj_buf_str(&l->tag), rj_str(name), &a))
		return;
	l->value.n = 0;
	if (!rj_buf_reserve(&l->value, 1) ||
	    !rj_unescape_value(&l->value, a.value))
		no_memory(l);
	else
		rj_json_string(&l->json, name, rj_buf_str(&l->value));
}

static void
put_execution(struct list *l, const struct rj_case *c,
    const struct rj_child *child, enum rejunit_verdict outcome)
{
	rj_json_open(&l->json, NULL, '{');
	rj_json_number(&l->json, "run", c->run);
	rj_json_string(
	    &l->json, "outcome", rj_str(rejunit_verdict_name(outcome)));
	if (l->places) {
		rj_json_string(&l->json, "report",
		    rj_str(l->of->reports[c->report].src.name));
		rj_json_number(&l->json, "line", c->line_no);
	}
	if (read_tag(l, c->report, c->at, c->body))
		put_attribute(l, "time");
	if (child && read_tag(l, c->report, child->at, child->body)) {
		put_attribute(l, "type");
		put_attribute(l, "message");
	}
	rj_json_close(&l->json, '}');
}

static enum rejunit_verdict
verdict_of(enum rj_tag tag)
{
	switch (tag) {
	case RJ_FAILURE:
	case RJ_RERUN_FAILURE:
	case RJ_FLAKY_FAILURE:
		return REJUNIT_FAILED;
	case RJ_ERROR:
	case RJ_RERUN_ERROR:
	case RJ_FLAKY_ERROR:
		return REJUNIT_ERROR;
	default:
		return REJUNIT_SKIPPED;
	}
}

/*
 * One entry may speak of several executions: the first bad child is what it
 * came to, and what an earlier tool noted beside it were others.
 */
static void
put_executions(struct list *l, const struct rj_case *c)
{
	bool bad = rj_is_bad(c->outcome), told = false;

	for (unsigned int i = 0; i < c->children; i++) {
		const struct rj_child *child = &c->child[i];
		enum rejunit_verdict v = verdict_of(child->tag);

		switch (child->tag) {
		case RJ_FAILURE:
		case RJ_ERROR:
			if (bad && !told)
				put_execution(l, c, child, v);
			told = told || bad;
			break;
		case RJ_RERUN_FAILURE:
		case RJ_RERUN_ERROR:
		case RJ_FLAKY_FAILURE:
		case RJ_FLAKY_ERROR:
			put_execution(l, c, child, v);
			break;
		default:
			break;
		}
	}
	if (!told)
		put_execution(l, c, NULL, c->outcome);
}

static void
put_suite_path(struct list *l, struct rj_str path)
{
	rj_json_open(&l->json, "suite_path", '[');
	for (size_t at = 0; at < path.n;) {
		struct rj_str name = rj_str(path.s + at);

		rj_json_string(&l->json, NULL, name);
		at += name.n + 1;
	}
	rj_json_close(&l->json, ']');
}

static void
put_decision(struct list *l, const struct rejunit_decision *d)
{
	const struct rj_case *c = d->slot->base;
	struct rj_json *j = &l->json;

	rj_json_open(j, NULL, '{');
	l->value.n = 0;
	if (!rj_test_id(&l->value, c, l->of->rootdir))
		no_memory(l);
	rj_json_string(j, "id", rj_buf_str(&l->value));
	rj_json_string(j, "classname", c->classname);
	rj_json_string(j, "name", c->name);
	rj_json_string(j, "file", c->file);
	rj_json_string(j, "suite", c->suite->name);
	put_suite_path(l, c->suite->path);
	rj_json_string(j, "hostname", c->suite->hostname);
	if (l->places) {
		rj_json_string(
		    j, "before", rj_str(rejunit_verdict_name(d->before)));
		rj_json_string(
		    j, "after", rj_str(rejunit_verdict_name(d->after)));
		rj_json_string(
		    j, "reason", rj_str(rejunit_reason_name(d->reason)));
	}
	if (d->flaky)
		rj_json_string(
		    j, "direction", rj_str(rejunit_flaky_name(d->flaky)));
	rj_json_open(j, "executions", '[');
	for (const struct rj_sighting *s = d->sightings; s; s = s->next)
		put_executions(l, s->at);
	rj_json_close(j, ']');
	rj_json_close(j, '}');
}

static void
put_json(struct list *l, const char *key, bool all)
{
	const struct rj_plan *plan = l->of->plan;

	l->json = (struct rj_json){ .out = &l->out };
	rj_json_open(&l->json, NULL, '{');
	rj_json_number(&l->json, "version", 1);
	rj_json_open(&l->json, key, '[');
	for (size_t i = 0; i < plan->n_decisions && !l->out.status; i++)
		if (all || plan->decisions[i]->flaky)
			put_decision(l, plan->decisions[i]);
	rj_json_close(&l->json, ']');
	rj_json_close(&l->json, '}');
}

static void
put_text(struct list *l)
{
	const struct rj_plan *plan = l->of->plan;

	for (size_t i = 0; i < plan->n_decisions && !l->out.status; i++) {
		const struct rejunit_decision *d = plan->decisions[i];

		if (!d->flaky)
			continue;
		l->value.n = 0;
		if (!rj_test_id(&l->value, d->slot->base, l->of->rootdir) ||
		    !rj_buf_add(&l->value, RJ_STR("\n")))
			no_memory(l);
		rj_out_text(&l->out, rj_buf_str(&l->value));
	}
}

static enum rejunit_status
finish(struct list *l)
{
	enum rejunit_status status = rj_out_flush(&l->out);

	rj_out_close(&l->out);
	rj_buf_free(&l->tag);
	rj_buf_free(&l->value);
	return status;
}

enum rejunit_status
rj_flakes_write(const struct rj_flakes *f, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	struct list l = { .of = f };

	if (!rj_out_open(&l.out, NULL, write, ctx, err)) {
		if (format == REJUNIT_JSON)
			put_json(&l, "flaky", false);
		else
			put_text(&l);
	}
	return finish(&l);
}

enum rejunit_status
rj_decisions_write(const struct rj_flakes *f, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err)
{
	struct list l = { .of = f, .places = true };

	if (!rj_out_open(&l.out, NULL, write, ctx, err))
		put_json(&l, "decisions", true);
	return finish(&l);
}
