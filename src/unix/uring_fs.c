/* File requests on a ring.
 *
 * What a turn of the loop asks for is given to the kernel together, right before the loop waits.
 * The ring's descriptor is watched like any other: it is readable when something has been
 * completed.
 *
 * An operation that the kernel cannot do without blocking goes to a thread of its own, except reads
 * of files, which need none. */
#include "uring_fs.h"

#include "../core.h"
#include "../loop_state.h"
#include "fd.h"
#include "fs_request.h"
#include "io.h"
#include "linux_stat.h"
#include "options.h"
#include "uring.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum { ENTRIES = 256 };

/* The loop's submitter. */
struct file_ring {
  struct uv__submitter submitter;
  struct uv__uring ring;
  uv__io_t watcher;
};

/* -- Completion -------------------------------------------------------------------------------- */

/* The file information of a request under way. */
static struct uv__statx* found_of(const uv_fs_t* req) {
  return req->ptr;
}

static bool is_stat(const uv_fs_t* req) {
  return req->fs_type == UV_FS_STAT || req->fs_type == UV_FS_LSTAT || req->fs_type == UV_FS_FSTAT;
}

static void take_stat(uv_fs_t* req, int result) {
  struct uv__statx* found = found_of(req);

  req->ptr = NULL;
  if (result == 0) {
    uv__fs_fill_stat(&req->statbuf, found);
    req->ptr = &req->statbuf;
  }
  uv__free(found);
}

static ssize_t length_of(const uv_fs_t* req) {
  size_t length = 0;

  for (unsigned int i = 0; i < req->nbufs; i++)
    length += req->bufs[i].len;
  return (ssize_t) length;
}

/* What the kernel would not do this way, or was kept from: the thread that submitted it has ended,
 * or a write could have been longer. */
static bool needs_thread(const uv_fs_t* req, int result) {
  switch (result) {
    case UV_EAGAIN:
    case UV_ECANCELED:
    case UV_EINTR:
    case UV_EINVAL:
    case UV_ENOTSUP:
      return true;
    default:
      return req->fs_type == UV_FS_WRITE && result > 0 && result < length_of(req) &&
             uv__fs_offset(req) >= 0;
  }
}

static void complete(uv_fs_t* req, int result) {
  bool again = needs_thread(req, result);

  if (is_stat(req))
    take_stat(req, again ? UV_EAGAIN : result);
  if (!again)
    uv__fs_finish(req, result);
  req->work_req.done(&req->work_req, again ? UV_EAGAIN : 0);
}

/* A request that was withdrawn left an entry that means nothing. A callback may close no ring: the
 * loop has a request until the callback's own. */
static void reap(struct file_ring* files) {
  const struct io_uring_cqe* cqe;

  while ((cqe = uv__uring_peek(&files->ring)) != NULL) {
    uv_fs_t* req = (uv_fs_t*) (uintptr_t) cqe->user_data;
    int result = cqe->res;
    uv__uring_take(&files->ring);
    if (req != NULL)
      complete(req, result);
  }
}

static struct file_ring* ring_of(const uv_loop_t* loop) {
  struct uv__submitter* submitter = uv__state(loop)->submitter;
  return submitter == NULL ? NULL : uv__container(submitter, struct file_ring, submitter);
}

/* While completions wait in the kernel, the ring stays readable: the rest comes with the next turn.
 */
static void on_readable(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  struct file_ring* files = ring_of(loop);

  (void) watcher;
  (void) events;
  if (uv__uring_overflows(&files->ring) && uv__uring_peek(&files->ring) == NULL)
    uv__uring_enter(&files->ring);
  reap(files);
}

/* -- The ring ---------------------------------------------------------------------------------- */

static int open_ring(struct uv__uring* ring) {
  int err = uv__uring_open(ring, ENTRIES, IORING_SETUP_COOP_TASKRUN);
  return err == UV_EINVAL ? uv__uring_open(ring, ENTRIES, 0) : err;
}

