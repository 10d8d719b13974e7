/*
 * markup.h - the bytes of markup that the parser has already accepted.
 *
 * Nothing here checks anything: what comes in is the text of a start tag, or
 * of an element's body, as it stands in a well-formed document.
 */
#ifndef RJ_MARKUP_H
#define RJ_MARKUP_H

#include "base/str.h"

/* One attribute of a start tag. */
struct rj_tag_attr {
	struct rj_str name;
	struct rj_str value; /* as written, between its quotes */
	char quote;
	size_t at; /* of the white space in front of it */
	size_t end; /* behind its closing quote */
};

/* The element's name, with its prefix. */
struct rj_str rj_tag_name(struct rj_str tag);

/* Steps through the attributes; start with *pos == 0, false at the end. */
bool rj_tag_next(struct rj_str tag, size_t *pos, struct rj_tag_attr *out);

/* Finds an attribute by its name. */
bool
rj_tag_find(struct rj_str tag, struct rj_str name, struct rj_tag_attr *out);

/* Appends the value that a parser would report; false: out of memory. */
bool rj_unescape_value(struct rj_buf *out, struct rj_str raw);

/*
 * Appends the text of an element's body: references resolved, CDATA taken
 * as it is, tags, comments and processing instructions left out.
 */
bool rj_unescape_body(struct rj_buf *out, struct rj_str raw);

#endif
