/* The barrier of systems that have none of their own, on any system: compiled here under other
 * names. */
struct uv__barrier;

typedef struct {
  struct uv__barrier* b;
} own_barrier_t;

#define UV_PLATFORM_BARRIER_T own_barrier_t
#define uv_barrier_init own_barrier_init
#define uv_barrier_wait own_barrier_wait
#define uv_barrier_destroy own_barrier_destroy

#include "unix/barrier_by_cond.c"

#include "support/cmocka_all.h"

#include <string.h>

enum { THREADS = 4, ROUNDS = 500 };

static uv_barrier_t barrier;
static uv_mutex_t lock;
static int arrived[ROUNDS];
static int last_ones[ROUNDS];
static bool was_complete; /* whenever somebody left */

static int setup(void** state) {
  (void) state;
  memset(arrived, 0, sizeof(arrived));
  memset(last_ones, 0, sizeof(last_ones));
  was_complete = true;
  return uv_mutex_init(&lock);
}

static int teardown(void** state) {
  (void) state;
  uv_mutex_destroy(&lock);
  return 0;
}

static void take_part(void* arg) {
  (void) arg;
  for (int round = 0; round < ROUNDS; round++) {
    int is_last;

    uv_mutex_lock(&lock);
    arrived[round]++;
    uv_mutex_unlock(&lock);
    is_last = uv_barrier_wait(&barrier);
    uv_mutex_lock(&lock);
    was_complete &= arrived[round] == THREADS;
    last_ones[round] += is_last;
    uv_mutex_unlock(&lock);
  }
}

static void nobody_leaves_before_all_have_come(void** state) {
  uv_thread_t threads[THREADS];

  (void) state;
  assert_int_equal(uv_barrier_init(&barrier, THREADS), 0);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_create(&threads[i], take_part, NULL), 0);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_join(&threads[i]), 0);
  uv_barrier_destroy(&barrier);
  assert_true(was_complete);
  for (int round = 0; round < ROUNDS; round++)
    assert_int_equal(last_ones[round], 1);
}

static void come_once(void* arg) {
  (void) arg;
  if (uv_barrier_wait(&barrier) == 1)
    uv_barrier_destroy(&barrier);
}

static void whoever_gets_1_may_destroy_it_at_once(void** state) {
  uv_thread_t threads[THREADS];

  (void) state;
  for (int round = 0; round < ROUNDS / 10; round++) {
    assert_int_equal(uv_barrier_init(&barrier, THREADS), 0);
    for (int i = 0; i < THREADS; i++)
      assert_int_equal(uv_thread_create(&threads[i], come_once, NULL), 0);
    for (int i = 0; i < THREADS; i++)
      assert_int_equal(uv_thread_join(&threads[i]), 0);
    assert_null(barrier.b);
  }
}

static void a_count_of_0_is_refused(void** state) {
  (void) state;
  assert_int_equal(uv_barrier_init(&barrier, 0), UV_EINVAL);
  assert_int_equal(uv_barrier_init(NULL, 1), UV_EINVAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(nobody_leaves_before_all_have_come, setup, teardown),
      cmocka_unit_test_setup_teardown(whoever_gets_1_may_destroy_it_at_once, setup, teardown),
      cmocka_unit_test_setup_teardown(a_count_of_0_is_refused, setup, teardown),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
