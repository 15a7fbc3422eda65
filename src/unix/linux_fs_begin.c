/* How a file request is carried out on Linux: at once where that does not block; by a ring if it is
 * a read of what is not in memory, or wherever a ring can if the environment asks for that; else by
 * a thread. */
#include "linux_at_once.h"
#include "options.h"
#include "uring_fs.h"

enum uv__fs_progress uv__fs_begin(uv_fs_t* req) {
  enum uv__fs_progress progress = UV__FS_NEEDS_THREAD;

  if (!uv__option_rings())
    return progress;
  if (!uv__option_ring_files())
    progress = uv__at_once(req);
  if (progress == UV__FS_NEEDS_THREAD && (uv__option_ring_files() || req->fs_type == UV_FS_READ) &&
      uv__fs_ring_submit(req))
    progress = UV__FS_BEGUN;
  return progress;
}

bool uv__fs_undo(uv_fs_t* req) {
  return uv__at_once_undo(req);
}

bool uv__fs_end(uv_fs_t* req) {
  return uv__fs_ring_withdraw(req);
}
