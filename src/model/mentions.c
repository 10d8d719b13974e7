#include "model/mentions.h"

#include <stdlib.h>
#include <string.h>

/*
 * Most cases of an original are in no rerun. A table of bits says so at once,
 * for most of them: of names that are their own normal form, in the default
 * fields.
 */
#define FILTER_MIN 12 /* bits of a hash, so 512 bytes */
#define FILTER_MAX 23
#define SPARSE	   64 /* bits a test */
#define DEFAULTS   (REJUNIT_CLASSNAME | REJUNIT_NAME)

/* Which run had it first, as the value of a map; 0 is the original. */
static void *
value_of(unsigned int run)
{
	return (void *)((uintptr_t)run + 1);
}

static bool
was_before(const void *value, unsigned int run)
{
	return value && (uintptr_t)value - 1 < run;
}

static uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

/* Any hash will do: what collides is looked up. *high: bits above ASCII. */
static uint64_t
quick_hash(uint64_t h, struct rj_str s, uint64_t *high)
{
	uint64_t word;

	h = mix(h, s.n);
	if (s.n < 8) {
		word = 0;
		for (size_t i = 0; i < s.n; i++)
			word = word << 8 | (unsigned char)s.s[i];
		*high |= word;
		return mix(h, word);
	}
	for (size_t i = 0; i + 8 < s.n; i += 8) {
		memcpy(&word, s.s + i, 8);
		*high |= word;
		h = mix(h, word);
	}
	memcpy(&word, s.s + s.n - 8, 8);
	*high |= word;
	return mix(h, word);
}

/* The bit that a name has. */
static uint64_t
filter_bit(const struct rj_mentions *o, struct rj_str classname,
    struct rj_str name, uint64_t *high)
{
	uint64_t hash = quick_hash(quick_hash(0, classname, high), name, high);

	return hash >> (64 - o->filter_bits);
}

/* Enters a key, which is a classname and a name, each with its NUL. */
static void
filter_add(struct rj_mentions *o, struct rj_str key)
{
	struct rj_str classname = rj_str(key.s);
	struct rj_str name = rj_str(key.s + classname.n + 1);
	uint64_t high = 0, bit = filter_bit(o, classname, name, &high);

	o->filter[bit / 8] |= (unsigned char)(1u << bit % 8);
}

bool
rj_mentions_ready(struct rj_mentions *o)
{
	if (o->fields != DEFAULTS)
		return true;
	o->filter_bits = FILTER_MIN;
	while (o->filter_bits < FILTER_MAX &&
	       (size_t)1 << o->filter_bits < o->tests.used * SPARSE)
		o->filter_bits++;
	o->filter = calloc((size_t)1 << (o->filter_bits - 3), 1);
	if (!o->filter)
		return false;
	for (size_t i = 0; i < o->tests.cap; i++) {
		struct rj_str key = rj_map_slot(&o->tests, i);

		if (key.s)
			filter_add(o, key);
	}
	return true;
}

bool
rj_mentions_excludes(
    const struct rj_mentions *o, struct rj_str classname, struct rj_str name)
{
	uint64_t high = 0, bit;

	if (o->tests.used == 0)
		return true;
	if (!o->filter)
		return false;
	bit = filter_bit(o, classname, name, &high);
	return !(high & 0x8080808080808080u) &&
	       !(o->filter[bit / 8] >> bit % 8 & 1);
}

void
rj_mentions_free(struct rj_mentions *o)
{
	free(o->filter);
	o->filter = NULL;
	rj_map_free(&o->tests);
	rj_map_free(&o->classnames);
	rj_map_free(&o->modules);
	rj_map_free(&o->broken);
	rj_map_free(&o->paths);
	rj_buf_free(&o->key);
	rj_buf_free(&o->last);
}

/* Enters a key that lives as long as the mentions. */
static bool
enter_kept(struct rj_map *map, struct rj_str key, unsigned int run)
{
	return rj_map_get(map, key) || rj_map_put(map, key, value_of(run));
}

/* Enters a copy of a key; *kept is that, or the one that was there. */
static bool
enter(struct rj_mentions *o, struct rj_map *map, struct rj_str key,
    unsigned int run, struct rj_str *kept)
{
	return rj_map_at(map, key, kept) ||
	       (rj_alloc_str(o->arena, key, kept) &&
		   rj_map_put(map, *kept, value_of(run)));
}

