#include "file/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/str.h"
#include "base/waiting.h"

#define PREFIX	  ".rejunit-"
#define OLD	  ".old"
#define NAME_PART 200 /* of the target's name; file systems allow 255 */
#define NAMES	  8 /* of temporary files that are tried */
#define LINKS	  16 /* that are followed to a descriptor's name */
#define PAUSE_MS  20

static enum rejunit_status
fail(const char *path, const char *what, struct rejunit_error *err)
{
	return rj_fail_errno(err, REJUNIT_OUTPUT, path, what);
}

/* Splits before the last component, which is what is returned. */
static const char *
last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static char *
concat(const char *a, size_t n, const char *b, const char *c, size_t most)
{
	struct rj_buf s = { 0 };
	size_t len = strlen(c);

	if (rj_buf_add(&s, (struct rj_str){ a, n }) &&
	    rj_buf_add(&s, rj_str(b)) &&
	    rj_buf_add(&s, (struct rj_str){ c, len < most ? len : most }) &&
	    rj_buf_add(&s, RJ_STR("\0")))
		return s.s;
	rj_buf_free(&s);
	return NULL;
}

/* The file that is meant; a new one's folder must exist. */
static char *
resolve(const char *path)
{
	char *whole = realpath(path, NULL);
	const char *name = last_component(path);
	struct stat st;
	char *folder, *real;

	if (whole || errno != ENOENT || lstat(path, &st) == 0)
		return whole;
	folder = concat(path, (size_t)(name - path), ".", "", 0);
	if (!folder)
		return NULL;
	real = realpath(folder, NULL);
	free(folder);
	if (!real)
		return NULL;
	whole = concat(real, strlen(real), "/", name, SIZE_MAX);
	free(real);
	return whole;
}

static bool
is_ours(int fd, const char *path)
{
	struct stat by_fd, by_name;

	return fstat(fd, &by_fd) == 0 && lstat(path, &by_name) == 0 &&
	       by_fd.st_ino == by_name.st_ino && by_fd.st_dev == by_name.st_dev;
}

/* Waits for the lock; false with errno EWOULDBLOCK when time is up. */
static bool
lock(int fd, const char *path, unsigned int seconds)
{
	const struct timespec pause = { 0, PAUSE_MS * 1000000L };
	struct timespec now, end;
	struct rj_wait wait = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += (time_t)seconds;
	for (;;) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return false;
		if (rj_is_cancelled()) {
			errno = EINTR;
			return false;
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec ||
		    (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec)) {
			errno = EWOULDBLOCK;
			return false;
		}
		rj_wait(&wait, REJUNIT_WAIT_LOCK, path);
		nanosleep(&pause, NULL);
	}
}

enum rejunit_status
rj_replace_lock(
    int fd, const char *path, unsigned int seconds, struct rejunit_error *err)
{
	if (lock(fd, path, seconds))
		return REJUNIT_OK;
	if (errno != EWOULDBLOCK)
		return fail(path, "cannot be locked", err);
	return rj_fail_at(err, REJUNIT_OUTPUT, path, 0, 0,
	    "another update of it has not ended within %u seconds", seconds);
}

/* The temporary file's path: a long name is cut, and told by its sum. */
static char *
temporary_for(const char *target, uint64_t set, unsigned int which)
{
	const char *name = last_component(target);
	unsigned long long sum = 14695981039346656037u ^ set;
	char prefix[sizeof(PREFIX) + 80] = PREFIX;
	size_t n = strlen(prefix);

	for (const char *p = name; *p; p++)
		sum = (sum ^ (unsigned char)*p) * 1099511628211u;
	if (which)
		n += (size_t)snprintf(prefix + n, sizeof(prefix) - n, "%lu.%u-",
		    (unsigned long)geteuid(), which);
	if (set || strlen(name) > NAME_PART)
		snprintf(prefix + n, sizeof(prefix) - n, "%016llx-", sum);
	return concat(target, (size_t)(name - target), prefix, name, NAME_PART);
}

/* One that we made, or that has been given the target's owner since. */
static bool
may_be_ours(const struct rj_replace *f, const struct stat *st)
{
	struct stat target;

	if (!S_ISREG(st->st_mode) || st->st_nlink > 1)
		return false;
	return st->st_uid == geteuid() ||
	       (stat(f->target, &target) == 0 && st->st_uid == target.st_uid);
}

