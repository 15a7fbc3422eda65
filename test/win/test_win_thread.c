/* Threads where Windows has something of its own: stacks, long names, processors that a process may
 * use, priorities, threads that the library did not make. */
#include "support/threads.h"
#include "support/watchdog.h"

#include <process.h>
#include <stdlib.h>

/* -- Stacks ------------------------------------------------------------------------------------ */

static void measure_stack(void* arg) {
  ULONG_PTR low;
  ULONG_PTR high;

  GetCurrentThreadStackLimits(&low, &high);
  *(size_t*) arg = high - low;
}

static size_t stack_size_for(size_t asked) {
  const uv_thread_options_t options = {.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = asked};
  size_t size = 0;
  uv_thread_t thread;

  assert_int_equal(uv_thread_create_ex(&thread, &options, measure_stack, &size), 0);
  assert_int_equal(uv_thread_join(&thread), 0);
  return size;
}

static void a_stack_is_at_least_as_large_as_asked(void** state) {
  (void) state;
  const size_t sizes[] = {1, 4095, 4096, 4097, 1 << 16, (1 << 20) - 42, 8 << 20};

  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
    assert_true(stack_size_for(sizes[i]) >= sizes[i]);
}

static void without_a_size_the_stack_is_the_programs_default(void** state) {
  (void) state;
  const uv_thread_options_t no_flag = {.flags = UV_THREAD_NO_FLAGS, .stack_size = 16 << 20};
  size_t sizes[2];
  uv_thread_t thread;

  assert_int_equal(uv_thread_create(&thread, measure_stack, &sizes[0]), 0);
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_int_equal(uv_thread_create_ex(&thread, &no_flag, measure_stack, &sizes[1]), 0);
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_int_equal(sizes[0], sizes[1]);
  assert_int_equal(stack_size_for(0), sizes[0]);
}

static void a_size_beyond_32_bits_is_refused(void** state) {
  (void) state;
  const uv_thread_options_t options = {
      .flags = UV_THREAD_HAS_STACK_SIZE,
      .stack_size = (size_t) 1 << 32,
  };
  uv_thread_t thread;
  struct visit visit = {.visits = 0};

  assert_int_equal(uv_thread_create_ex(&thread, &options, visit_entry, &visit), UV_EINVAL);
  assert_int_equal(visit.visits, 0);
}

/* -- Lives ------------------------------------------------------------------------------------- */

static void joining_forgets_the_thread(void** state) {
  (void) state;
  struct visit visit = {.visits = 0};
  uv_thread_t thread;

  assert_int_equal(uv_thread_create(&thread, visit_entry, &visit), 0);
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_null(thread);
}

/* A thread that the program made without the library. */
static unsigned int __stdcall foreign_main(void* arg) {
  uv_thread_t* selves = arg;

  selves[0] = uv_thread_self();
  selves[1] = uv_thread_self();
  return 0;
}

