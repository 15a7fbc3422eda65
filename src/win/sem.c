/* Semaphores. */
#include "lock.h"
#include "uv.h"

#include <limits.h>

int uv_sem_init(uv_sem_t* sem, unsigned int value) {
  if (value > INT_MAX)
    return UV_EINVAL;
  *sem = CreateSemaphoreW(NULL, (LONG) value, INT_MAX, NULL);
  return *sem == NULL ? uv_translate_sys_error((int) GetLastError()) : 0;
}

void uv_sem_destroy(uv_sem_t* sem) {
  uv__must(CloseHandle(*sem), "uv_sem_destroy");
}

void uv_sem_post(uv_sem_t* sem) {
  uv__must(ReleaseSemaphore(*sem, 1, NULL), "uv_sem_post");
}

void uv_sem_wait(uv_sem_t* sem) {
  uv__must(WaitForSingleObject(*sem, INFINITE) == WAIT_OBJECT_0, "uv_sem_wait");
}

int uv_sem_trywait(uv_sem_t* sem) {
  DWORD result = WaitForSingleObject(*sem, 0);

  if (result == WAIT_TIMEOUT)
    return UV_EAGAIN;
  uv__must(result == WAIT_OBJECT_0, "uv_sem_trywait");
  return 0;
}
