/*
 * The encodings that are known without iconv, beside iconv: whatever the bytes,
 * however little room there is, both do the same.
 */
#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "file/charset.h"
#include "tap.h"

static const char *const names[] = { "US-ASCII", "ASCII", "ISO-8859-1",
	"iso-8859-1", "latin1", "ISO-8859-15", "windows-1252", "CP1252",
	"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE" };

static uint32_t luck = 1;

static uint32_t
roll(uint32_t n)
{
	luck = luck * 1664525 + 1013904223;
	return (luck >> 8) % n;
}

struct result {
	size_t status;
	int error;
	size_t taken;
	size_t made;
	char out[256];
};

static struct result
by(struct rj_charset *own, iconv_t cd, const char *s, size_t n, size_t room)
{
	struct result r = { .taken = n, .made = room };
	char text[256], *in = text, *out = r.out;

	memcpy(text, s, n);
	errno = 0;
	r.status = own ? rj_charset_convert(own, &in, &n, &out, &room)
		       : iconv(cd, &in, &n, &out, &room);
	r.error = errno;
	r.taken -= n;
	r.made -= room;
	return r;
}

static bool
alike(const char *name, bool to_utf8, const char *s, size_t n, size_t room)
{
	struct rj_charset *own = rj_charset_open_own(name, to_utf8);
	iconv_t cd =
	    to_utf8 ? iconv_open("UTF-8", name) : iconv_open(name, "UTF-8");
	struct result a, b;
	bool same;

	if (!own || cd == (iconv_t)-1)
		abort();
	a = by(own, NULL, s, n, room);
	b = by(NULL, cd, s, n, room);
	/* which of two reasons not to go on is told first is all the same */
	same = a.taken == b.taken && a.made == b.made &&
	       memcmp(a.out, b.out, a.made) == 0 &&
	       (a.status == 0) == (b.status == 0) &&
	       (a.error == b.error || a.made == room || b.made == room ||
		   a.error == E2BIG || b.error == E2BIG);
	if (!same)
		printf("# %s %s: %zu and %zu taken, %zu and %zu made, errors "
		       "%d and %d, of %zu with room for %zu\n",
		    name, to_utf8 ? "decoded" : "encoded", a.taken, b.taken,
		    a.made, b.made, a.error, b.error, n, room);
	rj_charset_close(own);
	iconv_close(cd);
	return same;
}

static bool
every_byte(const char *name)
{
	bool ok = true;

	for (int c = 0; c < 256; c++) {
		char s[4] = { (char)c, 'x', 'x', 'x' };

		ok = alike(name, true, s, 4, 64) && ok;
		s[1] = (char)c;
		s[0] = 0;
		ok = alike(name, true, s, 4, 64) && ok;
	}
	return ok;
}

/* Every character that has at most three bytes, and some of four. */
static bool
every_character(const char *name)
{
	bool ok = true;

	for (uint32_t c = 0; c < 0x10000 && ok; c++) {
		const char s[] = { (char)(0xe0 | c >> 12),
			(char)(0x80 | (c >> 6 & 0x3f)),
			(char)(0x80 | (c & 0x3f)), 'x' };
		const char two[] = { (char)(0xc0 | (c >> 6 & 0x1f)),
			(char)(0x80 | (c & 0x3f)), 'x' };

		ok = alike(name, false, s, 4, 64);
		if (c < 0x800)
			ok = alike(name, false, two, 3, 64) && ok;
	}
	return ok;
}

static bool
at_random(const char *name)
{
	static const char *const pieces[] = { "a", "<", "\xc3\xa9",
		"\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xff", "\x80",
		"\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "\xd8", "\xdc",
		"\x3d" };
	bool ok = true;

	for (int i = 0; i < 20000 && ok; i++) {
		char s[128];
		size_t n = 0;

		while (n < 40 && roll(20)) {
			const char *p = pieces[roll(roll(3) ? 5 : 13)];

			memcpy(s + n, p, strlen(p));
			n += strlen(p);
			if (roll(4) == 0)
				s[n++] = '\0';
		}
		n -= n && roll(2);
		ok = alike(name, roll(2), s, n, roll(60));
	}
	return ok;
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		ok(every_byte(names[i]), names[i], __LINE__);
		ok(every_character(names[i]), names[i], __LINE__);
		ok(at_random(names[i]), names[i], __LINE__);
	}
	OK(!rj_charset_open_own("Shift_JIS", true));
	OK(!rj_charset_open("no such encoding", true));
	return done();
}
