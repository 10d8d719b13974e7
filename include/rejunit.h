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

/* What a call came to. On anything but REJUNIT_OK its outputs are as before. */
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

/* The verdict of one test. */
enum rejunit_verdict {
	REJUNIT_ABSENT,
	REJUNIT_PASSED,
	REJUNIT_FAILED,
	REJUNIT_ERROR,
	REJUNIT_SKIPPED,
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
 * Writes the updated report to a file, whole or not at all: the file is
 * replaced in one step once its successor is on the disk. A NULL path is the
 * locked original, which is left alone where nothing changed.
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

/* Writes data to a file as rejunit_update_save() does. */
REJUNIT_API enum rejunit_status rejunit_save_file(
    const char *path, const void *data, size_t size, struct rejunit_error *err);

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
/*
 * The id of a decision's test, in the form that its runner takes back where
 * that is known, on one line; NULL behind the last one, or out of memory.
 */
REJUNIT_API const char *rejunit_update_id(struct rejunit_update *u, size_t i);

/*
 * Whether a test that still fails did so in the same way in every rerun that
 * it failed in: 1 or 0; -1 where that cannot be said.
 */
REJUNIT_API int rejunit_update_alike(const struct rejunit_update *u, size_t i);

/* Words for people and for files, as in the manual; never NULL. */
REJUNIT_API const char *rejunit_verdict_name(enum rejunit_verdict v);
REJUNIT_API const char *rejunit_reason_name(enum rejunit_reason r);
REJUNIT_API const char *rejunit_flaky_name(enum rejunit_flaky f);

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
