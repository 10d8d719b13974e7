/*
 * fd.h - descriptors: of files without a name.
 */
#ifndef RJ_FD_H
#define RJ_FD_H

/* An open file without a name, in a folder; -1 with errno. */
int rj_temporary(const char *folder);

#endif
