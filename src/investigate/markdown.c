/* An investigation, for people. */
#include <stdio.h>

#include "base/duration.h"
#include "history/clock.h"
#include "investigate/investigate.h"
#include "investigate/telling.h"
#include "out/markdown.h"

#define MESSAGE	   1000 /* bytes of one */
#define ARTIFACTS  10
#define SIGNATURES 5

static void
put(struct rj_out *out, const char *s)
{
	rj_out_text(out, rj_str(s));
}

static void
put_number(struct rj_out *out, double n, const char *format)
{
	char text[64];

	snprintf(text, sizeof(text), format, n);
	put(out, text);
}

static void
put_time(struct rj_out *out, int64_t at)
{
	char text[40];

	rj_clock_write(at, text);
	put(out, text);
}

/* What has a meaning in Markdown, but does not have it here. */
static void
put_escaped(struct rj_out *out, struct rj_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (strchr("\\`*_{}[]<>|~&#", s.s[i]))
			put(out, "\\");
		rj_out_text(out, (struct rj_str){ s.s + i, 1 });
	}
}

/* A sentence, its names as code. */
static void
put_sentence(struct rj_out *out, struct rj_str s)
{
	while (s.n) {
		const char quotes[] = { RJ_QUOTE_BEGINS, RJ_QUOTE_ENDS };
		size_t from = rj_str_find(s, (struct rj_str){ quotes, 1 });
		size_t end;

		put_escaped(out, (struct rj_str){ s.s, from });
		if (from == s.n)
			return;
		s = rj_str_from(s, from + 1);
		end = rj_str_find(s, (struct rj_str){ quotes + 1, 1 });
		rj_markdown_code(out, (struct rj_str){ s.s, end });
		s = rj_str_from(s, end < s.n ? end + 1 : end);
	}
}

/* Text of several lines, fenced by more backticks than it has. */
static void
put_fenced(struct rj_out *out, const char *kind, struct rj_str s)
{
	size_t ticks = 0, longest = 2;

	for (size_t i = 0; i < s.n; i++) {
		ticks = s.s[i] == '`' ? ticks + 1 : 0;
		longest = ticks > longest ? ticks : longest;
	}
	for (size_t i = 0; i <= longest; i++)
		put(out, "`");
	put(out, kind);
	put(out, "\n");
	while (s.n) {
		size_t n = rj_str_find(s, RJ_STR("\n"));

		rj_out_visible(out, (struct rj_str){ s.s, n });
		put(out, "\n");
		s = rj_str_from(s, n < s.n ? n + 1 : n);
	}
	for (size_t i = 0; i <= longest; i++)
		put(out, "`");
	put(out, "\n");
}

static void
put_command(struct rj_out *out, struct rj_str command)
{
	put_fenced(out, "sh", command);
}

static void
put_capture(struct rj_out *out, const struct rj_investigation *i)
{
	const struct rj_causes *f = &i->causes;
	const struct rj_artifact *recording = NULL;
	struct rj_buf replay = { 0 };

	for (size_t k = 0; k < i->artifacts.n && !recording; k++)
		if (i->artifacts.of[k].kind == RJ_RECORDING)
			recording = &i->artifacts.of[k];
	put(out, "## Retrace capture\n\n- Recording available: ");
	put(out, recording	       ? "yes"
		 : i->artifacts.looked ? "no, none in that folder"
				       : "no, no folder was named "
					 "(`--artifacts=DIR`)");
	put(out, "\n- Path: ");
	if (recording)
		rj_markdown_code(out, rj_str(recording->path));
	else
		put(out, "none");
	put(out, "\n- Capture command: ");
	if (f->capture.n)
		rj_markdown_code(out, f->capture);
	else
		put(out, "none is known for this runner");
	put(out, "\n- Replay status: not replayed");
	if (!rj_command_replay(
		&replay, &f->target, rj_str(recording ? recording->path : "")))
		rj_out_fail(out, rj_fail_memory(out->err));
	if (replay.n) {
		put(out, "; to look into it: ");
		rj_markdown_code(out, rj_buf_str(&replay));
	}
	rj_buf_free(&replay);
	put(out, "\n\n");
}

static void
put_rate(struct rj_out *out, double rate)
{
	char text[64];

	rj_percent(rate, text);
	put(out, text);
}

static void
put_chance(struct rj_out *out, double p)
{
	char text[64];

	rj_digits(p, 2, text);
	put(out, text);
}

