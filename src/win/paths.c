/* Directories that matter to a process: where it is, its user's home, where temporary files go. */
#include "../core.h"
#include "../sized_buffer.h"
#include "system_text.h"
#include "text.h"

#include <wctype.h>

/* Shorter than this is no absolute path: "C:\". */
enum { ROOT_LEN = 3 };

/* Text of the system, for a caller's buffer. One backslash at the end is taken off but for that of
 * a drive's root. */
static int tell_directory(const WCHAR* path, size_t len, char* buffer, size_t* size) {
  bool is_root = len == ROOT_LEN && path[1] == L':';

  if (len > 0 && path[len - 1] == L'\\' && !is_root)
    len--;
  return uv__text_from_wide_sized(path, (ssize_t) len, buffer, size);
}

/* -- Working directory ------------------------------------------------------------------------- */

static DWORD read_cwd(void* arg, WCHAR* buffer, DWORD size) {
  (void) arg;
  return GetCurrentDirectoryW(size, buffer);
}

int uv_cwd(char* buffer, size_t* size) {
  WCHAR* path;
  size_t len;

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  int err = uv__system_text(read_cwd, NULL, &path, &len);
  if (err != 0)
    return err;
  err = tell_directory(path, len, buffer, size);
  uv__free(path);
  return err;
}

/* The C library and children go by a variable for each drive, "=C:", for paths such as "C:file".
 * They do without if there is no memory for it. */
static void note_cwd_of_drive(void) {
  WCHAR name[] = L"=X:";
  WCHAR* path;
  size_t len;

  if (uv__system_text(read_cwd, NULL, &path, &len) != 0)
    return;
  if (len >= 2 && path[1] == L':') {
    name[1] = (WCHAR) towupper(path[0]);
    SetEnvironmentVariableW(name, path);
  }
  uv__free(path);
}

int uv_chdir(const char* dir) {
  WCHAR* wide;

  if (dir == NULL)
    return UV_EINVAL;
  int err = uv__text_to_wide(dir, &wide);
  if (err != 0)
    return err;
  if (SetCurrentDirectoryW(wide))
    note_cwd_of_drive();
  else
    err = uv_translate_sys_error((int) GetLastError());
  uv__free(wide);
  return err;
}

/* -- Home and temporary files ------------------------------------------------------------------ */

int uv_os_homedir(char* buffer, size_t* size) {
  uv_passwd_t user;

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  int err = uv_os_getenv("USERPROFILE", buffer, size);
  if (err == 0)
    return *size < ROOT_LEN ? UV_ENOENT : 0;
  if (err == UV_ENOBUFS && *size - 1 < ROOT_LEN)
    return UV_ENOENT;
  if (err != UV_ENOENT)
    return err;

  err = uv_os_get_passwd(&user);
  if (err != 0)
    return err;
  err = uv__sized_buffer_copy(user.homedir, strlen(user.homedir), buffer, size);
  uv_os_free_passwd(&user);
  return err;
}

static DWORD read_temporary_directory(void* arg, WCHAR* buffer, DWORD size) {
  (void) arg;
  return GetTempPathW(size, buffer);
}

int uv_os_tmpdir(char* buffer, size_t* size) {
  WCHAR* path;
  size_t len;

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  int err = uv__system_text(read_temporary_directory, NULL, &path, &len);
  if (err != 0)
    return err;
  err = len < ROOT_LEN ? UV_ENOENT : tell_directory(path, len, buffer, size);
  uv__free(path);
  return err;
}
