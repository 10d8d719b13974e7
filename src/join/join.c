#include "join/suites.h"

#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "join/attributes.h"
#include "model/identity.h"
#include "read/read.h"
#include "read/timing.h"

/* An open suite, and what it adds up to so far. */
struct level {
	int64_t sums[RJ_COUNTERS]; /* of the suites in it */
	struct rj_join_suite *piece;
};

struct reading {
	struct rj_join *join;
	struct rj_join_input *input;
	struct rejunit_error *err;
	struct rj_buf key;
	struct rj_votes votes;
	struct rj_timing timing;
	struct level level[RJ_MAX_DEPTH + 2];
	unsigned int depth; /* of the innermost open suite */
	unsigned int at; /* of the innermost open element */
	bool foreign;
};

/* --- reading ------------------------------------------------------------- */

static enum rejunit_status
on_element(void *ctx, const struct rj_element *e, struct rejunit_error *err)
{
	struct reading *r = ctx;
	struct rj_join_suite *p = r->level[r->depth].piece;

	(void)err;
	r->at = e->depth;
	rj_timing_element(&r->timing, e);
	if (e->depth == r->depth + 1 && p && !p->properties.at &&
	    strcmp(e->name, "properties") == 0)
		p->properties.at = e->at;
	return REJUNIT_OK;
}

static enum rejunit_status
on_element_end(void *ctx, struct rj_span span, struct rejunit_error *err)
{
	struct reading *r = ctx;
	struct rj_join_suite *p = r->level[r->depth].piece;

	(void)err;
	if (r->at-- == r->depth + 1 && p && p->properties.at &&
	    !p->properties.end)
		p->properties.end = span.end;
	return REJUNIT_OK;
}

static enum rejunit_status
on_open(void *ctx, struct rj_suite *s)
{
	struct reading *r = ctx;
	struct rj_join_suite *up = r->level[r->depth].piece, *p = NULL;

	rj_timing_open(&r->timing);
	if (!s->up)
		r->input->root = s;
	if (!s->up || r->join->suites)
		s->keep = true;
	if (r->join->suites) {
		p = rj_alloc(r->join->arena, sizeof(*p));
		if (!p)
			return rj_fail_memory(r->err);
		p->suite = s;
		p->tail = &p->first;
		p->also_tail = &p->also;
		if (up) {
			*up->tail = p;
			up->tail = &p->next;
		} else {
			r->input->piece = p;
		}
	}
	r->level[++r->depth] = (struct level){ .piece = p };
	return REJUNIT_OK;
}

/* A counter that leaves out the suites below, as the number of tests shows. */
static bool
is_direct(const struct rj_suite *s)
{
	return s->all.cases > s->own.cases && s->said[RJ_TESTS] == s->own.cases;
}

static enum rejunit_status
on_close(void *ctx, struct rj_suite *s)
{
	struct reading *r = ctx;
	struct level *l = &r->level[r->depth--], *up = l - 1;
	int64_t time;
	bool says;

	rj_votes_add(&r->votes, s);
	for (int i = 0; i < RJ_COUNTERS; i++) {
		if (s->said[i] < 0)
			up->sums[i] += rj_absent_count(s, i) + l->sums[i];
		else
			up->sums[i] +=
			    s->said[i] + (is_direct(s) ? l->sums[i] : 0);
	}
	says = r->timing.level[r->timing.depth].says;
	time = rj_timing_close(&r->timing);
	if (l->piece) {
		l->piece->time = time;
		l->piece->says_time = says;
	}
	return REJUNIT_OK;
}

