/* Threads where POSIX has something of its own: stacks as large as limits say, names of 15 bytes,
 * sets of processors, priorities that take privilege. */
#include "support/threads.h"
#include "support/watchdog.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOM = 8 };

/* -- Stacks ------------------------------------------------------------------------------------ */

static void measure_stack(void* arg) {
  pthread_attr_t attr;

  assert_int_equal(pthread_getattr_np(pthread_self(), &attr), 0);
  assert_int_equal(pthread_attr_getstacksize(&attr, arg), 0);
  pthread_attr_destroy(&attr);
}

/* The size of the stack of a thread made with these options; with null, of one made without any. */
static size_t stack_size_with(const uv_thread_options_t* options) {
  size_t size = 0;
  uv_thread_t thread;

  if (options == NULL)
    assert_int_equal(uv_thread_create(&thread, measure_stack, &size), 0);
  else
    assert_int_equal(uv_thread_create_ex(&thread, options, measure_stack, &size), 0);
  assert_int_equal(uv_thread_join(&thread), 0);
  return size;
}

static size_t stack_size_for(size_t asked) {
  return stack_size_with(
      &(uv_thread_options_t){.flags = UV_THREAD_HAS_STACK_SIZE, .stack_size = asked});
}

static void set_stack_limit(rlim_t bytes) {
  struct rlimit limit;

  assert_int_equal(getrlimit(RLIMIT_STACK, &limit), 0);
  limit.rlim_cur = bytes;
  assert_int_equal(setrlimit(RLIMIT_STACK, &limit), 0);
}

static rlim_t stack_limit(void) {
  struct rlimit limit;

  assert_int_equal(getrlimit(RLIMIT_STACK, &limit), 0);
  return limit.rlim_cur;
}

/* musl counts what it keeps at the end of a stack. */
static void assert_stack(size_t size, size_t expected) {
  assert_in_range(size, expected, expected + (size_t) sysconf(_SC_PAGESIZE) - 1);
}

/* glibc reuses the stacks of ended threads, also somewhat larger ones: the first test of all. */
static void the_default_stack_is_as_large_as_the_main_threads_may_be(void** state) {
  (void) state;
  enum { SIZE = 1 << 20 };
  const uv_thread_options_t no_flag = {.flags = UV_THREAD_NO_FLAGS, .stack_size = 3 * SIZE};
  rlim_t before = stack_limit();
  size_t sizes[4];

  set_stack_limit(SIZE + 123); /* not a whole number of pages */
  sizes[0] = stack_size_with(NULL);
  sizes[1] = stack_size_with(&no_flag);
  sizes[2] = stack_size_for(0);
  sizes[3] = stack_size_for(SIZE - 123);
  set_stack_limit(before);
  for (int i = 0; i < 4; i++)
    assert_stack(sizes[i], SIZE);
}

/* The second test: there is no larger stack to be reused. */
static void without_a_useful_limit_the_default_stack_has_2_mib(void** state) {
  (void) state;
  rlim_t before = stack_limit();
  struct rlimit limit;

  set_stack_limit(4096);
  size_t size = stack_size_with(NULL);
  set_stack_limit(before);
  assert_stack(size, 2 << 20);

  assert_int_equal(getrlimit(RLIMIT_STACK, &limit), 0);
  if (limit.rlim_max != RLIM_INFINITY)
    return;
  set_stack_limit(RLIM_INFINITY);
  size = stack_size_with(NULL);
  set_stack_limit(before);
  assert_stack(size, 2 << 20);
}

static void a_stack_is_at_least_as_large_as_asked(void** state) {
  (void) state;
  size_t page = (size_t) sysconf(_SC_PAGESIZE);
  const size_t sizes[] = {1, 42, page - 42, page, page + 42, 32 * page - 42, 32 * page};

  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    size_t size = stack_size_for(sizes[i]);
    assert_true(size >= sizes[i]);
    assert_true(size >= (size_t) PTHREAD_STACK_MIN);
  }
}

/* -- A system without threads ------------------------------------------------------------------ */

static bool no_threads;

int __real_pthread_create(pthread_t* thread, const pthread_attr_t* attr, void* (*entry)(void*),
                          void* arg);
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attr, void* (*entry)(void*),
                          void* arg);

/* The linker has the library call this one. */
int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attr, void* (*entry)(void*),
                          void* arg) {
  return no_threads ? EAGAIN : __real_pthread_create(thread, attr, entry, arg);
}

static void a_thread_that_the_system_refuses_is_an_error(void** state) {
  (void) state;
  struct visit visit = {.visits = 0};
  uv_thread_options_t options = {.flags = UV_THREAD_NO_FLAGS};
  uv_thread_t thread;

  no_threads = true;
  int err = uv_thread_create(&thread, visit_entry, &visit);
  int err_ex = uv_thread_create_ex(&thread, &options, visit_entry, &visit);
  no_threads = false;
  assert_int_equal(err, UV_EAGAIN);
  assert_int_equal(err_ex, UV_EAGAIN);
  assert_int_equal(visit.visits, 0);
}

