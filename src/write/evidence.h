/*
 * evidence.h - what is kept of a failure, in Maven Surefire's form.
 */
#ifndef RJ_EVIDENCE_H
#define RJ_EVIDENCE_H

#include "write/writing.h"

/* A case's attribute is another one's where it takes that one's outcome. */
bool rj_follows_outcome(struct rj_str name);

/* An attribute that repeats the outcome, and would now say the wrong one. */
bool rj_is_stale(struct rj_str name, struct rj_str value, bool failed);

/* The first child of a kind; NULL: there is none. */
const struct rj_child *rj_find_child(const struct rj_case *c, enum rj_tag tag);

/* A failure of this run or of an earlier attempt. */
bool rj_is_evidence(enum rj_tag tag);

/* The case fails, and an attribute alone says so; as what it is written. */
bool rj_only_says_failure(const struct rj_case *c);
enum rj_tag rj_said_tag(const struct rj_case *c);

/* What a failure is called in a case that passed, and in one that did not. */
enum rj_tag rj_flaky_tag(const struct rj_writing *w, enum rj_tag tag);
enum rj_tag rj_rerun_tag(const struct rj_writing *w, enum rj_tag tag);

/*
 * Writes a failure of any kind under another name. The first of a case takes
 * in what the case printed.
 */
void rj_put_evidence(struct rj_writing *w, const struct rj_case *c,
    const struct rj_child *child, enum rj_tag as);

/* Writes what an attribute says as an element; as evidence, in its form. */
void rj_put_said(struct rj_writing *w, const struct rj_case *c, enum rj_tag as);

#endif
