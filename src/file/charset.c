#include "file/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#define LAST	0x10ffff /* that there is */
#define NOTHING UINT32_MAX

enum form {
	BYTES,
	WIDE_LE,
	WIDE_BE,
};

/* An encoding: of single bytes, or of units of so many bytes. */
struct own {
	const char *names; /* a NUL behind each */
	enum form form;
	unsigned int width;
	/* of bytes: up to this one, each is the character of its number, */
	unsigned int plain;
	uint16_t first; /* but for those from here on */
	const uint16_t *special; /* 0: there is none */
	unsigned int n;
};

static const uint16_t windows_1252[] = { 0x20ac, 0, 0x201a, 0x0192, 0x201e,
	0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
	0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178 };
static const uint16_t latin_9[] = { 0x20ac, 0xa5, 0x0160, 0xa7, 0x0161, 0xa9,
	0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xb0, 0xb1, 0xb2, 0xb3, 0x017d,
	0xb5, 0xb6, 0xb7, 0x017e, 0xb9, 0xba, 0xbb, 0x0152, 0x0153, 0x0178 };

static const struct own owns[] = {
	{ .names = "US-ASCII\0ASCII\0ANSI_X3.4-1968\0", .plain = 0x7f },
	{ .names = "ISO-8859-1\0ISO8859-1\0ISO_8859-1\0LATIN1\0L1\0",
	    .plain = 0xff },
	{ .names = "ISO-8859-15\0ISO8859-15\0ISO_8859-15\0LATIN-9\0",
	    .plain = 0xff,
	    .first = 0xa4,
	    .special = latin_9,
	    .n = sizeof(latin_9) / sizeof(*latin_9) },
	{ .names = "WINDOWS-1252\0CP1252\0",
	    .plain = 0xff,
	    .first = 0x80,
	    .special = windows_1252,
	    .n = sizeof(windows_1252) / sizeof(*windows_1252) },
	{ .names = "UTF-16LE\0", .form = WIDE_LE, .width = 2 },
	{ .names = "UTF-16BE\0", .form = WIDE_BE, .width = 2 },
	{ .names = "UTF-32LE\0", .form = WIDE_LE, .width = 4 },
	{ .names = "UTF-32BE\0", .form = WIDE_BE, .width = 4 },
};

struct rj_charset {
	iconv_t cd;
	const struct own *own; /* NULL: iconv's */
	bool to_utf8;
};

/* --- one character -------------------------------------------------------- */

/* Of what was taken: bytes; 0: it has only begun; less: it is wrong. */
typedef int
take_fn(const struct own *e, const unsigned char *s, size_t n, uint32_t *c);
/* Bytes that were put; 0: there is no room; less: the encoding has it not. */
typedef int
put_fn(const struct own *e, uint32_t c, unsigned char *out, size_t room);

static bool
is_surrogate(uint32_t c)
{
	return c >= 0xd800 && c <= 0xdfff;
}

static int
take_utf8(const struct own *e, const unsigned char *s, size_t n, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned int more = s[0] < 0x80	  ? 0
			    : s[0] < 0xc2 ? 4
			    : s[0] < 0xe0 ? 1
			    : s[0] < 0xf0 ? 2
			    : s[0] < 0xf5 ? 3
					  : 4;

	(void)e;
	if (more == 4)
		return -1;
	*c = more ? s[0] & (0x3fu >> more) : s[0];
	for (unsigned int i = 1; i <= more; i++) {
		if (i >= n)
			return 0;
		if ((s[i] & 0xc0) != 0x80)
			return -1;
		*c = *c << 6 | (s[i] & 0x3f);
	}
	return *c < least[more + 1] || *c > LAST || is_surrogate(*c)
		   ? -1
		   : (int)more + 1;
}

