/*
 * replace.h - replaces a file in one step, or not at all.
 *
 * rj_replace_open() makes and locks a temporary file beside the target; what
 * is written goes there. rj_replace_ready() gives it the target's mode and,
 * where the system lets it, the owner, and brings it to the disk: all that can
 * fail for a reason. After it rj_replace_commit() renames it over the target.
 * rj_replace_abort() removes it; it is right after anything, also a commit.
 *
 * The temporary file's name follows from the target's, and its lock is the
 * lock on the target: whoever wants to replace the same file waits in
 * rj_replace_open(), and what a crash left behind is removed by the next. What
 * somebody else has left there blocks nothing: then another name is taken,
 * which follows from the user's number, so that two users do not wait for one
 * another.
 *
 * Symbolic links are followed to the file that is meant. A character device is
 * written to as it is. So is a descriptor, whatever it leads to: "-" is
 * standard output, and /dev/stdout, /dev/stderr and /dev/fd/N are what they
 * say.
 */
#ifndef RJ_REPLACE_H
#define RJ_REPLACE_H

#include <stdint.h>

#include "base/error.h"

struct rj_replace {
	int fd; /* to write to, by rejunit_write_fd() */
	char *target; /* where symbolic links lead */
	char *temporary; /* NULL for a device, and when it has its place */
	char *old; /* in a set: the name of what was there before, */
	bool has_old; /* if it has that name */
	bool made; /* the temporary file is ours to remove */
	bool replaced; /* in a set: it has its place */
	uint64_t set; /* that it is in; 0: in none */
	bool lasts; /* what it replaces is to survive a crash */
	bool owner_lost; /* once it is ready: its owner cannot be kept */
};

#define RJ_REPLACE_NONE ((struct rj_replace){ .fd = -1 })

/* How long one update of a file waits for another, unless somebody says. */
#define RJ_LOCK_SECONDS 30

enum rejunit_status rj_replace_open(struct rj_replace *f, const char *path,
    unsigned int seconds, struct rejunit_error *err);

/* Waits for a lock on an open file or folder, up to a time. */
enum rejunit_status rj_replace_lock(
    int fd, const char *path, unsigned int seconds, struct rejunit_error *err);

/* Unless it is to last, nothing waits for the disk, here and in commit. */
enum rejunit_status
rj_replace_ready(struct rj_replace *f, bool lasts, struct rejunit_error *err);
enum rejunit_status
rj_replace_commit(struct rj_replace *f, struct rejunit_error *err);
void rj_replace_abort(struct rj_replace *f);

/*
 * A file of a set, which a number other than 0 tells from other sets: whoever
 * opens files with that number holds the set's lock. These have none of their
 * own, so that they need no descriptor: rj_replace_rest() closes one that is
 * ready. Then rj_replace_in_place() puts it in its place and, to keep it, gives
 * what was there before another name, under which rj_replace_put_back() finds
 * it and rj_replace_settle() removes it.
 */
enum rejunit_status rj_replace_open_in(struct rj_replace *f, const char *path,
    uint64_t set, struct rejunit_error *err);
enum rejunit_status
rj_replace_rest(struct rj_replace *f, struct rejunit_error *err);
enum rejunit_status
rj_replace_in_place(struct rj_replace *f, bool keep, struct rejunit_error *err);
bool rj_replace_put_back(struct rj_replace *f);
void rj_replace_settle(struct rj_replace *f);

/* Brings to the disk which files its folder has; false with errno. */
bool rj_replace_sync(const struct rj_replace *f);
enum rejunit_status
rj_replace_fail_sync(const struct rj_replace *f, struct rejunit_error *err);

/* Removes what a crash left beside a file of a set; false: out of memory. */
bool rj_replace_clean(const char *path, uint64_t set);

#endif
