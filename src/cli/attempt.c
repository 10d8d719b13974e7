/* The reports of attempts: whether they are new, and where they are kept. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

#define FOLDERS 16 /* that may be open at once */

/* --- what is said --------------------------------------------------------- */

void
run_say(const struct running *s, const char *format, ...)
{
	struct terminal t = terminal_on(stderr);
	char text[1024];
	va_list args;

	if (s->common.quiet)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fputs("rejunit: ", stderr);
	print_text(&t, text, 0);
	fputs("\n", stderr);
}

/* Ends as the runner did. */
enum rejunit_status
run_end_as(struct running *s, int status)
{
	s->common.is_runners = true;
	s->common.status = status;
	return REJUNIT_OK;
}

enum rejunit_status
run_end_with(struct running *s, int status)
{
	return run_end_as(s, s->common.exit_zero && status == EXIT_FAILING
				 ? EXIT_GREEN
				 : status);
}

enum rejunit_status
run_fail(struct running *s, enum rejunit_status status, const char *path)
{
	struct rejunit_error *err = &s->common.err;
	int number = errno;

	*err = (struct rejunit_error){ .status = status };
	snprintf(err->file, sizeof(err->file), "%.4000s", path);
	snprintf(err->message, sizeof(err->message), "%s", strerror(number));
	return status;
}

enum rejunit_status
run_refuse(struct running *s, const char *format, ...)
{
	struct rejunit_error *err = &s->common.err;
	va_list args;

	*err = (struct rejunit_error){ .status = REJUNIT_USAGE };
	va_start(args, format);
	vsnprintf(err->message, sizeof(err->message), format, args);
	va_end(args);
	return REJUNIT_USAGE;
}

int
run_tests(const struct running *s, char *const *argv, int attempt, int *trouble)
{
	int status = run_child(argv, attempt, trouble);

	if (s->runner->lingers)
		wait_for_rest();
	return status;
}

void
tell_trouble(const struct running *s, int trouble)
{
	fprintf(stderr, "rejunit: %s: %s\n", s->argv[0], strerror(trouble));
}

double
seconds_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- files ---------------------------------------------------------------- */