static int open_files(uv_loop_t* loop, struct file_ring* files) {
  int err = open_ring(&files->ring);

  if (err != 0)
    return err;
  err = uv__io_reserve(loop, files->ring.fd);
  if (err != 0) {
    uv__uring_close(&files->ring);
    return err;
  }
  uv__io_init(&files->watcher, on_readable, files->ring.fd);
  uv__io_start(loop, &files->watcher, POLLIN);
  return 0;
}

/* EAGAIN, EBUSY: the kernel is short of memory, or has completed more than it can tell; what it did
 * not take goes with the next turn. */
static void submit(uv_loop_t* loop) {
  struct file_ring* files = ring_of(loop);

  uv__uring_enter(&files->ring);
  files->submitter.has_prepared = uv__uring_has_prepared(&files->ring);
}

static void close_files(uv_loop_t* loop) {
  struct file_ring* files = ring_of(loop);

  uv__io_close(loop, &files->watcher);
  uv__uring_close(&files->ring);
  uv__free(files);
  uv__state(loop)->submitter = NULL;
}

/* The loop's ring, made if need be; NULL if there can be none. Whoever refuses once goes on
 * refusing. */
static struct file_ring* use_ring(uv_loop_t* loop) {
  struct uv__loop_state* state = uv__state(loop);
  struct file_ring* files;

  if (state->submitter != NULL || state->fs_ring_refused)
    return ring_of(loop);
  files = uv__calloc(1, sizeof(*files));
  if (files == NULL || open_files(loop, files) != 0) {
    uv__free(files);
    state->fs_ring_refused = true;
    return NULL;
  }
  files->submitter.submit = submit;
  files->submitter.close = close_files;
  state->submitter = &files->submitter;
  return files;
}

/* -- Submission -------------------------------------------------------------------------------- */

