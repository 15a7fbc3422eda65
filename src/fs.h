/* File requests: what the public functions of fs.c and a platform agree on.
 *
 * fs.c checks a call, decides which thread runs it, and calls back. The platform keeps the
 * arguments in the request's private part and carries the operation out. */
#ifndef RONDO_FS_H_
#define RONDO_FS_H_

#include "uv.h"

#include <stdbool.h>

/* The arguments of one call. Those that an operation does not have are 0; `path` is not here, since
 * it is a public member of the request. */
struct uv__fs_call {
  const char* new_path;
  uv_dir_t* dir;
  uv_file file;
  uv_file in_fd;
  int flags;
  int mode;
  const uv_buf_t* bufs;
  unsigned int nbufs;
  int64_t offset;
  size_t length;
  uv_uid_t uid;
  uv_gid_t gid;
  double atime;
  double mtime;
};

/* Makes the private part of a request hold nothing. */
void uv__fs_init(uv_fs_t* req);

/* Keeps the arguments. Those of an asynchronous request (one with a callback) are copied, since the
 * caller's may be gone when it runs. 0 or an error; uv__fs_release() frees the copies either way.
 */
int uv__fs_prepare(uv_fs_t* req, const struct uv__fs_call* call);

/* Carries out the operation in this thread, whichever it is: sets `result`, and on success `ptr` or
 * `statbuf`. */
void uv__fs_run(uv_fs_t* req);

/* How far an asynchronous operation got in the call that asks for it. */
enum uv__fs_progress {
  UV__FS_DONE,        /* it is over, and the request is as uv__fs_run() leaves it */
  UV__FS_QUICK,       /* nothing has been done, and uv__fs_run() will not block */
  UV__FS_BEGUN,       /* it goes on without a thread, and the loop will call work_req.done: with 0,
                       * or with UV_EAGAIN if it needs a thread after all */
  UV__FS_NEEDS_THREAD /* nothing has been done */
};

/* Begins an operation in the loop's thread, as far as that cannot block it. */
enum uv__fs_progress uv__fs_begin(uv_fs_t* req);

/* Undoes an operation that was done at once, or ends one that has begun, as if it had never been
 * asked for; work_req.done is not called any more. Whether that was possible. */
bool uv__fs_undo(uv_fs_t* req);
bool uv__fs_end(uv_fs_t* req);

/* Frees what is left of the arguments' copies. */
void uv__fs_release(uv_fs_t* req);

/* Closes a directory that uv_fs_opendir() has opened and frees it. */
void uv__fs_close_dir(uv_dir_t* dir);

#endif /* RONDO_FS_H_ */