static void a_thread_that_others_made_is_always_the_same_too(void** state) {
  (void) state;
  uv_thread_t selves[2] = {NULL, NULL};
  uv_thread_t self = uv_thread_self();
  HANDLE thread = (HANDLE) _beginthreadex(NULL, 0, foreign_main, selves, 0, NULL);

  assert_non_null(thread);
  assert_int_equal(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
  assert_non_null(selves[0]);
  assert_true(uv_thread_equal(&selves[0], &selves[1]));
  assert_false(uv_thread_equal(&selves[0], &self));
  CloseHandle(thread);
  CloseHandle(selves[0]);
}

/* -- Names ------------------------------------------------------------------------------------- */

static void a_name_may_be_long_and_of_any_characters(void** state) {
  (void) state;
  enum { LONGEST = 32766 };
  uv_thread_t self = uv_thread_self();
  char* name = malloc(LONGEST + 100);
  char* read = malloc(LONGEST + 100);

  assert_int_equal(uv_thread_setname("w\xc3\xb6rker\xe2\x82\xac\xf0\x9f\x99\x82"), 0);
  assert_name(&self, "w\xc3\xb6rker\xe2\x82\xac\xf0\x9f\x99\x82");

  memset(name, 'n', LONGEST + 99);
  name[LONGEST + 99] = '\0';
  assert_int_equal(uv_thread_setname(name), 0);
  assert_int_equal(uv_thread_getname(&self, read, LONGEST + 100), 0);
  assert_int_equal(strlen(read), LONGEST);

  assert_int_equal(uv_thread_setname(""), 0);
  assert_name(&self, "");
  free(name);
  free(read);
}

static void no_character_of_a_name_is_cut_in_two(void** state) {
  (void) state;
  uv_thread_t self = uv_thread_self();
  char name[6];

  assert_int_equal(uv_thread_setname("ab\xe2\x82\xac"), 0);
  assert_int_equal(uv_thread_getname(&self, name, 5), 0);
  assert_string_equal(name, "ab");
  assert_int_equal(uv_thread_getname(&self, name, 6), 0);
  assert_string_equal(name, "ab\xe2\x82\xac");
  assert_int_equal(uv_thread_setname(""), 0);
}

/* -- Processors -------------------------------------------------------------------------------- */

static void a_mask_names_the_processors_of_the_process(void** state) {
  (void) state;
  uv_thread_t self = uv_thread_self();
  DWORD_PTR ours;
  DWORD_PTR all;
  char mask[MASK];

  assert_int_equal(uv_cpumask_size(), MASK);
  assert_true(GetProcessAffinityMask(GetCurrentProcess(), &ours, &all));
  assert_int_equal(uv_thread_getaffinity(&self, mask, sizeof(mask)), 0);
  for (int i = 0; i < MASK; i++)
    assert_int_equal(mask[i], ours >> i & 1);
}

static void a_mask_with_a_processor_that_does_not_exist_is_refused(void** state) {
  (void) state;
  uv_thread_t self = uv_thread_self();
  char before[MASK];
  char mask[MASK];
  char after[MASK];

  assert_int_equal(uv_thread_getaffinity(&self, before, sizeof(before)), 0);
  memcpy(mask, before, MASK);
  mask[MASK - 1] = 1;
  assert_int_equal(uv_thread_setaffinity(&self, mask, NULL, sizeof(mask)), UV_EINVAL);
  memset(mask, 0, MASK);
  assert_int_equal(uv_thread_setaffinity(&self, mask, NULL, sizeof(mask)), UV_EINVAL);
  assert_int_equal(uv_thread_getaffinity(&self, after, sizeof(after)), 0);
  assert_memory_equal(after, before, MASK);
}

/* -- Priorities -------------------------------------------------------------------------------- */

static void a_thread_has_five_priorities(void** state) {
  (void) state;
  uv_thread_t self = uv_thread_self();
  int value;

  for (int priority = UV_THREAD_PRIORITY_LOWEST; priority <= UV_THREAD_PRIORITY_HIGHEST;
       priority++) {
    assert_int_equal(uv_thread_setpriority(self, priority), 0);
    assert_int_equal(uv_thread_getpriority(self, &value), 0);
    assert_int_equal(value, priority);
    assert_int_equal(GetThreadPriority(GetCurrentThread()), priority);
  }
  assert_int_equal(uv_thread_setpriority(self, UV_THREAD_PRIORITY_NORMAL), 0);
}

static void other_priorities_have_no_effect(void** state) {
  (void) state;
  uv_thread_t self = uv_thread_self();
  int value = 7;

  assert_int_equal(uv_thread_setpriority(self, UV_THREAD_PRIORITY_HIGHEST + 1), 0);
  assert_int_equal(uv_thread_setpriority(self, UV_THREAD_PRIORITY_LOWEST - 1), 0);
  assert_int_equal(uv_thread_getpriority(self, &value), 0);
  assert_int_equal(value, UV_THREAD_PRIORITY_NORMAL);
  assert_int_equal(uv_thread_getpriority(self, NULL), UV_EINVAL);
}

static void a_priority_of_nothing_is_an_error(void** state) {
  (void) state;
  int value;

  assert_int_equal(uv_thread_getpriority(NULL, &value), UV_EBADF);
  assert_int_equal(uv_thread_setpriority(NULL, 1), UV_EBADF);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_stack_is_at_least_as_large_as_asked),
      cmocka_unit_test(without_a_size_the_stack_is_the_programs_default),
      cmocka_unit_test(a_size_beyond_32_bits_is_refused),
      cmocka_unit_test(joining_forgets_the_thread),
      cmocka_unit_test(a_thread_that_others_made_is_always_the_same_too),
      cmocka_unit_test(a_name_may_be_long_and_of_any_characters),
      cmocka_unit_test(no_character_of_a_name_is_cut_in_two),
      cmocka_unit_test(a_mask_names_the_processors_of_the_process),
      cmocka_unit_test(a_mask_with_a_processor_that_does_not_exist_is_refused),
      cmocka_unit_test(a_thread_has_five_priorities),
      cmocka_unit_test(other_priorities_have_no_effect),
      cmocka_unit_test(a_priority_of_nothing_is_an_error),
  };

  watchdog(50);
  return cmocka_run_group_tests_name("win_thread", tests, NULL, NULL);
}
