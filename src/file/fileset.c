#include "file/fileset.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 64

struct search {
	struct rj_fileset *set;
	struct rj_arena *arena;
	size_t room;
	size_t folder; /* length of the folder's path, with its slash */
	const char *const *endings; /* of the names that are looked for */
	bool lenient; /* what cannot be read is passed over */
	struct rejunit_error *err;
};

static enum rejunit_status
fail(struct search *s, const char *path)
{
	/* the folder itself has to be one that can be read */
	if (s->lenient && s->set->folder && strcmp(path, s->set->folder) != 0)
		return REJUNIT_OK;
	return rj_fail_errno(s->err, REJUNIT_INPUT, path, "cannot be read");
}

/* It was removed meanwhile, or it is a link that leads nowhere. */
static bool
is_gone(int error)
{
	return error == ENOENT || error == ELOOP;
}

static enum rejunit_status
add(struct search *s, const char *path)
{
	struct rj_fileset *set = s->set;
	struct rj_str copy;
	void *p;

	p = rj_grown(set->files, set->n, &s->room, sizeof(*set->files));
	if (!p)
		return rj_fail_memory(s->err);
	set->files = p;
	if (!rj_alloc_str(s->arena, rj_str(path), &copy))
		return rj_fail_memory(s->err);
	set->files[set->n++] = (struct rj_fileset_file){
		.input = rejunit_path(copy.s),
		.name = set->folder ? copy.s + s->folder : NULL,
	};
	return REJUNIT_OK;
}

/* The same in a set, where a pipe or a device is not waited for. */
static enum rejunit_status
add_regular(struct search *s, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return is_gone(errno) ? REJUNIT_OK : fail(s, path);
	return S_ISREG(st.st_mode) ? add(s, path) : REJUNIT_OK;
}

static bool
is_wanted(const struct search *s, const char *name)
{
	for (int i = 0; s->endings[i]; i++)
		if (rj_str_ends(rj_str(name), rj_str(s->endings[i])))
			return true;
	return false;
}

static enum rejunit_status
walk(struct search *s, const char *folder, int depth);

static enum rejunit_status
visit(struct search *s, const char *folder, const char *name, int depth)
{
	enum rejunit_status status = REJUNIT_OK;
	struct rj_buf path = { 0 };
	struct stat st;

	if (!rj_buf_add(&path, rj_str(folder)) ||
	    !rj_buf_add(&path, rj_str(name)) ||
	    !rj_buf_add(&path, RJ_STR("\0\0")))
		status = rj_fail_memory(s->err);
	else if (lstat(path.s, &st) != 0) {
		if (!is_gone(errno))
			status = fail(s, path.s);
		/* a link to a folder may lead in a circle: not followed */
	} else if (S_ISDIR(st.st_mode)) {
		path.s[path.n - 2] = '/';
		status = walk(s, path.s, depth + 1);
	} else if (is_wanted(s, name)) {
		status = S_ISREG(st.st_mode) ? add(s, path.s)
					     : add_regular(s, path.s);
	}
	rj_buf_free(&path);
	return status;
}

/* Goes through a folder, whose path ends in a slash. */
static enum rejunit_status
walk(struct search *s, const char *folder, int depth)
{
	enum rejunit_status status = REJUNIT_OK;
	const struct dirent *e;
	DIR *dir;

	if (depth > DEPTH_MAX && s->lenient)
		return REJUNIT_OK;
	if (depth > DEPTH_MAX)
		return rj_fail_at(s->err, REJUNIT_INPUT, folder, 0, 0,
		    "folders are nested too deeply");
	dir = opendir(folder);
	if (!dir)
		return fail(s, folder);
	while (!status && (errno = 0, e = readdir(dir)) != NULL)
		if (e->d_name[0] != '.')
			status = visit(s, folder, e->d_name, depth);
	if (!status && errno)
		status = fail(s, folder);
	closedir(dir);
	return status;
}