/* Of pipes and the like a ring reads at no offset, whatever the caller says. */
static bool is_regular(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

static bool fits_one_call(const uv_fs_t* req) {
  size_t length = 0;

  for (unsigned int i = 0; i < req->nbufs; i++) {
    if (req->bufs[i].len > UV__IO_MAX_BYTES - length)
      return false;
    length += req->bufs[i].len;
  }
  return req->nbufs <= IOV_MAX;
}

/* Whether a ring can do this one. */
static bool is_possible(const uv_fs_t* req) {
  switch (req->fs_type) {
    case UV_FS_READ:
    case UV_FS_WRITE:
      return fits_one_call(req) && is_regular(req->file);
    case UV_FS_CLOSE:
    case UV_FS_FDATASYNC:
    case UV_FS_FSYNC:
    case UV_FS_LINK:
    case UV_FS_LSTAT:
    case UV_FS_MKDIR:
    case UV_FS_OPEN:
    case UV_FS_RENAME:
    case UV_FS_RMDIR:
    case UV_FS_STAT:
    case UV_FS_SYMLINK:
    case UV_FS_UNLINK:
      return true;
    case UV_FS_FSTAT:
      return req->file >= 0;
    default:
      return false;
  }
}

static uint64_t address(const void* memory) {
  return (uint64_t) (uintptr_t) memory;
}

static void fill_vector(struct io_uring_sqe* sqe, uint8_t opcode, const uv_fs_t* req) {
  int64_t offset = uv__fs_offset(req);

  sqe->opcode = opcode;
  sqe->fd = req->file;
  sqe->addr = address(req->bufs);
  sqe->len = req->nbufs;
  sqe->off = offset >= 0 ? (uint64_t) offset : UINT64_MAX;
}

static void fill_stat(struct io_uring_sqe* sqe, const uv_fs_t* req, const char* path, int flags) {
  sqe->opcode = IORING_OP_STATX;
  sqe->fd = req->fs_type == UV_FS_FSTAT ? req->file : AT_FDCWD;
  sqe->addr = address(path);
  sqe->len = UV__STATX_MASK;
  sqe->off = address(found_of(req));
  sqe->statx_flags = (uint32_t) flags;
}

/* One path, or two. */
static void fill_names(struct io_uring_sqe* sqe, uint8_t opcode, const uv_fs_t* req) {
  sqe->opcode = opcode;
  sqe->fd = AT_FDCWD;
  sqe->addr = address(req->path);
  sqe->addr2 = address(req->new_path);
}

static void fill_target(struct io_uring_sqe* sqe, uint8_t opcode, const uv_fs_t* req) {
  fill_names(sqe, opcode, req);
  sqe->len = (uint32_t) AT_FDCWD;
}

static void fill(struct io_uring_sqe* sqe, const uv_fs_t* req) {
  switch (req->fs_type) {
    case UV_FS_CLOSE:
      sqe->opcode = IORING_OP_CLOSE;
      sqe->fd = req->file;
      break;
    case UV_FS_FDATASYNC:
      sqe->fsync_flags = IORING_FSYNC_DATASYNC;
      sqe->opcode = IORING_OP_FSYNC;
      sqe->fd = req->file;
      break;
    case UV_FS_FSYNC:
      sqe->opcode = IORING_OP_FSYNC;
      sqe->fd = req->file;
      break;
    case UV_FS_FSTAT:
      fill_stat(sqe, req, "", AT_EMPTY_PATH);
      break;
    case UV_FS_LINK:
      fill_target(sqe, IORING_OP_LINKAT, req);
      break;
    case UV_FS_LSTAT:
      fill_stat(sqe, req, req->path, AT_SYMLINK_NOFOLLOW);
      break;
    case UV_FS_MKDIR:
      fill_names(sqe, IORING_OP_MKDIRAT, req);
      sqe->addr2 = 0;
      sqe->len = req->mode;
      break;
    case UV_FS_OPEN:
      /* By a thread of the kernel's from the start: it may have to wait, as for a FIFO. */
      fill_names(sqe, IORING_OP_OPENAT, req);
      sqe->addr2 = 0;
      sqe->len = req->mode;
      sqe->open_flags = (uint32_t) (req->flags | O_CLOEXEC | O_LARGEFILE);
      sqe->flags = IOSQE_ASYNC;
      break;
    case UV_FS_READ:
      fill_vector(sqe, IORING_OP_READV, req);
      break;
    case UV_FS_RENAME:
      fill_target(sqe, IORING_OP_RENAMEAT, req);
      break;
    case UV_FS_RMDIR:
      fill_names(sqe, IORING_OP_UNLINKAT, req);
      sqe->unlink_flags = AT_REMOVEDIR;
      break;
    case UV_FS_STAT:
      fill_stat(sqe, req, req->path, 0);
      break;
    case UV_FS_SYMLINK:
      fill_names(sqe, IORING_OP_SYMLINKAT, req);
      break;
    case UV_FS_UNLINK:
      fill_names(sqe, IORING_OP_UNLINKAT, req);
      break;
    default:
      fill_vector(sqe, IORING_OP_WRITEV, req);
      break;
  }
}

/* The next entry; what is prepared makes room for it if need be. */
static struct io_uring_sqe* prepare(struct file_ring* files) {
  struct io_uring_sqe* sqe = uv__uring_prepare(&files->ring);

  if (sqe != NULL || uv__uring_enter(&files->ring) != 0)
    return sqe;
  return uv__uring_prepare(&files->ring);
}

bool uv__fs_ring_submit(uv_fs_t* req) {
  struct file_ring* files = is_possible(req) ? use_ring(req->loop) : NULL;
  struct io_uring_sqe* sqe;

  if (files == NULL)
    return false;
  if (is_stat(req) && (req->ptr = uv__malloc(sizeof(struct uv__statx))) == NULL)
    return false;
  sqe = prepare(files);
  if (sqe == NULL) {
    if (is_stat(req))
      take_stat(req, UV_EAGAIN);
    return false;
  }
  fill(sqe, req);
  sqe->user_data = address(req);
  files->submitter.has_prepared = true;
  return true;
}

bool uv__fs_ring_withdraw(uv_fs_t* req) {
  struct file_ring* files = ring_of(req->loop);
  struct io_uring_sqe* sqe = uv__uring_find_prepared(&files->ring, address(req));

  if (sqe == NULL)
    return false;
  memset(sqe, 0, sizeof(*sqe));
  sqe->opcode = IORING_OP_NOP;
  if (is_stat(req))
    take_stat(req, UV_ECANCELED);
  return true;
}
