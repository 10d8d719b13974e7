/*
 * What a program gets from the library: reports from wherever they are, their
 * suites, cases and executions, and nothing that it did not allow.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rejunit.h"
#include "tap.h"

#define ORIGINAL                                                            \
	"<testsuites name='all'><testsuite name='s' hostname='h' "          \
	"timestamp='2026-01-31T23:59:59Z' tests='3' failures='1' "          \
	"time='9'>\n"                                                       \
	"<testcase classname='c' name='a' file='f.py' line='7' time='2.5'>" \
	"<failure type='T' message='it &lt; broke 1'>at f.py:7\n"           \
	"in f</failure></testcase>\n"                                       \
	"<testcase classname='c' name='b' time='1'>"                        \
	"<flakyFailure message='once'><stackTrace>x</stackTrace>"           \
	"</flakyFailure></testcase>\n"                                      \
	"<testsuite name='inner'><testcase name=''/><failure/></testsuite>" \
	"</testsuite></testsuites>"
#define RERUN                                         \
	"<testsuite name='s' tests='1' failures='0'>" \
	"<testcase classname='c' name='a' time='1'/></testsuite>"

/* é in another encoding than UTF-8. */
#define LATIN                                                          \
	"<?xml version='1.0' encoding='iso-8859-1'?><testsuite name='" \
	"\xe9'><testcase classname='c' "                               \
	"name='a'><failure/></testcase></testsuite>"

static bool
has(struct rejunit_string s, const char *text)
{
	return s.s && s.n == strlen(text) && memcmp(s.s, text, s.n) == 0;
}

/* --- a reader ------------------------------------------------------------ */

struct seen {
	unsigned int begun;
	unsigned int ended;
	unsigned int cases;
	unsigned int reports;
	unsigned int stop_at; /* the case that ends the reading */
};

static enum rejunit_status
on_begin(void *ctx, const struct rejunit_suite *s)
{
	struct seen *seen = ctx;

	if (seen->begun++ == 0)
		OK(!s->up && has(s->name, "all") && s->path.n == 0);
	else if (seen->begun == 2)
		OK(s->up && !s->up->up && has(s->name, "s") &&
		    has(s->hostname, "h") && s->path.n == 2 &&
		    has(s->timestamp, "2026-01-31T23:59:59") && s->line == 1);
	else
		OK(has(s->name, "inner") && !s->hostname.s && !s->timestamp.s &&
		    s->path.n == 8 && memcmp(s->path.s, "s\0inner", 8) == 0);
	return REJUNIT_OK;
}

static enum rejunit_status
on_end(void *ctx, const struct rejunit_suite *s)
{
	struct seen *seen = ctx;

	/* the inner one first */
	if (seen->ended++ == 0)
		OK(s->cases == 1 && s->bad == 0 && s->loose == 1 &&
		    s->nanoseconds == 0);
	else if (seen->ended == 2)
		OK(s->cases == 3 && s->bad == 1 && s->loose == 0 &&
		    s->nanoseconds == 9000000000);
	else
		OK(s->cases == 3 && !s->up && s->nanoseconds == 9000000000);
	return REJUNIT_OK;
}

static void
look_at_first(const struct rejunit_case *c)
{
	struct rejunit_execution x;
	size_t step = 0;

	OK(has(c->classname, "c") && has(c->name, "a") && has(c->file, "f.py"));
	OK(has(c->line, "7") && has(c->suite, "s") && has(c->hostname, "h"));
	OK(c->outcome == REJUNIT_FAILED && c->at_line == 2 && c->run == 0);
	OK(c->nanoseconds == 2500000000 && !c->is_flaky);
	OK(strcmp(c->report, "first") == 0 && !c->report_name);
	OK(strcmp(rejunit_case_id(c), "c::a") == 0);
	OK(strcmp(rejunit_case_file(c), "f.py") == 0);
	OK(!rejunit_case_next(c, &step, &x, NULL));
	OK(x.outcome == REJUNIT_FAILED && !x.is_noted && has(x.time, "2.5"));
	OK(has(x.type, "T") && has(x.message, "it < broke 1"));
	OK(has(x.what, "it < broke 1") && has(x.trace, "at f.py:7\nin f"));
	OK(x.signature.n == 19 && memcmp(x.signature.s, "v2:", 3) == 0);
	OK(!rejunit_case_next(c, &step, &x, NULL));
	OK(x.outcome == REJUNIT_ABSENT);
}