static bool
normalised_key(struct rj_mentions *o, const struct rj_case *c)
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
rj_mentions_add_case(struct rj_mentions *o, const struct rj_case *c)
{
	return normalised_key(o, c) && enter(o, &o->tests, rj_buf_str(&o->key),
					   c->suite->run, &o->kept);
}

bool
rj_mentions_add_classname(struct rj_mentions *o, const struct rj_case *c)
{
	struct rj_str module = { NULL, 0 }, kept;

	if (rj_is_collection_error(c) &&
	    !enter(o, &o->broken, c->name, c->suite->run, &kept))
		return false;
	if (!c->classname.s || rj_map_get(&o->classnames, c->classname))
		return true;
	if (!enter(o, &o->classnames, c->classname, c->suite->run, &kept))
		return false;
	while (rj_next_module(kept, &module))
		if (!enter_kept(&o->modules, module, c->suite->run))
			return false;
	return true;
}

bool
rj_mentions_add_suite(struct rj_mentions *o, const struct rj_suite *s)
{
	struct rj_str kept;

	return enter(o, &o->paths, s->path, s->run, &kept);
}

/* If a rerun has the key, the original had it first; false: none has. */
static bool
mark_original(const struct rj_map *map, struct rj_str key, struct rj_str *kept)
{
	void **value = rj_map_at(map, key, kept);

	if (value)
		*value = value_of(0);
	return value != NULL;
}

bool
rj_mentions_see_case(struct rj_mentions *o, const struct rj_case *c, bool *hit)
{
	*hit = false;
	o->kept.s = NULL;
	if (rj_mentions_excludes(o, c->classname, c->name))
		return true;
	if (!normalised_key(o, c))
		return false;
	*hit = mark_original(&o->tests, rj_buf_str(&o->key), &o->kept);
	return true;
}

bool
rj_mentions_see_classname(struct rj_mentions *o, const struct rj_case *c)
{
	struct rj_str module = { NULL, 0 }, kept;

	/* most cases have the classname of the one before */
	if (!c->classname.s ||
	    (o->last.s && rj_str_eq(c->classname, rj_buf_str(&o->last))))
		return true;
	o->last.n = 0;
	if (!rj_buf_reserve(&o->last, 1) || !rj_buf_add(&o->last, c->classname))
		return false;
	mark_original(&o->classnames, c->classname, &kept);
	while (rj_next_module(c->classname, &module)) {
		mark_original(&o->modules, module, &kept);
		mark_original(&o->broken, module, &kept);
	}
	return true;
}

bool
rj_mentions_has_suite(const struct rj_mentions *o, const struct rj_suite *s)
{
	return rj_map_get(&o->paths, s->path) != NULL;
}

bool
rj_mentions_related(
    struct rj_mentions *o, const struct rj_case *c, bool *related)
{
	if (!normalised_key(o, c))
		return false;
	*related =
	    was_before(
		rj_map_get(&o->tests, rj_buf_str(&o->key)), c->suite->run) ||
	    (c->classname.s &&
		was_before(
		    rj_map_get(&o->classnames, c->classname), c->suite->run)) ||
	    (rj_is_collection_error(c) &&
		was_before(rj_map_get(&o->broken, c->name), c->suite->run));
	return true;
}

bool
rj_mentions_module_before(
    const struct rj_mentions *o, struct rj_str module, unsigned int run)
{
	return was_before(rj_map_get(&o->modules, module), run);
}

bool
rj_mentions_names(const struct rj_mentions *o, const struct rj_case *c,
    struct rj_str *classname, struct rj_str *name)
{
	const struct rj_str key = o->kept;

	if (o->fields != DEFAULTS || !c->classname.s || !key.s ||
	    key.n != c->classname.n + 1 + c->name.n + 1)
		return false;
	*classname = (struct rj_str){ key.s, c->classname.n };
	*name = (struct rj_str){ key.s + c->classname.n + 1, c->name.n };
	return rj_str_eq(*classname, c->classname) && rj_str_eq(*name, c->name);
}
