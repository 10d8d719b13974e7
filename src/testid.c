#include "flakes.h"

#include <string.h>
#include <unistd.h>

#include "identity.h"

/* Appends text on one line, with what must not be there made visible. */
static bool
add_line(struct rj_buf *out, struct rj_str s)
{
	for (size_t at = 0; at < s.n;) {
		char c[16];
		int columns;

		at += rejunit_visible(s.s + at, s.n - at, c, &columns);
		if (!rj_buf_add(out, rj_str(c)))
			return false;
	}
	return true;
}

/* Appends s with one character for another. */
static bool
add_mapped(struct rj_buf *out, struct rj_str s, char from, const char *to)
{
	for (size_t i = 0; i < s.n; i++) {
		struct rj_str c = { s.s + i, 1 };

		if (!rj_buf_add(out, s.s[i] == from ? rj_str(to) : c))
			return false;
	}
	return true;
}

/* How many bytes of the classname are the module of this Python file. */
static size_t
module_of_file(const struct rj_case *c)
{
	struct rj_buf dotted = { 0 };
	struct rj_str file = c->file, module;
	size_t n = 0;

	if (!rj_str_ends(file, RJ_STR(".py")))
		return 0;
	file.n -= 3;
	if (!add_mapped(&dotted, file, '/', ".")) {
		rj_buf_free(&dotted);
		return 0;
	}
	module = rj_buf_str(&dotted);
	if (rj_str_starts(c->classname, module) &&
	    (c->classname.n == module.n || c->classname.s[module.n] == '.'))
		n = module.n;
	rj_buf_free(&dotted);
	return n;
}

static size_t
component_end(struct rj_str s, size_t from)
{
	const char *dot = memchr(s.s + from, '.', s.n - from);

	return dot ? (size_t)(dot - s.s) : s.n;
}

/* The longest beginning of the classname that is a file below rootdir. */
static size_t
module_below(const struct rj_case *c, const char *rootdir)
{
	size_t found = 0;

	for (size_t from = 0; from < c->classname.n && from < 1024;) {
		size_t end = component_end(c->classname, from);
		struct rj_buf path = { 0 };

		if (rj_buf_add(&path, rj_str(rootdir)) &&
		    rj_buf_add(&path, RJ_STR("/")) &&
		    add_mapped(&path, (struct rj_str){ c->classname.s, end },
			'.', "/") &&
		    rj_buf_add(&path, RJ_STR(".py\0")) &&
		    access(path.s, F_OK) == 0)
			found = end;
		rj_buf_free(&path);
		from = end + 1;
	}
	return found;
}

/* The beginning that ends in the last component named like a test module. */
static size_t
module_by_name(const struct rj_case *c)
{
	size_t found = 0;

	/* pytest's suites name their host, and lie directly in the root */
	if (!c->suite->hostname.n || !c->suite->up || c->suite->up->up)
		return 0;
	for (size_t from = 0; from < c->classname.n;) {
		size_t end = component_end(c->classname, from);
		struct rj_str part = { c->classname.s + from, end - from };

		if (memchr(part.s, '/', part.n) || memchr(part.s, ' ', part.n))
			return 0;
		if (rj_str_starts(part, RJ_STR("test_")) ||
		    rj_str_ends(part, RJ_STR("_test")))
			found = end;
		from = end + 1;
	}
	return found;
}

/* The id as it would be, whatever the names hold. */
static bool
compose(struct rj_buf *out, const struct rj_case *c, const char *rootdir)
{
	struct rj_str cls = c->classname, rest;
	size_t module = module_of_file(c);

	if (!module && rootdir)
		module = module_below(c, rootdir);
	if (!module)
		module = module_by_name(c);
	if (!module) {
		if (cls.n && !rj_str_eq(cls, c->name) &&
		    !(rj_buf_add(out, cls) && rj_buf_add(out, RJ_STR("::"))))
			return false;
		return rj_buf_add(out, c->name);
	}
	rest = (struct rj_str){ cls.s + module, cls.n - module };
	return add_mapped(out, (struct rj_str){ cls.s, module }, '.', "/") &&
	       rj_buf_add(out, RJ_STR(".py")) &&
	       add_mapped(out, rest, '.', "::") &&
	       rj_buf_add(out, RJ_STR("::")) && rj_buf_add(out, c->name);
}

bool
rj_test_id(struct rj_buf *out, const struct rj_case *c, const char *rootdir)
{
	struct rj_buf id = { 0 };
	bool ok = compose(&id, c, rootdir);

	/* no runner that is handed the list may take it for an option */
	if (ok && id.n && id.s[0] == '-')
		ok = rj_buf_add(out, RJ_STR("./"));
	ok = ok && add_line(out, rj_buf_str(&id));
	rj_buf_free(&id);
	return ok;
}