static enum rejunit_status
expand(struct search *s, const char *pattern)
{
	enum rejunit_status status = REJUNIT_OK;
	glob_t found = { 0 };
	int e = glob(pattern, GLOB_NOSORT, NULL, &found);

	if (e == GLOB_NOSPACE)
		status = rj_fail_memory(s->err);
	else if (e)
		status = rj_fail_at(
		    s->err, REJUNIT_INPUT, pattern, 0, 0, "matches no file");
	for (size_t i = 0; !status && i < found.gl_pathc; i++)
		status = add_regular(s, found.gl_pathv[i]);
	globfree(&found);
	return status;
}

static int
by_name(const void *a, const void *b)
{
	const struct rj_fileset_file *x = a, *y = b;

	return strcmp(x->input.name, y->input.name);
}

/* The folder of a set, with a slash behind it. */
static bool
set_folder(struct search *s, const char *operand, size_t n)
{
	struct rj_buf folder = { 0 };
	struct rj_str copy;
	bool ok = rj_buf_add(&folder, (struct rj_str){ operand, n }) &&
		  (n == 0 || operand[n - 1] == '/' ||
		      rj_buf_add(&folder, RJ_STR("/"))) &&
		  rj_buf_reserve(&folder, 1) &&
		  rj_alloc_str(s->arena, rj_buf_str(&folder), &copy);

	if (ok) {
		s->set->folder = copy.s;
		s->folder = copy.n;
	}
	rj_buf_free(&folder);
	return ok;
}

static enum rejunit_status
find(struct search *s, const char *operand)
{
	size_t magic = strcspn(operand, "*?[");
	enum rejunit_status status;
	struct stat st;
	bool exists = stat(operand, &st) == 0;

	if (exists ? !S_ISDIR(st.st_mode) : operand[magic] == '\0')
		return add(s, operand);
	if (exists)
		magic = strlen(operand);
	while (!exists && magic > 0 && operand[magic - 1] != '/')
		magic--;
	if (!set_folder(s, operand, magic))
		return rj_fail_memory(s->err);
	status = exists ? walk(s, s->set->folder, 0) : expand(s, operand);
	if (!status && s->set->n)
		qsort(
		    s->set->files, s->set->n, sizeof(*s->set->files), by_name);
	return status;
}

/* Reports are found by this. */
static const char *const reports[] = { ".xml", NULL };

enum rejunit_status
rj_fileset_find(struct rj_fileset *set, struct rj_arena *a,
    const struct rejunit_input *in, struct rejunit_error *err)
{
	struct search s = {
		.set = set, .arena = a, .err = err, .endings = reports
	};
	enum rejunit_status status;

	*set = (struct rj_fileset){ 0 };
	if (!in->data && in->fd < 0) {
		status = find(&s, in->name);
		if (!status && set->n == 0)
			status = rj_fail_at(err, REJUNIT_INPUT, in->name, 0, 0,
			    "holds no report: there is no *.xml below it");
		return status;
	}
	status = add(&s, in->name);
	if (!status) {
		const char *name = set->files[0].input.name;

		set->files[0].input = *in;
		set->files[0].input.name = name;
	}
	return status;
}

enum rejunit_status
rj_fileset_find_endings(struct rj_fileset *set, struct rj_arena *a,
    const char *folder, const char *const *endings, bool lenient,
    struct rejunit_error *err)
{
	struct search s = { .set = set,
		.arena = a,
		.err = err,
		.endings = endings,
		.lenient = lenient };

	*set = (struct rj_fileset){ 0 };
	return find(&s, folder);
}

void
rj_fileset_free(struct rj_fileset *set)
{
	free(set->files);
	*set = (struct rj_fileset){ 0 };
}

bool
rj_make_folders(const char *path)
{
	struct rj_buf b = { 0 };
	bool ok = rj_buf_add(&b, rj_str(path)) && rj_buf_add(&b, RJ_STR("\0"));

	if (!ok)
		errno = ENOMEM;
	for (size_t i = 1; ok && b.s[i]; i++) {
		if (b.s[i] != '/')
			continue;
		b.s[i] = '\0';
		ok = mkdir(b.s, 0777) == 0 || errno == EEXIST;
		b.s[i] = '/';
	}
	rj_buf_free(&b);
	return ok;
}
