/* Pseudo-terminals: see pty(7). */
#ifndef RONDO_UNIX_PTY_H_
#define RONDO_UNIX_PTY_H_

#include <stdbool.h>

bool uv__is_pty_master(int fd);

#endif /* RONDO_UNIX_PTY_H_ */
