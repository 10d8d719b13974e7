/*
 * writing.h - a report on its way out, and what is copied into it.
 *
 * A failure is kept in `out`: nothing more is written then.
 */
#ifndef RJ_WRITING_H
#define RJ_WRITING_H

#include "file/encoding.h"
#include "model/plan.h"
#include "out/out.h"

struct rj_writing {
	const struct rj_report *reports;
	const struct rj_report *home; /* the one that is written */
	enum rejunit_evidence evidence;
	struct rj_out out;
	struct rj_raw raw;
	uint64_t pos; /* how far its bytes are dealt with */
	struct rj_buf tag; /* scratch: a start tag, */
	struct rj_buf other; /* and another one */
};

void rj_put(struct rj_writing *w, const char *s);

/* Reads a stretch of any run's report; false: the writing has failed. */
bool rj_read_tag(struct rj_writing *w, unsigned int report, uint64_t at,
    uint64_t end, struct rj_buf *to);

/* Copies text of any run's report. */
void rj_copy_text(
    struct rj_writing *w, unsigned int report, uint64_t at, uint64_t end);

/* The white space that ends at `at`, not before `from`; keep it in `space`. */
struct rj_str rj_blank_before(struct rj_writing *w, unsigned int report,
    uint64_t from, uint64_t at, char space[RJ_BLANK_MAX]);

#endif
