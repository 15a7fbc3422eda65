/* Pipes: the names of unix sockets.
 *
 * A name is a path, which may fill sun_path without a NUL behind it, or on Linux an abstract one:
 * it begins with a NUL, and only the address's length says where it ends. */
#include "pipe_name.h"

#include "stream.h"

#include "../sized_buffer.h"

#include <errno.h>
#include <sys/stat.h>

#if defined(__linux__)
enum { HAS_ABSTRACT_NAMES = true };
#else
enum { HAS_ABSTRACT_NAMES = false };
#endif

enum { NAME_OFFSET = offsetof(struct sockaddr_un, sun_path) };

static bool is_valid(const char* name, size_t len, unsigned int flags, bool for_bind) {
  if ((flags & ~(unsigned int) UV_PIPE_NO_TRUNCATE) != 0 || name == NULL)
    return false;
  if (len == 0)
    return for_bind && HAS_ABSTRACT_NAMES;
  if (memchr(name, '\0', len) != NULL && (name[0] != '\0' || !HAS_ABSTRACT_NAMES))
    return false;
  return len <= sizeof(((struct sockaddr_un*) NULL)->sun_path) || !(flags & UV_PIPE_NO_TRUNCATE);
}

int uv__pipe_address(const char* name, size_t len, unsigned int flags, bool for_bind,
                     struct uv__pipe_address* address) {
  if (!is_valid(name, len, flags, for_bind))
    return UV_EINVAL;

  memset(address, 0, sizeof(*address));
  if (len > sizeof(address->name.sun_path))
    len = sizeof(address->name.sun_path);
  address->name.sun_family = AF_UNIX;
  memcpy(address->name.sun_path, name, len);
  address->len = sizeof(address->name);
  if (!uv__pipe_is_path(address))
    address->len = (socklen_t) (NAME_OFFSET + len);
  return 0;
}

/* -- Names of sockets -------------------------------------------------------------------------- */

typedef int (*name_getter)(int fd, struct sockaddr* address, socklen_t* len);

/* A name as the kernel tells it: one byte more than sun_path has, for the NUL behind a path that
 * fills it. */
union full_name {
  struct sockaddr address;
  char bytes[sizeof(struct sockaddr_un) + 1];
};

/* The name's bytes go to `*text` and their number to `*len`, a path's without its NUL. */
static int get_name(const uv_pipe_t* pipe, name_getter getter, union full_name* name,
                    const char** text, size_t* len) {
  socklen_t address_len = sizeof(*name);

  if (pipe->io_watcher.fd == UV__NO_FD || uv__is_closing(uv__handle(pipe)))
    return UV_EBADF;
  memset(name, 0, sizeof(*name));
  if (getter(pipe->io_watcher.fd, &name->address, &address_len) == -1)
    return UV__ERR(errno);

  *text = name->bytes + NAME_OFFSET;
  *len = address_len > NAME_OFFSET ? address_len - NAME_OFFSET : 0;
  if (**text != '\0')
    *len = strnlen(*text, *len);
  return 0;
}

static int tell_name(const uv_pipe_t* pipe, name_getter getter, char* buffer, size_t* size) {
  union full_name name;
  const char* text;
  size_t len = 0;
  int err;

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  err = get_name(pipe, getter, &name, &text, &len);
  if (err != 0) {
    *size = 0;
    return err;
  }
  if (*text != '\0')
    return uv__sized_buffer_copy(text, len, buffer, size);

  /* An abstract name has no end that a NUL could mark; one that is not there is the empty text. */
  if (len > *size) {
    *size = len;
    return UV_ENOBUFS;
  }
  buffer[0] = '\0';
  memcpy(buffer, text, len);
  *size = len;
  return 0;
}

int uv_pipe_getsockname(const uv_pipe_t* pipe, char* buffer, size_t* size) {
  return tell_name(pipe, getsockname, buffer, size);
}

int uv_pipe_getpeername(const uv_pipe_t* pipe, char* buffer, size_t* size) {
  return tell_name(pipe, getpeername, buffer, size);
}

/* -- Rights ------------------------------------------------------------------------------------ */

int uv_pipe_chmod(uv_pipe_t* pipe, int flags) {
  const int both = UV_READABLE | UV_WRITABLE;
  mode_t mode = 0;
  union full_name name;
  const char* path;
  size_t len;
  int err;

  if (pipe == NULL || pipe->io_watcher.fd == UV__NO_FD)
    return UV_EBADF;
  if ((flags & both) == 0 || (flags & ~both) != 0)
    return UV_EINVAL;

  err = get_name(pipe, getsockname, &name, &path, &len);
  if (err != 0)
    return err;
  if (*path == '\0')
    return UV_ENOENT;

  if (flags & UV_READABLE)
    mode |= S_IRUSR | S_IRGRP | S_IROTH;
  if (flags & UV_WRITABLE)
    mode |= S_IWUSR | S_IWGRP | S_IWOTH;
  if (fchmod(pipe->io_watcher.fd, mode) == -1 || chmod(path, mode) == -1)
    return UV__ERR(errno);
  return 0;
}
