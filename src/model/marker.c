#include "model/marker.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "model/dialect.h"
#include "model/identity.h"

/* So much of an output tells; a trace may be longer, and its end tells. */
#define OUTPUT_MAX 64
#define TRACE_MAX  16384

/* Reads the end of a child's text, as much of it as there is room. */
static enum rejunit_status
read_end(const struct rj_report *r, const struct rj_child *child, char *text,
    size_t room, size_t *n, struct rejunit_error *err)
{
	uint64_t at = child->body;

	if (child->body_end - at > room)
		at = child->body_end - room;
	*n = (size_t)(child->body_end - at);
	return rj_source_read(&r->src, at, text, *n, err);
}

static enum rejunit_status
look_for_behave(const struct rj_report *r, const struct rj_case *c,
    struct rejunit_error *err)
{
	const struct rj_child *out = NULL;
	enum rejunit_status status;
	char head[OUTPUT_MAX];
	size_t n;

	for (unsigned int i = 0; i < c->children && !out; i++)
		if (c->child[i].tag == RJ_SYSTEM_OUT)
			out = &c->child[i];
	if (!out)
		return REJUNIT_OK;
	n = out->body_end - out->body < OUTPUT_MAX
		? (size_t)(out->body_end - out->body)
		: OUTPUT_MAX;
	status = rj_source_read(&r->src, out->body, head, n, err);
	if (!status && rj_str_find((struct rj_str){ head, n },
			   RJ_STR("@scenario.begin")) < n)
		c->suite->is_behave = true;
	return status;
}

/* A panic ends the process, and with it the package's other tests. */
static enum rejunit_status
look_for_panic(
    const struct rj_report *r, struct rj_case *c, struct rejunit_error *err)
{
	enum rejunit_status status;
	char text[TRACE_MAX];
	size_t n, at;

	status =
	    read_end(r, &c->child[c->failure - 1], text, sizeof(text), &n, err);
	if (status)
		return status;
	at = rj_str_find((struct rj_str){ text, n }, RJ_STR("panic: "));
	if (rj_str_find((struct rj_str){ text + at, n - at },
		RJ_STR("goroutine ")) < n - at)
		c->marks |= RJ_HAS_CRASHED;
	return REJUNIT_OK;
}

enum rejunit_status
rj_marker_read(
    const struct rj_report *r, struct rj_case *c, struct rejunit_error *err)
{
	if (c->suite->is_go && c->failure)
		return look_for_panic(r, c, err);
	if (c->says && !c->suite->is_behave &&
	    rj_str_eq(c->classname, c->suite->name))
		return look_for_behave(r, c, err);
	return REJUNIT_OK;
}

static bool
is_path(char c)
{
	return !strchr(" \t\n\r\"'<>:(", c);
}

/* The file of a dotted class name that a trace names first; absent: none. */
static struct rj_str
test_file(struct rj_str trace, const struct rj_case *c)
{
	const struct rj_str ending = RJ_STR(".py");
	size_t at = 0, n;

	for (;; at += n + ending.n) {
		struct rj_case named = { .classname = c->classname };
		struct rj_str rest = rj_str_from(trace, at);
		size_t from;

		n = rj_str_find(rest, ending);
		if (n == rest.n)
			return (struct rj_str){ NULL, 0 };
		for (from = at + n; from > 0 && is_path(trace.s[from - 1]);)
			from--;
		named.file =
		    (struct rj_str){ trace.s + from, at + n + ending.n - from };
		if (rj_names_python_file(&named))
			return named.file;
	}
}

static enum rejunit_status
read_trace(struct rj_report *r, struct rj_case *c, struct rj_arena *arena,
    struct rejunit_error *err)
{
	enum rejunit_status status;
	char text[TRACE_MAX];
	size_t n;

	status =
	    read_end(r, &c->child[c->failure - 1], text, sizeof(text), &n, err);
	if (!status && !rj_alloc_str(arena,
			   test_file((struct rj_str){ text, n }, c), &c->trace))
		status = rj_fail_memory(err);
	return status;
}

/* The key of an entry in its suite. */
static bool
key_of(struct rj_buf *key, const struct rj_case *c)
{
	struct rj_str suite = { (const char *)&c->suite, sizeof(c->suite) };

	key->n = 0;
	return rj_buf_add(key, suite) &&
	       rj_key(key, c, REJUNIT_CLASSNAME | REJUNIT_NAME);
}

/* The failure before each error of a teardown; NULL: it has none. */
static bool
pair_phases(struct rj_report *r, struct rj_case **before)
{
	struct rj_map failed = { 0 };
	struct rj_arena keys = { 0 };
	struct rj_buf key = { 0 };
	bool ok = true;

	for (size_t i = 0; i < r->n && ok; i++) {
		struct rj_case *c = r->cases[i];

		if (!c->failure)
			continue;
		ok = key_of(&key, c);
		if (ok && c->marks & RJ_IS_TEARDOWN) {
			before[i] = rj_map_get(&failed, rj_buf_str(&key));
			c->suite->phases += before[i] != NULL;
		} else if (ok) {
			ok = rj_map_put_copy(
			    &failed, &keys, rj_buf_str(&key), c);
		}
	}
	rj_map_free(&failed);
	rj_arena_free(&keys);
	rj_buf_free(&key);
	return ok;
}

/*
 * pytest counts a test that failed and whose teardown failed once, and one that
 * passed and whose teardown failed twice: so its counter tells how many of the
 * pairs there are can be one test's.
 */
static bool
counts_as_phases(const struct rj_suite *s)
{
	return s->said[RJ_TESTS] < 0 ||
	       2 * s->phases <= s->own.cases + s->teardowns - s->said[RJ_TESTS];
}

static enum rejunit_status
read_phases(struct rj_report *r, struct rj_case **before,
    struct rj_arena *arena, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < r->n && !status; i++) {
		struct rj_case *c = r->cases[i];

		if (!before[i])
			continue;
		status = read_trace(r, before[i], arena, err);
		if (!status)
			status = read_trace(r, c, arena, err);
		if (!counts_as_phases(c->suite) &&
		    (!c->trace.n || !before[i]->trace.n))
			c->marks &= ~(unsigned int)RJ_IS_TEARDOWN;
	}
	return status;
}

enum rejunit_status
rj_marker_read_traces(
    struct rj_report *r, struct rj_arena *arena, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;
	struct rj_case **before;
	bool any = false;

	for (size_t i = 0; i < r->n && !any; i++)
		any = r->cases[i]->marks & RJ_IS_TEARDOWN;
	if (!any)
		return REJUNIT_OK;
	before = calloc(r->n, sizeof(struct rj_case *));
	if (!before || !pair_phases(r, before))
		status = rj_fail_memory(err);
	else
		status = read_phases(r, before, arena, err);
	free(before);
	return status;
}
