/* Threads: their lives, names and processors. */
#include "support/allocator.h"
#include "support/c_library.h"
#include "support/threads.h"
#include "support/watchdog.h"

/* -- Lives ------------------------------------------------------------------------------------- */

static void a_thread_runs_its_entry_and_join_sees_what_it_did(void** state) {
  (void) state;
  struct visit visit = {.visits = 0};
  uv_thread_t thread;
  uv_thread_t self = uv_thread_self();

  assert_int_equal(uv_thread_create(&thread, visit_entry, &visit), 0);
  uv_thread_t same = thread; /* which thread it was; joining may forget it */
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_int_equal(visit.visits, 1);
  assert_true(uv_thread_equal(&visit.self, &same));
  assert_true(uv_thread_equal(&self, &self));
  assert_false(uv_thread_equal(&self, &visit.self));
}

static void many_threads_each_run_once(void** state) {
  (void) state;
  enum { THREADS = 32 };
  struct visit visits[THREADS] = {{.visits = 0}};
  uv_thread_t threads[THREADS];

  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_create(&threads[i], visit_entry, &visits[i]), 0);
  for (int i = 0; i < THREADS; i++) {
    assert_int_equal(uv_thread_join(&threads[i]), 0);
    assert_int_equal(visits[i].visits, 1);
  }
}

static uv_sem_t detached_ended;

static void end_detached(void* arg) {
  uv_sem_wait(arg);
  uv_sem_post(&detached_ended);
}

static void a_detached_thread_runs_on(void** state) {
  (void) state;
  uv_sem_t go;
  uv_thread_t thread;

  assert_int_equal(uv_sem_init(&go, 0), 0);
  assert_int_equal(uv_sem_init(&detached_ended, 0), 0);
  assert_int_equal(uv_thread_create(&thread, end_detached, &go), 0);
  assert_int_equal(uv_thread_detach(&thread), 0);
  uv_sem_post(&go);
  uv_sem_wait(&detached_ended);
  uv_sem_destroy(&go);
}

static void a_thread_cannot_be_detached_twice(void** state) {
  (void) state;
  uv_sem_t go;
  uv_thread_t thread;

  skip_on_musl("whoever does that crashes");
  assert_int_equal(uv_sem_init(&go, 0), 0);
  assert_int_equal(uv_sem_init(&detached_ended, 0), 0);
  assert_int_equal(uv_thread_create(&thread, end_detached, &go), 0);
  assert_int_equal(uv_thread_detach(&thread), 0);
  assert_int_equal(uv_thread_detach(&thread), UV_EINVAL);
  uv_sem_post(&go);
  uv_sem_wait(&detached_ended);
  uv_sem_destroy(&go);
}

/* -- Failure ----------------------------------------------------------------------------------- */

/* The last of them does not even round up. */
static void a_stack_that_nobody_has_is_refused_and_nothing_leaks(void** state) {
  (void) state;
  const size_t sizes[] = {SIZE_MAX / 16 * 15, SIZE_MAX - 4095, SIZE_MAX};
  struct visit visit = {.visits = 0};
  uv_thread_t thread;

  test_allocator_install(0, false);
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = sizes[i]};
    int err = uv_thread_create_ex(&thread, &options, visit_entry, &visit);
    assert_true(err == UV_EAGAIN || err == UV_EINVAL);
    assert_int_equal(test_allocator.live, 0);
  }
  test_allocator_remove();
  assert_int_equal(visit.visits, 0);
}

static void a_thread_that_has_ended_has_no_name(void** state) {
  (void) state;
  struct visit visit = {.visits = 0};
  uv_thread_t thread;
  char name[16];
  int err = 0;

  assert_int_equal(uv_thread_create(&thread, visit_entry, &visit), 0);
  while (err == 0 || err == UV_ESRCH) /* the latter while it is going */
    err = uv_thread_getname(&thread, name, sizeof(name));
  assert_int_equal(err, UV_ENOENT);
  assert_int_equal(uv_thread_join(&thread), 0);
}

static void no_memory_for_a_thread_is_an_error(void** state) {
  (void) state;
  struct visit visit = {.visits = 0};
  uv_thread_t thread;

  test_allocator_install(1, true);
  assert_int_equal(uv_thread_create(&thread, visit_entry, &visit), UV_ENOMEM);
  test_allocator_install(0, false);
  assert_int_equal(uv_thread_create(&thread, visit_entry, &visit), 0);
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_int_equal(test_allocator.live, 0);
  test_allocator_remove();
  assert_int_equal(visit.visits, 1);
}

/* -- Names ------------------------------------------------------------------------------------- */

static void name_guest(void) {
  assert_int_equal(uv_thread_setname("guest"), 0);
}

static void a_thread_names_itself_and_others_read_it(void** state) {
  (void) state;
  struct guest guest;
  uv_thread_t self = uv_thread_self();
  char before[64];

  assert_int_equal(uv_thread_getname(&self, before, sizeof(before)), 0);
  guest_start(&guest, name_guest);
  assert_name(&guest.thread, "guest");
  assert_name(&self, before);
  assert_int_equal(uv_thread_setname("host"), 0);
  assert_name(&self, "host");
  assert_name(&guest.thread, "guest");
  guest_end(&guest);
  assert_int_equal(uv_thread_setname(before), 0);
}

