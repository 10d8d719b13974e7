#include "write/writer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file/encoding.h"
#include "model/markup.h"
#include "out/out.h"

/* At one place, what ends comes before what begins. */
enum kind {
	SUITE_END,
	SUITE_TAG,
	CASE
};

/* A place in the report where something is to be written. */
struct point {
	uint64_t at;
	enum kind kind;
	const void *what;
};

struct writer {
	const struct rj_report *reports;
	const struct rj_report *home; /* the one that is written */
	enum rejunit_evidence evidence;
	struct rj_out out;
	struct rj_raw raw;
	uint64_t pos; /* how far its bytes are dealt with */
	struct rj_buf tag; /* scratch */
	struct rj_buf other;
};

static void
put(struct writer *w, const char *s)
{
	rj_out_text(&w->out, rj_str(s));
}

static bool
read_span(struct writer *w, unsigned int report, uint64_t at, uint64_t end,
    struct rj_buf *to)
{
	const struct rj_source *src = &w->reports[report].src;
	const struct rj_span span = { at, end };
	struct rj_str s;

	if (end - at > RJ_PIECE_MAX) {
		rj_out_fail(
		    &w->out, rj_source_read_span(src, span, to, w->out.err));
		return !w->out.status;
	}
	to->n = 0;
	rj_out_fail(
	    &w->out, rj_source_piece(src, w->out.ahead, span, &s, w->out.err));
	if (!w->out.status && !rj_buf_add(to, s))
		rj_out_fail(&w->out, rj_fail_memory(w->out.err));
	return !w->out.status;
}

/* Copies text of any run's report. */
static void
copy_text(struct writer *w, unsigned int report, uint64_t at, uint64_t end)
{
	rj_out_copy(&w->out, &w->reports[report].src, at, end);
}

/* Copies the report's own bytes, up to an offset. */
static void
copy_original(struct writer *w, uint64_t end)
{
	const struct rj_source *src = &w->home->src;
	uint64_t at;

	if (end <= w->pos || w->out.status)
		return;
	rj_out_fail(&w->out, rj_raw_seek(&w->raw, src, w->pos, w->out.err));
	at = w->raw.at;
	if (!w->out.status)
		rj_out_fail(
		    &w->out, rj_raw_seek(&w->raw, src, end, w->out.err));
	rj_out_copy_raw(&w->out, src, at, w->raw.at);
	w->pos = end;
}

/* The white space that ends at `at`, not before `from`; keep it in `space`. */
static struct rj_str
blank_before(struct writer *w, unsigned int report, uint64_t from, uint64_t at,
    char space[RJ_BLANK_MAX])
{
	struct rj_str blank = { NULL, 0 };

	if (!w->out.status)
		rj_out_fail(
		    &w->out, rj_source_blank_before(&w->reports[report].src,
				 w->out.ahead, (struct rj_span){ from, at },
				 &blank, w->out.err));
	if (w->out.status)
		return (struct rj_str){ space, 0 };
	memcpy(space, blank.s, blank.n);
	return (struct rj_str){ space, blank.n };
}

/* --- tags ---------------------------------------------------------------- */

/* Writes a value between quotes that may not be those it was written in. */
static void
put_value(struct writer *w, struct rj_str value, char quote)
{
	for (size_t from = 0; from < value.n;) {
		struct rj_str rest = rj_str_from(value, from);
		const char *q = memchr(rest.s, quote, rest.n);

		if (q)
			rest.n = (size_t)(q - rest.s);
		rj_out_text(&w->out, rest);
		from += rest.n;
		if (q) {
			put(w, quote == '"' ? "&quot;" : "&apos;");
			from++;
		}
	}
}

/* An attribute that repeats the outcome, and would now say the wrong one. */
static bool
is_stale(struct rj_str name, struct rj_str value, bool failed)
{
	bool passed;

	if (rj_str_eq(name, RJ_STR("failure")))
		return true;
	for (int i = 0; i < RJ_WORDS; i++)
		if (rj_str_eq(name, rj_str(rj_attr_names[rj_words[i]])))
			return rj_mark_word(rj_words[i], value, &passed) ||
			       (failed && passed);
	return false;
}

static bool
follows_outcome(struct rj_str name)
{
	for (int i = 0; i < RJ_WORDS; i++)
		if (rj_str_eq(name, rj_str(rj_attr_names[rj_words[i]])))
			return true;
	return rj_str_eq(name, RJ_STR("time")) ||
	       rj_str_eq(name, RJ_STR("failure"));
}

