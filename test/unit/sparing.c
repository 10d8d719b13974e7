/*
 * The sparing way of reading and the plain one see the same: every element
 * with its places and attributes, every verdict, every error. So do those who
 * do not ask for passed cases, but for these.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agree.h"
#include "read/read.h"
#include "read/read_ahead.h"
#include "read/sieve.h"
#include "tap.h"

/* What there is to mutate with. */
static const char *const tokens[] = { "]]>", "<![CDATA[", "&", "&amp;", "&#1;",
	"&#x10FFFF;", "&#65;", "&nbsp;", "<?rejunit?>", "<?rejunit x?>",
	"<?x y?>", "<!--", "-->", "--", "\x80", "\xc3\xa9", "\xef\xbf\xbf",
	"\xed\xa0\x80", "\xf0\x9f\x98\x80", "'", "\"", ">", "<", "/", "=", "]",
	"\n", "\r", "\t", "\x01", "\x7f", "<testcase name=\"x\"/>",
	"<testcase name='y' name='y'/>",
	"<testcase classname=\"a\" name=\"b\" time=\"1\"></testcase>",
	"<testcase name=\"n\">\n</testcase >", "<testcase\nname=\"x&lt;\"/>",
	"<testcase xmlns=\"u\" name=\"x\"/>", "<testcase x:name=\"x\"/>",
	"<testcase name=\"a\"id=\"b\"/>", "<testcase name =\"a\" />",
	"<testcases name=\"a\"/>", "<!DOCTYPE a>", "<testsuite>",
	"</testsuite>", "</testcase>", "<failure message=\"a>b\">",
	"<testcase name=\"xy\"><system-out>a]]b</system-out></testcase>",
	"<testcase name='ab' status='run'> <system-err>", "</system-err>",
	"<testcase name='ab'><system-out><![CDATA[<&]]>&lt;</system-out>",
	"<testcase name='ab' status='notrun'/>",
	"<testcase name='ab' result='suppressed'/>",
	"<testcase name='q'><testcase name='ab'/></testcase>",
	"<testcase name=''/>" };

/* What a long report is made of. */
static const char *const pieces[] = {
	"<testcase classname=\"a.b\" name=\"t1\" time=\"0.1\" />",
	"<testcase classname='a.b' name='t22'></testcase>\n",
	"<testcase name='n'><system-out>&lt;]]\xc3\xa9</system-out></testcase>",
	"<testcase name='s'><system-err><![CDATA[]]]]></system-err></testcase>",
	"<testcase name=\"t4444\"><failure message=\"a&gt;b\"/></testcase>",
	"<testcase\tname=\"t5&quot;\"\n/>",
	"<!-- > -->",
	"<?x y?>\n",
	"plain text that stands about, of some length or other, ",
	"<testsuite name=\"in\"><testcase name=\"t\"/></testsuite>\n",
	"<testsuite name=\"of\"><testcase name=\"ab\"/><testcase name='cd'/>"
	"\n</testsuite>",
	"<testcase name=\"c\"><failure><testcase name=\"ab\"/><stackTrace/>"
	"</failure></testcase>",
	"<testcase name=\"d\"><testsuite></testsuite><testcase name=\"ab\"/>"
	"</testcase>",
	"<group><testsuite name=\"in\"><testcase name=\"ab\"/></testsuite>"
	"<testcase name=\"ab\"/></group>\n",
};

/* The same numbers in every run. */
static unsigned long long seed = 1;

static size_t
dice(size_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return n ? (size_t)(seed >> 33) % n : 0;
}

static bool
insert(struct rj_buf *b, size_t at, struct rj_str s)
{
	if (!rj_buf_reserve(b, s.n))
		return false;
	memmove(b->s + at + s.n, b->s + at, b->n - at);
	memcpy(b->s + at, s.s, s.n);
	b->n += s.n;
	return true;
}

