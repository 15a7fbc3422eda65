/* Streams: reading, and what a stream tells of itself. */
#include "support/peer.h"
#include "support/streams.h"

/* Without a buffer a read of Windows learns that there is an error, and which. */
#if defined(_WIN32)
#define FAILED_READ "!"
#else
#define FAILED_READ "a!"
#endif

static union any_stream s;
static uv_os_sock_t other;

static struct {
  size_t room;                    /* size of the buffers that alloc_cb gives */
  size_t suggested;               /* what alloc_cb was asked for last */
  char* base;                     /* what it gave */
  ssize_t nread;                  /* last result */
  size_t len;                     /* bytes read */
  char data[256];                 /* the first of them */
  void (*in_alloc)(uv_handle_t*); /* run at the end of alloc_cb */
  void (*in_read)(uv_stream_t*);  /* run at the end of on_read */
} reading;

static char memory[65536];

static void alloc_cb(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  test_log(handle->loop, 'a');
  reading.suggested = size;
  reading.base = reading.room > 0 ? memory : NULL;
  *buf = uv_buf_init(reading.base, (unsigned int) reading.room);
  if (reading.in_alloc != NULL)
    reading.in_alloc(handle);
}

/* Letters: r data, 0 nothing now, e end, b no buffer, ! another error. */
static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  char letter = 'r';

  if (nread <= 0)
    letter = nread == 0 ? '0' : nread == UV_EOF ? 'e' : nread == UV_ENOBUFS ? 'b' : '!';
  test_log(stream->loop, letter);
  reading.nread = nread;
  for (ssize_t i = 0; i < nread; i++, reading.len++)
    if (reading.len < sizeof(reading.data))
      reading.data[reading.len] = buf->base[i];
  if (reading.in_read != NULL)
    reading.in_read(stream);
}

static int set_up(void** state) {
  int err = loop_setup(state);
  struct loop_fixture* f = *state;

  memset(&reading, 0, sizeof(reading));
  reading.room = sizeof(memory);
  other = open_stream(&f->loop, &s);
  return err;
}

static int tear_down(void** state) {
  if (other != NO_SOCKET)
    close_socket(other);
  return loop_teardown(state);
}

static void start(void) {
  assert_int_equal(uv_read_start(&s.stream, alloc_cb, on_read), 0);
}

static void close_other(void) {
  close_socket(other);
  other = NO_SOCKET;
}

static void clear_log(struct loop_fixture* f) {
  memset(f->log, 0, sizeof(f->log));
}

/* -- Starting and stopping --------------------------------------------------------------------- */

static void read_start_refuses_null_arguments(void** state) {
  (void) state;
  assert_int_equal(uv_read_start(NULL, alloc_cb, on_read), UV_EINVAL);
  assert_int_equal(uv_read_start(&s.stream, NULL, on_read), UV_EINVAL);
  assert_int_equal(uv_read_start(&s.stream, alloc_cb, NULL), UV_EINVAL);
  assert_int_equal(uv_is_active(&s.handle), 0);
}

static void read_start_refuses_a_closing_stream(void** state) {
  (void) state;
  uv_close(&s.handle, NULL);
  assert_int_equal(uv_read_start(&s.stream, alloc_cb, on_read), UV_EINVAL);
}

static void read_start_refuses_a_stream_that_is_not_connected(void** state) {
  struct loop_fixture* f = *state;
  static union any_stream unopened;

  init_stream(&f->loop, &unopened);
  assert_int_equal(uv_read_start(&unopened.stream, alloc_cb, on_read), UV_ENOTCONN);
}

static void a_second_read_start_is_ealready(void** state) {
  (void) state;
  start();
  assert_int_equal(uv_read_start(&s.stream, alloc_cb, on_read), UV_EALREADY);
  assert_int_equal(uv_read_stop(&s.stream), 0);
  start();
}