/* -- Names and processors ---------------------------------------------------------------------- */

static void a_long_name_is_cut_and_any_bytes_survive(void** state) {
  (void) state;
  uv_thread_t self = uv_thread_self();
  char before[64];

  assert_int_equal(uv_thread_getname(&self, before, sizeof(before)), 0);
  assert_int_equal(uv_thread_setname("123456789012345"), 0);
  assert_name(&self, "123456789012345");
  assert_int_equal(uv_thread_setname("1234567890123456"), 0);
  assert_name(&self, "123456789012345");
  assert_int_equal(uv_thread_setname("w\xc3\xb6rker\xe2\x82\xac"), 0);
  assert_name(&self, "w\xc3\xb6rker\xe2\x82\xac");
  assert_int_equal(uv_thread_setname(""), 0);
  assert_name(&self, "");
  assert_int_equal(uv_thread_setname(before), 0);
}

static void a_mask_has_a_byte_for_each_processor(void** state) {
  (void) state;
  uv_thread_t self = uv_thread_self();
  char mask[MASK + ROOM];
  cpu_set_t cpus;

  assert_int_equal(uv_cpumask_size(), MASK);
  memset(mask, 'x', sizeof(mask));
  assert_int_equal(uv_thread_getaffinity(&self, mask, sizeof(mask)), 0);
  assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
  assert_int_equal(count_cpus(mask), CPU_COUNT(&cpus));
  for (int i = MASK; i < MASK + ROOM; i++)
    assert_int_equal(mask[i], 'x');
}

static void processors_that_do_not_exist_count_only_if_there_is_no_other(void** state) {
  (void) state;
  uv_thread_t self = uv_thread_self();
  char before[MASK];
  char mask[MASK] = {0};
  char after[MASK];

  if (sysconf(_SC_NPROCESSORS_CONF) >= MASK)
    skip();
  assert_int_equal(uv_thread_getaffinity(&self, before, sizeof(before)), 0);
  assert_int_equal(uv_thread_setaffinity(&self, mask, NULL, sizeof(mask)), UV_EINVAL);
  mask[MASK - 1] = 1;
  assert_int_equal(uv_thread_setaffinity(&self, mask, NULL, sizeof(mask)), UV_EINVAL);
  assert_int_equal(uv_thread_getaffinity(&self, after, sizeof(after)), 0);
  assert_memory_equal(after, before, MASK);

  memcpy(mask, before, MASK);
  mask[MASK - 1] = 1;
  assert_int_equal(uv_thread_setaffinity(&self, mask, NULL, sizeof(mask)), 0);
  assert_int_equal(uv_thread_getaffinity(&self, after, sizeof(after)), 0);
  assert_memory_equal(after, before, MASK);
}

/* -- Priorities -------------------------------------------------------------------------------- */

/* Runs `entry` in a child process, as far from other tests as a priority must be: without privilege
 * it cannot be raised again. The child answers with its exit status. */
