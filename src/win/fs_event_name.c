/* The names by which changes are told.
 *
 * The system tells of an entry by whichever of its two names, long or 8.3, the program used that
 * changed it. */
#include "fs_event_name.h"

#include "../core.h"
#include "fs_ops.h"
#include "text.h"

#include <string.h>
#include <wchar.h>

/* -- Looking up -------------------------------------------------------------------------------- */

static WCHAR* copy_text(const WCHAR* text, size_t len) {
  WCHAR* copy = uv__malloc((len + 1) * sizeof(*copy));

  if (copy == NULL)
    return NULL;
  wmemcpy(copy, text, len);
  copy[len] = L'\0';
  return copy;
}

/* Text of the system that tells its length: `read` gives the number of units, or of those needed
 * with the NUL. */
static DWORD read_text(DWORD (*read)(const void* arg, WCHAR* buffer, DWORD size), const void* arg,
                       WCHAR** text) {
  DWORD size = read(arg, NULL, 0);
  DWORD len;
  DWORD error = 0;

  *text = NULL;
  if (size == 0)
    return GetLastError();
  *text = uv__malloc((size + 1) * sizeof(**text));
  if (*text == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;
  len = read(arg, *text, size + 1);
  if (len == 0 || len > size)
    error = len == 0 ? GetLastError() : ERROR_PATH_NOT_FOUND;
  if (error != 0) {
    uv__free(*text);
    *text = NULL;
  }
  return error;
}

static DWORD read_final_path(const void* arg, WCHAR* buffer, DWORD size) {
  return GetFinalPathNameByHandleW((HANDLE) arg, buffer, size, VOLUME_NAME_DOS);
}

static DWORD read_full_path(const void* arg, WCHAR* buffer, DWORD size) {
  return GetFullPathNameW(arg, size, buffer, NULL);
}

static DWORD read_short_path(const void* arg, WCHAR* buffer, DWORD size) {
  return GetShortPathNameW(arg, buffer, size);
}

static DWORD read_long_path(const void* arg, WCHAR* buffer, DWORD size) {
  return GetLongPathNameW(arg, buffer, size);
}

/* Some file systems do not tell where an open file is: then it is where the path says. */
static DWORD find_path(HANDLE file, const WCHAR* path, WCHAR** found) {
  DWORD error = read_text(read_final_path, file, found);

  if (error != 0 && error != ERROR_NOT_ENOUGH_MEMORY)
    error = read_text(read_full_path, path, found);
  return error;
}

static WCHAR* last_name(WCHAR* path) {
  WCHAR* slash = wcsrchr(path, L'\\');
  return slash == NULL ? path : slash + 1;
}

/* Equal if case does not count, as for file systems. */
static bool is_same(const WCHAR* a, size_t a_len, const WCHAR* b, size_t b_len) {
  return CompareStringOrdinal(a, (int) a_len, b, (int) b_len, TRUE) == CSTR_EQUAL;
}

/* Takes the file's name off its path, which is left as that of the directory. */
static DWORD split(struct uv__watched* watched) {
  WCHAR* name = last_name(watched->directory);
  WCHAR* short_path;
  WCHAR* short_name;
  DWORD error = 0;

  watched->file = copy_text(name, wcslen(name));
  if (watched->file == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;
  if (read_text(read_short_path, watched->directory, &short_path) == 0) {
    short_name = last_name(short_path);
    if (!is_same(short_name, wcslen(short_name), watched->file, wcslen(watched->file))) {
      watched->short_file = copy_text(short_name, wcslen(short_name));
      if (watched->short_file == NULL)
        error = ERROR_NOT_ENOUGH_MEMORY;
    }
    uv__free(short_path);
  }
  if (name > watched->directory)
    name[-1] = L'\0';
  return error;
}

static DWORD find(HANDLE file, const WCHAR* path, struct uv__watched* watched) {
  FILE_BASIC_INFO info;
  size_t len;
  DWORD error;

  if (!GetFileInformationByHandleEx(file, FileBasicInfo, &info, sizeof(info)))
    return GetLastError();
  error = find_path(file, path, &watched->directory);
  if (error != 0)
    return error;
  if ((info.FileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
    return split(watched);
  len = wcslen(watched->directory);
  if (len > 0 && watched->directory[len - 1] == L'\\')
    watched->directory[len - 1] = L'\0';
  return 0;
}

int uv__watched_find(const WCHAR* path, struct uv__watched* watched) {
  HANDLE file;
  DWORD error = uv__fs_open_path(path, FILE_READ_ATTRIBUTES, false, &file);

  memset(watched, 0, sizeof(*watched));
  if (error == 0) {
    error = find(file, path, watched);
    CloseHandle(file);
  }
  if (error != 0)
    uv__watched_free(watched);
  return uv_translate_sys_error((int) error);
}

void uv__watched_free(struct uv__watched* watched) {
  uv__free(watched->directory);
  uv__free(watched->file);
  uv__free(watched->short_file);
  memset(watched, 0, sizeof(*watched));
}

/* -- Records ----------------------------------------------------------------------------------- */

bool uv__watched_concerns(const struct uv__watched* watched,
                          const FILE_NOTIFY_INFORMATION* record) {
  size_t len = record->FileNameLength / sizeof(WCHAR);

  if (watched->file == NULL || is_same(record->FileName, len, watched->file, wcslen(watched->file)))
    return true;
  return watched->short_file != NULL &&
         is_same(record->FileName, len, watched->short_file, wcslen(watched->short_file));
}

/* An entry that is gone has no other name any more; and 8.3 names that differ from the long one
 * have a tilde. */
static bool may_be_short(const FILE_NOTIFY_INFORMATION* record) {
  return record->Action != FILE_ACTION_REMOVED && record->Action != FILE_ACTION_RENAMED_OLD_NAME &&
         wmemchr(record->FileName, L'~', record->FileNameLength / sizeof(WCHAR)) != NULL;
}

static WCHAR* join(const WCHAR* directory, const FILE_NOTIFY_INFORMATION* record) {
  size_t directory_len = wcslen(directory);
  size_t len = record->FileNameLength / sizeof(WCHAR);
  WCHAR* path = uv__malloc((directory_len + len + 2) * sizeof(*path));

  if (path == NULL)
    return NULL;
  wmemcpy(path, directory, directory_len);
  path[directory_len] = L'\\';
  wmemcpy(path + directory_len + 1, record->FileName, len);
  path[directory_len + 1 + len] = L'\0';
  return path;
}

/* The long form of an entry's path, or NULL: it may be gone by now. */
static WCHAR* long_path(const struct uv__watched* watched, const FILE_NOTIFY_INFORMATION* record) {
  WCHAR* path = join(watched->directory, record);
  WCHAR* found = NULL;

  if (path != NULL)
    read_text(read_long_path, path, &found);
  uv__free(path);
  return found;
}

static int told_name(const FILE_NOTIFY_INFORMATION* record, char** name) {
  return uv__text_from_wide(record->FileName, (ssize_t) (record->FileNameLength / sizeof(WCHAR)),
                            name);
}

int uv__watched_name(const struct uv__watched* watched, const FILE_NOTIFY_INFORMATION* record,
                     char** name) {
  size_t directory_len = wcslen(watched->directory);
  WCHAR* path = may_be_short(record) ? long_path(watched, record) : NULL;
  bool is_below = path != NULL && wcslen(path) > directory_len && path[directory_len] == L'\\';
  int err =
      is_below ? uv__text_from_wide(path + directory_len + 1, -1, name) : told_name(record, name);

  uv__free(path);
  return err;
}
