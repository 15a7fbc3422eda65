/* Reading directories for somebody who watches them.
 *
 * An entry takes a byte of flags, its name and a NUL in the batch: less than what the kernel gives,
 * so what one system call returns always fits where the buffer of that call would have. */
#include "fs_walk.h"

#include "core.h"
#include "fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { IS_DIR = 1, IS_NEWS = 2 };

enum {
  CHUNK = 8192,       /* bytes asked of the kernel at a time */
  LEAST_CHUNK = 1024, /* with less room than this a batch is full */
  MOST_ENTRIES = 8192 /* looked at in one batch, so that none takes long */
};

void uv__walk_add(struct uv__walk* walk, void* owner, char* path, int fd, enum uv__walk_news news,
                  struct timespec since) {
  struct uv__walk_dir* dir = &walk->dirs[walk->count++];

  dir->owner = owner;
  dir->path = path;
  dir->fd = fd;
  dir->news = news;
  dir->since = since;
  dir->is_done = false;
  dir->has_failed = false;
  dir->begin = 0;
  dir->end = 0;
}

void uv__walk_clear(struct uv__walk* walk) {
  for (unsigned int i = 0; i < walk->count; i++) {
    if (walk->dirs[i].fd != -1)
      uv__close(walk->dirs[i].fd);
    uv__free(walk->dirs[i].path);
  }
  walk->count = 0;
  walk->used = 0;
}

struct timespec uv__walk_now(void) {
  struct timespec now;

  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return now;
}

/* -- Opening ----------------------------------------------------------------------------------- */

/* Opens the directory that the first `len` bytes name, from another one. */
static int open_piece(int from, const char* path, size_t len, int flags) {
  char piece[PATH_MAX];
  int fd;

  memcpy(piece, path, len);
  piece[len] = '\0';
  fd = openat(from, piece, flags | O_DIRECTORY | O_CLOEXEC);
  return fd != -1 ? fd : UV__ERR(errno);
}

int uv__walk_open(const char* path, int flags) {
  int from = AT_FDCWD;
  size_t len = strlen(path);
  int fd;

  while (len >= PATH_MAX) {
    size_t piece_len = PATH_MAX - 1;
    while (piece_len > 0 && path[piece_len] != '/')
      piece_len--;
    fd = open_piece(from, path, piece_len, O_PATH);
    if (from != AT_FDCWD)
      uv__close(from);
    if (fd < 0)
      return fd;
    from = fd;
    path += piece_len + 1;
    len -= piece_len + 1;
  }
  fd = open_piece(from, path, len, flags | O_NOFOLLOW);
  if (from != AT_FDCWD)
    uv__close(from);
  return fd;
}

/* -- Reading ----------------------------------------------------------------------------------- */

static bool is_since(const struct stat* status, const struct timespec* since) {
  return status->st_ctim.tv_sec != since->tv_sec ? status->st_ctim.tv_sec > since->tv_sec
                                                 : status->st_ctim.tv_nsec >= since->tv_nsec;
}

/* Looking at a subdirectory also brings it into memory, so the loop, which is to watch it, will not
 * have to wait for the disk. */
static int classify(const struct uv__walk_dir* dir, const struct dirent* entry) {
  struct stat status;
  int flags = dir->news == UV__WALK_ALL ? IS_NEWS : 0;

  if (entry->d_type == DT_DIR)
    flags |= IS_DIR;
  if (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN && dir->news != UV__WALK_CHANGED)
    return flags;
  if (fstatat(dir->fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return flags;
  if (S_ISDIR(status.st_mode))
    flags |= IS_DIR;
  if (dir->news == UV__WALK_CHANGED && is_since(&status, &dir->since))
    flags |= IS_NEWS;
  return flags;
}

static void keep(struct uv__walk* walk, int flags, const char* name) {
  size_t size = strlen(name) + 1;

  walk->entries[walk->used] = (char) flags;
  memcpy(walk->entries + walk->used + 1, name, size);
  walk->used += size + 1;
}

static bool is_dots(const char* name) {
  return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

/* Returns how many entries there were, 0 at the end. */
static int read_chunk(struct uv__walk* walk, struct uv__walk_dir* dir) {
  union {
    struct dirent align;
    char bytes[CHUNK];
  } chunk;
  size_t room = sizeof(walk->entries) - walk->used;
  long n = syscall(SYS_getdents64, dir->fd, chunk.bytes, room < CHUNK ? room : CHUNK);
  int count = 0;

  for (long at = 0; at < n; count++) {
    const struct dirent* entry = (const void*) (chunk.bytes + at);
    at += entry->d_reclen;
    if (!is_dots(entry->d_name)) {
      int flags = classify(dir, entry);
      if (flags != 0)
        keep(walk, flags, entry->d_name);
    }
  }
  return count;
}

static void start(struct uv__walk_dir* dir) {
  struct stat status;
  int fd = uv__walk_open(dir->path, O_RDONLY);

  dir->is_done = fd < 0;
  dir->has_failed = fd < 0;
  if (fd < 0)
    return;
  dir->fd = fd;
  /* Nothing was made, removed or renamed in it: no need to look at each entry. */
  if (dir->news == UV__WALK_CHANGED && fstat(fd, &status) == 0 && !is_since(&status, &dir->since))
    dir->news = UV__WALK_NONE;
}

void uv__walk_read(struct uv__walk* walk) {
  int entries = 0;

  for (unsigned int i = 0; i < walk->count; i++) {
    struct uv__walk_dir* dir = &walk->dirs[i];
    dir->begin = walk->used;
    dir->end = walk->used;
    if (entries > MOST_ENTRIES || sizeof(walk->entries) - walk->used < LEAST_CHUNK)
      continue;
    if (dir->fd == -1)
      start(dir);
    while (!dir->is_done && entries <= MOST_ENTRIES &&
           sizeof(walk->entries) - walk->used >= LEAST_CHUNK) {
      int count = read_chunk(walk, dir);
      dir->is_done = count == 0;
      entries += count;
    }
    dir->end = walk->used;
  }
}

bool uv__walk_next(const struct uv__walk* walk, struct uv__walk_dir* dir,
                   struct uv__walk_entry* entry) {
  int flags;

  if (dir->begin == dir->end)
    return false;
  flags = walk->entries[dir->begin];
  entry->is_dir = (flags & IS_DIR) != 0;
  entry->is_news = (flags & IS_NEWS) != 0;
  entry->name = walk->entries + dir->begin + 1;
  dir->begin += strlen(entry->name) + 2;
  return true;
}
