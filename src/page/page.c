#include "page/page.h"

#include <stdio.h>
#include <stdlib.h>

#include "page/assets.h"
#include "page/parts.h"

struct rj_str
rj_page_style(void)
{
	return (struct rj_str){ rj_page_style_text, RJ_PAGE_STYLE_SIZE };
}

struct rj_str
rj_page_script(void)
{
	return (struct rj_str){ rj_page_script_text, RJ_PAGE_SCRIPT_SIZE };
}

/* --- what is shown ------------------------------------------------------- */

/* That all fails in an outage says nothing of a test. */
static bool
has_failed(const struct rj_past *p, const struct rj_past_test *t)
{
	for (size_t i = 0; i < t->n; i++)
		if ((rejunit_is_bad(t->seen[i].first) ||
			rejunit_is_bad(t->seen[i].last)) &&
		    (!p->runs[t->seen[i].run].outage || p->n_runs == 1))
			return true;
	return false;
}

static bool
is_shown(const struct rj_past *p, const struct rj_rank *r)
{
	return r->state < REJUNIT_NEW_TEST || has_failed(p, r->test);
}

/* The same test has the same address in each page, and no other one has it. */
static bool
make_anchor(struct rj_page *p, struct rj_map *taken, struct rj_shown *s)
{
	static const uint64_t no_seed[2] = { 0, 0 };
	const struct rj_past_test *t = s->rank->test;
	const struct rj_str nul = RJ_STR("\0");
	struct rj_buf key = { 0 };
	bool ok = rj_buf_add(&key, t->classname) && rj_buf_add(&key, nul) &&
		  rj_buf_add(&key, t->name) && rj_buf_add(&key, nul) &&
		  rj_buf_add(&key, t->told);
	uint64_t hash = ok ? rj_hash(no_seed, rj_buf_str(&key)) >> 16 : 0;

	rj_buf_free(&key);
	do
		snprintf(s->anchor, sizeof(s->anchor), "t-%012llx",
		    (unsigned long long)hash++);
	while (rj_map_get(taken, rj_str(s->anchor)));
	return ok && rj_map_put_copy(taken, &p->arena, rj_str(s->anchor), s);
}

static bool
choose(struct rj_page *p)
{
	const struct rj_ranking *r = p->ranking;
	struct rj_map taken = { 0 };
	bool ok = true;

	p->shown = rj_alloc_n(&p->arena, r->n + 1, sizeof(*p->shown));
	if (!p->shown)
		return false;
	p->tests = p->history->passes;
	for (size_t i = 0; i < r->n && ok; i++) {
		const struct rj_rank *t = &r->tests[i];

		if (t->test->n == 0)
			continue;
		p->tests++;
		p->states[t->state]++;
		if (!is_shown(&r->past, t))
			continue;
		if (p->opt->top && p->n == p->opt->top) {
			p->left_out++;
			continue;
		}
		p->shown[p->n].rank = t;
		ok = make_anchor(p, &taken, &p->shown[p->n++]);
	}
	rj_map_free(&taken);
	return ok;
}

static enum rejunit_status
take_run(void *ctx, const struct rj_db_row *row)
{
	struct rj_page *p = ctx;
	const struct rj_past *past = &p->ranking->past;
	unsigned int at =
	    rj_past_place(past->run_at, past->n_run_at, row->number(row, 0));
	struct rj_buf address = { 0 };
	bool ok = true;

	if (!at) {
		p->unseen++;
		return REJUNIT_OK;
	}
	ok = rj_alloc_str(&p->arena, row->text(row, 1), &p->runs[at - 1].job) &&
	     rj_run_address(&address, p->opt->run_url, row->text(row, 2),
		 past->runs[at - 1].name) &&
	     (!address.n || rj_alloc_str(&p->arena, rj_buf_str(&address),
				&p->runs[at - 1].address));
	rj_buf_free(&address);
	return ok ? REJUNIT_OK : rj_fail_memory(p->out->err);
}

static enum rejunit_status
load_runs(struct rj_page *p)
{
	p->runs = rj_alloc_n(
	    &p->arena, p->ranking->past.n_runs + 1, sizeof(*p->runs));
	if (!p->runs)
		return rj_fail_memory(p->out->err);
	return rj_history_run(
	    p->history, "SELECT id, job, url FROM run", NULL, 0, take_run, p);
}

