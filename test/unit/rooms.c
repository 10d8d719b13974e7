/*
 * The faces of the rooms that have no test of their own, called as their
 * headers say: file, out, read, write, join, audit and list.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/findings.h"
#include "file/encoding.h"
#include "file/place.h"
#include "file/replace_set.h"
#include "file/source.h"
#include "file/window.h"
#include "join/join.h"
#include "list/runner_id.h"
#include "merge/merge.h"
#include "model/mentions.h"
#include "out/json.h"
#include "read/report.h"
#include "tap.h"
#include "write/write.h"

#define BAD                                                        \
	"<testsuite name='s' tests='2' failures='2'>\n"            \
	"<testcase classname='c' name='a'><failure/></testcase>\n" \
	"<testcase classname='c' name='b'><failure/></testcase></testsuite>"
#define GOOD                                                     \
	"<testsuite name='s' tests='1'><testcase classname='c' " \
	"name='a'/></testsuite>"

static char folder[] = P_tmpdir "/rejunit-test-XXXXXX";

struct text {
	char s[4096];
	size_t n;
};

static int
collect(void *ctx, const void *data, size_t n)
{
	struct text *t = ctx;

	if (n > sizeof(t->s) - t->n)
		n = sizeof(t->s) - t->n;
	memcpy(t->s + t->n, data, n);
	t->n += n;
	return 0;
}

static struct rj_str
str_of(const struct text *t)
{
	return (struct rj_str){ t->s, t->n };
}

static struct rejunit_input
memory(const char *name, const char *s)
{
	return rejunit_memory(name, s, strlen(s));
}

/* --- file ---------------------------------------------------------------- */

static void
sources(void)
{
	const struct rejunit_input latin = memory("latin",
	    "<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9\n\xe9</a>");
	const struct rejunit_input mend = memory("mend", "<a>\x01</a>");
	const struct rejunit_input unknown =
	    memory("unknown", "<?xml version='1.0' encoding='klingon'?><a/>");
	struct rj_arena arena = { 0 };
	struct rj_ahead *ahead = calloc(1, sizeof(*ahead));
	struct rj_raw raw = { 0 };
	struct rj_source src;
	struct rejunit_error err;
	struct rj_buf all = { 0 };
	struct rj_str s;
	unsigned long line, column;

	OK(!rj_source_open(&src, &arena, &latin, false, &err));
	OK(src.size == latin.size + 2 && src.raw_size == latin.size);
	OK(!rj_source_read_span(
	    &src, (struct rj_span){ 43, src.size }, &all, &err));
	OK(is(rj_buf_str(&all), "<a>\xc3\xa9\n\xc3\xa9</a>"));
	/* behind the second character, columns count characters */
	rj_source_place(&src, src.size - 4, &line, &column);
	OK(line == 2 && column == 2);
	OK(!rj_raw_seek(&raw, &src, src.size - 4, &err));
	OK(raw.at == src.raw_size - 4);
	rj_raw_close(&raw);
	OK(!rj_source_blank_before(
	    &src, ahead, (struct rj_span){ 43, 49 }, &s, &err));
	OK(is(s, "\n"));
	OK(rj_source_read(&src, src.size - 1, all.s, 2, &err) == REJUNIT_INPUT);
	rj_source_close(&src);

	OK(!rj_source_open(&src, &arena, &mend, true, &err));
	OK(src.repaired == 1 && src.repaired_line == 1);
	OK(!rj_source_read_span(
	    &src, (struct rj_span){ 0, src.size }, &all, &err));
	OK(is(rj_buf_str(&all), "<a>\\x01</a>"));
	rj_source_close(&src);

	OK(rj_source_open(&src, &arena, &unknown, false, &err) ==
	    REJUNIT_INPUT);
	OK(err.line == 1 && strstr(err.message, "klingon"));
	rj_source_close(&src);

	/* what is written to a source can be read from it */
	OK(!rj_source_begin(&src, &arena, "own", &err));
	OK(rj_source_append(&src, "<a", 2) == 0);
	OK(rj_source_append(&src, "/>", 2) == 0);
	OK(!rj_source_end(&src, &arena, &err) && src.size == 4);
	memset(ahead, 0, sizeof(*ahead));
	OK(!rj_source_piece(&src, ahead, (struct rj_span){ 1, 4 }, &s, &err));
	OK(is(s, "a/>"));
	rj_source_close(&src);
	rj_arena_free(&arena);
	rj_buf_free(&all);
	free(ahead);
}

