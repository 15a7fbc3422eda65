/* What programs reach into, beyond the documented interface: members that they read and write
 * themselves, memory that nobody zeroed, data of their own in places that are nobody's. */
#include "support/descriptors.h"
#include "support/peer.h"
#include "support/tcp_handles.h"

#include <pty.h>
#include <stdlib.h>

/* The values of uv_handle_t.flags that programs know. */
enum {
  CLOSING = 0x1,
  CLOSED = 0x2,
  ACTIVE = 0x4,
  REF = 0x8,
  INTERNAL = 0x10,
  READING = 0x1000,
  BOUND = 0x2000,
  READABLE = 0x4000,
  WRITABLE = 0x8000,
  IPV6 = 0x400000,
  UDP_CONNECTED = 0x2000000,
  UDP_RECVMMSG = 0x4000000
};

static int has(const void* handle, unsigned int flags) {
  return (((const uv_handle_t*) handle)->flags & flags) == flags;
}

static int has_none(const void* handle, unsigned int flags) {
  return (((const uv_handle_t*) handle)->flags & flags) == 0;
}

/* -- Memory that nobody zeroed ----------------------------------------------------------------- */

static char datum;
static void* const theirs[4] = {&datum, &datum + 1, NULL, &datum};

static int init_async(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_async_init(loop, &h->async, NULL);
}

static int init_check(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_check_init(loop, &h->check);
}

static int init_fs_event(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_fs_event_init(loop, &h->fs_event);
}

static int init_fs_poll(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_fs_poll_init(loop, &h->fs_poll);
}

static int init_idle(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_idle_init(loop, &h->idle);
}

static int init_pipe(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_pipe_init(loop, &h->pipe, 0);
}

static int init_poll(uv_loop_t* loop, union uv_any_handle* h) {
  static int fds[2] = {-1, -1};

  for (int i = 0; i < 2; i++)
    if (fds[i] != -1)
      close(fds[i]);
  assert_int_equal(pipe(fds), 0);
  return uv_poll_init(loop, &h->poll, fds[0]);
}

static int init_prepare(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_prepare_init(loop, &h->prepare);
}

/* A child that cannot start leaves a handle that its owner closes all the same. */
static int init_process(uv_loop_t* loop, union uv_any_handle* h) {
  char* args[] = {(char[]){"/nowhere"}, NULL};
  uv_process_options_t options = {.file = "/nowhere", .args = args};

  assert_int_equal(uv_spawn(loop, &h->process, &options), UV_ENOENT);
  return 0;
}

static int init_signal(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_signal_init(loop, &h->signal);
}

static int init_tcp(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_tcp_init(loop, &h->tcp);
}

static int init_timer(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_timer_init(loop, &h->timer);
}

static int init_tty(uv_loop_t* loop, union uv_any_handle* h) {
  int master;
  int slave;

  assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
  int err = uv_tty_init(loop, &h->tty, slave, 0);
  close(master);
  close(slave); /* the handle opened it anew */
  return err;
}

static int init_udp(uv_loop_t* loop, union uv_any_handle* h) {
  return uv_udp_init(loop, &h->udp);
}

static const struct {
  uv_handle_type type;
  int (*init)(uv_loop_t* loop, union uv_any_handle* handle);
} types[] = {
    {UV_ASYNC, init_async},     {UV_CHECK, init_check},     {UV_FS_EVENT, init_fs_event},
    {UV_FS_POLL, init_fs_poll}, {UV_IDLE, init_idle},       {UV_NAMED_PIPE, init_pipe},
    {UV_POLL, init_poll},       {UV_PREPARE, init_prepare}, {UV_PROCESS, init_process},
    {UV_SIGNAL, init_signal},   {UV_TCP, init_tcp},         {UV_TIMER, init_timer},
    {UV_TTY, init_tty},         {UV_UDP, init_udp},
};

enum { TYPES = sizeof(types) / sizeof(types[0]) };

static union uv_any_handle handles[TYPES];

/* Each with rubbish all over, but for what is the program's own: `data`, `reserved`, and a type
 * that bindings set first. */
static void init_all(struct loop_fixture* f) {
  for (int i = 0; i < TYPES; i++) {
    uv_handle_t* handle = &handles[i].handle;

    memset(&handles[i], 0xa5, sizeof(handles[i]));
    handle->data = &handles[i];
    handle->type = types[i].type;
    memcpy(handle->u.reserved, theirs, sizeof(theirs));
    assert_int_equal(types[i].init(&f->loop, &handles[i]), 0);
  }
}

