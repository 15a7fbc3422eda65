/* UDP: datagrams that the system hands over joined, and the callback gets one by one (rondo.h). */
#include "rondo.h"
#include "support/udp.h"

#include <netinet/udp.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static union address here; /* where udps[0] receives */
static int sender;         /* a raw socket */
static union address sender_at;

static int setup(void** state) {
  udp_setup(state);
  init_udp(*state, 1);
  here = bind_udp(&udps[0], AF_INET, 0);
  sender = make_udp_socket(AF_INET, &sender_at);
  return 0;
}

static int teardown(void** state) {
  close(sender);
  return udp_teardown(state);
}

static bool can_join(void) {
  int err = rondo_udp_recv_joined(&udps[0], 1);

  if (err != UV_ENOTSUP)
    assert_int_equal(err, 0);
  return err == 0;
}

/* Sends bytes that the system cuts into datagrams of `each`, all of which have the same letters. */
static void send_cut(const char* letters, int each) {
  assert_int_equal(setsockopt(sender, IPPROTO_UDP, UDP_SEGMENT, &each, sizeof(each)), 0);
  send_datagram(sender, letters, &here);
  each = 0;
  assert_int_equal(setsockopt(sender, IPPROTO_UDP, UDP_SEGMENT, &each, sizeof(each)), 0);
}

static void each_datagram_comes_by_itself(void** state) {
  struct loop_fixture* f = *state;

  if (!can_join())
    skip();
  start_receiving(&udps[0]);
  send_cut("aaaabbbbccccdd", 4);
  wait_calls(f, 5);
  assert_datagram(&calls[0], "aaaa", &sender_at, UV_UDP_MMSG_CHUNK);
  assert_datagram(&calls[1], "bbbb", &sender_at, UV_UDP_MMSG_CHUNK);
  assert_datagram(&calls[2], "cccc", &sender_at, UV_UDP_MMSG_CHUNK);
  assert_datagram(&calls[3], "dd", &sender_at, UV_UDP_MMSG_CHUNK);
  assert_notice(&calls[4], 0, UV_UDP_MMSG_FREE);
  assert_ptr_equal(calls[0].base, calls[4].base); /* one buffer had them all */
  assert_ptr_equal(calls[3].base, calls[4].base + 12);
}

static void single_and_empty_datagrams_come_as_they_are(void** state) {
  struct loop_fixture* f = *state;

  if (!can_join())
    skip();
  start_receiving(&udps[0]);
  send_datagram(sender, "one", &here);
  send_datagram(sender, "", &here);
  send_datagram(sender, "other", &here);
  wait_datagrams(f, 3);
  assert_datagram(&calls[0], "one", &sender_at, UV_UDP_MMSG_CHUNK);
  assert_datagram(&calls[2], "", &sender_at, UV_UDP_MMSG_CHUNK);
  assert_datagram(&calls[4], "other", &sender_at, UV_UDP_MMSG_CHUNK);
}

static void what_does_not_fit_is_partial(void** state) {
  struct loop_fixture* f = *state;

  if (!can_join())
    skip();
  alloc_len = 6;
  start_receiving(&udps[0]);
  send_cut("aaaabbbbcccc", 4);
  wait_calls(f, 3);
  assert_datagram(&calls[0], "aaaa", &sender_at, UV_UDP_MMSG_CHUNK);
  assert_datagram(&calls[1], "bb", &sender_at, UV_UDP_MMSG_CHUNK | UV_UDP_PARTIAL);
  assert_notice(&calls[2], 0, UV_UDP_MMSG_FREE);
}

static void stop_at_second(uv_udp_t* udp, const struct udp_call* call) {
  if (call_count == 2)
    uv_udp_recv_stop(udp);
  (void) call;
}

/* The buffer is the callback's then, as with UV_UDP_RECVMMSG. */
static void stopping_ends_a_message(void** state) {
  struct loop_fixture* f = *state;

  if (!can_join())
    skip();
  start_receiving(&udps[0]);
  on_call = stop_at_second;
  send_cut("aaaabbbbcccc", 4);
  wait_calls(f, 2);
  uv_run(&f->loop, UV_RUN_NOWAIT);
  assert_int_equal(call_count, 2);
  free(calls[0].base);
  buffers_out--;
}

static void it_goes_together_with_recvmmsg(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_udp_init_ex(&f->loop, &udps[1], AF_INET | UV_UDP_RECVMMSG), 0);
  here = bind_udp(&udps[1], AF_INET, 0);
  if (rondo_udp_recv_joined(&udps[1], 1) == UV_ENOTSUP)
    skip();
  alloc_len = (size_t) 4 * ASKED_SIZE;
  start_receiving(&udps[1]);
  send_cut("aaaabb", 4);
  send_cut("ccccdd", 4);
  wait_calls(f, 5);
  assert_datagram(&calls[0], "aaaa", &sender_at, UV_UDP_MMSG_CHUNK);
  assert_datagram(&calls[1], "bb", &sender_at, UV_UDP_MMSG_CHUNK);
  assert_datagram(&calls[2], "cccc", &sender_at, UV_UDP_MMSG_CHUNK);
  assert_datagram(&calls[3], "dd", &sender_at, UV_UDP_MMSG_CHUNK);
  assert_notice(&calls[4], 0, UV_UDP_MMSG_FREE);
  assert_ptr_equal(calls[2].base, calls[0].base + ASKED_SIZE);
}

static void it_can_be_turned_off_again(void** state) {
  struct loop_fixture* f = *state;

  if (!can_join())
    skip();
  assert_int_equal(rondo_udp_recv_joined(&udps[0], 0), 0);
  start_receiving(&udps[0]);
  send_cut("aaaabb", 4);
  wait_datagrams(f, 2);
  assert_datagram(&calls[0], "aaaa", &sender_at, 0);
  assert_datagram(&calls[1], "bb", &sender_at, 0);
}

static void it_needs_a_socket(void** state) {
  struct loop_fixture* f = *state;
  uv_udp_t* udp = &udps[1];

  assert_int_equal(uv_udp_init(&f->loop, udp), 0);
  assert_int_equal(rondo_udp_recv_joined(udp, 1), UV_EBADF);
  uv_close((uv_handle_t*) udp, NULL);
  assert_int_equal(rondo_udp_recv_joined(udp, 1), UV_EINVAL);
}

#define joined_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      joined_test(each_datagram_comes_by_itself),
      joined_test(single_and_empty_datagrams_come_as_they_are),
      joined_test(what_does_not_fit_is_partial),
      joined_test(stopping_ends_a_message),
      joined_test(it_goes_together_with_recvmmsg),
      joined_test(it_can_be_turned_off_again),
      joined_test(it_needs_a_socket),
  };
  return cmocka_run_group_tests(tests, udp_group_setup, NULL);
}
