#include "read/sieve.h"

#include <stdlib.h>
#include <string.h>

#include "file/place.h"
#include "read/read_ahead.h"

#define TARGET	"rejunit"
#define TOKEN	"<?" TARGET "?>"
#define CASES	1024 /* that wait for the parser */
#define GAPS	4096
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

/* A case that waits, or a number of passed ones that are only counted. */
struct set_aside {
	uint64_t base; /* of the window */
	struct rj_plaincase plain; /* of those that are counted: where the last
				    one begins and ends, and nothing else */
	uint64_t given; /* the token's offset */
	size_t passed; /* how many; 0: a case */
	unsigned int lines; /* between its token and its "<" */
	bool last; /* of its token */
};

/* From an offset in what was given on, the source is so much further. */
struct gap {
	uint64_t given;
	int64_t skip;
	unsigned long lines;
};

struct rj_sieve {
	const struct rj_source *src;
	const struct rj_skip *skip;
	struct rejunit_error *err;
	enum rejunit_status status;
	enum state state;
	bool sparing;
	bool has_spared;
	unsigned int depth; /* of open elements */
	unsigned int suites; /* so many of them, from the root on, are suites */
	struct rj_str mark; /* that ends the section */
	char quote; /* of the value that we are in */
	size_t values; /* in this tag, */
	bool closing; /* which is an end tag, */
	bool is_suite; /* or the start of a suite, */
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
	size_t held; /* that wait, with their names in the window */
	size_t tokens; /* given, and not come to yet */

	struct rj_read_ahead *stream;
	const struct rj_window *w;
	size_t pos; /* what is not given yet */
	size_t pass; /* up to here it is judged, and goes to the parser */
	size_t run; /* the next one that was counted ahead */

	/* from here on not cleared */
	struct gap gaps[GAPS];
	struct set_aside cases[CASES];
};

static void
count_ahead(void *ctx, struct rj_window *w)
{
	const struct rj_sieve *f = ctx;

	rj_plaincase_runs(&w->map, w->last, f->skip, w->begin, &w->runs);
}

struct rj_sieve *
rj_sieve_new(const struct rj_source *src, bool spare,
    const struct rj_skip *skip, struct rejunit_error *err)
{
	struct rj_sieve *f = malloc(sizeof(*f));

	if (!f)
		return NULL;
	memset(f, 0, offsetof(struct rj_sieve, gaps));
	f->src = src;
	f->err = err;
	f->sparing = spare;
	f->skip = skip;
	f->stream = rj_read_ahead_new(src, spare, skip ? count_ahead : NULL, f);
	if (!f->stream) {
		free(f);
		return NULL;
	}
	return f;
}

void
rj_sieve_free(struct rj_sieve *f)
{
	if (f)
		rj_read_ahead_free(f->stream);
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
	return f->has_spared;
}

/* --- gaps ---------------------------------------------------------------- */

static void
give(struct rj_sieve *f, const char *s, size_t n)
{
	memcpy(f->out + f->n, s, n);
	f->n += n;
	f->given += n;
}

/* What comes next is so much further on in the source. */
static void
add_gap(struct rj_sieve *f, int64_t skip, unsigned long lines)
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
rj_sieve_place(struct rj_sieve *f, uint64_t given, unsigned long *lines)
{
	while (f->n_gaps && f->gaps[f->first_gap].given <= given) {
		f->skipped += f->gaps[f->first_gap].skip;
		f->lines += f->gaps[f->first_gap].lines;
		f->first_gap = (f->first_gap + 1) % GAPS;
		f->n_gaps--;
	}
	if (f->n_gaps == 0)
		f->first_gap = 0; /* new memory is slow */
	*lines = f->lines;
	return (uint64_t)((int64_t)given + f->skipped);
}

/* Leaves out what stands at the position. */
static void
drop(struct rj_sieve *f, size_t n, unsigned long lines)
{
	if (n == 0)
		return;
	add_gap(f, (int64_t)n, lines);
	f->pos = f->pass = f->pos + n;
}

