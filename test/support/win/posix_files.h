/* What tests use of POSIX to make files and look at them, on Windows: names are WTF-8, and files
 * can be removed while they are open. */
#ifndef RONDO_TEST_WIN_POSIX_FILES_H_
#define RONDO_TEST_WIN_POSIX_FILES_H_

#include "support/cmocka_all.h"

#include "uv.h"

#include <direct.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define O_CLOEXEC _O_NOINHERIT
#define lseek _lseeki64
#define mkdir(path, mode) posix_mkdir(path)
#define open(...) posix_open(__VA_ARGS__, 0)
#define unlink posix_unlink
#define rmdir posix_rmdir
#define rename posix_rename

/* A name in UTF-16, good until the next but three call. */
static inline const WCHAR* wide_name(const char* name) {
  static WCHAR names[4][8192];
  static int next;
  WCHAR* wide = names[next++ % 4];

  uv_wtf8_to_utf16(name, wide, sizeof(names[0]) / sizeof(names[0][0]));
  return wide;
}

static inline int posix_mkdir(const char* path) {
  return CreateDirectoryW(wide_name(path), NULL) ? 0 : -1;
}

static inline int posix_unlink(const char* path) {
  return DeleteFileW(wide_name(path)) ? 0 : -1;
}

static inline int posix_rmdir(const char* path) {
  return RemoveDirectoryW(wide_name(path)) ? 0 : -1;
}

static inline int posix_rename(const char* path, const char* new_path) {
  return MoveFileExW(wide_name(path), wide_name(new_path), MOVEFILE_REPLACE_EXISTING) ? 0 : -1;
}

static inline int open_plain(const char* name, int flags) {
  const DWORD accesses[] = {FILE_GENERIC_READ, FILE_GENERIC_WRITE,
                            FILE_GENERIC_READ | FILE_GENERIC_WRITE};
  DWORD access = accesses[flags & (O_RDONLY | O_WRONLY | O_RDWR)];
  DWORD disposition = OPEN_EXISTING;
  HANDLE file;

  if (flags & O_APPEND)
    access &= ~(DWORD) FILE_WRITE_DATA;
  if (flags & O_CREAT)
    disposition = flags & O_EXCL ? CREATE_NEW : flags & O_TRUNC ? CREATE_ALWAYS : OPEN_ALWAYS;
  file =
      CreateFileW(wide_name(name), access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                  NULL, disposition, FILE_FLAG_BACKUP_SEMANTICS, NULL);
  if (file == INVALID_HANDLE_VALUE)
    return -1;
  return _open_osfhandle((intptr_t) file, _O_NOINHERIT | (flags & O_APPEND));
}

static inline int posix_open(const char* name, int flags, ...) {
  return open_plain(name, flags);
}

static inline int64_t pread(int fd, void* to, size_t len, int64_t offset) {
  int64_t before = lseek(fd, 0, SEEK_CUR);
  int n;

  lseek(fd, offset, SEEK_SET);
  n = read(fd, to, (unsigned) len);
  lseek(fd, before, SEEK_SET);
  return n;
}

static inline int link(const char* path, const char* new_path) {
  return CreateHardLinkW(wide_name(new_path), wide_name(path), NULL) ? 0 : -1;
}

static inline int pipe(int ends[2]) {
  return _pipe(ends, 65536, _O_BINARY | _O_NOINHERIT);
}

static inline bool is_open(int fd) {
  return _get_osfhandle(fd) != -1;
}

#define ftruncate posix_ftruncate

static inline int posix_ftruncate(int fd, int64_t len) {
  return _chsize_s(fd, len) == 0 ? 0 : -1;
}

static inline int64_t pwrite(int fd, const void* from, size_t len, int64_t offset) {
  int64_t before = lseek(fd, 0, SEEK_CUR);
  int n;

  lseek(fd, offset, SEEK_SET);
  n = write(fd, from, (unsigned) len);
  lseek(fd, before, SEEK_SET);
  return n;
}