static void init_needs_no_zeroed_memory(void** state) {
  struct loop_fixture* f = *state;

  init_all(f);
  for (int i = 0; i < TYPES; i++) {
    const uv_handle_t* handle = &handles[i].handle;
    int starts_active = handle->type == UV_ASYNC;

    assert_ptr_equal(handle->data, &handles[i]);
    assert_ptr_equal(handle->loop, &f->loop);
    assert_int_equal(handle->type, types[i].type);
    assert_int_equal(uv_is_active(handle), starts_active);
    assert_int_equal(uv_is_closing(handle), 0);
    assert_int_equal(uv_has_ref(handle), 1);
#if defined(RONDO_VERSION)
    assert_null(handle->close_cb);
#endif
  }
  assert_int_equal(f->loop.active_handles, 1);
  for (int i = 0; i < TYPES; i++)
    uv_close(&handles[i].handle, on_close);
  run(f);
  assert_int_equal(strlen(f->log), TYPES);
}

/* Programs keep pointers of their own there, from before init to the end. */
static void reserved_is_the_programs(void** state) {
  struct loop_fixture* f = *state;

  init_all(f);
  turn(f);
  for (int i = 0; i < TYPES; i++)
    uv_close(&handles[i].handle, on_close);
  run(f);
  for (int i = 0; i < TYPES; i++)
    assert_memory_equal(handles[i].handle.u.reserved, theirs, sizeof(theirs));
}

static char received[1024];

static void on_client_write(uv_write_t* req, int status) {
  assert_int_equal(status, 0);
  assert_ptr_equal(req->data, &datum);
  test_log(req->handle->loop, 'w');
}

static void on_client_connect(uv_connect_t* req, int status) {
  assert_int_equal(status, 0);
  assert_ptr_equal(req->data, &datum);
  test_log(req->handle->loop, 'c');
}

static void on_client_shutdown(uv_shutdown_t* req, int status) {
  assert_int_equal(status, 0);
  assert_ptr_equal(req->data, &datum);
  test_log(req->handle->loop, 's');
}

static void init_request(void* req, size_t size) {
  memset(req, 0xa5, size);
  ((uv_req_t*) req)->data = &datum;
}

static void init_filled_client(struct loop_fixture* f) {
  memset(&client, 0xa5, sizeof(client));
  memcpy(client.u.reserved, theirs, sizeof(theirs));
  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
}

/* The same for a whole connection; and its requests are counted until their callbacks. */
static void stream_requests_need_no_zeroed_memory_and_are_counted(void** state) {
  struct loop_fixture* f = *state;
  uv_connect_t connecting;
  uv_write_t writing;
  uv_shutdown_t shutting;
  union address at;
  uv_buf_t buf = uv_buf_init((char[]){"text"}, 4);
  int listener = make_listener(&at);

  init_filled_client(f);
  init_request(&connecting, sizeof(connecting));
  init_request(&writing, sizeof(writing));
  init_request(&shutting, sizeof(shutting));
  assert_int_equal(f->loop.active_reqs.count, 0);
  assert_int_equal(uv_tcp_connect(&connecting, &client, &at.any, on_client_connect), 0);
  assert_int_equal(f->loop.active_reqs.count, 1);
  assert_int_equal(connecting.type, UV_CONNECT);
  assert_int_equal(uv_write(&writing, (uv_stream_t*) &client, &buf, 1, on_client_write), 0);
  assert_int_equal(f->loop.active_reqs.count, 2);
  assert_int_equal(client.write_queue_size, 4);
  assert_int_equal(writing.type, UV_WRITE);
  assert_int_equal(uv_shutdown(&shutting, (uv_stream_t*) &client, on_client_shutdown), 0);
  assert_int_equal(f->loop.active_reqs.count, 3);
  assert_int_equal(shutting.type, UV_SHUTDOWN);
  run(f);
  assert_string_equal(f->log, "cws");
  assert_int_equal(f->loop.active_reqs.count, 0);
  assert_int_equal(client.write_queue_size, 0);

  int raw = accept(listener, NULL, NULL);
  receive_exactly(raw, received, 4);
  assert_memory_equal(received, "text", 4);
  assert_memory_equal(client.u.reserved, theirs, sizeof(theirs));
  close(raw);
  close(listener);
}

static void do_work(uv_work_t* req) {
  (void) req;
}

static void after_work(uv_work_t* req, int status) {
  assert_int_equal(status, 0);
  assert_ptr_equal(req->data, &datum);
  test_log(req->loop, 'w');
}

static void after_stat(uv_fs_t* req) {
  assert_int_equal(req->result, 0);
  assert_ptr_equal(req->data, &datum);
  test_log(req->loop, 'f');
  uv_fs_req_cleanup(req);
}

