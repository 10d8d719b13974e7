#include "list/flakes.h"

#include <stdio.h>
#include <string.h>

#include "list/execution.h"
#include "list/runner_id.h"
#include "out/github.h"
#include "out/json.h"

/* A job summary may have 1 MiB; the rest is for what stands around it. */
#define MARKDOWN_MAX ((size_t)900 * 1024)

#define LINE_MAX_SHOWN 300 /* of a summary */

/* A list on its way out. */
struct list {
	const struct rj_flakes *of;
	struct rj_out out;
	struct rj_json json;
	struct rj_details details;
	struct rj_buf id; /* scratch */
	bool places; /* say where in its report each execution stands */
};

static void
no_memory(struct list *l)
{
	rj_out_fail(&l->out, rj_fail_memory(l->out.err));
}

static void
put(struct list *l, const char *s)
{
	rj_out_text(&l->out, rj_str(s));
}

/* The id of a decision's test, until the next one is asked for. */
static struct rj_str
id_of(struct list *l, const struct rejunit_decision *d)
{
	const struct rj_case *c = d->slot->base;

	l->id.n = 0;
	if (!rj_test_id(&l->id, c, l->of->rootdir))
		no_memory(l);
	return rj_buf_str(&l->id);
}

/* The same of its name for people. */
static struct rj_str
name_of(struct list *l, const struct rejunit_decision *d)
{
	const struct rj_case *c = d->slot->base;

	l->id.n = 0;
	if (!rj_test_name(&l->id, c, l->of->rootdir))
		no_memory(l);
	return rj_buf_str(&l->id);
}

static bool
read_details(struct list *l, const struct rj_execution *x)
{
	rj_out_fail(&l->out,
	    rj_read_details(&l->details, l->of->reports, x, l->out.err));
	return l->out.status == REJUNIT_OK;
}

/* --- JSON ---------------------------------------------------------------- */

static void
put_execution(struct list *l, const struct rj_execution *x)
{
	const struct rj_case *c = x->at;
	struct rj_json *j = &l->json;

	rj_json_open(j, NULL, '{');
	rj_json_number(j, "run", c->suite->run);
	rj_json_string(j, "outcome", rj_str(rejunit_verdict_name(x->outcome)));
	if (l->places) {
		rj_json_string(j, "report",
		    rj_str(l->of->reports[c->suite->report].src.name));
		rj_json_number(j, "line", c->line_no);
	}
	if (read_details(l, x)) {
		rj_json_string(j, "time", l->details.time);
		rj_json_string(j, "type", l->details.type);
		rj_json_string(j, "message", l->details.message);
		if (l->details.signature[0])
			rj_json_string(
			    j, "signature", rj_str(l->details.signature));
	}
	rj_json_close(j, '}');
}

static void
put_suite_path(struct list *l, struct rj_str path)
{
	rj_json_open(&l->json, "suite_path", '[');
	for (size_t at = 0; at < path.n;) {
		struct rj_str name = rj_str(path.s + at);

		rj_json_string(&l->json, NULL, name);
		at += name.n + 1;
	}
	rj_json_close(&l->json, ']');
}

static void
put_assumptions(struct list *l, unsigned int assumed)
{
	if (!assumed)
		return;
	rj_json_open(&l->json, "assumed", '[');
	for (unsigned int bit = 1; bit <= assumed; bit <<= 1)
		if (assumed & bit)
			rj_json_string(&l->json, NULL,
			    rj_str(rejunit_assumption_name(
				(enum rejunit_assumption)bit)));
	rj_json_close(&l->json, ']');
}

