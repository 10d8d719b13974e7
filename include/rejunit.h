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
 * The library never prints, never exits, and never reads the environment; it
 * starts no thread and makes no temporary file unless it is allowed to. An
 * update and everything it returns belong to one thread at a time; different
 * updates may be used by different threads at once.
 *
 * Every string that a function returns belongs to its handle and lives as long
 * as that does, unless it says otherwise. Strings are UTF-8.
 */
#ifndef REJUNIT_H
#define REJUNIT_H

#include <stdbool.h>
#include <stddef.h>

/* The version that this header is of; rejunit_version() is the library's. */
#define REJUNIT_VERSION_MAJOR	 0
#define REJUNIT_VERSION_MINOR	 2
#define REJUNIT_VERSION_PATCH	 0
#define REJUNIT_DOTTED_(a, b, c) #a "." #b "." #c
#define REJUNIT_DOTTED(a, b, c)	 REJUNIT_DOTTED_(a, b, c)
#define REJUNIT_VERSION                                              \
	REJUNIT_DOTTED(REJUNIT_VERSION_MAJOR, REJUNIT_VERSION_MINOR, \
	    REJUNIT_VERSION_PATCH)

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
	unsigned long reserved[8]; /* 0 */
};

/* Receives output; returns 0, or an errno value that ends the writing. */
typedef int rejunit_write_fn(void *ctx, const void *data, size_t size);

/*
 * One that writes to a file descriptor; ctx points to it, an int. To a regular
 * file, a long report is written by a second thread, if threads are allowed.
 */
REJUNIT_API int rejunit_write_fd(void *ctx, const void *data, size_t size);

/*
 * Where a report comes from: a file, a folder or a pattern by its path, "-" for
 * standard input; bytes in memory; an open descriptor, which is read from where
 * it stands, or, of a file, from its beginning. Made by these functions. The
 * name is copied by whoever is handed an input; the bytes and the descriptor
 * have to stay until its handle is freed. What came out of a pipe is gone when
 * a call fails that has read it.
 */
struct rejunit_input {
	const char *name; /* the path; else what messages call it */
	const void *data;
	size_t size;
	int fd; /* -1: none */
};
REJUNIT_API struct rejunit_input rejunit_path(const char *path);
REJUNIT_API struct rejunit_input
rejunit_memory(const char *name, const void *data, size_t size);
REJUNIT_API struct rejunit_input rejunit_descriptor(const char *name, int fd);

/*
 * What the library may do in this process beside what it is called for; at
 * first nothing. A second thread, while a long report is read or written.
 * Temporary files in a folder, of what has to be read twice and cannot be: a
 * pipe, or a report in another encoding than UTF-8; it is kept in memory where
 * they are not allowed (NULL). The path has to stay.
 */
REJUNIT_API void rejunit_allow_threads(bool allow);
REJUNIT_API void rejunit_allow_temporary(const char *folder);

struct rejunit_update;

/*
 * Text as a report has it, but resolved and in UTF-8. No NUL stands behind it,
 * and none in it; s is NULL where the report does not say it.
 */
struct rejunit_string {
	const char *s;
	size_t n;
};

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
	REJUNIT_NOT_LISTED, /* it passed, and may not turn green */
};

/* What makes a test flaky. */
enum rejunit_flaky {
	REJUNIT_NOT_FLAKY,
	REJUNIT_FLAKY_RECOVERED,
	REJUNIT_FLAKY_REGRESSED,
	REJUNIT_FLAKY_REPORTED, /* the inputs themselves say so */
};

/*
 * A <testsuite>, or the root. Where it begins, only what stands in its tag is
 * known.
 */
struct rejunit_suite {
	const struct rejunit_suite *up; /* around it; NULL: it is the root */
	struct rejunit_string name;
	struct rejunit_string hostname;
	struct rejunit_string timestamp; /* 2026-01-31T23:59:59, or absent */
	struct rejunit_string path; /* the names down to it, without the root's
				       if that is <testsuites>, each with a
				       NUL behind it */
	unsigned long line;
	size_t cases; /* once it has ended: those below it, too, */
	size_t bad; /* of them, those that failed, */
	size_t loose; /* and failures directly in it, of no case */
	long long nanoseconds; /* what it says, else what it adds up to */
	unsigned long reserved[8];
};

/* An entry of a report: a <testcase>. */
struct rejunit_case {
	struct rejunit_string classname;
	struct rejunit_string name;
	struct rejunit_string file;
	struct rejunit_string line; /* the attribute */
	struct rejunit_string suite; /* the name of its own, */
	struct rejunit_string suite_path; /* see struct rejunit_suite, */
	struct rejunit_string hostname; /* and its host */
	const char *report; /* what messages call it, */
	const char *report_name; /* below its folder; NULL: it is in none, */
	unsigned long at_line; /* and the line of the case in it */
	unsigned int run; /* 0: the original */
	enum rejunit_verdict outcome;
	bool is_flaky; /* it passed, and the report itself says it is */
	long long nanoseconds; /* of a reader's, and what a diff calls slower */
	void *internal[2];
	unsigned long reserved[8];
};

