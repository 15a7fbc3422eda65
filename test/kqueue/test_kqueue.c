/* The imitation of kqueue(2): what its manual page says, as far as the library relies on it. */
#include "support/cmocka_all.h"
#include "support/tcp.h"
#include "support/temp_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 12 };

static int queue;
static int pair[2];
static struct kevent events[MOST];

static int setup(void** state) {
  (void) state;
  queue = kqueue();
  assert_true(queue >= 0);
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
}

static int teardown(void** state) {
  (void) state;
  close(pair[0]);
  close(pair[1]);
  return close(queue);
}

static struct kevent change(int fd, short filter, int flags) {
  struct kevent one;

  EV_SET(&one, fd, filter, flags, 0, 0, &events[-filter % MOST]);
  return one;
}

/* Makes a change without room for events: 0 or an errno. */
static int make(int fd, short filter, int flags) {
  struct kevent one = change(fd, filter, flags);

  return kevent(queue, &one, 1, NULL, 0, NULL) == 0 ? 0 : errno;
}

static int fetch(void) {
  const struct timespec now = {0, 0};

  return kevent(queue, NULL, 0, events, MOST, &now);
}

static void put(int fd, size_t len) {
  assert_int_equal(write(fd, "0123456789", len), len);
}

static void a_queue_is_close_on_exec_and_readable_while_there_are_events(void** state) {
  struct pollfd waiter = {.fd = queue, .events = POLLIN};
  (void) state;

  assert_int_equal(fcntl(queue, F_GETFD), FD_CLOEXEC);
  assert_int_equal(make(pair[0], EVFILT_READ, EV_ADD), 0);
  assert_int_equal(poll(&waiter, 1, 0), 0);
  put(pair[1], 1);
  assert_int_equal(poll(&waiter, 1, 0), 1);
}

static void what_can_be_read_is_told_until_it_is_read(void** state) {
  (void) state;
  assert_int_equal(make(pair[0], EVFILT_READ, EV_ADD), 0);
  assert_int_equal(fetch(), 0);
  put(pair[1], 3);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(fetch(), 1);
    assert_int_equal(events[0].ident, pair[0]);
    assert_int_equal(events[0].filter, EVFILT_READ);
    assert_int_equal(events[0].data, 3);
    assert_int_equal(events[0].flags & (EV_EOF | EV_ERROR), 0);
    assert_ptr_equal(events[0].udata, &events[1]);
  }
  assert_int_equal(read(pair[0], (char[3]){0}, 3), 3);
  assert_int_equal(fetch(), 0);
}

static void reading_and_writing_are_events_of_their_own(void** state) {
  struct kevent both[] = {change(pair[0], EVFILT_READ, EV_ADD),
                          change(pair[0], EVFILT_WRITE, EV_ADD)};
  const struct timespec now = {0, 0};
  (void) state;

  put(pair[1], 1);
  assert_int_equal(kevent(queue, both, 2, events, MOST, &now), 2);
  assert_int_not_equal(events[0].filter, events[1].filter);
  assert_ptr_not_equal(events[0].udata, events[1].udata);
  assert_int_equal(make(pair[0], EVFILT_READ, EV_DELETE), 0);
  assert_int_equal(fetch(), 1);
  assert_int_equal(events[0].filter, EVFILT_WRITE);
}

static void clear_tells_once_what_is_new(void** state) {
  (void) state;
  assert_int_equal(make(pair[0], EVFILT_READ, EV_ADD | EV_CLEAR), 0);
  put(pair[1], 1);
  assert_int_equal(fetch(), 1);
  assert_int_equal(fetch(), 0);
  put(pair[1], 1);
  assert_int_equal(fetch(), 1);
  assert_int_equal(fetch(), 0);
}

static void oneshot_takes_itself_off(void** state) {
  (void) state;
  assert_int_equal(make(pair[0], EVFILT_WRITE, EV_ADD | EV_ONESHOT), 0);
  assert_int_equal(fetch(), 1);
  assert_int_equal(fetch(), 0);
  assert_int_equal(make(pair[0], EVFILT_WRITE, EV_DELETE), ENOENT);
}

static void the_end_comes_with_what_is_left(void** state) {
  (void) state;
  assert_int_equal(make(pair[0], EVFILT_READ, EV_ADD), 0);
  put(pair[1], 2);
  assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
  assert_int_equal(fetch(), 1);
  assert_true(events[0].flags & EV_EOF);
  assert_int_equal(events[0].data, 2);
}

static void a_pipe_without_readers_ends_for_writing(void** state) {
  int ends[2];
  (void) state;

  assert_int_equal(pipe(ends), 0);
  assert_int_equal(make(ends[1], EVFILT_WRITE, EV_ADD), 0);
  assert_int_equal(fetch(), 1);
  assert_false(events[0].flags & EV_EOF);
  close(ends[0]);
  assert_int_equal(fetch(), 1);
  assert_true(events[0].flags & EV_EOF);
  close(ends[1]);
}

