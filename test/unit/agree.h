/*
 * agree.h - all ways to read some bytes, side by side.
 */
#ifndef AGREE_H
#define AGREE_H

#include <stdio.h>

#include "read/read.h"

static enum rejunit_status
note(struct rj_buf *r, const char *s, struct rejunit_error *err)
{
	if (rj_buf_add(r, rj_str(s)))
		return REJUNIT_OK;
	err->status = REJUNIT_MEMORY;
	return REJUNIT_MEMORY;
}

static enum rejunit_status
on_start(void *ctx, const struct rj_element *e, struct rejunit_error *err)
{
	struct rj_buf *r = ctx;
	char text[128];

	snprintf(text, sizeof(text), "<%s %d %u %llu-%llu :%lu", e->name,
	    e->empty, e->depth, (unsigned long long)e->at,
	    (unsigned long long)e->end, e->line);
	note(r, text, err);
	for (int i = 0; e->tag != RJ_OTHER && i < RJ_ATTRS; i++) {
		if (!e->attr[i].s)
			continue;
		note(r, " ", err);
		note(r, rj_attr_names[i], err);
		note(r, "=", err);
		(void)rj_buf_add(r, e->attr[i]);
	}
	return note(r, ">\n", err);
}

static enum rejunit_status
on_end(void *ctx, struct rj_span span, struct rejunit_error *err)
{
	char text[64];

	snprintf(text, sizeof(text), "</ %llu-%llu>\n",
	    (unsigned long long)span.at, (unsigned long long)span.end);
	return note(ctx, text, err);
}

/* Reads in one way; the verdict closes what was seen. */
static struct rj_buf
read_in(const struct rj_source *src, bool plain)
{
	const struct rj_xml_handler handler = {
		.start = on_start,
		.end = on_end,
		.plain = plain,
	};
	struct rj_buf r = { 0 };
	struct rejunit_error err = { 0 };
	enum rejunit_status status = rj_xml_parse(src, &handler, &r, &err);
	char text[700];

	/* how far a refused report was read is nobody's business */
	if (status)
		r.n = 0;
	snprintf(text, sizeof(text), "%d %lu:%lu %s\n", status,
	    status ? err.line : 0, status ? err.column : 0,
	    status ? err.message : "");
	(void)rj_buf_add(&r, rj_str(text));
	return r;
}

/* Half of the names. */
static bool
skip(void *ctx, struct rj_str classname, struct rj_str name)
{
	(void)ctx;
	return (classname.n + name.n) % 2 == 0;
}

static enum rejunit_status
note_suite(void *ctx, struct rj_suite *s)
{
	const struct rj_tally *t = &s->own;
	struct rejunit_error err;
	char text[256];

	snprintf(text, sizeof(text), "suite :%lu %ld %ld %ld %ld %llu-%llu\n",
	    s->line, t->cases, t->skipped, t->not_run, t->bad_cases,
	    (unsigned long long)s->last_at, (unsigned long long)s->last_end);
	return note(ctx, text, &err);
}

static enum rejunit_status
note_case(void *ctx, const struct rj_case *c)
{
	struct rj_buf *r = ctx;
	struct rejunit_error err;
	char text[256];

	if (c->outcome == REJUNIT_PASSED && c->marks == 0 && c->name.n &&
	    skip(NULL, c->classname, c->name))
		return REJUNIT_OK;
	snprintf(text, sizeof(text), "case :%u %u %llu-%llu %llu-%llu %u ",
	    c->line_no, c->marks, (unsigned long long)c->at,
	    (unsigned long long)c->body, (unsigned long long)c->body_end,
	    (unsigned long long)c->end, c->children);
	note(r, text, &err);
	(void)rj_buf_add(r, c->classname);
	note(r, "::", &err);
	(void)rj_buf_add(r, c->name);
	for (unsigned int i = 0; i < c->children; i++) {
		const struct rj_child *child = &c->child[i];

		snprintf(text, sizeof(text), " <%s %llu %llu %d>",
		    rj_tag_names[child->tag], (unsigned long long)child->at,
		    (unsigned long long)child->inner, child->has_stack_trace);
		note(r, text, &err);
	}
	return note(r, "\n", &err);
}

/* The cases that somebody asks for, whether he says so or not. */
static struct rj_buf
read_cases(const struct rj_source *src, bool skips)
{
	struct rj_buf r = { 0 };
	struct rj_arena arena = { 0 };
	bool foreign;
	const struct rj_reader reader = {
		.close = note_suite,
		.test = note_case,
		.skip = skips ? skip : NULL,
		.ctx = &r,
		.foreign = &foreign,
	};

	if (rj_read(src, 0, 0, &reader, &arena, NULL)) {
		r.n = 0;
		note(&r, "refused\n", &(struct rejunit_error){ 0 });
	}
	rj_arena_free(&arena);
	return r;
}

/* Says where the two differ. */
static bool
same_text(
    struct rj_buf *a, const char *name_a, struct rj_buf *b, const char *name_b)
{
	bool same = rj_str_eq(rj_buf_str(a), rj_buf_str(b));

	if (!same) {
		size_t i = 0;

		while (i < a->n && i < b->n && a->s[i] == b->s[i])
			i++;
		while (i > 0 && a->s[i - 1] != '\n')
			i--;
		printf("# %s %.*s\n", name_a, (int)strcspn(a->s + i, "\n"),
		    a->s + i);
		printf("# %s %.*s\n", name_b, (int)strcspn(b->s + i, "\n"),
		    b->s + i);
	}
	rj_buf_free(a);
	rj_buf_free(b);
	return same;
}

/* All ways see the same of these bytes. */
static bool
agree(const char *s, size_t n, bool *accepted)
{
	struct rj_arena arena = { 0 };
	struct rj_source src;
	struct rj_buf plain, sparing, all, asked;
	const struct rejunit_input in = rejunit_memory("x", s, n);
	bool same = !rj_source_open(&src, &arena, &in, false, NULL);

	*accepted = false;
	if (!same) {
		rj_source_close(&src);
		rj_arena_free(&arena);
		return true;
	}
	plain = read_in(&src, true);
	sparing = read_in(&src, false);
	*accepted = plain.n > 8 && plain.s[0] == '<';
	same = same_text(&plain, "plain  ", &sparing, "sparing");
	all = read_cases(&src, false);
	asked = read_cases(&src, true);
	same = same_text(&all, "all  ", &asked, "asked") && same;
	rj_source_close(&src);
	rj_arena_free(&arena);
	return same;
}

#endif
