/* How a loop learns that a child has ended.
 *
 * Each child has an event of its own (child_event.h), so that its end costs the same however many
 * others there are. It comes after the others of a batch: what the child wrote is read before its
 * end is told. Children for which there can be none are kept in a list, and all of them looked at
 * after each SIGCHLD. Nobody else's children are waited for. */
#include "process_exit.h"

#include "child_event.h"
#include "signal.h"

#include <signal.h>

/* What uv_process_t has no room for. */
struct child {
  uv__io_t watcher;
  uv_process_t* process;
  struct uv__queue link; /* in uv_loop_t.process_handles if there is none */
};

/* In the handle's member of another type that programs know. */
static struct child* child_of(const uv_process_t* process) {
  return (struct child*) (void*) process->queue.next;
}

/* -- SIGCHLD ----------------------------------------------------------------------------------- */

static void on_event(uv_loop_t* loop, uv__io_t* watcher, unsigned int events);

static void stop_sigchld_if_unused(uv_loop_t* loop) {
  if (uv__queue_empty(&loop->process_handles))
    uv_signal_stop(&loop->child_watcher);
}

/* The mark ends the list as it is now, and keeps it from being empty while callbacks run. */
static void on_sigchld(uv_signal_t* handle, int signum) {
  uv_loop_t* loop = handle->loop;
  struct uv__queue mark;
  struct uv__queue* link;

  (void) signum;
  uv__queue_push(&loop->process_handles, &mark);
  while ((link = uv__queue_pop(&loop->process_handles)) != &mark) {
    struct child* child = uv__container(link, struct child, link);
    uv__queue_push(&loop->process_handles, link);
    on_event(loop, &child->watcher, 0);
  }
  stop_sigchld_if_unused(loop);
}

/* Watches a child by SIGCHLD. It may have ended before. */
static void watch_by_signal(uv_loop_t* loop, struct child* child) {
  uv__queue_push(&loop->process_handles, &child->link);
  uv_signal_start(&loop->child_watcher, on_sigchld, SIGCHLD);
  uv__io_feed(loop, &child->watcher);
}

/* -- The end ----------------------------------------------------------------------------------- */

static void on_event(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  struct child* child = uv__container(watcher, struct child, watcher);
  uv_process_t* process = child->process;
  int status;
  int signum;

  (void) events;
  if (!uv__child_reap(watcher, process->pid, &status, &signum)) {
    /* The event was early, or a debugger has still to be told first: SIGCHLD is to come. */
    if (uv__queue_empty(&child->link)) {
      uv__child_event_stop(loop, watcher, process->pid);
      watch_by_signal(loop, child);
    }
    return;
  }
  uv__child_forget(process);
  uv__handle_stop(uv__handle(process));
  if (status == -1)
    return; /* nobody knows how */
  process->status = status;
  if (process->exit_cb != NULL)
    process->exit_cb(process, status, signum);
}

/* -- For process.c ----------------------------------------------------------------------------- */

int uv__child_prepare(uv_loop_t* loop) {
  uv_signal_t* sigchld = &loop->child_watcher;

  uv__signal_keep_children();
  if (sigchld->loop != NULL)
    return 0;
  int err = uv_signal_init(loop, sigchld);
  if (err != 0)
    return err;
  uv_unref(uv__handle(sigchld));
  sigchld->flags |= UV_HANDLE_INTERNAL;
  return 0;
}

int uv__child_reserve(uv_process_t* process) {
  struct child* child = uv__malloc(sizeof(*child));

  if (child == NULL)
    return UV_ENOMEM;
  uv__io_init(&child->watcher, on_event, -1);
  uv__queue_init(&child->link);
  child->process = process;
  process->queue.next = (struct uv__queue*) (void*) child;
  return 0;
}

void uv__child_watch(uv_process_t* process, int pidfd) {
  uv_loop_t* loop = process->loop;
  struct child* child = child_of(process);

  if (uv__child_event_start(loop, &child->watcher, process->pid, pidfd) != 0)
    watch_by_signal(loop, child);
}

bool uv__child_lives(const uv_process_t* process) {
  return child_of(process) != NULL;
}

int uv__child_kill(const uv_process_t* process, int signum) {
  return uv__child_signal(&child_of(process)->watcher, process->pid, signum);
}

void uv__child_forget(uv_process_t* process) {
  uv_loop_t* loop = process->loop;
  struct child* child = child_of(process);

  if (child == NULL)
    return;
  uv__child_event_stop(loop, &child->watcher, process->pid);
  if (!uv__queue_empty(&child->link)) {
    uv__queue_remove(&child->link);
    stop_sigchld_if_unused(loop);
  }
  process->queue.next = NULL;
  uv__free(child);
}
