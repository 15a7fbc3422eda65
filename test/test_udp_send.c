/* UDP: sending, from the call to the callback. */
#include "support/allocator.h"
#include "support/backend.h"
#include "support/full_table.h"
#include "support/udp.h"

enum { MANY = 2000, MOST_BYTES = 0x7ffff000 };

static uv_udp_t* udp = &udps[0];
static uv_os_sock_t other; /* a raw socket */
static union address other_at;

/* What the callbacks saw. */
static struct {
  uv_udp_send_t* req;
  int status;
  size_t size;
  size_t count;
} sent[MANY];
static int sent_count;
static void (*on_sent_do)(uv_udp_send_t* req, int status);

static int setup(void** state) {
  udp_setup(state);
  sent_count = 0;
  on_sent_do = NULL;
  other = make_udp_socket(AF_INET, &other_at);
  init_udp(*state, 1);
  return 0;
}

static int teardown(void** state) {
  close_socket(other);
  return udp_teardown(state);
}

static void on_sent(uv_udp_send_t* req, int status) {
  uv_udp_t* handle = req->handle;

  assert_true(sent_count < MANY);
  sent[sent_count].req = req;
  sent[sent_count].status = status;
  sent[sent_count].size = uv_udp_get_send_queue_size(handle);
  sent[sent_count].count = uv_udp_get_send_queue_count(handle);
  sent_count++;
  if (on_sent_do != NULL)
    on_sent_do(req, status);
}

static int send_buf(uv_udp_send_t* req, uv_buf_t buf, const union address* to) {
  return uv_udp_send(req, udp, &buf, 1, to != NULL ? &to->any : NULL, on_sent);
}

static int send_text(uv_udp_send_t* req, const char* text, const union address* to) {
  return send_buf(req, text_buf(text), to);
}

static void run(struct loop_fixture* f) {
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
}