static void
put_decision(struct list *l, const struct rejunit_decision *d)
{
	const struct rj_case *c = d->slot->base;
	struct rj_json *j = &l->json;
	struct rj_execution x;

	rj_json_open(j, NULL, '{');
	rj_json_string(j, "id", id_of(l, d));
	rj_json_string(j, "classname", c->classname);
	rj_json_string(j, "name", c->name);
	rj_json_string(j, "file", c->file);
	rj_json_string(j, "suite", c->suite->name);
	put_suite_path(l, c->suite->path);
	rj_json_string(j, "hostname", c->suite->hostname);
	rj_json_string(j, "line", c->line);
	rj_json_string(
	    j, "report", rj_str(l->of->reports[c->suite->report].name));
	if (l->places) {
		rj_json_string(
		    j, "before", rj_str(rejunit_verdict_name(d->before)));
		rj_json_string(
		    j, "after", rj_str(rejunit_verdict_name(d->after)));
		rj_json_string(
		    j, "reason", rj_str(rejunit_reason_name(d->reason)));
	}
	put_assumptions(l, d->assumed);
	if (d->flaky)
		rj_json_string(
		    j, "direction", rj_str(rejunit_flaky_name(d->flaky)));
	rj_json_open(j, "executions", '[');
	for (const struct rj_sighting *s = d->sightings; s; s = s->next)
		for (unsigned int step = 0;
		     rj_next_execution(s->at, &step, &x);)
			put_execution(l, &x);
	rj_json_close(j, ']');
	rj_json_close(j, '}');
}

static void
put_json(struct list *l, const char *key, bool all)
{
	const struct rj_plan *plan = l->of->plan;

	l->json = (struct rj_json){ .out = &l->out };
	rj_json_open(&l->json, NULL, '{');
	rj_json_number(&l->json, "version", 1);
	put_assumptions(l, plan->assumed);
	rj_json_open(&l->json, key, '[');
	for (size_t i = 0; i < plan->n_decisions && !l->out.status; i++)
		if (all || plan->decisions[i]->flaky)
			put_decision(l, plan->decisions[i]);
	rj_json_close(&l->json, ']');
	rj_json_close(&l->json, '}');
}

/* --- lists of flaky tests ------------------------------------------------ */

/* Calls `one` for every flaky test. */
static void
each_flaky(struct list *l,
    void (*one)(struct list *l, const struct rejunit_decision *d, size_t n))
{
	const struct rj_plan *plan = l->of->plan;
	size_t n = 0;

	for (size_t i = 0; i < plan->n_decisions && !l->out.status; i++)
		if (plan->decisions[i]->flaky)
			one(l, plan->decisions[i], n++);
}

static void
text_line(struct list *l, const struct rejunit_decision *d, size_t n)
{
	bool runnable;

	(void)n;
	if (!rj_test_is_runnable(d->slot->base, l->of->rootdir, &runnable))
		no_memory(l);
	else if (!runnable)
		return;
	rj_out_text(&l->out, id_of(l, d));
	put(l, "\n");
}

/* The first failure of a test: what there is to say of it in one line. */
static bool
first_failure(struct list *l, const struct rejunit_decision *d)
{
	struct rj_execution x;

	for (const struct rj_sighting *s = d->sightings; s; s = s->next)
		for (unsigned int step = 0;
		     rj_next_execution(s->at, &step, &x);)
			if (rj_is_bad(x.outcome))
				return read_details(l, &x);
	return false;
}

/* --- CSV: for spreadsheets, which must not take a cell for a formula ------ */

static void
csv_cell(struct list *l, struct rj_str s, const char *end)
{
	put(l, "\"");
	if (s.n && strchr("=+-@\t\r\n|%", s.s[0]))
		put(l, "'");
	while (s.n) {
		const char *quote = memchr(s.s, '"', s.n);
		size_t n = quote ? (size_t)(quote - s.s) + 1 : s.n;

		rj_out_text(&l->out, (struct rj_str){ s.s, n });
		put(l, quote ? "\"" : "");
		s = rj_str_from(s, n);
	}
	put(l, "\"");
	put(l, end);
}

static void
csv_line(struct list *l, const struct rejunit_decision *d, size_t n)
{
	const struct rj_case *c = d->slot->base;

	(void)n;
	csv_cell(l, id_of(l, d), ",");
	csv_cell(l, c->classname, ",");
	csv_cell(l, c->name, ",");
	csv_cell(l, c->file, ",");
	csv_cell(l, c->suite->name, ",");
	csv_cell(l, c->suite->hostname, ",");
	csv_cell(l, rj_str(rejunit_flaky_name(d->flaky)), ",");
	if (!first_failure(l, d)) {
		put(l, ",,\r\n");
		return;
	}
	csv_cell(l, l->details.type, ",");
	csv_cell(l, l->details.what, ",");
	csv_cell(l, rj_str(l->details.signature), "\r\n");
}

