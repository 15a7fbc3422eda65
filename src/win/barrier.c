/* Barriers. `in` counts the threads that wait for their round, `out` those that have not left a
 * full one yet. */
#include "uv.h"

#include <stdbool.h>

int uv_barrier_init(uv_barrier_t* barrier, unsigned int count) {
  int err;

  if (count == 0)
    return UV_EINVAL;
  err = uv_mutex_init(&barrier->mutex);
  if (err != 0)
    return err;
  InitializeConditionVariable(&barrier->cond);
  barrier->threshold = count;
  barrier->in = 0;
  barrier->out = 0;
  return 0;
}

/* With the lock held. */
static void wait_for_change(uv_barrier_t* barrier) {
  SleepConditionVariableCS(&barrier->cond, &barrier->mutex, INFINITE);
}

void uv_barrier_destroy(uv_barrier_t* barrier) {
  uv_mutex_lock(&barrier->mutex);
  while (barrier->out > 0)
    wait_for_change(barrier);
  uv_mutex_unlock(&barrier->mutex);
  uv_mutex_destroy(&barrier->mutex);
}

int uv_barrier_wait(uv_barrier_t* barrier) {
  bool is_last;

  uv_mutex_lock(&barrier->mutex);
  while (barrier->out > 0)
    wait_for_change(barrier);

  if (++barrier->in == barrier->threshold) {
    barrier->in = 0;
    barrier->out = barrier->threshold;
    WakeAllConditionVariable(&barrier->cond);
  }
  while (barrier->out == 0)
    wait_for_change(barrier);

  is_last = --barrier->out == 0;
  if (is_last)
    WakeAllConditionVariable(&barrier->cond);
  uv_mutex_unlock(&barrier->mutex);
  return is_last;
}
