/* UDP: receiving, one datagram per system call. */
#include "support/allocator.h"
#include "support/full_table.h"
#include "support/udp.h"

static union address here;  /* where udps[0] receives */
static uv_os_sock_t sender; /* a raw socket */
static union address sender_at;

static void set_up_pair(struct loop_fixture* f, int family) {
  init_udp(f, 1);
  here = bind_udp(&udps[0], family, 0);
  sender = make_udp_socket(family, &sender_at);
}

static int setup(void** state) {
  udp_setup(state);
  set_up_pair(*state, AF_INET);
  return 0;
}

static int teardown(void** state) {
  close_socket(sender);
  return udp_teardown(state);
}

static void send_to(const union address* to, const char* text) {
  send_datagram(sender, text, to);
}

static void send_numbers(int first, int count) {
  for (int i = first; i < first + count; i++) {
    char text[16];
    snprintf(text, sizeof(text), "%d", i);
    send_to(&here, text);
  }
}

static void assert_number(const struct udp_call* call, int number) {
  char text[16];

  snprintf(text, sizeof(text), "%d", number);
  assert_datagram(call, text, &sender_at, 0);
}

/* -- Starting and stopping --------------------------------------------------------------------- */

static void what_cannot_start_is_refused(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  assert_int_equal(uv_udp_recv_start(&udps[0], NULL, udp_recv), UV_EINVAL);
  assert_int_equal(uv_udp_recv_start(&udps[0], udp_alloc, NULL), UV_EINVAL);
  assert_int_equal(uv_is_active((uv_handle_t*) &udps[0]), 0);
  start_receiving(&udps[0]);
  assert_int_equal(uv_udp_recv_start(&udps[0], udp_alloc, udp_recv), UV_EALREADY);
  assert_int_equal(uv_timer_init(&f->loop, &timer), 0);
  assert_int_equal(uv_udp_recv_start((uv_udp_t*) (void*) &timer, udp_alloc, udp_recv), UV_EINVAL);
  assert_int_equal(uv_udp_recv_stop((uv_udp_t*) (void*) &timer), UV_EINVAL);
  uv_close((uv_handle_t*) &timer, NULL);
}

static void a_closing_handle_does_not_start(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  start_receiving(&udps[0]);
  for (int i = 0; i < 2; i++) {
    uv_close((uv_handle_t*) &udps[i], NULL);
    assert_int_equal(uv_is_active((uv_handle_t*) &udps[i]), 0);
    assert_int_equal(uv_udp_recv_start(&udps[i], udp_alloc, udp_recv), UV_EINVAL);
    assert_int_equal(uv_udp_recv_stop(&udps[i]), 0);
  }
}

static void a_handle_without_a_socket_is_bound_to_any_address(void** state) {
  struct loop_fixture* f = *state;
  union address any;
  union address to;

  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  start_receiving(&udps[1]);
  any = udp_name(&udps[1]);
  assert_int_equal(any.any.sa_family, AF_INET);
  assert_int_equal(any.v4.sin_addr.s_addr, INADDR_ANY);
  assert_int_not_equal(any.v4.sin_port, 0);
  to = address4("127.0.0.1", port_of_address(&any));
  send_to(&to, "there");
  wait_datagrams(f, 1);
  assert_datagram(&calls[0], "there", &sender_at, 0);
}

#if !defined(_WIN32) /* where only bound sockets receive */
static void a_socket_that_is_there_is_not_bound(void** state) {
  struct loop_fixture* f = *state;
  union address name;

  assert_int_equal(uv_udp_init_ex(&f->loop, &udps[1], AF_INET6), 0);
  start_receiving(&udps[1]);
  name = udp_name(&udps[1]);
  assert_int_equal(name.any.sa_family, AF_INET6);
  assert_int_equal(name.v6.sin6_port, 0);
}

#endif

static void receiving_makes_active(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_udp_recv_stop(&udps[0]), 0); /* not receiving: fine */
  start_receiving(&udps[0]);
  assert_int_not_equal(uv_is_active((uv_handle_t*) &udps[0]), 0);
  assert_int_not_equal(turn(f), 0);
  uv_unref((uv_handle_t*) &udps[0]);
  assert_int_equal(turn(f), 0);
  uv_ref((uv_handle_t*) &udps[0]);
  assert_int_equal(uv_udp_recv_stop(&udps[0]), 0);
  assert_int_equal(uv_udp_recv_stop(&udps[0]), 0);
  assert_int_equal(uv_is_active((uv_handle_t*) &udps[0]), 0);
  assert_int_equal(turn(f), 0);
}

