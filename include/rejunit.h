/*
 * rejunit.h - update JUnit XML reports from reruns.
 *
 * An update is made in four steps: create it, name its inputs, plan it, and
 * ask for what follows from the plan: the updated report, the flake list,
 * the decisions, the numbers of a summary.
 *
 *	struct rejunit_update *u = NULL;
 *	struct rejunit_error err;
 *
 *	if (rejunit_update_new(&u, &err) ||
 *	    rejunit_update_original(u, "pytest.xml", &err) ||
 *	    rejunit_update_rerun(u, "rerun.xml", &err) ||
 *	    rejunit_update_plan(u, &err) ||
 *	    rejunit_update_save(u, "updated.xml", &err))
 *		fprintf(stderr, "%s: %s\n", err.file, err.message);
 *	rejunit_update_free(u);
 *
 * The library never prints, never exits, and never reads the environment.
 * An update and everything it returns belong to one thread at a time;
 * different updates may be used by different threads at once.
 *
 * Every string that a function returns belongs to the update and lives as
 * long as it does. Strings are UTF-8.
 */
#ifndef REJUNIT_H
#define REJUNIT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define REJUNIT_API __attribute__((visibility("default")))
#else
#define REJUNIT_API
#endif

/*
 * What a call came to. On anything but REJUNIT_OK its outputs are as before,
 * and it may be made again. A call without a handle, or anything else that it
 * needs, is REJUNIT_USAGE; what returns no status is 0, NULL or "" then, as it
 * is behind the end of a list.
 */
enum rejunit_status {
	REJUNIT_OK = 0,
	REJUNIT_USAGE, /* the call itself is wrong */
	REJUNIT_INPUT, /* an input cannot be read, or proves nothing */
	REJUNIT_OUTPUT, /* the output could not be written */
	REJUNIT_MEMORY, /* memory ran out */
};

/* Filled by a call that fails; line and column are 0 where there are none. */
struct rejunit_error {
	enum rejunit_status status;
	unsigned long line;
	unsigned long column;
	char file[4096]; /* the file's name, shortened at its front */
	char message[512]; /* one sentence, no newline, nothing unprintable */
};

/* Receives output; returns 0, or an errno value that ends the writing. */
typedef int rejunit_write_fn(void *ctx, const void *data, size_t size);

/*
 * One that writes to a file descriptor; ctx points to it, an int. To a regular
 * file, a long report is written by a second thread.
 */
REJUNIT_API int rejunit_write_fd(void *ctx, const void *data, size_t size);

struct rejunit_update;

/* How the failure of a recovered test is kept. */
enum rejunit_evidence {
	REJUNIT_EVIDENCE_SUREFIRE, /* flakyFailure and flakyError */
	REJUNIT_EVIDENCE_JENKINS, /* flakyFailure for both */
	REJUNIT_EVIDENCE_NONE, /* not at all */
};

/* The fields that rejunit_update_match() takes, or'ed together. */
enum rejunit_field {
	REJUNIT_CLASSNAME = 1 << 0,
	REJUNIT_NAME = 1 << 1,
	REJUNIT_FILE = 1 << 2,
	REJUNIT_SUITE = 1 << 3,
	REJUNIT_HOSTNAME = 1 << 4,
};

/* What no report says, and rejunit_update_assume() takes for true. */
enum rejunit_assumption {
	/* Entries of one name in one suite are attempts at one test. */
	REJUNIT_ASSUME_ATTEMPTS = 1 << 0,
	/* The reruns ran nothing but what had failed. */
	REJUNIT_ASSUME_FAILURES_ONLY = 1 << 1,
	/* Every test has run, though something broke off in between. */
	REJUNIT_ASSUME_COMPLETE = 1 << 2,
};

/* The verdict of one test. */
enum rejunit_verdict {
	REJUNIT_ABSENT,
	REJUNIT_PASSED,
	REJUNIT_FAILED,
	REJUNIT_ERROR,
	REJUNIT_SKIPPED,
	REJUNIT_UNKNOWN, /* what the report says of it contradicts itself */
};