/*
 * Writes a start tag up to its ">" or "/>". Where there is a case to follow,
 * the attributes that go with the outcome are that case's.
 */
static void
put_case_tag(
    struct writer *w, const struct rj_case *c, const struct rj_case *follow)
{
	struct rj_str tag, other;
	struct rj_tag_attr a, b;
	size_t pos = 0, done = 0;

	if (!read_span(w, c->suite->report, c->at, c->body, &w->tag))
		return;
	if (follow && !read_span(w, follow->suite->report, follow->at,
			  follow->body, &w->other))
		return;
	tag = rj_buf_str(&w->tag);
	other = rj_buf_str(&w->other);
	while (follow && rj_tag_next(tag, &pos, &a)) {
		size_t value = (size_t)(a.value.s - tag.s);

		if (!follows_outcome(a.name))
			continue;
		if (rj_tag_find(other, a.name, &b)) {
			rj_out_text(&w->out,
			    (struct rj_str){ tag.s + done, value - done });
			put_value(w, b.value, a.quote);
			done = a.end - 1;
		} else if (is_stale(a.name, a.value, follow->failure)) {
			rj_out_text(&w->out,
			    (struct rj_str){ tag.s + done, a.at - done });
			done = a.end;
		}
	}
	tag.n -= c->body == c->end ? 2 : 1;
	rj_out_text(&w->out, rj_str_from(tag, done));
}

/* A counter may be spelt with references. */
static int64_t
counter_value(struct writer *w, struct rj_str raw)
{
	w->other.n = 0;
	if (raw.n > 256)
		return -1;
	if (!rj_unescape_value(&w->other, raw)) {
		rj_out_fail(&w->out, rj_fail_memory(w->out.err));
		return -1;
	}
	return rj_str_number(rj_buf_str(&w->other));
}

/* Writes a suite's start tag, without its end, with its new counters. */
static void
put_suite_tag(struct writer *w, const struct rj_planned_suite *p)
{
	const struct rj_suite *s = p->suite;
	struct rj_str tag;
	struct rj_tag_attr a;
	size_t pos = 0, done = 0;
	char number[32];

	if (!read_span(w, s->report, s->start.at, s->start.end, &w->tag))
		return;
	tag = rj_buf_str(&w->tag);
	while (rj_tag_next(tag, &pos, &a)) {
		int64_t before = counter_value(w, a.value);
		int64_t after = rj_planned_count(p, a.name, before);
		size_t value = (size_t)(a.value.s - tag.s);

		if (before == after)
			continue;
		snprintf(number, sizeof(number), "%" PRId64, after);
		rj_out_text(
		    &w->out, (struct rj_str){ tag.s + done, value - done });
		put(w, number);
		done = a.end - 1;
	}
	tag.n -= s->empty ? 2 : 1;
	rj_out_text(&w->out, rj_str_from(tag, done));
}

/* --- evidence ------------------------------------------------------------ */

static const struct rj_child *
find_child(const struct rj_case *c, enum rj_tag tag)
{
	for (unsigned int i = 0; i < c->children; i++)
		if (c->child[i].tag == tag)
			return &c->child[i];
	return NULL;
}

/* What a case printed, as one element however many it had. */
static void
put_output(struct writer *w, const struct rj_case *c, enum rj_tag tag)
{
	const char *name = rj_tag_names[tag];

	if (!find_child(c, tag))
		return;
	put(w, "\n<");
	put(w, name);
	put(w, ">");
	for (unsigned int i = 0; i < c->children; i++)
		if (c->child[i].tag == tag)
			copy_text(w, c->suite->report, c->child[i].body,
			    c->child[i].body_end);
	put(w, "</");
	put(w, name);
	put(w, ">");
}

static bool
is_failure(enum rj_tag tag)
{
	return tag == RJ_FAILURE || tag == RJ_RERUN_FAILURE ||
	       tag == RJ_FLAKY_FAILURE;
}

/* The failure that a case's output belongs to; NULL: it has none. */
static const struct rj_child *
first_failure(const struct rj_case *c)
{
	return c->failure ? &c->child[c->failure - 1] : NULL;
}

/*
 * Writes a failure of any kind under another name, in Surefire's form. The
 * first of a case takes in what the case printed.
 */
