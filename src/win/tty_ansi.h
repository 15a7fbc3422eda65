/* What escape sequences ask for, done by the console's functions, for consoles that do not
 * understand them. */
#ifndef RONDO_WIN_TTY_ANSI_H_
#define RONDO_WIN_TTY_ANSI_H_

#include "tty_escape.h"

/* Acts on the handle's last sequence, which ended with `final`: 0 or a Win32 code. With the
 * console's output locked. */
DWORD uv__ansi_act(uv_tty_t* tty, enum uv__escape_kind kind, uint32_t final);

#endif /* RONDO_WIN_TTY_ANSI_H_ */
