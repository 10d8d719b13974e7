/*
 * marker.h - what a case's text proves of who wrote it.
 *
 * Nearly all that is known of a case is in its tags. Where only its text can
 * prove something, a little of that is read here, and for few cases: of most
 * reports, nothing.
 */
#ifndef RJ_MARKER_H
#define RJ_MARKER_H

#include "model/report.h"

/*
 * Notes in a bad case's suite that it prints as only behave does, and in the
 * case itself that a panic ended the run of a package of Go.
 */
enum rejunit_status rj_marker_read(
    const struct rj_report *r, struct rj_case *c, struct rejunit_error *err);

/*
 * For each error of a teardown in the report, and the failure before it: which
 * file of tests their traces name. What the counters do not take for phases of
 * one test, and no trace shows to be, is marked as a teardown's no more.
 */
enum rejunit_status rj_marker_read_traces(
    struct rj_report *r, struct rj_arena *arena, struct rejunit_error *err);

#endif
