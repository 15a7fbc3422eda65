/* Mutexes, read-write locks, semaphores, condition variables, barriers, once and keys. */
#include "support/cmocka_all.h"
#include "support/watchdog.h"
#include "uv.h"

#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, NS_PER_MS = 1000000 };

/* Runs `entry` in THREADS threads at once, until all have ended. */
static void in_threads(uv_thread_cb entry, void* arg) {
  uv_thread_t threads[THREADS];

  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_create(&threads[i], entry, arg), 0);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_join(&threads[i]), 0);
}

/* Runs `entry` in another thread, until it has ended. */
static void in_another_thread(uv_thread_cb entry, void* arg) {
  uv_thread_t thread;

  assert_int_equal(uv_thread_create(&thread, entry, arg), 0);
  assert_int_equal(uv_thread_join(&thread), 0);
}

static int load(const int* value) {
  return __atomic_load_n(value, __ATOMIC_RELAXED);
}

/* -- Mutexes ----------------------------------------------------------------------------------- */

struct counter {
  uv_mutex_t mutex;
  long count;
};

static void count_under_mutex(void* arg) {
  struct counter* counter = arg;

  for (int i = 0; i < 20000; i++) {
    uv_mutex_lock(&counter->mutex);
    counter->count++;
    uv_mutex_unlock(&counter->mutex);
  }
}

static void count_under_trylock(void* arg) {
  struct counter* counter = arg;

  for (int i = 0; i < 2000; i++) {
    while (uv_mutex_trylock(&counter->mutex) != 0)
      uv_sleep(0);
    counter->count++;
    uv_mutex_unlock(&counter->mutex);
  }
}

static void a_mutex_lets_one_thread_in(void** state) {
  (void) state;
  struct counter counter = {.count = 0};

  assert_int_equal(uv_mutex_init(&counter.mutex), 0);
  in_threads(count_under_mutex, &counter);
  assert_int_equal(counter.count, THREADS * 20000);
  in_threads(count_under_trylock, &counter);
  assert_int_equal(counter.count, THREADS * 22000);
  uv_mutex_destroy(&counter.mutex);
}

static void expect_locked_mutex(void* arg) {
  assert_int_equal(uv_mutex_trylock(arg), UV_EBUSY);
}

static void expect_free_mutex(void* arg) {
  assert_int_equal(uv_mutex_trylock(arg), 0);
  uv_mutex_unlock(arg);
}

#if defined(_WIN32)
enum { TRYLOCK_BY_HOLDER = 0 }; /* all mutexes are recursive */
#else
enum { TRYLOCK_BY_HOLDER = UV_EBUSY };
#endif

static void trylock_says_busy_while_the_mutex_is_held(void** state) {
  (void) state;
  uv_mutex_t mutex;

  assert_int_equal(uv_mutex_init(&mutex), 0);
  assert_int_equal(uv_mutex_trylock(&mutex), 0);
  in_another_thread(expect_locked_mutex, &mutex);
  assert_int_equal(uv_mutex_trylock(&mutex), TRYLOCK_BY_HOLDER);
  if (TRYLOCK_BY_HOLDER == 0)
    uv_mutex_unlock(&mutex);
  uv_mutex_unlock(&mutex);
  in_another_thread(expect_free_mutex, &mutex);
  uv_mutex_destroy(&mutex);
}

static void a_recursive_mutex_is_free_after_as_many_unlocks_as_locks(void** state) {
  (void) state;
  uv_mutex_t mutex;

  assert_int_equal(uv_mutex_init_recursive(&mutex), 0);
  uv_mutex_lock(&mutex);
  uv_mutex_lock(&mutex);
  assert_int_equal(uv_mutex_trylock(&mutex), 0);
  for (int held = 3; held > 0; held--) {
    in_another_thread(expect_locked_mutex, &mutex);
    uv_mutex_unlock(&mutex);
  }
  in_another_thread(expect_free_mutex, &mutex);
  uv_mutex_destroy(&mutex);
}

/* -- Read-write locks -------------------------------------------------------------------------- */

static void expect_read_locked(void* arg) {
  assert_int_equal(uv_rwlock_trywrlock(arg), UV_EBUSY);
  assert_int_equal(uv_rwlock_tryrdlock(arg), 0);
  uv_rwlock_rdunlock(arg);
  uv_rwlock_rdlock(arg);
  uv_rwlock_rdunlock(arg);
}

