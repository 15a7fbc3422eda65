/* TTY handles: what their files share. */
#ifndef RONDO_WIN_TTY_H_
#define RONDO_WIN_TTY_H_

#include "../core.h"

/* In uv_tty_t.flags. */
enum {
  UV__TTY_READ_PENDING = 0x00010000,
  UV__TTY_INPUT = 0x00020000,
  UV__TTY_SAVED_POSITION = 0x00400000,
  UV__TTY_SAVED_ATTRIBUTES = 0x00800000
};

/* Stops being active unless somebody reads or writes. */
static inline void uv__tty_settle(uv_tty_t* tty) {
  if (!(tty->flags & (UV_HANDLE_READING | UV_HANDLE_SHUTTING)) &&
      tty->stream.conn.write_reqs_pending == 0)
    uv__handle_stop(uv__handle(tty));
}

/* -- Reading (tty_read.c) ---------------------------------------------------------------------- */

void uv__tty_read_init(uv_tty_t* tty);

/* Brings the read under way back soon. */
void uv__tty_read_cancel(uv_tty_t* tty);

/* The read request is over. */
void uv__tty_read_done(uv_tty_t* tty);

/* Frees what reading holds; nothing is under way. */
void uv__tty_read_free(uv_tty_t* tty);

/* -- Writing (tty_write.c) --------------------------------------------------------------------- */

void uv__tty_write_init(uv_tty_t* tty);
void uv__tty_write_done(uv_tty_t* tty, uv_write_t* req);
void uv__tty_shutdown_done(uv_tty_t* tty, uv_shutdown_t* req);

#endif /* RONDO_WIN_TTY_H_ */
