/* Mutexes, read-write locks, once and thread-specific keys. */
#include "lock.h"

#include "uv.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void uv__must(int err, const char* function) {
  if (err == 0)
    return;
  fprintf(stderr, "%s: %s\n", function, strerror(err));
  abort();
}

/* For the functions that try: whether somebody else has the lock. */
static int busy_or_must(int err, const char* function) {
  if (err == EBUSY || err == EAGAIN)
    return UV_EBUSY;
  uv__must(err, function);
  return 0;
}

/* -- Mutexes ----------------------------------------------------------------------------------- */

int uv_mutex_init(uv_mutex_t* handle) {
  return UV__ERR(pthread_mutex_init(handle, NULL));
}

int uv_mutex_init_recursive(uv_mutex_t* handle) {
  pthread_mutexattr_t attr;
  int err = pthread_mutexattr_init(&attr);

  if (err != 0)
    return UV__ERR(err);
  err = pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
  if (err == 0)
    err = pthread_mutex_init(handle, &attr);
  pthread_mutexattr_destroy(&attr);
  return UV__ERR(err);
}

void uv_mutex_destroy(uv_mutex_t* handle) {
  uv__must(pthread_mutex_destroy(handle), "uv_mutex_destroy");
}

void uv_mutex_lock(uv_mutex_t* handle) {
  uv__must(pthread_mutex_lock(handle), "uv_mutex_lock");
}

int uv_mutex_trylock(uv_mutex_t* handle) {
  return busy_or_must(pthread_mutex_trylock(handle), "uv_mutex_trylock");
}

void uv_mutex_unlock(uv_mutex_t* handle) {
  uv__must(pthread_mutex_unlock(handle), "uv_mutex_unlock");
}

/* -- Read-write locks -------------------------------------------------------------------------- */

int uv_rwlock_init(uv_rwlock_t* rwlock) {
  return UV__ERR(pthread_rwlock_init(rwlock, NULL));
}

void uv_rwlock_destroy(uv_rwlock_t* rwlock) {
  uv__must(pthread_rwlock_destroy(rwlock), "uv_rwlock_destroy");
}

void uv_rwlock_rdlock(uv_rwlock_t* rwlock) {
  uv__must(pthread_rwlock_rdlock(rwlock), "uv_rwlock_rdlock");
}

int uv_rwlock_tryrdlock(uv_rwlock_t* rwlock) {
  return busy_or_must(pthread_rwlock_tryrdlock(rwlock), "uv_rwlock_tryrdlock");
}

void uv_rwlock_rdunlock(uv_rwlock_t* rwlock) {
  uv__must(pthread_rwlock_unlock(rwlock), "uv_rwlock_rdunlock");
}

void uv_rwlock_wrlock(uv_rwlock_t* rwlock) {
  uv__must(pthread_rwlock_wrlock(rwlock), "uv_rwlock_wrlock");
}

int uv_rwlock_trywrlock(uv_rwlock_t* rwlock) {
  return busy_or_must(pthread_rwlock_trywrlock(rwlock), "uv_rwlock_trywrlock");
}

void uv_rwlock_wrunlock(uv_rwlock_t* rwlock) {
  uv__must(pthread_rwlock_unlock(rwlock), "uv_rwlock_wrunlock");
}

/* -- Once and keys ----------------------------------------------------------------------------- */

void uv_once(uv_once_t* guard, void (*callback)(void)) {
  uv__must(pthread_once(guard, callback), "uv_once");
}

int uv_key_create(uv_key_t* key) {
  return UV__ERR(pthread_key_create(key, NULL));
}

void uv_key_delete(uv_key_t* key) {
  uv__must(pthread_key_delete(*key), "uv_key_delete");
}

void* uv_key_get(uv_key_t* key) {
  return pthread_getspecific(*key);
}

void uv_key_set(uv_key_t* key, void* value) {
  uv__must(pthread_setspecific(*key, value), "uv_key_set");
}