/* Nothing is outstanding. */
static void assert_idle(struct loop_fixture* f) {
  assert_int_equal(udp->send_queue_size, 0);
  assert_int_equal(udp->send_queue_count, 0);
  assert_int_equal(uv_is_active((uv_handle_t*) udp), 0);
  assert_int_equal(f->loop.active_reqs.count, 0);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

static void log_close(uv_handle_t* handle) {
  test_log(handle->loop, 'x');
}

/* -- The way of a datagram --------------------------------------------------------------------- */

static void a_datagram_goes_at_once_and_is_told_later(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;

  memset(&req, 0xab, sizeof(req));
  assert_int_equal(send_text(&req, "hello", &other_at), 0);
  assert_string_equal(next_datagram(other), "hello");
  assert_int_equal(sent_count, 0);
  assert_int_equal(req.type, UV_UDP_SEND);
  assert_ptr_equal(req.handle, udp);
  assert_int_equal(udp->send_queue_size, 5);
  assert_int_equal(udp->send_queue_count, 1);
  assert_int_not_equal(uv_is_active((uv_handle_t*) udp), 0);
  run(f);
  assert_int_equal(sent_count, 1);
  assert_ptr_equal(sent[0].req, &req);
  assert_int_equal(sent[0].status, 0);
  assert_int_equal(sent[0].size, 0);
  assert_int_equal(sent[0].count, 0);
  assert_idle(f);
}

static void datagrams_and_callbacks_keep_their_order(void** state) {
  enum { COUNT = 100 };
  static char letters[COUNT];
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[COUNT];
  size_t size = 0;

  memset(letters, 'x', sizeof(letters));
  for (unsigned int i = 0; i < COUNT; i++) {
    assert_int_equal(send_buf(&reqs[i], uv_buf_init(letters, i), &other_at), 0);
    size += i;
    assert_int_equal(udp->send_queue_size, size);
    assert_int_equal(udp->send_queue_count, i + 1);
  }
  run(f);
  for (unsigned int i = 0; i < COUNT; i++)
    assert_int_equal(strlen(next_datagram(other)), i);
  assert_false(has_datagram(other));
  assert_int_equal(sent_count, COUNT);
  for (unsigned int i = 0; i < COUNT; i++) {
    size -= i;
    assert_ptr_equal(sent[i].req, &reqs[i]);
    assert_int_equal(sent[i].status, 0);
    assert_int_equal(sent[i].size, size);
    assert_int_equal(sent[i].count, COUNT - 1 - i);
  }
  assert_idle(f);
}

static void buffers_and_address_may_change_after_the_call(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[2];
  uv_buf_t bufs[6];

  for (int i = 0; i < 2; i++) {
    union address to = other_at;
    for (int j = 0; j < 6; j++)
      bufs[j] = text_buf(j % 2 == 0 ? "ab" : "cd");
    assert_int_equal(uv_udp_send(&reqs[i], udp, bufs, 6, &to.any, on_sent), 0);
    memset(bufs, 0x55, sizeof(bufs));
    memset(&to, 0x55, sizeof(to));
  }
  run(f);
  for (int i = 0; i < 2; i++)
    assert_string_equal(next_datagram(other), "abcdabcdabcd");
}

static void an_empty_datagram_is_one(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[2];

  for (int i = 0; i < 2; i++)
    assert_int_equal(send_text(&reqs[i], "", &other_at), 0);
  assert_int_equal(udp->send_queue_size, 0);
  assert_int_equal(udp->send_queue_count, 2);
  run(f);
  assert_string_equal(next_datagram(other), "");
  assert_string_equal(next_datagram(other), "");
  assert_int_equal(sent[1].status, 0);
}

static void no_callback_is_fine(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;
  uv_buf_t buf = text_buf("quiet");

  assert_int_equal(uv_udp_send(&req, udp, &buf, 1, &other_at.any, NULL), 0);
  run(f);
  assert_string_equal(next_datagram(other), "quiet");
  assert_idle(f);
}

static void a_handle_without_a_socket_is_bound_by_the_address(void** state) {
  const int families[] = {AF_INET, AF_INET6};
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;

  for (int i = 0; i < 2; i++) {
    union address at;
    union address name;
    uv_os_sock_t fd = make_udp_socket(families[i], &at);
    init_udp(f, 1);
    assert_int_equal(send_text(&req, "bound", &at), 0);
    name = udp_name(udp);
    assert_int_equal(name.any.sa_family, families[i]);
    assert_int_not_equal(port_of_address(&name), 0);
    assert_string_equal(next_datagram(fd), "bound");
    run(f);
    uv_close((uv_handle_t*) udp, NULL);
    run(f);
    close_socket(fd);
  }
  init_udp(f, 1);
}

static void a_send_keeps_the_loop_alive_without_a_reference(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;

  uv_unref((uv_handle_t*) udp);
  assert_int_equal(send_text(&req, "x", &other_at), 0);
  assert_int_not_equal(uv_loop_alive(&f->loop), 0);
  run(f);
  assert_int_equal(sent_count, 1);
}

static void a_receiver_stays_active_after_its_sends(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[2];

  bind_udp(udp, AF_INET, 0);
  start_receiving(udp);
  assert_int_equal(send_text(&reqs[0], "x", &other_at), 0);
  turn(f);
  assert_int_equal(sent_count, 1);
  assert_int_not_equal(uv_is_active((uv_handle_t*) udp), 0);
  assert_int_equal(send_text(&reqs[1], "x", &other_at), 0);
  assert_int_equal(uv_udp_recv_stop(udp), 0);
  if (!IS_OLDER_PEER) /* which forgets the callback that is to come */
    assert_int_not_equal(uv_is_active((uv_handle_t*) udp), 0);
  run(f);
  assert_int_equal(sent_count, 2);
  assert_idle(f);
}

static void thousands_go_in_one_go(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[MANY];

  for (int i = 0; i < MANY; i++)
    assert_int_equal(send_text(&reqs[i], "x", &other_at), 0);
  run(f);
  assert_int_equal(sent_count, MANY);
  for (int i = 0; i < MANY; i++) {
    assert_ptr_equal(sent[i].req, &reqs[i]);
    assert_int_equal(sent[i].status, 0);
  }
  assert_idle(f);
}

/* -- What is refused --------------------------------------------------------------------------- */

static void where_to_is_said_once(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;

  assert_int_equal(send_text(&req, "x", NULL), UV_EDESTADDRREQ);
  assert_int_equal(try_send_text(udp, "x", NULL), UV_EDESTADDRREQ);
  assert_int_equal(uv_udp_connect(udp, &other_at.any), 0);
  assert_int_equal(send_text(&req, "x", &other_at), UV_EISCONN);
  assert_int_equal(try_send_text(udp, "x", &other_at), UV_EISCONN);
  assert_idle(f);
  assert_false(has_datagram(other));
  assert_int_equal(send_text(&req, "sent", NULL), 0);
  assert_string_equal(next_datagram(other), "sent");
  assert_int_equal(try_send_text(udp, "x", NULL), UV_EAGAIN);
  run(f);
  assert_int_equal(try_send_text(udp, "tried", NULL), 5);
  assert_string_equal(next_datagram(other), "tried");
}

static void other_families_are_refused(void** state) {
  const unsigned short bad[] = {AF_UNSPEC, 47, 255};
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;

  for (int i = 0; i < 3; i++) {
    union address to = other_at;
    to.any.sa_family = bad[i];
    assert_int_equal(send_text(&req, "x", &to), UV_EINVAL);
    assert_int_equal(try_send_text(udp, "x", &to), UV_EINVAL);
  }
  assert_idle(f);
}

static void bad_buffer_lists_are_refused(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;
  uv_buf_t bufs[2];
  const unsigned int bad[] = {0, (1u << 20) + 1, (unsigned int) -1};
  uv_os_fd_t fd;

  bufs[0] = uv_buf_init(NULL, MOST_BYTES);
  bufs[1] = uv_buf_init(NULL, 1);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(uv_udp_send(&req, udp, bufs, bad[i], &other_at.any, on_sent), UV_EINVAL);
    assert_int_equal(uv_udp_try_send(udp, bufs, bad[i], &other_at.any), UV_EINVAL);
  }
  assert_int_equal(uv_udp_send(&req, udp, bufs, 2, &other_at.any, on_sent), UV_EINVAL);
  assert_int_equal(uv_udp_try_send(udp, bufs, 2, &other_at.any), UV_EINVAL);
  assert_idle(f);
  assert_int_equal(uv_fileno((uv_handle_t*) udp, &fd), UV_EBADF); /* and nothing was made */
}

