/* Watching a file by asking for its state at an interval.
 *
 * Each start makes a poller, which outlives the stop while an answer is under way: the handle has a
 * list of them, the latest first, and only that one may be the handle's present one. The timer
 * between two questions is never seen by the user, so it is in no list of handles. */
#include "core.h"
#include "fs_cancel.h"
#include "sized_buffer.h"

#include <string.h>

enum stage { WAITING, ASKING, TELLING };

struct poller {
  struct poller* next;
  uv_fs_poll_t* handle;
  bool is_stopped;
  enum stage stage;
  uv_fs_poll_cb cb;
  unsigned int interval_ms;
  uint64_t asked_at; /* loop time */
  uv_timer_t timer;
  uv_fs_t req;
  bool is_known;  /* there has been an answer */
  int last_error; /* of the last answer */
  uv_stat_t known;
  char path[];
};

static struct poller* present(const uv_fs_poll_t* handle) {
  return handle->poll_ctx;
}

static void free_poller(struct poller* poller) {
  struct poller* first = present(poller->handle);

  if (first == poller) {
    poller->handle->poll_ctx = poller->next;
  } else {
    while (first->next != poller)
      first = first->next;
    first->next = poller->next;
  }
  uv__free(poller);
}

/* -- Comparing --------------------------------------------------------------------------------- */

