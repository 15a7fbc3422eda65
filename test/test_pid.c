/* Processes by their ids. */
#include "support/cmocka_all.h"
#include "uv.h"

#include <limits.h>
#include <signal.h>

#if defined(_WIN32)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#else
#include "support/child.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#if defined(_WIN32)

static HANDLE child_process;

/* This program again, for a task: "wait" to be killed, but not for longer than this test may take;
 * or a number, to tell whether it is the parent's id. */
static uv_pid_t start_task(const char* task) {
  WCHAR path[1024];
  WCHAR command[64];
  STARTUPINFOW startup = {.cb = sizeof(startup)};
  PROCESS_INFORMATION info;

  assert_true(GetModuleFileNameW(NULL, path, 1024) < 1024);
  swprintf(command, 64, L"child %hs", task);
  assert_true(CreateProcessW(path, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &info));
  CloseHandle(info.hThread);
  child_process = info.hProcess;
  return (uv_pid_t) info.dwProcessId;
}

static uv_pid_t start_child(void) {
  return start_task("wait");
}

enum { IS_PARENT = 42 };

static int do_task(const char* task) {
  if (strcmp(task, "wait") != 0)
    return uv_os_getppid() == atoi(task) ? IS_PARENT : 1;
  uv_sleep(30 * 1000);
  return 0;
}

/* The child's exit code. */
static int end_child(uv_pid_t child) {
  DWORD exit_code = 0;

  (void) child;
  TerminateProcess(child_process, 99);
  WaitForSingleObject(child_process, INFINITE);
  GetExitCodeProcess(child_process, &exit_code);
  CloseHandle(child_process);
  return (int) exit_code;
}

/* This program may have a parent that is none of Windows, as under Wine: its child has not. */
static void the_ids_are_the_systems(void** state) {
  (void) state;
  char own_id[16];

  assert_int_equal(uv_os_getpid(), GetCurrentProcessId());
  assert_true(uv_os_getpid() > 0);
  snprintf(own_id, sizeof(own_id), "%d", uv_os_getpid());
  uv_pid_t child = start_task(own_id);
  WaitForSingleObject(child_process, 20000);
  assert_int_equal(end_child(child), IS_PARENT);
}

/* What is told of the class that a priority falls in. */
static int told_of(int priority) {
  static const int told[] = {UV_PRIORITY_LOW,    UV_PRIORITY_BELOW_NORMAL,
                             UV_PRIORITY_NORMAL, UV_PRIORITY_ABOVE_NORMAL,
                             UV_PRIORITY_HIGH,   UV_PRIORITY_HIGHEST};
  int i = 0;

  while (priority < told[i])
    i++;
  return told[i];
}

/* Without the privilege, the highest class is given as the one below. */
static void a_priority_that_was_set_is_read_back_as_its_class(void** state) {
  (void) state;
  uv_pid_t child = start_child();
  int wrong = 0;

  for (int wanted = UV_PRIORITY_HIGHEST; wanted <= UV_PRIORITY_LOW; wanted++) {
    int priority = 100;
    int err = uv_os_setpriority(child, wanted);
    if (err == 0)
      err = uv_os_getpriority(child, &priority);
    if (err != 0 || (priority != told_of(wanted) &&
                     !(wanted < UV_PRIORITY_HIGH && priority == UV_PRIORITY_HIGH)))
      wrong++;
  }
  end_child(child);
  assert_int_equal(wrong, 0);
}

/* Ids are multiples of four; the system itself takes the ones between for the same process. */
static void an_id_beside_that_of_a_process_is_not_found(void** state) {
  (void) state;
  int priority;
  assert_int_equal(uv_os_getpriority(uv_os_getpid() + 1, &priority), UV_ESRCH);
  assert_int_equal(uv_os_getpriority(-1, &priority), UV_ESRCH);
}

/* There are no signals: those that end a process end it with exit code 1. */
static void a_signal_arrives(void** state) {
  (void) state;
  const int signals[] = {SIGINT, SIGTERM, SIGKILL};

  for (int i = 0; i < 3; i++) {
    uv_pid_t child = start_child();
    int alive = uv_kill(child, 0);
    int err = uv_kill(child, signals[i]);
    DWORD waited = WaitForSingleObject(child_process, 20000);

    assert_int_equal(end_child(child), 1);
    assert_int_equal(alive, 0);
    assert_int_equal(err, 0);
    assert_int_equal(waited, WAIT_OBJECT_0);
  }
}

#define PLATFORM_TESTS \
  cmocka_unit_test(a_priority_that_was_set_is_read_back_as_its_class), \
      cmocka_unit_test(an_id_beside_that_of_a_process_is_not_found)

#else

/* A child that waits to be killed, but not for longer than this test may take. */
static uv_pid_t start_child(void) {
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
  uv_pid_t child = start_child();
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
  uv_pid_t child = start_child();
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

static void a_signal_arrives(void** state) {
  (void) state;
  uv_pid_t child = start_child();
  int status;

  assert_int_equal(uv_kill(child, 0), 0);
  assert_int_equal(uv_kill(child, SIGTERM), 0);
  while (waitpid(child, &status, 0) != child)
    ;
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGTERM);
}

static uv_pid_t of_root;

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

#define PLATFORM_TESTS \
  cmocka_unit_test(a_priority_that_was_set_is_read_back), \
      cmocka_unit_test(minus_one_is_a_priority), \
      cmocka_unit_test(processes_of_others_get_no_signals)

#endif

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
  uv_pid_t child = start_child();
  int priority = 100;

  end_child(child);
  assert_int_equal(uv_os_getpriority(child, &priority), UV_ESRCH);
  assert_int_equal(priority, 100);
  assert_int_equal(uv_os_setpriority(child, 0), UV_ESRCH);
  assert_int_equal(uv_kill(child, 0), UV_ESRCH);
  assert_int_equal(uv_kill(child, SIGTERM), UV_ESRCH);
}

static void numbers_that_are_no_signal_are_refused(void** state) {
  (void) state;
  uv_pid_t child = start_child();
  int errors[] = {uv_kill(child, -1), uv_kill(child, NSIG), uv_kill(child, 4096)};
  int alive = uv_kill(child, 0);

  end_child(child);
  for (int i = 0; i < 3; i++)
    assert_int_equal(errors[i], UV_EINVAL);
  assert_int_equal(alive, 0);
}

static int run_all(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_ids_are_the_systems),
      PLATFORM_TESTS,
      cmocka_unit_test(process_zero_is_this_one),
      cmocka_unit_test(priorities_have_bounds),
      cmocka_unit_test(a_process_that_is_gone_is_not_found),
      cmocka_unit_test(a_signal_arrives),
      cmocka_unit_test(numbers_that_are_no_signal_are_refused),
  };
  return cmocka_run_group_tests_name("pid", tests, NULL, NULL);
}

#if defined(_WIN32)

int main(int argc, char** argv) {
  return argc == 2 ? do_task(argv[1]) : run_all();
}

#else

int main(void) {
  return run_all();
}

#endif
