/* Files: the public functions. Each checks its arguments and hands them to submit(), which is the
 * one place that knows how a request is carried out: at once without a callback, else by the thread
 * pool. What an operation does is the platform's (fs.h). */
#include "fs.h"

#include "atomic.h"
#include "core.h"
#include "finished.h"
#include "fs_cancel.h"
#include "fs_entries.h"
#include "metrics.h"
#include "threadpool.h"

#include <stdbool.h>

/* No system call reads or writes more. */
enum { MOST_BYTES = 0x7ffff000 };

enum {
  COPYFILE_FLAGS = UV_FS_COPYFILE_EXCL | UV_FS_COPYFILE_FICLONE | UV_FS_COPYFILE_FICLONE_FORCE
};

/* For what needs nothing but a path. */
static const struct uv__fs_call path_only;

/* -- The life of a request --------------------------------------------------------------------- */

/* Names that are made up are written into a copy, however the request is carried out. */
static bool owns_path(const uv_fs_t* req) {
  return req->cb != NULL || req->fs_type == UV_FS_MKDTEMP || req->fs_type == UV_FS_MKSTEMP;
}

static void release_path(uv_fs_t* req) {
  if (owns_path(req))
    uv__free((void*) req->path);
  req->path = NULL;
}

static void start(uv_fs_t* req) {
  uv__req_start(req->loop, uv__req(req), UV_FS);
  uv__state(req->loop)->files_asked++;
}

static void stop(uv_fs_t* req) {
  uv__req_stop(req->loop);
  uv__state(req->loop)->files_asked--;
}

static void run(struct uv__work* work) {
  uv__fs_run(uv__container(work, uv_fs_t, work_req));
}

static void done(struct uv__work* work, int status) {
  uv_fs_t* req = uv__container(work, uv_fs_t, work_req);

  if (status != 0)
    req->result = status;
  stop(req);
  req->cb(req);
}

/* -- Without a thread -------------------------------------------------------------------------- */

/* What uv__work.work is for an operation that needs no thread; never called. */
static void is_done(struct uv__work* work) {
  (void) work;
}
static void is_quick(struct uv__work* work) {
  (void) work;
}
static void has_begun(struct uv__work* work) {
  (void) work;
}

static void tell_loop(struct uv__mail* mail) {
  struct uv__work* work = uv__container(mail, struct uv__work, link.mail);
  uv_fs_t* req = uv__container(work, uv_fs_t, work_req);

  if (work->work == is_quick)
    uv__fs_run(req);
  work->work = NULL;
  uv__metrics_count_work(work->loop);
  done(work, 0);
}

/* Has the loop tell of a request in its next pending phase. */
static void tell_soon(uv_fs_t* req, void (*state)(struct uv__work* work)) {
  req->work_req.work = state;
  req->work_req.link.mail.run = tell_loop;
  uv__finished_push(req->loop, &req->work_req.link.mail);
}

static int give_to_thread(uv_fs_t* req) {
  return uv__work_submit(req->loop, &req->work_req, UV__WORK_FILE, run, done);
}

/* What has begun is over. */
static void ended(struct uv__work* work, int status) {
  uv_fs_t* req = uv__container(work, uv_fs_t, work_req);

  if (status == UV_EAGAIN) {
    status = give_to_thread(req);
    if (status == 0)
      return;
  }
  work->work = NULL;
  uv__metrics_count_work(work->loop);
  done(work, status);
}

/* Has the platform do what does not block: whether there is nothing left for a thread to do. */
static bool begin(uv_fs_t* req) {
  struct uv__work* work = &req->work_req;

  work->loop = req->loop;
  work->done = ended;
  work->work = has_begun;
  switch (uv__fs_begin(req)) {
    case UV__FS_DONE:
      tell_soon(req, is_done);
      return true;
    case UV__FS_QUICK:
      tell_soon(req, is_quick);
      return true;
    case UV__FS_BEGUN:
      return true;
    default:
      return false;
  }
}

static int enqueue(uv_fs_t* req) {
  int err;

  start(req);
  if (begin(req))
    return 0;
  err = give_to_thread(req);
  if (err != 0)
    stop(req);
  return err;
}

/* Whether an operation that needs no thread was taken back. */
static bool take_back(uv_fs_t* req) {
  struct uv__work* work = &req->work_req;

  if (work->work == is_quick)
    work->work = is_done;
  else if (work->work == is_done)
    return uv__fs_undo(req);
  else if (uv__fs_end(req))
    tell_soon(req, is_done);
  else
    return false;
  return true;
}

