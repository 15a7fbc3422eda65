/* Watching files and directories where there is a kqueue: the handles. */
#include "fs_way.h"

int uv_fs_event_stop(uv_fs_event_t* handle) {
  if (!uv__is_active(uv__handle(handle)))
    return 0;
  handle->watch->way->stop(handle->watch);
  handle->watch = NULL;
  handle->path = NULL;
  uv__handle_stop(uv__handle(handle));
  return 0;
}

static enum uv__close_result fs_event_close(uv_handle_t* handle) {
  uv_fs_event_stop((uv_fs_event_t*) handle);
  return UV__CLOSE_DONE;
}

static int fs_event_fork(uv_handle_t* handle) {
  struct uv__fs_watch* watch = ((uv_fs_event_t*) handle)->watch;

  return watch != NULL ? watch->way->fork(watch) : 0;
}

static const struct uv__handle_ops fs_event_ops = {
    .close = fs_event_close,
    .fork = fs_event_fork,
};

int uv_fs_event_init(uv_loop_t* loop, uv_fs_event_t* handle) {
  uv__handle_init(loop, uv__handle(handle), UV_FS_EVENT, &fs_event_ops);
  handle->path = NULL;
  handle->cb = NULL;
  handle->watch = NULL;
  return 0;
}

int uv_fs_event_start(uv_fs_event_t* handle, uv_fs_event_cb cb, const char* path,
                      unsigned int flags) {
  int err;

  if (cb == NULL || path == NULL || uv__is_active(uv__handle(handle)) ||
      uv__is_closing(uv__handle(handle)))
    return UV_EINVAL;

  err = uv__fs_way_for(path, flags)->start(handle, path, flags, &handle->watch);
  if (err != 0) {
    handle->watch = NULL;
    return err;
  }
  handle->cb = cb;
  handle->path = handle->watch->path;
  uv__handle_start(uv__handle(handle));
  return 0;
}
