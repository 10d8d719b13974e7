/* All runners that are known, and which of them a command runs. */
#include "runner.h"

#define REGEX "\\^$.[]()|*+?{}/"

static const struct runner runners[] = {
	{ .name = "pytest",
	    .programs = LIST("pytest", "pytest-3", "py.test", "py.test-3"),
	    .modules = LIST("pytest", "py.test"),
	    .failed = { 1 },
	    .reports = LIST(
		"--junit-xml=", "--junitxml=", "--junit-xml", "--junitxml"),
	    .output = LIST("--junit-xml={report}"),
	    .stops = LIST("--exitfirst", "--sw", "--stepwise", "--maxfail=0"),
	    .stop_letters = "x",
	    .reruns_skipped = true,
	    .stop_files =
		LIST("conftest.py", "tests/conftest.py", "test/conftest.py"),
	    .stop_words = LIST("maxfail"),
	    .valued_letters = "kmpcoWnr",
	    .nameless_is_cut = true,
	    .variable = "PYTEST_ADDOPTS",
	    .addopts = true,
	    .interrupted = 2,
	    .not_found = 4,
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
	    .jobs = "-n",
	    .native = LIST("--last-failed", "--last-failed-no-failures=none"),
	    .note = "node ids, in place of the paths" },
	{ .name = "unittest",
	    .modules = LIST("xmlrunner"),
	    .failed = { 1 },
	    .reports = LIST("--output-file=", "--output-file"),
	    .output = LIST("--output-file", "{report}"),
	    .stops = LIST("--failfast", "--failf", "--failfa", "--failfas"),
	    .stop_letters = "f",
	    .valued_letters = "kostp",
	    .drops_all = true,
	    .form = BY_CLASS_DOT,
	    .note = "package.module.Class.test, of python -m xmlrunner" },
	{ .name = "ctest",
	    .programs = LIST("ctest", "ctest3"),
	    .failed = { 8 },
	    .reports = LIST("--output-junit"),
	    .folder = "--test-dir",
	    .output = LIST("--output-junit", "{report}"),
	    .stops = LIST("--stop-on-failure"),
	    .stop_files = LIST("CMakePresets.json", "CMakeUserPresets.json"),
	    .stop_words = LIST("\"stopOnFailure\""),
	    .dropped = LIST("-I", "--tests-information"),
	    .form = BY_NAME,
	    .call_max = 20000,
	    .selecting = { .option = "-R",
		.before = "^(",
		.between = "|",
		.behind = ")$",
		.special = "\\^$.[]()|*+?",
		.escape = '\\' },
	    .jobs = "-j",
	    .native = LIST("--rerun-failed"),
	    .note = "-R '^(a|b)$'" },
	{ .name = "meson",
	    .programs = LIST("meson"),
	    .must = "test",
	    .counts = true,
	    .counts_cases = true,
	    .folder = "-C",
	    .place = "meson-logs/testlog.junit.xml",
	    .stops = LIST("--maxfail=0"),
	    .form = BY_LAST,
	    .selecting = { .special = "*?[]", .any = '?' },
	    .jobs = "--num-processes",
	    .note = "their names; its own report is read, and put back" },
	{ .name = "googletest",
	    .sign = "--gtest_",
	    .failed = { 1 },
	    .reports = LIST("--gtest_output=xml:"),
	    .output = LIST("--gtest_output=xml:{report}"),
	    .another = "--gtest_output=",
	    .stops = LIST("--gtest_fail_fast", "--gtest_break_on_failure",
		"--gtest_throw_on_failure", "--gtest_repeat=1"),
	    .stop_variables = LIST("GTEST_FAIL_FAST", "GTEST_REPEAT",
		"GTEST_BREAK_ON_FAILURE", "GTEST_THROW_ON_FAILURE"),
	    .reruns_skipped = true,
	    .selecting = { .before = "--gtest_filter=",
		.between = ":",
		.behind = "",
		.special = "*?:-",
		.any = '?' },
	    .note = "--gtest_filter=A.b:C.d; it is known by its options" },
	{ .name = "catch2",
	    .counts = true,
	    .reports = LIST("-o", "--out", "--out="),
	    .reporter = LIST("-r", "junit"),
	    .output = LIST("-o", "{report}"),
	    .stops = LIST("--abort", "--abortx=0"),
	    .stop_letters = "ax",
	    .valued_letters = "orcnwdv",
	    .form = BY_NAME,
	    .selecting = { .before = "",
		.between = ",",
		.behind = "",
		.special = "\\,[]\"*~",
		.escape = '\\' },
	    .note = "their names; say --runner=catch2" },
	{ .name = "doctest",
	    .sign = "-r=junit",
	    .failed = { 1 },
	    .reports = LIST("-o=", "--out="),
	    .reporter = LIST("-r=junit"),
	    .output = LIST("-o={report}"),
	    .stops = LIST(
		"-aa=0", "--abort-after=0", "-dt-aa=0", "--dt-abort-after=0"),
	    .form = BY_NAME,
	    .selecting = { .before = "--test-case=",
		.between = ",",
		.behind = "",
		.special = "\\,",
		.escape = '\\' },
	    .note = "--test-case=a,b; known by -r=junit" },
	{ .name = "gotestsum",
	    .programs = LIST("gotestsum"),
	    .failed = { 1 },
	    .reports = LIST("--junitfile=", "--junitfile"),
	    .output = LIST("--junitfile={report}"),
	    .options_first = true,
	    .stops = LIST(
		"-failfast", "--failfast", "-test.failfast", "--max-fails=0"),
	    .variable = "GOFLAGS",
	    .fresh = "-count=1",
	    .valued = LIST("-run", "-timeout", "-tags", "-count", "-bench",
		"-p", "-parallel", "-cpu", "-coverprofile", "-covermode",
		"-coverpkg", "-mod", "-f", "--format", "--junitfile",
		"--packages"),
	    .flags = LIST("--"),
	    .drops_paths = true,
	    .one_by_one = true,
	    .also = LIST("-count=1"),
	    .note = "a package and its pattern, a call each" },
	{ .name = "surefire",
	    .programs = LIST("mvn", "mvnw"),
	    .failed = { 1 },
	    .place = "target/surefire-reports",
	    .stops = LIST("-Dsurefire.skipAfterFailureCount=0"),
	    .stop_files = LIST("pom.xml", ".mvn/maven.config"),
	    .stop_words = LIST("skipAfterFailureCount"),
	    .modules_stop = "<modules>",
	    .goes_on = LIST("-fae", "--fail-at-end", "-fn", "--fail-never",
		"-Dmaven.test.failure.ignore=true",
		"-Dmaven.test.failure.ignore"),
	    .reruns_skipped = true,
	    .form = BY_CLASS_HASH,
	    .selecting = { .before = "-Dtest=", .between = ",", .behind = "" },
	    .also = LIST("-DfailIfNoSpecifiedTests=false",
		"-Dsurefire.failIfNoSpecifiedTests=false"),
	    .note = "-Dtest=C#m,D#n; its reports are saved, and put back" },
	{ .name = "gradle",
	    .programs = LIST("gradle", "gradlew"),
	    .failed = { 1 },
	    .place = "build/test-results/test",
	    .stops = LIST("--fail-fast"),
	    .form = BY_CLASS_DOT,
	    .selecting = { .option = "--tests" },
	    .jobs = "--max-workers=",
	    .note = "--tests C.m; not tried with a real one" },
	{ .name = "jest",
	    .programs = LIST("jest"),
	    .failed = { 1 },
	    .variable_of_report = "JEST_JUNIT_OUTPUT_FILE",
	    .place = "junit.xml",
	    .stops = LIST("--bail"),
	    .stop_letters = "b",
	    .valued_letters = "cotw",
	    .stop_files =
		LIST("package.json", "jest.config.js", "jest.config.ts",
		    "jest.config.mjs", "jest.config.cjs", "jest.config.json"),
	    .stop_words = LIST("bail"),
	    .form = BY_NAME,
	    .selecting = { .option = "-t",
		.before = "^(",
		.between = "|",
		.behind = ")$",
		.special = REGEX,
		.escape = '\\' },
	    .jobs = "--maxWorkers=",
	    .native = LIST("--onlyFailures"),
	    .note = "-t '^(a|b)$', of jest-junit" },
	{ .name = "vitest",
	    .programs = LIST("vitest"),
	    .failed = { 1 },
	    .reports = LIST("--outputFile=", "--outputFile",
		"--outputFile.junit=", "--outputFile.junit"),
	    .reporter = LIST("--reporter=default", "--reporter=junit"),
	    .output = LIST("--outputFile.junit={report}"),
	    .stops = LIST("--bail=0"),
	    .stop_files = LIST("vitest.config.js", "vitest.config.ts",
		"vitest.config.mjs", "vitest.config.mts", "vite.config.js",
		"vite.config.ts", "vite.config.mjs", "vite.config.mts"),
	    .stop_words = LIST("bail"),
	    .form = BY_TITLE,
	    .selecting = { .option = "-t",
		.before = "^(",
		.between = "|",
		.behind = ")$",
		.special = REGEX,
		.escape = '\\' },
	    .jobs = "--maxWorkers=",
	    .note = "-t '^(a|b)$'" },
	{ .name = "mocha",
	    .programs = LIST("mocha", "_mocha"),
	    .counts = true,
	    .reports = LIST("output="),
	    .reporter = LIST("--reporter", "xunit"),
	    .output = LIST("--reporter-option", "output={report}"),
	    .repeats = true,
	    .stops = LIST("--bail"),
	    .stop_letters = "b",
	    .valued_letters = "CfgjnOrRstu",
	    .stop_files = LIST(".mocharc.json", ".mocharc.jsonc",
		".mocharc.yml", ".mocharc.yaml", ".mocharc.js", ".mocharc.cjs",
		".mocharc.mjs", "package.json"),
	    .stop_words = LIST("bail"),
	    .form = BY_CLASS_BLANK,
	    .selecting = { .option = "--grep",
		.before = "^(",
		.between = "|",
		.behind = ")$",
		.special = REGEX,
		.escape = '\\' },
	    .note = "--grep '^(a|b)$'" },
	{ .name = "node",
	    .programs = LIST("node"),
	    .must = "--test",
	    .failed = { 1 },
	    .reports = LIST(
		"--test-reporter-destination=", "--test-reporter-destination"),
	    .reporter = LIST("--test-reporter=junit"),
	    .output = LIST("--test-reporter-destination={report}"),
	    .options_first = true,
	    .form = BY_NODE,
	    .selecting = { .before = "--test-name-pattern=^(",
		.between = "|",
		.behind = ")$",
		.special = REGEX,
		.escape = '\\' },
	    .note = "--test-name-pattern='^(a|b)$'" },
	{ .name = "playwright",
	    .programs = LIST("playwright"),
	    .must = "test",
	    .failed = { 1 },
	    .variable_of_report = "PLAYWRIGHT_JUNIT_OUTPUT_FILE",
	    .stops = LIST("-x", "--max-failures=0"),
	    .stop_files = LIST("playwright.config.js", "playwright.config.ts",
		"playwright.config.mjs", "playwright.config.mts",
		"playwright.config.cjs"),
	    .reruns_skipped = true,
	    .stop_words = LIST("maxFailures"),
	    .form = BY_TITLE,
	    .selecting = { .option = "-g",
		.before = "(",
		.between = "|",
		.behind = ")$",
		.special = REGEX,
		.escape = '\\' },
	    .jobs = "--workers=",
	    .native = LIST("--last-failed"),
	    .note = "-g '(a|b)$'" },
	{ .name = "cucumber",
	    .programs = LIST("cucumber-js", "cucumber"),
	    .failed = { 1 },
	    .reports = LIST("--format=junit:", "junit:"),
	    .output = LIST("--format", "junit:{report}"),
	    .repeats = true,
	    .stops = LIST("--fail-fast"),
	    .stop_files = LIST("cucumber.js", "cucumber.cjs", "cucumber.mjs",
		"cucumber.json", "cucumber.yml", "cucumber.yaml"),
	    .stop_words = LIST("failFast", "fail-fast"),
	    .form = BY_SCENARIO,
	    .selecting = { .option = "--name",
		.before = "^",
		.behind = "$",
		.special = REGEX,
		.escape = '\\' },
	    .note = "--name '^a$', each" },
	{ .name = "rspec",
	    .programs = LIST("rspec"),
	    .failed = { 1 },
	    .reports = LIST("--out", "-o", "--out="),
	    .output =
		LIST("--format", "RspecJunitFormatter", "--out", "{report}"),
	    .repeats = true,
	    .stops = LIST("--fail-fast"),
	    .variable = "SPEC_OPTS",
	    .stop_files = LIST(".rspec", ".rspec-local", "spec/spec_helper.rb",
		"spec/rails_helper.rb"),
	    .stop_words = LIST("--fail-fast", "fail_fast"),
	    .form = BY_NAME,
	    .selecting = { .option = "--example" },
	    .note = "--example, each" },
	{ .name = "minitest",
	    .failed = { 1 },
	    .place = "test/reports",
	    .form = BY_NAME,
	    .selecting = { .option = "--name",
		.before = "/^(",
		.between = "|",
		.behind = ")$/",
		.special = REGEX,
		.escape = '\\' },
	    .note = "--name '/^(a|b)$/'; say --runner=minitest" },
	{ .name = "phpunit",
	    .programs = LIST("phpunit"),
	    .failed = { 1, 2 },
	    .reports = LIST("--log-junit", "--log-junit="),
	    .output = LIST("--log-junit", "{report}"),
	    .stops = LIST(
		"--stop-on-failure", "--stop-on-error", "--stop-on-defect"),
	    .stop_files = LIST("phpunit.xml", "phpunit.xml.dist"),
	    .stop_words = LIST("stopOnFailure", "stopOnError", "stopOnDefect"),
	    .reruns_skipped = true,
	    .form = BY_CLASS_PHP,
	    .selecting = { .option = "--filter",
		.before = "/^(",
		.between = "|",
		.behind = ")$/",
		.special = REGEX,
		.escape = '\\' },
	    .options_first = true,
	    .note = "--filter '/^(C::m|D::n)$/'" },
	{ .name = "bats",
	    .programs = LIST("bats"),
	    .failed = { 1 },
	    .reports = LIST("-o", "--output"),
	    .in_folder = "report.xml",
	    .lingers = true,
	    .reporter = LIST("--report-formatter", "junit"),
	    .output = LIST("--output", "{folder}"),
	    .options_first = true,
	    .form = BY_NAME,
	    .selecting = { .option = "--filter",
		.before = "^(",
		.between = "|",
		.behind = ")$",
		.special = REGEX,
		.escape = '\\',
		.escaped = "\"$`\\" },
	    .note = "--filter '^(a|b)$'" },
	{ .name = "behave",
	    .programs = LIST("behave"),
	    .modules = LIST("behave"),
	    .failed = { 1 },
	    .reports = LIST("--junit-directory", "--junit-directory="),
	    .in_folder = "",
	    .output = LIST("--junit", "--junit-directory", "{folder}"),
	    .repeats = true,
	    .stops = LIST("--stop"),
	    .stop_files = LIST("behave.ini", ".behaverc"),
	    .stop_words = LIST("stop"),
	    .form = BY_NAME,
	    .selecting = { .option = "--name",
		.before = "^",
		.behind = "$",
		.special = REGEX,
		.escape = '\\' },
	    .note = "--name '^a$', each" },
	{ .name = "other",
	    .failed = { 1 },
	    .note = "--rerun-command='CMD {ids}', and --report=PATH" },
};

