#include "page/page.h"
#include "api/history.h"
#include "api/save.h"
#include "history/clock.h"
#include "page/html.h"

#define TITLE	"Tests and their flakes"
#define TOP	200
#define SUFFIX	".html"
#define URL_MAX 2000

/* What is written, wherever to. */
struct writing {
	struct rejunit_history *h;
	struct rj_rank_options rank;
	struct rj_page_options page;
};

static enum rejunit_status
need_url(const char *url, struct rejunit_error *err)
{
	struct rj_str s = rj_said(url);
	size_t scheme = rj_web_scheme(s);

	if (s.n > URL_MAX)
		return rj_fail(err, REJUNIT_USAGE,
		    "a run's address has %d bytes at most", URL_MAX);
	if (!s.n || (scheme && s.n > scheme))
		return REJUNIT_OK;
	return rj_fail(err, REJUNIT_USAGE,
	    "a run's address begins with http:// or https:// and a host, and "
	    "%.*s does not",
	    RJ_SHOWN(s));
}

static enum rejunit_status
understand(struct writing *w, const struct rejunit_ranking *how,
    const struct rejunit_page *page, struct rejunit_error *err)
{
	struct rejunit_ranking all = *how;
	enum rejunit_status status = need_url(page->run_url, err);

	all.all = true;
	all.top = 0;
	if (all.by == REJUNIT_BY_SIGNATURE)
		return rj_fail(err, REJUNIT_USAGE, "a page ranks tests");
	if (!status)
		status = rj_rank_understand(&all, &w->rank, err);
	w->page = (struct rj_page_options){
		.title = rj_said(page->title).n ? rj_str(page->title)
						: RJ_STR(TITLE),
		.run_url = rj_said(page->run_url),
		.source = page->source,
		.n_source = page->source ? page->n_source : 0,
		.top = page->all   ? 0
		       : page->top ? page->top
				   : TOP,
	};
	return status;
}

/* As of the newest run, but of none that a wrong clock put far ahead. */
static enum rejunit_status
find_time(struct writing *w, bool said)
{
	const struct rj_db_value bounds[] = {
		rj_db_int(w->rank.past.at + RJ_DAY),
		rj_db_text(w->rank.past.job),
	};
	int64_t newest = -1;
	enum rejunit_status status = REJUNIT_OK;

	if (said)
		return REJUNIT_OK;
	status = rj_history_run(&w->h->store,
	    "SELECT coalesce(max(CASE WHEN at <= $1 THEN at END), max(at), -1) "
	    "FROM run WHERE $2 = '' OR job = $2",
	    bounds, 2, rj_take_number, &newest);
	if (newest >= 0)
		w->rank.past.at = newest;
	return status;
}

static enum rejunit_status
write_all(struct writing *w, struct rj_out *out)
{
	struct rj_ranking ranking;
	enum rejunit_status status = rj_rank(&ranking, &w->h->store, &w->rank);

	if (!status)
		status = rj_page_write(&ranking, &w->h->store, &w->page, out);
	rj_ranking_free(&ranking);
	return status ? status : rj_out_flush(out);
}

static enum rejunit_status
write_page(
    void *ctx, rejunit_write_fn *write, void *to, struct rejunit_error *err)
{
	struct writing *w = ctx;
	struct rj_out out;
	enum rejunit_status status = rj_out_open(&out, NULL, write, to, err);

	if (!status)
		status = write_all(w, &out);
	rj_out_close(&out);
	return status;
}

/* Does with a page what is to be done with it. */
typedef enum rejunit_status
do_fn(struct writing *w, void *ctx, struct rejunit_error *err);

static enum rejunit_status
work(struct rejunit_history *h, const struct rejunit_ranking *how,
    const struct rejunit_page *page, do_fn *act, void *ctx,
    struct rejunit_error *err)
{
	struct writing w = { .h = h };
	enum rejunit_status status = understand(&w, how, page, err);

	if (!status)
		status = rj_history_work_in(h, false, err);
	if (status)
		return status;
	status = find_time(&w, how->at != 0);
	if (!status)
		status = act(&w, ctx, err);
	return rj_history_end(&h->store, status);
}

