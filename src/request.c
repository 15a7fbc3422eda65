/* Requests: cancelling one. Only work that waits for a thread can be cancelled. */
#include "core.h"
#include "fs_cancel.h"
#include "threadpool.h"

static struct uv__work* work_of(uv_req_t* req) {
  switch (req->type) {
    case UV_GETADDRINFO:
      return &((uv_getaddrinfo_t*) req)->work_req;
    case UV_GETNAMEINFO:
      return &((uv_getnameinfo_t*) req)->work_req;
    case UV_RANDOM:
      return &((uv_random_t*) req)->work_req;
    case UV_WORK:
      return &((uv_work_t*) req)->work_req;
    default:
      return NULL;
  }
}

int uv_cancel(uv_req_t* req) {
  struct uv__work* work;

  if (req->type == UV_FS)
    return uv__fs_cancel((uv_fs_t*) req);
  work = work_of(req);
  return work == NULL ? UV_EINVAL : uv__work_cancel(work);
}
