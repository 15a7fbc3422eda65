/* New descriptors of systems that set flags only afterwards, on any system: compiled here under
 * other names. */
#define uv__flagged_socket after_socket
#define uv__flagged_accept after_accept
#define uv__flagged_socketpair after_socketpair
#define uv__flagged_pipe after_pipe
#define uv__flagged_dup2 after_dup2
#define uv__flagged_recvmsg after_recvmsg
#define uv__flag_all_from after_flag_all_from
#define uv__flags_hold after_hold
#define uv__flags_release after_release

#include "unix/fd_flags_after.c"

#include "uv.h"

#include "support/cmocka_all.h"

static bool is_flagged(int fd, bool nonblocking) {
  return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 &&
         ((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0) == nonblocking;
}

static void sockets_are_flagged(void** state) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t len = sizeof(address);
  int server = after_socket(AF_INET, SOCK_STREAM, 0);
  int client = after_socket(AF_INET, SOCK_STREAM, 0);
  int accepted;

  (void) state;
  assert_true(is_flagged(server, true));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  assert_int_equal(bind(server, (struct sockaddr*) &address, sizeof(address)), 0);
  assert_int_equal(listen(server, 1), 0);
  assert_int_equal(after_accept(server), -1);
  assert_int_equal(errno, EAGAIN);
  assert_int_equal(getsockname(server, (struct sockaddr*) &address, &len), 0);
  fcntl(client, F_SETFL, 0);
  assert_int_equal(connect(client, (struct sockaddr*) &address, len), 0);
  accepted = after_accept(server);
  assert_true(is_flagged(accepted, true));
  close(accepted);
  close(client);
  close(server);
}

static void both_of_a_pair_are_flagged(void** state) {
  int pair[2];

  (void) state;
  assert_int_equal(after_socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  assert_true(is_flagged(pair[0], false) && is_flagged(pair[1], false));
  close(pair[0]);
  close(pair[1]);
  assert_int_equal(after_pipe(pair), 0);
  assert_true(is_flagged(pair[0], false) && is_flagged(pair[1], false));
  assert_int_equal(after_dup2(pair[0], pair[1]), pair[1]);
  assert_true(is_flagged(pair[1], false));
  close(pair[0]);
  close(pair[1]);
}

static void send_descriptor(int socket_fd, int fd) {
  struct iovec iov = {.iov_base = (void*) "x", .iov_len = 1};
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
  struct cmsghdr* header;

  memset(&control, 0, sizeof(control));
  message.msg_control = control.space;
  message.msg_controllen = sizeof(control.space);
  header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(fd));
  memcpy(CMSG_DATA(header), &fd, sizeof(fd));
  assert_int_equal(sendmsg(socket_fd, &message, 0), 1);
}

static void a_received_descriptor_is_flagged(void** state) {
  char byte;
  struct iovec iov = {.iov_base = &byte, .iov_len = 1};
  union {
    char space[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
  int pair[2];
  int fd;

  (void) state;
  message.msg_control = control.space;
  message.msg_controllen = sizeof(control.space);
  assert_int_equal(after_socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  send_descriptor(pair[0], STDIN_FILENO);
  assert_int_equal(after_recvmsg(pair[1], &message), 1);
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
  assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  close(fd);
  close(pair[0]);
  close(pair[1]);
}

static void what_fails_says_so(void** state) {
  int pair[2];

  (void) state;
  assert_int_equal(after_socket(-1, SOCK_STREAM, 0), -1);
  assert_int_equal(after_accept(-1), -1);
  assert_int_equal(errno, EBADF);
  assert_int_equal(after_dup2(-1, 100), -1);
  assert_int_equal(errno, EBADF);
  assert_int_equal(after_socketpair(-1, SOCK_STREAM, 0, pair), -1);
}

static void make_pipe(void* arg) {
  int ends[2];

  (void) arg;
  if (after_pipe(ends) == 0) {
    close(ends[0]);
    close(ends[1]);
  }
}

/* Who makes a descriptor waits; it cannot be seen that he does, but that he goes on. */
static void making_goes_on_after_a_fork(void** state) {
  uv_thread_t thread;

  (void) state;
  after_hold();
  assert_int_equal(uv_thread_create(&thread, make_pipe, NULL), 0);
  after_release();
  assert_int_equal(uv_thread_join(&thread), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sockets_are_flagged),
      cmocka_unit_test(both_of_a_pair_are_flagged),
      cmocka_unit_test(a_received_descriptor_is_flagged),
      cmocka_unit_test(what_fails_says_so),
      cmocka_unit_test(making_goes_on_after_a_fork),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