static bool
is_failing(const struct rejunit_decision *d)
{
	return rj_is_bad(d->after);
}

static bool
is_flaky(const struct rejunit_decision *d)
{
	return d->flaky != REJUNIT_NOT_FLAKY;
}

/* --- GitHub: workflow commands, which end with their line ----------------- */

static void
github_line(struct list *l, const struct rejunit_decision *d, const char *level,
    const char *title, const char *word)
{
	const struct rj_case *c = d->slot->base;

	put(l, "::");
	put(l, level);
	put(l, " ");
	l->id.n = 0;
	if (!rj_test_file(&l->id, c, l->of->rootdir))
		no_memory(l);
	if (l->id.n) {
		put(l, "file=");
		rj_github_text(&l->out, rj_buf_str(&l->id), true);
		put(l, ",");
	}
	put(l, "title=");
	put(l, title);
	put(l, " (");
	put(l, word);
	put(l, ")::");
	rj_github_text(&l->out, name_of(l, d), false);
	if (first_failure(l, d) && l->details.what.n) {
		put(l, ": ");
		rj_github_text(&l->out, l->details.what, false);
	}
	put(l, "\n");
}

/* Of each kind, as many are shown; the last one says how many are not. */
static void
put_github(struct list *l)
{
	const struct rj_plan *plan = l->of->plan;
	size_t failing = 0, flaky = 0, shown = RJ_GITHUB_MAX - 1;

	for (size_t i = 0; i < plan->n_decisions; i++) {
		const struct rejunit_decision *d = plan->decisions[i];

		if (is_failing(d) && failing++ < shown)
			github_line(l, d, "error", "Failing test",
			    rejunit_reason_name(d->reason));
		if (is_flaky(d) && flaky++ < shown)
			github_line(l, d, "warning", "Flaky test",
			    rejunit_flaky_name(d->flaky));
	}
	if (failing > shown)
		rj_github_more(
		    &l->out, "error", "Failing tests", failing - shown);
	if (flaky > shown)
		rj_github_more(
		    &l->out, "warning", "Flaky tests", flaky - shown);
}

/* --- Markdown: for a job summary ------------------------------------------ */

/* Text in a code span, where nothing has a meaning but the backtick. */
static void
markdown_code(struct list *l, struct rj_str s)
{
	size_t longest = 0, ticks = 0;

	for (size_t i = 0; i < s.n; i++) {
		ticks = s.s[i] == '`' ? ticks + 1 : 0;
		longest = ticks > longest ? ticks : longest;
	}
	for (size_t i = 0; i <= longest; i++)
		put(l, "`");
	put(l, longest ? " " : "");
	rj_out_visible(&l->out, s);
	put(l, longest ? " " : "");
	for (size_t i = 0; i <= longest; i++)
		put(l, "`");
}

static bool
is_full(const struct list *l)
{
	return l->out.total > MARKDOWN_MAX;
}

static void
markdown_item(struct list *l, const struct rejunit_decision *d)
{
	static const char *const alike[] = { "still failing",
		"still failing, in another way",
		"still failing, same failure" };
	enum rejunit_status status;
	int same;

	put(l, "- ");
	markdown_code(l, name_of(l, d));
	put(l, " (");
	if (d->reason == REJUNIT_STILL_FAILING) {
		status = rj_alike(l->of, d, &same, l->out.err);
		if (status)
			rj_out_fail(&l->out, status);
		put(l, alike[same + 1]);
	} else if (d->flaky) {
		put(l, rejunit_flaky_name(d->flaky));
	} else {
		put(l, rejunit_reason_name(d->reason));
	}
	put(l, ")");
	if (first_failure(l, d) && l->details.what.n) {
		put(l, ": ");
		markdown_code(l, rj_str_cut(l->details.what, LINE_MAX_SHOWN));
	}
	put(l, "\n");
}

