/* Poll handles: readiness of descriptors that the test reads and writes itself. */
#include "support/allocator.h"
#include "support/backend.h"
#include "support/loop_fixture.h"
#include "support/open_count.h"
#include "support/tcp.h"
#include "support/wine.h"

#include <stdlib.h>

#if !defined(_WIN32)
#include "support/temp_dir.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#endif

enum { ALL = UV_READABLE | UV_WRITABLE | UV_DISCONNECT | UV_PRIORITIZED };

static uv_poll_t polls[3];
static uv_os_sock_t pair[2]; /* two connected sockets */
static int descriptors_before;

/* What the last poll callback got, and how many there were. */
static struct {
  int calls;
  int status;
  int events;
  uv_poll_t* poll;
} seen;

#if defined(_WIN32)
static void make_pair(void) {
  make_tcp_pair(pair);
}
#else
static void make_pair(void) {
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
}
#endif

static int group_setup(void** state) {
  return loop_setup(state) + loop_teardown(state);
}

static int setup(void** state) {
  descriptors_before = count_open();
  memset(&seen, 0, sizeof(seen));
  assert_int_equal(loop_setup(state), 0);
  make_pair();
  return 0;
}

static int teardown(void** state) {
  loop_teardown(state);
  for (int i = 0; i < 2; i++)
    if (pair[i] != NO_SOCKET)
      close_socket(pair[i]);
  assert_int_equal(count_open(), descriptors_before);
  return 0;
}

static void close_end(int i) {
  close_socket(pair[i]);
  pair[i] = NO_SOCKET;
}

static void look(uv_poll_t* poll, int status, int events) {
  seen.calls++;
  seen.status = status;
  seen.events = events;
  seen.poll = poll;
}

static void never(uv_poll_t* poll, int status, int events) {
  (void) poll;
  fail_msg("poll callback with %d, %d", status, events);
}

static void start(struct loop_fixture* f, uv_poll_t* handle, uv_os_sock_t fd, int events) {
  assert_int_equal(uv_poll_init_socket(&f->loop, handle, fd), 0);
  assert_int_equal(uv_poll_start(handle, events, look), 0);
}

/* Runs the loop until the next callback, and answers its events. */
static int next_events(struct loop_fixture* f) {
  int calls = seen.calls;

  while (seen.calls == calls)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(seen.status, 0);
  return seen.events;
}

static void check_silence(struct loop_fixture* f) {
  int calls = seen.calls;

  turn(f);
  turn(f);
  assert_int_equal(seen.calls, calls);
}

#if defined(_WIN32)
/* What was so right after the last callback is told once more, whatever has happened since. */
static void forget_past(struct loop_fixture* f) {
  turn(f);
}
#else
static void forget_past(struct loop_fixture* f) {
  (void) f;
}
#endif

static void check_write(uv_os_sock_t fd, size_t len) {
  static const char zeros[16];

  assert_int_equal(socket_write(fd, zeros, len), (ssize_t) len);
}

static void check_read(uv_os_sock_t fd, size_t len) {
  char bytes[16];

  assert_int_equal(socket_read(fd, bytes, sizeof(bytes)), (ssize_t) len);
}

static int is_active(uv_poll_t* poll) {
  return uv_is_active((uv_handle_t*) poll);
}

/* -- Init -------------------------------------------------------------------------------------- */