static void only_udp_handles_that_are_open_send(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;
  static uv_timer_t timer;
  uv_buf_t buf = text_buf("x");

  assert_int_equal(uv_timer_init(&f->loop, &timer), 0);
  udp = (uv_udp_t*) (void*) &timer;
  assert_int_equal(send_text(&req, "x", &other_at), UV_EINVAL);
  assert_int_equal(uv_udp_try_send(udp, &buf, 1, &other_at.any), UV_EINVAL);
  udp = &udps[0];

  assert_int_equal(uv_udp_connect(udp, &other_at.any), 0);
  uv_close((uv_handle_t*) udp, NULL);
  assert_int_equal(send_text(&req, "x", NULL), UV_EINVAL);
  assert_int_equal(try_send_text(udp, "x", NULL), UV_EINVAL);
  run(f);
  assert_int_equal(sent_count, 0);
}

#if !defined(_WIN32) /* which sets no limit to sockets; there a send takes no memory */
static void without_descriptors_nothing_is_sent(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;
  struct rlimit before = limit_descriptors(0);
  int send_err = send_text(&req, "x", &other_at);
  int try_err = try_send_text(udp, "x", &other_at);

  unlimit_descriptors(&before);
  assert_int_equal(send_err, UV_EMFILE);
  assert_int_equal(try_err, UV_EMFILE);
  assert_idle(f);
}