static void
markdown_section(struct list *l, const char *title,
    bool (*belongs)(const struct rejunit_decision *d))
{
	const struct rj_plan *plan = l->of->plan;
	size_t n = 0, left = 0;
	char text[96];

	for (size_t i = 0; i < plan->n_decisions; i++)
		n += belongs(plan->decisions[i]);
	if (n == 0)
		return;
	snprintf(text, sizeof(text), "\n### %s: %zu\n\n", title, n);
	put(l, text);
	for (size_t i = 0; i < plan->n_decisions && !l->out.status; i++) {
		if (!belongs(plan->decisions[i]))
			continue;
		if (is_full(l))
			left++;
		else
			markdown_item(l, plan->decisions[i]);
	}
	if (left) {
		snprintf(text, sizeof(text), "- and %zu more\n", left);
		put(l, text);
	}
}

static void
put_markdown(struct list *l)
{
	const struct rj_report *r = l->of->reports;
	size_t cases = 0, before = 0;
	char text[160];

	for (size_t i = 0; i < l->of->n_reports && r[i].run == 0; i++) {
		cases += r[i].total;
		before += r[i].bad;
	}
	snprintf(text, sizeof(text),
	    "## Tests after rerun\n\n"
	    "| cases | bad before | bad now |\n|---|---|---|\n"
	    "| %zu | %zu | %zu |\n",
	    cases, before, l->of->plan->bad_after);
	put(l, text);
	markdown_section(l, "Failing", is_failing);
	markdown_section(l, "Flaky", is_flaky);
}

static enum rejunit_status
finish(struct list *l)
{
	enum rejunit_status status = rj_out_flush(&l->out);

	rj_out_close(&l->out);
	rj_free_details(&l->details);
	rj_buf_free(&l->id);
	return status;
}

enum rejunit_status
rj_flakes_write(const struct rj_flakes *f, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err)
{
	struct list l = { .of = f };

	if (rj_out_open(&l.out, NULL, write, ctx, err))
		return finish(&l);
	switch (format) {
	case REJUNIT_JSON:
		put_json(&l, "flaky", false);
		break;
	case REJUNIT_CSV:
		put(&l, "id,classname,name,file,suite,hostname,direction,type,"
			"message,signature\r\n");
		each_flaky(&l, csv_line);
		break;
	case REJUNIT_MARKDOWN:
		put_markdown(&l);
		break;
	case REJUNIT_GITHUB:
		put_github(&l);
		break;
	default:
		each_flaky(&l, text_line);
		break;
	}
	return finish(&l);
}

enum rejunit_status
rj_decisions_write(const struct rj_flakes *f, rejunit_write_fn *write,
    void *ctx, struct rejunit_error *err)
{
	struct list l = { .of = f, .places = true };

	if (!rj_out_open(&l.out, NULL, write, ctx, err))
		put_json(&l, "decisions", true);
	return finish(&l);
}

/* The original's failures; of more than these, the rest are not compared. */
#define KNOWN_MAX 8

enum rejunit_status
rj_alike(const struct rj_flakes *f, const struct rejunit_decision *d,
    int *alike, struct rejunit_error *err)
{
	char known[KNOWN_MAX][RJ_SIGNATURE_SIZE];
	struct rj_details details = { 0 };
	struct rj_execution x;
	size_t n = 0, i;
	enum rejunit_status status = REJUNIT_OK;

	*alike = -1;
	for (const struct rj_sighting *s = d->sightings; s && !status;
	     s = s->next) {
		for (unsigned int step = 0;
		     !status && rj_next_execution(s->at, &step, &x);) {
			if (!rj_is_bad(x.outcome))
				continue;
			status = rj_read_details(&details, f->reports, &x, err);
			if (status)
				break;
			for (i = 0; i < n; i++)
				if (strcmp(known[i], details.signature) == 0)
					break;
			if (x.at->suite->run > 0 && n > 0 && *alike != 0)
				*alike = i < n;
			else if (x.at->suite->run == 0 && i == n &&
				 n < KNOWN_MAX)
				memcpy(known[n++], details.signature,
				    RJ_SIGNATURE_SIZE);
		}
	}
	rj_free_details(&details);
	return status;
}