int uv__fs_cancel(uv_fs_t* req) {
  struct uv__work* work = &req->work_req;
  void (*state)(struct uv__work * work) = uv__load_relaxed(&work->work);

  if (state != is_done && state != is_quick && state != has_begun)
    return uv__work_cancel(work);
  if (req->result == UV_ECANCELED && state == is_done)
    return 0;
  if (!take_back(req))
    return UV_EBUSY;
  req->result = UV_ECANCELED;
  return 0;
}

bool uv__fs_is_finished(const uv_fs_t* req) {
  return req->work_req.work == is_done || req->work_req.work == is_quick;
}

/* -- Asking for a request ---------------------------------------------------------------------- */

static int prepare(uv_fs_t* req, const char* path, const struct uv__fs_call* call) {
  req->path = path;
  if (path != NULL && owns_path(req)) {
    req->path = uv__strdup(path);
    if (req->path == NULL)
      return UV_ENOMEM;
  }
  return uv__fs_prepare(req, call);
}

/* Makes memory that nobody zeroed a request, whatever becomes of it. */
static void init(uv_loop_t* loop, uv_fs_t* req, uv_fs_type type, uv_fs_cb cb) {
  req->type = UV_FS;
  req->fs_type = type;
  req->loop = loop;
  req->cb = cb;
  req->result = 0;
  req->ptr = NULL;
  req->path = NULL;
  req->work_req.work = NULL;
  uv__fs_init(req);
}

/* Carries out a request, or has it carried out; `valid` tells whether its arguments are. A request
 * that is refused holds nothing. */
static int submit(uv_loop_t* loop, uv_fs_t* req, uv_fs_type type, uv_fs_cb cb, bool valid,
                  const char* path, const struct uv__fs_call* call) {
  int err = UV_EINVAL;

  if (req == NULL)
    return UV_EINVAL;
  init(loop, req, type, cb);
  if (valid && (cb == NULL || loop != NULL))
    err = prepare(req, path, call);
  if (err == 0 && cb == NULL) {
    uv__fs_run(req);
    return (int) req->result;
  }
  if (err == 0)
    err = enqueue(req);
  if (err != 0) {
    uv__fs_release(req);
    release_path(req);
    req->ptr = NULL;
    req->result = err;
  }
  return err;
}

static void free_names(uv_dirent_t* entries, ssize_t count) {
  for (ssize_t i = 0; i < count; i++) {
    uv__free((void*) entries[i].name);
    entries[i].name = NULL;
  }
}

/* Frees what the operation made. */
static void release_result(uv_fs_t* req) {
  if (req->ptr == NULL || req->ptr == &req->statbuf)
    return;
  switch (req->fs_type) {
    case UV_FS_OPENDIR:
      break;
    case UV_FS_READDIR:
      free_names(((uv_dir_t*) req->ptr)->dirents, req->result);
      break;
    case UV_FS_CLOSEDIR:
      /* It was cancelled, and nobody else will close it. */
      uv__fs_close_dir(req->ptr);
      break;
    case UV_FS_SCANDIR:
      uv__entries_free(req->ptr);
      break;
    default:
      uv__free(req->ptr);
      break;
  }
}

void uv_fs_req_cleanup(uv_fs_t* req) {
  if (req == NULL)
    return;
  release_result(req);
  req->ptr = NULL;
  uv__fs_release(req);
  release_path(req);
}

/* -- Open, read, write, close ------------------------------------------------------------------ */

int uv_fs_open(uv_loop_t* loop, uv_fs_t* req, const char* path, int flags, int mode, uv_fs_cb cb) {
  const struct uv__fs_call call = {.flags = flags, .mode = mode};
  return submit(loop, req, UV_FS_OPEN, cb, path != NULL, path, &call);
}

int uv_fs_close(uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_fs_cb cb) {
  const struct uv__fs_call call = {.file = file};
  return submit(loop, req, UV_FS_CLOSE, cb, true, NULL, &call);
}

int uv_fs_read(uv_loop_t* loop, uv_fs_t* req, uv_file file, const uv_buf_t bufs[],
               unsigned int nbufs, int64_t offset, uv_fs_cb cb) {
  const struct uv__fs_call call = {.file = file, .bufs = bufs, .nbufs = nbufs, .offset = offset};
  return submit(loop, req, UV_FS_READ, cb, bufs != NULL && nbufs > 0, NULL, &call);
}

static bool can_be_written(const uv_buf_t bufs[], unsigned int nbufs) {
  size_t left = MOST_BYTES;

  if (bufs == NULL || nbufs == 0)
    return false;
  for (unsigned int i = 0; i < nbufs; i++) {
    if (bufs[i].len > left)
      return false;
    left -= bufs[i].len;
  }
  return true;
}

