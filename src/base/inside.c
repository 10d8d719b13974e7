#include "base/inside.h"

/* A string of a constant table. */
#define MARK(literal)                          \
	{                                      \
		(literal), sizeof(literal) - 1 \
	}

#define SECTIONS 3

static const struct rj_section sections[SECTIONS] = {
	{ RJ_IN_CDATA, MARK("<![CDATA["), MARK("]]>") },
	{ RJ_IN_COMMENT, MARK("<!--"), MARK("-->") },
	{ RJ_IN_PI, MARK("<?"), MARK("?>") },
};

const struct rj_section *
rj_section_at(struct rj_str s)
{
	for (int i = 0; i < SECTIONS; i++)
		if (rj_str_starts(s, sections[i].begin))
			return &sections[i];
	return NULL;
}

/* The last bytes are these, and there are enough of them. */
static bool
ends_with(const struct rj_inside *in, struct rj_str mark)
{
	return in->n >= mark.n &&
	       memcmp(in->recent + sizeof(in->recent) - mark.n, mark.s,
		   mark.n) == 0;
}

static void
enter(struct rj_inside *in, enum rj_inside_of of)
{
	/* what opened a section does not close it, as in <!--> */
	in->of = of;
	in->n = 0;
}

static void
note(struct rj_inside *in, char c)
{
	memmove(in->recent, in->recent + 1, sizeof(in->recent) - 1);
	in->recent[sizeof(in->recent) - 1] = c;
	if (in->n <= sizeof(in->recent))
		in->n++;
}

/* In a tag: it may prove to be a section. */
static void
step_in_tag(struct rj_inside *in, char c)
{
	for (int i = 0; i < SECTIONS; i++)
		if (in->n == sections[i].begin.n &&
		    ends_with(in, sections[i].begin)) {
			enter(in, sections[i].of);
			return;
		}
	if (c == '>')
		enter(in, RJ_IN_TEXT);
	else if (c == '"' || c == '\'')
		in->of = RJ_IN_VALUE;
	in->quote = c;
}

void
rj_inside_step(struct rj_inside *in, char c)
{
	switch (in->of) {
	case RJ_IN_TEXT:
		if (c != '<')
			return;
		enter(in, RJ_IN_TAG);
		note(in, c);
		return;
	case RJ_IN_TAG:
		note(in, c);
		step_in_tag(in, c);
		return;
	case RJ_IN_VALUE:
		note(in, c);
		if (c == in->quote)
			in->of = RJ_IN_TAG;
		return;
	default:
		note(in, c);
		for (int i = 0; i < SECTIONS; i++)
			if (sections[i].of == in->of &&
			    ends_with(in, sections[i].end))
				enter(in, RJ_IN_TEXT);
		return;
	}
}
