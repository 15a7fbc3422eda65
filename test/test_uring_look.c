/* Turns that look into a ring's memory instead of asking epoll: nothing that happens may be missed,
 * whoever else has the loop, and whether there can be a ring or not. */
#include "support/loop_fixture.h"
#include "support/random.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  PAIRS = 8,
  PATIENCE = 70, /* turns: epoll is asked after 64 looks at the latest */
  MANY_TURNS = 300
};

static struct pair {
  uv_poll_t poll;
  int ends[2];
  int unread; /* bytes that are there to be read */
  int seen;   /* callbacks since somebody last cared */
  bool started;
} pairs[PAIRS];

static uv_idle_t idle;
static struct test_random numbers;

static void on_idle(uv_idle_t* handle) {
  (void) handle;
}

static void on_event(uv_poll_t* poll, int status, int events) {
  struct pair* pair = poll->data;

  assert_int_equal(status, 0);
  assert_int_equal(events, UV_READABLE);
  assert_true(pair->unread > 0);
  pair->seen++;
}

static void open_pairs(uv_loop_t* loop) {
  assert_int_equal(uv_idle_init(loop, &idle), 0);
  assert_int_equal(uv_idle_start(&idle, on_idle), 0);
  for (int i = 0; i < PAIRS; i++) {
    struct pair* pair = &pairs[i];

    *pair = (struct pair){.started = true};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair->ends), 0);
    assert_int_equal(uv_poll_init(loop, &pair->poll, pair->ends[0]), 0);
    pair->poll.data = pair;
    assert_int_equal(uv_poll_start(&pair->poll, UV_READABLE, on_event), 0);
  }
}

static void close_pairs(void) {
  uv_close((uv_handle_t*) &idle, NULL);
  for (int i = 0; i < PAIRS; i++) {
    uv_close((uv_handle_t*) &pairs[i].poll, NULL);
    close(pairs[i].ends[0]);
    close(pairs[i].ends[1]);
  }
}

static void put(struct pair* pair) {
  assert_int_equal(send(pair->ends[1], "x", 1, 0), 1);
  pair->unread++;
}

static void get(struct pair* pair) {
  char byte;

  assert_int_equal(recv(pair->ends[0], &byte, 1, 0), 1);
  pair->unread--;
}

static void turns(uv_loop_t* loop, int count) {
  for (int i = 0; i < count; i++)
    uv_run(loop, UV_RUN_NOWAIT);
}

/* Whoever is started and has something to read is called within some turns, again and again. */
static void check(uv_loop_t* loop) {
  for (int i = 0; i < PAIRS; i++)
    pairs[i].seen = 0;
  turns(loop, PATIENCE);
  for (int i = 0; i < PAIRS; i++)
    assert_int_equal(pairs[i].seen > 0, pairs[i].started && pairs[i].unread > 0);
}

static void change_something(struct pair* pair) {
  switch (test_random_below(&numbers, 4)) {
    case 0:
      put(pair);
      break;
    case 1:
      if (pair->unread > 0)
        get(pair);
      break;
    case 2:
      if (!pair->started)
        assert_int_equal(uv_poll_start(&pair->poll, UV_READABLE, on_event), 0);
      pair->started = true;
      break;
    default:
      uv_poll_stop(&pair->poll);
      pair->started = false;
      break;
  }
}

static void empty_all(void) {
  for (int i = 0; i < PAIRS; i++)
    while (pairs[i].unread > 0)
      get(&pairs[i]);
}

static void nothing_is_missed(void** state) {
  struct loop_fixture* f = *state;

  numbers = test_random_seeded(1);
  open_pairs(&f->loop);
  for (int round = 0; round < 3000; round++) {
    for (uint64_t i = test_random_below(&numbers, 4); i > 0; i--)
      change_something(&pairs[test_random_below(&numbers, PAIRS)]);
    if (test_random_below(&numbers, 3) == 0)
      empty_all();
    turns(&f->loop, (int) test_random_below(&numbers, 100));
    check(&f->loop);
  }
  close_pairs();
}

static void run_elsewhere(void* arg) {
  uv_loop_t* loop = arg;

  turns(loop, MANY_TURNS);
  put(&pairs[1]);
  check(loop);
}

static void a_loop_may_change_threads(void** state) {
  struct loop_fixture* f = *state;
  uv_thread_t thread;

  open_pairs(&f->loop);
  for (int i = 0; i < 5; i++) {
    turns(&f->loop, MANY_TURNS);
    assert_int_equal(uv_thread_create(&thread, run_elsewhere, &f->loop), 0);
    assert_int_equal(uv_thread_join(&thread), 0);
    check(&f->loop);
    empty_all();
  }
  close_pairs();
}

static void wait_for_child(pid_t pid) {
  int status;

  assert_true(pid > 0);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

static void a_loop_may_go_on_in_a_fork(void** state) {
  struct loop_fixture* f = *state;

  open_pairs(&f->loop);
  turns(&f->loop, MANY_TURNS);
  pid_t pid = fork();
  if (pid == 0) {
    assert_int_equal(uv_loop_fork(&f->loop), 0);
    turns(&f->loop, MANY_TURNS);
    put(&pairs[2]);
    check(&f->loop);
    _exit(0);
  }
  wait_for_child(pid);
  pairs[2].unread = 1; /* the sockets are shared */
  check(&f->loop);
  close_pairs();
}

static void refuse_rings(unsigned int error) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

  assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

static void without_a_ring_it_goes_on_asking(void** state) {
  struct loop_fixture* f = *state;
  const unsigned int errors[] = {ENOSYS, EPERM, ENOMEM};

  for (int i = 0; i < 3; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      assert_int_equal(uv_loop_fork(&f->loop), 0);
      refuse_rings(errors[i]);
      open_pairs(&f->loop);
      turns(&f->loop, MANY_TURNS);
      put(&pairs[3]);
      check(&f->loop);
      _exit(0);
    }
    wait_for_child(pid);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(nothing_is_missed),
      loop_test(a_loop_may_change_threads),
      loop_test(a_loop_may_go_on_in_a_fork),
      loop_test(without_a_ring_it_goes_on_asking),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
