/*
 * findings.h - a list of what is wrong, and where, for people and programs.
 *
 * Start with a zeroed struct but for its arena. Findings come file by file;
 * rj_findings_close() ends a file's.
 */
#ifndef RJ_FINDINGS_H
#define RJ_FINDINGS_H

#include "base/arena.h"
#include "base/error.h"

/* One finding; its code is a word that stays the same. */
struct rj_finding {
	const char *code;
	const char *file;
	unsigned long line; /* 0: of the whole file */
	unsigned long column;
	struct rj_str message;
};

/* More findings than this in one file are counted, and not listed. */
#define RJ_FINDINGS_MAX 10000

struct rj_findings {
	struct rj_arena *arena;
	struct rj_finding *list;
	size_t n;
	size_t room;
	size_t total;
	/* what there was of other files, before the current one's */
	size_t n_before;
	size_t total_before;
};

/* Adds a finding; false: out of memory. */
bool rj_find(struct rj_findings *f, const char *code, const char *file,
    unsigned long line, unsigned long column, const char *fmt, ...)
    RJ_PRINTF(6, 7);

/* After each file: brings its findings into the order of their places. */
bool rj_findings_close(struct rj_findings *f);
/* Takes back what was added since a copy was made. */
void
rj_findings_restore(struct rj_findings *f, const struct rj_findings *before);
void rj_findings_free(struct rj_findings *f);

/* As text a line each, as JSON, or as annotations. */
enum rejunit_status
rj_findings_write(const struct rj_findings *all, enum rejunit_format format,
    rejunit_write_fn *write, void *ctx, struct rejunit_error *err);

#endif