int uv_fs_write(uv_loop_t* loop, uv_fs_t* req, uv_file file, const uv_buf_t bufs[],
                unsigned int nbufs, int64_t offset, uv_fs_cb cb) {
  const struct uv__fs_call call = {.file = file, .bufs = bufs, .nbufs = nbufs, .offset = offset};
  return submit(loop, req, UV_FS_WRITE, cb, can_be_written(bufs, nbufs), NULL, &call);
}

int uv_fs_ftruncate(uv_loop_t* loop, uv_fs_t* req, uv_file file, int64_t offset, uv_fs_cb cb) {
  const struct uv__fs_call call = {.file = file, .offset = offset};
  return submit(loop, req, UV_FS_FTRUNCATE, cb, true, NULL, &call);
}

int uv_fs_fsync(uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_fs_cb cb) {
  const struct uv__fs_call call = {.file = file};
  return submit(loop, req, UV_FS_FSYNC, cb, true, NULL, &call);
}

int uv_fs_fdatasync(uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_fs_cb cb) {
  const struct uv__fs_call call = {.file = file};
  return submit(loop, req, UV_FS_FDATASYNC, cb, true, NULL, &call);
}

int uv_fs_sendfile(uv_loop_t* loop, uv_fs_t* req, uv_file out_fd, uv_file in_fd, int64_t in_offset,
                   size_t length, uv_fs_cb cb) {
  const struct uv__fs_call call = {
      .file = out_fd, .in_fd = in_fd, .offset = in_offset, .length = length};
  return submit(loop, req, UV_FS_SENDFILE, cb, length <= MOST_BYTES, NULL, &call);
}

int uv_fs_copyfile(uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path, int flags,
                   uv_fs_cb cb) {
  const struct uv__fs_call call = {.new_path = new_path, .flags = flags};
  bool valid = path != NULL && new_path != NULL && (flags & ~COPYFILE_FLAGS) == 0;
  return submit(loop, req, UV_FS_COPYFILE, cb, valid, path, &call);
}

/* -- Names, links ------------------------------------------------------------------------------ */

int uv_fs_unlink(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb) {
  return submit(loop, req, UV_FS_UNLINK, cb, path != NULL, path, &path_only);
}

int uv_fs_rename(uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path,
                 uv_fs_cb cb) {
  const struct uv__fs_call call = {.new_path = new_path};
  return submit(loop, req, UV_FS_RENAME, cb, path != NULL && new_path != NULL, path, &call);
}

int uv_fs_link(uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path, uv_fs_cb cb) {
  const struct uv__fs_call call = {.new_path = new_path};
  return submit(loop, req, UV_FS_LINK, cb, path != NULL && new_path != NULL, path, &call);
}

int uv_fs_symlink(uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path, int flags,
                  uv_fs_cb cb) {
  const struct uv__fs_call call = {.new_path = new_path, .flags = flags};
  return submit(loop, req, UV_FS_SYMLINK, cb, path != NULL && new_path != NULL, path, &call);
}

int uv_fs_readlink(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb) {
  return submit(loop, req, UV_FS_READLINK, cb, path != NULL, path, &path_only);
}

int uv_fs_realpath(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb) {
  return submit(loop, req, UV_FS_REALPATH, cb, path != NULL, path, &path_only);
}

int uv_fs_mkdtemp(uv_loop_t* loop, uv_fs_t* req, const char* tpl, uv_fs_cb cb) {
  return submit(loop, req, UV_FS_MKDTEMP, cb, tpl != NULL, tpl, &path_only);
}

int uv_fs_mkstemp(uv_loop_t* loop, uv_fs_t* req, const char* tpl, uv_fs_cb cb) {
  return submit(loop, req, UV_FS_MKSTEMP, cb, tpl != NULL, tpl, &path_only);
}

/* -- Directories ------------------------------------------------------------------------------- */

int uv_fs_mkdir(uv_loop_t* loop, uv_fs_t* req, const char* path, int mode, uv_fs_cb cb) {
  const struct uv__fs_call call = {.mode = mode};
  return submit(loop, req, UV_FS_MKDIR, cb, path != NULL, path, &call);
}

int uv_fs_rmdir(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb) {
  return submit(loop, req, UV_FS_RMDIR, cb, path != NULL, path, &path_only);
}

int uv_fs_scandir(uv_loop_t* loop, uv_fs_t* req, const char* path, int flags, uv_fs_cb cb) {
  const struct uv__fs_call call = {.flags = flags};
  return submit(loop, req, UV_FS_SCANDIR, cb, path != NULL, path, &call);
}