#if !defined(_WIN32) /* which sets no limit to the number of sockets */
static void without_descriptors_nothing_is_started(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit before;
  int err;

  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  before = limit_descriptors(0);
  err = uv_udp_recv_start(&udps[1], udp_alloc, udp_recv);
  unlimit_descriptors(&before);
  assert_int_equal(err, UV_EMFILE);
  assert_int_equal(uv_is_active((uv_handle_t*) &udps[1]), 0);
  start_receiving(&udps[1]);
}

#endif

/* -- Datagrams --------------------------------------------------------------------------------- */

static void a_datagram_comes_with_its_sender_and_the_unused_buffer_comes_back(void** state) {
  struct loop_fixture* f = *state;

  start_receiving(&udps[0]);
  send_to(&here, "hello");
  wait_calls(f, 2);
  assert_int_equal(call_count, 2);
  assert_int_equal(alloc_count, 2);
  assert_datagram(&calls[0], "hello", &sender_at, 0);
  assert_int_equal(calls[0].len, ASKED_SIZE);
  assert_notice(&calls[1], 0, 0);
  assert_int_equal(calls[1].len, ASKED_SIZE);
}

static void ipv6_works_alike(void** state) {
  struct loop_fixture* f = *state;
  union address to;

  close_socket(sender);
  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  to = bind_udp(&udps[1], AF_INET6, 0);
  sender = make_udp_socket(AF_INET6, &sender_at);
  start_receiving(&udps[1]);
  send_to(&to, "six");
  wait_calls(f, 2);
  assert_datagram(&calls[0], "six", &sender_at, 0);
  assert_notice(&calls[1], 0, 0);
}

static void an_empty_datagram_has_a_sender(void** state) {
  struct loop_fixture* f = *state;

  start_receiving(&udps[0]);
  send_to(&here, "");
  send_to(&here, "x");
  wait_calls(f, 3);
  assert_datagram(&calls[0], "", &sender_at, 0);
  assert_datagram(&calls[1], "x", &sender_at, 0);
  assert_notice(&calls[2], 0, 0);
}

static void what_does_not_fit_is_lost_and_told(void** state) {
  struct loop_fixture* f = *state;

  alloc_len = 4;
  start_receiving(&udps[0]);
  send_to(&here, "12345");
  send_to(&here, "1234");
  wait_calls(f, 3);
  assert_datagram(&calls[0], "1234", &sender_at, UV_UDP_PARTIAL);
  assert_datagram(&calls[1], "1234", &sender_at, 0);
}

static void the_largest_datagram_fits(void** state) {
  enum { LARGEST = 65507 };
  static char bytes[LARGEST];
  struct loop_fixture* f = *state;

  start_receiving(&udps[0]);
  assert_int_equal(sendto(sender, bytes, LARGEST, 0, &here.any, sizeof(here.v4)), LARGEST);
  wait_calls(f, 1);
  assert_int_equal(calls[0].nread, LARGEST);
  assert_int_equal(calls[0].flags, 0);
}

static void log_check(uv_check_t* check) {
  assert_int_equal(datagram_count, check->data == NULL ? 32 : 40);
  check->data = check;
}

/* What waits is delivered before anybody else has a turn, but not without limit. */
static void thirty_two_datagrams_come_in_a_turn(void** state) {
  struct loop_fixture* f = *state;
  static uv_check_t check;

  assert_int_equal(uv_check_init(&f->loop, &check), 0);
  check.data = NULL;
  assert_int_equal(uv_check_start(&check, log_check), 0);
  send_numbers(0, 40);
  start_receiving(&udps[0]);
  turn(f);
  assert_int_equal(call_count, 32);
  turn(f);
  assert_int_equal(call_count, 41);
  for (int i = 0; i < 40; i++)
    assert_number(&calls[i], i);
  assert_notice(&calls[40], 0, 0);
}

static void without_a_buffer_the_datagram_waits(void** state) {
  struct loop_fixture* f = *state;

  start_receiving(&udps[0]);
  alloc_len = 0;
  send_to(&here, "waits");
  wait_calls(f, 1);
  assert_int_equal(call_count, 1);
  assert_notice(&calls[0], UV_ENOBUFS, 0);
  assert_null(calls[0].base);
  alloc_len = 10;
  turn(f);
  assert_datagram(&calls[1], "waits", &sender_at, 0);
}

static void give_no_length(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
  udp_alloc(handle, suggested_size, buf);
  buf->len = 0;
}

static void a_buffer_without_length_is_no_buffer(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_udp_recv_start(&udps[0], give_no_length, udp_recv), 0);
  send_to(&here, "x");
  wait_calls(f, 1);
  assert_notice(&calls[0], UV_ENOBUFS, 0);
  assert_non_null(calls[0].base);
}