static enum rejunit_status
copy_file(struct running *s, const char *from, const char *to)
{
	char buf[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out = -1;
	ssize_t n = 0;
	bool ok;

	if (in < 0)
		return run_fail(s, REJUNIT_INPUT, from);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	ok = out >= 0;
	while (ok && (n = read(in, buf, sizeof(buf))) > 0)
		for (ssize_t done = 0, part; done < n && ok; done += part) {
			part = write(out, buf + done, (size_t)(n - done));
			ok = part > 0;
		}
	if (out >= 0)
		ok = close(out) == 0 && ok;
	(void)close(in);
	if (n < 0)
		return run_fail(s, REJUNIT_INPUT, from);
	return ok ? REJUNIT_OK : run_fail(s, REJUNIT_OUTPUT, to);
}

/* The folders that a path leads through. */
static bool
make_folders(const char *path)
{
	char part[PLACE_MAX * 2];

	snprintf(part, sizeof(part), "%s", path);
	for (char *s = part + 1; *s; s++) {
		if (*s != '/')
			continue;
		*s = '\0';
		if (mkdir(part, 0777) != 0 && errno != EEXIST)
			return false;
		*s = '/';
	}
	return true;
}

static enum rejunit_status
copy_below(
    struct running *s, const char *path, const char *below, const char *folder)
{
	char to[PLACE_MAX * 2];

	snprintf(to, sizeof(to), "%s/%s", folder, below);
	if (!make_folders(to))
		return run_fail(s, REJUNIT_OUTPUT, to);
	return copy_file(s, path, to);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	(void)remove(path);
	return 0;
}

void
remove_folder(const char *path)
{
	(void)nftw(path, remove_one, FOLDERS, FTW_DEPTH | FTW_PHYS);
}

/* --- sets of files -------------------------------------------------------- */

bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool
is_set(const char *path)
{
	return is_folder(path) ||
	       (strpbrk(path, "*?[") && access(path, F_OK) != 0);
}

/* Of the files of a set, those that were written since. */
struct listing {
	struct words paths;
	struct words below; /* the same, below the set's folder */
	struct timespec since;
	bool folder; /* the set is one, and no pattern */
	bool no_memory;
};

static enum rejunit_status
list_one(void *ctx, const struct rejunit_report *r)
{
	struct listing *l = ctx;
	struct stat st;

	if (stat(r->name, &st) != 0 || st.st_mtim.tv_sec < l->since.tv_sec ||
	    (st.st_mtim.tv_sec == l->since.tv_sec &&
		st.st_mtim.tv_nsec < l->since.tv_nsec))
		return REJUNIT_OK;
	l->no_memory =
	    !add_word(&l->paths, r->name) ||
	    !add_word(&l->below,
		l->folder && r->report_name ? r->report_name : r->name);
	return l->no_memory ? REJUNIT_MEMORY : REJUNIT_OK;
}

static enum rejunit_status
list_set(struct running *s, const char *path, struct timespec since,
    struct listing *l)
{
	static const struct rejunit_visitor visitor = { .end_report =
							    list_one };
	const struct rejunit_input in = rejunit_path(path);
	struct rejunit_error *err = &s->common.err;
	struct rejunit_reader *reader;
	enum rejunit_status status = rejunit_reader_new(&reader, err);

	*l = (struct listing){ .since = since, .folder = is_folder(path) };
	if (status)
		return status;
	status = rejunit_reader_read(reader, &in, &visitor, l, err);
	rejunit_reader_free(reader);
	return l->no_memory ? no_memory(err) : status;
}

static void
free_listing(struct listing *l)
{
	free_words(&l->paths);
	free_words(&l->below);
}

const char *
set_folder(const char *report)
{
	return is_folder(report) ? report : report[0] == '/' ? "/" : ".";
}

static enum rejunit_status
copy_set(
    struct running *s, const char *from, struct timespec since, const char *to)
{
	struct listing l;
	enum rejunit_status status = list_set(s, from, since, &l);

	for (size_t i = 0; i < l.paths.n && !status; i++)
		status = copy_below(s, l.paths.of[i], l.below.of[i], to);
	free_listing(&l);
	return status;
}

/* --- attempts ------------------------------------------------------------- */

/* By the clock that files have their times from. */
void
remember_report(const struct running *s, struct before *b)
{
	b->was = s->report && stat(s->report, &b->file) == 0;
	(void)clock_gettime(CLOCK_REALTIME_COARSE, &b->start);
}

bool
is_new_report(struct running *s, const struct before *b)
{
	struct listing l;
	struct stat now;
	bool any;

	if (!s->report)
		return false;
	if (is_set(s->report)) {
		/* one that cannot be read is told of when it is saved */
		any = list_set(s, s->report, b->start, &l) || l.paths.n;
		free_listing(&l);
		return any;
	}
	if (stat(s->report, &now) != 0)
		return false;
	return !b->was || now.st_ino != b->file.st_ino ||
	       now.st_mtim.tv_sec != b->file.st_mtim.tv_sec ||
	       now.st_mtim.tv_nsec != b->file.st_mtim.tv_nsec ||
	       now.st_size != b->file.st_size;
}

/* A runner may work elsewhere: from the root on. */
enum rejunit_status
make_folder(struct running *s)
{
	const char *folder = temporary_folder();
	char *whole = realpath(folder, NULL);

	if (whole)
		snprintf(s->folder, sizeof(s->folder), "%.4000s/rejunit-XXXXXX",
		    whole);
	free(whole);
	if (whole && mkdtemp(s->folder))
		return REJUNIT_OK;
	*s->folder = '\0';
	return run_fail(s, REJUNIT_OUTPUT, folder);
}

void
make_place(
    const struct running *s, int attempt, size_t call, char out[PLACE_MAX])
{
	bool set = s->report && is_set(s->report);
	char number[32] = "";

	if (call)
		snprintf(number, sizeof(number), "-%zu", call);
	snprintf(out, PLACE_MAX, "%s/attempt-%d%s%s", s->folder, attempt,
	    number, set ? "" : ".xml");
}

enum rejunit_status
save_report(struct running *s, const struct before *b, const char *place)
{
	return is_set(s->report) ? copy_set(s, s->report, b->start, place)
				 : copy_file(s, s->report, place);
}

enum rejunit_status
remove_others(struct running *s, const struct before *b, const char *kept)
{
	const char *folder = set_folder(s->report);
	struct listing l;
	enum rejunit_status status = list_set(s, s->report, b->start, &l);

	for (size_t i = 0; i < l.paths.n && !status; i++) {
		char path[PLACE_MAX * 2];

		snprintf(path, sizeof(path), "%s/%s", kept, l.below.of[i]);
		if (access(path, F_OK) != 0 && unlink(l.paths.of[i]) != 0)
			status = run_fail(s, REJUNIT_OUTPUT, folder);
	}
	free_listing(&l);
	return status;
}

void
clear_kept(const struct running *s)
{
	DIR *dir = s->keep ? opendir(s->keep) : NULL;
	const struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL)
		if (starts(e->d_name, "attempt-") ||
		    starts(e->d_name, "round-")) {
			char path[PLACE_MAX];

			snprintf(path, sizeof(path), "%.4000s/%s", s->keep,
			    e->d_name);
			remove_folder(path);
		}
	if (dir)
		(void)closedir(dir);
}

enum rejunit_status
copy_report(struct running *s, const char *from, const char *to)
{
	const struct timespec ever = { 0, 0 };

	return is_folder(from) ? copy_set(s, from, ever, to)
			       : copy_file(s, from, to);
}

