#include "overlap.h"

/* Which run had it first; 0 is the original. */
struct first {
	unsigned int run;
	struct rj_str key;
};

void
rj_overlap_free(struct rj_overlap *o)
{
	rj_map_free(&o->tests);
	rj_map_free(&o->classnames);
	rj_map_free(&o->modules);
	rj_map_free(&o->paths);
	rj_buf_free(&o->key);
	rj_buf_free(&o->last);
}

/* Enters a key that lives as long as the overlap. */
static bool
enter_kept(struct rj_overlap *o, struct rj_map *map, struct rj_str key,
    unsigned int run)
{
	struct first *f;

	if (rj_map_get(map, key))
		return true;
	f = rj_alloc(o->arena, sizeof(*f));
	if (!f)
		return false;
	*f = (struct first){ run, key };
	return rj_map_put(map, key, f);
}

static bool
enter(struct rj_overlap *o, struct rj_map *map, struct rj_str key,
    unsigned int run)
{
	return rj_map_get(map, key) || (rj_alloc_str(o->arena, key, &key) &&
					   enter_kept(o, map, key, run));
}

static bool
normalised_key(struct rj_overlap *o, const struct rj_case *c)
{
	struct rj_buf exact = { 0 };
	bool ok;

	o->key.n = 0;
	if (!rj_key(&o->key, c, o->fields))
		return false;
	if (rj_is_ascii(rj_buf_str(&o->key)))
		return true;
	exact = o->key;
	o->key = (struct rj_buf){ 0 };
	ok = rj_nfc(&o->key, rj_buf_str(&exact));
	rj_buf_free(&exact);
	return ok;
}

bool
rj_overlap_add_case(struct rj_overlap *o, const struct rj_case *c)
{
	struct rj_str module = { NULL, 0 };
	struct first *f;

	if (!normalised_key(o, c) ||
	    !enter(o, &o->tests, rj_buf_str(&o->key), c->run))
		return false;
	if (!c->classname.s || rj_map_get(&o->classnames, c->classname) != NULL)
		return true;
	if (!enter(o, &o->classnames, c->classname, c->run))
		return false;
	f = rj_map_get(&o->classnames, c->classname);
	while (rj_next_module(f->key, &module))
		if (!enter_kept(o, &o->modules, module, c->run))
			return false;
	return true;
}

bool
rj_overlap_add_suite(struct rj_overlap *o, const struct rj_suite *s)
{
	return enter(o, &o->paths, s->path, s->run);
}

/* Whether a rerun has the key; from now on the original had it first. */
static bool
seen(const struct rj_map *map, struct rj_str key)
{
	struct first *f = rj_map_get(map, key);

	if (f)
		f->run = 0;
	return f != NULL;
}

bool
rj_overlap_see_case(struct rj_overlap *o, const struct rj_case *c, bool *hit)
{
	struct rj_str module = { NULL, 0 };

	*hit = false;
	if (o->tests.used == 0)
		return true;
	if (!normalised_key(o, c))
		return false;
	*hit = seen(&o->tests, rj_buf_str(&o->key));
	/* most cases have the classname of the one before */
	if (!c->classname.s ||
	    (o->last.s && rj_str_eq(c->classname, rj_buf_str(&o->last))))
		return true;
	o->last.n = 0;
	if (!rj_buf_reserve(&o->last, 1) || !rj_buf_add(&o->last, c->classname))
		return false;
	seen(&o->classnames, c->classname);
	while (rj_next_module(c->classname, &module))
		seen(&o->modules, module);
	return true;
}

bool
rj_overlap_has_suite(const struct rj_overlap *o, const struct rj_suite *s)
{
	return rj_map_get(&o->paths, s->path) != NULL;
}

bool
rj_overlap_related(struct rj_overlap *o, const struct rj_case *c, bool *related)
{
	struct first *f;

	if (!normalised_key(o, c))
		return false;
	f = rj_map_get(&o->tests, rj_buf_str(&o->key));
	*related = f && f->run < c->run;
	if (*related || !c->classname.s)
		return true;
	f = rj_map_get(&o->classnames, c->classname);
	*related = f && f->run < c->run;
	return true;
}

bool
rj_overlap_module_before(
    const struct rj_overlap *o, struct rj_str module, unsigned int run)
{
	struct first *f = rj_map_get(&o->modules, module);

	return f && f->run < run;
}
