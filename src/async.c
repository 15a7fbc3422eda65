/* Async handles: a callback in the loop's thread, asked for by any thread or signal handler.
 *
 * `pending` is one atomic word: whether the handle's mail is posted, whether the handle is closed,
 * and how many senders are between posting and leaving. A sender that finds the mail posted has
 * nothing to do. The close waits until no sender is inside; until then none of them touches memory
 * that is gone.
 *
 * Programs expect the callbacks in the order in which the handles were made, whatever the order of
 * the sends: so running a handle's mail only collects it, and one more mail, behind all others,
 * sorts and calls what was collected. */
#include "atomic.h"
#include "core.h"
#include "loop_state.h"
#include "mailbox.h"
#include "thread.h"

/* uv_async_t.pending. */
enum { QUEUED = 1, CLOSED = 2, SENDER = 4 };

/* How often the close looks for the last sender before it lets other threads run. A sender needs a
 * system call's time, unless it was interrupted. */
enum { SPINS = 256 };

static uv_async_t* async_of(struct uv__mail* mail) {
  return uv__container(mail, uv_async_t, mail);
}

/* Which of the loop's async handles it is, counted from the first; the number may wrap. It is where
 * a closed handle has its successor: nothing else is free on 32-bit systems. */
static void set_order(uv_async_t* async, unsigned int order) {
  async->uv__next_closing = (uv_handle_t*) (uintptr_t) order;
}

static unsigned int order_of(const uv_async_t* async) {
  return (unsigned int) (uintptr_t) async->uv__next_closing;
}

/* -- In the loop ------------------------------------------------------------------------------- */

static bool is_older(struct uv__mail* a, struct uv__mail* b) {
  return (int) (order_of(async_of(a)) - order_of(async_of(b))) < 0;
}

static struct uv__mail* merge(struct uv__mail* a, struct uv__mail* b) {
  struct uv__mail* first = NULL;
  struct uv__mail** end = &first;

  while (a != NULL && b != NULL) {
    struct uv__mail** from = is_older(a, b) ? &a : &b;
    *end = *from;
    *from = (*from)->next;
    end = &(*end)->next;
  }
  *end = a != NULL ? a : b;
  return first;
}

/* Takes the first `count` off a list, of one or more, and sorts them. */
static struct uv__mail* take_sorted(struct uv__mail_list* list, size_t count) {
  struct uv__mail* older;

  if (count == 1) {
    older = uv__mail_list_pop(list);
    older->next = NULL;
    return older;
  }
  older = take_sorted(list, count / 2);
  return merge(older, take_sorted(list, count - count / 2));
}

static void sort(struct uv__mail_list* list) {
  struct uv__mail* mail;
  size_t count = 0;

  for (mail = list->first; mail != NULL; mail = mail->next)
    count++;
  if (count <= 1)
    return;
  mail = take_sorted(list, count);
  while (mail != NULL) {
    struct uv__mail* next = mail->next;
    uv__mail_list_push(list, mail);
    mail = next;
  }
}

static void call(uv_async_t* async) {
  /* Before the callback, so that a send from now on is another one. */
  uv__fetch_and(&async->pending, ~(unsigned) QUEUED);
  if (async->async_cb != NULL)
    async->async_cb(async);
}

static void call_all(struct uv__mail* mail) {
  struct uv__sent_asyncs* asyncs = uv__container(mail, struct uv__sent_asyncs, mail);

  mail->run = NULL;
  sort(&asyncs->list);
  while ((mail = uv__mail_list_pop(&asyncs->list)) != NULL)
    call(async_of(mail));
}

static void collect(struct uv__mail* mail) {
  uv_loop_t* loop = async_of(mail)->loop;
  struct uv__sent_asyncs* asyncs = &uv__state(loop)->asyncs;

  if (asyncs->mail.run == NULL) {
    uv__mail_list_init(&asyncs->list);
    asyncs->mail.run = call_all;
    uv__mailbox_run_last(loop, &asyncs->mail);
  }
  uv__mail_list_push(&asyncs->list, mail);
}

/* -- The handle -------------------------------------------------------------------------------- */

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

/* Takes back what was sent and not called. */
static void take_back(uv_async_t* async) {
  if (!(uv__load_relaxed(&async->pending) & QUEUED))
    return;
  if (!uv__mail_list_remove(&uv__state(async->loop)->asyncs.list, &async->mail))
    uv__mailbox_remove(async->loop, &async->mail);
}

static enum uv__close_result async_close(uv_handle_t* handle) {
  uv_async_t* async = (uv_async_t*) handle;

  uv__fetch_or(&async->pending, CLOSED);
  wait_for_senders(async);
  take_back(async);
  uv__handle_stop(handle);
  return UV__CLOSE_DONE;
}

/* The child's mailbox is empty, and the parent's senders do not exist in it. */
static int async_fork(uv_handle_t* handle) {
  uv_async_t* async = (uv_async_t*) handle;
  struct uv__sent_asyncs* asyncs = &uv__state(async->loop)->asyncs;

  asyncs->mail.run = NULL;
  uv__mail_list_remove(&asyncs->list, &async->mail);
  uv__store_relaxed(&async->pending, 0);
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
  async->mail.run = collect;
  async->pending = 0;
  set_order(async, uv__state(loop)->asyncs.next_order++);
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
