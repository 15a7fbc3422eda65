/* Timers: a callback at a deadline.
 *
 * Active timers live in the loop's wheel. The loop's time is whole milliseconds, rounded down, as
 * is the deadline that users see; the nanoseconds that were cut off travel beside it, so that no
 * timer fires before its time is really over. */
#include "timer.h"

#include "core.h"
#include "loop_state.h"

#include <limits.h>

/* How many timers uv__timers_wait() looks at. A slot that holds more is entered first: waking up
 * once more costs less than looking at thousands of timers before every wait. */
enum { WAIT_SCAN = 32 };

static struct uv__wheel* wheel_of(const uv_loop_t* loop) {
  return &uv__state(loop)->wheel;
}

static struct uv__moment now_of(const uv_loop_t* loop) {
  struct uv__moment now = {loop->time, uv__state(loop)->time_ns};
  return now;
}

/* -- The life of a timer ----------------------------------------------------------------------- */

static enum uv__close_result timer_close(uv_handle_t* handle) {
  uv_timer_stop((uv_timer_t*) handle);
  return UV__CLOSE_DONE;
}

static const struct uv__handle_ops timer_ops = {
    .close = timer_close,
};

int uv_timer_init(uv_loop_t* loop, uv_timer_t* timer) {
  uv__handle_init(loop, uv__handle(timer), UV_TIMER, &timer_ops);
  uv__wheel_init_timer(timer);
  timer->timer_cb = NULL;
  timer->timeout = 0;
  timer->repeat = 0;
  timer->start_id = 0;
  return 0;
}

/* A deadline beyond the end of time is the end of time. */
static struct uv__moment deadline_in(const uv_loop_t* loop, uint64_t timeout_ms) {
  struct uv__moment due = now_of(loop);

  due.ms = timeout_ms < UINT64_MAX - due.ms ? due.ms + timeout_ms : UINT64_MAX;
  return due;
}

int uv_timer_start(uv_timer_t* timer, uv_timer_cb cb, uint64_t timeout, uint64_t repeat) {
  uv_loop_t* loop = timer->loop;

  if (cb == NULL || uv__is_closing(uv__handle(timer)))
    return UV_EINVAL;

  if (uv__wheel_holds(timer))
    uv__wheel_remove(wheel_of(loop), timer);
  timer->timer_cb = cb;
  timer->repeat = repeat;
  timer->start_id = loop->timer_counter++;
  uv__wheel_insert(wheel_of(loop), timer, deadline_in(loop, timeout));
  uv__handle_start(uv__handle(timer));
  return 0;
}

int uv_timer_stop(uv_timer_t* timer) {
  /* A timer of the batch that is being called back is inactive, and yet in the wheel. */
  if (uv__wheel_holds(timer))
    uv__wheel_remove(wheel_of(timer->loop), timer);
  uv__handle_stop(uv__handle(timer));
  return 0;
}

int uv_timer_again(uv_timer_t* timer) {
  if (timer->timer_cb == NULL)
    return UV_EINVAL;
  if (timer->repeat != 0)
    uv_timer_start(timer, timer->timer_cb, timer->repeat, timer->repeat);
  return 0;
}

void uv_timer_set_repeat(uv_timer_t* timer, uint64_t repeat) {
  timer->repeat = repeat;
}

uint64_t uv_timer_get_repeat(const uv_timer_t* timer) {
  return timer->repeat;
}

uint64_t uv_timer_get_due_in(const uv_timer_t* timer) {
  uint64_t now_ms = timer->loop->time;

  return timer->timeout > now_ms ? timer->timeout - now_ms : 0;
}

/* -- What the loop calls ----------------------------------------------------------------------- */

void uv__timers_run(uv_loop_t* loop) {
  struct uv__wheel* wheel = wheel_of(loop);
  uv_timer_t* timer;

  /* The due timers are a batch, and none of them is active any more when the first is called. */
  uv__wheel_expire(wheel, now_of(loop));
  for (timer = wheel->ready.node.next; timer != &wheel->ready; timer = timer->node.next)
    uv__handle_stop(uv__handle(timer));

  while ((timer = uv__wheel_pop(wheel)) != NULL) {
    uv_timer_again(timer);
    timer->timer_cb(timer);
  }
}

static int clamp_timeout(uint64_t timeout_ms) {
  return timeout_ms < INT_MAX ? (int) timeout_ms : INT_MAX;
}

int uv__timers_timeout(const uv_loop_t* loop) {
  struct uv__deadline next;

  if (!uv__wheel_next(wheel_of(loop), SIZE_MAX, &next))
    return -1;
  return next.at.ms > loop->time ? clamp_timeout(next.at.ms - loop->time) : 0;
}

int uv__timers_wait(const uv_loop_t* loop) {
  struct uv__moment now = now_of(loop);
  struct uv__deadline next;

  if (!uv__wheel_next(wheel_of(loop), WAIT_SCAN, &next))
    return -1;
  if (uv__moment_reached(next.at, now))
    return 0;

  /* Rounded up: with the rest of a millisecond cut off, the loop would spin until it is over. */
  uint64_t timeout_ms = next.at.ms - now.ms;
  if (next.at.ns > now.ns && timeout_ms < INT_MAX)
    timeout_ms++;
  return clamp_timeout(timeout_ms);
}

bool uv__timers_due(uv_loop_t* loop) {
  struct uv__moment now = now_of(loop);
  struct uv__deadline next;

  /* Once the wheel knows the time, what it answers without a scan is due or lies ahead. */
  uv__wheel_advance(wheel_of(loop), now.ms);
  return uv__wheel_next(wheel_of(loop), 1, &next) && uv__moment_reached(next.at, now);
}
