/* What raw and other modes mean for a terminal, and how the terminal is restored at the end.
 *
 * uv_tty_reset_mode() may interrupt anything, in signal handlers as well. So what it reads is
 * guarded by a flag: the others spin for it, and it gives up where it finds it set. */
#include "tty_mode.h"

#include "../atomic.h"
#include "../process_hooks.h"
#include "../thread.h"

#include <errno.h>

static struct {
  int fd; /* -1 if none is remembered */
  struct termios attributes;
} remembered = {.fd = -1};

static int busy;

static bool try_lock(void) {
  return uv__exchange_acquire(&busy, 1) == 0;
}

static void take_lock(void) {
  while (!try_lock())
    uv__thread_give_way();
}

static void release_lock(void) {
  uv__store_release(&busy, 0);
}

/* -- Attributes -------------------------------------------------------------------------------- */

int uv__tty_apply(int fd, const struct termios* attributes) {
  int r;

  do
    r = tcsetattr(fd, TCSANOW, attributes);
  while (r == -1 && errno == EINTR);
  return r == 0 ? 0 : UV__ERR(errno);
}

void uv__tty_change(struct termios* attributes, uv_tty_mode_t mode) {
  if (mode == UV_TTY_MODE_IO) {
    cfmakeraw(attributes);
    return;
  }
  attributes->c_iflag &= ~(tcflag_t) (BRKINT | ICRNL | INPCK | ISTRIP | IXON);
  attributes->c_oflag |= ONLCR;
  attributes->c_cflag |= CS8;
  attributes->c_lflag &= ~(tcflag_t) (ECHO | ICANON | IEXTEN | ISIG);
  attributes->c_cc[VMIN] = 1;
  attributes->c_cc[VTIME] = 0;
}

/* -- What to restore --------------------------------------------------------------------------- */

/* The flag may have been taken by a thread that is not in the child. */
static void prepare_for_forks(void) {
  static bool done;

  if (!done)
    done = uv__at_fork(NULL, NULL, release_lock) == 0;
}

void uv__tty_remember(int fd, const struct termios* attributes) {
  take_lock();
  prepare_for_forks();
  if (remembered.fd == -1) {
    remembered.attributes = *attributes;
    remembered.fd = fd;
  }
  release_lock();
}

void uv__tty_forget(int fd, bool restore) {
  take_lock();
  if (remembered.fd == fd) {
    if (restore)
      uv__tty_apply(fd, &remembered.attributes);
    remembered.fd = -1;
  }
  release_lock();
}

int uv_tty_reset_mode(void) {
  int saved_errno = errno;
  int err = 0;

  if (!try_lock())
    return UV_EBUSY;
  if (remembered.fd != -1)
    err = uv__tty_apply(remembered.fd, &remembered.attributes);
  release_lock();
  errno = saved_errno;
  return err;
}
