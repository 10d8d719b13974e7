#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define NAMES_MAX    8 /* tests named under one heading */
#define WARNINGS_MAX 8

struct heading {
	const char *text;
	const char *colour;
	enum rejunit_count count;
	enum rejunit_reason reason;
	enum rejunit_flaky flaky;
};

static const struct heading headings[] = {
	{ "recovered", "32", REJUNIT_COUNT_RECOVERED, REJUNIT_UNCHANGED,
	    REJUNIT_FLAKY_RECOVERED },
	{ "regressed", "33", REJUNIT_COUNT_REGRESSED, REJUNIT_UNCHANGED,
	    REJUNIT_FLAKY_REGRESSED },
	{ "flaky before", "33", REJUNIT_COUNT_REPORTED, REJUNIT_UNCHANGED,
	    REJUNIT_FLAKY_REPORTED },
	{ "first run", "32", REJUNIT_COUNT_FIRST_RUN, REJUNIT_FIRST_RUN,
	    REJUNIT_NOT_FLAKY },
	{ "new", "32", REJUNIT_COUNT_NEW, REJUNIT_NEW, REJUNIT_NOT_FLAKY },
	{ "coverage unknown", "33", REJUNIT_COUNT_COVERAGE_UNKNOWN,
	    REJUNIT_COVERAGE_UNKNOWN, REJUNIT_NOT_FLAKY },
	{ "still failing", "31", REJUNIT_COUNT_STILL_FAILING,
	    REJUNIT_STILL_FAILING, REJUNIT_NOT_FLAKY },
	{ "skipped in rerun", "31", REJUNIT_COUNT_SKIPPED_IN_RERUN,
	    REJUNIT_SKIPPED_IN_RERUN, REJUNIT_NOT_FLAKY },
	{ "unknown in rerun", "31", REJUNIT_COUNT_UNKNOWN_IN_RERUN,
	    REJUNIT_UNKNOWN_IN_RERUN, REJUNIT_NOT_FLAKY },
	{ "not rerun", "31", REJUNIT_COUNT_NOT_RERUN, REJUNIT_NOT_RERUN,
	    REJUNIT_NOT_FLAKY },
	{ "ambiguous", "31", REJUNIT_COUNT_AMBIGUOUS, REJUNIT_AMBIGUOUS,
	    REJUNIT_NOT_FLAKY },
	{ "not listed", "31", REJUNIT_COUNT_NOT_LISTED, REJUNIT_NOT_LISTED,
	    REJUNIT_NOT_FLAKY },
};

static bool
belongs(const struct heading *h, const struct rejunit_decision *d)
{
	if (h->flaky)
		return rejunit_decision_flaky(d) == h->flaky;
	return rejunit_decision_reason(d) == h->reason;
}

/* What stands on nothing but the user's word. */
static void
print_assumed(const struct terminal *t, struct rejunit_update *u, int column)
{
	size_t n = rejunit_update_count(u, REJUNIT_COUNT_ASSUMED), named = 0;
	const struct rejunit_decision *d;

	if (n == 0)
		return;
	colour(t, "33");
	fprintf(t->to, "  %-16s %5zu", "by assumption", n);
	colour(t, "0");
	for (size_t i = 0; (d = rejunit_update_decision(u, i)) != NULL; i++) {
		unsigned int assumed = rejunit_decision_assumed(d);
		const char *name;

		if (!assumed || named++ >= NAMES_MAX)
			continue;
		name = rejunit_update_name(u, i);
		fprintf(t->to, "%*s", named > 1 ? column : 2, "");
		print_text(
		    t, name ? name : "?", t->width ? t->width - column : 0);
		for (unsigned int bit = 1; bit <= assumed; bit <<= 1)
			if (assumed & bit)
				fprintf(t->to, " (%s)",
				    rejunit_assumption_name(
					(enum rejunit_assumption)bit));
		fputc('\n', t->to);
	}
	if (n > NAMES_MAX)
		fprintf(
		    t->to, "%*s... and %zu more\n", column, "", n - NAMES_MAX);
}

/* A test still fails, and not as it did. */
static bool
failed_otherwise(struct rejunit_update *u, const struct heading *h, size_t i)
{
	int alike;

	return h->reason == REJUNIT_STILL_FAILING &&
	       !rejunit_update_alike(u, i, &alike, NULL) && alike == 0;
}

