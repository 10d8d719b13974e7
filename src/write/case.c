#include "write/case.h"

#include <string.h>

#include "model/markup.h"
#include "write/evidence.h"

#define SKIPPED "skipped" /* as attributes have it */

/* Writes a value between quotes that may not be those it was written in. */
static void
put_value(struct rj_writing *w, struct rj_str value, char quote)
{
	for (size_t from = 0; from < value.n;) {
		struct rj_str rest = rj_str_from(value, from);
		const char *q = memchr(rest.s, quote, rest.n);

		if (q)
			rest.n = (size_t)(q - rest.s);
		rj_out_text(&w->out, rest);
		from += rest.n;
		if (q) {
			rj_put(w, quote == '"' ? "&quot;" : "&apos;");
			from++;
		}
	}
}

/*
 * Writes a start tag up to its ">" or "/>". Where there is a case to follow,
 * the attributes that go with the outcome are that case's; what is excused no
 * longer says that it failed.
 */
static void
put_case_tag(struct rj_writing *w, const struct rj_case *c,
    const struct rj_case *follow, bool excused)
{
	struct rj_str tag, other;
	struct rj_tag_attr a, b;
	size_t pos = 0, done = 0;

	if (!rj_read_tag(w, c->suite->report, c->at, c->body, &w->tag))
		return;
	if (follow && !rj_read_tag(w, follow->suite->report, follow->at,
			  follow->body, &w->other))
		return;
	tag = rj_buf_str(&w->tag);
	other = rj_buf_str(&w->other);
	while ((follow || excused) && rj_tag_next(tag, &pos, &a)) {
		size_t value = (size_t)(a.value.s - tag.s);

		if (!rj_follows_outcome(a.name))
			continue;
		if (follow && rj_tag_find(other, a.name, &b)) {
			rj_out_text(&w->out,
			    (struct rj_str){ tag.s + done, value - done });
			put_value(w, b.value, a.quote);
			done = a.end - 1;
		} else if (excused && rj_is_stale(a.name, a.value, false) &&
			   !rj_str_eq(a.name, RJ_STR("failure"))) {
			rj_out_text(&w->out,
			    (struct rj_str){ tag.s + done, value - done });
			rj_put(w, SKIPPED);
			done = a.end - 1;
		} else if (rj_is_stale(
			       a.name, a.value, follow && follow->failure)) {
			rj_out_text(&w->out,
			    (struct rj_str){ tag.s + done, a.at - done });
			done = a.end;
		}
	}
	tag.n -= c->body == c->end ? 2 : 1;
	rj_out_text(&w->out, rj_str_from(tag, done));
}

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
	bool excused; /* it failed, and is skipped for that */
	bool own_evidence; /* its failure stays, and its output in it */
	bool replaced[RJ_TAGS]; /* output that another execution has too */
	bool opened; /* its start tag has its ">" */
	int rank; /* insertions below it are written */
	struct rj_str indent;
	char space[RJ_BLANK_MAX];
};

static void
open_body(struct rj_writing *w, struct piece *p)
{
	if (!p->opened)
		rj_put(w, ">");
	p->opened = true;
}

static void
indent(struct rj_writing *w, struct piece *p)
{
	open_body(w, p);
	rj_out_text(&w->out, p->indent);
}

/* Inserts another case's failures of one rank, under the names given. */
static void
insert_failures(struct rj_writing *w, struct piece *p, const struct rj_case *c,
    int at, enum rj_tag (*name)(const struct rj_writing *, enum rj_tag))
{
	for (unsigned int i = 0; i < c->children; i++) {
		enum rj_tag tag = c->child[i].tag;

		if (!rj_is_evidence(tag) || rank(name(w, tag)) != at)
			continue;
		indent(w, p);
		rj_put_evidence(w, c, &c->child[i], name(w, tag));
	}
	if (rj_only_says_failure(c) && rank(name(w, rj_said_tag(c))) == at) {
		indent(w, p);
		rj_put_said(w, c, name(w, rj_said_tag(c)));
	}
}

static void
insert_verbatim(
    struct rj_writing *w, struct piece *p, const struct rj_case *c, int at)
{
	for (unsigned int i = 0; i < c->children; i++) {
		if (rank(c->child[i].tag) != at)
			continue;
		indent(w, p);
		rj_copy_text(
		    w, c->suite->report, c->child[i].at, c->child[i].end);
	}
	if (rj_only_says_failure(c) && rank(rj_said_tag(c)) == at) {
		indent(w, p);
		rj_put_said(w, c, rj_said_tag(c));
	}
}

/* What a failure of the case itself is called from now on. */
static enum rj_tag
evidence_tag(const struct rj_writing *w, const struct piece *p, enum rj_tag tag)
{
	return p->excused ? rj_rerun_tag(w, tag) : rj_flaky_tag(w, tag);
}

static void
put_excuse(struct rj_writing *w, struct rj_str why)
{
	rj_put(w, "<skipped message=\"");
	for (size_t i = 0; i < why.n; i++) {
		struct rj_str c = { why.s + i, 1 };

		rj_out_text(&w->out, c.s[0] == '&'   ? RJ_STR("&amp;")
				     : c.s[0] == '<' ? RJ_STR("&lt;")
				     : c.s[0] == '"' ? RJ_STR("&quot;")
						     : c);
	}
	rj_put(w, "\"/>");
}

