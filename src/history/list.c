#include "history/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "history/clock.h"
#include "out/csv.h"
#include "out/json.h"
#include "out/markdown.h"

#define SHOWN 200 /* bytes of a message */

/* --- JSON ---------------------------------------------------------------- */

struct count {
	struct rj_str signature;
	unsigned long n;
};

static int
by_signature(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	return rj_str_order(x->signature, y->signature);
}

static int
most_first(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return by_signature(a, b);
}

/* Puts those of one signature together; how many there are then. */
static size_t
add_up(struct count *counts, size_t n)
{
	size_t kept = 0;

	qsort(counts, n, sizeof(*counts), by_signature);
	for (size_t i = 0; i < n; i++)
		if (kept && by_signature(&counts[kept - 1], &counts[i]) == 0)
			counts[kept - 1].n++;
		else
			counts[kept++] = counts[i];
	qsort(counts, kept, sizeof(*counts), most_first);
	return kept;
}

/* How often a test failed in which way. */
static bool
put_signatures(
    struct rj_json *j, const struct rj_ranking *r, const struct rj_past_test *t)
{
	struct count *counts = calloc(t->n + 1, sizeof(*counts));
	size_t n = 0;

	if (!counts)
		return false;
	for (size_t i = 0; i < t->n; i++) {
		struct rj_str s = rj_past_signature(&r->past, t->seen[i].words);

		if (s.n)
			counts[n++] = (struct count){ s, 1 };
	}
	n = add_up(counts, n);
	rj_json_open(j, "signatures", '[');
	for (size_t i = 0; i < n; i++) {
		rj_json_open(j, NULL, '{');
		rj_json_string(j, "signature", counts[i].signature);
		rj_json_number(j, "count", counts[i].n);
		rj_json_close(j, '}');
	}
	rj_json_close(j, ']');
	free(counts);
	return true;
}

static void
put_time(struct rj_json *j, const char *key, int64_t at)
{
	char text[40];

	if (at == 0)
		return;
	rj_clock_write(at, text);
	rj_json_string(j, key, rj_str(text));
}

static bool
put_test(struct rj_json *j, const struct rj_ranking *r, const struct rj_rank *t)
{
	static const char *const events[] = { "S", "C", "J", "I" };
	bool ok;

	rj_json_open(j, NULL, '{');
	rj_json_string(j, "id", t->id);
	rj_json_string(j, "classname", t->test->classname);
	rj_json_string(j, "name", t->test->name);
	if (t->test->told.n)
		rj_json_string(j, "told", t->test->told);
	rj_json_string(j, "state", rj_str(rejunit_state_name(t->state)));
	rj_json_bool(j, "stale", t->stale);
	rj_json_open(j, "events", '{');
	for (int i = 0; i < RJ_EVENTS; i++)
		rj_json_number(j, events[i], t->events[i]);
	rj_json_close(j, '}');
	rj_json_number(j, "runs", t->runs);
	rj_json_number(j, "bad_runs", t->bad_runs);
	rj_json_number(j, "blocked_runs", t->blocked_runs);
	rj_json_decimal(j, "lost_seconds", (double)t->lost / 1e6);
	rj_json_decimal(j, "cost_seconds", rj_rank_cost(t));
	if (r->hourly > 0 || r->machine_hour > 0)
		rj_json_decimal(j, "cost_money", rj_rank_money(r, t));
	rj_json_decimal(j, "rate", t->rate);
	rj_json_decimal(j, "rate_low", t->rate_low);
	rj_json_decimal(j, "rate_high", t->rate_high);
	rj_json_number(j, "missing_passes", t->missing_passes);
	put_time(j, "first_bad", t->first_bad);
	put_time(j, "last_bad", t->last_bad);
	ok = put_signatures(j, r, t->test);
	rj_json_close(j, '}');
	return ok;
}

static void
put_cluster(
    struct rj_json *j, const struct rj_ranking *r, const struct rj_cluster *c)
{
	rj_json_open(j, NULL, '{');
	rj_json_string(j, "signature", c->signature);
	rj_json_number(j, "failures", c->failures);
	rj_json_number(j, "runs", c->runs);
	rj_json_number(j, "recovered", c->recovered);
	put_time(j, "first", c->first);
	put_time(j, "last", c->last);
	rj_json_string(j, "type", c->type);
	rj_json_string(j, "message", c->message);
	rj_json_open(j, "tests", '[');
	for (size_t i = 0; i < c->n_tests; i++)
		rj_json_string(j, NULL, rj_past_id(&r->past, c->tests[i]));
	rj_json_close(j, ']');
	rj_json_close(j, '}');
}

