/* The attributes of terminals, and those to restore when the process ends. */
#ifndef RONDO_UNIX_TTY_MODE_H_
#define RONDO_UNIX_TTY_MODE_H_

#include "uv.h"

#include <stdbool.h>
#include <termios.h>

/* Applies attributes at once: 0 or an error. */
int uv__tty_apply(int fd, const struct termios* attributes);

/* What becomes of a terminal's attributes in a mode other than UV_TTY_MODE_NORMAL. */
void uv__tty_change(struct termios* attributes, uv_tty_mode_t mode);

/* Remembers a terminal for uv_tty_reset_mode(), unless one is remembered already. The descriptor
 * stays open until uv__tty_forget(). */
void uv__tty_remember(int fd, const struct termios* attributes);

/* Forgets the terminal if it is the one that is remembered; with `restore`, restores it before. */
void uv__tty_forget(int fd, bool restore);

#endif /* RONDO_UNIX_TTY_MODE_H_ */