/* --- cases that are set aside -------------------------------------------- */

/* Reads the next case, or the run of them that was noted there. */
static enum rj_found
next_case(struct rj_sieve *f, const struct rj_skip *skip, size_t *at,
    struct set_aside *c)
{
	const struct rj_window *w = f->w;
	const struct rj_run *r;
	enum rj_found found;

	while (f->run < w->runs.n && w->runs.run[f->run].at < *at)
		f->run++;
	r = &w->runs.run[f->run];
	if (skip && f->run < w->runs.n && r->at == *at) {
		*at = r->end;
		c->plain.at = r->last;
		c->plain.end = r->end;
		c->passed = r->passed;
		return RJ_UNASKED;
	}
	found = rj_plaincase_read(&w->map, w->last, skip, at, &c->plain);
	c->passed = found == RJ_UNASKED;
	return found;
}

/* Sets aside the cases at the position, if there are any. */
static enum rj_found
set_aside(struct rj_sieve *f)
{
	/* within what is no suite, none is counted */
	const struct rj_skip *skip = f->depth == f->suites ? f->skip : NULL;
	const struct rj_bytemap *scan = &f->w->map;
	size_t at = f->pos, end = at;
	struct set_aside *last = NULL;
	enum rj_found found = RJ_NO_CASE;

	while (f->n_cases < CASES) {
		struct set_aside *c = &f->cases[f->n_cases];

		at = rj_bytemap_blank(scan, at);
		found = next_case(f, skip, &at, c);
		if (found < RJ_CASE)
			break;
		end = at;
		if (c->passed && last && last->passed) {
			last->passed += c->passed;
			last->plain.at = c->plain.at;
			last->plain.end = c->plain.end;
			continue;
		}
		c->base = f->w->base;
		c->given = f->given;
		c->last = false;
		if (!c->passed)
			c->lines = (unsigned int)rj_bytemap_lines(
			    scan, f->pos, c->plain.at);
		f->held += c->passed == 0;
		f->n_cases++;
		last = c;
	}
	if (!last)
		return found;
	last->last = true;
	f->tokens++;
	give(f, TOKEN, sizeof(TOKEN) - 1);
	add_gap(f, (int64_t)(end - f->pos) - (int64_t)(sizeof(TOKEN) - 1),
	    rj_bytemap_lines(scan, f->pos, end));
	f->pos = f->pass = end;
	return RJ_CASE;
}

bool
rj_sieve_is_token(struct rj_sieve *f, const char *target)
{
	/* one of the report's own ends the sparing before it is given */
	if (!f->tokens || strcmp(target, TARGET) != 0)
		return false;
	f->tokens--;
	return true;
}

size_t
rj_sieve_next(struct rj_sieve *f, unsigned long line, struct rj_element *e,
    struct rj_span *end, bool *more)
{
	const struct set_aside *c = &f->cases[f->next_case++];
	unsigned long skipped;

