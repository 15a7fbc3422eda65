/* Processes where the kernel is older than the calls that we prefer, or a sandbox forbids them.
 * The kernel answers ENOSYS or EINVAL to what it does not know, a sandbox often EPERM. Children are
 * programs of the system: a sanitizer in them would miss the same calls. */
#include "support/child.h"
#include "support/spawn_fork.h"

/* Of waitid(2): P_PIDFD has it, P_PID has not. */
enum { BIT_OF_PIDFD = 2, BIT_OF_PIDFD_FLAG = 0x1000, BIT_OF_SHARED_MEMORY = 0x100 };

/* What can be missing. */
enum {
  NO_CLONE_PIDFD = 1,
  NO_WAIT_BY_PIDFD = 2,
  NO_PIDFD_OPEN = 4,
  NO_PIDFD_SIGNAL = 8,
  NO_SHARED_MEMORY = 16,
  ALL_OF_THEM = 31
};

/* Of the next fork of the test. */
static unsigned int missing;
static int answer;

static int take_away(void) {
  int err = 0;

  alarm(PATIENCE_S);
  if (missing & NO_CLONE_PIDFD)
    err = fail_syscall_with(SYS_clone, BIT_OF_PIDFD_FLAG, answer);
  if (err == 0 && (missing & NO_WAIT_BY_PIDFD))
    err = fail_syscall_with(SYS_waitid, BIT_OF_PIDFD, answer);
  if (err == 0 && (missing & NO_PIDFD_OPEN))
    err = fail_syscall(SYS_pidfd_open, answer);
  if (err == 0 && (missing & NO_PIDFD_SIGNAL))
    err = fail_syscall(SYS_pidfd_send_signal, answer);
  if (err == 0 && (missing & NO_SHARED_MEMORY))
    err = fail_syscall_with(SYS_clone, BIT_OF_SHARED_MEMORY, answer);
  return err;
}

static int exit_status_without(void) {
  uv_loop_t loop;
  int err = take_away();

  if (err != 0)
    return err;
  prepare_shell("exit 5");
  return spawn_and_wait(&loop);
}

static int signal_without(void) {
  struct loop_fixture f = {.log = ""};
  int err = take_away();

  if (err != 0)
    return err;
  prepare_program("/bin/sleep", (const char* const[]){"100", NULL});
  if (uv_loop_init(&f.loop) != 0)
    return -1000;
  f.loop.data = &f;
  err = uv_spawn(&f.loop, &process, &options);
  if (err == 0)
    err = uv_process_kill(&process, 0);
  if (err == 0)
    err = uv_process_kill(&process, SIGTERM);
  if (err != 0)
    return err;
  uv_run(&f.loop, UV_RUN_DEFAULT);
  if (uv_process_kill(&process, 0) != UV_ESRCH)
    return -1001;
  return exit_signal;
}

static int failure_without(void) {
  uv_loop_t loop;
  int err = take_away();

  if (err != 0)
    return err;
  prepare_program("/nowhere/at/all", (const char* const[]){NULL});
  return spawn_and_wait(&loop);
}

static int two_without(void) {
  struct loop_fixture f = {.log = ""};
  uv_process_t second;
  int err = take_away();

  if (err != 0)
    return err;
  if (uv_loop_init(&f.loop) != 0)
    return -1000;
  f.loop.data = &f;
  prepare_shell("exit 1");
  if (uv_spawn(&f.loop, &process, &options) != 0 || uv_spawn(&f.loop, &second, &options) != 0)
    return -1001;
  uv_run(&f.loop, UV_RUN_DEFAULT);
  return exits;
}

static void assert_all_works_without(unsigned int calls, int error) {
  missing = calls;
  answer = error;
  assert_child(exit_status_without, 5);
  assert_child(signal_without, SIGTERM);
  assert_child(failure_without, UV_ENOENT);
  assert_child(two_without, 2);
}

static void a_child_may_have_no_descriptor_from_its_birth(void** state) {
  (void) state;
  assert_all_works_without(NO_CLONE_PIDFD, EINVAL);
  assert_all_works_without(NO_CLONE_PIDFD, ENOSYS);
  assert_all_works_without(NO_CLONE_PIDFD, EPERM);
}

static void a_descriptor_may_be_no_good_for_waiting(void** state) {
  (void) state;
  assert_all_works_without(NO_WAIT_BY_PIDFD, EINVAL);
  assert_all_works_without(NO_WAIT_BY_PIDFD, ENOSYS);
  assert_all_works_without(NO_WAIT_BY_PIDFD, EPERM);
}

static void a_descriptor_may_be_no_good_for_signals(void** state) {
  (void) state;
  assert_all_works_without(NO_PIDFD_SIGNAL, ENOSYS);
  assert_all_works_without(NO_PIDFD_SIGNAL, EPERM);
}

/* This is how a forked child gets its one. */
static void a_descriptor_may_not_be_had_later(void** state) {
  (void) state;
  assert_all_works_without(NO_PIDFD_OPEN, ENOSYS);
  assert_all_works_without(NO_PIDFD_OPEN, EPERM);
}

static void memory_may_not_be_shared(void** state) {
  (void) state;
  assert_all_works_without(NO_SHARED_MEMORY, EINVAL);
  assert_all_works_without(NO_SHARED_MEMORY, EPERM);
  assert_all_works_without(NO_SHARED_MEMORY | NO_PIDFD_OPEN, EPERM);
}

static void all_of_this_may_be_missing(void** state) {
  (void) state;
  assert_all_works_without(ALL_OF_THEM, ENOSYS);
  assert_all_works_without(ALL_OF_THEM, EPERM);
}

/* A first process in the test decides how others are made, and the forks inherit that. */
static int spawn_once(void** state) {
  uv_loop_t loop;

  (void) state;
  prepare_shell("exit 0");
  return spawn_and_wait(&loop);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_child_may_have_no_descriptor_from_its_birth),
      cmocka_unit_test(a_descriptor_may_be_no_good_for_waiting),
      cmocka_unit_test(a_descriptor_may_be_no_good_for_signals),
      cmocka_unit_test(a_descriptor_may_not_be_had_later),
      cmocka_unit_test(memory_may_not_be_shared),
      cmocka_unit_test(all_of_this_may_be_missing),
  };
  return cmocka_run_group_tests_name("first process", tests, NULL, NULL) +
         cmocka_run_group_tests_name("later process", tests, spawn_once, NULL) +
         cmocka_run_group_tests_name("forked process", tests, use_fork, NULL);
}
