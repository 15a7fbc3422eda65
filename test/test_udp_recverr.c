/* UDP: errors of the network that Linux queues for a socket: UV_UDP_LINUX_RECVERR. */
#include "support/udp.h"

#include <linux/net_tstamp.h>

static union address sender_at; /* of a raw socket */
static int sender;

static int setup(void** state) {
  udp_setup(state);
  sender = make_udp_socket(AF_INET, &sender_at);
  return 0;
}

static int teardown(void** state) {
  close(sender);
  return udp_teardown(state);
}

static void stop(uv_udp_t* udp, const struct udp_call* call) {
  (void) call;
  assert_int_equal(uv_udp_recv_stop(udp), 0);
}

static void log_close(uv_handle_t* handle) {
  test_log(handle->loop, 'x');
}

static void close_udp(uv_udp_t* udp, const struct udp_call* call) {
  (void) call;
  uv_close((uv_handle_t*) udp, log_close);
}

/* Makes the network answer the handle with an error, which has come when this returns. */
static void be_refused(uv_udp_t* udp, int family) {
  union address deaf = deaf_address(family);
  struct pollfd p = {.fd = fd_of(udp), .events = 0};

  assert_int_equal(try_send_text(udp, "anybody?", &deaf), 8);
  assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
  assert_int_equal(p.revents, POLLERR);
}

/* The first three calls after a refusal: the socket's error, the queued one, the end. */
static void assert_refused(int family, const char* reporter) {
  char name[64];

  assert_int_equal(call_count, 3);
  assert_notice(&calls[0], UV_ECONNREFUSED, 0);
  assert_int_equal(calls[1].nread, UV_ECONNREFUSED);
  assert_int_equal(calls[1].flags, UV_UDP_LINUX_RECVERR);
  assert_true(calls[1].has_address);
  assert_int_equal(calls[1].from.any.sa_family, family);
  assert_int_equal(uv_ip_name(&calls[1].from.any, name, sizeof(name)), 0);
  assert_string_equal(name, reporter);
  assert_notice(&calls[2], 0, 0);
}

static void check_queued_error(struct loop_fixture* f, int family, const char* reporter) {
  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  bind_udp(&udps[1], family, UV_UDP_LINUX_RECVERR);
  start_receiving(&udps[1]);
  be_refused(&udps[1], family);
  turn(f);
  assert_refused(family, reporter);
  turn(f);
  assert_int_equal(call_count, 3);
}

static void a_queued_error_tells_who_reported_it(void** state) {
  check_queued_error(*state, AF_INET, "127.0.0.1");
}

static void a_queued_error_tells_it_over_ipv6_too(void** state) {
  check_queued_error(*state, AF_INET6, "::1");
}

/* An IPv6 socket that talks to an IPv4 address. */
static void a_queued_error_comes_through_a_mapped_address(void** state) {
  struct loop_fixture* f = *state;
  union address any = address6("::", 0);
  union address deaf = deaf_address(AF_INET);
  union address mapped = address6("::ffff:127.0.0.1", port_of_address(&deaf));
  struct pollfd p = {.events = 0};

  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  assert_int_equal(uv_udp_bind(&udps[1], &any.any, UV_UDP_LINUX_RECVERR), 0);
  start_receiving(&udps[1]);
  assert_int_equal(try_send_text(&udps[1], "anybody?", &mapped), 8);
  p.fd = fd_of(&udps[1]);
  assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
  turn(f);
  assert_refused(AF_INET6, "::ffff:127.0.0.1");
}

/* The option may have been set by whoever made the socket. */
static void an_opened_socket_may_queue_errors(void** state) {
  struct loop_fixture* f = *state;
  union address at;
  int fd = make_udp_socket(AF_INET, &at);
  int on = 1;

  assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)), 0);
  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  assert_int_equal(uv_udp_open(&udps[1], fd), 0);
  start_receiving(&udps[1]);
  be_refused(&udps[1], AF_INET);
  turn(f);
  assert_refused(AF_INET, "127.0.0.1");
}

static void queued_errors_wait_for_a_buffer(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  bind_udp(&udps[1], AF_INET, UV_UDP_LINUX_RECVERR);
  start_receiving(&udps[1]);
  be_refused(&udps[1], AF_INET);
  alloc_len = 0;
  turn(f);
  for (int i = 0; i < call_count; i++)
    assert_notice(&calls[i], UV_ENOBUFS, 0);
  assert_int_not_equal(call_count, 0);
  reset_calls();
  turn(f);
  assert_refused(AF_INET, "127.0.0.1");
}