static void
put_evidence(struct writer *w, const struct rj_case *c,
    const struct rj_child *child, enum rj_tag as)
{
	bool whole = child->tag == RJ_FAILURE || child->tag == RJ_ERROR;
	struct rj_tag_attr a;
	struct rj_str tag;

	if (!read_span(w, c->suite->report, child->at, child->body, &w->tag))
		return;
	tag = rj_buf_str(&w->tag);
	put(w, "<");
	put(w, rj_tag_names[as]);
	if (rj_tag_find(tag, RJ_STR("message"), &a))
		rj_out_attribute(&w->out, RJ_STR("message"), a.value, a.quote);
	if (rj_tag_find(tag, RJ_STR("type"), &a))
		rj_out_attribute(&w->out, RJ_STR("type"), a.value, a.quote);
	else
		rj_out_attribute(&w->out, RJ_STR("type"),
		    rj_str(is_failure(child->tag) ? "failure" : "error"), '"');
	put(w, ">");
	if (child->has_stack_trace) {
		copy_text(w, c->suite->report, child->body, child->body_end);
	} else {
		uint64_t end = whole ? child->body_end : child->inner;

		put(w, "<stackTrace>");
		copy_text(w, c->suite->report, child->body, end);
		put(w, "</stackTrace>");
		copy_text(w, c->suite->report, end, child->body_end);
	}
	if (child == first_failure(c)) {
		put_output(w, c, RJ_SYSTEM_OUT);
		put_output(w, c, RJ_SYSTEM_ERR);
	}
	put(w, "</");
	put(w, rj_tag_names[as]);
	put(w, ">");
}

/* The failure of a case that has no child to say so, but an attribute. */
static enum rj_tag
said_tag(const struct rj_case *c)
{
	return c->outcome == REJUNIT_ERROR ? RJ_ERROR : RJ_FAILURE;
}

static bool
only_says_failure(const struct rj_case *c)
{
	return rj_is_bad(c->outcome) && !c->failure;
}

/* Writes what an attribute says as an element; as evidence, in its form. */
static void
put_said(struct writer *w, const struct rj_case *c, enum rj_tag as)
{
	bool evidence = as != RJ_FAILURE && as != RJ_ERROR;
	enum rj_tag tag = said_tag(c);
	struct rj_tag_attr a = { .value = { NULL, 0 } };
	size_t pos = 0;

	if (!read_span(w, c->suite->report, c->at, c->body, &w->tag))
		return;
	while (rj_tag_next(rj_buf_str(&w->tag), &pos, &a))
		if (follows_outcome(a.name) && is_stale(a.name, a.value, false))
			break;
	w->other.n = 0;
	if (!rj_buf_add(&w->other, a.name) ||
	    !rj_buf_add(&w->other, RJ_STR("=")) ||
	    !rj_buf_add(&w->other, a.value)) {
		rj_out_fail(&w->out, rj_fail_memory(w->out.err));
		return;
	}
	put(w, "<");
	put(w, rj_tag_names[as]);
	rj_out_attribute(
	    &w->out, RJ_STR("message"), rj_buf_str(&w->other), a.quote);
	rj_out_attribute(&w->out, RJ_STR("type"),
	    rj_str(tag == RJ_ERROR ? "error" : "failure"), '"');
	put(w, ">");
	if (evidence) {
		put(w, "<stackTrace></stackTrace>");
		put_output(w, c, RJ_SYSTEM_OUT);
		put_output(w, c, RJ_SYSTEM_ERR);
	}
	put(w, "</");
	put(w, rj_tag_names[as]);
	put(w, ">");
}

static bool
is_evidence(enum rj_tag tag)
{
	return tag == RJ_FAILURE || tag == RJ_ERROR ||
	       tag == RJ_RERUN_FAILURE || tag == RJ_RERUN_ERROR;
}

static enum rj_tag
flaky_tag(const struct writer *w, enum rj_tag tag)
{
	return is_failure(tag) || w->evidence == REJUNIT_EVIDENCE_JENKINS
		   ? RJ_FLAKY_FAILURE
		   : RJ_FLAKY_ERROR;
}

/* --- cases --------------------------------------------------------------- */

/* The order of a case's children that every schema accepts. */
static int
rank(enum rj_tag tag)
{
	static const int ranks[RJ_TAGS] = {
		[RJ_FAILURE] = 1,
		[RJ_RERUN_FAILURE] = 2,
		[RJ_FLAKY_FAILURE] = 3,
		[RJ_SKIPPED] = 4,
		[RJ_ERROR] = 5,
		[RJ_RERUN_ERROR] = 6,
		[RJ_FLAKY_ERROR] = 7,
		[RJ_SYSTEM_OUT] = 8,
		[RJ_SYSTEM_ERR] = 9,
	};

	return ranks[tag];
}

