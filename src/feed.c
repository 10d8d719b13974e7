#include "feed.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define WINDOW	 65536
#define TARGET	 "rejunit"
#define TOKEN	 "<?" TARGET "?>"
#define CASES	 1024 /* that wait for the parser */
#define CASE_MAX 16384 /* bytes of one that is set aside */
#define GAPS	 4096
#define LOOK	 16 /* bytes that decide what something is */
#define PADDING	 512

/* What the position in the window is within. */
enum state {
	TEXT,
	CDATA,
	TAG, /* one that is longer than the window */
	SECTION, /* a comment or an instruction like that */
	BLIND, /* nothing that is understood here */
};

/* What a case that is set aside may say of itself, by its first letter. */
enum part {
	ASSERTIONS,
	CLASSNAME,
	FILE_NAME,
	ID,
	LINE,
	NAME,
	RESULT,
	STATUS,
	TIME,
	PARTS
};

static const struct {
	const char *name;
	size_t n;
	enum rj_attr attr; /* RJ_ATTRS: nobody asks for it */
} parts[PARTS] = {
	[ASSERTIONS] = { "assertions", 10, RJ_ATTRS },
	[CLASSNAME] = { "classname", 9, RJ_ATTR_CLASSNAME },
	[FILE_NAME] = { "file", 4, RJ_ATTR_FILE },
	[ID] = { "id", 2, RJ_ATTRS },
	[LINE] = { "line", 4, RJ_ATTR_LINE },
	[NAME] = { "name", 4, RJ_ATTR_NAME },
	[RESULT] = { "result", 6, RJ_ATTR_RESULT },
	[STATUS] = { "status", 6, RJ_ATTR_STATUS },
	[TIME] = { "time", 4, RJ_ATTR_TIME },
};

/* A case that waits; all offsets are the window's. */
struct set_aside {
	unsigned int at;
	unsigned int body; /* behind its start tag */
	unsigned int body_end;
	unsigned int end;
	unsigned int has; /* bits of enum part */
	unsigned int lines; /* between its token and its "<" */
	bool last; /* of its token */
	uint64_t given; /* the token's offset */
	struct {
		unsigned int at;
		unsigned int n;
	} value[PARTS];
};

/* From an offset in what was given on, the source is so much further. */
struct gap {
	uint64_t given;
	int64_t skip;
	unsigned long lines;
};

struct rj_feed {
	const struct rj_source *src;
	struct rejunit_error *err;
	enum rejunit_status status;
	enum state state;
	bool sparing;
	bool has_spared;
	unsigned int depth; /* of open elements */
	struct rj_str mark; /* that ends the section */
	char quote; /* of the value that we are in */
	size_t values; /* in this tag, */
	bool closing; /* which is an end tag, */
	char last; /* and whose last byte so far this is */

	char *out; /* where it is to go, */
	size_t room;
	size_t n; /* and how much has gone there */
	uint64_t given; /* in all */
	size_t first_gap; /* of those that no place has passed yet */
	size_t n_gaps;
	int64_t skipped; /* by those passed */
	unsigned long lines;

	size_t n_cases;
	size_t next_case;
	size_t tokens; /* given, and not come to yet */

	uint64_t base; /* the window's offset in the source */
	size_t pos; /* what is not given yet */
	size_t pass; /* up to here it is judged, and goes to the parser */
	size_t len;

	/* from here on not cleared */
	struct gap gaps[GAPS];
	struct set_aside cases[CASES];
	char window[WINDOW];
};

struct rj_feed *
rj_feed_new(const struct rj_source *src, bool spare, struct rejunit_error *err)
{
	struct rj_feed *f = malloc(sizeof(*f));

	if (!f)
		return NULL;
	memset(f, 0, offsetof(struct rj_feed, gaps));
	f->src = src;
	f->err = err;
	f->sparing = spare;
	return f;
}

void
rj_feed_free(struct rj_feed *f)
{
	free(f);
}