/*
 * One execution of a test. A case is one, and more where an earlier tool noted
 * attempts in it.
 */
struct rejunit_execution {
	unsigned int run;
	enum rejunit_verdict outcome; /* REJUNIT_ABSENT: there is no more */
	bool is_noted; /* within a case that is another execution */
	struct rejunit_string time; /* as written; of a case */
	/* of a failure: */
	struct rejunit_string type;
	struct rejunit_string message;
	struct rejunit_string what; /* the line that says most */
	struct rejunit_string trace; /* of a long one, both its ends */
	struct rejunit_string signature; /* two with one failed alike */
	unsigned long reserved[8];
};

/*
 * Steps through a case's executions; start with *step == 0. The strings live
 * until the same handle is asked for another one. They are read from the report
 * now, so that this may fail.
 */
REJUNIT_API enum rejunit_status rejunit_case_next(const struct rejunit_case *c,
    size_t *step, struct rejunit_execution *out, struct rejunit_error *err);

/*
 * A case's id, as its runner takes it back where that is known; a name for
 * people, which says which one it is where an id selects several; the path of
 * its file, "" where nothing tells it. Each is one line, and lives until the
 * same handle is asked for another one; NULL: out of memory.
 */
REJUNIT_API const char *rejunit_case_id(const struct rejunit_case *c);
REJUNIT_API const char *rejunit_case_name(const struct rejunit_case *c);
REJUNIT_API const char *rejunit_case_file(const struct rejunit_case *c);
/* Its runner would not choke on the id: else no list of ids may have it. */
REJUNIT_API enum rejunit_status rejunit_case_is_runnable(
    const struct rejunit_case *c, bool *runnable, struct rejunit_error *err);

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
	REJUNIT_COUNT_NOT_LISTED, /* tests that passed, and may not be green */
	REJUNIT_COUNT_EXCUSED, /* bad cases of the result, in quarantine */
};

/* Creates an update; the caller frees it. */
REJUNIT_API enum rejunit_status
rejunit_update_new(struct rejunit_update **out, struct rejunit_error *err);

/* Frees an update, and removes what an unfinished save left; NULL is fine. */
REJUNIT_API void rejunit_update_free(struct rejunit_update *u);

/*
 * Names the original and each rerun in order; standard input can be one of
 * them. Nothing is opened before rejunit_update_plan().
 */
REJUNIT_API enum rejunit_status rejunit_update_original(
    struct rejunit_update *u, const char *path, struct rejunit_error *err);
REJUNIT_API enum rejunit_status rejunit_update_rerun(
    struct rejunit_update *u, const char *path, struct rejunit_error *err);
REJUNIT_API enum rejunit_status
rejunit_update_original_from(struct rejunit_update *u,
    const struct rejunit_input *in, struct rejunit_error *err);
REJUNIT_API enum rejunit_status
rejunit_update_rerun_from(struct rejunit_update *u,
    const struct rejunit_input *in, struct rejunit_error *err);

/* Settings. After the plan they are wrong usage, as further inputs are. */
REJUNIT_API enum rejunit_status
rejunit_update_evidence(struct rejunit_update *u,
    enum rejunit_evidence evidence, struct rejunit_error *err);
/* Which fields make a test, and nothing else; the name is among them. */
REJUNIT_API enum rejunit_status rejunit_update_match(
    struct rejunit_update *u, unsigned int fields, struct rejunit_error *err);
/* Assumptions, added to those before; each decision that needs one says so. */
REJUNIT_API enum rejunit_status rejunit_update_assume(struct rejunit_update *u,
    unsigned int assumptions, struct rejunit_error *err);
REJUNIT_API enum rejunit_status rejunit_update_append_reruns(
    struct rejunit_update *u, bool append, struct rejunit_error *err);
REJUNIT_API enum rejunit_status rejunit_update_recount(
    struct rejunit_update *u, bool recount, struct rejunit_error *err);
/* Replaces what XML forbids; rejunit_update_warning() says how much. */
REJUNIT_API enum rejunit_status rejunit_update_repair(
    struct rejunit_update *u, bool repair, struct rejunit_error *err);
/* Below it, files are looked for that belong to a test's module. */
REJUNIT_API enum rejunit_status rejunit_update_rootdir(
    struct rejunit_update *u, const char *path, struct rejunit_error *err);
/* Refuses to turn more cases green than this, a number or a percentage. */
REJUNIT_API enum rejunit_status
rejunit_update_max_recovered(struct rejunit_update *u, unsigned long limit,
    bool percent, struct rejunit_error *err);

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
 * locked original, which is left alone where nothing changed, and whose lock
 * ends here, also with a failure. "-", /dev/stdout, /dev/stderr and /dev/fd/N
 * are written to that descriptor, whatever it leads to, and so are those of the
 * lists below.
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

/*
 * The same for what one update does: a call that is at work in another thread
 * ends soon, with an error, and so do all later ones that read or write.
 */