static void a_small_buffer_gets_the_beginning_of_the_name(void** state) {
  (void) state;
  struct guest guest;
  char name[8];

  guest_start(&guest, name_guest);
  memset(name, 'x', sizeof(name));
  assert_int_equal(uv_thread_getname(&guest.thread, name, 4), 0);
  assert_string_equal(name, "gue");
  assert_int_equal(name[4], 'x');
  assert_int_equal(uv_thread_getname(&guest.thread, name, 1), 0);
  assert_string_equal(name, "");
  assert_int_equal(uv_thread_getname(&guest.thread, name, 6), 0);
  assert_string_equal(name, "guest");
  guest_end(&guest);
}

static void names_need_a_place(void** state) {
  (void) state;
  uv_thread_t self = uv_thread_self();
  char name[4] = "abc";

  assert_int_equal(uv_thread_setname(NULL), UV_EINVAL);
  assert_int_equal(uv_thread_getname(&self, NULL, 4), UV_EINVAL);
  assert_int_equal(uv_thread_getname(&self, name, 0), UV_EINVAL);
  assert_string_equal(name, "abc");
}

/* -- Processors -------------------------------------------------------------------------------- */

static void a_small_mask_is_refused(void** state) {
  (void) state;
  uv_thread_t self = uv_thread_self();
  char mask[MASK] = {0};

  assert_int_equal(uv_thread_getaffinity(&self, mask, MASK - 1), UV_EINVAL);
  assert_int_equal(uv_thread_setaffinity(&self, mask, NULL, MASK - 1), UV_EINVAL);
  assert_int_equal(uv_thread_setaffinity(&self, mask, mask, 0), UV_EINVAL);
}

static void a_thread_runs_where_its_mask_says(void** state) {
  (void) state;
  uv_thread_t self = uv_thread_self();
  char before[MASK];
  char mask[MASK];
  char old[MASK];

  assert_int_equal(uv_thread_getaffinity(&self, before, sizeof(before)), 0);
  for (int n = 0; n < count_cpus(before); n++) {
    int cpu = nth_cpu(before, n);
    memset(mask, 0, sizeof(mask));
    mask[cpu] = 77; /* anything but 0 */
    assert_int_equal(uv_thread_setaffinity(&self, mask, NULL, sizeof(mask)), 0);
    assert_int_equal(uv_thread_getcpu(), cpu);
  }

  mask[nth_cpu(before, count_cpus(before) - 1)] = 1;
  assert_int_equal(uv_thread_setaffinity(&self, before, old, sizeof(before)), 0);
  assert_memory_equal(old, mask, MASK);
  assert_int_equal(uv_thread_getaffinity(&self, mask, sizeof(mask)), 0);
  assert_memory_equal(mask, before, MASK);
}

static void the_mask_of_another_thread_can_be_set(void** state) {
  (void) state;
  struct guest guest;
  char before[MASK];
  char one[MASK] = {0};
  char mask[MASK];
  uv_thread_t self = uv_thread_self();

  guest_start(&guest, NULL);
  assert_int_equal(uv_thread_getaffinity(&guest.thread, before, sizeof(before)), 0);
  one[nth_cpu(before, 0)] = 1;
  assert_int_equal(uv_thread_setaffinity(&guest.thread, one, NULL, sizeof(one)), 0);
  assert_int_equal(uv_thread_getaffinity(&guest.thread, mask, sizeof(mask)), 0);
  assert_memory_equal(mask, one, MASK);
  assert_int_equal(uv_thread_getaffinity(&self, mask, sizeof(mask)), 0);
  assert_memory_equal(mask, before, MASK);
  guest_end(&guest);
}

static void the_processor_is_one_of_the_mask(void** state) {
  (void) state;
  uv_thread_t self = uv_thread_self();
  char mask[MASK];
  int cpu = uv_thread_getcpu();

  assert_in_range(cpu, 0, MASK - 1);
  assert_int_equal(uv_thread_getaffinity(&self, mask, sizeof(mask)), 0);
  assert_int_equal(mask[cpu], 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_thread_runs_its_entry_and_join_sees_what_it_did),
      cmocka_unit_test(many_threads_each_run_once),
      cmocka_unit_test(a_detached_thread_runs_on),
      cmocka_unit_test(a_thread_cannot_be_detached_twice),
      cmocka_unit_test(a_stack_that_nobody_has_is_refused_and_nothing_leaks),
      cmocka_unit_test(a_thread_that_has_ended_has_no_name),
      cmocka_unit_test(no_memory_for_a_thread_is_an_error),
      cmocka_unit_test(a_thread_names_itself_and_others_read_it),
      cmocka_unit_test(a_small_buffer_gets_the_beginning_of_the_name),
      cmocka_unit_test(names_need_a_place),
      cmocka_unit_test(a_small_mask_is_refused),
      cmocka_unit_test(a_thread_runs_where_its_mask_says),
      cmocka_unit_test(the_mask_of_another_thread_can_be_set),
      cmocka_unit_test(the_processor_is_one_of_the_mask),
  };

  watchdog(50); /* nothing here takes long: a test that hangs ends */
  return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
