/* Processes of POSIX: signals that end a child, SIGCHLD, forks, want of descriptors. Most tests run
 * for both ways of making a child. What changes the process is done in a fork of the test; there, a
 * number other than 0 says where it failed. */
#include "support/child.h"
#include "support/descriptors.h"
#include "support/spawn_fork.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

static uv_pipe_t pipes[3];

/* -- The end of a child ------------------------------------------------------------------------ */

static void exit_status_has_eight_bits(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "256");
  expect_exit(f, 0, 0);
  prepare("exit", "-1");
  expect_exit(f, 255, 0);
}

static void signal_that_ended_it_is_told(void** state) {
  struct loop_fixture* f = *state;

  prepare("raise", "15");
  expect_exit(f, 0, SIGTERM);
  prepare("raise", "9");
  expect_exit(f, 0, SIGKILL);
}

static void stopped_child_has_not_ended(void** state) {
  struct loop_fixture* f = *state;
  siginfo_t info;

  prepare("raise", "19"); /* SIGSTOP */
  spawn_well(f);
  assert_int_equal(waitid(P_PID, (id_t) process.pid, &info, WSTOPPED | WNOWAIT), 0);
  for (int i = 0; i < 3; i++)
    turn(f);
  assert_int_equal(exits, 0);
  assert_int_equal(uv_process_kill(&process, SIGCONT), 0);
  wait_exit(f, 0, 0);
}

/* The status is then for whoever waits. */
static void closing_a_live_child_calls_nothing_and_reaps_nothing(void** state) {
  struct loop_fixture* f = *state;
  int status;

  prepare("echo");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  spawn_well(f);
  uv_close((uv_handle_t*) &process, NULL);
  uv_close((uv_handle_t*) &pipes[0], NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(waitpid(process.pid, &status, 0), process.pid);
  assert_int_equal(status, 0);
  assert_int_equal(exits, 0);
}

static void status_that_somebody_else_took_is_not_told(void** state) {
  struct loop_fixture* f = *state;
  int status;

  prepare("exit", "3");
  spawn_well(f);
  assert_int_equal(waitpid(process.pid, &status, 0), process.pid);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(exits, 0);
  assert_false(uv_is_active((uv_handle_t*) &process));
  assert_int_equal(uv_process_kill(&process, 0), UV_ESRCH);
  close_process(f);
}

static void children_of_others_are_left_alone(void** state) {
  struct loop_fixture* f = *state;
  int status;
  pid_t other = fork();

  if (other == 0)
    _exit(9);
  prepare("exit", "3");
  expect_exit(f, 3, 0);
  assert_int_equal(waitpid(other, &status, 0), other);
  assert_int_equal(WEXITSTATUS(status), 9);
}

/* -- SIGCHLD ----------------------------------------------------------------------------------- */

static void status_is_told_to_who_ignores_sigchld(void** state) {
  struct loop_fixture* f = *state;
  struct sigaction no_zombies = {.sa_flags = SA_NOCLDWAIT};

  signal(SIGCHLD, SIG_IGN);
  prepare("exit", "3");
  expect_exit(f, 3, 0);
  sigaction(SIGCHLD, &no_zombies, NULL);
  prepare("exit", "4");
  expect_exit(f, 4, 0);
  signal(SIGCHLD, SIG_DFL);
}

static int sigchlds;

static void count_sigchld(int signum) {
  (void) signum;
  sigchlds++;
}

static void handler_of_sigchld_is_kept(void** state) {
  struct loop_fixture* f = *state;
  struct sigaction action = {.sa_handler = count_sigchld, .sa_flags = SA_NOCLDWAIT | SA_RESTART};

  sigchlds = 0;
  sigaction(SIGCHLD, &action, NULL);
  prepare("exit", "4");
  spawn_well(f);
  bool is_ours = uv_is_active((uv_handle_t*) &f->loop.child_watcher);
  wait_exit(f, 4, 0);
  signal(SIGCHLD, SIG_DFL);
  if (is_ours) {
    print_message("the kernel gives no descriptors of children: SIGCHLD is the library's\n");
    skip();
  }
  assert_true(sigchlds > 0);
}

static void log_sigchld(uv_signal_t* handle, int signum) {
  (void) signum;
  test_log(handle->loop, 'c');
  uv_signal_stop(handle);
}

static void signal_handle_for_sigchld_works_beside_processes(void** state) {
  static uv_signal_t sigchld;
  struct loop_fixture* f = *state;

  assert_int_equal(uv_signal_init(&f->loop, &sigchld), 0);
  assert_int_equal(uv_signal_start(&sigchld, log_sigchld, SIGCHLD), 0);
  prepare("exit", "4");
  expect_exit(f, 4, 0);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  assert_non_null(strchr(f->log, 'c'));
}

/* With all descriptors in use there can be none for the child. */
static void spawn_without_descriptor(struct loop_fixture* f) {
  struct rlimit before = limit_descriptors(0);
  int err = spawn(f);

  unlimit_descriptors(&before);
  assert_int_equal(err, 0);
}

static void end_is_told_without_a_descriptor_for_the_child(void** state) {
  struct loop_fixture* f = *state;

  warm_up(f);
  prepare("exit", "5");
  spawn_without_descriptor(f);
  wait_exit(f, 5, 0);
  prepare("raise", "15");
  spawn_without_descriptor(f);
  wait_exit(f, 0, SIGTERM);
}

static void first_child_of_a_loop_needs_no_descriptor(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "5");
  spawn_without_descriptor(f);
  wait_exit(f, 5, 0);
}

