/* Idle, prepare and check handles: callbacks in each turn of the loop.
 *
 * The three differ in their phase alone. They have one layout, so all that does not touch a
 * callback is written once, for any of them; the callbacks keep their types. */
#include "watcher.h"

#include "core.h"

#include <stddef.h>

_Static_assert(offsetof(uv_prepare_t, queue) == offsetof(uv_idle_t, queue), "one layout");
_Static_assert(offsetof(uv_check_t, queue) == offsetof(uv_idle_t, queue), "one layout");

/* -- All three --------------------------------------------------------------------------------- */

/* A watcher's link in the list of the started ones. */
static struct uv__queue* link_of(uv_handle_t* handle) {
  return (struct uv__queue*) (void*) ((char*) handle + offsetof(uv_idle_t, queue));
}

static uv_handle_t* handle_of(struct uv__queue* link) {
  return uv__handle(uv__container(link, uv_idle_t, queue));
}

static void start(uv_handle_t* handle, struct uv__queue* list) {
  uv__queue_push_front(list, link_of(handle));
  uv__handle_start(handle);
}

static int stop(uv_handle_t* handle) {
  uv__queue_remove(link_of(handle));
  uv__handle_stop(handle);
  return 0;
}

static enum uv__close_result watcher_close(uv_handle_t* handle) {
  stop(handle);
  return UV__CLOSE_DONE;
}

static const struct uv__handle_ops watcher_ops = {
    .close = watcher_close,
};

static void init(uv_loop_t* loop, uv_handle_t* handle, uv_handle_type type) {
  uv__handle_init(loop, handle, type, &watcher_ops);
  uv__queue_init(link_of(handle));
}

static void run(struct uv__queue* list, void (*call)(uv_handle_t* handle)) {
  struct uv__queue todo;
  struct uv__queue* link;

  /* Those that a callback starts go to the emptied list and so wait for the next turn. Those that
   * it stops leave the list that they are on. */
  uv__queue_move(list, &todo);
  while ((link = uv__queue_pop(&todo)) != NULL) {
    uv__queue_push(list, link);
    call(handle_of(link));
  }
}

/* -- Idle -------------------------------------------------------------------------------------- */

int uv_idle_init(uv_loop_t* loop, uv_idle_t* idle) {
  init(loop, uv__handle(idle), UV_IDLE);
  idle->idle_cb = NULL;
  return 0;
}

int uv_idle_start(uv_idle_t* idle, uv_idle_cb cb) {
  if (uv__is_active(uv__handle(idle)))
    return 0;
  if (cb == NULL || uv__is_closing(uv__handle(idle)))
    return UV_EINVAL;

  idle->idle_cb = cb;
  start(uv__handle(idle), &idle->loop->idle_handles);
  return 0;
}

int uv_idle_stop(uv_idle_t* idle) {
  return stop(uv__handle(idle));
}

static void call_idle(uv_handle_t* handle) {
  uv_idle_t* idle = (uv_idle_t*) handle;
  idle->idle_cb(idle);
}

/* -- Prepare ----------------------------------------------------------------------------------- */

int uv_prepare_init(uv_loop_t* loop, uv_prepare_t* prepare) {
  init(loop, uv__handle(prepare), UV_PREPARE);
  prepare->prepare_cb = NULL;
  return 0;
}

int uv_prepare_start(uv_prepare_t* prepare, uv_prepare_cb cb) {
  if (uv__is_active(uv__handle(prepare)))
    return 0;
  if (cb == NULL || uv__is_closing(uv__handle(prepare)))
    return UV_EINVAL;

  prepare->prepare_cb = cb;
  start(uv__handle(prepare), &prepare->loop->prepare_handles);
  return 0;
}

int uv_prepare_stop(uv_prepare_t* prepare) {
  return stop(uv__handle(prepare));
}

static void call_prepare(uv_handle_t* handle) {
  uv_prepare_t* prepare = (uv_prepare_t*) handle;
  prepare->prepare_cb(prepare);
}

/* -- Check ------------------------------------------------------------------------------------- */

int uv_check_init(uv_loop_t* loop, uv_check_t* check) {
  init(loop, uv__handle(check), UV_CHECK);
  check->check_cb = NULL;
  return 0;
}

int uv_check_start(uv_check_t* check, uv_check_cb cb) {
  if (uv__is_active(uv__handle(check)))
    return 0;
  if (cb == NULL || uv__is_closing(uv__handle(check)))
    return UV_EINVAL;

  check->check_cb = cb;
  start(uv__handle(check), &check->loop->check_handles);
  return 0;
}

int uv_check_stop(uv_check_t* check) {
  return stop(uv__handle(check));
}

static void call_check(uv_handle_t* handle) {
  uv_check_t* check = (uv_check_t*) handle;
  check->check_cb(check);
}

/* -- What the loop calls ----------------------------------------------------------------------- */

void uv__watchers_init(uv_loop_t* loop) {
  uv__queue_init(&loop->idle_handles);
  uv__queue_init(&loop->prepare_handles);
  uv__queue_init(&loop->check_handles);
}

bool uv__watchers_idle_started(const uv_loop_t* loop) {
  return !uv__queue_empty(&loop->idle_handles);
}

bool uv__watchers_check_started(const uv_loop_t* loop) {
  return !uv__queue_empty(&loop->check_handles);
}

void uv__watchers_run_idle(uv_loop_t* loop) {
  run(&loop->idle_handles, call_idle);
}

void uv__watchers_run_prepare(uv_loop_t* loop) {
  run(&loop->prepare_handles, call_prepare);
}

void uv__watchers_run_check(uv_loop_t* loop) {
  run(&loop->check_handles, call_check);
}