static void expect_write_locked(void* arg) {
  assert_int_equal(uv_rwlock_tryrdlock(arg), UV_EBUSY);
  assert_int_equal(uv_rwlock_trywrlock(arg), UV_EBUSY);
}

static void expect_free_rwlock(void* arg) {
  assert_int_equal(uv_rwlock_trywrlock(arg), 0);
  uv_rwlock_wrunlock(arg);
}

static void readers_share_and_keep_writers_out(void** state) {
  (void) state;
  uv_rwlock_t lock;

  assert_int_equal(uv_rwlock_init(&lock), 0);
  uv_rwlock_rdlock(&lock);
  in_another_thread(expect_read_locked, &lock);
  assert_int_equal(uv_rwlock_tryrdlock(&lock), 0);
  uv_rwlock_rdunlock(&lock);
  in_another_thread(expect_read_locked, &lock);
  uv_rwlock_rdunlock(&lock);
  in_another_thread(expect_free_rwlock, &lock);
  uv_rwlock_destroy(&lock);
}

static void a_writer_keeps_everybody_out(void** state) {
  (void) state;
  uv_rwlock_t lock;

  assert_int_equal(uv_rwlock_init(&lock), 0);
  uv_rwlock_wrlock(&lock);
  in_another_thread(expect_write_locked, &lock);
  uv_rwlock_wrunlock(&lock);
  assert_int_equal(uv_rwlock_trywrlock(&lock), 0);
  in_another_thread(expect_write_locked, &lock);
  uv_rwlock_wrunlock(&lock);
  in_another_thread(expect_free_rwlock, &lock);
  uv_rwlock_destroy(&lock);
}

struct pair {
  uv_rwlock_t lock;
  long first;
  long second;
};

static void change_and_compare(void* arg) {
  struct pair* pair = arg;

  for (int i = 0; i < 3000; i++) {
    uv_rwlock_wrlock(&pair->lock);
    pair->first++;
    pair->second++;
    uv_rwlock_wrunlock(&pair->lock);
    uv_rwlock_rdlock(&pair->lock);
    assert_int_equal(pair->first, pair->second);
    uv_rwlock_rdunlock(&pair->lock);
  }
}

static void readers_never_see_half_a_write(void** state) {
  (void) state;
  struct pair pair = {.first = 0};

  assert_int_equal(uv_rwlock_init(&pair.lock), 0);
  in_threads(change_and_compare, &pair);
  assert_int_equal(pair.first, THREADS * 3000);
  uv_rwlock_destroy(&pair.lock);
}

/* -- Semaphores -------------------------------------------------------------------------------- */

static void a_semaphore_lets_as_many_in_as_it_counts(void** state) {
  (void) state;
  uv_sem_t sem;

  assert_int_equal(uv_sem_init(&sem, 3), 0);
  uv_sem_wait(&sem);
  assert_int_equal(uv_sem_trywait(&sem), 0);
  uv_sem_wait(&sem);
  assert_int_equal(uv_sem_trywait(&sem), UV_EAGAIN);
  uv_sem_post(&sem);
  assert_int_equal(uv_sem_trywait(&sem), 0);
  assert_int_equal(uv_sem_trywait(&sem), UV_EAGAIN);
  uv_sem_destroy(&sem);
}

static void a_semaphore_that_counts_too_far_is_refused(void** state) {
  (void) state;
  uv_sem_t sem;

  assert_int_equal(uv_sem_init(&sem, 0x80000000u), UV_EINVAL);
  assert_int_equal(uv_sem_init(&sem, 0x7fffffffu), 0);
  uv_sem_destroy(&sem);
}

struct handover {
  uv_sem_t full;
  uv_sem_t empty;
  int value;
};

static void produce(void* arg) {
  struct handover* h = arg;

  for (int i = 1; i <= 3000; i++) {
    uv_sem_wait(&h->empty);
    h->value = i;
    uv_sem_post(&h->full);
  }
}

static void a_wait_lasts_until_the_post(void** state) {
  (void) state;
  struct handover h = {.value = 0};
  uv_thread_t thread;

  assert_int_equal(uv_sem_init(&h.full, 0), 0);
  assert_int_equal(uv_sem_init(&h.empty, 1), 0);
  assert_int_equal(uv_thread_create(&thread, produce, &h), 0);
  for (int i = 1; i <= 3000; i++) {
    uv_sem_wait(&h.full);
    assert_int_equal(h.value, i);
    uv_sem_post(&h.empty);
  }
  assert_int_equal(uv_thread_join(&thread), 0);
  uv_sem_destroy(&h.full);
  uv_sem_destroy(&h.empty);
}

