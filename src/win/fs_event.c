/* Watching files and directories: ReadDirectoryChangesW().
 *
 * Each start makes a watch, which belongs to the kernel as long as its request is under way, and is
 * freed when both that and the start are over. So a handle may be stopped and started again while
 * the end of the former watch is still to come. */
#include "../core.h"
#include "fs_event_name.h"
#include "fs_ops.h"
#include "iocp.h"
#include "poison.h"

#include <string.h>
#include <wchar.h>

enum {
  CHANGES = FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME |
            FILE_NOTIFY_CHANGE_ATTRIBUTES | FILE_NOTIFY_CHANGE_SIZE |
            FILE_NOTIFY_CHANGE_LAST_WRITE | FILE_NOTIFY_CHANGE_LAST_ACCESS |
            FILE_NOTIFY_CHANGE_CREATION | FILE_NOTIFY_CHANGE_SECURITY,
  BUFFER_SIZE = 4096
};

struct watch {
  struct uv_fs_event_req_s req;
  uv_fs_event_t* handle;
  HANDLE directory;
  struct uv__watched watched;
  bool is_recursive;
  bool is_pending; /* the request is under way */
  bool is_telling; /* callbacks run */
  bool is_over;    /* there is nothing to be read any more */
  union {
    FILE_NOTIFY_INFORMATION first;
    char bytes[BUFFER_SIZE];
  } records;
  char path[];
};

/* The handle has a member of another type for it. */
static struct watch* watch_of(const uv_fs_event_t* handle) {
  return (struct watch*) (void*) handle->buffer;
}

static void poison(struct watch* watch) {
  uv__req_poison(uv__req(&watch->req));
  uv__poison(&watch->records, sizeof(watch->records));
}

static void check_poison(const struct watch* watch) {
  uv__req_poison_check((const uv_req_t*) &watch->req);
  uv__poison_check(&watch->records, sizeof(watch->records));
}

static void free_watch(struct watch* watch) {
  check_poison(watch);
  uv__watched_free(&watch->watched);
  uv__free(watch);
}

static bool is_started(const struct watch* watch) {
  return watch_of(watch->handle) == watch;
}

/* -- Reading ----------------------------------------------------------------------------------- */

/* Asks for the next changes. The system collects those that happen between two requests. */
static DWORD read_changes(struct watch* watch) {
  uv_req_t* req = uv__req(&watch->req);
  DWORD error;

  check_poison(watch);
  uv__req_prepare(req);
  if (!ReadDirectoryChangesW(watch->directory, &watch->records, BUFFER_SIZE, watch->is_recursive,
                             CHANGES, NULL, &req->u.io.overlapped, NULL)) {
    error = GetLastError();
    poison(watch);
    return error;
  }
  watch->is_pending = true;
  watch->handle->req_pending++;
  return 0;
}

/* -- Telling ----------------------------------------------------------------------------------- */

static void report(const struct watch* watch, const char* name, int events, int status) {
  watch->handle->cb(watch->handle, name, events, status);
}

/* What is watched itself, by the last component of its path, which ends with the watch. */
static void tell_self(struct watch* watch, int events) {
  const char* last = watch->path;

  for (const char* at = watch->path; *at != '\0'; at++)
    if (*at == '/' || *at == '\\' || (*at == ':' && at == watch->path + 1))
      last = at + 1;
  report(watch, last, events, 0);
}

static void tell_record(struct watch* watch, const FILE_NOTIFY_INFORMATION* record) {
  int events = record->Action == FILE_ACTION_MODIFIED ? UV_CHANGE : UV_RENAME;
  char* name;

  if (!uv__watched_concerns(&watch->watched, record))
    return;
  if (watch->watched.file != NULL) {
    tell_self(watch, events);
    return;
  }
  if (uv__watched_name(&watch->watched, record, &name) != 0) {
    report(watch, NULL, events, 0);
    return;
  }
  report(watch, name, events, 0);
  uv__free(name);
}

static void tell_records(struct watch* watch) {
  const char* at = watch->records.bytes;
  DWORD distance;

  do {
    const FILE_NOTIFY_INFORMATION* record = (const FILE_NOTIFY_INFORMATION*) (const void*) at;

    distance = record->NextEntryOffset;
    tell_record(watch, record);
    at += distance;
  } while (distance != 0 && is_started(watch));
}

/* -- The end of a directory -------------------------------------------------------------------- */

static bool is_being_deleted(HANDLE directory) {
  FILE_STANDARD_INFO info;

  return GetFileInformationByHandleEx(directory, FileStandardInfo, &info, sizeof(info)) &&
         info.DeletePending;
}

/* Where NTFS keeps what has lost its name but is still open. */
static bool is_in_deleted(HANDLE directory) {
  static const WCHAR place[] = L"\\$Extend\\$Deleted\\";
  WCHAR path[MAX_PATH];
  DWORD len = GetFinalPathNameByHandleW(directory, path, MAX_PATH, VOLUME_NAME_NONE);

  return len > 0 && len < MAX_PATH &&
         wcsncmp(path, place, sizeof(place) / sizeof(place[0]) - 1) == 0;
}

/* Nothing will ever be told of it again. */
static void tell_end(struct watch* watch) {
  watch->is_over = true;
  tell_self(watch, UV_RENAME);
  if (is_started(watch))
    report(watch, NULL, 0, UV_ENOENT);
}

static void tell_failure(struct watch* watch, DWORD error) {
  if (is_being_deleted(watch->directory) || is_in_deleted(watch->directory))
    tell_end(watch);
  else
    report(watch, NULL, 0, uv_translate_sys_error((int) error));
}

/* -- Completion -------------------------------------------------------------------------------- */

