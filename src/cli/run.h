/*
 * run.h - what the parts of `rejunit run` know of each other.
 */
#ifndef RJ_CLI_RUN_H
#define RJ_CLI_RUN_H

#include <sys/stat.h>
#include <time.h>

#include "runner.h"

#define PLACE_MAX 4352 /* bytes of the path of an attempt's report */

/* A hunt: all of it, again and again, without reruns. */
struct hunt {
	double rounds; /* 0: nobody says */
	double seconds; /* less than 0: nobody says */
	bool until_fail;
	double rate; /* that a flake would have; 0: nobody says */
	const char *fixed; /* the test that is said to be */
	bool alone; /* nothing but that test */
};

/* What was at the report's place before a program ran. */
struct before {
	bool was;
	struct stat file;
	struct timespec start;
};

struct running {
	struct common common;
	/* what was said */
	const char *name; /* of the runner */
	const char *report_said;
	const char *rerun_command;
	const char *keep;
	const char *jobs; /* of a rerun, at once */
	const char *rootdir; /* of pytest's node ids; NULL: as it says */
	char own_rootdir[PATH_MAX]; /* room for that */
	const char *history;
	const char *list; /* of tests, that has to be there */
	const char *run; /* the name in the history */
	bool list_runners;
	bool native;
	bool records;
	bool updates; /* options that only an update has */
	int retries;
	double delay;
	double budget; /* less than 0: there is none */
	double most; /* tests that may have failed, */
	bool most_said;
	bool in_percent;
	struct hunt hunt;
	struct words for_each; /* of an update: what it decides by, */
	struct words for_last; /* and what else it is to do */
	struct words for_record;
	/* the run */
	const struct runner *runner;
	char **argv;
	int arguments; /* of the runner, begin there */
	struct words configured; /* options that stand elsewhere */
	struct words command; /* all of it, with the report */
	char *report; /* NULL: there is none */
	bool added; /* the runner was not asked for one */
	double start;
	char folder[4096]; /* with each attempt's report; empty: none yet */
	struct words attempts; /* the reports, attempt 0 first */
	struct words failed; /* ids */
	struct words skipped; /* that are run again, too */
	size_t cases;
	size_t bad;
	size_t nameless;
	size_t collected;
	size_t ended;
	size_t first_bad; /* of the first run */
	struct before told; /* what its report was once it had ended */
	int first_status;
	size_t calls; /* of the attempt at hand */
	bool is_over; /* nothing more is to be run */
};

/* Cases of a report. */
struct reading {
	const struct runner *runner; /* whose ids they are; NULL: of lists */
	struct words *bad; /* ids that can be run again; NULL: nobody asks */
	struct words *skipped; /* the same; NULL: nobody asks */
	struct words *ran; /* NULL: nobody asks */
	const struct rejunit_rank *test; /* whose results count; NULL: none */
	size_t cases;
	size_t n_bad;
	size_t nameless;
	size_t collected; /* tests that were to run; 0: it does not say */
	size_t ended; /* and those that did */
	size_t passes; /* of that test, */
	size_t failures; /* and its failures */
	bool no_memory;
};

/* loop.c: reruns what failed, updates the report, and decides. */
enum rejunit_status run_loop(struct running *s);

/* hunt.c: round after round. */
bool is_hunt(const struct hunt *h);
enum rejunit_status run_hunt(struct running *s);

/* attempt.c: reports, and what is said. */
void run_say(const struct running *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum rejunit_status run_end_as(struct running *s, int status);
/* The same where tests failed, or did not: nobody may want to know. */
enum rejunit_status run_end_with(struct running *s, int status);
/* What errno says of a path. */
enum rejunit_status
run_fail(struct running *s, enum rejunit_status status, const char *path);
/* A usage that only the run shows to be wrong. */
enum rejunit_status run_refuse(struct running *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Runs a command, as run_child() does, until its report is written. */
int run_tests(
    const struct running *s, char *const *argv, int attempt, int *trouble);
/* Why the tests could not be started. */
void tell_trouble(const struct running *s, int trouble);
double seconds_now(void);

void remember_report(const struct running *s, struct before *b);
/* A report is there that is not what was there before. */
bool is_new_report(struct running *s, const struct before *b);
/* A folder that goes with us, and in it a place for an attempt's report. */
enum rejunit_status make_folder(struct running *s);
void make_place(
    const struct running *s, int attempt, size_t call, char out[PLACE_MAX]);
/* Copies what is new to such a place, be it a file or a set of them. */
enum rejunit_status
save_report(struct running *s, const struct before *b, const char *place);
/* Removes what came to a set since, and is not among those that are kept. */
enum rejunit_status
remove_others(struct running *s, const struct before *b, const char *kept);
/* A kept run's files are not mixed with those of the one before. */
void clear_kept(const struct running *s);
/* Copies a file, or all files of a folder. */
enum rejunit_status
copy_report(struct running *s, const char *from, const char *to);
/* The same to the folder of those that somebody wants to look at. */
enum rejunit_status
keep_report(struct running *s, const char *place, const char *name);
/* Records a report; of a hunt, as that round. Returns the exit status. */
int record_report(struct running *s, const char *report, const char *round);
enum rejunit_status
read_report(struct running *s, const char *path, struct reading *r);
bool is_folder(const char *path);
/* Where the files of a set are put back to. */
const char *set_folder(const char *report);
/* A folder and all that is in it. */
void remove_folder(const char *path);

#endif