static void a_new_poll_handle_is_inactive_and_its_descriptor_nonblocking(void** state) {
  struct loop_fixture* f = *state;
  uv_os_fd_t fd;
  char datum;

  memset(&polls[0], 0xab, sizeof(polls[0]));
  polls[0].data = &datum;
  assert_false(socket_is_nonblocking(pair[0]));
  assert_int_equal(uv_poll_init_socket(&f->loop, &polls[0], pair[0]), 0);
  assert_true(socket_is_nonblocking(pair[0]));
  assert_ptr_equal(polls[0].data, &datum);
  assert_int_equal(polls[0].type, UV_POLL);
  assert_int_equal(is_active(&polls[0]), 0);
  assert_int_equal(uv_fileno((uv_handle_t*) &polls[0], &fd), 0);
  assert_true((uv_os_sock_t) fd == pair[0]);
  assert_int_equal(uv_poll_init_socket(&f->loop, &polls[1], pair[1]), 0);
  assert_true(socket_is_nonblocking(pair[1]));
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

#if !defined(_WIN32) /* which polls sockets alone, and as often as one likes: test_win_poll */
static void a_file_or_directory_cannot_be_polled(void** state) {
  struct loop_fixture* f = *state;
  int file;
  int dir;

  temp_dir_make();
  file = open(temp_path("file"), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  dir = open(temp_dir, O_RDONLY | O_CLOEXEC);
#if defined(RONDO_BACKEND_KQUEUE)
  assert_int_equal(uv_poll_init(&f->loop, &polls[0], file), UV_EINVAL);
  assert_int_equal(uv_poll_init(&f->loop, &polls[0], dir), UV_EINVAL);
#else
  assert_int_equal(uv_poll_init(&f->loop, &polls[0], file), UV_EPERM);
  assert_int_equal(uv_poll_init(&f->loop, &polls[0], dir), UV_EPERM);
#endif
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0); /* nothing is linked */
  close(file);
  close(dir);
  assert_int_equal(unlink(temp_path("file")), 0);
  temp_dir_remove();
}

static void what_is_not_open_cannot_be_polled(void** state) {
  struct loop_fixture* f = *state;

  close_end(1);
  assert_int_equal(uv_poll_init(&f->loop, &polls[0], MOST_DESCRIPTORS - 1), UV_EBADF);
  assert_int_equal(uv_poll_init(&f->loop, &polls[0], -1), UV_EBADF);
}

static void a_descriptor_has_one_started_handle(void** state) {
  static uv_pipe_t pipe;
  struct loop_fixture* f = *state;

  assert_int_equal(uv_poll_init_socket(&f->loop, &polls[0], pair[0]), 0);
  assert_int_equal(uv_poll_init(&f->loop, &polls[1], pair[0]), 0);
  assert_int_equal(uv_poll_start(&polls[0], UV_WRITABLE, look), 0);
  assert_int_equal(uv_poll_start(&polls[1], UV_READABLE, never), UV_EEXIST);
  assert_int_equal(is_active(&polls[1]), 0);
  assert_int_equal(uv_poll_init(&f->loop, &polls[2], pair[0]), UV_EEXIST);
  assert_int_equal(next_events(f), UV_WRITABLE);
  assert_ptr_equal(seen.poll, &polls[0]);

  assert_int_equal(uv_poll_stop(&polls[0]), 0);
  assert_int_equal(uv_poll_start(&polls[1], UV_READABLE | UV_WRITABLE, look), 0);
  assert_int_equal(next_events(f), UV_WRITABLE);
  assert_ptr_equal(seen.poll, &polls[1]);

  /* Nor may a handle of another kind have it. */
  assert_int_equal(uv_pipe_init(&f->loop, &pipe, 0), 0);
  assert_int_equal(uv_pipe_open(&pipe, pair[1]), 0);
  assert_int_equal(uv_poll_init(&f->loop, &polls[2], pair[1]), 0);
  assert_int_equal(uv_read_start((uv_stream_t*) &pipe, (uv_alloc_cb) abort, (uv_read_cb) abort), 0);
  assert_int_equal(uv_poll_start(&polls[2], UV_READABLE, never), UV_EEXIST);
  uv_close((uv_handle_t*) &pipe, NULL); /* and the descriptor with it */
  pair[1] = -1;
}

#endif

/* -- Events ------------------------------------------------------------------------------------ */

static void readable_means_data_or_the_end(void** state) {
  struct loop_fixture* f = *state;

  start(f, &polls[0], pair[0], UV_READABLE);
  assert_int_equal(is_active(&polls[0]), 1);
  check_silence(f);
  check_write(pair[1], 1);
  assert_int_equal(next_events(f), UV_READABLE);
  assert_int_equal(next_events(f), UV_READABLE); /* still */
  check_read(pair[0], 1);
  forget_past(f);
  check_silence(f);
  close_end(1);
  assert_int_equal(next_events(f), UV_READABLE);
  check_read(pair[0], 0);
}

static void writable_means_room(void** state) {
  static const char block[1 << 16];
  struct loop_fixture* f = *state;
  char bytes[1 << 10];

  start(f, &polls[0], pair[0], UV_WRITABLE);
  assert_int_equal(next_events(f), UV_WRITABLE);
  while (socket_write(pair[0], block, sizeof(block)) > 0)
    continue;
  forget_past(f);
  check_silence(f);
  while (read_now(pair[1], bytes, sizeof(bytes)) > 0)
    continue;
  assert_int_equal(next_events(f), UV_WRITABLE);
}

static void several_events_come_in_one_call(void** state) {
  struct loop_fixture* f = *state;

  check_write(pair[1], 1);
  assert_true(wait_readable(pair[0]));
  start(f, &polls[0], pair[0], UV_READABLE | UV_WRITABLE);
  assert_int_equal(next_events(f), UV_READABLE | UV_WRITABLE);
  assert_int_equal(seen.calls, 1);
}

#if !defined(_WIN32)
static void only_what_was_asked_for_is_told(void** state) {
  struct loop_fixture* f = *state;

  check_write(pair[1], 1);
  close_end(1);
  for (int events = 1; events <= ALL; events++) {
    start(f, &polls[0], pair[0], events);
    /* A hang-up with nothing else that is asked for counts as what is. */
    int told = events == UV_PRIORITIZED ? events : events & ~UV_PRIORITIZED;
    assert_int_equal(next_events(f), told);
    uv_close((uv_handle_t*) &polls[0], NULL);
    turn(f);
  }
}

#endif

static void a_disconnect_is_the_peers_closing_of_its_side(void** state) {
  struct loop_fixture* f = *state;

  start(f, &polls[0], pair[0], UV_DISCONNECT);
  check_write(pair[1], 1);
  check_silence(f);
  if (is_wine()) /* which sees the end behind the data only */
    check_read(pair[0], 1);
  assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
  assert_int_equal(next_events(f), UV_DISCONNECT);
  uv_poll_stop(&polls[0]);
  start(f, &polls[1], pair[1], UV_WRITABLE | UV_DISCONNECT);
  assert_int_equal(next_events(f), UV_WRITABLE);
}

#if !defined(_WIN32)
static void a_hangup_is_a_disconnect_too(void** state) {
  struct loop_fixture* f = *state;
  uv_file fds[2];

  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  start(f, &polls[0], fds[0], UV_DISCONNECT);
  check_silence(f);
  close(fds[1]);
  assert_int_equal(next_events(f), UV_DISCONNECT);
  uv_poll_stop(&polls[0]);
  close(fds[0]);
}

#endif

static void urgent_data_is_prioritized(void** state) {
  struct loop_fixture* f = *state;
  uv_os_sock_t tcp[2];
  char c;

  make_tcp_pair(tcp);
  start(f, &polls[0], tcp[1], UV_PRIORITIZED);
  check_write(tcp[0], 1);
  check_silence(f);
  assert_int_equal(send(tcp[0], "!", 1, MSG_OOB), 1);
  assert_int_equal(next_events(f), UV_PRIORITIZED);
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE | UV_PRIORITIZED, look), 0);
  assert_int_equal(next_events(f), UV_READABLE | UV_PRIORITIZED);
  assert_int_equal(recv(tcp[1], &c, 1, MSG_OOB), 1);
  assert_int_equal(c, '!');
  forget_past(f);
  assert_int_equal(next_events(f), UV_READABLE);
  uv_poll_stop(&polls[0]);
  close_socket(tcp[0]);
  close_socket(tcp[1]);
}

