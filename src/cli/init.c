/* Recipes for CI systems, with the runner that a folder's files show. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner.h"

#define LOOKED_AT 65536 /* of a file that has to have a word */

enum {
	OPT_COMMAND = 256,
};

static const struct option_spec options[] = {
	{ OPT_COMMAND, "command", "COMMAND",
	    "what runs the tests; else what the folder shows" },
	LAST_OPTIONS,
};

struct settings {
	struct common common;
	const char *command;
};

/* --- the runner ----------------------------------------------------------- */

#define ADDED	 "rejunit-report.xml" /* where rejunit run has one added */
#define ANYWHERE "**/*.xml" /* a report whose place only a shell knows */

/* A file that shows what runs the tests; the first one that is there. */
struct project {
	const char *file;
	const char *word; /* that has to be in it; NULL: none */
	const char *command;
};

#define PYTEST "pytest --junit-xml=pytest.xml"

static const struct project projects[] = {
	{ "pytest.ini", NULL, PYTEST },
	{ "pyproject.toml", "pytest", PYTEST },
	{ "setup.cfg", "pytest", PYTEST },
	{ "tox.ini", "pytest", PYTEST },
	{ "conftest.py", NULL, PYTEST },
	{ "tests/conftest.py", NULL, PYTEST },
	{ "package.json", "\"vitest\"", "npx vitest run" },
	{ "package.json", "\"jest\"", "npx jest" },
	{ "package.json", "\"mocha\"", "npx mocha" },
	{ "package.json", "node --test", "node --test" },
	{ "pom.xml", NULL, "mvn -B test" },
	{ "gradlew", NULL, "./gradlew test" },
	{ "meson.build", NULL, "meson test -C build" },
	{ "CMakeLists.txt", NULL, "ctest --test-dir build" },
	{ "go.mod", NULL, "gotestsum ./..." },
	{ ".rspec", NULL, "bundle exec rspec" },
	{ "spec/spec_helper.rb", NULL, "bundle exec rspec" },
	{ "phpunit.xml", NULL, "vendor/bin/phpunit" },
	{ "phpunit.xml.dist", NULL, "vendor/bin/phpunit" },
};

#define N_PROJECTS (sizeof(projects) / sizeof(*projects))

/* A pipe would keep us waiting, and a folder shows nothing. */
static FILE *
open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fdopen(fd, "r");
	if (fd >= 0)
		close(fd);
	return NULL;
}

static bool
shows(const struct project *p)
{
	FILE *f = open_file(p->file);
	char *text = f && p->word ? malloc(LOOKED_AT + 1) : NULL;
	bool found = f && !p->word;

	if (text) {
		text[fread(text, 1, LOOKED_AT, f)] = '\0';
		found = strstr(text, p->word) != NULL;
	}
	free(text);
	if (f)
		fclose(f);
	return found;
}

/* What a recipe can name: a path that the shell has nothing to do to. */
static bool
is_plain_path(const char *s)
{
	return !s[strcspn(s, "$`;&|<>'\"\\*?")];
}

/* As a recipe names the reports that a runner leaves in a place. */
static bool
name_reports(const struct runner *r, const char *path, char *out, size_t room)
{
	const char *last = strrchr(path, '/');
	bool is_folder = !strchr(last ? last : path, '.');
	/* a place that each module has is one in whatever folder */
	bool is_place = r->place && strcmp(path, r->place) == 0;

	if (!is_plain_path(path))
		path = ANYWHERE, is_folder = false;
	return snprintf(out, room, "%s%s%s", is_folder && is_place ? "**/" : "",
		   path, is_folder ? "/*.xml" : "") < (int)room;
}

/* Where the reports of a command are; false: err says why nobody knows. */
static bool
find_reports(
    const char *command, char *out, size_t room, struct rejunit_error *err)
{
	const struct words none = { NULL, 0, 0, 0 };
	char **argv = split_words(command), *path = NULL;
	const struct runner *r;
	int from = 0;
	bool ok;

	if (!argv && errno != EINVAL)
		return no_memory(err) == REJUNIT_OK;
	err->status = REJUNIT_USAGE;
	snprintf(err->message, sizeof(err->message), "%s",
	    argv ? "rejunit run knows no such runner, or not where its report "
		   "is: it would need --report, see its --help"
		 : "--command: a quote does not end");
	r = argv && argv[0] ? find_runner(NULL, argv, &from) : NULL;
	ok = r && find_report(r, argv + from, &none, &path);
	if (ok && path && *path)
		ok = name_reports(r, path, out, room);
	else if (ok && (ok = r->output != NULL))
		snprintf(out, room, "%s", ADDED);
	free(path);
	free(argv);
	return ok;
}