/* Long enough to bring what follows to the edge of a window. */
static bool
insert_run(struct rj_buf *b, size_t at)
{
	static char run[RJ_WINDOW_NEW + 3000];

	memset(run, dice(2) ? 'a' : '\n', sizeof(run));
	return insert(
	    b, at, (struct rj_str){ run, sizeof(run) - 6000 + dice(6000) });
}

static void
mutate(struct rj_buf *b)
{
	for (size_t times = 1 + dice(3); times && b->n; times--) {
		size_t at = dice(b->n), n = 1 + dice(40);

		if (n > b->n - at)
			n = b->n - at;
		switch (dice(5)) {
		case 0:
			b->s[at] = (char)dice(256);
			break;
		case 1:
			memmove(b->s + at, b->s + at + n, b->n - at - n);
			b->n -= n;
			break;
		case 2:
			if (dice(20) == 0)
				(void)insert_run(b, at);
			break;
		default:
			(void)insert(b, at,
			    rj_str(tokens[dice(
				sizeof(tokens) / sizeof(*tokens))]));
			break;
		}
	}
}

static bool
read_file(const char *path, struct rj_buf *out)
{
	FILE *f = fopen(path, "rb");
	size_t n = 1;

	out->n = 0;
	while (f && n && rj_buf_reserve(out, 65536)) {
		n = fread(out->s + out->n, 1, 65536, f);
		out->n += n;
	}
	if (f)
		fclose(f);
	return f != NULL;
}

/* One report, and a number of mutants of it. */
static void
try_file(const char *path, const char *name, unsigned long mutants)
{
	struct rj_buf whole = { 0 }, mutant = { 0 };
	size_t accepted = 0, differ = 0;
	bool was;

	if (!read_file(path, &whole)) {
		ok(false, path, __LINE__);
		return;
	}
	differ += !agree(whole.s, whole.n, &was);
	for (unsigned long i = 0; i < mutants; i++) {
		mutant.n = 0;
		if (!rj_buf_add(&mutant, rj_buf_str(&whole)))
			break;
		mutate(&mutant);
		if (!agree(mutant.s, mutant.n, &was)) {
			printf("# mutant %lu\n", i);
			differ++;
		}
		accepted += was;
	}
	printf("# %zu of %lu mutants are accepted\n", accepted, mutants);
	ok(differ == 0, name, __LINE__);
	rj_buf_free(&whole);
	rj_buf_free(&mutant);
}

/* A report that is read by two threads, of what there is to mutate with. */
static void
try_long(size_t size)
{
	struct rj_buf b = { 0 };
	size_t differ = 0;
	bool was = false;

	(void)rj_buf_add(&b, RJ_STR("<testsuites><testsuite name=\"s\">"));
	for (size_t n = 0; n < 20000; n++)
		(void)rj_buf_add(&b, rj_str(pieces[1]));
	while (b.n < size) {
		size_t i = dice(sizeof(pieces) / sizeof(*pieces));

		for (size_t n = dice(60); n; n--)
			(void)rj_buf_add(&b, rj_str(pieces[i]));
	}
	(void)rj_buf_add(&b, RJ_STR("</testsuite></testsuites>"));
	differ += !agree(b.s, b.n, &was);
	ok(was && differ == 0, "a long report", __LINE__);
	/* doubtful from somewhere on, and not well-formed from there on */
	for (int i = 0; i < 2; i++) {
		(void)insert(&b, b.n / 2 + dice(b.n / 4),
		    rj_str(i ? "\x01" : "<?rejunit x?>"));
		differ += !agree(b.s, b.n, &was);
	}
	ok(differ == 0, "a long report that is in doubt, or wrong", __LINE__);
	rj_buf_free(&b);
}

/*
 * Without sparing, every byte is given as it is, also where brackets that are
 * held back stand on both sides of a window's edge.
 */
