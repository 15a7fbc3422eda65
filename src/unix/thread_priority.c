/* Priorities of threads by POSIX's scheduling, where a thread has no nice value of its own. */
#include "uv.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>

enum { STEPS = UV_THREAD_PRIORITY_HIGHEST - UV_THREAD_PRIORITY_LOWEST };

/* The levels are at equal distances in the range of the thread's policy. */
int uv_thread_setpriority(uv_thread_t tid, int priority) {
  struct sched_param param;
  int policy;
  int least;
  int most;
  int err;

  if (priority < UV_THREAD_PRIORITY_LOWEST || priority > UV_THREAD_PRIORITY_HIGHEST)
    return UV_EINVAL;
  err = pthread_getschedparam(tid, &policy, &param);
  if (err != 0)
    return UV__ERR(err);
  least = sched_get_priority_min(policy);
  most = sched_get_priority_max(policy);
  if (least == -1 || most == -1)
    return UV__ERR(errno);
  param.sched_priority = least + (most - least) * (priority - UV_THREAD_PRIORITY_LOWEST) / STEPS;
  return UV__ERR(pthread_setschedparam(tid, policy, &param));
}

int uv_thread_getpriority(uv_thread_t tid, int* priority) {
  struct sched_param param;
  int policy;
  int err;

  if (priority == NULL)
    return UV_EINVAL;
  err = pthread_getschedparam(tid, &policy, &param);
  if (err != 0)
    return UV__ERR(err);
  *priority = param.sched_priority;
  return 0;
}
