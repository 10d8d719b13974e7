#include "join/suites.h"

#include "base/map.h"
#include "model/markup.h"

/* Suites of one name, perhaps of one host, in one suite. */
struct group {
	struct rj_join_suite *first;
	struct rj_join_suite *last;
	struct rj_join_suite *cursor; /* the next one for the current input */
	unsigned int input; /* the current one, from 1 */
	struct rj_str host; /* of the last suite surveyed, */
	unsigned int surveyed; /* and of which input it was */
	bool hosts; /* one input has the name on several hosts */
};

struct joining {
	struct rj_join *join;
	struct rj_map groups;
	struct rj_arena scratch;
	struct rj_buf key;
	size_t apart; /* kept apart, as they ran elsewhere or mean otherwise */
	struct rejunit_error *err;
};

static struct group *
group_of(struct joining *g, const struct rj_join_suite *up,
    const struct rj_join_suite *p, bool host)
{
	const struct rj_join_suite *head = up ? up->head : NULL;
	struct rj_str key = { (const char *)&head, sizeof(head) };
	struct group *found;

	g->key.n = 0;
	if (!rj_buf_add(&g->key, key) || !rj_buf_add(&g->key, p->suite->name) ||
	    (host && (!rj_buf_add(&g->key, RJ_STR("\0")) ||
			 !rj_buf_add(&g->key, p->suite->hostname))))
		return NULL;
	found = rj_map_get(&g->groups, rj_buf_str(&g->key));
	if (found)
		return found;
	found = rj_alloc(&g->scratch, sizeof(*found));
	if (!found || !rj_map_put_copy(
			  &g->groups, &g->scratch, rj_buf_str(&g->key), found))
		return NULL;
	return found;
}

/* Notes which names one input has on several hosts: Playwright's projects. */
static bool
survey(struct joining *g, const struct rj_join_suite *up,
    struct rj_join_suite *list)
{
	for (const struct rj_join_suite *p = list; p; p = p->next) {
		struct group *name = group_of(g, up, p, false);
		unsigned int input = p->suite->report + 1;

		if (!name)
			return false;
		if (name->surveyed == input &&
		    !rj_str_eq(name->host, p->suite->hostname))
			name->hosts = true;
		name->surveyed = input;
		name->host = p->suite->hostname;
	}
	return true;
}

/* Reads a span of the report that a suite stands in. */
static enum rejunit_status
read_span(const struct joining *g, const struct rj_join_suite *p,
    struct rj_span span, struct rj_buf *to)
{
	return rj_source_read_span(
	    &g->join->inputs[p->suite->report].src, span, to, g->err);
}

/* What a suite's tag says of its content: namespaces and white space. */
static enum rejunit_status
read_bindings(const struct joining *g, const struct rj_join_suite *p,
    struct rj_buf *tag, struct rj_buf *out)
{
	struct rj_tag_attr a;
	size_t pos = 0;
	enum rejunit_status status = read_span(g, p, p->suite->start, tag);

	while (!status && rj_tag_next(rj_buf_str(tag), &pos, &a))
		if (rj_str_starts(a.name, RJ_STR("xml")) &&
		    (!rj_buf_add(out, a.name) || !rj_buf_add(out, a.value)))
			status = rj_fail_memory(g->err);
	return status;
}

static enum rejunit_status
same_bindings(const struct joining *g, const struct rj_join_suite *a,
    const struct rj_join_suite *b, bool *same)
{
	struct rj_buf tag = { 0 }, x = { 0 }, y = { 0 };
	enum rejunit_status status = read_bindings(g, a, &tag, &x);

	if (!status)
		status = read_bindings(g, b, &tag, &y);
	*same = !status && rj_str_eq(rj_buf_str(&x), rj_buf_str(&y));
	rj_buf_free(&tag);
	rj_buf_free(&x);
	rj_buf_free(&y);
	return status;
}

static enum rejunit_status
same_properties(const struct joining *g, const struct rj_join_suite *a,
    const struct rj_join_suite *b, bool *same)
{
	struct rj_buf x = { 0 }, y = { 0 };
	enum rejunit_status status = REJUNIT_OK;

	*same = !a->properties.end && !b->properties.end;
	if (a->properties.end && b->properties.end) {
		status = read_span(g, a, a->properties, &x);
		if (!status)
			status = read_span(g, b, b->properties, &y);
		*same = !status && rj_str_eq(rj_buf_str(&x), rj_buf_str(&y));
	}
	rj_buf_free(&x);
	rj_buf_free(&y);
	return status;
}

/* The k-th suite of a name in one input is the k-th of that name in all. */
static struct rj_join_suite *
next_of(struct group *group, const struct rj_join_suite *p, bool host)
{
	struct rj_join_suite *found;

	if (group->input != p->suite->report + 1) {
		group->input = p->suite->report + 1;
		group->cursor = group->first;
	}
	found = group->cursor;
	if (found)
		group->cursor = host ? found->host_twin : found->twin;
	return found;
}

static void
enter(struct group *group, struct rj_join_suite *p, bool host)
{
	if (!group->first)
		group->first = p;
	else if (host)
		group->last->host_twin = p;
	else
		group->last->twin = p;
	group->last = p;
}

static enum rejunit_status join_pieces(struct joining *g,
    const struct rj_join_suite *up, struct rj_join_suite *list);

/* Hangs a piece on the first one of its suite, or makes it that. */
static enum rejunit_status
join_piece(
    struct joining *g, const struct rj_join_suite *up, struct rj_join_suite *p)
{
	struct group *name = group_of(g, up, p, false);
	struct group *host = group_of(g, up, p, true);
	enum rejunit_status status = REJUNIT_OK;
	struct rj_join_suite *to;
	bool same = true;

	if (!name || !host)
		return rj_fail_memory(g->err);
	to = next_of(name->hosts ? host : name, p, name->hosts);
	if (to)
		status = same_bindings(g, to, p, &same);
	if (to && !status && same)
		status = same_properties(g, to, p, &same);
	if (status)
		return status;
	if (to && !same) {
		g->apart++;
		to = NULL;
	} else if (!to) {
		enter(name, p, false);
		enter(host, p, true);
	}
	p->head = to ? to : p;
	if (to) {
		*to->also_tail = p;
		to->also_tail = &p->also;
	}
	return join_pieces(g, p, p->first);
}

static enum rejunit_status
join_pieces(struct joining *g, const struct rj_join_suite *up,
    struct rj_join_suite *list)
{
	enum rejunit_status status = REJUNIT_OK;

	if (!survey(g, up, list))
		return rj_fail_memory(g->err);
	for (struct rj_join_suite *p = list; p && !status; p = p->next)
		status = join_piece(g, up, p);
	return status;
}

enum rejunit_status
rj_join_suites(struct rj_join *j, struct rejunit_error *err)
{
	struct joining g = { .join = j, .err = err };
	enum rejunit_status status = REJUNIT_OK;

	for (size_t i = 0; i < j->n && !status; i++) {
		struct rj_join_suite *root = j->inputs[i].piece;

		status = join_pieces(&g, NULL,
		    root->suite->tag == RJ_TESTSUITES ? root->first : root);
	}
	if (!status && g.apart &&
	    !rj_warn(&j->warnings,
		"suites of one name were kept apart, as their properties "
		"or namespaces differ: %zu",
		g.apart))
		status = rj_fail_memory(err);
	rj_map_free(&g.groups);
	rj_arena_free(&g.scratch);
	rj_buf_free(&g.key);
	return status;
}
