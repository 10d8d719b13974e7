#include "list/runner_id.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/dialect.h"
#include "model/identity.h"

/* Of a classname, what is looked for in the file system. */
#define PREFIX_MAX 256 /* bytes in front of a module's path */
#define MODULE_MAX 1024 /* up to its end */

/* Appends s with one character for another. */
static bool
add_mapped(struct rj_buf *out, struct rj_str s, char from, const char *to)
{
	for (;;) {
		const char *next = s.n ? memchr(s.s, from, s.n) : NULL;
		size_t n = next ? (size_t)(next - s.s) : s.n;

		if (!rj_buf_add(out, (struct rj_str){ s.s, n }))
			return false;
		if (!next)
			return true;
		if (!rj_buf_add(out, rj_str(to)))
			return false;
		s = (struct rj_str){ next + 1, s.n - n - 1 };
	}
}

static bool
add3(struct rj_buf *out, struct rj_str a, const char *between, struct rj_str b)
{
	return rj_buf_add(out, a) && rj_buf_add(out, rj_str(between)) &&
	       rj_buf_add(out, b);
}

/* --- pytest: path/to/test_module.py::Class::test ------------------------- */

static size_t
component_end(struct rj_str s, size_t from)
{
	const char *dot = memchr(s.s + from, '.', s.n - from);

	return dot ? (size_t)(dot - s.s) : s.n;
}

/*
 * The module within a dotted classname: which components are the file's path.
 * In front of them may stand what pytest was told to (junit_prefix).
 */
struct module {
	size_t at;
	size_t end; /* 0: not found */
	bool is_file; /* the case names it */
};

/* The components that are the file which the case names. */
static bool
module_of_file(const struct rj_case *c, struct module *found)
{
	struct rj_str cls = c->classname, file = c->file;
	struct rj_buf dotted = { 0 };
	bool ok;

	if (rj_str_ends(file, RJ_STR(".py")))
		file.n -= 3;
	if (file.n == 0)
		return true;
	ok = add_mapped(&dotted, file, '/', ".");
	for (size_t at = 0; ok && at < cls.n && !found->end;
	     at = component_end(cls, at) + 1) {
		struct rj_str rest = rj_str_from(cls, at);

		if (rj_str_starts(rest, rj_buf_str(&dotted)) &&
		    (rest.n == dotted.n || rest.s[dotted.n] == '.'))
			*found = (struct module){ at, at + dotted.n, true };
	}
	rj_buf_free(&dotted);
	return ok;
}

void
rj_rootdir_free(struct rj_rootdir *rootdir)
{
	if (!rootdir)
		return;
	rj_map_free(&rootdir->known);
	rj_arena_free(&rootdir->keys);
}

enum rejunit_status
rj_rootdir_set(struct rj_rootdir **rootdir, struct rj_arena *arena,
    const char *path, struct rejunit_error *err)
{
	struct rj_rootdir *r;
	struct rj_str copy;

	if (!path)
		return rj_need(path, "a path", err);
	r = rj_alloc(arena, sizeof(*r));
	if (!r || !rj_alloc_str(arena, rj_str(path), &copy))
		return rj_fail_memory(err);
	r->path = copy.s;
	rj_rootdir_free(*rootdir);
	*rootdir = r;
	return REJUNIT_OK;
}

/* Whether there is such a file or folder; the suffix is taken off again. */
static bool
exists(struct rj_rootdir *root, struct rj_buf *path, struct rj_str suffix,
    bool *is_there)
{
	static char yes, no;
	size_t n = path->n;
	char *known;

	if (!rj_buf_add(path, suffix) || !rj_buf_add(path, RJ_STR("\0")))
		return false;
	known = rj_map_get(&root->known, rj_buf_str(path));
	if (!known) {
		known = access(path->s, F_OK) == 0 ? &yes : &no;
		if (!rj_map_put_copy(
			&root->known, &root->keys, rj_buf_str(path), known))
			return false;
	}
	*is_there = known == &yes;
	path->n = n;
	return true;
}

/*
 * The longest run of components, from one on, that is a file below the folder
 * whose path it is given, with a "/". Below what is no folder, nothing is.
 */
static bool
file_from(struct rj_rootdir *root, struct rj_str cls, size_t at,
    struct rj_buf *path, size_t *found)
{
	bool is_there = true;

