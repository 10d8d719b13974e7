#include "audit/proof.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "file/place.h"
#include "model/identity.h"
#include "model/markup.h"
#include "read/read.h"
#include "write/write.h"

/* What is compared: a case, or the start tag of a suite. */
struct item {
	uint64_t key;
	uint64_t at;
	uint64_t end;
	uint64_t tag_end;
	unsigned long line;
	bool is_suite;
	enum rejunit_verdict outcome;
	struct rj_str name;
	size_t partner; /* in the other side; NONE */
};

#define NONE  SIZE_MAX
#define CHUNK 16384

/* One of the two reports, as a list of its items. */
struct side {
	const struct rj_source *src;
	struct rj_arena arena;
	struct item *items;
	size_t n;
	size_t room;
	const uint64_t *seed;
	struct rj_buf key;
	bool foreign;
	struct rejunit_error *err;
};

struct proof {
	struct rj_findings *found;
	const char *file;
	struct side want;
	struct side have;
	struct rj_known known; /* the last column counted in it */
	struct rj_buf x, y; /* scratch */
	struct rejunit_error *err;
};

/* --- comparing while writing --------------------------------------------- */

struct comparison {
	const struct rj_source *have;
	uint64_t at;
	bool differs;
};

/* Stops the writing at the first byte that differs. */
static int
compare(void *ctx, const void *data, size_t n)
{
	struct comparison *c = ctx;
	const char *p = data;
	char chunk[CHUNK];

	while (n && !c->differs) {
		size_t part = n < sizeof(chunk) ? n : sizeof(chunk);

		c->differs =
		    c->have->raw_size - c->at < part ||
		    rj_source_read_raw(c->have, c->at, chunk, part, NULL) ||
		    memcmp(chunk, p, part) != 0;
		p += part;
		n -= part;
		c->at += part;
	}
	return c->differs ? ECANCELED : 0;
}

/* --- reading a side ------------------------------------------------------ */

static struct item *
add_item(struct side *s)
{
	void *p = rj_grown(s->items, s->n, &s->room, sizeof(*s->items));

	if (!p)
		return NULL;
	s->items = p;
	s->items[s->n] = (struct item){ .partner = NONE };
	return &s->items[s->n++];
}

static enum rejunit_status
on_open(void *ctx, struct rj_suite *suite)
{
	struct side *s = ctx;
	struct item *i = add_item(s);

	s->key.n = 0;
	if (!i || !rj_alloc_str(&s->arena, suite->name, &i->name) ||
	    !rj_buf_add(&s->key, RJ_STR("s")) ||
	    !rj_buf_add(&s->key, suite->path))
		return rj_fail_memory(s->err);
	i->key = rj_hash(s->seed, rj_buf_str(&s->key));
	i->is_suite = true;
	i->at = suite->start.at;
	i->end = i->tag_end = suite->start.end;
	i->line = suite->line;
	return REJUNIT_OK;
}

static enum rejunit_status
on_test(void *ctx, const struct rj_case *c)
{
	struct side *s = ctx;
	struct item *i = add_item(s);

	s->key.n = 0;
	if (!i || !rj_alloc_str(&s->arena, c->name, &i->name) ||
	    !rj_buf_add(&s->key, RJ_STR("c")) ||
	    !rj_key(&s->key, c,
		REJUNIT_CLASSNAME | REJUNIT_NAME | REJUNIT_FILE |
		    REJUNIT_SUITE))
		return rj_fail_memory(s->err);
	i->key = rj_hash(s->seed, rj_buf_str(&s->key));
	i->at = c->at;
	i->end = c->end;
	i->tag_end = c->body;
	i->line = c->line_no;
	i->outcome = c->outcome;
	return REJUNIT_OK;
}

static enum rejunit_status
read_side(struct side *s, const struct rj_source *src, const uint64_t *seed,
    struct rejunit_error *err)
{
	const struct rj_reader reader = {
		.open = on_open,
		.test = on_test,
		.ctx = s,
		.foreign = &s->foreign,
	};

