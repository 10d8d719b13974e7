/* What keeps tests from running, and what may fail beside them. */
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner.h"

#define TEXT_MAX ((size_t)256 * 1024) /* of a file with options */

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

/* --- options in files ----------------------------------------------------- */

/* Adds the words of a text as a shell divides them, or, if it does not, all. */
static bool
add_split(struct words *w, const char *text)
{
	char **words = split_words(text);
	bool ok = words != NULL || add_word(w, text);

	for (char **word = words; word && *word && ok; word++)
		ok = add_word(w, *word);
	free(words);
	return ok;
}

static const char *
end_of_line(const char *at)
{
	return at + strcspn(at, "\n");
}

/* Where a quoted text ends: behind its closing quotes. */
static const char *
end_of_quoted(const char *at, size_t quotes)
{
	const char *from = at;

	for (at += quotes; *at; at++) {
		if (*at == '\\' && *from == '"' && at[1])
			at++;
		else if (strncmp(at, from, quotes) == 0)
			return at + quotes;
	}
	return at;
}

static size_t
quotes_at(const char *at)
{
	if (*at != '"' && *at != '\'')
		return 0;
	return at[1] == *at && at[2] == *at ? 3 : 1;
}

/* The value of a key in TOML: a text, or a list of texts, one a word. */
static bool
add_toml(struct words *w, const char **at)
{
	bool list = **at == '[', ok = true;

	while (**at && ok) {
		size_t quotes = quotes_at(*at);

		if (quotes) {
			const char *end = end_of_quoted(*at, quotes);
			size_t n = (size_t)(end - *at);
			char *text = n >= 2 * quotes
					 ? strndup(*at + quotes, n - 2 * quotes)
					 : strdup("");

			ok = text &&
			     (list ? add_word(w, text) : add_split(w, text));
			free(text);
			*at = end;
			if (!list)
				break;
		} else if (**at == '#') {
			*at = end_of_line(*at);
		} else if (**at == ']') {
			break;
		} else {
			++*at;
		}
	}
	return ok;
}

/* A value of an ini file: what follows, and lines that are indented. */
static bool
add_ini(struct words *w, const char **at)
{
	bool ok = true, first = true;

	while (**at && ok && (first || strchr(" \t\n\r#;", **at))) {
		const char *end = end_of_line(*at);
		const char *text = *at + strspn(*at, " \t\r");

		if (*text != '#' && *text != ';') {
			char *line = strndup(text, (size_t)(end - text));

			ok = line && add_split(w, line);
			free(line);
		}
		first = false;
		*at = *end ? end + 1 : end;
	}
	return ok;
}

/* "addopts" of one section. */
static bool
add_addopts(struct words *w, const char *at, bool toml)
{
	bool ok = true;

	while (*at && ok) {
		const char *key = at + strspn(at, toml ? " \t" : "");
		size_t n = starts(key, "addopts") ? strlen("addopts") : 0;
		const char *value = key + n + strspn(key + n, " \t");

		if (*at == '[')
			break; /* the next section */
		if (n && (*value == '=' || (*value == ':' && !toml))) {
			at = value + 1 + strspn(value + 1, " \t");
			ok = toml ? add_toml(w, &at) : add_ini(w, &at);
			if (!toml)
				continue;
		}
		at = end_of_line(at);
		at += *at == '\n';
	}
	return ok;
}

/* A file that is named has one of these sections. */
static bool
add_from_text(struct words *w, const char *text, const char *name)
{
	static const char *const sections[] = { "[pytest]", "[tool:pytest]",
		"[tool.pytest.ini_options]", NULL };
	bool ok = true;

	for (const char *const *s = sections; *s && ok; s++) {
		const char *at = strstr(text, *s);

		if (at)
			ok = add_addopts(
			    w, end_of_line(at), strstr(name, ".toml") != NULL);
	}
	return ok;
}

/* The first file that counts, as pytest looks for it in a folder. */
static bool
add_from_folder(struct words *w, const char *folder, bool *found)
{
	static const struct {
		const char *name;
		const char *section;
		bool always; /* it counts without the section, too */
	} files[] = {
		{ "pytest.ini", "[pytest]", true },
		{ ".pytest.ini", "[pytest]", true },
		{ "pyproject.toml", "[tool.pytest.ini_options]", false },
		{ "tox.ini", "[pytest]", false },
		{ "setup.cfg", "[tool:pytest]", false },
	};
	bool ok = true;

	*found = false;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files) && !*found; i++) {
		char path[PATH_MAX];
		char *text;
		const char *at;

		if (snprintf(path, sizeof(path), "%s/%s", folder,
			files[i].name) >= (int)sizeof(path))
			continue;
		text = read_start_of(path);
		at = text ? strstr(text, files[i].section) : NULL;
		*found = at || (text && files[i].always);
		if (at)
			ok = add_addopts(w, end_of_line(at),
			    strstr(files[i].name, ".toml") != NULL);
		free(text);
	}
	return ok;
}

