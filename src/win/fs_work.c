/* File requests on Windows: their arguments, which operation is called for which, and what its
 * Win32 code is as a UV_E code. */
#include "../core.h"
#include "../fs.h"
#include "../fs_entries.h"
#include "error_sys.h"
#include "fs_ops.h"
#include "startup.h"

#include <string.h>
#include <wchar.h>

/* -- Arguments --------------------------------------------------------------------------------- */

enum { LENGTH_AT = 0 }; /* of `bufsml`, for sendfile */

/* Then there is neither a second path nor a list of buffers. */
static bool has_times(const uv_fs_t* req) {
  return req->fs_type == UV_FS_UTIME || req->fs_type == UV_FS_FUTIME ||
         req->fs_type == UV_FS_LUTIME;
}

void uv__fs_init(uv_fs_t* req) {
  /* The C library must not end the process for a bad descriptor. Files need no more than that. */
  (void) uv__startup();
  req->flags = 0;
  req->sys_errno_ = 0;
  memset(&req->file, 0, sizeof(req->file));
  memset(&req->fs, 0, sizeof(req->fs));
}

static DWORD prepare_paths(uv_fs_t* req, const struct uv__fs_call* call) {
  DWORD error = 0;

  if (req->path == NULL)
    req->file.fd = call->file;
  else if (req->fs_type == UV_FS_SYMLINK)
    error = uv__fs_text(req->path, &req->file.pathw);
  else
    error = uv__fs_path(req->path, &req->file.pathw);
  if (error == 0 && call->new_path != NULL)
    error = uv__fs_path(call->new_path, &req->fs.info.new_pathw);
  return error;
}

static int copy_buffers(uv_fs_t* req, const uv_buf_t* bufs, unsigned int nbufs) {
  req->fs.info.bufs = req->fs.info.bufsml;
  if (nbufs > sizeof(req->fs.info.bufsml) / sizeof(req->fs.info.bufsml[0]))
    req->fs.info.bufs = uv__calloc(nbufs, sizeof(*bufs));
  if (req->fs.info.bufs == NULL)
    return UV_ENOMEM;
  memcpy(req->fs.info.bufs, bufs, nbufs * sizeof(*bufs));
  return 0;
}

static int prepare_numbers(uv_fs_t* req, const struct uv__fs_call* call) {
  if (has_times(req)) {
    req->fs.time.atime = call->atime;
    req->fs.time.mtime = call->mtime;
    return 0;
  }
  req->fs.info.file_flags = call->flags;
  req->fs.info.mode = call->mode;
  req->fs.info.offset = call->offset;
  if (req->fs_type == UV_FS_SENDFILE) {
    req->fs.info.fd_out = call->file;
    req->file.fd = call->in_fd;
    req->fs.info.bufsml[LENGTH_AT].len = (ULONG) call->length;
  }
  if (call->bufs == NULL)
    return 0;
  req->fs.info.nbufs = call->nbufs;
  if (req->cb != NULL)
    return copy_buffers(req, call->bufs, call->nbufs);
  req->fs.info.bufs = (uv_buf_t*) call->bufs;
  return 0;
}

int uv__fs_prepare(uv_fs_t* req, const struct uv__fs_call* call) {
  DWORD error;

  if (call->dir != NULL) {
    if (call->dir->dir_handle == NULL || call->dir->dir_handle == INVALID_HANDLE_VALUE)
      return UV_EINVAL;
    req->ptr = call->dir;
  }
  error = prepare_paths(req, call);
  if (error != 0) {
    req->sys_errno_ = error;
    return uv_translate_sys_error((int) error);
  }
  return prepare_numbers(req, call);
}

static void release_buffers(uv_fs_t* req) {
  if (req->cb != NULL && req->fs.info.bufs != req->fs.info.bufsml)
    uv__free(req->fs.info.bufs);
  req->fs.info.bufs = NULL;
  req->fs.info.nbufs = 0;
}

void uv__fs_release(uv_fs_t* req) {
  if (!has_times(req)) {
    release_buffers(req);
    uv__free(req->fs.info.new_pathw);
    req->fs.info.new_pathw = NULL;
  }
  if (req->path != NULL) {
    uv__free(req->file.pathw);
    req->file.pathw = NULL;
  }
}

/* -- Operations -------------------------------------------------------------------------------- */

/* Each sets what it found, and gives 0 or a Win32 code. */

static DWORD run_open(uv_fs_t* req) {
  int fd = 0;
  DWORD error = uv__fs_open(req->file.pathw, req->fs.info.file_flags, req->fs.info.mode, &fd);

  req->result = fd;
  return error;
}

