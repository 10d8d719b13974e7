#include "join/suites.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "model/identity.h"
#include "model/markup.h"
#include "out/out.h"
#include "read/reader.h"
#include "read/timing.h"

/* An attribute that some <testsuites> have. */
struct rj_root_attr {
	struct rj_root_attr *next;
	struct rj_str name;
	struct rj_str value; /* as written */
	size_t n; /* how many roots have it */
	int64_t sum; /* of their values; -1: one is no number */
	char quote;
	bool differs; /* not all that have it agree */
};

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

/* --- the roots' attributes ----------------------------------------------- */

static bool
is_summed(struct rj_str name)
{
	return rj_counter_named(name) >= 0 || rj_str_eq(name, RJ_STR("time"));
}

/* Numbers that some producers have besides, and that add up, too. */
static bool
is_extra(struct rj_str name)
{
	return rj_str_eq(name, RJ_STR("assertions")) ||
	       rj_str_eq(name, RJ_STR("warnings"));
}

static void
add_number(int64_t *sum, struct rj_str value)
{
	int64_t n = rj_str_number(value);

	*sum = *sum < 0 || n < 0 ? -1 : *sum + n;
}

static bool
add_root_attr(struct rj_join *j, const struct rj_tag_attr *a)
{
	struct rj_root_attr **at = &j->attrs, *one;

	while (*at && !rj_str_eq((*at)->name, a->name))
		at = &(*at)->next;
	one = *at;
	if (one) {
		one->n++;
		add_number(&one->sum, a->value);
		one->differs = one->differs || !rj_str_eq(one->value, a->value);
		/* the earliest start is the whole's */
		if (rj_str_eq(a->name, RJ_STR("timestamp")) &&
		    one->value.n == a->value.n && a->value.n &&
		    memcmp(a->value.s, one->value.s, a->value.n) < 0)
			return rj_alloc_str(j->arena, a->value, &one->value);
		return true;
	}
	one = *at = rj_alloc(j->arena, sizeof(*one));
	if (!one)
		return false;
	one->n = 1;
	add_number(&one->sum, a->value);
	one->quote = a->quote;
	return rj_alloc_str(j->arena, a->name, &one->name) &&
	       rj_alloc_str(j->arena, a->value, &one->value);
}

static enum rejunit_status
read_root(struct rj_join *j, const struct rj_join_input *in,
    struct rejunit_error *err)
{
	struct rj_buf tag = { 0 };
	struct rj_tag_attr a;
	size_t pos = 0;
	enum rejunit_status status =
	    rj_source_read_span(&in->src, in->root->start, &tag, err);

	while (!status && rj_tag_next(rj_buf_str(&tag), &pos, &a))
		if (!is_summed(a.name) && !add_root_attr(j, &a))
			status = rj_fail_memory(err);
	rj_buf_free(&tag);
	for (int i = 0; i < RJ_COUNTERS; i++)
		j->says[i] = j->says[i] || in->root->said[i] >= 0;
	return status;
}

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
	return root->tag == RJ_TESTSUITES ? read_root(j, r->input, err)
					  : REJUNIT_OK;
}

enum rejunit_status
rj_join_add(struct rj_join *j, const char *path, bool repair, bool *foreign,
    struct rejunit_error *err)
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
	    &r->input->src, &j->pool, j->arena, path, repair, err);
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

static enum rejunit_status
settle_attribute(
    struct rj_join *j, struct rj_root_attr *a, struct rejunit_error *err)
{
	bool binds = rj_str_starts(a->name, RJ_STR("xmlns:"));
	bool is_default = rj_str_eq(a->name, RJ_STR("xmlns"));

	if ((is_default && a->n < j->n) ||
	    ((binds || is_default) && a->differs))
		return rj_fail_at(err, REJUNIT_INPUT, j->inputs[0].src.name, 0,
		    0, "and the others mean different things by %.*s",
		    (int)a->name.n, a->name.s);
	if (is_extra(a->name) && a->n == j->n && a->sum >= 0) {
		char text[32];

		snprintf(text, sizeof(text), "%" PRId64, a->sum);
		a->differs = false;
		return rj_alloc_str(j->arena, rj_str(text), &a->value)
			   ? REJUNIT_OK
			   : rj_fail_memory(err);
	}
	/* of what only some count, there is no sum */
	a->differs = a->differs || (is_extra(a->name) && a->n < j->n);
	if (!a->differs || rj_str_eq(a->name, RJ_STR("timestamp")))
		return REJUNIT_OK;
	if (!rj_warn(&j->warnings,
		"the roots differ in their attribute \"%.*s\", which is left "
		"out",
		(int)a->name.n, a->name.s))
		return rj_fail_memory(err);
	return REJUNIT_OK;
}

enum rejunit_status
rj_join_settle(struct rj_join *j, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;

	for (struct rj_root_attr *a = j->attrs; a && !status; a = a->next)
		status = settle_attribute(j, a, err);
	if (!status && j->duplicates > 1 &&
	    !rj_warn(&j->warnings,
		"tests that stand in more than one report: %zu", j->duplicates))
		status = rj_fail_memory(err);
	if (!status && j->suites)
		status = rj_join_suites(j, err);
	return status;
}