/* Opens what stands there already; *theirs: it is nothing that we made. */
static enum rejunit_status
open_left(struct rj_replace *f, bool *theirs, struct rejunit_error *err)
{
	const int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	struct stat st;

	f->fd = open(f->temporary, O_RDWR | flags);
	/* a report that is read only has such a file */
	if (f->fd < 0 && errno == EACCES)
		f->fd = open(f->temporary, O_RDONLY | flags);
	*theirs =
	    f->fd < 0 && (errno == EACCES || errno == EPERM || errno == ELOOP ||
			     errno == EISDIR || errno == ENXIO);
	if (*theirs || (f->fd < 0 && errno == ENOENT))
		return REJUNIT_OK;
	if (f->fd < 0 || fstat(f->fd, &st) != 0)
		return fail(f->target, "no file can be made beside it", err);
	*theirs = !may_be_ours(f, &st);
	return REJUNIT_OK;
}

static void
close_temporary(struct rj_replace *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/*
 * Makes the temporary file and locks it. What a crash has left is removed when
 * it is locked: its mode and its bytes are another file's.
 */
static enum rejunit_status
lock_temporary(struct rj_replace *f, mode_t mode, unsigned int seconds,
    bool *theirs, struct rejunit_error *err)
{
	enum rejunit_status status = REJUNIT_OK;

	*theirs = false;
	for (;;) {
		bool made;

		f->fd = open(
		    f->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		made = f->fd >= 0;
		if (!made && errno != EEXIST)
			return fail(
			    f->target, "no file can be made beside it", err);
		if (!made)
			status = open_left(f, theirs, err);
		if (!status && !*theirs && f->fd >= 0)
			status =
			    rj_replace_lock(f->fd, f->target, seconds, err);
		if (status && made)
			unlink(f->temporary);
		if (status || *theirs)
			break;
		/* whoever held the lock has renamed or removed it by now */
		if (f->fd >= 0 && is_ours(f->fd, f->temporary)) {
			if (made)
				return REJUNIT_OK;
			*theirs = unlink(f->temporary) != 0;
		}
		if (*theirs)
			break;
		close_temporary(f);
	}
	close_temporary(f);
	return status;
}

/* The same for a file of a set, of which nobody else makes any meanwhile. */
static enum rejunit_status
make_temporary(
    struct rj_replace *f, mode_t mode, bool *theirs, struct rejunit_error *err)
{
	const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;

	f->fd = open(f->temporary, flags, mode);
	if (f->fd < 0 && errno == EEXIST && unlink(f->temporary) == 0)
		f->fd = open(f->temporary, flags, mode);
	*theirs =
	    f->fd < 0 && (errno == EEXIST || errno == EISDIR || errno == EPERM);
	return f->fd >= 0 || *theirs
		   ? REJUNIT_OK
		   : fail(f->target, "no file can be made beside it", err);
}

/* Where somebody else has left a file of the name, another one is taken. */
static enum rejunit_status
open_temporary(struct rj_replace *f, mode_t mode, unsigned int seconds,
    struct rejunit_error *err)
{
	bool theirs = true;

	for (unsigned int which = 0; theirs && which < NAMES; which++) {
		enum rejunit_status status;

		free(f->temporary);
		f->temporary = temporary_for(f->target, f->set, which);
		if (!f->temporary)
			return rj_fail_memory(err);
		status = f->set
			     ? make_temporary(f, mode, &theirs, err)
			     : lock_temporary(f, mode, seconds, &theirs, err);
		if (status)
			return status;
	}
	f->made = !theirs;
	return theirs ? rj_fail_at(err, REJUNIT_OUTPUT, f->temporary, 0, 0,
			    "stands in the way and is not ours")
		      : REJUNIT_OK;
}

/* --- descriptors --------------------------------------------------------- */

/* The descriptor that a path names; -1: it names none. */
static int
named_descriptor(const char *path)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };
	static const char *const names[] = { "/dev/stdin", "/dev/stdout",
		"/dev/stderr" };

	if (strcmp(path, "-") == 0)
		return STDOUT_FILENO;
	for (int i = 0; i < 3; i++)
		if (strcmp(path, names[i]) == 0)
			return i;
	for (int i = 0; i < 2; i++) {
		size_t n = strlen(folders[i]), digits;

		if (strncmp(path, folders[i], n) != 0)
			continue;
		digits = strspn(path + n, "0123456789");
		if (digits > 0 && digits < 9 && !path[n + digits])
			return (int)strtol(path + n, NULL, 10);
	}
	return -1;
}

/* The same where a path is a link to such a name. */
static int
descriptor_behind(const char *path)
{
	char at[PATH_MAX], next[PATH_MAX];
	int fd = named_descriptor(path);
	size_t n = strlen(path);

	if (n >= sizeof(at))
		return -1;
	memcpy(at, path, n + 1);
	for (int links = 0; fd < 0 && links < LINKS; links++) {
		ssize_t got = readlink(at, next, sizeof(next) - 1);
		size_t folder = (size_t)(last_component(at) - at);

		if (got <= 0)
			return -1;
		next[got] = '\0';
		if (next[0] == '/')
			folder = 0;
		if (folder + (size_t)got >= sizeof(at))
			return -1;
		memcpy(at + folder, next, (size_t)got + 1);
		fd = named_descriptor(at);
	}
	return fd;
}

