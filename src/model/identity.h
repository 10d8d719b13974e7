/*
 * identity.h - which test is the same test.
 *
 * A key is the values of the matching fields, compared as parsed and exactly.
 * Its normalised form (NFC) serves to find candidates where there is no
 * exact partner; utf8proc makes it.
 */
#ifndef RJ_IDENTITY_H
#define RJ_IDENTITY_H

#include "model/case.h"

/* Appends a case's key by the fields of enum rejunit_field, or'ed. */
bool rj_key(struct rj_buf *out, const struct rj_case *c, unsigned int fields);

/*
 * The key of a case whose strings are kept, each with its NUL, if its names
 * lie behind one another: then they are the key. Absent otherwise.
 */
struct rj_str rj_kept_key(const struct rj_case *c, unsigned int fields);

/* Appends a string's NFC form; false: out of memory. */
bool rj_nfc(struct rj_buf *out, struct rj_str s);

/* Nothing to normalise in it. */
bool rj_is_ascii(struct rj_str s);

/* The name is missing or empty: no test, and never matched. */
bool rj_is_nameless(const struct rj_case *c);

/* It stands for a module that pytest could not collect. */
bool rj_is_collection_error(const struct rj_case *c);

/* Both name a file, and not the same one, or perhaps not. */
bool rj_files_differ(const struct rj_case *a, const struct rj_case *b);

/* No module's name is longer; what is keeps nobody busy. */
#define RJ_MODULE_MAX 256

/* The first component of a dotted name looks like one of a test module. */
bool rj_is_module_name(struct rj_str s);

/*
 * Steps through the modules that a classname is of, in pytest's sense: it
 * itself, and each of its dotted beginnings behind which the next component
 * does not look like a test module. Start with a zeroed *module; false
 * behind the last one.
 */
bool rj_next_module(struct rj_str classname, struct rj_str *module);

#endif
