/* What keeps tests from running, and what may fail beside them. */
#include <stdlib.h>

#include "runner.h"

#define TEXT_MAX ((size_t)256 * 1024) /* of a file with options */

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