/* -- Condition variables ----------------------------------------------------------------------- */

struct gate {
  uv_mutex_t mutex;
  uv_cond_t cond;
  uv_cond_t changed; /* told when `waiting` or `passed` changes */
  int waiting;
  int tickets;
  int passed;
};

static void gate_open(struct gate* gate) {
  memset(gate, 0, sizeof(*gate));
  assert_int_equal(uv_mutex_init(&gate->mutex), 0);
  assert_int_equal(uv_cond_init(&gate->cond), 0);
  assert_int_equal(uv_cond_init(&gate->changed), 0);
}

static void gate_close(struct gate* gate) {
  uv_cond_destroy(&gate->cond);
  uv_cond_destroy(&gate->changed);
  uv_mutex_destroy(&gate->mutex);
}

static void pass_gate(void* arg) {
  struct gate* gate = arg;

  uv_mutex_lock(&gate->mutex);
  gate->waiting++;
  uv_cond_signal(&gate->changed);
  while (gate->tickets == 0)
    uv_cond_wait(&gate->cond, &gate->mutex);
  gate->tickets--;
  gate->passed++;
  uv_cond_signal(&gate->changed);
  uv_mutex_unlock(&gate->mutex);
}

static void start_waiters(struct gate* gate, uv_thread_t* threads) {
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_create(&threads[i], pass_gate, gate), 0);
  uv_mutex_lock(&gate->mutex);
  while (gate->waiting < THREADS)
    uv_cond_wait(&gate->changed, &gate->mutex);
  uv_mutex_unlock(&gate->mutex);
}

static void a_signal_wakes_a_waiter(void** state) {
  (void) state;
  struct gate gate;
  uv_thread_t threads[THREADS];

  gate_open(&gate);
  start_waiters(&gate, threads);
  uv_mutex_lock(&gate.mutex);
  for (int i = 1; i <= THREADS; i++) {
    gate.tickets++;
    uv_cond_signal(&gate.cond);
    while (gate.passed < i)
      uv_cond_wait(&gate.changed, &gate.mutex);
    assert_int_equal(gate.tickets, 0);
  }
  uv_mutex_unlock(&gate.mutex);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_join(&threads[i]), 0);
  gate_close(&gate);
}

static void a_broadcast_wakes_all_waiters(void** state) {
  (void) state;
  struct gate gate;
  uv_thread_t threads[THREADS];

  gate_open(&gate);
  start_waiters(&gate, threads);
  uv_mutex_lock(&gate.mutex);
  gate.tickets = THREADS;
  uv_cond_broadcast(&gate.cond);
  uv_mutex_unlock(&gate.mutex);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_join(&threads[i]), 0);
  assert_int_equal(gate.passed, THREADS);
  gate_close(&gate);
}

static void a_timed_wait_ends_after_its_time_and_not_before(void** state) {
  (void) state;
  const uint64_t timeouts[] = {0, 1, NS_PER_MS, 30 * NS_PER_MS};
  struct gate gate;

  gate_open(&gate);
  uv_mutex_lock(&gate.mutex);
  for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
    uint64_t start = uv_hrtime();
    while (uv_cond_timedwait(&gate.cond, &gate.mutex, timeouts[i]) == 0)
      start = uv_hrtime(); /* woken without a reason */
    assert_true(uv_hrtime() - start >= timeouts[i]);
  }
  assert_int_equal(uv_cond_timedwait(&gate.cond, &gate.mutex, 0), UV_ETIMEDOUT);
  uv_mutex_unlock(&gate.mutex);
  gate_close(&gate);
}

static void give_ticket(void* arg) {
  struct gate* gate = arg;

  uv_mutex_lock(&gate->mutex);
  gate->tickets++;
  uv_cond_signal(&gate->cond);
  uv_mutex_unlock(&gate->mutex);
}

