#include "model/warning.h"

#include <stdarg.h>
#include <stdio.h>

#include "file/source.h"

bool
rj_warn(struct rj_warnings *w, const char *fmt, ...)
{
	struct rj_warning *one = rj_alloc(w->arena, sizeof(*one));
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!one || !rj_alloc_str(w->arena, rj_str(text), &one->text))
		return false;
	if (!w->tail)
		w->tail = &w->first;
	*w->tail = one;
	w->tail = &one->next;
	return true;
}

bool
rj_warn_repaired(struct rj_warnings *w, const struct rj_source *src)
{
	return src->repaired == 0 ||
	       rj_warn(w,
		   "%s:%lu: illegal characters replaced: %zu, the first in "
		   "this line",
		   src->name, src->repaired_line, src->repaired);
}

bool
rj_warn_owner(struct rj_warnings *w, const char *path, size_t n)
{
	if (n == 0)
		return true;
	if (n == 1)
		return rj_warn(w, "%s: its owner cannot be kept", path);
	return rj_warn(w, "%s: its owner cannot be kept, nor those of %zu more",
	    path, n - 1);
}

void
rj_warn_back(struct rj_warnings *w, const struct rj_warnings *before)
{
	*w = *before;
	if (w->tail)
		*w->tail = NULL;
}

const char *
rj_warning(const struct rj_warnings *w, size_t i)
{
	const struct rj_warning *one = w->first;

	while (one && i--)
		one = one->next;
	return one ? one->text.s : NULL;
}
