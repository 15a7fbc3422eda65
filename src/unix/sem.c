/* Semaphores, where POSIX's unnamed ones work. */
#include "lock.h"
#include "uv.h"

#include <errno.h>
#include <semaphore.h>

/* The error of a call that says so in errno. */
static int error_of(int result) {
  return result == 0 ? 0 : errno;
}

int uv_sem_init(uv_sem_t* sem, unsigned int value) {
  return UV__ERR(error_of(sem_init(sem, 0, value)));
}

void uv_sem_destroy(uv_sem_t* sem) {
  uv__must(error_of(sem_destroy(sem)), "uv_sem_destroy");
}

void uv_sem_post(uv_sem_t* sem) {
  uv__must(error_of(sem_post(sem)), "uv_sem_post");
}

void uv_sem_wait(uv_sem_t* sem) {
  int err;

  do
    err = error_of(sem_wait(sem));
  while (err == EINTR);
  uv__must(err, "uv_sem_wait");
}

int uv_sem_trywait(uv_sem_t* sem) {
  int err;

  do
    err = error_of(sem_trywait(sem));
  while (err == EINTR);
  if (err == EAGAIN)
    return UV_EAGAIN;
  uv__must(err, "uv_sem_trywait");
  return 0;
}