#if !defined(_WIN32)
static void an_error_stops_the_handle_and_is_ebadf(void** state) {
  struct loop_fixture* f = *state;
  uv_file fds[2];

  need_no_kqueue("a pipe without readers is writable, and writing fails");
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  start(f, &polls[0], fds[1], UV_WRITABLE);
  assert_int_equal(next_events(f), UV_WRITABLE);
  close(fds[0]); /* nobody will read */
  while (is_active(&polls[0]))
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(seen.status, UV_EBADF);
  assert_int_equal(seen.events, 0);
  check_silence(f);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
  close(fds[1]);
}

/* -- Kinds of descriptors ---------------------------------------------------------------------- */

static void an_eventfd_can_be_polled(void** state) {
  struct loop_fixture* f = *state;
  int fd = eventfd(0, EFD_CLOEXEC);

  start(f, &polls[0], fd, UV_READABLE);
  check_silence(f);
  assert_int_equal(eventfd_write(fd, 1), 0);
  assert_int_equal(next_events(f), UV_READABLE);
  uv_poll_stop(&polls[0]);
  close(fd);
}

static void both_ends_of_a_pty_can_be_polled(void** state) {
  struct loop_fixture* f = *state;
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  int slave;

  assert_true(master >= 0);
  assert_int_equal(grantpt(master), 0);
  assert_int_equal(unlockpt(master), 0);
  slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  start(f, &polls[0], master, UV_READABLE);
  start(f, &polls[1], slave, UV_READABLE);
  check_silence(f);
  assert_int_equal(write(slave, "out", 3), 3);
  assert_int_equal(next_events(f), UV_READABLE);
  assert_ptr_equal(seen.poll, &polls[0]);
  check_read(master, 3);
  uv_poll_stop(&polls[0]); /* which the echo would make readable too */
  assert_int_equal(write(master, "in\n", 3), 3);
  assert_int_equal(next_events(f), UV_READABLE);
  assert_ptr_equal(seen.poll, &polls[1]);
  check_read(slave, 3);
  uv_poll_stop(&polls[1]);
  close(slave);
  close(master);
}

