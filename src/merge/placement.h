/*
 * placement.h - where added cases go, and what the counters will say.
 *
 * The last step of a plan, when every verdict stands: each added case gets
 * its suite, one of the original's or a new one, and every suite that
 * something happens to gets its counters.
 */
#ifndef RJ_PLACEMENT_H
#define RJ_PLACEMENT_H

#include "model/plan.h"

/*
 * The reports are the originals, then the reruns'. Where the matching fields
 * have the host, a case goes to no suite of another one. With recount, all
 * counters are set from the cases. False: out of memory.
 */
bool rj_place(struct rj_plan *plan, struct rj_report *reports, size_t n_reports,
    unsigned int fields, bool recount);

#endif