REJUNIT_API void rejunit_update_cancel(struct rejunit_update *u);

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
/* Everything that was assumed, whether a decision needs it or not. */
REJUNIT_API unsigned int rejunit_update_assumed(const struct rejunit_update *u);
/*
 * The case that stands for the test of a decision, and all cases of all runs
 * that speak of it, from 0 on, in the order of the runs; false behind the last.
 */
REJUNIT_API bool rejunit_update_test(
    struct rejunit_update *u, size_t i, struct rejunit_case *out);
REJUNIT_API bool rejunit_update_case(
    struct rejunit_update *u, size_t i, size_t k, struct rejunit_case *out);
/*
 * The id of a decision's test, in the form that its runner takes back where
 * that is known, on one line; NULL behind the last one, or out of memory.
 */
REJUNIT_API const char *rejunit_update_id(struct rejunit_update *u, size_t i);
/* Its name for people: which one it is, where an id selects several. */
REJUNIT_API const char *rejunit_update_name(struct rejunit_update *u, size_t i);

/* It fails, and is excused by a quarantine. */
REJUNIT_API bool rejunit_decision_excused(const struct rejunit_decision *d);

/*
 * Whether a test that still fails did so in the same way in every rerun that
 * it failed in: *alike is 1 or 0; -1 where that cannot be said.
 */
REJUNIT_API enum rejunit_status rejunit_update_alike(
    struct rejunit_update *u, size_t i, int *alike, struct rejunit_error *err);

/*
 * What reports hold, suite by suite and case by case, in memory that does not
 * grow with them; only their names last. Create a reader, and hand it reports
 * and functions to call.
 */
struct rejunit_reader;

/* What is known of a report once it has been read. */
struct rejunit_report {
	const char *name; /* what messages call it */
	const char *report_name; /* below its folder; NULL: it is in none */
	size_t cases;
	size_t outcomes[8]; /* by enum rejunit_verdict */
	size_t flaky; /* of those passed, by its own account */
	size_t nameless;
	size_t loose; /* failures of no case */
	long long nanoseconds;
	unsigned long reserved[8];
};

/*
 * Each gets the caller's ctx, and ends the reading with what it returns unless
 * that is REJUNIT_OK; NULL: not asked for. What they are handed is gone when
 * they return.
 */
struct rejunit_visitor {
	enum rejunit_status (*begin_suite)(
	    void *ctx, const struct rejunit_suite *s);
	enum rejunit_status (*end_suite)(
	    void *ctx, const struct rejunit_suite *s);
	enum rejunit_status (*test)(void *ctx, const struct rejunit_case *c);
	enum rejunit_status (*end_report)(
	    void *ctx, const struct rejunit_report *r);
	/* of the case that is handed over next, or of the suite that began */
	enum rejunit_status (*property)(void *ctx, bool of_case,
	    struct rejunit_string name, struct rejunit_string value);
};

REJUNIT_API enum rejunit_status
rejunit_reader_new(struct rejunit_reader **out, struct rejunit_error *err);
REJUNIT_API void rejunit_reader_free(struct rejunit_reader *r);
REJUNIT_API enum rejunit_status rejunit_reader_repair(
    struct rejunit_reader *r, bool repair, struct rejunit_error *err);
REJUNIT_API enum rejunit_status rejunit_reader_rootdir(
    struct rejunit_reader *r, const char *path, struct rejunit_error *err);
/* Reads a report, or those of a folder, the others of which are warned of. */
REJUNIT_API enum rejunit_status rejunit_reader_read(struct rejunit_reader *r,
    const struct rejunit_input *in, const struct rejunit_visitor *visitor,
    void *ctx, struct rejunit_error *err);
REJUNIT_API const char *
rejunit_reader_warning(const struct rejunit_reader *r, size_t i);

/*
 * One report out of several: create it, add the inputs, read them, and write
 * what they come to. Strings and errors are as in an update.
 */
struct rejunit_merge;

REJUNIT_API enum rejunit_status
rejunit_merge_new(struct rejunit_merge **out, struct rejunit_error *err);
REJUNIT_API void rejunit_merge_free(struct rejunit_merge *m);

/* Adds an input: a file, or the files of a folder or a pattern. */
REJUNIT_API enum rejunit_status rejunit_merge_add(
    struct rejunit_merge *m, const char *path, struct rejunit_error *err);
REJUNIT_API enum rejunit_status rejunit_merge_add_from(struct rejunit_merge *m,
    const struct rejunit_input *in, struct rejunit_error *err);

/* Settings. After the reading they are wrong usage, as further inputs are. */
/* Makes one suite of those that have the same names down from the root. */
REJUNIT_API enum rejunit_status rejunit_merge_join_suites(
    struct rejunit_merge *m, bool join, struct rejunit_error *err);
REJUNIT_API enum rejunit_status rejunit_merge_repair(
    struct rejunit_merge *m, bool repair, struct rejunit_error *err);
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
REJUNIT_API enum rejunit_status rejunit_audit_profile(struct rejunit_audit *a,
    enum rejunit_profile profile, struct rejunit_error *err);

