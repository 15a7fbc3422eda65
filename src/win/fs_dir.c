/* Files: reading directories. */
#include "../core.h"
#include "../fs.h"
#include "../fs_entries.h"
#include "fs_ops.h"
#include "text.h"

#include <wchar.h>

/* A directory that is being read: a batch of entries, of which `at` is the next one. */
struct reader {
  HANDLE directory;
  const FILE_FULL_DIR_INFO* at; /* NULL: another batch is needed */
  bool is_at_end;
  unsigned int batches; /* read so far */
  union {
    FILE_FULL_DIR_INFO first;
    char bytes[16 * 1024];
  } batch;
};

/* What uv_fs_opendir() makes; the caller sees the first member. */
struct open_dir {
  uv_dir_t dir;
  struct reader reader;
};

/* -- Reading ----------------------------------------------------------------------------------- */

static DWORD open_reader(const WCHAR* path, struct reader* reader) {
  FILE_BASIC_INFO info;
  DWORD error = uv__fs_open_path(path, FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES | SYNCHRONIZE,
                                 false, &reader->directory);

  if (error != 0)
    return error;
  reader->at = NULL;
  reader->is_at_end = false;
  reader->batches = 0;
  if (!GetFileInformationByHandleEx(reader->directory, FileBasicInfo, &info, sizeof(info)))
    error = GetLastError();
  else if ((info.FileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
    error = ERROR_DIRECTORY;
  if (error != 0)
    CloseHandle(reader->directory);
  return error;
}

/* An empty root directory has not even dot entries, and no first one. */
static DWORD next_batch(struct reader* reader) {
  DWORD error;

  if (GetFileInformationByHandleEx(reader->directory, FileFullDirectoryInfo, &reader->batch,
                                   sizeof(reader->batch))) {
    reader->at = &reader->batch.first;
    reader->batches++;
    return 0;
  }
  error = GetLastError();
  if (error != ERROR_NO_MORE_FILES && error != ERROR_FILE_NOT_FOUND)
    return error;
  reader->is_at_end = true;
  return 0;
}

static void advance(struct reader* reader) {
  const char* here = (const char*) reader->at;
  DWORD distance = reader->at->NextEntryOffset;

  reader->at = distance != 0 ? (const FILE_FULL_DIR_INFO*) (const void*) (here + distance) : NULL;
}

static bool is_dots(const FILE_FULL_DIR_INFO* entry) {
  size_t len = entry->FileNameLength / sizeof(WCHAR);
  return (len == 1 || len == 2) && wmemcmp(entry->FileName, L"..", len) == 0;
}

/* Goes to the next entry but "." and "..", or to the end. */
static DWORD seek_entry(struct reader* reader) {
  while (!reader->is_at_end) {
    if (reader->at == NULL) {
      DWORD error = next_batch(reader);

      if (error != 0)
        return error;
    } else if (is_dots(reader->at)) {
      advance(reader);
    } else {
      return 0;
    }
  }
  return 0;
}

static uv_dirent_type_t type_of(const FILE_FULL_DIR_INFO* entry) {
  if (entry->FileAttributes & FILE_ATTRIBUTE_DEVICE)
    return UV_DIRENT_CHAR;
  if (entry->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)
    return UV_DIRENT_LINK;
  if (entry->FileAttributes & FILE_ATTRIBUTE_DIRECTORY)
    return UV_DIRENT_DIR;
  return UV_DIRENT_FILE;
}

/* The name is for uv__free(), NULL on error. The reader stays where it is. */
static DWORD read_entry(const struct reader* reader, char** name, uv_dirent_type_t* type) {
  const FILE_FULL_DIR_INFO* entry = reader->at;

  *type = type_of(entry);
  return uv__text_from_wide(entry->FileName, (ssize_t) (entry->FileNameLength / sizeof(WCHAR)),
                            name) == 0
             ? 0
             : ERROR_NOT_ENOUGH_MEMORY;
}

/* -- All at once ------------------------------------------------------------------------------- */

static DWORD add_entry(const struct reader* reader, struct uv__entries* list) {
  uv_dirent_type_t type;
  char* name;
  DWORD error = read_entry(reader, &name, &type);

  if (error != 0)
    return error;
  if (uv__entries_add(list, name, type) != 0)
    error = ERROR_NOT_ENOUGH_MEMORY;
  uv__free(name);
  return error;
}

static DWORD read_all(struct reader* reader, struct uv__entries* list) {
  DWORD error = seek_entry(reader);

  while (error == 0 && !reader->is_at_end) {
    error = add_entry(reader, list);
    if (error == 0) {
      advance(reader);
      error = seek_entry(reader);
    }
  }
  return error;
}

static DWORD scan(const WCHAR* path, struct reader* reader, struct uv__entries* list) {
  DWORD error = open_reader(path, reader);

  if (error != 0)
    return error;
  error = read_all(reader, list);
  CloseHandle(reader->directory);
  return error;
}

DWORD uv__fs_scandir(const WCHAR* path, struct uv__entries** list, size_t* count) {
  struct reader* reader = uv__malloc(sizeof(*reader));
  struct uv__entries* found = uv__entries_new();
  DWORD error =
      reader != NULL && found != NULL ? scan(path, reader, found) : ERROR_NOT_ENOUGH_MEMORY;

  uv__free(reader);
  *count = error == 0 ? uv__entries_count(found) : 0;
  if (*count == 0) {
    uv__entries_free(found);
    found = NULL;
  }
  *list = found;
  return error;
}

/* -- Piece by piece ---------------------------------------------------------------------------- */

/* For fs.c, which knows whether a directory is open by its handle. */
DWORD uv__fs_opendir(const WCHAR* path, uv_dir_t** dir) {
  struct open_dir* made = uv__calloc(1, sizeof(*made));
  DWORD error;

  if (made == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;
  error = open_reader(path, &made->reader);
  if (error != 0) {
    uv__free(made);
    return error;
  }
  made->dir.dir_handle = made->reader.directory;
  *dir = &made->dir;
  return 0;
}

static void free_names(uv_dirent_t* entries, size_t count) {
  while (count > 0) {
    uv__free((void*) entries[--count].name);
    entries[count].name = NULL;
  }
}

static DWORD fill(struct reader* reader, uv_dirent_t* entries, size_t room, size_t* count) {
  while (*count < room) {
    uv_dirent_t* entry = &entries[*count];
    char* name;
    DWORD error = seek_entry(reader);

    if (error != 0 || reader->is_at_end)
      return error;
    error = read_entry(reader, &name, &entry->type);
    entry->name = name;
    if (error != 0)
      return error;
    advance(reader);
    ++*count;
  }
  return 0;
}

/* After an error the directory stands where it stood, so that nothing is lost. Where what was read
 * before came from an earlier batch, it is given, and the next call has the error. */
DWORD uv__fs_readdir(uv_dir_t* dir, size_t* count) {
  struct reader* reader = &uv__container(dir, struct open_dir, dir)->reader;
  const FILE_FULL_DIR_INFO* start = reader->at;
  unsigned int batches = reader->batches;
  DWORD error;

  *count = 0;
  error = fill(reader, dir->dirents, dir->nentries, count);
  if (error == 0 || *count == 0)
    return error;
  if (start == NULL && reader->batches == batches + 1)
    start = &reader->batch.first;
  else if (reader->batches != batches)
    return 0;
  free_names(dir->dirents, *count);
  reader->at = start;
  *count = 0;
  return error;
}

void uv__fs_close_dir(uv_dir_t* dir) {
  struct open_dir* opened = uv__container(dir, struct open_dir, dir);

  CloseHandle(opened->reader.directory);
  uv__free(opened);
}
