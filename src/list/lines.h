/*
 * lines.h - a list on its way out, as the formats share it.
 */
#ifndef RJ_LINES_H
#define RJ_LINES_H

#include "out/out.h"

struct rj_list {
	struct rejunit_update *update;
	struct rj_out out;
};

static inline struct rj_str
rj_text(struct rejunit_string s)
{
	return (struct rj_str){ s.s, s.n };
}

void rj_list_put(struct rj_list *l, const char *s);

/* What a call returned that gives NULL only where memory ran out. */
struct rj_str rj_list_line(struct rj_list *l, const char *line);

/* The first failure of a decision's test; false: there is none. */
bool rj_list_failure(
    struct rj_list *l, size_t decision, struct rejunit_execution *out);

bool rj_list_is_failing(const struct rejunit_decision *d);
bool rj_list_is_flaky(const struct rejunit_decision *d);

/* The formats. */
void rj_list_json(struct rj_list *l, bool all);
void rj_list_csv(struct rj_list *l);
void rj_list_markdown(struct rj_list *l);
void rj_list_annotations(struct rj_list *l);

#endif
