#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#include "rejunit.h"

/* No report has more tests; for a sum to overflow, it would take 300 GB. */
#define NUMBER_MAX 1000000000

struct rj_str
rj_str(const char *s)
{
	return (struct rj_str){ s, s ? strlen(s) : 0 };
}

bool
rj_str_eq(struct rj_str a, struct rj_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}

int
rj_str_order(struct rj_str a, struct rj_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.s, b.s, n) : 0;

	return order ? order : a.n < b.n ? -1 : a.n > b.n;
}

bool
rj_str_ieq(struct rj_str a, struct rj_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (rj_ascii_lower(a.s[i]) != rj_ascii_lower(b.s[i]))
			return false;
	return true;
}

bool
rj_str_ends(struct rj_str s, struct rj_str suffix)
{
	return s.n >= suffix.n &&
	       rj_str_eq(
		   (struct rj_str){ s.s + s.n - suffix.n, suffix.n }, suffix);
}

size_t
rj_str_find(struct rj_str s, struct rj_str part)
{
	for (size_t at = 0; at + part.n <= s.n; at++) {
		const char *first =
		    memchr(s.s + at, part.s[0], s.n - part.n + 1 - at);

		if (!first)
			break;
		at = (size_t)(first - s.s);
		if (memcmp(first, part.s, part.n) == 0)
			return at;
	}
	return s.n;
}

struct rj_str
rj_str_cut(struct rj_str s, size_t most)
{
	if (s.n <= most)
		return s;
	while (most && ((unsigned char)s.s[most] & 0xc0) == 0x80)
		most--;
	return (struct rj_str){ s.s, most };
}

struct rj_str
rj_str_visible(struct rj_str *s, char c[16])
{
	struct rj_str part = { s->s, 0 };
	int columns;

	while (part.n < s->n && s->s[part.n] >= ' ' && s->s[part.n] <= '~')
		part.n++;
	if (part.n || !s->n) {
		*s = rj_str_from(*s, part.n);
		return part;
	}
	*s = rj_str_from(*s, rejunit_visible(s->s, s->n, c, &columns));
	return rj_str(c);
}

int64_t
rj_str_number(struct rj_str s)
{
	int64_t v = 0;

	if (s.n == 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (s.s[i] < '0' || s.s[i] > '9')
			return -1;
		v = v * 10 + (s.s[i] - '0');
		if (v > NUMBER_MAX)
			return -1;
	}
	return v;
}

bool
rj_buf_reserve(struct rj_buf *b, size_t n)
{
	size_t cap;
	char *s;

	if (n <= b->cap - b->n)
		return true;
	if (n > RJ_BUF_MAX - b->n)
		return false;
	cap = b->cap ? b->cap : 64;
	while (cap < b->n + n)
		cap *= 2;
	s = realloc(b->s, cap);
	if (!s)
		return false;
	b->s = s;
	b->cap = cap;
	return true;
}

bool
rj_buf_add(struct rj_buf *b, struct rj_str s)
{
	if (!rj_buf_reserve(b, s.n))
		return false;
	if (s.n)
		memcpy(b->s + b->n, s.s, s.n);
	b->n += s.n;
	return true;
}

struct rj_str
rj_buf_str(const struct rj_buf *b)
{
	return (struct rj_str){ b->s, b->n };
}

bool
rj_buf_add_visible(struct rj_buf *b, struct rj_str s)
{
	char c[16];

	while (s.n)
		if (!rj_buf_add(b, rj_str_visible(&s, c)))
			return false;
	return true;
}

void
rj_buf_free(struct rj_buf *b)
{
	free(b->s);
	*b = (struct rj_buf){ 0 };
}