static bool
holds(const char *path, const char *text)
{
	char s[64];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, s, sizeof(s));

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)strlen(text) && memcmp(s, text, (size_t)n) == 0;
}

static void
replacing(void)
{
	struct rj_replace f = RJ_REPLACE_NONE, *one;
	struct rj_replace_set set = { .lock = -1 };
	struct rejunit_error err;
	char a[64], b[64];

	snprintf(a, sizeof(a), "%s/a", folder);
	snprintf(b, sizeof(b), "%s/sub/b", folder);
	OK(!rj_replace_open(&f, a, 0, &err));
	OK(rejunit_write_fd(&f.fd, "one", 3) == 0);
	OK(access(a, F_OK) != 0);
	OK(!rj_replace_ready(&f, false, &err) && !rj_replace_commit(&f, &err));
	rj_replace_abort(&f);
	OK(holds(a, "one"));
	/* what is not committed has not been there */
	OK(!rj_replace_open(&f, a, 0, &err));
	OK(rejunit_write_fd(&f.fd, "two", 3) == 0);
	rj_replace_abort(&f);
	OK(holds(a, "one"));

	OK(!rj_replace_set_begin(&set, folder, -1, &err));
	OK(!rj_replace_set_open(&set, a, NULL, &one, &err));
	OK(rejunit_write_fd(&one->fd, "three", 5) == 0);
	OK(!rj_replace_set_ready(&set, &err));
	OK(!rj_replace_set_open(&set, b, NULL, &one, &err));
	OK(!rj_replace_set_ready(&set, &err));
	OK(holds(a, "one") && access(b, F_OK) != 0);
	OK(!rj_replace_set_commit(&set, &err));
	rj_replace_set_end(&set);
	OK(holds(a, "three") && holds(b, ""));
	unlink(a);
	unlink(b);
	b[strlen(b) - 2] = '\0';
	OK(rmdir(b) == 0);
}

/* --- out ----------------------------------------------------------------- */

static void
output(void)
{
	struct rejunit_error err;
	struct text t = { .n = 0 };
	struct rj_out o;
	struct rj_json j = { .out = &o };

	OK(!rj_out_open(&o, "ISO-8859-1", collect, &t, &err));
	rj_out_text(&o, RJ_STR("<a b='\xc3\xa9\xe2\x82\xac'><![CDATA["));
	rj_out_text(&o, RJ_STR("\xe2\x82\xac]]><!--\xe2\x82\xac--></a>"));
	OK(!rj_out_flush(&o));
	rj_out_close(&o);
	OK(is(str_of(&t), "<a b='\xe9&#x20AC;'><![CDATA[]]>&#x20AC;<![CDATA[]]>"
			  "<!--\\u20ac--></a>"));
	t.n = 0;
	OK(!rj_out_open(&o, NULL, collect, &t, &err));
	rj_json_open(&j, NULL, '{');
	rj_json_string(&j, "a", RJ_STR("\"\x01"));
	rj_json_string(&j, "none", (struct rj_str){ NULL, 0 });
	rj_json_number(&j, "n", 7);
	rj_json_close(&j, '}');
	OK(!rj_out_flush(&o));
	rj_out_close(&o);
	OK(is(str_of(&t), "{\n  \"a\": \"\\\"\\u0001\",\n  \"n\": 7\n}\n"));
}

/* --- read, merge, write -------------------------------------------------- */

