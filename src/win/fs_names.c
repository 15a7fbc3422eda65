/* Files: names that are made, moved and removed. */
#include "../core.h"
#include "../random.h"
#include "fs_ops.h"
#include "fs_reparse.h"

#include <wchar.h>

/* Of <winbase.h>, where some versions lack them. */
enum {
  DISPOSITION_INFO_EX = 21,
  DISPOSE_DELETE = 0x01,
  DISPOSE_POSIX = 0x02, /* the name is gone at once, whoever has the file open */
  DISPOSE_READ_ONLY = 0x10
};

/* -- Removing ---------------------------------------------------------------------------------- */

static DWORD dispose_posix(HANDLE file) {
  DWORD flags = DISPOSE_DELETE | DISPOSE_POSIX | DISPOSE_READ_ONLY;

  return SetFileInformationByHandle(file, (FILE_INFO_BY_HANDLE_CLASS) DISPOSITION_INFO_EX, &flags,
                                    sizeof(flags))
             ? 0
             : GetLastError();
}

static DWORD dispose_classic(HANDLE file) {
  FILE_DISPOSITION_INFO info = {.DeleteFile = TRUE};

  return SetFileInformationByHandle(file, FileDispositionInfo, &info, sizeof(info))
             ? 0
             : GetLastError();
}

/* Older systems, and file systems other than NTFS, keep the name until the file is closed, and do
 * not remove what is read-only. */
static DWORD dispose(HANDLE file, const WCHAR* path, DWORD attributes) {
  DWORD error = dispose_posix(file);
  bool is_read_only = (attributes & FILE_ATTRIBUTE_READONLY) != 0;

  if (error != ERROR_NOT_SUPPORTED && error != ERROR_INVALID_PARAMETER &&
      error != ERROR_INVALID_FUNCTION)
    return error;
  if (is_read_only && !SetFileAttributesW(path, (attributes & ~(DWORD) FILE_ATTRIBUTE_READONLY) |
                                                    FILE_ATTRIBUTE_ARCHIVE))
    return GetLastError();
  error = dispose_classic(file);
  if (error != 0 && is_read_only)
    SetFileAttributesW(path, attributes);
  return error;
}

/* A directory is removed by this function only if it is a link to one. */
static DWORD check_unlink(HANDLE file, DWORD attributes) {
  char* target;

  if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
    return 0;
  if (uv__reparse_read(file, &target) != 0)
    return ERROR_ACCESS_DENIED;
  uv__free(target);
  return 0;
}

static DWORD check_rmdir(HANDLE file, DWORD attributes) {
  (void) file;
  return attributes & FILE_ATTRIBUTE_DIRECTORY ? 0 : ERROR_DIRECTORY;
}

static DWORD remove_if(const WCHAR* path, DWORD (*check)(HANDLE file, DWORD attributes)) {
  FILE_BASIC_INFO info;
  HANDLE file;
  DWORD error = uv__fs_open_path(path, DELETE | FILE_READ_ATTRIBUTES, true, &file);

  if (error != 0)
    return error;
  if (!GetFileInformationByHandleEx(file, FileBasicInfo, &info, sizeof(info)))
    error = GetLastError();
  if (error == 0)
    error = check(file, info.FileAttributes);
  if (error == 0)
    error = dispose(file, path, info.FileAttributes);
  CloseHandle(file);
  return error;
}

DWORD uv__fs_unlink(const WCHAR* path) {
  return remove_if(path, check_unlink);
}

DWORD uv__fs_rmdir(const WCHAR* path) {
  return remove_if(path, check_rmdir);
}

/* -- Making and moving ------------------------------------------------------------------------- */

DWORD uv__fs_rename(const WCHAR* path, const WCHAR* new_path) {
  return MoveFileExW(path, new_path, MOVEFILE_REPLACE_EXISTING) ? 0 : GetLastError();
}

DWORD uv__fs_mkdir(const WCHAR* path) {
  return CreateDirectoryW(path, NULL) ? 0 : GetLastError();
}

/* -- Temporary names --------------------------------------------------------------------------- */

enum { WILDCARDS = 6, MOST_TRIES = 32767 };

/* Makes a file or directory whose name is not taken yet. */
static DWORD make_temporary(WCHAR* template, DWORD (*make)(const WCHAR* path, int* fd), int* fd) {
  static const WCHAR letters[] = L"abcdefghijklmnopqrstuvwxyz0123456789";
  size_t len = wcslen(template);
  WCHAR* name;
  DWORD error = ERROR_FILE_EXISTS;

  if (len < WILDCARDS || wcscmp(template + len - WILDCARDS, L"XXXXXX") != 0)
    return ERROR_INVALID_PARAMETER;
  name = template + len - WILDCARDS;
  for (int i = 0; i < MOST_TRIES; i++) {
    uint64_t number;

    if (uv__random_source(&number, sizeof(number)) != 0)
      return ERROR_IO_DEVICE;
    for (int at = 0; at < WILDCARDS; at++) {
      name[at] = letters[number % (sizeof(letters) / sizeof(letters[0]) - 1)];
      number /= sizeof(letters) / sizeof(letters[0]) - 1;
    }
    error = make(template, fd);
    if (error != ERROR_FILE_EXISTS && error != ERROR_ALREADY_EXISTS)
      break;
  }
  return error;
}

static DWORD make_directory(const WCHAR* path, int* fd) {
  (void) fd;
  return uv__fs_mkdir(path);
}

DWORD uv__fs_mkdtemp(WCHAR* template) {
  return make_temporary(template, make_directory, NULL);
}

DWORD uv__fs_mkstemp(WCHAR* template, int* fd) {
  return make_temporary(template, uv__fs_create, fd);
}
