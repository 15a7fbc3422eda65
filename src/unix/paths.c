/* Directories that matter to a process: where it is, its user's home, where temporary files go. */
#include "core.h"
#include "sized_buffer.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* How long the path of the working directory is. */
static int measure_cwd(size_t* len) {
  for (size_t size = PATH_MAX;; size *= 2) {
    char* path = uv__malloc(size);
    if (path == NULL)
      return UV_ENOMEM;
    bool found = getcwd(path, size) != NULL;
    int err = found ? 0 : -errno;
    *len = found ? strlen(path) : 0;
    uv__free(path);
    if (err != UV_ERANGE)
      return err;
  }
}

int uv_cwd(char* buffer, size_t* size) {
  size_t len;

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  if (getcwd(buffer, *size) != NULL) {
    *size = strlen(buffer);
    return 0;
  }
  if (errno != ERANGE)
    return -errno;

  int err = measure_cwd(&len);
  if (err != 0)
    return err;
  *size = len + 1;
  return UV_ENOBUFS;
}

int uv_chdir(const char* dir) {
  return chdir(dir) == 0 ? 0 : -errno;
}

int uv_os_homedir(char* buffer, size_t* size) {
  const char* home = getenv("HOME");
  uv_passwd_t user;

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  if (home != NULL)
    return uv__sized_buffer_copy(home, strlen(home), buffer, size);

  int err = uv_os_get_passwd(&user);
  if (err != 0)
    return err;
  err = uv__sized_buffer_copy(user.homedir, strlen(user.homedir), buffer, size);
  uv_os_free_passwd(&user);
  return err;
}

/* The first variable that is set decides, even if it is empty. */
static const char* temporary_directory(void) {
  static const char* const names[] = {"TMPDIR", "TMP", "TEMP", "TEMPDIR"};

  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    const char* path = getenv(names[i]);
    if (path != NULL)
      return path;
  }
  return "/tmp";
}

int uv_os_tmpdir(char* buffer, size_t* size) {
  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;

  const char* path = temporary_directory();
  size_t len = strlen(path);
  if (len > 1 && path[len - 1] == '/')
    len--;
  return uv__sized_buffer_copy(path, len, buffer, size);
}
