/* The path of the running program. */
#include "exepath.h"

#include "../core.h"
#include "../sized_buffer.h"
#include "system_text.h"

static DWORD read_path(void* arg, WCHAR* buffer, DWORD size) {
  (void) arg;
  return GetModuleFileNameW(NULL, buffer, size);
}

int uv__exepath(WCHAR** path, size_t* len) {
  return uv__system_text(read_path, NULL, path, len);
}

int uv_exepath(char* buffer, size_t* size) {
  WCHAR* path;
  size_t path_len;

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  int err = uv__exepath(&path, &path_len);
  if (err != 0)
    return err;

  size_t room = *size - 1;
  size_t len = room;
  uv_utf16_to_wtf8(path, (ssize_t) path_len, &buffer, &len);
  *size = len < room ? len : room;
  uv__free(path);
  return 0;
}
