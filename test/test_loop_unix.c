/* Loops where POSIX has something of its own: descriptors that run out or are waited on, signals,
 * forks. */
#include "support/allocator.h"
#include "support/backend.h"
#include "support/child.h"
#include "support/cmocka_all.h"
#include "support/descriptors.h"
#include "support/loop_fixture.h"
#include "uv.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_timer(uv_timer_t* timer) {
  test_log(timer->loop, 't');
}
static void on_async(uv_async_t* async) {
  test_log(async->loop, 'a');
}
static void close_async(uv_async_t* async) {
  test_log(async->loop, 'a');
  uv_close((uv_handle_t*) async, NULL);
}
static void on_poll(uv_poll_t* poll, int status, int events) {
  assert_int_equal(status, 0);
  assert_int_not_equal(events, 0);
  test_log(poll->loop, 'e');
}

/* -- Resources and signals --------------------------------------------------------------------- */

/* One of them is what the loop waits with, where that is a descriptor, the others what wakes it. */
#if defined(RONDO_BACKEND_KQUEUE)
enum { MOST_FOR_A_LOOP = 3, FEWEST_FOR_A_LOOP = 1 }; /* an imitation takes more than a kqueue */
#else
enum { MOST_FOR_A_LOOP = 2, FEWEST_FOR_A_LOOP = 2 };
#endif

static void init_without_descriptors_fails_and_leaves_nothing(void** state) {
  uv_loop_t loop;
  int more = 0;
  int err;

  (void) state;
  for (;; more++) {
    int fds = count_descriptors();
    struct rlimit before = limit_descriptors(more);
    test_allocator_install(0, false);
    err = uv_loop_init(&loop);
    unlimit_descriptors(&before);
    if (err == 0)
      break;
    assert_int_equal(err, UV_EMFILE);
    assert_int_equal(test_allocator.live, 0);
    assert_int_equal(count_descriptors(), fds);
  }
  assert_in_range(more, FEWEST_FOR_A_LOOP, MOST_FOR_A_LOOP);
  assert_int_equal(uv_loop_close(&loop), 0);
  assert_int_equal(test_allocator.live, 0);
  test_allocator_remove();
}

static void on_signal(uv_signal_t* handle, int signum) {
  (void) signum;
  test_log(handle->loop, 's');
  uv_signal_stop(handle);
}

static void do_nothing(uv_work_t* work) {
  (void) work;
}

static void on_worked(uv_work_t* work, int status) {
  assert_int_equal(status, 0);
  test_log(work->loop, 'w');
}

static void on_stat(uv_fs_t* req) {
  assert_int_equal(req->result, 0);
  test_log(req->loop, 'f');
  uv_fs_req_cleanup(req);
}

static void a_loop_takes_no_descriptors_for_what_wakes_it_later(void** state) {
  struct loop_fixture* f = *state;
  static uv_async_t async;
  static uv_signal_t signal_handle;
  static uv_work_t work;
  static uv_fs_t req;
  struct rlimit before = limit_descriptors(0);

  assert_int_equal(uv_async_init(&f->loop, &async, close_async), 0);
  assert_int_equal(uv_signal_init(&f->loop, &signal_handle), 0);
  assert_int_equal(uv_signal_start(&signal_handle, on_signal, SIGUSR1), 0);
  assert_int_equal(uv_queue_work(&f->loop, &work, do_nothing, on_worked), 0);
  assert_int_equal(uv_fs_stat(&f->loop, &req, ".", on_stat), 0);
  uv_async_send(&async);
  raise(SIGUSR1);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  unlimit_descriptors(&before);
  assert_int_equal(strlen(f->log), 4);
  assert_int_equal(strspn(f->log, "aswf"), 4);
}

static void on_sigprof(int signum) {
  (void) signum;
}

static void raise_sigprof(uv_prepare_t* prepare) {
  raise(SIGPROF); /* outside the wait: delivered */
  uv_prepare_stop(prepare);
}

