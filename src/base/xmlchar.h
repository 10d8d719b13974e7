/*
 * xmlchar.h - which characters XML allows, and how it refers to them.
 */
#ifndef RJ_XMLCHAR_H
#define RJ_XMLCHAR_H

#include "base/str.h"

/* XML allows the character. */
bool rj_is_xml_char(long c);

/*
 * The length of the reference to a character that a string begins with, and
 * which one; what is beyond Unicode is RJ_BEYOND. 0: it begins with none.
 */
#define RJ_BEYOND 0x110000
size_t rj_char_reference(struct rj_str s, long *code);

#endif
