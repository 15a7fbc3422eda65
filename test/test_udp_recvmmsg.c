/* UDP: receiving many datagrams with one system call, into pieces of one buffer. */
#include "support/udp.h"

enum { MOST_CHUNKS = 20 };

static union address here; /* where udps[0] receives */
static int sender;         /* a raw socket */
static union address sender_at;

static int setup(void** state) {
  udp_setup(state);
  struct loop_fixture* f = *state;
  assert_int_equal(uv_udp_init_ex(&f->loop, &udps[0], AF_INET | UV_UDP_RECVMMSG), 0);
  here = bind_udp(&udps[0], AF_INET, 0);
  sender = make_udp_socket(AF_INET, &sender_at);
  alloc_len = (size_t) MOST_CHUNKS * ASKED_SIZE;
  return 0;
}

static int teardown(void** state) {
  close(sender);
  return udp_teardown(state);
}

static void send_numbers(int first, int count) {
  for (int i = first; i < first + count; i++) {
    char text[16];
    int len = snprintf(text, sizeof(text), "%d", i);
    assert_int_equal(sendto(sender, text, (size_t) len, 0, &here.any, sizeof(here.v4)), len);
  }
}

/* A chunk with a number: piece `index` of the buffer at `base`. */
static void assert_chunk(const struct udp_call* call, int number, const char* base, int index) {
  char text[16];

  snprintf(text, sizeof(text), "%d", number);
  assert_datagram(call, text, &sender_at, UV_UDP_MMSG_CHUNK);
  assert_ptr_equal(call->base, base + (size_t) index * ASKED_SIZE);
  assert_int_equal(call->len, ASKED_SIZE);
}

static void datagrams_come_in_pieces_of_the_buffer(void** state) {
  struct loop_fixture* f = *state;

  start_receiving(&udps[0]);
  send_numbers(0, 3);
  wait_calls(f, 5);
  assert_int_equal(call_count, 5);
  assert_int_equal(alloc_count, 2);
  for (int i = 0; i < 3; i++)
    assert_chunk(&calls[i], i, calls[3].base, i);
  assert_notice(&calls[3], 0, UV_UDP_MMSG_FREE);
  assert_int_equal(calls[3].len, alloc_len);
  /* Nothing there: the whole buffer comes back unused. */
  assert_notice(&calls[4], 0, 0);
  assert_int_equal(calls[4].len, alloc_len);
}

static void pieces_of_more_than_one_buffer_come_in_order(void** state) {
  struct loop_fixture* f = *state;
  int number = 0;

  send_numbers(0, 40);
  start_receiving(&udps[0]);
  turn(f);
  /* Two buffers, after which enough have come for this event. */
  assert_int_equal(alloc_count, 2);
  assert_int_equal(call_count, 42);
  for (int i = 0; i < 42; i++) {
    if (i % 21 == 20)
      assert_notice(&calls[i], 0, UV_UDP_MMSG_FREE);
    else
      assert_chunk(&calls[i], number++, calls[i - i % 21].base, i % 21);
  }
  turn(f);
  assert_int_equal(call_count, 42);
}

static void only_full_pieces_of_the_buffer_are_used(void** state) {
  struct loop_fixture* f = *state;

  alloc_len = 3 * ASKED_SIZE - 1;
  send_numbers(0, 3);
  start_receiving(&udps[0]);
  turn(f);
  assert_int_equal(call_count, 6);
  assert_chunk(&calls[0], 0, calls[2].base, 0);
  assert_chunk(&calls[1], 1, calls[2].base, 1);
  assert_notice(&calls[2], 0, UV_UDP_MMSG_FREE);
  assert_chunk(&calls[3], 2, calls[4].base, 0);
  assert_notice(&calls[4], 0, UV_UDP_MMSG_FREE);
  assert_notice(&calls[5], 0, 0);
}

static void a_larger_buffer_takes_no_more(void** state) {
  struct loop_fixture* f = *state;

  alloc_len = (size_t) 30 * ASKED_SIZE;
  send_numbers(0, 25);
  start_receiving(&udps[0]);
  turn(f);
  assert_notice(&calls[MOST_CHUNKS], 0, UV_UDP_MMSG_FREE);
  assert_int_equal(datagram_count, 25);
}

static void a_buffer_too_small_for_a_piece_is_refused(void** state) {
  struct loop_fixture* f = *state;

  alloc_len = ASKED_SIZE - 1;
  send_numbers(7, 1);
  start_receiving(&udps[0]);
  turn(f);
  assert_int_equal(call_count, 1);
  assert_notice(&calls[0], UV_EINVAL, 0);
  assert_int_equal(calls[0].len, alloc_len);
  alloc_len = ASKED_SIZE;
  turn(f);
  assert_chunk(&calls[1], 7, calls[2].base, 0);
}

static void without_a_buffer_the_datagrams_wait(void** state) {
  struct loop_fixture* f = *state;

  alloc_len = 0;
  send_numbers(0, 2);
  start_receiving(&udps[0]);
  turn(f);
  assert_int_equal(call_count, 1);
  assert_notice(&calls[0], UV_ENOBUFS, 0);
  alloc_len = 2 * ASKED_SIZE;
  turn(f);
  assert_int_equal(datagram_count, 2);
}

