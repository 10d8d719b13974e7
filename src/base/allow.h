/*
 * allow.h - what the program allows the library to do beside its work.
 */
#ifndef RJ_ALLOW_H
#define RJ_ALLOW_H

#include <stdbool.h>

bool rj_may_start_threads(void);

/* Where temporary files may be made; NULL: nowhere. */
const char *rj_temporary_folder(void);

#endif
