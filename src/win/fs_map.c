/* Files that are read and written through a mapping into memory. */
#include "fs_map.h"

#include "../atomic.h"
#include "../core.h"
#include "fs_map_copy.h"
#include "fs_ops.h"

enum { ACCESS_FLAGS = UV_FS_O_RDONLY | UV_FS_O_WRONLY | UV_FS_O_RDWR };

struct uv__map {
  struct uv__map* next;
  int fd;
  int holders;
  int flags;
  bool is_directory;
  HANDLE file; /* the descriptor's */

  SRWLOCK lock;   /* for what follows */
  HANDLE mapping; /* NULL for an empty file, which cannot be mapped */
  int64_t size;
  int64_t position;
};

/* A piece of a file in memory. */
struct view {
  char* base;    /* what the system mapped */
  char* at;      /* where the piece begins */
  SIZE_T mapped; /* bytes from the base to the end of the piece */
};

static SRWLOCK list_lock = SRWLOCK_INIT;
static struct uv__map* list;
static int list_count; /* read without the lock: most programs have none */

/* -- The file as a whole ----------------------------------------------------------------------- */

static bool is_writable(const struct uv__map* map) {
  return (map->flags & ACCESS_FLAGS) != UV_FS_O_RDONLY;
}

static bool is_readable(const struct uv__map* map) {
  return (map->flags & ACCESS_FLAGS) != UV_FS_O_WRONLY;
}

static DWORD make_mapping(struct uv__map* map) {
  DWORD protection = is_writable(map) ? PAGE_READWRITE : PAGE_READONLY;

  if (map->size == 0)
    return 0;
  map->mapping = CreateFileMappingW(map->file, NULL, protection, 0, 0, NULL);
  return map->mapping != NULL ? 0 : GetLastError();
}

static void drop_mapping(struct uv__map* map) {
  if (map->mapping != NULL)
    CloseHandle(map->mapping);
  map->mapping = NULL;
}

static DWORD set_end(HANDLE file, int64_t len) {
  FILE_END_OF_FILE_INFO end = {.EndOfFile.QuadPart = len};

  return SetFileInformationByHandle(file, FileEndOfFileInfo, &end, sizeof(end)) ? 0
                                                                                : GetLastError();
}

/* A file that is mapped keeps its size. If the new one cannot be had, or not be mapped, the old one
 * is. */
static DWORD resize(struct uv__map* map, int64_t size) {
  int64_t old_size = map->size;
  DWORD error;

  drop_mapping(map);
  error = set_end(map->file, size);
  if (error == 0) {
    map->size = size;
    error = make_mapping(map);
    if (error == 0)
      return 0;
    set_end(map->file, old_size);
  }
  map->size = old_size;
  make_mapping(map);
  return error;
}

/* -- Life -------------------------------------------------------------------------------------- */

void uv__map_free(struct uv__map* map) {
  drop_mapping(map);
  uv__free(map);
}

