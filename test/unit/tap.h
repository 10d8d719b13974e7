/*
 * tap.h - what the unit tests say, in the Test Anything Protocol.
 *
 * OK(condition) is one test; its text is its name. done() ends the program.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

static int tests;
static int failed;

static inline void
ok(bool passed, const char *what, int line)
{
	failed += !passed;
	printf("%s %d - %s\n", passed ? "ok" : "not ok", ++tests, what);
	if (!passed)
		printf("#   line %d\n", line);
}

#define OK(condition) ok((condition), #condition, __LINE__)

static inline bool
is(struct rj_str s, const char *want)
{
	if (rj_str_eq(s, rj_str(want)))
		return true;
	printf("#   \"%.*s\", not \"%s\"\n", (int)s.n, s.s ? s.s : "", want);
	return false;
}

static inline int
done(void)
{
	printf("1..%d\n", tests);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
