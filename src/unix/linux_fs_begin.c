/* How a file request is carried out on Linux: at once where that does not block; by a ring if it is
 * a read of what is not in memory, or wherever a ring can if the environment asks for that; else by
 * a thread. */
#include "../fs.h"
#include "linux_at_once.h"
#include "options.h"
#include "uring_fs.h"

static enum uv__fs_progress give_to_ring(uv_fs_t* req) {
  return uv__fs_ring_submit(req) ? UV__FS_BEGUN : UV__FS_NEEDS_THREAD;
}

enum uv__fs_progress uv__fs_begin(uv_fs_t* req) {
  if (!uv__option_rings())
    return UV__FS_NEEDS_THREAD;
  if (uv__option_ring_files())
    return give_to_ring(req);

  switch (uv__at_once(req)) {
    case UV__AT_ONCE_DONE:
      return UV__FS_DONE;
    case UV__AT_ONCE_QUICK:
      return UV__FS_QUICK;
    case UV__AT_ONCE_COLD:
      return give_to_ring(req);
    default:
      return UV__FS_NEEDS_THREAD;
  }
}

bool uv__fs_undo(uv_fs_t* req) {
  return uv__at_once_undo(req);
}

bool uv__fs_end(uv_fs_t* req) {
  return uv__fs_ring_withdraw(req);
}