enum rejunit_status
rj_feed_status(const struct rj_feed *f)
{
	return f->status;
}

bool
rj_feed_has_spared(const struct rj_feed *f)
{
	return f->has_spared;
}

/* --- runs of harmless bytes ---------------------------------------------- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* What stops a run: what is no plain ASCII, and three marks. */
static bool
stops(char c, char mark1, char mark2)
{
	unsigned char u = (unsigned char)c;

	return u >= 0x80 || (u < ' ' && !is_blank(c)) || c == ']' ||
	       c == mark1 || c == mark2;
}

#ifdef __SSE2__
/* What a byte that stops a run looks like, and a newline. */
struct marks {
	__m128i space, lf, cr, tab, bracket, m1, m2;
};

/* Sums up the bytes of a vector, each at most 255. */
static unsigned long
sum_bytes(__m128i v)
{
	__m128i sad = _mm_sad_epu8(v, _mm_setzero_si128());

	return (unsigned long)_mm_cvtsi128_si32(sad) +
	       (unsigned long)_mm_extract_epi16(sad, 4);
}

/* Goes on by sixteen bytes at a time, until one of them stops the run. */
static size_t
plain_blocks(
    const char *s, size_t n, char mark1, char mark2, unsigned long *lines)
{
	const struct marks m = { _mm_set1_epi8(' '), _mm_set1_epi8('\n'),
		_mm_set1_epi8('\r'), _mm_set1_epi8('\t'), _mm_set1_epi8(']'),
		_mm_set1_epi8(mark1), _mm_set1_epi8(mark2) };
	__m128i count = _mm_setzero_si128();
	size_t i = 0;

	for (unsigned int blocks = 1; i + 16 <= n; i += 16, blocks++) {
		__m128i v = _mm_loadu_si128((const __m128i *)(s + i));
		__m128i is_lf = _mm_cmpeq_epi8(v, m.lf);
		__m128i blank =
		    _mm_or_si128(is_lf, _mm_or_si128(_mm_cmpeq_epi8(v, m.cr),
					    _mm_cmpeq_epi8(v, m.tab)));
		/* the comparison has signs: it takes in all above ASCII */
		__m128i low =
		    _mm_andnot_si128(blank, _mm_cmplt_epi8(v, m.space));
		__m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, m.bracket),
		    _mm_or_si128(
			_mm_cmpeq_epi8(v, m.m1), _mm_cmpeq_epi8(v, m.m2)));

		if (_mm_movemask_epi8(_mm_or_si128(low, hit)))
			break;
		count = _mm_sub_epi8(count, is_lf);
		if (blocks % 255 == 0) {
			*lines += sum_bytes(count);
			count = _mm_setzero_si128();
		}
	}
	*lines += sum_bytes(count);
	return i;
}
#else
static size_t
plain_blocks(
    const char *s, size_t n, char mark1, char mark2, unsigned long *lines)
{
	(void)s;
	(void)n;
	(void)mark1;
	(void)mark2;
	(void)lines;
	return 0;
}
#endif

/* The length of the run at s, and the lines in it. */
static size_t
plain_run(const char *s, size_t n, char mark1, char mark2, unsigned long *lines)
{
	size_t i = plain_blocks(s, n, mark1, mark2, lines);

	for (; i < n && !stops(s[i], mark1, mark2); i++)
		*lines += s[i] == '\n';
	return i;
}