static void
print_heading(const struct terminal *t, struct rejunit_update *u,
    const struct heading *h, int column)
{
	size_t n = rejunit_update_count(u, h->count), named = 0;
	const struct rejunit_decision *d;

	if (n == 0)
		return;
	colour(t, h->colour);
	fprintf(t->to, "  %-16s %5zu", h->text, n);
	colour(t, "0");
	for (size_t i = 0; (d = rejunit_update_decision(u, i)) != NULL; i++) {
		const char *name, *note;

		if (!belongs(h, d))
			continue;
		if (named == NAMES_MAX) {
			fprintf(t->to, "%*s... and %zu more\n", column, "",
			    n - named);
			return;
		}
		name = rejunit_update_name(u, i);
		fprintf(t->to, "%*s", named ? column : 2, "");
		note = failed_otherwise(u, h, i) ? " (another failure)" : "";
		print_text(t, name ? name : "?",
		    t->width ? t->width - column - (int)strlen(note) : 0);
		fputs(note, t->to);
		fputc('\n', t->to);
		named++;
	}
}

void
print_warnings(const char *(*next)(const void *of, size_t i), const void *of)
{
	struct terminal t = terminal_on(stderr);
	const char *warning;

	for (size_t i = 0; (warning = next(of, i)) != NULL; i++) {
		if (i == WARNINGS_MAX) {
			fputs("rejunit: there are more warnings\n", t.to);
			break;
		}
		fputs("rejunit: ", t.to);
		colour(&t, "33");
		fputs("warning: ", t.to);
		colour(&t, "0");
		print_text(&t, warning, 0);
		fputc('\n', t.to);
	}
}

static void
put_summary(
    const struct terminal *to, struct rejunit_update *u, const char *flakes_to)
{
	const int column = 26; /* where the tests' names stand */
	struct terminal t = *to;
	size_t cases = rejunit_update_count(u, REJUNIT_COUNT_CASES);
	size_t before = rejunit_update_count(u, REJUNIT_COUNT_BAD_BEFORE);
	size_t after = rejunit_update_count(u, REJUNIT_COUNT_BAD_AFTER);
	size_t loose = rejunit_update_count(u, REJUNIT_COUNT_LOOSE);
	size_t broken = rejunit_update_count(u, REJUNIT_COUNT_BROKEN_OFF);
	size_t flaky = rejunit_update_count(u, REJUNIT_COUNT_RECOVERED) +
		       rejunit_update_count(u, REJUNIT_COUNT_REGRESSED) +
		       rejunit_update_count(u, REJUNIT_COUNT_REPORTED);

	fprintf(t.to, "rejunit: %zu case%s, ", cases, cases == 1 ? "" : "s");
	colour(&t, after + loose + broken ? "1;31" : "1;32");
	fprintf(t.to, "%zu bad before, %zu now", before, after);
	colour(&t, "0");
	fputc('\n', t.to);
	for (size_t i = 0; i < sizeof(headings) / sizeof(*headings); i++)
		print_heading(&t, u, &headings[i], column);
	if (loose) {
		colour(&t, "31");
		fprintf(t.to, "  %-16s %5zu", "of no case", loose);
		colour(&t, "0");
		fputs("  failures that show in no test case\n", t.to);
	}
	if (broken) {
		colour(&t, "31");
		fprintf(t.to, "  %-16s %5zu", "broken off", broken);
		colour(&t, "0");
		fputs("  tests may not have run (--assume=complete)\n", t.to);
	}
	print_assumed(&t, u, column);
	if (flakes_to && flaky)
		fprintf(t.to, "  flaky tests are listed in %s\n", flakes_to);
}

char *
compose_summary(struct rejunit_update *u, const char *flakes_to)
{
	struct terminal t = terminal_on(stderr);
	char *text = NULL;
	size_t n;
	bool ok;

	t.to = open_memstream(&text, &n);
	if (!t.to)
		return NULL;
	put_summary(&t, u, flakes_to);
	ok = !ferror(t.to);
	if (fclose(t.to) == 0 && ok)
		return text;
	free(text);
	return NULL;
}