static void
put_summary(struct rj_out *out, const struct rj_investigation *i)
{
	const struct rj_causes *f = &i->causes;
	const struct rj_rank *r = f->e.rank;
	const struct rj_said *said = f->e.n_said ? &f->e.said[0] : NULL;

	put(out, "## Failure summary\n\n- Test: ");
	rj_markdown_code(out, f->id);
	put(out, "\n- Failure: ");
	if (said) {
		struct rj_str what = rj_str_cut(
		    rj_what_failed(said->message, said->trace), MESSAGE);

		rj_markdown_code(out, what.n ? what : said->signature);
		put_number(out, said->failures, " (%.0f of ");
		put_number(out, (double)f->e.bad, "%.0f failures, ");
		rj_markdown_code(out, said->signature);
		put(out, ")");
	} else {
		put(out, f->e.bad ? "its reports say nothing of it"
				  : "it has not failed in these runs");
	}
	put(out, "\n- Where observed: ");
	for (size_t k = f->e.n; k-- > 0;) {
		const struct rj_sample *s = &f->e.samples[k];
		const struct rj_run_texts *t = &f->e.runs[s->run];

		if (!s->bad)
			continue;
		put(out, "last in run ");
		rj_markdown_code(out, i->ranking.past.runs[s->run].name);
		put(out, " of ");
		put_time(out, i->ranking.past.runs[s->run].at);
		if (t->url.n) {
			put(out, ", ");
			rj_markdown_code(out, t->url);
		}
		break;
	}
	if (!f->e.bad)
		put(out, "nowhere");
	if (r) {
		put(out, "\n- Reproducibility: ");
		put(out, rejunit_state_name(r->state));
		put_number(out, r->bad_runs, ", failed first in %.0f of ");
		put_number(
		    out, r->runs, r->runs == 1 ? "%.0f run; " : "%.0f runs; ");
		put_rate(out, r->rate);
		put(out, " % of its runs fail (");
		put_rate(out, r->rate_low);
		put(out, " to ");
		put_rate(out, r->rate_high);
		put(out, ", with 95 % certainty); last runs: ");
		rj_markdown_code(out, rj_str(r->strip));
		if (r->missing_passes)
			put_number(out, r->missing_passes,
			    "; it needs %.0f more passes");
	}
	put(out, "\n\n");
}

static void
put_category(struct rj_out *out, const struct rj_causes *f)
{
	put(out, "## Likely category\n\n- Primary: ");
	put(out, rj_category_name(f->primary));
	put(out, "\n- Secondary: ");
	put(out, f->secondary ? rj_category_name(f->secondary) : "none");
	put(out, "\n- Confidence: ");
	put(out, rj_confidence_name(f->confidence));
	put(out, "\n\n");
}

static void
put_cause(struct rj_out *out, const struct rj_cause *c)
{
	put(out, "- **");
	put(out, rj_kind_name(c->kind));
	put(out, "** (");
	put(out, rj_confidence_name(c->confidence));
	put(out, "): ");
	put_sentence(out, c->statement);
	if (c->p >= 0) {
		put(out, " p = ");
		put_chance(out, c->p);
		put(out, ", and ");
		put_chance(out, c->adjusted);
		put(out, " after all comparisons.");
	}
	put(out, "\n  - Refuted by: ");
	put_sentence(out, c->refuted_by);
	put(out, "\n  - Try: ");
	rj_markdown_code(out, c->command);
	put(out, "\n");
}

