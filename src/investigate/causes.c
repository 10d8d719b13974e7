#include "investigate/telling.h"

#include <stdlib.h>

static enum rejunit_status
work(struct rj_telling *w, const struct rj_ranking *r, unsigned int test,
    bool others)
{
	struct rj_causes *f = w->f;
	const struct rj_past_test *t = &r->past.tests[test];
	enum rejunit_status status =
	    rj_evidence_load(&f->e, w->history, r, test, others);

	if (status)
		return status;
	f->target = (struct rj_target){ .id = f->e.id.n ? f->e.id : t->id,
		.classname = t->classname,
		.name = t->name,
		.is_known = f->e.id.n > 0 };
	w->no_memory = !rj_compare_all(&f->c, &f->e);
	if (w->no_memory)
		return REJUNIT_OK;
	f->units_bad = f->c.units.bad;
	w->no_memory = !rj_target_id(&w->text, &f->target);
	f->id = rj_keep_said(w);
	f->capture = rj_keep_command(w, rj_command_capture);
	rj_tell_comparisons(w);
	status = rj_tell_clues(w);
	if (!status && !w->no_memory)
		rj_conclude(w);
	return status;
}

enum rejunit_status
rj_causes_find(struct rj_causes *f, struct rj_history *h,
    const struct rj_ranking *r, unsigned int test, bool others)
{
	struct rj_telling w = { .f = f, .history = h };
	enum rejunit_status status;

	*f = (struct rj_causes){ .n = 0 };
	status = work(&w, r, test, others);
	rj_buf_free(&w.text);
	return !status && w.no_memory ? rj_fail_memory(h->db.err) : status;
}

void
rj_causes_free(struct rj_causes *f)
{
	free(f->cause);
	rj_comparing_free(&f->c);
	rj_evidence_free(&f->e);
	*f = (struct rj_causes){ .n = 0 };
}
