/*
 * case.h - a case as the plan wants it.
 *
 * Its children stand in an order that every schema accepts.
 */
#ifndef RJ_WRITE_CASE_H
#define RJ_WRITE_CASE_H

#include "write/writing.h"

/* Writes a slot's case; one that nothing touches, as it stands. */
void rj_put_case(struct rj_writing *w, const struct rj_slot *s);

#endif
