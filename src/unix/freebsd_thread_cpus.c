/* On which processors threads run: cpuset(2), pthread_setaffinity_np(3). */
#include "uv.h"

#include <errno.h>
#include <pthread.h>
#include <pthread_np.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/cpuset.h>

int uv_cpumask_size(void) {
  return CPU_SETSIZE;
}

int uv_thread_getaffinity(uv_thread_t* tid, char* cpumask, size_t mask_size) {
  cpuset_t cpus;
  int err;

  if (mask_size < CPU_SETSIZE)
    return UV_EINVAL;
  CPU_ZERO(&cpus);
  err = pthread_getaffinity_np(*tid, sizeof(cpus), &cpus);
  if (err != 0)
    return UV__ERR(err);
  for (int i = 0; i < CPU_SETSIZE; i++)
    cpumask[i] = (bool) CPU_ISSET(i, &cpus);
  return 0;
}

int uv_thread_setaffinity(uv_thread_t* tid, char* cpumask, char* oldmask, size_t mask_size) {
  cpuset_t cpus;

  if (mask_size < CPU_SETSIZE)
    return UV_EINVAL;
  if (oldmask != NULL) {
    int err = uv_thread_getaffinity(tid, oldmask, mask_size);
    if (err != 0)
      return err;
  }
  CPU_ZERO(&cpus);
  for (int i = 0; i < CPU_SETSIZE; i++)
    if (cpumask[i] != 0)
      CPU_SET(i, &cpus);
  return UV__ERR(pthread_setaffinity_np(*tid, sizeof(cpus), &cpus));
}

int uv_thread_getcpu(void) {
  int cpu = sched_getcpu();
  return cpu == -1 ? UV__ERR(errno) : cpu;
}
