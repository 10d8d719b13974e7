/*
 * index.h - what two runs have of each test, without its names.
 *
 * An entry of 28 bytes a case, and a place in a table of hashes with a random
 * key: 39 bytes a case at most, whatever it is called. It tells of which tests
 * anything may have changed; only these are read once more, as they stand. Two
 * of a million tests are taken for one with a probability of one in thirty
 * million.
 *
 * Nearly all tests of the new run come in the order of the old one: so what is
 * looked up is most often behind what was looked up last, and the table, which
 * is all over the memory, is not asked.
 *
 * Note the cases of the old run, then those of the new one, then ask. Begin
 * with a zeroed struct but for its thresholds, and end with rj_index_free().
 * Where a function can run out of memory, that is what false means.
 */
#ifndef RJ_INDEX_H
#define RJ_INDEX_H

#include "model/case.h"

/* What makes a test slower: so many times as long, and so much longer. */
struct rj_slower {
	bool none;
	double times;
	double seconds;
};

/* Whoever looks up one case after the other. */
struct rj_index_reader {
	size_t next; /* the entry that is expected */
	struct rj_buf classname; /* the last one, */
	uint64_t
	    hash; /* and its hash: most cases have that of the one before */
	struct rj_buf key; /* scratch */
};

struct rj_index {
	struct rj_slower slower;
	uint64_t seed[2]; /* of names; */
	uint64_t class_seed[2]; /* and of classes, which may be named alike */
	struct rj_index_entry **chunk;
	size_t chunks;
	size_t n;
	uint32_t *place; /* of the table; NULL: not yet made */
	size_t places; /* a power of two */
	uint64_t suite; /* that was noted last: where it begins, and 1 */
	struct rj_index_reader reader;
};

/* The two runs. */
enum rj_side {
	RJ_OLD,
	RJ_NEW,
};

/* A case as a run has it, in a report of that name in its set. */
bool rj_index_note(struct rj_index *x, enum rj_side side,
    const struct rj_case *c, const char *report, int64_t nanoseconds);

/*
 * *may: the case of the new run that was noted last is the only one of its
 * test, in both runs so far, and something may have changed in it.
 */
bool
rj_index_stands_out(struct rj_index *x, const struct rj_case *c, bool *may);

/* Something may have changed in a test that has namesakes. */
bool rj_index_has_namesakes(const struct rj_index *x);

/* *may: something that is listed may have changed in a case's test. */
bool
rj_index_may_differ(struct rj_index *x, const struct rj_case *c, bool *may);

/* Beyond doubt it has not. Other threads may ask at the same time. */
bool rj_index_excludes(
    const struct rj_index *x, struct rj_str classname, struct rj_str name);

/* A run has cases without a class in a suite of this path. */
bool rj_index_has_suite(
    struct rj_index *x, enum rj_side side, struct rj_str path, bool *has);

/* It took so much longer. */
bool rj_is_slower(const struct rj_slower *s, double before, double after);

/* Another report begins. */
void rj_index_begin(struct rj_index *x);

void rj_index_free(struct rj_index *x);

#endif
