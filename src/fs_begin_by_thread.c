/* Where there is no way to carry out a file request without a thread. */
#include "fs.h"

enum uv__fs_progress uv__fs_begin(uv_fs_t* req) {
  (void) req;
  return UV__FS_NEEDS_THREAD;
}

bool uv__fs_undo(uv_fs_t* req) {
  (void) req;
  return false;
}

bool uv__fs_end(uv_fs_t* req) {
  (void) req;
  return false;
}
