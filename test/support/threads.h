/* Threads of tests. */
#ifndef RONDO_TEST_THREADS_H_
#define RONDO_TEST_THREADS_H_

#include "support/cmocka_all.h"
#include "uv.h"

#include <string.h>

struct visit {
  uv_thread_t self;
  int visits;
};

static inline void visit_entry(void* arg) {
  struct visit* visit = arg;

  visit->self = uv_thread_self();
  visit->visits++;
}

/* A thread that runs until it is told to end. */
struct guest {
  uv_thread_t thread;
  uv_sem_t come;
  uv_sem_t go;
  void (*act)(void); /* in the thread, before `come`; may be null */
};

static inline void guest_entry(void* arg) {
  struct guest* guest = arg;

  if (guest->act != NULL)
    guest->act();
  uv_sem_post(&guest->come);
  uv_sem_wait(&guest->go);
}

static inline void guest_start(struct guest* guest, void (*act)(void)) {
  guest->act = act;
  assert_int_equal(uv_sem_init(&guest->come, 0), 0);
  assert_int_equal(uv_sem_init(&guest->go, 0), 0);
  assert_int_equal(uv_thread_create(&guest->thread, guest_entry, guest), 0);
  uv_sem_wait(&guest->come);
}

static inline void guest_end(struct guest* guest) {
  uv_sem_post(&guest->go);
  assert_int_equal(uv_thread_join(&guest->thread), 0);
  uv_sem_destroy(&guest->come);
  uv_sem_destroy(&guest->go);
}

static inline void assert_name(uv_thread_t* thread, const char* expected) {
  char name[64];

  memset(name, 'x', sizeof(name));
  assert_int_equal(uv_thread_getname(thread, name, sizeof(name)), 0);
  assert_string_equal(name, expected);
}

/* -- Masks of processors ----------------------------------------------------------------------- */

#if defined(_WIN32)
enum { MASK = 64 };
#elif defined(CPU_SETSIZE)
enum { MASK = CPU_SETSIZE };
#else
enum { MASK = 1024 };
#endif

static inline int count_cpus(const char* mask) {
  int count = 0;

  for (int i = 0; i < MASK; i++) {
    assert_true(mask[i] == 0 || mask[i] == 1);
    count += mask[i];
  }
  return count;
}

/* The nth processor of a mask, from 0. */
static inline int nth_cpu(const char* mask, int n) {
  int cpu = -1;

  for (; n >= 0; n--)
    do
      cpu++;
    while (mask[cpu] == 0);
  return cpu;
}

#endif /* RONDO_TEST_THREADS_H_ */