	(void)rj_sieve_place(f, c->given, &skipped);
	*more = !c->last;
	if (f->next_case == f->n_cases)
		f->next_case = f->n_cases = 0;
	end->end = c->base + c->plain.end;
	if (c->passed) {
		end->at = c->base + c->plain.at;
		return c->passed;
	}
	end->at = c->base + c->plain.body_end;
	f->held--;
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

static bool
is_waiting(const struct rj_sieve *f)
{
	return f->next_case < f->n_cases;
}

static size_t
left(const struct rj_sieve *f)
{
	return f->w->end - f->pos;
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

static bool
begins(const struct rj_sieve *f, struct rj_str mark)
{
	return rj_str_starts(
	    (struct rj_str){ f->w->bytes + f->pos, left(f) }, mark);
}

/* From here on, libxml2 gets everything. */
static enum step
doubt(struct rj_sieve *f)
{
	if (is_waiting(f))
		return WAIT;
	f->sparing = false;
	return GO_ON;
}

static enum step pass_markup(struct rj_sieve *f);
static enum step
pass_section(struct rj_sieve *f, size_t from, struct rj_str mark);

/* Leaves out sound text up to the next "<", or what CDATA holds. */
static enum step
spare(struct rj_sieve *f)
{
	const bool text = f->state == TEXT;
	size_t end;

	/* there has to be room for a gap here, and behind a token */
	if (f->n_gaps > GAPS - 4)
		return doubt(f);
	end = text ? rj_bytemap_text(&f->w->map, f->pos)
		   : rj_bytemap_cdata(&f->w->map, f->pos);
	if (end > f->pos) {
		drop(
		    f, end - f->pos, rj_bytemap_lines(&f->w->map, f->pos, end));
		return GO_ON;
	}
	if (!has(f, LOOK))
		return READ_ON;
	if (text && f->w->bytes[end] == '<')
		return pass_markup(f);
	if (!text && begins(f, RJ_STR("]]>")))
		return pass_section(f, f->pos, RJ_STR("]]>"));
	return doubt(f);
}

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
note_tag(struct rj_sieve *f, bool empty)
{
	if (f->closing) {
		f->depth -= f->depth > 0;
		if (f->suites > f->depth)
			f->suites = f->depth;
	} else if (!empty) {
		f->suites += f->is_suite && f->suites == f->depth;
		f->depth++;
	}
}

/* Passes on a tag, whose values may hold ">". */
static enum step
pass_tag(struct rj_sieve *f, size_t from)
{
	const char *s = f->w->bytes + from, *end = f->w->bytes + f->w->end;

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
			bool inside = s > f->w->bytes + f->pos;

			note_tag(f, (inside ? s[-1] : f->last) == '/');
			f->pass = (size_t)(s - f->w->bytes) + 1;
			f->state = TEXT;
			return GO_ON;
		}
		s++;
	}
	if (f->state == TEXT && can_read_on(f))
		return READ_ON;
	/* what brings the parser on must not stand in a tag */
	if (is_waiting(f))
		return WAIT;
	f->state = TAG;
	f->last = f->w->bytes[f->w->end - 1];
	f->pass = f->w->end;
	return GO_ON;
}

/* At a "<". */
static enum step
pass_markup(struct rj_sieve *f)
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
		if (f->sparing && (begins(f, RJ_STR("<?" TARGET "?")) ||
				      begins(f, RJ_STR("<?" TARGET " ")) ||
				      begins(f, RJ_STR("<?" TARGET "\n")) ||
				      begins(f, RJ_STR("<?" TARGET "\t")) ||
				      begins(f, RJ_STR("<?" TARGET "\r"))))
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
		enum rj_found found;

		if (f->n_cases == CASES)
			return WAIT;
		found = set_aside(f);
		if (found == RJ_CASE)
			return GO_ON;
		if (found == RJ_CUT && left(f) < RJ_PLAINCASE_MAX)
			return READ_ON;
	}
	f->is_suite = begins(f, RJ_STR("<testsuite"));
	f->quote = '\0';
	f->values = 0;
	return pass_tag(f, f->pos + 1);
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

static enum step
judge(struct rj_sieve *f)
{
	bool sparing = f->sparing && f->depth > 0;

	if (f->pos == f->w->end)
		return READ_ON;
	switch (f->state) {
	case TEXT:
		return sparing ? spare(f) : pass_text(f);
	case CDATA:
		return sparing ? spare(f)
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

/* Moves the window on; nobody refers to what leaves it. */
static bool
read_on(struct rj_sieve *f)
{
	const struct rj_window *w;
	size_t given = f->w ? f->pos - f->w->begin : 0;

	/* two that were given may be held back yet */
	if (given > HELD)
		given = HELD;
	f->status = rj_read_ahead_next(f->stream, f->pos - given, &w, f->err);
	if (f->status)
		return false;
	f->w = w;
	f->run = 0;
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
	f->given += n;
	add_gap(f, -(int64_t)n, 0);
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
		f->given--;
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
		if (step == WAIT || (step == READ_ON && f->held)) {
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
