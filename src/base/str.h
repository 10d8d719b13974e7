/*
 * str.h - strings that carry their length, and a buffer to build them in.
 *
 * A struct rj_str owns nothing: it points into an arena, a buffer or a
 * literal, which must outlive it. Its bytes may hold anything but are not
 * NUL-terminated. An absent string has s == NULL; an empty one has not.
 *
 * A struct rj_buf owns its bytes; rj_buf_free() gives them back. It stops at
 * RJ_BUF_MAX, and a failed append leaves it as it was.
 */
#ifndef RJ_STR_H
#define RJ_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rj_str {
	const char *s;
	size_t n;
};

#define RJ_STR(literal) ((struct rj_str){ (literal), sizeof(literal) - 1 })
#define RJ_BUF_MAX	((size_t)1 << 31)

struct rj_buf {
	char *s;
	size_t n;
	size_t cap;
};

/* A C string as a slice of it; NULL gives the absent string. */
struct rj_str rj_str(const char *s);

/* Equal bytes; an absent string equals an empty one. */
bool rj_str_eq(struct rj_str a, struct rj_str b);

/* Less than 0, 0, or more: in the order of their bytes. */
int rj_str_order(struct rj_str a, struct rj_str b);

static inline char
rj_ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Equal bytes but for the case of ASCII letters. */
bool rj_str_ieq(struct rj_str a, struct rj_str b);

bool rj_str_ends(struct rj_str s, struct rj_str suffix);

static inline bool
rj_str_starts(struct rj_str s, struct rj_str prefix)
{
	return prefix.n == 0 ||
	       (s.n >= prefix.n && memcmp(s.s, prefix.s, prefix.n) == 0);
}

/* What stands from an offset on. */
static inline struct rj_str
rj_str_from(struct rj_str s, size_t at)
{
	/* of an absent string, nothing may be added to */
	return (struct rj_str){ at ? s.s + at : s.s, s.n - at };
}

/* Where a part, which is not empty, first stands; the length: nowhere. */
size_t rj_str_find(struct rj_str s, struct rj_str part);

/* A letter, a digit or "_": what names are made of. */
static inline bool
rj_is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

/* Its beginning, of so many bytes at most and not within a character. */
struct rj_str rj_str_cut(struct rj_str s, size_t most);

/* A value in a message, for "%.*s". */
#define RJ_SHOWN(str) (int)rj_str_cut(str, 80).n, (str).n ? (str).s : ""

/* What XML takes for white space. */
static inline bool
rj_is_blank(char c)
{
	/* most characters are more than a space */
	return c <= ' ' && (c == ' ' || c == '\n' || c == '\t' || c == '\r');
}

/*
 * Takes what comes next off a string: as much as is printable, or one character
 * that must not be shown, in a visible form that is put into c.
 */
struct rj_str rj_str_visible(struct rj_str *s, char c[16]);

/* A plain decimal number without a sign; -1 for anything else or too large. */
int64_t rj_str_number(struct rj_str s);

/* Appends; false where memory or RJ_BUF_MAX ends it. */
bool rj_buf_add(struct rj_buf *b, struct rj_str s);

/* Appends text on one line, with what must not be there made visible. */
bool rj_buf_add_visible(struct rj_buf *b, struct rj_str s);

/* Makes room for n more bytes at b->s + b->n, without counting them in. */
bool rj_buf_reserve(struct rj_buf *b, size_t n);

struct rj_str rj_buf_str(const struct rj_buf *b);
void rj_buf_free(struct rj_buf *b);

#endif
