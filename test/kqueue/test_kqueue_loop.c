/* A loop on a kqueue: which calls it makes, and what it makes of answers that are rare. The
 * program's own kevent(2) stands before the imitation's (--wrap). */
#include "support/child.h"
#include "support/descriptors.h"
#include "support/spawn.h"
#include "support/tcp.h"

#include <poll.h>
#include <sys/event.h>
#include <sys/socket.h>

enum { MOST_PAIRS = 400 };

static struct {
  int calls;
  int changes;
  int fail_with;          /* the errno of all changes of the next call; 0: it goes on */
  short fail_filter;      /* only for this one; 0: any */
  bool is_end_waited_for; /* a process has ended before it is watched */
  bool is_end_early;      /* or its end is told before it */
  int reset_fd;           /* whose end is told with an error */
} kernel;

static uv_poll_t polls[2 * MOST_PAIRS];
static int pairs[MOST_PAIRS][2];
static int called;
static int last_events;
static int last_status;

/* -- The kernel -------------------------------------------------------------------------------- */

int __real_kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events,
                  int event_count, const struct timespec* timeout);
int __wrap_kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events,
                  int event_count, const struct timespec* timeout);

static bool is_to_fail(const struct kevent* changes, int change_count) {
  return kernel.fail_with != 0 && change_count > 0 &&
         (kernel.fail_filter == 0 || changes->filter == kernel.fail_filter);
}

static int fail_all(const struct kevent* changes, int change_count, struct kevent* events,
                    int event_count) {
  errno = kernel.fail_with;
  kernel.fail_with = 0;
  if (event_count == 0)
    return -1;
  for (int i = 0; i < change_count; i++) {
    events[i] = changes[i];
    events[i].flags = EV_ERROR;
    events[i].data = errno;
  }
  return change_count;
}

/* The end of a process that is told before it has ended. */
static struct kevent early;

/* Waits for the end of a process that is to be watched, or makes it known: whether the change is
 * made by that. */
static bool watches_process(const struct kevent* change) {
  siginfo_t info;

  if (change->filter != EVFILT_PROC || !(change->flags & EV_ADD))
    return false;
  if (kernel.is_end_waited_for)
    assert_int_equal(waitid(P_PID, (id_t) change->ident, &info, WEXITED | WNOWAIT), 0);
  early = *change;
  return kernel.is_end_early;
}

int __wrap_kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events,
                  int event_count, const struct timespec* timeout) {
  int n;

  kernel.calls++;
  kernel.changes += change_count;
  if (is_to_fail(changes, change_count))
    return fail_all(changes, change_count, events, event_count);
  if (change_count == 1 && watches_process(changes))
    return 0;
  if (kernel.is_end_early && event_count > 0) {
    kernel.is_end_early = false;
    events[0] = early;
    return 1;
  }
  n = __real_kevent(queue, changes, change_count, events, event_count, timeout);
  for (int i = 0; i < n; i++)
    if ((events[i].flags & EV_EOF) && events[i].ident == (uintptr_t) kernel.reset_fd)
      events[i].fflags = ECONNRESET;
  return n;
}

static int setup(void** state) {
  memset(&kernel, 0, sizeof(kernel));
  kernel.reset_fd = -1;
  called = 0;
  return loop_setup(state);
}

static void forget_calls(void) {
  kernel.calls = 0;
  kernel.changes = 0;
}

/* -- Changes ----------------------------------------------------------------------------------- */

static void make_pairs(int count) {
  for (int i = 0; i < count; i++)
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[i]), 0);
}

static void close_pairs(int count) {
  for (int i = 0; i < count; i++) {
    uv_poll_stop(&polls[2 * i]);
    uv_poll_stop(&polls[2 * i + 1]);
    close(pairs[i][0]);
    close(pairs[i][1]);
  }
}

static void look(uv_poll_t* poll, int status, int events) {
  called++;
  last_status = status;
  last_events = events;
  if (status == 0 && (events & UV_WRITABLE))
    uv_poll_stop(poll);
}

static void start_all(struct loop_fixture* f, int count, int events) {
  for (int i = 0; i < 2 * count; i++) {
    assert_int_equal(uv_poll_init(&f->loop, &polls[i], pairs[i / 2][i % 2]), 0);
    assert_int_equal(uv_poll_start(&polls[i], events, look), 0);
  }
}

