/* The thread pool when the process exits and when it forks. Children report by their exit status.
 */
#include "support/pool_item.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DEADLINE_S = 30 };

/* Runs a function in a child, which then ends with exit(3) if nothing ends it before: the status
 * that it ends with. */
static int in_child(void (*body)(void* arg), void* arg) {
  int status = 0;
  pid_t pid;

  fflush(NULL);
  pid = fork();

  assert_true(pid != -1);
  if (pid == 0) {
    alarm(DEADLINE_S);
    body(arg);
    exit(0);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

/* In a child, where a failed assertion would go on with the tests of the parent. */
static void must(bool is_so, int code) {
  if (!is_so)
    _exit(code);
}

static void there_are_1024_threads_at_most(void** state) {
  struct loop_fixture* f = *state;
  const char* const values[] = {"1024", "1025", "-1", "4294967297"};

  if (sizeof(void*) < 8) {
    print_message("32 bits are too few for the addresses of that many stacks\n");
    skip();
  }
  for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
    setenv("UV_THREADPOOL_SIZE", values[i], 1);
    run_one(&f->loop);
    assert_true(workers_become(1024));
    uv_library_shutdown();
  }
}

/* -- Exits ------------------------------------------------------------------------------------- */

static int write_end;
static int read_end;

static void write_byte(struct uv__work* work) {
  struct item* item = uv__container(work, struct item, work);

  must(write(write_end, &item->name, 1) == 1, 2);
}

static void leave_work_behind(void* arg) {
  static struct item items[3];
  struct loop_fixture* f = arg;

  must(uv_loop_fork(&f->loop) == 0, 3);
  setenv("UV_THREADPOOL_SIZE", "1", 1);
  for (int i = 0; i < 3; i++)
    submit(&f->loop, &items[i], UV__WORK_CPU, write_byte, (char) ('a' + i));
}

static void make_pipe(void) {
  int fds[2];

  assert_int_equal(pipe(fds), 0);
  read_end = fds[0];
  write_end = fds[1];
}

static void a_process_that_exits_does_its_queued_work_first(void** state) {
  char got[8] = "";

  make_pipe();
  assert_int_equal(in_child(leave_work_behind, *state), 0);
  close(write_end);
  assert_int_equal(read(read_end, got, sizeof(got) - 1), 3);
  assert_string_equal(got, "abc");
  close(read_end);
}

static void call_exit(struct uv__work* work) {
  (void) work;
  exit(7);
}

static void exit_from_work(void* arg) {
  static struct item items[3];
  struct loop_fixture* f = arg;

  must(uv_loop_fork(&f->loop) == 0, 3);
  for (int i = 0; i < 2; i++)
    submit(&f->loop, &items[i], UV__WORK_CPU, item_run, 'a');
  submit(&f->loop, &items[2], UV__WORK_CPU, call_exit, 'a');
  for (;;)
    pause();
}

static void work_may_exit_the_process(void** state) {
  assert_int_equal(in_child(exit_from_work, *state), 7);
}

/* -- Forks ------------------------------------------------------------------------------------- */

struct left_to_the_parent {
  struct loop_fixture* f;
  struct item* queued;
  struct item* running;
  struct item* slow;
};

/* A loop of the child's own, with work of its own. */
static void work_in_child(void* arg) {
  static struct loop_fixture own;
  struct left_to_the_parent* parents = arg;
  struct item item;

  must(uv__work_cancel(&parents->queued->work) == UV_EBUSY, 2);
  must(uv__work_cancel(&parents->running->work) == UV_EBUSY, 3);
  must(uv__work_cancel(&parents->slow->work) == UV_EBUSY, 4);
  must(count_workers() == 0, 5);

  must(uv_loop_init(&own.loop) == 0, 6);
  own.loop.data = &own;
  for (int i = 0; i < 10; i++) {
    submit(&own.loop, &item, i % 2 ? UV__WORK_SLOW : UV__WORK_CPU, item_run, 'c');
    uv_run(&own.loop, UV_RUN_DEFAULT);
    must(item.status == 0, 7);
  }
  must(workers_become(THREADS), 8);
  must(uv_loop_close(&own.loop) == 0, 9);
  must(parents->queued->status == 1 && parents->slow->status == 1, 10);
  uv_library_shutdown();
  must(workers_become(0), 11);
  _exit(0); /* what the parent's threads had looks like leaks here */
}

static void a_child_has_a_pool_of_its_own_and_the_parent_keeps_its_work(void** state) {
  struct loop_fixture* f = *state;
  struct item running[THREADS];
  struct item queued[3];
  struct item slow[2];
  struct left_to_the_parent left = {f, &queued[1], &running[0], &slow[0]};
  int status;
  int cancelled;

  for (int i = 0; i < THREADS; i++)
    submit(&f->loop, &running[i], UV__WORK_CPU, item_hold, 'r');
  while (__atomic_load_n(&ran_count, __ATOMIC_ACQUIRE) < THREADS)
    continue;
  for (int i = 0; i < 3; i++)
    submit(&f->loop, &queued[i], UV__WORK_CPU, item_run, 'q');
  for (int i = 0; i < 2; i++)
    submit(&f->loop, &slow[i], UV__WORK_SLOW, item_run, 's');

  status = in_child(work_in_child, &left);
  cancelled = uv__work_cancel(&queued[1].work);
  for (int i = 0; i < THREADS; i++)
    uv_sem_post(&held);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(status, 0);
  assert_int_equal(cancelled, 0);
  assert_int_equal(queued[0].status, 0);
  assert_int_equal(queued[1].status, UV_ECANCELED);
  assert_int_equal(slow[1].status, 0);
}

static void say_nothing(uv_work_t* req) {
  (void) req;
}

static void fork_and_work(void* arg) {
  must(in_child(work_in_child, arg) == 0, 20);
  _exit(0);
}

static void a_child_of_a_child_has_one_too(void** state) {
  struct loop_fixture* f = *state;
  struct item item = {.status = 1};
  struct left_to_the_parent left = {f, &item, &item, &item};

  run_one(&f->loop);
  assert_int_equal(in_child(fork_and_work, &left), 0);
}

static void queue_while_others_fork(void* arg) {
  uv_loop_t loop;
  uv_work_t reqs[8];

  assert_int_equal(uv_loop_init(&loop), 0);
  while (!__atomic_load_n((bool*) arg, __ATOMIC_RELAXED)) {
    for (int i = 0; i < 8; i++)
      assert_int_equal(uv_queue_work(&loop, &reqs[i], say_nothing, NULL), 0);
    uv_run(&loop, UV_RUN_DEFAULT);
  }
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void a_fork_at_any_moment_leaves_a_pool_that_works(void** state) {
  struct loop_fixture* f = *state;
  struct item item = {.status = 1};
  struct left_to_the_parent left = {f, &item, &item, &item};
  uv_thread_t thread;
  bool over = false;

  assert_int_equal(uv_thread_create(&thread, queue_while_others_fork, &over), 0);
  for (int i = 0; i < 25; i++)
    assert_int_equal(in_child(work_in_child, &left), 0);
  __atomic_store_n(&over, true, __ATOMIC_RELAXED);
  uv_thread_join(&thread);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      pool_test(there_are_1024_threads_at_most),
      pool_test(a_process_that_exits_does_its_queued_work_first),
      pool_test(work_may_exit_the_process),
      pool_test(a_child_has_a_pool_of_its_own_and_the_parent_keeps_its_work),
      pool_test(a_child_of_a_child_has_one_too),
      pool_test(a_fork_at_any_moment_leaves_a_pool_that_works),
  };
  return cmocka_run_group_tests_name("threadpool_process", tests, NULL, NULL);
}
