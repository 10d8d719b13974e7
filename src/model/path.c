#include "model/path.h"

static bool
is_slash(char c)
{
	return c == '/' || c == '\\';
}

static bool
is_letter(char c)
{
	c = rj_ascii_lower(c);
	return c >= 'a' && c <= 'z';
}

/* Behind "file://", which says nothing. */
static struct rj_str
without_scheme(struct rj_str path)
{
	const struct rj_str scheme = RJ_STR("file://");

	return rj_str_starts(path, scheme) ? rj_str_from(path, scheme.n) : path;
}

/* How long what stands in front of the first folder is: "/", "C:\"; 0: none. */
static size_t
root_length(struct rj_str path)
{
	size_t n = path.n - without_scheme(path).n;

	if (n + 1 < path.n && is_letter(path.s[n]) && path.s[n + 1] == ':')
		n += 2;
	while (n < path.n && is_slash(path.s[n]))
		n++;
	return n;
}

bool
rj_path_is_relative(struct rj_str path)
{
	return root_length(path) == 0;
}

/* Takes the next component off a path; false behind the last one. */
static bool
next_component(struct rj_str *path, struct rj_str *component)
{
	size_t n;

	do {
		while (path->n && is_slash(path->s[0]))
			*path = rj_str_from(*path, 1);
		for (n = 0; n < path->n && !is_slash(path->s[n]);)
			n++;
		*component = (struct rj_str){ path->s, n };
		*path = rj_str_from(*path, n);
	} while (n == 1 && component->s[0] == '.');
	return n > 0;
}

size_t
rj_path_folders(struct rj_str path)
{
	size_t n = path.n;

	while (n > 0 && !is_slash(path.s[n - 1]))
		n--;
	return n;
}

struct rj_str
rj_path_base(struct rj_str path)
{
	return rj_str_from(path, rj_path_folders(path));
}

/* How much of both the folders take up that both begin with; 0: none. */
static size_t
common_length(struct rj_str a, struct rj_str b)
{
	size_t root = root_length(a), n = root, most;

	if (root == 0 || root_length(b) != root ||
	    !rj_str_ieq(
		(struct rj_str){ a.s, root }, (struct rj_str){ b.s, root }))
		return 0;
	most = a.n < b.n ? a.n : b.n;
	for (size_t i = root; i < most; i++) {
		if (is_slash(a.s[i]) && is_slash(b.s[i]))
			n = i + 1;
		else if (a.s[i] != b.s[i])
			break;
	}
	return n;
}

bool
rj_path_is_near(struct rj_str a, struct rj_str b)
{
	return common_length(a, b) > root_length(a);
}

static size_t
find_folder(const struct rj_folders *f, struct rj_str path)
{
	size_t i = 0;

	while (i < f->n && i < RJ_FOLDERS_MAX &&
	       !rj_path_is_near(f->folder[i], path))
		i++;
	return i;
}

void
rj_folders_add(struct rj_folders *f, struct rj_str path, bool *new)
{
	size_t i;

	*new = false;
	path.n = rj_path_folders(path);
	/* what lies in no folder shares none */
	if (f->n > RJ_FOLDERS_MAX || path.n == 0 ||
	    path.n == root_length(path) || rj_path_is_relative(path))
		return;
	i = find_folder(f, path);
	if (i < f->n) {
		f->folder[i].n = common_length(f->folder[i], path);
	} else if (f->n++ < RJ_FOLDERS_MAX) {
		f->folder[i] = path;
		*new = true;
	}
}

size_t
rj_folders_shared(const struct rj_folders *f, struct rj_str path)
{
	size_t i = find_folder(f, path);

	return f->n <= RJ_FOLDERS_MAX && i < f->n ? f->folder[i].n : 0;
}

static bool
is_same(struct rj_str a, struct rj_str b)
{
	struct rj_str x, y;

	for (;;) {
		bool more = next_component(&a, &x);

		if (next_component(&b, &y) != more)
			return false;
		/* a drive has one name in two cases */
		if (x.n == 2 && x.s[1] == ':' ? !rj_str_ieq(x, y)
					      : !rj_str_eq(x, y))
			return false;
		if (!more)
			return true;
	}
}

/* A path ends with the components of another one, which may be all of them. */
static bool
ends_with(struct rj_str path, struct rj_str end)
{
	struct rj_str rest = path, component;
	size_t components = 0, of_end = 0;

	while (next_component(&rest, &component))
		components++;
	for (rest = end; next_component(&rest, &component);)
		of_end++;
	if (of_end > components)
		return false;
	while (components-- > of_end)
		next_component(&path, &component);
	return is_same(path, end);
}

bool
rj_path_differs(
    struct rj_str a, size_t a_shared, struct rj_str b, size_t b_shared)
{
	size_t a_root = root_length(a), b_root = root_length(b);

	if (!a_root && !b_root)
		return !is_same(a, b);
	if (!a_root)
		return !ends_with(rj_str_from(b, b_root), a);
	if (!b_root)
		return !ends_with(rj_str_from(a, a_root), b);
	if (rj_path_is_near(a, b) || !a_shared || !b_shared)
		return !is_same(a, b);
	return !ends_with(b, rj_str_from(a, a_shared)) ||
	       !ends_with(a, rj_str_from(b, b_shared));
}

bool
rj_path_normalise(struct rj_buf *out, struct rj_str path)
{
	struct rj_str component;

	if (!rj_path_is_relative(path) && !rj_buf_add(out, RJ_STR("/")))
		return false;
	while (next_component(&path, &component))
		if (!rj_buf_add(out, component) ||
		    !rj_buf_add(out, RJ_STR("/")))
			return false;
	return true;
}
