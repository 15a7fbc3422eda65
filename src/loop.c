/* The loop's turn: its phases, in order, and what keeps it going. */
#include "backend.h"
#include "core.h"
#include "finished.h"
#include "gather.h"
#include "loop_state.h"
#include "timer.h"
#include "watcher.h"

#include <limits.h>

/* Callbacks of the pending phase may feed further ones; so many rounds run in one turn, then the
 * turn goes on, so that nobody can starve the rest. */
enum { PENDING_ROUNDS = 8 };

static bool has_work(const uv_loop_t* loop) {
  return loop->active_handles > 0 || loop->active_reqs.count > 0 ||
         uv__state(loop)->closing_pending > 0;
}

/* Callbacks that are due without anything from the kernel. */
static bool has_pending(const uv_loop_t* loop) {
  return uv__finished_has(loop) || uv__backend_has_pending(loop);
}

static void run_pending(uv_loop_t* loop) {
  uv__backend_run_pending(loop);
  uv__finished_run(loop);
}

int uv_loop_alive(const uv_loop_t* loop) {
  return has_work(loop) || has_pending(loop) || loop->uv__closing_handles != NULL;
}

void uv_stop(uv_loop_t* loop) {
  loop->stop_flag = 1;
}

/* Whether something is to be done without waiting for an event first. */
static bool must_not_wait(const uv_loop_t* loop) {
  return loop->stop_flag != 0 || !has_work(loop) || has_pending(loop) ||
         uv__watchers_idle_started(loop) || loop->uv__closing_handles != NULL;
}

int uv_backend_timeout(const uv_loop_t* loop) {
  if (must_not_wait(loop) || uv__backend_is_stale(loop))
    return 0;
  return uv__timers_timeout(loop);
}

/* Looks for events, and at mail that comes without one. */
static int poll_with_mail(uv_loop_t* loop) {
  int events = uv__backend_poll(loop, 0);

  uv__state(loop)->metrics.events++;
  uv__mailbox_drain(loop);
  return events + 1;
}

/* Waits for events and answers how many there were. A wait for a far timer may be cut into several:
 * finding the exact deadline among many timers costs more than waking at a time that is surely not
 * too late and looking again. */
static int poll_phase(uv_loop_t* loop, bool may_wait) {
  uv__state(loop)->metrics.loop_count++;

  if (uv__mailbox_has_mail(loop))
    return poll_with_mail(loop);
  if (!may_wait || must_not_wait(loop))
    return uv__backend_poll(loop, 0);
  for (;;) {
    int timeout_ms = uv__timers_wait(loop);
    int events = uv__backend_poll(loop, timeout_ms);
    if (events > 0 || uv__timers_due(loop))
      return events;
  }
}

/* What follows the poll phase in a turn, up to the timers. Streams may go on in the same turn; a
 * file request that finished at once is told in the next one: check handles (a program's
 * "immediates") come before the file's answer, as they do when a thread or a disk has to give it.
 */
static void later_phases(uv_loop_t* loop) {
  for (int round = 0; round < PENDING_ROUNDS && uv__backend_has_pending(loop); round++)
    uv__backend_run_pending(loop);
  uv__watchers_run_check(loop);
  uv__handles_run_closing(loop);
}

static bool has_later_work(const uv_loop_t* loop) {
  return uv__backend_has_pending(loop) || uv__watchers_check_started(loop) ||
         loop->uv__closing_handles != NULL;
}

static void turn(uv_loop_t* loop, uv_run_mode mode) {
  bool had_work = has_pending(loop) || uv__watchers_idle_started(loop);
  int events;

  run_pending(loop);
  uv__watchers_run_idle(loop);
  uv__watchers_run_prepare(loop);
  events = poll_phase(loop, mode == UV_RUN_DEFAULT || (mode == UV_RUN_ONCE && !had_work));

  /* The backend has just read the clock: again only if time was spent since. */
  if (events > 0 || has_later_work(loop)) {
    later_phases(loop);
    uv__update_time(loop);
  }
  uv__timers_run(loop);
}

int uv_run(uv_loop_t* loop, uv_run_mode mode) {
  int alive = uv_loop_alive(loop);

  uv__gather_begin(loop);
  if (!alive)
    uv__update_time(loop);

  if (mode == UV_RUN_DEFAULT && alive && loop->stop_flag == 0) {
    uv__update_time(loop);
    uv__timers_run(loop);
  }
  while (alive && loop->stop_flag == 0) {
    turn(loop, mode);
    alive = uv_loop_alive(loop);
    if (mode != UV_RUN_DEFAULT)
      break;
  }
  loop->stop_flag = 0;
  uv__gather_end(loop);
  uv__mailbox_leave(loop);
  return alive;
}
