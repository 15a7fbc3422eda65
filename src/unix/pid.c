/* Processes by their ids: ids of our own, priorities, signals. */
#include "uv.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

uv_pid_t uv_os_getpid(void) {
  return getpid();
}

uv_pid_t uv_os_getppid(void) {
  return getppid();
}

int uv_os_getpriority(uv_pid_t pid, int* priority) {
  if (priority == NULL)
    return UV_EINVAL;

  /* -1 is a priority, too: only errno tells. */
  errno = 0;
  int found = getpriority(PRIO_PROCESS, (id_t) pid);
  if (found == -1 && errno != 0)
    return -errno;
  *priority = found;
  return 0;
}

int uv_os_setpriority(uv_pid_t pid, int priority) {
  if (priority < UV_PRIORITY_HIGHEST || priority > UV_PRIORITY_LOW)
    return UV_EINVAL;
  return setpriority(PRIO_PROCESS, (id_t) pid, priority) == 0 ? 0 : -errno;
}

int uv_kill(int pid, int signum) {
  return kill(pid, signum) == 0 ? 0 : -errno;
}
