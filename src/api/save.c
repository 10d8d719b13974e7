#include "api/save.h"

#include "file/source.h"

enum rejunit_status
rj_lock_input(struct rj_replace *lock, const struct rejunit_input *in,
    unsigned int seconds, struct rejunit_error *err)
{
	struct stat st;

	if (in->data || in->fd >= 0)
		return rj_fail_at(err, REJUNIT_USAGE, in->name, 0, 0,
		    "only a file can be replaced");
	if (stat(in->name, &st) != 0)
		return rj_fail_errno(
		    err, REJUNIT_INPUT, in->name, "cannot be opened");
	return rj_replace_open(lock, in->name, seconds, err);
}

enum rejunit_status
rj_save_content(rj_content_fn *content, void *ctx, struct rj_replace *f,
    const char *path, struct rejunit_error *err)
{
	return rj_fail_in(
	    err, content(ctx, rejunit_write_fd, &f->fd, err), path);
}

enum rejunit_status
rj_save(const struct rj_save *s, struct rejunit_error *err)
{
	struct rj_replace own = RJ_REPLACE_NONE;
	struct rj_replace *f = s->locked ? s->locked : &own;
	enum rejunit_status status = REJUNIT_OK;

	if (!s->locked)
		status = rj_replace_open(f, s->path, RJ_LOCK_SECONDS, err);
	if (!status)
		status = rj_save_content(s->content, s->ctx, f, s->path, err);
	if (!status)
		status = rj_replace_ready(f, s->lasts, err);
	if (!status && s->locked)
		status = rj_source_untouched(s->path, s->then, err);
	/* memory may run out before it is replaced, and not after it */
	if (!status &&
	    !rj_warn_owner(s->warnings, f->target, (size_t)f->owner_lost))
		status = rj_fail_memory(err);
	if (!status)
		status = rj_replace_commit(f, err);
	rj_replace_abort(f);
	return status;
}
