/*
 * cli.h - the command line, on nothing but the public header.
 *
 * cli_main() is the whole program: it picks a command, and the command
 * returns the exit status.
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "rejunit.h"

enum exit_status {
	EXIT_GREEN = 0, /* nothing failing in the result */
	EXIT_FAILING = 1, /* failing tests remain */
	EXIT_USAGE = 2,
	EXIT_INPUT = 3,
	EXIT_OUTPUT = 4,
	EXIT_NOT_RUN = 126, /* of a program, as a shell has it */
	EXIT_NO_PROGRAM = 127,
};

int cli_main(int argc, char **argv);

/* options.c: one table a command drives its parser, its help, its manual. */

struct option_spec {
	int id; /* a short option's letter, or above 255 */
	const char *name; /* the long option */
	const char *arg; /* its argument's name in the help; NULL: none; one
			    that may be left out is written "[=NAME]" */
	const char *help;
};

/* The options that more than one command has. */
enum common_option {
	OPT_EXIT_ZERO = 1024,
	OPT_REPAIR,
	OPT_ROOTDIR,
};

/* Rows of a command's table; the last ones of all of them. */
/* clang-format off */
#define REPAIR_OPTION \
	{ OPT_REPAIR, "repair", NULL, \
	    "replace characters that XML forbids, visibly" }
#define ROOTDIR_OPTION \
	{ OPT_ROOTDIR, "rootdir", "DIR", \
	    "find the files of pytest's node ids below DIR" }
#define LAST_OPTIONS \
	{ OPT_EXIT_ZERO, "exit-zero", NULL, "exit 0 where it would be 1" }, \
	{ 'q', "quiet", NULL, "no summary" }, \
	{ 'h', "help", NULL, "print this" }, \
	{ 0, NULL, NULL, NULL }
/* clang-format on */

/* What every command is told; its settings begin with it. */
struct common {
	const struct command *command;
	struct rejunit_error err; /* of the call that failed */
	bool exit_zero;
	bool quiet;
	bool help;
	bool within; /* another command runs it: standard output is not ours */
	bool is_runners; /* a program that was run has decided on the status */
	int status;
};

struct command {
	const char *name;
	const char *synopsis;
	const char *purpose;
	const struct option_spec *options; /* ends with a NULL name */
	bool takes_command; /* what follows the first operand is not ours */
	size_t settings; /* their size */
	/* Where each gets the settings. A status goes with their err. */
	enum rejunit_status (*begin)(void *settings);
	/* Takes an option of its own; false: it was wrong, and that was said,
	   or err says why. */
	bool (*set)(void *settings, int id, const char *arg);
	/* False: the usage is wrong, and that has been said. */
	bool (*check)(const void *settings, int operands, char **operand);
	enum rejunit_status (*run)(
	    void *settings, int operands, char **operand);
	bool (*is_failing)(const void *settings); /* the result */
	void (*end)(void *settings);
};

extern const struct command update_command;
extern const struct command merge_command;
extern const struct command audit_command;
extern const struct command show_command;
extern const struct command diff_command;
extern const struct command record_command;
extern const struct command rank_command;
extern const struct command investigate_command;
extern const struct command html_command;
extern const struct command quarantine_command;
extern const struct command run_tests_command;
extern const struct command export_command;
extern const struct command prune_command;
extern const struct command rename_command;
extern const struct command init_command;

#define LOCK_SECONDS 30

/* Calls `set` for each option; what is left are operands, from *first on. */
bool parse_options(const struct command *c, int argc, char **argv,
    bool (*set)(void *settings, int id, const char *arg), void *settings,
    int *first);

/* There are operands, and at most one is standard input; else it says so. */
bool check_operands(const struct command *c, int least, const char *want,
    int operands, char **operand);

/* command.c: runs a command; returns the exit status. */
int run_command(const struct command *c, int argc, char **argv);
/* Whether it could be run so; if not, that has been said. */
bool is_sound(const struct command *c, int argc, char **argv);
/* The same for another command, whose output is no place for lists. */
int run_within(const struct command *c, int argc, char **argv);

/* The name that is most like a word, if any is: start with a zeroed one. */
struct nearest {
	const char *name;
	size_t distance;
};
void note_nearest(struct nearest *n, const char *word, const char *name);

void print_command_help(const struct command *c, FILE *to);