	for (size_t from = at; from < cls.n && is_there;) {
		size_t end = component_end(cls, from);
		struct rj_str part = { cls.s + from, end - from };

		if (end > MODULE_MAX || part.n == 0 ||
		    memchr(part.s, '/', part.n))
			break;
		if (!rj_buf_add(path, part) ||
		    !exists(root, path, RJ_STR(".py"), &is_there))
			return false;
		if (is_there)
			*found = end;
		if (!exists(root, path, RJ_STR("/"), &is_there) ||
		    !rj_buf_add(path, RJ_STR("/")))
			return false;
		from = end + 1;
	}
	return true;
}

static bool
module_below(
    const struct rj_case *c, struct rj_rootdir *rootdir, struct module *found)
{
	struct rj_str cls = c->classname;
	struct rj_buf path = { 0 };
	size_t root;
	bool ok = add3(&path, rj_str(rootdir->path), "/", RJ_STR(""));

	root = path.n;
	for (size_t at = 0; ok && at < cls.n && at < PREFIX_MAX && !found->end;
	     at = component_end(cls, at) + 1) {
		path.n = root;
		found->at = at;
		ok = file_from(rootdir, cls, at, &path, &found->end);
	}
	rj_buf_free(&path);
	return ok;
}

/* Up to the last component that is named like a test module. */
static struct module
module_by_name(const struct rj_case *c)
{
	struct module found = { 0 };

	/* pytest's suites name their host, and lie directly in the root */
	if (!c->suite->hostname.n || !c->suite->up || c->suite->up->up)
		return found;
	for (size_t from = 0; from < c->classname.n;) {
		size_t end = component_end(c->classname, from);
		struct rj_str part = { c->classname.s + from, end - from };

		if (memchr(part.s, '/', part.n) || memchr(part.s, ' ', part.n))
			return (struct module){ 0 };
		if (rj_is_module_name(part))
			found.end = end;
		from = end + 1;
	}
	return found;
}

static bool
find_module(
    const struct rj_case *c, struct rj_rootdir *rootdir, struct module *found)
{
	if (!module_of_file(c, found) ||
	    (!found->end && rootdir && !module_below(c, rootdir, found)))
		return false;
	if (!found->end)
		*found = module_by_name(c);
	return true;
}

/* What pytest-xdist's loadgroup puts behind a name is not taken back. */
static struct rj_str
without_group(struct rj_str name)
{
	size_t end = 0;

	/* a function's name, and perhaps parameters, which end in a bracket */
	while (end < name.n && rj_is_word(name.s[end]))
		end++;
	if (end < name.n && name.s[end] == '[')
		for (size_t n = end; n < name.n; n++)
			if (name.s[n] == ']' &&
			    (n + 1 == name.n || name.s[n + 1] == '@'))
				end = n + 1;
	if (end < name.n && name.s[end] == '@')
		name.n = end;
	return name;
}

static bool
module_path(struct rj_buf *out, const struct rj_case *c, struct module m)
{
	struct rj_str path = { c->classname.s + m.at, m.end - m.at };

	if (m.is_file)
		return rj_buf_add(out, c->file);
	return add_mapped(out, path, '.', "/") &&
	       rj_buf_add(out, RJ_STR(".py"));
}

static bool
node_id(struct rj_buf *out, const struct rj_case *c, struct module m)
{
	struct rj_str cls = c->classname;
	struct rj_str rest = { cls.s + m.end, cls.n - m.end };

	return module_path(out, c, m) && add_mapped(out, rest, '.', "::") &&
	       add3(out, RJ_STR(""), "::", without_group(c->name));
}

/* --- the others ---------------------------------------------------------- */

/* Class#method, of a parameterised one every instance; or the class. */
static bool
surefire_id(struct rj_buf *out, const struct rj_case *c)
{
	struct rj_str method = c->name;
	size_t n = 0;

	if (rj_str_eq(c->classname, c->name))
		return rj_buf_add(out, c->classname);
	while (n < method.n && !strchr("[({ ", method.s[n]))
		n++;
	method.n = n;
	return add3(out, c->classname, "#", method) &&
	       (n == c->name.n || rj_buf_add(out, RJ_STR("*")));
}

