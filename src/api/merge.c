#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file/fileset.h"
#include "file/replace.h"
#include "join/join.h"

struct operand {
	struct operand *next;
	struct rj_str path;
};

struct rejunit_merge {
	struct rj_arena arena;
	struct operand *operands;
	struct operand **tail;
	struct rj_str except;
	bool repair;
	struct rj_replace lock;
	struct rj_join join;
	bool was_read;
};

static enum rejunit_status
need_merge(const struct rejunit_merge *m, bool given, struct rejunit_error *err)
{
	return rj_need(m && given, m ? "a path" : "a merge", err);
}

/* As if none of them had been read. */
static void
forget_inputs(struct rejunit_merge *m)
{
	bool suites = m->join.suites;

	rj_join_free(&m->join);
	m->join = (struct rj_join){
		.arena = &m->arena,
		.warnings.arena = &m->arena,
		.suites = suites,
	};
}

enum rejunit_status
rejunit_merge_new(struct rejunit_merge **out, struct rejunit_error *err)
{
	struct rejunit_merge *m = out ? calloc(1, sizeof(*m)) : NULL;

	if (!m)
		return out ? rj_fail_memory(err)
			   : rj_need(false, "a place", err);
	m->tail = &m->operands;
	m->lock = RJ_REPLACE_NONE;
	forget_inputs(m);
	*out = m;
	return REJUNIT_OK;
}

void
rejunit_merge_free(struct rejunit_merge *m)
{
	if (!m)
		return;
	rj_join_free(&m->join);
	rj_replace_abort(&m->lock);
	rj_arena_free(&m->arena);
	free(m);
}

enum rejunit_status
rejunit_merge_add(
    struct rejunit_merge *m, const char *path, struct rejunit_error *err)
{
	struct operand *o;
	enum rejunit_status status = need_merge(m, path, err);

	if (status)
		return status;
	o = rj_alloc(&m->arena, sizeof(*o));
	if (!o || !rj_alloc_str(&m->arena, rj_str(path), &o->path))
		return rj_fail_memory(err);
	*m->tail = o;
	m->tail = &o->next;
	return REJUNIT_OK;
}

void
rejunit_merge_join_suites(struct rejunit_merge *m, bool join)
{
	if (m)
		m->join.suites = join;
}

void
rejunit_merge_repair(struct rejunit_merge *m, bool repair)
{
	if (m)
		m->repair = repair;
}

enum rejunit_status
rejunit_merge_except(
    struct rejunit_merge *m, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status = need_merge(m, path, err);

	if (!status && !rj_alloc_str(&m->arena, rj_str(path), &m->except))
		status = rj_fail_memory(err);
	return status;
}

enum rejunit_status
rejunit_merge_lock(
    struct rejunit_merge *m, unsigned int seconds, struct rejunit_error *err)
{
	struct stat st;

	if (!m)
		return need_merge(m, true, err);
	if (!m->operands || m->lock.fd >= 0)
		return rj_fail(err, REJUNIT_USAGE,
		    m->operands ? "the first input is locked already"
				: "there is no input to lock");
	if (stat(m->operands->path.s, &st) != 0)
		return rj_fail_errno(err, REJUNIT_INPUT, m->operands->path.s,
		    "cannot be opened");
	return rj_replace_open(&m->lock, m->operands->path.s, seconds, err);
}

