/* IPC pipes of Windows: the bytes of their frames, in both directions, and the sockets in them. */
#include "support/allocator.h"
#include "support/spawn_try.h"
#include "support/win_pipe.h"

#include <stdbool.h>

enum {
  HEADER_LEN = 16,
  INFO_LEN = 628,
  SOCKET_LEN = 632,
  PAYLOAD = 1,
  SOCKET_FOLLOWS = 2,
  CONNECTION = 4,
  SENT = 12
};

static uv_pipe_t here;
static uv_pipe_t there;
static uv_tcp_t server;
static uv_tcp_t taken;
static uv_tcp_t client;
static uv_tcp_t accepted;
static struct reader reader;
static uv_write_t writes[SENT];
static int writes_done;
static int write_status;

static int setup(void** state) {
  struct loop_fixture* f;
  struct sockaddr_in localhost;

  loop_setup(state);
  f = *state;
  assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &localhost), 0);
  assert_int_equal(uv_pipe_init(&f->loop, &here, 1), 0);
  assert_int_equal(uv_pipe_init(&f->loop, &there, 1), 0);
  assert_int_equal(uv_tcp_init(&f->loop, &server), 0);
  assert_int_equal(uv_tcp_init(&f->loop, &taken), 0);
  assert_int_equal(uv_tcp_init(&f->loop, &client), 0);
  assert_int_equal(uv_tcp_init(&f->loop, &accepted), 0);
  assert_int_equal(uv_tcp_bind(&server, (struct sockaddr*) &localhost, 0), 0);
  writes_done = 0;
  write_status = 0;
  return 0;
}

static void written(uv_write_t* req, int status) {
  assert_int_equal(req - writes, writes_done);
  writes_done++;
  write_status = status;
}

static int send_text(int which, const char* text, void* handle) {
  uv_buf_t buf = text_buf(text);

  return uv_write2(&writes[which], stream_of(&here), &buf, 1, handle, written);
}

static void wait_written(struct loop_fixture* f, int count) {
  while (writes_done < count)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(write_status, 0);
}

static uint32_t number(const unsigned char* bytes) {
  return bytes[0] | (uint32_t) bytes[1] << 8 | (uint32_t) bytes[2] << 16 |
         (uint32_t) bytes[3] << 24;
}

static void put(unsigned char* bytes, uint32_t value) {
  for (int i = 0; i < 4; i++)
    bytes[i] = (unsigned char) (value >> (8 * i));
}

/* A frame's header as it was specified, with what is to be ignored set. */
static size_t make_header(unsigned char* bytes, uint32_t flags, uint32_t len, uint32_t zero) {
  put(bytes, flags);
  put(bytes + 4, 0xdeadbeef);
  put(bytes + 8, len);
  put(bytes + 12, zero);
  return HEADER_LEN;
}

static size_t make_frame(unsigned char* bytes, const char* text) {
  size_t len = strlen(text);

  make_header(bytes, len > 0 ? PAYLOAD : 0, (uint32_t) len, 0);
  memcpy(bytes + HEADER_LEN, text, len);
  return HEADER_LEN + len;
}

/* -- Sending ----------------------------------------------------------------------------------- */

static void a_write_is_a_header_and_its_bytes(void** state) {
  static const unsigned char expected[] = {1, 0, 0, 0, 0, 0,   0,   0,   5,   0,  0,
                                           0, 0, 0, 0, 0, 'h', 'e', 'l', 'l', 'o'};
  static const unsigned char nothing[HEADER_LEN];
  struct loop_fixture* f = *state;
  uv_file fd = make_pair(&here, BOTH_WAYS);
  uv_buf_t bufs[2] = {text_buf("hel"), text_buf("lo")};
  unsigned char bytes[sizeof(expected)];

  assert_int_equal(uv_write(&writes[0], stream_of(&here), bufs, 2, written), 0);
  assert_int_equal(send_text(1, "", NULL), 0);
  wait_written(f, 2);
  assert_int_equal(here.write_queue_size, 0);
  assert_int_equal(raw_available(fd), sizeof(expected) + HEADER_LEN);
  raw_read(fd, bytes, sizeof(expected));
  assert_memory_equal(bytes, expected, sizeof(expected));
  raw_read(fd, bytes, HEADER_LEN);
  assert_memory_equal(bytes, nothing, HEADER_LEN);
  _close(fd);
}