/* Audits a file, or a folder's files. */
REJUNIT_API enum rejunit_status rejunit_audit_report(
    struct rejunit_audit *a, const char *path, struct rejunit_error *err);
REJUNIT_API enum rejunit_status
rejunit_audit_report_from(struct rejunit_audit *a,
    const struct rejunit_input *in, struct rejunit_error *err);

/*
 * Proves an update: a finding for everything in `updated`, a report or a
 * folder, that does not follow from the planned update, which has to outlive
 * the audit.
 */
REJUNIT_API enum rejunit_status rejunit_audit_update(struct rejunit_audit *a,
    struct rejunit_update *u, const char *updated, struct rejunit_error *err);
REJUNIT_API enum rejunit_status
rejunit_audit_update_from(struct rejunit_audit *a, struct rejunit_update *u,
    const struct rejunit_input *updated, struct rejunit_error *err);

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

/* Settings. After a report they are wrong usage. How many of the slowest, of
 * which a thousand are kept, */
REJUNIT_API enum rejunit_status rejunit_survey_slowest(
    struct rejunit_survey *s, size_t n, struct rejunit_error *err);
/* how many entries of the failing, and of the flaky, if not all, */
REJUNIT_API enum rejunit_status rejunit_survey_limit(
    struct rejunit_survey *s, size_t n, struct rejunit_error *err);
/* and the rest as in an update. */
REJUNIT_API enum rejunit_status rejunit_survey_repair(
    struct rejunit_survey *s, bool repair, struct rejunit_error *err);
REJUNIT_API enum rejunit_status rejunit_survey_rootdir(
    struct rejunit_survey *s, const char *path, struct rejunit_error *err);

/* Adds a file, or a folder's files. */
REJUNIT_API enum rejunit_status rejunit_survey_report(
    struct rejunit_survey *s, const char *path, struct rejunit_error *err);
REJUNIT_API enum rejunit_status
rejunit_survey_report_from(struct rejunit_survey *s,
    const struct rejunit_input *in, struct rejunit_error *err);

REJUNIT_API size_t rejunit_survey_count(
    const struct rejunit_survey *s, enum rejunit_count what);
