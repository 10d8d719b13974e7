/*
 * write.h - a comparison on its way out; on nothing but the public header.
 */
#ifndef RJ_DIFF_WRITE_H
#define RJ_DIFF_WRITE_H

#include "out/out.h"

enum rejunit_status
rj_diff_write(struct rejunit_diff *d, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

/* What the formats share. */
struct rj_diff_out {
	struct rejunit_diff *diff;
	struct rj_out out;
};

static inline struct rj_str
rj_diff_text(struct rejunit_string s)
{
	return (struct rj_str){ s.s, s.n };
}

void rj_diff_put(struct rj_diff_out *o, const char *s);

/* What a call returned that gives NULL only where memory ran out. */
struct rj_str rj_diff_line(struct rj_diff_out *o, const char *line);

/* The case that shows what a test is now, or else what it was. */
const struct rejunit_case *rj_diff_shown(const struct rejunit_changed *c);

/* The first failure of a case; false: there is none, or no case. */
bool rj_diff_failure(struct rj_diff_out *o, const struct rejunit_case *c,
    struct rejunit_execution *out);

/* More failures of no test than before: so many. */
size_t rj_diff_loose(const struct rj_diff_out *o);

/* Of a test that still fails: see rejunit_diff_alike(); else -1. */
int
rj_diff_alike(struct rj_diff_out *o, enum rejunit_difference kind, size_t i);

void rj_diff_json(struct rj_diff_out *o);
void rj_diff_markdown(struct rj_diff_out *o);
void rj_diff_annotations(struct rj_diff_out *o);

#endif
