/* Streams: writing. */
#include "support/allocator.h"
#include "support/peer.h"
#include "support/streams.h"

#if !defined(_WIN32)
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#endif

/* On Windows a request makes its handle active, as libuv has it there. */
#if defined(_WIN32)
enum { IS_ACTIVE_WITH_WRITES = 1, MANY = 1000 /* Wine has no more */ };
#else
enum { IS_ACTIVE_WITH_WRITES = 0, MANY = 2500 };
#endif

enum { BIG_LEN = 4 << 20 };

static union any_stream s;
static uv_os_sock_t other;
static char big[BIG_LEN]; /* the pattern */

static int set_up(void** state) {
  int err = loop_setup(state);
  struct loop_fixture* f = *state;

  other = open_stream(&f->loop, &s);
  return err;
}

static int tear_down(void** state) {
  if (other != NO_SOCKET)
    close_socket(other);
  return loop_teardown(state);
}

static void close_other(void) {
  close_socket(other);
  other = NO_SOCKET;
}

/* Reads everything up to `len` bytes on the other end and compares it with the pattern. */
static void receive_pattern(size_t first, size_t len) {
  static char received[BIG_LEN];

  receive_exactly(other, received, len);
  assert_pattern(received, len, first);
}

/* A thread that does so for all of `big`, so that the loop may wait. */
static void receive_big(void* arg) {
  size_t* received = arg;
  static char part[65536];

  while (*received < BIG_LEN) {
    ssize_t n = socket_read(other, part, sizeof(part));
    if (n <= 0)
      return;
    *received += (size_t) n;
  }
}

static uv_buf_t big_buf(void) {
  return uv_buf_init(big, sizeof(big));
}

/* -- At once ----------------------------------------------------------------------------------- */

static void a_write_is_sent_at_once_and_told_later(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  uv_buf_t buf = buf_of("hello");
  char text[5];

  assert_int_equal(uv_write(&req, &s.stream, &buf, 1, on_write), 0);
  assert_string_equal(f->log, "");
  assert_int_equal(s.stream.write_queue_size, 0);
  assert_int_equal(uv_stream_get_write_queue_size(&s.stream), 0);
  assert_int_equal(req.type, UV_WRITE);
  assert_ptr_equal(req.handle, &s);
  assert_int_equal(uv_is_active(&s.handle), IS_ACTIVE_WITH_WRITES);
  assert_int_not_equal(uv_loop_alive(&f->loop), 0);
  receive_exactly(other, text, 5);
  assert_memory_equal(text, "hello", 5);
  run(f);
  assert_string_equal(f->log, "w");
}

static void buffers_may_change_after_the_call(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  uv_buf_t bufs[6];
  char text[12];

  for (int i = 0; i < 6; i++)
    bufs[i] = buf_of(i % 2 == 0 ? "ab" : "cd");
  assert_int_equal(uv_write(&req, &s.stream, bufs, 6, on_write), 0);
  memset(bufs, 0x55, sizeof(bufs));
  run(f);
  receive_exactly(other, text, sizeof(text));
  assert_memory_equal(text, "abcdabcdabcd", 12);
}

static void more_buffers_than_a_system_call_takes_are_written(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  static uv_buf_t bufs[MANY];

  for (size_t i = 0; i < MANY; i++)
    bufs[i] = uv_buf_init(big + i * 7, 7);
  assert_int_equal(uv_write(&req, &s.stream, bufs, MANY, on_write), 0);
  run_until(f, 'w');
  receive_pattern(0, MANY * 7);
}

static void a_write_of_nothing_is_told(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t reqs[2];
  uv_buf_t none = uv_buf_init(NULL, 0);
  uv_buf_t nothing[3] = {none, none, none};

  assert_int_equal(uv_write(&reqs[0], &s.stream, nothing, 1, on_write), 0);
  assert_int_equal(uv_write(&reqs[1], &s.stream, nothing, 3, on_write), 0);
  run(f);
  assert_string_equal(f->log, "ww");
}