#define RANKS 10

/* A case on its way out. */
struct piece {
	const struct rj_slot *slot;
	const struct rj_case *base;
	const struct rj_case
	    *follow; /* whose outcome it takes; NULL: its own */
	bool own_evidence; /* its failure stays, and its output in it */
	bool replaced[RJ_TAGS]; /* output that another execution has too */
	bool opened; /* its start tag has its ">" */
	int rank; /* insertions below it are written */
	struct rj_str indent;
	char space[RJ_BLANK_MAX];
};

static void
open_body(struct writer *w, struct piece *p)
{
	if (!p->opened)
		put(w, ">");
	p->opened = true;
}

static void
indent(struct writer *w, struct piece *p)
{
	open_body(w, p);
	rj_out_text(&w->out, p->indent);
}

/* Inserts another case's failures of one rank, under the names given. */
static void
insert_failures(struct writer *w, struct piece *p, const struct rj_case *c,
    int at, enum rj_tag (*name)(const struct writer *, enum rj_tag))
{
	for (unsigned int i = 0; i < c->children; i++) {
		enum rj_tag tag = c->child[i].tag;

		if (!is_evidence(tag) || rank(name(w, tag)) != at)
			continue;
		indent(w, p);
		put_evidence(w, c, &c->child[i], name(w, tag));
	}
	if (only_says_failure(c) && rank(name(w, said_tag(c))) == at) {
		indent(w, p);
		put_said(w, c, name(w, said_tag(c)));
	}
}

static void
insert_verbatim(
    struct writer *w, struct piece *p, const struct rj_case *c, int at)
{
	for (unsigned int i = 0; i < c->children; i++) {
		if (rank(c->child[i].tag) != at)
			continue;
		indent(w, p);
		copy_text(w, c->suite->report, c->child[i].at, c->child[i].end);
	}
	if (only_says_failure(c) && rank(said_tag(c)) == at) {
		indent(w, p);
		put_said(w, c, said_tag(c));
	}
}

static enum rj_tag
rerun_tag(const struct writer *w, enum rj_tag tag)
{
	(void)w;
	return is_failure(tag) ? RJ_RERUN_FAILURE : RJ_RERUN_ERROR;
}

/* Inserts what belongs at one rank. */
static void
insert_rank(struct writer *w, struct piece *p, int at)
{
	const struct rj_slot *s = p->slot;
	bool output = at == rank(RJ_SYSTEM_OUT) || at == rank(RJ_SYSTEM_ERR);

	for (size_t i = 0; i < s->n_fill; i++) {
		if (!s->pass)
			insert_verbatim(w, p, s->fill[i], at);
		else if (w->evidence != REJUNIT_EVIDENCE_NONE)
			insert_failures(w, p, s->fill[i], at, flaky_tag);
	}
	for (const struct rj_later *l = s->later; l && !s->pass; l = l->next)
		insert_failures(w, p, l->at, at, rerun_tag);
	if (w->evidence != REJUNIT_EVIDENCE_NONE)
		for (const struct rj_slot *c = s->collection; c;
		     c = c->collection)
			insert_failures(w, p, c->base, at, flaky_tag);
	if (p->own_evidence && only_says_failure(p->base) &&
	    rank(flaky_tag(w, said_tag(p->base))) == at) {
		indent(w, p);
		put_said(w, p->base, flaky_tag(w, said_tag(p->base)));
	}
	if (s->pass && output)
		insert_verbatim(w, p, s->pass, at);
}

static void
insert_below(struct writer *w, struct piece *p, int below)
{
	for (; p->rank < below; p->rank++)
		insert_rank(w, p, p->rank);
}

enum fate {
	KEEP,
	DROP,
	CONVERT
};

/* What becomes of a child of the case itself. */
static enum fate
fate_of(const struct writer *w, const struct piece *p, enum rj_tag tag)
{
	if (!p->follow)
		return KEEP;
	if (tag == RJ_SKIPPED || tag == RJ_WARNING ||
	    (tag == RJ_PROPERTIES && p->base->marks & RJ_HAS_SKIP_PROPERTY))
		return DROP;
	if (is_evidence(tag))
		return p->slot->pass && w->evidence != REJUNIT_EVIDENCE_NONE
			   ? CONVERT
			   : DROP;
	if (tag == RJ_SYSTEM_OUT || tag == RJ_SYSTEM_ERR)
		return p->own_evidence || p->replaced[tag] ? DROP : KEEP;
	return KEEP;
}

