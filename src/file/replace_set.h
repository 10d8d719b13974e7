/*
 * replace_set.h - replaces many files, or none of them.
 *
 * rj_replace_set_begin() takes the lock of the set's folder. Open one file
 * after the other, write to it, and say that it is ready: then it is on the
 * disk, under a temporary name, and needs no descriptor.
 * rj_replace_set_commit() puts them all in their places; if one cannot be,
 * those before it are put back. After a crash between two, every file is the
 * old one or the new one, and the same set made again takes up what was left.
 * rj_replace_set_end() removes what has no place; it is right after anything.
 */
#ifndef RJ_REPLACE_SET_H
#define RJ_REPLACE_SET_H

#include <sys/stat.h>

#include "file/replace.h"

/* A file, and what it is to replace. */
struct rj_replace_set_file {
	struct rj_replace out;
	const struct stat *then; /* the caller's; NULL: whatever is there */
};

struct rj_replace_set {
	int lock; /* of the folder; -1: it is the caller's */
	uint64_t number;
	struct rj_replace_set_file *files;
	size_t n;
	size_t room;
};

/* The folder is made; `lock` is its descriptor if it is locked, else -1. */
enum rejunit_status rj_replace_set_begin(struct rj_replace_set *o,
    const char *folder, int lock, struct rejunit_error *err);

/*
 * Makes one more file, in folders that are made, to be written to until the
 * next call. Where `then` is given, it is only replaced if it is still that.
 */
enum rejunit_status rj_replace_set_open(struct rj_replace_set *o,
    const char *path, const struct stat *then, struct rj_replace **out,
    struct rejunit_error *err);
enum rejunit_status
rj_replace_set_ready(struct rj_replace_set *o, struct rejunit_error *err);

/* Passes over a file that stays: removes what a crash may have left of it. */
enum rejunit_status rj_replace_set_pass(
    struct rj_replace_set *o, const char *path, struct rejunit_error *err);

enum rejunit_status
rj_replace_set_commit(struct rj_replace_set *o, struct rejunit_error *err);
void rj_replace_set_end(struct rj_replace_set *o);

#endif