static void changes_are_made_by_the_call_that_waits(void** state) {
  struct loop_fixture* f = *state;

  make_pairs(10);
  start_all(f, 10, UV_READABLE);
  forget_calls();
  turn(f);
  assert_int_equal(kernel.calls, 1);
  assert_int_equal(kernel.changes, 20);
  turn(f);
  assert_int_equal(kernel.calls, 2);
  assert_int_equal(kernel.changes, 20);
  close_pairs(10);
}

static void what_is_stopped_and_started_in_a_turn_is_no_change(void** state) {
  struct loop_fixture* f = *state;
  static uv_pipe_t pipe;
  struct reader reader;

  make_pairs(1);
  assert_int_equal(uv_pipe_init(&f->loop, &pipe, 0), 0);
  assert_int_equal(uv_pipe_open(&pipe, pairs[0][0]), 0);
  reader_start(&reader, (uv_stream_t*) &pipe);
  turn(f);
  forget_calls();
  assert_int_equal(uv_read_stop((uv_stream_t*) &pipe), 0);
  reader_start(&reader, (uv_stream_t*) &pipe);
  turn(f);
  assert_int_equal(kernel.calls, 1);
  assert_int_equal(kernel.changes, 0);
  close(pairs[0][1]);
}

static void more_changes_than_fit_are_made_all_the_same(void** state) {
  struct loop_fixture* f = *state;

  make_pairs(MOST_PAIRS);
  start_all(f, MOST_PAIRS, UV_READABLE | UV_WRITABLE); /* 1600 changes */
  while (uv_run(&f->loop, UV_RUN_NOWAIT) != 0)
    continue;
  assert_int_equal(called, 2 * MOST_PAIRS);
  close_pairs(MOST_PAIRS);
}

static void letting_go_takes_off_only_what_was_asked_for(void** state) {
  struct loop_fixture* f = *state;

  make_pairs(1);
  start_all(f, 1, UV_READABLE);
  turn(f);
  forget_calls();
  assert_int_equal(uv_poll_stop(&polls[0]), 0);
  assert_int_equal(kernel.calls, 1);
  close_pairs(1);
}

static void a_change_that_fails_is_told_to_its_watcher(void** state) {
  struct loop_fixture* f = *state;

  make_pairs(1);
  start_all(f, 1, UV_READABLE);
  kernel.fail_with = EIO;
  uv_poll_stop(&polls[1]);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(called, 1);
  assert_int_equal(last_status, UV_EBADF);
  close_pairs(1);
}

static void what_is_closed_before_the_wait_is_bad(void** state) {
  struct loop_fixture* f = *state;

  make_pairs(1);
  start_all(f, 1, UV_READABLE);
  close(pairs[0][1]);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(called, 1);
  assert_int_equal(last_status, UV_EBADF);
  uv_run(&f->loop, UV_RUN_ONCE); /* the other has lost its peer */
  assert_int_equal(called, 2);
  assert_int_equal(last_events, UV_READABLE);
  pairs[0][1] = dup(0);
  close_pairs(1);
}