/* NULL: nothing here shows it. */
static const char *
find_command(void)
{
	for (size_t i = 0; i < N_PROJECTS; i++)
		if (shows(&projects[i]))
			return projects[i].command;
	return NULL;
}

/* --- the recipes ---------------------------------------------------------- */

/* What is special where a command stands, and what stands for it there. */
struct escape {
	const char *what;
	const char *as;
};

/* What stands for the command, for its reports, and for their folder. */
#define COMMAND "\1"
#define REPORTS "\2"
#define FOLDER	"\3"

struct recipe {
	const char *name;
	const char *text;
	const struct escape *escapes;
};

static const struct escape in_groovy[] = { { "\\", "\\\\" }, { "'", "\\'" },
	{ NULL, NULL } };
/* Buildkite's agent fills in variables, as make does. */
static const struct escape in_make[] = { { "$", "$$" }, { NULL, NULL } };
static const struct escape in_tox[] = { { "{", "\\{" }, { "}", "\\}" },
	{ "#", "\\#" }, { NULL, NULL } };
static const struct escape in_circleci[] = { { "<<", "\\<<" }, { NULL, NULL } };

static const struct recipe recipes[] = {
	{ "github",
	    "# .github/workflows/test.yml: in place of the step that tests\n"
	    "- name: Test\n"
	    "  run: |\n"
	    "    rejunit run --flakes=flaky.txt -- " COMMAND "\n"
	    "- uses: actions/upload-artifact@v4\n"
	    "  if: always()\n"
	    "  with:\n"
	    "    name: test-reports\n"
	    "    path: |\n"
	    "      " REPORTS "\n"
	    "      flaky.txt\n",
	    NULL },
	{ "gitlab",
	    "# .gitlab-ci.yml\n"
	    "test:\n"
	    "  script:\n"
	    "    - |\n"
	    "      rejunit run --flakes=flaky.txt -- " COMMAND "\n"
	    "  artifacts:\n"
	    "    when: always\n"
	    "    paths:\n"
	    "      - flaky.txt\n"
	    "    reports:\n"
	    "      junit: '" REPORTS "'\n",
	    NULL },
	{ "jenkins",
	    "// Jenkinsfile: in the stage that tests\n"
	    "steps {\n"
	    "    sh 'rejunit run --evidence=jenkins --flakes=flaky.txt "
	    "-- " COMMAND "'\n"
	    "}\n"
	    "post {\n"
	    "    always {\n"
	    "        junit '" REPORTS "'\n"
	    "        archiveArtifacts artifacts: 'flaky.txt', "
	    "allowEmptyArchive: true\n"
	    "    }\n"
	    "}\n",
	    in_groovy },
	{ "circleci",
	    "# .circleci/config.yml: among the job's steps\n"
	    "- run:\n"
	    "    name: Test\n"
	    "    command: |\n"
	    "      rejunit run --flakes=flaky.txt -- " COMMAND "\n"
	    "- store_test_results:\n"
	    "    path: '" FOLDER "'\n"
	    "- store_artifacts:\n"
	    "    path: flaky.txt\n",
	    in_circleci },
	{ "azure",
	    "# azure-pipelines.yml: among the job's steps\n"
	    "- script: |\n"
	    "    rejunit run --flakes=flaky.txt -- " COMMAND "\n"
	    "  displayName: Test\n"
	    "- task: PublishTestResults@2\n"
	    "  condition: always()\n"
	    "  inputs:\n"
	    "    testResultsFormat: JUnit\n"
	    "    testResultsFiles: '" REPORTS "'\n",
	    NULL },
	{ "buildkite",
	    "# .buildkite/pipeline.yml\n"
	    "steps:\n"
	    "  - label: Test\n"
	    "    command: |\n"
	    "      rejunit run --flakes=flaky.txt -- " COMMAND "\n"
	    "    artifact_paths:\n"
	    "      - '" REPORTS "'\n"
	    "      - flaky.txt\n",
	    in_make },
	{ "make",
	    "# Makefile\n"
	    ".PHONY: test\n"
	    "test:\n"
	    "\trejunit run --flakes=flaky.txt -- " COMMAND "\n",
	    in_make },
	{ "tox",
	    "# tox.ini\n"
	    "[testenv]\n"
	    "allowlist_externals = rejunit\n"
	    "commands = rejunit run --flakes=flaky.txt -- " COMMAND
	    " {posargs}\n",
	    in_tox },
};

