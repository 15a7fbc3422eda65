/* Descriptors that a loop watches: who watches which, and with what interest.
 *
 * uv_loop_t.watchers holds the watcher of each descriptor number, if it has one. A watcher whose
 * interest differs from what the kernel was told (`pevents` and `events`) is on the loop's
 * watcher_queue until the backend has settled the difference. */
#include "io.h"

#include "../backend.h"
#include "../loop_state.h"

#include <string.h>

enum { FEWEST_WATCHERS = 16 };

void uv__io_init(uv__io_t* watcher, uv__io_cb cb, int fd) {
  watcher->cb = cb;
  uv__queue_init(&watcher->pending_queue);
  uv__queue_init(&watcher->watcher_queue);
  watcher->pevents = 0;
  watcher->events = 0;
  watcher->fd = fd;
}

static unsigned int room_for(int fd) {
  unsigned int room = FEWEST_WATCHERS;

  while (room <= (unsigned int) fd)
    room *= 2;
  return room;
}

int uv__io_reserve(uv_loop_t* loop, int fd) {
  struct uv__loop_state* state = uv__state(loop);
  unsigned int former_room = loop->nwatchers;
  unsigned int room;
  uv__io_t** watchers;
  unsigned int* generations;

  if (fd < 0)
    return UV_EBADF;
  if ((unsigned int) fd < former_room)
    return 0;

  room = room_for(fd);
  if (uv__backend_reserve(loop, room) != 0)
    return UV_ENOMEM;
  watchers = uv__malloc(room * (sizeof(*watchers) + sizeof(*generations)));
  if (watchers == NULL)
    return UV_ENOMEM;
  generations = (unsigned int*) (void*) (watchers + room);
  memset(watchers, 0, room * (sizeof(*watchers) + sizeof(*generations)));
  if (former_room > 0) {
    memcpy(watchers, loop->watchers, former_room * sizeof(*watchers));
    memcpy(generations, state->generations, former_room * sizeof(*generations));
    uv__free(loop->watchers);
  }
  loop->watchers = watchers;
  loop->nwatchers = room;
  state->generations = generations;
  return 0;
}

static bool owns_slot(const uv_loop_t* loop, const uv__io_t* watcher) {
  return watcher->fd >= 0 && (unsigned int) watcher->fd < loop->nwatchers &&
         loop->watchers[watcher->fd] == watcher;
}

bool uv__io_watched(const uv_loop_t* loop, int fd) {
  return fd >= 0 && (unsigned int) fd < loop->nwatchers && loop->watchers[fd] != NULL &&
         loop->watchers[fd]->pevents != 0;
}

/* Ends the kernel's registration, and with it the events that it has brought already. */
static void let_go(uv_loop_t* loop, const uv__io_t* watcher) {
  uv__state(loop)->generations[watcher->fd]++;
  if (watcher->events != 0)
    uv__backend_forget(loop, watcher->fd, watcher->events);
}

/* A stopped watcher may still have the slot, with the kernel's registration behind it; the next one
 * that watches the same descriptor inherits both. From one that is started still, the descriptor
 * was closed behind our back, and the number has come back for another file. */
static void take_slot(uv_loop_t* loop, uv__io_t* watcher) {
  uv__io_t* former = loop->watchers[watcher->fd];

  if (former == watcher)
    return;
  watcher->events = 0;
  if (former == NULL) {
    loop->nfds++;
  } else {
    if (former->pevents == 0)
      watcher->events = former->events;
    else
      let_go(loop, former);
    former->events = 0;
    uv__queue_remove(&former->watcher_queue);
  }
  loop->watchers[watcher->fd] = watcher;
}

static void settle_later(uv_loop_t* loop, uv__io_t* watcher) {
  if (uv__queue_empty(&watcher->watcher_queue))
    uv__queue_push(&loop->watcher_queue, &watcher->watcher_queue);
}

void uv__io_start(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  watcher->pevents |= events;
  take_slot(loop, watcher);
  if ((watcher->pevents & ~UV__IO_LAST) == watcher->events)
    uv__queue_remove(&watcher->watcher_queue);
  else
    settle_later(loop, watcher);
}

void uv__io_stop(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  watcher->pevents &= ~events;
  if (!owns_slot(loop, watcher))
    return;
  if (watcher->events == 0 && watcher->pevents == 0) {
    uv__queue_remove(&watcher->watcher_queue);
    loop->watchers[watcher->fd] = NULL;
    loop->nfds--;
    return;
  }
  /* Writability that nobody waits for would end every wait at once. Other events may never come,
   * and reading is often started again soon: the backend settles when one comes. */
  if (watcher->events & POLLOUT & ~watcher->pevents)
    settle_later(loop, watcher);
}

void uv__io_close(uv_loop_t* loop, uv__io_t* watcher) {
  uv__queue_remove(&watcher->pending_queue);
  uv__queue_remove(&watcher->watcher_queue);
  if (owns_slot(loop, watcher)) {
    loop->watchers[watcher->fd] = NULL;
    loop->nfds--;
    let_go(loop, watcher);
  }
  watcher->pevents = 0;
  watcher->events = 0;
}

/* -- Pending callbacks ------------------------------------------------------------------------- */

bool uv__backend_has_pending(const uv_loop_t* loop) {
  return !uv__queue_empty(&loop->pending_queue);
}

void uv__backend_run_pending(uv_loop_t* loop) {
  struct uv__queue todo;
  struct uv__queue* link;

  uv__queue_move(&loop->pending_queue, &todo);
  while ((link = uv__queue_pop(&todo)) != NULL) {
    uv__io_t* watcher = uv__container(link, uv__io_t, pending_queue);
    watcher->cb(loop, watcher, POLLOUT);
  }
}
