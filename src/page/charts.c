#include <math.h>
#include <stdlib.h>

#include "base/duration.h"
#include "history/clock.h"
#include "page/parts.h"

static void
put_label(struct rj_out *out, const char *what)
{
	rj_html(out, " role=\"img\" aria-label=\"");
	rj_html_value(out, rj_str(what));
	rj_html(out, "\">");
}

/* --- strips -------------------------------------------------------------- */

#define COLUMN 5
#define HEIGHT 16

static bool
is_one_of(char mark, const char *which)
{
	return mark && strchr(which, mark);
}

/* Tall marks of one kind, as one path. */
static void
put_tall(struct rj_out *out, const char *marks, size_t n, char which, int from)
{
	bool begun = false;

	for (size_t i = 0; i < n; i++) {
		if (marks[i] != which)
			continue;
		if (!begun)
			rj_html(out, "<path class=\"bad\" stroke=\"" RJ_RED
				     "\" stroke-width=\"4\" d=\"");
		begun = true;
		rj_html(out, "M%zu %dV0", i * COLUMN + 2, from);
	}
	if (begun)
		rj_html(out, "\"/>");
}

/* Low marks: of those in a row, one line of dashes. */
static void
put_low(struct rj_out *out, const char *marks, size_t n, const char *which)
{
	bool begun = false;

	for (size_t i = 0, end; i < n; i = end) {
		end = i + 1;
		if (!is_one_of(marks[i], which))
			continue;
		while (end < n && is_one_of(marks[end], which))
			end++;
		if (!begun)
			rj_html(out, "<path class=\"good\" stroke=\"" RJ_GREEN
				     "\" stroke-width=\"4\" "
				     "stroke-dasharray=\"4 1\" d=\"");
		begun = true;
		rj_html(out, "M%zu %dh%zu", i * COLUMN, HEIGHT - 2,
		    (end - i) * COLUMN - 1);
	}
	if (begun)
		rj_html(out, "\"/>");
}

/* What failed is tall, what passed is low: colours say it once more. */
void
rj_draw_strip(struct rj_out *out, const char *marks, size_t n, const char *what)
{
	rj_html(out,
	    "<svg class=\"strip\" width=\"%zu\" height=\"%d\" "
	    "viewBox=\"0 0 %zu %d\"",
	    n * COLUMN, HEIGHT, n * COLUMN, HEIGHT);
	put_label(out, what);
	put_low(out, marks, n, ".f");
	put_tall(out, marks, n, 'f', HEIGHT - 6);
	put_tall(out, marks, n, 'F', HEIGHT);
	rj_html(out, "</svg>");
}

void
rj_draw_share(struct rj_out *out, double share, const char *colour)
{
	int shade = (int)(share * 100 + 0.5);

	rj_html(out,
	    "<svg class=\"shade\" width=\"30\" height=\"14\" "
	    "aria-hidden=\"true\"><rect class=\"%s\" width=\"30\" "
	    "height=\"14\" fill=\"%s\" fill-opacity=\"%d.%02d\"/></svg>",
	    strcmp(colour, RJ_RED) == 0 ? "bad" : "good", colour, shade / 100,
	    shade % 100);
}

/* --- durations ----------------------------------------------------------- */

#define LEFT   56
#define WIDTH  640
#define TALL   150
#define BOTTOM 18
#define GRAIN  4 /* passes so near to each other are one */
#define STEEP  20 /* times the median, from which on a scale is logarithmic */

struct plot {
	struct rj_out *out;
	const struct rj_evidence *e;
	int64_t from;
	int64_t until;
	double low; /* of the scale, or its logarithm */
	double high;
	bool logarithmic;
};

static int64_t
time_of(const struct rj_evidence *e, size_t sample)
{
	return e->ranking->past.runs[e->samples[sample].run].at;
}

static int
x_of(const struct plot *p, int64_t at)
{
	double share = p->until > p->from ? (double)(at - p->from) /
						(double)(p->until - p->from)
					  : 0.5;

	return LEFT + 6 + (int)(share * (WIDTH - 12) + 0.5);
}

static int
y_of(const struct plot *p, double seconds)
{
	double at =
	    p->logarithmic ? log10(seconds > 1e-6 ? seconds : 1e-6) : seconds;
	double share =
	    p->high > p->low ? (at - p->low) / (p->high - p->low) : 0.5;

	share = share < 0 ? 0 : share > 1 ? 1 : share;
	return 6 + (int)((1 - share) * (TALL - 12) + 0.5);
}

static void
put_line(const struct plot *p, double seconds, const char *dashes,
    const char *kind, const char *word)
{
	int y = y_of(p, seconds);

	rj_html(p->out,
	    "<path class=\"%s\" stroke=\"%s\" stroke-dasharray=\"%s\" "
	    "d=\"M%d %dh%d\"/><text class=\"word\" x=\"%d\" y=\"%d\" "
	    "font-size=\"11\" fill=\"" RJ_GREY "\">%s ",
	    kind, strcmp(kind, "bad") == 0 ? RJ_RED : RJ_GREY, dashes, LEFT, y,
	    WIDTH, LEFT + WIDTH + 6, y + 4, word);
	rj_html_seconds(p->out, seconds);
	rj_html(p->out, "</text>");
}

