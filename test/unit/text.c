#include <string.h>

#include "base/duration.h"
#include "base/map.h"
#include "file/repair.h"
#include "model/identity.h"
#include "model/markup.h"
#include "tap.h"

static bool
value_is(const char *raw, const char *want)
{
	struct rj_buf b = { 0 };
	bool good =
	    rj_unescape_value(&b, rj_str(raw)) && is(rj_buf_str(&b), want);

	rj_buf_free(&b);
	return good;
}

static bool
body_is(const char *raw, const char *want)
{
	struct rj_buf b = { 0 };
	bool good =
	    rj_unescape_body(&b, rj_str(raw)) && is(rj_buf_str(&b), want);

	rj_buf_free(&b);
	return good;
}

static void
tags(void)
{
	struct rj_str tag = RJ_STR("<x:y  a='1\"'\n b = \"2>'/\" c=\"\" />");
	struct rj_tag_attr a;
	size_t pos = 0;

	OK(is(rj_tag_name(tag), "x:y"));
	OK(rj_tag_next(tag, &pos, &a) && is(a.name, "a") &&
	    is(a.value, "1\"") && a.quote == '\'');
	OK(rj_tag_next(tag, &pos, &a) && is(a.name, "b") &&
	    is(a.value, "2>'/"));
	OK(rj_tag_next(tag, &pos, &a) && is(a.value, ""));
	OK(!rj_tag_next(tag, &pos, &a));
	OK(rj_tag_find(tag, RJ_STR("b"), &a) && tag.s[a.end - 1] == '"');
	OK(!rj_tag_find(tag, RJ_STR("d"), &a));
	OK(value_is(
	    "&lt;&amp;amp;&#10;&#x1F600;\n\t", "<&amp;\n\xf0\x9f\x98\x80  "));
	OK(body_is("a&gt;<![CDATA[<b>&amp;]]>\r\n<c d='>'>e</c><!-- f --><?g?>",
	    "a><b>&amp;\ne"));
}

static bool
repaired(const char *raw, const char *want, size_t count)
{
	bool good = true;

	/* whatever the pieces are that it comes in */
	for (size_t step = 1; step < 40; step++) {
		struct rj_repair r = { .utf8 = true };
		struct rj_buf out = { 0 };
		size_t n = strlen(raw), at = 0, end = 0;

		while (at < n) {
			end = end + step < n ? end + step : n;
			at +=
			    rj_repair(&r, (struct rj_str){ raw + at, end - at },
				end == n, &out);
		}
		good = good && is(rj_buf_str(&out), want) &&
		       r.replaced == count && r.written == out.n;
		rj_buf_free(&out);
	}
	return good;
}

static void
repairs(void)
{
	OK(repaired("<a>x\x01y</a>", "<a>x\\x01y</a>", 1));
	OK(repaired("<a b='\x1b'>&#27;&#x1;&#9;</a>",
	    "<a b='\\x1b'>\\x1b\\x01&#9;</a>", 3));
	OK(repaired("<a>&#xFFFE;\xef\xbf\xbf&#xD800;</a>",
	    "<a>\\ufffe\\uffff\\ud800</a>", 3));
	OK(repaired(
	    "<a>\xff\xc3(\xc3\xa9</a>", "<a>\\xff\\xc3(\xc3\xa9</a>", 2));
	OK(repaired("<a>x]]>y</a>", "<a>x]]&gt;y</a>", 1));
	OK(repaired("<![CDATA[&#1;]]>", "<![CDATA[&#1;]]>", 0));
	OK(repaired("<a><![CDATA[x]]>y]]></a>", "<a><![CDATA[x]]>y]]></a>", 0));
	OK(repaired("<a b=\"]]>\"><!-- ]]> --></a>",
	    "<a b=\"]]>\"><!-- ]]> --></a>", 0));
}

static bool
modules_are(const char *classname, const char *want)
{
	struct rj_buf all = { 0 };
	struct rj_str module = { NULL, 0 };
	bool good = true;

	while (rj_next_module(rj_str(classname), &module))
		good = good && rj_buf_add(&all, module) &&
		       rj_buf_add(&all, RJ_STR(" "));
	good = good && is(rj_buf_str(&all), want);
	rj_buf_free(&all);
	return good;
}

static void
identities(void)
{
	struct rj_suite s = { .path = RJ_STR("p\0") };
	struct rj_case a = {
		.classname = RJ_STR("c"), .name = RJ_STR("n"), .suite = &s
	};
	struct rj_case b = a;
	struct rj_buf key = { 0 };

	OK(rj_key(&key, &a, REJUNIT_CLASSNAME | REJUNIT_NAME) && key.n == 4 &&
	    memcmp(key.s, "c\0n", 4) == 0);
	key.n = 0;
	OK(rj_nfc(&key, RJ_STR("cafe\xcc\x81")) &&
	    is(rj_buf_str(&key), "caf\xc3\xa9"));
	rj_buf_free(&key);
	OK(!rj_files_differ(&a, &b));
	a.file = RJ_STR("x.py");
	OK(!rj_files_differ(&a, &b));
	b.file = RJ_STR("y.py");
	OK(rj_files_differ(&a, &b));
	b.file = RJ_STR("/ci/x.py");
	OK(!rj_files_differ(&a, &b));
	b.file = RJ_STR("C:\\x.py");
	OK(!rj_files_differ(&a, &b));
	a.name = RJ_STR("");
	OK(rj_is_nameless(&a));
	OK(modules_are("a.b.test_c.TestX", "a a.b.test_c a.b.test_c.TestX "));
	OK(modules_are("test_a.b_test.C", "test_a.b_test test_a.b_test.C "));
	OK(modules_are("", ""));
	OK(modules_are("m", "m "));
}

static bool
reads(const char *text, double want)
{
	double d = 0;

	return rj_read_digits(rj_str(text), &d) && d == want;
}

static void
digits(void)
{
	double d;

	OK(reads("0", 0) && reads("-12", -12) && reads("0.125", 0.125));
	OK(reads("0.1", 0.1) && reads("-3.7e-05", -3.7e-05));
	OK(reads("1.5E+3", 1500) && reads("2e22", 2e22));
	/* exponents beyond all numbers take no longer than others */
	OK(reads("1e-99999999999999999999999999", 0));
	OK(!rj_read_digits(RJ_STR("1e99999999999999999999999999"), &d));
	OK(reads("0e-9999999999999999999", 0));
	OK(!rj_read_digits(RJ_STR("1e"), &d));
	OK(!rj_read_digits(RJ_STR("1.2.3"), &d));
	OK(!rj_read_digits(RJ_STR("-"), &d) && !rj_read_digits(RJ_STR(""), &d));
}

int
main(void)
{
	digits();
	tags();
	repairs();
	identities();
	return done();
}
