/* Handles: what all of them share, from init to the close callback.
 *
 * A handle is linked to its loop from its init until just before its close callback. uv_close()
 * stops it at once; the closing phase of the loop's turn tells the user. */
#include "core.h"
#include "loop_state.h"

/* What each type's module knows of its handles. A program may run loops in several threads, and
 * each may be the first to make a handle of a type; all store the same pointer. */
static const struct uv__handle_ops* handle_ops[UV_HANDLE_TYPE_MAX];

static const struct uv__handle_ops* ops_of(const uv_handle_t* handle) {
  return __atomic_load_n(&handle_ops[handle->type], __ATOMIC_RELAXED);
}

void uv__handle_init(uv_loop_t* loop, uv_handle_t* handle, uv_handle_type type,
                     const struct uv__handle_ops* ops) {
  __atomic_store_n(&handle_ops[type], ops, __ATOMIC_RELAXED);
  handle->loop = loop;
  handle->type = type;
  handle->close_cb = NULL;
  handle->flags = UV_HANDLE_REF;
  handle->uv__next_closing = NULL;
  uv__queue_push(&loop->handle_queue, &handle->handle_queue);
}

void uv__handle_unlink(uv_handle_t* handle) {
  uv__queue_remove(&handle->handle_queue);
}

/* -- Closing ----------------------------------------------------------------------------------- */

static void queue_closed(uv_handle_t* handle) {
  uv_loop_t* loop = handle->loop;

  handle->uv__next_closing = loop->uv__closing_handles;
  loop->uv__closing_handles = handle;
}

void uv_close(uv_handle_t* handle, uv_close_cb close_cb) {
  if (uv__is_closing(handle))
    return;

  handle->flags |= UV_HANDLE_CLOSING;
  handle->close_cb = close_cb;
  if (ops_of(handle)->close(handle) == UV__CLOSE_DONE) {
    queue_closed(handle);
    return;
  }
  handle->flags |= UV_HANDLE_CLOSE_WAITS;
  uv__state(handle->loop)->closing_pending++;
}

void uv__handle_closed(uv_handle_t* handle) {
  handle->flags &= ~(unsigned) UV_HANDLE_CLOSE_WAITS;
  uv__state(handle->loop)->closing_pending--;
  queue_closed(handle);
}

void uv__handle_complete(uv_handle_t* handle, uv_req_t* req) {
  ops_of(handle)->complete(handle, req);
}

static void finish_closing(uv_handle_t* handle) {
  const struct uv__handle_ops* ops = ops_of(handle);

  if (ops->finish != NULL)
    ops->finish(handle);
  handle->flags |= UV_HANDLE_CLOSED;
  uv__queue_remove(&handle->handle_queue);
  if (handle->close_cb != NULL)
    handle->close_cb(handle);
}

void uv__handles_run_closing(uv_loop_t* loop) {
  uv_handle_t* handle = loop->uv__closing_handles;

  /* Handles that a close callback closes wait for the next turn. */
  loop->uv__closing_handles = NULL;
  while (handle != NULL) {
    uv_handle_t* next = handle->uv__next_closing;
    finish_closing(handle);
    handle = next;
  }
}

/* -- Counting for the loop --------------------------------------------------------------------- */

void uv_ref(uv_handle_t* handle) {
  if (handle->flags & UV_HANDLE_REF)
    return;
  handle->flags |= UV_HANDLE_REF;
  if (uv__is_active(handle))
    handle->loop->active_handles++;
}

void uv_unref(uv_handle_t* handle) {
  if (!(handle->flags & UV_HANDLE_REF))
    return;
  handle->flags &= ~(unsigned) UV_HANDLE_REF;
  if (uv__is_active(handle))
    handle->loop->active_handles--;
}

int uv_has_ref(const uv_handle_t* handle) {
  return (handle->flags & UV_HANDLE_REF) != 0;
}

int uv_is_active(const uv_handle_t* handle) {
  return uv__is_active(handle);
}

int uv_is_closing(const uv_handle_t* handle) {
  return uv__is_closing(handle);
}

/* -- All handles of a loop --------------------------------------------------------------------- */

static uv_handle_t* handle_of(struct uv__queue* link) {
  return uv__container(link, uv_handle_t, handle_queue);
}

void uv_walk(uv_loop_t* loop, uv_walk_cb walk_cb, void* arg) {
  struct uv__queue todo;
  struct uv__queue* link;

  if (walk_cb == NULL)
    return;

  /* The callback may init and close handles: walk a list of its own and put each handle back before
   * its visit. What the callback adds lands behind and is not visited. */
  uv__queue_move(&loop->handle_queue, &todo);
  while ((link = uv__queue_pop(&todo)) != NULL) {
    uv_handle_t* handle = handle_of(link);
    uv__queue_push(&loop->handle_queue, link);
    if (!(handle->flags & UV_HANDLE_INTERNAL))
      walk_cb(handle, arg);
  }
}

bool uv__handles_left(const uv_loop_t* loop) {
  for (struct uv__queue* link = loop->handle_queue.next; link != &loop->handle_queue;
       link = link->next)
    if (!(handle_of(link)->flags & UV_HANDLE_INTERNAL))
      return true;
  return false;
}

int uv__handles_fork(uv_loop_t* loop) {
  int first_error = 0;

  for (struct uv__queue* link = loop->handle_queue.next; link != &loop->handle_queue;
       link = link->next) {
    uv_handle_t* handle = handle_of(link);
    const struct uv__handle_ops* ops = ops_of(handle);
    bool is_in_use = !uv__is_closing(handle) || (handle->flags & UV_HANDLE_CLOSE_WAITS);
    int err = 0;
    if (ops->fork != NULL && is_in_use)
      err = ops->fork(handle);
    if (first_error == 0)
      first_error = err;
  }
  return first_error;
}
