/*
 * runner.h - the programs that run tests.
 */
#ifndef RJ_CLI_RUNNER_H
#define RJ_CLI_RUNNER_H

#include <limits.h>
#include <string.h>

#include "cli.h"

/* What a runner selects a test by, of what its report says of it. */
enum id_form {
	BY_ID, /* as lists have it */
	BY_NAME,
	BY_SCENARIO, /* the name, without the number of an example */
	BY_NODE, /* the name, in which node has escaped quotes twice */
	BY_TITLE, /* the name, in which an arrow divides what it is within */
	BY_LAST, /* what is behind the last slash */
	BY_CLASS_HASH, /* as lists have it, if they know it for Surefire's */
	BY_CLASS_DOT,
	BY_CLASS_BLANK,
	BY_CLASS_PHP,
};

/*
 * How tests are selected: by words of their own, or by one word in which all
 * of them stand. What is special in them is escaped, or, without a sign for
 * that, becomes what stands for any character.
 */
struct selecting {
	const char *option; /* a word before it; NULL: none */
	const char *before;
	const char *between; /* NULL: a word each */
	const char *behind;
	const char *special;
	char escape;
	char any;
	const char *escaped; /* by a backslash where tests are written, maybe */
};

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

struct runner {
	const char *name;
	const char *const *programs; /* that are it */
	const char *const *modules; /* of python -m */
	const char *must; /* a word that makes such a program it */
	const char *sign; /* an argument that begins so says that it is */
	int failed[2]; /* how it ends where tests failed; 0: no more */
	bool counts; /* it ends with how many failed, */
	bool counts_cases; /* of which each is a case */
	/* where its report is: its options, what they are relative to, and
	   where else it is; "=" or ":" at the end: all in one word */
	const char *const *reports;
	const char *folder;
	const char *variable_of_report;
	const char *place;
	const char *in_folder; /* they name a folder, in which that is it; "":
				  all that is in it */
	bool lingers; /* it ends before what writes it does */
	const char *const *reporter; /* words that make it write a report, */
	const char *const *output; /* and where to; NULL: it cannot be told */
	bool repeats; /* an option that is given twice is no error */
	bool options_first; /* what comes behind operands is none */
	const char *another; /* an option that asks for another report */
	/* what ends it early: options, the last one with the value that does
	   not; a letter among others; files that have a word; variables */
	const char *const *stops;
	const char *stop_letters;
	const char *valued_letters; /* behind which none is an option */
	const char *const *stop_files;
	const char *const *stop_words;
	const char *modules_stop; /* a word that has several modules, which end
				     at the first that fails, but for these */
	const char *const *goes_on;
	const char *const *stop_variables;
	bool nameless_is_cut; /* a case without a name was not ended */
	/* where else its options stand */
	const char *variable;
	const char *fresh; /* in that, what keeps it from telling old results */
	bool addopts; /* in pytest's files */
	/* operands name what is run, beside what is selected: of options, some
	   take the next word, and long ones that are not known may, too */
	bool drops_paths;
	bool drops_all; /* its own words; but for what is before "--" */
	const char *const *valued;
	const char *const *flags;
	const char *const *dropped; /* with their words, in a rerun */
	enum id_form form;
	bool one_by_one; /* a call a test */
	bool reruns_skipped; /* what it skips may have failed to begin */
	int interrupted; /* it ends so; 0: it does not */
	int not_found; /* of several, one is not there */
	size_t call_max; /* bytes of a call; 0: as many as fit */
	struct selecting selecting;
	const char *const *also; /* words beside the selection */
	const char *jobs; /* how many tests it runs at once; "=": in one word */
	const char *const *native; /* by its own memory */
	const char *note;
};

/* runners.c: all of them. */

/*
 * By its name, or by the program that is run; NULL: there is none of that
 * name. *arguments: where its own begin.
 */
const struct runner *find_runner(const char *name, char **argv, int *arguments);
void print_runners(FILE *to);
/* It ends so where tests failed, and it knows nothing worse. */
bool is_failed_status(const struct runner *r, int status);
/* It can be told which tests to run. */
bool can_select(const struct runner *r);

/* runner.c: how each is asked for a report, and for tests. */

/* An id is a word of its own in the command, and no part of another. */
bool takes_words(const struct runner *r);
/* So many bytes an id becomes at most. */
size_t room_for(const struct runner *r, const char *id);
/* What it selects a test by, to free(); NULL: out of memory. */
char *find_id(const struct runner *r, const struct rejunit_case *c);
/*
 * Where its report will be: *path to free(), NULL if nobody says. It may be a
 * folder, and, of a runner that is told a folder, what is in it.
 */
bool find_report(const struct runner *r, char *const *arguments,
    const struct words *configured, char **path);
/* The command with words that make it write a report there. */
bool add_report(const struct runner *r, struct words *to, char *const *argv,
    int from, const char *path);

/* A rerun, and where its report will be. */
struct rerun {
	char **argv; /* of the first run, */
	int from; /* where the runner's arguments begin in it, */
	bool added; /* and that it was not asked for a report there */
	bool native; /* by its own memory */
	const char *place; /* of the report, if it can be told */
	const char *folder; /* that ids are below; NULL: where we are */
	bool covers; /* coverage is measured */
	const char *jobs; /* run at once; NULL: as many as in the first run */
	const struct words *ids; /* of which are run n from first on */
	size_t first;
	size_t n;
};
bool
make_rerun(const struct runner *r, struct words *to, const struct rerun *how);

/* stopping.c: what keeps tests from running, and what may fail beside them. */

/*
 * Options for it that its variable and its files have; where the files are, if
 * they are, else empty.
 */
bool find_configured(const struct runner *r, char *const *argv, int from,
    struct words *w, char folder[PATH_MAX]);
/* The file or folder that an operand begins with, if it is there. */
bool path_of(const char *word, char out[PATH_MAX]);
const char *why_it_stops_early(const struct runner *r, char *const *arguments,
    const struct words *configured);
bool measures_coverage(char *const *arguments, const struct words *configured);
const char *which_gate(const struct runner *r, char *const *arguments,
    const struct words *configured);

static inline bool
is_in(const char *const *list, const char *s)
{
	for (; list && *list; list++)
		if (strcmp(*list, s) == 0)
			return true;
	return false;
}

#endif