static bool
is_excepted(const struct rejunit_merge *m, const char *path)
{
	struct stat a, b;

	return m->except.s && stat(path, &a) == 0 &&
	       stat(m->except.s, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* Among a folder's files, what is no JUnit report is passed over. */
static enum rejunit_status
read_file(struct rejunit_merge *m, const struct rj_fileset_file *file,
    struct rejunit_error *err)
{
	bool foreign, from_set = file->name != NULL;
	enum rejunit_status status;

	if (from_set && is_excepted(m, file->path))
		return REJUNIT_OK;
	status = rj_join_add(&m->join, file->path, m->repair, &foreign, err);
	if (!status || !foreign || !from_set)
		return status;
	return rj_warn(&m->join.warnings, "%s: no JUnit report, passed over",
		   file->path)
		   ? REJUNIT_OK
		   : rj_fail_memory(err);
}

enum rejunit_status
rejunit_merge_read(struct rejunit_merge *m, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;

	if (!m)
		return need_merge(m, true, err);
	if (m->was_read || !m->operands)
		return rj_fail(err, REJUNIT_USAGE,
		    m->was_read ? "the inputs are read already"
				: "there is nothing to merge");
	for (const struct operand *o = m->operands; o && !status; o = o->next) {
		struct rj_fileset set;

		status = rj_fileset_find(&set, &m->arena, o->path.s, err);
		for (size_t i = 0; i < set.n && !status; i++)
			status = read_file(m, &set.files[i], err);
		rj_fileset_free(&set);
	}
	if (!status && m->join.n == 0)
		status = rj_fail_at(err, REJUNIT_INPUT, m->operands->path.s, 0,
		    0, "holds no JUnit report");
	if (!status)
		status = rj_join_settle(&m->join, err);
	m->was_read = status == REJUNIT_OK;
	if (status)
		forget_inputs(m);
	return status;
}

static enum rejunit_status
need_reading(const struct rejunit_merge *m, struct rejunit_error *err)
{
	if (!m)
		return need_merge(m, true, err);
	if (m->was_read)
		return REJUNIT_OK;
	return rj_fail(err, REJUNIT_USAGE, "the inputs are not read");
}

enum rejunit_status
rejunit_merge_write(struct rejunit_merge *m, rejunit_write_fn *write, void *ctx,
    struct rejunit_error *err)
{
	enum rejunit_status status = need_reading(m, err);

	if (!status)
		status = rj_need(write, "a function that writes", err);
	return status ? status : rj_join_write(&m->join, write, ctx, err);
}

enum rejunit_status
rejunit_merge_save(
    struct rejunit_merge *m, const char *path, struct rejunit_error *err)
{
	struct rj_replace own = RJ_REPLACE_NONE, *f;
	enum rejunit_status status = need_reading(m, err);

	if (status)
		return status;
	f = path ? &own : &m->lock;
	if (path)
		status = rj_replace_open(f, path, RJ_LOCK_SECONDS, err);
	else if (f->fd < 0)
		status = rj_fail(
		    err, REJUNIT_USAGE, "the first input was not locked");
	if (!status)
		status = rj_join_write(&m->join, rejunit_write_fd, &f->fd, err);
	status = rj_fail_in(err, status, path ? path : m->operands->path.s);
	if (!status)
		status = rj_replace_ready(f, true, err);
	if (!status && !path)
		status = rj_source_untouched(
		    m->operands->path.s, &m->join.inputs[0].src.id, err);
	if (!status &&
	    !rj_warn_owner(&m->join.warnings, f->target, (size_t)f->owner_lost))
		status = rj_fail_memory(err);
	if (!status)
		status = rj_replace_commit(f, err);
	rj_replace_abort(f);
	return status;
}

size_t
rejunit_merge_count(const struct rejunit_merge *m, enum rejunit_count what)
{
	if (!m)
		return 0;
	switch (what) {
	case REJUNIT_COUNT_REPORTS:
		return m->join.n;
	case REJUNIT_COUNT_CASES:
		return m->join.cases;
	case REJUNIT_COUNT_BAD_BEFORE:
	case REJUNIT_COUNT_BAD_AFTER:
		return m->join.bad;
	case REJUNIT_COUNT_NAMELESS:
		return m->join.nameless;
	case REJUNIT_COUNT_LOOSE:
		return m->join.loose;
	case REJUNIT_COUNT_DUPLICATES:
		return m->join.duplicates;
	default:
		return 0;
	}
}

const char *
rejunit_merge_warning(const struct rejunit_merge *m, size_t i)
{
	return m ? rj_warning(&m->join.warnings, i) : NULL;
}
