/* Random bytes, at once or from the thread pool: the source may wait after the system's start. */
#include "random.h"

#include "core.h"
#include "threadpool.h"

enum { MOST_BYTES = 0x7FFFFFFF };

static void random_run(struct uv__work* work) {
  uv_random_t* req = uv__container(work, uv_random_t, work_req);
  req->status = uv__random_source(req->buf, req->buflen);
}

static void random_done(struct uv__work* work, int status) {
  uv_random_t* req = uv__container(work, uv_random_t, work_req);

  if (status != 0)
    req->status = status;
  uv__req_stop(req->loop);
  req->cb(req, req->status, req->buf, req->buflen);
}

int uv_random(uv_loop_t* loop, uv_random_t* req, void* buf, size_t buflen, unsigned int flags,
              uv_random_cb cb) {
  int err;

  if (buflen > MOST_BYTES)
    return UV_E2BIG;
  if (flags != 0)
    return UV_EINVAL;
  if (cb == NULL)
    return uv__random_source(buf, buflen);
  if (loop == NULL || req == NULL)
    return UV_EINVAL;

  req->loop = loop;
  req->status = 0;
  req->buf = buf;
  req->buflen = buflen;
  req->cb = cb;
  uv__req_start(loop, uv__req(req), UV_RANDOM);
  err = uv__work_submit(loop, &req->work_req, UV__WORK_CPU, random_run, random_done);
  if (err != 0)
    uv__req_stop(loop);
  return err;
}
