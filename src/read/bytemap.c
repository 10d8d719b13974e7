#include "read/bytemap.h"
#include "base/xmlchar.h"

#include <string.h>

#include <utf8proc.h>

#ifdef __SSE2__
#include <immintrin.h>
/* the C library knows already: to ask a virtual processor takes long */
#if defined(__x86_64__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
#include <sys/platform/x86.h>
#define HAVE_AVX2
#endif
#endif
#endif

#define BLOCK RJ_BYTEMAP_BLOCK

/* --- the maps ------------------------------------------------------------ */

/* Notes the blocks of some bytes. */
typedef void
scan_fn(struct rj_bytemap *m, size_t block, size_t end, const char *s);

/* What is noted of a block, and the lines before the next one. */
static inline void
note(struct rj_bytemap *m, size_t block, uint64_t text, uint64_t value,
    uint64_t lf, unsigned int lines)
{
	m->text[block] = text;
	m->value[block] = value;
	m->lf[block] = lf;
	m->lines[block + 1] = m->lines[block] + lines;
}

#ifdef __SSE2__
#define EQ(c)	 _mm_cmpeq_epi8(v, _mm_set1_epi8(c))
#define OR(a, b) _mm_or_si128(a, b)
#define BITS(v)	 ((uint64_t)(unsigned int)_mm_movemask_epi8(v) << i)

static void
scan_sse2(struct rj_bytemap *m, size_t block, size_t end, const char *s)
{
	for (; block < end; block++, s += BLOCK) {
		uint64_t text = 0, value = 0, lf = 0;
		__m128i lines = _mm_setzero_si128();

		for (int i = 0; i < BLOCK; i += 16) {
			__m128i v = _mm_loadu_si128((const __m128i *)(s + i));
			__m128i is_lf = EQ('\n'), mark = OR(EQ('<'), EQ('&'));
			__m128i blank = OR(is_lf, OR(EQ('\r'), EQ('\t')));
			__m128i quote = OR(EQ('"'), EQ('\''));
			/* bytes have signs here: all above ASCII is low */
			__m128i low = _mm_cmplt_epi8(v, _mm_set1_epi8(' '));

			text |= BITS(OR(
			    _mm_andnot_si128(blank, low), OR(mark, EQ(']'))));
			value |= BITS(OR(low, OR(mark, quote)));
			lf |= BITS(is_lf);
			lines = _mm_sub_epi8(lines, is_lf);
		}
		lines = _mm_sad_epu8(lines, _mm_setzero_si128());
		note(m, block, text, value, lf,
		    (unsigned int)(_mm_cvtsi128_si32(lines) +
				   _mm_extract_epi16(lines, 4)));
	}
}

#undef EQ
#undef OR
#undef BITS
#endif

#ifdef HAVE_AVX2
#define EQ(c)	 _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c))
#define OR(a, b) _mm256_or_si256(a, b)
#define BITS(v)	 ((uint64_t)(unsigned int)_mm256_movemask_epi8(v) << i)

/* The same with vectors of twice the length. */
__attribute__((target("avx2,popcnt"))) static void
scan_avx2(struct rj_bytemap *m, size_t block, size_t end, const char *s)
{
	for (; block < end; block++, s += BLOCK) {
		uint64_t text = 0, value = 0, lf = 0;

		for (int i = 0; i < BLOCK; i += 32) {
			__m256i v =
			    _mm256_loadu_si256((const __m256i *)(s + i));
			__m256i is_lf = EQ('\n'), mark = OR(EQ('<'), EQ('&'));
			__m256i blank = OR(is_lf, OR(EQ('\r'), EQ('\t')));
			__m256i low =
			    _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), v);
			__m256i quote = OR(EQ('"'), EQ('\''));

			text |= BITS(OR(_mm256_andnot_si256(blank, low),
			    OR(mark, EQ(']'))));
			value |= BITS(OR(low, OR(mark, quote)));
			lf |= BITS(is_lf);
		}
		note(m, block, text, value, lf,
		    (unsigned int)__builtin_popcountll(lf));
	}
}

