/*
 * mentions.h - what an original and its reruns have in common.
 *
 * The reruns are read first and entered here. While the original streams
 * past, each of its cases is looked up: so it is known which cases are worth
 * keeping, and later whether a rerun has any relation to what came before it,
 * without the original's names ever being held in memory.
 *
 * Start with a zeroed struct but for its arena and fields. Add the cases and
 * suites of all reruns, say that it is ready, and see those of the original.
 * Classnames are added and seen in a second round, and only where they matter.
 * Where a function can run out of memory, that is what false means.
 */
#ifndef RJ_MENTIONS_H
#define RJ_MENTIONS_H

#include "base/map.h"
#include "model/identity.h"

struct rj_mentions {
	struct rj_arena *arena;
	unsigned int fields; /* of enum rejunit_field */
	struct rj_map tests; /* each value tells the first run that has it */
	struct rj_map classnames;
	struct rj_map modules;
	struct rj_map broken; /* modules that a run could not collect */
	struct rj_map paths;
	unsigned char *filter; /* bits, of the tests there are, */
	int filter_bits; /* and how many bits of a hash they stand for */
	struct rj_buf key; /* scratch */
	struct rj_str kept; /* the case last entered or found; absent: none */
	struct rj_buf last; /* the last classname looked up */
};

void rj_mentions_free(struct rj_mentions *o);

/* Enters a case or a suite of a rerun; reruns come in their order. */
bool rj_mentions_add_case(struct rj_mentions *o, const struct rj_case *c);
bool rj_mentions_add_suite(struct rj_mentions *o, const struct rj_suite *s);

/* All reruns are entered; false: out of memory. */
bool rj_mentions_ready(struct rj_mentions *o);

/*
 * Beyond doubt, no rerun has a test of this name; in doubt: false. Another
 * thread may ask while cases are looked up: that changes nothing that is read
 * here.
 */
bool rj_mentions_excludes(
    const struct rj_mentions *o, struct rj_str classname, struct rj_str name);

/* Looks up a case of the original; *hit: a rerun may mean the same test. */
bool
rj_mentions_see_case(struct rj_mentions *o, const struct rj_case *c, bool *hit);

/*
 * The same for classnames, and the modules that they are of: only whether a
 * rerun has anything to do with the original, and whether a module had cases,
 * may depend on them, which is seldom asked. Then the original is read again.
 */
bool rj_mentions_add_classname(struct rj_mentions *o, const struct rj_case *c);
bool rj_mentions_see_classname(struct rj_mentions *o, const struct rj_case *c);

/* A rerun has cases, or suites with cases, at this suite's path. */
bool
rj_mentions_has_suite(const struct rj_mentions *o, const struct rj_suite *s);

/*
 * *related: a run before this case's own has its test, or its classname, as far
 * as classnames have been added and seen.
 */
bool rj_mentions_related(
    struct rj_mentions *o, const struct rj_case *c, bool *related);

/* A run before `run` has a case of this module. */
bool rj_mentions_module_before(
    const struct rj_mentions *o, struct rj_str module, unsigned int run);

/*
 * The names of the case that was just entered or found, as they are kept here;
 * false if they are not, or differently.
 */
bool rj_mentions_names(const struct rj_mentions *o, const struct rj_case *c,
    struct rj_str *classname, struct rj_str *name);

#endif
