/*
 * Fuzzes the whole update. An input is an original and a rerun, divided by a
 * line that says "=====". The oracle is what the product promises: an update
 * that is accepted can be read again, has as many bad cases as was said, and
 * does not change when it is made a second time.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rejunit.h"

#define DIVIDER "\n=====\n"

struct memory {
	char *s;
	size_t n;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
need(int condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "broken promise: %s\n", what);
	abort();
}

static int
write_memory(void *ctx, const void *data, size_t n)
{
	struct memory *m = ctx;
	char *s = realloc(m->s, m->n + n + 1);

	need(s != NULL, "memory");
	memcpy(s + m->n, data, n);
	m->s = s;
	m->n += n;
	return 0;
}

/* A file without a name; its path goes to out. */
static int
file_of(const void *data, size_t n, char out[64])
{
	int fd = memfd_create("fuzz", 0);

	need(fd >= 0 && write(fd, data, n) == (ssize_t)n, "a file");
	snprintf(out, 64, "/proc/self/fd/%d", fd);
	return fd;
}

struct result {
	enum rejunit_status status;
	size_t bad_before;
	size_t bad_after;
	size_t recovered;
	struct memory report;
	struct memory lists;
};

static struct result
update(const char *original, const char *rerun, uint8_t how)
{
	struct result r = { .status = REJUNIT_OK };
	struct rejunit_update *u;
	struct rejunit_error err = { 0 };

	need(!rejunit_update_new(&u, &err), "an update");
	rejunit_update_original(u, original, &err);
	rejunit_update_rerun(u, rerun, &err);
	rejunit_update_evidence(u, (enum rejunit_evidence)(how % 3));
	rejunit_update_recount(u, (how & 4) != 0);
	rejunit_update_repair(u, (how & 8) != 0);
	r.status = rejunit_update_plan(u, &err);
	if (r.status) {
		need(r.status == REJUNIT_INPUT, "only inputs are refused");
		need(err.message[0] != '\0', "a message");
	} else {
		need(!rejunit_update_write(u, write_memory, &r.report, &err),
		    "a planned update can be written");
		need(!rejunit_update_flakes(
			 u, REJUNIT_JSON, write_memory, &r.lists, &err),
		    "so can the flake list");
		need(!rejunit_update_decisions(u, write_memory, &r.lists, &err),
		    "and the decisions");
		r.bad_before =
		    rejunit_update_count(u, REJUNIT_COUNT_BAD_BEFORE);
		r.bad_after = rejunit_update_count(u, REJUNIT_COUNT_BAD_AFTER);
		r.recovered = rejunit_update_count(u, REJUNIT_COUNT_RECOVERED);
	}
	rejunit_update_free(u);
	return r;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *divider =
	    size > 1 ? memmem(data + 1, size - 1, DIVIDER, strlen(DIVIDER))
		     : NULL;
	char original[64], rerun[64], again[64];
	struct result first, second;
	size_t n;
	int a, b, c;

	if (!divider)
		return 0;
	n = (size_t)(divider - (const char *)data) - 1;
	a = file_of(data + 1, n, original);
	b = file_of(
	    divider + strlen(DIVIDER), size - n - 1 - strlen(DIVIDER), rerun);
	first = update(original, rerun, data[0]);
	if (first.status == REJUNIT_OK) {
		c = file_of(first.report.s, first.report.n, again);
		second = update(again, rerun, data[0] & ~8u);
		if (!(data[0] & 8))
			need(second.status == REJUNIT_OK || first.report.n == 0,
			    "the result can be updated");
		if (second.status == REJUNIT_OK) {
			need(second.bad_before == first.bad_after,
			    "as many bad cases as was said");
			need(second.report.n == first.report.n &&
				 memcmp(second.report.s, first.report.s,
				     first.report.n) == 0,
			    "a second time changes nothing");
		}
		free(second.report.s);
		free(second.lists.s);
		close(c);
	}
	free(first.report.s);
	free(first.lists.s);
	close(a);
	close(b);
	return 0;
}