static void a_blocked_signal_is_blocked_during_the_wait_alone(void** state) {
  struct loop_fixture* f = *state;
  struct sigaction action = {.sa_handler = on_sigprof};
  static uv_prepare_t prepare;
  static uv_timer_t timer;
  sigset_t mask;

  sigaction(SIGPROF, &action, NULL);
  uv_loop_configure(&f->loop, UV_LOOP_BLOCK_SIGNAL, SIGPROF);
  uv_prepare_init(&f->loop, &prepare);
  uv_prepare_start(&prepare, raise_sigprof);
  uv_timer_init(&f->loop, &timer);
  uv_timer_start(&timer, on_timer, 5, 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  pthread_sigmask(SIG_SETMASK, NULL, &mask);
  assert_false(sigismember(&mask, SIGPROF));
  assert_string_equal(f->log, "t");
}

/* -- Embedding --------------------------------------------------------------------------------- */

struct embedding {
  uv_loop_t* inner;
  uv_poll_t poll;
};

static void run_inner(uv_poll_t* poll, int status, int events) {
  struct embedding* e = poll->data;

  (void) events;
  assert_int_equal(status, 0);
  uv_run(e->inner, UV_RUN_NOWAIT);
  if (!uv_loop_alive(e->inner))
    uv_close((uv_handle_t*) poll, NULL);
}

static void send_async(void* arg) {
  uv_async_send(arg);
}

static void another_loop_can_wait_for_this_one(void** state) {
  struct loop_fixture* f = *state;
  struct embedding e = {.inner = &f->loop};
  uv_loop_t outer;
  static uv_async_t async;
  uv_thread_t thread;

  need_backend_fd();
  assert_int_equal(uv_loop_init(&outer), 0);
  uv_async_init(&f->loop, &async, close_async);
  while (uv_backend_timeout(&f->loop) == 0)
    uv_run(&f->loop, UV_RUN_NOWAIT);
  assert_int_equal(uv_poll_init(&outer, &e.poll, uv_backend_fd(&f->loop)), 0);
  e.poll.data = &e;
  assert_int_equal(uv_poll_start(&e.poll, UV_READABLE, run_inner), 0);
  assert_int_equal(uv_thread_create(&thread, send_async, &async), 0);
  assert_int_equal(uv_run(&outer, UV_RUN_DEFAULT), 0);
  uv_thread_join(&thread);
  assert_string_equal(f->log, "a");
  assert_int_equal(uv_loop_close(&outer), 0);
}

/* -- Fork -------------------------------------------------------------------------------------- */

struct fork_case {
  uv_timer_t timer;
  uv_poll_t poll;
  uv_async_t async;
  int fds[2];
};

static void stop_poll(uv_poll_t* poll, int status, int events) {
  on_poll(poll, status, events);
  uv_poll_stop(poll);
}

/* In the child: 0 if the loop works there and its parent's wake is not seen. */
static int child_of_fork(struct loop_fixture* f, struct fork_case* c) {
  if (uv_loop_fork(&f->loop) != 0)
    return 1;
  if (uv_run(&f->loop, UV_RUN_NOWAIT) != 1 || strchr(f->log, 'a') != NULL)
    return 2;
  f->log[0] = '\0';
  uv_async_send(&c->async);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  if (strcmp(f->log, "a") != 0)
    return 3;
  uv_unref((uv_handle_t*) &c->async);
  if (write(c->fds[1], "x", 1) != 1 || !uv_is_active((uv_handle_t*) &c->timer))
    return 4;
  uv_timer_start(&c->timer, on_timer, 1, 0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  if (strchr(f->log, 't') == NULL || strchr(f->log, 'e') == NULL)
    return 5;
  return 0;
}

static void a_loop_works_in_a_forked_child(void** state) {
  struct loop_fixture* f = *state;
  struct fork_case c;
  int status;

  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, c.fds), 0);
  uv_timer_init(&f->loop, &c.timer);
  uv_timer_start(&c.timer, on_timer, 60 * 1000, 0);
  uv_poll_init(&f->loop, &c.poll, c.fds[0]);
  uv_poll_start(&c.poll, UV_READABLE, stop_poll);
  uv_async_init(&f->loop, &c.async, on_async);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  f->log[0] = '\0';
  uv_async_send(&c.async); /* pending when the process forks */

  pid_t pid = fork();
  assert_int_not_equal(pid, -1);
  if (pid == 0)
    _exit(child_of_fork(f, &c));
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);

  /* The parent's loop has lost nothing. */
  uv_run(&f->loop, UV_RUN_NOWAIT);
  assert_non_null(strchr(f->log, 'a'));
  uv_close((uv_handle_t*) &c.poll, NULL);
  uv_close((uv_handle_t*) &c.timer, NULL);
  uv_close((uv_handle_t*) &c.async, NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  close(c.fds[0]);
  close(c.fds[1]);
}

/* In the child: 0 if the loop can be woken there, and closed. */
static int wake_and_close(struct loop_fixture* f) {
  static uv_async_t async;

  if (uv_loop_fork(&f->loop) != 0 || uv_async_init(&f->loop, &async, close_async) != 0)
    return 1;
  uv_async_send(&async);
  if (uv_run(&f->loop, UV_RUN_DEFAULT) != 0 || strcmp(f->log, "a") != 0)
    return 2;
  return uv_loop_close(&f->loop) == 0 ? 0 : 3;
}

static void a_loop_that_never_ran_can_be_woken_in_a_forked_child(void** state) {
  struct loop_fixture* f = *state;
  static uv_async_t async;
  int status;
  pid_t pid = fork();

  assert_int_not_equal(pid, -1);
  if (pid == 0)
    _exit(wake_and_close(f));
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);

  assert_int_equal(uv_async_init(&f->loop, &async, close_async), 0);
  uv_async_send(&async);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "a");
}

static uv_loop_t* parents_loop;

static int forbid_descriptors(void) {
  struct rlimit limit;

  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return CHILD_CANNOT;
  limit.rlim_cur = 0;
  return setrlimit(RLIMIT_NOFILE, &limit);
}

child_function(fork_without_descriptors, forbid_descriptors(), uv_loop_fork(parents_loop));
child_function(fork_without_memory, fail_syscall(SYS_epoll_create1, ENOMEM),
               uv_loop_fork(parents_loop));

static void what_a_forked_child_lacks_for_its_loop_is_told(void** state) {
  struct loop_fixture* f = *state;

  parents_loop = &f->loop;
  assert_child(fork_without_descriptors, UV_EMFILE);
  need_backend_fd();
  assert_child(fork_without_memory, UV_ENOMEM);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(init_without_descriptors_fails_and_leaves_nothing),
      loop_test(a_loop_takes_no_descriptors_for_what_wakes_it_later),
      loop_test(a_blocked_signal_is_blocked_during_the_wait_alone),
      loop_test(another_loop_can_wait_for_this_one),
      loop_test(a_loop_works_in_a_forked_child),
      loop_test(a_loop_that_never_ran_can_be_woken_in_a_forked_child),
      loop_test(what_a_forked_child_lacks_for_its_loop_is_told),
  };
  return cmocka_run_group_tests_name("loop_unix", tests, NULL, NULL);
}