/* The length of a value up to its quote, or SIZE_MAX: it is not plain. */
static size_t
plain_value(const char *s, size_t n, char quote)
{
	size_t i = 0;

#ifdef __SSE2__
	const __m128i space = _mm_set1_epi8(' '), less = _mm_set1_epi8('<');
	const __m128i amp = _mm_set1_epi8('&'), q = _mm_set1_epi8(quote);

	for (; i + 16 <= n; i += 16) {
		__m128i v = _mm_loadu_si128((const __m128i *)(s + i));
		__m128i hit =
		    _mm_or_si128(_mm_or_si128(_mm_cmplt_epi8(v, space),
				     _mm_cmpeq_epi8(v, q)),
			_mm_or_si128(
			    _mm_cmpeq_epi8(v, less), _mm_cmpeq_epi8(v, amp)));
		unsigned int stop = (unsigned int)_mm_movemask_epi8(hit);

		if (stop) {
			i += (unsigned int)__builtin_ctz(stop);
			return s[i] == quote ? i : SIZE_MAX;
		}
	}
#endif
	/* where char has no sign, what is above ASCII is not below the blank */
	while (i < n && s[i] != quote && s[i] != '<' && s[i] != '&' &&
	       (unsigned char)s[i] >= ' ' && (unsigned char)s[i] < 0x80)
		i++;
	return i < n && s[i] == quote ? i : SIZE_MAX;
}

/* --- gaps ---------------------------------------------------------------- */

static void
give(struct rj_feed *f, const char *s, size_t n)
{
	memcpy(f->out + f->n, s, n);
	f->n += n;
	f->given += n;
}

/* What comes next is so much further on in the source. */
static void
add_gap(struct rj_feed *f, int64_t skip, unsigned long lines)
{
	struct gap *last = NULL;

	f->has_spared = true;
	if (f->n_gaps)
		last = &f->gaps[(f->first_gap + f->n_gaps - 1) % GAPS];
	if (!last || last->given != f->given) {
		last = &f->gaps[(f->first_gap + f->n_gaps++) % GAPS];
		*last = (struct gap){ .given = f->given };
	}
	last->skip += skip;
	last->lines += lines;
}

uint64_t
rj_feed_place(struct rj_feed *f, uint64_t given, unsigned long *lines)
{
	while (f->n_gaps && f->gaps[f->first_gap].given <= given) {
		f->skipped += f->gaps[f->first_gap].skip;
		f->lines += f->gaps[f->first_gap].lines;
		f->first_gap = (f->first_gap + 1) % GAPS;
		f->n_gaps--;
	}
	*lines = f->lines;
	return (uint64_t)((int64_t)given + f->skipped);
}

/* Leaves out what stands at the position. */
static void
drop(struct rj_feed *f, size_t n, unsigned long lines)
{
	if (n == 0)
		return;
	add_gap(f, (int64_t)n, lines);
	f->pos = f->pass = f->pos + n;
}

/* --- cases that are set aside -------------------------------------------- */

static enum part
part_at(const char *s, const char *end)
{
	static const signed char by_letter[26] = {
		['a' - 'a'] = ASSERTIONS + 1,
		['c' - 'a'] = CLASSNAME + 1,
		['f' - 'a'] = FILE_NAME + 1,
		['i' - 'a'] = ID + 1,
		['l' - 'a'] = LINE + 1,
		['n' - 'a'] = NAME + 1,
		['r' - 'a'] = RESULT + 1,
		['s' - 'a'] = STATUS + 1,
		['t' - 'a'] = TIME + 1,
	};
	int i = *s >= 'a' && *s <= 'z' ? by_letter[*s - 'a'] - 1 : -1;
	size_t n;

	if (i < 0)
		return PARTS;
	n = parts[i].n;
	/* as long as that and a value's two quotes at the least */
	if ((size_t)(end - s) < n + 3 || s[n] != '=' ||
	    memcmp(s, parts[i].name, n) != 0)
		return PARTS;
	return (enum part)i;
}

static const char *
skip_blank(const char *s, const char *end, unsigned int *lines)
{
	for (; s < end && is_blank(*s); s++)
		*lines += *s == '\n';
	return s;
}

/*
 * Reads a case without children whose attributes are all known, plain ASCII
 * and without references. Anything else is no such case: false.
 */