static void without_memory_nothing_changes(void** state) {
  static uv_udp_send_t req;
  uv_loop_t loop;
  uv_buf_t bufs[5];
  long fail_at = 0;
  int err;

  (void) state;
  for (int i = 0; i < 5; i++)
    bufs[i] = text_buf("part ");
  do {
    static uv_udp_t fresh;
    uv_os_fd_t fd;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_udp_init(&loop, &fresh), 0);
    fill_table(&loop);
    test_allocator_install(++fail_at, true);
    err = uv_udp_send(&req, &fresh, bufs, 5, &other_at.any, NULL);
    test_allocator.fail_at = 0;
    empty_table();
    if (err != 0) {
      assert_int_equal(err, UV_ENOMEM);
      assert_int_equal(uv_fileno((uv_handle_t*) &fresh, &fd), UV_EBADF);
      assert_int_equal(uv_is_active((uv_handle_t*) &fresh), 0);
      assert_int_equal(fresh.send_queue_count, 0);
      assert_int_equal(loop.active_reqs.count, 0);
      assert_false(has_datagram(other));
    }
    uv_close((uv_handle_t*) &fresh, NULL);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    test_allocator_remove();
    assert_int_equal(uv_loop_close(&loop), 0);
  } while (err != 0);
  assert_true(fail_at > 2); /* the list of buffers, the table of descriptors */
  assert_string_equal(next_datagram(other), "part part part part part ");
}

#endif

/* -- What fails later -------------------------------------------------------------------------- */

static void a_datagram_that_fails_takes_no_other_with_it(void** state) {
  static char large[70000];
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[6];

  for (int i = 0; i < 6; i++) {
    uv_buf_t buf = i % 2 == 0 ? uv_buf_init(large, sizeof(large)) : text_buf("small");
    assert_int_equal(send_buf(&reqs[i], buf, &other_at), 0);
  }
  run(f);
  assert_int_equal(sent_count, 6);
  for (int i = 0; i < 6; i++) {
    assert_ptr_equal(sent[i].req, &reqs[i]);
    assert_int_equal(sent[i].status, i % 2 == 0 ? UV_EMSGSIZE : 0);
  }
  for (int i = 0; i < 3; i++)
    assert_string_equal(next_datagram(other), "small");
  assert_idle(f);
}

#if !defined(_WIN32) /* where refusals are not told, and there are no pairs of datagram sockets */
static void more_pieces_than_the_system_takes_are_too_large(void** state) {
  enum { TOO_MANY = 1025 };
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;
  static uv_buf_t bufs[TOO_MANY];

  for (int i = 0; i < TOO_MANY; i++)
    bufs[i] = text_buf("x");
  assert_int_equal(uv_udp_send(&req, udp, bufs, TOO_MANY, &other_at.any, on_sent), 0);
  run(f);
  assert_int_equal(sent[0].status, UV_EMSGSIZE);
  assert_int_equal(uv_udp_try_send(udp, bufs, TOO_MANY, &other_at.any), UV_EMSGSIZE);
  assert_int_equal(uv_udp_try_send(udp, bufs, TOO_MANY - 1, &other_at.any), TOO_MANY - 1);
}

/* A refusal is told by the next send. */
static void a_refusal_is_the_error_of_a_datagram(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[3];
  union address deaf = deaf_address(AF_INET);
  struct pollfd p = {.events = 0};

  assert_int_equal(uv_udp_connect(udp, &deaf.any), 0);
  p.fd = fd_of(udp);
  assert_int_equal(send_text(&reqs[0], "x", NULL), 0);
  assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
  run(f);
  assert_int_equal(sent[0].status, 0);
  assert_int_equal(send_text(&reqs[1], "x", NULL), 0);
  run(f);
  assert_int_equal(sent[1].status, UV_ECONNREFUSED);
  assert_int_equal(send_text(&reqs[2], "x", NULL), 0);
  run(f);
  assert_int_equal(sent[2].status, 0);
  assert_idle(f);
}

