#include "read/timing.h"

#include "base/duration.h"

void
rj_timing_element(struct rj_timing *t, const struct rj_element *e)
{
	struct rj_str time;
	int64_t ns;
	bool says;

	if (e->depth != t->depth + 1 || e->tag == RJ_OTHER)
		return;
	time = e->attr[RJ_ATTR_TIME];
	says = rj_duration_read(time, &ns) != RJ_DURATION_NONE && ns >= 0;
	if (e->tag == RJ_TESTCASE) {
		t->time = says ? ns : 0;
		rj_duration_add(&t->level[t->depth].below, t->time);
	} else {
		/* a suite's, if the reader takes it for one */
		t->level[t->depth + 1].says = says;
		t->level[t->depth + 1].said = ns;
	}
}

void
rj_timing_open(struct rj_timing *t)
{
	t->level[++t->depth].below = 0;
}

int64_t
rj_timing_close(struct rj_timing *t)
{
	unsigned int d = t->depth--;
	int64_t time = t->level[d].says ? t->level[d].said : t->level[d].below;

	rj_duration_add(&t->level[d - 1].below, time);
	return time;
}
