/*
 * parts.h - what the parts of a page know of each other.
 */
#ifndef RJ_PAGE_PARTS_H
#define RJ_PAGE_PARTS_H

#include "investigate/causes.h"
#include "page/html.h"
#include "page/page.h"

#define RJ_NAME_MAX 400 /* bytes of a name that are shown */

/* Colours, for those who see no style; it has others for the dark. */
#define RJ_RED	 "#b4431a"
#define RJ_GREEN "#1b7a6c"
#define RJ_GREY	 "#767676"

/* A test that is shown. */
struct rj_shown {
	const struct rj_rank *rank;
	char anchor[20]; /* of its section */
};

struct rj_shown_run {
	struct rj_str job;
	struct rj_str address; /* absent: there is none */
};

/* What failures said, of all tests that are shown: each signature once. */
struct rj_text {
	struct rj_said said;
	unsigned int *tests; /* that are shown, by place */
	size_t n;
	size_t room;
};

struct rj_page {
	struct rj_out *out;
	struct rj_history *history;
	const struct rj_ranking *ranking;
	const struct rj_page_options *opt;
	struct rj_arena arena;
	struct rj_shown *shown; /* as they are ranked */
	size_t n;
	size_t left_out; /* that have failed, too */
	size_t states[REJUNIT_HEALTHY + 1]; /* how many tests have each */
	size_t tests;
	struct rj_shown_run *runs; /* by place */
	size_t unseen; /* runs of another time or job */
	struct rj_text *texts;
	size_t n_texts;
	size_t text_room;
	bool texts_left_out; /* of some tests */
	struct rj_map text_at; /* by signature, from 1 on */
	uint64_t looked_at; /* executions of other tests, so far */
};

/* Its failures are no luck: a rate would say nothing. */
static inline bool
rj_is_broken(const struct rj_rank *r)
{
	return r->state == REJUNIT_BROKEN || r->state == REJUNIT_ENVIRONMENT;
}

/* news.c: what is new in the last run of each job. */

enum rj_news_kind {
	RJ_NEW_FAILURE, /* it passed in the run before */
	RJ_UNSEEN_FAILURE, /* it neither passed nor failed there */
	RJ_STILL_FAILING,
	RJ_TOOK_A_RERUN, /* it failed, and passed in the end */
	RJ_MENDED,
	RJ_NEWS_KINDS
};

struct rj_news_item {
	const struct rj_past_test *test;
	const struct rj_shown *shown; /* NULL: it is not */
};

struct rj_news {
	struct rj_news_item *of[RJ_NEWS_KINDS];
	size_t n[RJ_NEWS_KINDS];
	size_t jobs; /* that ran of late, */
	size_t red; /* and ended so; */
	size_t outages; /* whose newest run is one; */
	size_t old; /* that did not run of late */
	/* of their last runs */
	size_t run; /* one of them */
	size_t executed;
	size_t failed;
	size_t ended_bad;
};

/* False: out of memory. */
bool rj_page_find_news(struct rj_page *p, struct rj_news *n);
void rj_page_put_news(struct rj_page *p, const struct rj_news *n);
void rj_page_put_last(struct rj_page *p, const struct rj_news *n);

/* overview.c: what somebody sees who has thirty seconds. */
bool rj_page_overview(struct rj_page *p);
/* A test, with a link to its section if it has one. */
void rj_html_test(struct rj_page *p, const struct rj_past_test *t,
    const struct rj_shown *shown);
void rj_page_matrix(struct rj_page *p);

/* What came of a test in the only run. */
const char *rj_page_result(const struct rj_rank *r);

/* test.c: all that is known of a test. */
enum rejunit_status rj_page_test(struct rj_page *p, size_t at);

/* texts.c: what failures said; false: out of memory. */
bool
rj_page_keep_texts(struct rj_page *p, size_t at, const struct rj_evidence *e);
void rj_page_texts(struct rj_page *p);

/* What a failure says in a line, with a link to the text if it is shown. */
void rj_html_said(struct rj_page *p, const struct rj_said *s);

/* shares.c: what a test's failures have in common, and its passes. */
bool rj_page_shares(struct rj_page *p, const struct rj_evidence *e);

/* charts.c: pictures. */

/*
 * A column a run: F it failed, f it failed and passed in the end, . it passed,
 * anything else: nobody knows. `what` is said to whoever does not see it.
 */
void rj_draw_strip(
    struct rj_out *out, const char *marks, size_t n, const char *what);

/* Durations by time. `limit`: a duration to point at, less than 0: none. */
bool rj_draw_durations(
    struct rj_out *out, const struct rj_evidence *e, double limit);

/* The share that failed, week by week. */
bool rj_draw_weeks(struct rj_out *out, const struct rj_evidence *e);

/* How much of something. */
void rj_draw_share(struct rj_out *out, double share, const char *colour);

/* A run by its place, with a link if it has one. */
void rj_html_run(struct rj_page *p, unsigned int run);

#endif