static void
stages(void)
{
	struct rj_arena arena = { 0 };
	struct rj_pool pool = { 0 };
	struct rj_mentions mentions = { .arena = &arena,
		.fields = REJUNIT_CLASSNAME | REJUNIT_NAME };
	struct rj_report reports[2] = {
		{ .pool = &pool, .input = memory("bad", BAD) },
		{ .pool = &pool,
		    .input = memory("good", GOOD),
		    .run = 1,
		    .number = 1 },
	};
	const struct rj_merge_options options = { .fields = 0 };
	struct rj_plan plan = { .arena = &arena, .warnings.arena = &arena };
	struct rj_buf id = { 0 };
	struct rejunit_error err;
	struct text t = { .n = 0 };

	/* the reruns first: they say what to keep of the original */
	OK(!rj_report_read(&reports[1], false, false, &mentions, &arena, &err));
	OK(rj_mentions_ready(&mentions));
	OK(!rj_report_read(&reports[0], false, false, &mentions, &arena, &err));
	OK(reports[0].total == 2 && reports[0].bad == 2 && reports[0].n == 2);
	OK(!rj_merge(&plan, reports, 2, &mentions, &options, &err));
	OK(plan.n_decisions == 2 && plan.bad_after == 1 && plan.loose == 0);
	OK(plan.decisions[0]->reason == REJUNIT_RECOVERED);
	OK(plan.decisions[1]->reason == REJUNIT_NOT_RERUN);
	OK(!rj_plan_leaves(&plan, 0) && rj_plan_leaves(&plan, 1));
	OK(!rj_write(
	    &plan, reports, 0, REJUNIT_EVIDENCE_NONE, collect, &t, &err));
	OK(is(str_of(&t),
	    "<testsuite name='s' tests='2' failures='1'>\n"
	    "<testcase classname='c' name='a'></testcase>\n"
	    "<testcase classname='c' name='b'><failure/></testcase>"
	    "</testsuite>"));
	OK(rj_test_id(&id, plan.decisions[0]->slot->base, NULL));
	OK(is(rj_buf_str(&id), "c::a"));
	rj_buf_free(&id);
	rj_plan_free(&plan);
	rj_mentions_free(&mentions);
	rj_report_close(&reports[0]);
	rj_report_close(&reports[1]);
	rj_pool_close(&pool);
	rj_arena_free(&arena);
}

/* --- join, audit --------------------------------------------------------- */

static void
joining(void)
{
	const struct rejunit_input good = memory("good", GOOD);
	const struct rejunit_input bad = memory("bad", BAD);
	const struct rejunit_input other = memory("other", "<html><p/></html>");
	struct rj_arena arena = { 0 };
	struct rj_join j = {
		.arena = &arena, .warnings.arena = &arena, .suites = true
	};
	struct rejunit_error err;
	struct text t = { .n = 0 };
	bool foreign;

	OK(!rj_join_add(&j, &good, false, &foreign, &err) && !foreign);
	OK(!rj_join_add(&j, &bad, false, &foreign, &err));
	OK(rj_join_add(&j, &other, false, &foreign, &err) == REJUNIT_INPUT);
	OK(foreign && j.n == 2);
	OK(!rj_join_settle(&j, &err));
	OK(j.cases == 3 && j.bad == 2 && j.duplicates == 1);
	OK(!rj_join_write(&j, collect, &t, &err));
	OK(rj_str_find(str_of(&t), RJ_STR("tests=\"3\"")) < t.n);
	OK(rj_str_find(str_of(&t), RJ_STR("<testsuite ")) < t.n);
	OK(rj_warning(&j.warnings, 0) && !rj_warning(&j.warnings, 1));
	rj_join_free(&j);
	rj_arena_free(&arena);
}

static void
auditing(void)
{
	const struct rejunit_input wrong = memory(
	    "wrong", "<testsuite tests='5'><testcase name='a'/></testsuite>");
	const struct rejunit_input good = memory("good", GOOD);
	struct rj_arena arena = { 0 };
	struct rj_findings f = { .arena = &arena };
	struct rejunit_error err;
	struct text t = { .n = 0 };
	bool foreign;

	OK(!rj_audit(&f, &good, REJUNIT_PROFILE_NONE, &foreign, &err));
	OK(f.total == 0);
	OK(!rj_audit(&f, &wrong, REJUNIT_PROFILE_NONE, &foreign, &err));
	OK(rj_findings_close(&f) && f.total == 1);
	OK(!rj_findings_write(&f, REJUNIT_TEXT, collect, &t, &err));
	OK(is(str_of(&t),
	    "wrong:1:1: wrong-counter: tests is 5, and there are 1\n"));
	rj_findings_free(&f);
	rj_arena_free(&arena);
}

int
main(void)
{
	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	sources();
	replacing();
	output();
	stages();
	joining();
	auditing();
	OK(rmdir(folder) == 0);
	return done();
}