static bool
put_json(struct rj_out *out, const struct rj_ranking *r)
{
	struct rj_json j = { .out = out };
	bool ok = true;

	rj_json_open(&j, NULL, '{');
	rj_json_number(&j, "version", 1);
	put_time(&j, "at", r->at);
	rj_json_number(&j, "runs", r->past.n_runs);
	rj_json_number(&j, "outages", r->past.outages);
	rj_json_open(&j, r->by_signature ? "signatures" : "tests", '[');
	for (size_t i = 0; r->by_signature && i < r->n_clusters; i++)
		put_cluster(&j, r, &r->clusters[i]);
	for (size_t i = 0; !r->by_signature && i < r->n_listed && ok; i++)
		ok = put_test(&j, r, &r->tests[i]);
	rj_json_close(&j, ']');
	rj_json_close(&j, '}');
	return ok;
}

/* --- CSV ----------------------------------------------------------------- */

#define COLUMNS                                                           \
	"id,classname,name,told,state,stale,S,C,J,I,runs,bad_runs,"       \
	"blocked_runs,lost_seconds,cost_seconds,rate,rate_low,rate_high," \
	"missing_passes,first_bad,last_bad\r\n"
#define CLUSTER_COLUMNS                                                   \
	"signature,failures,runs,recovered,tests,first,last,type,message" \
	"\r\n"

static void
put_number(struct rj_out *out, double value, int digits, const char *end)
{
	char text[64];

	rj_decimal(value, digits, text);
	rj_out_text(out, rj_str(text));
	rj_out_text(out, rj_str(end));
}

static void
put_csv(struct rj_out *out, const struct rj_ranking *r)
{
	rj_out_text(out, RJ_STR(COLUMNS));
	for (size_t i = 0; i < r->n_listed && !out->status; i++) {
		const struct rj_rank *t = &r->tests[i];
		char first[40] = "", last[40] = "";

		if (t->first_bad)
			rj_clock_write(t->first_bad, first);
		if (t->last_bad)
			rj_clock_write(t->last_bad, last);
		rj_csv_cell(out, t->id, ",");
		rj_csv_cell(out, t->test->classname, ",");
		rj_csv_cell(out, t->test->name, ",");
		rj_csv_cell(out, t->test->told, ",");
		rj_csv_cell(out, rj_str(rejunit_state_name(t->state)), ",");
		rj_csv_cell(out, rj_str(t->stale ? "true" : "false"), ",");
		for (int e = 0; e < RJ_EVENTS; e++)
			put_number(out, t->events[e], 0, ",");
		put_number(out, t->runs, 0, ",");
		put_number(out, t->bad_runs, 0, ",");
		put_number(out, t->blocked_runs, 0, ",");
		put_number(out, (double)t->lost / 1e6, 6, ",");
		put_number(out, rj_rank_cost(t), 6, ",");
		put_number(out, t->rate, 6, ",");
		put_number(out, t->rate_low, 6, ",");
		put_number(out, t->rate_high, 6, ",");
		put_number(out, t->missing_passes, 0, ",");
		rj_csv_cell(out, rj_str(first), ",");
		rj_csv_cell(out, rj_str(last), "\r\n");
	}
}

static void
put_cluster_rows(struct rj_out *out, const struct rj_ranking *r)
{
	rj_out_text(out, RJ_STR(CLUSTER_COLUMNS));
	for (size_t i = 0; i < r->n_clusters && !out->status; i++) {
		const struct rj_cluster *c = &r->clusters[i];
		char first[40], last[40];

		rj_clock_write(c->first, first);
		rj_clock_write(c->last, last);
		rj_csv_cell(out, c->signature, ",");
		put_number(out, c->failures, 0, ",");
		put_number(out, c->runs, 0, ",");
		put_number(out, c->recovered, 0, ",");
		put_number(out, (double)c->n_tests, 0, ",");
		rj_csv_cell(out, rj_str(first), ",");
		rj_csv_cell(out, rj_str(last), ",");
		rj_csv_cell(out, c->type, ",");
		rj_csv_cell(out, c->message, "\r\n");
	}
}

