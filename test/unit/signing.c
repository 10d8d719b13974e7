#include <string.h>

#include "list/signature.h"
#include "tap.h"

#define SIGNATURE "v1:05e8054723c2cacc"

static bool
masked(const char *line, const char *want)
{
	struct rj_buf b = { 0 };
	bool good = rj_mask(&b, rj_str(line)) && is(rj_buf_str(&b), want);

	rj_buf_free(&b);
	return good;
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

	return rj_signature(
		   rj_str(a.type), rj_str(a.message), rj_str(a.trace), x) &&
	       rj_signature(
		   rj_str(b.type), rj_str(b.message), rj_str(b.trace), y) &&
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
	char out[RJ_SIGNATURE_SIZE];

	OK(masked("took 12 ms on port 8080", "took # ms on port #"));
	OK(masked("at 0x7ffe12ab, <Obj at 0xDEADBEEF>", "at #, <Obj at #>"));
	OK(masked("id 550e8400-e29b-41d4-a716-446655440000.", "id #."));
	OK(masked("commit 3f2a9bc41d is bad", "commit # is bad"));
	OK(masked("deadbeef cafe faced", "deadbeef cafe faced"));
	OK(masked("2026-11-20T22:04:38.329Z", "#-#-#T#:#:#.#Z"));
	OK(masked("Fri, 20 Nov 2026 and Monday", "#, # # # and Monday"));
	OK(masked("no '/tmp/pytest-of-me/pytest-3/x.txt' here", "no '#' here"));
	OK(masked("gw0 item42 caf\xc3\xa9", "gw# item# caf\xc3\xa9"));
	OK(masked("", ""));

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

	/* what is published does not change */
	OK(rj_signature(RJ_STR("E"), RJ_STR("m 1"), RJ_STR("a.py:1: E"), out) &&
	    strlen(out) == RJ_SIGNATURE_SIZE - 1 &&
	    strncmp(out, "v1:", 3) == 0);
	printf("# %s\n", out);
	OK(strcmp(out, SIGNATURE) == 0);
	return done();
}
