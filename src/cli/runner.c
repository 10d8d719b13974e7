/* The programs that run tests: how each is asked for a report, and for tests.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define TEXT_MAX ((size_t)256 * 1024) /* of a file with options */

static bool
starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static bool
is_in(const char *const *list, const char *s)
{
	for (; *list; list++)
		if (strcmp(*list, s) == 0)
			return true;
	return false;
}

/* --- what a runner is asked ----------------------------------------------- */

/* Of a list of ids, those that go into one call: appends what selects them. */
typedef bool
select_fn(struct words *to, const struct words *ids, size_t from, size_t n);

static bool
select_operands(
    struct words *to, const struct words *ids, size_t from, size_t n)
{
	bool ok = true;

	for (size_t i = from; i < from + n && ok; i++)
		ok = add_word(to, ids->of[i]);
	return ok;
}

/* One word: what is before, ids with what is between, and what is behind. */
static bool
select_joined(struct words *to, const struct words *ids, size_t from, size_t n,
    const char *before, const char *between, const char *behind,
    const char *special, char escape)
{
	char *word = malloc(ids->bytes * 2 + n * strlen(between) + 64);
	char *at = word;
	bool ok;

	if (!word)
		return false;
	at = stpcpy(at, before);
	for (size_t i = from; i < from + n; i++) {
		if (i > from)
			at = stpcpy(at, between);
		for (const char *s = ids->of[i]; *s; s++) {
			bool is_special = strchr(special, *s) != NULL;

			/* what cannot be escaped is any one character */
			if (is_special && !escape) {
				*at++ = '?';
				continue;
			}
			if (is_special)
				*at++ = escape;
			*at++ = *s;
		}
	}
	(void)stpcpy(at, behind);
	ok = add_word(to, word);
	free(word);
	return ok;
}

static bool
select_ctest(struct words *to, const struct words *ids, size_t from, size_t n)
{
	return add_word(to, "-R") && select_joined(to, ids, from, n, "^(", "|",
					 ")$", "\\^$.[]()|*+?", '\\');
}

static bool
select_googletest(
    struct words *to, const struct words *ids, size_t from, size_t n)
{
	return select_joined(
	    to, ids, from, n, "--gtest_filter=", ":", "", "*?:-", '\0');
}

struct runner {
	const char *name;
	const char *const *programs; /* that are it */
	const char *const *modules; /* of python -m */
	const char *sign; /* an argument that begins so says that it is */
	int failed[3]; /* how it ends where tests failed; 0: no more */
	const char *const *reports; /* its options that say where the report
				       is; with "=", in the same word */
	const char *added; /* that is added where there is none */
	const char *folder; /* its option for what paths are relative to */
	const char *const *stops; /* options that end it early */
	const char *variable; /* of the environment, that has options */
	const char *const *files; /* that have options */
	const char *const *valued; /* options that take the next word */
	const char *const *flags; /* long ones that take no word */
	bool drops_paths; /* they would be run beside what is selected */
	select_fn *select;
	const char *const *native; /* by its own memory */
	const char *note;
};

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct runner runners[] = {
	{ .name = "pytest",
	    .programs = LIST("pytest", "pytest-3", "py.test", "py.test-3"),
	    .modules = LIST("pytest", "py.test"),
	    .failed = { 1 },
	    .reports = LIST(
		"--junit-xml=", "--junitxml=", "--junit-xml", "--junitxml"),
	    .added = "--junit-xml=",
	    .stops = LIST("-x", "--exitfirst", "--maxfail=", "--maxfail",
		"--sw", "--stepwise"),
	    .variable = "PYTEST_ADDOPTS",
	    .files = LIST("pytest.ini", ".pytest.ini", "pyproject.toml",
		"tox.ini", "setup.cfg"),
	    .valued = LIST("-k", "-m", "-p", "-c", "-o", "-W", "-n", "-r",
		"--maxfail", "--junit-xml", "--junitxml", "--rootdir", "--tb",
		"--confcutdir", "--basetemp", "--ignore", "--ignore-glob",
		"--deselect", "--durations", "--color", "--capture",
		"--log-file", "--log-level", "--log-cli-level", "--cov",
		"--cov-report", "--cov-config", "--dist", "--html", "--reruns",
		"--timeout", "--config-file", "--override-ini", "--import-mode",
		"--junit-prefix", "--junitprefix"),
	    .flags = LIST("--lf", "--last-failed", "--ff", "--failed-first",
		"--nf", "--new-first", "--exitfirst", "--verbose", "--quiet",
		"--no-header", "--no-summary", "--strict", "--strict-markers",
		"--strict-config", "--pdb", "--showlocals", "--runxfail",
		"--cache-clear", "--disable-warnings", "--no-cov",
		"--cov-append", "--cov-branch", "--doctest-modules",
		"--full-trace", "--setup-show", "--"),
	    .drops_paths = true,
	    .select = select_operands,
	    .native = LIST("--last-failed", "--last-failed-no-failures=none"),
	    .note = "node ids, in place of the paths" },
	{ .name = "ctest",
	    .programs = LIST("ctest", "ctest3"),
	    .failed = { 8 },
	    .reports = LIST("--output-junit"),
	    .added = "--output-junit",
	    .folder = "--test-dir",
	    .stops = LIST("--stop-on-failure"),
	    .valued = LIST("-R", "-E", "-L", "-LE", "-C", "-j", "--test-dir",
		"--output-junit", "-O", "--timeout", "-I", "-S"),
	    .select = select_ctest,
	    .native = LIST("--rerun-failed"),
	    .note = "-R '^(a|b)$'" },
	{ .name = "googletest",
	    .sign = "--gtest_",
	    .failed = { 1 },
	    .reports = LIST("--gtest_output=xml:"),
	    .added = "--gtest_output=xml:",
	    .stops = LIST("--gtest_fail_fast", "--gtest_break_on_failure"),
	    .select = select_googletest,
	    .note = "--gtest_filter=A.b:C.d; it is known by its options" },
	{ .name = "other",
	    .failed = { 1 },
	    .note = "--rerun-command='CMD {ids}', and --report=PATH" },
};

