#include "read/sieve.h"

#include <stdlib.h>
#include <string.h>

#include "base/inside.h"
#include "file/place.h"
#include "read/aside.h"
#include "read/gaps.h"

#define TARGET	"rejunit"
#define TOKEN	"<?" TARGET "?>"
#define TOKEN_N (sizeof(TOKEN) - 1)
#define LOOK	RJ_BYTEMAP_LOOK
#define PADDING 512
#define HELD	2 /* brackets, see hold_brackets() */

/* What the position in the window is within. */
enum state {
	TEXT,
	CDATA,
	TAG, /* one that is longer than the window */
	SECTION, /* a comment or an instruction like that */
	BLIND, /* nothing that is understood here */
};

_Static_assert(RJ_PLAINCASE_MAX <= RJ_WINDOW_KEEP - HELD, "");

/* The elements that are open, and the tag at hand. */
struct tags {
	unsigned int depth; /* of open elements */
	unsigned int suites; /* so many of them, from the root on, are suites */
	bool closing; /* it is an end tag, */
	bool is_suite; /* or the start of a suite */
	char quote; /* of the value that we are in */
	size_t values; /* so far */
	char last; /* byte so far */
};

struct rj_sieve {
	const struct rj_source *src;
	const struct rj_skip *skip;
	struct rejunit_error *err;
	enum rejunit_status status;
	bool sparing;

	/* where it is read */
	struct rj_read_ahead *ahead;
	const struct rj_window *w;
	size_t pos; /* what is not given yet */
	size_t pass; /* up to here it is judged, and goes to the parser */
	enum state state;
	struct rj_str mark; /* that ends the section */
	struct tags tags;

	/* where it is to go */
	char *out;
	size_t room;
	size_t n;

	struct rj_gaps gaps;
	struct rj_aside aside;
};

static void
count_ahead(void *ctx, struct rj_window *w)
{
	const struct rj_sieve *f = ctx;

	rj_plaincase_streaks(&w->map, w->last, f->skip, w->begin, &w->streaks);
}

struct rj_sieve *
rj_sieve_new(const struct rj_source *src, bool spare,
    const struct rj_skip *skip, struct rejunit_error *err)
{
	struct rj_sieve *f = malloc(sizeof(*f));

	if (!f)
		return NULL;
	memset(f, 0, offsetof(struct rj_sieve, gaps));
	rj_gaps_init(&f->gaps);
	rj_aside_init(&f->aside);
	f->src = src;
	f->err = err;
	f->sparing = spare;
	f->skip = skip;
	f->ahead = rj_read_ahead_new(src, spare, skip ? count_ahead : NULL, f);
	if (!f->ahead) {
		free(f);
		return NULL;
	}
	return f;
}

void
rj_sieve_free(struct rj_sieve *f)
{
	if (f)
		rj_read_ahead_free(f->ahead);
	free(f);
}

enum rejunit_status
rj_sieve_status(const struct rj_sieve *f)
{
	return f->status;
}

bool
rj_sieve_has_spared(const struct rj_sieve *f)
{
	return f->gaps.any;
}

uint64_t
rj_sieve_place(struct rj_sieve *f, uint64_t given, unsigned long *lines)
{
	return rj_gaps_place(&f->gaps, given, lines);
}

bool
rj_sieve_is_token(struct rj_sieve *f, const char *target)
{
	/* one of the report's own ends the sparing before it is given */
	if (!f->aside.tokens || strcmp(target, TARGET) != 0)
		return false;
	f->aside.tokens--;
	return true;
}

size_t
rj_sieve_next(struct rj_sieve *f, unsigned long line, struct rj_element *e,
    struct rj_span *end, bool *more)
{
	const struct rj_set_aside *c = rj_aside_next(&f->aside);
	unsigned long skipped;

