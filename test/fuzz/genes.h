/*
 * genes.h - a fuzzer's bytes as choices.
 */
#ifndef GENES_H
#define GENES_H

#include <stdint.h>

struct genes {
	const uint8_t *next;
	const uint8_t *end;
};

static unsigned int
choose(struct genes *g, unsigned int most)
{
	return g->next < g->end ? *g->next++ % most : 0;
}

#endif
