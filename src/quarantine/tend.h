/*
 * tend.h - keeps a quarantine: what flakes goes in, what recovered goes out.
 *
 * What a person wrote stays as it is; entries of our own have by=rejunit.
 */
#ifndef RJ_QUARANTINE_TEND_H
#define RJ_QUARANTINE_TEND_H

#include "history/rank.h"
#include "quarantine/quarantine.h"

enum rj_change_kind {
	RJ_ENTERED,
	RJ_DROPPED,
	RJ_RENEWED,
	RJ_NOT_ENTERED, /* the list could not tell it from others */
};

struct rj_change {
	enum rj_change_kind kind;
	struct rj_str id;
	struct rj_str why;
};

struct rj_tending {
	struct rj_quarantine *q;
	const struct rj_ranking *ranking;
	struct rj_history *history;
	unsigned int enter; /* from so many flakes within or beside a run on */
	unsigned int days; /* that an entry holds */
	struct rj_change *change;
	size_t n;
	size_t room;
	struct rj_buf text; /* the list as it is to be */
};

/* Where the history is open for reading. Free it also after a failure. */
enum rejunit_status rj_quarantine_tend(struct rj_tending *t);
void rj_tending_free(struct rj_tending *t);

#endif