/* completions.c: for bash, zsh or fish; false: for none of them, as is said. */
bool
print_completions(const char *shell, const struct command *const *commands);

/* plan.c: the options that decide what an update comes to. */

enum plan_option {
	OPT_EVIDENCE = 512,
	OPT_MATCH,
	OPT_ASSUME,
	OPT_APPEND_RERUNS,
	OPT_RECOUNT,
};

/* clang-format off */
#define PLAN_OPTIONS \
	{ OPT_EVIDENCE, "evidence", "STYLE", \
	    "surefire (default), jenkins or none" }, \
	{ OPT_MATCH, "match", "FIELDS", \
	    "of classname,name,file,suite,hostname" }, \
	{ OPT_ASSUME, "assume", "WHAT", \
	    "of attempts,failures-only,complete" }, \
	{ OPT_APPEND_RERUNS, "append-reruns", NULL, \
	    "add the later failures of what still fails" }, \
	{ OPT_RECOUNT, "recount", NULL, \
	    "set every counter from the cases" }, \
	REPAIR_OPTION
/* clang-format on */

/* False: the usage was wrong, and that has been said. */
bool set_plan_option(const struct command *c, struct rejunit_update *u, int id,
    const char *arg, struct rejunit_error *err);

/* Finds an option's argument in a list that ends with NULL. */
bool set_word(const struct command *c, const char *option,
    const char *const *words, const char *arg, int *out);

/* ci.c: what the CI system, or the checkout, says of a run. */

/* What the strings of a run live in. */
struct ci_run {
	char name[1024];
	char host[256];
	char url[1024];
	char commit[128];
	char branch[256];
};

/* Fills in what is not said; the host is that of a report, if it has one. */
void
complete_run(struct ci_run *ci, struct rejunit_run *run, const char *report);

/* checkout.c: reads commit and branch from git's own files. */
void read_checkout(struct ci_run *ci, struct rejunit_run *run);

/* keeping.c: the options of whatever keeps reports in a history. */

enum keeping_option {
	OPT_HISTORY = 768,
	OPT_RUN,
	OPT_ATTEMPT,
	OPT_AT,
	OPT_COMMIT,
	OPT_BRANCH,
	OPT_JOB,
	OPT_HOST,
	OPT_URL,
	OPT_HUNT,
	OPT_FACT,
	OPT_FACT_FROM,
	OPT_NO_TEXT,
	OPT_REQUIRE_HISTORY,
};

/* clang-format off */
#define HISTORY_OPTION \
	{ OPT_HISTORY, "history", "HISTORY", \
	    "a file, or postgresql://...; else $REJUNIT_HISTORY, " \
	    ".rejunit/history.db" }
#define KEEPING_OPTIONS \
	{ OPT_RUN, "run", "ID", "the run's name; else of what CI says" }, \
	{ OPT_AT, "at", "TIME", "when it ran; else as the report says" }, \
	{ OPT_COMMIT, "commit", "SHA", "what was tested" }, \
	{ OPT_BRANCH, "branch", "NAME", "the branch of it" }, \
	{ OPT_JOB, "job", "NAME", "the job that ran it" }, \
	{ OPT_HOST, "host", "NAME", "the machine that ran it" }, \
	{ OPT_URL, "url", "URL", "where it can be looked at" }, \
	{ OPT_FACT, "fact", "NAME=VALUE", "what else is known of it" }, \
	{ OPT_FACT_FROM, "fact-from", "PROPERTY", \
	    "a property of the report that is a fact" }, \
	{ OPT_NO_TEXT, "no-text", NULL, \
	    "of failures, keep the signatures alone" }, \
	{ OPT_REQUIRE_HISTORY, "require-history", NULL, \
	    "exit 4 if the history cannot be reached" }
/* clang-format on */

#define FACTS_MAX 64

struct keeping {
	const char *path; /* of the history */
	const char *rootdir; /* below which tests' files are looked for */
	bool require;
	bool lenient; /* whatever is wrong with the history is a warning */
	struct rejunit_run run;
	struct ci_run ci; /* what its strings live in */
	const char *facts[FACTS_MAX];
	const char *properties[FACTS_MAX];
};

