/*
 * The streaks of cases that nobody asks for are what one finds who reads these
 * cases one by one, wherever the bytes end.
 */
#include <string.h>

#include "read/plaincase.h"
#include "tap.h"

static const char text[] =
    "<testsuite><testcase name=\"ab\"/>\n  <testcase name='cd' time='1'/>\n"
    "<testcase classname=\"a.b\" name=\"efgh\"></testcase><!-- > -->"
    "<testcase name=\"odd\"/><testcase name=\"ij\"><system-out>&lt;]]"
    "</system-out>\n<system-err><![CDATA[<testcase name=\"kl\"/>]]>"
    "</system-err></testcase><testcase name=\"mn\" status=\"run\"/>"
    "<testcase name=\"op\" result=\"suppressed\"/><testcase name=\"\"/>"
    "<testcase name=\"qr\"><system-out><![CDATA[<testcase name=\"st\"/>"
    "<testcase name=\"uv\"/>]]></system-out><failure/></testcase>"
    "<testcase name=\"wx\"/></testsuite>                ";

static const struct {
	unsigned int passed;
	const char *last; /* how the last one begins */
} expected[] = {
	{ 3, "<testcase classname=\"a.b\"" },
	{ 2, "<testcase name=\"mn\"" },
	{ 1, "<testcase name=\"wx\"" },
};

#define RUNS (sizeof(expected) / sizeof(*expected))

/* Names of even length. */
static bool
ask(void *ctx, struct rj_str classname, struct rj_str name)
{
	(void)ctx;
	(void)classname;
	return name.n % 2 == 0;
}

static const struct rj_skip skip = { ask, NULL };

static bool
is_streak(const struct rj_bytemap *m, bool last, const struct rj_streak *r)
{
	size_t at = r->at, end = at, last_at = at;
	struct rj_plaincase c;
	unsigned int n = 0;

	while (rj_plaincase_read(m, last, &skip, &at, &c) == RJ_UNASKED) {
		n++;
		last_at = c.at;
		end = at;
		at = rj_bytemap_blank(m, at);
	}
	return n > 0 && n == r->passed && last_at == r->last && end == r->end;
}

static bool
are_streaks(
    const struct rj_bytemap *m, bool last, const struct rj_streaks *streaks)
{
	size_t end = 0;

	for (size_t i = 0; i < streaks->n; i++) {
		if (streaks->streak[i].at < end ||
		    !is_streak(m, last, &streaks->streak[i]))
			return false;
		end = streaks->streak[i].end;
	}
	return true;
}

int
main(void)
{
	static struct {
		struct rj_streaks streaks;
		char behind[64];
	} room;
	static struct rj_bytemap m;
	static char s[RJ_BYTEMAP_MAX];
	const struct rj_str tiny = RJ_STR("<testcase name=\"ab\"/><!---->");
	size_t n, wrong = 0;

	memcpy(s, text, sizeof(text) - 1);
	for (n = 0; n < sizeof(text); n++) {
		for (int last = 0; last < 2; last++) {
			rj_bytemap(&m, s, 0, n);
			rj_plaincase_streaks(&m, last, &skip, 0, &room.streaks);
			wrong += !are_streaks(&m, last, &room.streaks);
		}
	}
	OK(wrong == 0);
	OK(room.streaks.n == RUNS);
	for (size_t i = 0; i < RUNS && room.streaks.n == RUNS; i++) {
		OK(room.streaks.streak[i].passed == expected[i].passed);
		OK(strncmp(s + room.streaks.streak[i].last, expected[i].last,
		       strlen(expected[i].last)) == 0);
	}

	for (n = 0; n + tiny.n < RJ_BYTEMAP_MAX; n += tiny.n)
		memcpy(s + n, tiny.s, tiny.n);
	memset(room.behind, 'x', sizeof(room.behind));
	rj_bytemap(&m, s, 0, n);
	rj_plaincase_streaks(&m, false, &skip, 0, &room.streaks);
	OK(n / tiny.n > RJ_STREAKS && room.streaks.n == RJ_STREAKS);
	OK(are_streaks(&m, false, &room.streaks));
	OK(room.behind[0] == 'x' && room.behind[63] == 'x');
	return done();
}
