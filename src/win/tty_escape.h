/* Escape sequences in what is written, found and taken apart. */
#ifndef RONDO_WIN_TTY_ESCAPE_H_
#define RONDO_WIN_TTY_ESCAPE_H_

#include "../core.h"

enum uv__escape_step {
  UV__ESCAPE_TEXT,    /* the character is to be written */
  UV__ESCAPE_TAKEN,   /* it belongs to a sequence */
  UV__ESCAPE_COMPLETE /* it is a sequence's last: uv__escape_take() */
};

enum uv__escape_step uv__escape_feed(uv_tty_t* tty, uint32_t point);

enum uv__escape_kind {
  UV__ESCAPE_SHORT,   /* ESC and a character */
  UV__ESCAPE_CONTROL, /* ESC [, numbers and a character: the numbers are in ansi_csi_argv */
  UV__ESCAPE_PRIVATE  /* the same, with a ? before the numbers */
};

/* What the sequence that is complete was; the next one may come. */
enum uv__escape_kind uv__escape_take(uv_tty_t* tty);

#endif /* RONDO_WIN_TTY_ESCAPE_H_ */