static void reading_makes_a_stream_active(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_is_active(&s.handle), 0);
  start();
  assert_int_equal(uv_is_active(&s.handle), 1);
  assert_int_not_equal(uv_loop_alive(&f->loop), 0);
  assert_int_equal(uv_read_stop(&s.stream), 0);
  assert_int_equal(uv_is_active(&s.handle), 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

static void read_stop_always_succeeds(void** state) {
  struct loop_fixture* f = *state;
  static union any_stream unopened;

  init_stream(&f->loop, &unopened);
  assert_int_equal(uv_read_stop(&unopened.stream), 0);
  assert_int_equal(uv_read_stop(&s.stream), 0);
  assert_int_equal(uv_read_stop(&s.stream), 0);
  uv_close(&s.handle, NULL);
  assert_int_equal(uv_read_stop(&s.stream), 0);
}

/* -- Data -------------------------------------------------------------------------------------- */

static void data_comes_from_the_loop_in_a_buffer_of_the_users(void** state) {
  struct loop_fixture* f = *state;

  send_text(other, "hello");
  start();
  assert_string_equal(f->log, "");
  run_until(f, 'r');
  assert_string_equal(f->log, "ar");
  assert_int_equal(reading.suggested, 65536);
  assert_int_equal(reading.nread, 5);
  assert_memory_equal(reading.data, "hello", 5);
}

static void a_short_read_is_not_followed_by_another(void** state) {
  struct loop_fixture* f = *state;

  send_text(other, "hello");
  start();
  run_until(f, 'r');
  turn(f);
  turn(f);
  assert_string_equal(f->log, "ar");
}

static void an_event_brings_at_most_32_reads(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < 10; i++)
    send_text(other, "0123456789");
  reading.room = 1;
  start();
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(reading.len, 32);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(reading.len, 64);
}

static void without_a_buffer_reading_goes_on(void** state) {
  struct loop_fixture* f = *state;

  send_text(other, "hello");
  reading.room = 0;
  start();
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "ab");
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "abab");
  assert_int_equal(uv_is_active(&s.handle), 1);
  assert_int_equal(uv_is_readable(&s.stream), 1);
  reading.room = 10;
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "ababar");
  assert_int_equal(reading.nread, 5);
}

static void give_a_buffer_of_length_0(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  alloc_cb(handle, size, buf);
  buf->len = 0;
}

static void a_buffer_of_length_0_is_none(void** state) {
  struct loop_fixture* f = *state;

  send_text(other, "hello");
  assert_int_equal(uv_read_start(&s.stream, give_a_buffer_of_length_0, on_read), 0);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "ab");
}

static void take_the_data_away(uv_handle_t* handle) {
  char byte;

  reading.in_alloc = NULL;
  assert_int_equal(recv(fd_of(handle), &byte, 1, 0), 1);
}

static void nothing_to_read_is_told_as_0(void** state) {
  struct loop_fixture* f = *state;

  send_text(other, "x");
  reading.in_alloc = take_the_data_away;
  start();
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "a0");
  send_text(other, "y");
  run_until(f, 'r');
  assert_string_equal(f->log, "a0ar");
}

/* -- Callbacks that stop ----------------------------------------------------------------------- */

static void stop_reading(uv_stream_t* stream) {
  assert_int_equal(uv_read_stop(stream), 0);
}

static void no_callback_comes_after_read_stop(void** state) {
  struct loop_fixture* f = *state;

  send_text(other, "hello");
  reading.room = 1;
  reading.in_read = stop_reading;
  start();
  run(f);
  assert_string_equal(f->log, "ar");
}

static void stop_in_alloc(uv_handle_t* handle) {
  assert_int_equal(uv_read_stop((uv_stream_t*) handle), 0);
}

static void no_callback_comes_after_read_stop_in_the_alloc_callback(void** state) {
  struct loop_fixture* f = *state;

  send_text(other, "hello");
  reading.in_alloc = stop_in_alloc;
  start();
  run(f);
  assert_string_equal(f->log, "a");
  reading.in_alloc = NULL;
  start();
  run_until(f, 'r');
  assert_int_equal(reading.nread, 5);
}

static void close_stream(uv_stream_t* stream) {
  uv_close((uv_handle_t*) stream, on_close);
}

static void no_callback_comes_after_close(void** state) {
  struct loop_fixture* f = *state;

  send_text(other, "hello");
  reading.room = 1;
  reading.in_read = close_stream;
  start();
  run(f);
  assert_string_equal(f->log, "arx");
}

static void close_in_alloc(uv_handle_t* handle) {
  uv_close(handle, on_close);
}

static void no_callback_comes_after_close_in_the_alloc_callback(void** state) {
  struct loop_fixture* f = *state;

  send_text(other, "hello");
  reading.in_alloc = close_in_alloc;
  start();
  run(f);
  assert_string_equal(f->log, "ax");
}

enum { LONG_LEN = 300000 };

static size_t checked;

static void check_and_restart(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  if (nread == UV_EOF) {
    test_log(stream->loop, 'e');
    return;
  }
  assert_true(nread >= 0);
  assert_pattern(buf->base, (size_t) nread, checked);
  checked += (size_t) nread;
  assert_int_equal(uv_read_stop(stream), 0);
  assert_int_equal(uv_read_start(stream, alloc_cb, check_and_restart), 0);
}

