#include "read/report.h"

#include <stdlib.h>
#include <string.h>

#include "model/dialect.h"
#include "model/marker.h"
#include "read/read.h"

struct filing {
	struct rj_report *report;
	struct rj_mentions *mentions; /* NULL: there is a selection */
	const struct rj_selection *selection;
	const struct rj_reader *also; /* gets everything first; NULL: nobody */
	struct rj_arena *arena;
	struct rejunit_error *err;
	bool keep_suites;
	struct rj_buf key; /* scratch */
	size_t room;
	size_t suite_room;
};

/* Neighbours have much in common, and share it. */
static bool
share_str(struct rj_arena *a, const struct rj_str *last, struct rj_str s,
    struct rj_str *out)
{
	if (last && last->s && s.s && rj_str_eq(*last, s)) {
		*out = *last;
		return true;
	}
	return rj_alloc_str(a, s, out);
}

static struct rj_case *
copy_case(struct rj_arena *a, const struct rj_mentions *o,
    const struct rj_case *c, const struct rj_case *last)
{
	struct rj_case *copy = rj_alloc(a, sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *c;
	copy->child = NULL;
	if (c->children) {
		copy->child = rj_alloc_n(a, c->children, sizeof(*copy->child));
		if (!copy->child)
			return NULL;
		memcpy(
		    copy->child, c->child, c->children * sizeof(*copy->child));
	}
	if (!(o && rj_mentions_names(o, c, &copy->classname, &copy->name)) &&
	    (!share_str(a, last ? &last->classname : NULL, c->classname,
		 &copy->classname) ||
		!rj_alloc_str(a, c->name, &copy->name)))
		return NULL;
	if (!share_str(a, last ? &last->file : NULL, c->file, &copy->file) ||
	    !rj_alloc_str(a, c->line, &copy->line))
		return NULL;
	return copy;
}

static void
note_time(struct rj_report *r, const struct rj_suite *s)
{
	if (!s->timestamp[0])
		return;
	if (!r->earliest[0] || strcmp(s->timestamp, r->earliest) < 0)
		memcpy(r->earliest, s->timestamp, sizeof(r->earliest));
	if (strcmp(s->timestamp, r->latest) > 0)
		memcpy(r->latest, s->timestamp, sizeof(r->latest));
}

static enum rejunit_status
on_open(void *ctx, struct rj_suite *s)
{
	struct filing *f = ctx;
	const struct rj_reader *also = f->also;
	enum rejunit_status status =
	    also ? also->open(also->ctx, s) : REJUNIT_OK;

	if (status)
		return status;
	note_time(f->report, s);
	if (!s->up) {
		f->report->root = s;
		s->keep = true;
	}
	if (f->mentions && (f->keep_suites || s->run > 0 ||
			       rj_mentions_has_suite(f->mentions, s)))
		s->keep = true;
	return REJUNIT_OK;
}

static bool
note_loose(struct filing *f, const struct rj_suite *s)
{
	struct rj_report *r = f->report;
	size_t loose =
	    (size_t)(s->own.loose_failures + s->own.loose_errors + s->own.lost);
	int64_t excess = r->votes.excess;

	r->loose += loose;
	rj_votes_add(&r->votes, s);
	if (r->loose_suite.s || (!loose && r->votes.excess == excess))
		return true;
	return rj_alloc_str(
	    f->arena, s->name.s ? s->name : RJ_STR(""), &r->loose_suite);
}

/* The key of the cases that are a measure for a silent one. */
static bool
kind_of(struct rj_buf *key, const struct rj_case *c)
{
	const char has[] = { c->classname.s ? 'c' : '-', c->file.s ? 'f' : '-',
		c->line.s ? 'l' : '-' };
	/* its place, which is the same when the report is read again */
	const uint64_t *at = &c->suite->start.at;
	struct rj_str suite = { (const char *)at, sizeof(*at) };

	key->n = 0;
	return rj_buf_add(key, suite) && rj_buf_add(key, c->classname) &&
	       rj_buf_add(key, (struct rj_str){ has, sizeof(has) });
}

/* Notes the words by which a case of its kind says that it passed. */
static bool
note_kind(struct rj_report *r, const struct rj_case *c, struct rj_buf *key)
{
	uintptr_t words;

	if (!c->says_passed)
		return true;
	if (!kind_of(key, c))
		return false;
	words = (uintptr_t)rj_map_get(&r->kinds, rj_buf_str(key));
	return (words | c->says) == words ||
	       rj_map_put_copy(&r->kinds, &r->kind_keys, rj_buf_str(key),
		   (void *)(words | c->says));
}

/* A silent case is doubted where its suite, or what speaks for it, is. */
static bool
is_doubted(const struct rj_case *c, const struct rj_map *kinds,
    struct rj_buf *key, bool *ok)
{
	const struct rj_suite *s = c->suite;
	uintptr_t words;

	if (c->says_passed || c->marks & RJ_HAS_FLAKY)
		return false;
	if (kinds->used) {
		*ok = kind_of(key, c);
		words = *ok ? (uintptr_t)rj_map_get(kinds, rj_buf_str(key)) : 0;
		if (words & ~(uintptr_t)c->says)
			return true;
	}
	while (!s->doubted && !rj_counts_failures(s) && s->up)
		s = s->up;
	return s->doubted;
}

/* Doubts the silent ones among a rerun's cases. */
static bool
doubt_cases(struct rj_report *r)
{
	struct rj_buf key = { 0 };
	bool ok = true;

	for (size_t i = 0; i < r->n && ok; i++)
		ok = note_kind(r, r->cases[i], &key);
	for (size_t i = 0; i < r->n && ok; i++) {
		struct rj_case *c = r->cases[i];

		c->marks &= ~(unsigned int)RJ_IS_DOUBTED;
		if (rj_outcome(c->marks) == REJUNIT_PASSED &&
		    is_doubted(c, &r->kinds, &key, &ok))
			c->marks |= RJ_IS_DOUBTED;
		c->outcome = rj_outcome(c->marks);
	}
	rj_buf_free(&key);
	return ok;
}

/* The whole report has been read: what can only be said now. */
static bool
conclude(struct rj_report *r, const struct rj_suite *root)
{
	r->unexplained = (size_t)rj_unexplained(&r->votes);
	r->total = (size_t)root->all.cases;
	r->bad = (size_t)root->all.bad_cases;
	for (size_t i = 0; i < r->n_suites && r->run > 0; i++) {
		struct rj_suite *s = r->suites[i];

		s->doubted = !rj_dialect_of(s)->counts_assertions &&
			     rj_counters_exceed(s, &r->votes);
	}
	if (r->run > 0 && !doubt_cases(r))
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (r->cases[i]->outcome == REJUNIT_UNKNOWN &&
		    r->unknown++ == 0)
			r->first_unknown = r->cases[i]->name.s;
	return true;
}

static enum rejunit_status
on_close(void *ctx, struct rj_suite *s)
{
	struct filing *f = ctx;
	struct rj_report *r = f->report;
	enum rejunit_status status =
	    f->also ? f->also->close(f->also->ctx, s) : REJUNIT_OK;
	void *p;

	if (status)
		return status;
	if (!note_loose(f, s))
		return rj_fail_memory(f->err);
	if (s->keep && s->run > 0 && f->mentions &&
	    !rj_mentions_add_suite(f->mentions, s))
		return rj_fail_memory(f->err);
	if (s->keep) {
		p = rj_grown(r->suites, r->n_suites, &f->suite_room, sizeof(s));
		if (!p)
			return rj_fail_memory(f->err);
		r->suites = p;
		s->number = r->n_suites;
		r->suites[r->n_suites++] = s;
	}
	return s->up || conclude(r, s) ? REJUNIT_OK : rj_fail_memory(f->err);
}

static bool
is_internal_error(const struct rj_case *c)
{
	return rj_str_eq(c->classname, RJ_STR("pytest")) &&
	       rj_str_eq(c->name, RJ_STR("internal")) && c->children &&
	       c->child[0].is_internal;
}

static bool
note_folders(struct filing *f, const struct rj_case *c)
{
	struct rj_folders *folders = &f->report->folders;
	bool new;

	if (!c->file.n)
		return true;
	rj_folders_add(folders, c->file, &new);
	return !new || rj_alloc_str(f->arena, folders->folder[folders->n - 1],
			   &folders->folder[folders->n - 1]);
}

/* Whether a case is to be kept, beside what a rerun mentions of it. */
static bool
is_wanted(struct filing *f, const struct rj_case *c, bool *wanted)
{
	*wanted = true;
	if (f->selection)
		return f->selection->wants(f->selection->ctx, c, wanted);
	if (c->suite->run > 0)
		return rj_mentions_add_case(f->mentions, c);
	if (!rj_mentions_see_case(f->mentions, c, wanted))
		return false;
	*wanted = *wanted || rejunit_is_bad(c->outcome) ||
		  c->outcome == REJUNIT_UNKNOWN ||
		  c->marks & (RJ_HAS_FLAKY | RJ_CANNOT_RUN);
	return true;
}

static enum rejunit_status
on_test(void *ctx, const struct rj_case *c)
{
	struct filing *f = ctx;
	struct rj_report *r = f->report;
	bool bad = rejunit_is_bad(c->outcome), wanted;
	enum rejunit_status status =
	    f->also ? f->also->test(f->also->ctx, c) : REJUNIT_OK;
	void *p;

	if (status)
		return status;
	if (!note_folders(f, c))
		return rj_fail_memory(f->err);
	if (rj_is_nameless(c)) {
		r->nameless++;
		r->nameless_bad += bad;
		return REJUNIT_OK;
	}
	if (c->suite->run > 0)
		r->internal = r->internal || is_internal_error(c);
	if (!is_wanted(f, c, &wanted))
		return rj_fail_memory(f->err);
	/* what is kept is noted with the others of its report */
	if (!wanted)
		return c->suite->run == 0 || note_kind(r, c, &f->key)
			   ? REJUNIT_OK
			   : rj_fail_memory(f->err);
	p = rj_grown(r->cases, r->n, &f->room, sizeof(c));
	if (!p)
		return rj_fail_memory(f->err);
	r->cases = p;
	r->cases[r->n] = copy_case(
	    f->arena, f->mentions, c, r->n ? r->cases[r->n - 1] : NULL);
	if (!r->cases[r->n])
		return rj_fail_memory(f->err);
	r->n++;
	c->suite->keep = true;
	if (c->suite->run > 0 || !bad)
		return REJUNIT_OK;
	status = rj_marker_read(r, r->cases[r->n - 1], f->err);
	if (r->cases[r->n - 1]->marks & RJ_HAS_CRASHED && !r->crashed)
		r->crashed = r->cases[r->n - 1]->name.s;
	return status;
}

/* Nobody wants it. */
static bool
skip(void *ctx, struct rj_str classname, struct rj_str name)
{
	const struct filing *f = ctx;

	if (f->selection)
		return f->selection->excludes(
		    f->selection->ctx, classname, name);
	return rj_mentions_excludes(f->mentions, classname, name);
}

enum rejunit_status
rj_report_read(struct rj_report *r, bool repair, bool keep_suites,
    struct rj_mentions *o, struct rj_arena *arena, struct rejunit_error *err)
{
	struct filing f = {
		.report = r,
		.mentions = o,
		.arena = arena,
		.err = err,
		.keep_suites = keep_suites,
	};
	const struct rj_reader reader = {
		.open = on_open,
		.close = on_close,
		.test = on_test,
		.skip = r->run == 0 ? skip : NULL,
		.ctx = &f,
		.foreign = &r->foreign,
	};
	enum rejunit_status status;

	status =
	    rj_source_open_in(&r->src, r->pool, arena, &r->input, repair, err);
	if (status)
		return status;
	status = rj_read(&r->src, r->run, r->number, &reader, arena, err);
	return status ? status : rj_marker_read_traces(r, arena, err);
}

static enum rejunit_status
on_element(void *ctx, const struct rj_element *e, struct rejunit_error *err)
{
	struct filing *f = ctx;

	return f->also->watch->start(f->also->ctx, e, err);
}

static enum rejunit_status
on_end(void *ctx, struct rj_span span, struct rejunit_error *err)
{
	struct filing *f = ctx;

	return f->also->watch->end(f->also->ctx, span, err);
}

/* Only what it was opened with stays. */
static void
forget(struct rj_report *r)
{
	struct rj_report new = { .src = r->src,
		.run = r->run,
		.number = r->number,
		.pool = r->pool,
		.input = r->input,
		.name = r->name,
		.foreign = r->foreign,
		.kinds = r->kinds,
		.kind_keys = r->kind_keys };

	free(r->cases);
	free(r->suites);
	*r = new;
}

enum rejunit_status
rj_report_select(struct rj_report *r, const struct rj_selection *selection,
    struct rj_arena *arena, struct rejunit_error *err)
{
	static const struct rj_xml_handler watch = {
		.start = on_element,
		.end = on_end,
	};
	struct filing f = {
		.report = r,
		.selection = selection,
		.also = selection->also,
		.arena = arena,
		.err = err,
	};
	const struct rj_reader reader = {
		.open = on_open,
		.close = on_close,
		.test = on_test,
		.skip = f.also ? NULL : skip,
		.ctx = &f,
		.foreign = &r->foreign,
		.watch = f.also ? &watch : NULL,
	};
	enum rejunit_status status;

	forget(r);
	status = rj_read(&r->src, r->run, r->number, &reader, arena, err);
	rj_buf_free(&f.key);
	return status ? status : rj_marker_read_traces(r, arena, err);
}

static enum rejunit_status
see_classname(void *ctx, const struct rj_case *c)
{
	struct filing *f = ctx;

	return rj_is_nameless(c) || rj_mentions_see_classname(f->mentions, c)
		   ? REJUNIT_OK
		   : rj_fail_memory(f->err);
}

enum rejunit_status
rj_report_reread(struct rj_report *r, struct rj_mentions *o,
    struct rj_arena *arena, struct rejunit_error *err)
{
	struct filing f = { .report = r, .mentions = o, .err = err };
	const struct rj_reader reader = {
		.test = see_classname,
		.ctx = &f,
		.foreign = &r->foreign,
	};

	return rj_read(&r->src, r->run, r->number, &reader, arena, err);
}

void
rj_report_close(struct rj_report *r)
{
	rj_source_close(&r->src);
	free(r->cases);
	free(r->suites);
	rj_map_free(&r->kinds);
	rj_arena_free(&r->kind_keys);
	r->cases = NULL;
	r->suites = NULL;
}
