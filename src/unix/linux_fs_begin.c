/* How a file request is carried out on Linux: at once where that does not block; by a ring if it is
 * a read of what is not in memory, or wherever a ring can if the environment asks for that; else by
 * a thread. */
#include "../fs.h"
#include "../loop_state.h"
#include "linux_at_once.h"
#include "options.h"
#include "uring_fs.h"

static enum uv__fs_progress give_to_ring(uv_fs_t* req) {
  return uv__fs_ring_submit(req) ? UV__FS_BEGUN : UV__FS_NEEDS_THREAD;
}

/* To be sure that nothing can block, names and closing take some system calls more at once than a
 * thread makes. With so many requests under way waking threads, which is what is saved, costs each
 * of them less than that. */
static bool is_cheaper_by_thread(const uv_fs_t* req) {
  enum { MANY = 16 };

  if (uv__state(req->loop)->files_asked < MANY)
    return false;
  return req->fs_type == UV_FS_OPEN || req->fs_type == UV_FS_CLOSE || req->fs_type == UV_FS_STAT ||
         req->fs_type == UV_FS_LSTAT;
}

enum uv__fs_progress uv__fs_begin(uv_fs_t* req) {
  if (!uv__option_rings())
    return UV__FS_NEEDS_THREAD;
  if (uv__option_ring_files())
    return give_to_ring(req);
  if (is_cheaper_by_thread(req))
    return UV__FS_NEEDS_THREAD;

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
