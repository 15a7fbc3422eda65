/* Error codes and those of the system: on POSIX a code is its errno, negated. */
#include "uv.h"

int uv_translate_sys_error(int sys_errno) {
  return sys_errno > 0 ? -sys_errno : sys_errno;
}

int uv_fs_get_system_error(const uv_fs_t* req) {
  return (int) -req->result;
}