int uv_fs_scandir_next(uv_fs_t* req, uv_dirent_t* ent) {
  if (req->result < 0)
    return (int) req->result;
  return req->ptr != NULL && uv__entries_next(req->ptr, ent) ? 0 : UV_EOF;
}

int uv_fs_opendir(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb) {
  return submit(loop, req, UV_FS_OPENDIR, cb, path != NULL, path, &path_only);
}

int uv_fs_readdir(uv_loop_t* loop, uv_fs_t* req, uv_dir_t* dir, uv_fs_cb cb) {
  const struct uv__fs_call call = {.dir = dir};
  return submit(loop, req, UV_FS_READDIR, cb, dir != NULL && dir->dirents != NULL, NULL, &call);
}

int uv_fs_closedir(uv_loop_t* loop, uv_fs_t* req, uv_dir_t* dir, uv_fs_cb cb) {
  const struct uv__fs_call call = {.dir = dir};
  return submit(loop, req, UV_FS_CLOSEDIR, cb, dir != NULL, NULL, &call);
}

/* -- Metadata ---------------------------------------------------------------------------------- */

int uv_fs_stat(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb) {
  return submit(loop, req, UV_FS_STAT, cb, path != NULL, path, &path_only);
}

int uv_fs_lstat(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb) {
  return submit(loop, req, UV_FS_LSTAT, cb, path != NULL, path, &path_only);
}

int uv_fs_fstat(uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_fs_cb cb) {
  const struct uv__fs_call call = {.file = file};
  return submit(loop, req, UV_FS_FSTAT, cb, true, NULL, &call);
}

int uv_fs_statfs(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb) {
  return submit(loop, req, UV_FS_STATFS, cb, path != NULL, path, &path_only);
}

int uv_fs_access(uv_loop_t* loop, uv_fs_t* req, const char* path, int mode, uv_fs_cb cb) {
  const struct uv__fs_call call = {.mode = mode};
  return submit(loop, req, UV_FS_ACCESS, cb, path != NULL, path, &call);
}

int uv_fs_chmod(uv_loop_t* loop, uv_fs_t* req, const char* path, int mode, uv_fs_cb cb) {
  const struct uv__fs_call call = {.mode = mode};
  return submit(loop, req, UV_FS_CHMOD, cb, path != NULL, path, &call);
}

int uv_fs_fchmod(uv_loop_t* loop, uv_fs_t* req, uv_file file, int mode, uv_fs_cb cb) {
  const struct uv__fs_call call = {.file = file, .mode = mode};
  return submit(loop, req, UV_FS_FCHMOD, cb, true, NULL, &call);
}

int uv_fs_chown(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_uid_t uid, uv_gid_t gid,
                uv_fs_cb cb) {
  const struct uv__fs_call call = {.uid = uid, .gid = gid};
  return submit(loop, req, UV_FS_CHOWN, cb, path != NULL, path, &call);
}

int uv_fs_fchown(uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_uid_t uid, uv_gid_t gid,
                 uv_fs_cb cb) {
  const struct uv__fs_call call = {.file = file, .uid = uid, .gid = gid};
  return submit(loop, req, UV_FS_FCHOWN, cb, true, NULL, &call);
}

int uv_fs_lchown(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_uid_t uid, uv_gid_t gid,
                 uv_fs_cb cb) {
  const struct uv__fs_call call = {.uid = uid, .gid = gid};
  return submit(loop, req, UV_FS_LCHOWN, cb, path != NULL, path, &call);
}

int uv_fs_utime(uv_loop_t* loop, uv_fs_t* req, const char* path, double atime, double mtime,
                uv_fs_cb cb) {
  const struct uv__fs_call call = {.atime = atime, .mtime = mtime};
  return submit(loop, req, UV_FS_UTIME, cb, path != NULL, path, &call);
}

int uv_fs_futime(uv_loop_t* loop, uv_fs_t* req, uv_file file, double atime, double mtime,
                 uv_fs_cb cb) {
  const struct uv__fs_call call = {.file = file, .atime = atime, .mtime = mtime};
  return submit(loop, req, UV_FS_FUTIME, cb, true, NULL, &call);
}

int uv_fs_lutime(uv_loop_t* loop, uv_fs_t* req, const char* path, double atime, double mtime,
                 uv_fs_cb cb) {
  const struct uv__fs_call call = {.atime = atime, .mtime = mtime};
  return submit(loop, req, UV_FS_LUTIME, cb, path != NULL, path, &call);
}