/* An attempt that an earlier tool noted, then the case itself. */
static void
look_at_second(const struct rejunit_case *c)
{
	struct rejunit_execution x;
	size_t step = 0;

	OK(c->outcome == REJUNIT_PASSED && c->is_flaky && !c->file.s);
	OK(!rejunit_case_next(c, &step, &x, NULL));
	OK(x.outcome == REJUNIT_FAILED && x.is_noted && has(x.trace, "x"));
	OK(!rejunit_case_next(c, &step, &x, NULL));
	OK(x.outcome == REJUNIT_PASSED && !x.is_noted && !x.message.s);
	OK(!x.signature.s);
	OK(!rejunit_case_next(c, &step, &x, NULL));
	OK(x.outcome == REJUNIT_ABSENT);
}

static enum rejunit_status
on_test(void *ctx, const struct rejunit_case *c)
{
	struct seen *seen = ctx;

	if (seen->cases++ == 0)
		look_at_first(c);
	else if (seen->cases == 2)
		look_at_second(c);
	else
		OK(c->name.s && c->name.n == 0 && !c->classname.s);
	return seen->cases == seen->stop_at ? REJUNIT_OUTPUT : REJUNIT_OK;
}

static enum rejunit_status
on_report(void *ctx, const struct rejunit_report *r)
{
	struct seen *seen = ctx;

	seen->reports++;
	OK(r->cases == 3 && r->outcomes[REJUNIT_PASSED] == 2);
	OK(r->outcomes[REJUNIT_FAILED] == 1 && r->flaky == 1);
	OK(r->nameless == 1 && r->loose == 1);
	OK(r->nanoseconds == 9000000000 && strcmp(r->name, "first") == 0);
	return REJUNIT_OK;
}

static void
read_one(void)
{
	static const struct rejunit_visitor all = { .begin_suite = on_begin,
		.end_suite = on_end,
		.test = on_test,
		.end_report = on_report };
	const struct rejunit_input in =
	    rejunit_memory("first", ORIGINAL, sizeof(ORIGINAL) - 1);
	const struct rejunit_input none = rejunit_memory("none", NULL, 5);
	struct rejunit_reader *r = NULL;
	struct rejunit_error err;
	struct seen seen = { 0 };

	OK(!rejunit_reader_new(&r, &err));
	OK(!rejunit_reader_read(r, &in, &all, &seen, &err));
	OK(seen.begun == 3 && seen.ended == 3 && seen.cases == 3);
	OK(seen.reports == 1);
	/* a visitor may end it, for a reason of its own */
	seen = (struct seen){ .stop_at = 1 };
	OK(rejunit_reader_read(r, &in, &all, &seen, &err) == REJUNIT_OUTPUT);
	OK(seen.cases == 1 && seen.reports == 0);
	OK(err.status == REJUNIT_OUTPUT && strcmp(err.file, "first") == 0 &&
	    err.message[0]);
	OK(rejunit_reader_read(r, &none, &all, &seen, &err) == REJUNIT_INPUT);
	OK(strcmp(err.file, "none") == 0 && !rejunit_reader_warning(r, 0));
	rejunit_reader_free(r);
}

