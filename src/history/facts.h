/*
 * facts.h - what is known of an execution besides, as names and values.
 *
 * Runners write whole environments into their properties, with every token: of
 * these, only names that are on a list become facts.
 */
#ifndef RJ_FACTS_H
#define RJ_FACTS_H

#include "base/arena.h"

#define RJ_FACTS_MAX 32

struct rj_fact {
	struct rj_str name;
	struct rj_str value;
};

struct rj_facts {
	struct rj_fact fact[RJ_FACTS_MAX];
	size_t n;
};

/* Which names are facts, beside seed, worker and rejunit.*. */
struct rj_fact_list {
	const char *const *names;
	size_t n;
};

bool rj_is_fact(const struct rj_fact_list *list, struct rj_str name);

/*
 * Sets a fact, in place of an earlier one of that name; more than RJ_FACTS_MAX
 * are left out. The strings are copied to the arena; false: out of memory.
 */
bool rj_fact_set(struct rj_facts *f, struct rj_arena *a, struct rj_str name,
    struct rj_str value);

/* Sets those of a JSON object; a value that is no string as it is written. */
bool rj_facts_read(struct rj_facts *f, struct rj_arena *a, struct rj_str json);

/* A fact's value; absent: there is none. */
struct rj_str rj_fact(const struct rj_facts *f, struct rj_str name);

/* All of them as a JSON object, in the order of their names; absent: none. */
bool rj_facts_write(
    const struct rj_facts *f, struct rj_arena *a, struct rj_str *out);

/*
 * Two JSON objects as one: of a name that both have, the value that comes first
 * by its bytes, so that their order makes no difference.
 */
bool rj_facts_merge(struct rj_arena *arena, struct rj_str a, struct rj_str b,
    struct rj_str *out);

#endif
