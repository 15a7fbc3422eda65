/* Signal handles of a test, and signals that the process gets: on POSIX it raises them, on Windows
 * they come from where the events of a console go. */
#ifndef RONDO_TEST_SIGNALS_H_
#define RONDO_TEST_SIGNALS_H_

#include "support/loop_fixture.h"

#include <signal.h>
#include <stdbool.h>

#if defined(_WIN32)
#include "win/signal.h"

/* Two signals that mean nothing else here. */
enum { SIGUSR1 = 10, SIGUSR2 = 12 };

static inline void raise_signal(int signum) {
  uv__signal_dispatch(signum);
}

static inline bool has_default_action(int signum) {
  return !uv__signal_dispatch(signum);
}
#else
static inline void raise_signal(int signum) {
  raise(signum);
}

static inline struct sigaction action_of(int signum) {
  struct sigaction action;

  assert_int_equal(sigaction(signum, NULL, &action), 0);
  return action;
}

static inline bool has_default_action(int signum) {
  return action_of(signum).sa_handler == SIG_DFL;
}
#endif

static uv_signal_t signals[8];
static int calls[8];

static inline void count_call(uv_signal_t* handle, int signum) {
  ptrdiff_t i = handle - signals;

  assert_int_equal(signum, handle->signum);
  calls[i]++;
  test_log(handle->loop, (char) ('a' + i));
}

static inline uv_signal_t* init_signal(struct loop_fixture* f, int i) {
  calls[i] = 0;
  assert_int_equal(uv_signal_init(&f->loop, &signals[i]), 0);
  return &signals[i];
}

static inline uv_signal_t* start(struct loop_fixture* f, int i, int signum) {
  uv_signal_t* handle = init_signal(f, i);

  assert_int_equal(uv_signal_start(handle, count_call, signum), 0);
  return handle;
}

static inline uv_signal_t* start_oneshot(struct loop_fixture* f, int i, int signum) {
  uv_signal_t* handle = init_signal(f, i);

  assert_int_equal(uv_signal_start_oneshot(handle, count_call, signum), 0);
  return handle;
}

static inline void raise_times(int signum, int times) {
  for (int i = 0; i < times; i++)
    raise_signal(signum);
}

#endif /* RONDO_TEST_SIGNALS_H_ */