	(void)rj_gaps_place(&f->gaps, c->given, &skipped);
	*more = !c->last;
	end->end = c->base + c->plain.end;
	if (c->passed) {
		end->at = c->base + c->plain.at;
		return c->passed;
	}
	end->at = c->base + c->plain.body_end;
	rj_plaincase_element(&c->plain, &f->w->map, c->base, e);
	e->line = line + skipped + c->lines;
	return 0;
}

/* --- what comes next ----------------------------------------------------- */

enum step {
	GO_ON,
	READ_ON, /* what is in the window does not decide it */
	WAIT, /* for the parser to come to the cases set aside */
	FAILED,
};

static void
give(struct rj_sieve *f, const char *s, size_t n)
{
	memcpy(f->out + f->n, s, n);
	f->n += n;
	f->gaps.given += n;
}

static size_t
left(const struct rj_sieve *f)
{
	return f->w->end - f->pos;
}

static struct rj_str
rest(const struct rj_sieve *f)
{
	return (struct rj_str){ f->w->bytes + f->pos, left(f) };
}

static bool
can_read_on(const struct rj_sieve *f)
{
	return !f->w->last && left(f) <= RJ_WINDOW_KEEP - HELD;
}

/* At least n bytes are there, or all there are. */
static bool
has(const struct rj_sieve *f, size_t n)
{
	return left(f) >= n || f->w->last;
}

/* From here on, libxml2 gets everything. */
static enum step
doubt(struct rj_sieve *f)
{
	if (rj_aside_waits(&f->aside))
		return WAIT;
	f->sparing = false;
	return GO_ON;
}

/* Leaves out what stands from the position up to an offset. */
static enum step
leave_out(struct rj_sieve *f, size_t end)
{
	rj_gaps_add(&f->gaps, (int64_t)(end - f->pos),
	    rj_bytemap_lines(&f->w->map, f->pos, end));
	f->pos = f->pass = end;
	return GO_ON;
}

/* --- sections ------------------------------------------------------------ */

/* Passes on up to a mark and behind it, from an offset in the window. */
static enum step
pass_section(struct rj_sieve *f, size_t from, struct rj_str mark)
{
	struct rj_str s = { f->w->bytes + from, f->w->end - from };
	size_t at = rj_str_find(s, mark);

	if (at < s.n) {
		f->pass = from + at + mark.n;
		f->state = TEXT;
		return GO_ON;
	}
	if (f->state == TEXT && can_read_on(f))
		return READ_ON;
	/* longer than the window: what cannot be the mark goes on */
	if (f->state == TEXT) {
		f->state = SECTION;
		f->mark = mark;
	}
	if (f->w->last)
		f->pass = f->w->end;
	else if (left(f) < mark.n)
		return READ_ON;
	else
		f->pass = f->w->end - (mark.n - 1);
	return GO_ON;
}

/* An instruction of the report's own that could be taken for a token. */
static bool
is_like_token(struct rj_str s)
{
	const struct rj_str begin = RJ_STR("<?" TARGET);

	return rj_str_starts(s, begin) && s.n > begin.n &&
	       (s.s[begin.n] == '?' || rj_is_blank(s.s[begin.n]));
}

static enum step
begin_section(struct rj_sieve *f, const struct rj_section *section)
{
	if (section->of == RJ_IN_CDATA) {
		f->state = CDATA;
		f->pass = f->pos + section->begin.n;
		return GO_ON;
	}
	if (f->sparing && is_like_token(rest(f)))
		return doubt(f);
	return pass_section(f, f->pos + section->begin.n, section->end);
}

/* --- tags ---------------------------------------------------------------- */

static enum step
fail_attributes(struct rj_sieve *f)
{
	unsigned long line = 1, column = 1;

	rj_source_place(f->src, f->w->base + f->pos, &line, &column);
	f->status = rj_fail_at(f->err, REJUNIT_INPUT, f->src->name, line,
	    column, "an element has too many attributes");
	return FAILED;
}