static void after_addresses(uv_getaddrinfo_t* req, int status, struct addrinfo* found) {
  assert_int_equal(status, 0);
  assert_ptr_equal(req->data, &datum);
  test_log(req->loop, 'a');
  uv_freeaddrinfo(found);
}

static void after_names(uv_getnameinfo_t* req, int status, const char* host, const char* service) {
  assert_int_equal(status, 0);
  assert_ptr_equal(req->data, &datum);
  assert_string_equal(host, "127.0.0.1");
  assert_string_equal(service, "80");
  test_log(req->loop, 'n');
}

static void after_random(uv_random_t* req, int status, void* bytes, size_t len) {
  assert_int_equal(status, 0);
  assert_ptr_equal(req->data, &datum);
  assert_ptr_equal(bytes, received);
  assert_int_equal(len, 8);
  test_log(req->loop, 'r');
}

static void requests_of_threads_need_no_zeroed_memory_and_are_counted(void** state) {
  struct loop_fixture* f = *state;
  union address at = address4("127.0.0.1", 80);
  uv_work_t work;
  uv_fs_t fs;
  uv_getaddrinfo_t addresses;
  uv_getnameinfo_t names;
  uv_random_t random;

  init_request(&work, sizeof(work));
  init_request(&fs, sizeof(fs));
  init_request(&addresses, sizeof(addresses));
  init_request(&names, sizeof(names));
  init_request(&random, sizeof(random));
  assert_int_equal(uv_queue_work(&f->loop, &work, do_work, after_work), 0);
  assert_int_equal(f->loop.active_reqs.count, 1);
  assert_int_equal(uv_fs_stat(&f->loop, &fs, "/", after_stat), 0);
  assert_int_equal(f->loop.active_reqs.count, 2);
  assert_int_equal(uv_getaddrinfo(&f->loop, &addresses, after_addresses, "127.0.0.1", NULL, NULL),
                   0);
  assert_int_equal(f->loop.active_reqs.count, 3);
  assert_int_equal(
      uv_getnameinfo(&f->loop, &names, after_names, &at.any, NI_NUMERICHOST | NI_NUMERICSERV), 0);
  assert_int_equal(f->loop.active_reqs.count, 4);
  assert_int_equal(uv_random(&f->loop, &random, received, 8, 0, after_random), 0);
  assert_int_equal(f->loop.active_reqs.count, 5);
  assert_int_equal(work.type, UV_WORK);
  assert_int_equal(fs.type, UV_FS);
  assert_int_equal(addresses.type, UV_GETADDRINFO);
  assert_int_equal(names.type, UV_GETNAMEINFO);
  assert_int_equal(random.type, UV_RANDOM);
  run(f);
  assert_int_equal(f->loop.active_reqs.count, 0);
  assert_int_equal(strlen(f->log), 5);
}

/* -- Flags ------------------------------------------------------------------------------------- */

static void flags_are_closed(uv_handle_t* handle) {
  assert_true(has(handle, CLOSING | CLOSED));
  assert_true(has_none(handle, ACTIVE));
  test_log(handle->loop, 'x');
}

static void flags_tell_the_life_of_a_handle(void** state) {
  struct loop_fixture* f = *state;
  static uv_timer_t timer;

  memset(&timer, 0xa5, sizeof(timer));
  assert_int_equal(uv_timer_init(&f->loop, &timer), 0);
  assert_int_equal(timer.flags, REF);
  assert_int_equal(uv_timer_start(&timer, (uv_timer_cb) abort, 1000, 0), 0);
  assert_int_equal(timer.flags, REF | ACTIVE);
  uv_unref((uv_handle_t*) &timer);
  assert_int_equal(timer.flags, ACTIVE);
  uv_ref((uv_handle_t*) &timer);
  uv_close((uv_handle_t*) &timer, flags_are_closed);
  assert_true(has(&timer, CLOSING | REF));
  assert_true(has_none(&timer, ACTIVE | CLOSED));
  run(f);
  assert_string_equal(f->log, "x");
}

static void flags_tell_the_state_of_a_stream(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  bind_to(&server, address6("::1", 0));
  assert_true(has(&server, BOUND | IPV6));
  assert_true(has_none(&server, READABLE | WRITABLE | ACTIVE));
  assert_int_equal(uv_listen((uv_stream_t*) &server, 1, NULL), 0);
  assert_true(has(&server, BOUND | ACTIVE));

  int raw = open_client(f);
  assert_true(has(&client, READABLE | WRITABLE));
  assert_true(has_none(&client, READING | ACTIVE));
  assert_int_equal(uv_read_start((uv_stream_t*) &client, alloc_cb, on_read), 0);
  assert_true(has(&client, READING | ACTIVE));
  assert_int_equal(uv_read_stop((uv_stream_t*) &client), 0);
  assert_true(has_none(&client, READING | ACTIVE));
  uv_close((uv_handle_t*) &client, NULL);
  assert_true(has_none(&client, READABLE | WRITABLE));
  close(raw);
}

