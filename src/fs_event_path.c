/* The path of what a file system event handle watches, whatever watches it. */
#include "core.h"
#include "sized_buffer.h"

#include <string.h>

int uv_fs_event_getpath(uv_fs_event_t* handle, char* buffer, size_t* size) {
  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  if (!uv__is_active(uv__handle(handle))) {
    *size = 0;
    return UV_EINVAL;
  }
  return uv__sized_buffer_copy(handle->path, strlen(handle->path), buffer, size);
}