#define N_RUNNERS (sizeof(runners) / sizeof(*runners))

void
print_runners(FILE *to)
{
	fprintf(to, "%-12s %-8s %s\n", "runner", "failed", "what is rerun");
	for (size_t i = 0; i < N_RUNNERS; i++) {
		const struct runner *r = &runners[i];
		char status[16] = "1 to 125";

		if (r->failed[1])
			snprintf(status, sizeof(status), "%d, %d", r->failed[0],
			    r->failed[1]);
		else if (!r->counts)
			snprintf(status, sizeof(status), "%d", r->failed[0]);
		fprintf(to, "%-12s %-8s %s\n", r->name, status, r->note);
	}
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

/* The same, where letters among them take the next word. */
static int
skip_valued(char **argv, int at, const char *letters)
{
	while (argv[at] && argv[at][0] == '-' && strcmp(argv[at], "--") != 0) {
		bool takes = argv[at][1] && !argv[at][2] &&
			     strchr(letters + 1, argv[at][1]) && argv[at + 1];

		at += takes ? 2 : 1;
	}
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
		if (starts(argv[at], "-m")) {
			*module = true;
			return at;
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
	static const char *const shells[] = { "sh", "bash", "dash", NULL };
	int at = 0;

	*module = false;
	while (argv[at]) {
		const char *base = base_of(argv[at]);

		if (strcmp(base, "env") == 0) {
			at = skip_valued(argv, at + 1, "-uC");
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
		} else if (strcmp(base, "npx") == 0 || is_in(shells, base)) {
			at = skip_options(argv, at + 1);
		} else if (strcmp(base, "nice") == 0) {
			at = skip_valued(argv, at + 1, "-n");
		} else if (strcmp(base, "timeout") == 0) {
			at = skip_valued(argv, at + 1, "-sk");
			at += argv[at] != NULL; /* how long */
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

/* A program that does other things as well has a word that says so. */
static bool
has_word_of(const struct runner *r, char **argv)
{
	for (; r->must && *argv; argv++)
		if (strcmp(*argv, r->must) == 0)
			return true;
	return !r->must;
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

		const char *called =
		    argv[at] + (starts(argv[at], "-m") ? 2 : 0);

		if (module ? is_in(r->modules, called)
			   : is_in(r->programs, base_of(argv[at])) &&
				 has_word_of(r, argv + at))
			return r;
	}
	for (size_t i = 0; i < N_RUNNERS && argv[at]; i++)
		if (has_sign(&runners[i], argv + at))
			return &runners[i];
	return named("other");
}

bool
is_failed_status(const struct runner *r, int status)
{
	return status && (status == r->failed[0] || status == r->failed[1] ||
			     (r->counts && status < EXIT_NOT_RUN));
}

bool
can_select(const struct runner *r)
{
	return r != named("other");
}
