/* File requests on POSIX: their arguments, and which operation is called for which. */
#include "../fs.h"

#include "../core.h"
#include "../fs_entries.h"
#include "fs_ops.h"
#include "fs_request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* -- Arguments --------------------------------------------------------------------------------- */

enum { OFFSET_AT = 4, LENGTH_AT = 0 };

/* `off` has 32 bits on some systems. */
static void set_offset(uv_fs_t* req, int64_t offset) {
  memcpy(&req->reserved[OFFSET_AT], &offset, sizeof(offset));
}

int64_t uv__fs_offset(const uv_fs_t* req) {
  int64_t offset;

  memcpy(&offset, &req->reserved[OFFSET_AT], sizeof(offset));
  return offset;
}

void uv__fs_init(uv_fs_t* req) {
  req->new_path = NULL;
  req->bufs = NULL;
  req->nbufs = 0;
}

static int copy_buffers(uv_fs_t* req, const uv_buf_t* bufs, unsigned int nbufs) {
  req->bufs = req->bufsml;
  if (nbufs > sizeof(req->bufsml) / sizeof(req->bufsml[0]))
    req->bufs = uv__calloc(nbufs, sizeof(*bufs));
  if (req->bufs == NULL)
    return UV_ENOMEM;
  memcpy(req->bufs, bufs, nbufs * sizeof(*bufs));
  return 0;
}

int uv__fs_prepare(uv_fs_t* req, const struct uv__fs_call* call) {
  req->file = call->file;
  req->flags = call->flags;
  req->mode = (mode_t) call->mode;
  req->uid = call->uid;
  req->gid = call->gid;
  req->atime = call->atime;
  req->mtime = call->mtime;
  set_offset(req, call->offset);

  if (req->fs_type == UV_FS_SENDFILE) {
    req->flags = call->in_fd;
    req->bufsml[LENGTH_AT].len = call->length;
  }
  if (call->dir != NULL) {
    if (call->dir->dir == NULL)
      return UV_EINVAL;
    req->ptr = call->dir;
  }
  if (call->new_path != NULL) {
    req->new_path = req->cb != NULL ? uv__strdup(call->new_path) : call->new_path;
    if (req->new_path == NULL)
      return UV_ENOMEM;
  }
  if (call->bufs != NULL) {
    req->nbufs = call->nbufs;
    if (req->cb != NULL)
      return copy_buffers(req, call->bufs, call->nbufs);
    req->bufs = (uv_buf_t*) call->bufs;
  }
  return 0;
}

static void release_buffers(uv_fs_t* req) {
  if (req->cb != NULL && req->bufs != req->bufsml)
    uv__free(req->bufs);
  req->bufs = NULL;
  req->nbufs = 0;
}

void uv__fs_release(uv_fs_t* req) {
  release_buffers(req);
  if (req->cb != NULL)
    uv__free((void*) req->new_path);
  req->new_path = NULL;
}

/* -- Operations -------------------------------------------------------------------------------- */

static ssize_t answer(int r) {
  return r == -1 ? UV__ERR(errno) : r;
}

/* Hands over what an operation made. */
static ssize_t give(uv_fs_t* req, ssize_t result, void* made) {
  if (result >= 0)
    req->ptr = made;
  return result;
}

static ssize_t run_readlink(uv_fs_t* req) {
  char* text = NULL;
  int err = uv__fs_readlink(req->path, &text);
  return give(req, err, text);
}

static ssize_t run_realpath(uv_fs_t* req) {
  char* text = NULL;
  int err = uv__fs_realpath(req->path, &text);
  return give(req, err, text);
}

static ssize_t run_scandir(uv_fs_t* req) {
  struct uv__entries* list = NULL;
  ssize_t count = uv__fs_scandir(req->path, &list);
  return give(req, count, list);
}

static ssize_t run_opendir(uv_fs_t* req) {
  uv_dir_t* dir = NULL;
  int err = uv__fs_opendir(req->path, &dir);
  return give(req, err, dir);
}

static ssize_t run_closedir(uv_fs_t* req) {
  uv__fs_close_dir(req->ptr);
  req->ptr = NULL;
  return 0;
}

static ssize_t run_statfs(uv_fs_t* req) {
  uv_statfs_t* info = uv__malloc(sizeof(*info));
  int err = info != NULL ? uv__fs_statfs(req->path, info) : UV_ENOMEM;

  if (err != 0)
    uv__free(info);
  return give(req, err, info);
}