static void a_peer_that_is_gone_raises_no_signal(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[3];
  int ends[2];

  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  assert_int_equal(uv_udp_open(udp, ends[0]), 0);
  close(ends[1]);
  for (int i = 0; i < 3; i++)
    assert_int_equal(send_text(&reqs[i], "x", NULL), 0);
  run(f);
  for (int i = 0; i < 3; i++)
    assert_int_equal(sent[i].status, UV_EPIPE);
  assert_int_equal(try_send_text(udp, "x", NULL), UV_EPIPE);
}

/* -- A socket that takes no more ----------------------------------------------------------------
 */

enum { LONG = 60 };

static int far_end; /* of a pair of unix sockets, which take little that nobody reads */
static char long_text[LONG + 1];

static void open_pair(void) {
  int room = 1; /* as little as there is */
  int ends[2];

  assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
  assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)), 0);
  assert_int_equal(uv_udp_open(udp, ends[0]), 0);
  far_end = ends[1];
  memset(long_text, 'x', LONG);
}

/* A datagram that says which one it is by its length. */
static uv_buf_t datagram(int i) {
  return uv_buf_init(long_text, (unsigned int) i);
}

static void what_does_not_go_waits_in_order(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[LONG];
  int done;

  open_pair();
  for (int i = 0; i < LONG; i++)
    assert_int_equal(send_buf(&reqs[i], datagram(i), NULL), 0);
  turn(f);
  turn(f);
  done = sent_count;
  assert_in_range(done, 1, LONG - 1);
  assert_int_equal(udp->send_queue_count, LONG - done);
  assert_int_equal(udp->send_queue_size, LONG * (LONG - 1) / 2 - done * (done - 1) / 2);
  assert_int_not_equal(uv_is_active((uv_handle_t*) udp), 0);
  assert_int_equal(try_send_text(udp, "x", NULL), UV_EAGAIN);

  for (int i = 0; i < LONG; i++) {
    while (!has_datagram(far_end)) {
      assert_int_not_equal(uv_loop_alive(&f->loop), 0);
      uv_run(&f->loop, UV_RUN_ONCE);
    }
    assert_int_equal(strlen(next_datagram(far_end)), i);
  }
  run(f);
  assert_int_equal(sent_count, LONG);
  for (int i = 0; i < LONG; i++) {
    assert_ptr_equal(sent[i].req, &reqs[i]);
    assert_int_equal(sent[i].status, 0);
  }
  assert_idle(f);
  close(far_end);
}

static void waiting_does_not_spin(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[LONG];

  need_backend_fd();
  open_pair();
  for (int i = 0; i < LONG; i++)
    assert_int_equal(send_buf(&reqs[i], datagram(1), NULL), 0);
  while (turn(f), uv_backend_timeout(&f->loop) == 0)
    continue;
  assert_int_equal(uv_backend_timeout(&f->loop), -1);
  struct pollfd p = {.fd = uv_backend_fd(&f->loop), .events = POLLIN};
  assert_int_equal(poll(&p, 1, 20), 0); /* nothing to do, so far */
  while (has_datagram(far_end))
    next_datagram(far_end);
  assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);

  start_receiving(udp);
  while (sent_count < LONG) {
    turn(f);
    if (has_datagram(far_end))
      next_datagram(far_end);
  }
  while (has_datagram(far_end))
    next_datagram(far_end);
  while (turn(f), uv_backend_timeout(&f->loop) == 0)
    continue;
  assert_int_equal(poll(&p, 1, 20), 0); /* nor any more */
  close(far_end);
}

