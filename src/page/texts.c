/* What failures said, each signature once. */
#include <stdlib.h>

#include "list/signature.h"
#include "page/parts.h"

#define TEXTS	 300 /* that are shown, of those ranked first */
#define MESSAGE	 800
#define TRACE	 2000
#define TESTS	 20 /* of one text */
#define LINE_MAX 160

static void
put_anchor(struct rj_out *out, struct rj_str signature)
{
	static const uint64_t no_seed[2] = { 0, 0 };

	rj_html(
	    out, "f-%016llx", (unsigned long long)rj_hash(no_seed, signature));
}

/* What it says in a line. */
static void
put_line(struct rj_out *out, const struct rj_said *s)
{
	struct rj_str line =
	    rj_first_line(rj_what_failed(s->message, s->trace));

	if (!line.n)
		line = s->type.n ? s->type : s->signature;
	rj_html_text(out, rj_str_cut(line, LINE_MAX), LINE_MAX);
	rj_html(out, line.n > LINE_MAX ? " …" : "");
}

void
rj_html_said(struct rj_page *p, const struct rj_said *s)
{
	bool linked = s->signature.n && rj_map_get(&p->text_at, s->signature);

	if (linked) {
		rj_html(p->out, "<a href=\"#");
		put_anchor(p->out, s->signature);
		rj_html(p->out, "\">");
	}
	put_line(p->out, s);
	rj_html(p->out, linked ? "</a>" : "");
}

static bool
copy_text(struct rj_page *p, struct rj_said *to, const struct rj_said *s)
{
	to->run = s->run;
	return rj_alloc_str(&p->arena, s->type, &to->type) &&
	       rj_alloc_str(&p->arena, s->message, &to->message) &&
	       rj_alloc_str(&p->arena, s->trace, &to->trace);
}

static bool
keep_text(struct rj_page *p, const struct rj_said *s, size_t *at)
{
	void *more =
	    rj_grown(p->texts, p->n_texts, &p->text_room, sizeof(*p->texts));
	struct rj_said *kept;

	if (!more)
		return false;
	p->texts = more;
	p->texts[p->n_texts] = (struct rj_text){ .n = 0 };
	kept = &p->texts[p->n_texts].said;
	*at = p->n_texts++;
	return rj_alloc_str(&p->arena, s->signature, &kept->signature) &&
	       copy_text(p, kept, s) &&
	       rj_map_put(
		   &p->text_at, kept->signature, (void *)(uintptr_t)p->n_texts);
}

bool
rj_page_keep_texts(struct rj_page *p, size_t at, const struct rj_evidence *e)
{
	for (size_t i = 0; i < e->n_said; i++) {
		const struct rj_said *s = &e->said[i];
		uintptr_t known =
		    (uintptr_t)rj_map_get(&p->text_at, s->signature);
		size_t k = known - 1;
		struct rj_text *t;
		void *more;

		if (!s->signature.n)
			continue;
		if (!known && p->n_texts == TEXTS) {
			p->texts_left_out = true;
			continue;
		}
		if (!known && !keep_text(p, s, &k))
			return false;
		t = &p->texts[k];
		more = rj_grown(t->tests, t->n, &t->room, sizeof(*t->tests));
		if (!more)
			return false;
		t->tests = more;
		t->tests[t->n++] = (unsigned int)at;
		t->said.failures += s->failures;
		if (s->run > t->said.run && !copy_text(p, &t->said, s))
			return false;
	}
	return true;
}

/* The most frequent first. */
static int
compare_texts(const void *a, const void *b)
{
	const struct rj_text *x = a, *y = b;

	if (x->said.failures != y->said.failures)
		return x->said.failures > y->said.failures ? -1 : 1;
	return rj_str_order(x->said.signature, y->said.signature);
}

static void
put_text(struct rj_page *p, const struct rj_text *t)
{
	rj_html(p->out, "<details class=\"text\"><summary id=\"");
	put_anchor(p->out, t->said.signature);
	rj_html(p->out, "\"><b>%u×</b> ", t->said.failures);
	put_line(p->out, &t->said);
	rj_html(p->out, "</summary>\n<p>In %zu test%s, last in ", t->n,
	    rj_plural(t->n));
	rj_html_run(p, t->said.run);
	rj_html(p->out, "; <code>");
	rj_html_text(p->out, t->said.signature, RJ_NAME_MAX);
	rj_html(p->out, "</code></p>\n<ul>\n");
	for (size_t i = 0; i < t->n && i < TESTS; i++) {
		const struct rj_shown *s = &p->shown[t->tests[i]];

		rj_html(p->out, "<li><a href=\"#%s\">", s->anchor);
		rj_html_text(p->out, s->rank->test->id, RJ_NAME_MAX);
		rj_html(p->out, "</a></li>\n");
	}
	if (t->n > TESTS)
		rj_html(p->out, "<li>and %zu more</li>\n", t->n - TESTS);
	rj_html(p->out, "</ul>\n");
	if (t->said.message.n) {
		rj_html(p->out, "<pre>");
		rj_html_lines(p->out, t->said.message, MESSAGE);
		rj_html(p->out, "</pre>\n");
	}
	if (t->said.trace.n) {
		rj_html(p->out, "<pre>");
		rj_html_lines(p->out, t->said.trace, TRACE);
		rj_html(p->out, "</pre>\n");
	}
	rj_html(p->out, "</details>\n");
}

void
rj_page_texts(struct rj_page *p)
{
	if (!p->n_texts)
		return;
	qsort(p->texts, p->n_texts, sizeof(*p->texts), compare_texts);
	rj_html(p->out,
	    "<section id=\"failures\">\n<h2>What failures say</h2>\n<p>Alike "
	    "failures stand together, whichever test they are of; the newest "
	    "text of each is shown.</p>\n");
	for (size_t i = 0; i < p->n_texts; i++)
		put_text(p, &p->texts[i]);
	if (p->texts_left_out)
		rj_html(p->out, "<p>What else tests further down say is left "
				"out.</p>\n");
	rj_html(p->out, "</section>\n");
}