static void another_epoll_descriptor_can_be_polled(void** state) {
  struct loop_fixture* f = *state;
  struct epoll_event event = {.events = EPOLLIN};
  int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

  assert_int_equal(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, pair[0], &event), 0);
  start(f, &polls[0], epoll_fd, UV_READABLE);
  check_silence(f);
  check_write(pair[1], 1);
  assert_int_equal(next_events(f), UV_READABLE);
  uv_poll_stop(&polls[0]);
  close(epoll_fd);
}

static void another_loop_can_be_polled(void** state) {
  static uv_loop_t inner;
  static uv_poll_t watcher;
  struct loop_fixture* f = *state;

  need_backend_fd();
  assert_int_equal(uv_loop_init(&inner), 0);
  assert_int_equal(uv_poll_init(&inner, &watcher, pair[0]), 0);
  assert_int_equal(uv_poll_start(&watcher, UV_READABLE, look), 0);
  start(f, &polls[0], uv_backend_fd(&inner), UV_READABLE);
  uv_run(&inner, UV_RUN_NOWAIT);
  check_silence(f);
  check_write(pair[1], 1);
  next_events(f);
  assert_ptr_equal(seen.poll, &polls[0]);
  uv_run(&inner, UV_RUN_NOWAIT);
  assert_ptr_equal(seen.poll, &watcher);

  uv_poll_stop(&polls[0]);
  uv_close((uv_handle_t*) &watcher, NULL);
  uv_run(&inner, UV_RUN_DEFAULT);
  assert_int_equal(uv_loop_close(&inner), 0);
}

#endif

/* -- Start and stop ---------------------------------------------------------------------------- */

static void starting_again_changes_events_and_callback(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_poll_init_socket(&f->loop, &polls[0], pair[0]), 0);
  assert_int_equal(uv_poll_start(&polls[0], UV_WRITABLE, never), 0);
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE, look), 0);
  check_silence(f);
  check_write(pair[1], 1);
  assert_int_equal(next_events(f), UV_READABLE);
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE | UV_WRITABLE, look), 0);
  assert_int_equal(next_events(f), UV_READABLE | UV_WRITABLE);
  assert_int_equal(uv_poll_start(&polls[0], UV_WRITABLE, look), 0);
  assert_int_equal(next_events(f), UV_WRITABLE);
}

