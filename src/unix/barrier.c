/* Barriers, where POSIX's exist. Their destroy waits for threads that are still leaving the last
 * round, so whoever gets 1 may call it at once. */
#include "lock.h"
#include "uv.h"

#include <pthread.h>

int uv_barrier_init(uv_barrier_t* barrier, unsigned int count) {
  return UV__ERR(pthread_barrier_init(barrier, NULL, count));
}

void uv_barrier_destroy(uv_barrier_t* barrier) {
  uv__must(pthread_barrier_destroy(barrier), "uv_barrier_destroy");
}

int uv_barrier_wait(uv_barrier_t* barrier) {
  int err = pthread_barrier_wait(barrier);

  if (err == PTHREAD_BARRIER_SERIAL_THREAD)
    return 1;
  uv__must(err, "uv_barrier_wait");
  return 0;
}
