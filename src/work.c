/* Work of the user's on the thread pool. */
#include "core.h"
#include "threadpool.h"

static void work_run(struct uv__work* work) {
  uv_work_t* req = uv__container(work, uv_work_t, work_req);
  req->work_cb(req);
}

static void work_done(struct uv__work* work, int status) {
  uv_work_t* req = uv__container(work, uv_work_t, work_req);

  uv__req_stop(req->loop);
  if (req->after_work_cb != NULL)
    req->after_work_cb(req, status);
}

int uv_queue_work(uv_loop_t* loop, uv_work_t* req, uv_work_cb work_cb,
                  uv_after_work_cb after_work_cb) {
  int err;

  if (work_cb == NULL)
    return UV_EINVAL;
  req->loop = loop;
  req->work_cb = work_cb;
  req->after_work_cb = after_work_cb;
  uv__req_start(loop, uv__req(req), UV_WORK);
  err = uv__work_submit(loop, &req->work_req, UV__WORK_CPU, work_run, work_done);
  if (err != 0)
    uv__req_stop(loop);
  return err;
}
