#include <string.h>

#include "list/signature.h"
#include "tap.h"

#define SIGNATURE_1 "v1:05e8054723c2cacc"
#define SIGNATURE_2 "v2:05e8054723c2cacc"

static bool
masked_by(rj_mask_fn *mask, const char *line, const char *want)
{
	struct rj_buf b = { 0 };
	bool good = mask(&b, rj_str(line)) && is(rj_buf_str(&b), want);

	rj_buf_free(&b);
	return good;
}

static bool
masked_1(const char *line, const char *want)
{
	return masked_by(rj_mask_v1, line, want);
}

static bool
masked(const char *line, const char *want)
{
	return masked_by(rj_mask_v2, line, want);
}

/* Two lines of one failure, and of two. */
static bool
same(const char *a, const char *b)
{
	struct rj_buf x = { 0 }, y = { 0 };
	bool good = rj_mask_v2(&x, rj_str(a)) && rj_mask_v2(&y, rj_str(b)) &&
		    rj_str_eq(rj_buf_str(&x), rj_buf_str(&y));

	rj_buf_free(&x);
	rj_buf_free(&y);
	return good;
}

static bool
is_signed(int version, const char *want)
{
	char out[RJ_SIGNATURE_SIZE];

	return rj_signature(version, RJ_STR("E"), RJ_STR("m 1"),
		   RJ_STR("a.py:1: E"), out) &&
	       printf("# %s\n", out) > 0 && strcmp(out, want) == 0;
}

static void
test_masks(void)
{
	struct rj_buf deep = { 0 };

	OK(masked("took 12 ms on port 8080", "took # on port #"));
	OK(masked("at 0x7ffe12ab, <Obj at 0xDEADBEEF>", "at #, <Obj at #>"));
	OK(masked("id 550e8400-e29b-41d4-a716-446655440000.", "id #."));
	OK(masked("deadbeef cafe faced", "deadbeef cafe faced"));
	OK(masked("2026-11-20T22:04:38.329Z ok", "#T#Z ok"));
	OK(masked("gw0 item42 caf\xc3\xa9", "gw# item# caf\xc3\xa9"));
	OK(masked("ab-3 (-4.5e-7) x=-1 y=+2", "ab-# (#) x=# y=#"));
	OK(masked(
	    "java.lang.Object@1b2c3 me@home", "java.lang.Object@# me@home"));
	OK(masked("\033[1;31mred\033[0m #x1B[31mtoo", "red too"));
	OK(masked("waiting... done", "waiting... done"));
	OK(masked("Loading...", "Loading..."));
	OK(masked("he said '...'", "he said '...'"));
	OK(masked("", ""));
	OK(masked("{", "{") && masked("}{)(", "}{)("));
	OK(masked("[a, b, a]", "[a,b,a]"));

	/* how long, how many, of which size */
	OK(same("after 31.5369234085083s", "after 2 s"));
	OK(same("0 B spilled", "200.92 KiB spilled"));
	OK(same("assert 0.0 > 1", "assert -4.1e-05 > 0"));
	OK(same("[1, 2, 3] != []", "[4] != []"));
	OK(same("(0, 0.10651688133364845)", "(0, -0.5264539136283711)"));
	/* what it was cut to */
	OK(same("assert 'a' not in 'a-943...62124395-213'",
	    "assert 'a' not in 'a-02e...2e81a0e3-213'"));
	OK(same("<[AttributeEr...0x23433f0af20> == N",
	    "<[AttributeEr...t 0x146f6af30> == N"));
	OK(same("<[AttributeEr...t 0x146f6af30> == N",
	    "<[AttributeEr...x7f58157fd430> == N"));
	/* where */
	OK(same("no '/tmp/pytest-of-me/pytest-3/x.txt'",
	    "no 'C:\\Users\\RUNNER~1\\AppData\\Local\\Temp\\q\\x.lock'"));
	OK(same("bad 'C:\\\\Users\\\\X\\\\Temp\\\\tmpj0xer4yr\\\\w'",
	    "bad 'C:/Users/X/Temp/tmpcnwlht7y/w'"));
	OK(same("in /home/runner/work/app/app/a.py:3 x",
	    "in D:\\a\\app\\app\\a.py:17 x"));
	OK(!same("GET /users/new", "GET /orders/new"));
	OK(!same("in /home/me/app/a.py", "in /home/me/app/b.py"));
	/* sets, in whatever order and of whatever size */
	OK(same("assert {'a', 'b'} == {}", "assert {'b', 'a'} == {}"));
	OK(same("{<weakref at 0x01C9; to 'T' at 0x01D3>} is left",
	    "{<weakref at 0x21; to 'T' at 0x22>, "
	    "<weakref at 0x31; to 'T' at 0x32>} is left"));
	OK(same("{'b': [{'x', 'y'}], 'a': 1}", "{'a': 2, 'b': [{'y', 'x'}]}"));
	OK(same("not {<ref at 0x1>, <ref at 0x2>, <re",
	    "not {<ref at 0x3>, <ref at 0x4>, <ref at 0x5>, <ref"));
	OK(!same("['a', 'b']", "['b', 'a']"));
	OK(!same("{'a'}", "{'b'}"));
	/* who */
	OK(same("<Thread(pool-528_4, daemon 6424)>",
	    "<Thread(pool-1_11, daemon 824)>"));
	OK(same("asyncio.exceptions.TimeoutError", "TimeoutError"));
	OK(!same("tornado.util.TimeoutError", "TimeoutError"));
	OK(!same("KeyError: 'a'", "KeyError: 'b'"));
	OK(!same("expected red", "expected blue"));
	OK(same("key 4fQ9zR71bL0aX3pW gone", "key 9aB8cD7eF6gH5iJ4 gone"));

	for (int i = 0; i < 5000; i++)
		(void)rj_buf_add(&deep, RJ_STR("{[("));
	for (int i = 0; i < 5000; i++)
		(void)rj_buf_add(&deep, RJ_STR(",a"));
	(void)rj_buf_add(&deep, RJ_STR("\0"));
	OK(same(deep.s, deep.s));
	rj_buf_free(&deep);
}

