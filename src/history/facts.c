#include "history/facts.h"

#include "base/json_in.h"
#include "out/json.h"

bool
rj_is_fact(const struct rj_fact_list *list, struct rj_str name)
{
	if (rj_str_eq(name, RJ_STR("seed")) ||
	    rj_str_eq(name, RJ_STR("worker")) ||
	    rj_str_starts(name, RJ_STR("rejunit.")))
		return true;
	for (size_t i = 0; i < list->n; i++)
		if (rj_str_eq(name, rj_str(list->names[i])))
			return true;
	return false;
}

bool
rj_fact_set(struct rj_facts *f, struct rj_arena *a, struct rj_str name,
    struct rj_str value)
{
	struct rj_fact new;
	size_t i = 0;

	if (!rj_alloc_str(a, name, &new.name) ||
	    !rj_alloc_str(a, value.s ? value : RJ_STR(""), &new.value))
		return false;
	while (i < f->n && rj_str_order(f->fact[i].name, name) < 0)
		i++;
	if (i < f->n && rj_str_eq(f->fact[i].name, name)) {
		f->fact[i] = new;
		return true;
	}
	if (f->n == RJ_FACTS_MAX)
		return true;
	memmove(&f->fact[i + 1], &f->fact[i], (f->n - i) * sizeof(new));
	f->fact[i] = new;
	f->n++;
	return true;
}

struct rj_str
rj_fact(const struct rj_facts *f, struct rj_str name)
{
	for (size_t i = 0; i < f->n; i++)
		if (rj_str_eq(f->fact[i].name, name))
			return f->fact[i].value;
	return (struct rj_str){ NULL, 0 };
}

/* Values are texts, or JSON already. */
static bool
write_object(const struct rj_facts *f, bool is_json, struct rj_arena *a,
    struct rj_str *out)
{
	struct rj_buf json = { 0 };
	bool ok = rj_buf_add(&json, RJ_STR("{"));

	for (size_t i = 0; i < f->n && ok; i++)
		ok = (i == 0 || rj_buf_add(&json, RJ_STR(","))) &&
		     rj_json_quote(&json, f->fact[i].name) &&
		     rj_buf_add(&json, RJ_STR(":")) &&
		     (is_json ? rj_buf_add(&json, f->fact[i].value)
			      : rj_json_quote(&json, f->fact[i].value));
	ok = ok && rj_buf_add(&json, RJ_STR("}")) &&
	     rj_alloc_str(a, rj_buf_str(&json), out);
	rj_buf_free(&json);
	return ok;
}

bool
rj_facts_write(const struct rj_facts *f, struct rj_arena *a, struct rj_str *out)
{
	*out = (struct rj_str){ NULL, 0 };
	return f->n == 0 || write_object(f, false, a, out);
}

/* --- objects of JSON ----------------------------------------------------- */

/* Adds the members of an object, whose values stay as they are written. */
static bool
read_members(struct rj_facts *f, struct rj_arena *arena, struct rj_str json)
{
	struct rj_json_in in = { .arena = arena, .text = json };
	struct rj_str name;

	if (!rj_json_enter(&in, '{'))
		return false;
	while (rj_json_member(&in, &name)) {
		struct rj_str value;
		size_t from, i = 0;

		(void)rj_json_peek(&in);
		from = in.at;
		if (!rj_json_skip(&in))
			return false;
		value = (struct rj_str){ json.s + from, in.at - from };
		while (i < f->n && !rj_str_eq(f->fact[i].name, name))
			i++;
		if (i < f->n && rj_str_order(f->fact[i].value, value) < 0)
			continue;
		if (!rj_fact_set(f, arena, name, value))
			return false;
	}
	return !in.wrong;
}

bool
rj_facts_merge(struct rj_arena *arena, struct rj_str a, struct rj_str b,
    struct rj_str *out)
{
	struct rj_facts all = { .n = 0 };

	if (read_members(&all, arena, a) && read_members(&all, arena, b))
		return write_object(&all, true, arena, out);
	*out = rj_str_order(a, b) < 0 ? a : b;
	return true;
}

bool
rj_facts_read(struct rj_facts *f, struct rj_arena *a, struct rj_str json)
{
	struct rj_json_in in = { .arena = a, .text = json };
	struct rj_str name, value;

	if (!rj_json_enter(&in, '{'))
		return !in.no_memory;
	while (rj_json_member(&in, &name)) {
		char first = rj_json_peek(&in);
		size_t from = in.at;

		if (first == '"' ? !rj_json_text(&in, &value)
				 : !rj_json_skip(&in))
			break;
		if (first != '"')
			value = (struct rj_str){ json.s + from, in.at - from };
		if (!rj_fact_set(f, a, name, value))
			return false;
	}
	return !in.no_memory;
}
