/* How each runner is asked for a report, and for tests. */
#include "runner.h"

#include <stdlib.h>
#include <unistd.h>

#define REPORT "{report}"
#define FOLDER "{folder}"
#define LONGER 5

/* --- what a test is selected by ------------------------------------------- */

static char *
join_id(struct rejunit_string a, const char *between, struct rejunit_string b)
{
	size_t n = strlen(between);
	char *out = malloc(a.n + n + b.n + 1);

	if (!out)
		return NULL;
	snprintf(out, a.n + n + b.n + 1, "%.*s%s%.*s", (int)a.n, a.n ? a.s : "",
	    a.n ? between : "", (int)b.n, b.n ? b.s : "");
	return out;
}

/* Each of what is found becomes one character. */
static void
replace(char *s, const char *what, char by)
{
	size_t n = strlen(what);

	for (; (s = strstr(s, what)) != NULL; s++) {
		*s = by;
		memmove(s + 1, s + n, strlen(s + n) + 1);
	}
}

static char *
trim(char *s)
{
	if (s && *s == ' ')
		memmove(s, s + 1, strlen(s));
	return s;
}

char *
find_id(const struct runner *r, const struct rejunit_case *c)
{
	const struct rejunit_string none = { NULL, 0 };
	char *id, *at;

	switch (r->form) {
	case BY_NAME:
		return trim(join_id(none, "", c->name));
	case BY_SCENARIO:
		id = trim(join_id(none, "", c->name));
		for (at = id; at && (at = strstr(at, " - #")) != NULL; at++)
			if (at[4 + strspn(at + 4, "0123456789.")] == '\0') {
				*at = '\0';
				break;
			}
		return id;
	case BY_TITLE:
		id = join_id(none, "", c->name);
		if (id) {
			replace(id, " > ", ' ');
			replace(id, " \u203a ", ' ');
		}
		return trim(id);
	case BY_NODE:
		id = join_id(none, "", c->name);
		if (id)
			replace(id, "&quot;", '"');
		return id;
	case BY_LAST:
		id = join_id(none, "", c->name);
		at = id ? strstr(id, " / ") : NULL;
		if (at)
			memmove(id, at + 3, strlen(at + 3) + 1);
		return id;
	case BY_CLASS_HASH:
		if (rejunit_case_id(c) && strchr(rejunit_case_id(c), '#'))
			return strdup(rejunit_case_id(c));
		return join_id(c->classname, "#", c->name);
	case BY_CLASS_DOT:
		return join_id(c->classname, ".", c->name);
	case BY_CLASS_BLANK:
		return join_id(c->classname, " ", c->name);
	case BY_CLASS_PHP:
		id = join_id(c->classname, "::", c->name);
		for (size_t i = 0; id && i < c->classname.n; i++)
			if (id[i] == '.')
				id[i] = '\\';
		return id;
	case BY_ID:
	default:
		return rejunit_case_id(c) ? strdup(rejunit_case_id(c)) : NULL;
	}
}

/* The text as the runner takes it: at most LONGER times as long. */
static char *
put_escaped(char *at, const struct selecting *how, const char *s)
{
	for (; *s; s++) {
		bool special = how->special && strchr(how->special, *s);

		if (how->escaped && strchr(how->escaped, *s))
			at = stpcpy(at, "\\\\?");
		if (special && how->escape)
			*at++ = how->escape;
		*at++ = special && !how->escape ? how->any : *s;
	}
	*at = '\0';
	return at;
}

bool
takes_words(const struct runner *r)
{
	return !r->selecting.before && !r->selecting.option;
}

size_t
room_for(const struct runner *r, const char *id)
{
	size_t n = 8;

	for (; *id; id++, n++)
		if (r->selecting.special && strchr(r->selecting.special, *id))
			n += LONGER - 1;
	return n;
}

static char *
put(char *at, const char *s)
{
	return s ? stpcpy(at, s) : at;
}

/* Words that select ids: one, or one each. */
static bool
add_selection(const struct selecting *how, struct words *to, const char *folder,
    const struct words *ids, size_t first, size_t n)
{
	size_t room = folder ? strlen(folder) : 0;
	char *word = malloc(ids->bytes * LONGER + n * (8 + room) + 64 + room);
	char *at = word;
	bool ok = word != NULL;

	for (size_t i = first; i < first + n && ok; i++) {
		bool begins = i == first || !how->between;
		bool ends = i + 1 == first + n || !how->between;

		if (begins) {
			ok = !how->option || add_word(to, how->option);
			at = put(put(word, how->before), folder);
			at = put(at, folder ? "/" : NULL);
		} else {
			at = put(at, how->between);
		}
		at = put_escaped(at, how, ids->of[i]);
		if (ends) {
			(void)put(at, how->behind);
			ok = ok && add_word(to, word);
		}
	}
	free(word);
	return ok;
}