static void
try_bytes(void)
{
	const int edge = 64 * 1024;
	struct rj_buf whole = { 0 }, given = { 0 };
	struct rj_arena arena = { 0 };
	struct rj_source src;
	struct rejunit_input in;
	struct rj_sieve *f;
	int n = 1;

	(void)rj_buf_reserve(&whole, 2 * (size_t)edge);
	whole.n = 2 * (size_t)edge;
	memset(whole.s, 'x', whole.n);
	memcpy(whole.s, "<a>", 3);
	memcpy(whole.s + edge - 1, "]]<b/>", 6);
	memcpy(whole.s + whole.n - 4, "</a>", 4);
	in = rejunit_memory("x", whole.s, whole.n);
	OK(!rj_source_open(&src, &arena, &in, false, NULL));
	f = rj_sieve_new(&src, false, NULL, NULL);
	while (f && n > 0) {
		int left = edge - (int)given.n, room = 100;
		char out[200];

		/* at the edge, there is only room for one byte more */
		if (left > 0 && left < 150)
			room = left + (int)sizeof("<?rejunit?>");
		n = rj_sieve_read(f, out, room);
		if (n > 0)
			(void)rj_buf_add(
			    &given, (struct rj_str){ out, (size_t)n });
	}
	OK(f && rj_str_eq(rj_buf_str(&given), rj_buf_str(&whole)));
	rj_sieve_free(f);
	rj_source_close(&src);
	rj_arena_free(&arena);
	rj_buf_free(&whole);
	rj_buf_free(&given);
}

/* What ends CDATA is refused in text, wherever a read of it ends. */
static void
try_brackets(void)
{
	const struct rj_str head = RJ_STR("<testsuites>"), mark = RJ_STR("]]>"),
			    tail = RJ_STR("a</testsuites>");
	struct rj_buf b = { 0 };
	size_t wrong = 0;
	bool was;

	for (size_t n = 0; n < 9000; n++) {
		b.n = 0;
		if (!rj_buf_add(&b, head) || !rj_buf_reserve(&b, n))
			break;
		memset(b.s + b.n, 'a', n);
		b.n += n;
		if (!rj_buf_add(&b, mark) || !rj_buf_add(&b, tail))
			break;
		wrong += !agree(b.s, b.n, &was) || was;
	}
	ok(wrong == 0, "brackets across reads", __LINE__);
	rj_buf_free(&b);
}

/* What is sound does not depend on the version that a report declares. */
static void
try_versions(void)
{
	static const char *const versions[] = { "1.0", "1.1", "2.0", "" };
	static const char *const odd[] = { "x", "\x7f", "\xc2\x85", "&#1;",
		"&#133;", "\xe2\x80\xa8", "\x01" };
	static const char *const where[][2] = {
		{ "<testcase name=\"", "\"/>" },
		{ "<system-out>", "</system-out>" },
		{ "<testcase name=\"ab\"><system-out><![CDATA[",
		    "]]></system-out></testcase>" },
	};
	size_t differ = 0;
	bool was;

	for (int i = 0; i < 4 * 7 * 3; i++) {
		const char *const *around = where[i / 28];
		char s[300];
		int n = snprintf(s, sizeof(s),
		    "<?xml version=\"%s\"?>\n<testsuite>%s%s%s</testsuite>",
		    versions[i % 4], around[0], odd[i / 4 % 7], around[1]);

		differ += !agree(s, (size_t)n, &was);
	}
	ok(differ == 0, "versions of XML", __LINE__);
}

int
main(int argc, char **argv)
{
	const char *top = getenv("FIXTURES");
	unsigned long mutants = argc > 1 ? strtoul(argv[1], NULL, 10) : 12;
	struct dirent **list = NULL;
	int n = scandir(top ? top : "fixtures", &list, NULL, alphasort);

	rejunit_allow_threads(true);

	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	for (int i = 0; i < n; i++) {
		char path[4200];

		snprintf(path, sizeof(path), "%s/%s/original.xml",
		    top ? top : "fixtures", list[i]->d_name);
		if (access(path, R_OK) == 0)
			try_file(path, list[i]->d_name, mutants);
		free(list[i]);
	}
	free(list);
	OK(n > 50);
	try_long(5000000);
	try_bytes();
	try_brackets();
	try_versions();
	return done();
}