/* The same there or above, as pytest does; *folder: where that was. */
static bool
add_from_above(struct words *w, const char *from, char folder[PATH_MAX])
{
	bool found = false, ok;
	struct stat st;

	if (!realpath(from, folder))
		return true;
	if (stat(folder, &st) == 0 && !S_ISDIR(st.st_mode))
		*strrchr(folder, '/') = '\0';
	for (;;) {
		ok = add_from_folder(w, *folder ? folder : "/", &found);
		if (!ok || found || !*folder)
			break;
		*strrchr(folder, '/') = '\0';
	}
	if (!found)
		*folder = '\0';
	return ok;
}

/* The file or folder that an operand begins with. */
bool
path_of(const char *word, char out[PATH_MAX])
{
	const char *colons = strstr(word, "::");
	size_t n = colons ? (size_t)(colons - word) : strlen(word);

	if (word[0] == '-' || n == 0 || n >= PATH_MAX)
		return false;
	memcpy(out, word, n);
	out[n] = '\0';
	return access(out, F_OK) == 0;
}

/* What the command line itself says of options: -c FILE, -o addopts=... */
static bool
add_overridden(struct words *w, char *const *argv, bool *is_file_named)
{
	bool ok = true;

	*is_file_named = false;
	for (; *argv && ok; argv++) {
		const char *said =
		    starts(*argv, "-oaddopts=") ? *argv + strlen("-oaddopts=")
		    : starts(*argv, "--override-ini=addopts=")
			? *argv + strlen("--override-ini=addopts=")
		    : starts(*argv, "addopts=") ? *argv + strlen("addopts=")
						: NULL;

		if (said)
			ok = add_split(w, said);
		if (strcmp(*argv, "-c") == 0 && argv[1]) {
			char *text = read_start_of(argv[1]);

			*is_file_named = true;
			ok = !text || add_from_text(w, text, argv[1]);
			free(text);
		}
	}
	return ok;
}

/* Where the paths are, or where we are. */
static bool
add_from_files(struct words *w, char *const *arguments, char folder[PATH_MAX])
{
	char path[PATH_MAX];
	bool any = false, ok = true;

	for (; *arguments && ok; arguments++)
		if (path_of(*arguments, path)) {
			any = true;
			ok = add_from_above(w, path, folder);
		}
	return any || !ok ? ok : add_from_above(w, ".", folder);
}

/* A file with an option a line, as googletest has them. */
static bool
add_flagfiles(struct words *w, char *const *argv)
{
	static const char *const option = "--gtest_flagfile=";
	bool ok = true;

	for (; *argv && ok; argv++)
		if (starts(*argv, option)) {
			char *text = read_start_of(*argv + strlen(option));

			ok = !text || add_split(w, text);
			free(text);
		}
	return ok;
}

bool
find_configured(const struct runner *r, char *const *argv, int from,
    struct words *w, char folder[PATH_MAX])
{
	const char *said = r->variable ? getenv(r->variable) : NULL;
	size_t n = r->variable ? strlen(r->variable) : 0;
	bool is_file_named, ok = true;

	*folder = '\0';
	if (r->addopts) {
		struct words over = { .n = 0 };

		ok = add_overridden(&over, argv + from, &is_file_named) &&
		     (is_file_named || add_from_files(w, argv + from, folder));
		for (size_t i = 0; i < over.n && ok; i++)
			ok = add_word(w, over.of[i]);
		free_words(&over);
	}
	/* of "env VARIABLE=...", too */
	for (int i = 0; i < from && n; i++)
		if (strncmp(argv[i], r->variable, n) == 0 && argv[i][n] == '=')
			said = argv[i] + n + 1;
	if (said && ok)
		ok = add_split(w, said);
	return ok && add_flagfiles(w, argv + from) && (w->n || add_word(w, ""));
}

/* --- what ends it early --------------------------------------------------- */

static bool
is_no(const char *value)
{
	static const char *const no[] = { "0", "false", "no", "f", "n", NULL };

	return is_in(no, value);
}

/*
 * A stop is an option, "--stop", or one with the value that stops nothing,
 * "--stop=0". False: this word is none of it. *stops: it does stop.
 */