static void starting_with_no_events_stops(void** state) {
  struct loop_fixture* f = *state;

  start(f, &polls[0], pair[0], UV_WRITABLE);
  assert_int_equal(uv_poll_start(&polls[0], 0, look), 0);
  assert_int_equal(is_active(&polls[0]), 0);
  check_silence(f);
}

static void stopping_is_always_possible(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_poll_init_socket(&f->loop, &polls[0], pair[0]), 0);
  assert_int_equal(uv_poll_stop(&polls[0]), 0);
  assert_int_equal(uv_poll_start(&polls[0], UV_WRITABLE, look), 0);
  assert_int_equal(uv_poll_stop(&polls[0]), 0);
  assert_int_equal(uv_poll_stop(&polls[0]), 0);
  check_silence(f);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

#if defined(_WIN32)
static void reuse_number(uv_os_sock_t fd) {
  (void) fd; /* sockets have no numbers to choose */
}
#else
static void reuse_number(uv_os_sock_t fd) {
  int another = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  assert_int_equal(dup2(another, fd), fd);
  close(another);
}
#endif

/* Stops the other one of two that are ready, and gives its number to another descriptor. */
static void stop_the_other(uv_poll_t* poll, int status, int events) {
  int other = poll == &polls[0] ? 1 : 0;

  look(poll, status, events);
  uv_poll_stop(poll);
  assert_int_equal(uv_poll_stop(&polls[other]), 0);
  reuse_number(pair[other]);
}

static void a_stop_drops_the_event_that_is_already_there(void** state) {
  struct loop_fixture* f = *state;

  check_write(pair[0], 1);
  check_write(pair[1], 1);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(uv_poll_init_socket(&f->loop, &polls[i], pair[i]), 0);
    assert_int_equal(uv_poll_start(&polls[i], UV_READABLE, stop_the_other), 0);
  }
  turn(f);
  assert_int_equal(seen.calls, 1);
}

#if !defined(_WIN32)
/* Closes the descriptor of the other one of two that are ready, and watches a new one, which is not
 * ready and has the same number. */
static void replace_the_other(uv_poll_t* poll, int status, int events) {
  static uv_file fds[2];
  int other = poll == &polls[0] ? 1 : 0;

  look(poll, status, events);
  uv_poll_stop(poll);
  assert_int_equal(uv_poll_stop(&polls[other]), 0);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  close(pair[other]);
  assert_int_equal(dup2(fds[0], pair[other]), pair[other]);
  close(fds[0]);
  assert_int_equal(uv_poll_init(poll->loop, &polls[2], pair[other]), 0);
  assert_int_equal(uv_poll_start(&polls[2], UV_READABLE, look), 0);
  poll->data = &fds[1];
}

static void a_descriptor_number_may_be_reused_at_once(void** state) {
  struct loop_fixture* f = *state;

  check_write(pair[0], 1);
  check_write(pair[1], 1);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(uv_poll_init_socket(&f->loop, &polls[i], pair[i]), 0);
    assert_int_equal(uv_poll_start(&polls[i], UV_READABLE, replace_the_other), 0);
  }
  turn(f);
  assert_int_equal(seen.calls, 1);
  check_silence(f);
  check_write(*(int*) seen.poll->data, 1);
  close(*(int*) seen.poll->data);
  assert_int_equal(next_events(f), UV_READABLE);
  assert_ptr_equal(seen.poll, &polls[2]);
}

static void on_connect(uv_connect_t* req, int status) {
  assert_int_equal(status, 0);
  test_log(req->handle->loop, 'c');
}

