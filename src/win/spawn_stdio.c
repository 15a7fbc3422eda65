/* The descriptors of a child, as the parent makes them ready. */
#include "../core.h"
#include "crt_block.h"
#include "pipe_pair.h"
#include "spawn.h"

enum {
  KINDS = UV_CREATE_PIPE | UV_INHERIT_FD | UV_INHERIT_STREAM,
  STANDARD_COUNT = 3,
  MOST_COUNT = 255,
  NO_DESCRIPTOR = -2 /* what the C library gives for a standard stream that was never open */
};

static bool is_valid(HANDLE handle) {
  return handle != NULL && handle != INVALID_HANDLE_VALUE &&
         handle != (HANDLE) (intptr_t) NO_DESCRIPTOR;
}

static void set(struct uv__spawn_stdio* stdio, int fd, unsigned char flags, HANDLE handle) {
  uv__crt_block_set(stdio->block, fd, flags, handle);
  stdio->handles[stdio->handle_count++] = handle;
}

/* -- What there is already --------------------------------------------------------------------- */

static int open_null(struct uv__spawn_stdio* stdio, int fd) {
  SECURITY_ATTRIBUTES inheritable = {.nLength = sizeof(inheritable), .bInheritHandle = TRUE};
  DWORD access = fd == 0 ? FILE_GENERIC_READ : FILE_GENERIC_WRITE | FILE_READ_ATTRIBUTES;
  HANDLE null = CreateFileW(L"NUL", access, FILE_SHARE_READ | FILE_SHARE_WRITE, &inheritable,
                            OPEN_EXISTING, 0, NULL);

  if (null == INVALID_HANDLE_VALUE)
    return uv_translate_sys_error((int) GetLastError());
  set(stdio, fd, UV__CRT_OPEN | UV__CRT_DEVICE, null);
  return 0;
}

static int inherit_handle(struct uv__spawn_stdio* stdio, int fd, unsigned char flags,
                          HANDLE handle) {
  HANDLE copy;

  if (!DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &copy, 0, TRUE,
                       DUPLICATE_SAME_ACCESS))
    return uv_translate_sys_error((int) GetLastError());
  set(stdio, fd, flags, copy);
  return 0;
}

/* The flags that the C library of the child is told for a file of this kind; 0 for no file. */
static unsigned char flags_of(HANDLE handle) {
  SetLastError(ERROR_SUCCESS);
  switch (GetFileType(handle)) {
    case FILE_TYPE_DISK:
      return UV__CRT_OPEN;
    case FILE_TYPE_PIPE:
      return UV__CRT_OPEN | UV__CRT_PIPE;
    case FILE_TYPE_UNKNOWN:
      return GetLastError() == ERROR_SUCCESS ? UV__CRT_OPEN | UV__CRT_DEVICE : 0;
    default:
      return UV__CRT_OPEN | UV__CRT_DEVICE;
  }
}

/* A program without a console, or a service, may have no standard streams to hand on. */
static int inherit_fd(struct uv__spawn_stdio* stdio, int fd, int ours) {
  HANDLE handle;
  unsigned char flags;

  if (ours < 0)
    return UV_EINVAL;
  handle = uv_get_osfhandle(ours);
  if (!is_valid(handle))
    return ours < STANDARD_COUNT ? 0 : UV_EBADF;
  flags = flags_of(handle);
  if (flags == 0)
    return uv_translate_sys_error((int) GetLastError());
  return inherit_handle(stdio, fd, flags, handle);
}

static int inherit_stream(struct uv__spawn_stdio* stdio, int fd, const uv_stream_t* stream) {
  unsigned char flags = UV__CRT_OPEN;
  uv_os_fd_t handle;

  if (stream == NULL)
    return UV_EINVAL;
  if (stream->type == UV_TTY)
    flags |= UV__CRT_DEVICE;
  else if (stream->type == UV_NAMED_PIPE && !(stream->flags & UV_HANDLE_LISTENING))
    flags |= UV__CRT_PIPE;
  else
    return UV_ENOTSUP;
  if (uv_fileno((const uv_handle_t*) stream, &handle) != 0)
    return UV_ENOTSUP;
  return inherit_handle(stdio, fd, flags, handle);
}

/* -- Entries ----------------------------------------------------------------------------------- */