static void a_write_callback_may_be_null(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  uv_buf_t buf = buf_of("hello");
  char text[5];

  assert_int_equal(uv_write(&req, &s.stream, &buf, 1, NULL), 0);
  run(f);
  receive_exactly(other, text, 5);
}

static int order[MANY];
static int order_len;

static void on_numbered(uv_write_t* req, int status) {
  assert_int_equal(status, 0);
  order[order_len++] = *(int*) req->data;
}

/* Some go at once, most have to wait. */
static void callbacks_come_in_the_order_of_the_writes(void** state) {
  enum { WRITES = 200 };
  struct loop_fixture* f = *state;
  static uv_write_t reqs[WRITES];
  static int numbers[WRITES];
  uv_thread_t receiver;
  size_t received = BIG_LEN - (size_t) WRITES * 20000;

  order_len = 0;
  for (int i = 0; i < WRITES; i++) {
    uv_buf_t buf = uv_buf_init(big, 20000);
    numbers[i] = i;
    reqs[i].data = &numbers[i];
    assert_int_equal(uv_write(&reqs[i], &s.stream, &buf, 1, on_numbered), 0);
  }
  assert_true(s.stream.write_queue_size > 0);
  assert_int_equal(uv_thread_create(&receiver, receive_big, &received), 0);
  run(f);
  uv_thread_join(&receiver);
  assert_int_equal(order_len, WRITES);
  for (int i = 0; i < WRITES; i++)
    assert_int_equal(order[i], i);
}

/* -- The queue --------------------------------------------------------------------------------- */

#if defined(_WIN32)

/* The system takes a write whole, or says only when it is done. */
static void what_does_not_fit_waits_and_is_counted(void** state) {
  static uv_write_t reqs[2];
  uv_buf_t buf = big_buf();
  uv_buf_t small[2] = {uv_buf_init(big, 100), uv_buf_init(big + 100, 11)};

  (void) state;
  for (int tries = 0; s.stream.write_queue_size == 0; tries++) {
    static uv_write_t filling[MANY];
    assert_in_range(tries, 0, MANY - 1);
    assert_int_equal(uv_write(&filling[tries], &s.stream, &buf, 1, NULL), 0);
  }
  assert_int_equal(s.stream.write_queue_size, BIG_LEN);
  assert_int_equal(uv_write(&reqs[0], &s.stream, small, 2, on_write), 0);
  assert_int_equal(s.stream.write_queue_size, BIG_LEN + 111);
  assert_int_equal(uv_write(&reqs[1], &s.stream, small, 1, on_write), 0);
  assert_int_equal(s.stream.write_queue_size, BIG_LEN + 211);
}

#else

static void what_does_not_fit_waits_and_is_counted(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t reqs[3];
  uv_buf_t buf = big_buf();
  uv_buf_t small[2] = {uv_buf_init(big, 100), uv_buf_init(big + 100, 11)};

  assert_int_equal(uv_write(&reqs[0], &s.stream, &buf, 1, on_write), 0);
  size_t left = s.stream.write_queue_size;
  assert_in_range(left, 1, BIG_LEN - 1);
  assert_int_equal(uv_write(&reqs[1], &s.stream, small, 2, on_write), 0);
  assert_int_equal(s.stream.write_queue_size, left + 111);
  assert_int_equal(uv_write(&reqs[2], &s.stream, small, 1, on_write), 0);
  assert_int_equal(s.stream.write_queue_size, left + 211);

  /* The system has exactly what the queue does not have any more. */
  receive_pattern(0, BIG_LEN - left);
  char byte;
  assert_int_equal(read_now(other, &byte, 1), -1);
  assert_string_equal(f->log, "");
}

#endif

static size_t sizes_in_callbacks[4];
static int sizes_len;

static void on_write_note_size(uv_write_t* req, int status) {
  on_write(req, status);
  sizes_in_callbacks[sizes_len++] = req->handle->write_queue_size;
}

