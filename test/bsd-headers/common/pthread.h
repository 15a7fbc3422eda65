#ifndef BSD_PTHREAD_H_
#define BSD_PTHREAD_H_

#include <sched.h>
#include <signal.h>
#include <sys/types.h>
#include <time.h>

/* Pointers to what only the library knows, except some of NetBSD's. */
typedef struct bsd_thread* pthread_t;
typedef BSD_PTHREAD_TYPE(attr) pthread_attr_t;
typedef BSD_PTHREAD_TYPE(mutex) pthread_mutex_t;
typedef BSD_PTHREAD_TYPE(mutexattr) pthread_mutexattr_t;
typedef BSD_PTHREAD_TYPE(cond) pthread_cond_t;
typedef BSD_PTHREAD_TYPE(condattr) pthread_condattr_t;
typedef BSD_PTHREAD_TYPE(rwlock) pthread_rwlock_t;
typedef BSD_PTHREAD_TYPE(rwlockattr) pthread_rwlockattr_t;
typedef BSD_PTHREAD_TYPE(barrier) pthread_barrier_t;
typedef BSD_PTHREAD_TYPE(barrierattr) pthread_barrierattr_t;
typedef int pthread_key_t;

typedef struct pthread_once {
  int state;
  pthread_mutex_t mutex;
} pthread_once_t;

#define PTHREAD_MUTEX_INITIALIZER BSD_PTHREAD_INITIALIZER
#define PTHREAD_COND_INITIALIZER BSD_PTHREAD_INITIALIZER
#define PTHREAD_RWLOCK_INITIALIZER BSD_PTHREAD_INITIALIZER
#define PTHREAD_ONCE_INIT \
  { 0, PTHREAD_MUTEX_INITIALIZER }

enum { PTHREAD_MUTEX_ERRORCHECK = 1, PTHREAD_MUTEX_RECURSIVE = 2 };
#define PTHREAD_BARRIER_SERIAL_THREAD BSD_BARRIER_SERIAL_THREAD
#define PTHREAD_CANCEL_ENABLE 0
#define PTHREAD_CANCEL_DISABLE 1
#define PTHREAD_CREATE_DETACHED 1
#define PTHREAD_STACK_MIN 2048

int pthread_atfork(void (*before)(void), void (*after)(void), void (*in_child)(void));
int pthread_attr_destroy(pthread_attr_t* attr);
int pthread_attr_getstacksize(const pthread_attr_t* attr, size_t* size);
int pthread_attr_init(pthread_attr_t* attr);
int pthread_attr_setdetachstate(pthread_attr_t* attr, int state);
int pthread_attr_setstacksize(pthread_attr_t* attr, size_t size);
int pthread_barrier_destroy(pthread_barrier_t* barrier);
int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attr,
                         unsigned int count);
int pthread_barrier_wait(pthread_barrier_t* barrier);
int pthread_cond_broadcast(pthread_cond_t* cond);
int pthread_cond_destroy(pthread_cond_t* cond);
int pthread_cond_init(pthread_cond_t* cond, const pthread_condattr_t* attr);
int pthread_cond_signal(pthread_cond_t* cond);
int pthread_cond_timedwait(pthread_cond_t* cond, pthread_mutex_t* mutex,
                           const struct timespec* deadline);
int pthread_cond_wait(pthread_cond_t* cond, pthread_mutex_t* mutex);
int pthread_condattr_destroy(pthread_condattr_t* attr);
int pthread_condattr_init(pthread_condattr_t* attr);
int pthread_condattr_setclock(pthread_condattr_t* attr, clockid_t clock);
int pthread_create(pthread_t* thread, const pthread_attr_t* attr, void* (*entry)(void*), void* arg);
int pthread_detach(pthread_t thread);
int pthread_equal(pthread_t a, pthread_t b);
int pthread_getschedparam(pthread_t thread, int* policy, struct sched_param* param);
void* pthread_getspecific(pthread_key_t key);
int pthread_join(pthread_t thread, void** result);
int pthread_key_create(pthread_key_t* key, void (*destroy)(void*));
int pthread_key_delete(pthread_key_t key);
int pthread_kill(pthread_t thread, int signum);
int pthread_mutex_destroy(pthread_mutex_t* mutex);
int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attr);
int pthread_mutex_lock(pthread_mutex_t* mutex);
int pthread_mutex_trylock(pthread_mutex_t* mutex);
int pthread_mutex_unlock(pthread_mutex_t* mutex);
int pthread_mutexattr_destroy(pthread_mutexattr_t* attr);
int pthread_mutexattr_init(pthread_mutexattr_t* attr);
int pthread_mutexattr_settype(pthread_mutexattr_t* attr, int type);
int pthread_once(pthread_once_t* once, void (*routine)(void));
int pthread_rwlock_destroy(pthread_rwlock_t* lock);
int pthread_rwlock_init(pthread_rwlock_t* lock, const pthread_rwlockattr_t* attr);
int pthread_rwlock_rdlock(pthread_rwlock_t* lock);
int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock);
int pthread_rwlock_trywrlock(pthread_rwlock_t* lock);
int pthread_rwlock_unlock(pthread_rwlock_t* lock);
int pthread_rwlock_wrlock(pthread_rwlock_t* lock);
pthread_t pthread_self(void);
int pthread_setcancelstate(int state, int* old_state);
int pthread_setschedparam(pthread_t thread, int policy, const struct sched_param* param);
int pthread_setspecific(pthread_key_t key, const void* value);
int pthread_sigmask(int how, const sigset_t* set, sigset_t* old_set);

#include <bsd_pthread.h>

#endif /* BSD_PTHREAD_H_ */