	s->src = src;
	s->seed = seed;
	s->err = err;
	return rj_read(src, 0, 0, &reader, &s->arena, err);
}

static void
free_side(struct side *s)
{
	rj_arena_free(&s->arena);
	rj_buf_free(&s->key);
	free(s->items);
}

/* --- which item is which ------------------------------------------------- */

static int
by_key(const void *a, const void *b)
{
	const struct item *x = *(const struct item *const *)a;
	const struct item *y = *(const struct item *const *)b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static struct item **
sorted(const struct side *s)
{
	struct item **list = calloc(s->n + 1, sizeof(*list));

	for (size_t i = 0; list && i < s->n; i++)
		list[i] = &s->items[i];
	if (list)
		qsort(list, s->n, sizeof(*list), by_key);
	return list;
}

/* The k-th item of a key on one side is the k-th of it on the other. */
static bool
pair_up(struct proof *p)
{
	struct item **a = sorted(&p->want), **b = sorted(&p->have);
	size_t i = 0, k = 0;

	while (a && b && i < p->want.n && k < p->have.n) {
		if (a[i]->key == b[k]->key) {
			a[i]->partner = (size_t)(b[k] - p->have.items);
			b[k++]->partner = (size_t)(a[i++] - p->want.items);
		} else if (a[i]->key < b[k]->key) {
			i++;
		} else {
			k++;
		}
	}
	free(a);
	free(b);
	return a && b;
}

/* --- what differs -------------------------------------------------------- */

static bool tell(struct proof *p, const char *code, uint64_t at,
    unsigned long line, const char *fmt, ...) RJ_PRINTF(5, 6);

static bool
tell(struct proof *p, const char *code, uint64_t at, unsigned long line,
    const char *fmt, ...)
{
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return rj_find(p->found, code, p->file, line,
	    rj_source_column(p->have.src, at, &p->known), "%s", text);
}

/*
 * Where two spans begin to differ, from the beginning of the second, and how
 * many lines lie in between; *same: they do not.
 */
static enum rejunit_status
first_difference(struct proof *p, struct rj_span want, struct rj_span have,
    uint64_t *at, unsigned long *lines, bool *same)
{
	uint64_t a = want.end - want.at, b = have.end - have.at, n = 0;
	uint64_t most = a < b ? a : b;
	char x[CHUNK], y[CHUNK];

	*lines = 0;
	*same = false;
	while (n < most) {
		size_t part =
		    most - n < sizeof(x) ? (size_t)(most - n) : sizeof(x);
		enum rejunit_status status =
		    rj_source_read(p->want.src, want.at + n, x, part, p->err);

		if (!status)
			status = rj_source_read(
			    p->have.src, have.at + n, y, part, p->err);
		if (status)
			return status;
		for (size_t i = 0; i < part; i++) {
			if (x[i] != y[i]) {
				*at = have.at + n + i;
				return REJUNIT_OK;
			}
			*lines += y[i] == '\n';
		}
		n += part;
	}
	*at = have.at + n;
	*same = a == b;
	return REJUNIT_OK;
}

/* Names the first attribute that differs between two start tags. */
static enum rejunit_status
compare_tags(struct proof *p, const struct item *want, const struct item *have,
    bool *told)
{
	const char *code = have->is_suite ? "wrong-counter" : "changed-case";
	enum rejunit_status status = rj_source_read_span(p->want.src,
	    (struct rj_span){ want->at, want->tag_end }, &p->x, p->err);
	struct rj_tag_attr a, b;
	size_t pos = 0;

	if (!status)
		status = rj_source_read_span(p->have.src,
		    (struct rj_span){ have->at, have->tag_end }, &p->y, p->err);
	while (!status && !*told && rj_tag_next(rj_buf_str(&p->x), &pos, &a)) {
		bool there = rj_tag_find(rj_buf_str(&p->y), a.name, &b);

		if (!there)
			b.value.n = 0;
		if (there && rj_str_eq(a.value, b.value))
			continue;
		*told = true;
		if (!tell(p, code, have->at, have->line,
			"%s \"%.*s\": its %.*s is \"%.*s\", and follows as "
			"\"%.*s\"",
			have->is_suite ? "suite" : "case", RJ_SHOWN(have->name),
			RJ_SHOWN(a.name), RJ_SHOWN(b.value), RJ_SHOWN(a.value)))
			return rj_fail_memory(p->err);
	}
	return status;
}

static enum rejunit_status
compare_items(struct proof *p, const struct item *want, const struct item *have)
{
	enum rejunit_status status;
	unsigned long lines;
	bool same, told = false;
	uint64_t at;

	if (!have->is_suite && want->outcome != have->outcome)
		return tell(p, "wrong-verdict", have->at, have->line,
			   "\"%.*s\" is %s, and follows as %s",
			   RJ_SHOWN(have->name),
			   rejunit_verdict_name(have->outcome),
			   rejunit_verdict_name(want->outcome))
			   ? REJUNIT_OK
			   : rj_fail_memory(p->err);
	status = first_difference(p, (struct rj_span){ want->at, want->end },
	    (struct rj_span){ have->at, have->end }, &at, &lines, &same);
	if (status || same)
		return status;
	status = compare_tags(p, want, have, &told);
	if (status || told)
		return status;
	return tell(p, have->is_suite ? "changed-bytes" : "changed-case", at,
		   have->line + lines, "\"%.*s\" has other bytes than follow",
		   RJ_SHOWN(have->name))
		   ? REJUNIT_OK
		   : rj_fail_memory(p->err);
}

/* The line that an item ends in. */
static enum rejunit_status
line_behind(struct proof *p, const struct item *i, unsigned long *line)
{
	enum rejunit_status status = REJUNIT_OK;
	char chunk[CHUNK];
	size_t n;

	*line = i->line;
	for (uint64_t at = i->at; at < i->end && !status; at += n) {
		n = i->end - at < CHUNK ? (size_t)(i->end - at) : CHUNK;
		status = rj_source_read(p->have.src, at, chunk, n, p->err);
		for (size_t k = 0; k < n && !status; k++)
			*line += chunk[k] == '\n';
	}
	return status;
}

/*
 * What lies between two items that are neighbours on both sides, or in front
 * of the first one: then `before` is NULL.
 */
static enum rejunit_status
compare_gap(struct proof *p, struct rj_span want, struct rj_span have,
    const struct item *before)
{
	enum rejunit_status status;
	unsigned long lines, line = 1;
	uint64_t at;
	bool same;

	status = first_difference(p, want, have, &at, &lines, &same);
	if (!status && !same && before)
		status = line_behind(p, before, &line);
	if (status || same)
		return status;
	return tell(p, "changed-bytes", at, line + lines,
		   "other bytes stand here than in the original")
		   ? REJUNIT_OK
		   : rj_fail_memory(p->err);
}

static enum rejunit_status
compare_gaps(struct proof *p)
{
	enum rejunit_status status = REJUNIT_OK;
	const struct side *w = &p->want, *h = &p->have;

	for (size_t i = 0; i <= h->n && !status; i++) {
		struct rj_span want = { 0, w->src->size };
		struct rj_span have = { 0, h->src->size };
		size_t before = i ? h->items[i - 1].partner : NONE;
		size_t behind = i < h->n ? h->items[i].partner : w->n;

		if ((i && before == NONE) || behind == NONE ||
		    behind != (i ? before + 1 : 0))
			continue;
		if (i) {
			want.at = w->items[before].end;
			have.at = h->items[i - 1].end;
		}
		if (i < h->n) {
			want.end = w->items[behind].at;
			have.end = h->items[i].at;
		}
		status =
		    compare_gap(p, want, have, i ? &h->items[i - 1] : NULL);
	}
	return status;
}

/* What is lost would stand behind its neighbour. */
static bool
tell_lost(struct proof *p)
{
	const struct item *near = &p->have.items[0];

	for (size_t i = 0; i < p->want.n; i++) {
		const struct item *want = &p->want.items[i];

		if (want->partner != NONE)
			near = &p->have.items[want->partner];
		else if (!tell(p, want->is_suite ? "lost-suite" : "lost-case",
			     near->at, near->line,
			     "\"%.*s\" is not there; it follows behind this",
			     RJ_SHOWN(want->name)))
			return false;
	}
	return true;
}

static enum rejunit_status
compare_sides(struct proof *p)
{
	enum rejunit_status status = REJUNIT_OK;
	size_t furthest = 0;

	if (!pair_up(p) || !tell_lost(p))
		return rj_fail_memory(p->err);
	for (size_t i = 0; i < p->have.n && !status; i++) {
		const struct item *have = &p->have.items[i];
		bool ok = true;

		if (have->partner == NONE) {
			ok = tell(p,
			    have->is_suite ? "added-suite" : "added-case",
			    have->at, have->line,
			    "\"%.*s\" follows from no run",
			    RJ_SHOWN(have->name));
		} else {
			if (have->partner < furthest)
				ok = tell(p, "moved", have->at, have->line,
				    "\"%.*s\" stands in another place than in "
				    "the original",
				    RJ_SHOWN(have->name));
			else
				furthest = have->partner;
			status = compare_items(
			    p, &p->want.items[have->partner], have);
		}
		if (!ok)
			status = rj_fail_memory(p->err);
	}
	return status ? status : compare_gaps(p);
}

/* --- the whole ----------------------------------------------------------- */

/* Both reports are there, and they differ. */
static enum rejunit_status
explain(struct proof *p, const struct rj_source *want,
    const struct rj_source *have, const struct comparison *c)
{
	size_t total = p->found->total;
	struct rejunit_error why = { 0 };
	enum rejunit_status status;
	uint64_t seed[2];

	rj_hash_seed(seed);
	status = read_side(&p->have, have, seed, &why);
	if (status == REJUNIT_INPUT)
		status = rj_find(p->found, "malformed", p->file, why.line,
			     why.column, "%s", why.message)
			     ? REJUNIT_OK
			     : rj_fail_memory(p->err);
	else if (!status) {
		status = read_side(&p->want, want, seed, p->err);
		if (!status)
			status = compare_sides(p);
	}
	if (!status && p->found->total == total &&
	    !rj_find(p->found, "changed-bytes", p->file, 0, 0,
		"the bytes differ from what follows, at %llu or before; in "
		"their encoding, perhaps",
		(unsigned long long)c->at))
		status = rj_fail_memory(p->err);
	return status;
}

enum rejunit_status
rj_prove(struct rj_findings *f, const struct rj_plan *plan,
    const struct rj_report *reports, unsigned int report,
    enum rejunit_evidence evidence, struct rj_witness *witness,
    const struct rejunit_input *updated, struct rejunit_error *err)
{
	struct proof p = { .found = f, .err = err };
	struct rj_source have, want = { 0 };
	struct comparison c = { .have = &have };
	enum rejunit_status status;

	status = rj_source_open(&have, f->arena, updated, false, err);
	p.file = have.name;
	if (!status)
		status = rj_witness_check(witness, f, report, &have, err);
	if (!status)
		status =
		    rj_write(plan, reports, report, evidence, compare, &c, err);
	if ((!status && c.at == have.raw_size) ||
	    (status && !(status == REJUNIT_OUTPUT && c.differs))) {
		rj_source_close(&have);
		return status;
	}
	status = rj_source_begin(&want, f->arena, "what follows", err);
	if (!status)
		status = rj_write(plan, reports, report, evidence,
		    rj_source_append, &want, err);
	if (!status)
		status = rj_source_end(&want, f->arena, err);
	if (!status)
		status = explain(&p, &want, &have, &c);
	rj_source_close(&want);
	rj_source_close(&have);
	free_side(&p.want);
	free_side(&p.have);
	rj_buf_free(&p.x);
	rj_buf_free(&p.y);
	return status;
}
