/*
 * investigate.h - why does a test flake: an evidence-led report on it.
 */
#ifndef RJ_INVESTIGATE_H
#define RJ_INVESTIGATE_H

#include "investigate/artifacts.h"
#include "investigate/causes.h"
#include "list/signature.h"
#include "out/out.h"

/* What somebody else made of the evidence. */
struct rj_hypothesis {
	struct rj_str command; /* absent: nobody was asked */
	struct rj_str answer;
	struct rj_str trouble; /* why there is no answer; absent: there is */
};

struct rj_investigation {
	struct rj_ranking ranking;
	struct rj_causes causes;
	struct rj_artifacts artifacts;
	struct rj_hypothesis hypothesis;
};

/*
 * On the test that has this id, or is the only one whose id has this in it;
 * *out NULL: it failed. Free it when it is no longer needed; NULL is fine.
 */
enum rejunit_status rj_investigate(struct rj_investigation **out,
    struct rj_history *h, struct rj_str test, const struct rj_rank_options *o);
void rj_investigation_free(struct rj_investigation *i);

/* As Markdown, or JSON. */
enum rejunit_status rj_investigation_write(const struct rj_investigation *i,
    enum rejunit_format format, rejunit_write_fn *write, void *ctx,
    struct rejunit_error *err);

/* The formats. */
void
rj_investigation_markdown(struct rj_out *out, const struct rj_investigation *i);
void
rj_investigation_json(struct rj_out *out, const struct rj_investigation *i);

#endif