static void empty_datagrams_are_pieces_too(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(sendto(sender, "", 0, 0, &here.any, sizeof(here.v4)), 0);
  send_numbers(1, 1);
  start_receiving(&udps[0]);
  turn(f);
  assert_datagram(&calls[0], "", &sender_at, UV_UDP_MMSG_CHUNK);
  assert_chunk(&calls[1], 1, calls[2].base, 1);
}

static void a_datagram_larger_than_its_piece_is_cut(void** state) {
  enum { TOO_LARGE = ASKED_SIZE + 100 };
  static char bytes[TOO_LARGE];
  struct loop_fixture* f = *state;
  int ends[2];
  int room = 1 << 20;

  assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
  assert_int_equal(setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)), 0);
  assert_int_equal(uv_udp_init_ex(&f->loop, &udps[1], UV_UDP_RECVMMSG), 0);
  assert_int_equal(uv_udp_open(&udps[1], ends[0]), 0);
  start_receiving(&udps[1]);
  assert_int_equal(write(ends[1], bytes, TOO_LARGE), TOO_LARGE);
  turn(f);
  assert_int_equal(calls[0].nread, ASKED_SIZE);
  assert_int_equal(calls[0].flags, UV_UDP_MMSG_CHUNK | UV_UDP_PARTIAL);
  close(ends[1]);
}

static void an_error_returns_the_whole_buffer(void** state) {
  struct loop_fixture* f = *state;
  union address deaf = deaf_address(AF_INET);

  assert_int_equal(uv_udp_connect(&udps[0], &deaf.any), 0);
  start_receiving(&udps[0]);
  assert_int_equal(try_send_text(&udps[0], "anybody?", NULL), 8);
  wait_calls(f, 1);
  turn(f);
  assert_int_equal(call_count, 1);
  assert_notice(&calls[0], UV_ECONNREFUSED, 0);
  assert_int_equal(calls[0].len, alloc_len);
}

/* -- What callbacks do ------------------------------------------------------------------------- */

/* Who stops between two pieces owns the buffer. */
static void free_whole_buffer(const struct udp_call* second_chunk) {
  free(second_chunk->base - ASKED_SIZE);
  buffers_out--;
}

static void stop_at_second(uv_udp_t* udp, const struct udp_call* call) {
  if (call_count != 2)
    return;
  assert_int_equal(uv_udp_recv_stop(udp), 0);
  free_whole_buffer(call);
}

static void a_callback_that_stops_gets_no_more_pieces(void** state) {
  struct loop_fixture* f = *state;

  on_call = stop_at_second;
  send_numbers(0, 5);
  start_receiving(&udps[0]);
  turn(f);
  turn(f);
  assert_int_equal(call_count, 2);
}

static void restart_at_second(uv_udp_t* udp, const struct udp_call* call) {
  if (call_count != 2)
    return;
  stop_at_second(udp, call);
  start_receiving(udp);
}

/* The pieces left of the batch are gone with the buffer. */
static void a_callback_that_stops_and_starts_gets_none_of_the_old_ones(void** state) {
  struct loop_fixture* f = *state;

  on_call = restart_at_second;
  send_numbers(0, 5);
  start_receiving(&udps[0]);
  turn(f);
  assert_int_equal(call_count, 2);
  send_numbers(5, 1);
  wait_calls(f, 3);
  assert_chunk(&calls[2], 5, calls[2].base, 0);
}

static void close_at_second(uv_udp_t* udp, const struct udp_call* call) {
  if (call_count != 2)
    return;
  uv_close((uv_handle_t*) udp, NULL);
  free_whole_buffer(call);
}

static void a_callback_that_closes_gets_no_more_pieces(void** state) {
  struct loop_fixture* f = *state;

  on_call = close_at_second;
  send_numbers(0, 5);
  start_receiving(&udps[0]);
  wait_calls(f, 2);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(call_count, 2);
}

#define recvmmsg_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
#undef newer_udp_test
#define newer_udp_test(function) newer_test_with(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      recvmmsg_test(datagrams_come_in_pieces_of_the_buffer),
      recvmmsg_test(pieces_of_more_than_one_buffer_come_in_order),
      recvmmsg_test(only_full_pieces_of_the_buffer_are_used),
      recvmmsg_test(a_larger_buffer_takes_no_more),
      newer_udp_test(a_buffer_too_small_for_a_piece_is_refused),
      recvmmsg_test(without_a_buffer_the_datagrams_wait),
      recvmmsg_test(empty_datagrams_are_pieces_too),
      recvmmsg_test(a_datagram_larger_than_its_piece_is_cut),
      recvmmsg_test(an_error_returns_the_whole_buffer),
      recvmmsg_test(a_callback_that_stops_gets_no_more_pieces),
      newer_udp_test(a_callback_that_stops_and_starts_gets_none_of_the_old_ones),
      newer_udp_test(a_callback_that_closes_gets_no_more_pieces),
  };

  return cmocka_run_group_tests(tests, udp_group_setup, NULL);
}