/* Removes all that is in a directory. */
static inline void empty_directory(const char* path) {
  WIN32_FIND_DATAW found;
  WCHAR pattern[MAX_PATH];
  HANDLE search;

  _snwprintf(pattern, MAX_PATH, L"%ls\\*", wide_name(path));
  search = FindFirstFileW(pattern, &found);
  while (search != INVALID_HANDLE_VALUE) {
    char* name = NULL;
    char entry[MAX_PATH];

    assert_int_equal(uv_utf16_to_wtf8(found.cFileName, -1, &name, NULL), 0);
    snprintf(entry, sizeof(entry), "%s\\%s", path, name);
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && unlink(entry) != 0) {
      empty_directory(entry);
      assert_int_equal(rmdir(entry), 0);
    }
    free(name);
    if (!FindNextFileW(search, &found)) {
      FindClose(search);
      search = INVALID_HANDLE_VALUE;
    }
  }
}

/* -- What a file is ---------------------------------------------------------------------------- */

typedef struct {
  uint64_t st_ino;
  uint64_t st_nlink;
  uint64_t st_size;
  unsigned int st_mode;
  struct timespec st_atim;
  struct timespec st_mtim;
} file_info;

/* The mode of a file that was made or set so: whether it can be written is all there is. */
static inline unsigned int shown_mode(unsigned int mode) {
  return (mode & S_IFMT) | (mode & S_IWUSR ? 0666 : 0444);
}

static inline struct timespec to_timespec(const FILETIME* time) {
  const ULARGE_INTEGER ticks = {.LowPart = time->dwLowDateTime, .HighPart = time->dwHighDateTime};
  int64_t since_1970 = (int64_t) ticks.QuadPart - INT64_C(116444736000000000);
  int64_t rest = (since_1970 % 10000000 + 10000000) % 10000000;

  return (struct timespec){.tv_sec = (since_1970 - rest) / 10000000, .tv_nsec = (long) rest * 100};
}

static inline bool look_at(const char* name, file_info* info) {
  BY_HANDLE_FILE_INFORMATION found;
  HANDLE file = CreateFileW(
      wide_name(name), FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
      NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
  bool is_found;

  if (file == INVALID_HANDLE_VALUE)
    return false;
  is_found = GetFileInformationByHandle(file, &found);
  CloseHandle(file);
  info->st_ino = (uint64_t) found.nFileIndexHigh << 32 | found.nFileIndexLow;
  info->st_nlink = found.nNumberOfLinks;
  info->st_size = (uint64_t) found.nFileSizeHigh << 32 | found.nFileSizeLow;
  info->st_mode = found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY ? S_IFDIR : S_IFREG;
  info->st_mode |= found.dwFileAttributes & FILE_ATTRIBUTE_READONLY ? 0444 : 0666;
  info->st_atim = to_timespec(&found.ftLastAccessTime);
  info->st_mtim = to_timespec(&found.ftLastWriteTime);
  return is_found;
}

/* Wine sets the time of the last access when it is asked what a file is. */
static inline bool keeps_access_times(void) {
  const FILETIME old = {.dwHighDateTime = 0x01900000};
  FILETIME time = {0, 0};
  HANDLE file = CreateFileW(L"probe", FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES, 0, NULL,
                            CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE, NULL);

  assert_true(SetFileTime(file, NULL, &old, NULL));
  GetFileType(file);
  assert_true(GetFileTime(file, NULL, &time, NULL));
  CloseHandle(file);
  return time.dwHighDateTime == old.dwHighDateTime;
}

/* -- Links ------------------------------------------------------------------------------------- */

/* Makes a symbolic link, if this system and this user can. */
static inline bool make_link(const char* target, const char* name) {
  const WCHAR* path = wide_name(name);

  /* One that can succeed and make no link: Wine. */
  return CreateSymbolicLinkW(path, wide_name(target), 2) && GetFileAttributesW(path) != (DWORD) -1;
}

#endif /* RONDO_TEST_WIN_POSIX_FILES_H_ */
