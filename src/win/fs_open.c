/* Files: open and close. */
#include "fs_map.h"
#include "fs_ops.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_OWNED_FD = 3, ACCESS_FLAGS = UV_FS_O_RDONLY | UV_FS_O_WRONLY | UV_FS_O_RDWR };

/* What CreateFileW() takes. */
struct how {
  DWORD access;
  DWORD share;
  DWORD disposition;
  DWORD attributes; /* and flags */
};

HANDLE uv__fs_handle(int fd) {
  intptr_t handle;

  if (fd < 0)
    return INVALID_HANDLE_VALUE;
  handle = _get_osfhandle(fd);
  /* -2: a standard descriptor of a process that has none. */
  return handle == -2 ? INVALID_HANDLE_VALUE
                      : (HANDLE) handle;  // NOLINT(performance-no-int-to-ptr)
}

DWORD uv__fs_reopen(int fd, DWORD access, HANDLE* file) {
  HANDLE opened = uv__fs_handle(fd);

  if (opened == INVALID_HANDLE_VALUE)
    return ERROR_INVALID_HANDLE;
  *file = ReOpenFile(opened, access, UV__FS_SHARE_ALL, FILE_FLAG_BACKUP_SEMANTICS);
  return *file != INVALID_HANDLE_VALUE ? 0 : GetLastError();
}

/* -- What the flags mean ----------------------------------------------------------------------- */

/* A file that is written through a mapping is read as well, and appends by our own doing. */
static int flags_of_handle(int flags) {
  if ((flags & UV_FS_O_FILEMAP) == 0)
    return flags;
  if ((flags & ACCESS_FLAGS) == UV_FS_O_WRONLY)
    flags = (flags & ~ACCESS_FLAGS) | UV_FS_O_RDWR;
  return flags & ~UV_FS_O_APPEND;
}

static bool set_access(int flags, struct how* how) {
  switch (flags & ACCESS_FLAGS) {
    case UV_FS_O_RDONLY:
      how->access = FILE_GENERIC_READ;
      break;
    case UV_FS_O_WRONLY:
      how->access = FILE_GENERIC_WRITE;
      break;
    case UV_FS_O_RDWR:
      how->access = FILE_GENERIC_READ | FILE_GENERIC_WRITE;
      break;
    default:
      return false;
  }
  /* Who may only append does so whatever the position. */
  if (flags & UV_FS_O_APPEND)
    how->access = (how->access & ~(DWORD) FILE_WRITE_DATA) | FILE_APPEND_DATA;
  how->share = flags & UV_FS_O_EXLOCK ? 0 : UV__FS_SHARE_ALL;
  return true;
}

static void set_disposition(int flags, struct how* how) {
  switch (flags & (UV_FS_O_CREAT | UV_FS_O_EXCL | UV_FS_O_TRUNC)) {
    case UV_FS_O_CREAT:
      how->disposition = OPEN_ALWAYS;
      break;
    case UV_FS_O_CREAT | UV_FS_O_EXCL:
    case UV_FS_O_CREAT | UV_FS_O_EXCL | UV_FS_O_TRUNC:
      how->disposition = CREATE_NEW;
      break;
    case UV_FS_O_TRUNC:
    case UV_FS_O_TRUNC | UV_FS_O_EXCL:
      how->disposition = TRUNCATE_EXISTING;
      break;
    case UV_FS_O_CREAT | UV_FS_O_TRUNC:
      how->disposition = CREATE_ALWAYS;
      break;
    default:
      how->disposition = OPEN_EXISTING;
      break;
  }
}

static bool is_read_only_mode(int mode) {
  int mask = _umask(0);

  _umask(mask);
  return (mode & ~mask & _S_IWRITE) == 0;
}

/* Without buffers of the system's, appending is only possible for who may also write elsewhere. */
static bool set_direct(struct how* how) {
  if (how->access & FILE_APPEND_DATA) {
    if ((how->access & FILE_WRITE_DATA) == 0)
      return false;
    how->access &= ~(DWORD) FILE_APPEND_DATA;
  }
  how->attributes |= FILE_FLAG_NO_BUFFERING;
  return true;
}

