#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/handle.h"
#include "api/save.h"
#include "join/join.h"

struct operand {
	struct operand *next;
	struct rejunit_input in;
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
	enum rejunit_status status;
	struct rejunit_merge *m = rj_handle_new(out, sizeof(*m), &status, err);

	if (!m)
		return status;
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

/* Inputs and settings come before the reading, and what is made after it. */
static enum rejunit_status
need_merge(
    const struct rejunit_merge *m, bool was_read, struct rejunit_error *err)
{
	enum rejunit_status status = rj_need(m, "a merge", err);

	if (status || m->was_read == was_read)
		return status;
	return rj_fail(err, REJUNIT_USAGE,
	    was_read ? "the inputs are not read"
		     : "the inputs are read already");
}

enum rejunit_status
rejunit_merge_add_from(struct rejunit_merge *m, const struct rejunit_input *in,
    struct rejunit_error *err)
{
	struct operand *o;
	enum rejunit_status status = need_merge(m, false, err);

	if (status)
		return status;
	o = rj_alloc(&m->arena, sizeof(*o));
	if (!o)
		return rj_fail_memory(err);
	status = rj_keep_input(&m->arena, in, &o->in, err);
	if (status)
		return status;
	*m->tail = o;
	m->tail = &o->next;
	return REJUNIT_OK;
}

enum rejunit_status
rejunit_merge_add(
    struct rejunit_merge *m, const char *path, struct rejunit_error *err)
{
	const struct rejunit_input in = rejunit_path(path);

	return rejunit_merge_add_from(m, &in, err);
}

enum rejunit_status
rejunit_merge_join_suites(
    struct rejunit_merge *m, bool join, struct rejunit_error *err)
{
	enum rejunit_status status = need_merge(m, false, err);

	if (!status)
		m->join.suites = join;
	return status;
}

enum rejunit_status
rejunit_merge_repair(
    struct rejunit_merge *m, bool repair, struct rejunit_error *err)
{
	enum rejunit_status status = need_merge(m, false, err);

	if (!status)
		m->repair = repair;
	return status;
}

enum rejunit_status
rejunit_merge_except(
    struct rejunit_merge *m, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status = need_merge(m, false, err);

	if (!status)
		status = rj_need(path, "a path", err);
	if (!status && !rj_alloc_str(&m->arena, rj_str(path), &m->except))
		status = rj_fail_memory(err);
	return status;
}

enum rejunit_status
rejunit_merge_lock(
    struct rejunit_merge *m, unsigned int seconds, struct rejunit_error *err)
{
	enum rejunit_status status = need_merge(m, false, err);

	if (status)
		return status;
	if (!m->operands || m->lock.fd >= 0)
		return rj_fail(err, REJUNIT_USAGE,
		    m->operands ? "the first input is locked already"
				: "there is no input to lock");
	return rj_lock_input(&m->lock, &m->operands->in, seconds, err);
}

static bool
is_excepted(const struct rejunit_merge *m, const char *path)
{
	struct stat a, b;

	return m->except.s && stat(path, &a) == 0 &&
	       stat(m->except.s, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static enum rejunit_status
read_file(void *ctx, const struct rj_fileset_file *file, bool *foreign,
    struct rejunit_error *err)
{
	struct rejunit_merge *m = ctx;

	if (file->name && is_excepted(m, file->input.name))
		return REJUNIT_OK;
	return rj_join_add(&m->join, &file->input, m->repair, foreign, err);
}

enum rejunit_status
rejunit_merge_read(struct rejunit_merge *m, struct rejunit_error *err)
{
	enum rejunit_status status = need_merge(m, false, err);

	if (status)
		return status;
	if (!m->operands)
		return rj_fail(err, REJUNIT_USAGE, "there is nothing to merge");
	for (const struct operand *o = m->operands; o && !status; o = o->next)
		status = rj_each_file(
		    &m->arena, &o->in, read_file, m, &m->join.warnings, err);
	if (!status && m->join.n == 0)
		status = rj_fail_at(err, REJUNIT_INPUT, m->operands->in.name, 0,
		    0, "holds no JUnit report");
	if (!status)
		status = rj_join_settle(&m->join, err);
	m->was_read = status == REJUNIT_OK;
	if (status)
		forget_inputs(m);
	return status;
}

static enum rejunit_status
put_joined(
    void *ctx, rejunit_write_fn *write, void *to, struct rejunit_error *err)
{
	const struct rejunit_merge *m = ctx;

	return rj_join_write(&m->join, write, to, err);
}

enum rejunit_status
rejunit_merge_write(struct rejunit_merge *m, rejunit_write_fn *write, void *ctx,
    struct rejunit_error *err)
{
	enum rejunit_status status = need_merge(m, true, err);

	if (!status)
		status = rj_need(write, "a function that writes", err);
	return status ? status : put_joined(m, write, ctx, err);
}

enum rejunit_status
rejunit_merge_save(
    struct rejunit_merge *m, const char *path, struct rejunit_error *err)
{
	enum rejunit_status status = need_merge(m, true, err);
	struct rj_save save = {
		.content = put_joined, .ctx = m, .path = path, .lasts = true
	};

	if (status)
		return status;
	save.warnings = &m->join.warnings;
	if (!path && m->lock.fd < 0)
		return rj_fail(
		    err, REJUNIT_USAGE, "the first input was not locked");
	if (!path) {
		save.path = m->operands->in.name;
		save.locked = &m->lock;
		save.then = &m->join.inputs[0].src.id;
	}
	return rj_save(&save, err);
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