static void flags_tell_the_state_of_a_datagram_handle(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_t udp;
  static uv_udp_t batched;
  union address any_port = address6("::1", 0);
  union address peer = address6("::1", 9);

  assert_int_equal(uv_udp_init_ex(&f->loop, &batched, AF_INET | UV_UDP_RECVMMSG), 0);
  assert_true(has(&batched, UDP_RECVMMSG));
  assert_int_equal(uv_udp_init(&f->loop, &udp), 0);
  assert_true(has_none(&udp, UDP_RECVMMSG | BOUND | UDP_CONNECTED));
  assert_int_equal(uv_udp_bind(&udp, &any_port.any, 0), 0);
  assert_true(has(&udp, BOUND | IPV6));
  assert_int_equal(uv_udp_connect(&udp, &peer.any), 0);
  assert_true(has(&udp, UDP_CONNECTED));
  assert_int_equal(uv_udp_connect(&udp, NULL), 0);
  assert_true(has_none(&udp, UDP_CONNECTED));
}

static void alloc_datagram(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  (void) handle;
  (void) size;
  *buf = uv_buf_init(received, sizeof(received));
}

static void on_datagram(uv_udp_t* udp, ssize_t nread, const uv_buf_t* buf,
                        const struct sockaddr* from, unsigned int flags) {
  (void) buf;
  (void) flags;
  if (from == NULL)
    return;
  assert_int_equal(nread, 4);
  test_log(udp->loop, 'd');
  uv_udp_recv_stop(udp);
}

/* A name server binds one handle, opens the same socket for each of its loops, and copies the word.
 */
static void copied_flags_make_a_datagram_handle_bound(void** state) {
  struct loop_fixture* f = *state;
  static uv_udp_t bound;
  static uv_udp_t copy;
  union address at = address6("::1", 0);
  int len = sizeof(at);

  assert_int_equal(uv_udp_init(&f->loop, &bound), 0);
  assert_int_equal(uv_udp_bind(&bound, &at.any, 0), 0);
  assert_int_equal(uv_udp_getsockname(&bound, &at.any, &len), 0);
  assert_int_equal(uv_udp_init(&f->loop, &copy), 0);
  assert_int_equal(uv_udp_open(&copy, dup(fd_of(&bound))), 0);
  copy.flags = bound.flags;
  uv_close((uv_handle_t*) &bound, NULL);

  assert_int_equal(uv_udp_recv_start(&copy, alloc_datagram, on_datagram), 0);
  int raw = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  assert_int_equal(sendto(raw, "text", 4, 0, &at.any, address_len(&at)), 4);
  run(f);
  assert_string_equal(f->log, "d");
  close(raw);
}

#if defined(RONDO_VERSION)
/* Whoever sets that flag and then fails to open the pipe has a readable stream without a
 * descriptor. */
static void a_readable_flag_is_not_all_that_reading_needs(void** state) {
  struct loop_fixture* f = *state;
  static uv_pipe_t pipe;

  assert_int_equal(uv_pipe_init(&f->loop, &pipe, 0), 0);
  pipe.flags |= READABLE;
  assert_int_equal(uv_pipe_open(&pipe, 9999), UV_EBADF);
  assert_int_equal(uv_read_start((uv_stream_t*) &pipe, alloc_cb, on_read), UV_EINVAL);
  assert_int_equal(uv_is_active((uv_handle_t*) &pipe), 0);
}
#endif

/* -- Descriptors ------------------------------------------------------------------------------- */

static void the_watcher_of_a_stream_has_its_descriptor(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(server.io_watcher.fd, -1);
  int raw = open_client(f);
  assert_int_equal(client.io_watcher.fd, fd_of(&client));
  uv_close((uv_handle_t*) &client, NULL);
  assert_int_equal(client.io_watcher.fd, -1);
  close(raw);
}

static int polled_events;

static void on_poll(uv_poll_t* poll, int status, int events) {
  assert_int_equal(status, 0);
  polled_events = events;
  test_log(poll->loop, 'p');
}

