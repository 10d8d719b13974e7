/*
 * quarantine.h - tests that may fail for a while, from a list that people keep.
 *
 * Read the list, tell it of each test and of what the failing ones failed with,
 * and settle: then each entry has an excuse, or a reason why it has none.
 */
#ifndef RJ_QUARANTINE_H
#define RJ_QUARANTINE_H

#include "base/error.h"
#include "base/map.h"

#define RJ_SIGNATURES_MAX 8 /* of an entry */
#define RJ_NO_DAY	  INT64_MIN

struct rj_listed {
	struct rj_str id;
	struct rj_str owner; /* absent: nobody says, as below */
	struct rj_str why;
	struct rj_str by;
	struct rj_str until; /* as it is written */
	int64_t last_day; /* that it holds, since 1970; else RJ_NO_DAY */
	struct rj_str signature[RJ_SIGNATURES_MAX]; /* of failures it excuses */
	size_t signatures; /* none: of any */
	unsigned long line;
	size_t from; /* in the text: its last attributes, or its own line */
	size_t at; /* its own line */
	size_t end;
	/* what was seen of it */
	unsigned int tests;
	unsigned int bad_cases;
	bool failed;
	bool other_failure; /* than those that are listed */
	bool broken;
	enum rejunit_excuse excuse; /* once it is settled */
};

struct rj_quarantine {
	struct rj_arena arena;
	struct rj_str text; /* of the file */
	const char *path;
	struct rj_listed *entry; /* in the order of the file */
	size_t n;
	size_t room;
	struct rj_map ids;
	struct rj_map broken; /* tests that are, by class and name */
	struct rj_buf key;
	size_t most; /* that may be excused */
	int64_t today; /* since 1970 */
	size_t excused;
};

/* Free it also after a failure. A file that is not there: `may_be_new`. */
enum rejunit_status rj_quarantine_read(struct rj_quarantine *q,
    const char *path, bool may_be_new, struct rejunit_error *err);
void rj_quarantine_free(struct rj_quarantine *q);

/* "# so", and not a test whose name begins with it. */
bool rj_is_comment(struct rj_str line);

/* A test is broken, whatever it is called in the list. */
bool rj_quarantine_add_broken(
    struct rj_quarantine *q, struct rj_str classname, struct rj_str name);

/* Forgets what was seen. */
void rj_quarantine_begin(struct rj_quarantine *q);

/*
 * Takes a test; *entry is what is listed of it, or NULL. Of one that failed,
 * what it failed with is to be told, too. False: out of memory.
 */
bool rj_quarantine_see(struct rj_quarantine *q, struct rj_str id,
    struct rj_str classname, struct rj_str name, bool failed,
    struct rj_listed **entry);
bool rj_quarantine_failed(struct rj_listed *e, struct rj_str type,
    struct rj_str message, struct rj_str trace);

void rj_quarantine_settle(struct rj_quarantine *q);

/* Once it is settled: a test failed, and that is no failure. */
bool rj_quarantine_excuses(const struct rj_quarantine *q, struct rj_str id);

/* It is listed, and its time is not over. */
bool rj_quarantine_lists(const struct rj_quarantine *q, struct rj_str id);

#endif
