/*
 * cancel.h - whether what this thread does is to end.
 *
 * All that the process does may be cancelled, or what one handle does: a call
 * of a handle says for how long it is at work.
 */
#ifndef RJ_CANCEL_H
#define RJ_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>

/* Asked wherever something may last. */
bool rj_is_cancelled(void);

/*
 * From here on, this thread works for a handle; NULL: for none. Returns the one
 * that it worked for, to be put back.
 */
const atomic_int *rj_work_for(const atomic_int *cancelled);

#endif