#undef EQ
#undef OR
#undef BITS
#endif

#ifndef __SSE2__
enum class {
	TEXT = 1,
	VALUE = 2,
	LF = 4
};

static unsigned int
class_of(unsigned char c)
{
	if (c == '\n')
		return VALUE | LF;
	if (c == '\t' || c == '\r' || c == '"' || c == '\'')
		return VALUE;
	if (c == ']')
		return TEXT;
	return c < ' ' || c >= 0x80 || c == '<' || c == '&' ? TEXT | VALUE : 0;
}

static void
scan_bytes(struct rj_bytemap *m, size_t block, size_t end, const char *s)
{
	for (; block < end; block++, s += BLOCK) {
		uint64_t text = 0, value = 0, lf = 0;
		unsigned int lines = 0;

		for (int i = 0; i < BLOCK; i++) {
			unsigned int c = class_of((unsigned char)s[i]);
			bool is_lf = c & LF;

			text |= (uint64_t)((c & TEXT) != 0) << i;
			value |= (uint64_t)((c & VALUE) != 0) << i;
			lf |= (uint64_t)is_lf << i;
			lines += is_lf;
		}
		note(m, block, text, value, lf, lines);
	}
}
#endif

/* The fastest way that this machine has. */
static scan_fn *
choose(void)
{
#ifdef HAVE_AVX2
	if (CPU_FEATURE_ACTIVE(AVX2) && CPU_FEATURE_ACTIVE(POPCNT))
		return scan_avx2;
#endif
#ifdef __SSE2__
	return scan_sse2;
#else
	return scan_bytes;
#endif
}

void
rj_bytemap(struct rj_bytemap *m, const char *s, size_t from, size_t to)
{
	scan_fn *scan = choose();
	size_t block = from / BLOCK, end = to / BLOCK;
	char rest[BLOCK] = { 0 };

	m->s = s;
	m->n = to;
	m->lines[block] = 0;
	scan(m, block, end, s + from);
	if (to % BLOCK == 0)
		return;
	/* what follows is no character: there everything stops */
	memcpy(rest, s + end * BLOCK, to % BLOCK);
	scan(m, end, end + 1, rest);
}

void
rj_bytemap_keep(struct rj_bytemap *m, size_t to, const struct rj_bytemap *last,
    size_t from, size_t n)
{
	size_t at = to / BLOCK, old = from / BLOCK;
	unsigned int lines = last->lines[(from + n) / BLOCK];

	/* only differences of lines count, so that they may wrap */
	for (n /= BLOCK; n; n--, at++, old++) {
		m->text[at] = last->text[old];
		m->value[at] = last->value[old];
		m->lf[at] = last->lf[old];
		m->lines[at] = last->lines[old] - lines;
	}
}

/* The next byte that is noted, or the end. */
static inline size_t
next(const uint64_t *map, size_t at, size_t n)
{
	size_t block = at / BLOCK;
	uint64_t bits;

	if (at >= n)
		return n;
	bits = map[block] & ~(uint64_t)0 << at % BLOCK;
	while (!bits) {
		if (++block * BLOCK >= n)
			return n;
		bits = map[block];
	}
	at = block * BLOCK + (size_t)__builtin_ctzll(bits);
	return at < n ? at : n;
}

/* Those in front of an offset. */
static unsigned int
lines_before(const struct rj_bytemap *m, size_t at)
{
	uint64_t bits;

	if (at % BLOCK == 0)
		return m->lines[at / BLOCK];
	bits = m->lf[at / BLOCK] & ~(~(uint64_t)0 << at % BLOCK);
	return m->lines[at / BLOCK] + (unsigned int)__builtin_popcountll(bits);
}

unsigned long
rj_bytemap_lines(const struct rj_bytemap *m, size_t from, size_t to)
{
	return lines_before(m, to) - lines_before(m, from);
}

/* --- what is sound ------------------------------------------------------- */

