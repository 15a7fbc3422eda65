/* Async handles: a callback in the loop's thread, asked for by any thread or signal handler.
 *
 * `pending` is one atomic word: whether the handle's mail is posted, whether the handle is closed,
 * and how many senders are between posting and leaving. A sender that finds the mail posted has
 * nothing to do. The close waits until no sender is inside; until then none of them touches memory
 * that is gone. */
#include "atomic.h"
#include "core.h"
#include "mailbox.h"
#include "thread.h"

/* uv_async_t.pending. */
enum { QUEUED = 1, CLOSED = 2, SENDER = 4 };

/* How often the close looks for the last sender before it lets other threads run. A sender needs a
 * system call's time, unless it was interrupted. */
enum { SPINS = 256 };

static void async_run(struct uv__mail* mail) {
  uv_async_t* async = uv__container(mail, uv_async_t, mail);

  /* Before the callback, so that a send from now on is another one. */
  uv__fetch_and(&async->pending, ~(unsigned) QUEUED);
  if (async->async_cb != NULL)
    async->async_cb(async);
}

static void wait_for_senders(uv_async_t* async) {
  int spins = 0;

  while (uv__load_acquire(&async->pending) >= SENDER) {
    if (spins == SPINS) {
      uv__thread_give_way();
    } else {
      uv__cpu_relax();
      spins++;
    }
  }
}

static enum uv__close_result async_close(uv_handle_t* handle) {
  uv_async_t* async = (uv_async_t*) handle;

  uv__fetch_or(&async->pending, CLOSED);
  wait_for_senders(async);
  if (uv__load_relaxed(&async->pending) & QUEUED)
    uv__mailbox_remove(async->loop, &async->mail);
  uv__handle_stop(handle);
  return UV__CLOSE_DONE;
}

/* The child's mailbox is empty, and the parent's senders do not exist in it. */
static int async_fork(uv_handle_t* handle) {
  uv__store_relaxed(&((uv_async_t*) handle)->pending, 0);
  return 0;
}

static const struct uv__handle_ops async_ops = {
    .close = async_close,
    .fork = async_fork,
};

int uv_async_init(uv_loop_t* loop, uv_async_t* async, uv_async_cb async_cb) {
  uv__handle_init(loop, uv__handle(async), UV_ASYNC, &async_ops);
  async->async_cb = async_cb;
  async->mail.next = NULL;
  async->mail.run = async_run;
  async->pending = 0;
  uv__handle_start(uv__handle(async));
  return 0;
}

int uv_async_send(uv_async_t* async) {
  unsigned int state = uv__load_relaxed(&async->pending);
  unsigned int next;

  /* A sender that has nothing to do writes the word all the same, with the value that it has: what
   * the sender did before is then visible to the callback, which reads the word after it. */
  do {
    if (state & CLOSED)
      return 0;
    next = state & QUEUED ? state : (state | QUEUED) + SENDER;
  } while (!uv__replace(&async->pending, &state, next));

  if (state & QUEUED)
    return 0;
  uv__mailbox_post(async->loop, &async->mail);
  uv__fetch_sub_release(&async->pending, SENDER);
  return 0;
}