static DWORD run_read(uv_fs_t* req) {
  size_t total = 0;
  DWORD error =
      uv__fs_read(req->file.fd, req->fs.info.bufs, req->fs.info.nbufs, req->fs.info.offset, &total);

  req->result = (ssize_t) total;
  return error;
}

static DWORD run_write(uv_fs_t* req) {
  size_t total = 0;
  DWORD error = uv__fs_write(req->file.fd, req->fs.info.bufs, req->fs.info.nbufs,
                             req->fs.info.offset, &total);

  req->result = (ssize_t) total;
  return error;
}

static DWORD run_sendfile(uv_fs_t* req) {
  size_t total = 0;
  DWORD error = uv__fs_sendfile(req->fs.info.fd_out, req->file.fd, req->fs.info.offset,
                                req->fs.info.bufsml[LENGTH_AT].len, &total);

  req->result = (ssize_t) total;
  return error;
}

/* Writes the end of a name that was made up into the caller's form of it; "" if there is none. */
static DWORD take_name(uv_fs_t* req, DWORD error) {
  char* name = (char*) req->path;
  size_t len = strlen(name);
  size_t wide_len = wcslen(req->file.pathw);

  if (error != 0) {
    name[0] = '\0';
    return error;
  }
  while (len > 0 && wide_len > 0 && name[len - 1] == 'X')
    name[--len] = (char) req->file.pathw[--wide_len];
  return 0;
}

static DWORD run_mkstemp(uv_fs_t* req) {
  int fd = 0;
  DWORD error = uv__fs_mkstemp(req->file.pathw, &fd);

  req->result = fd;
  return take_name(req, error);
}

static DWORD run_text(uv_fs_t* req, DWORD (*read)(const WCHAR* path, char** text)) {
  char* text = NULL;
  DWORD error = read(req->file.pathw, &text);

  req->ptr = text;
  return error;
}

static DWORD run_scandir(uv_fs_t* req) {
  struct uv__entries* list = NULL;
  size_t count = 0;
  DWORD error = uv__fs_scandir(req->file.pathw, &list, &count);

  req->ptr = list;
  req->result = (ssize_t) count;
  return error;
}

static DWORD run_opendir(uv_fs_t* req) {
  uv_dir_t* dir = NULL;
  DWORD error = uv__fs_opendir(req->file.pathw, &dir);

  req->ptr = dir;
  return error;
}

static DWORD run_readdir(uv_fs_t* req) {
  size_t count = 0;
  DWORD error = uv__fs_readdir(req->ptr, &count);

  req->result = (ssize_t) count;
  return error;
}

static DWORD run_closedir(uv_fs_t* req) {
  uv__fs_close_dir(req->ptr);
  req->ptr = NULL;
  return 0;
}

static DWORD run_stat(uv_fs_t* req, DWORD error) {
  if (error == 0)
    req->ptr = &req->statbuf;
  return error;
}

static DWORD run_statfs(uv_fs_t* req) {
  uv_statfs_t* info = uv__malloc(sizeof(*info));
  DWORD error =
      info != NULL ? uv__fs_statfs(req->file.pathw, info) : (DWORD) ERROR_NOT_ENOUGH_MEMORY;

  if (error != 0)
    uv__free(info);
  else
    req->ptr = info;
  return error;
}

