/* Sending signals. */
#include "kill.h"

#include "dump.h"
#include "pid.h"

#include <stdbool.h>

enum {
  EXIT_CODE = 1, /* of a process that was killed */
  RIGHTS = PROCESS_TERMINATE | PROCESS_QUERY_INFORMATION | SYNCHRONIZE,
  DUMP_RIGHTS = RIGHTS | PROCESS_VM_READ | PROCESS_DUP_HANDLE
};

static bool is_signal(int signum) {
  return signum >= 0 && signum < NSIG;
}

static bool has_ended(HANDLE process) {
  return WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
}

static int terminate(HANDLE process) {
  DWORD error;

  if (TerminateProcess(process, EXIT_CODE))
    return 0;
  error = GetLastError(); /* also "access denied" for one that is about to end */
  return has_ended(process) ? UV_ESRCH : uv_translate_sys_error((int) error);
}

int uv__kill_process(HANDLE process, int signum) {
  if (!is_signal(signum))
    return UV_EINVAL;
  if (has_ended(process))
    return UV_ESRCH;
  switch (signum) {
    case 0:
      return 0;
    case SIGQUIT:
      uv__dump_write(process);
      return terminate(process);
    case SIGINT:
    case SIGTERM:
    case SIGKILL:
      return terminate(process);
    default:
      return UV_ENOSYS;
  }
}

int uv_kill(int pid, int signum) {
  HANDLE process;
  int err = UV_EPERM;

  if (!is_signal(signum))
    return UV_EINVAL;
  if (pid == 0)
    return uv__kill_process(GetCurrentProcess(), signum);
  if (signum == SIGQUIT)
    err = uv__open_process(pid, DUMP_RIGHTS, &process);
  if (err != 0)
    err = uv__open_process(pid, RIGHTS, &process);
  if (err != 0)
    return err;
  err = uv__kill_process(process, signum);
  CloseHandle(process);
  return err;
}