/* --- Markdown ------------------------------------------------------------ */

static void
put_text(struct rj_out *out, const char *s)
{
	rj_out_text(out, rj_str(s));
}

static void
put_share(struct rj_out *out, double share, const char *end)
{
	put_number(out, share * 100, share < 0.0995 ? 1 : 0, end);
}

static void
put_cell(struct rj_out *out, struct rj_str s)
{
	put_text(out, "| ");
	/* a bar would end the cell, in a code span, too */
	for (struct rj_str rest = s; rest.n;) {
		const char *bar = memchr(rest.s, '|', rest.n);
		size_t n = bar ? (size_t)(bar - rest.s) : rest.n;

		if (n)
			rj_markdown_code(out, (struct rj_str){ rest.s, n });
		if (bar)
			put_text(out, "\\|");
		rest = rj_str_from(rest, n + (bar != NULL));
	}
	put_text(out, " ");
}

static void
put_markdown_test(struct rj_out *out, const struct rj_rank *t)
{
	unsigned int flakes = 0;

	for (int e = 0; e < RJ_EVENTS; e++)
		flakes += t->events[e];
	put_cell(out, t->id);
	put_text(out, "| ");
	put_text(out, rejunit_state_name(t->state));
	put_text(out, t->stale ? ", stale | " : " | ");
	put_number(out, flakes, 0, " | ");
	put_number(out, t->runs, 0, " | ");
	put_number(out, t->blocked_runs, 0, " | ");
	put_number(out, rj_rank_cost(t) / 60, 0, " | ");
	put_share(out, t->rate, " % (");
	put_share(out, t->rate_low, " to ");
	put_share(out, t->rate_high, ") | ");
	put_number(out, t->missing_passes, 0, " |\n");
}

/* The first line of what a failure said, or else its signature. */
static struct rj_str
line_of(const struct rj_cluster *c)
{
	struct rj_str line = c->message;

	line.n = line.n ? rj_str_find(line, RJ_STR("\n")) : 0;
	return rj_str_cut(line.n ? line : c->signature, SHOWN);
}

static void
put_markdown(struct rj_out *out, const struct rj_ranking *r)
{
	put_number(out, (double)r->past.n_runs, 0,
	    r->past.n_runs == 1 ? " run" : " runs");
	if (r->past.outages) {
		put_text(out, ", ");
		put_number(out, (double)r->past.outages, 0,
		    r->past.outages == 1 ? " of them an outage"
					 : " of them outages");
	}
	if (r->by_signature) {
		put_text(out,
		    "\n\n| failure | failures | runs | tests | recovered |\n"
		    "|---|---:|---:|---:|---:|\n");
		for (size_t i = 0; i < r->n_clusters; i++) {
			const struct rj_cluster *c = &r->clusters[i];

			put_cell(out, line_of(c));
			put_text(out, "| ");
			put_number(out, c->failures, 0, " | ");
			put_number(out, c->runs, 0, " | ");
			put_number(out, (double)c->n_tests, 0, " | ");
			put_number(out, c->recovered, 0, " |\n");
		}
		return;
	}
	put_text(out,
	    "\n\n| test | state | flakes | runs | blocked | minutes | rate | "
	    "passes missing |\n|---|---|---:|---:|---:|---:|---:|---:|\n");
	for (size_t i = 0; i < r->n_listed && !out->status; i++)
		put_markdown_test(out, &r->tests[i]);
}

enum rejunit_status
rj_ranking_write(const struct rj_ranking *r, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	struct rj_out out;
	enum rejunit_status status = rj_out_open(&out, NULL, write, ctx, err);

	if (!status && format == REJUNIT_CSV && r->by_signature)
		put_cluster_rows(&out, r);
	else if (!status && format == REJUNIT_CSV)
		put_csv(&out, r);
	else if (!status && format == REJUNIT_MARKDOWN)
		put_markdown(&out, r);
	else if (!status && !put_json(&out, r))
		status = rj_fail_memory(err);
	if (!status)
		status = rj_out_flush(&out);
	rj_out_close(&out);
	return status;
}