static void the_queue_size_is_right_in_callbacks(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t reqs[4];
  uv_buf_t part = uv_buf_init(big, BIG_LEN / 4);
  uv_thread_t receiver;
  size_t received = 0;

  sizes_len = 0;
  for (int i = 0; i < 4; i++)
    assert_int_equal(uv_write(&reqs[i], &s.stream, &part, 1, on_write_note_size), 0);
  size_t most = s.stream.write_queue_size;
  assert_int_equal(uv_thread_create(&receiver, receive_big, &received), 0);
  run(f);
  uv_thread_join(&receiver);
  assert_int_equal(received, BIG_LEN);
  assert_string_equal(f->log, "wwww");
  assert_true(sizes_in_callbacks[0] <= most);
  for (int i = 0; i < 3; i++)
    assert_true(sizes_in_callbacks[i] <= (size_t) (3 - i) * (BIG_LEN / 4));
  assert_int_equal(sizes_in_callbacks[3], 0);
}

static void a_long_message_arrives_whole(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  static char received[BIG_LEN];
  uv_buf_t bufs[3] = {uv_buf_init(big, 1000000), uv_buf_init(big + 1000000, 1),
                      uv_buf_init(big + 1000001, BIG_LEN - 1000001)};
  size_t len = 0;

  assert_int_equal(uv_write(&req, &s.stream, bufs, 3, on_write), 0);
  while (len < BIG_LEN) {
    ssize_t n = read_now(other, received + len, BIG_LEN - len);
    if (n > 0)
      len += (size_t) n;
    turn(f);
  }
  assert_pattern(received, BIG_LEN, 0);
  run(f);
  assert_string_equal(f->log, "w");
}

static void write_again(uv_write_t* req, int status) {
  static uv_write_t next;
  uv_buf_t buf = buf_of("second");

  on_write(req, status);
  assert_int_equal(uv_write(&next, req->handle, &buf, 1, on_write), 0);
}

static void a_write_callback_may_write(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  uv_buf_t buf = buf_of("first");
  char text[11];

  assert_int_equal(uv_write(&req, &s.stream, &buf, 1, write_again), 0);
  run(f);
  assert_string_equal(f->log, "ww");
  receive_exactly(other, text, 11);
  assert_memory_equal(text, "firstsecond", 11);
}

enum { CHAIN_LEN = 30 };

static int links;

static void write_next(uv_write_t* req, int status) {
  uv_buf_t buf = buf_of("x");

  on_write(req, status);
  if (++links < CHAIN_LEN)
    assert_int_equal(uv_write(req, req->handle, &buf, 1, write_next), 0);
}

static void on_check(uv_check_t* check) {
  test_log(check->loop, 'k');
}

/* One round of pending callbacks begins the turn, eight at most come behind its events; on Windows
 * another one comes with the events. */
#if defined(_WIN32)
#define ONE_TURN "wwwwwwwwwwk"
#else
#define ONE_TURN "wwwwwwwwwk"
#endif

static void a_chain_of_writes_does_not_keep_others_waiting(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  static uv_check_t check;
  uv_buf_t buf = buf_of("x");

  links = 0;
  uv_check_init(&f->loop, &check);
  uv_check_start(&check, on_check);
  assert_int_equal(uv_write(&req, &s.stream, &buf, 1, write_next), 0);
  turn(f);
  assert_string_equal(f->log, ONE_TURN);
  turn(f);
  assert_string_equal(f->log, ONE_TURN ONE_TURN);
  uv_close((uv_handle_t*) &check, NULL);
  run(f);
  assert_int_equal(links, CHAIN_LEN);
}

/* -- What is refused --------------------------------------------------------------------------- */

/* There uv_write() looks for the right to write only. */
#if defined(_WIN32)
enum { WRITE_UNOPENED = UV_EPIPE };
#else
enum { WRITE_UNOPENED = UV_EBADF };
#endif

static void writes_need_an_open_stream(void** state) {
  struct loop_fixture* f = *state;
  static union any_stream unopened;
  static uv_write_t req;
  uv_buf_t buf = buf_of("x");

  init_stream(&f->loop, &unopened);
  assert_int_equal(uv_write(&req, &unopened.stream, &buf, 1, on_write), WRITE_UNOPENED);
  assert_int_equal(uv_try_write(&unopened.stream, &buf, 1), UV_EBADF);
  uv_close(&s.handle, NULL);
  assert_int_equal(uv_write(&req, &s.stream, &buf, 1, on_write), WRITE_UNOPENED);
  assert_int_equal(uv_try_write(&s.stream, &buf, 1), UV_EBADF);
  run(f);
  assert_string_equal(f->log, "");
}

