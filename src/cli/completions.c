/* What a shell completes, from the table of commands and their options. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

#define WORDS 256

/* What an option's argument is. */
enum argument {
	NONE,
	ONE_OF, /* some words */
	A_FILE,
	A_FOLDER,
	TEXT,
};

static bool
is_any(const char *word, const char *const *of)
{
	for (; *of; of++)
		if (strcmp(word, *of) == 0)
			return true;
	return false;
}

/*
 * The words that an option takes stand in its help, up to a colon: "text
 * (default), json or github", "of attempts,failures-only".
 */
static void
find_words(const char *help, char words[WORDS])
{
	static const char *const others[] = { "of", "or", "default", NULL };
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";
	size_t used = 0;

	words[0] = '\0';
	while (*help && *help != ':') {
		size_t n = strspn(help, letters);
		char word[32];

		if (n == 0 || n >= sizeof(word)) {
			help += n ? n : 1;
			continue;
		}
		snprintf(word, sizeof(word), "%.*s", (int)n, help);
		help += n;
		if (!is_any(word, others) && used + n + 2 < WORDS)
			used += (size_t)snprintf(words + used, WORDS - used,
			    "%s%s", used ? " " : "", word);
	}
}

static enum argument
argument_of(const struct option_spec *o, char words[WORDS])
{
	static const char *const chosen[] = { "FORMAT", "STYLE", "FIELDS",
		"WHAT", "HOW", NULL };
	static const char *const files[] = { "FILE", "HISTORY", "[=HISTORY]",
		NULL };

	words[0] = '\0';
	if (!o->arg)
		return NONE;
	if (is_any(o->arg, chosen)) {
		find_words(o->help, words);
		return ONE_OF;
	}
	if (strcmp(o->arg, "DIR") == 0)
		return A_FOLDER;
	return is_any(o->arg, files) ? A_FILE : TEXT;
}

/* The first sentence of what a command is for. */
static int
first_sentence(const char *s)
{
	return (int)strcspn(s, ".:;");
}

/* In single quotes; what else has a meaning there gets a backslash. */
static void
put_quoted(const char *s, int n, const char *special, const char *quote)
{
	for (; n-- > 0 && *s; s++) {
		if (*s == '\'')
			fputs(quote, stdout);
		else
			printf("%s%c", strchr(special, *s) ? "\\" : "", *s);
	}
}

/* --- bash ----------------------------------------------------------------- */

static void
put_bash_values(const struct command *c)
{
	char words[WORDS];

	for (const struct option_spec *o = c->options; o->name; o++)
		switch (argument_of(o, words)) {
		case ONE_OF:
			printf("\t\t%s--%s) words='%s' ;;\n", c->name, o->name,
			    words);
			break;
		case A_FOLDER:
			printf("\t\t%s--%s) kind=-d ;;\n", c->name, o->name);
			break;
		case A_FILE:
			printf("\t\t%s--%s) kind=-f ;;\n", c->name, o->name);
			break;
		default:
			break;
		}
}