static void tell_result(struct watch* watch) {
  uv_req_t* req = uv__req(&watch->req);

  if (!uv__req_succeeded(req))
    tell_failure(watch, uv__req_file_error(req));
  else if (uv__req_bytes(req) > 0)
    tell_records(watch);
  else if (is_in_deleted(watch->directory))
    tell_end(watch);
  else
    /* More than fits: lost. */
    report(watch, NULL, UV_CHANGE, 0);
}

/* Where not even that works any more, it is said once, not in every turn. */
static void read_on(struct watch* watch) {
  DWORD error = read_changes(watch);

  if (error == 0)
    return;
  watch->is_over = true;
  tell_failure(watch, error);
}

static void fs_event_complete(uv_handle_t* base, uv_req_t* req) {
  uv_fs_event_t* handle = (uv_fs_event_t*) base;
  struct watch* watch = uv__container(req, struct watch, req);

  watch->is_pending = false;
  handle->req_pending--;
  if (!is_started(watch)) {
    poison(watch);
    free_watch(watch);
    if (uv__is_closing(base) && handle->req_pending == 0)
      uv__handle_closed(base);
    return;
  }

  watch->is_telling = true;
  tell_result(watch);
  poison(watch);
  if (is_started(watch) && !watch->is_over)
    read_on(watch);
  watch->is_telling = false;
  if (!is_started(watch) && !watch->is_pending)
    free_watch(watch);
}

/* -- Handles ----------------------------------------------------------------------------------- */

int uv_fs_event_stop(uv_fs_event_t* handle) {
  struct watch* watch = watch_of(handle);

  if (!uv__is_active(uv__handle(handle)))
    return 0;
  handle->buffer = NULL;
  handle->path = NULL;
  /* Which ends the request under way. */
  CancelIoEx(watch->directory, NULL);
  CloseHandle(watch->directory);
  watch->directory = INVALID_HANDLE_VALUE;
  if (!watch->is_pending && !watch->is_telling)
    free_watch(watch);
  uv__handle_stop(uv__handle(handle));
  return 0;
}

static enum uv__close_result fs_event_close(uv_handle_t* base) {
  uv_fs_event_t* handle = (uv_fs_event_t*) base;

  uv_fs_event_stop(handle);
  return handle->req_pending > 0 ? UV__CLOSE_PENDING : UV__CLOSE_DONE;
}

static const struct uv__handle_ops fs_event_ops = {
    .close = fs_event_close,
    .complete = fs_event_complete,
};

int uv_fs_event_init(uv_loop_t* loop, uv_fs_event_t* handle) {
  uv__handle_init(loop, uv__handle(handle), UV_FS_EVENT, &fs_event_ops);
  handle->path = NULL;
  handle->cb = NULL;
  handle->buffer = NULL;
  handle->req_pending = 0;
  return 0;
}

static struct watch* new_watch(uv_fs_event_t* handle, const char* path, unsigned int flags) {
  size_t size = strlen(path) + 1;
  struct watch* watch = uv__calloc(1, sizeof(*watch) + size);

  if (watch == NULL)
    return NULL;
  watch->req.type = UV_FS_EVENT_REQ;
  watch->req.data = handle;
  watch->handle = handle;
  watch->directory = INVALID_HANDLE_VALUE;
  watch->is_recursive = (flags & UV_FS_EVENT_RECURSIVE) != 0;
  poison(watch);
  memcpy(watch->path, path, size);
  return watch;
}

/* Opens the directory; its path has lost the slash that a root needs. */
static DWORD open_directory(struct watch* watch) {
  WCHAR* path = watch->watched.directory;
  size_t len = wcslen(path);
  WCHAR* with_slash = uv__malloc((len + 2) * sizeof(*with_slash));

  if (with_slash == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;
  wmemcpy(with_slash, path, len);
  wmemcpy(with_slash + len, L"\\", 2);
  watch->directory =
      CreateFileW(with_slash, FILE_LIST_DIRECTORY, UV__FS_SHARE_ALL, NULL, OPEN_EXISTING,
                  FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED, NULL);
  uv__free(with_slash);
  return watch->directory != INVALID_HANDLE_VALUE ? 0 : GetLastError();
}

static int find(struct watch* watch) {
  WCHAR* path;
  DWORD error = uv__fs_path(watch->path, &path);
  int err;

  if (error != 0)
    return uv_translate_sys_error((int) error);
  err = uv__watched_find(path, &watch->watched);
  uv__free(path);
  return err;
}

/* From here on the system collects changes. */
static int begin(struct watch* watch) {
  DWORD error = open_directory(watch);
  int err;

  if (error != 0)
    return uv_translate_sys_error((int) error);
  err = uv__iocp_attach(watch->handle->loop, watch->directory);
  if (err == 0)
    err = uv_translate_sys_error((int) read_changes(watch));
  if (err != 0)
    CloseHandle(watch->directory);
  return err;
}

int uv_fs_event_start(uv_fs_event_t* handle, uv_fs_event_cb cb, const char* path,
                      unsigned int flags) {
  struct watch* watch;
  int err;

  if (cb == NULL || path == NULL || uv__is_active(uv__handle(handle)) ||
      uv__is_closing(uv__handle(handle)))
    return UV_EINVAL;

  watch = new_watch(handle, path, flags);
  if (watch == NULL)
    return UV_ENOMEM;
  err = find(watch);
  if (err == 0)
    err = begin(watch);
  if (err != 0) {
    free_watch(watch);
    return err;
  }

  handle->cb = cb;
  handle->buffer = (char*) (void*) watch;
  handle->path = watch->path;
  uv__handle_start(uv__handle(handle));
  return 0;
}
