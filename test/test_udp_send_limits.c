/* UDP: sending to who has no room, without a network, without permission; and to addresses that are
 * paths. What changes the process is done in a child. */
#include "support/child.h"
#include "support/udp.h"

#include <sys/un.h>

static uv_udp_t* udp = &udps[0];
static union address other_at; /* of a raw socket */
static int other;
static int sent_count;
static int sent_status[8];

static int setup(void** state) {
  udp_setup(state);
  sent_count = 0;
  other = make_udp_socket(AF_INET, &other_at);
  init_udp(*state, 1);
  return 0;
}

static int teardown(void** state) {
  close(other);
  return udp_teardown(state);
}

static void on_sent(uv_udp_send_t* req, int status) {
  (void) req;
  sent_status[sent_count++ % 8] = status;
}

/* -- Paths ------------------------------------------------------------------------------------- */

static int make_unix_receiver(char* dir, struct sockaddr_un* at) {
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  assert_non_null(mkdtemp(dir));
  memset(at, 0, sizeof(*at));
  at->sun_family = AF_UNIX;
  snprintf(at->sun_path, sizeof(at->sun_path), "%s/socket", dir);
  assert_int_equal(bind(fd, (struct sockaddr*) at, sizeof(*at)), 0);
  return fd;
}

static void remove_unix_receiver(int fd, const char* dir, const struct sockaddr_un* at) {
  close(fd);
  assert_int_equal(unlink(at->sun_path), 0);
  assert_int_equal(rmdir(dir), 0);
}

static void unix_addresses_work_on_an_opened_socket(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;
  struct sockaddr_un to;
  uv_buf_t buf = text_buf("unix");
  char dir[] = "/tmp/rondo-udp-XXXXXX";
  int fd = make_unix_receiver(dir, &to);

  if (!IS_OLDER_PEER) /* no such socket is made */
    assert_int_equal(uv_udp_send(&req, udp, &buf, 1, (struct sockaddr*) &to, on_sent), UV_EINVAL);
  assert_int_equal(uv_udp_open(udp, socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), 0);
  assert_int_equal(uv_udp_send(&req, udp, &buf, 1, (struct sockaddr*) &to, on_sent), 0);
  assert_string_equal(next_datagram(fd), "unix");
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(sent_status[0], 0);
  remove_unix_receiver(fd, dir, &to);
}

/* -- No room ----------------------------------------------------------------------------------- */

static void count_turn(uv_prepare_t* prepare) {
  ++*(int*) prepare->data;
}

static void end_waiting(uv_timer_t* timer) {
  *(bool*) timer->data = true;
}

/* How often the loop goes round in a quarter of a second. */
static int count_turns(uv_loop_t* loop) {
  static uv_prepare_t prepare;
  static uv_timer_t timer;
  bool is_over = false;
  int turns = 0;

  uv_prepare_init(loop, &prepare);
  prepare.data = &turns;
  uv_prepare_start(&prepare, count_turn);
  uv_timer_init(loop, &timer);
  timer.data = &is_over;
  uv_timer_start(&timer, end_waiting, 250, 0);
  while (!is_over)
    uv_run(loop, UV_RUN_ONCE);
  uv_close((uv_handle_t*) &prepare, NULL);
  uv_close((uv_handle_t*) &timer, NULL);
  uv_run(loop, UV_RUN_NOWAIT);
  return turns;
}

static int fill(const struct sockaddr_un* at) {
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int count = 0;

  while (sendto(fd, "f", 1, 0, (const struct sockaddr*) at, sizeof(*at)) == 1)
    count++;
  assert_int_equal(errno, EAGAIN);
  close(fd);
  return count;
}

/* The kernel says that the socket is writable, which is true, and no help. */
static void a_full_receiver_is_waited_for_without_spinning(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[3];
  struct sockaddr_un to;
  uv_buf_t buf = text_buf("x");
  char dir[] = "/tmp/rondo-udp-XXXXXX";
  int fd = make_unix_receiver(dir, &to);
  int filled = fill(&to);

  assert_int_equal(uv_udp_open(udp, socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), 0);
  for (int i = 0; i < 3; i++)
    assert_int_equal(uv_udp_send(&reqs[i], udp, &buf, 1, (struct sockaddr*) &to, on_sent), 0);
  assert_in_range(count_turns(&f->loop), 1, 60);
  assert_int_equal(sent_count, 0);
  while (filled-- > 0)
    assert_string_equal(next_datagram(fd), "f");
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(sent_count, 3);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(sent_status[i], 0);
    assert_string_equal(next_datagram(fd), "x");
  }

  /* A handle may be closed meanwhile. */
  fill(&to);
  assert_int_equal(uv_udp_send(&reqs[0], udp, &buf, 1, (struct sockaddr*) &to, on_sent), 0);
  turn(f);
  turn(f);
  uv_close((uv_handle_t*) udp, NULL);
  count_turns(&f->loop);
  assert_int_equal(sent_count, 4);
  assert_int_equal(sent_status[3], UV_ECANCELED);
  remove_unix_receiver(fd, dir, &to);
}

