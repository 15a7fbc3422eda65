/* What an open file is called now: as the system has it. */
#ifndef RONDO_UNIX_FD_NAME_H_
#define RONDO_UNIX_FD_NAME_H_

#include <limits.h>
#include <stdbool.h>

/* Writes the last component of the file's present path; false where the system does not know. */
bool uv__fd_name(int fd, char name[NAME_MAX + 1]);

#endif /* RONDO_UNIX_FD_NAME_H_ */