/* The time at which a datagram was sent comes through the same queue. */
static void what_is_queued_and_no_error_is_skipped(void** state) {
  struct loop_fixture* f = *state;
  union address deaf = deaf_address(AF_INET);
  int stamps = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  struct pollfd p = {.events = 0};

  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  bind_udp(&udps[1], AF_INET, UV_UDP_LINUX_RECVERR);
  p.fd = fd_of(&udps[1]);
  assert_int_equal(setsockopt(p.fd, SOL_SOCKET, SO_TIMESTAMPING, &stamps, sizeof(stamps)), 0);
  assert_int_equal(try_send_text(&udps[1], "when?", &sender_at), 5);
  assert_int_equal(poll(&p, 1, PATIENCE_MS), 1); /* a stamp is there */
  while (try_send_text(&udps[1], "anybody?", &deaf) != 8)
    continue;
  start_receiving(&udps[1]);
  wait_calls(f, 3);
  assert_refused(AF_INET, "127.0.0.1");
}

static void every_queued_error_is_told(void** state) {
  struct loop_fixture* f = *state;
  int errors = 0;

  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  bind_udp(&udps[1], AF_INET, UV_UDP_LINUX_RECVERR);
  /* Each send answers with the error of the one before, and goes when tried again. */
  for (int i = 0; i < 40; i++) {
    union address deaf = deaf_address(AF_INET);
    struct pollfd p = {.fd = fd_of(&udps[1]), .events = 0};
    while (try_send_text(&udps[1], "anybody?", &deaf) != 8)
      continue;
    assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
  }
  start_receiving(&udps[1]);
  for (int i = 0; i < 4; i++)
    turn(f);
  for (int i = 0; i < call_count; i++)
    errors += calls[i].flags == UV_UDP_LINUX_RECVERR;
  assert_int_equal(errors, 40);
}

static void the_error_queue_is_left_when_a_callback_stops(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  bind_udp(&udps[1], AF_INET, UV_UDP_LINUX_RECVERR);
  start_receiving(&udps[1]);
  be_refused(&udps[1], AF_INET);
  on_call = stop;
  turn(f);
  turn(f);
  assert_int_equal(call_count, 1);
  assert_notice(&calls[0], UV_ECONNREFUSED, 0);

  /* It is still there for the next start. */
  on_call = NULL;
  start_receiving(&udps[1]);
  wait_calls(f, 3);
  assert_int_equal(calls[2].flags | calls[1].flags, UV_UDP_LINUX_RECVERR);
}

static void the_error_queue_is_left_when_a_callback_closes(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  bind_udp(&udps[1], AF_INET, UV_UDP_LINUX_RECVERR);
  start_receiving(&udps[1]);
  be_refused(&udps[1], AF_INET);
  on_call = close_udp;
  turn(f);
  turn(f);
  assert_int_equal(call_count, 1);
  assert_string_equal(f->log, "x");
}

static void timer_over(uv_timer_t* timer) {
  test_log(timer->loop, 't');
}

static void count_prepare(uv_prepare_t* prepare) {
  (*(int*) prepare->data)++;
}

/* Nobody wants the error, so nothing happens until somebody receives. */
static void an_error_without_a_receiver_waits(void** state) {
  struct loop_fixture* f = *state;
  static uv_prepare_t prepare;
  static uv_timer_t timer;
  static int turns;

  turns = 0;
  prepare.data = &turns;
  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  bind_udp(&udps[1], AF_INET, UV_UDP_LINUX_RECVERR);
  start_receiving(&udps[1]);
  turn(f);
  assert_int_equal(uv_udp_recv_stop(&udps[1]), 0);
  be_refused(&udps[1], AF_INET);
  turn(f);
  assert_int_equal(uv_prepare_init(&f->loop, &prepare), 0);
  assert_int_equal(uv_prepare_start(&prepare, count_prepare), 0);
  uv_unref((uv_handle_t*) &prepare);
  assert_int_equal(uv_timer_init(&f->loop, &timer), 0);
  assert_int_equal(uv_timer_start(&timer, timer_over, 30, 0), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_true(turns < 5); /* no spinning */
  assert_int_equal(call_count, 0);
  start_receiving(&udps[1]);
  turn(f);
  assert_refused(AF_INET, "127.0.0.1");
}

#undef udp_test
#define udp_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
#undef newer_udp_test
#define newer_udp_test(function) newer_test_with(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      newer_udp_test(a_queued_error_tells_who_reported_it),
      newer_udp_test(a_queued_error_tells_it_over_ipv6_too),
      newer_udp_test(a_queued_error_comes_through_a_mapped_address),
      newer_udp_test(an_opened_socket_may_queue_errors),
      newer_udp_test(queued_errors_wait_for_a_buffer),
      newer_udp_test(what_is_queued_and_no_error_is_skipped),
      newer_udp_test(every_queued_error_is_told),
      newer_udp_test(the_error_queue_is_left_when_a_callback_stops),
      udp_test(the_error_queue_is_left_when_a_callback_closes),
      newer_udp_test(an_error_without_a_receiver_waits),
  };

  return cmocka_run_group_tests(tests, udp_group_setup, NULL);
}
