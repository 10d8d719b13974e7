#include "model/dialect.h"

#include "model/identity.h"
#include "model/path.h"

static bool
is_go(const struct rj_suite *s)
{
	return s->is_go;
}

static bool
is_behave(const struct rj_suite *s)
{
	return s->is_behave;
}

static const struct rj_suite *
root_of(const struct rj_suite *s)
{
	while (s->up)
		s = s->up;
	return s;
}

/* Named like a script: its suites are files, and its root has an id. */
static bool
is_playwright(const struct rj_suite *s)
{
	static const char *const endings[] = { ".js", ".ts", ".jsx", ".tsx",
		".mjs", ".mts", ".cjs", ".cts" };

	if (!root_of(s)->has_id || root_of(s)->counts_assertions ||
	    !s->hostname.n)
		return false;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (rj_str_ends(s->name, rj_str(endings[i])))
			return true;
	return false;
}

static bool
is_node_tap(const struct rj_suite *s)
{
	return s->counts_assertions && (s->has_ids || root_of(s)->has_id);
}

static bool
is_junit_console(const struct rj_suite *s)
{
	return rj_str_eq(s->name, RJ_STR("JUnit Jupiter")) ||
	       rj_str_eq(s->name, RJ_STR("JUnit Vintage")) ||
	       rj_str_eq(s->name, RJ_STR("JUnit Platform Suite"));
}

static bool
is_googletest(const struct rj_suite *s)
{
	return rj_str_eq(root_of(s)->name, RJ_STR("AllTests"));
}

static bool
is_surefire(const struct rj_suite *s)
{
	return root_of(s)->is_surefire;
}

const struct rj_dialect *
rj_dialect_of(const struct rj_suite *s)
{
	static const struct {
		bool (*proves)(const struct rj_suite *s);
		struct rj_dialect dialect;
	} table[] = {
		{ is_junit_console, { .runner = "JUnit console",
					.id_form = RJ_ID_JUNIT_CONSOLE } },
		{ is_go, { .runner = "go test",
			     .names_are_unique = true,
			     .id_form = RJ_ID_GO } },
		{ is_behave, { .runner = "behave", .keeps_order = true } },
		{ is_playwright,
		    { .runner = "Playwright", .hosts_are_projects = true } },
		{ is_node_tap,
		    { .runner = "node-tap", .counts_assertions = true } },
		{ is_googletest,
		    { .runner = "googletest", .id_form = RJ_ID_GOOGLETEST } },
		{ is_surefire,
		    { .runner = "Maven Surefire", .id_form = RJ_ID_SUREFIRE } },
	};
	static const struct rj_dialect other = { .runner = "" };

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].proves(s))
			return &table[i].dialect;
	return &other;
}

/* A file's path, its slashes taken for dots, stands in a dotted name. */
static bool
spells(struct rj_str dotted, struct rj_str file)
{
	for (size_t at = 0; at + file.n <= dotted.n; at++) {
		size_t n = 0;

		if (at > 0 && dotted.s[at - 1] != '.')
			continue;
		while (n < file.n &&
		       (file.s[n] == dotted.s[at + n] ||
			   ((file.s[n] == '/' || file.s[n] == '\\') &&
			       dotted.s[at + n] == '.')))
			n++;
		if (n == file.n &&
		    (at + n == dotted.n || dotted.s[at + n] == '.'))
			return true;
	}
	return false;
}

bool
rj_names_python_file(const struct rj_case *c)
{
	struct rj_str file = c->file;

	if (!rj_str_ends(file, RJ_STR(".py")) || file.n > RJ_MODULE_MAX)
		return false;
	file.n -= 3;
	return file.n && rj_path_is_relative(file) &&
	       spells(c->classname, file);
}

bool
rj_are_phases(const struct rj_case *a, const struct rj_case *b)
{
	return a->suite == b->suite && rejunit_is_bad(a->outcome) &&
	       !(a->marks & RJ_IS_TEARDOWN) && b->marks & RJ_IS_TEARDOWN &&
	       !(b->marks & RJ_HAS_FAILURE) && !rj_files_differ(a, b) &&
	       (!a->trace.n || !b->trace.n ||
		   !rj_path_differs(a->trace, 0, b->trace, 0));
}
