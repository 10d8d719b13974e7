#include "model/identity.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "model/path.h"

bool
rj_key(struct rj_buf *out, const struct rj_case *c, unsigned int fields)
{
	const struct {
		unsigned int field;
		struct rj_str value;
	} parts[] = {
		{ REJUNIT_CLASSNAME, c->classname },
		{ REJUNIT_NAME, c->name },
		{ REJUNIT_FILE, c->file },
		{ REJUNIT_SUITE, c->suite->path },
		{ REJUNIT_HOSTNAME, c->suite->hostname },
	};

	/* no value holds a NUL, and a path holds them where it must */
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (fields & parts[i].field &&
		    (!rj_buf_add(out, parts[i].value) ||
			!rj_buf_add(out, RJ_STR("\0"))))
			return false;
	return true;
}

struct rj_str
rj_kept_key(const struct rj_case *c, unsigned int fields)
{
	if (fields != (REJUNIT_CLASSNAME | REJUNIT_NAME) || !c->classname.s ||
	    c->name.s != c->classname.s + c->classname.n + 1)
		return (struct rj_str){ NULL, 0 };
	return (struct rj_str){ c->classname.s,
		c->classname.n + 1 + c->name.n + 1 };
}

bool
rj_is_ascii(struct rj_str s)
{
	uint64_t word, bits = 0;
	size_t i = 0;

	for (; i + sizeof(word) <= s.n; i += sizeof(word)) {
		memcpy(&word, s.s + i, sizeof(word));
		bits |= word;
	}
	for (; i < s.n; i++)
		bits |= (unsigned char)s.s[i];
	return (bits & 0x8080808080808080) == 0;
}

bool
rj_nfc(struct rj_buf *out, struct rj_str s)
{
	utf8proc_uint8_t *nfc = NULL;
	utf8proc_ssize_t n;
	bool ok;

	if (rj_is_ascii(s))
		return rj_buf_add(out, s);
	n = utf8proc_map((const utf8proc_uint8_t *)s.s, (utf8proc_ssize_t)s.n,
	    &nfc, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
	if (n == UTF8PROC_ERROR_NOMEM)
		return false;
	if (n < 0)
		return rj_buf_add(out, s);
	ok = rj_buf_add(out, (struct rj_str){ (char *)nfc, (size_t)n });
	free(nfc);
	return ok;
}

bool
rj_is_nameless(const struct rj_case *c)
{
	return c->name.n == 0;
}

bool
rj_is_collection_error(const struct rj_case *c)
{
	return c->classname.n == 0 && rejunit_is_bad(c->outcome) &&
	       c->children && c->child[0].is_collection;
}

bool
rj_files_differ(const struct rj_case *a, const struct rj_case *b)
{
	return a->file.n && b->file.n &&
	       rj_path_differs(a->file, a->shared, b->file, b->shared);
}

bool
rj_is_module_name(struct rj_str s)
{
	s.n = rj_str_find(s, RJ_STR("."));
	return rj_str_starts(s, RJ_STR("test_")) ||
	       rj_str_ends(s, RJ_STR("_test"));
}

bool
rj_next_module(struct rj_str classname, struct rj_str *module)
{
	size_t n = module->s ? module->n + 1 : 0;

	while (classname.n && n <= classname.n) {
		struct rj_str rest = rj_str_from(classname, n);
		const char *dot = rest.n ? memchr(rest.s, '.', rest.n) : NULL;

		n = dot ? (size_t)(dot - classname.s) : classname.n;
		if (n > RJ_MODULE_MAX)
			return false;
		*module = (struct rj_str){ classname.s, n };
		if (n == classname.n)
			return n > 0;
		rest = (struct rj_str){ dot + 1, classname.n - n - 1 };
		if (!rj_is_module_name(rest))
			return true;
		n++;
	}
	return false;
}
