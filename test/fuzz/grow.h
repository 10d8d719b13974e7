/*
 * grow.h - reports that grow from bytes, for the fuzzers.
 */
#ifndef GROW_H
#define GROW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "genes.h"

struct memory {
	char *s;
	size_t n;
};

static void
need(int condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "broken promise: %s\n", what);
	abort();
}

static int
write_memory(void *ctx, const void *data, size_t n)
{
	struct memory *m = ctx;
	char *s = realloc(m->s, m->n + n + 1);

	need(s != NULL, "memory");
	memcpy(s + m->n, data, n);
	m->s = s;
	m->n += n;
	return 0;
}

/*
 * Bytes that are no report grow into one: each of them is a choice. What the
 * reports then hold is about the same few tests, and well-formed always. With
 * FUZZ_SHOW in the environment they are shown.
 */
#define PICK(g, words) (words)[choose((g), sizeof(words) / sizeof(*(words)))]

/* Counters as they should be; what a suite says follows from them. */
struct sums {
	int tests;
	int failures;
	int errors;
	int skipped;
};

static void
grow_case(struct genes *g, FILE *out, struct sums *t)
{
	static const char *const classes[] = { "c", "d", "", "test_m",
		"test_m.K" };
	static const char *const names[] = { "x", "y", "caf\xc3\xa9", "test_m",
		"" };
	static const char *const more[] = { "", "", "", " file=\"f.py\"",
		" file=\"g.py\"", " line=\"3\"", " line=\"4\"",
		" file=\"/f.py\"", " status=\"notrun\"", " time=\"1\"",
		" status=\"passed\"", " result=\"fail\"", " outcome=\"weird\"",
		" success=\"false\"" };
	static const char *const inner[] = { "", "<failure>f</failure>",
		"<error type=\"T\"/>", "<skipped/>",
		"<error message=\"collection failure\">e</error>",
		"<flakyFailure type=\"t\"/>", "<rerunError type=\"t\"/>",
		"<system-out>o</system-out>", "<properties/>", "<risky/>",
		"<error message=\"failed on teardown with x\"/>" };
	const char *class = PICK(g, classes), *name = PICK(g, names);
	unsigned int marks = 0;

	fprintf(out, "<testcase classname=\"%s\" name=\"%s\"%s>", class, name,
	    PICK(g, more));
	for (unsigned int n = choose(g, 3); n > 0; n--) {
		unsigned int i = choose(g, sizeof(inner) / sizeof(*inner));

		marks |= i == 4 || i == 10 ? 1u << 2 : 1u << i;
		fputs(inner[i], out);
	}
	fputs("</testcase>\n", out);
	t->tests++;
	t->skipped += (marks & 14) == 8;
	t->failures += (marks & 2) != 0;
	t->errors += (marks & 4) != 0;
}

static void
grow_suite(struct genes *g, FILE *out, struct sums *sum, int depth)
{
	static const char *const names[] = { " name=\"s\"", " name=\"t\"", "",
		" name=\"s\" hostname=\"h\"", " name=\"s\" hostname=\"i\"" };
	struct sums t = { 0 };
	char *body = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&body, &n);
	unsigned int how;

	need(to != NULL, "memory");
	for (unsigned int i = choose(g, 6); i > 0; i--) {
		if (depth < 3 && choose(g, 5) == 4)
			grow_suite(g, to, &t, depth + 1);
		else
			grow_case(g, to, &t);
	}
	need(fclose(to) == 0, "memory");
	how = choose(g, 8);
	fprintf(out, "<testsuite%s", PICK(g, names));
	if (how < 6)
		fprintf(out,
		    " tests=\"%d\" failures=\"%d\" errors=\"%d\" "
		    "skipped=\"%d\"",
		    t.tests, t.failures + (how == 5), t.errors, t.skipped);
	fprintf(out, ">%s</testsuite>\n", body);
	free(body);
	sum->tests += t.tests;
	sum->failures += t.failures;
	sum->errors += t.errors;
	sum->skipped += t.skipped;
}

static struct memory
grow(struct genes *g)
{
	struct memory m = { 0 };
	struct sums t = { 0 };
	FILE *out = open_memstream(&m.s, &m.n);
	bool wrapped = choose(g, 4) != 0;

	need(out != NULL, "memory");
	fputs(wrapped ? "<testsuites>" : "", out);
	for (unsigned int i = wrapped ? choose(g, 3) + 1 : 1; i > 0; i--)
		grow_suite(g, out, &t, 0);
	fputs(wrapped ? "</testsuites>" : "", out);
	need(fclose(out) == 0, "memory");
	return m;
}

#endif