/* Who is handed a case may have the same reader read another report. */
static enum rejunit_status
read_within(void *ctx, const struct rejunit_case *c)
{
	static const struct rejunit_visitor nobody = { .test = NULL };
	const struct rejunit_input in =
	    rejunit_memory("within", RERUN, sizeof(RERUN) - 1);
	struct rejunit_execution x;
	size_t step = 0;

	OK(!rejunit_reader_read(ctx, &in, &nobody, NULL, NULL));
	OK(!rejunit_case_next(c, &step, &x, NULL));
	OK(strcmp(c->report, "outer") == 0 && x.outcome != REJUNIT_ABSENT);
	return REJUNIT_OK;
}

static void
read_nested(void)
{
	static const struct rejunit_visitor nested = { .test = read_within };
	const struct rejunit_input in =
	    rejunit_memory("outer", ORIGINAL, sizeof(ORIGINAL) - 1);
	struct rejunit_reader *r = NULL;

	OK(!rejunit_reader_new(&r, NULL));
	OK(!rejunit_reader_read(r, &in, &nested, r, NULL));
	rejunit_reader_free(r);
}

/* What cannot be read stays to be read: it is not passed over. */
static void
read_truncated(void)
{
	char path[] = P_tmpdir "/rejunit-test-XXXXXX";
	const struct rejunit_input rerun =
	    rejunit_memory("r", RERUN, sizeof(RERUN) - 1);
	struct rejunit_update *u = NULL;
	struct rejunit_execution x = { .run = 9 };
	struct rejunit_error err;
	struct rejunit_case c;
	size_t step = 0;
	int fd = mkstemp(path);

	OK(write(fd, ORIGINAL, sizeof(ORIGINAL) - 1) > 0);
	OK(!rejunit_update_new(&u, &err) &&
	    !rejunit_update_original(u, path, &err) &&
	    !rejunit_update_rerun_from(u, &rerun, &err) &&
	    !rejunit_update_plan(u, &err) && rejunit_update_test(u, 0, &c));
	OK(ftruncate(fd, 10) == 0);
	for (int i = 0; i < 2; i++)
		OK(rejunit_case_next(&c, &step, &x, &err) == REJUNIT_INPUT &&
		    step == 0 && x.run == 9);
	rejunit_update_free(u);
	close(fd);
	unlink(path);
}

/* --- long traces ---------------------------------------------------------- */

#define LONG ((size_t)400 * 1024)

/* Of a trace, only the characters that it is made of may come out. */
struct made_of {
	const char *x; /* one that begins it, */
	const char *resolved; /* and the one that all others are */
	size_t n;
};

static enum rejunit_status
look_at_trace(void *ctx, const struct rejunit_case *c)
{
	struct made_of *m = ctx;
	size_t step = 0, n = strlen(m->resolved), i = 0;
	struct rejunit_execution x;

	OK(!rejunit_case_next(c, &step, &x, NULL));
	while (i < x.trace.n && x.trace.s[i] == *m->x)
		i++;
	while (i + n <= x.trace.n && memcmp(x.trace.s + i, m->resolved, n) == 0)
		i += n;
	OK(i == x.trace.n);
	m->n = i;
	return REJUNIT_OK;
}

/* Whatever stands where a long trace is cut. */
static void
cut_trace(struct rejunit_reader *r, const char *piece, const char *resolved)
{
	static const struct rejunit_visitor visitor = { .test = look_at_trace };
	char *s = malloc(LONG + 256);
	struct made_of m = { "x", resolved, 0 };

	for (size_t shift = 0; s && shift < 24; shift++) {
		struct rejunit_input in;
		size_t n = (size_t)sprintf(s,
		    "<testsuite><testcase name='a'><failure>%.*s", (int)shift,
		    "xxxxxxxxxxxxxxxxxxxxxxxx");

		while (n < LONG)
			n += (size_t)sprintf(s + n, "%s", piece);
		n +=
		    (size_t)sprintf(s + n, "</failure></testcase></testsuite>");
		in = rejunit_memory("long", s, n);
		OK(!rejunit_reader_read(r, &in, &visitor, &m, NULL));
		OK(m.n > LONG / strlen(piece) * strlen(resolved) / 4);
	}
	free(s);
}