static void child_without_a_descriptor_can_be_killed(void** state) {
  struct loop_fixture* f = *state;

  warm_up(f);
  prepare_program("/bin/sleep", (const char* const[]){"100", NULL});
  spawn_without_descriptor(f);
  assert_int_equal(uv_process_kill(&process, 0), 0);
  assert_int_equal(uv_process_kill(&process, SIGTERM), 0);
  wait_exit(f, 0, SIGTERM);
}

static void stolen_status_ends_the_loop_without_a_descriptor_too(void** state) {
  struct loop_fixture* f = *state;

  warm_up(f);
  prepare("exit", "5");
  spawn_without_descriptor(f);
  assert_int_equal(waitpid(process.pid, NULL, 0), process.pid);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(exits, 0);
  close_process(f);
}

enum { SOME = 40 };

static struct {
  uv_process_t handles[SOME];
  int ended;
} some;

static void on_exit_of_some(uv_process_t* handle, int64_t status, int signum) {
  assert_int_equal(status, (handle - some.handles) % 256);
  assert_int_equal(signum, 0);
  some.ended++;
  uv_close((uv_handle_t*) handle, NULL);
}

/* Every other one has a descriptor. The callback of each closes it, and one of another library is
 * not touched. */
static void children_with_and_without_descriptors_are_all_told(void** state) {
  struct loop_fixture* f = *state;
  pid_t other;

  warm_up(f);
  memset(&some, 0, sizeof(some));
  other = fork();
  if (other == 0)
    _exit(9);
  for (int i = 0; i < SOME; i++) {
    char number[16];
    snprintf(number, sizeof(number), "%d", i);
    prepare("exit", number);
    options.exit_cb = on_exit_of_some;
    struct rlimit before = limit_descriptors(i % 2);
    int err = uv_spawn(&f->loop, &some.handles[i], &options);
    unlimit_descriptors(&before);
    assert_int_equal(err, 0);
  }
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(some.ended, SOME);
  assert_int_equal(waitpid(other, NULL, 0), other);
}

/* -- Signals ----------------------------------------------------------------------------------- */

child_function(kill_as_another, become_another(), uv_process_kill(&process, SIGKILL));