/* A socket made from the block of a frame. */
static SOCKET import(const unsigned char* block) {
  WSAPROTOCOL_INFOW info;
  SOCKET s;

  assert_int_equal(sizeof(info), INFO_LEN);
  memcpy(&info, block, sizeof(info));
  s = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0,
                 WSA_FLAG_OVERLAPPED);
  assert_true(s != INVALID_SOCKET);
  return s;
}

static struct sockaddr_in address_of(const uv_tcp_t* tcp) {
  struct sockaddr_in address;
  int len = sizeof(address);

  assert_int_equal(uv_tcp_getsockname(tcp, (struct sockaddr*) &address, &len), 0);
  return address;
}

static void a_server_is_a_block_behind_the_header(void** state) {
  struct loop_fixture* f = *state;
  uv_file fd = make_pair(&here, BOTH_WAYS);
  unsigned char bytes[HEADER_LEN + SOCKET_LEN + 1];
  struct sockaddr_in address;
  int len = sizeof(address);
  int listening = 0;
  int option_len = sizeof(listening);
  SOCKET s;

  assert_int_equal(send_text(0, "x", &server), 0);
  assert_int_equal(send_text(1, "", &server), 0);
  wait_written(f, 2);
  raw_read(fd, bytes, sizeof(bytes));
  assert_int_equal(number(bytes), PAYLOAD | SOCKET_FOLLOWS);
  assert_int_equal(number(bytes + 4), 0);
  assert_int_equal(number(bytes + 8), 1);
  assert_int_equal(number(bytes + 12), 0);
  assert_int_equal(number(bytes + HEADER_LEN + INFO_LEN), 0);
  assert_int_equal(bytes[HEADER_LEN + SOCKET_LEN], 'x');

  /* It is the same socket, and listens. */
  s = import(bytes + HEADER_LEN);
  assert_int_equal(getsockname(s, (struct sockaddr*) &address, &len), 0);
  assert_int_equal(address.sin_port, address_of(&server).sin_port);
  assert_int_equal(getsockopt(s, SOL_SOCKET, SO_ACCEPTCONN, (char*) &listening, &option_len), 0);
  assert_true(listening);
  closesocket(s);

  assert_int_equal(raw_available(fd), HEADER_LEN + SOCKET_LEN);
  raw_read(fd, bytes, HEADER_LEN + SOCKET_LEN);
  assert_int_equal(number(bytes), SOCKET_FOLLOWS);
  assert_int_equal(number(bytes + 8), 0);
  closesocket(import(bytes + HEADER_LEN));
  _close(fd);
}

/* -- Connections ------------------------------------------------------------------------------- */

static void accept_into(uv_stream_t* stream, int status) {
  assert_int_equal(status, 0);
  assert_int_equal(uv_accept(stream, stream_of(&accepted)), 0);
  test_log(stream->loop, 'a');
}

static void connected(uv_connect_t* req, int status) {
  assert_int_equal(status, 0);
  test_log(req->handle->loop, 'c');
}

/* Connects `client` to a server, which takes it into `accepted`. */
static void connect_client(struct loop_fixture* f, struct sockaddr_in address) {
  static uv_connect_t req;

  assert_int_equal(uv_tcp_connect(&req, &client, (struct sockaddr*) &address, connected), 0);
  while (strchr(f->log, 'c') == NULL || strchr(f->log, 'a') == NULL)
    uv_run(&f->loop, UV_RUN_ONCE);
}

static void a_connection_has_a_flag_of_its_own(void** state) {
  struct loop_fixture* f = *state;
  uv_file fd = make_pair(&here, BOTH_WAYS);
  unsigned char bytes[HEADER_LEN + SOCKET_LEN + 1];

  assert_int_equal(uv_listen(stream_of(&server), 8, accept_into), 0);
  connect_client(f, address_of(&server));
  assert_int_equal(send_text(0, "x", &accepted), 0);
  wait_written(f, 1);
  raw_read(fd, bytes, sizeof(bytes));
  assert_int_equal(number(bytes), PAYLOAD | SOCKET_FOLLOWS | CONNECTION);
  closesocket(import(bytes + HEADER_LEN));
  _close(fd);
}