/* --- writing ------------------------------------------------------------- */

struct writing {
	const struct rj_join *join;
	struct rj_out out;
	struct rj_buf tag;
};

static void
put(struct writing *w, const char *s)
{
	rj_out_text(&w->out, rj_str(s));
}

static const char *const counter_names[RJ_COUNTERS] = { "tests", "failures",
	"errors", "skipped", "disabled" };

static void
put_root_tag(struct writing *w)
{
	const struct rj_join *j = w->join;
	const struct rj_root_attr *a;
	char text[32];

	put(w, "<testsuites");
	for (a = j->attrs; a; a = a->next)
		if (rj_str_eq(a->name, RJ_STR("name")) && !a->differs)
			rj_out_attribute(&w->out, a->name, a->value, a->quote);
	for (int i = 0; i < RJ_COUNTERS; i++) {
		if (i > RJ_ERRORS && !j->says[i])
			continue;
		snprintf(text, sizeof(text), "%" PRId64, j->counters[i]);
		rj_out_attribute(
		    &w->out, rj_str(counter_names[i]), rj_str(text), '"');
	}
	rj_duration_write(j->time, text);
	rj_out_attribute(&w->out, RJ_STR("time"), rj_str(text), '"');
	for (a = j->attrs; a; a = a->next)
		if (!rj_str_eq(a->name, RJ_STR("name")) &&
		    (!a->differs || rj_str_eq(a->name, RJ_STR("timestamp"))))
			rj_out_attribute(&w->out, a->name, a->value, a->quote);
	put(w, ">");
}

static const struct rj_source *
source_of(const struct writing *w, const struct rj_suite *s)
{
	return &w->join->inputs[s->report].src;
}

/* Where the white space begins that ends at an offset. */
static uint64_t
before_blank(struct writing *w, const struct rj_suite *s, uint64_t at)
{
	struct rj_str blank = { NULL, 0 };

	if (!w->out.status)
		rj_out_fail(&w->out,
		    rj_source_blank_before(source_of(w, s), w->out.ahead,
			(struct rj_span){ s->start.end, at }, &blank,
			w->out.err));
	return at - blank.n;
}

static void
copy(struct writing *w, const struct rj_suite *s, uint64_t at, uint64_t end)
{
	rj_out_copy(&w->out, source_of(w, s), at, end);
}

static void put_joined(struct writing *w, const struct rj_join_suite *p);

/* A suite's content; of it are left out what another piece takes in. */
static void
put_content(struct writing *w, const struct rj_join_suite *p, bool properties)
{
	const struct rj_suite *s = p->suite;
	uint64_t pos = s->start.end;
	uint64_t end = s->empty ? pos : before_blank(w, s, s->body_end);
	bool pending = !properties && p->properties.end;

	for (const struct rj_join_suite *c = p->first;; c = c->next) {
		uint64_t next = c ? c->suite->start.at : end;

		if (pending && p->properties.at < next) {
			copy(w, s, pos, before_blank(w, s, p->properties.at));
			pos = p->properties.end;
			pending = false;
		}
		if (!c)
			break;
		if (c->head == c) {
			copy(w, s, pos, next);
			put_joined(w, c);
		} else {
			copy(w, s, pos, before_blank(w, s, next));
		}
		pos = c->suite->end;
	}
	copy(w, s, pos, end);
}

/* A counter of all pieces; -1 where none says it. */
static int64_t
sum_counter(const struct rj_join_suite *p, int counter)
{
	bool said = false;
	int64_t sum = 0;

	for (const struct rj_join_suite *q = p; q; q = q->also) {
		int64_t n = q->suite->said[counter];

		said = said || n >= 0;
		sum += n < 0 ? rj_absent_count(q->suite, counter) : n;
	}
	return said ? sum : -1;
}

/* The time of all pieces; false where none says it. */
static bool
sum_time(const struct rj_join_suite *p, char out[32])
{
	bool said = false;
	int64_t sum = 0;

	for (const struct rj_join_suite *q = p; q; q = q->also) {
		said = said || q->says_time;
		rj_duration_add(&sum, q->time);
	}
	rj_duration_write(sum, out);
	return said;
}

/* Numbers of other kinds, of the pieces that have them. */
static bool
sum_extra(struct writing *w, const struct rj_join_suite *p, struct rj_str name,
    char out[32])
{
	struct rj_buf tag = { 0 };
	struct rj_tag_attr a;
	int64_t sum = 0;

	for (const struct rj_join_suite *q = p; q && !w->out.status;
	     q = q->also) {
		rj_out_fail(&w->out, rj_source_read_span(source_of(w, q->suite),
					 q->suite->start, &tag, w->out.err));
		if (!w->out.status && rj_tag_find(rj_buf_str(&tag), name, &a))
			add_number(&sum, a.value);
	}
	rj_buf_free(&tag);
	snprintf(out, 32, "%" PRId64, sum);
	return sum >= 0;
}