/* The history of the environment, or NULL; and else the default one. */
const char *named_history(void);
const char *history_path(void);
/* Says what comes of it that a history cannot be reached. */
void warn_of_history(const char *what, const struct rejunit_error *err);
void begin_keeping(struct keeping *k);
bool set_keeping_option(
    const struct command *c, struct keeping *k, int id, const char *arg);

/*
 * Opens the history to keep something in it; *out NULL: it cannot be reached,
 * which is no failure but a warning, unless it is required.
 */
enum rejunit_status open_to_keep(const struct keeping *k,
    struct rejunit_history **out, struct rejunit_error *err);

/* What a failure of keeping comes to: see above. */
enum rejunit_status kept(const struct keeping *k, enum rejunit_status status,
    const struct rejunit_error *err);

/* Keeps reports as the attempts of a run; says what is to be warned of. */
enum rejunit_status keep_reports(struct keeping *k, struct rejunit_history *h,
    const char *const *paths, size_t n, struct rejunit_error *err);

/*
 * The operands with the reports first, and from *reports on those that hold
 * runs: each is looked into once. free() it; NULL: out of memory.
 */
const char **sort_operands(int n, char **operand, size_t *reports);

/* looking.c: the options of whatever looks at many runs. */

enum looking_option {
	OPT_SINCE = 832,
	OPT_OUTAGE,
	OPT_RUN_PER,
};

/* clang-format off */
#define LOOKING_OPTIONS \
	{ OPT_SINCE, "since", "90d", "look back so many days" }, \
	{ OPT_AT, "at", "TIME", "as if it were then" }, \
	{ OPT_BRANCH, "branch", "NAME", \
	    "the main one; else that of most runs" }, \
	{ OPT_JOB, "job", "NAME", "look at no other job" }, \
	{ OPT_OUTAGE, "outage", "20%", \
	    "a run in which more tests failed proves nothing" }, \
	{ OPT_RUN_PER, "run-per", "GLOB", \
	    "what a run's reports lie in; else each folder" }
/* clang-format on */

struct looking {
	const char *path; /* of the history */
	const char *run_per;
	struct rejunit_ranking how;
	bool failures_alone; /* of a single report */
};

void begin_looking(struct looking *l);
bool set_looking_option(
    const struct command *c, struct looking *l, int id, const char *arg);
/* A history, or one that is made of what somebody has downloaded. */
enum rejunit_status
open_to_look(const struct looking *l, struct rejunit_history **out,
    int operands, char **operand, struct rejunit_error *err);

/* words.c */

/* Words of a command line, with a NULL behind the last one; start zeroed. */
struct words {
	char **of;
	size_t n;
	size_t room;
	size_t bytes;
};
bool add_word(struct words *w, const char *s);
bool add_two(struct words *w, const char *a, const char *b);
/* A word, in which a value stands for each mark. */
bool add_filled(
    struct words *to, const char *word, const char *mark, const char *value);
/* An option of a table, as another command takes it. */
bool add_option(struct words *to, const struct option_spec *options, int id,
    const char *arg);
/* All of a list that ends with a NULL, or is none. */
bool add_words(struct words *to, const char *const *list);
/* Each word once, in order. */
void sort_words(struct words *w);
bool has_word(const struct words *sorted, const char *word);
/* Puts both in the place of one. */
bool replace_word(struct words *w, size_t i, const char *a, const char *b);
void free_words(struct words *w);

static inline bool
starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* child.c: a program in the foreground, as if we were not there. */

/*
 * Runs it in a group of its own, to which signals for us go, too. Its status,
 * or 128 and the signal that ended it. *trouble: why it could not be started,
 * an errno; else 0.
 */
int run_child(char *const *argv, int attempt, int *trouble);
/* main.c: where temporary files go. */
const char *temporary_folder(void);
/* main.c: a signal that came for us while nothing ran; 0: none. */
int caught_signal(void);
/* That signal is what ends us once all is done, or all of our group. */
void end_by_signal(int number, bool all);

/* Waits for what it has left running, for some seconds at most. */
void wait_for_rest(void);
/* A signal that came for us while the last one ran; 0: none. */
int asked_to_end(void);
bool asked_by_key(void);

/* excuses.c: the options of quarantines, and what is said of them. */

enum excuse_option {
	OPT_QUARANTINE = 864,
	OPT_MAX_QUARANTINED,
	OPT_QUARANTINED,
	OPT_RECOVER_ONLY,
};