static void a_passed_server_serves_where_it_arrives(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in address = address_of(&server);

  connect_pair(&here, &there, BOTH_WAYS);
  assert_int_equal(send_text(0, "take it", &server), 0);
  reader_start(&reader, stream_of(&there));
  reader_wait(&reader, &f->loop, 7);
  assert_memory_equal(reader.bytes, "take it", 7);
  assert_int_equal(uv_pipe_pending_count(&there), 1);
  assert_int_equal(uv_pipe_pending_type(&there), UV_TCP);
  assert_int_equal(uv_pipe_pending_count(&here), 0);
  assert_int_equal(uv_accept(stream_of(&there), stream_of(&taken)), 0);
  assert_int_equal(uv_pipe_pending_count(&there), 0);
  assert_int_equal(uv_pipe_pending_type(&there), UV_UNKNOWN_HANDLE);
  assert_int_equal(uv_accept(stream_of(&there), stream_of(&accepted)), UV_EAGAIN);
  wait_written(f, 1);

  uv_close(handle_of(&server), NULL);
  turn(f);
  assert_int_equal(address_of(&taken).sin_port, address.sin_port);
  assert_int_equal(uv_listen(stream_of(&taken), 8, accept_into), 0);
  connect_client(f, address);
}

static void a_listening_server_listens_on_where_it_arrives(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in address = address_of(&server);

  connect_pair(&here, &there, BOTH_WAYS);
  assert_int_equal(uv_listen(stream_of(&server), 8, accept_into), 0);
  assert_int_equal(send_text(0, "x", &server), 0);
  wait_written(f, 1);
  uv_close(handle_of(&server), NULL);
  reader_start(&reader, stream_of(&there));
  reader_wait(&reader, &f->loop, 1);
  assert_int_equal(uv_accept(stream_of(&there), stream_of(&taken)), 0);
  assert_int_equal(uv_listen(stream_of(&taken), 8, accept_into), 0);
  connect_client(f, address);
}

static void a_passed_connection_is_used_where_it_arrives(void** state) {
  struct loop_fixture* f = *state;
  static struct reader from_peer;
  static uv_write_t reqs[2];
  uv_buf_t buf = text_buf("hello");

  connect_pair(&here, &there, BOTH_WAYS);
  assert_int_equal(uv_listen(stream_of(&server), 8, accept_into), 0);
  connect_client(f, address_of(&server));
  assert_int_equal(send_text(0, "x", &accepted), 0);
  reader_start(&reader, stream_of(&there));
  reader_wait(&reader, &f->loop, 1);
  assert_int_equal(uv_accept(stream_of(&there), stream_of(&taken)), 0);
  assert_int_equal(uv_is_readable(stream_of(&taken)), 1);
  assert_int_equal(uv_is_writable(stream_of(&taken)), 1);
  uv_close(handle_of(&accepted), NULL);
  turn(f);

  assert_int_equal(uv_write(&reqs[0], stream_of(&taken), &buf, 1, NULL), 0);
  reader_start(&from_peer, stream_of(&client));
  reader_wait(&from_peer, &f->loop, 5);
  assert_int_equal(uv_read_stop(stream_of(&client)), 0);
  reader_start(&from_peer, stream_of(&taken));
  assert_int_equal(uv_write(&reqs[1], stream_of(&client), &buf, 1, NULL), 0);
  reader_wait(&from_peer, &f->loop, 5);
}

static void handles_and_bytes_keep_their_order(void** state) {
  struct loop_fixture* f = *state;
  char text[2] = "a";

  connect_pair(&here, &there, BOTH_WAYS);
  for (int i = 0; i < SENT; i++) {
    text[0] = (char) ('a' + i);
    assert_int_equal(send_text(i, text, i % 3 == 0 ? &server : NULL), 0);
    wait_written(f, i + 1);
  }
  reader_start(&reader, stream_of(&there));
  reader_wait(&reader, &f->loop, SENT);
  assert_memory_equal(reader.bytes, "abcdefghijkl", SENT);
  assert_int_equal(uv_pipe_pending_count(&there), SENT / 3);
}

