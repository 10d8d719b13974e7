/*
 * path.h - the files that tests are in, as reports name them.
 *
 * Reports of one machine, of two, and of Windows have to be compared. "./a"
 * is "a", and a backslash is a slash. Everything is compared as written
 * otherwise; nothing is looked up.
 */
#ifndef RJ_PATH_H
#define RJ_PATH_H

#include "base/str.h"

/* It begins at no root, drive or scheme. */
bool rj_path_is_relative(struct rj_str path);

/* Two absolute paths lie in one folder, however far up. */
bool rj_path_is_near(struct rj_str a, struct rj_str b);

/* How much of a path its folders take up, a slash behind each. */
size_t rj_path_folders(struct rj_str path);

/* What stands behind them. */
struct rj_str rj_path_base(struct rj_str path);

/*
 * The folders that all absolute paths of a run begin with: for those that lie
 * in one folder, the innermost one. A report that took in what another machine
 * ran has more than one; of too many, none is known.
 */
#define RJ_FOLDERS_MAX 16

struct rj_folders {
	size_t n; /* RJ_FOLDERS_MAX + 1: too many */
	struct rj_str folder[RJ_FOLDERS_MAX];
};

/*
 * Takes a path in; relative ones make no difference. *new: the folders now
 * refer to its bytes.
 */
void rj_folders_add(struct rj_folders *f, struct rj_str path, bool *new);

/* How much of a path they take up, as far as it was taken in; else 0. */
size_t rj_folders_shared(const struct rj_folders *f, struct rj_str path);

/*
 * Two paths, neither of them empty, are not one file's, or may not be. Of each,
 * `a_shared` and `b_shared` bytes are shared folders of its run. Absolute paths
 * are compared whole where they share a folder, as those of one machine do;
 * else without what is shared on each side. A relative path is an absolute
 * one's if that ends with it.
 */
bool rj_path_differs(
    struct rj_str a, size_t a_shared, struct rj_str b, size_t b_shared);

/*
 * Appends a spelling of a path that two paths of one run share if, and only if,
 * they do not differ; false: out of memory.
 */
bool rj_path_normalise(struct rj_buf *out, struct rj_str path);

#endif