#define N_RECIPES (sizeof(recipes) / sizeof(*recipes))

static const struct recipe *
find_recipe(const char *name)
{
	for (size_t i = 0; i < N_RECIPES; i++)
		if (strcmp(recipes[i].name, name) == 0)
			return &recipes[i];
	return NULL;
}

static void
put_escaped(const char *s, const struct escape *escapes)
{
	while (*s) {
		const struct escape *e = escapes;

		while (e && e->what && !starts(s, e->what))
			e++;
		if (e && e->what) {
			fputs(e->as, stdout);
			s += strlen(e->what);
		} else {
			putchar(*s++);
		}
	}
}

static void
print_recipe(const struct recipe *r, const char *command, const char *reports)
{
	const char *folder = reports, *slash = strrchr(folder, '/');

	/* in whatever folder: for what takes no pattern, in this one */
	if (starts(folder, "**/"))
		folder += 3;
	for (const char *s = r->text; *s; s++)
		if (*s == *COMMAND)
			put_escaped(command, r->escapes);
		else if (*s == *REPORTS)
			put_escaped(reports, r->escapes);
		else if (*s == *FOLDER)
			printf("%.*s",
			    slash && slash > folder ? (int)(slash - folder) : 1,
			    slash ? folder : ".");
		else
			putchar(*s);
}

/* --- the command ---------------------------------------------------------- */

static enum rejunit_status
begin(void *settings)
{
	(void)settings;
	return REJUNIT_OK;
}

static void
end(void *settings)
{
	(void)settings;
}

/* Nothing in it that a terminal, or YAML, would take for more than text. */
static bool
is_one_line(const char *s)
{
	const char *end = s + strlen(s);

	if (!s[strspn(s, " ")])
		return false;
	while (s < end) {
		char shown[16];
		int columns;
		size_t n =
		    rejunit_visible(s, (size_t)(end - s), shown, &columns);

		if (strlen(shown) != n || memcmp(s, shown, n) != 0)
			return false;
		s += n;
	}
	return true;
}

static bool
set(void *settings, int id, const char *arg)
{
	struct settings *s = settings;

	(void)id;
	if (is_one_line(arg)) {
		s->command = arg;
		return true;
	}
	print_usage_error(s->common.command,
	    "--command takes a command: one line of what can be printed");
	return false;
}

static bool
check(const void *settings, int operands, char **operand)
{
	const struct settings *s = settings;
	const struct command *c = s->common.command;
	struct nearest nearest = { NULL, 0 };

	if (operands != 1) {
		print_usage_error(c,
		    "say for what: github, gitlab, jenkins, circleci, azure, "
		    "buildkite, make or tox");
		return false;
	}
	if (find_recipe(operand[0]))
		return true;
	for (size_t i = 0; i < N_RECIPES; i++)
		note_nearest(&nearest, operand[0], recipes[i].name);
	print_usage_error(c, "there is no recipe for \"%s\"%s%s", operand[0],
	    nearest.name ? "; there is one for " : "",
	    nearest.name ? nearest.name : "");
	return false;
}

static enum rejunit_status
run(void *settings, int operands, char **operand)
{
	struct settings *s = settings;
	struct rejunit_error *err = &s->common.err;
	const char *command = s->command ? s->command : find_command();
	char reports[4096] = "";

	(void)operands;
	if (!command) {
		err->status = REJUNIT_USAGE;
		snprintf(err->message, sizeof(err->message),
		    "nothing here shows what runs the tests; say "
		    "--command='...'");
		return REJUNIT_USAGE;
	}
	if (!find_reports(command, reports, sizeof(reports), err))
		return err->status;
	err->status = REJUNIT_OK;
	print_recipe(find_recipe(operand[0]), command, reports);
	return flush_stdout(err);
}

static bool
is_failing(const void *settings)
{
	(void)settings;
	return false;
}

const struct command init_command = {
	.name = "init",
	.synopsis = "[options] SYSTEM",
	.purpose = "Prints what to write for a CI system: github, gitlab, "
		   "jenkins, circleci, azure, buildkite, make or tox, with "
		   "the runner that the folder's files show.",
	.options = options,
	.settings = sizeof(struct settings),
	.begin = begin,
	.set = set,
	.check = check,
	.run = run,
	.is_failing = is_failing,
	.end = end,
};
