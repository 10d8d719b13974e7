/*
 * handle.h - what all public handles have in common.
 */
#ifndef RJ_HANDLE_H
#define RJ_HANDLE_H

#include "file/fileset.h"
#include "model/warning.h"

/*
 * A zeroed handle for *out, which is the caller's; NULL: *status says why.
 */
void *rj_handle_new(const void *out, size_t size, enum rejunit_status *status,
    struct rejunit_error *err);

/* A call needs its handle, and something else. */
enum rejunit_status rj_need_both(const void *handle, const char *handle_name,
    const void *more, const char *more_name, struct rejunit_error *err);

/* An input as it is kept: its name lives in the arena. */
enum rejunit_status
rj_keep_input(struct rj_arena *a, const struct rejunit_input *in,
    struct rejunit_input *out, struct rejunit_error *err);

/*
 * What reading a file came to. Among a folder's files, and only there, what is
 * XML but no JUnit report is passed over, and a warning names it; NULL: none.
 */
enum rejunit_status rj_pass_over(enum rejunit_status status, bool foreign,
    const struct rj_fileset_file *file, struct rj_warnings *warnings,
    struct rejunit_error *err);

/* Reads a file; *foreign: it is XML, and no JUnit report. */
typedef enum rejunit_status
rj_file_fn(void *ctx, const struct rj_fileset_file *file, bool *foreign,
    struct rejunit_error *err);

/* Reads one file of an input after the other; warnings as above. */
enum rejunit_status rj_each_file(struct rj_arena *a,
    const struct rejunit_input *in, rj_file_fn *read, void *ctx,
    struct rj_warnings *warnings, struct rejunit_error *err);

#endif
