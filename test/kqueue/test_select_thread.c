/* Descriptors that a kqueue refuses, as that of macOS does terminals. The program's own kevent(2)
 * stands before the imitation's (--wrap) and refuses some. */
#include "support/loop_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/event.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_REFUSED = 8, HIGH_NUMBER = 1500, LARGE = 4 << 20, CHILD_FAILED = 1 };

static int refused[MOST_REFUSED];
static int refused_count;

static uv_pipe_t pipes[MOST_REFUSED];
static char received[64];
static size_t received_len;
static int stop_after; /* bytes; 0: reads on */
static bool had_end;
static int writes_done;

/* -- The kernel -------------------------------------------------------------------------------- */

int __real_kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events,
                  int event_count, const struct timespec* timeout);
int __wrap_kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events,
                  int event_count, const struct timespec* timeout);

static bool is_refused(const struct kevent* change) {
  if (change->filter != EVFILT_READ && change->filter != EVFILT_WRITE)
    return false;
  for (int i = 0; i < refused_count; i++)
    if (change->ident == (uintptr_t) refused[i])
      return true;
  return false;
}

/* As the kernel does it: what is refused becomes an event, or without room for one an error. */
int __wrap_kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events,
                  int event_count, const struct timespec* timeout) {
  const struct timespec no_time = {0, 0};
  int n = 0;
  int more;

  for (int i = 0; i < change_count; i++) {
    if (is_refused(&changes[i])) {
      errno = EINVAL;
      if (n == event_count)
        return -1;
      events[n] = changes[i];
      events[n].flags = EV_ERROR;
      events[n++].data = EINVAL;
    } else if (__real_kevent(queue, &changes[i], 1, NULL, 0, NULL) == -1) {
      if (n == event_count)
        return -1;
      events[n] = changes[i];
      events[n].flags = EV_ERROR;
      events[n++].data = errno;
    }
  }
  if (event_count == 0)
    return 0;
  more = __real_kevent(queue, NULL, 0, events + n, event_count - n, n > 0 ? &no_time : timeout);
  return more == -1 ? -1 : n + more;
}

static int setup(void** state) {
  refused_count = 0;
  received_len = 0;
  stop_after = 0;
  had_end = false;
  writes_done = 0;
  return loop_setup(state);
}

/* -- Streams ----------------------------------------------------------------------------------- */

/* A stream over a descriptor that is refused; the result is the other end. */
static int open_refused_as(struct loop_fixture* f, int index, int number) {
  int pair[2];

  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  if (number != -1 && number != pair[0]) {
    assert_int_equal(dup2(pair[0], number), number);
    close(pair[0]);
    pair[0] = number;
  }
  refused[refused_count++] = pair[0];
  assert_int_equal(uv_pipe_init(&f->loop, &pipes[index], 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[index], pair[0]), 0);
  return pair[1];
}

static int open_refused(struct loop_fixture* f, int index) {
  return open_refused_as(f, index, -1);
}

/* Little at once, so that one event is not enough for what is sent. */
static void give_little(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  static char room[2];

  (void) handle;
  (void) size;
  *buf = uv_buf_init(room, sizeof(room));
}

static void take(uv_stream_t* stream, ssize_t n, const uv_buf_t* buf) {
  if (n == UV_EOF) {
    had_end = true;
    uv_close((uv_handle_t*) stream, NULL);
    return;
  }
  if (n <= 0)
    return;
  assert_true(received_len + (size_t) n < sizeof(received));
  memcpy(received + received_len, buf->base, (size_t) n);
  received_len += (size_t) n;
  received[received_len] = '\0';
  if (stop_after != 0 && received_len >= (size_t) stop_after)
    uv_read_stop(stream);
}

static void read_on(int index) {
  assert_int_equal(uv_read_start((uv_stream_t*) &pipes[index], give_little, take), 0);
}

static void send_text(int fd, const char* text) {
  assert_int_equal(write(fd, text, strlen(text)), (ssize_t) strlen(text));
}

static void run_until_received(struct loop_fixture* f, size_t len) {
  while (received_len < len)
    uv_run(&f->loop, UV_RUN_ONCE);
}

static void close_pipe(struct loop_fixture* f, int index, int peer) {
  close(peer);
  if (!uv_is_closing((uv_handle_t*) &pipes[index]))
    uv_close((uv_handle_t*) &pipes[index], NULL);
  uv_run(&f->loop, UV_RUN_DEFAULT);
}

/* -- Tests ------------------------------------------------------------------------------------- */

static void what_arrives_is_read_to_its_end(void** state) {
  struct loop_fixture* f = *state;
  int peer = open_refused(f, 0);

  read_on(0);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  send_text(peer, "one");
  run_until_received(f, 3);
  send_text(peer, "two");
  run_until_received(f, 6);
  assert_string_equal(received, "onetwo");
  close(peer);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_true(had_end);
}

