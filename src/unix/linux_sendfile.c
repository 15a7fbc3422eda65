/* Copying between descriptors within the kernel, on Linux. */
#include "../atomic.h"
#include "fs_ops.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Of statfs(2); linux/magic.h of older systems lacks two of them. */
#define CIFS_MAGIC 0xFF534D42u
#define SMB_MAGIC 0x517Bu
#define SMB2_MAGIC 0xFE534D42u

enum { WAITING_PIECE = 8192 };

/* -- Copying ----------------------------------------------------------------------------------- */

/* What another system call for the same bytes would meet as well. All else may only say that the
 * two descriptors do not suit this call, and file systems disagree about how to say it. */
static bool is_final(int err) {
  return err == ENOSPC || err == EDQUOT || err == EFBIG || err == ENOMEM || err == EINTR;
}

/* What sendfile(2) says of descriptors that do not suit it. */
static bool is_unsuited(ssize_t err) {
  return err == UV_EINVAL || err == UV_ESPIPE || err == UV_EIO || err == UV_ENOTSOCK ||
         err == UV_EXDEV || err == UV_ENOSYS || err == UV_ENOTSUP;
}

/* Moves `*offset` by what it copied. */
static ssize_t copy_some(int out, int in, int64_t* offset, size_t len) {
  static bool has_no_copy_file_range;
  loff_t from = (loff_t) *offset;
  off_t position = (off_t) *offset;
  ssize_t n = 0;

  if (!uv__load_relaxed(&has_no_copy_file_range)) {
    n = copy_file_range(in, &from, out, NULL, len, 0);
    if (n > 0)
      *offset = from;
    if (n > 0 || (n == -1 && is_final(errno)))
      return n > 0 ? n : UV__ERR(errno);
    if (n == -1 && errno == ENOSYS)
      uv__store_relaxed(&has_no_copy_file_range, true);
  }

  /* Also where that found the end: kernels before 5.19 see it at once in files that claim to be
   * empty, as those of /proc do. */
  n = sendfile(out, in, &position, len);
  *offset = (int64_t) position;
  return n != -1 ? n : UV__ERR(errno);
}

/* What does not suit goes through memory. So does a piece that a descriptor which blocks nobody has
 * no room for now: that waits for it. */
ssize_t uv__fs_sendfile(int out, int in, int64_t offset, size_t len) {
  size_t total = 0;
  ssize_t n;

  do {
    size_t left = len - total;

    n = copy_some(out, in, &offset, left);
    if (total == 0 && is_unsuited(n))
      return uv__fs_pump(out, in, offset, left);
    if (n == UV_EAGAIN) {
      n = uv__fs_pump(out, in, offset, left < WAITING_PIECE ? left : WAITING_PIECE);
      offset += n > 0 ? n : 0;
    }
    total += n > 0 ? (size_t) n : 0;
  } while (total < len && (n > 0 || n == UV_EINTR));
  return total > 0 ? (ssize_t) total : n;
}

/* -- What file systems can do ------------------------------------------------------------------ */

int uv__fs_clone(int out, int in) {
  if (ioctl(out, FICLONE, in) == 0)
    return 0;
  return errno == ENOTTY || errno == ENOSYS ? UV_ENOTSUP : UV__ERR(errno);
}

bool uv__fs_has_fixed_modes(int fd) {
  struct statfs info;

  if (fstatfs(fd, &info) != 0)
    return false;
  switch ((uint32_t) info.f_type) {
    case CIFS_MAGIC:
    case SMB_MAGIC:
    case SMB2_MAGIC:
      return true;
    default:
      return false;
  }
}
