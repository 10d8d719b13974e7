#include "list/list.h"

#include "list/lines.h"

void
rj_list_put(struct rj_list *l, const char *s)
{
	rj_out_text(&l->out, rj_str(s));
}

struct rj_str
rj_list_line(struct rj_list *l, const char *line)
{
	if (!line)
		rj_out_fail(&l->out, rj_fail_memory(l->out.err));
	return rj_str(line ? line : "");
}

bool
rj_list_is_failing(const struct rejunit_decision *d)
{
	return rejunit_is_bad(rejunit_decision_after(d));
}

bool
rj_list_is_flaky(const struct rejunit_decision *d)
{
	return rejunit_decision_flaky(d) != REJUNIT_NOT_FLAKY;
}

bool
rj_list_failure(
    struct rj_list *l, size_t decision, struct rejunit_execution *out)
{
	struct rejunit_case c;

	for (size_t k = 0; rejunit_update_case(l->update, decision, k, &c);
	     k++) {
		size_t step = 0;

		do {
			rj_out_fail(&l->out,
			    rejunit_case_next(&c, &step, out, l->out.err));
			if (l->out.status)
				return false;
			if (rejunit_is_bad(out->outcome))
				return true;
		} while (out->outcome != REJUNIT_ABSENT);
	}
	return false;
}

/* Ids, a line each, as a runner takes them back. */
static void
put_ids(struct rj_list *l)
{
	const struct rejunit_decision *d;
	struct rejunit_case c;
	bool runnable;

	for (size_t i = 0; !l->out.status &&
			   (d = rejunit_update_decision(l->update, i)) != NULL;
	     i++) {
		if (!rj_list_is_flaky(d) ||
		    !rejunit_update_test(l->update, i, &c))
			continue;
		rj_out_fail(&l->out,
		    rejunit_case_is_runnable(&c, &runnable, l->out.err));
		if (l->out.status || !runnable)
			continue;
		rj_out_text(&l->out, rj_list_line(l, rejunit_case_id(&c)));
		rj_list_put(l, "\n");
	}
}

static void
put_flakes(struct rj_list *l, enum rejunit_format format)
{
	switch (format) {
	case REJUNIT_JSON:
		rj_list_json(l, false);
		break;
	case REJUNIT_CSV:
		rj_list_csv(l);
		break;
	case REJUNIT_MARKDOWN:
		rj_list_markdown(l);
		break;
	case REJUNIT_GITHUB:
		rj_list_annotations(l);
		break;
	default:
		put_ids(l);
		break;
	}
}

static enum rejunit_status
finish(struct rj_list *l)
{
	enum rejunit_status status = rj_out_flush(&l->out);

	rj_out_close(&l->out);
	return status;
}

enum rejunit_status
rj_list_flakes(struct rejunit_update *u, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	struct rj_list l = { .update = u };

	if (!rj_out_open(&l.out, NULL, write, ctx, err))
		put_flakes(&l, format);
	return finish(&l);
}

enum rejunit_status
rj_list_decisions(struct rejunit_update *u, rejunit_write_fn *write, void *ctx,
    struct rejunit_error *err)
{
	struct rj_list l = { .update = u };

	if (!rj_out_open(&l.out, NULL, write, ctx, err))
		rj_list_json(&l, true);
	return finish(&l);
}