static bool set_attributes(int flags, int mode, struct how* how) {
  int hints = flags & (UV_FS_O_SEQUENTIAL | UV_FS_O_RANDOM);
  int syncs = flags & (UV_FS_O_DSYNC | UV_FS_O_SYNC);

  how->attributes = FILE_ATTRIBUTE_NORMAL | FILE_FLAG_BACKUP_SEMANTICS;
  if ((flags & UV_FS_O_CREAT) && is_read_only_mode(mode))
    how->attributes |= FILE_ATTRIBUTE_READONLY;
  if (flags & UV_FS_O_TEMPORARY) {
    how->attributes |= FILE_FLAG_DELETE_ON_CLOSE | FILE_ATTRIBUTE_TEMPORARY;
    how->access |= DELETE;
  }
  if (flags & UV_FS_O_SHORT_LIVED)
    how->attributes |= FILE_ATTRIBUTE_TEMPORARY;

  if (hints == (UV_FS_O_SEQUENTIAL | UV_FS_O_RANDOM) || syncs == (UV_FS_O_DSYNC | UV_FS_O_SYNC))
    return false;
  if (hints == UV_FS_O_SEQUENTIAL)
    how->attributes |= FILE_FLAG_SEQUENTIAL_SCAN;
  if (hints == UV_FS_O_RANDOM)
    how->attributes |= FILE_FLAG_RANDOM_ACCESS;
  if (syncs != 0)
    how->attributes |= FILE_FLAG_WRITE_THROUGH;
  return (flags & UV_FS_O_DIRECT) == 0 || set_direct(how);
}

/* -- Opening ----------------------------------------------------------------------------------- */

/* Makes a descriptor the owner of a file. If that fails the file is closed. */
static DWORD make_fd(HANDLE file, int flags, int* fd) {
  int made = _open_osfhandle((intptr_t) file, (flags & UV_FS_O_APPEND) | _O_NOINHERIT);

  if (made == -1) {
    /* Which of the two it is depends on the C library. */
    bool is_full = errno == EMFILE || errno == ENFILE;
    DWORD error = is_full ? ERROR_TOO_MANY_OPEN_FILES : ERROR_INVALID_HANDLE;

    CloseHandle(file);
    return error;
  }
  *fd = made;
  return 0;
}

/* `*is_made` tells whether there was no such file before. */
static DWORD open_handle(const WCHAR* path, const struct how* how, HANDLE* file, bool* is_made) {
  *file = CreateFileW(path, how->access, how->share, NULL, how->disposition, how->attributes, NULL);
  if (*file == INVALID_HANDLE_VALUE)
    return GetLastError();
  *is_made = how->disposition == CREATE_NEW ||
             ((how->disposition == OPEN_ALWAYS || how->disposition == CREATE_ALWAYS) &&
              GetLastError() != ERROR_ALREADY_EXISTS);
  return 0;
}

/* Removes a file that nobody gets a descriptor for. */
static void unmake(const WCHAR* path) {
  SetFileAttributesW(path, FILE_ATTRIBUTE_NORMAL);
  DeleteFileW(path);
}

static DWORD make_mapped_fd(HANDLE file, int flags, int* fd) {
  struct uv__map* map;
  DWORD error = uv__map_new(file, flags, &map);

  if (error != 0) {
    CloseHandle(file);
    return error;
  }
  error = make_fd(file, 0, fd);
  if (error != 0)
    uv__map_free(map);
  else
    uv__map_add(map, *fd);
  return error;
}

static DWORD open_fd(const WCHAR* path, const struct how* how, int flags, int* fd) {
  bool is_made = false;
  HANDLE file;
  DWORD error = open_handle(path, how, &file, &is_made);

  if (error != 0)
    return error;
  if ((flags & UV_FS_O_FILEMAP) && GetFileType(file) == FILE_TYPE_DISK)
    error = make_mapped_fd(file, flags, fd);
  else
    error = make_fd(file, flags, fd);
  if (error != 0 && is_made)
    unmake(path);
  return error;
}

DWORD uv__fs_open(const WCHAR* path, int flags, int mode, int* fd) {
  int handle_flags = flags_of_handle(flags);
  struct how how;

  if (!set_access(handle_flags, &how) || !set_attributes(handle_flags, mode, &how))
    return ERROR_INVALID_PARAMETER;
  set_disposition(handle_flags, &how);
  return open_fd(path, &how, flags, fd);
}

DWORD uv__fs_create(const WCHAR* path, int* fd) {
  const struct how how = {.access = FILE_GENERIC_READ | FILE_GENERIC_WRITE,
                          .share = UV__FS_SHARE_ALL,
                          .disposition = CREATE_NEW,
                          .attributes = FILE_ATTRIBUTE_NORMAL};

  return open_fd(path, &how, 0, fd);
}

/* -- Closing ----------------------------------------------------------------------------------- */

DWORD uv__fs_close(int fd) {
  if (fd >= 0 && fd < FIRST_OWNED_FD)
    return 0;
  if (uv__fs_handle(fd) == INVALID_HANDLE_VALUE)
    return ERROR_INVALID_HANDLE;
  /* Before somebody else gets the number. */
  uv__map_remove(fd);
  if (_close(fd) == 0)
    return 0;
  return errno == EBADF ? ERROR_INVALID_HANDLE : (DWORD) _doserrno;
}
