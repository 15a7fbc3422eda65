/* What uv_setup_args() was told. */
#ifndef RONDO_UNIX_BSD_TITLE_H_
#define RONDO_UNIX_BSD_TITLE_H_

#include <stddef.h>

/* Copies the name that the program was started by: 0, UV_EINVAL if it has not been told, or
 * UV_ENAMETOOLONG. */
int uv__program_name(char* name, size_t size);

#endif /* RONDO_UNIX_BSD_TITLE_H_ */