static void both_ends_send(void** state) {
  struct loop_fixture* f = *state;
  static struct reader other;
  static uv_write_t req;
  uv_buf_t buf = text_buf("back");

  connect_pair(&here, &there, BOTH_WAYS);
  reader_start(&reader, stream_of(&there));
  reader_start(&other, stream_of(&here));
  assert_int_equal(send_text(0, "forth", NULL), 0);
  assert_int_equal(uv_write2(&req, stream_of(&there), &buf, 1, stream_of(&server), NULL), 0);
  reader_wait(&reader, &f->loop, 5);
  reader_wait(&other, &f->loop, 4);
  assert_int_equal(uv_accept(stream_of(&here), stream_of(&taken)), 0);
}

/* -- Receiving --------------------------------------------------------------------------------- */

static void frames_may_come_byte_by_byte(void** state) {
  struct loop_fixture* f = *state;
  uv_file fd = make_pair(&there, BOTH_WAYS);
  unsigned char bytes[128];
  size_t len = make_frame(bytes, "first");

  len += make_frame(bytes + len, ""); /* brings nothing */
  len += make_frame(bytes + len, "second");
  reader_start(&reader, stream_of(&there));
  for (size_t i = 0; i < len; i++) {
    raw_write(fd, bytes + i, 1);
    uv_run(&f->loop, UV_RUN_NOWAIT);
  }
  reader_wait(&reader, &f->loop, 11);
  assert_memory_equal(reader.bytes, "firstsecond", 11);
  assert_int_equal(reader.status, 0);
  _close(fd);
}

static size_t callbacks;

static void count_callback(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  callbacks++;
  reader_read(stream, nread, buf);
}

static void many_frames_at_once_are_a_callback_each(void** state) {
  struct loop_fixture* f = *state;
  uv_file fd = make_pair(&there, BOTH_WAYS);
  unsigned char bytes[512];
  size_t len = 0;

  for (int i = 0; i < 10; i++)
    len += make_frame(bytes + len, "0123456789");
  raw_write(fd, bytes, len);
  callbacks = 0;
  memset(&reader, 0, sizeof(reader));
  there.data = &reader;
  assert_int_equal(uv_read_start(stream_of(&there), reader_alloc, count_callback), 0);
  reader_wait(&reader, &f->loop, 100);
  assert_int_equal(callbacks, 10);
  assert_int_equal(reader.status, 0);
  _close(fd);
  assert_int_equal(reader_wait_end(&reader, &f->loop), UV_EOF);
}

static void small_alloc(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
  static char memory[3];

  (void) handle;
  assert_in_range(suggested_size, 1, 10);
  *buf = uv_buf_init(memory, sizeof(memory));
}

static void a_payload_may_take_several_reads(void** state) {
  struct loop_fixture* f = *state;
  uv_file fd = make_pair(&there, BOTH_WAYS);
  unsigned char bytes[64];
  size_t len = make_frame(bytes, "0123456789");

  len += make_frame(bytes + len, "abc");
  raw_write(fd, bytes, len);
  memset(&reader, 0, sizeof(reader));
  there.data = &reader;
  assert_int_equal(uv_read_start(stream_of(&there), small_alloc, reader_read), 0);
  reader_wait(&reader, &f->loop, 13);
  assert_memory_equal(reader.bytes, "0123456789abc", 13);
  _close(fd);
}