static enum rejunit_status
open_descriptor(
    struct rj_replace *f, const char *path, int fd, struct rejunit_error *err)
{
	f->target = concat(path, strlen(path), "", "", 0);
	if (!f->target)
		return rj_fail_memory(err);
	f->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return f->fd < 0 ? fail(path, "cannot be written", err) : REJUNIT_OK;
}

/* --- opening ------------------------------------------------------------- */

static enum rejunit_status
open_for(struct rj_replace *f, const char *path, unsigned int seconds,
    struct rejunit_error *err)
{
	int descriptor = descriptor_behind(path);
	bool exists, device;
	struct stat st;

	if (descriptor >= 0)
		return open_descriptor(f, path, descriptor, err);
	exists = stat(path, &st) == 0;
	device = exists && S_ISCHR(st.st_mode);
	if (exists && !device && !S_ISREG(st.st_mode))
		return rj_fail_at(err, REJUNIT_OUTPUT, path, 0, 0,
		    "is not a file that can be written");
	f->target =
	    device ? concat(path, strlen(path), "", "", 0) : resolve(path);
	if (!f->target)
		return fail(path, "cannot be written", err);
	if (device) {
		f->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		if (f->fd < 0)
			return fail(path, "cannot be written", err);
		return REJUNIT_OK;
	}
	/* what replaces a private file is private from the start */
	return open_temporary(f, exists ? 0600 : 0666, seconds, err);
}

static enum rejunit_status
open_target(struct rj_replace *f, const char *path, uint64_t set,
    unsigned int seconds, struct rejunit_error *err)
{
	enum rejunit_status status;

	*f = RJ_REPLACE_NONE;
	f->set = set;
	status = open_for(f, path, seconds, err);
	if (status)
		rj_replace_abort(f);
	return status;
}

enum rejunit_status
rj_replace_open(struct rj_replace *f, const char *path, unsigned int seconds,
    struct rejunit_error *err)
{
	return open_target(f, path, 0, seconds, err);
}

enum rejunit_status
rj_replace_open_in(struct rj_replace *f, const char *path, uint64_t set,
    struct rejunit_error *err)
{
	return open_target(f, path, set, 0, err);
}

/* An owner that the system does not let us give a file to, or does not know. */
static bool
is_forbidden(int error)
{
	return error == EPERM || error == EINVAL;
}

/* What was there before hands on its mode and, where we may, its owner. */
static bool
inherit(struct rj_replace *f)
{
	struct stat old, new;
	mode_t mode;

	if (stat(f->target, &old) != 0)
		return errno == ENOENT;
	if (fstat(f->fd, &new) != 0)
		return false;
	mode = old.st_mode & 07777;
	if ((old.st_uid != new.st_uid || old.st_gid != new.st_gid) &&
	    fchown(f->fd, old.st_uid, old.st_gid) != 0) {
		if (!is_forbidden(errno))
			return false;
		f->owner_lost = true;
		/* nothing is to run in the name of somebody else */
		mode &= 0777;
		if (old.st_gid != new.st_gid &&
		    fchown(f->fd, (uid_t)-1, old.st_gid) != 0 &&
		    !is_forbidden(errno))
			return false;
	}
	return fchmod(f->fd, mode) == 0;
}

/* Without an allocation: it is too late for that to fail. */
bool
rj_replace_sync(const struct rj_replace *f)
{
	char *target = f->target;
	char *name = target + (last_component(target) - target);
	char first = *name;
	int fd;
	bool ok;

	*name = '\0';
	fd = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*name = first;
	if (fd < 0)
		return false;
	/* some file systems cannot, and need not */
	ok = fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
	return close(fd) == 0 && ok;
}

/* What the file system has put off until a file is closed has worked. */
static bool
is_written(int fd)
{
	/* the file itself stays open, for it holds the lock */
	int copy = dup(fd);

	return copy >= 0 && close(copy) == 0;
}

enum rejunit_status
rj_replace_ready(struct rj_replace *f, bool lasts, struct rejunit_error *err)
{
	f->lasts = lasts;
	if (!f->temporary)
		return REJUNIT_OK;
	if (!inherit(f))
		return fail(f->target, "its mode cannot be kept", err);
	if (lasts && fsync(f->fd) != 0)
		return fail(f->target, "cannot be brought to the disk", err);
	if (!f->set && !is_written(f->fd))
		return fail(f->target, "cannot be written", err);
	return REJUNIT_OK;
}

