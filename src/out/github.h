/*
 * github.h - GitHub's workflow commands: one a line, and nothing that
 * stands in them may end them early.
 */
#ifndef RJ_GITHUB_H
#define RJ_GITHUB_H

#include "out/out.h"

/* What GitHub shows of one step's annotations. */
#define RJ_GITHUB_MAX 10

/* Text within a command, or the value of one of its properties. */
void rj_github_text(struct rj_out *o, struct rj_str s, bool property);

/* A command's beginning; a file that is empty is left out. */
void rj_github_begin(
    struct rj_out *o, const char *level, struct rj_str file, const char *title);

/* A last command that says how many more there are. */
void rj_github_more(
    struct rj_out *o, const char *level, const char *title, size_t more);

#endif
