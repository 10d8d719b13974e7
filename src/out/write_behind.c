#include "out/write_behind.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/handover.h"
#include "rejunit.h"

#define BUFFERS 4

struct rj_pump {
	int fd;
	char *buffers;
	size_t size;
	size_t n[BUFFERS];
	size_t slot; /* of the buffer that the caller has */
	atomic_int error; /* the first one's errno */
	struct rj_ring ring;
};

static void *
write_on(void *ctx)
{
	struct rj_pump *p = ctx;
	size_t slot;

	while (rj_ring_take(&p->ring, &slot)) {
		/* after an error, what follows is dropped */
		if (!p->error)
			p->error = rejunit_write_fd(
			    &p->fd, p->buffers + slot * p->size, p->n[slot]);
		rj_ring_taken(&p->ring);
	}
	return NULL;
}

struct rj_pump *
rj_pump_new(int fd, size_t size)
{
	struct rj_pump *p;
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
	    !rj_ring_start(&p->ring, BUFFERS, BUFFERS, write_on, p)) {
		free(p->buffers);
		free(p);
		return NULL;
	}
	return p;
}

char *
rj_pump_buffer(struct rj_pump *p)
{
	(void)rj_ring_fill(&p->ring, &p->slot);
	return p->buffers + p->slot * p->size;
}

int
rj_pump_put(struct rj_pump *p, size_t n)
{
	p->n[p->slot] = n;
	rj_ring_filled(&p->ring);
	return p->error;
}

int
rj_pump_end(struct rj_pump *p)
{
	int error;

	rj_ring_end(&p->ring);
	error = p->error;
	free(p->buffers);
	free(p);
	return error;
}
