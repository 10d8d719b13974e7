#include <limits.h>
#include <string.h>

#include "file/source.h"

struct rejunit_input
rejunit_path(const char *path)
{
	return (struct rejunit_input){ .name = path, .fd = -1 };
}

struct rejunit_input
rejunit_memory(const char *name, const void *data, size_t size)
{
	return (struct rejunit_input){
		.name = name,
		.data = data ? data : "",
		.size = data ? size : 0,
		.fd = -1,
	};
}

struct rejunit_input
rejunit_descriptor(const char *name, int fd)
{
	/* one that is none is no path, either */
	return (
	    struct rejunit_input){ .name = name, .fd = fd < 0 ? INT_MAX : fd };
}

const char *
rj_input_name(const struct rejunit_input *in)
{
	bool is_path = !in->data && in->fd < 0;

	return is_path && strcmp(in->name, "-") == 0 ? "<stdin>" : in->name;
}