/* A mark of the scale, to the left of it. */
static void
put_tick(const struct plot *p, double seconds)
{
	rj_html(p->out,
	    "<text class=\"word\" x=\"%d\" y=\"%d\" font-size=\"11\" "
	    "text-anchor=\"end\" fill=\"" RJ_GREY "\">",
	    LEFT - 6, y_of(p, seconds) + 4);
	rj_html_seconds(p->out, seconds);
	rj_html(p->out, "</text>");
}

static int
compare_numbers(const void *a, const void *b)
{
	const unsigned int *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Dots where passes are, however many. */
static bool
put_passes(const struct plot *p)
{
	unsigned int *dots = calloc(p->e->n + 1, sizeof(*dots));
	size_t n = 0;

	if (!dots)
		return false;
	for (size_t i = 0; i < p->e->n; i++) {
		const struct rj_sample *s = &p->e->samples[i];

		if (s->bad || s->seconds < 0)
			continue;
		dots[n++] =
		    (unsigned int)(x_of(p, time_of(p->e, i)) / GRAIN) * TALL +
		    (unsigned int)(y_of(p, s->seconds) / GRAIN);
	}
	qsort(dots, n, sizeof(*dots), compare_numbers);
	rj_html(p->out, "<path class=\"good dots\" stroke=\"" RJ_GREEN "\" "
			"stroke-width=\"3\" stroke-linecap=\"round\" d=\"");
	for (size_t i = 0, end; i < n; i = end) {
		unsigned int last = dots[i];

		/* what lies close together is a line */
		for (end = i + 1; end < n && dots[end] <= last + 1; end++)
			last = dots[end];
		rj_html(p->out, "M%u %u", dots[i] / TALL * GRAIN + GRAIN / 2,
		    dots[i] % TALL * GRAIN + GRAIN / 2);
		if (last > dots[i])
			rj_html(p->out, "v%u", (last - dots[i]) * GRAIN);
		else
			rj_html(p->out, "h.1");
	}
	rj_html(p->out, "\"/>");
	free(dots);
	return true;
}

/* A cross each: another shape for those to whom colours are one. */
static void
put_failures(const struct plot *p)
{
	rj_html(p->out,
	    "<path class=\"bad\" stroke=\"" RJ_RED "\" stroke-width=\"2\" "
	    "fill=\"none\" d=\"");
	for (size_t i = 0; i < p->e->n; i++) {
		const struct rj_sample *s = &p->e->samples[i];

		if (s->bad && s->seconds >= 0)
			rj_html(p->out, "M%d %dl6 6m0-6l-6 6",
			    x_of(p, time_of(p->e, i)) - 3,
			    y_of(p, s->seconds) - 3);
	}
	rj_html(p->out, "\"/>");
}

static size_t
collect(const struct rj_evidence *e, bool bad, double *out)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n; i++)
		if (e->samples[i].bad == bad && e->samples[i].seconds >= 0)
			out[n++] = e->samples[i].seconds;
	qsort(out, n, sizeof(*out), rj_compare_doubles);
	return n;
}

static void
put_days(const struct plot *p)
{
	const int64_t ends[2] = { p->from, p->until };

	for (int i = 0; i < 1 + (p->until > p->from); i++) {
		char text[40];

		rj_clock_write(ends[i], text);
		rj_html(p->out,
		    "<text class=\"word\" x=\"%d\" y=\"%d\" font-size=\"11\" "
		    "text-anchor=\"%s\" fill=\"" RJ_GREY "\">%.10s</text>",
		    i ? LEFT + WIDTH : LEFT, TALL + BOTTOM - 4,
		    i ? "end" : "start", text);
	}
}

static void
say_durations(struct rj_out *out, const char *whose, double *of, size_t n)
{
	if (!n)
		return;
	rj_html(out, " %s take ", whose);
	rj_html_seconds(out, rj_quantile(of, n, 0.5));
	rj_html(out, " in the median, ");
	rj_html_seconds(out, rj_quantile(of, n, 0.95));
	rj_html(out, " at the 95th percentile.");
}

