#include "history/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "history/clock.h"
#include "out/csv.h"
#include "out/json.h"

/* --- JSON ------------------------------------------------------------------
 */

struct count {
	struct rj_str signature;
	unsigned long n;
};

static int
most_first(const void *a, const void *b)
{
	const struct count *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return strcmp(x->signature.s, y->signature.s);
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
		size_t k = 0;

		if (!s.n)
			continue;
		while (k < n && !rj_str_eq(counts[k].signature, s))
			k++;
		counts[k].signature = s;
		counts[k].n++;
		n += k == n;
	}
	qsort(counts, n, sizeof(*counts), most_first);
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
	rj_json_decimal(j, "cost_seconds", t->cost);
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
	rj_json_open(&j, "tests", '[');
	for (size_t i = 0; i < r->n_listed && ok && !out->status; i++)
		ok = put_test(&j, r, &r->tests[i]);
	rj_json_close(&j, ']');
	rj_json_close(&j, '}');
	return ok;
}

/* --- CSV -------------------------------------------------------------------
 */

#define COLUMNS                                                           \
	"id,classname,name,told,state,stale,S,C,J,I,runs,bad_runs,"       \
	"blocked_runs,lost_seconds,cost_seconds,rate,rate_low,rate_high," \
	"missing_passes,first_bad,last_bad\r\n"

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
		put_number(out, t->cost, 6, ",");
		put_number(out, t->rate, 6, ",");
		put_number(out, t->rate_low, 6, ",");
		put_number(out, t->rate_high, 6, ",");
		put_number(out, t->missing_passes, 0, ",");
		rj_csv_cell(out, rj_str(first), ",");
		rj_csv_cell(out, rj_str(last), "\r\n");
	}
}

enum rejunit_status
rj_ranking_write(const struct rj_ranking *r, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	struct rj_out out;
	enum rejunit_status status = rj_out_open(&out, NULL, write, ctx, err);

	if (!status && format == REJUNIT_CSV)
		put_csv(&out, r);
	else if (!status && !put_json(&out, r))
		status = rj_fail_memory(err);
	if (!status)
		status = rj_out_flush(&out);
	rj_out_close(&out);
	return status;
}
