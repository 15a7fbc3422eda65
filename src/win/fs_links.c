/* Files: second names and links. */
#include "../atomic.h"
#include "../core.h"
#include "fs_ops.h"
#include "fs_reparse.h"
#include "text.h"

#include <wchar.h>

/* Of <winbase.h>, where some versions lack it. */
enum { ALLOW_UNPRIVILEGED = 2 };

DWORD uv__fs_link(const WCHAR* path, const WCHAR* new_path) {
  return CreateHardLinkW(new_path, path, NULL) ? 0 : GetLastError();
}

/* -- Junctions --------------------------------------------------------------------------------- */

static bool is_slash(WCHAR c) {
  return c == L'\\' || c == L'/';
}

static bool has_drive(const WCHAR* path) {
  bool is_letter = (path[0] >= L'a' && path[0] <= L'z') || (path[0] >= L'A' && path[0] <= L'Z');
  return is_letter && path[1] == L':' && is_slash(path[2]);
}

/* A junction's target as it is stored: absolute, each run of slashes one backslash. NULL: no
 * memory. */
static WCHAR* normalize(const WCHAR* path) {
  WCHAR* made = uv__malloc((wcslen(path) + 1) * sizeof(*made));
  WCHAR* to = made;

  if (made == NULL)
    return NULL;
  for (; *path != L'\0'; path++) {
    if (!is_slash(*path))
      *to++ = *path;
    else if (to == made || to[-1] != L'\\')
      *to++ = L'\\';
  }
  *to = L'\0';
  return made;
}

static DWORD fill_junction(const WCHAR* path, const WCHAR* target) {
  HANDLE directory;
  DWORD error = uv__fs_open_path(path, GENERIC_WRITE, true, &directory);

  if (error != 0)
    return error;
  error = uv__reparse_make_junction(directory, target);
  CloseHandle(directory);
  return error;
}

static DWORD make_junction(const WCHAR* target, const WCHAR* path) {
  WCHAR* normal;
  DWORD error = 0;

  if (wcsncmp(target, L"\\\\?\\", 4) == 0)
    target += 4;
  if (!has_drive(target))
    return ERROR_INVALID_PARAMETER;
  normal = normalize(target);
  if (normal == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;

  if (!CreateDirectoryW(path, NULL))
    error = GetLastError();
  if (error == 0) {
    error = fill_junction(path, normal);
    if (error != 0)
      RemoveDirectoryW(path);
  }
  uv__free(normal);
  return error;
}

/* -- Symbolic links ---------------------------------------------------------------------------- */

static DWORD try_symlink(const WCHAR* target, const WCHAR* path, DWORD flags) {
  return CreateSymbolicLinkW(path, target, flags) ? 0 : GetLastError();
}

/* Systems before 2017 know no links without privilege, and no flag for them. */
static DWORD make_symlink(const WCHAR* target, const WCHAR* path, DWORD kind) {
  static int is_flag_unknown;
  DWORD error = ERROR_INVALID_PARAMETER;

  if (uv__load_relaxed(&is_flag_unknown) == 0)
    error = try_symlink(target, path, kind | ALLOW_UNPRIVILEGED);
  if (error != ERROR_INVALID_PARAMETER)
    return error;
  uv__store_relaxed(&is_flag_unknown, 1);
  return try_symlink(target, path, kind);
}

DWORD uv__fs_symlink(const WCHAR* target, const WCHAR* path, int flags) {
  if (flags & UV_FS_SYMLINK_JUNCTION)
    return make_junction(target, path);
  return make_symlink(target, path,
                      flags & UV_FS_SYMLINK_DIR ? (DWORD) SYMBOLIC_LINK_FLAG_DIRECTORY : 0);
}

DWORD uv__fs_readlink(const WCHAR* path, char** text) {
  HANDLE file;
  DWORD error = uv__fs_open_path(path, FILE_READ_ATTRIBUTES, true, &file);

  if (error != 0)
    return error;
  error = uv__reparse_read(file, text);
  CloseHandle(file);
  return error;
}

/* -- Real paths -------------------------------------------------------------------------------- */

/* The system's form of any path becomes the one of programs. */
static DWORD to_plain(WCHAR* path, char** text) {
  if (wcsncmp(path, L"\\\\?\\UNC\\", 8) == 0) {
    path += 6;
    path[0] = L'\\';
  } else if (wcsncmp(path, L"\\\\?\\", 4) == 0) {
    path += 4;
  } else {
    return ERROR_INVALID_HANDLE;
  }
  return uv__text_from_wide(path, -1, text) == 0 ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}

static DWORD final_path(HANDLE file, char** text) {
  DWORD size = GetFinalPathNameByHandleW(file, NULL, 0, VOLUME_NAME_DOS); /* with the NUL */
  WCHAR* path;
  DWORD len;
  DWORD error;

  if (size == 0)
    return GetLastError();
  path = uv__malloc((size + 1) * sizeof(*path));
  if (path == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;
  len = GetFinalPathNameByHandleW(file, path, size + 1, VOLUME_NAME_DOS);
  if (len == 0)
    error = GetLastError();
  else
    /* It was moved meanwhile. */
    error = len > size ? ERROR_PATH_NOT_FOUND : to_plain(path, text);
  uv__free(path);
  return error;
}

DWORD uv__fs_realpath(const WCHAR* path, char** text) {
  HANDLE file;
  DWORD error = uv__fs_open_path(path, 0, false, &file);

  if (error != 0)
    return error;
  error = final_path(file, text);
  CloseHandle(file);
  return error;
}
