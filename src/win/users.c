/* The user whom the process runs as. Windows has no ids and no shells of users; who others are, and
 * what groups there are, is not told. */
#include "../core.h"
#include "system_text.h"

#include <string.h>
#include <userenv.h>

/* Both functions answer the units needed, with the NUL, in `size`, if they were too few. */
static DWORD needed_units(DWORD size) {
  return GetLastError() == ERROR_INSUFFICIENT_BUFFER ? size : 0;
}

static DWORD read_username(void* arg, WCHAR* buffer, DWORD size) {
  (void) arg;
  return GetUserNameW(buffer, &size) ? (DWORD) wcslen(buffer) : needed_units(size);
}

static DWORD read_profile_directory(void* token, WCHAR* buffer, DWORD size) {
  if (GetUserProfileDirectoryW((HANDLE) token, buffer, &size))
    return (DWORD) wcslen(buffer);
  return needed_units(size);
}

static int profile_directory(WCHAR** directory, size_t* len) {
  HANDLE token;

  if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
    return uv_translate_sys_error((int) GetLastError());
  int err = uv__system_text(read_profile_directory, token, directory, len);
  CloseHandle(token);
  return err;
}

/* Both texts are one allocation, which `username` points to. */
static int fill(uv_passwd_t* pwd, const WCHAR* username, size_t username_len,
                const WCHAR* directory, size_t directory_len) {
  size_t username_bytes = uv_utf16_length_as_wtf8(username, (ssize_t) username_len);
  size_t directory_bytes = uv_utf16_length_as_wtf8(directory, (ssize_t) directory_len);
  char* texts = uv__malloc(username_bytes + 1 + directory_bytes + 1);

  if (texts == NULL)
    return UV_ENOMEM;
  pwd->username = texts;
  pwd->homedir = texts + username_bytes + 1;
  pwd->shell = NULL;
  pwd->uid = (unsigned long) -1;
  pwd->gid = (unsigned long) -1;
  uv_utf16_to_wtf8(username, (ssize_t) username_len, &pwd->username, &username_bytes);
  uv_utf16_to_wtf8(directory, (ssize_t) directory_len, &pwd->homedir, &directory_bytes);
  return 0;
}

int uv_os_get_passwd(uv_passwd_t* pwd) {
  WCHAR* username;
  WCHAR* directory = NULL;
  size_t username_len;
  size_t directory_len;

  if (pwd == NULL)
    return UV_EINVAL;
  int err = uv__system_text(read_username, NULL, &username, &username_len);
  if (err == 0)
    err = profile_directory(&directory, &directory_len);
  if (err == 0)
    err = fill(pwd, username, username_len, directory, directory_len);
  uv__free(username);
  uv__free(directory);
  return err;
}

int uv_os_get_passwd2(uv_passwd_t* pwd, uv_uid_t uid) {
  (void) pwd;
  (void) uid;
  return UV_ENOTSUP;
}

int uv_os_get_group(uv_group_t* grp, uv_uid_t gid) {
  (void) grp;
  (void) gid;
  return UV_ENOTSUP;
}
