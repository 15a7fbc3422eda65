/* Descriptors of the C library: what stands behind one, and how one is made of a handle. */
#include "startup.h"

uv_os_fd_t uv_get_osfhandle(int fd) {
  /* The C library takes a bad descriptor for a mistake of the program, and may end it. */
  uv__startup();
  return fd < 0 ? INVALID_HANDLE_VALUE : (uv_os_fd_t) _get_osfhandle(fd);
}

int uv_open_osfhandle(uv_os_fd_t os_fd) {
  uv__startup();
  return os_fd == INVALID_HANDLE_VALUE ? -1 : _open_osfhandle((intptr_t) os_fd, 0);
}

uv_handle_type uv_guess_handle(uv_file file) {
  HANDLE handle = uv_get_osfhandle(file);
  DWORD mode;

  switch (GetFileType(handle)) {
    case FILE_TYPE_CHAR:
      return GetConsoleMode(handle, &mode) ? UV_TTY : UV_FILE;
    case FILE_TYPE_PIPE:
      return UV_NAMED_PIPE;
    case FILE_TYPE_DISK:
      return UV_FILE;
    default:
      return UV_UNKNOWN_HANDLE;
  }
}