static void what_is_left_is_told_when_reading_goes_on(void** state) {
  struct loop_fixture* f = *state;
  int peer = open_refused(f, 0);

  read_on(0);
  stop_after = 2;
  send_text(peer, "abcd");
  run_until_received(f, 2);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  assert_string_equal(received, "ab");
  stop_after = 0;
  read_on(0);
  run_until_received(f, 4);
  assert_string_equal(received, "abcd");
  close_pipe(f, 0, peer);
}

static void note_write(uv_write_t* req, int status) {
  (void) req;
  assert_int_equal(status, 0);
  writes_done++;
}

static void a_large_write_goes_on_as_there_is_room(void** state) {
  static char data[LARGE];
  static char drain[LARGE];
  struct loop_fixture* f = *state;
  int peer = open_refused(f, 0);
  uv_buf_t buf = uv_buf_init(data, sizeof(data));
  size_t drained = 0;
  uv_write_t req;

  assert_int_equal(uv_write(&req, (uv_stream_t*) &pipes[0], &buf, 1, note_write), 0);
  while (writes_done == 0) {
    ssize_t n = recv(peer, drain, sizeof(drain), MSG_DONTWAIT);
    drained += n > 0 ? (size_t) n : 0;
    uv_run(&f->loop, UV_RUN_NOWAIT);
  }
  assert_true(drained > 0);
  close_pipe(f, 0, peer);
}

static void closing_leaves_the_number_to_others(void** state) {
  struct loop_fixture* f = *state;
  int peer = open_refused(f, 0);
  int number = refused[0];
  int other;

  read_on(0);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  send_text(peer, "x"); /* may be told already when the stream closes */
  close_pipe(f, 0, peer);
  assert_int_equal(fcntl(number, F_GETFD), -1);

  /* The kqueue takes the next file by that number. */
  refused_count = 0;
  other = open_refused_as(f, 1, number);
  refused_count = 0;
  received_len = 0;
  read_on(1);
  send_text(other, "new");
  run_until_received(f, 3);
  assert_string_equal(received, "new");
  close_pipe(f, 1, other);
}

static void several_are_waited_for_together(void** state) {
  struct loop_fixture* f = *state;
  int peers[MOST_REFUSED];

  for (int i = 0; i < MOST_REFUSED; i++) {
    peers[i] = open_refused(f, i);
    read_on(i);
  }
  uv_run(&f->loop, UV_RUN_NOWAIT);
  for (int i = MOST_REFUSED - 1; i >= 0; i--) {
    char text[2] = {(char) ('a' + i), '\0'};
    send_text(peers[i], text);
    run_until_received(f, (size_t) (MOST_REFUSED - i));
  }
  assert_string_equal(received, "hgfedcba");
  for (int i = 0; i < MOST_REFUSED; i++)
    close(peers[i]);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_true(had_end);
}

static void numbers_may_be_larger_than_a_set_has_room_for(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit limit;
  int peer;

  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_cur <= HIGH_NUMBER)
    skip();
  peer = open_refused_as(f, 0, HIGH_NUMBER);
  read_on(0);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  send_text(peer, "high");
  run_until_received(f, 4);
  assert_string_equal(received, "high");
  close_pipe(f, 0, peer);
}

static void run_child(struct loop_fixture* f, int peer) {
  if (uv_loop_fork(&f->loop) != 0)
    _exit(CHILD_FAILED);
  send_text(peer, "child");
  run_until_received(f, 5);
  _exit(strcmp(received, "child") == 0 ? 0 : CHILD_FAILED);
}

static void a_fork_has_a_thread_of_its_own(void** state) {
  struct loop_fixture* f = *state;
  int peer = open_refused(f, 0);
  int status = -1;
  pid_t pid;

  read_on(0);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  pid = fork();
  assert_true(pid != -1);
  if (pid == 0)
    run_child(f, peer);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
  close_pipe(f, 0, peer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_arrives_is_read_to_its_end, setup, loop_teardown),
      cmocka_unit_test_setup_teardown(what_is_left_is_told_when_reading_goes_on, setup,
                                      loop_teardown),
      cmocka_unit_test_setup_teardown(a_large_write_goes_on_as_there_is_room, setup, loop_teardown),
      cmocka_unit_test_setup_teardown(closing_leaves_the_number_to_others, setup, loop_teardown),
      cmocka_unit_test_setup_teardown(several_are_waited_for_together, setup, loop_teardown),
      cmocka_unit_test_setup_teardown(numbers_may_be_larger_than_a_set_has_room_for, setup,
                                      loop_teardown),
      cmocka_unit_test_setup_teardown(a_fork_has_a_thread_of_its_own, setup, loop_teardown),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
