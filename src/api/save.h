/*
 * save.h - what is written, whole or not at all.
 */
#ifndef RJ_SAVE_H
#define RJ_SAVE_H

#include <sys/stat.h>

#include "file/replace.h"
#include "model/warning.h"

/* Writes something, whatever it is, to where it is told. */
typedef enum rejunit_status rj_content_fn(
    void *ctx, rejunit_write_fn *write, void *to, struct rejunit_error *err);

struct rj_save {
	rj_content_fn *content;
	void *ctx;
	const char *path;
	/* what is locked already, and is to be replaced only if it is still
	   that file; NULL: whatever is at the path */
	struct rj_replace *locked;
	const struct stat *then;
	bool lasts; /* it is to survive a crash */
	struct rj_warnings *warnings; /* that the owner is lost, say */
};

/* Saves it. What was locked is so no more, whatever it came to. */
enum rejunit_status rj_save(const struct rj_save *s, struct rejunit_error *err);

/*
 * Locks an input, to be replaced, for up to `seconds`. It has to be a file, and
 * to be there.
 */
enum rejunit_status
rj_lock_input(struct rj_replace *lock, const struct rejunit_input *in,
    unsigned int seconds, struct rejunit_error *err);

/* Writes to an open file; an error names the path. */
enum rejunit_status rj_save_content(rj_content_fn *content, void *ctx,
    struct rj_replace *f, const char *path, struct rejunit_error *err);

#endif