/* Why a test has the verdict that it has after the update. */
enum rejunit_reason {
	REJUNIT_UNCHANGED,
	REJUNIT_RECOVERED,
	REJUNIT_REGRESSED,
	REJUNIT_STILL_FAILING,
	REJUNIT_SKIPPED_IN_RERUN,
	REJUNIT_NOT_RERUN,
	REJUNIT_FIRST_RUN,
	REJUNIT_NEW,
	REJUNIT_AMBIGUOUS,
	REJUNIT_COVERAGE_UNKNOWN, /* a module's collection error, retired */
	REJUNIT_UNKNOWN_IN_RERUN, /* what the rerun says proves nothing */
};

/* What makes a test flaky; REJUNIT_REPORTED: the inputs themselves say so. */
enum rejunit_flaky {
	REJUNIT_NOT_FLAKY,
	REJUNIT_FLAKY_RECOVERED,
	REJUNIT_FLAKY_REGRESSED,
	REJUNIT_FLAKY_REPORTED,
};

enum rejunit_format {
	REJUNIT_TEXT, /* an id a line, as the runner takes it back */
	REJUNIT_JSON,
	REJUNIT_CSV,
	REJUNIT_MARKDOWN, /* a job summary, with what is still failing */
	REJUNIT_GITHUB, /* annotations, as many as are shown */
};

/* The numbers of a planned update. */
enum rejunit_count {
	REJUNIT_COUNT_RECOVERED,
	REJUNIT_COUNT_REGRESSED,
	REJUNIT_COUNT_REPORTED,
	REJUNIT_COUNT_STILL_FAILING,
	REJUNIT_COUNT_SKIPPED_IN_RERUN,
	REJUNIT_COUNT_NOT_RERUN,
	REJUNIT_COUNT_AMBIGUOUS,
	REJUNIT_COUNT_FIRST_RUN,
	REJUNIT_COUNT_NEW,
	REJUNIT_COUNT_COVERAGE_UNKNOWN,
	REJUNIT_COUNT_BAD_BEFORE, /* bad cases of the original */
	REJUNIT_COUNT_BAD_AFTER, /* bad cases of the updated report */
	REJUNIT_COUNT_CASES, /* cases of the original */
	REJUNIT_COUNT_NAMELESS, /* cases of the original without a name */
	REJUNIT_COUNT_LOOSE, /* failures that belong to no case */
	REJUNIT_COUNT_REPORTS, /* inputs, every file of a folder */
	REJUNIT_COUNT_DUPLICATES, /* cases of a test met before */
	REJUNIT_COUNT_PASSED, /* cases by their outcome */
	REJUNIT_COUNT_FAILED,
	REJUNIT_COUNT_ERRORS,
	REJUNIT_COUNT_SKIPPED,
	REJUNIT_COUNT_UNKNOWN, /* cases that say nothing that can be trusted */
	REJUNIT_COUNT_UNKNOWN_IN_RERUN, /* bad ones, by their reruns */
	REJUNIT_COUNT_BROKEN_OFF, /* runs that may not have run every test */
	REJUNIT_COUNT_ASSUMED, /* decisions that need an assumption */
};

/* Creates an update; the caller frees it. */
REJUNIT_API enum rejunit_status
rejunit_update_new(struct rejunit_update **out, struct rejunit_error *err);

/* Frees an update, and removes what an unfinished save left; NULL is fine. */
REJUNIT_API void rejunit_update_free(struct rejunit_update *u);

/*
 * Names the original and each rerun in order; "-" is standard input, for one
 * of them. Nothing is opened before rejunit_update_plan().
 */
REJUNIT_API enum rejunit_status rejunit_update_original(
    struct rejunit_update *u, const char *path, struct rejunit_error *err);
REJUNIT_API enum rejunit_status rejunit_update_rerun(
    struct rejunit_update *u, const char *path, struct rejunit_error *err);

/* Settings, each to be made before the plan. */
REJUNIT_API void rejunit_update_evidence(
    struct rejunit_update *u, enum rejunit_evidence evidence);
/* Which fields make a test, and nothing else; the name is among them. */
REJUNIT_API enum rejunit_status rejunit_update_match(
    struct rejunit_update *u, unsigned int fields, struct rejunit_error *err);
/* Assumptions, added to those before; each decision that needs one says so. */
REJUNIT_API void
rejunit_update_assume(struct rejunit_update *u, unsigned int assumptions);
REJUNIT_API void
rejunit_update_append_reruns(struct rejunit_update *u, bool append);
REJUNIT_API void rejunit_update_recount(struct rejunit_update *u, bool recount);
/* Replaces what XML forbids; rejunit_update_warning() says how much. */
REJUNIT_API void rejunit_update_repair(struct rejunit_update *u, bool repair);
/* Below it, files are looked for that belong to a test's module. */
REJUNIT_API enum rejunit_status rejunit_update_rootdir(
    struct rejunit_update *u, const char *path, struct rejunit_error *err);