static void only_an_ipc_pipe_sends_handles(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  uv_buf_t buf = buf_of("x");
  static union any_stream sent;
  uv_os_sock_t other_end = open_stream(&f->loop, &sent);

  assert_int_equal(uv_write2(&req, &s.stream, &buf, 1, &sent.stream, on_write), UV_EINVAL);
  assert_int_equal(uv_try_write2(&s.stream, &buf, 1, &sent.stream), UV_EINVAL);
  assert_int_equal(uv_try_write2(&s.stream, &buf, 1, NULL), 1);
  assert_int_equal(uv_write2(&req, &s.stream, &buf, 1, NULL, on_write), 0);
  run(f);
  assert_string_equal(f->log, "w");
  close_socket(other_end);
}

/* -- Errors ------------------------------------------------------------------------------------ */

/* Waits until a write has told the system that the peer is gone. */
#if defined(_WIN32)
static void lose_peer(void) {
  close_other();
  while (send(fd_of(&s), "x", 1, 0) == 1)
    uv_sleep(1);
}
#else
static void lose_peer(void) {
  close_other();
  if (kind == OVER_TCP) {
    assert_int_equal(send(fd_of(&s), "x", 1, MSG_NOSIGNAL), 1);
    struct pollfd p = {.fd = fd_of(&s), .events = POLLRDHUP};
    do
      assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
    while (!(p.revents & POLLHUP));
  }
}
#endif

static int statuses[4];
static int statuses_len;

static void on_failed_write(uv_write_t* req, int status) {
  on_write(req, status);
  statuses[statuses_len++] = status;
}

static bool tells_broken(int status) {
  return status == UV_EPIPE || status == UV_ECONNRESET;
}

/* Linux tells a reset once. */
#if defined(_WIN32)
static bool tells_broken_again(int status) {
  return tells_broken(status);
}
#else
static bool tells_broken_again(int status) {
  return status == UV_EPIPE;
}
#endif

static void each_write_to_a_peer_that_is_gone_fails_by_callback(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t reqs[3];
  uv_buf_t buf = buf_of("hello");

  lose_peer();
  statuses_len = 0;
  for (int i = 0; i < 3; i++)
    assert_int_equal(uv_write(&reqs[i], &s.stream, &buf, 1, i == 1 ? NULL : on_failed_write), 0);
  run(f);
  assert_string_equal(f->log, "!!");
  assert_true(tells_broken(statuses[0]));
  assert_true(tells_broken_again(statuses[1]));
  assert_int_equal(s.stream.write_queue_size, 0);
  assert_int_equal(uv_is_writable(&s.stream), 1);
}

static void queued_writes_fail_when_the_peer_goes(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t reqs[3];
  uv_buf_t buf = big_buf();

  statuses_len = 0;
  for (int i = 0; i < 3; i++)
    assert_int_equal(uv_write(&reqs[i], &s.stream, &buf, 1, on_failed_write), 0);
  close_other();
  run(f);
  assert_string_equal(f->log, "!!!");
  for (int i = 0; i < 3; i++)
    assert_true(tells_broken(statuses[i]));
  assert_int_equal(s.stream.write_queue_size, 0);
}

static void try_write_to_a_peer_that_is_gone_fails(void** state) {
  uv_buf_t buf = buf_of("hello");

  (void) state;
  lose_peer();
  assert_true(tells_broken(uv_try_write(&s.stream, &buf, 1)));
  assert_true(tells_broken_again(uv_try_write(&s.stream, &buf, 1)));
}

static size_t bytes_read;
static int read_status;

static void alloc_cb(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  static char memory[1000];

  (void) handle;
  (void) size;
  *buf = uv_buf_init(memory, sizeof(memory));
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) stream;
  if (nread < 0) {
    read_status = (int) nread;
    return;
  }
  assert_pattern(buf->base, (size_t) nread, bytes_read);
  bytes_read += (size_t) nread;
}

