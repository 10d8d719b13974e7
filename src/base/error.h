/*
 * error.h - filling the caller's struct rejunit_error.
 *
 * Each function fills err and returns its status, so that a failing call
 * ends in `return rj_fail(...)`. Text from reports may stand in a message:
 * what is not printable ASCII or well-formed UTF-8 is made visible.
 */
#ifndef RJ_ERROR_H
#define RJ_ERROR_H

#include "rejunit.h"

#if defined(__GNUC__)
#define RJ_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define RJ_PRINTF(fmt, args)
#endif

enum rejunit_status rj_fail(struct rejunit_error *err,
    enum rejunit_status status, const char *fmt, ...) RJ_PRINTF(3, 4);

/* The same, with a place; file may be NULL, line and column 0. */
enum rejunit_status rj_fail_at(struct rejunit_error *err,
    enum rejunit_status status, const char *file, unsigned long line,
    unsigned long column, const char *fmt, ...) RJ_PRINTF(6, 7);

/* What could not be done with a file, and what errno says of it. */
enum rejunit_status rj_fail_errno(struct rejunit_error *err,
    enum rejunit_status status, const char *file, const char *what);

/* An output's error gets the file's name if it has none: who writes does not
 * know it. */
enum rejunit_status rj_fail_in(
    struct rejunit_error *err, enum rejunit_status status, const char *file);

enum rejunit_status rj_fail_memory(struct rejunit_error *err);

/* A caller's mistake, unless what a call needs was given: "an update", say. */
enum rejunit_status
rj_need(bool given, const char *what, struct rejunit_error *err);

#endif