/* Package and pattern, in a form that a shell and xargs leave alone. */
static bool
go_id(struct rj_buf *out, const struct rj_case *c)
{
	/* the class name may be shortened, and TestMain has none */
	if (!add3(out, c->suite->name, " ", RJ_STR("-run=^")))
		return false;
	for (size_t i = 0; i < c->name.n; i++) {
		struct rj_str s = { c->name.s + i, 1 };
		bool is_special = strchr("\\.+*?()|[]{}^$\"' ", s.s[0]);

		if (!rj_buf_add(out, s.s[0] == '/' ? RJ_STR("$/^")
				     : is_special  ? RJ_STR(".")
						   : s))
			return false;
	}
	return rj_buf_add(out, RJ_STR("$"));
}

/* Class#method(types); the number of a repetition selects nothing. */
static bool
console_id(struct rj_buf *out, const struct rj_case *c)
{
	struct rj_str method = c->name;
	size_t end = rj_str_find(method, RJ_STR(")"));

	if (end < method.n)
		method.n = end + 1;
	return add3(out, c->classname, "#", method);
}

static bool
other_id(struct rj_buf *out, const struct rj_case *c)
{
	if (!c->classname.n || rj_str_eq(c->classname, c->name))
		return rj_buf_add(out, c->name);
	return add3(out, c->classname, "::", c->name);
}

static bool
python_id(
    struct rj_buf *out, const struct rj_case *c, struct rj_rootdir *rootdir)
{
	struct module m = { 0 };

	if (!find_module(c, rootdir, &m))
		return false;
	return m.end ? node_id(out, c, m) : other_id(out, c);
}

/* The id as it would be, whatever the names hold. */
static bool
compose(struct rj_buf *out, const struct rj_case *c, struct rj_rootdir *rootdir)
{
	switch (rj_dialect_of(c->suite)->id_form) {
	case RJ_ID_SUREFIRE:
		return surefire_id(out, c);
	case RJ_ID_JUNIT_CONSOLE:
		return console_id(out, c);
	case RJ_ID_GOOGLETEST:
		return add3(out, c->classname, ".", c->name);
	case RJ_ID_GO:
		return go_id(out, c);
	default:
		return python_id(out, c, rootdir);
	}
}

/* The name in the form of the id, but all of it. */
static bool
compose_name(
    struct rj_buf *out, const struct rj_case *c, struct rj_rootdir *rootdir)
{
	switch (rj_dialect_of(c->suite)->id_form) {
	case RJ_ID_SUREFIRE:
		if (rj_str_eq(c->classname, c->name))
			return rj_buf_add(out, c->name);
		return add3(out, c->classname, "#", c->name);
	case RJ_ID_JUNIT_CONSOLE:
		return add3(out, c->classname, "#", c->name);
	case RJ_ID_GOOGLETEST:
		return add3(out, c->classname, ".", c->name);
	case RJ_ID_GO:
		return add3(out, c->suite->name, " ", c->name);
	default:
		return python_id(out, c, rootdir);
	}
}

bool
rj_test_name(
    struct rj_buf *out, const struct rj_case *c, struct rj_rootdir *rootdir)
{
	struct rj_buf name = { 0 };
	bool ok = compose_name(&name, c, rootdir) &&
		  rj_buf_add_visible(out, rj_buf_str(&name));

	rj_buf_free(&name);
	return ok;
}

bool
rj_test_file(
    struct rj_buf *out, const struct rj_case *c, struct rj_rootdir *rootdir)
{
	struct module m = { 0 };

	if (c->file.n)
		return rj_buf_add(out, c->file);
	if (!find_module(c, rootdir, &m))
		return false;
	return !m.end || module_path(out, c, m);
}

bool
rj_test_id(
    struct rj_buf *out, const struct rj_case *c, struct rj_rootdir *rootdir)
{
	struct rj_buf id = { 0 };
	bool ok = compose(&id, c, rootdir);

	/* nobody who is handed the list may take it for an option, nor for a
	   comment */
	if (ok && id.n &&
	    (id.s[0] == '-' ||
		(id.s[0] == '#' && (id.n == 1 || strchr(" \t#!", id.s[1])))))
		ok = rj_buf_add(out, RJ_STR("./"));
	ok = ok && rj_buf_add_visible(out, rj_buf_str(&id));
	rj_buf_free(&id);
	return ok;
}

bool
rj_test_is_runnable(
    const struct rj_case *c, struct rj_rootdir *rootdir, bool *runnable)
{
	struct module m = { 0 };

	*runnable = true;
	if (!rj_str_eq(c->suite->name, RJ_STR("pytest")))
		return true;
	if (!find_module(c, rootdir, &m))
		return false;
	*runnable = m.end > 0;
	return true;
}
