/*
 * markdown.h - text for a page that GitHub and others render.
 */
#ifndef RJ_MARKDOWN_H
#define RJ_MARKDOWN_H

#include "out/out.h"

/* Text in a code span, where nothing has a meaning but the backtick. */
void rj_markdown_code(struct rj_out *out, struct rj_str s);

#endif
