/* Local file systems, by their numbers in statfs(2). Those on block devices are remembered. */
#include "linux_local_fs.h"

#include "../atomic.h"

#include <stddef.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

enum { SLOTS = 64 };

/* Of each device that turned out to be local its number and one more; 0 for none. */
static uint64_t local_devices[SLOTS];

static bool is_local_type(unsigned long type) {
  static const unsigned long local[] = {
      0xef53,     /* ext2, ext3, ext4 */
      0x58465342, /* XFS */
      0x9123683e, /* Btrfs */
      0xf2f52010, /* F2FS */
      0x01021994, /* tmpfs */
      0x858458f6, /* ramfs */
      0x794c7630, /* overlayfs */
      0x73717368, /* SquashFS */
      0xe0f5e1e2, /* EROFS */
      0x2fc12fc1, /* ZFS */
      0xca451a4e, /* Bcachefs */
  };

  for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
    if (type == local[i])
      return true;
  return false;
}

bool uv__fs_is_local(int fd, uint64_t device) {
  uint64_t* slot = &local_devices[device % SLOTS];
  struct statfs info;

  if (uv__load_relaxed(slot) == device + 1)
    return true;
  if (fstatfs(fd, &info) != 0 || !is_local_type((unsigned long) info.f_type & 0xffffffff))
    return false;
  /* A number without a device behind it may be another file system's later. */
  if (major(device) != 0)
    uv__store_relaxed(slot, device + 1);
  return true;
}
