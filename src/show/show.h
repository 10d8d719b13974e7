/*
 * show.h - what reports say: how many cases of which outcome, which failed,
 * which are flaky, which took longest.
 *
 * It visits a reader's reports. Of each case that is listed, what there is to
 * say is kept, until slower ones come if it was only among the slowest.
 */
#ifndef RJ_SHOW_H
#define RJ_SHOW_H

#include <stdint.h>

#include "base/arena.h"
#include "rejunit.h"

/* Public as the opaque struct rejunit_entry. */
struct rejunit_entry {
	enum rejunit_verdict verdict;
	int64_t time;
	char seconds[32];
	struct rj_str id;
	struct rj_str title; /* for people */
	struct rj_str what; /* of its first failure, in one line */
	struct rj_str type;
	struct rj_str signature;
	struct rj_str classname;
	struct rj_str name;
	struct rj_str file;
	struct rj_str suite;
	struct rj_str report;
	unsigned long line;
	struct rj_arena own; /* its memory; empty where it is the show's */
};

struct rj_entries {
	struct rejunit_entry **list;
	size_t n;
	size_t room;
};

/* A report, and what it comes to. */
struct rj_shown {
	struct rj_shown *next;
	struct rejunit_report sums;
};

struct rj_show {
	struct rj_arena *arena;
	size_t slowest; /* how many of them */
	bool limited; /* only so many failing and flaky ones are kept: */
	size_t limit;
	struct rj_entries lists[REJUNIT_LIST_SLOWEST + 1];
	struct rj_shown *reports;
	struct rj_shown **tail;
	size_t n_reports;
	struct rejunit_report sums; /* of all */
	char seconds[32];
	struct rejunit_error *err; /* of the reading at hand */
};

/* Gets the show as its ctx. */
extern const struct rejunit_visitor rj_show_visitor;

/* As JSON. */
enum rejunit_status rj_show_write(const struct rj_show *s,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

/*
 * An empty one for some of the reports, with the same settings: taken over as
 * a whole, or freed. It is empty again then; false: out of memory.
 */
struct rj_show rj_show_part(const struct rj_show *s);
bool rj_show_take(struct rj_show *s, struct rj_show *part);

void rj_show_free(struct rj_show *s);

#endif
