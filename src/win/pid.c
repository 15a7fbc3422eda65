/* Processes by their ids: ids of our own, opening others, priorities. */
#include "pid.h"

#include "nt.h"

/* What NtQueryInformationProcess() tells first; the system's headers do not name all of it. */
struct basic_information {
  ULONG_PTR exit_status;
  ULONG_PTR peb;
  ULONG_PTR affinity;
  ULONG_PTR base_priority;
  ULONG_PTR pid;
  ULONG_PTR parent_pid;
};

uv_pid_t uv_os_getpid(void) {
  return (uv_pid_t) GetCurrentProcessId();
}

uv_pid_t uv_os_getppid(void) {
  struct basic_information info;
  NTSTATUS status = NtQueryInformationProcess(GetCurrentProcess(), ProcessBasicInformation, &info,
                                              sizeof(info), NULL);

  return UV__NT_SUCCESS(status) ? (uv_pid_t) info.parent_pid : -1;
}

/* The system opens the process 4n for 4n + 1 too. */
int uv__open_process(uv_pid_t pid, DWORD rights, HANDLE* process) {
  DWORD error;

  *process = pid < 0 ? NULL : OpenProcess(rights, FALSE, (DWORD) pid);
  if (*process == NULL) {
    error = pid < 0 ? ERROR_INVALID_PARAMETER : GetLastError();
    return error == ERROR_INVALID_PARAMETER ? UV_ESRCH : uv_translate_sys_error((int) error);
  }
  if (GetProcessId(*process) == (DWORD) pid)
    return 0;
  CloseHandle(*process);
  return UV_ESRCH;
}

/* -- Priorities -------------------------------------------------------------------------------- */

/* The classes, by the most urgent of the priorities that each stands for, which is told of it. */
static const struct {
  int priority;
  DWORD class;
} classes[] = {
    {UV_PRIORITY_LOW, IDLE_PRIORITY_CLASS},
    {UV_PRIORITY_BELOW_NORMAL, BELOW_NORMAL_PRIORITY_CLASS},
    {UV_PRIORITY_NORMAL, NORMAL_PRIORITY_CLASS},
    {UV_PRIORITY_ABOVE_NORMAL, ABOVE_NORMAL_PRIORITY_CLASS},
    {UV_PRIORITY_HIGH, HIGH_PRIORITY_CLASS},
    {UV_PRIORITY_HIGHEST, REALTIME_PRIORITY_CLASS},
};

enum { CLASSES = sizeof(classes) / sizeof(classes[0]) };

/* 0 is this process. One that has ended has no priority any more. */
static int open_living(uv_pid_t pid, DWORD rights, HANDLE* process) {
  DWORD exit_code;
  int err = uv__open_process(pid == 0 ? uv_os_getpid() : pid,
                             rights | PROCESS_QUERY_LIMITED_INFORMATION, process);

  if (err != 0)
    return err;
  if (GetExitCodeProcess(*process, &exit_code) && exit_code != STILL_ACTIVE) {
    CloseHandle(*process);
    return UV_ESRCH;
  }
  return 0;
}

int uv_os_getpriority(uv_pid_t pid, int* priority) {
  HANDLE process;

  if (priority == NULL)
    return UV_EINVAL;
  int err = open_living(pid, 0, &process);
  if (err != 0)
    return err;
  DWORD class = GetPriorityClass(process);
  if (class == 0)
    err = uv_translate_sys_error((int) GetLastError());
  CloseHandle(process);
  for (int i = 0; err == 0 && i < CLASSES; i++)
    if (classes[i].class == class)
      *priority = classes[i].priority;
  return err;
}

int uv_os_setpriority(uv_pid_t pid, int priority) {
  HANDLE process;
  int i = 0;

  if (priority < UV_PRIORITY_HIGHEST || priority > UV_PRIORITY_LOW)
    return UV_EINVAL;
  while (priority < classes[i].priority)
    i++;
  int err = open_living(pid, PROCESS_SET_INFORMATION, &process);
  if (err != 0)
    return err;
  if (!SetPriorityClass(process, classes[i].class))
    err = uv_translate_sys_error((int) GetLastError());
  CloseHandle(process);
  return err;
}