#define N_RUNNERS (sizeof(runners) / sizeof(*runners))

void
print_runners(FILE *to)
{
	fprintf(to, "%-12s %-8s %s\n", "runner", "failed", "what is rerun");
	for (size_t i = 0; i < N_RUNNERS; i++)
		fprintf(to, "%-12s %-8d %s\n", runners[i].name,
		    runners[i].failed[0], runners[i].note);
}

/* --- which runner --------------------------------------------------------- */

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The next word that is no option. */
static int
skip_options(char **argv, int at)
{
	while (argv[at] && argv[at][0] == '-' && strcmp(argv[at], "--") != 0)
		at++;
	return argv[at] && strcmp(argv[at], "--") == 0 ? at + 1 : at;
}

static bool
is_python(const char *base)
{
	return starts(base, "python") || starts(base, "pypy");
}

/* Where behind a python's options its program is, or its module. */
static int
python_program(char **argv, int at, bool *module)
{
	for (at++; argv[at]; at++) {
		if (strcmp(argv[at], "-m") == 0) {
			*module = true;
			return at + 1;
		}
		if (strcmp(argv[at], "-X") == 0 ||
		    strcmp(argv[at], "-W") == 0) {
			if (argv[at + 1])
				at++;
		} else if (argv[at][0] != '-') {
			break;
		}
	}
	return at;
}

/* The program that runs tests, behind those that run it. */
static int
find_program(char **argv, bool *module)
{
	static const char *const with_run[] = { "poetry", "uv", "pipenv", "pdm",
		"hatch", "rye", "coverage", NULL };
	int at = 0;

	*module = false;
	while (argv[at]) {
		const char *base = base_of(argv[at]);

		if (strcmp(base, "env") == 0) {
			at = skip_options(argv, at + 1);
			while (argv[at] && strchr(argv[at], '='))
				at++;
		} else if (is_python(base)) {
			at = python_program(argv, at, module);
			if (!*module || !argv[at] ||
			    strcmp(argv[at], "coverage") != 0)
				return at;
		} else if (is_in(with_run, base) && argv[at + 1] &&
			   strcmp(argv[at + 1], "run") == 0) {
			*module =
			    argv[at + 2] && strcmp(argv[at + 2], "-m") == 0;
			at = skip_options(argv, at + 2);
		} else if (strcmp(base, "npx") == 0 ||
			   strcmp(base, "nice") == 0) {
			at = skip_options(argv, at + 1);
		} else if (strcmp(base, "bundle") == 0 && argv[at + 1] &&
			   strcmp(argv[at + 1], "exec") == 0) {
			at += 2;
		} else {
			return at;
		}
	}
	return at;
}