/* Inserts what belongs at one rank. */
static void
insert_rank(struct rj_writing *w, struct piece *p, int at)
{
	const struct rj_slot *s = p->slot;
	bool output = at == rank(RJ_SYSTEM_OUT) || at == rank(RJ_SYSTEM_ERR);

	for (size_t i = 0; i < s->n_fill; i++) {
		if (p->excused)
			insert_failures(w, p, s->fill[i], at, rj_rerun_tag);
		else if (!s->pass)
			insert_verbatim(w, p, s->fill[i], at);
		else if (w->evidence != REJUNIT_EVIDENCE_NONE)
			insert_failures(w, p, s->fill[i], at, rj_flaky_tag);
	}
	for (const struct rj_later *l = s->later; l && !s->pass; l = l->next)
		insert_failures(w, p, l->at, at, rj_rerun_tag);
	if (w->evidence != REJUNIT_EVIDENCE_NONE)
		for (const struct rj_slot *c = s->collection; c;
		     c = c->collection)
			insert_failures(w, p, c->base, at, rj_flaky_tag);
	if (p->own_evidence && rj_only_says_failure(p->base) &&
	    rank(evidence_tag(w, p, rj_said_tag(p->base))) == at) {
		indent(w, p);
		rj_put_said(
		    w, p->base, evidence_tag(w, p, rj_said_tag(p->base)));
	}
	if (p->excused && at == rank(RJ_SKIPPED)) {
		indent(w, p);
		put_excuse(w, s->excuse);
	}
	if (s->pass && output)
		insert_verbatim(w, p, s->pass, at);
}

static void
insert_below(struct rj_writing *w, struct piece *p, int below)
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
fate_of(const struct rj_writing *w, const struct piece *p, enum rj_tag tag)
{
	if (p->excused) {
		if (tag == RJ_FAILURE || tag == RJ_ERROR)
			return CONVERT;
		if (tag == RJ_SYSTEM_OUT || tag == RJ_SYSTEM_ERR)
			return p->own_evidence ? DROP : KEEP;
		return tag == RJ_SKIPPED ? DROP : KEEP;
	}
	if (!p->follow)
		return KEEP;
	if (tag == RJ_SKIPPED || tag == RJ_WARNING ||
	    (tag == RJ_PROPERTIES && p->base->marks & RJ_HAS_SKIP_PROPERTY))
		return DROP;
	/* what a quarantine has kept of an earlier failure */
	if (!p->slot->pass && rj_is_excused(p->base->outcome, p->base->marks) &&
	    (tag == RJ_RERUN_FAILURE || tag == RJ_RERUN_ERROR))
		return KEEP;
	if (rj_is_evidence(tag))
		return p->slot->pass && w->evidence != REJUNIT_EVIDENCE_NONE
			   ? CONVERT
			   : DROP;
	if (tag == RJ_SYSTEM_OUT || tag == RJ_SYSTEM_ERR)
		return p->own_evidence || p->replaced[tag] ? DROP : KEEP;
	return KEEP;
}

static void
put_children(struct rj_writing *w, struct piece *p)
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
			rj_copy_text(w, c->suite->report, pos,
			    child->at - rj_blank_before(w, c->suite->report,
					    pos, child->at, space)
					    .n);
			pos = child->end;
			continue;
		}
		if (fate == CONVERT)
			as = evidence_tag(w, p, child->tag);
		insert_below(w, p, rank(as));
		open_body(w, p);
		rj_copy_text(w, c->suite->report, pos, child->at);
		if (fate == CONVERT) {
			rj_put_evidence(w, c, child, as);
		} else {
			rj_copy_text(
			    w, c->suite->report, child->at, child->end);
		}
		pos = child->end;
	}
	insert_below(w, p, RANKS);
	if (c->body == c->end)
		return;
	open_body(w, p);
	rj_copy_text(w, c->suite->report, pos, c->end);
}

void
rj_put_case(struct rj_writing *w, const struct rj_slot *s)
{
	const struct rj_case *c = s->base;
	struct piece p = { .slot = s, .base = c, .rank = 1 };

	if (!rj_slot_is_touched(s)) {
		rj_copy_text(w, c->suite->report, c->at, c->end);
		return;
	}
	p.excused = s->excuse.s != NULL;
	p.own_evidence =
	    rejunit_is_bad(c->outcome) &&
	    (p.excused || (s->pass && w->evidence != REJUNIT_EVIDENCE_NONE));
	if (c->children)
		p.indent = rj_blank_before(
		    w, c->suite->report, c->body, c->child->at, p.space);
	if ((s->pass || s->n_fill) && !p.excused) {
		const struct rj_case *follow = s->pass ? s->pass : s->fill[0];

		p.follow = follow;
		p.replaced[RJ_SYSTEM_OUT] =
		    rj_find_child(follow, RJ_SYSTEM_OUT);
		p.replaced[RJ_SYSTEM_ERR] =
		    rj_find_child(follow, RJ_SYSTEM_ERR);
	}
	put_case_tag(w, c, p.follow, p.excused);
	put_children(w, &p);
	if (c->body != c->end)
		return;
	if (!p.opened) {
		rj_put(w, "/>");
		return;
	}
	rj_read_tag(w, c->suite->report, c->at, c->body, &w->tag);
	rj_put(w, "</");
	rj_out_text(&w->out, rj_tag_name(rj_buf_str(&w->tag)));
	rj_put(w, ">");
}