static bool
read_case(const struct rj_feed *f, size_t at, struct set_aside *c,
    unsigned int *lines)
{
	static const char open[] = "<testcase", close[] = "</testcase>";
	const size_t n_open = sizeof(open) - 1, n_close = sizeof(close) - 1;
	const char *s = f->window + at, *end = f->window + f->len, *p;

	if (end - s > CASE_MAX)
		end = s + CASE_MAX;
	if ((size_t)(end - s) <= n_open || memcmp(s, open, n_open) != 0)
		return false;
	c->has = 0;
	for (p = s + n_open;;) {
		const char *from = p;
		enum part part;
		size_t n;

		p = skip_blank(p, end, lines);
		if (end - p < 2)
			return false;
		if (*p == '/' || *p == '>')
			break;
		part = part_at(p, end);
		if (p == from || part == PARTS || c->has & 1u << part)
			return false;
		p += parts[part].n + 2;
		if (p[-1] != '"' && p[-1] != '\'')
			return false;
		n = plain_value(p, (size_t)(end - p), p[-1]);
		if (n == SIZE_MAX)
			return false;
		c->has |= 1u << part;
		c->value[part].at = (unsigned int)(p - f->window);
		c->value[part].n = (unsigned int)n;
		p += n + 1;
	}
	c->at = (unsigned int)at;
	if (*p == '/') {
		if (p[1] != '>')
			return false;
		c->body = c->body_end = c->end =
		    (unsigned int)(p + 2 - f->window);
		return true;
	}
	c->body = (unsigned int)(p + 1 - f->window);
	p = skip_blank(p + 1, end, lines);
	if ((size_t)(end - p) < n_close || memcmp(p, close, n_close) != 0)
		return false;
	c->body_end = (unsigned int)(p - f->window);
	c->end = c->body_end + (unsigned int)n_close;
	return true;
}

/* Sets aside the cases at the position; false: there is none. */
static bool
set_aside(struct rj_feed *f)
{
	size_t first = f->n_cases, at = f->pos, end = at;
	unsigned int lines = 0, behind = 0;

	while (f->n_cases < CASES) {
		struct set_aside *c = &f->cases[f->n_cases];
		const char *p;

		c->lines = lines;
		if (!read_case(f, at, c, &lines))
			break;
		c->given = f->given;
		c->last = false;
		f->n_cases++;
		end = c->end;
		behind = lines;
		p = skip_blank(f->window + end, f->window + f->len, &lines);
		at = (size_t)(p - f->window);
	}
	if (f->n_cases == first)
		return false;
	f->cases[f->n_cases - 1].last = true;
	f->tokens++;
	give(f, TOKEN, sizeof(TOKEN) - 1);
	add_gap(
	    f, (int64_t)(end - f->pos) - (int64_t)(sizeof(TOKEN) - 1), behind);
	f->pos = f->pass = end;
	return true;
}

bool
rj_feed_is_token(struct rj_feed *f, const char *target)
{
	/* one of the report's own ends the sparing before it is given */
	if (!f->tokens || strcmp(target, TARGET) != 0)
		return false;
	f->tokens--;
	return true;
}

bool
rj_feed_next(struct rj_feed *f, unsigned long line, struct rj_element *e,
    struct rj_span *end)
{
	const struct set_aside *c = &f->cases[f->next_case++];
	unsigned long skipped;

	(void)rj_feed_place(f, c->given, &skipped);
	e->tag = RJ_TESTCASE;
	e->name = rj_tag_names[RJ_TESTCASE];
	e->empty = c->body == c->end;
	e->at = f->base + c->at;
	e->end = f->base + c->body;
	e->line = line + skipped + c->lines;
	e->attributes = NULL;
	e->n_attributes = 0;
	e->lasts = true;
	for (int i = 0; i < PARTS; i++) {
		struct rj_str v = { NULL, 0 };

		if (c->has & 1u << i)
			v = (struct rj_str){ f->window + c->value[i].at,
				c->value[i].n };
		if (parts[i].attr != RJ_ATTRS)
			e->attr[parts[i].attr] = v;
	}
	*end = (struct rj_span){ f->base + c->body_end, f->base + c->end };
	if (f->next_case == f->n_cases)
		f->next_case = f->n_cases = 0;
	return !c->last;
}