/* The poll handle's owner forgot to stop it. */
static void a_number_closed_while_polled_serves_its_next_owner(void** state) {
  static uv_tcp_t tcp;
  static uv_connect_t req;
  struct loop_fixture* f = *state;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof(at);
  int number = pair[0];
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  assert_int_equal(bind(listener, (struct sockaddr*) &at, len), 0);
  assert_int_equal(listen(listener, 1), 0);
  assert_int_equal(getsockname(listener, (struct sockaddr*) &at, &len), 0);
  start(f, &polls[0], number, UV_WRITABLE);
  assert_int_equal(next_events(f), UV_WRITABLE);
  close_end(0);
  assert_int_equal(uv_tcp_init(&f->loop, &tcp), 0);
  assert_int_equal(uv_tcp_connect(&req, &tcp, (struct sockaddr*) &at, on_connect), 0);
  assert_int_equal(tcp.io_watcher.fd, number);
  turn(f);
  assert_string_equal(f->log, "c");
  assert_int_equal(seen.calls, 1);
  close(listener);
}

static void a_number_is_watched_anew_after_a_stop(void** state) {
  struct loop_fixture* f = *state;
  uv_file fds[2];

  start(f, &polls[0], pair[0], UV_READABLE);
  turn(f);
  uv_poll_stop(&polls[0]);
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(dup2(fds[0], pair[0]), pair[0]);
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE, look), 0);
  check_silence(f);
  check_write(fds[1], 1);
  assert_int_equal(next_events(f), UV_READABLE);
  close(fds[0]);
  close(fds[1]);
}

static void count_in_data(uv_poll_t* poll, int status, int events) {
  assert_int_equal(status, 0);
  assert_int_equal(events, UV_WRITABLE);
  ++*(int*) poll->data;
}

/* More than one system call fetches, each of them always ready. */
enum { MANY = 1500 };
static uv_poll_t many[MANY];
static int calls_of_many[MANY];
static struct rlimit limit_before;

static bool open_many(struct loop_fixture* f, uv_poll_cb cb) {
  struct rlimit enough;

  assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit_before), 0);
  if (limit_before.rlim_max < 2 * MANY) {
    print_message("the limit of descriptors is too low\n");
    return false;
  }
  enough = (struct rlimit){2 * MANY, limit_before.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &enough), 0);
  memset(calls_of_many, 0, sizeof(calls_of_many));
  for (int i = 0; i < MANY; i++) {
    int fd = dup(pair[0]);

    assert_int_equal(uv_poll_init(&f->loop, &many[i], fd), 0);
    many[i].data = &calls_of_many[i];
    assert_int_equal(uv_poll_start(&many[i], UV_WRITABLE, cb), 0);
  }
  return true;
}

static void close_many(struct loop_fixture* f) {
  for (int i = 0; i < MANY; i++) {
    int fd = many[i].io_watcher.fd;

    uv_close((uv_handle_t*) &many[i], NULL);
    close(fd);
  }
  turn(f);
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit_before), 0);
}

static void none_of_many_that_are_ready_is_left_out(void** state) {
  enum { FEW_TURNS = 10 };
  struct loop_fixture* f = *state;

  if (!open_many(f, count_in_data))
    skip();
  for (int i = 0; i < FEW_TURNS; i++)
    turn(f);
  for (int i = 0; i < MANY; i++)
    assert_true(calls_of_many[i] > 0);
  close_many(f);
}

#endif

#if defined(RONDO_BACKEND_POLL)
/* Where the kernel is shown the numbers at each wait, it finds out. */
static void a_descriptor_closed_behind_the_back_is_ebadf(void** state) {
  struct loop_fixture* f = *state;

  start(f, &polls[0], pair[0], UV_READABLE);
  check_silence(f);
  close_end(0);
  turn(f);
  assert_int_equal(seen.calls, 1);
  assert_int_equal(seen.status, UV_EBADF);
  assert_int_equal(is_active(&polls[0]), 0);
}
#endif

static void log_close(uv_handle_t* handle) {
  test_log(handle->loop, 'c');
  free(handle);
}