static void child_of_another_user_is_not_killed(void** state) {
  struct loop_fixture* f = *state;

  prepare("echo");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  spawn_well(f);
  int err = in_child(kill_as_another);
  assert_int_equal(uv_process_kill(&process, SIGTERM), 0);
  wait_exit(f, 0, SIGTERM);
  if (err == CHILD_CANNOT)
    skip();
  assert_int_equal(err, UV_EPERM);
}

static void child_has_default_actions_and_an_empty_mask(void** state) {
  struct loop_fixture* f = *state;
  const int ignored[] = {SIGPIPE, SIGHUP, SIGUSR1, SIGTSTP, IS_OLDER_PEER ? SIGINT : SIGRTMIN};
  sigset_t mask;
  sigset_t before;

  for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
    signal(ignored[i], SIG_IGN);
  sigfillset(&mask);
  sigdelset(&mask, SIGCHLD); /* with which others may learn of the end */
  sigdelset(&mask, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &mask, &before);
  prepare("signals");
  const char* text = output_of_child(f);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
    signal(ignored[i], SIG_DFL);
  assert_string_equal(text, "");
}

static void parents_mask_is_as_before(void** state) {
  struct loop_fixture* f = *state;
  sigset_t before;
  sigset_t after;

  pthread_sigmask(SIG_BLOCK, NULL, &before);
  prepare("exit", "0");
  expect_exit(f, 0, 0);
  pthread_sigmask(SIG_BLOCK, NULL, &after);
  for (int signum = 1; signum < NSIG; signum++)
    assert_int_equal(sigismember(&before, signum), sigismember(&after, signum));
}

/* What a signal handler finds, in memory that forks share as well. */
static struct {
  pid_t parent;
  int in_parent;
  int in_child;
  int stop;
} * hits;

static void note_hit(int signum) {
  (void) signum;
  __atomic_add_fetch(getpid() == hits->parent ? &hits->in_parent : &hits->in_child, 1,
                     __ATOMIC_RELAXED);
}

/* The child of a fork goes on until it is told to stop. */
static pid_t signal_own_group(void) {
  pid_t pid = fork();

  if (pid != 0)
    return pid;
  signal(SIGUSR1, SIG_IGN);
  alarm(PATIENCE_S);
  while (!__atomic_load_n(&hits->stop, __ATOMIC_RELAXED)) {
    kill(-hits->parent, SIGUSR1);
    sched_yield();
  }
  _exit(0);
}

