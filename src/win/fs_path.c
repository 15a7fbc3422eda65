/* Paths of files: from WTF-8 to what the system's functions take. */
#include "../core.h"
#include "fs_ops.h"
#include "text.h"

#include <string.h>
#include <wchar.h>

enum {
  PLAIN_MAX = 247, /* of CreateDirectoryW(): MAX_PATH less room for a name of the old kind */
  PATH_MAX_UNITS = 32767,
  NAME_MAX_UNITS = 255,
  PREFIX_MAX = 8
};

static bool is_slash(WCHAR c) {
  return c == L'\\' || c == L'/';
}

/* The forms that are no longer changed by anybody. */
static bool is_final(const WCHAR* path) {
  return wcsncmp(path, L"\\\\?\\", 4) == 0 || wcsncmp(path, L"\\\\.\\", 4) == 0 ||
         wcsncmp(path, L"\\??\\", 4) == 0;
}

static bool is_absolute(const WCHAR* path) {
  return is_slash(path[0]) || (path[0] != L'\0' && path[1] == L':');
}

static bool is_too_long(const WCHAR* path) {
  size_t len = wcslen(path);

  if (!is_absolute(path))
    len += GetCurrentDirectoryW(0, NULL);
  return len > PLAIN_MAX && !is_final(path);
}

/* With the prefix of any length, the system no longer says that a name within the path is too long,
 * but that it is none. */
static bool has_long_name(const WCHAR* path) {
  size_t len = 0;

  for (; *path != L'\0'; path++) {
    len = is_slash(*path) ? 0 : len + 1;
    if (len > NAME_MAX_UNITS)
      return true;
  }
  return false;
}

/* Makes `*wide` absolute and prefixes it. */
static DWORD lengthen(WCHAR** wide) {
  DWORD size = GetFullPathNameW(*wide, 0, NULL, NULL); /* with the NUL */
  WCHAR* full;
  DWORD len;

  if (size == 0 || size > PATH_MAX_UNITS - PREFIX_MAX)
    return ERROR_FILENAME_EXCED_RANGE;
  full = uv__malloc((size + PREFIX_MAX) * sizeof(*full));
  if (full == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;

  len = GetFullPathNameW(*wide, size, full + PREFIX_MAX, NULL);
  if (len == 0 || len >= size) {
    /* The working directory was changed meanwhile. */
    uv__free(full);
    return ERROR_PATH_NOT_FOUND;
  }
  if (wcsncmp(full + PREFIX_MAX, L"\\\\", 2) == 0) {
    memmove(full + 8, full + PREFIX_MAX + 2, (len - 1) * sizeof(*full));
    wmemcpy(full, L"\\\\?\\UNC\\", 8);
  } else {
    memmove(full + 4, full + PREFIX_MAX, (len + 1) * sizeof(*full));
    wmemcpy(full, L"\\\\?\\", 4);
  }
  uv__free(*wide);
  *wide = full;
  return 0;
}

DWORD uv__fs_text(const char* text, WCHAR** wide) {
  int err = uv__text_to_wide(text, wide);

  if (err == 0)
    return 0;
  return err == UV_ENOMEM ? ERROR_NOT_ENOUGH_MEMORY : ERROR_INVALID_NAME;
}

DWORD uv__fs_path(const char* path, WCHAR** wide) {
  DWORD error = uv__fs_text(path, wide);

  if (error != 0 || !is_too_long(*wide))
    return error;
  error = has_long_name(*wide) ? ERROR_FILENAME_EXCED_RANGE : lengthen(wide);
  if (error != 0) {
    uv__free(*wide);
    *wide = NULL;
  }
  return error;
}

DWORD uv__fs_open_path(const WCHAR* path, DWORD access, bool is_link, HANDLE* file) {
  /* Without backup semantics no directory can be opened. */
  DWORD flags = FILE_FLAG_BACKUP_SEMANTICS;

  if (is_link)
    flags |= FILE_FLAG_OPEN_REPARSE_POINT;
  *file = CreateFileW(path, access, UV__FS_SHARE_ALL, NULL, OPEN_EXISTING, flags, NULL);
  return *file != INVALID_HANDLE_VALUE ? 0 : GetLastError();
}
