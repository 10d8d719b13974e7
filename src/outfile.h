/*
 * outfile.h - replaces a file in one step, or not at all.
 *
 * rj_outfile_open() makes and locks a temporary file beside the target; what
 * is written goes there. rj_outfile_ready() gives it the target's mode and,
 * where the system lets it, the owner, and brings it to the disk: all that can
 * fail for a reason. After it
 * rj_outfile_commit() renames it over the target. rj_outfile_abort() removes
 * it; it is right after anything, also a commit.
 *
 * The temporary file's name follows from the target's, and its lock is the
 * lock on the target: whoever wants to replace the same file waits in
 * rj_outfile_open(), and what a crash left behind is removed by the next. What
 * somebody else has left there blocks nothing: then another name is taken,
 * which follows from the user's number. So two users do not wait for one
 * another. Symbolic links are followed to the file that is meant. A character
 * device, and what /dev/stdout and its like lead to, is written to as it is.
 */
#ifndef RJ_OUTFILE_H
#define RJ_OUTFILE_H

#include "error.h"

struct rj_outfile {
	int fd; /* to write to, by rejunit_write_fd() */
	char *target; /* where symbolic links lead */
	char *temporary; /* NULL for a device */
	bool lasts; /* what it replaces is to survive a crash */
	bool owner_lost; /* once it is ready: its owner cannot be kept */
};

#define RJ_OUTFILE_NONE ((struct rj_outfile){ .fd = -1 })

/* How long one update of a file waits for another, unless somebody says. */
#define RJ_LOCK_SECONDS 30

enum rejunit_status rj_outfile_open(struct rj_outfile *f, const char *path,
    unsigned int seconds, struct rejunit_error *err);

/* Waits for a lock on an open file or folder, up to a time. */
enum rejunit_status rj_outfile_lock(
    int fd, const char *path, unsigned int seconds, struct rejunit_error *err);

/* Unless it is to last, nothing waits for the disk, here and in commit. */
enum rejunit_status
rj_outfile_ready(struct rj_outfile *f, bool lasts, struct rejunit_error *err);
enum rejunit_status
rj_outfile_commit(struct rj_outfile *f, struct rejunit_error *err);
void rj_outfile_abort(struct rj_outfile *f);

#endif