static void close_handle_now(uv_poll_t* poll, int status, int events) {
  look(poll, status, events);
  uv_close((uv_handle_t*) poll, log_close);
}

static void a_callback_may_close_and_the_memory_go(void** state) {
  struct loop_fixture* f = *state;
  uv_poll_t* poll = malloc(sizeof(*poll));

  assert_int_equal(uv_poll_init_socket(&f->loop, poll, pair[0]), 0);
  assert_int_equal(uv_poll_start(poll, UV_READABLE | UV_WRITABLE, close_handle_now), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(seen.calls, 1);
  assert_string_equal(f->log, "c");
}

static uv_poll_t* allocated[2];

static void close_both(uv_poll_t* poll, int status, int events) {
  look(poll, status, events);
  uv_close((uv_handle_t*) allocated[0], log_close);
  uv_close((uv_handle_t*) allocated[1], log_close);
}

static void a_callback_may_close_another_that_is_ready(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < 2; i++) {
    allocated[i] = malloc(sizeof(*allocated[i]));
    assert_int_equal(uv_poll_init_socket(&f->loop, allocated[i], pair[i]), 0);
    assert_int_equal(uv_poll_start(allocated[i], UV_WRITABLE, close_both), 0);
  }
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(seen.calls, 1);
  assert_string_equal(f->log, "cc");
}

static void closing_leaves_the_descriptor_open(void** state) {
  struct loop_fixture* f = *state;

  start(f, &polls[0], pair[0], UV_READABLE);
  turn(f);
  uv_close((uv_handle_t*) &polls[0], NULL);
  assert_int_equal(is_active(&polls[0]), 0);
  assert_true(socket_is_open(pair[0]));
  start(f, &polls[1], pair[0], UV_WRITABLE);
  assert_int_equal(next_events(f), UV_WRITABLE);
}

static void a_null_callback_may_be_started_and_closed(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_poll_init_socket(&f->loop, &polls[0], pair[0]), 0);
  assert_int_equal(uv_poll_start(&polls[0], UV_WRITABLE, NULL), 0);
  assert_int_equal(is_active(&polls[0]), 1);
  uv_close((uv_handle_t*) &polls[0], NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
}

#if defined(RONDO_VERSION) /* libuv calls it, or asserts */
static void an_event_for_a_null_callback_is_nothing(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_poll_init_socket(&f->loop, &polls[0], pair[0]), 0);
  assert_int_equal(uv_poll_start(&polls[0], UV_WRITABLE, NULL), 0);
  turn(f);
  assert_int_equal(is_active(&polls[0]), 1);
}

#if !defined(_WIN32)
static void starting_without_memory_is_enomem(void** state) {
  struct loop_fixture* f = *state;
  int high_fd = fcntl(pair[0], F_DUPFD_CLOEXEC, MOST_DESCRIPTORS / 2);

  test_allocator_install(1, true);
  assert_int_equal(uv_poll_init(&f->loop, &polls[0], high_fd), 0);
  assert_int_equal(uv_poll_start(&polls[0], UV_WRITABLE, never), UV_ENOMEM);
  test_allocator_remove();
  assert_int_equal(is_active(&polls[0]), 0);
  turn(f);
  assert_int_equal(uv_poll_start(&polls[0], UV_WRITABLE, look), 0);
  assert_int_equal(next_events(f), UV_WRITABLE);
  uv_poll_stop(&polls[0]);
  close(high_fd);
}

static uv_pipe_t writer;
static uv_write_t write_req;
static int polled;
static int polled_when_written;

static void on_written(uv_write_t* req, int status) {
  assert_ptr_equal(req, &write_req);
  assert_int_equal(status, 0);
  polled_when_written = polled;
}

static void write_at_first(uv_poll_t* poll, int status, int events) {
  uv_buf_t byte = uv_buf_init("x", 1);

  (void) poll;
  assert_int_equal(status, 0);
  assert_int_equal(events, UV_WRITABLE);
  if (polled++ == 0)
    assert_int_equal(uv_write(&write_req, (uv_stream_t*) &writer, &byte, 1, on_written), 0);
}

