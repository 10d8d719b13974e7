#include "out/write_behind.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/handover.h"
#include "rejunit.h"

#define BUFFERS 4

struct rj_write_behind {
	int fd;
	char *buffers;
	size_t size;
	size_t n[BUFFERS];
	size_t slot; /* of the buffer that the caller has */
	atomic_int error; /* the first one's errno */
	struct rj_handover handover;
};

static void *
write_on(void *ctx)
{
	struct rj_write_behind *p = ctx;
	size_t slot;

	while (rj_handover_take(&p->handover, &slot)) {
		/* after an error, what follows is dropped */
		if (!p->error)
			p->error = rejunit_write_fd(
			    &p->fd, p->buffers + slot * p->size, p->n[slot]);
		rj_handover_taken(&p->handover);
	}
	return NULL;
}

struct rj_write_behind *
rj_write_behind_new(int fd, size_t size)
{
	struct rj_write_behind *p;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->fd = fd;
	p->size = size;
	p->buffers = malloc(BUFFERS * size);
	if (!p->buffers ||
	    !rj_handover_start(&p->handover, BUFFERS, BUFFERS, write_on, p)) {
		free(p->buffers);
		free(p);
		return NULL;
	}
	return p;
}

char *
rj_write_behind_buffer(struct rj_write_behind *p)
{
	(void)rj_handover_fill(&p->handover, &p->slot);
	return p->buffers + p->slot * p->size;
}

int
rj_write_behind_put(struct rj_write_behind *p, size_t n)
{
	p->n[p->slot] = n;
	rj_handover_filled(&p->handover);
	return p->error;
}

int
rj_write_behind_end(struct rj_write_behind *p)
{
	int error;

	rj_handover_end(&p->handover);
	error = p->error;
	free(p->buffers);
	free(p);
	return error;
}
