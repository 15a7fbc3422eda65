/* Condition variables on macOS, whose timed waits take a span of time. */
#include "lock.h"
#include "uv.h"

#include <errno.h>
#include <pthread.h>

enum { NS_PER_SECOND = 1000000000, NS_PER_MS = 1000000 };

int uv_cond_init(uv_cond_t* cond) {
  return UV__ERR(pthread_cond_init(cond, NULL));
}

static struct timespec span_of(uint64_t ns) {
  uint64_t seconds = ns / NS_PER_SECOND;

  return (struct timespec){
      .tv_sec = (time_t) (seconds > INT32_MAX ? INT32_MAX : seconds),
      .tv_nsec = (long) (ns % NS_PER_SECOND),
  };
}

/* The kernel keeps a signal for a condition on which nobody ever waited, and loses memory if that
 * is destroyed. A short wait takes the signal. */
static void take_signal(uv_cond_t* cond) {
  const struct timespec moment = {.tv_nsec = NS_PER_MS};
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  int err;

  uv__must(pthread_mutex_lock(&mutex), "uv_cond_destroy");
  err = pthread_cond_timedwait_relative_np(cond, &mutex, &moment);
  uv__must(err == ETIMEDOUT ? 0 : err, "uv_cond_destroy");
  uv__must(pthread_mutex_unlock(&mutex), "uv_cond_destroy");
  uv__must(pthread_mutex_destroy(&mutex), "uv_cond_destroy");
}

void uv_cond_destroy(uv_cond_t* cond) {
  take_signal(cond);
  uv__must(pthread_cond_destroy(cond), "uv_cond_destroy");
}

void uv_cond_signal(uv_cond_t* cond) {
  uv__must(pthread_cond_signal(cond), "uv_cond_signal");
}

void uv_cond_broadcast(uv_cond_t* cond) {
  uv__must(pthread_cond_broadcast(cond), "uv_cond_broadcast");
}

/* Under load the kernel may answer so to a wait that it ended early. */
static int without_cause(int err) {
  return err == EINVAL && errno == EBUSY ? 0 : err;
}

void uv_cond_wait(uv_cond_t* cond, uv_mutex_t* mutex) {
  errno = 0;
  uv__must(without_cause(pthread_cond_wait(cond, mutex)), "uv_cond_wait");
}

int uv_cond_timedwait(uv_cond_t* cond, uv_mutex_t* mutex, uint64_t timeout) {
  const struct timespec span = span_of(timeout);
  int err;

  errno = 0;
  err = pthread_cond_timedwait_relative_np(cond, mutex, &span);
  if (err == ETIMEDOUT)
    return UV_ETIMEDOUT;
  uv__must(without_cause(err), "uv_cond_timedwait");
  return 0;
}
