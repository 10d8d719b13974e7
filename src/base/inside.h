/*
 * inside.h - what a place in well-formed markup is inside of.
 *
 * Begin with a zeroed struct in front of the first byte, and step over each.
 */
#ifndef RJ_INSIDE_H
#define RJ_INSIDE_H

#include "base/str.h"

enum rj_inside_of {
	RJ_IN_TEXT,
	RJ_IN_TAG,
	RJ_IN_VALUE, /* of an attribute */
	RJ_IN_CDATA,
	RJ_IN_COMMENT,
	RJ_IN_PI,
};

struct rj_inside {
	enum rj_inside_of of;
	/* private */
	char quote; /* that ends the value */
	unsigned char n; /* bytes of the tag or the section so far, */
	char recent[9]; /* and the last of them */
};

/* Steps over a byte. */
void rj_inside_step(struct rj_inside *in, char c);

/* A stretch in which nothing but its end has a meaning. */
struct rj_section {
	enum rj_inside_of of;
	struct rj_str begin;
	struct rj_str end;
};

/* The section that a string begins with; NULL: it does with none. */
const struct rj_section *rj_section_at(struct rj_str s);

#endif