/* Or all that is written while many are ready would wait, with its memory, for the last of them. */
static void a_write_that_is_done_is_told_before_more_is_fetched(void** state) {
  enum { LARGEST_BATCH = 1024 };
  struct loop_fixture* f = *state;
  int fds[2];

  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
  assert_int_equal(uv_pipe_init(&f->loop, &writer, 0), 0);
  assert_int_equal(uv_pipe_open(&writer, fds[0]), 0);
  polled = 0;
  polled_when_written = 0;
  bool is_open = open_many(f, write_at_first);
  if (is_open) {
    turn(f);
    assert_in_range(polled_when_written, 1, LARGEST_BATCH);
    close_many(f);
  }
  uv_close((uv_handle_t*) &writer, NULL);
  turn(f);
  close(fds[1]);
  if (!is_open)
    skip();
}

#endif

static void unknown_events_and_closing_handles_are_einval(void** state) {
  struct loop_fixture* f = *state;

  start(f, &polls[0], pair[0], UV_READABLE);
  assert_int_equal(uv_poll_start(&polls[0], ALL + 1, never), UV_EINVAL);
  assert_int_equal(uv_poll_start(&polls[0], -1, never), UV_EINVAL);
  check_write(pair[1], 1);
  assert_int_equal(next_events(f), UV_READABLE); /* as before */
  uv_close((uv_handle_t*) &polls[0], NULL);
  assert_int_equal(uv_poll_start(&polls[0], UV_READABLE, never), UV_EINVAL);
  assert_int_equal(uv_poll_stop(&polls[0]), UV_EINVAL);
}
#endif

#define poll_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
    poll_test(a_new_poll_handle_is_inactive_and_its_descriptor_nonblocking),
    poll_test(readable_means_data_or_the_end),
    poll_test(writable_means_room),
    poll_test(several_events_come_in_one_call),
    poll_test(a_disconnect_is_the_peers_closing_of_its_side),
    poll_test(urgent_data_is_prioritized),
    poll_test(starting_again_changes_events_and_callback),
    poll_test(starting_with_no_events_stops),
    poll_test(stopping_is_always_possible),
    poll_test(a_stop_drops_the_event_that_is_already_there),
    poll_test(a_callback_may_close_and_the_memory_go),
    poll_test(a_callback_may_close_another_that_is_ready),
    poll_test(closing_leaves_the_descriptor_open),
    poll_test(a_null_callback_may_be_started_and_closed),
#if !defined(_WIN32)
    poll_test(a_file_or_directory_cannot_be_polled),
    poll_test(what_is_not_open_cannot_be_polled),
    poll_test(a_descriptor_has_one_started_handle),
    poll_test(only_what_was_asked_for_is_told),
    poll_test(a_hangup_is_a_disconnect_too),
    poll_test(an_error_stops_the_handle_and_is_ebadf),
    poll_test(an_eventfd_can_be_polled),
    poll_test(both_ends_of_a_pty_can_be_polled),
    poll_test(another_epoll_descriptor_can_be_polled),
    poll_test(another_loop_can_be_polled),
    poll_test(a_descriptor_number_may_be_reused_at_once),
    poll_test(a_number_is_watched_anew_after_a_stop),
    poll_test(none_of_many_that_are_ready_is_left_out),
#endif
#if defined(RONDO_BACKEND_POLL)
    poll_test(a_descriptor_closed_behind_the_back_is_ebadf),
#endif
#if defined(RONDO_VERSION)
    poll_test(an_event_for_a_null_callback_is_nothing),
    poll_test(unknown_events_and_closing_handles_are_einval),
#endif
#if defined(RONDO_VERSION) && !defined(_WIN32)
    poll_test(a_number_closed_while_polled_serves_its_next_owner),
    poll_test(starting_without_memory_is_enomem),
    poll_test(a_write_that_is_done_is_told_before_more_is_fetched),
#endif
  };

  return cmocka_run_group_tests(tests, group_setup, NULL);
}