static enum rejunit_status
on_test(void *ctx, const struct rj_case *c)
{
	struct reading *r = ctx;
	struct rj_join *j = r->join;
	struct rj_hashes_place at = { (uint32_t)j->n, (uint32_t)c->line_no },
			       first;

	if (rj_is_nameless(c)) {
		j->nameless++;
		return REJUNIT_OK;
	}
	r->key.n = 0;
	if (!rj_key(
		&r->key, c, REJUNIT_CLASSNAME | REJUNIT_NAME | REJUNIT_FILE) ||
	    !rj_hashes_note(&j->seen, rj_buf_str(&r->key), at, &first))
		return rj_fail_memory(r->err);
	if (first.where == at.where)
		return REJUNIT_OK;
	if (j->duplicates++ == 0 &&
	    !rj_warn(&j->warnings,
		"%s:%u: \"%.*s\" is in %s:%lu, too; both are kept",
		r->input->src.name, c->line_no, RJ_SHOWN(c->name),
		j->inputs[first.where].src.name, (unsigned long)first.line))
		return rj_fail_memory(r->err);
	return REJUNIT_OK;
}

/* --- one input ------------------------------------------------------------ */

static enum rejunit_status
take(struct rj_join *j, struct reading *r, struct rejunit_error *err)
{
	const struct rj_suite *root = r->input->root;
	const struct rj_tally *t = &root->all;

	for (int i = 0; i < RJ_COUNTERS; i++)
		j->counters[i] += r->level[0].sums[i];
	rj_duration_add(&j->time, r->timing.level[0].below);
	j->cases += (size_t)t->cases;
	j->bad += (size_t)t->bad_cases;
	j->loose += (size_t)(t->loose_failures + t->loose_errors +
			     t->cannot_run + rj_unexplained(&r->votes));
	j->n++;
	if (!rj_warn_repaired(&j->warnings, &r->input->src))
		return rj_fail_memory(err);
	return root->tag == RJ_TESTSUITES ? rj_join_read_root(j, r->input, err)
					  : REJUNIT_OK;
}

enum rejunit_status
rj_join_add(struct rj_join *j, const struct rejunit_input *in, bool repair,
    bool *foreign, struct rejunit_error *err)
{
	static const struct rj_xml_handler watch = {
		.start = on_element,
		.end = on_element_end,
	};
	void *p = rj_grown(j->inputs, j->n, &j->room, sizeof(*j->inputs));
	struct reading *r;
	enum rejunit_status status;

	*foreign = false;
	if (!p)
		return rj_fail_memory(err);
	j->inputs = p;
	r = calloc(1, sizeof(*r));
	if (!r)
		return rj_fail_memory(err);
	r->join = j;
	r->input = &j->inputs[j->n];
	r->err = err;
	*r->input = (struct rj_join_input){ 0 };
	status = rj_source_open_in(
	    &r->input->src, &j->pool, j->arena, in, repair, err);
	if (!status)
		status = rj_read(&r->input->src, 0, (unsigned int)j->n,
		    &(struct rj_reader){
			.open = on_open,
			.close = on_close,
			.test = on_test,
			.ctx = r,
			.foreign = &r->foreign,
			.watch = &watch,
		    },
		    j->arena, err);
	*foreign = r->foreign;
	if (!status)
		status = take(j, r, err);
	else
		rj_source_close(&r->input->src);
	rj_buf_free(&r->key);
	free(r);
	return status;
}

void
rj_join_free(struct rj_join *j)
{
	for (size_t i = 0; i < j->n; i++)
		rj_source_close(&j->inputs[i].src);
	rj_pool_close(&j->pool);
	free(j->inputs);
	rj_hashes_free(&j->seen);
	j->inputs = NULL;
	j->n = 0;
}

/* --- what the inputs have in common -------------------------------------- */

enum rejunit_status
rj_join_settle(struct rj_join *j, struct rejunit_error *err)
{
	enum rejunit_status status = rj_join_settle_attributes(j, err);

	if (!status && j->duplicates > 1 &&
	    !rj_warn(&j->warnings,
		"tests that stand in more than one report: %zu", j->duplicates))
		status = rj_fail_memory(err);
	if (!status && j->suites)
		status = rj_join_suites(j, err);
	return status;
}