/* --- what comes next ----------------------------------------------------- */

enum step {
	GO_ON,
	READ_ON, /* what is in the window does not decide it */
	WAIT, /* for the parser to come to the cases set aside */
	FAILED,
};

static bool
is_waiting(const struct rj_feed *f)
{
	return f->next_case < f->n_cases;
}

static bool
is_last_window(const struct rj_feed *f)
{
	return f->base + f->len == f->src->size;
}

static size_t
left(const struct rj_feed *f)
{
	return f->len - f->pos;
}

/* At least n bytes are there, or all there are. */
static bool
has(const struct rj_feed *f, size_t n)
{
	return left(f) >= n || is_last_window(f);
}

static bool
begins(const struct rj_feed *f, struct rj_str mark)
{
	return left(f) >= mark.n &&
	       memcmp(f->window + f->pos, mark.s, mark.n) == 0;
}

/* From here on, libxml2 gets everything. */
static enum step
doubt(struct rj_feed *f)
{
	if (is_waiting(f))
		return WAIT;
	f->sparing = false;
	return GO_ON;
}

static bool
is_character(utf8proc_int32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' ||
	       (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
	       (c >= 0x10000 && c <= 0x10ffff);
}

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

		if (k <= 0 || !is_character(c))
			break;
		i += (size_t)k;
	}
	return i;
}

