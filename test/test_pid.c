/* Processes by their ids. */
#include "support/child.h"
#include "support/cmocka_all.h"
#include "uv.h"

#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child that waits to be killed, but not for longer than this test may take. */
static pid_t start_child(void) {
  pid_t child = fork();
  if (child == 0) {
    alarm(30);
    for (;;)
      pause();
  }
  return child;
}

static int end_child(pid_t child) {
  int status;
  kill(child, SIGKILL);
  while (waitpid(child, &status, 0) != child)
    ;
  return status;
}

static void the_ids_are_the_systems(void** state) {
  (void) state;
  assert_int_equal(uv_os_getpid(), getpid());
  assert_true(uv_os_getpid() > 0);
  assert_int_equal(uv_os_getppid(), getppid());
  assert_true(uv_os_getppid() > 0);
}

static void a_priority_that_was_set_is_read_back(void** state) {
  (void) state;
  pid_t child = start_child();
  int priority = 100;

  assert_int_equal(uv_os_getpriority(child, &priority), 0);
  assert_int_equal(priority, getpriority(PRIO_PROCESS, 0));
  for (int wanted = priority; wanted <= UV_PRIORITY_LOW; wanted++) {
    assert_int_equal(uv_os_setpriority(child, wanted), 0);
    assert_int_equal(uv_os_getpriority(child, &priority), 0);
    assert_int_equal(priority, wanted);
  }
  end_child(child);
}

static void minus_one_is_a_priority(void** state) {
  (void) state;
  pid_t child = start_child();
  int priority = 100;
  int err = uv_os_setpriority(child, -1);

  if (err == 0)
    assert_int_equal(uv_os_getpriority(child, &priority), 0);
  end_child(child);
  if (err == 0)
    assert_int_equal(priority, -1);
  else
    assert_true(err == UV_EACCES || err == UV_EPERM);
}

static void process_zero_is_this_one(void** state) {
  (void) state;
  int of_zero = 100;
  int of_self = -100;
  assert_int_equal(uv_os_getpriority(0, &of_zero), 0);
  assert_int_equal(uv_os_getpriority(uv_os_getpid(), &of_self), 0);
  assert_int_equal(of_zero, of_self);
}

static void priorities_have_bounds(void** state) {
  (void) state;
  int priority;
  assert_int_equal(uv_os_setpriority(0, UV_PRIORITY_HIGHEST - 1), UV_EINVAL);
  assert_int_equal(uv_os_setpriority(0, UV_PRIORITY_LOW + 1), UV_EINVAL);
  assert_int_equal(uv_os_setpriority(0, INT_MIN), UV_EINVAL);
  assert_int_equal(uv_os_setpriority(0, INT_MAX), UV_EINVAL);
  assert_int_equal(uv_os_getpriority(0, NULL), UV_EINVAL);
  assert_int_equal(uv_os_getpriority(0, &priority), 0);
}

static void a_process_that_is_gone_is_not_found(void** state) {
  (void) state;
  pid_t child = start_child();
  int priority = 100;

  end_child(child);
  assert_int_equal(uv_os_getpriority(child, &priority), UV_ESRCH);
  assert_int_equal(priority, 100);
  assert_int_equal(uv_os_setpriority(child, 0), UV_ESRCH);
  assert_int_equal(uv_kill(child, 0), UV_ESRCH);
  assert_int_equal(uv_kill(child, SIGTERM), UV_ESRCH);
}

static void a_signal_arrives(void** state) {
  (void) state;
  pid_t child = start_child();
  int status;

  assert_int_equal(uv_kill(child, 0), 0);
  assert_int_equal(uv_kill(child, SIGTERM), 0);
  while (waitpid(child, &status, 0) != child)
    ;
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void numbers_that_are_no_signal_are_refused(void** state) {
  (void) state;
  pid_t child = start_child();
  int errors[] = {uv_kill(child, -1), uv_kill(child, NSIG), uv_kill(child, 4096)};

  int status = end_child(child);
  for (int i = 0; i < 3; i++)
    assert_int_equal(errors[i], UV_EINVAL);
  assert_int_equal(WTERMSIG(status), SIGKILL);
}

static pid_t of_root;

child_function(signal_as_another, become_another(), uv_kill(of_root, SIGTERM));

static void processes_of_others_get_no_signals(void** state) {
  (void) state;
  of_root = start_child();
  int err = in_child(signal_as_another);

  end_child(of_root);
  if (err == CHILD_CANNOT)
    skip();
  assert_int_equal(err, UV_EPERM);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_ids_are_the_systems),
      cmocka_unit_test(a_priority_that_was_set_is_read_back),
      cmocka_unit_test(minus_one_is_a_priority),
      cmocka_unit_test(process_zero_is_this_one),
      cmocka_unit_test(priorities_have_bounds),
      cmocka_unit_test(a_process_that_is_gone_is_not_found),
      cmocka_unit_test(a_signal_arrives),
      cmocka_unit_test(numbers_that_are_no_signal_are_refused),
      cmocka_unit_test(processes_of_others_get_no_signals),
  };
  return cmocka_run_group_tests_name("pid", tests, NULL, NULL);
}
