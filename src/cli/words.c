#include <stdlib.h>
#include <string.h>

#include "cli.h"

bool
add_word(struct words *w, const char *s)
{
	char **more, *copy;

	if (w->n + 1 >= w->room) {
		more = realloc(w->of, (w->room + 16) * sizeof(*w->of));
		if (!more)
			return false;
		w->of = more;
		w->room += 16;
	}
	copy = strdup(s);
	if (!copy)
		return false;
	w->of[w->n++] = copy;
	w->of[w->n] = NULL;
	w->bytes += strlen(s) + 1;
	return true;
}

bool
add_two(struct words *w, const char *a, const char *b)
{
	size_t n = strlen(a) + strlen(b) + 1;
	char *both = malloc(n);
	bool ok;

	if (!both)
		return false;
	snprintf(both, n, "%s%s", a, b);
	ok = add_word(w, both);
	free(both);
	return ok;
}

bool
replace_word(struct words *w, size_t i, const char *a, const char *b)
{
	size_t n = strlen(a) + strlen(b) + 1;
	char *both = malloc(n);

	if (!both)
		return false;
	snprintf(both, n, "%s%s", a, b);
	free(w->of[i]);
	w->of[i] = both;
	return true;
}

void
free_words(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->of[i]);
	free(w->of);
	*w = (struct words){ .n = 0 };
}

bool
add_words(struct words *to, const char *const *words)
{
	for (; words && *words; words++)
		if (!add_word(to, *words))
			return false;
	return true;
}

static int
by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

void
sort_words(struct words *w)
{
	size_t n = 0;

	if (w->n)
		qsort(w->of, w->n, sizeof(*w->of), by_text);
	for (size_t i = 0; i < w->n; i++)
		if (n && strcmp(w->of[n - 1], w->of[i]) == 0)
			free(w->of[i]);
		else
			w->of[n++] = w->of[i];
	w->n = n;
	if (w->of)
		w->of[n] = NULL;
}

bool
has_word(const struct words *sorted, const char *word)
{
	return sorted->n && bsearch(&word, sorted->of, sorted->n,
				sizeof(*sorted->of), by_text);
}