enum rejunit_status
keep_report(struct running *s, const char *place, const char *name)
{
	char path[PLACE_MAX];

	if (!s->keep)
		return REJUNIT_OK;
	snprintf(path, sizeof(path), "%.4000s/%s", s->keep, name);
	if (!make_folders(path))
		return run_fail(s, REJUNIT_OUTPUT, s->keep);
	return copy_report(s, place, path);
}

int
record_report(struct running *s, const char *report, const char *round)
{
	struct words w = { .n = 0 };
	bool ok = add_word(&w, "record") && add_word(&w, "-q") &&
		  add_words(&w, (const char *const *)s->for_record.of);
	int status = EXIT_INPUT;

	if (round)
		ok = ok && add_word(&w, "--hunt") &&
		     add_two(&w, "--run=", round);
	if (ok && add_word(&w, "--") && add_word(&w, report))
		status = run_within(&record_command, (int)w.n, w.of);
	free_words(&w);
	return status;
}

/* --- what a report says --------------------------------------------------- */

static bool
is_text(struct rejunit_string s, const char *text)
{
	return s.n == strlen(text) && (!s.n || memcmp(s.s, text, s.n) == 0);
}

/* What begins with a dash would be taken for an option. */
static bool
add_id(const struct runner *r, const struct rejunit_case *c, bool to_run,
    struct words *to)
{
	struct rejunit_error err;
	bool runnable = true, ok;
	const char *listed = rejunit_case_id(c);
	bool words = !r || takes_words(r);
	char *id = r ? find_id(r, c) : listed ? strdup(listed) : NULL;

	ok = id && (!to_run || rejunit_case_is_runnable(c, &runnable, &err) ==
				   REJUNIT_OK);
	if (ok && *id && (c->name.n || c->classname.n) &&
	    !(to_run && (!runnable || (words && id[0] == '-'))))
		ok = add_word(to, id);
	free(id);
	return ok;
}

/* What tells it from its namesakes is a file, or a suite, of its own. */
static bool
is_told(const struct rejunit_case *c, const char *told)
{
	const struct rejunit_string of[] = { c->file, c->suite, c->suite_path,
		c->hostname };
	bool is = !told || !*told;

	for (size_t i = 0; i < 4 && !is; i++)
		is = of[i].n && is_text(of[i], told);
	return is || (c->report_name && strcmp(c->report_name, told) == 0);
}

static enum rejunit_status
take_case(void *ctx, const struct rejunit_case *c)
{
	struct reading *r = ctx;
	bool bad = rejunit_is_bad(c->outcome);
	bool passed = c->outcome == REJUNIT_PASSED, ok = true;

	r->cases++;
	r->n_bad += bad;
	if (bad && r->bad)
		ok = add_id(r->runner, c, true, r->bad);
	if (ok && r->skipped && c->outcome == REJUNIT_SKIPPED)
		ok = add_id(r->runner, c, true, r->skipped);
	if (ok && r->ran && (bad || passed))
		ok = add_id(r->runner, c, false, r->ran);
	if (r->test && is_text(c->classname, r->test->classname) &&
	    is_text(c->name, r->test->name) && is_told(c, r->test->told)) {
		r->passes += passed;
		r->failures += bad;
	}
	r->no_memory = !ok;
	return ok ? REJUNIT_OK : REJUNIT_MEMORY;
}

static enum rejunit_status
take_end(void *ctx, const struct rejunit_report *report)
{
	struct reading *r = ctx;

	r->nameless += report->nameless;
	return REJUNIT_OK;
}

/* Our plugin for pytest knows how many there were. */
static enum rejunit_status
take_property(void *ctx, bool of_case, struct rejunit_string name,
    struct rejunit_string value)
{
	struct reading *r = ctx;
	char number[24];

	if (of_case)
		return REJUNIT_OK;
	snprintf(number, sizeof(number), "%.*s",
	    value.n < 20 ? (int)value.n : 20, value.n ? value.s : "");
	if (is_text(name, "rejunit.collected"))
		r->collected += strtoul(number, NULL, 10);
	if (is_text(name, "rejunit.ended"))
		r->ended += strtoul(number, NULL, 10);
	return REJUNIT_OK;
}

enum rejunit_status
read_report(struct running *s, const char *path, struct reading *r)
{
	static const struct rejunit_visitor visitor = { .test = take_case,
		.end_report = take_end,
		.property = take_property };
	const struct rejunit_input in = rejunit_path(path);
	struct rejunit_error *err = &s->common.err;
	struct rejunit_reader *reader;
	enum rejunit_status status = rejunit_reader_new(&reader, err);

	if (status)
		return status;
	status =
	    rejunit_reader_rootdir(reader, s->rootdir ? s->rootdir : ".", err);
	if (!status)
		status = rejunit_reader_read(reader, &in, &visitor, r, err);
	rejunit_reader_free(reader);
	return r->no_memory ? no_memory(err) : status;
}