void
rj_html_run(struct rj_page *p, unsigned int run)
{
	const struct rj_past_run *r = &p->ranking->past.runs[run];
	struct rj_str address = p->runs[run].address;

	if (address.n) {
		rj_html(p->out, "<a rel=\"noreferrer\" href=\"");
		rj_html_value(p->out, address);
		rj_html(p->out, "\">");
	}
	rj_html_text(p->out, r->name, 80);
	if (address.n)
		rj_html(p->out, "</a>");
}

/* --- the frame ----------------------------------------------------------- */

/* Nothing but these two may act, and nobody is asked for anything. */
static void
put_head(struct rj_page *p)
{
	struct rj_out *out = p->out;
	struct rj_str assets = p->opt->assets;
	bool own = assets.n == 0;

	rj_html(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\""
	    "default-src 'none'; base-uri 'none'; form-action 'none'; ");
	rj_html(out, "style-src %s; script-src %s\">\n",
	    own ? "'sha256-" RJ_PAGE_STYLE_HASH "'" : "'self'",
	    own ? "'sha256-" RJ_PAGE_SCRIPT_HASH "'" : "'self'");
	rj_html(out, "<meta name=\"viewport\" "
		     "content=\"width=device-width, initial-scale=1\">\n"
		     "<meta name=\"color-scheme\" content=\"light dark\">\n"
		     "<meta name=\"generator\" content=\"rejunit\">\n<title>");
	rj_html_value(out, p->opt->title);
	rj_html(out, "</title>\n");
	if (own) {
		rj_html(out, "<style>");
		rj_out_text(out, rj_page_style());
		rj_html(out, "</style>\n<script>");
		rj_out_text(out, rj_page_script());
		rj_html(out, "</script>\n");
	} else {
		rj_html(out, "<link rel=\"stylesheet\" href=\"./");
		rj_html_file(out, assets);
		rj_html(out, ".css\">\n<script src=\"./");
		rj_html_file(out, assets);
		rj_html(out, ".js\" defer></script>\n");
	}
	rj_html(out, "</head>\n<body>\n");
}

static void
put_end(struct rj_page *p)
{
	rj_html(p->out,
	    "<footer>\n<p>Rates are the share of first attempts that fail "
	    "though nothing is broken, with the range that they lie in with "
	    "95&nbsp;%% certainty. Times are UTC. Made by rejunit from ");
	rj_html_count(p->out, p->ranking->past.n_runs);
	rj_html(p->out, " run%s, as of ", rj_plural(p->ranking->past.n_runs));
	rj_html_minute(p->out, p->ranking->at);
	rj_html(p->out, ".");
	if (p->unseen)
		rj_html(p->out,
		    " %zu other run%s of another time, or of another job.",
		    p->unseen, p->unseen == 1 ? " is" : "s are");
	rj_html(p->out, "</p>\n</footer>\n</body>\n</html>\n");
}

/* --- the whole ----------------------------------------------------------- */

static enum rejunit_status
put_tests(struct rj_page *p)
{
	enum rejunit_status status = REJUNIT_OK;

	if (!p->n)
		return REJUNIT_OK;
	rj_html(p->out, "<section id=\"tests\">\n<h2>Test by test</h2>\n");
	for (size_t i = 0; i < p->n && !status; i++)
		status = rj_page_test(p, i);
	rj_html(p->out, "</section>\n");
	return status;
}

static enum rejunit_status
write_page(struct rj_page *p)
{
	enum rejunit_status status =
	    choose(p) ? load_runs(p) : rj_fail_memory(p->out->err);

	if (status)
		return status;
	put_head(p);
	rj_html(p->out, "<main>\n");
	if (!rj_page_overview(p))
		return rj_fail_memory(p->out->err);
	status = put_tests(p);
	if (status)
		return status;
	rj_page_texts(p);
	rj_page_matrix(p);
	rj_html(p->out, "</main>\n");
	put_end(p);
	return REJUNIT_OK;
}

enum rejunit_status
rj_page_write(const struct rj_ranking *r, struct rj_history *h,
    const struct rj_page_options *o, struct rj_out *out)
{
	struct rj_page p = { .out = out, .history = h, .ranking = r, .opt = o };
	enum rejunit_status status = write_page(&p);

	for (size_t i = 0; i < p.n_texts; i++)
		free(p.texts[i].tests);
	free(p.texts);
	rj_map_free(&p.text_at);
	rj_arena_free(&p.arena);
	return status;
}