/* Refuses to turn more cases green than this, a number or a percentage. */
REJUNIT_API void rejunit_update_max_recovered(
    struct rejunit_update *u, unsigned long limit, bool percent);

/*
 * Locks the original for an update in place: a second update of the same
 * file waits here for the first, up to `seconds`. Call it before the plan,
 * and rejunit_update_save() with a NULL path after it.
 */
REJUNIT_API enum rejunit_status rejunit_update_lock(
    struct rejunit_update *u, unsigned int seconds, struct rejunit_error *err);

/* Reads the inputs and decides. Only after it the calls below make sense. */
REJUNIT_API enum rejunit_status
rejunit_update_plan(struct rejunit_update *u, struct rejunit_error *err);

/* Writes the updated report to a function. */
REJUNIT_API enum rejunit_status rejunit_update_write(struct rejunit_update *u,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

/*
 * Fails as wrong usage if to save to a path, a file's or a folder's, would
 * overwrite a report of a rerun. rejunit_update_save() does so, too; this may
 * be asked before anything else is written.
 */
REJUNIT_API enum rejunit_status rejunit_update_check(
    struct rejunit_update *u, const char *path, struct rejunit_error *err);

/*
 * Writes the updated report to a file, whole or not at all: the file is
 * replaced in one step once its successor is on the disk. A NULL path is the
 * locked original, which is left alone where nothing changed. "-", /dev/stdout,
 * /dev/stderr and /dev/fd/N are written to that descriptor, whatever it leads
 * to, and so are those of the lists below.
 *
 * Of a set, every file is prepared before the first is replaced, and if one
 * cannot be replaced, those before it are put back. Ask for lists and ids
 * first: what they need of a large set that was saved in place is replaced.
 */
REJUNIT_API enum rejunit_status rejunit_update_save(
    struct rejunit_update *u, const char *path, struct rejunit_error *err);

/* Renders the flake list, and the list of all decisions (always JSON). */
REJUNIT_API enum rejunit_status
rejunit_update_flakes(struct rejunit_update *u, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);
REJUNIT_API enum rejunit_status
rejunit_update_decisions(struct rejunit_update *u, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err);

/*
 * The same to a file: whole, or not at all. It is wrong usage to name a report
 * that was read, be it one of a folder's.
 */
REJUNIT_API enum rejunit_status
rejunit_update_save_flakes(struct rejunit_update *u, enum rejunit_format format,
    const char *path, struct rejunit_error *err);
REJUNIT_API enum rejunit_status rejunit_update_save_decisions(
    struct rejunit_update *u, const char *path, struct rejunit_error *err);

/*
 * Makes what this process does with the library end soon, with an error, and
 * for good: all that is left to do then is rejunit_update_free(). It is for
 * the signal handler of a program that is asked to end.
 */
REJUNIT_API void rejunit_cancel(void);

/* What a call waits for: an input from which nothing comes, or a lock. */
enum rejunit_wait {
	REJUNIT_WAIT_INPUT,
	REJUNIT_WAIT_LOCK,
};

/* Hears what is waited for, and the name of the file that it is about. */
typedef void rejunit_wait_fn(enum rejunit_wait what, const char *name);

/*
 * Names who hears of it when a call of this process has waited for a second,
 * once for each: of a FIFO that nobody writes to, say, or of a report that
 * another update has locked. NULL, as at first: nobody.
 */
REJUNIT_API void rejunit_on_wait(rejunit_wait_fn *tell);

REJUNIT_API size_t rejunit_update_count(
    const struct rejunit_update *u, enum rejunit_count what);

/* Warnings, from 0; NULL behind the last one. */
REJUNIT_API const char *
rejunit_update_warning(const struct rejunit_update *u, size_t i);

/* The decisions, from 0; NULL behind the last one. */
struct rejunit_decision;
REJUNIT_API const struct rejunit_decision *
rejunit_update_decision(const struct rejunit_update *u, size_t i);
REJUNIT_API enum rejunit_verdict
rejunit_decision_before(const struct rejunit_decision *d);
REJUNIT_API enum rejunit_verdict
rejunit_decision_after(const struct rejunit_decision *d);
REJUNIT_API enum rejunit_reason
rejunit_decision_reason(const struct rejunit_decision *d);
REJUNIT_API enum rejunit_flaky
rejunit_decision_flaky(const struct rejunit_decision *d);
/* The assumptions without which it would not be green; 0: it follows. */
REJUNIT_API unsigned int
rejunit_decision_assumed(const struct rejunit_decision *d);
/*
 * The id of a decision's test, in the form that its runner takes back where
 * that is known, on one line; NULL behind the last one, or out of memory.
 */
REJUNIT_API const char *rejunit_update_id(struct rejunit_update *u, size_t i);
/* Its name for people: which one it is, where an id selects several. */
REJUNIT_API const char *rejunit_update_name(struct rejunit_update *u, size_t i);

/*
 * Whether a test that still fails did so in the same way in every rerun that
 * it failed in: 1 or 0; -1 where that cannot be said.
 */
REJUNIT_API int rejunit_update_alike(const struct rejunit_update *u, size_t i);

/*
 * One report out of several: create it, add the inputs, read them, and write
 * what they come to. Strings and errors are as in an update.
 */
struct rejunit_merge;

REJUNIT_API enum rejunit_status
rejunit_merge_new(struct rejunit_merge **out, struct rejunit_error *err);
REJUNIT_API void rejunit_merge_free(struct rejunit_merge *m);

/* Adds a file, a folder or a pattern; "-" is standard input, for one. */
REJUNIT_API enum rejunit_status rejunit_merge_add(
    struct rejunit_merge *m, const char *path, struct rejunit_error *err);

/* Settings, each to be made before the reading. */
/* Makes one suite of those that have the same names down from the root. */
REJUNIT_API void rejunit_merge_join_suites(struct rejunit_merge *m, bool join);
REJUNIT_API void rejunit_merge_repair(struct rejunit_merge *m, bool repair);
/* A file that is no input though a folder has it: an earlier result. */
REJUNIT_API enum rejunit_status rejunit_merge_except(
    struct rejunit_merge *m, const char *path, struct rejunit_error *err);

/*
 * Locks the first input, to be replaced by rejunit_merge_save() with a NULL
 * path; as rejunit_update_lock() does.
 */
REJUNIT_API enum rejunit_status rejunit_merge_lock(
    struct rejunit_merge *m, unsigned int seconds, struct rejunit_error *err);

/* Reads the inputs. Only after it the calls below make sense. */
REJUNIT_API enum rejunit_status
rejunit_merge_read(struct rejunit_merge *m, struct rejunit_error *err);

REJUNIT_API enum rejunit_status rejunit_merge_write(struct rejunit_merge *m,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);
REJUNIT_API enum rejunit_status rejunit_merge_save(
    struct rejunit_merge *m, const char *path, struct rejunit_error *err);

/* Of enum rejunit_count: reports, cases, bad, nameless, loose, duplicates. */
REJUNIT_API size_t rejunit_merge_count(
    const struct rejunit_merge *m, enum rejunit_count what);
REJUNIT_API const char *
rejunit_merge_warning(const struct rejunit_merge *m, size_t i);

/* The structure that a family of readers wants. */
enum rejunit_profile {
	REJUNIT_PROFILE_NONE,
	REJUNIT_PROFILE_JUNIT10, /* what Jenkins' plugins accept */
	REJUNIT_PROFILE_SUREFIRE, /* what Maven Surefire writes */
};

/*
 * What is wrong with reports: create an audit, hand reports over, ask for the
 * findings. What cannot be parsed is a finding; what cannot be read at all is
 * an error.
 */
struct rejunit_audit;

REJUNIT_API enum rejunit_status
rejunit_audit_new(struct rejunit_audit **out, struct rejunit_error *err);
REJUNIT_API void rejunit_audit_free(struct rejunit_audit *a);

/* Checks the structure of the reports that follow, too. */
REJUNIT_API void
rejunit_audit_profile(struct rejunit_audit *a, enum rejunit_profile profile);

/* Audits a file, a folder's files, or standard input. */
REJUNIT_API enum rejunit_status rejunit_audit_report(
    struct rejunit_audit *a, const char *path, struct rejunit_error *err);

/*
 * Proves an update: a finding for everything in `updated`, a report or a
 * folder, that does not follow from the planned update, which has to outlive
 * the audit.
 */
REJUNIT_API enum rejunit_status rejunit_audit_update(struct rejunit_audit *a,
    struct rejunit_update *u, const char *updated, struct rejunit_error *err);

/* How many findings there are, and in how many reports they were looked for. */
REJUNIT_API size_t rejunit_audit_count(const struct rejunit_audit *a);
REJUNIT_API size_t rejunit_audit_reports(const struct rejunit_audit *a);

/* Renders the findings, as text, JSON or annotations. */
REJUNIT_API enum rejunit_status
rejunit_audit_write(struct rejunit_audit *a, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

/*
 * What reports say: create a survey, hand reports over, ask. Entries are of
 * the cases that failed, that are flaky by the report's own account, and that
 * took longest.
 */
struct rejunit_survey;
struct rejunit_entry;

enum rejunit_list {
	REJUNIT_LIST_FAILING,
	REJUNIT_LIST_FLAKY,
	REJUNIT_LIST_SLOWEST,
};

REJUNIT_API enum rejunit_status
rejunit_survey_new(struct rejunit_survey **out, struct rejunit_error *err);
REJUNIT_API void rejunit_survey_free(struct rejunit_survey *s);

/* Settings, each to be made before the reports: how many of the slowest, */
REJUNIT_API void rejunit_survey_slowest(struct rejunit_survey *s, size_t n);
/* how many entries of the failing, and of the flaky, if not all, */
REJUNIT_API void rejunit_survey_limit(struct rejunit_survey *s, size_t n);
/* and the rest as in an update. */
REJUNIT_API void rejunit_survey_repair(struct rejunit_survey *s, bool repair);
REJUNIT_API enum rejunit_status rejunit_survey_rootdir(
    struct rejunit_survey *s, const char *path, struct rejunit_error *err);

/* Adds a file, a folder's files, or standard input. */
REJUNIT_API enum rejunit_status rejunit_survey_report(
    struct rejunit_survey *s, const char *path, struct rejunit_error *err);

REJUNIT_API size_t rejunit_survey_count(
    const struct rejunit_survey *s, enum rejunit_count what);
/* How long all took, in seconds. */
REJUNIT_API const char *rejunit_survey_time(const struct rejunit_survey *s);
REJUNIT_API const char *
rejunit_survey_warning(const struct rejunit_survey *s, size_t i);
/* Renders everything as JSON. */
REJUNIT_API enum rejunit_status rejunit_survey_write(struct rejunit_survey *s,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

/* The entries of a list, from 0; NULL behind the last one. */
REJUNIT_API const struct rejunit_entry *rejunit_survey_entry(
    const struct rejunit_survey *s, enum rejunit_list list, size_t i);
REJUNIT_API const char *rejunit_entry_id(const struct rejunit_entry *e);
/* Its name for people, as rejunit_update_name() gives it. */
REJUNIT_API const char *rejunit_entry_name(const struct rejunit_entry *e);
/* Its first failure, in one line; "" where there is none. */
REJUNIT_API const char *rejunit_entry_what(const struct rejunit_entry *e);
REJUNIT_API const char *rejunit_entry_time(const struct rejunit_entry *e);
REJUNIT_API enum rejunit_verdict
rejunit_entry_verdict(const struct rejunit_entry *e);

/* Words for people and for files, as in the manual; never NULL. */
REJUNIT_API const char *rejunit_verdict_name(enum rejunit_verdict v);
REJUNIT_API const char *rejunit_reason_name(enum rejunit_reason r);
REJUNIT_API const char *rejunit_flaky_name(enum rejunit_flaky f);
/* One of them; "" for none, or several. */
REJUNIT_API const char *rejunit_assumption_name(enum rejunit_assumption a);

/*
 * Spells out, for a terminal or a list of lines, the character that a UTF-8
 * string begins with: itself where it can be shown, else as in \x1b or
 * \u202e. Returns how many bytes it takes up in the string, and its columns.
 */
REJUNIT_API size_t rejunit_visible(
    const char *s, size_t size, char out[16], int *columns);

/* The version of the library, as "1.2.3". */
REJUNIT_API const char *rejunit_version(void);

#ifdef __cplusplus
}
#endif

#endif
