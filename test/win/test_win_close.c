/* Closing handles in every state, with all memory guarded: what the system was lent comes back
 * before it is freed.
 *
 * Handles, requests and buffers are freed as early as the interface allows, in their callbacks.
 * Each state is closed at four moments, and its peer acts before, between and after. */
#include "support/pipe_name.h"
#include "support/tcp.h"
#include "support/temp_dir.h"
#include "support/win/console.h"
#include "support/win/guarded.h"
#include "win/pipe_pair.h"

enum { BIG = 4 << 20, SMALL = 16, SENDS = 20, TURNS = 4, PEERS = 4 };

/* When a state is closed. */
enum moment {
  AT_ONCE,
  AFTER_SOME_TURNS,
  WITH_A_RESULT_WAITING, /* the peer has acted, and the loop has not looked */
  IN_BETWEEN,            /* it has looked once */
  MOMENTS
};

static uv_loop_t loop;
static int requests;                /* of which the callback is to come */
static uv_os_sock_t sockets[PEERS]; /* raw ends, closed when all is over */
static int socket_count;
static HANDLE files[PEERS];
static int file_count;
static union address target;

/* -- Memory ------------------------------------------------------------------------------------ */

static void* new_block(size_t size) {
  void* block = guarded_malloc(size);

  assert_non_null(block);
  return block;
}

#define new_handle(type) ((type*) new_block(sizeof(type)))

static uv_buf_t new_buffer(size_t size) {
  return uv_buf_init(new_block(size), (unsigned int) size);
}

static void release(uv_handle_t* handle) {
  guarded_free(handle);
}

static void close_it(uv_handle_t* handle, void* arg) {
  (void) arg;
  if (!uv_is_closing(handle))
    uv_close(handle, release);
}

/* -- Callbacks --------------------------------------------------------------------------------- */

static void give(uv_handle_t* handle, size_t size, uv_buf_t* buf) {
  (void) handle;
  *buf = new_buffer(size);
}

static void take(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  (void) stream;
  (void) nread;
  guarded_free(buf->base);
}

static void take_datagram(uv_udp_t* udp, ssize_t nread, const uv_buf_t* buf,
                          const struct sockaddr* from, unsigned int flags) {
  (void) udp;
  (void) nread;
  (void) from;
  (void) flags;
  guarded_free(buf->base);
}

static void on_connect(uv_connect_t* req, int status) {
  (void) status;
  requests--;
  guarded_free(req);
}

static void on_write(uv_write_t* req, int status) {
  (void) status;
  requests--;
  guarded_free(req->data);
  guarded_free(req);
}

static void on_send(uv_udp_send_t* req, int status) {
  (void) status;
  requests--;
  guarded_free(req->data);
  guarded_free(req);
}

static void on_shutdown(uv_shutdown_t* req, int status) {
  (void) status;
  requests--;
  guarded_free(req);
}

static void on_connection(uv_stream_t* server, int status) {
  (void) server;
  (void) status;
}

static void on_poll(uv_poll_t* poll, int status, int events) {
  (void) poll;
  (void) status;
  (void) events;
}

static void on_event(uv_fs_event_t* handle, const char* name, int events, int status) {
  (void) handle;
  (void) name;
  (void) events;
  (void) status;
}

/* -- Operations -------------------------------------------------------------------------------- */

static void start_read(void* stream) {
  assert_int_equal(uv_read_start(stream, give, take), 0);
}

static void start_write(void* stream, size_t size) {
  uv_write_t* req = new_handle(uv_write_t);
  uv_buf_t buf = new_buffer(size);

  req->data = buf.base;
  assert_int_equal(uv_write(req, stream, &buf, 1, on_write), 0);
  requests++;
}

static void start_shutdown(void* stream) {
  assert_int_equal(uv_shutdown(new_handle(uv_shutdown_t), stream, on_shutdown), 0);
  requests++;
}

/* -- TCP --------------------------------------------------------------------------------------- */

static uv_tcp_t* new_tcp(void) {
  uv_tcp_t* tcp = new_handle(uv_tcp_t);

  assert_int_equal(uv_tcp_init(&loop, tcp), 0);
  return tcp;
}

static uv_tcp_t* new_connection(void) {
  uv_tcp_t* tcp = new_tcp();
  uv_os_sock_t pair[2];

  make_tcp_pair(pair);
  assert_int_equal(uv_tcp_open(tcp, pair[0]), 0);
  sockets[socket_count++] = pair[1];
  return tcp;
}

