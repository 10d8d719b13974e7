#include "file/place.h"

#include <string.h>

#define CHUNK 16384

/* The characters between two places, back to the last end of a line at most. */
static unsigned long
characters(
    const struct rj_source *src, uint64_t from, uint64_t to, bool *same_line)
{
	unsigned long count = 0;
	char back[4096];

	*same_line = true;
	while (to > from) {
		size_t n = to - from < sizeof(back) ? (size_t)(to - from)
						    : sizeof(back);

		if (rj_source_read(src, to - n, back, n, NULL))
			break;
		for (size_t i = n; i > 0; i--) {
			*same_line = back[i - 1] != '\n';
			if (!*same_line)
				return count;
			count += ((unsigned char)back[i - 1] & 0xc0) != 0x80;
		}
		to -= n;
	}
	return count;
}

/* Where the columns begin: a byte order mark takes up none. */
static uint64_t
first_column(const struct rj_source *src)
{
	char mark[3];

	return src->size >= sizeof(mark) &&
		       !rj_source_read(src, 0, mark, sizeof(mark), NULL) &&
		       memcmp(mark, "\xef\xbb\xbf", sizeof(mark)) == 0
		   ? sizeof(mark)
		   : 0;
}

unsigned long
rj_source_column(
    const struct rj_source *src, uint64_t at, struct rj_known *known)
{
	unsigned long n = 0;
	bool same = false;

	if (!known->column)
		*known = (struct rj_known){ first_column(src), 1 };
	if (at < known->at) {
		n = characters(src, at, known->at, &same);
		if (same)
			known->column -= n;
		else
			*known = (struct rj_known){ first_column(src), 1 };
	}
	if (!same) {
		n = characters(src, known->at, at, &same);
		known->column = (same ? known->column : 1) + n;
	}
	known->at = at;
	return known->column;
}

void
rj_source_place(const struct rj_source *src, uint64_t at, unsigned long *line,
    unsigned long *column)
{
	struct rj_known nothing = { 0 };
	char chunk[CHUNK];

	*line = 1;
	*column = rj_source_column(src, at, &nothing);
	for (uint64_t from = 0; from < at; from += sizeof(chunk)) {
		size_t n = at - from < sizeof(chunk) ? (size_t)(at - from)
						     : sizeof(chunk);

		if (rj_source_read(src, from, chunk, n, NULL))
			return;
		for (size_t i = 0; i < n; i++)
			*line += chunk[i] == '\n';
	}
}