/* At the end of a tag: what is open now. */
static void
close_tag(struct tags *t, bool empty)
{
	if (t->closing) {
		t->depth -= t->depth > 0;
		if (t->suites > t->depth)
			t->suites = t->depth;
	} else if (!empty) {
		t->suites += t->is_suite && t->suites == t->depth;
		t->depth++;
	}
}

/* Passes on a tag, whose values may hold ">". */
static enum step
pass_tag(struct rj_sieve *f, size_t from)
{
	const char *s = f->w->bytes + from, *end = f->w->bytes + f->w->end;
	struct tags *t = &f->tags;

	while (s < end) {
		if (t->quote) {
			s = memchr(s, t->quote, (size_t)(end - s));
			if (!s)
				break;
			t->quote = '\0';
			if (++t->values > RJ_MAX_ATTRIBUTES)
				return fail_attributes(f);
		} else if (*s == '"' || *s == '\'') {
			t->quote = *s;
		} else if (*s == '>') {
			bool inside = s > f->w->bytes + f->pos;

			close_tag(t, (inside ? s[-1] : t->last) == '/');
			f->pass = (size_t)(s - f->w->bytes) + 1;
			f->state = TEXT;
			return GO_ON;
		}
		s++;
	}
	if (f->state == TEXT && can_read_on(f))
		return READ_ON;
	/* what brings the parser on must not stand in a tag */
	if (rj_aside_waits(&f->aside))
		return WAIT;
	f->state = TAG;
	t->last = f->w->bytes[f->w->end - 1];
	f->pass = f->w->end;
	return GO_ON;
}

static enum step
begin_tag(struct rj_sieve *f)
{
	f->tags.closing = rj_str_starts(rest(f), RJ_STR("</"));
	f->tags.is_suite = rj_str_starts(rest(f), RJ_STR("<testsuite"));
	f->tags.quote = '\0';
	f->tags.values = 0;
	return pass_tag(f, f->pos + 1);
}

/* --- cases --------------------------------------------------------------- */

/* Puts a token in the place of the cases at the position, if there are any. */
static enum rj_found
set_aside(struct rj_sieve *f)
{
	/* within what is no suite, none is counted */
	const struct rj_skip *skip =
	    f->tags.depth == f->tags.suites ? f->skip : NULL;
	size_t end;
	enum rj_found found =
	    rj_aside_take(&f->aside, f->w, skip, f->gaps.given, f->pos, &end);

	if (found != RJ_CASE)
		return found;
	give(f, TOKEN, TOKEN_N);
	rj_gaps_add(&f->gaps, -(int64_t)TOKEN_N, 0);
	(void)leave_out(f, end);
	return RJ_CASE;
}

static bool
may_be_cases(const struct rj_sieve *f)
{
	return f->sparing && f->tags.depth > 0 &&
	       f->tags.depth < RJ_MAX_DEPTH &&
	       rj_str_starts(rest(f), RJ_STR("<testcase"));
}

/* --- text, and what begins in it ------------------------------------------ */

/* At a "<". */
static enum step
pass_markup(struct rj_sieve *f)
{
	const struct rj_section *section;

	if (!has(f, LOOK))
		return READ_ON;
	section = rj_section_at(rest(f));
	if (section)
		return begin_section(f, section);
	if (rj_str_starts(rest(f), RJ_STR("<!"))) {
		if (f->sparing)
			return doubt(f);
		f->state = BLIND;
		return GO_ON;
	}
	if (may_be_cases(f)) {
		enum rj_found found;

		if (f->aside.n == RJ_ASIDE_MAX)
			return WAIT;
		found = set_aside(f);
		if (found == RJ_CASE)
			return GO_ON;
		if (found == RJ_CUT && left(f) < RJ_PLAINCASE_MAX)
			return READ_ON;
	}
	return begin_tag(f);
}

