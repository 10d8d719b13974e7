#include "join/attributes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/markup.h"

static bool
is_summed(struct rj_str name)
{
	return rj_counter_named(name) >= 0 || rj_str_eq(name, RJ_STR("time"));
}

bool
rj_is_extra_number(struct rj_str name)
{
	return rj_str_eq(name, RJ_STR("assertions")) ||
	       rj_str_eq(name, RJ_STR("warnings"));
}

void
rj_add_number(int64_t *sum, struct rj_str value)
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
		rj_add_number(&one->sum, a->value);
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
	rj_add_number(&one->sum, a->value);
	one->quote = a->quote;
	return rj_alloc_str(j->arena, a->name, &one->name) &&
	       rj_alloc_str(j->arena, a->value, &one->value);
}

enum rejunit_status
rj_join_read_root(struct rj_join *j, const struct rj_join_input *in,
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
	if (rj_is_extra_number(a->name) && a->n == j->n && a->sum >= 0) {
		char text[32];

		snprintf(text, sizeof(text), "%" PRId64, a->sum);
		a->differs = false;
		return rj_alloc_str(j->arena, rj_str(text), &a->value)
			   ? REJUNIT_OK
			   : rj_fail_memory(err);
	}
	/* of what only some count there is no sum, and a name is all of theirs
	 */
	a->differs = a->differs ||
		     (a->n < j->n && (rj_is_extra_number(a->name) ||
					 rj_str_eq(a->name, RJ_STR("name"))));
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
rj_join_settle_attributes(struct rj_join *j, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;

	for (struct rj_root_attr *a = j->attrs; a && !status; a = a->next)
		status = settle_attribute(j, a, err);
	return status;
}