static bool
has_sign(const struct runner *r, char **argv)
{
	for (; r->sign && *argv; argv++)
		if (starts(*argv, r->sign))
			return true;
	return false;
}

static const struct runner *
named(const char *name)
{
	for (size_t i = 0; i < N_RUNNERS; i++)
		if (strcmp(runners[i].name, name) == 0)
			return &runners[i];
	return NULL;
}

const struct runner *
find_runner(const char *name, char **argv, int *arguments)
{
	bool module;
	int at = find_program(argv, &module);

	*arguments = argv[at] ? at + 1 : at;
	if (name)
		return named(name);
	for (size_t i = 0; i < N_RUNNERS && argv[at]; i++) {
		const struct runner *r = &runners[i];
		const char *const *list = module ? r->modules : r->programs;

		if ((list &&
			is_in(list, module ? argv[at] : base_of(argv[at]))) ||
		    has_sign(r, argv + at))
			return r;
	}
	return named("other");
}

const char *
runner_name(const struct runner *r)
{
	return r->name;
}

bool
is_failed_status(const struct runner *r, int status)
{
	return status && status == r->failed[0];
}

bool
can_select(const struct runner *r)
{
	return r->select != NULL;
}

/* --- options that stand elsewhere ----------------------------------------- */

static char *
read_start_of(const char *path)
{
	char *text = malloc(TEXT_MAX + 1);
	FILE *f = text ? fopen(path, "re") : NULL;

	if (f) {
		text[fread(text, 1, TEXT_MAX, f)] = '\0';
		(void)fclose(f);
		return text;
	}
	free(text);
	return NULL;
}

/* "addopts = ..." as ini and TOML have it, with the lines that go on. */
static bool
add_options_of(struct words *w, char *text)
{
	static const char *const between = " \t\n\r\"'[],=";
	char *at = strstr(text, "addopts"), *end;
	bool ok = true;

	if (!at)
		return true;
	at += strlen("addopts");
	end = strchr(at, '\n');
	while (end && (end[1] == ' ' || end[1] == '\t' || end[1] == ']'))
		end = strchr(end + 1, '\n');
	if (end)
		*end = '\0';
	for (at += strspn(at, between); *at && ok; at += strspn(at, between)) {
		/* "=" divides no option from its value */
		size_t n = strcspn(at, " \t\n\r\"'[],");
		char c = at[n];

		at[n] = '\0';
		ok = add_word(w, at);
		at[n] = c;
		at += n;
	}
	return ok;
}

bool
find_configured(const struct runner *r, struct words *w)
{
	const char *said = r->variable ? getenv(r->variable) : NULL;
	char **more = said ? split_words(said) : NULL;
	bool ok = true;

	for (const char *const *f = r->files; f && *f && ok; f++) {
		char *text = read_start_of(*f);

		ok = !text || add_options_of(w, text);
		free(text);
	}
	for (char **m = more; m && *m && ok; m++)
		ok = add_word(w, *m);
	free(more);
	return ok && (w->n || add_word(w, ""));
}

/* --- where its report is -------------------------------------------------- */

/* The last word wins, as it does with the runners. */
static const char *
option_value(const char *const *options, char *const *argv)
{
	const char *found = NULL;

	for (; argv && *argv; argv++)
		for (const char *const *o = options; *o; o++) {
			size_t n = strlen(*o);
			char end = (*o)[n - 1];

			if (end == '=' || end == ':') {
				if (strncmp(*argv, *o, n) == 0)
					found = *argv + n;
			} else if (strcmp(*argv, *o) == 0 && argv[1]) {
				found = argv[1];
			}
		}
	return found;
}

bool
find_report(const struct runner *r, char *const *arguments,
    const struct words *configured, char **path)
{
	const char *report = NULL, *folder = NULL;
	size_t n;

	*path = NULL;
	if (r->reports)
		report = option_value(r->reports, arguments);
	if (r->reports && !report)
		report = option_value(r->reports, configured->of);
	if (!report)
		return true;
	if (r->folder && report[0] != '/')
		folder = option_value(LIST(r->folder), arguments);
	n = strlen(report) + (folder ? strlen(folder) : 0) + 2;
	*path = malloc(n);
	if (*path)
		snprintf(*path, n, "%s%s%s", folder ? folder : "",
		    folder ? "/" : "", report);
	return *path != NULL;
}

