/* How much memory the process may use, and how much it can still get. */
#include "support/cmocka_all.h"
#include "uv.h"

#if !defined(_WIN32)
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

static void available_memory_is_part_of_the_machines(void** state) {
  (void) state;
  assert_true(uv_get_available_memory() > 0);
  assert_true(uv_get_available_memory() <= uv_get_total_memory());
}

static void no_more_is_available_than_is_allowed(void** state) {
  (void) state;
  uint64_t constrained = uv_get_constrained_memory();

  if (constrained > 0)
    assert_true(uv_get_available_memory() <= constrained);
}

#if defined(_WIN32)

static void there_is_no_limit(void** state) {
  (void) state;
  assert_true(uv_get_constrained_memory() == 0);
}

/* Others take and give memory between two looks, but not this much. */
static void what_is_free_is_available(void** state) {
  (void) state;
  uint64_t available = uv_get_available_memory();
  uint64_t unused = uv_get_free_memory();
  uint64_t tolerance = uv_get_total_memory() / 4;

  assert_true(available < unused + tolerance && unused < available + tolerance);
}

#define PLATFORM_TESTS \
  cmocka_unit_test(there_is_no_limit), cmocka_unit_test(what_is_free_is_available)

#else

#define GIB (UINT64_C(1) << 30)

/* What uv_get_constrained_memory() says in a child with these limits. */
static uint64_t constrained_with(rlim_t space, rlim_t data) {
  uint64_t answer = 1;
  int ends[2];
  int status;
  pid_t pid;

  assert_int_equal(pipe(ends), 0);
  pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    struct rlimit limit = {.rlim_cur = data, .rlim_max = RLIM_INFINITY};
    int failed = setrlimit(RLIMIT_DATA, &limit);
    limit.rlim_cur = space;
    failed |= setrlimit(RLIMIT_AS, &limit);
    answer = uv_get_constrained_memory();
    if (failed != 0 || write(ends[1], &answer, sizeof(answer)) != sizeof(answer))
      _exit(1);
    _exit(0);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  assert_int_equal(read(ends[0], &answer, sizeof(answer)), sizeof(answer));
  close(ends[0]);
  close(ends[1]);
  return answer;
}

static void the_least_limit_counts(void** state) {
  (void) state;
  uint64_t group = constrained_with(RLIM_INFINITY, RLIM_INFINITY);

  /* These are so large that the process goes on, and no group has more. */
  if (group != 0 && group < 64 * GIB)
    skip();
  assert_true(constrained_with(64 * GIB, RLIM_INFINITY) == 64 * GIB);
  assert_true(constrained_with(RLIM_INFINITY, 64 * GIB) == 64 * GIB);
  assert_true(constrained_with(62 * GIB, 63 * GIB) == 62 * GIB);
  assert_true(constrained_with(63 * GIB, 62 * GIB) == 62 * GIB);
}

#define PLATFORM_TESTS cmocka_unit_test(the_least_limit_counts)

#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(available_memory_is_part_of_the_machines),
      cmocka_unit_test(no_more_is_available_than_is_allowed),
      PLATFORM_TESTS,
  };
  return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