/* The filter went with the descriptor, and taking it off is no event. */
static void what_was_closed_takes_nothing_along(void** state) {
  static uv_pipe_t pipe;
  struct loop_fixture* f = *state;
  struct reader reader;

  make_pairs(1);
  assert_int_equal(uv_pipe_init(&f->loop, &pipe, 0), 0);
  assert_int_equal(uv_pipe_open(&pipe, pairs[0][0]), 0);
  reader_start(&reader, (uv_stream_t*) &pipe);
  turn(f);
  int other = dup(pairs[0][0]);
  close(pairs[0][0]);
  assert_int_equal(dup2(other, pairs[0][0]), pairs[0][0]);
  close(other);
  assert_int_equal(uv_read_stop((uv_stream_t*) &pipe), 0);
  assert_int_equal(write(pairs[0][1], "x", 1), 1);
  forget_calls();
  uv_close((uv_handle_t*) &pipe, NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(reader.calls, 0);
  close(pairs[0][1]);
}

static void a_change_without_memory_is_made_again(void** state) {
  struct loop_fixture* f = *state;

  make_pairs(1);
  start_all(f, 1, UV_READABLE);
  assert_int_equal(write(pairs[0][1], "x", 1), 1);
  kernel.fail_with = ENOMEM;
  while (called == 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(kernel.fail_with, 0);
  assert_int_equal(last_status, 0);
  assert_int_equal(last_events, UV_READABLE);
  close_pairs(1);
}

/* -- Wakes ------------------------------------------------------------------------------------- */

static void count_call(uv_async_t* async) {
  (void) async;
  called++;
}

static void many_sends_are_one_call_and_one_wake(void** state) {
  static uv_async_t asyncs[3];
  struct loop_fixture* f = *state;

  for (int i = 0; i < 3; i++)
    assert_int_equal(uv_async_init(&f->loop, &asyncs[i], count_call), 0);
  turn(f);
  forget_calls();
  for (int i = 0; i < 30; i++)
    assert_int_equal(uv_async_send(&asyncs[i % 3]), 0);
  assert_int_equal(kernel.calls, 1);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(kernel.calls, 2);
  assert_int_equal(called, 3);
}

static void waking_needs_no_descriptor(void** state) {
  uv_loop_t loop;
  uv_async_t async;
  int before;
  (void) state;

  /* One for the queue, and one that the imitation needs. */
  before = count_descriptors();
  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(uv_async_init(&loop, &async, count_call), 0);
  assert_int_equal(count_descriptors(), before + 2);
  uv_close((uv_handle_t*) &async, NULL);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
  assert_int_equal(count_descriptors(), before);
}

static void without_memory_for_a_wake_there_is_no_handle(void** state) {
  uv_loop_t loop;
  uv_async_t async;
  int err;
  (void) state;

  kernel.fail_with = ENOMEM;
  kernel.fail_filter = EVFILT_USER;
  err = uv_loop_init(&loop);
  if (err == 0) {
    err = uv_async_init(&loop, &async, count_call);
    assert_int_equal(err, UV_ENOMEM);
    assert_int_equal(uv_async_init(&loop, &async, count_call), 0);
    assert_int_equal(uv_async_send(&async), 0);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(called, 1);
    uv_close((uv_handle_t*) &async, NULL);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
  }
  assert_int_equal(err, UV_ENOMEM);
}

/* -- Ends -------------------------------------------------------------------------------------- */

static void a_reset_is_told_once_and_as_the_error(void** state) {
  struct loop_fixture* f = *state;
  const struct linger at_once = {.l_onoff = 1, .l_linger = 0};
  static uv_tcp_t tcp;
  struct reader reader;
  uv_os_sock_t ends[2];

  make_tcp_pair(ends);
  kernel.reset_fd = ends[0];
  assert_int_equal(uv_tcp_init(&f->loop, &tcp), 0);
  assert_int_equal(uv_tcp_open(&tcp, ends[0]), 0);
  reader_start(&reader, (uv_stream_t*) &tcp);
  turn(f);
  assert_int_equal(setsockopt(ends[1], SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
  close(ends[1]);
  while (uv_run(&f->loop, UV_RUN_ONCE) != 0)
    continue;
  assert_int_equal(reader.status, UV_ECONNRESET);
}

/* -- Children ---------------------------------------------------------------------------------- */

static void a_child_that_ended_before_it_was_watched_is_told(void** state) {
  struct loop_fixture* f = *state;

  kernel.is_end_waited_for = true;
  prepare("exit", "5");
  spawn_well(f);
  wait_exit(f, 5, 0);
}

static void an_end_that_is_told_early_is_waited_for(void** state) {
  struct loop_fixture* f = *state;
  static uv_pipe_t input;

  kernel.is_end_early = true;
  prepare("copy", "0", "1");
  give_pipe(f, 0, &input, UV_READABLE_PIPE);
  spawn_well(f);
  while (kernel.is_end_early)
    turn(f);
  turn(f);
  assert_int_equal(exits, 0);
  uv_close((uv_handle_t*) &input, NULL);
  wait_exit(f, 0, 0);
}

static void a_child_that_cannot_be_watched_is_noticed_by_its_signal(void** state) {
  struct loop_fixture* f = *state;

  kernel.fail_with = ENOMEM;
  kernel.fail_filter = EVFILT_PROC;
  prepare("exit", "6");
  spawn_well(f);
  assert_int_equal(kernel.fail_with, 0);
  wait_exit(f, 6, 0);
}

/* What is fed ends the look for events that come without waiting. */
static void an_end_is_seen_where_idle_time_is_counted(void** state) {
  struct loop_fixture* f = *state;
  static uv_pipe_t input;
  uv_metrics_t metrics;
  siginfo_t info;

  assert_int_equal(uv_loop_configure(&f->loop, UV_METRICS_IDLE_TIME), 0);
  prepare("copy", "0", "1");
  give_pipe(f, 0, &input, UV_READABLE_PIPE);
  spawn_well(f);
  assert_int_equal(uv_process_kill(&process, SIGKILL), 0);
  assert_int_equal(waitid(P_PID, (id_t) process.pid, &info, WEXITED | WNOWAIT), 0);
  wait_exit(f, 0, SIGKILL);
  assert_int_equal(uv_metrics_info(&f->loop, &metrics), 0);
  assert_int_equal(metrics.events, 1);
  uv_close((uv_handle_t*) &input, NULL);
}

static void a_closed_handle_takes_its_filter_off(void** state) {
  struct loop_fixture* f = *state;
  static uv_pipe_t input;
  struct kevent event;
  pid_t pid;

  prepare("copy", "0", "1");
  give_pipe(f, 0, &input, UV_READABLE_PIPE);
  spawn_well(f);
  pid = process.pid;
  close_process(f);
  EV_SET(&event, pid, EVFILT_PROC, EV_DELETE, 0, 0, NULL);
  assert_int_equal(__real_kevent(f->loop.backend_fd, &event, 1, NULL, 0, NULL), -1);
  assert_int_equal(errno, ENOENT);
  uv_close((uv_handle_t*) &input, NULL);
  turn(f);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* -- Forks ------------------------------------------------------------------------------------- */

static struct loop_fixture* forked;
static uv_async_t forked_async;

/* The queue is not there in a child, so its number may be somebody else's before the loop knows. */
static int fork_the_loop(void) {
  int number = forked->loop.backend_fd;
  int taken = dup(0);
  int err;

  while (taken != number && taken >= 0 && taken < number)
    taken = dup(0);
  if (taken != number)
    return -1000;
  err = uv_loop_fork(&forked->loop);
  if (err != 0)
    return err;
  if (!is_open(number) || forked->loop.backend_fd == number)
    return -1001;
  uv_async_send(&forked_async);
  uv_run(&forked->loop, UV_RUN_ONCE);
  return called;
}

static void a_forked_loop_leaves_the_queues_old_number_alone(void** state) {
  forked = *state;
  assert_int_equal(uv_async_init(&forked->loop, &forked_async, count_call), 0);
  assert_int_equal(in_child(fork_the_loop), 1);
  uv_async_send(&forked_async);
  uv_run(&forked->loop, UV_RUN_ONCE);
  assert_int_equal(called, 1);
}

static int fork_again_after_a_failure(void) {
  struct rlimit before;
  int err;

  if (getrlimit(RLIMIT_NOFILE, &before) != 0)
    return -1000;
  struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  err = uv_loop_fork(&forked->loop);
  setrlimit(RLIMIT_NOFILE, &before);
  if (err != UV_EMFILE)
    return err;
  err = uv_loop_fork(&forked->loop);
  if (err != 0)
    return err;
  uv_async_send(&forked_async);
  uv_run(&forked->loop, UV_RUN_ONCE);
  return called;
}

static void a_fork_of_the_loop_that_failed_can_be_repeated(void** state) {
  forked = *state;
  assert_int_equal(uv_async_init(&forked->loop, &forked_async, count_call), 0);
  assert_int_equal(in_child(fork_again_after_a_failure), 1);
}

#define kernel_test(function) cmocka_unit_test_setup_teardown(function, setup, loop_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      kernel_test(changes_are_made_by_the_call_that_waits),
      kernel_test(what_is_stopped_and_started_in_a_turn_is_no_change),
      kernel_test(more_changes_than_fit_are_made_all_the_same),
      kernel_test(letting_go_takes_off_only_what_was_asked_for),
      kernel_test(a_change_that_fails_is_told_to_its_watcher),
      kernel_test(what_is_closed_before_the_wait_is_bad),
      kernel_test(what_was_closed_takes_nothing_along),
      kernel_test(a_change_without_memory_is_made_again),
      kernel_test(many_sends_are_one_call_and_one_wake),
      kernel_test(waking_needs_no_descriptor),
      kernel_test(without_memory_for_a_wake_there_is_no_handle),
      kernel_test(a_reset_is_told_once_and_as_the_error),
      kernel_test(a_child_that_ended_before_it_was_watched_is_told),
      kernel_test(an_end_that_is_told_early_is_waited_for),
      kernel_test(a_child_that_cannot_be_watched_is_noticed_by_its_signal),
      kernel_test(an_end_is_seen_where_idle_time_is_counted),
      kernel_test(a_closed_handle_takes_its_filter_off),
      kernel_test(a_forked_loop_leaves_the_queues_old_number_alone),
      kernel_test(a_fork_of_the_loop_that_failed_can_be_repeated),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
