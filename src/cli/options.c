#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "cli.h"

#define OPTIONS_MAX 48
#define WORD_MAX    32 /* of a word that may be a slip */

#define HELP_WIDTH  80 /* where no terminal says more or less */
#define HELP_NARROW 60 /* narrower ones have options above their help */
#define HELP_COLUMN 33

/* getopt's two descriptions of one table. */
struct getopt_form {
	char letters[OPTIONS_MAX * 2 + 3];
	struct option names[OPTIONS_MAX + 1];
};

static void
to_getopt(const struct command *c, struct getopt_form *g)
{
	const struct option_spec *o = c->options;
	size_t letter = 0, n = 0;

	memset(g, 0, sizeof(*g));
	if (c->takes_command)
		g->letters[letter++] = '+';
	g->letters[letter++] = ':';
	for (; o->name && n < OPTIONS_MAX; o++, n++) {
		g->names[n] = (struct option){
			.name = o->name,
			.has_arg = !o->arg	    ? no_argument
				   : *o->arg == '[' ? optional_argument
						    : required_argument,
			.val = o->id,
		};
		if (o->id > 255)
			continue;
		g->letters[letter++] = (char)o->id;
		if (o->arg)
			g->letters[letter++] = ':';
	}
}

static const struct option_spec *
find_option(const struct command *c, int id)
{
	for (const struct option_spec *o = c->options; o->name; o++)
		if (o->id == id)
			return o;
	return NULL;
}

/* How many letters have to be changed, added or left out; many: 99. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], n = strlen(b);

	if (strlen(a) > WORD_MAX || n > WORD_MAX)
		return 99;
	for (size_t k = 0; k <= n; k++)
		row[k] = k;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t k = 1; k <= n; k++) {
			size_t least = corner + (a[i - 1] != b[k - 1]);

			corner = row[k];
			if (row[k] + 1 < least)
				least = row[k] + 1;
			if (row[k - 1] + 1 < least)
				least = row[k - 1] + 1;
			row[k] = least;
		}
	}
	return row[n];
}

void
note_nearest(struct nearest *n, const char *word, const char *name)
{
	size_t d = distance(word, name);

	if (d <= 1 + strlen(word) / 4 && (!n->name || d < n->distance))
		*n = (struct nearest){ name, d };
}

static void
print_unknown_option(const struct command *c, const char *word)
{
	size_t n = strcspn(word, "=");
	struct nearest nearest = { NULL, 0 };
	char bare[WORD_MAX + 1];

	if (n > 2 && n - 2 < sizeof(bare)) {
		memcpy(bare, word + 2, n - 2);
		bare[n - 2] = '\0';
		for (const struct option_spec *o = c->options; o->name; o++)
			note_nearest(&nearest, bare, o->name);
	}
	if (nearest.name)
		print_usage_error(
		    c, "unknown option %s; there is --%s", word, nearest.name);
	else
		print_usage_error(c, "unknown option %s", word);
}

bool
parse_options(const struct command *c, int argc, char **argv,
    bool (*set)(void *settings, int id, const char *arg), void *settings,
    int *first)
{
	struct getopt_form g;
	int id;

	to_getopt(c, &g);
	opterr = 0;
	optind = 0; /* from the beginning, also within another command */
	while ((id = getopt_long(argc, argv, g.letters, g.names, NULL)) != -1) {
		const char *word = argv[optind - 1];

		if (id == ':')
			print_usage_error(c, "%s needs an argument", word);
		else if (id == '?' && optopt == 0)
			print_unknown_option(c, word);
		else if (id == '?' && find_option(c, optopt))
			print_usage_error(c, "--%s takes no argument",
			    find_option(c, optopt)->name);
		else if (id == '?')
			print_usage_error(c, "unknown option -%c", optopt);
		else if (set(settings, id, optarg))
			continue;
		return false;
	}
	*first = optind;
	return true;
}

bool
check_operands(const struct command *c, int least, const char *want,
    int operands, char **operand)
{
	int inputs = 0;

	for (int i = 0; i < operands; i++)
		inputs += strcmp(operand[i], "-") == 0;
	if (operands < least)
		print_usage_error(c, "%s", want);
	else if (inputs > 1)
		print_usage_error(c, "standard input can be read only once");
	return operands >= least && inputs <= 1;
}

/* Prints words, in lines that end before a column; the first one is at `at`. */
static void
print_words(FILE *to, const char *s, int at, int indent, int width)
{
	while (*s) {
		int n = (int)strcspn(s, " ");

		if (at > indent && at + 1 + n > width) {
			fprintf(to, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', to);
			at++;
		}
		fprintf(to, "%.*s", n, s);
		at += n;
		s += n + (s[n] == ' ');
	}
	fputc('\n', to);
}

void
print_command_help(const struct command *c, FILE *to)
{
	struct terminal t = terminal_on(to);
	int width = t.width ? t.width : HELP_WIDTH;
	int column = width < HELP_NARROW ? 6 : HELP_COLUMN;

	fprintf(to, "usage: rejunit %s %s\n\n", c->name, c->synopsis);
	print_words(to, c->purpose, 0, 0, width);
	fputc('\n', to);
	for (const struct option_spec *o = c->options; o->name; o++) {
		char left[64];
		char letter[8] = "    ";

		if (o->id <= 255)
			snprintf(letter, sizeof(letter), "-%c, ", (char)o->id);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name,
		    o->arg && *o->arg != '[' ? "=" : "", o->arg ? o->arg : "");
		if (width < HELP_NARROW)
			fprintf(to, "  %s\n%*s", left, column, "");
		else
			fprintf(to, "  %-*s ", column - 3, left);
		print_words(to, o->help, column, column, width);
	}
}