/* What the pieces of a suite say in one attribute, together. */
static bool
sum_attribute(struct writing *w, const struct rj_join_suite *p,
    struct rj_str name, char out[32])
{
	int counter = rj_counter_named(name);

	if (is_extra(name))
		return sum_extra(w, p, name, out);
	if (rj_str_eq(name, RJ_STR("time")))
		return p->says_time && sum_time(p, out);
	if (counter < 0 || p->suite->said[counter] < 0)
		return false;
	snprintf(out, 32, "%" PRId64, sum_counter(p, counter));
	return true;
}

/* What the first piece does not say, and another one does. */
static void
put_missing(struct writing *w, const struct rj_join_suite *p)
{
	char text[32];

	for (int i = 0; i < RJ_COUNTERS; i++) {
		int64_t sum = sum_counter(p, i);

		if (p->suite->said[i] >= 0 || sum < 0)
			continue;
		snprintf(text, sizeof(text), "%" PRId64, sum);
		rj_out_attribute(
		    &w->out, rj_str(counter_names[i]), rj_str(text), '"');
	}
	if (!p->says_time && sum_time(p, text))
		rj_out_attribute(&w->out, RJ_STR("time"), rj_str(text), '"');
}

static void
put_joined_tag(struct writing *w, const struct rj_join_suite *p)
{
	const struct rj_suite *s = p->suite;
	struct rj_tag_attr a;
	size_t pos = 0, done = 0;
	char text[32];
	struct rj_str tag;

	rj_out_fail(&w->out, rj_source_read_span(source_of(w, s), s->start,
				 &w->tag, w->out.err));
	if (w->out.status)
		return;
	tag = rj_buf_str(&w->tag);
	while (rj_tag_next(tag, &pos, &a)) {
		size_t value = (size_t)(a.value.s - tag.s);

		if (!sum_attribute(w, p, a.name, text))
			continue;
		rj_out_text(
		    &w->out, (struct rj_str){ tag.s + done, value - done });
		put(w, text);
		done = a.end - 1;
	}
	tag.n -= s->empty ? 2 : 1;
	while (tag.n > done && rj_is_blank(tag.s[tag.n - 1]))
		tag.n--;
	rj_out_text(&w->out, rj_str_from(tag, done));
	put_missing(w, p);
	put(w, ">");
}

/* Writes a suite with all that is joined to it. */
static void
put_joined(struct writing *w, const struct rj_join_suite *p)
{
	const struct rj_suite *s = p->suite;

	if (p->also)
		put_joined_tag(w, p);
	else
		copy(w, s, s->start.at, s->start.end);
	put_content(w, p, true);
	for (const struct rj_join_suite *q = p->also; q; q = q->also)
		put_content(w, q, false);
	if (!s->empty) {
		copy(w, s, before_blank(w, s, s->body_end), s->end);
	} else if (p->also) {
		rj_out_fail(&w->out, rj_source_read_span(source_of(w, s),
					 s->start, &w->tag, w->out.err));
		put(w, "</");
		rj_out_text(&w->out, rj_tag_name(rj_buf_str(&w->tag)));
		put(w, ">");
	}
}

/* Content that begins on the line of its tag gets a line of its own. */
static void
begin_line(struct writing *w, const struct rj_suite *root)
{
	char first = ' ';

	if (root->tag == RJ_TESTSUITES && root->body_end > root->start.end)
		rj_out_fail(
		    &w->out, rj_source_read(source_of(w, root), root->start.end,
				 &first, 1, w->out.err));
	if (root->tag == RJ_TESTSUITE || !strchr(" \t\r\n", first))
		put(w, "\n");
}

static void
put_input(struct writing *w, const struct rj_join_input *in)
{
	const struct rj_suite *root = in->root;
	const struct rj_join_suite *p = in->piece;

	if (root->tag == RJ_TESTSUITE) {
		if (p && p->head != p)
			return;
		begin_line(w, root);
		if (p)
			put_joined(w, p);
		else
			copy(w, root, root->start.at, root->end);
	} else if (!root->empty) {
		begin_line(w, root);
		if (p)
			put_content(w, p, true);
		else
			copy(w, root, root->start.end,
			    before_blank(w, root, root->body_end));
	}
}

enum rejunit_status
rj_join_write(const struct rj_join *j, rejunit_write_fn *write, void *ctx,
    struct rejunit_error *err)
{
	struct writing w = { .join = j };
	enum rejunit_status status = rj_out_open(&w.out, NULL, write, ctx, err);

	if (!status) {
		put(&w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
		put_root_tag(&w);
		for (size_t i = 0; i < j->n && !w.out.status; i++)
			put_input(&w, &j->inputs[i]);
		put(&w, "\n</testsuites>\n");
		status = rj_out_flush(&w.out);
	}
	rj_out_close(&w.out);
	rj_buf_free(&w.tag);
	return status;
}