static void a_timed_wait_is_woken_before_its_time_however_long(void** state) {
  (void) state;
  const uint64_t timeouts[] = {60000ull * NS_PER_MS, (uint64_t) INT64_MAX, UINT64_MAX - 1,
                               UINT64_MAX};
  struct gate gate;
  uv_thread_t thread;

  gate_open(&gate);
  for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
    uv_mutex_lock(&gate.mutex);
    assert_int_equal(uv_thread_create(&thread, give_ticket, &gate), 0);
    while (gate.tickets == 0)
      assert_int_equal(uv_cond_timedwait(&gate.cond, &gate.mutex, timeouts[i]), 0);
    gate.tickets = 0;
    uv_mutex_unlock(&gate.mutex);
    assert_int_equal(uv_thread_join(&thread), 0);
  }
  gate_close(&gate);
}

static void a_timed_wait_holds_the_mutex_afterwards(void** state) {
  (void) state;
  struct gate gate;

  gate_open(&gate);
  uv_mutex_lock(&gate.mutex);
  while (uv_cond_timedwait(&gate.cond, &gate.mutex, NS_PER_MS) == 0)
    continue;
  in_another_thread(expect_locked_mutex, &gate.mutex);
  uv_mutex_unlock(&gate.mutex);
  gate_close(&gate);
}

/* -- Barriers ---------------------------------------------------------------------------------- */

/* ThreadSanitizer asks for this. It takes every thread that leaves a barrier for a reader of it,
 * and does not know that destroying the barrier waits for them. */
const char* __tsan_default_suppressions(void);
const char* __tsan_default_suppressions(void) {
  return "race:uv_barrier_destroy\n";
}

/* What it keeps of a barrier goes with the barrier; a thread that leaves late makes it crash. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
enum { BARRIERS_MAY_GO_AT_ONCE = 0 };
#else
enum { BARRIERS_MAY_GO_AT_ONCE = 1 };
#endif

enum { ROUNDS = 500 };

struct rounds {
  uv_barrier_t barrier;
  int arrived[ROUNDS];
  int ones[ROUNDS];
};

static void do_rounds(void* arg) {
  struct rounds* rounds = arg;

  for (int i = 0; i < ROUNDS; i++) {
    __atomic_add_fetch(&rounds->arrived[i], 1, __ATOMIC_RELAXED);
    int result = uv_barrier_wait(&rounds->barrier);
    assert_int_equal(load(&rounds->arrived[i]), THREADS);
    assert_true(result == 0 || result == 1);
    __atomic_add_fetch(&rounds->ones[i], result, __ATOMIC_RELAXED);
  }
}

static void nobody_passes_a_barrier_before_all_are_there_and_one_is_told(void** state) {
  (void) state;
  static struct rounds rounds;

  assert_int_equal(uv_barrier_init(&rounds.barrier, THREADS), 0);
  in_threads(do_rounds, &rounds);
  for (int i = 0; i < ROUNDS; i++)
    assert_int_equal(rounds.ones[i], 1);
  uv_barrier_destroy(&rounds.barrier);
}

static void a_barrier_for_one_tells_it_each_time(void** state) {
  (void) state;
  uv_barrier_t barrier;

  assert_int_equal(uv_barrier_init(&barrier, 1), 0);
  assert_int_equal(uv_barrier_wait(&barrier), 1);
  assert_int_equal(uv_barrier_wait(&barrier), 1);
  uv_barrier_destroy(&barrier);
}

static void a_barrier_for_nobody_is_refused(void** state) {
  (void) state;
  uv_barrier_t barrier;

  assert_int_equal(uv_barrier_init(&barrier, 0), UV_EINVAL);
}

struct brief {
  uv_barrier_t* barrier;
  int destroyed;
};

static void wait_and_destroy(void* arg) {
  struct brief* brief = arg;
  uv_barrier_t* barrier = brief->barrier;

  if (uv_barrier_wait(barrier) == 1) {
    uv_barrier_destroy(barrier);
    memset(barrier, 0xff, sizeof(*barrier));
    free(barrier);
    __atomic_add_fetch(&brief->destroyed, 1, __ATOMIC_RELAXED);
  }
}

static void the_one_that_is_told_may_destroy_the_barrier_at_once(void** state) {
  (void) state;
  enum { TIMES = 100 };
  struct brief brief = {.destroyed = 0};

  if (!BARRIERS_MAY_GO_AT_ONCE)
    skip();
  for (int i = 0; i < TIMES; i++) {
    brief.barrier = malloc(sizeof(*brief.barrier));
    assert_int_equal(uv_barrier_init(brief.barrier, THREADS), 0);
    in_threads(wait_and_destroy, &brief);
  }
  assert_int_equal(brief.destroyed, TIMES);
}

/* -- Once -------------------------------------------------------------------------------------- */