static bool is_same_time(const uv_timespec_t* a, const uv_timespec_t* b) {
  return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool is_same(const uv_stat_t* a, const uv_stat_t* b) {
  return is_same_time(&a->st_ctim, &b->st_ctim) && is_same_time(&a->st_mtim, &b->st_mtim) &&
         is_same_time(&a->st_birthtim, &b->st_birthtim) && a->st_size == b->st_size &&
         a->st_mode == b->st_mode && a->st_uid == b->st_uid && a->st_gid == b->st_gid &&
         a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_flags == b->st_flags &&
         a->st_gen == b->st_gen;
}

/* -- Asking ------------------------------------------------------------------------------------ */

static const uv_stat_t nothing;

static void tell_error(struct poller* poller, int error) {
  bool is_news = !poller->is_known || poller->last_error != error;

  poller->is_known = true;
  poller->last_error = error;
  if (is_news)
    poller->cb(poller->handle, error, &poller->known, &nothing);
}

static void tell_state(struct poller* poller, const uv_stat_t* state) {
  uv_stat_t before = poller->known;
  bool is_news = poller->is_known && (poller->last_error != 0 || !is_same(&before, state));

  poller->is_known = true;
  poller->last_error = 0;
  poller->known = *state;
  if (is_news)
    poller->cb(poller->handle, 0, &before, state);
}

static void on_time(uv_timer_t* timer);

/* At a multiple of the interval from the last question. */
static void wait(struct poller* poller) {
  uint64_t elapsed = uv_now(poller->timer.loop) - poller->asked_at;

  poller->stage = WAITING;
  uv_timer_start(&poller->timer, on_time, poller->interval_ms - elapsed % poller->interval_ms, 0);
}

/* After a stop the handle may be closed, and then waits for the last poller. */
static void go_on(struct poller* poller) {
  uv_fs_poll_t* handle = poller->handle;

  if (!poller->is_stopped) {
    wait(poller);
    return;
  }
  free_poller(poller);
  if (present(handle) == NULL && uv__is_closing(uv__handle(handle)))
    uv__handle_closed(uv__handle(handle));
}

static void on_answer(uv_fs_t* req) {
  struct poller* poller = uv__container(req, struct poller, req);

  poller->stage = TELLING;
  if (!poller->is_stopped) {
    if (req->result != 0)
      tell_error(poller, (int) req->result);
    else
      tell_state(poller, &req->statbuf);
  }
  uv_fs_req_cleanup(req);
  go_on(poller);
}

static int ask(struct poller* poller) {
  int err;

  poller->asked_at = uv_now(poller->timer.loop);
  poller->stage = ASKING;
  err = uv_fs_stat(poller->timer.loop, &poller->req, poller->path, on_answer);
  if (err != 0)
    uv_fs_req_cleanup(&poller->req);
  return err;
}

/* A question that cannot be asked is answered at once. */
static void on_time(uv_timer_t* timer) {
  struct poller* poller = uv__container(timer, struct poller, timer);
  int err = ask(poller);

  if (err == 0)
    return;
  poller->stage = TELLING;
  tell_error(poller, err);
  go_on(poller);
}

/* -- Handles ----------------------------------------------------------------------------------- */

int uv_fs_poll_stop(uv_fs_poll_t* handle) {
  struct poller* poller = present(handle);

  if (!uv__is_active(uv__handle(handle)))
    return 0;
  poller->is_stopped = true;
  uv_timer_stop(&poller->timer);
  if (poller->stage == ASKING)
    uv_cancel(uv__req(&poller->req));
  else if (poller->stage == WAITING)
    free_poller(poller);
  uv__handle_stop(uv__handle(handle));
  return 0;
}

static enum uv__close_result fs_poll_close(uv_handle_t* base) {
  uv_fs_poll_t* handle = (uv_fs_poll_t*) base;

  uv_fs_poll_stop(handle);
  return present(handle) == NULL ? UV__CLOSE_DONE : UV__CLOSE_PENDING;
}

/* The answers that others were to give will not come to the child. */
static int fs_poll_fork(uv_handle_t* base) {
  struct poller* poller = present((uv_fs_poll_t*) base);
  struct poller* next;

  for (; poller != NULL; poller = next) {
    next = poller->next;
    if (poller->stage != ASKING || uv__fs_is_finished(&poller->req))
      continue;
    uv__req_stop(base->loop);
    uv_fs_req_cleanup(&poller->req);
    go_on(poller);
  }
  return 0;
}

static const struct uv__handle_ops fs_poll_ops = {
    .close = fs_poll_close,
    .fork = fs_poll_fork,
};

int uv_fs_poll_init(uv_loop_t* loop, uv_fs_poll_t* handle) {
  uv__handle_init(loop, uv__handle(handle), UV_FS_POLL, &fs_poll_ops);
  handle->poll_ctx = NULL;
  return 0;
}

static struct poller* new_poller(uv_fs_poll_t* handle, const char* path) {
  size_t size = strlen(path) + 1;
  struct poller* poller = uv__calloc(1, sizeof(*poller) + size);

  if (poller == NULL)
    return NULL;
  memcpy(poller->path, path, size);
  poller->handle = handle;
  uv_timer_init(handle->loop, &poller->timer);
  poller->timer.flags |= UV_HANDLE_INTERNAL;
  uv__handle_unlink(uv__handle(&poller->timer));
  uv_unref(uv__handle(&poller->timer));
  return poller;
}

int uv_fs_poll_start(uv_fs_poll_t* handle, uv_fs_poll_cb poll_cb, const char* path,
                     unsigned int interval) {
  struct poller* poller;
  int err;

  if (poll_cb == NULL || path == NULL || uv__is_closing(uv__handle(handle)))
    return UV_EINVAL;
  if (uv__is_active(uv__handle(handle)))
    return 0;

  poller = new_poller(handle, path);
  if (poller == NULL)
    return UV_ENOMEM;
  poller->cb = poll_cb;
  poller->interval_ms = interval != 0 ? interval : 1;
  err = ask(poller);
  if (err != 0) {
    uv__free(poller);
    return err;
  }
  poller->next = present(handle);
  handle->poll_ctx = poller;
  uv__handle_start(uv__handle(handle));
  return 0;
}

int uv_fs_poll_getpath(uv_fs_poll_t* handle, char* buffer, size_t* size) {
  const struct poller* poller = present(handle);

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  if (!uv__is_active(uv__handle(handle))) {
    *size = 0;
    return UV_EINVAL;
  }
  return uv__sized_buffer_copy(poller->path, strlen(poller->path), buffer, size);
}