static ssize_t run_sendfile(uv_fs_t* req) {
  return uv__fs_sendfile(req->file, req->flags, uv__fs_offset(req), req->bufsml[LENGTH_AT].len);
}

static ssize_t call(uv_fs_t* req) {
  switch (req->fs_type) {
    case UV_FS_ACCESS:
      return answer(access(req->path, (int) req->mode));
    case UV_FS_CHMOD:
      return answer(chmod(req->path, req->mode));
    case UV_FS_CHOWN:
      return answer(chown(req->path, req->uid, req->gid));
    case UV_FS_CLOSE:
      return uv__fs_close(req->file);
    case UV_FS_CLOSEDIR:
      return run_closedir(req);
    case UV_FS_COPYFILE:
      return uv__fs_copyfile(req->path, req->new_path, req->flags);
    case UV_FS_FCHMOD:
      return answer(fchmod(req->file, req->mode));
    case UV_FS_FCHOWN:
      return answer(fchown(req->file, req->uid, req->gid));
    case UV_FS_FDATASYNC:
      return uv__fs_datasync(req->file);
    case UV_FS_FSTAT:
      return give(req, uv__fs_fstat(req->file, &req->statbuf), &req->statbuf);
    case UV_FS_FSYNC:
      return uv__fs_sync(req->file);
    case UV_FS_FTRUNCATE:
      return uv__fs_truncate(req->file, uv__fs_offset(req));
    case UV_FS_FUTIME:
      return uv__fs_futime(req->file, req->atime, req->mtime);
    case UV_FS_LCHOWN:
      return answer(lchown(req->path, req->uid, req->gid));
    case UV_FS_LINK:
      return answer(link(req->path, req->new_path));
    case UV_FS_LSTAT:
      return give(req, uv__fs_lstat(req->path, &req->statbuf), &req->statbuf);
    case UV_FS_LUTIME:
      return uv__fs_lutime(req->path, req->atime, req->mtime);
    case UV_FS_MKDIR:
      return answer(mkdir(req->path, req->mode));
    case UV_FS_MKDTEMP:
      return uv__fs_mkdtemp((char*) req->path);
    case UV_FS_MKSTEMP:
      return uv__fs_mkstemp((char*) req->path);
    case UV_FS_OPEN:
      return uv__fs_open(req->path, req->flags, req->mode);
    case UV_FS_OPENDIR:
      return run_opendir(req);
    case UV_FS_READ:
      return uv__fs_read(req->file, req->bufs, req->nbufs, uv__fs_offset(req));
    case UV_FS_READDIR:
      return uv__fs_readdir(req->ptr);
    case UV_FS_READLINK:
      return run_readlink(req);
    case UV_FS_REALPATH:
      return run_realpath(req);
    case UV_FS_RENAME:
      return answer(rename(req->path, req->new_path));
    case UV_FS_RMDIR:
      return answer(rmdir(req->path));
    case UV_FS_SCANDIR:
      return run_scandir(req);
    case UV_FS_SENDFILE:
      return run_sendfile(req);
    case UV_FS_STAT:
      return give(req, uv__fs_stat(req->path, &req->statbuf), &req->statbuf);
    case UV_FS_STATFS:
      return run_statfs(req);
    case UV_FS_SYMLINK:
      return answer(symlink(req->path, req->new_path));
    case UV_FS_UNLINK:
      return answer(unlink(req->path));
    case UV_FS_UTIME:
      return uv__fs_utime(req->path, req->atime, req->mtime);
    case UV_FS_WRITE:
      return uv__fs_write(req->file, req->bufs, req->nbufs, uv__fs_offset(req));
    default:
      return UV_ENOSYS;
  }
}

/* A read that waits may want to know of a signal. */
static bool is_tried_again(const uv_fs_t* req) {
  return req->result == UV_EINTR && req->fs_type != UV_FS_READ;
}

void uv__fs_finish(uv_fs_t* req, ssize_t result) {
  req->result = result;

  /* Many programs do not clean up after reading and writing. */
  release_buffers(req);
  if (req->fs_type == UV_FS_MKSTEMP && result < 0)
    ((char*) req->path)[0] = '\0';
}

void uv__fs_run(uv_fs_t* req) {
  do
    req->result = call(req);
  while (is_tried_again(req));
  uv__fs_finish(req, req->result);
}
