/* A process that may have fewer descriptors by now than its loop watches: whatever the loop waits
 * with goes on. */
#include "support/descriptors.h"
#include "support/loop_fixture.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>

enum { PAIRS = 40 };

static int pairs[PAIRS][2];
static uv_poll_t polls[2 * PAIRS];
static uv_timer_t timer;
static uv_async_t async;
static int called;

static void drain(uv_poll_t* poll, int status, int events) {
  uv_os_fd_t fd;
  char c;

  assert_int_equal(status, 0);
  assert_int_equal(events, UV_READABLE);
  assert_int_equal(uv_fileno((uv_handle_t*) poll, &fd), 0);
  assert_int_equal(read(fd, &c, 1), 1);
  called++;
}

static void count_timer(uv_timer_t* handle) {
  (void) handle;
  called++;
}

static void count_async(uv_async_t* handle) {
  (void) handle;
  called++;
}

/* Watches all descriptors of the pairs. */
static int setup(void** state) {
  struct loop_fixture* f;

  loop_setup(state);
  f = *state;
  called = 0;
  assert_int_equal(uv_async_init(&f->loop, &async, count_async), 0);
  assert_int_equal(uv_timer_init(&f->loop, &timer), 0);
  for (int i = 0; i < PAIRS; i++)
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[i]), 0);
  for (int i = 0; i < 2 * PAIRS; i++) {
    assert_int_equal(uv_poll_init(&f->loop, &polls[i], pairs[i / 2][i % 2]), 0);
    assert_int_equal(uv_poll_start(&polls[i], UV_READABLE, drain), 0);
  }
  turn(f);
  return 0;
}

static int teardown(void** state) {
  int err = loop_teardown(state);

  for (int i = 0; i < PAIRS; i++) {
    close(pairs[i][0]);
    close(pairs[i][1]);
  }
  return err;
}

static struct rlimit limit_to(rlim_t count) {
  struct rlimit before;
  struct rlimit limit;

  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  limit = before;
  limit.rlim_cur = count;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
  return before;
}

static void every_descriptor_is_seen(void** state) {
  struct loop_fixture* f = *state;
  const rlim_t limits[] = {2 * PAIRS, 7, 1};

  for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
    struct rlimit before = limit_to(limits[i]);

    called = 0;
    for (int k = 0; k < PAIRS; k++) {
      assert_int_equal(write(pairs[k][0], "x", 1), 1);
      assert_int_equal(write(pairs[k][1], "y", 1), 1);
    }
    while (called < 2 * PAIRS)
      uv_run(&f->loop, UV_RUN_ONCE);
    turn(f);
    assert_int_equal(called, 2 * PAIRS);
    unlimit_descriptors(&before);
  }
}

static void* send_wake(void* arg) {
  (void) arg;
  uv_async_send(&async);
  return NULL;
}

static void* put_byte(void* fd) {
  return write(*(int*) fd, "x", 1) == 1 ? fd : NULL;
}

static void who_waits_is_woken(void** state) {
  struct loop_fixture* f = *state;
  pthread_t threads[2];
  struct rlimit before;

  assert_int_equal(pthread_create(&threads[0], NULL, send_wake, NULL), 0);
  assert_int_equal(pthread_create(&threads[1], NULL, put_byte, &pairs[PAIRS - 1][0]), 0);
  before = limit_to(3);
  while (called < 2)
    uv_run(&f->loop, UV_RUN_ONCE);
  unlimit_descriptors(&before);
  for (int i = 0; i < 2; i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void timers_are_on_time(void** state) {
  struct loop_fixture* f = *state;
  const rlim_t limits[] = {5, 0};

  for (size_t i = 0; i < 2; i++) {
    struct rlimit before = limit_to(limits[i]);
    uint64_t start;

    called = 0;
    uv_update_time(&f->loop);
    start = uv_now(&f->loop);
    assert_int_equal(uv_timer_start(&timer, count_timer, 50, 0), 0);
    while (called == 0)
      uv_run(&f->loop, UV_RUN_ONCE);
    assert_in_range(uv_now(&f->loop) - start, 50, 5000);
    unlimit_descriptors(&before);
  }
}

static void what_came_meanwhile_is_seen_when_the_limit_is_higher_again(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit before = limit_to(0);

  assert_int_equal(write(pairs[0][0], "x", 1), 1);
  turn(f);
  unlimit_descriptors(&before);
  while (called == 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(called, 1);
}

#define limit_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      limit_test(every_descriptor_is_seen),
      limit_test(who_waits_is_woken),
      limit_test(timers_are_on_time),
      limit_test(what_came_meanwhile_is_seen_when_the_limit_is_higher_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