static int
put_utf8(const struct own *e, uint32_t c, unsigned char *out, size_t room)
{
	static const unsigned char marks[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	int n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	(void)e;
	if ((size_t)n > room)
		return 0;
	for (int i = n; i-- > 1; c >>= 6)
		out[i] = (unsigned char)(0x80 | (c & 0x3f));
	out[0] = (unsigned char)(marks[n] | c);
	return n;
}

static int
take_byte(const struct own *e, const unsigned char *s, size_t n, uint32_t *c)
{
	(void)n;
	*c = s[0];
	if (*c >= e->first && *c - e->first < e->n)
		*c = e->special[*c - e->first];
	return s[0] <= e->plain && (*c || !s[0]) ? 1 : -1;
}

static int
put_byte(const struct own *e, uint32_t c, unsigned char *out, size_t room)
{
	uint32_t byte = NOTHING;

	for (uint32_t i = 0; i < e->n; i++)
		if (c && e->special[i] == c)
			byte = e->first + i;
	if (byte == NOTHING && c <= e->plain &&
	    !(c >= e->first && c - e->first < e->n))
		byte = c;
	if (byte == NOTHING)
		return -1;
	if (room == 0)
		return 0;
	*out = (unsigned char)byte;
	return 1;
}

static uint32_t
unit_at(const struct own *e, const unsigned char *s)
{
	uint32_t unit = 0;

	for (unsigned int i = 0; i < e->width; i++)
		unit = unit << 8 | s[e->form == WIDE_BE ? i : e->width - 1 - i];
	return unit;
}

static void
put_unit(const struct own *e, uint32_t unit, unsigned char *out)
{
	for (unsigned int i = e->width; i-- > 0; unit >>= 8)
		out[e->form == WIDE_BE ? i : e->width - 1 - i] =
		    (unsigned char)unit;
}

static int
take_wide(const struct own *e, const unsigned char *s, size_t n, uint32_t *c)
{
	uint32_t low;

	if (n < e->width)
		return 0;
	*c = unit_at(e, s);
	if (!is_surrogate(*c))
		return *c <= LAST ? (int)e->width : -1;
	if (e->width == 4 || *c >= 0xdc00)
		return -1;
	if (n < 4)
		return 0;
	low = unit_at(e, s + 2);
	if (low < 0xdc00 || low > 0xdfff)
		return -1;
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return 4;
}

static int
put_wide(const struct own *e, uint32_t c, unsigned char *out, size_t room)
{
	int n = e->width == 2 && c < 0x10000 ? 2 : 4;

	if ((size_t)n > room)
		return 0;
	if (e->width == 2 && n == 4) {
		put_unit(e, 0xd800 + ((c - 0x10000) >> 10), out);
		put_unit(e, 0xdc00 + ((c - 0x10000) & 0x3ff), out + 2);
	} else {
		put_unit(e, c, out);
	}
	return n;
}

/* --- a text --------------------------------------------------------------- */

static size_t
convert(
    const struct rj_charset *cs, char **in, size_t *n, char **out, size_t *room)
{
	const struct own *e = cs->own;
	take_fn *take =
	    cs->to_utf8 ? e->form == BYTES ? take_byte : take_wide : take_utf8;
	put_fn *put =
	    !cs->to_utf8 ? e->form == BYTES ? put_byte : put_wide : put_utf8;

	while (*n) {
		uint32_t c = 0;
		int taken = take(e, (const unsigned char *)*in, *n, &c);
		int made =
		    taken > 0 ? put(e, c, (unsigned char *)*out, *room) : -1;

		if (taken <= 0 || made <= 0) {
			errno = taken == 0  ? EINVAL
				: made == 0 ? E2BIG
					    : EILSEQ;
			return (size_t)-1;
		}
		*in += taken;
		*n -= (size_t)taken;
		*out += made;
		*room -= (size_t)made;
	}
	return 0;
}

size_t
rj_charset_convert(
    struct rj_charset *c, char **in, size_t *n, char **out, size_t *room)
{
	return c->own ? convert(c, in, n, out, room)
		      : iconv(c->cd, in, n, out, room);
}

static const struct own *
find_own(struct rj_str encoding)
{
	for (size_t i = 0; i < sizeof(owns) / sizeof(*owns); i++)
		for (const char *name = owns[i].names; *name;
		     name += strlen(name) + 1)
			if (rj_str_ieq(encoding, rj_str(name)))
				return &owns[i];
	return NULL;
}

static struct rj_charset *
new_charset(const struct own *own, bool to_utf8)
{
	struct rj_charset *c = calloc(1, sizeof(*c));

	if (!c) {
		errno = ENOMEM;
		return NULL;
	}
	c->own = own;
	c->to_utf8 = to_utf8;
	return c;
}

struct rj_charset *
rj_charset_open_own(const char *encoding, bool to_utf8)
{
	const struct own *own = find_own(rj_str(encoding));

	if (!own) {
		errno = EINVAL;
		return NULL;
	}
	return new_charset(own, to_utf8);
}

#ifdef RJ_STATIC
struct rj_charset *
rj_charset_open(const char *encoding, bool to_utf8)
{
	return rj_charset_open_own(encoding, to_utf8);
}
#else
struct rj_charset *
rj_charset_open(const char *encoding, bool to_utf8)
{
	struct rj_charset *c;
	iconv_t cd = to_utf8 ? iconv_open("UTF-8", encoding)
			     : iconv_open(encoding, "UTF-8");

	if (cd == (iconv_t)-1)
		return errno == EINVAL ? rj_charset_open_own(encoding, to_utf8)
				       : NULL;
	c = new_charset(NULL, to_utf8);
	if (c)
		c->cd = cd;
	else
		iconv_close(cd);
	return c;
}
#endif

void
rj_charset_close(struct rj_charset *c)
{
	if (!c)
		return;
	if (!c->own)
		iconv_close(c->cd);
	free(c);
}
