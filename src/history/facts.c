#include "history/facts.h"

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

static int
compare(struct rj_str a, struct rj_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.s, b.s, n) : 0;

	return order ? order : a.n < b.n ? -1 : a.n > b.n;
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
	while (i < f->n && compare(f->fact[i].name, name) < 0)
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

bool
rj_facts_write(
    const struct rj_facts *f, struct rj_arena *a, struct rj_str *out)
{
	struct rj_buf json = { 0 };
	bool ok = true;

	*out = (struct rj_str){ NULL, 0 };
	for (size_t i = 0; i < f->n && ok; i++)
		ok = rj_buf_add(&json, i ? RJ_STR(",") : RJ_STR("{")) &&
		     rj_json_quote(&json, f->fact[i].name) &&
		     rj_buf_add(&json, RJ_STR(":")) &&
		     rj_json_quote(&json, f->fact[i].value);
	if (f->n)
		ok = ok && rj_buf_add(&json, RJ_STR("}")) &&
		     rj_alloc_str(a, rj_buf_str(&json), out);
	rj_buf_free(&json);
	return ok;
}