static void closing_cancels_what_has_not_gone(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[LONG];
  int fd;
  int gone = 0;

  open_pair();
  for (int i = 0; i < LONG / 2; i++)
    assert_int_equal(send_buf(&reqs[i], datagram(i), NULL), 0);
  turn(f);
  turn(f);
  gone = sent_count;
  for (int i = LONG / 2; i < LONG; i++)
    assert_int_equal(send_buf(&reqs[i], datagram(i), NULL), 0);
  fd = fd_of(udp);
  uv_close((uv_handle_t*) udp, log_close);
  assert_false(is_open(fd));
  assert_int_equal(sent_count, gone);
  run(f);
  assert_string_equal(f->log, "x");
  assert_int_equal(sent_count, LONG);
  for (int i = 0; i < LONG; i++) {
    assert_ptr_equal(sent[i].req, &reqs[i]);
    assert_int_equal(sent[i].status, i < gone ? 0 : UV_ECANCELED);
    assert_int_equal(sent[i].count, i < gone ? sent[i].count : (size_t) (LONG - 1 - i));
  }
  assert_int_equal(sent[LONG - 1].size, 0);
  close(far_end);
}

#endif

/* Where a send tries at once only if no other is outstanding, the second of a row has not gone when
 * the handle is closed. Windows has taken all that were sent, and says of all how it went. */
#if defined(_WIN32)
#define CLOSED_BEHIND_TWO "ssx"
#define CLOSED_BEHIND_TWO_MORE "ssxesx"
#define CLOSED_IN_THE_FIRST "sssss|x"
#define CLOSED_BEHIND_TEN "ssssssssssx"
#else
#define CLOSED_BEHIND_TWO "scx"
#define CLOSED_BEHIND_TWO_MORE "scxecx"
#define CLOSED_IN_THE_FIRST "s|ssssx" /* the rest is told when closing */
#define CLOSED_BEHIND_TEN "ssssssccccx"
#endif

static void log_sent(uv_udp_send_t* req, int status) {
  test_log(req->handle->loop, status == 0 ? 's' : status == UV_ECANCELED ? 'c' : 'e');
}

/* The first one has gone, with or without an error, and its callback has not come. */
static void what_has_gone_before_the_close_says_so(void** state) {
  static char large[70000];
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[4];

  on_sent_do = log_sent;
  assert_int_equal(send_text(&reqs[0], "x", &other_at), 0);
  assert_int_equal(send_text(&reqs[1], "x", &other_at), 0);
  uv_close((uv_handle_t*) udp, log_close);
  run(f);
  init_udp(f, 1);
  assert_int_equal(send_buf(&reqs[2], uv_buf_init(large, sizeof(large)), &other_at), 0);
  assert_int_equal(send_text(&reqs[3], "x", &other_at), 0);
  uv_close((uv_handle_t*) udp, log_close);
  assert_string_equal(f->log, CLOSED_BEHIND_TWO);
  run(f);
  assert_string_equal(f->log, CLOSED_BEHIND_TWO_MORE);
}

/* -- What callbacks do ------------------------------------------------------------------------- */

static void close_in_first(uv_udp_send_t* req, int status) {
  log_sent(req, status);
  if (!uv_is_closing((uv_handle_t*) req->handle))
    uv_close((uv_handle_t*) req->handle, log_close);
}

static void log_check(uv_check_t* check) {
  test_log(check->loop, '|');
  uv_close((uv_handle_t*) check, NULL);
}

static void a_callback_may_close(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[5];
  static uv_check_t check;

  assert_int_equal(uv_check_init(&f->loop, &check), 0);
  assert_int_equal(uv_check_start(&check, log_check), 0);
  on_sent_do = close_in_first;
  for (int i = 0; i < 5; i++)
    assert_int_equal(send_text(&reqs[i], "x", &other_at), 0);
  run(f);
  assert_string_equal(f->log, CLOSED_IN_THE_FIRST);
}