/* The length of the sound characters above ASCII at s; 0: they are not. */
static size_t
sound_utf8(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (unsigned char)s[i] >= 0x80) {
		utf8proc_int32_t c;
		utf8proc_ssize_t k =
		    utf8proc_iterate((const utf8proc_uint8_t *)s + i,
			(utf8proc_ssize_t)(n - i < 4 ? n - i : 4), &c);

		if (k <= 0 || !rj_is_xml_char(c))
			break;
		i += (size_t)k;
	}
	return i;
}

/*
 * The length of a sound reference; 0: it is none, or a doubtful one. The
 * longest is shorter than RJ_BYTEMAP_LOOK bytes, which have to be there.
 */
static size_t
reference(const char *s)
{
	const bool hex = s[2] == 'x';
	utf8proc_int32_t code = 0;
	size_t i, first = hex ? 3 : 2;

	if (memcmp(s, "&lt;", 4) == 0 || memcmp(s, "&gt;", 4) == 0)
		return 4;
	if (memcmp(s, "&amp;", 5) == 0)
		return 5;
	if (memcmp(s, "&quot;", 6) == 0 || memcmp(s, "&apos;", 6) == 0)
		return 6;
	if (s[1] != '#')
		return 0;
	for (i = first; i < first + 7; i++) {
		char c = s[i];
		int digit = c >= '0' && c <= '9' ? c - '0' : -1;

		if (hex && c >= 'a' && c <= 'f')
			digit = c - 'a' + 10;
		if (hex && c >= 'A' && c <= 'F')
			digit = c - 'A' + 10;
		if (digit < 0)
			break;
		code = code * (hex ? 16 : 10) + digit;
	}
	if (i == first || s[i] != ';' || !rj_is_xml_char(code))
		return 0;
	return i + 1;
}

static bool
is_section_end(const char *s, size_t n)
{
	return n > 2 && s[0] == ']' && s[1] == ']' && s[2] == '>';
}

size_t
rj_bytemap_blank(const struct rj_bytemap *m, size_t at)
{
	while (at < m->n && rj_is_blank(m->s[at]))
		at++;
	return at;
}

size_t
rj_bytemap_text(const struct rj_bytemap *m, size_t at)
{
	size_t block = at / BLOCK;
	uint64_t bits;

	if (at >= m->n)
		return m->n;
	bits = m->text[block] & ~(uint64_t)0 << at % BLOCK;
	for (;;) {
		const char *s;
		size_t n, k = 0;

		while (!bits) {
			if (++block * BLOCK >= m->n)
				return m->n;
			bits = m->text[block];
		}
		at = block * BLOCK + (size_t)__builtin_ctzll(bits);
		s = m->s + at;
		n = m->n - at;
		if (at + RJ_BYTEMAP_LOOK > m->n)
			return at < m->n ? at : m->n;
		if (*s == '<')
			return at;
		/* nothing else stops within a reference */
		bits &= bits - 1;
		if (*s == '&' ? reference(s) > 0
			      : *s == ']' && !is_section_end(s, n))
			continue;
		if ((unsigned char)*s >= 0x80)
			k = sound_utf8(s, n);
		if (k == 0)
			return at;
		at += k;
		if (at >= m->n)
			return m->n;
		block = at / BLOCK;
		bits = m->text[block] & ~(uint64_t)0 << at % BLOCK;
	}
}

size_t
rj_bytemap_cdata(const struct rj_bytemap *m, size_t at)
{
	for (;;) {
		const char *s;
		size_t n, k;

		at = next(m->text, at, m->n);
		s = m->s + at;
		n = m->n - at;
		if (n == 0 || is_section_end(s, n))
			return at;
		if ((unsigned char)*s >= 0x80)
			k = sound_utf8(s, n);
		else
			k = *s == ']' || *s == '<' || *s == '&';
		if (k == 0 || n < RJ_BYTEMAP_LOOK)
			return at;
		at += k;
	}
}

size_t
rj_bytemap_value(const struct rj_bytemap *m, size_t at, char quote)
{
	for (;; at++) {
		at = next(m->value, at, m->n);
		if (at == m->n)
			return SIZE_MAX;
		if (m->s[at] == quote)
			return at;
		if (m->s[at] != '"' && m->s[at] != '\'')
			return SIZE_MAX;
	}
}
