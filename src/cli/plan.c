#include <string.h>

#include "cli.h"

/* Finds a word in a list that ends with NULL; -1 if it is not there. */
static int
find_word(const char *const *words, const char *s, size_t n)
{
	for (int i = 0; words[i]; i++)
		if (strlen(words[i]) == n && strncmp(words[i], s, n) == 0)
			return i;
	return -1;
}

bool
set_word(const struct command *c, const char *option, const char *const *words,
    const char *arg, int *out)
{
	*out = find_word(words, arg, strlen(arg));
	if (*out < 0)
		print_usage_error(c, "--%s does not know \"%s\"", option, arg);
	return *out >= 0;
}

/* Takes words with commas between them as bits, in the order of the list. */
static bool
set_words(const struct command *c, const char *option, const char *const *words,
    const char *arg, unsigned int *out)
{
	for (const char *p = arg; *p;) {
		size_t n = strcspn(p, ",");
		int i = find_word(words, p, n);

		if (i < 0) {
			print_usage_error(c, "--%s does not know \"%.*s\"",
			    option, (int)n, p);
			return false;
		}
		*out |= 1u << i;
		p += n + (p[n] == ',');
	}
	return true;
}

static bool
set_match(const struct command *c, struct rejunit_update *u, const char *arg,
    struct rejunit_error *err)
{
	static const char *const names[] = { "classname", "name", "file",
		"suite", "hostname", NULL };
	unsigned int fields = 0;

	if (!set_words(c, "match", names, arg, &fields))
		return false;
	if (rejunit_update_match(u, fields, err) == REJUNIT_OK)
		return true;
	print_usage_error(c, "--match: %s", err->message);
	return false;
}

bool
set_plan_option(const struct command *c, struct rejunit_update *u, int id,
    const char *arg, struct rejunit_error *err)
{
	static const char *const styles[] = { "surefire", "jenkins", "none",
		NULL };
	static const char *const assumptions[] = { "attempts", "failures-only",
		"complete", NULL };
	unsigned int assumed = 0;
	int word;

	switch (id) {
	case OPT_EVIDENCE:
		return set_word(c, "evidence", styles, arg, &word) &&
		       !rejunit_update_evidence(
			   u, (enum rejunit_evidence)word, err);
	case OPT_MATCH:
		return set_match(c, u, arg, err);
	case OPT_ASSUME:
		return set_words(c, "assume", assumptions, arg, &assumed) &&
		       !rejunit_update_assume(u, assumed, err);
	case OPT_APPEND_RERUNS:
		return !rejunit_update_append_reruns(u, true, err);
	case OPT_RECOUNT:
		return !rejunit_update_recount(u, true, err);
	case OPT_REPAIR:
		return !rejunit_update_repair(u, true, err);
	default:
		return false;
	}
}