enum rejunit_status
rj_replace_commit(struct rj_replace *f, struct rejunit_error *err)
{
	if (!f->temporary) {
		int fd = f->fd;

		f->fd = -1;
		if (close(fd) != 0)
			return fail(f->target, "cannot be written", err);
		return REJUNIT_OK;
	}
	if (rename(f->temporary, f->target) != 0)
		return fail(f->target, "cannot be replaced", err);
	free(f->temporary);
	f->temporary = NULL;
	if (f->lasts && !rj_replace_sync(f))
		return rj_replace_fail_sync(f, err);
	return REJUNIT_OK;
}

enum rejunit_status
rj_replace_fail_sync(const struct rj_replace *f, struct rejunit_error *err)
{
	return fail(
	    f->target, "is replaced, but whether that lasts is not known", err);
}

/* --- in a set ------------------------------------------------------------ */

enum rejunit_status
rj_replace_rest(struct rj_replace *f, struct rejunit_error *err)
{
	int fd = f->fd;

	f->fd = -1;
	if (fd >= 0 && close(fd) != 0)
		return fail(f->target, "cannot be written", err);
	if (f->temporary)
		f->old = concat(f->temporary, strlen(f->temporary), OLD, "", 0);
	return f->temporary && !f->old ? rj_fail_memory(err) : REJUNIT_OK;
}

static bool
copy_bytes(int from, int to)
{
	char chunk[16384];
	ssize_t n;

	while ((n = read(from, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR && !rj_is_cancelled())
			continue;
		if (n < 0 ||
		    (errno = rejunit_write_fd(&to, chunk, (size_t)n)) != 0)
			return false;
	}
	return true;
}

/* Where a file cannot have two names, its bytes have to do. */
static bool
copy_old(const struct rj_replace *f)
{
	int from = open(f->target, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int to = from < 0 ? -1
			  : open(f->old,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct stat st;
	bool ok = to >= 0 && copy_bytes(from, to) && fstat(from, &st) == 0 &&
		  fchmod(to, st.st_mode & 0777) == 0 && fsync(to) == 0;
	int error = errno;

	if (from >= 0)
		close(from);
	if (to >= 0 && close(to) != 0 && ok) {
		error = errno;
		ok = false;
	}
	if (to >= 0 && !ok)
		unlink(f->old);
	errno = error;
	return ok;
}

/* Gives what is to be replaced another name. */
static bool
keep_old(struct rj_replace *f)
{
	bool left;

	if (link(f->target, f->old) == 0)
		return f->has_old = true;
	if (errno == ENOENT)
		return true;
	left = errno == EEXIST;
	if (left && unlink(f->old) != 0)
		return false;
	if (left && link(f->target, f->old) == 0)
		return f->has_old = true;
	return f->has_old = copy_old(f);
}

enum rejunit_status
rj_replace_in_place(struct rj_replace *f, bool keep, struct rejunit_error *err)
{
	int error;

	if (!f->temporary)
		return REJUNIT_OK;
	if (keep && !keep_old(f))
		return fail(
		    f->target, "cannot be kept until all are replaced", err);
	if (rename(f->temporary, f->target) != 0) {
		error = errno;
		rj_replace_settle(f);
		errno = error;
		return fail(f->target, "cannot be replaced", err);
	}
	free(f->temporary);
	f->temporary = NULL;
	f->replaced = true;
	return REJUNIT_OK;
}

bool
rj_replace_put_back(struct rj_replace *f)
{
	bool ok = !f->replaced || (f->has_old ? rename(f->old, f->target) == 0
					      : unlink(f->target) == 0);

	if (ok)
		f->replaced = f->has_old = false;
	return ok;
}

void
rj_replace_settle(struct rj_replace *f)
{
	if (f->has_old)
		unlink(f->old);
	f->has_old = false;
}

bool
rj_replace_clean(const char *path, uint64_t set)
{
	struct stat st;
	char *target =
	    lstat(path, &st) == 0 && S_ISLNK(st.st_mode) ? resolve(path) : NULL;
	char *temporary = temporary_for(target ? target : path, set, 0);
	char *old =
	    temporary ? concat(temporary, strlen(temporary), OLD, "", 0) : NULL;
	bool ok = old != NULL;

	if (ok) {
		unlink(temporary);
		unlink(old);
	}
	free(old);
	free(temporary);
	free(target);
	return ok;
}

void
rj_replace_abort(struct rj_replace *f)
{
	if (f->temporary && f->made)
		unlink(f->temporary);
	close_temporary(f);
	free(f->temporary);
	free(f->old);
	free(f->target);
	*f = RJ_REPLACE_NONE;
}
