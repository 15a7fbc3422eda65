/* UDP: sending several datagrams at once. Those that went are always the first ones. */
#include "support/udp.h"

#if !defined(_WIN32)
#include "support/child.h"
#endif

enum { MOST = 200 };

static uv_udp_t* udp = &udps[0];
static uv_os_sock_t other; /* a raw socket */
static union address other_at;

static char numbers[MOST][12];
static uv_buf_t pieces[MOST][2];
static uv_buf_t* bufs[MOST];
static unsigned int nbufs[MOST];
static struct sockaddr* addresses[MOST];

static int setup(void** state) {
  udp_setup(state);
  other = make_udp_socket(AF_INET, &other_at);
  init_udp(*state, 1);
  bind_udp(udp, AF_INET, 0);
  /* Datagram i is "#" and its number. */
  for (int i = 0; i < MOST; i++) {
    snprintf(numbers[i], sizeof(numbers[i]), "%d", i);
    pieces[i][0] = text_buf("#");
    pieces[i][1] = text_buf(numbers[i]);
    bufs[i] = pieces[i];
    nbufs[i] = 2;
    addresses[i] = &other_at.any;
  }
  return 0;
}

static int teardown(void** state) {
  close_socket(other);
  return udp_teardown(state);
}

static int try_send(unsigned int count) {
  return uv_udp_try_send2(udp, count, bufs, nbufs, addresses, 0);
}

/* The datagrams with the numbers from 0 on, and no others. */
static void assert_received(uv_os_sock_t fd, int count) {
  for (int i = 0; i < count; i++) {
    char text[16];
    snprintf(text, sizeof(text), "#%d", i);
    assert_string_equal(next_datagram(fd), text);
  }
  assert_false(has_datagram(fd));
}

static void all_go_in_order(void** state) {
  const int counts[] = {1, 2, 19, 20, 21, 40, 60, 100};

  (void) state;
  for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
    assert_int_equal(try_send((unsigned int) counts[i]), counts[i]);
    assert_received(other, counts[i]);
  }
  assert_int_equal(udp->send_queue_count, 0);
  assert_int_equal(uv_is_active((uv_handle_t*) udp), 0);
}

static void each_goes_to_its_address(void** state) {
  union address second_at;
  uv_os_sock_t second = make_udp_socket(AF_INET, &second_at);

  (void) state;
  addresses[1] = &second_at.any;
  assert_int_equal(try_send(3), 3);
  assert_string_equal(next_datagram(second), "#1");
  assert_string_equal(next_datagram(other), "#0");
  assert_string_equal(next_datagram(other), "#2");
  close_socket(second);
}

static void a_connected_handle_needs_no_addresses(void** state) {
  (void) state;
  assert_int_equal(uv_udp_connect(udp, &other_at.any), 0);
  assert_int_equal(try_send(2), UV_EISCONN);
  addresses[0] = NULL;
  assert_int_equal(try_send(2), UV_EISCONN);
  addresses[1] = NULL;
  assert_int_equal(try_send(2), 2);
  assert_received(other, 2);
  assert_int_equal(uv_udp_connect(udp, NULL), 0);
  assert_int_equal(try_send(2), UV_EDESTADDRREQ);
}

static void all_are_checked_before_any_goes(void** state) {
  enum { LAST = 99 };
  union address bad = {.any = {.sa_family = AF_UNSPEC}};

  (void) state;
  nbufs[LAST] = 0;
  assert_int_equal(try_send(LAST + 1), UV_EINVAL);
  nbufs[LAST] = (1u << 20) + 1;
  assert_int_equal(try_send(LAST + 1), UV_EINVAL);
  nbufs[LAST] = 2;
  pieces[LAST][0].len = 0x7ffff000;
  assert_int_equal(try_send(LAST + 1), UV_EINVAL);
  pieces[LAST][0].len = 1;
  addresses[LAST] = &bad.any;
  assert_int_equal(try_send(LAST + 1), UV_EINVAL);
  addresses[LAST] = NULL;
  assert_int_equal(try_send(LAST + 1), UV_EDESTADDRREQ);
  assert_false(has_datagram(other));
  assert_int_equal(try_send(LAST), LAST);
}