static void
cut_traces(void)
{
	struct rejunit_reader *r = NULL;

	OK(!rejunit_reader_new(&r, NULL));
	cut_trace(r, "\xe2\x82\xac", "\xe2\x82\xac");
	cut_trace(r, "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80");
	cut_trace(r, "&lt;", "<");
	cut_trace(r, "&#x20AC;", "\xe2\x82\xac");
	cut_trace(r, "<![CDATA[&]]>", "&");
	cut_trace(r, "<![CDATA[y]]>", "y");
	cut_trace(r, "<![CDATA[\xe2\x82\xac]]>", "\xe2\x82\xac");
	rejunit_reader_free(r);
}

/* --- an update, from wherever its reports are ---------------------------- */

struct text {
	char s[4096];
	size_t n;
	unsigned int threads; /* that were at work */
	unsigned int deleted; /* files that were open without a name */
};

static unsigned int
count_entries(const char *folder, const char *target)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;
	unsigned int n = 0;

	while (dir && (e = readdir(dir)) != NULL) {
		char path[512], link[512];
		ssize_t got;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		got = target ? readlink(path, link, sizeof(link) - 1) : 0;
		link[got > 0 ? got : 0] = '\0';
		n += !target || strstr(link, target) != NULL;
	}
	if (dir)
		closedir(dir);
	return n;
}

static int
collect(void *ctx, const void *data, size_t n)
{
	struct text *t = ctx;

	t->threads = count_entries("/proc/self/task", NULL);
	t->deleted = count_entries("/proc/self/fd", "rejunit-");
	if (n > sizeof(t->s) - t->n)
		n = sizeof(t->s) - t->n;
	memcpy(t->s + t->n, data, n);
	t->n += n;
	return 0;
}

static bool
update(const struct rejunit_input *original, const struct rejunit_input *rerun,
    struct text *out)
{
	struct rejunit_update *u = NULL;
	struct rejunit_error err = { 0 };
	bool ok;

	*out = (struct text){ .n = 0 };
	ok = !rejunit_update_new(&u, &err) &&
	     !rejunit_update_original_from(u, original, &err) &&
	     !rejunit_update_rerun_from(u, rerun, &err) &&
	     !rejunit_update_plan(u, &err) &&
	     !rejunit_update_write(u, collect, out, &err);
	if (!ok)
		printf("#   %s: %s\n", err.file, err.message);
	rejunit_update_free(u);
	return ok;
}

static int
file_of(const char *text, size_t n)
{
	char path[] = P_tmpdir "/rejunit-test-XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	OK(fd >= 0 && write(fd, text, n) == (ssize_t)n);
	return fd;
}

static bool
same(const struct text *a, const struct text *b)
{
	return a->n == b->n && a->n > 0 && memcmp(a->s, b->s, a->n) == 0;
}

static void
update_from_anywhere(void)
{
	int file = file_of(ORIGINAL, sizeof(ORIGINAL) - 1), pipes[2];
	const struct rejunit_input memory =
	    rejunit_memory("o", ORIGINAL, sizeof(ORIGINAL) - 1);
	const struct rejunit_input rerun =
	    rejunit_memory("r", RERUN, sizeof(RERUN) - 1);
	struct rejunit_input in = rejunit_descriptor("o", file);
	struct rejunit_update *u = NULL;
	struct rejunit_error err;
	struct text first, other;

	OK(update(&memory, &rerun, &first));
	OK(strstr(first.s, "flakyFailure") != NULL);
	/* wherever a file stands, it is read from its beginning */
	OK(lseek(file, 0, SEEK_CUR) > 0);
	OK(update(&in, &rerun, &other) && same(&first, &other));
	OK(fcntl(file, F_GETFD) >= 0);
	close(file);
	OK(pipe(pipes) == 0 &&
	    write(pipes[1], ORIGINAL, sizeof(ORIGINAL) - 1) > 0);
	close(pipes[1]);
	in = rejunit_descriptor("o", pipes[0]);
	OK(update(&in, &rerun, &other) && same(&first, &other));
	OK(other.deleted == 0);
	close(pipes[0]);

	/* the same bytes are no rerun of themselves, and nothing to replace */
	OK(!rejunit_update_new(&u, &err) &&
	    !rejunit_update_original_from(u, &memory, &err) &&
	    !rejunit_update_rerun_from(u, &memory, &err));
	OK(rejunit_update_lock(u, 0, &err) == REJUNIT_USAGE);
	OK(rejunit_update_plan(u, &err) == REJUNIT_INPUT);
	OK(strstr(err.message, "is the original itself") != NULL);
	rejunit_update_free(u);
}

