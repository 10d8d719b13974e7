/*
 * fd.h - writing everything to a descriptor, and files without a name.
 */
#ifndef RJ_FD_H
#define RJ_FD_H

#include <stdbool.h>
#include <stddef.h>

/* An open file without a name; -1 with errno. */
int rj_temporary(void);

/* Writes everything; false with errno. */
bool rj_write_all(int fd, const char *s, size_t n);

#endif
