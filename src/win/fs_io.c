/* Files: read, write, copy between descriptors, cut, wait for the disk. */
#include "../core.h"
#include "fs_map.h"
#include "fs_ops.h"

enum { PIECE_SIZE = 65536 };

/* -- Positions --------------------------------------------------------------------------------- */

/* Reading or writing at an offset moves the position, which is put back: nobody else may use it
 * meanwhile. The system has such files do one thing at a time anyhow. A zeroed lock is a free one;
 * the C library has at most as many descriptors. */
enum { LOCKS = 8192 };

static SRWLOCK locks[LOCKS];

/* A descriptor in use. */
struct use {
  HANDLE file;
  SRWLOCK* lock;
  bool has_position; /* to be put back */
  LARGE_INTEGER position;
};

static DWORD begin_use(int fd, int64_t offset, struct use* use) {
  const LARGE_INTEGER here = {.QuadPart = 0};

  use->file = uv__fs_handle(fd);
  if (use->file == INVALID_HANDLE_VALUE)
    return ERROR_INVALID_HANDLE;
  use->lock = &locks[fd % LOCKS];
  AcquireSRWLockExclusive(use->lock);
  use->has_position =
      offset >= 0 && SetFilePointerEx(use->file, here, &use->position, FILE_CURRENT);
  return 0;
}

static void end_use(struct use* use) {
  if (use->has_position)
    SetFilePointerEx(use->file, use->position, NULL, FILE_BEGIN);
  ReleaseSRWLockExclusive(use->lock);
}

static OVERLAPPED at_offset(int64_t offset) {
  const ULARGE_INTEGER value = {.QuadPart = (ULONGLONG) offset};
  const OVERLAPPED at = {.Offset = value.LowPart, .OffsetHigh = value.HighPart};

  return at;
}

/* -- Reading ----------------------------------------------------------------------------------- */

static DWORD read_one(HANDLE file, char* base, DWORD len, int64_t offset, DWORD* n) {
  OVERLAPPED at = at_offset(offset);
  DWORD error;

  *n = 0;
  if (ReadFile(file, base, len, n, offset >= 0 ? &at : NULL))
    return 0;
  error = GetLastError();
  /* Nobody writes any more. */
  return error == ERROR_HANDLE_EOF || error == ERROR_BROKEN_PIPE ? 0 : error;
}

/* One that is not filled is the last one: a pipe would wait for more. */
static DWORD read_bufs(HANDLE file, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset,
                       size_t* total) {
  size_t sum = 0;
  DWORD error = 0;

  for (unsigned int i = 0; i < nbufs && sum < UV__FS_MAX_BYTES; i++) {
    size_t room = UV__FS_MAX_BYTES - sum;
    DWORD len = bufs[i].len < room ? bufs[i].len : (DWORD) room;
    DWORD n;

    error = read_one(file, bufs[i].base, len, offset < 0 ? offset : offset + (int64_t) sum, &n);
    sum += n;
    if (error != 0 || n < len)
      break;
  }
  *total = sum;
  return sum > 0 ? 0 : error;
}

DWORD uv__fs_read(int fd, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset, size_t* total) {
  struct uv__map* map = uv__map_hold(fd);
  struct use use;
  DWORD error;

  if (map != NULL) {
    error = uv__map_read(map, bufs, nbufs, offset, total);
    uv__map_release(map);
    return error;
  }
  error = begin_use(fd, offset, &use);
  if (error != 0)
    return error;
  error = read_bufs(use.file, bufs, nbufs, offset, total);
  end_use(&use);
  return error;
}

/* -- Writing ----------------------------------------------------------------------------------- */

static DWORD write_bufs(HANDLE file, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset,
                        size_t* total) {
  size_t sum = 0;
  DWORD error = 0;

  for (unsigned int i = 0; i < nbufs; i++) {
    OVERLAPPED at = at_offset(offset + (int64_t) sum);
    DWORD n = 0;

    if (!WriteFile(file, bufs[i].base, bufs[i].len, &n, offset >= 0 ? &at : NULL))
      error = GetLastError();
    sum += n;
    if (error != 0 || n < bufs[i].len)
      break;
  }
  *total = sum;
  return sum > 0 ? 0 : error;
}

DWORD uv__fs_write(int fd, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset,
                   size_t* total) {
  struct uv__map* map = uv__map_hold(fd);
  struct use use;
  DWORD error;

  if (map != NULL) {
    error = uv__map_write(map, bufs, nbufs, offset, total);
    uv__map_release(map);
    return error;
  }
  error = begin_use(fd, offset, &use);
  if (error != 0)
    return error;
  error = write_bufs(use.file, bufs, nbufs, offset, total);
  end_use(&use);
  return error;
}

/* -- Copying ----------------------------------------------------------------------------------- */

static DWORD write_all(int fd, char* base, size_t len) {
  DWORD error = 0;

  while (len > 0 && error == 0) {
    const uv_buf_t buf = uv_buf_init(base, (unsigned int) len);
    size_t n = 0;

    error = uv__fs_write(fd, &buf, 1, -1, &n);
    if (error == 0 && n == 0)
      error = ERROR_HANDLE_DISK_FULL;
    base += n;
    len -= n;
  }
  return error;
}

static DWORD pump(int out, int in, int64_t offset, size_t len, char* piece, size_t* total) {
  size_t sum = 0;

  while (sum < len) {
    size_t wanted = len - sum < PIECE_SIZE ? len - sum : PIECE_SIZE;
    const uv_buf_t buf = uv_buf_init(piece, (unsigned int) wanted);
    size_t n = 0;
    DWORD error = uv__fs_read(in, &buf, 1, offset < 0 ? offset : offset + (int64_t) sum, &n);

    if (error != 0 && sum == 0)
      return error;
    if (n == 0)
      break;
    error = write_all(out, piece, n);
    if (error != 0)
      return error;
    sum += n;
  }
  *total = sum;
  return 0;
}

DWORD uv__fs_sendfile(int out, int in, int64_t offset, size_t len, size_t* total) {
  char* piece = uv__malloc(PIECE_SIZE);
  DWORD error;

  if (piece == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;
  error = pump(out, in, offset, len, piece, total);
  uv__free(piece);
  return error;
}

/* -- The file as a whole ----------------------------------------------------------------------- */

DWORD uv__fs_truncate(int fd, int64_t len) {
  FILE_END_OF_FILE_INFO end = {.EndOfFile.QuadPart = len};
  HANDLE file = uv__fs_handle(fd);
  struct uv__map* map;
  DWORD error;

  if (file == INVALID_HANDLE_VALUE)
    return ERROR_INVALID_HANDLE;
  if (len < 0)
    return ERROR_INVALID_PARAMETER;
  map = uv__map_hold(fd);
  if (map != NULL) {
    error = uv__map_truncate(map, len);
    uv__map_release(map);
    return error;
  }
  return SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof(end)) ? 0
                                                                                : GetLastError();
}

DWORD uv__fs_sync(int fd) {
  HANDLE file = uv__fs_handle(fd);

  if (file == INVALID_HANDLE_VALUE)
    return ERROR_INVALID_HANDLE;
  return FlushFileBuffers(file) ? 0 : GetLastError();
}