#if !defined(_WIN32)
static void a_unix_socket_may_have_no_sender(void** state) {
  struct loop_fixture* f = *state;
  int ends[2];

  assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  assert_int_equal(uv_udp_open(&udps[1], ends[0]), 0);
  start_receiving(&udps[1]);
  assert_int_equal(write(ends[1], "unix", 4), 4);
  wait_calls(f, 2);
  assert_datagram(&calls[0], "unix", NULL, 0);
  assert_int_equal(calls[0].from.any.sa_family, AF_UNSPEC);
  close(ends[1]);
}
#endif

/* -- What callbacks do ------------------------------------------------------------------------- */

static void stop(uv_udp_t* udp, const struct udp_call* call) {
  (void) call;
  assert_int_equal(uv_udp_recv_stop(udp), 0);
}

static void a_callback_that_stops_is_the_last(void** state) {
  struct loop_fixture* f = *state;

  send_numbers(0, 3);
  on_call = stop;
  start_receiving(&udps[0]);
  turn(f);
  turn(f);
  assert_int_equal(call_count, 1);
  assert_number(&calls[0], 0);

  on_call = NULL;
  start_receiving(&udps[0]);
  wait_calls(f, 4);
  assert_number(&calls[1], 1);
  assert_number(&calls[2], 2);
  assert_notice(&calls[3], 0, 0);
}

static void restart(uv_udp_t* udp, const struct udp_call* call) {
  if (!call->has_address)
    return;
  assert_int_equal(uv_udp_recv_stop(udp), 0);
  start_receiving(udp);
}

static void a_callback_may_stop_and_start(void** state) {
  struct loop_fixture* f = *state;

  send_numbers(0, 3);
  on_call = restart;
  start_receiving(&udps[0]);
  wait_datagrams(f, 3);
  for (int i = 0, number = 0; i < call_count; i++)
    if (calls[i].has_address)
      assert_number(&calls[i], number++);
}

static void log_close(uv_handle_t* handle) {
  test_log(handle->loop, 'x');
}

static void close_udp(uv_udp_t* udp, const struct udp_call* call) {
  (void) call;
  uv_close((uv_handle_t*) udp, log_close);
}

static void a_callback_that_closes_is_the_last(void** state) {
  struct loop_fixture* f = *state;

  send_numbers(0, 3);
  on_call = close_udp;
  start_receiving(&udps[0]);
  wait_calls(f, 1);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(call_count, 1);
  assert_string_equal(f->log, "x");
}

static void free_handle(uv_handle_t* handle) {
  test_log(handle->loop, 'x');
  free(handle);
}

static void close_and_free(uv_udp_t* udp, const struct udp_call* call) {
  (void) call;
  uv_close((uv_handle_t*) udp, free_handle);
}

static void the_memory_may_go_in_the_close_callback(void** state) {
  struct loop_fixture* f = *state;
  uv_udp_t* udp = malloc(sizeof(*udp));
  union address to;

  assert_non_null(udp);
  assert_int_equal(uv_udp_init(&f->loop, udp), 0);
  to = bind_udp(udp, AF_INET, 0);
  on_call = close_and_free;
  start_receiving(udp);
  send_to(&to, "1");
  send_to(&to, "2");
  wait_calls(f, 1);
  turn(f);
  assert_string_equal(f->log, "x");
}

static void stop_in_alloc(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
  static char memory[16];

  (void) suggested_size;
  alloc_count++;
  *buf = uv_buf_init(memory, sizeof(memory));
  assert_int_equal(uv_udp_recv_stop((uv_udp_t*) handle), 0);
}

static void close_in_alloc(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
  (void) suggested_size;
  (void) buf;
  alloc_count++;
  uv_close(handle, log_close);
}

static void an_alloc_callback_may_stop_or_close(void** state) {
  struct loop_fixture* f = *state;

  send_to(&here, "x");
  assert_int_equal(uv_udp_recv_start(&udps[0], stop_in_alloc, udp_recv), 0);
  turn(f);
  turn(f);
  assert_int_equal(alloc_count, 1);
  assert_int_equal(call_count, 0);
  assert_int_equal(uv_udp_recv_start(&udps[0], close_in_alloc, udp_recv), 0);
  turn(f);
  turn(f);
  assert_int_equal(alloc_count, 2);
  assert_int_equal(call_count, 0);
  assert_string_equal(f->log, "x");
}