static enum step
pass_text(struct rj_sieve *f)
{
	const char *s = f->w->bytes + f->pos;
	const char *less = memchr(s, '<', left(f));

	if (less == s)
		return pass_markup(f);
	f->pass = less ? (size_t)(less - f->w->bytes) : f->w->end;
	return GO_ON;
}

/* Leaves out sound text up to the next "<". */
static enum step
spare_text(struct rj_sieve *f)
{
	size_t end = rj_bytemap_text(&f->w->map, f->pos);

	if (end > f->pos)
		return leave_out(f, end);
	if (!has(f, LOOK))
		return READ_ON;
	return f->w->bytes[end] == '<' ? pass_markup(f) : doubt(f);
}

/* The same of what CDATA holds. */
static enum step
spare_cdata(struct rj_sieve *f)
{
	size_t end = rj_bytemap_cdata(&f->w->map, f->pos);

	if (end > f->pos)
		return leave_out(f, end);
	if (!has(f, LOOK))
		return READ_ON;
	return rj_str_starts(rest(f), RJ_STR("]]>"))
		   ? pass_section(f, f->pos, RJ_STR("]]>"))
		   : doubt(f);
}

static enum step
judge(struct rj_sieve *f)
{
	bool sparing = f->sparing && f->tags.depth > 0;

	if (f->pos == f->w->end)
		return READ_ON;
	/* there has to be room for a gap here, and behind a token */
	if (sparing && f->state <= CDATA && !rj_gaps_has_room(&f->gaps, 4))
		return doubt(f);
	switch (f->state) {
	case TEXT:
		return sparing ? spare_text(f) : pass_text(f);
	case CDATA:
		return sparing ? spare_cdata(f)
			       : pass_section(f, f->pos, RJ_STR("]]>"));
	case TAG:
		return pass_tag(f, f->pos);
	case SECTION:
		return pass_section(f, f->pos, f->mark);
	default:
		f->pass = f->w->end;
		return GO_ON;
	}
}

/* --- giving -------------------------------------------------------------- */

/* Moves the window on; nobody refers to what leaves it. */
static bool
read_on(struct rj_sieve *f)
{
	const struct rj_window *w;
	size_t given = f->w ? f->pos - f->w->begin : 0;

	/* two that were given may be held back yet */
	if (given > HELD)
		given = HELD;
	f->status = rj_read_ahead_next(f->ahead, f->pos - given, &w, f->err);
	if (f->status)
		return false;
	f->w = w;
	f->aside.streak = 0;
	f->pos = f->pass = w->begin + given;
	return true;
}

/* White space, which means nothing here, brings the parser on. */
static void
pad(struct rj_sieve *f)
{
	size_t n = f->room - f->n < PADDING ? f->room - f->n : PADDING;

	memset(f->out + f->n, ' ', n);
	f->n += n;
	f->gaps.given += n;
	rj_gaps_add(&f->gaps, -(int64_t)n, 0);
}

/*
 * libxml2 misses a "]]>" in text that straddles two reads. No read ends in
 * "]" therefore; what is held back opens the next one.
 */
static void
hold_brackets(struct rj_sieve *f)
{
	for (int i = 0; i < HELD && f->n > 1 && f->out[f->n - 1] == ']'; i++) {
		f->n--;
		f->gaps.given--;
		f->pos--;
	}
}

int
rj_sieve_read(struct rj_sieve *f, char *out, int room)
{
	f->out = out;
	f->room = (size_t)room;
	f->n = 0;
	if (!f->w)
		(void)read_on(f);
	while (!f->status) {
		size_t n = f->pass - f->pos;
		enum step step;

		if (n > f->room - f->n)
			n = f->room - f->n;
		give(f, f->w->bytes + f->pos, n);
		f->pos += n;
		if (f->room - f->n < sizeof(TOKEN))
			break;
		step = judge(f);
		if (step == READ_ON && f->w->last)
			return (int)f->n;
		if (step == WAIT || (step == READ_ON && f->aside.held)) {
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
