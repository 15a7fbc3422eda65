/* Escape sequences for consoles that do not understand them: what they ask for is done by the
 * console's functions. */
#ifndef RONDO_WIN_TTY_ANSI_H_
#define RONDO_WIN_TTY_ANSI_H_

#include "../core.h"

enum uv__ansi_step {
  UV__ANSI_TEXT,    /* the character is to be written */
  UV__ANSI_TAKEN,   /* it belongs to a sequence */
  UV__ANSI_COMPLETE /* it is a sequence's last: uv__ansi_act() once all text before is written */
};

enum uv__ansi_step uv__ansi_feed(uv_tty_t* tty, uint32_t point);

/* Does what the sequence that ends with `final` asks for: 0 or a Win32 code. With the console's
 * output locked. */
DWORD uv__ansi_act(uv_tty_t* tty, uint32_t final);

/* Lets it be. */
void uv__ansi_skip(uv_tty_t* tty);

#endif /* RONDO_WIN_TTY_ANSI_H_ */