bool
rj_draw_durations(struct rj_out *out, const struct rj_evidence *e, double limit)
{
	struct plot p = { .out = out, .e = e };
	double *good = calloc(2 * (e->n + 1), sizeof(*good)), *bad;
	size_t n_good, n_bad;
	double most, middle;
	bool ok;

	if (!good)
		return false;
	bad = good + e->n + 1;
	n_good = collect(e, false, good);
	n_bad = collect(e, true, bad);
	most = rj_quantile(good, n_good, 1);
	most = n_bad && bad[n_bad - 1] > most ? bad[n_bad - 1] : most;
	if (n_good + n_bad < 2 || most <= 0) {
		free(good);
		return true;
	}
	middle = n_good ? rj_quantile(good, n_good, 0.5) : bad[0];
	p.from = time_of(e, 0);
	p.until = time_of(e, e->n - 1);
	p.logarithmic = middle > 0 && most > STEEP * middle;
	p.high = p.logarithmic ? log10(most) : most;
	p.low = p.logarithmic ? log10(middle) - 1 : 0;
	rj_html(out, "<figure>\n<figcaption>How long it takes.");
	say_durations(out, "Passes (dots)", good, n_good);
	say_durations(out, "Failures (crosses)", bad, n_bad);
	rj_html(out,
	    "%s</figcaption>\n<svg width=\"%d\" height=\"%d\" "
	    "viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"durations by "
	    "time; the numbers are in the text before\">",
	    p.logarithmic ? " The scale is logarithmic." : "",
	    LEFT + WIDTH + 110, TALL + BOTTOM, LEFT + WIDTH + 110,
	    TALL + BOTTOM);
	rj_html(out,
	    "<path class=\"axis\" fill=\"none\" stroke=\"" RJ_GREY "\" "
	    "d=\"M%d 0v%dh%d\"/>",
	    LEFT, TALL, WIDTH);
	put_tick(&p, most);
	put_tick(&p, p.logarithmic ? pow(10, p.low) : 0);
	put_days(&p);
	if (n_good) {
		double high = rj_quantile(good, n_good, 0.95);

		put_line(&p, middle, "none", "line", "median");
		/* words that lie on each other are none */
		if (abs(y_of(&p, high) - y_of(&p, middle)) > 12)
			put_line(&p, high, "2 4", "line", "95th");
	}
	if (limit >= 0)
		put_line(&p, limit, "6 3", "bad", "limit");
	ok = put_passes(&p);
	put_failures(&p);
	rj_html(out, "</svg>\n</figure>\n");
	free(good);
	return ok;
}

/* --- weeks --------------------------------------------------------------- */

#define WEEK	  (7 * RJ_DAY)
#define WEEKS	  26
#define WEEK_WIDE 40
#define WEEK_TALL 60

struct week {
	unsigned int bad;
	unsigned int all;
};

static double
share_of(const struct week *w)
{
	return w->all ? (double)w->bad / w->all : 0;
}

static int
middle_of(int column)
{
	return column * WEEK_WIDE + WEEK_WIDE / 2;
}

bool
rj_draw_weeks(struct rj_out *out, const struct rj_evidence *e)
{
	int64_t last = e->n ? time_of(e, e->n - 1) : 0;
	struct week week[WEEKS] = { { 0, 0 } };
	int first = WEEKS, width;
	bool older = false;
	double most = 0;

	for (size_t i = 0; i < e->n; i++) {
		int64_t ago = (last - time_of(e, i)) / WEEK;
		int at = WEEKS - 1 - (int)ago;

		if (ago >= WEEKS) {
			older = true;
			continue;
		}
		week[at].bad += e->samples[i].bad;
		week[at].all++;
		first = at < first ? at : first;
	}
	if (first >= WEEKS - 1)
		return true;
	for (int i = first; i < WEEKS; i++)
		most = share_of(&week[i]) > most ? share_of(&week[i]) : most;
	width = (WEEKS - first) * WEEK_WIDE;
	rj_html(out,
	    "<figure>\n<figcaption>Week by week, the newest on the right%s: "
	    "how many of its runs failed at first. The tallest is ",
	    older ? " (older ones are left out)" : "");
	rj_html_percent(out, most);
	rj_html(out,
	    "&nbsp;%%.</figcaption>\n"
	    "<svg width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
	    "role=\"img\" aria-label=\"",
	    width, WEEK_TALL + 18, width, WEEK_TALL + 18);
	for (int i = first; i < WEEKS; i++)
		rj_html(out, "%s%u of %u", i > first ? ", " : "", week[i].bad,
		    week[i].all);
	rj_html(out, "\">");
	rj_html(out,
	    "<path class=\"bad\" stroke=\"" RJ_RED "\" "
	    "stroke-width=\"%d\" d=\"",
	    WEEK_WIDE - 8);
	for (int i = first; i < WEEKS; i++)
		if (week[i].bad)
			rj_html(out, "M%d %dv-%d", middle_of(i - first),
			    WEEK_TALL,
			    1 + (int)(share_of(&week[i]) / most *
				      (WEEK_TALL - 1)));
	rj_html(out,
	    "\"/><path class=\"axis\" stroke=\"" RJ_GREY
	    "\" d=\"M0 %d.5h%d\"/><g class=\"word\" font-size=\"11\" "
	    "text-anchor=\"middle\" fill=\"" RJ_GREY "\">",
	    WEEK_TALL, width);
	for (int i = first; i < WEEKS; i++)
		if (week[i].all)
			rj_html(out, "<text x=\"%d\" y=\"%d\">%u/%u</text>",
			    middle_of(i - first), WEEK_TALL + 14, week[i].bad,
			    week[i].all);
	rj_html(out, "</g>");
	rj_html(out, "</svg>\n</figure>\n");
	return true;
}
