/* Threads: names, processors and priorities, as Linux has them. */
#include "uv.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* -- Names ------------------------------------------------------------------------------------- */

/* The kernel's limit, with the NUL. */
enum { NAME_SIZE = 16 };

/* Copies as much as has room, and always a NUL. */
static void copy_cut(char* dst, size_t size, const char* src) {
  size_t len = strnlen(src, size - 1);

  memcpy(dst, src, len);
  dst[len] = '\0';
}

int uv_thread_setname(const char* name) {
  char cut[NAME_SIZE];

  if (name == NULL)
    return UV_EINVAL;
  copy_cut(cut, sizeof(cut), name);
  return UV__ERR(pthread_setname_np(pthread_self(), cut));
}

int uv_thread_getname(uv_thread_t* tid, char* name, size_t size) {
  char whole[NAME_SIZE];
  int err;

  if (tid == NULL || name == NULL || size == 0)
    return UV_EINVAL;
  err = pthread_getname_np(*tid, whole, sizeof(whole));
  if (err != 0)
    return UV__ERR(err);
  copy_cut(name, size, whole);
  return 0;
}

/* -- Processors -------------------------------------------------------------------------------- */

int uv_cpumask_size(void) {
  return CPU_SETSIZE;
}

int uv_thread_getaffinity(uv_thread_t* tid, char* cpumask, size_t mask_size) {
  cpu_set_t cpus;
  int err;

  if (mask_size < CPU_SETSIZE)
    return UV_EINVAL;
  CPU_ZERO(&cpus);
  err = pthread_getaffinity_np(*tid, sizeof(cpus), &cpus);
  if (err != 0)
    return UV__ERR(err);
  for (size_t i = 0; i < CPU_SETSIZE; i++)
    cpumask[i] = CPU_ISSET(i, &cpus) != 0;
  return 0;
}

int uv_thread_setaffinity(uv_thread_t* tid, char* cpumask, char* oldmask, size_t mask_size) {
  cpu_set_t cpus;

  if (mask_size < CPU_SETSIZE)
    return UV_EINVAL;
  if (oldmask != NULL) {
    int err = uv_thread_getaffinity(tid, oldmask, mask_size);
    if (err != 0)
      return err;
  }
  CPU_ZERO(&cpus);
  for (size_t i = 0; i < CPU_SETSIZE; i++)
    if (cpumask[i] != 0)
      CPU_SET(i, &cpus);
  return UV__ERR(pthread_setaffinity_np(*tid, sizeof(cpus), &cpus));
}

int uv_thread_getcpu(void) {
  int cpu = sched_getcpu();
  return cpu == -1 ? UV__ERR(errno) : cpu;
}

/* -- Priorities -------------------------------------------------------------------------------- */

/* Ordinary threads have no scheduling priority; Linux gives each a nice value instead of one for
 * the process. It goes by the kernel's thread id, which is only to be had for the calling thread.
 */
static bool has_nice(uv_thread_t tid, int policy) {
  return policy == SCHED_OTHER && pthread_equal(tid, pthread_self());
}

static id_t kernel_id(void) {
  return (id_t) syscall(SYS_gettid);
}

int uv_thread_setpriority(uv_thread_t tid, int priority) {
  struct sched_param param;
  int policy;
  int err;

  if (priority < UV_THREAD_PRIORITY_LOWEST || priority > UV_THREAD_PRIORITY_HIGHEST)
    return UV_EINVAL;
  err = pthread_getschedparam(tid, &policy, &param);
  if (err != 0)
    return UV__ERR(err);
  if (has_nice(tid, policy))
    return setpriority(PRIO_PROCESS, kernel_id(), -2 * priority) == 0 ? 0 : UV__ERR(errno);

  /* The five levels at equal distances; policies without priorities have a range of 0 to 0. */
  int least = sched_get_priority_min(policy);
  int most = sched_get_priority_max(policy);
  if (least == -1 || most == -1)
    return UV__ERR(errno);
  param.sched_priority = least + (most - least) * (priority - UV_THREAD_PRIORITY_LOWEST) / 4;
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
  if (!has_nice(tid, policy)) {
    *priority = param.sched_priority;
    return 0;
  }

  /* -1 is a priority as well as a failure. */
  errno = 0;
  int nice_value = getpriority(PRIO_PROCESS, kernel_id());
  if (nice_value == -1 && errno != 0)
    return UV__ERR(errno);
  *priority = nice_value;
  return 0;
}
