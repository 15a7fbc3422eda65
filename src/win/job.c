/* The job of the children: the system kills all that is in it when its last handle is closed, and
 * that is ours.
 *
 * Children of children are not in it: they break away by themselves. */
#include "job.h"

static SRWLOCK lock = SRWLOCK_INIT;
static HANDLE job; /* never closed; under the lock */

static int last_error(void) {
  return uv_translate_sys_error((int) GetLastError());
}

/* "Access denied" is what a system says that does not let a process be in several jobs. */
static int join(HANDLE to, HANDLE process) {
  if (AssignProcessToJobObject(to, process) || GetLastError() == ERROR_ACCESS_DENIED)
    return 0;
  return last_error();
}

/* The job has the session of its first process, and takes none of another: that is us. */
static int prepare(HANDLE fresh) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION info = {.BasicLimitInformation = {.LimitFlags = 0}};

  info.BasicLimitInformation.LimitFlags =
      JOB_OBJECT_LIMIT_BREAKAWAY_OK | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK |
      JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION | JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  if (!SetInformationJobObject(fresh, JobObjectExtendedLimitInformation, &info, sizeof(info)))
    return last_error();
  return join(fresh, GetCurrentProcess());
}

static int open_job(void) {
  HANDLE fresh;
  int err;

  if (job != NULL)
    return 0;
  fresh = CreateJobObjectW(NULL, NULL);
  if (fresh == NULL)
    return last_error();
  err = prepare(fresh);
  if (err != 0)
    CloseHandle(fresh);
  else
    job = fresh;
  return err;
}

int uv__job_add(HANDLE process) {
  int err;

  AcquireSRWLockExclusive(&lock);
  err = open_job();
  ReleaseSRWLockExclusive(&lock);
  return err != 0 ? err : join(job, process);
}