static int spawn_under_fire(void) {
  enum { SPAWNS = 100 };
  uv_loop_t loop;
  pid_t attacker;
  int by_signal = 0;

  if (setpgid(0, 0) != 0)
    return 1;
  hits = mmap(NULL, sizeof(*hits), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (hits == MAP_FAILED)
    return 2;
  hits->parent = getpid();
  signal(SIGUSR1, note_hit);
  attacker = signal_own_group();
  for (int i = 0; i < SPAWNS; i++) {
    prepare("exit", "0");
    int end = spawn_and_wait(&loop);
    if (end == 1000 + SIGUSR1)
      by_signal++;
    else if (end != 0)
      return 4;
  }
  __atomic_store_n(&hits->stop, 1, __ATOMIC_RELAXED);
  while (waitpid(attacker, NULL, 0) == -1 && errno == EINTR)
    continue;
  if (hits->in_child != 0)
    return 5;
  return hits->in_parent > 0 && by_signal > 0 ? 0 : 6;
}

/* It ends the child, and never runs the parent's handler in it. */
static void signal_between_fork_and_exec_takes_the_default_action(void** state) {
  (void) state;
  expect_in_fork(spawn_under_fire);
}

/* -- Forks ------------------------------------------------------------------------------------- */

static int atfork_calls;

static void count_fork(void) {
  __atomic_add_fetch(&atfork_calls, 1, __ATOMIC_RELAXED);
}

/* For good: there is no taking back. */
static void count_forks(void) {
  static bool is_counting;

  if (!is_counting)
    assert_int_equal(pthread_atfork(count_fork, NULL, NULL), 0);
  is_counting = true;
  atfork_calls = 0;
}

static void fork_handlers_run_only_if_asked_for(void** state) {
  struct loop_fixture* f = *state;
  bool is_forked = getenv("UV_SPAWN_USE_FORK") != NULL;

  count_forks();
  prepare("exit", "0");
  expect_exit(f, 0, 0);
  prepare("exit", "0");
  options.cwd = "/";
  options.flags = UV_PROCESS_DETACHED | (is_root() ? UV_PROCESS_SETUID | UV_PROCESS_SETGID : 0);
  expect_exit(f, 0, 0);
  assert_int_equal(atfork_calls, is_forked ? 2 : 0);
}

static long count_faults(void) {
  struct rusage usage;

  assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
  return usage.ru_minflt;
}

static void write_to_pages(char* memory, int count) {
  for (int i = 0; i < count; i++)
    ((volatile char*) memory)[(size_t) i * (size_t) getpagesize()]++;
}

/* Where the page tables were copied, the parent's next write to each page is a fault. */
static void page_tables_are_copied_only_by_forks(void** state) {
  struct loop_fixture* f = *state;
  enum { PAGES = 10000 };
  bool is_forked = getenv("UV_SPAWN_USE_FORK") != NULL;
  size_t size = PAGES * (size_t) getpagesize();
  char* memory =
      mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  long before;

  assert_ptr_not_equal(memory, MAP_FAILED);
  madvise(memory, size, MADV_NOHUGEPAGE);
  write_to_pages(memory, PAGES);
  prepare("exit", "0");
  expect_exit(f, 0, 0);
  before = count_faults();
  write_to_pages(memory, PAGES);
  if (is_forked)
    assert_true(count_faults() - before >= PAGES);
  else
    assert_true(count_faults() - before < PAGES / 10);
  munmap(memory, size);
}

static void zero_does_not_ask_for_a_fork(void** state) {
  struct loop_fixture* f = *state;
  const char* before = getenv("UV_SPAWN_USE_FORK");

  setenv("UV_SPAWN_USE_FORK", "0", 1);
  count_forks();
  prepare("exit", "0");
  expect_exit(f, 0, 0);
  assert_int_equal(atfork_calls, 0);
  if (before != NULL)
    setenv("UV_SPAWN_USE_FORK", "1", 1);
  else
    unsetenv("UV_SPAWN_USE_FORK");
}

static void child_of_a_fork_has_none_of_the_parents_children(void** state) {
  struct loop_fixture* f = *state;
  int status;

  prepare("echo");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  spawn_well(f);
  pid_t pid = fork();
  if (pid == 0) {
    alarm(PATIENCE_S);
    if (uv_loop_fork(&f->loop) != 0)
      _exit(1);
    if (uv_is_active((uv_handle_t*) &process) || uv_process_kill(&process, 0) != UV_ESRCH)
      _exit(2);
    uv_close((uv_handle_t*) &pipes[0], NULL);
    uv_close((uv_handle_t*) &process, NULL);
    if (uv_run(&f->loop, UV_RUN_DEFAULT) != 0)
      _exit(3);
    prepare("exit", "8");
    spawn(f);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    _exit(exits == 1 && exit_status == 8 ? 0 : 4);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  uv_close((uv_handle_t*) &pipes[0], NULL);
  wait_exit(f, 0, 0);
}

/* -- Want of resources ------------------------------------------------------------------------- */

static void prepare_with_pipes(struct loop_fixture* f) {
  prepare("exit", "0");
  for (int i = 0; i < 3; i++)
    give_pipe(f, i, &pipes[i], i == 0 ? UV_READABLE_PIPE : UV_WRITABLE_PIPE);
}

static void close_pipes(struct loop_fixture* f) {
  for (int i = 0; i < 3; i++)
    uv_close((uv_handle_t*) &pipes[i], NULL);
  uv_run(&f->loop, UV_RUN_NOWAIT);
}

static void without_descriptors_it_fails_and_leaves_nothing(void** state) {
  struct loop_fixture* f = *state;
  int failures = 0;
  int more = 0;
  int err;

  warm_up(f);
  do {
    int fds = count_descriptors();
    prepare_with_pipes(f);
    struct rlimit before = limit_descriptors(more++);
    err = spawn(f);
    unlimit_descriptors(&before);
    if (err != 0) {
      assert_int_equal(err, UV_EMFILE);
      assert_int_equal(process.pid, 0);
      failures++;
      close_process(f);
    } else {
      wait_exit(f, 0, 0);
    }
    close_pipes(f);
    assert_int_equal(count_descriptors(), fds);
  } while (err != 0);
  assert_true(failures >= 6);
}

/* -- uv_disable_stdio_inheritance() ------------------------------------------------------------ */

static int disable_inheritance(void) {
  uv_loop_t loop;
  int high = fcntl(0, F_DUPFD, 20);

  uv_disable_stdio_inheritance();
  for (int fd = 0; fd < 3; fd++)
    if (is_open(fd) && !is_cloexec(fd))
      return 1;
  if (high < 0 || (!IS_OLDER_PEER && !is_cloexec(high)))
    return 2;
  prepare("exit", "3");
  give_fd(0, 0);
  return spawn_and_wait(&loop) == 3 ? 0 : 3;
}

static void descriptors_are_no_longer_inherited(void** state) {
  (void) state;
  expect_in_fork(disable_inheritance);
}

/* -- Running ----------------------------------------------------------------------------------- */

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(exit_status_has_eight_bits),
      loop_test(signal_that_ended_it_is_told),
      loop_test(stopped_child_has_not_ended),
      loop_test(closing_a_live_child_calls_nothing_and_reaps_nothing),
      newer_loop_test(status_that_somebody_else_took_is_not_told),
      loop_test(children_of_others_are_left_alone),
      loop_test(status_is_told_to_who_ignores_sigchld),
      newer_loop_test(handler_of_sigchld_is_kept),
      loop_test(signal_handle_for_sigchld_works_beside_processes),
      loop_test(child_of_another_user_is_not_killed),
      loop_test(child_has_default_actions_and_an_empty_mask),
      loop_test(parents_mask_is_as_before),
      cmocka_unit_test(signal_between_fork_and_exec_takes_the_default_action),
      newer_loop_test(fork_handlers_run_only_if_asked_for),
      newer_loop_test(page_tables_are_copied_only_by_forks),
      newer_loop_test(zero_does_not_ask_for_a_fork),
      newer_loop_test(child_of_a_fork_has_none_of_the_parents_children),
      newer_loop_test(without_descriptors_it_fails_and_leaves_nothing),
      cmocka_unit_test(descriptors_are_no_longer_inherited),
  };
  /* A fork needs descriptors of its own. */
  const struct CMUnitTest tests_without_descriptors[] = {
      newer_loop_test(end_is_told_without_a_descriptor_for_the_child),
      newer_loop_test(first_child_of_a_loop_needs_no_descriptor),
      newer_loop_test(child_without_a_descriptor_can_be_killed),
      newer_loop_test(stolen_status_ends_the_loop_without_a_descriptor_too),
      newer_loop_test(children_with_and_without_descriptors_are_all_told),
  };
  return cmocka_run_group_tests_name("process of POSIX", tests, NULL, NULL) +
         cmocka_run_group_tests_name("process without a descriptor", tests_without_descriptors,
                                     NULL, NULL) +
         cmocka_run_group_tests_name("forked process of POSIX", tests, use_fork, NULL);
}
