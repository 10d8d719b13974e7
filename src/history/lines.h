/*
 * lines.h - the run records of a file, compressed by gzip or not.
 */
#ifndef RJ_HISTORY_LINES_H
#define RJ_HISTORY_LINES_H

#include "base/error.h"
#include "base/str.h"

/* Takes a line, without its end; anything but OK ends the reading. */
typedef enum rejunit_status
rj_line_fn(void *ctx, struct rj_str line, unsigned long number);

/* Empty lines are passed over. "-" is standard input. */
enum rejunit_status rj_read_lines(
    const char *path, rj_line_fn *take, void *ctx, struct rejunit_error *err);

#endif
