/* Copying between descriptors through memory: slow, and possible for all of them. */
#include "fs_ops.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* On the stack, which may be a small one: synchronous calls run in any thread. */
enum { PIECE_SIZE = 8192 };

/* Waits until a descriptor that blocks nobody takes data again: 0, or UV_EIO if it never will. */
static int wait_writable(int fd) {
  struct pollfd p = {.fd = fd, .events = POLLOUT};
  int r;

  do
    r = poll(&p, 1, -1);
  while (r == -1 && errno == EINTR);
  if (r == -1)
    return UV__ERR(errno);
  return p.revents == POLLOUT ? 0 : UV_EIO;
}

/* Descriptors without positions are read on; some of them call that an I/O error. */
static ssize_t read_piece(int in, char* piece, size_t len, int64_t offset, bool* is_seekable) {
  ssize_t n = -1;

  do {
    if (*is_seekable) {
      n = pread(in, piece, len, (off_t) offset);
      if (n == -1 && (errno == ESPIPE || errno == EIO))
        *is_seekable = false;
    }
    if (!*is_seekable)
      n = read(in, piece, len);
  } while (n == -1 && errno == EINTR);
  return n == -1 ? UV__ERR(errno) : n;
}

static int write_piece(int out, const char* piece, size_t len) {
  int err = 0;

  while (len > 0 && err == 0) {
    ssize_t n = write(out, piece, len);

    if (n != -1) {
      piece += n;
      len -= (size_t) n;
    } else if (errno == EAGAIN) {
      err = wait_writable(out);
    } else if (errno != EINTR) {
      err = UV__ERR(errno);
    }
  }
  return err;
}

ssize_t uv__fs_pump(int out, int in, int64_t offset, size_t len) {
  char piece[PIECE_SIZE];
  bool is_seekable = true;
  size_t total = 0;

  while (total < len) {
    size_t wanted = len - total < sizeof(piece) ? len - total : sizeof(piece);
    ssize_t n = read_piece(in, piece, wanted, offset + (int64_t) total, &is_seekable);
    int err;

    if (n < 0 && total == 0)
      return n;
    if (n <= 0)
      break;
    err = write_piece(out, piece, (size_t) n);
    if (err != 0)
      return err;
    total += (size_t) n;
  }
  return (ssize_t) total;
}