static DWORD call(uv_fs_t* req) {
  WCHAR* path = req->file.pathw;
  int fd = req->file.fd;
  WCHAR* new_path = has_times(req) ? NULL : req->fs.info.new_pathw;
  int flags = has_times(req) ? 0 : req->fs.info.file_flags;
  int mode = has_times(req) ? 0 : req->fs.info.mode;

  switch (req->fs_type) {
    case UV_FS_ACCESS:
      return uv__fs_access(path, mode);
    case UV_FS_CHMOD:
      return uv__fs_chmod(path, mode);
    case UV_FS_CHOWN:
    case UV_FS_FCHOWN:
    case UV_FS_LCHOWN:
      /* Owners here are no numbers. */
      return 0;
    case UV_FS_CLOSE:
      return uv__fs_close(fd);
    case UV_FS_CLOSEDIR:
      return run_closedir(req);
    case UV_FS_COPYFILE:
      return uv__fs_copyfile(path, new_path, flags);
    case UV_FS_FCHMOD:
      return uv__fs_fchmod(fd, mode);
    case UV_FS_FSTAT:
      return run_stat(req, uv__fs_fstat(fd, &req->statbuf));
    case UV_FS_FSYNC:
    case UV_FS_FDATASYNC:
      return uv__fs_sync(fd);
    case UV_FS_FTRUNCATE:
      return uv__fs_truncate(fd, req->fs.info.offset);
    case UV_FS_FUTIME:
      return uv__fs_futime(fd, req->fs.time.atime, req->fs.time.mtime);
    case UV_FS_LINK:
      return uv__fs_link(path, new_path);
    case UV_FS_LSTAT:
      return run_stat(req, uv__fs_lstat(path, &req->statbuf));
    case UV_FS_LUTIME:
      return uv__fs_lutime(path, req->fs.time.atime, req->fs.time.mtime);
    case UV_FS_MKDIR:
      return uv__fs_mkdir(path);
    case UV_FS_MKDTEMP:
      return take_name(req, uv__fs_mkdtemp(path));
    case UV_FS_MKSTEMP:
      return run_mkstemp(req);
    case UV_FS_OPEN:
      return run_open(req);
    case UV_FS_OPENDIR:
      return run_opendir(req);
    case UV_FS_READ:
      return run_read(req);
    case UV_FS_READDIR:
      return run_readdir(req);
    case UV_FS_READLINK:
      return run_text(req, uv__fs_readlink);
    case UV_FS_REALPATH:
      return run_text(req, uv__fs_realpath);
    case UV_FS_RENAME:
      return uv__fs_rename(path, new_path);
    case UV_FS_RMDIR:
      return uv__fs_rmdir(path);
    case UV_FS_SCANDIR:
      return run_scandir(req);
    case UV_FS_SENDFILE:
      return run_sendfile(req);
    case UV_FS_STAT:
      return run_stat(req, uv__fs_stat(path, &req->statbuf));
    case UV_FS_STATFS:
      return run_statfs(req);
    case UV_FS_SYMLINK:
      return uv__fs_symlink(path, new_path, flags);
    case UV_FS_UNLINK:
      return uv__fs_unlink(path);
    case UV_FS_UTIME:
      return uv__fs_utime(path, req->fs.time.atime, req->fs.time.mtime);
    case UV_FS_WRITE:
      return run_write(req);
    default:
      return ERROR_CALL_NOT_IMPLEMENTED;
  }
}

/* -- Errors ------------------------------------------------------------------------------------ */

/* A directory stands where a file should be made. */
static bool is_directory_in_the_way(const uv_fs_t* req) {
  return (req->fs.info.file_flags & UV_FS_O_CREAT) && !(req->fs.info.file_flags & UV_FS_O_EXCL);
}

static int translate_open(const uv_fs_t* req, DWORD error) {
  if (error == ERROR_FILE_EXISTS && is_directory_in_the_way(req))
    return UV_EISDIR;
  return uv_translate_sys_error((int) error);
}

/* Not opened for that. */
static int translate_read(DWORD error) {
  return error == ERROR_ACCESS_DENIED ? UV_EBADF : uv_translate_sys_error((int) error);
}

static int translate_write(DWORD error) {
  return error == ERROR_ACCESS_DENIED ? UV_EBADF : uv__translate_write_error(error);
}

static int translate_mkdir(DWORD error) {
  if (error == ERROR_INVALID_NAME || error == ERROR_DIRECTORY)
    return UV_EINVAL;
  return uv_translate_sys_error((int) error);
}

static int translate_directory(DWORD error) {
  return error == ERROR_DIRECTORY ? UV_ENOTDIR : uv_translate_sys_error((int) error);
}

static int translate_readlink(DWORD error) {
  return error == ERROR_NOT_A_REPARSE_POINT ? UV_EINVAL : uv_translate_sys_error((int) error);
}

static int translate_other(DWORD error) {
  return error == ERROR_CALL_NOT_IMPLEMENTED ? UV_ENOSYS : uv_translate_sys_error((int) error);
}

static int translate(const uv_fs_t* req, DWORD error) {
  switch (req->fs_type) {
    case UV_FS_OPEN:
      return translate_open(req, error);
    case UV_FS_READ:
      return translate_read(error);
    case UV_FS_SENDFILE:
    case UV_FS_WRITE:
      return translate_write(error);
    case UV_FS_MKDIR:
      return translate_mkdir(error);
    case UV_FS_SCANDIR:
    case UV_FS_OPENDIR:
      return translate_directory(error);
    case UV_FS_READLINK:
      return translate_readlink(error);
    default:
      return translate_other(error);
  }
}

void uv__fs_run(uv_fs_t* req) {
  DWORD error;

  req->result = 0;
  error = call(req);
  if (error != 0) {
    req->result = translate(req, error);
    if (req->fs_type != UV_FS_READDIR)
      req->ptr = NULL;
  }
  req->sys_errno_ = error;

  /* Many programs do not clean up after reading and writing. */
  if (!has_times(req))
    release_buffers(req);
}

int uv_fs_get_system_error(const uv_fs_t* req) {
  return (int) req->sys_errno_;
}