static void send_long_message(void* arg) {
  static char message[LONG_LEN];
  size_t sent = 0;

  (void) arg;
  fill_pattern(message, sizeof(message), 0);
  while (sent < sizeof(message)) {
    ssize_t n = socket_write(other, message + sent, sizeof(message) - sent);
    if (n > 0)
      sent += (size_t) n;
  }
  close_socket(other);
}

static void stopping_and_starting_again_loses_nothing(void** state) {
  struct loop_fixture* f = *state;
  uv_thread_t sender;

  checked = 0;
  reading.room = 777;
  assert_int_equal(uv_thread_create(&sender, send_long_message, NULL), 0);
  assert_int_equal(uv_read_start(&s.stream, alloc_cb, check_and_restart), 0);
  run(f);
  uv_thread_join(&sender);
  other = NO_SOCKET;
  assert_int_equal(checked, LONG_LEN);
}

static void stopping_and_starting_again_between_turns_loses_nothing(void** state) {
  struct loop_fixture* f = *state;

  start();
  turn(f);
  uv_read_stop(&s.stream);
  start();
  send_text(other, "ab");
  uv_read_stop(&s.stream);
  turn(f);
  turn(f);
  assert_string_equal(f->log, "");
  start();
  run_until(f, 'r');
  assert_int_equal(reading.len, 2);
}

/* -- The end ----------------------------------------------------------------------------------- */

static void expect_stopped_but_usable(uv_stream_t* stream) {
  if (reading.nread != UV_EOF)
    return;
  assert_int_equal(uv_is_active((uv_handle_t*) stream), 0);
  assert_int_equal(uv_is_readable(stream), 1);
  assert_int_equal(uv_is_writable(stream), 1);
}

static void the_end_comes_behind_all_data_and_stops_reading(void** state) {
  struct loop_fixture* f = *state;

  send_text(other, "hello");
  assert_int_equal(shutdown(other, SHUT_WR), 0);
  reading.in_read = expect_stopped_but_usable;
  start();
  run(f);
  assert_string_equal(f->log, "arae");
}

static void the_end_is_told_again_when_reading_starts_again(void** state) {
  struct loop_fixture* f = *state;

  close_other();
  start();
  run(f);
  assert_string_equal(f->log, "ae");
  start();
  assert_int_equal(uv_is_active(&s.handle), 1);
  run(f);
  assert_string_equal(f->log, "aeae");
}

static void restart_once(uv_stream_t* stream) {
  reading.in_read = NULL;
  assert_int_equal(uv_read_start(stream, alloc_cb, on_read), 0);
}

static void reading_may_start_again_inside_the_end_callback(void** state) {
  struct loop_fixture* f = *state;

  close_other();
  reading.in_read = restart_once;
  start();
  run(f);
  assert_string_equal(f->log, "aeae");
}

/* A small buffer, data left, and both directions closed: the hang-up does not cut the data off. */
static void a_hang_up_does_not_hide_data(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < 10; i++)
    send_text(other, "0123456789");
  close_other();
  assert_int_equal(shutdown(fd_of(&s), SHUT_WR), 0);
  reading.room = 3;
  start();
  run(f);
  assert_int_equal(reading.len, 100);
  assert_int_equal(reading.nread, UV_EOF);
}

/* A peer that closes with data unread resets the connection. Wine knows of that only while
 * somebody reads. */
static void make_peer_reset(void) {
  assert_int_equal(send(fd_of(&s), "unread", 6, 0), 6);
  assert_true(wait_readable(other));
  close_other();
}

static void expect_unusable(uv_stream_t* stream) {
  assert_int_equal(uv_is_readable(stream), 0);
  assert_int_equal(uv_is_writable(stream), 0);
}

static void an_error_stops_reading_and_makes_the_stream_unusable(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t write_req;
  static uv_shutdown_t shutdown_req;
  uv_buf_t buf = buf_of("x");

  reading.in_read = expect_unusable;
  start();
  turn(f);
  make_peer_reset();
  run(f);
  assert_string_equal(f->log, FAILED_READ);
  assert_int_equal(reading.nread, UV_ECONNRESET);
  assert_int_equal(uv_is_active(&s.handle), 0);
  assert_int_equal(uv_read_start(&s.stream, alloc_cb, on_read), UV_ENOTCONN);
  assert_int_equal(uv_write(&write_req, &s.stream, &buf, 1, NULL), UV_EPIPE);
  assert_int_equal(uv_try_write(&s.stream, &buf, 1), UV_EPIPE);
  assert_int_equal(uv_shutdown(&shutdown_req, &s.stream, NULL), UV_ENOTCONN);
}

