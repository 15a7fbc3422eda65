/* Random bytes by getrandom(2), or from the device where the kernel does not know that call or
 * forbids it. */
#include "../random.h"

#include "fd.h"
#include "uv.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Up to this size, getrandom() gives all or nothing and no signal cuts it. */
enum { PIECE = 256 };

static int from_kernel(unsigned char* buf, size_t len) {
  while (len > 0) {
    ssize_t n = getrandom(buf, len < PIECE ? len : PIECE, 0);

    if (n == -1 && errno == EINTR)
      continue;
    if (n == -1)
      return UV__ERR(errno);
    if (n == 0)
      return UV_EIO;
    buf += n;
    len -= (size_t) n;
  }
  return 0;
}

static int read_all(int fd, unsigned char* buf, size_t len) {
  while (len > 0) {
    ssize_t n = uv__read(fd, buf, len);

    if (n < 0)
      return (int) n;
    if (n == 0)
      return UV_EIO;
    buf += n;
    len -= (size_t) n;
  }
  return 0;
}

/* A file that somebody put in the device's place has no random bytes. */
static int read_device(const char* path, unsigned char* buf, size_t len) {
  struct stat info;
  int fd = uv__open(path, O_RDONLY);
  int err = 0;

  if (fd < 0)
    return fd;
  if (fstat(fd, &info) != 0)
    err = UV__ERR(errno);
  else if (!S_ISCHR(info.st_mode))
    err = UV_EIO;
  else
    err = read_all(fd, buf, len);
  uv__close(fd);
  return err;
}

/* The first byte of /dev/random comes when the kernel has gathered enough to start with, for which
 * /dev/urandom does not wait. */
static int from_device(unsigned char* buf, size_t len) {
  unsigned char first;
  int err = read_device("/dev/random", &first, sizeof(first));

  return err != 0 ? err : read_device("/dev/urandom", buf, len);
}

int uv__random_source(void* buf, size_t len) {
  int err = from_kernel(buf, len);
  return err == UV_ENOSYS || err == UV_EPERM ? from_device(buf, len) : err;
}
