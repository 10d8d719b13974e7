#include "investigate/telling.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/duration.h"

const char *
rj_confidence_name(enum rj_confidence c)
{
	static const char *const names[] = { "none", "low", "medium", "high" };

	return names[c];
}

const char *
rj_kind_name(enum rj_kind k)
{
	static const char *const names[] = { "attempts", "positions",
		"fails with", "duration", "slow run", "clock", "job", "host",
		"branch", "worker", "parameter", "seed", "fact", "fixture",
		"signatures", "growth", "words" };

	return names[k];
}

/* --- sentences ----------------------------------------------------------- */

void
rj_percent(double share, char out[64])
{
	double p = share * 100;

	rj_decimal(p, p >= 9.95 || p <= 0 ? 0 : p >= 0.095 ? 1 : 2, out);
}

void
rj_say_text(struct rj_telling *w, struct rj_str s)
{
	w->no_memory = w->no_memory || !rj_buf_add(&w->text, s);
}

static void
put_percent(struct rj_telling *w, double share)
{
	char text[64];

	rj_percent(share, text);
	rj_say_text(w, rj_str(text));
	rj_say_text(w, RJ_STR(" %"));
}

void
rj_say(struct rj_telling *w, const char *format, ...)
{
	va_list args;
	char text[64];

	va_start(args, format);
	for (const char *at = format; *at; at++) {
		const char quotes[] = { RJ_QUOTE_BEGINS, RJ_QUOTE_ENDS };

		if (*at != '%') {
			rj_say_text(w, (struct rj_str){ at, 1 });
			continue;
		}
		switch (*++at) {
		case 's':
			rj_say_text(w, rj_str(va_arg(args, const char *)));
			break;
		case 'q':
			rj_say_text(w, (struct rj_str){ quotes, 1 });
			w->no_memory =
			    w->no_memory || !rj_buf_add_visible(&w->text,
						va_arg(args, struct rj_str));
			rj_say_text(w, (struct rj_str){ quotes + 1, 1 });
			break;
		case 'u':
			snprintf(text, sizeof(text), "%u",
			    va_arg(args, unsigned int));
			rj_say_text(w, rj_str(text));
			break;
		case 'r':
			put_percent(w, va_arg(args, double));
			break;
		case 'g':
			rj_digits(va_arg(args, double), 3, text);
			rj_say_text(w, rj_str(text));
			break;
		default:
			rj_say_text(w, RJ_STR("%"));
			break;
		}
	}
	va_end(args);
}

/* What was said, kept. */
struct rj_str
rj_keep_said(struct rj_telling *w)
{
	struct rj_str out = RJ_STR("");

	w->no_memory = w->no_memory || !rj_alloc_str(&w->f->e.arena,
					   rj_buf_str(&w->text), &out);
	w->text.n = 0;
	return out;
}

struct rj_str
rj_keep_command(struct rj_telling *w, rj_command_fn *make)
{
	w->no_memory = w->no_memory || !make(&w->text, &w->f->target);
	return rj_keep_said(w);
}

struct rj_cause *
rj_add_cause(struct rj_telling *w, enum rj_kind kind)
{
	struct rj_causes *f = w->f;
	void *more = rj_grown(f->cause, f->n, &f->room, sizeof(*f->cause));

	if (!more) {
		w->no_memory = true;
		return NULL;
	}
	f->cause = more;
	f->cause[f->n] = (struct rj_cause){ .kind = kind, .p = -1 };
	return &f->cause[f->n++];
}

void
rj_cause_number(struct rj_cause *c, const char *name, double value)
{
	if (c->numbers < RJ_NUMBERS)
		c->number[c->numbers++] = (struct rj_number){ name, value };
}

bool
rj_has_one_of(struct rj_str text, const char *const *words)
{
	for (; *words; words++)
		if (rj_str_find(text, rj_str(*words)) < text.n)
			return true;
	return false;
}