static void an_error_callback_may_close_the_stream(void** state) {
  struct loop_fixture* f = *state;

  reading.in_read = close_stream;
  start();
  turn(f);
  make_peer_reset();
  run(f);
  assert_string_equal(f->log, FAILED_READ "x");
}

/* -- Nobody asked for it ----------------------------------------------------------------------- */

static void on_timer(uv_timer_t* timer) {
  test_log(timer->loop, 't');
}

static int turns;

static void count_turn(uv_check_t* check) {
  (void) check;
  turns++;
}

/* Runs the loop for a while in which only a timer is due, and counts its turns. */
static int count_turns(struct loop_fixture* f) {
  static uv_timer_t timer;
  static uv_check_t check;

  turns = 0;
  uv_timer_init(&f->loop, &timer);
  uv_check_init(&f->loop, &check);
  uv_timer_start(&timer, on_timer, 50, 0);
  uv_check_start(&check, count_turn);
  uv_unref((uv_handle_t*) &check);
  run_until(f, 't');
  uv_close((uv_handle_t*) &timer, NULL);
  uv_close((uv_handle_t*) &check, NULL);
  turn(f);
  clear_log(f);
  return turns;
}

static void unexpected_data_does_not_keep_the_loop_busy(void** state) {
  struct loop_fixture* f = *state;

  start();
  turn(f);
  uv_read_stop(&s.stream);
  send_text(other, "unexpected");
  assert_true(count_turns(f) < 20);
  assert_int_equal(reading.len, 0);
  start();
  run_until(f, 'r');
  assert_int_equal(reading.len, 10);
}

static void unexpected_data_does_not_disturb_a_writer(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t write_req;
  static char much[4 << 20];
  uv_buf_t buf = uv_buf_init(much, sizeof(much));

  start();
  turn(f);
  uv_read_stop(&s.stream);
  send_text(other, "unexpected");
  assert_int_equal(uv_write(&write_req, &s.stream, &buf, 1, on_write), 0);
  assert_true(s.stream.write_queue_size > 0);
  assert_true(count_turns(f) < 20);
  assert_int_equal(reading.len, 0);
}

static void an_unexpected_end_does_not_keep_the_loop_busy(void** state) {
  struct loop_fixture* f = *state;

  start();
  turn(f);
  uv_read_stop(&s.stream);
  close_other();
  assert_true(count_turns(f) < 20);
  start();
  run(f);
  assert_string_equal(f->log, "ae");
}

static void an_unexpected_reset_does_not_keep_the_loop_busy(void** state) {
  struct loop_fixture* f = *state;

  start();
  turn(f);
  uv_read_stop(&s.stream);
  make_peer_reset();
  assert_true(count_turns(f) < 20);
  start();
  run(f);
  assert_string_equal(f->log, FAILED_READ);
}

/* -- What a stream tells of itself ------------------------------------------------------------- */

static void fileno_needs_a_descriptor(void** state) {
  struct loop_fixture* f = *state;
  static union any_stream unopened;
  static uv_timer_t timer;
  uv_os_fd_t fd;
  uv_os_fd_t before;

  memset(&fd, 5, sizeof(fd));
  before = fd;
  init_stream(&f->loop, &unopened);
  uv_timer_init(&f->loop, &timer);
  assert_int_equal(uv_fileno(&unopened.handle, &fd), UV_EBADF);
  assert_int_equal(uv_fileno((uv_handle_t*) &timer, &fd), UV_EINVAL);
  uv_close(&s.handle, NULL);
  assert_int_equal(uv_fileno(&s.handle, &fd), UV_EBADF);
  assert_true(fd == before);
}

static void buffer_sizes_are_read_and_set(void** state) {
  int value;

  (void) state;
  for (int i = 0; i < 2; i++) {
    int (*func)(uv_handle_t*, int*) = i == 0 ? uv_send_buffer_size : uv_recv_buffer_size;
    value = 10000;
    assert_int_equal(func(&s.handle, &value), 0);
    value = 0;
    assert_int_equal(func(&s.handle, &value), 0);
    assert_int_equal(value, socket_option(fd_of(&s), SOL_SOCKET, i == 0 ? SO_SNDBUF : SO_RCVBUF));
    assert_true(value == 10000 || value == 20000);
  }
}