static void
put_children(struct writer *w, struct piece *p)
{
	const struct rj_case *c = p->base;
	uint64_t pos = c->body;
	char space[RJ_BLANK_MAX];

	for (unsigned int i = 0; i < c->children; i++) {
		const struct rj_child *child = &c->child[i];
		enum fate fate = fate_of(w, p, child->tag);
		enum rj_tag as = child->tag;

		if (fate == DROP) {
			open_body(w, p);
			copy_text(w, c->suite->report, pos,
			    child->at - blank_before(w, c->suite->report, pos,
					    child->at, space)
					    .n);
			pos = child->end;
			continue;
		}
		if (fate == CONVERT)
			as = flaky_tag(w, child->tag);
		insert_below(w, p, rank(as));
		open_body(w, p);
		copy_text(w, c->suite->report, pos, child->at);
		if (fate == CONVERT) {
			put_evidence(w, c, child, as);
		} else {
			copy_text(w, c->suite->report, child->at, child->end);
		}
		pos = child->end;
	}
	insert_below(w, p, RANKS);
	if (c->body == c->end)
		return;
	open_body(w, p);
	copy_text(w, c->suite->report, pos, c->end);
}

/* Writes a case as its slot wants it. */
static void
put_case(struct writer *w, const struct rj_slot *s)
{
	const struct rj_case *c = s->base, *follow = s->pass;
	struct piece p = { .slot = s, .base = c, .rank = 1 };

	if (!rj_slot_is_touched(s)) {
		copy_text(w, c->suite->report, c->at, c->end);
		return;
	}
	p.own_evidence = s->pass && rj_is_bad(c->outcome) &&
			 w->evidence != REJUNIT_EVIDENCE_NONE;
	if (c->children)
		p.indent = blank_before(
		    w, c->suite->report, c->body, c->child->at, p.space);
	if (!follow && s->n_fill)
		follow = s->fill[0];
	p.follow = follow;
	if (follow) {
		p.replaced[RJ_SYSTEM_OUT] = find_child(follow, RJ_SYSTEM_OUT);
		p.replaced[RJ_SYSTEM_ERR] = find_child(follow, RJ_SYSTEM_ERR);
	}
	put_case_tag(w, c, follow);
	put_children(w, &p);
	if (c->body != c->end)
		return;
	if (!p.opened) {
		put(w, "/>");
		return;
	}
	read_span(w, c->suite->report, c->at, c->body, &w->tag);
	put(w, "</");
	rj_out_text(&w->out, rj_tag_name(rj_buf_str(&w->tag)));
	put(w, ">");
}

/* --- suites -------------------------------------------------------------- */

static void put_additions(
    struct writer *w, const struct rj_planned_suite *p, struct rj_str space);

/* A suite that only a rerun has, laid out as it is there. */
static void
put_new_suite(struct writer *w, const struct rj_planned_suite *p)
{
	const struct rj_suite *s = p->suite;
	char space[RJ_BLANK_MAX];

	put_suite_tag(w, p);
	put(w, ">");
	put_additions(w, p, (struct rj_str){ NULL, 0 });
	/* it had a case in the rerun, so that it has an end tag */
	rj_out_text(&w->out,
	    blank_before(w, s->report, s->last_end ? s->last_end : s->body_end,
		s->body_end, space));
	copy_text(w, s->report, s->body_end, s->end);
}

/* What is added to a suite; without space given, spaced as in the rerun. */
static void
put_additions(
    struct writer *w, const struct rj_planned_suite *p, struct rj_str space)
{
	char blank[RJ_BLANK_MAX];

	for (const struct rj_addition *a = p->cases; a; a = a->next) {
		const struct rj_case *c = a->slot->base;

		rj_out_text(
		    &w->out, space.s ? space
				     : blank_before(w, c->suite->report,
					   c->suite->start.end, c->at, blank));
		put_case(w, a->slot);
	}
	for (const struct rj_planned_suite *s = p->suites; s; s = s->next) {
		rj_out_text(&w->out, space);
		put_new_suite(w, s);
	}
}

static bool
has_additions(const struct rj_planned_suite *p)
{
	return p->cases || p->suites;
}

static uint64_t
suite_end(const struct rj_suite *s)
{
	if (s->empty)
		return s->start.end;
	return s->last_end ? s->last_end : s->body_end;
}

