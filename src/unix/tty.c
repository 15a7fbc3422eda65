/* Terminals: streams over a descriptor of the handle's own, so that being non-blocking is no
 * business of those who share the terminal with us. */
#include "../stream.h"

#include "fd.h"
#include "fd_flags.h"
#include "pty.h"
#include "stream.h"
#include "tty_mode.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

static enum uv__close_result tty_close(uv_handle_t* handle) {
  uv__tty_forget(((uv_tty_t*) handle)->io_watcher.fd, true);
  return uv__stream_close(handle);
}

static const struct uv__handle_ops tty_ops = {
    .close = tty_close,
    .finish = uv__stream_finish,
};

/* -- Opening ----------------------------------------------------------------------------------- */

/* Numbers 0 to 2 are the standard streams', also where the process has none: what gets one is left
 * open when the handle closes. */
static int above_standard_streams(int fd) {
  int above;

  if (fd > STDERR_FILENO)
    return fd;
  above = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  uv__close(fd);
  return above;
}

/* Opens a terminal once more, by its name: the descriptor, or -1. That of a pty's master is no name
 * to open: it makes another pty. */
static int reopen(int fd, int access_mode) {
  char name[PATH_MAX];
  int again;

  if (uv__is_pty_master(fd) || ttyname_r(fd, name, sizeof(name)) != 0)
    return -1;
  again = uv__open(name, access_mode | O_NOCTTY | O_NONBLOCK);
  return again >= 0 ? above_standard_streams(again) : -1;
}

/* Makes the number that the caller goes on using one for the new opening too. */
static int put_in_place(int own_fd, int fd) {
  int r;

  do
    r = uv__flagged_dup2(own_fd, fd);
  while (r == -1 && (errno == EINTR || errno == EBUSY));
  return r != -1 ? 0 : UV__ERR(errno);
}

static unsigned int direction_of(int access_mode) {
  if (access_mode == O_RDONLY)
    return UV_HANDLE_READABLE;
  if (access_mode == O_WRONLY)
    return UV_HANDLE_WRITABLE;
  return UV_HANDLE_READABLE | UV_HANDLE_WRITABLE;
}

int uv_tty_init(uv_loop_t* loop, uv_tty_t* tty, uv_file fd, int unused) {
  uv_handle_type type = uv_guess_handle(fd);
  int file_flags = fcntl(fd, F_GETFL);
  unsigned int flags;
  int own_fd = -1;
  int err;

  (void) unused;
  if (type == UV_FILE || type == UV_UNKNOWN_HANDLE)
    return UV_EINVAL;
  if (file_flags == -1)
    return UV__ERR(errno);
  flags = direction_of(file_flags & O_ACCMODE);
  if (type == UV_TTY) {
    flags |= UV__STREAM_NO_SOCKET;
    own_fd = reopen(fd, file_flags & O_ACCMODE);
  }

  err = uv__io_reserve(loop, own_fd != -1 ? own_fd : fd);
  if (err == 0 && own_fd != -1)
    err = put_in_place(own_fd, fd);
  else if (err == 0 && type == UV_TTY && (flags & UV_HANDLE_WRITABLE))
    flags |= UV_HANDLE_BLOCKING_WRITES; /* others share it, and see how it is set */
  else if (err == 0)
    err = uv__set_nonblocking(fd, true);
  if (err != 0) {
    if (own_fd != -1)
      uv__close(own_fd);
    return err;
  }

  uv__stream_init(loop, uv__stream(tty), UV_TTY, &tty_ops, uv__stream_io);
  tty->mode = UV_TTY_MODE_NORMAL;
  return uv__stream_open(uv__stream(tty), own_fd != -1 ? own_fd : fd, flags);
}

/* -- Modes ------------------------------------------------------------------------------------- */

/* Leaves UV_TTY_MODE_NORMAL, to which it remembers the way back before anything changes. */
static int leave_normal(uv_tty_t* tty) {
  if (tcgetattr(tty->io_watcher.fd, &tty->orig_termios) == -1)
    return UV__ERR(errno);
  uv__tty_remember(tty->io_watcher.fd, &tty->orig_termios);
  return 0;
}

int uv_tty_set_mode(uv_tty_t* tty, uv_tty_mode_t mode) {
  struct termios attributes;
  int err = 0;

  if (mode < UV_TTY_MODE_NORMAL || mode > UV_TTY_MODE_RAW_VT)
    return UV_EINVAL;
  if (mode == UV_TTY_MODE_RAW_VT)
    mode = UV_TTY_MODE_RAW;
  if (tty->mode == (int) mode)
    return 0;
  if (tty->io_watcher.fd == UV__NO_FD)
    return UV_EBADF;

  if (tty->mode == UV_TTY_MODE_NORMAL)
    err = leave_normal(tty);
  if (err != 0)
    return err;
  attributes = tty->orig_termios;
  if (mode != UV_TTY_MODE_NORMAL)
    uv__tty_change(&attributes, mode);
  err = uv__tty_apply(tty->io_watcher.fd, &attributes);
  if (err == 0)
    tty->mode = (int) mode;
  else if (tty->mode == UV_TTY_MODE_NORMAL)
    uv__tty_forget(tty->io_watcher.fd, false);
  return err;
}

/* -- The window -------------------------------------------------------------------------------- */

int uv_tty_get_winsize(uv_tty_t* tty, int* width, int* height) {
  struct winsize size;
  int r;

  if (tty->io_watcher.fd == UV__NO_FD)
    return UV_EBADF;
  do
    r = ioctl(tty->io_watcher.fd, TIOCGWINSZ, &size);
  while (r == -1 && errno == EINTR);
  if (r == -1)
    return UV__ERR(errno);
  *width = size.ws_col;
  *height = size.ws_row;
  return 0;
}

/* Terminals understand escape sequences: there is nothing to say about it. */

void uv_tty_set_vterm_state(uv_tty_vtermstate_t state) {
  (void) state;
}

int uv_tty_get_vterm_state(uv_tty_vtermstate_t* state) {
  (void) state;
  return UV_ENOTSUP;
}
