/* Descriptors: what one is, and its two names, which are one on POSIX. */
#include "uv.h"

#include <stdbool.h>
#include <unistd.h>

static uv_handle_type guess_socket(int fd) {
  struct sockaddr_storage address;
  socklen_t address_len = sizeof(address);
  int type = 0;
  socklen_t type_len = sizeof(type);

  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) != 0)
    return UV_UNKNOWN_HANDLE;
  if (getsockname(fd, (struct sockaddr*) &address, &address_len) != 0)
    return UV_UNKNOWN_HANDLE;

  bool is_ip = address.ss_family == AF_INET || address.ss_family == AF_INET6;
  if (type == SOCK_STREAM && is_ip)
    return UV_TCP;
  if (type == SOCK_DGRAM && is_ip)
    return UV_UDP;
  if (type == SOCK_STREAM && address.ss_family == AF_UNIX)
    return UV_NAMED_PIPE;
  return UV_UNKNOWN_HANDLE;
}

uv_handle_type uv_guess_handle(uv_file file) {
  struct stat info;

  if (file < 0 || fstat(file, &info) != 0)
    return UV_UNKNOWN_HANDLE;
  if (isatty(file))
    return UV_TTY;
  if (S_ISREG(info.st_mode) || S_ISCHR(info.st_mode))
    return UV_FILE;
  if (S_ISFIFO(info.st_mode))
    return UV_NAMED_PIPE;
  if (S_ISSOCK(info.st_mode))
    return guess_socket(file);
  return UV_UNKNOWN_HANDLE;
}

uv_os_fd_t uv_get_osfhandle(int fd) {
  return fd;
}

int uv_open_osfhandle(uv_os_fd_t os_fd) {
  return os_fd;
}
