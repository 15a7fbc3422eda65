/* Mutexes, read-write locks, condition variables, once and thread-specific keys. */
#include "lock.h"

#include "uv.h"

#include <stdio.h>
#include <stdlib.h>

enum { NS_PER_MS = 1000000 };

void uv__must(bool done, const char* function) {
  if (done)
    return;
  fprintf(stderr, "%s: error %lu\n", function, GetLastError());
  abort();
}

/* -- Mutexes: recursive ones too --------------------------------------------------------------- */

int uv_mutex_init(uv_mutex_t* handle) {
  InitializeCriticalSection(handle);
  return 0;
}

int uv_mutex_init_recursive(uv_mutex_t* handle) {
  return uv_mutex_init(handle);
}

void uv_mutex_destroy(uv_mutex_t* handle) {
  DeleteCriticalSection(handle);
}

void uv_mutex_lock(uv_mutex_t* handle) {
  EnterCriticalSection(handle);
}

int uv_mutex_trylock(uv_mutex_t* handle) {
  return TryEnterCriticalSection(handle) ? 0 : UV_EBUSY;
}

void uv_mutex_unlock(uv_mutex_t* handle) {
  LeaveCriticalSection(handle);
}

/* -- Read-write locks -------------------------------------------------------------------------- */

int uv_rwlock_init(uv_rwlock_t* rwlock) {
  InitializeSRWLock(&rwlock->read_write_lock_);
  return 0;
}

void uv_rwlock_destroy(uv_rwlock_t* rwlock) {
  (void) rwlock; /* holds nothing */
}

void uv_rwlock_rdlock(uv_rwlock_t* rwlock) {
  AcquireSRWLockShared(&rwlock->read_write_lock_);
}

int uv_rwlock_tryrdlock(uv_rwlock_t* rwlock) {
  return TryAcquireSRWLockShared(&rwlock->read_write_lock_) ? 0 : UV_EBUSY;
}

void uv_rwlock_rdunlock(uv_rwlock_t* rwlock) {
  ReleaseSRWLockShared(&rwlock->read_write_lock_);
}

void uv_rwlock_wrlock(uv_rwlock_t* rwlock) {
  AcquireSRWLockExclusive(&rwlock->read_write_lock_);
}

int uv_rwlock_trywrlock(uv_rwlock_t* rwlock) {
  return TryAcquireSRWLockExclusive(&rwlock->read_write_lock_) ? 0 : UV_EBUSY;
}

void uv_rwlock_wrunlock(uv_rwlock_t* rwlock) {
  ReleaseSRWLockExclusive(&rwlock->read_write_lock_);
}

/* -- Condition variables ----------------------------------------------------------------------- */

int uv_cond_init(uv_cond_t* cond) {
  InitializeConditionVariable(&cond->cond_var);
  return 0;
}

void uv_cond_destroy(uv_cond_t* cond) {
  (void) cond; /* holds nothing */
}

void uv_cond_signal(uv_cond_t* cond) {
  WakeConditionVariable(&cond->cond_var);
}

void uv_cond_broadcast(uv_cond_t* cond) {
  WakeAllConditionVariable(&cond->cond_var);
}

void uv_cond_wait(uv_cond_t* cond, uv_mutex_t* mutex) {
  uv__must(SleepConditionVariableCS(&cond->cond_var, mutex, INFINITE), "uv_cond_wait");
}

/* The system waits in whole milliseconds and may be a tick early: what is left then follows. */
int uv_cond_timedwait(uv_cond_t* cond, uv_mutex_t* mutex, uint64_t timeout) {
  uint64_t now = uv_hrtime();
  uint64_t end = timeout > UINT64_MAX - now ? UINT64_MAX : now + timeout;

  do {
    uint64_t left_ms = (end - now) / NS_PER_MS + ((end - now) % NS_PER_MS != 0);
    DWORD wait_ms = left_ms < INFINITE ? (DWORD) left_ms : INFINITE;
    if (SleepConditionVariableCS(&cond->cond_var, mutex, wait_ms))
      return 0;
    uv__must(GetLastError() == ERROR_TIMEOUT, "uv_cond_timedwait");
    now = uv_hrtime();
  } while (now < end);
  return UV_ETIMEDOUT;
}

/* -- Once and keys ----------------------------------------------------------------------------- */

void uv_once(uv_once_t* guard, void (*callback)(void)) {
  BOOL is_first;

  uv__must(InitOnceBeginInitialize(&guard->init_once, 0, &is_first, NULL), "uv_once");
  if (!is_first)
    return;
  callback();
  uv__must(InitOnceComplete(&guard->init_once, 0, NULL), "uv_once");
}

int uv_key_create(uv_key_t* key) {
  key->tls_index = TlsAlloc();
  if (key->tls_index != TLS_OUT_OF_INDEXES)
    return 0;
  return GetLastError() == ERROR_NOT_ENOUGH_MEMORY ? UV_ENOMEM : UV_EAGAIN;
}

void uv_key_delete(uv_key_t* key) {
  uv__must(TlsFree(key->tls_index), "uv_key_delete");
  key->tls_index = TLS_OUT_OF_INDEXES;
}

void* uv_key_get(uv_key_t* key) {
  return TlsGetValue(key->tls_index);
}

void uv_key_set(uv_key_t* key, void* value) {
  uv__must(TlsSetValue(key->tls_index, value), "uv_key_set");
}