static int send_three(uv_loop_t* loop, uv_udp_t* handle, uv_udp_send_t reqs[3]) {
  uv_buf_t buf = text_buf("x");

  if (uv_loop_init(loop) != 0 || uv_udp_init(loop, handle) != 0)
    return 1;
  for (int i = 0; i < 3; i++)
    if (uv_udp_send(&reqs[i], handle, &buf, 1, &other_at.any, on_sent) != 0)
      return 2;
  for (int i = 0; i < 5; i++)
    uv_run(loop, UV_RUN_NOWAIT);
  return 0;
}

/* The device's queue is full: no error, but a reason to wait. */
static int send_without_room(void) {
  uv_buf_t buf = text_buf("x");
  uv_udp_send_t reqs[3];
  uv_loop_t loop;
  uv_udp_t handle;
  uv_udp_t tried;
  int r = fail_sends(ENOBUFS);

  if (r == 0)
    r = send_three(&loop, &handle, reqs);
  if (r != 0)
    return r;
  if (sent_count != 0 || handle.send_queue_count != 3 || handle.send_queue_size != 3)
    return 3;
  if (count_turns(&loop) > 60)
    return 7;
  if (uv_udp_init(&loop, &tried) != 0 ||
      uv_udp_try_send(&tried, &buf, 1, &other_at.any) != UV_EAGAIN)
    return 4;
  if (!end_loop(&loop))
    return 5;
  return sent_count == 3 && sent_status[2] == UV_ECANCELED ? 0 : 6;
}

static void no_room_in_the_device_is_waited_for_without_spinning(void** state) {
  (void) state;
  assert_child(send_without_room, 0);
}

/* -- Without a network, without permission ----------------------------------------------------- */

struct child_sends {
  int count;
  int failed; /* a status that was not expected */
  int expected;
  int idles;
  uv_idle_t idle;
};

static void count_idle(uv_idle_t* idle) {
  struct child_sends* sends = idle->data;

  sends->idles++;
  if (sends->count == 1000)
    uv_idle_stop(idle);
}

static void resend_to_nowhere(uv_udp_send_t* req, int status) {
  struct child_sends* sends = req->data;
  union address nowhere;
  uv_buf_t buf = text_buf("x");

  sends->failed |= status != sends->expected;
  if (++sends->count == 1000 || uv_ip4_addr("192.0.2.1", 9, &nowhere.v4) != 0)
    return;
  if (uv_udp_send(req, req->handle, &buf, 1, &nowhere.any, resend_to_nowhere) != 0)
    sends->failed = 1;
}

/* A thousand sends, each from the callback of the last one; other handles have their turns. */
static int send_to_nowhere(void) {
  struct child_sends sends = {.expected = UV_ENETUNREACH};
  union address nowhere;
  uv_buf_t buf = text_buf("x");
  uv_udp_send_t req;
  uv_loop_t loop;
  uv_udp_t handle;

  if (unshare(CLONE_NEWNET) != 0)
    return CHILD_CANNOT;
  if (uv_ip4_addr("192.0.2.1", 9, &nowhere.v4) != 0 || uv_loop_init(&loop) != 0)
    return 1;
  if (uv_udp_init(&loop, &handle) != 0 || uv_idle_init(&loop, &sends.idle) != 0)
    return 2;
  sends.idle.data = &sends;
  uv_idle_start(&sends.idle, count_idle);
  req.data = &sends;
  if (uv_udp_send(&req, &handle, &buf, 1, &nowhere.any, resend_to_nowhere) != 0)
    return 3;
  if (uv_run(&loop, UV_RUN_DEFAULT) != 0 || sends.count != 1000 || sends.failed)
    return 4;
  if (sends.idles < 2)
    return 5;
  return end_loop(&loop) ? 0 : 6;
}

static void sends_to_nowhere_do_not_stall(void** state) {
  (void) state;
  assert_child(send_to_nowhere, 0);
}

static int send_without_permission(void) {
  uv_udp_send_t reqs[3];
  uv_loop_t loop;
  uv_udp_t handle;
  int r = fail_sends(EPERM);

  if (r == 0)
    r = send_three(&loop, &handle, reqs);
  if (r != 0)
    return r;
  if (sent_count != 3 || sent_status[2] != UV_EPERM)
    return 3;
  return end_loop(&loop) ? 0 : 4;
}

static void a_filter_is_an_error_of_every_datagram(void** state) {
  (void) state;
  assert_child(send_without_permission, 0);
}

#undef udp_test
#define udp_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
#undef newer_udp_test
#define newer_udp_test(function) newer_test_with(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      udp_test(unix_addresses_work_on_an_opened_socket),
      newer_udp_test(a_full_receiver_is_waited_for_without_spinning),
      newer_udp_test(no_room_in_the_device_is_waited_for_without_spinning),
      udp_test(sends_to_nowhere_do_not_stall),
      udp_test(a_filter_is_an_error_of_every_datagram),
  };

  return cmocka_run_group_tests(tests, udp_group_setup, NULL);
}