static void out_of_band_data_are_an_exception(void** state) {
  uv_os_sock_t tcp[2];
  (void) state;

  make_tcp_pair(tcp);
  assert_int_equal(make(tcp[0], EVFILT_EXCEPT, EV_ADD), 0);
  put(tcp[1], 1);
  assert_int_equal(fetch(), 0);
  assert_int_equal(send(tcp[1], "!", 1, MSG_OOB), 1);
  assert_int_equal(fetch(), 1);
  assert_int_equal(events[0].filter, EVFILT_EXCEPT);
  assert_int_equal(events[0].fflags, NOTE_OOB);
  close_socket(tcp[0]);
  close_socket(tcp[1]);
}

/* -- Changes that cannot be made --------------------------------------------------------------- */

static void a_change_that_fails_is_an_event(void** state) {
  struct kevent changes[] = {change(pair[0], EVFILT_READ, EV_DELETE),
                             change(pair[0], EVFILT_WRITE, EV_ADD)};
  (void) state;

  assert_int_equal(kevent(queue, changes, 2, events, MOST, NULL), 1); /* and does not wait */
  assert_true(events[0].flags & EV_ERROR);
  assert_int_equal(events[0].ident, pair[0]);
  assert_int_equal(events[0].data, ENOENT);
  assert_int_equal(fetch(), 1); /* the other was made */
  assert_int_equal(events[0].filter, EVFILT_WRITE);
}

static void without_room_for_events_it_is_the_result(void** state) {
  (void) state;
  assert_int_equal(make(pair[0], EVFILT_READ, EV_DELETE), ENOENT);
  assert_int_equal(make(pair[0], -99, EV_ADD), EINVAL);
  int closed = dup(pair[0]);
  close(closed);
  assert_int_equal(make(closed, EVFILT_READ, EV_ADD), EBADF);
}

static void a_receipt_is_an_error_of_0(void** state) {
  struct kevent one = change(pair[0], EVFILT_WRITE, EV_ADD | EV_RECEIPT);
  (void) state;

  assert_int_equal(kevent(queue, &one, 1, &one, 1, NULL), 1);
  assert_int_equal(one.flags, EV_ERROR);
  assert_int_equal(one.data, 0);
}

static void adding_again_takes_the_place(void** state) {
  struct kevent one = change(pair[0], EVFILT_WRITE, EV_ADD);
  (void) state;

  assert_int_equal(make(pair[0], EVFILT_WRITE, EV_ADD), 0);
  one.udata = &queue;
  assert_int_equal(kevent(queue, &one, 1, NULL, 0, NULL), 0);
  assert_int_equal(fetch(), 1);
  assert_ptr_equal(events[0].udata, &queue);
}

static void closing_takes_filters_off(void** state) {
  int another = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  (void) state;

  assert_int_equal(make(pair[0], EVFILT_WRITE, EV_ADD), 0);
  assert_int_equal(dup2(another, pair[0]), pair[0]);
  close(another);
  assert_int_equal(make(pair[0], EVFILT_READ, EV_ADD | EV_CLEAR), 0);
  assert_int_equal(make(pair[0], EVFILT_WRITE, EV_DELETE), ENOENT);
}

static void a_file_is_ready_always(void** state) {
  (void) state;
  temp_dir_make();
  int fd = open(temp_path("file"), O_CREAT | O_RDWR | O_CLOEXEC, 0600);

  assert_int_equal(make(fd, EVFILT_READ, EV_ADD), 0);
  for (int i = 0; i < 2; i++)
    assert_int_equal(kevent(queue, NULL, 0, events, MOST, NULL), 1);
  assert_int_equal(make(fd, EVFILT_READ, EV_DELETE), 0);
  assert_int_equal(fetch(), 0);
  close(fd);
  assert_int_equal(unlink(temp_path("file")), 0);
  temp_dir_remove();
}

#define queue_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      queue_test(a_queue_is_close_on_exec_and_readable_while_there_are_events),
      queue_test(what_can_be_read_is_told_until_it_is_read),
      queue_test(reading_and_writing_are_events_of_their_own),
      queue_test(clear_tells_once_what_is_new),
      queue_test(oneshot_takes_itself_off),
      queue_test(the_end_comes_with_what_is_left),
      queue_test(a_pipe_without_readers_ends_for_writing),
      queue_test(out_of_band_data_are_an_exception),
      queue_test(a_change_that_fails_is_an_event),
      queue_test(without_room_for_events_it_is_the_result),
      queue_test(a_receipt_is_an_error_of_0),
      queue_test(adding_again_takes_the_place),
      queue_test(closing_takes_filters_off),
      queue_test(a_file_is_ready_always),
  };

  return cmocka_run_group_tests_name("kqueue", tests, NULL, NULL);
}
