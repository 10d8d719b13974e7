/*
 * fileset.h - the files that one operand means.
 *
 * A file is itself. A folder means every *.xml below it, and a pattern such
 * as reports/x-*.xml, where no such file exists, every file that it matches:
 * these are sets, whose files have names of their own below the set's folder.
 * Files whose names begin with a dot belong to no set.
 */
#ifndef RJ_FILESET_H
#define RJ_FILESET_H

#include "base/arena.h"
#include "base/error.h"

struct rj_fileset_file {
	struct rejunit_input input;
	const char *name; /* below the folder; NULL where there is none */
};

struct rj_fileset {
	const char *folder; /* NULL: not a set, but one file */
	struct rj_fileset_file *files; /* in the order of their names */
	size_t n;
};

/*
 * Finds the files of a path; any other input is one file. The strings live in
 * the arena. Free it also on failure.
 */
enum rejunit_status rj_fileset_find(struct rj_fileset *set, struct rj_arena *a,
    const struct rejunit_input *in, struct rejunit_error *err);
/* The same of a folder's files with other endings, of which there may be none;
 * NULL ends them. `lenient`: folders that cannot be read are passed over. */
enum rejunit_status rj_fileset_find_endings(struct rj_fileset *set,
    struct rj_arena *a, const char *folder, const char *const *endings,
    bool lenient, struct rejunit_error *err);
void rj_fileset_free(struct rj_fileset *set);

/* Makes the folders that a path leads through; false with errno. */
bool rj_make_folders(const char *path);

#endif