static void
print_bash(const struct command *const *commands)
{
	fputs("# bash completion of rejunit\n"
	      "_rejunit()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} option= words= kind= i\n"
	      "\tlocal command=${COMP_WORDS[1]}\n"
	      "\tCOMPREPLY=()\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	      "\t\twords='",
	    stdout);
	for (; *commands; commands++)
		printf("%s ", (*commands)->name);
	fputs("--help --version'\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "\t\treturn\n\tfi\n"
	      "\t# behind -- is another command's\n"
	      "\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	      "\t\t[ \"${COMP_WORDS[i]}\" = -- ] && return\n"
	      "\tdone\n"
	      "\tif [ \"$cur\" = = ]; then\n"
	      "\t\toption=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\t\tcur=\n"
	      "\telif [ \"${COMP_WORDS[COMP_CWORD-1]}\" = = ]; then\n"
	      "\t\toption=${COMP_WORDS[COMP_CWORD-2]}\n"
	      "\tfi\n"
	      "\tif [ -n \"$option\" ]; then\n"
	      "\t\tcase $command$option in\n",
	    stdout);
}

static void
print_bash_rest(const struct command *const *commands)
{
	for (const struct command *const *c = commands; *c; c++)
		put_bash_values(*c);
	fputs("\t\tesac\n"
	      "\t\tif [ -n \"$words\" ]; then\n"
	      "\t\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "\t\telif [ -n \"$kind\" ]; then\n"
	      "\t\t\tcompopt -o filenames 2>/dev/null\n"
	      "\t\t\tmapfile -t COMPREPLY < <(compgen $kind -- \"$cur\")\n"
	      "\t\tfi\n"
	      "\t\treturn\n\tfi\n"
	      "\tcase $cur in\n\t-*) ;;\n\t*) return ;;\n\tesac\n"
	      "\tcase $command in\n",
	    stdout);
	for (const struct command *const *c = commands; *c; c++) {
		printf("\t%s) words='", (*c)->name);
		for (const struct option_spec *o = (*c)->options; o->name; o++)
			printf("--%s%s ", o->name, o->arg ? "=" : "");
		fputs("' ;;\n", stdout);
	}
	fputs("\tesac\n"
	      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "\t[[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace "
	      "2>/dev/null\n"
	      "}\n"
	      "complete -o default -F _rejunit rejunit\n",
	    stdout);
}

/* --- zsh ------------------------------------------------------------------ */

static void
put_zsh_option(const struct option_spec *o)
{
	char words[WORDS];
	enum argument kind = argument_of(o, words);
	bool may_lack = o->arg && *o->arg == '[';
	const char *sign = may_lack ? "=-" : o->arg ? "=" : "";

	fputs(" \\\n\t\t\t'", stdout);
	if (o->id <= 255)
		printf("(-%c --%s)'{-%c%s,--%s%s}'", o->id, o->name, o->id,
		    o->arg ? "+" : "", o->name, sign);
	else
		printf("--%s%s", o->name, sign);
	fputs("[", stdout);
	put_quoted(o->help, (int)strlen(o->help), "[]", "'\\''");
	fputs("]", stdout);
	if (kind == ONE_OF)
		printf(":%s:(%s)", o->arg, words);
	else if (kind == A_FILE || kind == A_FOLDER)
		printf("%s:file:_files%s", may_lack ? ":" : "",
		    kind == A_FOLDER ? " -/" : "");
	else if (kind == TEXT)
		fputs(":value: ", stdout);
	fputs("'", stdout);
}

static void
print_zsh(const struct command *const *commands)
{
	fputs("#compdef rejunit\n"
	      "_rejunit()\n{\n"
	      "\tlocal -a commands\n"
	      "\tif (( CURRENT == 2 )); then\n"
	      "\t\tcommands=(",
	    stdout);
	for (const struct command *const *c = commands; *c; c++) {
		printf("\n\t\t\t'%s:", (*c)->name);
		put_quoted(
		    (*c)->purpose, first_sentence((*c)->purpose), "", "'\\''");
		fputs("'", stdout);
	}
	fputs(")\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
	      "\tshift words\n\t(( CURRENT-- ))\n"
	      "\tcase $words[1] in\n",
	    stdout);
	for (const struct command *const *c = commands; *c; c++) {
		printf("\t%s)\n\t\t_arguments -s", (*c)->name);
		for (const struct option_spec *o = (*c)->options; o->name; o++)
			put_zsh_option(o);
		printf(" \\\n\t\t\t'%s'\n\t\t;;\n",
		    (*c)->takes_command ? "*:: :_normal" : "*:file:_files");
	}
	fputs("\tesac\n}\n"
	      "if [ \"$funcstack[1]\" = _rejunit ]; then\n\t_rejunit \"$@\"\n"
	      "else\n\tcompdef _rejunit rejunit\nfi\n",
	    stdout);
}

/* --- fish ----------------------------------------------------------------- */

static void
put_fish_option(const struct command *c, const struct option_spec *o)
{
	char words[WORDS];
	enum argument kind = argument_of(o, words);

	printf("complete -c rejunit -n '__fish_seen_subcommand_from %s' -l %s",
	    c->name, o->name);
	if (o->id <= 255)
		printf(" -s %c", o->id);
	if (kind == ONE_OF)
		printf(" -x -a '%s'", words);
	else if (kind == A_FOLDER)
		fputs(" -x -a '(__fish_complete_directories)'", stdout);
	else if (kind != NONE && *o->arg != '[')
		fputs(kind == A_FILE ? " -r -F" : " -x", stdout);
	fputs(" -d '", stdout);
	put_quoted(o->help, (int)strlen(o->help), "\\", "\\'");
	fputs("'\n", stdout);
}

static void
print_fish(const struct command *const *commands)
{
	fputs("# fish completion of rejunit\n"
	      "complete -c rejunit -n __fish_use_subcommand -f\n",
	    stdout);
	for (const struct command *const *c = commands; *c; c++) {
		printf("complete -c rejunit -n __fish_use_subcommand -a %s -d "
		       "'",
		    (*c)->name);
		put_quoted(
		    (*c)->purpose, first_sentence((*c)->purpose), "\\", "\\'");
		fputs("'\n", stdout);
		for (const struct option_spec *o = (*c)->options; o->name; o++)
			put_fish_option(*c, o);
	}
}

bool
print_completions(const char *shell, const struct command *const *commands)
{
	if (strcmp(shell, "bash") == 0) {
		print_bash(commands);
		print_bash_rest(commands);
	} else if (strcmp(shell, "zsh") == 0) {
		print_zsh(commands);
	} else if (strcmp(shell, "fish") == 0) {
		print_fish(commands);
	} else {
		print_usage_error(NULL,
		    "--completions takes bash, zsh or fish, not \"%s\"", shell);
		return false;
	}
	return true;
}
