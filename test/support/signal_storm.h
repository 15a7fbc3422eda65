/* A thread that sends a signal again and again to the thread that started it, whose system calls
 * are interrupted: the handler is installed without SA_RESTART. */
#ifndef RONDO_TEST_SIGNAL_STORM_H_
#define RONDO_TEST_SIGNAL_STORM_H_

#include "support/cmocka_all.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

static struct {
  pthread_t target;
  pthread_t thread;
  struct sigaction before;
  bool ends;
  int count; /* how many signals have arrived */
} storm;

static inline void storm_handler(int signum) {
  (void) signum;
  __atomic_add_fetch(&storm.count, 1, __ATOMIC_RELAXED);
}

static inline int storm_count(void) {
  return __atomic_load_n(&storm.count, __ATOMIC_RELAXED);
}

/* One signal at a time, with a pause in which the interrupted call can do something. */
static inline void* storm_main(void* arg) {
  const struct timespec pause = {.tv_nsec = 300 * 1000};

  while (!__atomic_load_n(&storm.ends, __ATOMIC_RELAXED)) {
    pthread_kill(storm.target, SIGUSR1);
    nanosleep(&pause, NULL);
  }
  return arg;
}

static inline void storm_begin(void) {
  struct sigaction action;

  memset(&action, 0, sizeof(action));
  action.sa_handler = storm_handler;
  assert_int_equal(sigaction(SIGUSR1, &action, &storm.before), 0);
  storm.target = pthread_self();
  storm.ends = false;
  storm.count = 0;
  assert_int_equal(pthread_create(&storm.thread, NULL, storm_main, NULL), 0);
}

static inline void storm_end(void) {
  __atomic_store_n(&storm.ends, true, __ATOMIC_RELAXED);
  assert_int_equal(pthread_join(storm.thread, NULL), 0);
  assert_int_equal(sigaction(SIGUSR1, &storm.before, NULL), 0);
}

#endif /* RONDO_TEST_SIGNAL_STORM_H_ */