static bool
is_stop(const char *stop, const char *word, const char *next, bool *stops)
{
	const char *harmless = strchr(stop, '=');
	size_t n = harmless ? (size_t)(harmless - stop) : strlen(stop);

	if (strncmp(word, stop, n) != 0 || (word[n] && word[n] != '='))
		return false;
	if (!harmless)
		*stops = !word[n] || !is_no(word + n + 1);
	else if (word[n])
		*stops = strcmp(word + n + 1, harmless + 1) != 0;
	else
		*stops = next && strcmp(next, harmless + 1) != 0;
	return true;
}

/* -xvs is -x, -v and -s; but for what is behind a letter with a value. */
static bool
is_in_bundle(const struct runner *r, const char *word)
{
	if (!r->stop_letters || word[0] != '-' || word[1] == '-')
		return false;
	for (word++; *word && !strchr(r->valued_letters, *word); word++)
		if (strchr(r->stop_letters, *word))
			return true;
	return false;
}

/* What comes last counts: --maxfail=0 takes the others back. */
static const char *
find_stop(const struct runner *r, char *const *argv, const char *found)
{
	for (; argv && *argv; argv++) {
		bool stops = is_in_bundle(r, *argv);

		if (stops)
			found = *argv;
		for (const char *const *o = r->stops; o && *o; o++)
			if (is_stop(*o, *argv, argv[1], &stops))
				found = stops		  ? *argv
					: strchr(*o, '=') ? NULL
							  : found;
	}
	return found;
}

/* A word in a file, and not to say no. */
static bool
says(const char *text, const char *word)
{
	for (; (text = strstr(text, word)) != NULL; text += strlen(word)) {
		const char *value = text + strlen(word) +
				    strspn(text + strlen(word), "\"'>:= \t");

		if (!starts(value, "false") && !starts(value, "0"))
			return true;
	}
	return false;
}

/* Any of the words in any of the files. */
static const char *
find_in_files(const char *const *files, const char *const *words)
{
	const char *found = NULL;

	for (; words && files && *files && !found; files++) {
		char *text = read_start_of(*files);

		for (const char *const *w = words; text && *w && !found; w++)
			if (says(text, *w))
				found = *files;
		free(text);
	}
	return found;
}

/* The same in a file that the command line names as the runner's. */
static const char *
find_in_named(const struct runner *r, char *const *argv)
{
	static const char *const options[] = { "-c", "--config",
		"--configuration", NULL };
	const char *found = NULL;

	for (; *argv && !found; argv++) {
		const char *equals = strchr(*argv, '=');

		if (is_in(options, *argv) && argv[1])
			found = find_in_files(LIST(argv[1]), r->stop_words);
		else if (equals && (starts(*argv, "--config=") ||
				       starts(*argv, "--configuration=")))
			found = find_in_files(LIST(equals + 1), r->stop_words);
	}
	return found;
}

/* Of several modules, those behind the first that fails are not begun. */
static const char *
find_modules(const struct runner *r, char *const *argv)
{
	for (; r->modules_stop && *argv; argv++)
		if (is_in(r->goes_on, *argv))
			return NULL;
	return r->modules_stop
		   ? find_in_files(r->stop_files, LIST(r->modules_stop))
		   : NULL;
}

const char *
why_it_stops_early(const struct runner *r, char *const *arguments,
    const struct words *configured)
{
	const char *found = find_in_files(r->stop_files, r->stop_words);

	if (!found)
		found = find_in_named(r, arguments);
	if (!found)
		found = find_modules(r, arguments);
	found = find_stop(r, arguments, find_stop(r, configured->of, found));

	for (const char *const *v = r->stop_variables; v && *v && !found; v++) {
		const char *said = getenv(*v);

		if (said && *said && !is_no(said))
			found = *v;
	}
	return found;
}

/* --- gates ---------------------------------------------------------------- */

static const char *
find_option(char *const *argv, const char *prefix)
{
	for (; argv && *argv; argv++)
		if (starts(*argv, prefix))
			return *argv;
	return NULL;
}

bool
measures_coverage(char *const *arguments, const struct words *configured)
{
	return find_option(arguments, "--cov") ||
	       find_option(configured->of, "--cov");
}

const char *
which_gate(const struct runner *r, char *const *arguments,
    const struct words *configured)
{
	static const char *const files[] = { "pyproject.toml", "setup.cfg",
		"tox.ini", ".coveragerc", NULL };
	const char *found = find_option(arguments, "--cov-fail-under");

	if (!found)
		found = find_option(configured->of, "--cov-fail-under");
	if (!found && r->addopts && measures_coverage(arguments, configured))
		found = find_in_files(files, LIST("fail_under"));
	return found;
}