static bool
failed_with(const char *message, const char *trace, const char *want)
{
	return is(rj_what_failed(rj_str(message), rj_str(trace)), want);
}

struct failure {
	const char *type, *message, *trace;
};

static bool
alike(struct failure a, struct failure b)
{
	char x[RJ_SIGNATURE_SIZE], y[RJ_SIGNATURE_SIZE];

	return rj_signature(RJ_SIGNATURE_VERSION, rj_str(a.type),
		   rj_str(a.message), rj_str(a.trace), x) &&
	       rj_signature(RJ_SIGNATURE_VERSION, rj_str(b.type),
		   rj_str(b.message), rj_str(b.trace), y) &&
	       strcmp(x, y) == 0;
}

static bool
frame_is(const char *trace, const char *path, const char *function)
{
	struct rj_str f, found = rj_own_frame(rj_str(trace), &f);

	return is(found, path) && is(f, function);
}

int
main(void)
{
	const struct failure base = { "E", "timeout after 30 s",
		"def test():\nE  timeout\n\ntests/test_a.py:41: TimeoutError" };
	struct failure other = base;

	OK(masked_1("took 12 ms on port 8080", "took # ms on port #"));
	OK(masked_1("at 0x7ffe12ab, <Obj at 0xDEADBEEF>", "at #, <Obj at #>"));
	OK(masked_1("id 550e8400-e29b-41d4-a716-446655440000.", "id #."));
	OK(masked_1("commit 3f2a9bc41d is bad", "commit # is bad"));
	OK(masked_1("deadbeef cafe faced", "deadbeef cafe faced"));
	OK(masked_1("2026-11-20T22:04:38.329Z", "#-#-#T#:#:#.#Z"));
	OK(masked_1("Fri, 20 Nov 2026 and Monday", "#, # # # and Monday"));
	OK(masked_1(
	    "no '/tmp/pytest-of-me/pytest-3/x.txt' here", "no '#' here"));
	OK(masked_1("gw0 item42 caf\xc3\xa9", "gw# item# caf\xc3\xa9"));
	OK(masked_1("", ""));

	OK(is(rj_first_line(RJ_STR("\n  \n  a b \r\nc")), "a b"));
	OK(is(rj_first_line(RJ_STR("t.cc:8\nValue of: x")), "Value of: x"));
	OK(is(rj_first_line(RJ_STR("Failed\nwhy")), "why"));
	OK(is(rj_first_line(RJ_STR("Failed")), "Failed"));
	OK(is(rj_first_line(RJ_STR("")), ""));

	OK(failed_with("assert 0\nwhere", "trace", "assert 0"));
	OK(failed_with("", "\n a b\nc", "a b"));
	OK(failed_with("Failed",
	    "=== RUN   TestX\n    a_test.go:13: log\n    a_test.go:15: want 1"
	    "\n--- FAIL: TestX (0.00s)\n    b_test.go:1: later\n",
	    "a_test.go:15: want 1"));
	OK(failed_with("Failed", "=== RUN   TestX\n--- FAIL: TestX", "Failed"));
	OK(failed_with("", "ATest::testX\nRuntimeException: boom\n",
	    "RuntimeException: boom"));
	OK(failed_with("", "ATest::testX with data set \"a\"\nboom", "boom"));
	OK(failed_with("", "std::bad_alloc was thrown\nat x",
	    "std::bad_alloc was thrown"));
	OK(failed_with("", "", ""));

	OK(frame_is(
	    "  File \"/x/lib/python3/site-packages/p.py\", line 3, in g\n"
	    "  File \"/home/me/app/test_a.py\", line 7, in test_f\n",
	    "/home/me/app/test_a.py", "test_f"));
	OK(frame_is("E: boom\n\tat org.junit.Assert.fail(Assert.java:86)\n"
		    "\tat demo.ATest.flaky(ATest.java:12)\n"
		    "\tat demo.Main.run(Main.java:1)",
	    "ATest.java", "demo.ATest.flaky"));
	OK(frame_is(
	    "test_a.py:3: in f\ntest_b.py:9: AssertionError", "test_b.py", ""));
	OK(frame_is("no frame at all: 3.14, a:b", "", ""));

	/* the same failure in another run */
	OK(alike(base, other));
	other.trace = "E  timeout\n\ntests/test_a.py:57: TimeoutError";
	OK(alike(base, other));
	other.trace = "E  timeout\n\n/ci/7/tests/test_a.py:57: TimeoutError";
	OK(alike(base, other));
	other.message = "timeout after 31 s";
	OK(alike(base, other));
	other.message = "timeout after 30 s\nassert 1 == 2";
	OK(alike(base, other));

	/* another failure */
	other = base;
	other.type = "F";
	OK(!alike(base, other));
	other = base;
	other.message = "refused after 30 s";
	OK(!alike(base, other));
	other = base;
	other.trace = "tests/test_b.py:41: TimeoutError";
	OK(!alike(base, other));

	/* without a message, the trace speaks */
	OK(!alike((struct failure){ "", "", "one\nx" },
	    (struct failure){ "", "", "two\nx" }));
	OK(!alike((struct failure){ "", "Failed", "=== RUN T\n a.go:9: one" },
	    (struct failure){ "", "Failed", "=== RUN T\n a.go:9: two" }));

	/* these are no types */
	OK(alike((struct failure){ "failure", "m", "" },
	    (struct failure){ "error", "m", "" }));

	/* what is published does not change */
	OK(is_signed(1, SIGNATURE_1));
	OK(is_signed(2, SIGNATURE_2));
	test_masks();
	return done();
}
