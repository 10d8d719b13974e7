/*
 * page.h - a history as a page, for people who would rather look than read.
 *
 * It is whole without its style and its script, asks no other host for
 * anything, and what it says of tests can never act.
 */
#ifndef RJ_PAGE_H
#define RJ_PAGE_H

#include "history/rank.h"
#include "out/out.h"

struct rj_page_options {
	struct rj_str title;
	struct rj_str run_url; /* "{run}" in it is the run; absent: recorded */
	struct rj_str assets; /* what the names of its style and its script
				 begin with; absent: they are in the page */
	const char *const *source; /* words that name the history */
	size_t n_source;
	size_t top; /* so many tests at most have a section; 0: no limit */
};

/* The history is open for reading, and the ranking of all its tests. */
enum rejunit_status rj_page_write(const struct rj_ranking *r,
    struct rj_history *h, const struct rj_page_options *o, struct rj_out *out);

/* What makes it pleasant, and what makes it quick to look through. */
struct rj_str rj_page_style(void);
struct rj_str rj_page_script(void);

#endif