/* --- where its report is -------------------------------------------------- */

static bool
is_prefix(const char *option)
{
	char end = option[strlen(option) - 1];

	return end == '=' || end == ':';
}

/* The last word wins, as it does with the runners. */
static const char *
option_value(const char *const *options, char *const *argv)
{
	const char *found = NULL;

	for (; argv && *argv; argv++)
		for (const char *const *o = options; o && *o; o++) {
			if (is_prefix(*o) && starts(*argv, *o))
				found = *argv + strlen(*o);
			else if (strcmp(*argv, *o) == 0 && argv[1])
				found = argv[1];
		}
	return found;
}

static char *
join_path(const char *folder, const char *path)
{
	size_t n = (folder ? strlen(folder) : 0) + strlen(path) + 2;
	char *out = malloc(n);

	if (out)
		snprintf(out, n, "%s%s%s", folder ? folder : "",
		    folder && *folder ? "/" : "", path);
	return out;
}

/* pytest knows the user's folder; and a file may be called "-". */
static bool
expand_path(char **path)
{
	const char *home = getenv("HOME");
	char *longer;

	if (strcmp(*path, "-") == 0)
		longer = join_path(".", *path);
	else if (starts(*path, "~/") && home)
		longer = join_path(home, *path + 2);
	else
		return true;
	free(*path);
	*path = longer;
	return longer != NULL;
}

bool
find_report(const struct runner *r, char *const *arguments,
    const struct words *configured, char **path)
{
	const char *report = option_value(r->reports, arguments);
	const char *folder = NULL;

	if (!report)
		report = option_value(r->reports, configured->of);
	if (!report && r->variable_of_report)
		report = getenv(r->variable_of_report);
	if (!report)
		report = r->place;
	*path = NULL;
	if (!report)
		return true;
	if (r->folder && report[0] != '/')
		folder = option_value(LIST(r->folder), arguments);
	*path = r->in_folder && *r->in_folder ? join_path(report, r->in_folder)
					      : join_path(folder, report);
	/* mocha has more behind it */
	if (*path && r->repeats && strchr(*path, ','))
		*strchr(*path, ',') = '\0';
	return *path && expand_path(path);
}

/* A word with the report's path in it, or with its folder's. */
static bool
add_with_path(const struct runner *r, struct words *to, const char *word,
    const char *path)
{
	const char *mark = strstr(word, REPORT) ? REPORT : FOLDER;
	const char *slash = strrchr(path, '/');
	char *folder;
	bool ok;

	/* the report is in it, under a name that the runner knows */
	if (!r->in_folder || !*r->in_folder || !slash)
		return add_filled(to, word, mark, path);
	folder = strndup(path, (size_t)(slash - path));
	ok = folder && add_filled(to, word, mark, folder);
	free(folder);
	return ok;
}

static bool
add_all_filled(const struct runner *r, struct words *to,
    const char *const *words, const char *path)
{
	for (; words && *words; words++)
		if (!add_with_path(r, to, *words, path))
			return false;
	return true;
}

/* Behind "--", nothing is an option. */
static bool
is_place_for_options(const struct runner *r, const char *word, bool first)
{
	return !word || (r->options_first && first) || strcmp(word, "--") == 0;
}

bool
add_report(const struct runner *r, struct words *to, char *const *argv,
    int from, const char *path)
{
	bool ok = true, done = false;

	for (int i = 0; ok; i++) {
		if (!done && i >= from &&
		    is_place_for_options(r, argv[i], i == from)) {
			done = true;
			ok = add_words(to, r->reporter) &&
			     add_all_filled(r, to, r->output, path);
		}
		if (!argv[i])
			break;
		ok = ok && add_word(to, argv[i]);
	}
	return ok;
}

/* --- a rerun -------------------------------------------------------------- */

/* An operand that names what to run: what it begins with is there. */
static bool
is_path(const char *word)
{
	char path[PATH_MAX];

	return path_of(word, path);
}

