/* Copying a file: its data, attributes and times. */
#include "fs_ops.h"

static bool is_directory(const WCHAR* path) {
  DWORD attributes = GetFileAttributesW(path);
  return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

static bool describe(const WCHAR* path, BY_HANDLE_FILE_INFORMATION* info) {
  HANDLE file;
  bool is_known;

  if (uv__fs_open_path(path, FILE_READ_ATTRIBUTES, false, &file) != 0)
    return false;
  is_known = GetFileInformationByHandle(file, info);
  CloseHandle(file);
  return is_known;
}

static bool is_same_file(const WCHAR* path, const WCHAR* other) {
  BY_HANDLE_FILE_INFORMATION a;
  BY_HANDLE_FILE_INFORMATION b;

  return describe(path, &a) && describe(other, &b) &&
         a.dwVolumeSerialNumber == b.dwVolumeSerialNumber && a.nFileIndexLow == b.nFileIndexLow &&
         a.nFileIndexHigh == b.nFileIndexHigh;
}

/* A file system that can share data does so without being asked. Nothing tells whether it did. */
DWORD uv__fs_copyfile(const WCHAR* path, const WCHAR* new_path, int flags) {
  bool is_exclusive = (flags & UV_FS_COPYFILE_EXCL) != 0;
  DWORD error;

  if (flags & UV_FS_COPYFILE_FICLONE_FORCE)
    return ERROR_CALL_NOT_IMPLEMENTED;
  if (CopyFileW(path, new_path, is_exclusive))
    return 0;
  error = GetLastError();
  if (error == ERROR_SHARING_VIOLATION && !is_exclusive && is_same_file(path, new_path))
    return 0;
  if (error == ERROR_ACCESS_DENIED && (is_directory(path) || is_directory(new_path)))
    return ERROR_INVALID_FUNCTION;
  return error;
}
