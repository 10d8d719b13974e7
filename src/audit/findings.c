#include "audit/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/github.h"
#include "out/json.h"

bool
rj_find(struct rj_findings *f, const char *code, const char *file,
    unsigned long line, unsigned long column, const char *fmt, ...)
{
	struct rj_finding *one;
	char text[512];
	va_list args;

	if (f->total++ - f->total_before >= RJ_FINDINGS_MAX)
		return true;
	one = rj_grown(f->list, f->n, &f->room, sizeof(*one));
	if (!one)
		return false;
	f->list = one;
	one += f->n;
	*one = (struct rj_finding){ code, file, line, column, { NULL, 0 } };
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!rj_alloc_str(f->arena, rj_str(text), &one->message))
		return false;
	f->n++;
	return true;
}

static int
by_place(const void *a, const void *b)
{
	const struct rj_finding *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	if (strcmp(x->code, y->code) != 0)
		return strcmp(x->code, y->code);
	return strcmp(x->message.s, y->message.s);
}

bool
rj_findings_close(struct rj_findings *f)
{
	size_t n = f->n - f->n_before, all = f->total - f->total_before;
	bool ok = true;

	if (n > 0)
		qsort(&f->list[f->n_before], n, sizeof(*f->list), by_place);
	if (all > n) {
		/* which is counted as one of them */
		f->total_before = --f->total;
		ok = rj_find(f, "more", f->list[f->n_before].file, 0, 0,
		    "%zu more findings are not listed", all - n);
	}
	f->n_before = f->n;
	f->total_before = f->total;
	return ok;
}

void
rj_findings_restore(struct rj_findings *f, const struct rj_findings *before)
{
	f->n = before->n;
	f->total = before->total;
	f->n_before = before->n_before;
	f->total_before = before->total_before;
}

void
rj_findings_free(struct rj_findings *f)
{
	free(f->list);
	*f = (struct rj_findings){ 0 };
}

static void
put(struct rj_out *o, const char *s)
{
	rj_out_text(o, rj_str(s));
}

static void
put_text(struct rj_out *o, const struct rj_finding *f)
{
	char place[64] = "";

	if (f->line && f->column)
		snprintf(place, sizeof(place), ":%lu:%lu", f->line, f->column);
	else if (f->line)
		snprintf(place, sizeof(place), ":%lu", f->line);
	rj_out_visible(o, rj_str(f->file));
	put(o, place);
	put(o, ": ");
	put(o, f->code);
	put(o, ": ");
	rj_out_visible(o, f->message);
	put(o, "\n");
}

static void
put_json(struct rj_out *o, const struct rj_findings *all)
{
	struct rj_json j = { .out = o };

	rj_json_open(&j, NULL, '{');
	rj_json_number(&j, "version", 1);
	rj_json_open(&j, "findings", '[');
	for (size_t i = 0; i < all->n; i++) {
		const struct rj_finding *f = &all->list[i];

		rj_json_open(&j, NULL, '{');
		rj_json_string(&j, "code", rj_str(f->code));
		rj_json_string(&j, "file", rj_str(f->file));
		if (f->line)
			rj_json_number(&j, "line", f->line);
		if (f->column)
			rj_json_number(&j, "column", f->column);
		rj_json_string(&j, "message", f->message);
		rj_json_close(&j, '}');
	}
	rj_json_close(&j, ']');
	rj_json_close(&j, '}');
}

static void
put_github(struct rj_out *o, const struct rj_findings *all)
{
	char place[64];

	for (size_t i = 0; i < all->n; i++) {
		const struct rj_finding *f = &all->list[i];

		if (i == RJ_GITHUB_MAX - 1 && all->n > i + 1) {
			rj_github_more(o, "error", "Test report", all->n - i);
			return;
		}
		put(o, "::error file=");
		rj_github_text(o, rj_str(f->file), true);
		snprintf(place, sizeof(place), ",line=%lu,col=%lu", f->line,
		    f->column);
		put(o, f->line ? place : "");
		put(o, ",title=");
		put(o, f->code);
		put(o, "::");
		rj_github_text(o, f->message, false);
		put(o, "\n");
	}
}

enum rejunit_status
rj_findings_write(const struct rj_findings *all, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	struct rj_out o;
	enum rejunit_status status = rj_out_open(&o, NULL, write, ctx, err);

	if (!status) {
		if (format == REJUNIT_JSON)
			put_json(&o, all);
		else if (format == REJUNIT_GITHUB)
			put_github(&o, all);
		else
			for (size_t i = 0; i < all->n; i++)
				put_text(&o, &all->list[i]);
		status = rj_out_flush(&o);
	}
	rj_out_close(&o);
	return status;
}