/* The next word is this one's: of a long option that nobody knows, perhaps. */
static bool
takes_next(const struct runner *r, const char *word)
{
	size_t n = strlen(word);

	/* of -vk, too */
	if (r->valued_letters && n > 2 && word[0] == '-' && word[1] != '-' &&
	    strcspn(word + 1, r->valued_letters) == n - 2)
		return true;
	return is_in(r->valued, word) ||
	       (starts(word, "--") && !strchr(word, '=') &&
		   !is_in(r->flags, word));
}

/* Packages of Go need not be paths. */
static bool
names_what_is_run(const struct runner *r, const char *word)
{
	return r->drops_paths &&
	       (r->one_by_one ? word[0] != '-' : is_path(word));
}

/* An option that says where the report goes, of which there may be but one. */
static bool
says_report(const struct runner *r, const char *word)
{
	for (const char *const *o = r->reports; o && *o && !r->repeats; o++)
		if (is_prefix(*o) ? starts(word, *o) : strcmp(word, *o) == 0)
			return true;
	return false;
}

static bool
is_dropped_option(const struct runner *r, const char *word)
{
	return is_in(r->dropped, word) || (r->output && says_report(r, word));
}

/*
 * Of the words of the first run, which a rerun has: all but those that name
 * what is run. Whether a long option that nobody knows takes the next word
 * shows where that is the only one that names something.
 */
static bool
add_arguments(const struct runner *r, struct words *to, const struct rerun *how)
{
	bool ok = true, is_value = false;
	int doubtful = -1, dropped = 0;

	for (int i = how->from; how->argv[i] && !how->native; i++) {
		const char *word = how->argv[i];
		bool names = names_what_is_run(r, word);

		if (names && !is_value)
			dropped++;
		else if (names && !is_in(r->valued, how->argv[i - 1]))
			doubtful = i;
		is_value = !is_value && takes_next(r, word);
	}
	is_value = false;
	for (int i = how->from; how->argv[i] && ok; i++) {
		const char *word = how->argv[i];
		bool names = !how->native && names_what_is_run(r, word);

		if (is_dropped_option(r, word)) {
			i += !strpbrk(word, "=:") && how->argv[i + 1];
			continue;
		}
		if (r->drops_paths && !r->one_by_one && strcmp(word, "--") == 0)
			continue;
		names = names && (!is_value || (!dropped && i == doubtful));
		is_value = !is_value && takes_next(r, word);
		if (!names)
			ok = add_word(to, word);
	}
	return ok;
}

/* Behind "--", what go test takes: a package and its pattern. */
static bool
add_package(const struct runner *r, struct words *to, const struct rerun *how)
{
	const char *id = how->ids->of[how->first];
	const char *run = strstr(id, " -run=");
	char *package;
	bool ok;

	if (!run)
		return true;
	package = strndup(id, (size_t)(run - id));
	ok = package &&
	     (is_in((const char *const *)to->of, "--") || add_word(to, "--"));
	ok = ok && add_words(to, r->also) && add_word(to, package) &&
	     add_word(to, run + 1);
	free(package);
	return ok;
}

bool
make_rerun(const struct runner *r, struct words *to, const struct rerun *how)
{
	struct words options = { .n = 0 };
	bool ok = true;

	if (how->added)
		ok = add_words(&options, r->reporter);
	ok = ok && add_all_filled(r, &options, r->output, how->place);
	if (how->jobs && r->jobs)
		ok = ok &&
		     (is_prefix(r->jobs) ? add_two(&options, r->jobs, how->jobs)
					 : add_word(&options, r->jobs) &&
					       add_word(&options, how->jobs));
	if (how->native)
		ok = ok && add_words(&options, r->native);
	else if (!r->one_by_one)
		ok = ok && add_words(&options, r->also) &&
		     (!how->covers || !r->addopts ||
			 (add_word(&options, "--cov-append") &&
			     add_word(&options, "--cov-fail-under=0"))) &&
		     add_selection(&r->selecting, &options,
			 r->form == BY_ID ? how->folder : NULL, how->ids,
			 how->first, how->n);
	for (int i = 0; i < how->from && ok; i++)
		ok = add_word(to, how->argv[i]);
	if (r->options_first)
		ok = ok && add_words(to, (const char *const *)options.of);
	if (!r->drops_all)
		ok = ok && add_arguments(r, to, how);
	if (!r->options_first)
		ok = ok && add_words(to, (const char *const *)options.of);
	free_words(&options);
	return ok && (!r->one_by_one || add_package(r, to, how));
}