static void answer(uv_udp_t* udp, const struct udp_call* call) {
  if (call->has_address)
    assert_int_equal(try_send_text(udp, "answer", &call->from), 6);
}

static void a_callback_may_answer(void** state) {
  struct loop_fixture* f = *state;

  on_call = answer;
  start_receiving(&udps[0]);
  send_to(&here, "question");
  wait_calls(f, 2);
  assert_string_equal(next_datagram(sender), "answer");
}

/* -- Errors of the network --------------------------------------------------------------------- */

#if !defined(_WIN32) /* which tells no receiver */
static void a_refusal_reaches_a_connected_handle_once(void** state) {
  struct loop_fixture* f = *state;
  union address deaf = deaf_address(AF_INET);
  union address self = deaf_address(AF_INET); /* disconnecting gives up a port that is not named */

  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  assert_int_equal(uv_udp_bind(&udps[1], &self.any, 0), 0);
  assert_int_equal(uv_udp_connect(&udps[1], &deaf.any), 0);
  start_receiving(&udps[1]);
  assert_int_equal(try_send_text(&udps[1], "anybody?", NULL), 8);
  wait_calls(f, 1);
  turn(f);
  turn(f);
  assert_int_equal(call_count, 1);
  assert_notice(&calls[0], UV_ECONNREFUSED, 0);
  assert_non_null(calls[0].base);

  /* Receiving goes on. */
  assert_int_equal(uv_udp_connect(&udps[1], NULL), 0);
  send_to(&self, "still there");
  wait_calls(f, 2);
  assert_datagram(&calls[1], "still there", &sender_at, 0);
}

#endif

static void a_refusal_does_not_reach_an_unconnected_handle(void** state) {
  struct loop_fixture* f = *state;
  union address deaf = deaf_address(AF_INET);

  start_receiving(&udps[0]);
  assert_int_equal(try_send_text(&udps[0], "anybody?", &deaf), 8);
  send_to(&here, "last");
  wait_calls(f, 2);
  assert_datagram(&calls[0], "last", &sender_at, 0);
  assert_notice(&calls[1], 0, 0);
}

/* -- Out of memory ----------------------------------------------------------------------------- */

#if !defined(_WIN32) /* where it takes no memory */
static void without_memory_nothing_is_started(void** state) {
  uv_loop_t loop;
  uv_udp_t udp;
  long fail_at = 0;
  int err;

  (void) state;
  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(uv_udp_init(&loop, &udp), 0);
  fill_table(&loop);
  do {
    test_allocator_install(++fail_at, false);
    err = uv_udp_recv_start(&udp, udp_alloc, udp_recv);
    test_allocator_remove();
    assert_int_equal(uv_is_active((uv_handle_t*) &udp), err == 0);
  } while (err == UV_ENOMEM);
  assert_int_equal(err, 0);
  assert_true(fail_at > 1);
  empty_table();
  uv_close((uv_handle_t*) &udp, NULL);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
}
#endif

#undef udp_test
#define udp_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
#undef newer_udp_test
#define newer_udp_test(function) newer_test_with(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
    udp_test(what_cannot_start_is_refused),
    newer_udp_test(a_closing_handle_does_not_start),
    udp_test(a_handle_without_a_socket_is_bound_to_any_address),
    udp_test(receiving_makes_active),
#if !defined(_WIN32)
    udp_test(a_socket_that_is_there_is_not_bound),
    udp_test(a_refusal_reaches_a_connected_handle_once),
    udp_test(without_descriptors_nothing_is_started),
    newer_udp_test(without_memory_nothing_is_started),
#endif
    udp_test(a_datagram_comes_with_its_sender_and_the_unused_buffer_comes_back),
    udp_test(ipv6_works_alike),
    udp_test(an_empty_datagram_has_a_sender),
    udp_test(what_does_not_fit_is_lost_and_told),
    udp_test(the_largest_datagram_fits),
    udp_test(thirty_two_datagrams_come_in_a_turn),
    udp_test(without_a_buffer_the_datagram_waits),
    udp_test(a_buffer_without_length_is_no_buffer),
#if !defined(_WIN32)
    udp_test(a_unix_socket_may_have_no_sender),
#endif
    udp_test(a_callback_that_stops_is_the_last),
    udp_test(a_callback_may_stop_and_start),
    udp_test(a_callback_that_closes_is_the_last),
    udp_test(the_memory_may_go_in_the_close_callback),
    newer_udp_test(an_alloc_callback_may_stop_or_close),
    udp_test(a_callback_may_answer),
    udp_test(a_refusal_does_not_reach_an_unconnected_handle),
  };

  return cmocka_run_group_tests(tests, udp_group_setup, NULL);
}