static int in_child(int (*entry)(void)) {
  int status;
  pid_t pid = fork();

  assert_true(pid >= 0);
  if (pid == 0)
    _exit(entry());
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static int lower_step_by_step(void) {
  const int priorities[] = {UV_THREAD_PRIORITY_NORMAL, UV_THREAD_PRIORITY_BELOW_NORMAL,
                            UV_THREAD_PRIORITY_LOWEST};
  uv_thread_t self = uv_thread_self();
  int value;

  if (setpriority(PRIO_PROCESS, 0, 0) != 0)
    return 1;
  for (int i = 0; i < 3; i++) {
    if (uv_thread_setpriority(self, priorities[i]) != 0)
      return 2;
    if (uv_thread_getpriority(self, &value) != 0 || value != -2 * priorities[i])
      return 3;
    if (getpriority(PRIO_PROCESS, 0) != -2 * priorities[i])
      return 4;
  }
  return 0;
}

static int raise_step_by_step(void) {
  uv_thread_t self = uv_thread_self();

  for (int priority = UV_THREAD_PRIORITY_LOWEST; priority <= UV_THREAD_PRIORITY_HIGHEST;
       priority++) {
    int value;
    if (uv_thread_setpriority(self, priority) != 0)
      return 1;
    if (uv_thread_getpriority(self, &value) != 0 || value != -2 * priority)
      return 2;
  }
  return 0;
}

static int raise_without_privilege(void) {
  const struct rlimit no_raise = {.rlim_cur = 0, .rlim_max = 0};

  if (setrlimit(RLIMIT_NICE, &no_raise) != 0)
    return 1;
  if (geteuid() == 0 && setuid(65534) != 0)
    return 2;
  int err = uv_thread_setpriority(uv_thread_self(), UV_THREAD_PRIORITY_HIGHEST);
  return err == UV_EACCES || err == UV_EPERM ? 0 : 3;
}

static void a_thread_lowers_its_priority_in_steps_of_two(void** state) {
  (void) state;
  assert_int_equal(in_child(lower_step_by_step), 0);
}

static void a_thread_with_privilege_has_five_priorities(void** state) {
  (void) state;
  struct rlimit limit;

  assert_int_equal(getrlimit(RLIMIT_NICE, &limit), 0);
  if (geteuid() != 0 && limit.rlim_cur < 24)
    skip();
  assert_int_equal(in_child(raise_step_by_step), 0);
}

static void raising_a_priority_takes_privilege(void** state) {
  (void) state;
  assert_int_equal(in_child(raise_without_privilege), 0);
}

static int spread_over_round_robin(void) {
  const int fifths[] = {1, 25, 50, 74, 99};
  const struct sched_param param = {.sched_priority = 10};
  uv_thread_t self = uv_thread_self();

  if (pthread_setschedparam(self, SCHED_RR, &param) != 0)
    return 77;
  for (int priority = UV_THREAD_PRIORITY_LOWEST; priority <= UV_THREAD_PRIORITY_HIGHEST;
       priority++) {
    int value;
    if (uv_thread_setpriority(self, priority) != 0)
      return 1;
    if (uv_thread_getpriority(self, &value) != 0 || value != fifths[priority + 2])
      return 2;
  }
  return 0;
}

static void a_policy_with_priorities_is_divided_into_quarters(void** state) {
  (void) state;
  int status = in_child(spread_over_round_robin);

  if (status == 77) /* not allowed here */
    skip();
  assert_int_equal(status, 0);
}

static void priorities_are_checked_first(void** state) {
  (void) state;
  int value = 12345;

  assert_int_equal(uv_thread_setpriority(uv_thread_self(), UV_THREAD_PRIORITY_LOWEST - 1),
                   UV_EINVAL);
  assert_int_equal(uv_thread_setpriority(uv_thread_self(), UV_THREAD_PRIORITY_HIGHEST + 1),
                   UV_EINVAL);
  assert_int_equal(uv_thread_getpriority(0, NULL), UV_EINVAL);
  assert_int_equal(uv_thread_getpriority(uv_thread_self(), &value), 0);
  assert_int_equal(value, getpriority(PRIO_PROCESS, 0));
}

static void the_priority_of_another_thread_stays_and_reads_0(void** state) {
  (void) state;
  struct guest guest;
  int value = 12345;

  guest_start(&guest, NULL);
  assert_int_equal(uv_thread_setpriority(guest.thread, UV_THREAD_PRIORITY_LOWEST), 0);
  assert_int_equal(uv_thread_getpriority(guest.thread, &value), 0);
  assert_int_equal(value, 0);
  guest_end(&guest);
}

static void an_ended_thread_has_no_priority(void** state) {
  (void) state;
  struct visit visit = {.visits = 0};
  uv_thread_t thread;
  int value;
  int err;

  assert_int_equal(uv_thread_create(&thread, visit_entry, &visit), 0);
  while ((err = uv_thread_getpriority(thread, &value)) == 0) /* until it has ended */
    uv_sleep(1);
  assert_int_equal(err, UV_ESRCH);
  assert_int_equal(uv_thread_setpriority(thread, UV_THREAD_PRIORITY_NORMAL), UV_ESRCH);
  assert_int_equal(uv_thread_join(&thread), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_default_stack_is_as_large_as_the_main_threads_may_be),
      cmocka_unit_test(without_a_useful_limit_the_default_stack_has_2_mib),
      cmocka_unit_test(a_stack_is_at_least_as_large_as_asked),
      cmocka_unit_test(a_thread_that_the_system_refuses_is_an_error),
      cmocka_unit_test(a_long_name_is_cut_and_any_bytes_survive),
      cmocka_unit_test(a_mask_has_a_byte_for_each_processor),
      cmocka_unit_test(processors_that_do_not_exist_count_only_if_there_is_no_other),
      cmocka_unit_test(a_thread_lowers_its_priority_in_steps_of_two),
      cmocka_unit_test(a_thread_with_privilege_has_five_priorities),
      cmocka_unit_test(raising_a_priority_takes_privilege),
      cmocka_unit_test(a_policy_with_priorities_is_divided_into_quarters),
      cmocka_unit_test(priorities_are_checked_first),
      cmocka_unit_test(the_priority_of_another_thread_stays_and_reads_0),
      cmocka_unit_test(an_ended_thread_has_no_priority),
  };

  watchdog(50); /* nothing here takes long: a test that hangs ends */
  return cmocka_run_group_tests_name("thread_unix", tests, NULL, NULL);
}
