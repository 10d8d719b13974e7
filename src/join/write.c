#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "join/attributes.h"
#include "join/suites.h"
#include "model/markup.h"
#include "out/out.h"

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
			rj_add_number(&sum, a.value);
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

	if (rj_is_extra_number(name))
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