struct target {
	rejunit_write_fn *write;
	void *ctx;
};

static enum rejunit_status
write_to(struct writing *w, void *ctx, struct rejunit_error *err)
{
	const struct target *t = ctx;

	return write_page(w, t->write, t->ctx, err);
}

enum rejunit_status
rejunit_history_page(struct rejunit_history *h,
    const struct rejunit_ranking *how, const struct rejunit_page *page,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	struct target target = { write, ctx };
	enum rejunit_status status =
	    rj_need_both(h, "a history", how, "a way to rank", err);

	if (!status)
		status = rj_need_both(
		    page, "a page", write, "a function that writes", err);
	if (!status && page->split)
		status = rj_fail(
		    err, REJUNIT_USAGE, "only a file has others beside it");
	return status ? status : work(h, how, page, write_to, &target, err);
}

/* --- files --------------------------------------------------------------- */

static enum rejunit_status
write_text(
    void *ctx, rejunit_write_fn *write, void *to, struct rejunit_error *err)
{
	const struct rj_str *text = ctx;
	struct rj_out out;
	enum rejunit_status status = rj_out_open(&out, NULL, write, to, err);

	if (!status) {
		rj_out_text(&out, *text);
		status = rj_out_flush(&out);
	}
	rj_out_close(&out);
	return status;
}

static enum rejunit_status
save_asset(struct rj_str stem, const char *suffix, struct rj_str text,
    struct rejunit_error *err)
{
	struct rj_buf path = { 0 };
	struct rj_save save = {
		.content = write_text, .ctx = &text, .lasts = true
	};
	enum rejunit_status status = REJUNIT_OK;

	if (!rj_buf_add(&path, stem) || !rj_buf_add(&path, rj_str(suffix)) ||
	    !rj_buf_reserve(&path, 1)) {
		status = rj_fail_memory(err);
	} else {
		path.s[path.n] = '\0';
		save.path = path.s;
		status = rj_save(&save, err);
	}
	rj_buf_free(&path);
	return status;
}

static struct rj_str
name_in(struct rj_str path)
{
	size_t at = path.n;

	while (at > 0 && path.s[at - 1] != '/')
		at--;
	return rj_str_from(path, at);
}

struct files {
	const char *path;
	bool split;
};

/* Nothing is left beside a page that cannot be. */
static enum rejunit_status
need_file(const char *path, struct rejunit_error *err)
{
	struct stat st;

	if (stat(path, &st) != 0 || S_ISREG(st.st_mode))
		return REJUNIT_OK;
	return rj_fail_at(err, REJUNIT_USAGE, path, 0, 0,
	    "is no file, and only a file has others beside it");
}

/* The page last: it names the others. */
static enum rejunit_status
save_files(struct writing *w, void *ctx, struct rejunit_error *err)
{
	const struct files *f = ctx;
	struct rj_str stem = rj_str(f->path);
	const struct rj_save save = {
		.content = write_page, .ctx = w, .path = f->path, .lasts = true
	};
	enum rejunit_status status = REJUNIT_OK;

	if (rj_str_ends(stem, RJ_STR(SUFFIX)))
		stem.n -= sizeof(SUFFIX) - 1;
	if (f->split) {
		w->page.assets = name_in(stem);
		if (!w->page.assets.n)
			return rj_fail_at(err, REJUNIT_USAGE, f->path, 0, 0,
			    "has no name that others could begin with");
		status = need_file(f->path, err);
		if (!status)
			status = save_asset(stem, ".css", rj_page_style(), err);
		if (!status)
			status = save_asset(stem, ".js", rj_page_script(), err);
	}
	return status ? status : rj_save(&save, err);
}

enum rejunit_status
rejunit_history_save_page(struct rejunit_history *h,
    const struct rejunit_ranking *how, const struct rejunit_page *page,
    const char *path, struct rejunit_error *err)
{
	enum rejunit_status status =
	    rj_need_both(h, "a history", how, "a way to rank", err);
	struct files files = { .path = path };

	if (!status)
		status = rj_need_both(page, "a page", path, "a path", err);
	if (status)
		return status;
	files.split = page->split;
	return work(h, how, page, save_files, &files, err);
}
