/* Recipes for CI systems, with the runner that a folder's files show. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

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

#define ADDED "rejunit-report.xml" /* where rejunit run has a report added */

/* A file that shows what runs the tests; the first one that is there. */
struct project {
	const char *file;
	const char *word; /* that has to be in it; NULL: none */
	const char *command;
	const char *reports;
};

#define PYTEST "pytest --junit-xml=pytest.xml", "pytest.xml"

static const struct project projects[] = {
	{ "pytest.ini", NULL, PYTEST },
	{ "pyproject.toml", "pytest", PYTEST },
	{ "setup.cfg", "pytest", PYTEST },
	{ "tox.ini", "pytest", PYTEST },
	{ "conftest.py", NULL, PYTEST },
	{ "tests/conftest.py", NULL, PYTEST },
	{ "package.json", "\"vitest\"", "npx vitest run", ADDED },
	{ "package.json", "\"jest\"", "npx jest", ADDED },
	{ "package.json", "\"@playwright/test\"", "npx playwright test",
	    ADDED },
	{ "package.json", "\"mocha\"", "npx mocha", ADDED },
	{ "package.json", "node --test", "node --test", ADDED },
	{ "pom.xml", NULL, "mvn -B test", "**/target/surefire-reports/*.xml" },
	{ "gradlew", NULL, "./gradlew test", "**/build/test-results/**/*.xml" },
	{ "meson.build", NULL, "meson test -C build",
	    "build/meson-logs/testlog.junit.xml" },
	{ "CMakeLists.txt", NULL, "ctest --test-dir build", ADDED },
	{ "go.mod", NULL, "gotestsum ./...", ADDED },
	{ ".rspec", NULL, "bundle exec rspec", ADDED },
	{ "spec/spec_helper.rb", NULL, "bundle exec rspec", ADDED },
	{ "phpunit.xml", NULL, "vendor/bin/phpunit", ADDED },
	{ "phpunit.xml.dist", NULL, "vendor/bin/phpunit", ADDED },
};

static bool
shows(const struct project *p)
{
	FILE *f = fopen(p->file, "r");
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

/* The report that a command of one's own names. */
static const char *
report_of(const char *command, char *out, size_t room)
{
	static const char *const names[] = { "--junit-xml=", "--junitxml=",
		"--output-junit=", "--junitfile=", "--log-junit=", NULL };

	for (const char *const *n = names; *n; n++) {
		const char *at = strstr(command, *n);

		if (!at)
			continue;
		at += strlen(*n);
		snprintf(out, room, "%.*s", (int)strcspn(at, " \"'"), at);
		return out;
	}
	return ADDED;
}

static bool
find_project(const char *command, char *room, size_t n, struct project *out)
{
	if (command) {
		*out = (struct project){ .command = command,
			.reports = report_of(command, room, n) };
		return true;
	}
	for (size_t i = 0; i < sizeof(projects) / sizeof(*projects); i++)
		if (shows(&projects[i])) {
			*out = projects[i];
			return true;
		}
	return false;
}

/* --- the recipes ---------------------------------------------------------- */

/* What is special where a command stands, and what stands for it there. */
struct escape {
	char c;
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

static const struct escape in_groovy[] = { { '\\', "\\\\" }, { '\'', "\\'" },
	{ 0, NULL } };
static const struct escape in_make[] = { { '$', "$$" }, { 0, NULL } };
static const struct escape in_tox[] = { { '\\', "\\\\" }, { '{', "\\{" },
	{ '}', "\\}" }, { '#', "\\#" }, { 0, NULL } };

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
	    NULL },
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
	    NULL },
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
	for (; *s; s++) {
		const struct escape *e = escapes;

		while (e && e->c && e->c != *s)
			e++;
		if (e && e->c)
			fputs(e->as, stdout);
		else
			putchar(*s);
	}
}

static void
print_recipe(const struct recipe *r, const struct project *p)
{
	const char *folder = p->reports, *slash = strrchr(folder, '/');

	/* in whatever folder: for what takes no pattern, in this one */
	if (starts(folder, "**/"))
		folder += 3;
	for (const char *s = r->text; *s; s++)
		if (*s == *COMMAND)
			put_escaped(p->command, r->escapes);
		else if (*s == *REPORTS)
			put_escaped(p->reports, r->escapes);
		else if (*s == *FOLDER)
			printf("%.*s", slash ? (int)(slash - folder) : 1,
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

static bool
set(void *settings, int id, const char *arg)
{
	struct settings *s = settings;

	(void)id;
	/* a recipe has it on one line */
	if (arg[strcspn(arg, "\n\r")]) {
		print_usage_error(
		    s->common.command, "--command takes a command of one line");
		return false;
	}
	s->command = arg;
	return true;
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
	struct project p;
	char room[256];

	(void)operands;
	if (!find_project(s->command, room, sizeof(room), &p)) {
		err->status = REJUNIT_USAGE;
		snprintf(err->message, sizeof(err->message),
		    "nothing here shows what runs the tests; say "
		    "--command='...'");
		return REJUNIT_USAGE;
	}
	print_recipe(find_recipe(operand[0]), &p);
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
