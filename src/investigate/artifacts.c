#include "investigate/artifacts.h"

#include <stdlib.h>

#include "file/fileset.h"

#define TELLING                                                      \
	4 /* bytes of a run's name, from which on it tells something \
	   */

static const struct {
	const char *ending;
	enum rj_artifact_kind kind;
} endings[] = {
	{ ".retrace", RJ_RECORDING },
	{ ".log", RJ_LOG },
	{ ".txt", RJ_LOG },
	{ ".out", RJ_LOG },
	{ ".err", RJ_LOG },
	{ ".png", RJ_SNAPSHOT },
	{ ".jpg", RJ_SNAPSHOT },
	{ ".webm", RJ_SNAPSHOT },
	{ ".zip", RJ_SNAPSHOT },
	{ ".snap", RJ_SNAPSHOT },
	{ ".core", RJ_SNAPSHOT },
	{ ".dmp", RJ_SNAPSHOT },
	{ ".hprof", RJ_SNAPSHOT },
};

#define ENDINGS (sizeof(endings) / sizeof(*endings))

const char *
rj_artifact_kind_name(enum rj_artifact_kind k)
{
	static const char *const names[] = { "recording", "log", "snapshot" };

	return names[k];
}

/* Small letters and digits, and one "_" for all between: paths have no others
 * for sure. */
static bool
simplify(struct rj_buf *out, struct rj_str s)
{
	out->n = 0;
	for (size_t i = 0; i < s.n; i++) {
		char c = rj_ascii_lower(s.s[i]);

		if (!rj_is_word(c))
			c = '_';
		if (c == '_' && out->n && out->s[out->n - 1] == '_')
			continue;
		if (!rj_buf_add(out, (struct rj_str){ &c, 1 }))
			return false;
	}
	while (out->n && out->s[out->n - 1] == '_')
		out->n--;
	return true;
}

struct looking {
	struct rj_evidence *e;
	struct rj_buf test; /* its name, simplified */
	struct rj_buf path;
	struct rj_buf part;
};

/* As a word, or several. */
static bool
path_has(const struct looking *l, struct rj_str simple)
{
	struct rj_str path = rj_buf_str(&l->path);

	while (simple.n >= TELLING) {
		size_t at = rj_str_find(path, simple), end = at + simple.n;

		if (at == path.n)
			return false;
		if ((at == 0 || path.s[at - 1] == '_') &&
		    (end == path.n || path.s[end] == '_'))
			return true;
		path = rj_str_from(path, at + 1);
	}
	return false;
}

/* Each part of a run's name, which slashes part, and its commit. */
static bool
names_run(struct looking *l, unsigned int run, bool *does)
{
	struct rj_str name = l->e->ranking->past.runs[run].name;
	struct rj_str commit = rj_str_cut(l->e->runs[run].commit, 7);

	*does = false;
	while (name.n && !*does) {
		size_t n = rj_str_find(name, RJ_STR("/"));

		if (!simplify(&l->part, (struct rj_str){ name.s, n }))
			return false;
		*does = path_has(l, rj_buf_str(&l->part));
		name = rj_str_from(name, n < name.n ? n + 1 : n);
	}
	if (!*does && commit.n == 7) {
		if (!simplify(&l->part, commit))
			return false;
		*does = path_has(l, rj_buf_str(&l->part));
	}
	return true;
}

/* The newest failing run that a path names. */
static bool
find_run(struct looking *l, struct rj_str *run)
{
	for (size_t i = l->e->n; i-- > 0;) {
		bool does;

		if (!l->e->samples[i].bad)
			continue;
		if (!names_run(l, l->e->samples[i].run, &does))
			return false;
		if (!does)
			continue;
		*run = l->e->ranking->past.runs[l->e->samples[i].run].name;
		return true;
	}
	return true;
}

static int
nearest_first(const void *a, const void *b)
{
	const struct rj_artifact *x = a, *y = b;
	int near_x = 2 * x->names_test + (x->run.n > 0);
	int near_y = 2 * y->names_test + (y->run.n > 0);

	if (near_x != near_y)
		return near_x > near_y ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->path, y->path);
}

static bool
take(struct rj_artifacts *a, struct looking *l, const char *path)
{
	struct rj_artifact *found = &a->of[a->n];
	struct rj_str s = rj_str(path);

	found->path = path;
	for (size_t i = 0; i < ENDINGS; i++)
		if (rj_str_ends(s, rj_str(endings[i].ending)))
			found->kind = endings[i].kind;
	if (!simplify(&l->path, s) || !find_run(l, &found->run))
		return false;
	found->names_test = path_has(l, rj_buf_str(&l->test));
	a->n++;
	return true;
}

enum rejunit_status
rj_artifacts_find(struct rj_artifacts *a, struct rj_evidence *e,
    const char *folder, struct rejunit_error *err)
{
	const char *wanted[ENDINGS + 1] = { NULL };
	struct looking l = { .e = e };
	struct rj_str name = e->ranking->past.tests[e->test].name;
	struct rj_fileset set = { 0 };
	enum rejunit_status status;
	struct rj_artifacts found = { 0 };
	bool ok;

	for (size_t i = 0; i < ENDINGS; i++)
		wanted[i] = endings[i].ending;
	status =
	    rj_fileset_find_endings(&set, &e->arena, folder, wanted, true, err);
	if (!status && !set.folder)
		status = rj_fail_at(
		    err, REJUNIT_INPUT, folder, 0, 0, "is no folder");
	found.looked = true;
	name.n = rj_str_find(name, RJ_STR("["));
	ok = simplify(&l.test, name);
	if (!status && ok) {
		found.of = rj_alloc_n(&e->arena, set.n + 1, sizeof(*found.of));
		ok = found.of != NULL;
	}
	for (size_t i = 0; i < set.n && !status && ok; i++)
		ok = take(&found, &l, set.files[i].input.name);
	if (ok && found.n)
		qsort(found.of, found.n, sizeof(*found.of), nearest_first);
	rj_fileset_free(&set);
	rj_buf_free(&l.test);
	rj_buf_free(&l.path);
	rj_buf_free(&l.part);
	if (!status && ok)
		*a = found;
	return status ? status : ok ? REJUNIT_OK : rj_fail_memory(err);
}
