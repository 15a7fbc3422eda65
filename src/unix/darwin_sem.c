/* Semaphores on macOS: those of the kernel, since POSIX's without a name are not there. */
#include "lock.h"
#include "uv.h"

#include <errno.h>
#include <limits.h>
#include <mach/mach.h>
#include <mach/semaphore.h>
#include <mach/task.h>

/* As a number that uv__must() shows. */
static int error_of(kern_return_t result) {
  switch (result) {
    case KERN_SUCCESS:
      return 0;
    case KERN_RESOURCE_SHORTAGE:
      return ENOMEM;
    case KERN_ABORTED:
      return EINTR;
    case KERN_OPERATION_TIMED_OUT:
      return EAGAIN;
    default:
      return EINVAL;
  }
}

int uv_sem_init(uv_sem_t* sem, unsigned int value) {
  if (value > INT_MAX)
    return UV_EINVAL;
  return UV__ERR(error_of(semaphore_create(mach_task_self(), sem, SYNC_POLICY_FIFO, (int) value)));
}

void uv_sem_destroy(uv_sem_t* sem) {
  uv__must(error_of(semaphore_destroy(mach_task_self(), *sem)), "uv_sem_destroy");
}

void uv_sem_post(uv_sem_t* sem) {
  uv__must(error_of(semaphore_signal(*sem)), "uv_sem_post");
}

void uv_sem_wait(uv_sem_t* sem) {
  int err;

  do
    err = error_of(semaphore_wait(*sem));
  while (err == EINTR);
  uv__must(err, "uv_sem_wait");
}

int uv_sem_trywait(uv_sem_t* sem) {
  const mach_timespec_t no_time = {.tv_sec = 0, .tv_nsec = 0};
  int err;

  do
    err = error_of(semaphore_timedwait(*sem, no_time));
  while (err == EINTR);
  if (err == EAGAIN)
    return UV_EAGAIN;
  uv__must(err, "uv_sem_trywait");
  return 0;
}
