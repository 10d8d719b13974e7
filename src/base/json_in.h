/*
 * json_in.h - reads JSON, a value at a time, from memory.
 *
 * Enter an object or an array, and ask for its members one after the other
 * until there is none; take or skip each of them. After a mistake every
 * question is answered with no, and `wrong` says what it was, `at` where.
 * Strings are UTF-8; those with escapes are copied to the arena.
 */
#ifndef RJ_JSON_IN_H
#define RJ_JSON_IN_H

#include "base/arena.h"

#define RJ_JSON_DEPTH 64

struct rj_json_in {
	struct rj_arena *arena;
	struct rj_str text;
	size_t at; /* what comes next */
	const char *wrong; /* NULL: nothing so far */
	bool no_memory;
	unsigned int depth;
	bool begun[RJ_JSON_DEPTH]; /* a member came already, by depth */
};

/* The first character of the next value, '0' for a number; NUL: none. */
char rj_json_peek(struct rj_json_in *j);

/* Enters an object, '{', or an array, '['. */
bool rj_json_enter(struct rj_json_in *j, char bracket);

/* The next member; false behind the last one. In an array, no key. */
bool rj_json_member(struct rj_json_in *j, struct rj_str *key);

bool rj_json_text(struct rj_json_in *j, struct rj_str *out);

/* A number as it is written. */
bool rj_json_digits(struct rj_json_in *j, struct rj_str *out);

/* Passes over whatever comes next. */
bool rj_json_skip(struct rj_json_in *j);

/* Nothing but white space is left. */
bool rj_json_end(struct rj_json_in *j);

#endif