static void what_is_no_frame_ends_the_connection(void** state) {
  static const struct {
    uint32_t flags;
    uint32_t len;
    uint32_t zero;
  } bad[] = {
      {8, 0, 0}, {0x80000001, 1, 0}, {CONNECTION, 0, 0}, {PAYLOAD | CONNECTION, 1, 0},
      {0, 1, 0}, {PAYLOAD, 1, 1},
  };
  struct loop_fixture* f = *state;

  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    static uv_pipe_t receivers[sizeof(bad) / sizeof(bad[0])];
    unsigned char bytes[HEADER_LEN + 1] = {0};
    uv_file fd;
    assert_int_equal(uv_pipe_init(&f->loop, &receivers[i], 1), 0);
    fd = make_pair(&receivers[i], BOTH_WAYS);
    make_header(bytes, bad[i].flags, bad[i].len, bad[i].zero);
    raw_write(fd, bytes, sizeof(bytes));
    reader_start(&reader, stream_of(&receivers[i]));
    assert_int_equal(reader_wait_end(&reader, &f->loop), UV_ECONNABORTED);
    assert_int_equal(reader.calls, 1);
    assert_int_equal(reader.len, 0);
    assert_int_equal(uv_is_active(handle_of(&receivers[i])), 0);
    assert_int_equal(uv_is_readable(stream_of(&receivers[i])), 0);
    _close(fd);
  }
}

static bool is_refused(struct sockaddr_in address) {
  SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  bool refused = connect(s, (struct sockaddr*) &address, sizeof(address)) != 0;

  closesocket(s);
  return refused;
}

static void what_nobody_accepted_is_closed_with_the_pipe(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in address = address_of(&server);

  connect_pair(&here, &there, BOTH_WAYS);
  assert_int_equal(send_text(0, "x", &server), 0);
  assert_int_equal(send_text(1, "y", &server), 0);
  reader_start(&reader, stream_of(&there));
  reader_wait(&reader, &f->loop, 2);
  wait_written(f, 2);
  assert_int_equal(uv_pipe_pending_count(&there), 2);
  uv_close(handle_of(&server), NULL);
  turn(f);
  assert_false(is_refused(address)); /* it lives in the frames */
  uv_close(handle_of(&there), NULL);
  while (uv_pipe_pending_count(&there) > 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_true(is_refused(address));
}

static void accept_and_close(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) buf;
  assert_int_equal(nread, 1);
  assert_int_equal(uv_accept(stream, stream_of(&taken)), 0);
  uv_close(handle_of(stream), NULL);
}

static void a_read_callback_may_accept_and_close(void** state) {
  struct loop_fixture* f = *state;

  connect_pair(&here, &there, BOTH_WAYS);
  assert_int_equal(send_text(0, "x", &server), 0);
  assert_int_equal(send_text(1, "y", &server), 0);
  assert_int_equal(uv_read_start(stream_of(&there), reader_alloc, accept_and_close), 0);
  while (!uv_is_closing(handle_of(&there)))
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(address_of(&taken).sin_port, address_of(&server).sin_port);
}

