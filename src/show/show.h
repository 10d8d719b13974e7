/*
 * show.h - what reports say: how many cases of which outcome, which failed,
 * which are flaky, which took longest.
 *
 * Add report after report. Of each case that is listed, what there is to say
 * is kept, until slower ones come if it was only among the slowest.
 */
#ifndef RJ_SHOW_H
#define RJ_SHOW_H

#include <stdint.h>

#include "model/warning.h"

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
	struct rj_arena own; /* its memory; empty where it is the survey's */
};

struct rj_entries {
	struct rejunit_entry **list;
	size_t n;
	size_t room;
};

/* What one report, or all, come to. */
struct rj_totals {
	size_t cases;
	size_t outcomes[REJUNIT_UNKNOWN + 1]; /* by enum rejunit_verdict */
	size_t flaky;
	size_t nameless;
	size_t loose; /* failures of no case */
	int64_t time;
};

struct rj_show_report {
	struct rj_show_report *next;
	const char *path;
	struct rj_totals sums;
};

struct rj_rootdir;

struct rj_show {
	struct rj_arena *arena;
	struct rj_warnings warnings;
	struct rj_rootdir *rootdir;
	bool repair;
	size_t slowest; /* how many of them */
	bool limited; /* only so many failing and flaky ones are kept: */
	size_t limit;
	struct rj_entries lists[REJUNIT_LIST_SLOWEST + 1];
	struct rj_show_report *reports;
	struct rj_show_report **tail;
	size_t n_reports;
	struct rj_totals sums;
	char seconds[32];
};

enum rejunit_status rj_show_add(struct rj_show *s, const char *path,
    bool *foreign, struct rejunit_error *err);

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