/* How long all took, in seconds. */
REJUNIT_API const char *rejunit_survey_time(const struct rejunit_survey *s);
REJUNIT_API const char *
rejunit_survey_warning(const struct rejunit_survey *s, size_t i);
/* Renders everything as JSON. */
REJUNIT_API enum rejunit_status rejunit_survey_write(struct rejunit_survey *s,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

/*
 * The entries of a list, from 0; NULL behind the last one. They live until the
 * next report is handed over.
 */
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

/*
 * A quarantine: a list of tests that may fail for a while, by the ids of the
 * text list. Above each stand, in a comment, the last day that it holds (until)
 * and perhaps an owner, a reason (why) and the signatures of its failures.
 * `at` is today; 0: now. What is no such list is an error with a line.
 */
struct rejunit_quarantine;

REJUNIT_API enum rejunit_status
rejunit_quarantine_read(struct rejunit_quarantine **out, const char *path,
    long long at, struct rejunit_error *err);
REJUNIT_API void rejunit_quarantine_free(struct rejunit_quarantine *q);
/* If more than these fail, none is excused; else 10. */
REJUNIT_API enum rejunit_status rejunit_quarantine_most(
    struct rejunit_quarantine *q, size_t most, struct rejunit_error *err);
/* Tests that are broken, by a history that is ranked, are not excused. */
struct rejunit_history;
REJUNIT_API enum rejunit_status
rejunit_quarantine_history(struct rejunit_quarantine *q,
    const struct rejunit_history *h, struct rejunit_error *err);

/*
 * What an update is planned with, before its plan; the quarantine has to live
 * as long as the update. `skip`: what is excused becomes a skipped test, and
 * its failure is kept in it.
 */
REJUNIT_API enum rejunit_status
rejunit_update_quarantine(struct rejunit_update *u,
    struct rejunit_quarantine *q, bool skip, struct rejunit_error *err);
/* The other way round: only tests on the list may turn green. */
REJUNIT_API enum rejunit_status
rejunit_update_recover_only(struct rejunit_update *u,
    struct rejunit_quarantine *q, struct rejunit_error *err);
/* Holds reports, or folders of them, against it: all of them together. */
REJUNIT_API enum rejunit_status rejunit_quarantine_reports(
    struct rejunit_quarantine *q, const char *const *paths, size_t n,
    const char *rootdir, bool repair, struct rejunit_error *err);

/* What became of an entry, at last. */
enum rejunit_excuse {
	REJUNIT_EXCUSED, /* it failed, and that is no failure */
	REJUNIT_EXCUSE_PASSES, /* there is nothing to excuse */
	REJUNIT_EXCUSE_NOT_SEEN, /* no test has that id */
	REJUNIT_EXCUSE_EXPIRED, /* its last day is over, */
	REJUNIT_EXCUSE_UNDATED, /* or nobody has named one */
	REJUNIT_EXCUSE_SEVERAL, /* more than one test has that id */
	REJUNIT_EXCUSE_OTHER_FAILURE, /* its signature is none of those */
	REJUNIT_EXCUSE_BROKEN, /* it does not flake */
	REJUNIT_EXCUSE_TOO_MANY, /* fail at once */
};

struct rejunit_quarantined {
	const char *id;
	const char *until; /* "" where nobody says it, as below */
	const char *owner;
	const char *why;
	unsigned long line;
	bool failed;
	enum rejunit_excuse excuse;
	unsigned long reserved[8];
};

/* The entries, in the order of the file, from 0; false behind the last one. */
REJUNIT_API bool rejunit_quarantine_entry(const struct rejunit_quarantine *q,
    size_t i, struct rejunit_quarantined *out);
/* How many bad cases are excused. */
REJUNIT_API size_t rejunit_quarantine_excused(
    const struct rejunit_quarantine *q);
REJUNIT_API const char *rejunit_excuse_name(enum rejunit_excuse e);

/*
 * What changed between two runs: create it, hand over both, ask. Which tests
 * are the same is what an update says; what cannot be told apart is compared by
 * how many of it failed.
 */
struct rejunit_diff;

enum rejunit_difference {
	REJUNIT_DIFF_NEWLY_FAILING, /* tests that are new among them */
	REJUNIT_DIFF_STILL_FAILING,
	REJUNIT_DIFF_DOUBTFUL, /* nobody can say whether they were fixed */
	REJUNIT_DIFF_FIXED,
	REJUNIT_DIFF_NEWLY_SKIPPED, /* though they ran before */
	REJUNIT_DIFF_SLOWER, /* and passed both times; the slowest first */
	REJUNIT_DIFF_REMOVED, /* whatever they were before */
	REJUNIT_DIFF_ADDED, /* that do not fail */
};

/* A test that changed, or several that cannot be told apart. */
struct rejunit_changed {
	enum rejunit_verdict before; /* the worst; REJUNIT_ABSENT: none */
	enum rejunit_verdict after;
	size_t tests_before;
	size_t tests_after;
	struct rejunit_case old_case; /* that shows it, where there is one */
	struct rejunit_case new_case;
	bool excused; /* by a quarantine */
	unsigned long reserved[8];
};

REJUNIT_API enum rejunit_status
rejunit_diff_new(struct rejunit_diff **out, struct rejunit_error *err);
REJUNIT_API void rejunit_diff_free(struct rejunit_diff *d);

/* Settings come before the reports; the first two are as in an update. */
REJUNIT_API enum rejunit_status rejunit_diff_repair(
    struct rejunit_diff *d, bool repair, struct rejunit_error *err);
REJUNIT_API enum rejunit_status rejunit_diff_rootdir(
    struct rejunit_diff *d, const char *path, struct rejunit_error *err);
/* Slower is what took so many times as long, and so many seconds more; else
   twice and one second. Less than 0: nothing is. */
REJUNIT_API enum rejunit_status rejunit_diff_slower(struct rejunit_diff *d,
    double times, double seconds, struct rejunit_error *err);
/* One that the new run's reports were held against; it is asked at once. */
REJUNIT_API enum rejunit_status rejunit_diff_quarantine(struct rejunit_diff *d,
    const struct rejunit_quarantine *q, struct rejunit_error *err);

/* Compares two files, or two folders of them; once. */
REJUNIT_API enum rejunit_status
rejunit_diff_read(struct rejunit_diff *d, const struct rejunit_input *before,
    const struct rejunit_input *after, struct rejunit_error *err);

/* How many tests changed so, and these, from 0; false behind the last one. */
REJUNIT_API size_t rejunit_diff_count(
    const struct rejunit_diff *d, enum rejunit_difference kind);
REJUNIT_API bool rejunit_diff_test(struct rejunit_diff *d,
    enum rejunit_difference kind, size_t i, struct rejunit_changed *out);
/*
 * Whether test number i of those still failing fails in the same way as before:
 * *alike is 1 or 0; -1 where that cannot be said.
 */
REJUNIT_API enum rejunit_status rejunit_diff_alike(
    struct rejunit_diff *d, size_t i, int *alike, struct rejunit_error *err);
/* What a run comes to; failures without a name count as those of no case. */
REJUNIT_API bool rejunit_diff_run(
    const struct rejunit_diff *d, bool after, struct rejunit_report *out);
/* New failures, those of no case among them, and none that is excused. */
REJUNIT_API size_t rejunit_diff_failures(const struct rejunit_diff *d);
REJUNIT_API const char *
rejunit_diff_warning(const struct rejunit_diff *d, size_t i);
/* Renders it, as JSON, Markdown or annotations. */
REJUNIT_API enum rejunit_status
rejunit_diff_write(struct rejunit_diff *d, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);
/* As JSON names it: "newly_failing". */
REJUNIT_API const char *rejunit_difference_name(enum rejunit_difference kind);

/*
 * What many runs tell: open a history, record runs in it, rank their tests. A
 * run is one execution of a test command; its attempts are the first one and
 * its reruns. A call that fails leaves the history as it was.
 */
struct rejunit_history;

/* What is known of a run beside its reports; NULL, or 0: nothing. */
struct rejunit_run {
	const char *name; /* that no other run has; NULL: job, host and time */
	const char *commit;
	const char *branch;
	const char *job;
	const char *host; /* else that of the report */
	const char *url;
	long long at; /* seconds since 1970; else the report's, else now */
	int attempt; /* of the first report; less than 0: find out */
	bool hunt; /* it was made to provoke failures: no sample of anything */
	bool no_text; /* of failures, keep the signatures alone */
	const char *const *facts; /* each as NAME=VALUE; NULL: none */
	size_t n_facts;
	/* properties of a report that are facts, beside seed, worker and
	   rejunit.*; no others are kept */
	const char *const *fact_properties;
	size_t n_fact_properties;
	unsigned long reserved[8];
};

/*
 * Opens a history: a file of SQLite, which has to be installed, or the address
 * of a PostgreSQL server, postgresql://…, which libpq has to be installed for.
 * `create`: what is not there is made. Without a path it is kept in memory.
 * What cannot be reached is REJUNIT_OUTPUT if it was to be made, and
 * REJUNIT_INPUT otherwise.
 */
REJUNIT_API enum rejunit_status
rejunit_history_open(struct rejunit_history **out, const char *path,
    bool create, struct rejunit_error *err);
REJUNIT_API void rejunit_history_free(struct rejunit_history *h);

/* The folder below which tests' files are looked for, for their ids. */
REJUNIT_API enum rejunit_status rejunit_history_rootdir(
    struct rejunit_history *h, const char *path, struct rejunit_error *err);

/* Calls a function now and then while runs are kept: so many are new so far. */
typedef void rejunit_progress_fn(void *ctx, size_t executions);
REJUNIT_API enum rejunit_status
rejunit_history_on_progress(struct rejunit_history *h,
    rejunit_progress_fn *tell, void *ctx, struct rejunit_error *err);

/* Where it is, for messages: without a password. */
REJUNIT_API const char *rejunit_history_name(const struct rejunit_history *h);

/*
 * Records reports, or folders of them, as attempts of one run, in their order.
 * Of a run that is known, the same reports change nothing; where all tests that
 * are known failed the last time, they are its next attempt; where none is, a
 * further part of it; else they are a run of their own, and a warning says so.
 */
REJUNIT_API enum rejunit_status
rejunit_history_record(struct rejunit_history *h, const struct rejunit_run *run,
    const char *const *paths, size_t n, struct rejunit_error *err);

/*
 * Whether a path is one of run records (a JSON object a line, compressed by
 * gzip or not), of a history, or of a folder that holds such files; and records
 * what runs they hold. What contradicts what is known is an error.
 */
REJUNIT_API bool rejunit_holds_runs(const char *path);
REJUNIT_API enum rejunit_status rejunit_history_load(
    struct rejunit_history *h, const char *path, struct rejunit_error *err);

/*
 * Records reports as runs: those of a folder are the attempts of one, in the
 * order of their times. With a pattern, a run is what the first part of a path
 * leads to that it matches.
 */
REJUNIT_API enum rejunit_status
rejunit_history_gather(struct rejunit_history *h, const char *const *paths,
    size_t n, const char *run_per, struct rejunit_error *err);

/* The run that reports were recorded as, at last; NULL: none. */
REJUNIT_API const char *rejunit_history_run(const struct rejunit_history *h);

/* How many executions were new, so far; warnings, from 0. */
REJUNIT_API size_t rejunit_history_added(const struct rejunit_history *h);
REJUNIT_API const char *
rejunit_history_warning(const struct rejunit_history *h, size_t i);

/* What a test is, by its past; the first one that applies. */
enum rejunit_state {
	REJUNIT_ENVIRONMENT, /* it fails in one job, always, and in no other */
	REJUNIT_BROKEN, /* commits in a row, more than luck explains */
	REJUNIT_FLAKY,
	REJUNIT_RECOVERING, /* flaky, and half the way out of it */
	REJUNIT_SUSPECT, /* one isolated failure */
	REJUNIT_NEW_TEST, /* fewer than ten runs */
	REJUNIT_HEALTHY,
};

/* Events that make a test flaky: it failed, and passed */
enum rejunit_event {
	REJUNIT_EVENT_RERUN, /* in a later attempt of the same run, */
	REJUNIT_EVENT_COMMIT, /* in another run of the same commit and job, */
	REJUNIT_EVENT_JOBS, /* in as many jobs of the commit as it failed in, */
	REJUNIT_EVENT_ISOLATED, /* in the job's runs before and after */
};

/* A test, and what is known of it. */
struct rejunit_rank {
	const char *id; /* its names on one line */
	const char *classname;
	const char *name;
	const char *told; /* what tells it from its namesakes */
	const char *strip; /* its last runs: . passed, F failed, f and passed in
			      the end, s did not run */
	enum rejunit_state state;
	bool stale; /* nobody has seen it for two weeks */
	unsigned int events[4]; /* by enum rejunit_event */
	unsigned int runs; /* that it passed or failed in */
	unsigned int bad_runs;
	unsigned int blocked_runs; /* that it was red in at the end */
	unsigned int missing_passes; /* until it is no longer flaky */
	long long lost_nanoseconds; /* that its later attempts took */
	double flakes; /* events, the older the less each counts */
	double cost; /* of these, in seconds, */
	double money; /* and by what hours cost */
	double rate; /* of failures though nothing is broken, */
	double rate_low; /* with 95 % certainty at least this */
	double rate_high; /* and at most */
	long long first_bad; /* seconds since 1970; 0: never */
	long long last_bad;
	unsigned long reserved[8];
};

enum rejunit_rank_by {
	REJUNIT_BY_FLAKES,
	REJUNIT_BY_COST,
	REJUNIT_BY_RATE,
	REJUNIT_BY_TIME,
	REJUNIT_BY_SIGNATURE, /* failures, and no tests */
};

/* What is ranked; 0 and NULL are what the command does without options. */
struct rejunit_ranking {
	long long at; /* as if it were then; 0: now, or with the newest run */
	long long since; /* seconds before it; 0: 90 days */
	const char *branch; /* NULL: the one of most runs */
	const char *job; /* NULL: all */
	enum rejunit_rank_by by;
	bool all; /* also what is new or healthy */
	size_t top; /* list no more than these; 0: all of them */
	double minutes; /* that a red run costs a person; 0: 30; less: none */
	double hourly; /* what an hour of a person costs, */
	double machine_hour; /* and one of a machine */
	double outage; /* the share of tests that fail in one; 0: 0.2 */
	unsigned long reserved[8];
};

REJUNIT_API enum rejunit_status rejunit_history_rank(struct rejunit_history *h,
    const struct rejunit_ranking *how, struct rejunit_error *err);
/* The tests that are listed, best first, from 0; false behind the last one. */
REJUNIT_API bool rejunit_history_ranked(
    const struct rejunit_history *h, size_t i, struct rejunit_rank *out);
/* Failures that are alike: a cluster of a ranking by signature. */
struct rejunit_cluster {
	const char *signature;
	const char *type; /* of one of them, */
	const char *message; /* and what it said */
	unsigned int failures;
	unsigned int runs; /* that they were in */
	unsigned int tests;
	unsigned int recovered; /* that passed in the end */
	long long first; /* seconds since 1970 */
	long long last;
	unsigned long reserved[8];
};

/* Those that are listed, the most frequent first, and their tests' ids. */
REJUNIT_API bool rejunit_history_cluster(
    const struct rejunit_history *h, size_t i, struct rejunit_cluster *out);
REJUNIT_API const char *rejunit_history_cluster_test(
    const struct rejunit_history *h, size_t i, size_t test);

/*
 * How many failures recovered though their signature had been seen in so many
 * runs before: bugs rather than luck. Of one run, or of all (NULL).
 */
REJUNIT_API size_t rejunit_history_recurring(
    const struct rejunit_history *h, const char *run, unsigned int runs);

/* How many flaky tests fail more often than that, listed or not. */
REJUNIT_API size_t rejunit_history_above(
    const struct rejunit_history *h, double rate);

/*
 * Where so many of so many runs failed, what the rate of failures lies in with
 * 95 % certainty. False: more failed than ran.
 */
REJUNIT_API bool
rejunit_rate_range(size_t failed, size_t runs, double *low, double *high);

/* How many runs the ranking saw, and how many of them were outages. */
REJUNIT_API size_t rejunit_history_runs(const struct rejunit_history *h);
REJUNIT_API size_t rejunit_history_outages(const struct rejunit_history *h);
/* The time that it is made for. */
REJUNIT_API long long rejunit_history_at(const struct rejunit_history *h);
/* Renders the ranking, as JSON, CSV or Markdown. */
REJUNIT_API enum rejunit_status
rejunit_history_write(struct rejunit_history *h, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

/*
 * Why does a test flake: holds its failures against its passes. The test is
 * named by an id, or by a part of one that no other test's has. How: as for a
 * ranking, as far as it says what is looked at.
 */
REJUNIT_API enum rejunit_status
rejunit_history_investigate(struct rejunit_history *h, const char *test,
    const struct rejunit_ranking *how, struct rejunit_error *err);
/*
 * The test that was investigated, as a ranking has it; NULL, or the id that its
 * runner takes back, where that is known.
 */
REJUNIT_API const char *rejunit_history_investigated(
    const struct rejunit_history *h, struct rejunit_rank *out);
/* Looks for what its failing runs have left in a folder. */
REJUNIT_API enum rejunit_status rejunit_history_artifacts(
    struct rejunit_history *h, const char *folder, struct rejunit_error *err);
/*
 * Sets beside it what a command made of the evidence, or, where the answer is
 * NULL, why there is none.
 */
REJUNIT_API enum rejunit_status
rejunit_history_hypothesis(struct rejunit_history *h, const char *command,
    const char *answer, const char *trouble, struct rejunit_error *err);
/* Renders the investigation, as Markdown or JSON. */
REJUNIT_API enum rejunit_status
rejunit_history_report(struct rejunit_history *h, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

/*
 * Of a single report that is gathered, keeps what has not passed, and counts
 * the rest: all that a page of it tells. Comes before what is gathered.
 */
REJUNIT_API enum rejunit_status rejunit_history_failures_alone(
    struct rejunit_history *h, struct rejunit_error *err);
/*
 * A page to look at: one file of HTML that needs nothing else. 0 and NULL are
 * what the command does without options.
 */
struct rejunit_page {
	const char *title;
	const char *run_url; /* of a run, "{run}" in it; NULL: as recorded */
	size_t top; /* tests with a section of their own; 0: 200 */
	bool all; /* that failed have one, however many */
	bool split; /* style and script in files beside it */
	/* What names the history on a command line, for the commands that the
	   page tells: "--history=...", a report; NULL: none is needed. */
	const char *const *source;
	size_t n_source;
	unsigned long reserved[8];
};

/* How: as for a ranking, but as of the newest run where it says no time. */
REJUNIT_API enum rejunit_status rejunit_history_page(struct rejunit_history *h,
    const struct rejunit_ranking *how, const struct rejunit_page *page,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);
/*
 * The same to a file, whole or not at all; a page that is split also to those
 * of its name that end in .css and .js.
 */
REJUNIT_API enum rejunit_status
rejunit_history_save_page(struct rejunit_history *h,
    const struct rejunit_ranking *how, const struct rejunit_page *page,
    const char *path, struct rejunit_error *err);

/*
 * Writes the runs that began in (after, until] as run records or, as CSV, a row
 * an execution.
 */
REJUNIT_API enum rejunit_status
rejunit_history_export(struct rejunit_history *h, enum rejunit_format format,
    long long after, long long until, rejunit_write_fn *write, void *ctx,
    struct rejunit_error *err);

/* The same to a file: whole, or not at all. */
REJUNIT_API enum rejunit_status rejunit_history_save(struct rejunit_history *h,
    enum rejunit_format format, long long after, long long until,
    const char *path, struct rejunit_error *err);

/*
 * Keeps a quarantine by a ranked history: enters what flaked within a run, or
 * beside another one of its commit, so many times (0: 2), for some days (0:
 * 30), renews and drops its own entries, and leaves alone what a person wrote.
 * `look`: the file stays as it is. The changes are told from 0 on.
 */
enum rejunit_change {
	REJUNIT_CHANGE_NONE,
	REJUNIT_CHANGE_ENTERED,
	REJUNIT_CHANGE_DROPPED,
	REJUNIT_CHANGE_RENEWED,
	REJUNIT_CHANGE_NOT_ENTERED, /* the list could not tell it from others */
};

REJUNIT_API enum rejunit_status rejunit_history_quarantine(
    struct rejunit_history *h, const char *path, unsigned int enter,
    unsigned int days, bool look, struct rejunit_error *err);
REJUNIT_API enum rejunit_change
rejunit_history_change(const struct rejunit_history *h, size_t i,
    const char **id, const char **why);

/* Forgets the runs that began before a time. */
struct rejunit_pruned {
	unsigned long long runs;
	unsigned long long executions;
	unsigned long reserved[4];
};
REJUNIT_API enum rejunit_status rejunit_history_prune(struct rejunit_history *h,
    long long before, struct rejunit_pruned *out, struct rejunit_error *err);

/*
 * Carries a past over to another name: of a test, "classname::name", or of a
 * class and those below it. *tests: how many tests that were.
 */
REJUNIT_API enum rejunit_status
rejunit_history_rename(struct rejunit_history *h, const char *from,
    const char *to, size_t *tests, struct rejunit_error *err);

/* Looks for what cannot be in a sound history; its findings, from 0. */
REJUNIT_API enum rejunit_status
rejunit_history_check(struct rejunit_history *h, struct rejunit_error *err);
REJUNIT_API const char *
rejunit_history_finding(const struct rejunit_history *h, size_t i);

/* Reads a time as ISO 8601 writes it; false: it is none. */
REJUNIT_API bool rejunit_time(const char *s, long long *at);

/* It failed, or it erred. */
REJUNIT_API bool rejunit_is_bad(enum rejunit_verdict v);

/* Words for people and for files, as in the manual; never NULL. */
REJUNIT_API const char *rejunit_verdict_name(enum rejunit_verdict v);
REJUNIT_API const char *rejunit_reason_name(enum rejunit_reason r);
REJUNIT_API const char *rejunit_flaky_name(enum rejunit_flaky f);
REJUNIT_API const char *rejunit_state_name(enum rejunit_state s);
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