static void without_memory_a_socket_is_closed_and_reading_goes_on(void** state) {
  struct loop_fixture* f = *state;
  uv_buf_t buf = text_buf("x");

  connect_pair(&here, &there, BOTH_WAYS);
  assert_int_equal(send_text(0, "lost", &server), 0);
  wait_written(f, 1);
  reader_start(&reader, stream_of(&there));
  test_allocator_install(1, true);
  assert_int_equal(uv_write(&writes[1], stream_of(&here), &buf, 1, written), UV_ENOMEM);
  while (reader.status == 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  test_allocator_remove();
  assert_int_equal(reader.status, UV_ENOMEM);
  assert_int_equal(uv_pipe_pending_count(&there), 0);
  assert_int_equal(uv_is_active(handle_of(&there)), 1);

  reader.status = 0;
  assert_int_equal(send_text(1, "found", &server), 0);
  reader_wait(&reader, &f->loop, 4 + 5);
  assert_int_equal(uv_pipe_pending_count(&there), 1);
}

/* -- Refusals ---------------------------------------------------------------------------------- */

static void only_tcp_is_sent_and_only_over_ipc_pipes(void** state) {
  struct loop_fixture* f = *state;
  static uv_pipe_t plain;
  static uv_udp_t udp;
  uv_buf_t buf = text_buf("x");

  connect_pair(&here, &there, BOTH_WAYS);
  assert_int_equal(uv_pipe_init(&f->loop, &plain, 0), 0);
  assert_int_equal(uv_udp_init(&f->loop, &udp), 0);
  assert_int_equal(send_text(0, "x", &plain), UV_ENOTSUP);
  assert_int_equal(send_text(0, "x", &udp), UV_ENOTSUP);
  assert_int_equal(send_text(0, "x", &taken), UV_EBADF);
  uv_close(handle_of(&client), NULL);
  assert_int_equal(send_text(0, "x", &client), UV_EBADF);
  assert_int_equal(uv_try_write2(stream_of(&here), &buf, 1, stream_of(&server)), UV_EAGAIN);
  assert_int_equal(here.write_queue_size, 0);

  _close(make_pair(&plain, BOTH_WAYS));
  assert_int_equal(uv_write2(&writes[0], stream_of(&plain), &buf, 1, stream_of(&server), written),
                   UV_EINVAL);
  turn(f);
  assert_int_equal(writes_done, 0);
}

static void what_cannot_take_a_socket_says_so(void** state) {
  struct loop_fixture* f = *state;
  static uv_pipe_t plain;

  connect_pair(&here, &there, BOTH_WAYS);
  assert_int_equal(uv_pipe_init(&f->loop, &plain, 0), 0);
  assert_int_equal(send_text(0, "x", &server), 0);
  reader_start(&reader, stream_of(&there));
  reader_wait(&reader, &f->loop, 1);
  assert_int_equal(uv_accept(stream_of(&there), stream_of(&plain)), UV_EINVAL);
  assert_int_equal(uv_pipe_pending_count(&there), 1);
  assert_int_equal(uv_accept(stream_of(&there), stream_of(&server)), UV_EBUSY);
  assert_int_equal(uv_pipe_pending_count(&there), 0);
}

static void an_ipc_pipe_is_overlapped_and_leads_both_ways(void** state) {
  struct loop_fixture* f = *state;
  static uv_pipe_t plain;
  uv_file one_way[2];
  uv_file fd;

  assert_int_equal(uv_pipe(one_way, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE), 0);
  assert_int_equal(uv_pipe_open(&here, one_way[0]), UV_EINVAL);
  assert_int_equal(uv_pipe_open(&here, one_way[1]), UV_EINVAL);
  _close(one_way[0]);
  _close(one_way[1]);

  assert_int_equal(uv_pipe_init(&f->loop, &plain, 0), 0);
  fd = make_pair(&plain, BOTH_WAYS);
  assert_int_equal(uv_pipe_open(&here, fd), UV_EINVAL);
  _close(fd);
}

/* -- Two processes ----------------------------------------------------------------------------- */

enum { CHANNEL = 3, SERVED = 7 };

static void echo_and_end(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  static char bytes[16];
  static uv_write_t req;

  if (nread > 0) {
    uv_buf_t answer = uv_buf_init(bytes, (unsigned int) nread);
    memcpy(bytes, buf->base, (size_t) nread);
    uv_write(&req, stream, &answer, 1, NULL);
  } else if (nread < 0) {
    uv_stop(stream->loop);
  }
}

static void serve_once(uv_stream_t* stream, int status) {
  if (status != 0 || uv_accept(stream, stream_of(&accepted)) != 0 ||
      uv_read_start(stream_of(&accepted), reader_alloc, echo_and_end) != 0)
    ExitProcess(11);
}

static void take_server(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  static uv_write_t req;
  uv_buf_t ready = text_buf("ready");

  (void) buf;
  if (nread == 0)
    return;
  if (nread != 1 || uv_pipe_pending_type((uv_pipe_t*) stream) != UV_TCP ||
      uv_accept(stream, stream_of(&taken)) != 0 ||
      uv_listen(stream_of(&taken), 8, serve_once) != 0 ||
      uv_write(&req, stream, &ready, 1, NULL) != 0)
    ExitProcess(12);
  uv_read_stop(stream);
}

/* The child: gets a server over the channel, says so, echoes what one client sends, and ends. */
static int run_child(void) {
  uv_loop_t loop;

  if (uv_loop_init(&loop) != 0 || uv_pipe_init(&loop, &there, 1) != 0 ||
      uv_tcp_init(&loop, &taken) != 0 || uv_tcp_init(&loop, &accepted) != 0 ||
      uv_pipe_open(&there, CHANNEL) != 0 ||
      uv_read_start(stream_of(&there), reader_alloc, take_server) != 0)
    return 13;
  uv_run(&loop, UV_RUN_DEFAULT);
  return SERVED;
}

static int64_t child_status;

static void exited(uv_process_t* process, int64_t status, int signal) {
  (void) signal;
  child_status = status;
  uv_close(handle_of(process), NULL);
}

static void another_process_serves_with_a_handle_it_was_sent(void** state) {
  static uv_process_t process;
  static struct reader from_server;
  struct loop_fixture* f = *state;
  struct sockaddr_in address = address_of(&server);
  static uv_connect_t connect_req;
  static uv_write_t write_req;
  uv_buf_t hello = text_buf("hello");
  char program[MAX_PATH];
  size_t size = sizeof(program);
  char* args[] = {program, "child", NULL};
  uv_stdio_container_t stdio[CHANNEL + 1] = {
      [CHANNEL] = {.flags = UV_CREATE_PIPE | UV_READABLE_PIPE | UV_WRITABLE_PIPE,
                   .data.stream = stream_of(&here)}};
  uv_process_options_t options = {
      .exit_cb = exited, .file = program, .args = args, .stdio = stdio, .stdio_count = CHANNEL + 1};

  assert_int_equal(uv_exepath(program, &size), 0);
  child_status = -1;
  assert_int_equal(spawn_try(&f->loop, &process, &options), 0);
  assert_int_equal(send_text(0, "x", &server), 0);
  wait_written(f, 1);
  reader_start(&reader, stream_of(&here));
  reader_wait(&reader, &f->loop, 5);
  assert_memory_equal(reader.bytes, "ready", 5);
  uv_close(handle_of(&server), NULL); /* the child has it now */
  turn(f);

  assert_int_equal(uv_tcp_connect(&connect_req, &client, (struct sockaddr*) &address, connected),
                   0);
  while (strchr(f->log, 'c') == NULL)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(uv_write(&write_req, stream_of(&client), &hello, 1, NULL), 0);
  reader_start(&from_server, stream_of(&client));
  reader_wait(&from_server, &f->loop, 5);
  assert_memory_equal(from_server.bytes, "hello", 5);
  uv_close(handle_of(&client), NULL);
  while (child_status == -1)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(child_status, SERVED);
}

#define win_ipc_test(function) cmocka_unit_test_setup_teardown(function, setup, loop_teardown)

int main(int argc, char** argv) {
  const struct CMUnitTest tests[] = {
      win_ipc_test(a_write_is_a_header_and_its_bytes),
      win_ipc_test(a_server_is_a_block_behind_the_header),
      win_ipc_test(a_connection_has_a_flag_of_its_own),
      win_ipc_test(a_passed_server_serves_where_it_arrives),
      win_ipc_test(a_listening_server_listens_on_where_it_arrives),
      win_ipc_test(a_passed_connection_is_used_where_it_arrives),
      win_ipc_test(handles_and_bytes_keep_their_order),
      win_ipc_test(both_ends_send),
      win_ipc_test(frames_may_come_byte_by_byte),
      win_ipc_test(many_frames_at_once_are_a_callback_each),
      win_ipc_test(a_payload_may_take_several_reads),
      win_ipc_test(what_is_no_frame_ends_the_connection),
      win_ipc_test(what_nobody_accepted_is_closed_with_the_pipe),
      win_ipc_test(a_read_callback_may_accept_and_close),
      win_ipc_test(without_memory_a_socket_is_closed_and_reading_goes_on),
      win_ipc_test(only_tcp_is_sent_and_only_over_ipc_pipes),
      win_ipc_test(what_cannot_take_a_socket_says_so),
      win_ipc_test(an_ipc_pipe_is_overlapped_and_leads_both_ways),
      win_ipc_test(another_process_serves_with_a_handle_it_was_sent),
  };

  if (argc == 2 && strcmp(argv[1], "child") == 0)
    return run_child();

  return cmocka_run_group_tests(tests, NULL, NULL);
}
