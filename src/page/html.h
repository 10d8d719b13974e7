/*
 * html.h - markup, and text in it that can never become markup.
 */
#ifndef RJ_HTML_H
#define RJ_HTML_H

#include "out/out.h"

/* Markup of our own, with numbers and words of our own in it; 1 KB at most. */
void rj_html(struct rj_out *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Text of somebody else, on one line: nothing in it has a meaning, what must
 * not be shown is spelled out, and a long word may break. Of a text of more
 * than `most` bytes, the middle is left out.
 */
void rj_html_text(struct rj_out *out, struct rj_str s, size_t most);

/* The same for text of several lines. */
void rj_html_lines(struct rj_out *out, struct rj_str s, size_t most);

/* The same for the value of an attribute, whole. */
void rj_html_value(struct rj_out *out, struct rj_str s);

/* The address of a file beside the page. */
void rj_html_file(struct rj_out *out, struct rj_str name);

/* A sentence of an investigation, its names as code. */
void rj_html_sentence(struct rj_out *out, struct rj_str s);

/* A command to type. */
void rj_html_command(struct rj_out *out, struct rj_str s);

/* A point in time: a day, or with the minute. */
void rj_html_day(struct rj_out *out, int64_t at);
void rj_html_minute(struct rj_out *out, int64_t at);

/* A share in percent; seconds. */
void rj_html_percent(struct rj_out *out, double share);
void rj_html_seconds(struct rj_out *out, double seconds);

/* A number with a blank between thousands. */
void rj_html_count(struct rj_out *out, size_t n);

/* "s", but not behind 1. */
static inline const char *
rj_plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* The bytes of "http://", or of "https://", that it begins with; else 0. */
size_t rj_web_scheme(struct rj_str s);

/*
 * Appends the address of a run: of a pattern with "{run}" in it, or as it was
 * recorded. Nothing, if it is none of http or https. False: out of memory.
 */
bool rj_run_address(struct rj_buf *out, struct rj_str pattern,
    struct rj_str recorded, struct rj_str run);

#endif
