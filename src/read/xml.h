/*
 * xml.h - libxml2, and how this house uses it; the only file that does.
 *
 * One call parses one source and reports its elements, with the offsets of
 * their tags, in document order. Nothing is kept: what a handler receives is
 * gone when it returns. Text is not reported; who needs it reads the bytes
 * between two offsets.
 *
 * Accepted is what is well-formed and has no DOCTYPE, within the limits
 * below; anything else is an input error with line and column. A prefix that
 * is not bound to a namespace is no reason to refuse: real reports have them.
 */
#ifndef RJ_XML_H
#define RJ_XML_H

#include "file/source.h"
#include "model/vocabulary.h"

#define RJ_MAX_DEPTH	  512
#define RJ_MAX_ATTRIBUTES 1000
#define RJ_MAX_TAG	  ((uint64_t)64 << 20)
#define RJ_MAX_NAMES	  50000

/*
 * Steps through all attributes of an element while it is being handed over,
 * known ones or not; start with *step == 0, false behind the last one.
 */
bool rj_next_attribute(const struct rj_element *e, int *step,
    struct rj_str *prefix, struct rj_str *name, struct rj_str *value);

struct rj_xml_handler {
	/* A start tag; anything but 0 ends the parsing with that status. */
	enum rejunit_status (*start)(
	    void *ctx, const struct rj_element *e, struct rejunit_error *err);
	/* An end tag, from its "<" to behind its ">"; empty: both the same. */
	enum rejunit_status (*end)(
	    void *ctx, struct rj_span span, struct rejunit_error *err);
	/* Text that is not blank; NULL: nobody asks. */
	void (*text)(void *ctx, unsigned long line);
	/* A DOCTYPE for a root of that name ends it; NULL: nobody asks. */
	void (*doctype)(void *ctx, const char *name);
	/*
	 * Nobody asks for passed cases of this name: they may be counted only.
	 * It is asked before they are come to, maybe by another thread while
	 * the other functions run, and may be asked in vain. Then `passed` gets
	 * how many came at a depth, and the place of the last.
	 * NULL: every case is handed over.
	 */
	bool (*skip)(void *ctx, struct rj_str classname, struct rj_str name);
	void (*passed)(
	    void *ctx, unsigned int depth, size_t n, struct rj_span last);
	/* Everything is to go through libxml2, see sieve.h. */
	bool plain;
};

enum rejunit_status rj_xml_parse(const struct rj_source *src,
    const struct rj_xml_handler *handler, void *ctx, struct rejunit_error *err);

#endif