/* clang-format off */
#define QUARANTINE_OPTIONS \
	{ OPT_QUARANTINE, "quarantine", "FILE", \
	    "a list of tests whose failures are none for now" }, \
	{ OPT_MAX_QUARANTINED, "max-quarantined", "N", \
	    "if more of them fail, none is excused (10)" }, \
	{ OPT_HISTORY, "history", "HISTORY", \
	    "a file or address that tells which tests are broken" }
#define UPDATE_EXCUSES \
	QUARANTINE_OPTIONS, \
	{ OPT_QUARANTINED, "quarantined", "HOW", \
	    "red (default), or skip: they become skipped tests" }, \
	{ OPT_RECOVER_ONLY, "recover-only", "FILE", \
	    "only tests of that list may turn green" }
/* clang-format on */

struct excuses {
	const char *path; /* NULL: there is no quarantine */
	const char *recover_only;
	const char *history;
	size_t most;
	bool has_most;
	bool skip;
	bool says_how;
	struct rejunit_quarantine *list;
	struct rejunit_quarantine *recoverable;
};

bool set_excuse_option(
    const struct command *c, struct excuses *e, int id, const char *arg);
/* False: the usage is wrong, and that has been said. */
bool check_excuses(const struct command *c, const struct excuses *e);
/* Reads what is named; and plans an update with it. */
enum rejunit_status read_excuses(struct excuses *e, struct rejunit_error *err);
enum rejunit_status find_broken(struct excuses *e, struct rejunit_error *err);
enum rejunit_status excuse_update(
    struct excuses *e, struct rejunit_update *u, struct rejunit_error *err);
void free_excuses(struct excuses *e);
/* What became of the entries. */
void print_excuses(const struct excuses *e);

/* spawn.c: programs that are started without a shell. */

/* Splits words as POSIX quoting has it, nothing expanded. free() it; NULL with
   errno, EINVAL where a quote does not end. */
char **split_words(const char *s);

/*
 * Hands text to a command's standard input; *answer is what it says, which
 * free() gives back. NULL, or why there is no answer.
 */
const char *ask_command(const char *command, const char *said, size_t n,
    int seconds, char **answer, char trouble[128]);

/* False: it is no time, or no number, and that has been said. */
bool set_time(const struct command *c, const char *option, const char *arg,
    long long *at);
bool set_amount(const struct command *c, const char *option, const char *arg,
    const char *unit, double most, double *out);
bool set_days(const struct command *c, const char *option, const char *arg,
    long long *seconds);
bool set_count(const struct command *c, const char *option, const char *arg,
    double most, double *out);
bool set_history(const struct command *c, const char *arg, const char **path);

/* term.c: what a person sees. */

struct terminal {
	FILE *to;
	bool colour;
	int width; /* columns; 0: not a terminal, do not cut */
};

struct terminal terminal_on(FILE *to);

/* Switches to a colour, "0" for none; nothing where there is no colour. */
void colour(const struct terminal *t, const char *code);

/* Prints a string with control characters made visible, cut in
 * front to a width. */
void print_text(const struct terminal *t, const char *s, int width);

/* The same, cut at its end. */
void print_start(const struct terminal *t, const char *s, int width);

/* A copy without passwords, if it is an address; print_* do so themselves. */
void hide_secrets(const char *s, char *out, size_t room);

/* Prints an error as rejunit: FILE:LINE:COLUMN: message. */
void print_error(const struct rejunit_error *err);
void print_usage_error(const struct command *c, const char *fmt, ...);

/* output.c */

/* Standard output, for rejunit_write_fd(). */
int *to_stdout(void);

/* A name of standard output, which is where things go without one. */
bool is_stdout(const char *path);

/* Two paths lead to one file. */
bool same_file(const char *a, const char *b);

/* Standard output must have taken everything. */
enum rejunit_status flush_stdout(struct rejunit_error *err);

enum rejunit_status no_memory(struct rejunit_error *err);

/* summary.c */
/* Prints warnings; `next` gives number i, NULL behind the last one. */
void
print_warnings(const char *(*next)(const void *of, size_t i), const void *of);
/* What is said of an update, while its reports can be read; NULL: no memory. */
char *compose_summary(struct rejunit_update *u, const char *flakes_to);

#endif