static void a_failed_write_hides_nothing_that_came_before(void** state) {
  enum { BEFORE_LEN = 20000 };
  struct loop_fixture* f = *state;
  static uv_write_t reqs[2];
  uv_buf_t buf = buf_of("hello");

  assert_int_equal(socket_write(other, big, BEFORE_LEN), BEFORE_LEN);
  lose_peer();
  statuses_len = 0;
  for (int i = 0; i < 2; i++)
    assert_int_equal(uv_write(&reqs[i], &s.stream, &buf, 1, on_failed_write), 0);
  run(f);
  assert_string_equal(f->log, "!!");
  bytes_read = 0;
  read_status = 0;
  assert_int_equal(uv_read_start(&s.stream, alloc_cb, on_read), 0);
  run(f);
  assert_int_equal(bytes_read, BEFORE_LEN);
  assert_true(read_status == UV_EOF || read_status == UV_ECONNRESET);
}

static void the_same_while_reading(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  uv_buf_t buf = big_buf();

  statuses_len = 0;
  bytes_read = 0;
  read_status = 0;
  assert_int_equal(uv_write(&req, &s.stream, &buf, 1, on_failed_write), 0);
  assert_int_equal(uv_read_start(&s.stream, alloc_cb, on_read), 0);
  assert_int_equal(socket_write(other, big, 20000), 20000);
  close_other();
  run(f);
  assert_string_equal(f->log, "!");
  assert_int_equal(bytes_read, 20000);
  assert_true(read_status == UV_EOF || read_status == UV_ECONNRESET);
}

/* -- uv_try_write ------------------------------------------------------------------------------ */

