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
add_filled(
    struct words *to, const char *word, const char *mark, const char *value)
{
	size_t n = strlen(mark), size = strlen(word) + 1;
	char *filled, *end;
	bool ok;

	for (const char *s = word; (s = strstr(s, mark)); s += n)
		size += strlen(value);
	filled = end = malloc(size);
	if (!filled)
		return false;
	while (*word)
		if (starts(word, mark)) {
			end = stpcpy(end, value);
			word += n;
		} else {
			*end++ = *word++;
		}
	*end = '\0';
	ok = add_word(to, filled);
	free(filled);
	return ok;
}

bool
add_option(struct words *to, const struct option_spec *options, int id,
    const char *arg)
{
	char name[64];

	while (options->id != id)
		options++;
	snprintf(name, sizeof(name), "--%s%s", options->name, arg ? "=" : "");
	return add_two(to, name, arg ? arg : "");
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