static void a_stopped_poll_handle_may_be_given_another_descriptor(void** state) {
  struct loop_fixture* f = *state;
  static uv_poll_t poll;
  int first[2];
  int second[2];

  assert_int_equal(pipe(first), 0);
  assert_int_equal(pipe(second), 0);
  assert_int_equal(uv_poll_init(&f->loop, &poll, first[0]), 0);
  assert_int_equal(uv_poll_start(&poll, UV_READABLE, on_poll), 0);
  turn(f);
  assert_int_equal(uv_poll_stop(&poll), 0);
  poll.io_watcher.fd = second[0];
  assert_int_equal(uv_poll_start(&poll, UV_READABLE, on_poll), 0);
  assert_int_equal(write(first[1], "x", 1), 1);
  turn(f);
  assert_string_equal(f->log, "");
  assert_int_equal(write(second[1], "x", 1), 1);
  turn(f);
  assert_string_equal(f->log, "p");
  assert_int_equal(polled_events, UV_READABLE);

  assert_int_equal(uv_poll_stop(&poll), 0);
#if defined(RONDO_VERSION)
  poll.io_watcher.fd = -1;
  assert_int_equal(uv_poll_start(&poll, UV_READABLE, on_poll), UV_EBADF);
#endif
  uv_close((uv_handle_t*) &poll, NULL);
  run(f);
  for (int i = 0; i < 2; i++) {
    close(first[i]);
    close(second[i]);
  }
}

/* -- The loop ---------------------------------------------------------------------------------- */

/* The links as programs with lists of their own see them: next, then previous. */
struct link {
  struct link* next;
  struct link* prev;
};

static const uv_handle_t* handle_of(const struct link* link) {
  return (const void*) ((const char*) link - offsetof(uv_handle_t, handle_queue));
}

/* One that is closing is there until its close callback. */
static void the_handles_of_a_loop_are_a_circular_list(void** state) {
  struct loop_fixture* f = *state;
  const struct link* sentinel = (const struct link*) (const void*) &f->loop.handle_queue;
  static uv_idle_t idles[3];
  int seen = 0;

  for (int i = 0; i < 3; i++)
    assert_int_equal(uv_idle_init(&f->loop, &idles[i]), 0);
  uv_close((uv_handle_t*) &idles[1], NULL);
  for (const struct link* link = sentinel->next; link != sentinel; link = link->next) {
    assert_ptr_equal(link->next->prev, link);
    if (has_none(handle_of(link), INTERNAL))
      assert_ptr_equal(handle_of(link), &idles[seen++]);
  }
  assert_int_equal(seen, 3);
  run(f);
  assert_ptr_equal(handle_of(sentinel->prev), &idles[2]);
  assert_ptr_equal(handle_of(sentinel->prev->prev), &idles[0]);
}

static void members_of_a_loop_tell_what_its_functions_tell(void** state) {
  struct loop_fixture* f = *state;
  static uv_idle_t idle;

  uv_update_time(&f->loop);
  assert_int_equal(f->loop.time, uv_now(&f->loop));
  assert_int_equal(f->loop.backend_fd, uv_backend_fd(&f->loop));
  assert_null(f->loop.closing_handles);
  assert_int_equal(f->loop.stop_flag, 0);
  uv_stop(&f->loop);
  assert_int_not_equal(f->loop.stop_flag, 0);
  run(f);
  assert_int_equal(f->loop.stop_flag, 0);

  assert_int_equal(uv_idle_init(&f->loop, &idle), 0);
  uv_close((uv_handle_t*) &idle, NULL);
  assert_ptr_equal(f->loop.closing_handles, &idle);
  run(f);
  assert_null(f->loop.closing_handles);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    loop_test(init_needs_no_zeroed_memory),
    loop_test(reserved_is_the_programs),
    loop_test(stream_requests_need_no_zeroed_memory_and_are_counted),
    loop_test(requests_of_threads_need_no_zeroed_memory_and_are_counted),
    loop_test(flags_tell_the_life_of_a_handle),
    loop_test(flags_tell_the_state_of_a_stream),
    loop_test(flags_tell_the_state_of_a_datagram_handle),
    loop_test(copied_flags_make_a_datagram_handle_bound),
#if defined(RONDO_VERSION)
    loop_test(a_readable_flag_is_not_all_that_reading_needs),
#endif
    loop_test(the_watcher_of_a_stream_has_its_descriptor),
    loop_test(a_stopped_poll_handle_may_be_given_another_descriptor),
    loop_test(the_handles_of_a_loop_are_a_circular_list),
    loop_test(members_of_a_loop_tell_what_its_functions_tell),
  };
  return cmocka_run_group_tests_name("consumers", tests, NULL, NULL);
}
