#include "write/evidence.h"

#include "model/markup.h"

bool
rj_is_stale(struct rj_str name, struct rj_str value, bool failed)
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

bool
rj_follows_outcome(struct rj_str name)
{
	for (int i = 0; i < RJ_WORDS; i++)
		if (rj_str_eq(name, rj_str(rj_attr_names[rj_words[i]])))
			return true;
	return rj_str_eq(name, RJ_STR("time")) ||
	       rj_str_eq(name, RJ_STR("failure"));
}

const struct rj_child *
rj_find_child(const struct rj_case *c, enum rj_tag tag)
{
	for (unsigned int i = 0; i < c->children; i++)
		if (c->child[i].tag == tag)
			return &c->child[i];
	return NULL;
}

/* What a case printed, as one element however many it had. */
static void
put_output(struct rj_writing *w, const struct rj_case *c, enum rj_tag tag)
{
	const char *name = rj_tag_names[tag];

	if (!rj_find_child(c, tag))
		return;
	rj_put(w, "\n<");
	rj_put(w, name);
	rj_put(w, ">");
	for (unsigned int i = 0; i < c->children; i++)
		if (c->child[i].tag == tag)
			rj_copy_text(w, c->suite->report, c->child[i].body,
			    c->child[i].body_end);
	rj_put(w, "</");
	rj_put(w, name);
	rj_put(w, ">");
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

void
rj_put_evidence(struct rj_writing *w, const struct rj_case *c,
    const struct rj_child *child, enum rj_tag as)
{
	bool whole = child->tag == RJ_FAILURE || child->tag == RJ_ERROR;
	struct rj_tag_attr a;
	struct rj_str tag;

	if (!rj_read_tag(w, c->suite->report, child->at, child->body, &w->tag))
		return;
	tag = rj_buf_str(&w->tag);
	rj_put(w, "<");
	rj_put(w, rj_tag_names[as]);
	if (rj_tag_find(tag, RJ_STR("message"), &a))
		rj_out_attribute(&w->out, RJ_STR("message"), a.value, a.quote);
	if (rj_tag_find(tag, RJ_STR("type"), &a))
		rj_out_attribute(&w->out, RJ_STR("type"), a.value, a.quote);
	else
		rj_out_attribute(&w->out, RJ_STR("type"),
		    rj_str(is_failure(child->tag) ? "failure" : "error"), '"');
	rj_put(w, ">");
	if (child->has_stack_trace) {
		rj_copy_text(w, c->suite->report, child->body, child->body_end);
	} else {
		uint64_t end = whole ? child->body_end : child->inner;

		rj_put(w, "<stackTrace>");
		rj_copy_text(w, c->suite->report, child->body, end);
		rj_put(w, "</stackTrace>");
		rj_copy_text(w, c->suite->report, end, child->body_end);
	}
	if (child == first_failure(c)) {
		put_output(w, c, RJ_SYSTEM_OUT);
		put_output(w, c, RJ_SYSTEM_ERR);
	}
	rj_put(w, "</");
	rj_put(w, rj_tag_names[as]);
	rj_put(w, ">");
}

enum rj_tag
rj_said_tag(const struct rj_case *c)
{
	return c->outcome == REJUNIT_ERROR ? RJ_ERROR : RJ_FAILURE;
}

bool
rj_only_says_failure(const struct rj_case *c)
{
	return rejunit_is_bad(c->outcome) && !c->failure;
}

void
rj_put_said(struct rj_writing *w, const struct rj_case *c, enum rj_tag as)
{
	bool evidence = as != RJ_FAILURE && as != RJ_ERROR;
	enum rj_tag tag = rj_said_tag(c);
	struct rj_tag_attr a = { .value = { NULL, 0 } };
	size_t pos = 0;

	if (!rj_read_tag(w, c->suite->report, c->at, c->body, &w->tag))
		return;
	while (rj_tag_next(rj_buf_str(&w->tag), &pos, &a))
		if (rj_follows_outcome(a.name) &&
		    rj_is_stale(a.name, a.value, false))
			break;
	w->other.n = 0;
	if (!rj_buf_add(&w->other, a.name) ||
	    !rj_buf_add(&w->other, RJ_STR("=")) ||
	    !rj_buf_add(&w->other, a.value)) {
		rj_out_fail(&w->out, rj_fail_memory(w->out.err));
		return;
	}
	rj_put(w, "<");
	rj_put(w, rj_tag_names[as]);
	rj_out_attribute(
	    &w->out, RJ_STR("message"), rj_buf_str(&w->other), a.quote);
	rj_out_attribute(&w->out, RJ_STR("type"),
	    rj_str(tag == RJ_ERROR ? "error" : "failure"), '"');
	rj_put(w, ">");
	if (evidence) {
		rj_put(w, "<stackTrace></stackTrace>");
		put_output(w, c, RJ_SYSTEM_OUT);
		put_output(w, c, RJ_SYSTEM_ERR);
	}
	rj_put(w, "</");
	rj_put(w, rj_tag_names[as]);
	rj_put(w, ">");
}

bool
rj_is_evidence(enum rj_tag tag)
{
	return tag == RJ_FAILURE || tag == RJ_ERROR ||
	       tag == RJ_RERUN_FAILURE || tag == RJ_RERUN_ERROR;
}

enum rj_tag
rj_flaky_tag(const struct rj_writing *w, enum rj_tag tag)
{
	return is_failure(tag) || w->evidence == REJUNIT_EVIDENCE_JENKINS
		   ? RJ_FLAKY_FAILURE
		   : RJ_FLAKY_ERROR;
}

enum rj_tag
rj_rerun_tag(const struct rj_writing *w, enum rj_tag tag)
{
	(void)w;
	return is_failure(tag) ? RJ_RERUN_FAILURE : RJ_RERUN_ERROR;
}
