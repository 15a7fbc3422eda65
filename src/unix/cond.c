/* Condition variables, where their waits can be told which clock to go by. */
#include "lock.h"
#include "uv.h"

#include <errno.h>
#include <pthread.h>

enum { NS_PER_SECOND = 1000000000 };

/* Timed waits go by the monotonic clock: setting the system's time does not stretch them. */
int uv_cond_init(uv_cond_t* cond) {
  pthread_condattr_t attr;
  int err = pthread_condattr_init(&attr);

  if (err != 0)
    return UV__ERR(err);
  err = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  if (err == 0)
    err = pthread_cond_init(cond, &attr);
  pthread_condattr_destroy(&attr);
  return UV__ERR(err);
}

void uv_cond_destroy(uv_cond_t* cond) {
  uv__must(pthread_cond_destroy(cond), "uv_cond_destroy");
}

void uv_cond_signal(uv_cond_t* cond) {
  uv__must(pthread_cond_signal(cond), "uv_cond_signal");
}

void uv_cond_broadcast(uv_cond_t* cond) {
  uv__must(pthread_cond_broadcast(cond), "uv_cond_broadcast");
}

void uv_cond_wait(uv_cond_t* cond, uv_mutex_t* mutex) {
  uv__must(pthread_cond_wait(cond, mutex), "uv_cond_wait");
}

/* The end of a wait from now on. A time_t may have 32 bits; 68 years after the start of the machine
 * are as good as never. */
static struct timespec deadline_in(uint64_t timeout_ns) {
  uint64_t now = uv_hrtime();
  uint64_t deadline = timeout_ns > UINT64_MAX - now ? UINT64_MAX : now + timeout_ns;
  uint64_t seconds = deadline / NS_PER_SECOND;

  return (struct timespec){
      .tv_sec = (time_t) (seconds > INT32_MAX ? INT32_MAX : seconds),
      .tv_nsec = (long) (deadline % NS_PER_SECOND),
  };
}

int uv_cond_timedwait(uv_cond_t* cond, uv_mutex_t* mutex, uint64_t timeout) {
  struct timespec deadline = deadline_in(timeout);
  int err = pthread_cond_timedwait(cond, mutex, &deadline);

  if (err == ETIMEDOUT)
    return UV_ETIMEDOUT;
  uv__must(err, "uv_cond_timedwait");
  return 0;
}