static void begin_connect(const union address* to) {
  assert_int_equal(uv_tcp_connect(new_handle(uv_connect_t), new_tcp(), &to->any, on_connect), 0);
  requests++;
}

static void tcp_listens(void) {
  uv_tcp_t* tcp = new_tcp();

  target = address4("127.0.0.1", 0);
  assert_int_equal(uv_tcp_bind(tcp, &target.any, 0), 0);
  assert_int_equal(uv_listen((uv_stream_t*) tcp, 8, on_connection), 0);
  target = name_of(tcp);
}

static void connect_to_target(void) {
  u_long nonblocking = 1;
  uv_os_sock_t s = new_socket(AF_INET, SOCK_STREAM);

  ioctlsocket(s, (long) FIONBIO, &nonblocking);
  connect(s, &target.any, sizeof(target.v4));
  sockets[socket_count++] = s;
}

static void tcp_connects(void) {
  sockets[socket_count++] = make_listener(&target);
  begin_connect(&target);
}

static void tcp_connects_in_vain(void) {
  target = refusing_address();
  begin_connect(&target);
}

static void tcp_reads(void) {
  start_read(new_connection());
}

static void tcp_writes(void) {
  start_write(new_connection(), BIG);
}

static void tcp_does_everything(void) {
  uv_tcp_t* tcp = new_connection();

  start_read(tcp);
  start_write(tcp, BIG);
  start_write(tcp, SMALL);
  start_shutdown(tcp);
}

static void send_to_it(void) {
  send(sockets[0], "text", 4, 0);
}

/* What it has written, as much as is there. */
static void receive_from_it(void) {
  static char memory[65536];
  u_long nonblocking = 1;

  ioctlsocket(sockets[0], (long) FIONBIO, &nonblocking);
  for (int i = 0; i < 8; i++)
    recv(sockets[0], memory, sizeof(memory), 0);
}

static void nobody_acts(void) {
}

/* -- UDP and poll ------------------------------------------------------------------------------ */

static uv_udp_t* new_udp(void) {
  uv_udp_t* udp = new_handle(uv_udp_t);
  int len = sizeof(target);

  target = address4("127.0.0.1", 0);
  assert_int_equal(uv_udp_init(&loop, udp), 0);
  assert_int_equal(uv_udp_bind(udp, &target.any, 0), 0);
  assert_int_equal(uv_udp_getsockname(udp, &target.any, &len), 0);
  return udp;
}

static void udp_receives(void) {
  assert_int_equal(uv_udp_recv_start(new_udp(), give, take_datagram), 0);
  sockets[socket_count++] = new_socket(AF_INET, SOCK_DGRAM);
}

static void send_datagram(void) {
  sendto(sockets[0], "text", 4, 0, &target.any, sizeof(target.v4));
}

static void udp_sends(void) {
  uv_udp_t* udp = new_udp();

  for (int i = 0; i < SENDS; i++) {
    uv_udp_send_t* req = new_handle(uv_udp_send_t);
    uv_buf_t buf = new_buffer(30000);
    req->data = buf.base;
    assert_int_equal(uv_udp_send(req, udp, &buf, 1, &target.any, on_send), 0);
    requests++;
  }
}

static void a_socket_is_polled(void) {
  uv_poll_t* poll = new_handle(uv_poll_t);
  uv_os_sock_t pair[2];

  make_tcp_pair(pair);
  sockets[socket_count++] = pair[1];
  sockets[socket_count++] = pair[0];
  assert_int_equal(uv_poll_init_socket(&loop, poll, pair[0]), 0);
  assert_int_equal(uv_poll_start(poll, UV_READABLE | UV_DISCONNECT, on_poll), 0);
}

/* -- Pipes ------------------------------------------------------------------------------------- */

static uv_pipe_t* new_pipe(void) {
  uv_pipe_t* pipe = new_handle(uv_pipe_t);

  assert_int_equal(uv_pipe_init(&loop, pipe, 0), 0);
  return pipe;
}

/* One whose other end is files[0]. */
static uv_pipe_t* new_pipe_pair(void) {
  uv_pipe_t* pipe = new_pipe();

  assert_int_equal(uv__pipe_stdio_pair(pipe, UV_READABLE_PIPE | UV_WRITABLE_PIPE | UV_NONBLOCK_PIPE,
                                       &files[file_count]),
                   0);
  file_count++;
  return pipe;
}