bool
add_report(const struct runner *r, struct words *to, const char *path)
{
	char end = r->added[strlen(r->added) - 1];

	return end == '=' || end == ':'
		   ? add_two(to, r->added, path)
		   : add_word(to, r->added) && add_word(to, path);
}

/* --- what it does not run ------------------------------------------------- */

static bool
is_stop(const char *option, const char *word, const char *next)
{
	size_t n = strlen(option);

	if (option[n - 1] == '=')
		return strncmp(word, option, n) == 0 &&
		       strcmp(word + n, "0") != 0;
	if (strcmp(word, option) != 0)
		return false;
	return strcmp(option, "--maxfail") != 0 ||
	       (next && strcmp(next, "0") != 0);
}

/* What comes last counts: --maxfail=0 takes the others back. */
static const char *
find_stop(const struct runner *r, char *const *argv, const char *found)
{
	for (; r->stops && argv && *argv; argv++) {
		if (strcmp(*argv, "--maxfail=0") == 0)
			found = NULL;
		for (const char *const *o = r->stops; *o; o++)
			if (is_stop(*o, *argv, argv[1]))
				found = *argv;
	}
	return found;
}

const char *
why_it_stops_early(const struct runner *r, char *const *arguments,
    const struct words *configured)
{
	return find_stop(r, arguments, find_stop(r, configured->of, NULL));
}

static const char *
find_gate(char *const *argv)
{
	for (; argv && *argv; argv++)
		if (strncmp(*argv, "--cov-fail-under", 16) == 0)
			return *argv;
	return NULL;
}

const char *
which_gate(const struct runner *r, char *const *arguments,
    const struct words *configured)
{
	static const char *const files[] = { "pyproject.toml", "setup.cfg",
		"tox.ini", ".coveragerc", NULL };
	const char *found = find_gate(arguments);

	if (!found)
		found = find_gate(configured->of);
	for (const char *const *f = files; r->files && *f && !found; f++) {
		char *text = read_start_of(*f);

		if (text && strstr(text, "fail_under"))
			found = *f;
		free(text);
	}
	return found;
}

/* --- a rerun -------------------------------------------------------------- */

/* An operand that names what to run: what it begins with is there. */
static bool
is_path(const char *word)
{
	const char *colons = strstr(word, "::");
	size_t n = colons ? (size_t)(colons - word) : strlen(word);
	char path[4096];

	if (word[0] == '-' || n == 0 || n >= sizeof(path))
		return false;
	memcpy(path, word, n);
	path[n] = '\0';
	return access(path, F_OK) == 0;
}

/* The next word is this one's: of a long option that nobody knows, perhaps. */
static bool
takes_next(const struct runner *r, const char *word)
{
	return (r->valued && is_in(r->valued, word)) ||
	       (starts(word, "--") && !strchr(word, '=') &&
		   !(r->flags && is_in(r->flags, word)));
}

static bool
add_arguments(const struct runner *r, struct words *to, char **argv, int from)
{
	bool ok = true, is_value = false;

	for (int i = 0; argv[i] && ok; i++) {
		bool dropped = r->drops_paths && i >= from && !is_value &&
			       is_path(argv[i]);

		is_value = i >= from && !is_value && takes_next(r, argv[i]);
		if (!dropped)
			ok = add_word(to, argv[i]);
	}
	return ok;
}

bool
make_rerun(const struct runner *r, struct words *to, char **argv, int from,
    const char *report, bool native, const struct words *ids, size_t first,
    size_t n)
{
	bool ok = native ? true : add_arguments(r, to, argv, from);

	for (int i = 0; native && argv[i] && ok; i++)
		ok = add_word(to, argv[i]);
	ok = ok && add_report(r, to, report);
	for (const char *const *o = r->native; native && o && *o && ok; o++)
		ok = add_word(to, *o);
	return ok && (native || r->select(to, ids, first, n));
}

bool
has_memory(const struct runner *r)
{
	return r->native != NULL;
}