static uv_once_t once_guard = UV_ONCE_INIT;
static int once_runs; /* plain: uv_once() makes what the callback did visible to all */
static uv_barrier_t once_start;

static void be_slow_once(void) {
  uv_sleep(20);
  once_runs++;
}

static void call_once(void* arg) {
  (void) arg;
  uv_barrier_wait(&once_start);
  uv_once(&once_guard, be_slow_once);
  assert_int_equal(once_runs, 1);
}

static void once_runs_once_and_everybody_waits_for_its_end(void** state) {
  (void) state;
  assert_int_equal(uv_barrier_init(&once_start, THREADS), 0);
  in_threads(call_once, NULL);
  uv_once(&once_guard, be_slow_once);
  assert_int_equal(once_runs, 1);
  uv_barrier_destroy(&once_start);
}

/* -- Keys -------------------------------------------------------------------------------------- */

static uv_key_t key;

static void use_key(void* arg) {
  int here;

  assert_null(uv_key_get(&key));
  uv_key_set(&key, &here);
  assert_ptr_equal(uv_key_get(&key), &here);
  uv_barrier_wait(arg);
  assert_ptr_equal(uv_key_get(&key), &here);
  uv_key_set(&key, NULL);
  assert_null(uv_key_get(&key));
}

static void each_thread_has_its_own_value_of_a_key_null_at_first(void** state) {
  (void) state;
  uv_barrier_t barrier;
  int mine;

  assert_int_equal(uv_barrier_init(&barrier, THREADS), 0);
  assert_int_equal(uv_key_create(&key), 0);
  assert_null(uv_key_get(&key));
  uv_key_set(&key, &mine);
  in_threads(use_key, &barrier);
  assert_ptr_equal(uv_key_get(&key), &mine);
  uv_key_delete(&key);
  assert_int_equal(uv_key_create(&key), 0);
  assert_null(uv_key_get(&key));
  uv_key_delete(&key);
  uv_barrier_destroy(&barrier);
}

static void keys_run_out_with_an_error(void** state) {
  (void) state;
  enum { MORE_THAN_THERE_ARE = 4096 };
  static uv_key_t keys[MORE_THAN_THERE_ARE];
  int made = 0;
  int err = 0;

  while (made < MORE_THAN_THERE_ARE && (err = uv_key_create(&keys[made])) == 0)
    made++;
  assert_int_equal(err, UV_EAGAIN);
  assert_true(made > 0);
  while (made > 0)
    uv_key_delete(&keys[--made]);
  assert_int_equal(uv_key_create(&keys[0]), 0);
  uv_key_delete(&keys[0]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_mutex_lets_one_thread_in),
      cmocka_unit_test(trylock_says_busy_while_the_mutex_is_held),
      cmocka_unit_test(a_recursive_mutex_is_free_after_as_many_unlocks_as_locks),
      cmocka_unit_test(readers_share_and_keep_writers_out),
      cmocka_unit_test(a_writer_keeps_everybody_out),
      cmocka_unit_test(readers_never_see_half_a_write),
      cmocka_unit_test(a_semaphore_lets_as_many_in_as_it_counts),
      cmocka_unit_test(a_semaphore_that_counts_too_far_is_refused),
      cmocka_unit_test(a_wait_lasts_until_the_post),
      cmocka_unit_test(a_signal_wakes_a_waiter),
      cmocka_unit_test(a_broadcast_wakes_all_waiters),
      cmocka_unit_test(a_timed_wait_ends_after_its_time_and_not_before),
      cmocka_unit_test(a_timed_wait_is_woken_before_its_time_however_long),
      cmocka_unit_test(a_timed_wait_holds_the_mutex_afterwards),
      cmocka_unit_test(nobody_passes_a_barrier_before_all_are_there_and_one_is_told),
      cmocka_unit_test(a_barrier_for_one_tells_it_each_time),
      cmocka_unit_test(a_barrier_for_nobody_is_refused),
      cmocka_unit_test(the_one_that_is_told_may_destroy_the_barrier_at_once),
      cmocka_unit_test(once_runs_once_and_everybody_waits_for_its_end),
      cmocka_unit_test(each_thread_has_its_own_value_of_a_key_null_at_first),
      cmocka_unit_test(keys_run_out_with_an_error),
  };

  watchdog(50); /* nothing here takes long: a test that hangs ends */
  return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