/* One that threads read and write, whose other end is a handle too. */
static uv_pipe_t* new_blocking_pipe(void) {
  uv_pipe_t* pipe = new_pipe();
  HANDLE file;

  assert_int_equal(uv__pipe_stdio_pair(new_pipe(), UV_READABLE_PIPE | UV_WRITABLE_PIPE, &file), 0);
  assert_int_equal(uv_pipe_open(pipe, uv_open_osfhandle(file)), 0);
  return pipe;
}

static void write_to_it(void) {
  OVERLAPPED operation = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
  DWORD count;

  if (WriteFile(files[0], "text", 4, NULL, &operation) || GetLastError() == ERROR_IO_PENDING)
    GetOverlappedResult(files[0], &operation, &count, TRUE);
  CloseHandle(operation.hEvent);
}

static void pipe_listens(void) {
  uv_pipe_t* pipe = new_pipe();

  assert_int_equal(uv_pipe_bind(pipe, pipe_name("listens")), 0);
  assert_int_equal(uv_listen((uv_stream_t*) pipe, 8, on_connection), 0);
}

static HANDLE open_pipe_name(const char* name) {
  return CreateFileA(pipe_name(name), GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0,
                     NULL);
}

static void connect_to_name(void) {
  HANDLE file = open_pipe_name("listens");

  if (file != INVALID_HANDLE_VALUE)
    files[file_count++] = file;
}

/* All instances are taken, so a thread waits for one. */
static void pipe_waits_for_an_instance(void) {
  uv_pipe_t* pipe = new_pipe();

  files[0] = CreateNamedPipeA(pipe_name("busy"), PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 1, 65536,
                              65536, 0, NULL);
  files[1] = open_pipe_name("busy");
  file_count = 2;
  assert_true(files[0] != INVALID_HANDLE_VALUE && files[1] != INVALID_HANDLE_VALUE);
  uv_pipe_connect(new_handle(uv_connect_t), pipe, pipe_name("busy"), on_connect);
  requests++;
  start_write(pipe, SMALL);
}

static void pipe_reads(void) {
  start_read(new_pipe_pair());
}

static void pipe_does_everything(void) {
  uv_pipe_t* pipe = new_pipe_pair();

  start_read(pipe);
  start_write(pipe, BIG);
  start_write(pipe, SMALL);
  start_shutdown(pipe);
}

static void blocking_pipe_reads(void) {
  start_read(new_blocking_pipe());
}

static void blocking_pipe_does_everything(void) {
  uv_pipe_t* pipe = new_blocking_pipe();

  start_read(pipe);
  start_write(pipe, BIG);
  start_write(pipe, SMALL);
  start_shutdown(pipe);
}

/* -- Files and consoles ------------------------------------------------------------------------ */

static void directory_is_watched(void) {
  uv_fs_event_t* handle = new_handle(uv_fs_event_t);

  assert_int_equal(uv_fs_event_init(&loop, handle), 0);
  assert_int_equal(uv_fs_event_start(handle, on_event, temp_dir, 0), 0);
}

static void change_directory(void) {
  const char* path = temp_path("file");
  HANDLE file = CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);

  assert_true(file != INVALID_HANDLE_VALUE);
  CloseHandle(file);
  assert_true(DeleteFileA(path));
}

static void new_tty(uv_tty_mode_t mode) {
  uv_tty_t* tty = new_handle(uv_tty_t);

  assert_int_equal(uv_tty_init(&loop, tty, open_console_fd(L"CONIN$"), 1), 0);
  assert_int_equal(uv_tty_set_mode(tty, mode), 0);
  start_read(tty);
}

static void keys_are_read(void) {
  new_tty(UV_TTY_MODE_RAW);
}

static void lines_are_read(void) {
  new_tty(UV_TTY_MODE_NORMAL);
}

static void type_line(void) {
  HANDLE input = open_console(L"CONIN$");
  const KEY_EVENT_RECORD key = {
      .bKeyDown = TRUE, .wRepeatCount = 1, .wVirtualKeyCode = VK_RETURN, .uChar.UnicodeChar = '\r'};
  INPUT_RECORD record = {.EventType = KEY_EVENT};
  DWORD written;

  record.Event.KeyEvent = key;
  WriteConsoleInputW(input, &record, 1, &written);
  CloseHandle(input);
}