/* The length of a sound reference; 0: it is none, or a doubtful one. */
static size_t
reference(const char *s, size_t n)
{
	const bool hex = n > 2 && s[2] == 'x';
	utf8proc_int32_t code = 0;
	size_t i, first = hex ? 3 : 2;

	if (n < 4)
		return 0;
	if (s[2] == 't' && s[3] == ';' && (s[1] == 'l' || s[1] == 'g'))
		return 4;
	if (n >= 5 && memcmp(s, "&amp;", 5) == 0)
		return 5;
	if (n >= 6 &&
	    (memcmp(s, "&quot;", 6) == 0 || memcmp(s, "&apos;", 6) == 0))
		return 6;
	if (s[1] != '#')
		return 0;
	for (i = first; i < n && i < first + 7; i++) {
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
	if (i == first || i >= n || s[i] != ';' || !is_character(code))
		return 0;
	return i + 1;
}

static enum step pass_markup(struct rj_feed *f);
static enum step
pass_section(struct rj_feed *f, size_t from, struct rj_str mark);

/* The length of what is harmless at a byte that stops a run; 0: it is not. */
static size_t
harmless(const char *s, size_t n)
{
	if ((unsigned char)*s >= 0x80)
		return sound_utf8(s, n);
	if (*s == '&')
		return reference(s, n);
	return *s == ']' && !(n > 2 && s[1] == ']' && s[2] == '>');
}

/*
 * Leaves out text or CDATA up to the next byte that has a meaning: that is
 * `mark`, or in CDATA the end of it.
 */
static enum step
spare_run(struct rj_feed *f, char mark, char amp)
{
	const char *s = f->window + f->pos;
	size_t n = left(f), i = 0, k;
	unsigned long lines = 0;
	bool enough = true;

	/* there has to be room for a gap here, and behind a token */
	if (f->n_gaps > GAPS - 4)
		return doubt(f);
	for (;;) {
		i += plain_run(s + i, n - i, mark, amp, &lines);
		enough = n - i >= LOOK || is_last_window(f);
		if (i == n || s[i] == mark || !enough)
			break;
		k = harmless(s + i, n - i);
		if (k == 0)
			break;
		i += k;
	}
	drop(f, i, lines);
	if (i == n || !enough)
		return i ? GO_ON : READ_ON;
	if (s[i] == mark && mark == '<')
		return pass_markup(f);
	if (mark != '<' && begins(f, RJ_STR("]]>")))
		return pass_section(f, f->pos, RJ_STR("]]>"));
	return doubt(f);
}

/* Passes on up to a mark and behind it, from an offset in the window. */
static enum step
pass_section(struct rj_feed *f, size_t from, struct rj_str mark)
{
	const char *s = f->window + from, *end = f->window + f->len;

	while ((size_t)(end - s) >= mark.n) {
		s = memchr(s, mark.s[0], (size_t)(end - s) - mark.n + 1);
		if (!s)
			break;
		if (memcmp(s, mark.s, mark.n) == 0) {
			f->pass = (size_t)(s - f->window) + mark.n;
			f->state = TEXT;
			return GO_ON;
		}
		s++;
	}
	if (f->state == TEXT && f->pos > 0 && !is_last_window(f))
		return READ_ON;
	/* longer than the window: what cannot be the mark goes on */
	if (f->state == TEXT) {
		f->state = SECTION;
		f->mark = mark;
	}
	if (is_last_window(f))
		f->pass = f->len;
	else if (left(f) < mark.n)
		return READ_ON;
	else
		f->pass = f->len - (mark.n - 1);
	return GO_ON;
}

static enum step
fail_attributes(struct rj_feed *f)
{
	unsigned long line = 1, column = 1;

	rj_source_place(f->src, f->base + f->pos, &line, &column);
	f->status = rj_fail_at(f->err, REJUNIT_INPUT, f->src->name, line,
	    column, "an element has too many attributes");
	return FAILED;
}

/* Passes on a tag, whose values may hold ">". */
static enum step
pass_tag(struct rj_feed *f, size_t from)
{
	const char *s = f->window + from, *end = f->window + f->len;

	while (s < end) {
		if (f->quote) {
			s = memchr(s, f->quote, (size_t)(end - s));
			if (!s)
				break;
			f->quote = '\0';
			if (++f->values > RJ_MAX_ATTRIBUTES)
				return fail_attributes(f);
		} else if (*s == '"' || *s == '\'') {
			f->quote = *s;
		} else if (*s == '>') {
			if (f->closing)
				f->depth -= f->depth > 0;
			else if ((s > f->window ? s[-1] : f->last) != '/')
				f->depth++;
			f->pass = (size_t)(s - f->window) + 1;
			f->state = TEXT;
			return GO_ON;
		}
		s++;
	}
	if (f->state == TEXT && f->pos > 0 && !is_last_window(f))
		return READ_ON;
	f->state = TAG;
	f->last = f->window[f->len - 1];
	f->pass = f->len;
	return GO_ON;
}

static bool
is_version_1_0(const struct rj_feed *f)
{
	static const char *const versions[] = { "version=\"1.0\"",
		"version='1.0'" };
	const size_t n = strlen(versions[0]);

	for (size_t i = f->pos; i + n < f->len && f->window[i] != '>'; i++)
		for (int k = 0; k < 2; k++)
			if (memcmp(f->window + i, versions[k], n) == 0)
				return true;
	return false;
}

/* At a "<". */
static enum step
pass_markup(struct rj_feed *f)
{
	if (!has(f, LOOK))
		return READ_ON;
	if (begins(f, RJ_STR("<![CDATA["))) {
		f->state = CDATA;
		f->pass = f->pos + 9;
		return GO_ON;
	}
	if (begins(f, RJ_STR("<!--")))
		return pass_section(f, f->pos + 4, RJ_STR("-->"));
	if (begins(f, RJ_STR("<?"))) {
		/* the report's own could be taken for one of ours */
		if (f->sparing &&
		    (begins(f, RJ_STR("<?" TARGET "?")) ||
			begins(f, RJ_STR("<?" TARGET " ")) ||
			begins(f, RJ_STR("<?" TARGET "\n")) ||
			begins(f, RJ_STR("<?" TARGET "\t")) ||
			begins(f, RJ_STR("<?" TARGET "\r")) ||
			(begins(f, RJ_STR("<?xml ")) && !is_version_1_0(f))))
			return doubt(f);
		return pass_section(f, f->pos + 2, RJ_STR("?>"));
	}
	if (begins(f, RJ_STR("<!"))) {
		if (f->sparing)
			return doubt(f);
		f->state = BLIND;
		return GO_ON;
	}
	f->closing = begins(f, RJ_STR("</"));
	if (f->sparing && f->depth > 0 && f->depth < RJ_MAX_DEPTH &&
	    begins(f, RJ_STR("<testcase"))) {
		if (f->n_cases == CASES)
			return WAIT;
		if (set_aside(f))
			return GO_ON;
	}
	f->quote = '\0';
	f->values = 0;
	return pass_tag(f, f->pos + 1);
}

static enum step
pass_text(struct rj_feed *f)
{
	const char *s = f->window + f->pos;
	const char *less = memchr(s, '<', left(f));

	if (less == s)
		return pass_markup(f);
	f->pass = less ? (size_t)(less - f->window) : f->len;
	return GO_ON;
}

static enum step
judge(struct rj_feed *f)
{
	bool spare = f->sparing && f->depth > 0;

	if (f->pos == f->len)
		return READ_ON;
	switch (f->state) {
	case TEXT:
		return spare ? spare_run(f, '<', '&') : pass_text(f);
	case CDATA:
		return spare ? spare_run(f, '\0', '\0')
			     : pass_section(f, f->pos, RJ_STR("]]>"));
	case TAG:
		return pass_tag(f, f->pos);
	case SECTION:
		return pass_section(f, f->pos, f->mark);
	default:
		f->pass = f->len;
		return GO_ON;
	}
}

/* Moves the window on; nobody refers to what leaves it. */
static bool
read_on(struct rj_feed *f)
{
	size_t more;

	memmove(f->window, f->window + f->pos, left(f));
	f->base += f->pos;
	f->len -= f->pos;
	f->pass -= f->pos;
	f->pos = 0;
	more = WINDOW - f->len;
	if (more > f->src->size - f->base - f->len)
		more = (size_t)(f->src->size - f->base - f->len);
	f->status = rj_source_read(
	    f->src, f->base + f->len, f->window + f->len, more, f->err);
	if (!f->status)
		f->len += more;
	return f->status == REJUNIT_OK;
}

/* White space, which means nothing here, brings the parser on. */
static void
pad(struct rj_feed *f)
{
	size_t n = f->room - f->n < PADDING ? f->room - f->n : PADDING;

	memset(f->out + f->n, ' ', n);
	f->n += n;
	f->given += n;
	add_gap(f, -(int64_t)n, 0);
}

/*
 * libxml2 misses a "]]>" in text that straddles two reads. No read ends in
 * "]" therefore; what is held back opens the next one.
 */
static void
hold_brackets(struct rj_feed *f)
{
	for (int i = 0; i < 2 && f->n > 1 && f->out[f->n - 1] == ']'; i++) {
		f->n--;
		f->given--;
		f->pos--;
	}
}

int
rj_feed_read(struct rj_feed *f, char *out, int room)
{
	f->out = out;
	f->room = (size_t)room;
	f->n = 0;
	while (!f->status) {
		size_t n = f->pass - f->pos;
		enum step step;

		if (n > f->room - f->n)
			n = f->room - f->n;
		give(f, f->window + f->pos, n);
		f->pos += n;
		if (f->room - f->n < sizeof(TOKEN))
			break;
		step = judge(f);
		if (step == READ_ON && is_last_window(f))
			return (int)f->n;
		if (step == WAIT || (step == READ_ON && is_waiting(f))) {
			pad(f);
			return (int)f->n;
		}
		if (step == READ_ON && !read_on(f))
			break;
	}
	if (f->status)
		return -1;
	hold_brackets(f);
	return (int)f->n;
}
