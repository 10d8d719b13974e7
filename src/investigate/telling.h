/*
 * telling.h - how causes are put into words; see causes.h.
 */
#ifndef RJ_TELLING_H
#define RJ_TELLING_H

#include "investigate/causes.h"

struct rj_telling {
	struct rj_causes *f;
	struct rj_history *history;
	struct rj_buf text; /* what is said so far */
	bool no_memory;
};

/* A share in percent, with as many digits as tell something. */
void rj_percent(double share, char out[64]);

void rj_say_text(struct rj_telling *w, struct rj_str s);

/*
 * Appends: %s a string, %q a name (a struct rj_str) between quotes, %u a
 * number, %r a share as percent, %g a double, %% a percent sign.
 */
void rj_say(struct rj_telling *w, const char *format, ...);

/* What was said, kept; and a command. */
struct rj_str rj_keep_said(struct rj_telling *w);
struct rj_str rj_keep_command(struct rj_telling *w, rj_command_fn *make);

/* A further cause; NULL: out of memory. */
struct rj_cause *rj_add_cause(struct rj_telling *w, enum rj_kind kind);
void rj_cause_number(struct rj_cause *c, const char *name, double value);

static inline double
rj_share(unsigned int part, unsigned int of)
{
	return of ? (double)part / of : 0;
}

/* One of the words is in a text. */
bool rj_has_one_of(struct rj_str text, const char *const *words);

/* What comparisons tell, with what fails with it. */
void rj_tell_comparisons(struct rj_telling *w);

/* clues.c: what is told without one. */
enum rejunit_status rj_tell_clues(struct rj_telling *w);

/* conclude.c: category, places, what is missing, what to type next. */
void rj_conclude(struct rj_telling *w);

#endif
