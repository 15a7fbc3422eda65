/* Files: permissions, which are one attribute here: read-only. */
#include "fs_ops.h"

DWORD uv__fs_access(const WCHAR* path, int mode) {
  DWORD attributes = GetFileAttributesW(path);

  if (attributes == INVALID_FILE_ATTRIBUTES)
    return GetLastError();
  /* The attribute of a directory says nothing about what can be made in it. */
  if ((mode & W_OK) && (attributes & FILE_ATTRIBUTE_READONLY) &&
      !(attributes & FILE_ATTRIBUTE_DIRECTORY))
    return ERROR_ACCESS_DENIED;
  return 0;
}

static DWORD set_mode(HANDLE file, int mode) {
  FILE_BASIC_INFO info;
  FILE_BASIC_INFO change = {.FileAttributes = 0};

  if (!GetFileInformationByHandleEx(file, FileBasicInfo, &info, sizeof(info)))
    return GetLastError();
  change.FileAttributes = mode & _S_IWRITE ? info.FileAttributes & ~(DWORD) FILE_ATTRIBUTE_READONLY
                                           : info.FileAttributes | FILE_ATTRIBUTE_READONLY;
  /* 0 would leave them as they are; so it does with times. */
  if (change.FileAttributes == 0)
    change.FileAttributes = FILE_ATTRIBUTE_NORMAL;
  return SetFileInformationByHandle(file, FileBasicInfo, &change, sizeof(change)) ? 0
                                                                                  : GetLastError();
}

enum { MODE_ACCESS = FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES };

DWORD uv__fs_chmod(const WCHAR* path, int mode) {
  HANDLE file;
  DWORD error = uv__fs_open_path(path, MODE_ACCESS, false, &file);

  if (error != 0)
    return error;
  error = set_mode(file, mode);
  CloseHandle(file);
  return error;
}

DWORD uv__fs_fchmod(int fd, int mode) {
  HANDLE file;
  DWORD error = uv__fs_reopen(fd, MODE_ACCESS, &file);

  if (error != 0)
    return error;
  error = set_mode(file, mode);
  CloseHandle(file);
  return error;
}
