/* Files: reading directories. */
#include "../core.h"
#include "../fs.h"
#include "../fs_entries.h"
#include "fs_ops.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

/* The next entry but "." and "..": 1, 0 at the end, or an error. */
static int next_entry(DIR* dir, const struct dirent** entry) {
  do {
    errno = 0;
    *entry = readdir(dir);
    if (*entry == NULL)
      return UV__ERR(errno);
  } while (strcmp((*entry)->d_name, ".") == 0 || strcmp((*entry)->d_name, "..") == 0);
  return 1;
}

static uv_dirent_type_t type_of(const struct dirent* entry) {
  switch (entry->d_type) {
    case DT_REG:
      return UV_DIRENT_FILE;
    case DT_DIR:
      return UV_DIRENT_DIR;
    case DT_LNK:
      return UV_DIRENT_LINK;
    case DT_FIFO:
      return UV_DIRENT_FIFO;
    case DT_SOCK:
      return UV_DIRENT_SOCKET;
    case DT_CHR:
      return UV_DIRENT_CHAR;
    case DT_BLK:
      return UV_DIRENT_BLOCK;
    default:
      return UV_DIRENT_UNKNOWN;
  }
}

/* -- All at once ------------------------------------------------------------------------------- */

static int read_all(DIR* dir, struct uv__entries* list) {
  const struct dirent* entry;
  int r = next_entry(dir, &entry);

  while (r > 0) {
    r = uv__entries_add(list, entry->d_name, type_of(entry));
    if (r == 0)
      r = next_entry(dir, &entry);
  }
  return r;
}

ssize_t uv__fs_scandir(const char* path, struct uv__entries** list) {
  struct uv__entries* found;
  ssize_t count;
  int err;
  DIR* dir = opendir(path);

  if (dir == NULL)
    return UV__ERR(errno);
  found = uv__entries_new();
  err = found != NULL ? read_all(dir, found) : UV_ENOMEM;
  closedir(dir);

  count = err == 0 ? (ssize_t) uv__entries_count(found) : err;
  if (count <= 0) {
    uv__entries_free(found);
    found = NULL;
  } else {
    uv__entries_sort(found);
  }
  *list = found;
  return count;
}

/* -- Piece by piece ---------------------------------------------------------------------------- */

int uv__fs_opendir(const char* path, uv_dir_t** dir) {
  uv_dir_t* made = uv__calloc(1, sizeof(*made));

  if (made == NULL)
    return UV_ENOMEM;
  made->dir = opendir(path);
  if (made->dir == NULL) {
    int err = UV__ERR(errno);

    uv__free(made);
    return err;
  }
  *dir = made;
  return 0;
}

static int read_next(DIR* dir, uv_dirent_t* to) {
  const struct dirent* entry;
  int r = next_entry(dir, &entry);

  if (r <= 0)
    return r;
  to->name = uv__strdup(entry->d_name);
  if (to->name == NULL)
    return UV_ENOMEM;
  to->type = type_of(entry);
  return 1;
}

/* After an error the directory stands where it stood, so that nothing is lost. */
ssize_t uv__fs_readdir(uv_dir_t* dir) {
  long start = telldir(dir->dir);
  size_t count = 0;
  int r = 1;

  while (count < dir->nentries && (r = read_next(dir->dir, &dir->dirents[count])) > 0)
    count++;
  if (r >= 0)
    return (ssize_t) count;

  while (count > 0) {
    uv__free((void*) dir->dirents[--count].name);
    dir->dirents[count].name = NULL;
  }
  seekdir(dir->dir, start);
  return r;
}

void uv__fs_close_dir(uv_dir_t* dir) {
  if (dir->dir != NULL)
    closedir(dir->dir);
  uv__free(dir);
}