static void free_request(uv_udp_send_t* req, int status) {
  log_sent(req, status);
  free(req);
}

static void requests_may_go_in_their_callbacks(void** state) {
  struct loop_fixture* f = *state;

  on_sent_do = free_request;
  for (int i = 0; i < 5; i++) {
    uv_udp_send_t* req = malloc(sizeof(*req));
    assert_non_null(req);
    assert_int_equal(send_text(req, "x", &other_at), 0);
  }
  run(f);
  for (int i = 0; i < 5; i++) {
    uv_udp_send_t* req = malloc(sizeof(*req));
    assert_non_null(req);
    assert_int_equal(send_text(req, "x", &other_at), 0);
  }
  uv_close((uv_handle_t*) udp, log_close);
  run(f);
  assert_string_equal(f->log, CLOSED_BEHIND_TEN);
}

static void clear_handle(uv_udp_send_t* req, int status) {
  assert_int_equal(status, 0);
  memset(req, 0, sizeof(*req)); /* it is the user's again */
}

static void a_callback_may_overwrite_its_request(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[3];

  on_sent_do = clear_handle;
  for (int i = 0; i < 3; i++)
    assert_int_equal(send_text(&reqs[i], "x", &other_at), 0);
  run(f);
  assert_int_equal(sent_count, 3);
  assert_idle(f);
}

static void send_again(uv_udp_send_t* req, int status) {
  assert_int_equal(status, 0);
  if (sent_count >= 1000)
    return;
  assert_int_equal(send_text(req, "again", &other_at), 0);
  /* Not from inside the callback: it waits for its turn. */
  assert_int_equal(req->handle->send_queue_count, 1);
}

static void a_callback_may_send_its_request_again(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;

  on_sent_do = send_again;
  assert_int_equal(send_text(&req, "again", &other_at), 0);
  run(f);
  assert_int_equal(sent_count, 1000);
  assert_idle(f);
}

static void send_second(uv_udp_send_t* req, int status) {
  static uv_udp_send_t late;

  (void) status;
  if (sent_count == 1) {
    assert_int_equal(send_text(&late, "late", &other_at), 0);
    assert_int_equal(try_send_text(req->handle, "x", &other_at), UV_EAGAIN);
  }
}

static void what_a_callback_sends_comes_last(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t reqs[2];

  on_sent_do = send_second;
  assert_int_equal(send_text(&reqs[0], "1", &other_at), 0);
  assert_int_equal(send_text(&reqs[1], "2", &other_at), 0);
  run(f);
  assert_int_equal(sent_count, 3);
  assert_string_equal(next_datagram(other), "1");
  assert_string_equal(next_datagram(other), "2");
  assert_string_equal(next_datagram(other), "late");
}

static void try_in_last(uv_udp_send_t* req, int status) {
  (void) status;
  assert_int_equal(try_send_text(req->handle, "tried", &other_at), 5);
}

static void the_last_callback_may_try(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;

  on_sent_do = try_in_last;
  assert_int_equal(send_text(&req, "sent", &other_at), 0);
  run(f);
  assert_string_equal(next_datagram(other), "sent");
  assert_string_equal(next_datagram(other), "tried");
}

static void connect_or_disconnect(uv_udp_send_t* req, int status) {
  assert_int_equal(status, 0);
  if (sent_count == 1) {
    assert_int_equal(uv_udp_connect(req->handle, &other_at.any), 0);
    assert_int_equal(send_text(req, "connected", NULL), 0);
  } else if (sent_count == 2) {
    assert_int_equal(uv_udp_connect(req->handle, NULL), 0);
    assert_int_equal(send_text(req, "disconnected", &other_at), 0);
  }
}

static void a_callback_may_connect_and_disconnect(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;

  on_sent_do = connect_or_disconnect;
  assert_int_equal(send_text(&req, "first", &other_at), 0);
  run(f);
  assert_string_equal(next_datagram(other), "first");
  assert_string_equal(next_datagram(other), "connected");
  assert_string_equal(next_datagram(other), "disconnected");
}