static void
put_suite_end(struct writer *w, const struct rj_planned_suite *p)
{
	const struct rj_suite *s = p->suite;
	char space[RJ_BLANK_MAX];
	struct rj_str blank = { space, 0 };

	if (s->last_end)
		blank =
		    blank_before(w, s->report, s->start.end, s->last_at, space);
	put_additions(w, p, blank);
	if (s->empty) {
		read_span(w, s->report, s->start.at, s->start.end, &w->tag);
		put(w, "</");
		rj_out_text(&w->out, rj_tag_name(rj_buf_str(&w->tag)));
		put(w, ">");
	}
}

/* --- the whole ----------------------------------------------------------- */

static int
by_place(const void *a, const void *b)
{
	const struct point *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	/* a suite ends before what follows it, and before that around it */
	if (x->kind == SUITE_END && y->kind == SUITE_END) {
		const struct rj_planned_suite *p = x->what, *q = y->what;

		return p->suite->start.at > q->suite->start.at ? -1 : 1;
	}
	return (x->kind > y->kind) - (x->kind < y->kind);
}

/* Of a suite whose counters stay as they are, nothing changes. */
static bool
counters_move(const struct rj_planned_suite *p)
{
	for (int i = 0; p->after && i < RJ_COUNTERS; i++)
		if (p->after->counters[i] != p->suite->said[i])
			return true;
	return false;
}

static void
add_point(struct point *points, size_t i, enum kind kind, uint64_t at,
    const void *what)
{
	if (points)
		points[i] = (struct point){ at, kind, what };
}

/*
 * Finds the places in a report where something is to be written; with NULL
 * they are only counted.
 */
static size_t
collect(const struct rj_plan *plan, unsigned int report, struct point *points)
{
	size_t n = 0;

	for (size_t i = plan->edited_at[report];
	     i < plan->edited_at[report + 1]; i++) {
		const struct rj_planned_suite *p = plan->edited[i];
		const struct rj_suite *s = p->suite;
		bool adds = has_additions(p);

		if (counters_move(p) || (s->empty && adds))
			add_point(points, n++, SUITE_TAG, s->start.at, p);
		if (adds)
			add_point(points, n++, SUITE_END, suite_end(s), p);
	}
	for (size_t i = plan->touched_at[report];
	     i < plan->touched_at[report + 1]; i++)
		add_point(points, n++, CASE, plan->touched[i]->base->at,
		    plan->touched[i]);
	return n;
}

static void
put_point(struct writer *w, const struct point *p)
{
	const struct rj_planned_suite *suite = p->what;
	const struct rj_slot *slot = p->what;
	char space[RJ_BLANK_MAX];

	switch (p->kind) {
	case SUITE_TAG:
		copy_original(w, p->at);
		put_suite_tag(w, suite);
		put(w,
		    suite->suite->empty && !has_additions(suite) ? "/>" : ">");
		w->pos = suite->suite->start.end;
		break;
	case SUITE_END:
		copy_original(w, p->at);
		put_suite_end(w, suite);
		break;
	default:
		copy_original(w, slot->retired
				     ? p->at - blank_before(w, w->home->number,
						   w->pos, p->at, space)
						   .n
				     : p->at);
		if (!slot->retired)
			put_case(w, slot);
		w->pos = slot->base->end;
		break;
	}
}

bool
rj_plan_leaves(const struct rj_plan *plan, unsigned int report)
{
	return collect(plan, report, NULL) == 0;
}

enum rejunit_status
rj_write(const struct rj_plan *plan, const struct rj_report *reports,
    unsigned int report, enum rejunit_evidence evidence,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	struct writer w = { .reports = reports,
		.home = &reports[report],
		.evidence = evidence };
	const struct rj_source *src = &w.home->src;
	size_t n = collect(plan, report, NULL);
	struct point *points = calloc(n + 1, sizeof(*points));
	enum rejunit_status status;

	if (!points)
		return rj_fail_memory(err);
	status = rj_out_open(&w.out, src->encoding, write, ctx, err);
	if (!status) {
		collect(plan, report, points);
		qsort(points, n, sizeof(*points), by_place);
		for (size_t i = 0; i < n && !w.out.status; i++)
			put_point(&w, &points[i]);
		copy_original(&w, src->size);
		status = rj_out_flush(&w.out);
	}
	rj_out_close(&w.out);
	rj_raw_close(&w.raw);
	rj_buf_free(&w.tag);
	rj_buf_free(&w.other);
	free(points);
	return status;
}