static void
put_evidence(struct rj_out *out, const struct rj_investigation *i)
{
	const struct rj_causes *f = &i->causes;

	put(out, "## Evidence\n\n### From replay\n\n"
		 "Nothing was replayed.\n\n"
		 "### From logs and history\n\n");
	for (size_t k = 0; k < f->n; k++)
		put_cause(out, &f->cause[k]);
	if (!f->n)
		put(out, "- Nothing stands out.\n");
	put_number(out, (double)f->c.made, "\n%.0f comparisons were made");
	put(out, "; what is told of them would be luck in one of a hundred "
		 "such reports.\n");
	if (f->e.n_said > 1) {
		put(out, "\n| failure | signature | failures | last |\n"
			 "|---|---|---:|---|\n");
		for (size_t k = 0; k < f->e.n_said && k < SIGNATURES; k++) {
			const struct rj_said *s = &f->e.said[k];

			put(out, "| ");
			put_escaped(
			    out, rj_str_cut(rj_first_line(rj_what_failed(
						s->message, s->trace)),
				     120));
			put(out, " | ");
			rj_markdown_code(out, s->signature);
			put_number(out, s->failures, " | %.0f | ");
			put_time(out, i->ranking.past.runs[s->run].at);
			put(out, " |\n");
		}
		if (f->e.n_said > SIGNATURES)
			put_number(out, (double)(f->e.n_said - SIGNATURES),
			    "\n%.0f more signatures are not shown.\n");
	}
	for (size_t k = 0; k < i->artifacts.n && k < ARTIFACTS; k++) {
		const struct rj_artifact *a = &i->artifacts.of[k];

		put(out, k ? "- "
			   : "\nFiles that failing runs may have left:\n\n- ");
		put(out, rj_artifact_kind_name(a->kind));
		put(out, " ");
		rj_markdown_code(out, rj_str(a->path));
		put(out, a->names_test ? ", which names the test" : "");
		if (a->run.n) {
			put(out, a->names_test ? " and the run "
					       : ", which names the run ");
			rj_markdown_code(out, a->run);
		}
		put(out, "\n");
	}
	if (i->artifacts.n > ARTIFACTS)
		put_number(
		    out, (double)(i->artifacts.n - ARTIFACTS), "- %.0f more\n");
	if (i->hypothesis.command.s) {
		put(out, "\n### Hypothesis of ");
		rj_markdown_code(out, i->hypothesis.command);
		put(out, "\n\nNot checked by rejunit; what it says is its "
			 "own.\n\n");
		if (i->hypothesis.trouble.s) {
			put(out, "No answer: ");
			put_escaped(out, i->hypothesis.trouble);
			put(out, "\n");
		} else {
			put_fenced(out, "text", i->hypothesis.answer);
		}
	}
	put(out, "\n### Missing\n\n");
	for (size_t k = 0; k < f->n_missing; k++) {
		put(out, "- ");
		put_escaped(out, f->missing[k]);
		put(out, "\n");
	}
	if (!i->artifacts.n)
		put(out, "- recordings and logs of failing runs: "
			 "`--artifacts=DIR`\n");
	else if (!f->n_missing)
		put(out, "- nothing that this report can name\n");
	put(out, "\n");
}

static void
put_steps(struct rj_out *out, const struct rj_causes *f)
{
	put(out, "## Immediate next step\n\n");
	for (int k = 0; k < 3; k++)
		if (f->next[k].n)
			put_command(out, f->next[k]);
	put(out, "\n## Code areas to inspect\n\n");
	for (size_t k = 0; k < f->frames; k++) {
		put(out, "- ");
		rj_markdown_code(out, f->frame[k].place);
		if (f->frame[k].function.n) {
			put(out, " in ");
			rj_markdown_code(out, f->frame[k].function);
		}
		put_number(out, f->frame[k].failures,
		    f->frame[k].failures == 1 ? ": %.0f failure\n"
					      : ": %.0f failures\n");
	}
	for (size_t k = 0; k < f->n; k++) {
		const struct rj_cause *c = &f->cause[k];

		if (c->confidence < RJ_MEDIUM || !c->value.n ||
		    (c->kind != RJ_POSITIONS && c->kind != RJ_COMPANY &&
			c->kind != RJ_FIXTURE))
			continue;
		put(out, "- ");
		rj_markdown_code(out, c->value);
		put(out, c->kind == RJ_POSITIONS ? ": what it leaves behind\n"
			 : c->kind == RJ_COMPANY ? ": what both of them use\n"
						 : ": the fixture\n");
	}
	if (!f->frames)
		put(out, "- the test itself: no failure has a trace with a "
			 "line of the project\n");
	put(out, "\n## Likely fix direction\n\n");
	put(out, rj_category_mend(f->primary));
	put(out, "\n");
	if (f->confidence == RJ_LOW)
		put(out, "\nThis is a guess from words alone; try the commands "
			 "above before anything is changed.\n");
}

void
rj_investigation_markdown(struct rj_out *out, const struct rj_investigation *i)
{
	put(out, "# Why does ");
	rj_markdown_code(out, i->causes.id);
	put(out, " flake?\n\n");
	put_capture(out, i);
	put_summary(out, i);
	put_category(out, &i->causes);
	put_evidence(out, i);
	put_steps(out, &i->causes);
}