DWORD uv__map_new(HANDLE file, int flags, struct uv__map** map) {
  FILE_STANDARD_INFO info;
  struct uv__map* made;
  DWORD error = 0;

  if (!uv__map_is_guarded)
    return ERROR_NOT_SUPPORTED;
  if (!GetFileInformationByHandleEx(file, FileStandardInfo, &info, sizeof(info)))
    return GetLastError();
  made = uv__calloc(1, sizeof(*made));
  if (made == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;
  made->holders = 1;
  made->flags = flags;
  made->file = file;
  made->is_directory = info.Directory;
  InitializeSRWLock(&made->lock);
  if (!made->is_directory) {
    made->size = info.EndOfFile.QuadPart;
    error = make_mapping(made);
  }
  if (error != 0)
    uv__map_free(made);
  else
    *map = made;
  return error;
}

void uv__map_add(struct uv__map* map, int fd) {
  AcquireSRWLockExclusive(&list_lock);
  map->fd = fd;
  map->next = list;
  list = map;
  uv__store_relaxed(&list_count, list_count + 1);
  ReleaseSRWLockExclusive(&list_lock);
}

void uv__map_release(struct uv__map* map) {
  if (uv__fetch_add(&map->holders, -1) == 1)
    uv__map_free(map);
}

static struct uv__map** find(int fd) {
  struct uv__map** link = &list;

  while (*link != NULL && (*link)->fd != fd)
    link = &(*link)->next;
  return link;
}

void uv__map_remove(int fd) {
  struct uv__map** link;
  struct uv__map* map;

  if (uv__load_relaxed(&list_count) == 0)
    return;
  AcquireSRWLockExclusive(&list_lock);
  link = find(fd);
  map = *link;
  if (map != NULL) {
    *link = map->next;
    uv__store_relaxed(&list_count, list_count - 1);
  }
  ReleaseSRWLockExclusive(&list_lock);
  if (map != NULL)
    uv__map_release(map);
}

struct uv__map* uv__map_hold(int fd) {
  struct uv__map* map;

  if (uv__load_relaxed(&list_count) == 0)
    return NULL;
  AcquireSRWLockShared(&list_lock);
  map = *find(fd);
  if (map != NULL)
    uv__fetch_add(&map->holders, 1);
  ReleaseSRWLockShared(&list_lock);
  return map;
}

/* -- Pieces ------------------------------------------------------------------------------------ */

/* Views begin at multiples of the system's granularity. */
static DWORD open_view(const struct uv__map* map, int64_t offset, size_t len, struct view* view) {
  DWORD access = is_writable(map) ? FILE_MAP_READ | FILE_MAP_WRITE : FILE_MAP_READ;
  SYSTEM_INFO system;
  ULARGE_INTEGER start;
  size_t skipped;

  GetSystemInfo(&system);
  skipped = (size_t) (offset % system.dwAllocationGranularity);
  start.QuadPart = (ULONGLONG) offset - skipped;
  view->mapped = skipped + len;
  view->base = MapViewOfFile(map->mapping, access, start.HighPart, start.LowPart, view->mapped);
  if (view->base == NULL)
    return GetLastError();
  view->at = view->base + skipped;
  return 0;
}

static DWORD copy_out(const struct view* view, const uv_buf_t* bufs, size_t len) {
  const char* from = view->at;
  DWORD error = 0;

  while (len > 0 && error == 0) {
    size_t piece = bufs->len < len ? bufs->len : len;

    error = uv__map_copy(bufs->base, from, piece);
    from += piece;
    len -= piece;
    bufs++;
  }
  return error;
}

static DWORD copy_in(const struct view* view, const uv_buf_t* bufs, unsigned int nbufs) {
  char* to = view->at;
  DWORD error = 0;

  for (unsigned int i = 0; i < nbufs && error == 0; i++) {
    error = uv__map_copy(to, bufs[i].base, bufs[i].len);
    to += bufs[i].len;
  }
  return error;
}

static size_t sum_of(const uv_buf_t* bufs, unsigned int nbufs) {
  size_t sum = 0;

  for (unsigned int i = 0; i < nbufs; i++)
    sum += bufs[i].len;
  return sum < UV__FS_MAX_BYTES ? sum : UV__FS_MAX_BYTES;
}

/* -- Reading and writing ----------------------------------------------------------------------- */

static DWORD read_at(const struct uv__map* map, const uv_buf_t* bufs, size_t len, int64_t at) {
  struct view view = {.base = NULL};
  DWORD error = open_view(map, at, len, &view);

  if (error != 0)
    return error;
  error = copy_out(&view, bufs, len);
  UnmapViewOfFile(view.base);
  return error;
}

DWORD uv__map_read(struct uv__map* map, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset,
                   size_t* total) {
  size_t len = sum_of(bufs, nbufs);
  DWORD error = 0;
  int64_t at;

  if (!is_readable(map))
    return ERROR_ACCESS_DENIED;
  if (map->is_directory)
    return ERROR_INVALID_FUNCTION;

  AcquireSRWLockExclusive(&map->lock);
  at = offset < 0 ? map->position : offset;
  if (at >= map->size)
    len = 0;
  else if ((uint64_t) (map->size - at) < len)
    len = (size_t) (map->size - at);
  if (len > 0)
    error = read_at(map, bufs, len, at);
  if (error == 0) {
    *total = len;
    if (offset < 0)
      map->position = at + (int64_t) len;
  }
  ReleaseSRWLockExclusive(&map->lock);
  return error;
}

/* The system notes a write through a mapping as one of the file when it comes to it. */
static void touch(HANDLE file) {
  FILETIME now;

  GetSystemTimeAsFileTime(&now);
  SetFileTime(file, NULL, NULL, &now);
}

static DWORD write_at(struct uv__map* map, const uv_buf_t* bufs, unsigned int nbufs, size_t len,
                      int64_t at) {
  struct view view = {.base = NULL};
  DWORD error = 0;

  if (at > INT64_MAX - (int64_t) len)
    return ERROR_INVALID_PARAMETER;
  if (at + (int64_t) len > map->size)
    error = resize(map, at + (int64_t) len);
  if (error == 0)
    error = open_view(map, at, len, &view);
  if (error != 0)
    return error;
  error = copy_in(&view, bufs, nbufs);
  if (error == 0 && !FlushViewOfFile(view.base, view.mapped))
    error = GetLastError();
  UnmapViewOfFile(view.base);
  touch(map->file);
  return error;
}

DWORD uv__map_write(struct uv__map* map, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset,
                    size_t* total) {
  size_t len = sum_of(bufs, nbufs);
  DWORD error = 0;
  int64_t at;

  if (!is_writable(map))
    return ERROR_ACCESS_DENIED;
  if (map->is_directory)
    return ERROR_INVALID_FUNCTION;

  AcquireSRWLockExclusive(&map->lock);
  at = offset < 0 ? map->position : offset;
  if (map->flags & UV_FS_O_APPEND)
    at = map->size;
  if (len > 0)
    error = write_at(map, bufs, nbufs, len, at);
  if (error == 0) {
    *total = len;
    if (offset < 0)
      map->position = at + (int64_t) len;
  }
  ReleaseSRWLockExclusive(&map->lock);
  return error;
}

DWORD uv__map_truncate(struct uv__map* map, int64_t len) {
  DWORD error = 0;

  if (!is_writable(map))
    return ERROR_ACCESS_DENIED;
  if (map->is_directory)
    return ERROR_INVALID_PARAMETER;
  AcquireSRWLockExclusive(&map->lock);
  if (len != map->size)
    error = resize(map, len);
  ReleaseSRWLockExclusive(&map->lock);
  return error;
}