/* -- Closing ----------------------------------------------------------------------------------- */

static void run_turns(int turns) {
  for (int i = 0; i < turns; i++) {
    uv_run(&loop, UV_RUN_NOWAIT);
    uv_sleep(1); /* for threads to come to where they wait */
  }
}

static void end_peers(void) {
  while (socket_count > 0)
    close_socket(sockets[--socket_count]);
  while (file_count > 0)
    CloseHandle(files[--file_count]);
}

static void close_at(enum moment moment, void (*begin)(void), void (*act)(void)) {
  guarded_install();
  assert_int_equal(uv_loop_init(&loop), 0);
  begin();
  if (moment != AT_ONCE)
    run_turns(TURNS);
  if (moment >= WITH_A_RESULT_WAITING)
    act();
  if (moment == IN_BETWEEN)
    run_turns(1);
  uv_walk(&loop, close_it, NULL);
  if (moment < WITH_A_RESULT_WAITING)
    act();
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(requests, 0);
  assert_int_equal(uv_loop_close(&loop), 0);

  /* Who was forgotten writes now. */
  end_peers();
  uv_sleep(1);
  assert_int_equal(guarded.live, 0);
  guarded_remove();
  assert_int_equal(guarded_disturbed(), 0);
}

static void close_in_all_moments(void (*begin)(void), void (*act)(void)) {
  for (enum moment moment = AT_ONCE; moment < MOMENTS; moment++)
    close_at(moment, begin, act);
}

static void tcp_handles_take_their_memory_with_them(void** state) {
  (void) state;
  close_in_all_moments(tcp_listens, connect_to_target);
  close_in_all_moments(tcp_connects, nobody_acts);
  close_in_all_moments(tcp_connects_in_vain, nobody_acts);
  close_in_all_moments(tcp_reads, send_to_it);
  close_in_all_moments(tcp_writes, receive_from_it);
  close_in_all_moments(tcp_does_everything, receive_from_it);
  close_in_all_moments(tcp_does_everything, end_peers);
}

static void udp_handles_take_their_memory_with_them(void** state) {
  (void) state;
  close_in_all_moments(udp_receives, send_datagram);
  close_in_all_moments(udp_sends, nobody_acts);
}

static void poll_handles_take_their_memory_with_them(void** state) {
  (void) state;
  close_in_all_moments(a_socket_is_polled, send_to_it);
}

static void pipes_take_their_memory_with_them(void** state) {
  (void) state;
  close_in_all_moments(pipe_listens, connect_to_name);
  close_in_all_moments(pipe_waits_for_an_instance, nobody_acts);
  close_in_all_moments(pipe_waits_for_an_instance, end_peers);
  close_in_all_moments(pipe_reads, write_to_it);
  close_in_all_moments(pipe_does_everything, write_to_it);
  close_in_all_moments(pipe_does_everything, end_peers);
  close_in_all_moments(blocking_pipe_reads, nobody_acts);
  close_in_all_moments(blocking_pipe_does_everything, nobody_acts);
}

static void watches_take_their_memory_with_them(void** state) {
  (void) state;
  temp_dir_make();
  close_in_all_moments(directory_is_watched, change_directory);
  temp_dir_remove();
}

static void consoles_take_their_memory_with_them(void** state) {
  (void) state;
  skip_without_console();
  close_in_all_moments(keys_are_read, type_line);
  close_in_all_moments(lines_are_read, type_line);
}

/* What the others rely on. */
static void memory_that_is_written_to_after_its_time_is_noticed(void** state) {
  unsigned char* block = guarded_malloc(SMALL);

  (void) state;
  guarded_free(block);
  block[3] = 0;
  assert_int_equal(guarded_disturbed(), 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(memory_that_is_written_to_after_its_time_is_noticed),
      cmocka_unit_test(tcp_handles_take_their_memory_with_them),
      cmocka_unit_test(udp_handles_take_their_memory_with_them),
      cmocka_unit_test(poll_handles_take_their_memory_with_them),
      cmocka_unit_test(pipes_take_their_memory_with_them),
      cmocka_unit_test(watches_take_their_memory_with_them),
      cmocka_unit_test(consoles_take_their_memory_with_them),
  };
  return cmocka_run_group_tests_name("win_close", tests, NULL, NULL);
}