static int check_new_pipe(const uv_stream_t* stream) {
  uv_os_fd_t handle;

  if (stream == NULL || stream->type != UV_NAMED_PIPE ||
      uv__is_closing((const uv_handle_t*) stream))
    return UV_EINVAL;
  return uv_fileno((const uv_handle_t*) stream, &handle) == 0 ? UV_EBUSY : 0;
}

/* All but new pipes, which are only looked at. */
static int make_one(const uv_stdio_container_t* container, struct uv__spawn_stdio* stdio, int fd) {
  switch ((int) container->flags & KINDS) {
    case UV_IGNORE:
      return fd < STANDARD_COUNT ? open_null(stdio, fd) : 0;
    case UV_CREATE_PIPE:
      return check_new_pipe(container->data.stream);
    case UV_INHERIT_FD:
      return inherit_fd(stdio, fd, container->data.fd);
    case UV_INHERIT_STREAM:
      return inherit_stream(stdio, fd, container->data.stream);
    default:
      return UV_EINVAL;
  }
}

static bool is_new_pipe(const uv_stdio_container_t* container) {
  return ((int) container->flags & KINDS) == UV_CREATE_PIPE;
}

static int make_pair(const uv_stdio_container_t* container, struct uv__spawn_stdio* stdio, int fd) {
  HANDLE child;
  int err = uv__pipe_stdio_pair((uv_pipe_t*) container->data.stream, container->flags, &child);

  if (err == 0)
    set(stdio, fd, UV__CRT_OPEN | UV__CRT_PIPE, child);
  return err;
}

/* The parent's ends of the new pipes among the first entries. */
static void undo_pairs(const uv_process_options_t* options, int end) {
  for (int fd = 0; fd < end; fd++)
    if (is_new_pipe(&options->stdio[fd]))
      uv__pipe_stdio_undo((uv_pipe_t*) options->stdio[fd].data.stream);
}

static int make_pairs(const uv_process_options_t* options, struct uv__spawn_stdio* stdio) {
  for (int fd = 0; fd < options->stdio_count; fd++) {
    int err = is_new_pipe(&options->stdio[fd]) ? make_pair(&options->stdio[fd], stdio, fd) : 0;
    if (err != 0) {
      undo_pairs(options, fd);
      return err;
    }
  }
  return 0;
}

/* Pipes come last, when all else is known to be good: they open the streams of the caller. */
static int make_all(const uv_process_options_t* options, struct uv__spawn_stdio* stdio) {
  int err = 0;

  for (int fd = 0; err == 0 && fd < options->stdio_count; fd++)
    err = make_one(&options->stdio[fd], stdio, fd);
  for (int fd = options->stdio_count; err == 0 && fd < STANDARD_COUNT; fd++)
    err = open_null(stdio, fd);
  return err != 0 ? err : make_pairs(options, stdio);
}

/* -- For process.c ----------------------------------------------------------------------------- */

int uv__spawn_stdio_make(const uv_process_options_t* options, struct uv__spawn_stdio* stdio) {
  int count = options->stdio_count > STANDARD_COUNT ? options->stdio_count : STANDARD_COUNT;
  int err;

  *stdio = (struct uv__spawn_stdio){.count = count};
  if (options->stdio_count < 0 || count > MOST_COUNT)
    return UV_ENOTSUP;
  stdio->handles = uv__malloc((size_t) count * sizeof(*stdio->handles) + uv__crt_block_size(count));
  if (stdio->handles == NULL)
    return UV_ENOMEM;

  stdio->block = (unsigned char*) (stdio->handles + count);
  uv__crt_block_init(stdio->block, count);
  err = make_all(options, stdio);
  if (err != 0)
    uv__spawn_stdio_free(stdio);
  return err;
}

void uv__spawn_stdio_tell_pid(const uv_process_options_t* options, DWORD pid) {
  for (int fd = 0; fd < options->stdio_count; fd++) {
    uv_pipe_t* pipe = (uv_pipe_t*) options->stdio[fd].data.stream;
    if (is_new_pipe(&options->stdio[fd]) && pipe->ipc)
      pipe->pipe.conn.ipc_remote_pid = pid;
  }
}

void uv__spawn_stdio_undo(const uv_process_options_t* options) {
  undo_pairs(options, options->stdio_count);
}

void uv__spawn_stdio_free(struct uv__spawn_stdio* stdio) {
  for (int i = 0; i < stdio->handle_count; i++)
    CloseHandle(stdio->handles[i]);
  uv__free(stdio->handles);
  *stdio = (struct uv__spawn_stdio){.count = 0};
}