static void nothing_is_no_number_and_there_are_no_flags(void** state) {
  (void) state;
  assert_int_equal(try_send(0), UV_EINVAL);
  assert_int_equal(uv_udp_try_send2(udp, 1, bufs, nbufs, addresses, 1), UV_EINVAL);
  assert_int_equal(uv_udp_try_send2(udp, 1, bufs, nbufs, addresses, 1u << 31), UV_EINVAL);
  assert_false(has_datagram(other));
}

static void no_socket_is_made(void** state) {
  struct loop_fixture* f = *state;
  uv_os_fd_t fd;

  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  assert_int_equal(uv_udp_try_send2(&udps[1], 1, bufs, nbufs, addresses, 0), UV_EINVAL);
  assert_int_equal(uv_fileno((uv_handle_t*) &udps[1], &fd), UV_EBADF);
  uv_close((uv_handle_t*) udp, NULL);
  assert_int_equal(try_send(1), UV_EINVAL);
}

static void what_is_queued_is_not_overtaken(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;

  assert_int_equal(uv_udp_send(&req, udp, bufs[0], 2, addresses[0], NULL), 0);
  assert_int_equal(try_send(3), UV_EAGAIN);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_received(other, 1);
  assert_int_equal(try_send(3), 3);
}

#if !defined(_WIN32) /* where a datagram that finds no room is dropped, not refused */
static void a_full_socket_takes_the_first_ones(void** state) {
  struct loop_fixture* f = *state;
  int room = 40000;
  int ends[2];
  int n;

  assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
  assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)), 0);
  assert_int_equal(uv_udp_init(&f->loop, &udps[1]), 0);
  udp = &udps[1];
  assert_int_equal(uv_udp_open(udp, ends[0]), 0);
  for (int i = 0; i < MOST; i++)
    addresses[i] = NULL;
  n = try_send(MOST);
  assert_in_range(n, 21, MOST - 1); /* more than a system call takes at once */
  assert_int_equal(try_send(MOST), UV_EAGAIN);
  assert_received(ends[1], n);
  close(ends[1]);
  udp = &udps[0];
}
#endif

static void one_that_fails_ends_the_row(void** state) {
  static char large[70000];
  const int places[] = {1, 5, 20, 45};
  uv_buf_t too_large = uv_buf_init(large, sizeof(large));

  (void) state;
  for (int i = 0; i < 4; i++) {
    int place = places[i];
    bufs[place] = &too_large;
    nbufs[place] = 1;
    assert_int_equal(try_send(60), place);
    assert_received(other, place);
    bufs[place] = pieces[place];
    nbufs[place] = 2;
  }
  bufs[0] = &too_large;
  nbufs[0] = 1;
  assert_int_equal(try_send(60), UV_EMSGSIZE);
  assert_false(has_datagram(other));
}

#if !defined(_WIN32)
static int send_without_room(void) {
  int r = fail_sends(ENOBUFS);

  if (r != 0)
    return r;
  return try_send(3) == UV_EAGAIN ? 0 : 1;
}

static void no_room_in_the_device_means_later(void** state) {
  (void) state;
  assert_child(send_without_room, 0);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(all_go_in_order, setup, teardown),
    cmocka_unit_test_setup_teardown(each_goes_to_its_address, setup, teardown),
    cmocka_unit_test_setup_teardown(a_connected_handle_needs_no_addresses, setup, teardown),
    cmocka_unit_test_setup_teardown(all_are_checked_before_any_goes, setup, teardown),
    cmocka_unit_test_setup_teardown(nothing_is_no_number_and_there_are_no_flags, setup, teardown),
    cmocka_unit_test_setup_teardown(no_socket_is_made, setup, teardown),
    cmocka_unit_test_setup_teardown(what_is_queued_is_not_overtaken, setup, teardown),
    cmocka_unit_test_setup_teardown(one_that_fails_ends_the_row, setup, teardown),
#if !defined(_WIN32)
    cmocka_unit_test_setup_teardown(a_full_socket_takes_the_first_ones, setup, teardown),
    cmocka_unit_test_setup_teardown(no_room_in_the_device_means_later, setup, teardown),
#endif
  };

  return cmocka_run_group_tests(tests, udp_group_setup, NULL);
}