static void try_write_writes_what_fits(void** state) {
  struct loop_fixture* f = *state;
  uv_buf_t buf = big_buf();
  size_t total = 0;
  int n;

  while ((n = uv_try_write(&s.stream, &buf, 1)) > 0) {
    assert_true((size_t) n <= buf.len);
    buf = uv_buf_init(buf.base + n, (unsigned int) buf.len - (unsigned int) n);
    total += (size_t) n;
    if (buf.len == 0)
      buf = big_buf();
  }
  assert_int_equal(n, UV_EAGAIN);
  assert_int_equal(s.stream.write_queue_size, 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
  assert_true(total > 0);
  receive_pattern(0, total < BIG_LEN ? total : BIG_LEN);
}

static void try_write_waits_behind_queued_writes(void** state) {
  static uv_write_t req;
  uv_buf_t buf = big_buf();
  uv_buf_t small = buf_of("x");

  (void) state;
  assert_int_equal(uv_write(&req, &s.stream, &buf, 1, on_write), 0);
  size_t left = s.stream.write_queue_size;
  assert_int_equal(uv_try_write(&s.stream, &small, 1), UV_EAGAIN);
  receive_pattern(0, BIG_LEN - left);
  assert_int_equal(uv_try_write(&s.stream, &small, 1), UV_EAGAIN);
}

static void try_write_takes_more_buffers_than_a_system_call(void** state) {
  static uv_buf_t bufs[MANY];

  (void) state;
  for (size_t i = 0; i < MANY; i++)
    bufs[i] = uv_buf_init(big + i, 1);
  int n = uv_try_write(&s.stream, bufs, MANY);
  assert_in_range(n, 1, MANY);
  receive_pattern(0, (size_t) n);
}

/* -- On one platform only -----------------------------------------------------------------------
 */

#if defined(_WIN32)

static void a_write_keeps_its_handle_active_until_its_callback(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  uv_buf_t buf = buf_of("x");

  assert_int_equal(uv_write(&req, &s.stream, &buf, 1, on_write), 0);
  assert_int_equal(uv_is_active(&s.handle), 1);
  run(f);
  assert_string_equal(f->log, "w");
  assert_int_equal(uv_is_active(&s.handle), 0);
}

#define TESTS_OF_PLATFORM test(a_write_keeps_its_handle_active_until_its_callback)

static void ignore_sigpipe(void) {
}

#else

static void a_write_reaches_its_peer_although_the_process_ends(void** state) {
  static uv_write_t req;
  uv_buf_t buf = buf_of("last words");
  char text[10];
  int status;

  (void) state;
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0)
    _exit(uv_write(&req, &s.stream, &buf, 1, on_write) != 0);
  receive_exactly(other, text, sizeof(text));
  assert_memory_equal(text, "last words", sizeof(text));
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

static void without_memory_for_many_buffers_nothing_is_written(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  uv_buf_t bufs[5] = {buf_of("a"), buf_of("b"), buf_of("c"), buf_of("d"), buf_of("e")};

  test_allocator_install(1, true);
  int err = uv_write(&req, &s.stream, bufs, 5, on_write);
  int err_of_few = uv_write(&req, &s.stream, bufs, 4, on_write);
  test_allocator_remove();
  assert_int_equal(err, UV_ENOMEM);
  assert_int_equal(err_of_few, 0);
  run(f);
  assert_string_equal(f->log, "w");
  char text[5];
  assert_int_equal(socket_read(other, text, sizeof(text)), 4);
}

/* The signal would end the child. */
static void sockets_raise_no_sigpipe(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  uv_buf_t bufs[2] = {buf_of("hello"), buf_of("world")};
  int status;

  lose_peer();
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    signal(SIGPIPE, SIG_DFL);
    uv_write(&req, &s.stream, bufs, 1, on_write);
    uv_try_write(&s.stream, bufs, 1);
    uv_try_write(&s.stream, bufs, 2);
    uv_run(&f->loop, UV_RUN_NOWAIT);
    _exit(strcmp(f->log, "!") != 0);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

static void a_blocking_stream_writes_everything_at_once(void** state) {
  uv_buf_t buf = big_buf();
  uv_thread_t receiver;
  size_t received = 0;

  (void) state;
  assert_int_equal(uv_stream_set_blocking(&s.stream, 1), 0);
  assert_int_equal(uv_thread_create(&receiver, receive_big, &received), 0);
  assert_int_equal(uv_try_write(&s.stream, &buf, 1), BIG_LEN);
  uv_thread_join(&receiver);
  assert_int_equal(received, BIG_LEN);
}

#define TESTS_OF_PLATFORM \
  test(a_write_reaches_its_peer_although_the_process_ends), \
      newer_test(without_memory_for_many_buffers_nothing_is_written), \
      newer_test(sockets_raise_no_sigpipe), test(a_blocking_stream_writes_everything_at_once)

static void ignore_sigpipe(void) {
  signal(SIGPIPE, SIG_IGN);
}

#endif

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define newer_test(function) newer_test_with(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(a_write_is_sent_at_once_and_told_later),
      test(buffers_may_change_after_the_call),
      test(more_buffers_than_a_system_call_takes_are_written),
      test(a_write_of_nothing_is_told),
      test(a_write_callback_may_be_null),
      test(callbacks_come_in_the_order_of_the_writes),
      test(what_does_not_fit_waits_and_is_counted),
      test(the_queue_size_is_right_in_callbacks),
      test(a_long_message_arrives_whole),
      test(a_write_callback_may_write),
      test(a_chain_of_writes_does_not_keep_others_waiting),
      test(writes_need_an_open_stream),
      newer_test(only_an_ipc_pipe_sends_handles),
      test(each_write_to_a_peer_that_is_gone_fails_by_callback),
      test(queued_writes_fail_when_the_peer_goes),
      test(try_write_to_a_peer_that_is_gone_fails),
      test(a_failed_write_hides_nothing_that_came_before),
      test(the_same_while_reading),
      test(try_write_writes_what_fits),
      test(try_write_waits_behind_queued_writes),
      test(try_write_takes_more_buffers_than_a_system_call),
      TESTS_OF_PLATFORM,
  };
  ignore_sigpipe(); /* for the sockets of the test, and for peers */
  fill_pattern(big, sizeof(big), 0);
  return run_for_each_kind("stream write", tests);
}