/* -- Trying ------------------------------------------------------------------------------------ */

static void a_try_tells_the_bytes_that_went(void** state) {
  static char large[70000];
  struct loop_fixture* f = *state;
  uv_buf_t bufs[3] = {text_buf("one "), text_buf(""), text_buf("datagram")};
  uv_buf_t too_large = uv_buf_init(large, sizeof(large));

  assert_int_equal(uv_udp_try_send(udp, bufs, 3, &other_at.any), 12);
  assert_string_equal(next_datagram(other), "one datagram");
  assert_int_equal(try_send_text(udp, "", &other_at), 0);
  assert_string_equal(next_datagram(other), "");
  assert_int_equal(uv_udp_try_send(udp, &too_large, 1, &other_at.any), UV_EMSGSIZE);
  assert_idle(f);
}

static void a_try_does_not_overtake(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_send_t req;

  assert_int_equal(send_text(&req, "x", &other_at), 0);
  assert_int_equal(try_send_text(udp, "y", &other_at), UV_EAGAIN);
  run(f);
  assert_int_equal(try_send_text(udp, "y", &other_at), 1);
}

#if !defined(_WIN32)
static void a_try_on_a_full_socket_says_so(void** state) {
  int tries = 0;

  (void) state;
  open_pair();
  while (try_send_text(udp, "x", NULL) == 1)
    tries++;
  assert_int_equal(try_send_text(udp, "x", NULL), UV_EAGAIN);
  for (int i = 0; i < tries; i++)
    assert_string_equal(next_datagram(far_end), "x");
  assert_false(has_datagram(far_end));
  close(far_end);
}
#endif

#undef udp_test
#define udp_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
#undef newer_udp_test
#define newer_udp_test(function) newer_test_with(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
    udp_test(a_datagram_goes_at_once_and_is_told_later),
    udp_test(datagrams_and_callbacks_keep_their_order),
    udp_test(buffers_and_address_may_change_after_the_call),
    udp_test(an_empty_datagram_is_one),
    udp_test(no_callback_is_fine),
    udp_test(a_handle_without_a_socket_is_bound_by_the_address),
    udp_test(a_send_keeps_the_loop_alive_without_a_reference),
    udp_test(a_receiver_stays_active_after_its_sends),
    udp_test(thousands_go_in_one_go),
    udp_test(where_to_is_said_once),
    udp_test(other_families_are_refused),
    newer_udp_test(bad_buffer_lists_are_refused),
    newer_udp_test(only_udp_handles_that_are_open_send),
    newer_udp_test(a_datagram_that_fails_takes_no_other_with_it),
    udp_test(what_has_gone_before_the_close_says_so),
    newer_udp_test(a_callback_may_close),
    udp_test(requests_may_go_in_their_callbacks),
    udp_test(a_callback_may_overwrite_its_request),
    udp_test(a_callback_may_send_its_request_again),
    udp_test(what_a_callback_sends_comes_last),
    udp_test(the_last_callback_may_try),
    udp_test(a_callback_may_connect_and_disconnect),
    udp_test(a_try_tells_the_bytes_that_went),
    udp_test(a_try_does_not_overtake),
#if !defined(_WIN32)
    udp_test(without_descriptors_nothing_is_sent),
    newer_udp_test(without_memory_nothing_changes),
    udp_test(more_pieces_than_the_system_takes_are_too_large),
    udp_test(a_refusal_is_the_error_of_a_datagram),
    newer_udp_test(a_peer_that_is_gone_raises_no_signal),
    udp_test(what_does_not_go_waits_in_order),
    udp_test(waiting_does_not_spin),
    udp_test(closing_cancels_what_has_not_gone),
    udp_test(a_try_on_a_full_socket_says_so),
#endif
  };

  return cmocka_run_group_tests(tests, udp_group_setup, NULL);
}