/* What is not allowed does not happen. */
static void
allow(void)
{
	const struct rejunit_input latin =
	    rejunit_memory("o", LATIN, sizeof(LATIN) - 1);
	const struct rejunit_input rerun =
	    rejunit_memory("r", RERUN, sizeof(RERUN) - 1);
	struct text kept, filed;
	const size_t n = 6 << 20;
	char *big = malloc(n);
	struct rejunit_input in;

	OK(update(&latin, &rerun, &kept) && kept.deleted == 0);
	OK(memchr(kept.s, 0xe9, kept.n) != NULL);
	rejunit_allow_temporary(P_tmpdir);
	OK(update(&latin, &rerun, &filed) && same(&kept, &filed));
	OK(filed.deleted == 1);
	rejunit_allow_temporary("/nowhere");
	OK(!update(&latin, &rerun, &filed));
	rejunit_allow_temporary(NULL);

	memset(big, ' ', n);
	memcpy(big, ORIGINAL, sizeof(ORIGINAL) - 1);
	in = rejunit_memory("big", big, n);
	OK(update(&in, &rerun, &kept) && kept.threads == 1);
	free(big);
}

/* --- cancelling ---------------------------------------------------------- */

static int
cancel_it(void *ctx, const void *data, size_t n)
{
	(void)data;
	(void)n;
	rejunit_update_cancel(ctx);
	return 0;
}

/* One update is cancelled, and no other one. */
static void
cancel(void)
{
	const struct rejunit_input original =
	    rejunit_memory("o", ORIGINAL, sizeof(ORIGINAL) - 1);
	const struct rejunit_input rerun =
	    rejunit_memory("r", RERUN, sizeof(RERUN) - 1);
	struct rejunit_update *u = NULL;
	struct rejunit_audit *a = NULL;
	struct rejunit_error err;
	struct rejunit_execution x;
	struct rejunit_case c;
	struct text out;
	size_t step = 0;
	int alike;

	OK(!rejunit_update_new(&u, &err) &&
	    !rejunit_update_original_from(u, &original, &err) &&
	    !rejunit_update_rerun_from(u, &rerun, &err) &&
	    !rejunit_update_plan(u, &err));
	OK(!rejunit_update_write(u, cancel_it, u, &err));
	OK(rejunit_update_write(u, collect, &out, &err) != REJUNIT_OK);
	OK(rejunit_update_flakes(u, REJUNIT_JSON, collect, &out, &err) !=
	    REJUNIT_OK);
	OK(rejunit_update_test(u, 0, &c));
	OK(rejunit_case_next(&c, &step, &x, &err) != REJUNIT_OK);
	OK(rejunit_update_alike(u, 0, &alike, &err) != REJUNIT_OK);
	OK(!rejunit_audit_new(&a, &err));
	OK(rejunit_audit_update_from(a, u, &original, &err) != REJUNIT_OK);
	rejunit_audit_free(a);
	rejunit_update_free(u);
	OK(update(&original, &rerun, &out));
}

int
main(void)
{
	read_one();
	read_nested();
	cut_traces();
	read_truncated();
	update_from_anywhere();
	allow();
	cancel();
	return done();
}
