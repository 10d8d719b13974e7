/*
 * causes.h - what an investigation says: numbers, what they mean, and what
 * would refute it.
 */
#ifndef RJ_CAUSES_H
#define RJ_CAUSES_H

#include "investigate/category.h"
#include "investigate/command.h"
#include "investigate/compare.h"

enum rj_confidence {
	RJ_NONE,
	RJ_LOW,
	RJ_MEDIUM,
	RJ_HIGH,
};

const char *rj_confidence_name(enum rj_confidence c);
const char *rj_kind_name(enum rj_kind k);

struct rj_number {
	const char *name;
	double value;
};

#define RJ_NUMBERS 8

/*
 * In sentences, what is a name stands between these; names have no control
 * characters.
 */
#define RJ_QUOTE_BEGINS '\001'
#define RJ_QUOTE_ENDS	'\002'

/* Takes these off; how much is left. */
static inline size_t
rj_unquote(char *s, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		if (s[i] != RJ_QUOTE_BEGINS && s[i] != RJ_QUOTE_ENDS)
			s[left++] = s[i];
	return left;
}

struct rj_cause {
	enum rj_kind kind;
	enum rj_category category;
	enum rj_confidence confidence;
	struct rj_str statement;
	struct rj_str value; /* the culprit, or what it is; absent: none */
	struct rj_number number[RJ_NUMBERS];
	size_t numbers;
	double p; /* less than 0: nothing was compared */
	double adjusted;
	struct rj_str refuted_by;
	struct rj_str command;
};

/* Where a failure was raised. */
struct rj_frame {
	struct rj_str place; /* path:line */
	struct rj_str function;
	unsigned int failures;
};

#define RJ_FRAMES 10

struct rj_causes {
	struct rj_evidence e;
	struct rj_comparing c;
	struct rj_cause *cause; /* what tells most comes first */
	size_t n;
	size_t room;
	enum rj_category primary;
	enum rj_category secondary; /* RJ_CATEGORY_UNKNOWN: there is none */
	enum rj_confidence confidence;
	struct rj_str missing[16];
	size_t n_missing;
	size_t units_bad; /* failures that were compared */
	struct rj_frame frame[RJ_FRAMES];
	size_t frames;
	struct rj_target target;
	struct rj_str id; /* as its runner takes it back */
	struct rj_str next[3]; /* commands */
	struct rj_str capture; /* a command; empty: nobody knows one */
};

/*
 * `others`: looks also at the other tests of its runs. Free it also after a
 * failure; the ranking has to live as long.
 */
enum rejunit_status rj_causes_find(struct rj_causes *f, struct rj_history *h,
    const struct rj_ranking *r, unsigned int test, bool others);
void rj_causes_free(struct rj_causes *f);

#endif