static void buffer_sizes_of_what_has_none_are_errors(void** state) {
  struct loop_fixture* f = *state;
  static union any_stream unopened;
  static uv_timer_t timer;
  int value = 0;

  init_stream(&f->loop, &unopened);
  uv_timer_init(&f->loop, &timer);
  assert_int_equal(uv_send_buffer_size(NULL, &value), UV_EINVAL);
  assert_int_equal(uv_recv_buffer_size(&s.handle, NULL), UV_EINVAL);
  assert_int_equal(uv_send_buffer_size((uv_handle_t*) &timer, &value), UV_ENOTSUP);
  assert_int_equal(uv_recv_buffer_size((uv_handle_t*) &timer, &value), UV_ENOTSUP);
  assert_int_equal(uv_recv_buffer_size(&unopened.handle, &value), UV_EBADF);
  uv_close(&s.handle, NULL);
  assert_int_equal(uv_send_buffer_size(&s.handle, &value), UV_EBADF);
}

#if defined(_WIN32)

static void set_blocking_is_for_pipes(void** state) {
  (void) state;
  assert_int_equal(uv_stream_set_blocking(&s.stream, 1), UV_EINVAL);
  assert_true(socket_is_nonblocking(fd_of(&s)));
}

#define TESTS_OF_BLOCKING test(set_blocking_is_for_pipes)

#else

static void set_blocking_changes_the_descriptor(void** state) {
  struct loop_fixture* f = *state;
  static union any_stream unopened;

  init_stream(&f->loop, &unopened);
  assert_true(socket_is_nonblocking(fd_of(&s)));
  assert_int_equal(uv_stream_set_blocking(&s.stream, 1), 0);
  assert_false(socket_is_nonblocking(fd_of(&s)));
  assert_int_equal(uv_stream_set_blocking(&s.stream, 0), 0);
  assert_true(socket_is_nonblocking(fd_of(&s)));
  assert_int_equal(uv_stream_set_blocking(&unopened.stream, 1), UV_EBADF);
}

#define TESTS_OF_BLOCKING test(set_blocking_changes_the_descriptor)

#endif

static void readable_and_writable_end_with_close(void** state) {
  (void) state;
  assert_int_equal(uv_is_readable(&s.stream), 1);
  assert_int_equal(uv_is_writable(&s.stream), 1);
  uv_close(&s.handle, NULL);
  assert_int_equal(uv_is_readable(&s.stream), 0);
  assert_int_equal(uv_is_writable(&s.stream), 0);
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define newer_test(function) newer_test_with(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(read_start_refuses_null_arguments),
      test(read_start_refuses_a_closing_stream),
      test(read_start_refuses_a_stream_that_is_not_connected),
      test(a_second_read_start_is_ealready),
      test(reading_makes_a_stream_active),
      test(read_stop_always_succeeds),
      test(data_comes_from_the_loop_in_a_buffer_of_the_users),
      test(a_short_read_is_not_followed_by_another),
      test(an_event_brings_at_most_32_reads),
      test(without_a_buffer_reading_goes_on),
      test(a_buffer_of_length_0_is_none),
      test(nothing_to_read_is_told_as_0),
      test(no_callback_comes_after_read_stop),
      newer_test(no_callback_comes_after_read_stop_in_the_alloc_callback),
      test(no_callback_comes_after_close),
      newer_test(no_callback_comes_after_close_in_the_alloc_callback),
      test(stopping_and_starting_again_loses_nothing),
      test(stopping_and_starting_again_between_turns_loses_nothing),
      test(the_end_comes_behind_all_data_and_stops_reading),
      test(the_end_is_told_again_when_reading_starts_again),
      test(reading_may_start_again_inside_the_end_callback),
      test(a_hang_up_does_not_hide_data),
      test(an_error_stops_reading_and_makes_the_stream_unusable),
      test(an_error_callback_may_close_the_stream),
      test(unexpected_data_does_not_keep_the_loop_busy),
      test(unexpected_data_does_not_disturb_a_writer),
      test(an_unexpected_end_does_not_keep_the_loop_busy),
      test(an_unexpected_reset_does_not_keep_the_loop_busy),
      test(fileno_needs_a_descriptor),
      test(buffer_sizes_are_read_and_set),
      test(buffer_sizes_of_what_has_none_are_errors),
      TESTS_OF_BLOCKING,
      test(readable_and_writable_end_with_close),
  };
  return run_for_each_kind("stream", tests);
}
