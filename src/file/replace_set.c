#include "file/replace_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "file/fileset.h"
#include "file/source.h"

/* Not everywhere can a folder be locked. */
static bool
cannot_lock(int error)
{
	return error == EBADF || error == EINVAL || error == ENOLCK ||
	       error == EOPNOTSUPP;
}

static enum rejunit_status
lock_folder(struct rj_replace_set *o, const char *folder, bool *locked,
    struct rejunit_error *err)
{
	enum rejunit_status status;

	o->lock =
	    open(*folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (o->lock < 0)
		return rj_fail_errno(
		    err, REJUNIT_OUTPUT, folder, "cannot be written");
	errno = 0;
	status = rj_replace_lock(o->lock, folder, RJ_LOCK_SECONDS, err);
	*locked = status == REJUNIT_OK;
	return status && cannot_lock(errno) ? REJUNIT_OK : status;
}

enum rejunit_status
rj_replace_set_begin(struct rj_replace_set *o, const char *folder, int lock,
    struct rejunit_error *err)
{
	enum rejunit_status status;
	bool locked = true;
	struct stat st;

	*o = (struct rj_replace_set){ .lock = -1 };
	if (lock < 0) {
		status = lock_folder(o, folder, &locked, err);
		if (status)
			return status;
		lock = o->lock;
	}
	if (fstat(lock, &st) != 0)
		return rj_fail_errno(
		    err, REJUNIT_OUTPUT, folder, "cannot be written");
	o->number = ((uint64_t)st.st_ino * 0x9e3779b97f4a7c15u ^
			((uint64_t)st.st_dev << 1)) |
		    1;
	if (!locked)
		o->number ^= (uint64_t)getpid() << 32;
	return REJUNIT_OK;
}

enum rejunit_status
rj_replace_set_open(struct rj_replace_set *o, const char *path,
    const struct stat *then, struct rj_replace **out, struct rejunit_error *err)
{
	void *p = rj_grown(o->files, o->n, &o->room, sizeof(*o->files));
	struct rj_replace_set_file *f;
	enum rejunit_status status;

	if (!p)
		return rj_fail_memory(err);
	o->files = p;
	f = &o->files[o->n];
	f->then = then;
	if (!then && !rj_make_folders(path))
		return rj_fail_errno(
		    err, REJUNIT_OUTPUT, path, "cannot be written");
	status = rj_replace_open_in(&f->out, path, o->number, err);
	o->n += status == REJUNIT_OK;
	*out = &f->out;
	return status;
}

static enum rejunit_status
check_untouched(const struct rj_replace_set_file *f, struct rejunit_error *err)
{
	return f->then ? rj_source_untouched(f->out.target, f->then, err)
		       : REJUNIT_OK;
}

enum rejunit_status
rj_replace_set_ready(struct rj_replace_set *o, struct rejunit_error *err)
{
	struct rj_replace_set_file *f = &o->files[o->n - 1];
	enum rejunit_status status = rj_replace_ready(&f->out, true, err);

	return status ? status : rj_replace_rest(&f->out, err);
}

enum rejunit_status
rj_replace_set_pass(
    struct rj_replace_set *o, const char *path, struct rejunit_error *err)
{
	return rj_replace_clean(path, o->number) ? REJUNIT_OK
						 : rj_fail_memory(err);
}

/* Puts back the first n; what cannot be is said beside what went wrong. */
static void
put_back(struct rj_replace_set *o, size_t n, struct rejunit_error *err)
{
	char why[sizeof(err->message)];
	size_t left = 0;

	while (n > 0)
		left += !rj_replace_put_back(&o->files[--n].out);
	if (left == 0 || !err)
		return;
	memcpy(why, err->message, sizeof(why));
	(void)snprintf(err->message, sizeof(err->message),
	    "%.400s; of those replaced before, %zu could not be put back", why,
	    left);
}

static bool
same_folder(const char *a, const char *b)
{
	size_t n = (size_t)(strrchr(a, '/') - a);

	return strncmp(a, b, n + 1) == 0 && !strchr(b + n + 1, '/');
}

/* Brings every folder to the disk; files of one folder stand side by side. */
static enum rejunit_status
sync_folders(struct rj_replace_set *o, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;
	const char *last = NULL;

	for (size_t i = 0; i < o->n; i++) {
		const struct rj_replace *f = &o->files[i].out;

		if (!f->replaced || (last && same_folder(last, f->target)))
			continue;
		last = f->target;
		if (!rj_replace_sync(f) && !status)
			status = rj_replace_fail_sync(f, err);
	}
	return status;
}

enum rejunit_status
rj_replace_set_commit(struct rj_replace_set *o, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;
	size_t i;

	for (i = 0; i < o->n && !status; i++)
		status = check_untouched(&o->files[i], err);
	/* behind the last one nothing can go wrong any more */
	for (i = 0; i < o->n && !status; i++)
		status =
		    rj_replace_in_place(&o->files[i].out, i + 1 < o->n, err);
	if (status) {
		put_back(o, i, err);
		return status;
	}
	for (i = 0; i < o->n; i++)
		rj_replace_settle(&o->files[i].out);
	return sync_folders(o, err);
}

void
rj_replace_set_end(struct rj_replace_set *o)
{
	for (size_t i = 0; i < o->n; i++)
		rj_replace_abort(&o->files[i].out);
	free(o->files);
	if (o->lock >= 0)
		close(o->lock);
	*o = (struct rj_replace_set){ .lock = -1 };
}
