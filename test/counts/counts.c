/* Ten operations, so many times, for check_counts.py to count what each one costs.
 *
 *   counts OPERATION TIMES
 *
 * Everything happens in one thread wherever that is possible, so that the counts are the same each
 * time. What is inside of measured() is what callgrind(1) collects. Leaves with 77, and says why,
 * if this machine has not what the operation needs. */
#include "uv.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
  WARM_UP = 256, /* more than the loop needs to see that it is quiet */
  SKIPPED = 77,
  TIME_LIMIT_S = 60,
  MOST_CONNECTIONS = 64,
  MESSAGE_LEN = 64,
  BLOCK = 4096
};

static uv_loop_t loop;
static bool is_measuring;
static long done;
static long wanted;

/* -- What all use ------------------------------------------------------------------------------ */

static void fail(const char* what) {
  fprintf(stderr, "counts: %s\n", what);
  exit(EXIT_FAILURE);
}

static void skip(const char* why) {
  puts(why);
  exit(SKIPPED);
}

static void check(int64_t result, const char* what) {
  if (result < 0)
    fail(what);
}

void measured(void (*part)(void));

/* callgrind finds it by its name. */
__attribute__((noinline)) void measured(void (*part)(void)) {
  part();
  __asm__ volatile(""); /* the call above is no last one, which would be a jump */
}

static void perform(void (*part)(void)) {
  if (is_measuring)
    measured(part);
  else
    part();
}

static void run_loop(void) {
  uv_run(&loop, UV_RUN_DEFAULT);
}

/* To be called for each operation: whether another one is wanted. */
static bool is_another_wanted(void) {
  if (++done < wanted)
    return true;
  uv_stop(&loop);
  return false;
}

/* -- Loops, turns, timers ---------------------------------------------------------------------- */

static uv_idle_t idle;
static uv_timer_t timer;

static void init_and_close_loops(void) {
  for (; done < wanted; done++) {
    uv_loop_t another;
    check(uv_loop_init(&another), "uv_loop_init");
    check(uv_loop_close(&another), "uv_loop_close");
  }
}

static void loop_init_close(void) {
  perform(init_and_close_loops);
}

static void on_turn(uv_idle_t* handle) {
  (void) handle;
  is_another_wanted();
}

static void open_idle(void) {
  uv_idle_init(&loop, &idle);
  uv_idle_start(&idle, on_turn);
}

static void turn(void) {
  perform(run_loop);
}

static void on_timer(uv_timer_t* handle) {
  (void) handle;
}

static void open_timer(void) {
  uv_timer_init(&loop, &timer);
}

static void start_and_stop(void) {
  for (; done < wanted; done++) {
    uv_timer_start(&timer, on_timer, 1000, 0);
    uv_timer_stop(&timer);
  }
}

static void timer_start_stop(void) {
  perform(start_and_stop);
}

/* -- Async handles, the thread pool ------------------------------------------------------------ */

static uv_async_t async;
static uv_work_t work;

static void on_async(uv_async_t* handle) {
  if (is_another_wanted())
    uv_async_send(handle);
}

static void open_async(void) {
  check(uv_async_init(&loop, &async, on_async), "uv_async_init");
}

static void send_and_receive(void) {
  uv_async_send(&async);
  run_loop();
}

static void async_send_receive(void) {
  perform(send_and_receive);
}

static void do_nothing(uv_work_t* req) {
  (void) req;
}

static void on_worked(uv_work_t* req, int status) {
  check(status, "work");
  if (is_another_wanted())
    uv_queue_work(&loop, req, do_nothing, on_worked);
}

static void queue_and_run(void) {
  uv_queue_work(&loop, &work, do_nothing, on_worked);
  run_loop();
}

static void queue_work(void) {
  perform(queue_and_run);
}

/* -- Echo -------------------------------------------------------------------------------------- */

/* Both ends are in this thread: all clients send, then the loop runs until all are answered. */
static uv_tcp_t listener;
static uv_tcp_t servers[MOST_CONNECTIONS];
static uv_write_t replies[MOST_CONNECTIONS];
static int clients[MOST_CONNECTIONS];
static int connections;
static int accepted;
static int answered;
static char text[65536];

static void on_alloc(uv_handle_t* handle, size_t suggested_len, uv_buf_t* buf) {
  (void) handle;
  (void) suggested_len;
  *buf = uv_buf_init(text, sizeof(text));
}

static void on_written(uv_write_t* req, int status) {
  (void) req;
  check(status, "write");
}

static void on_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  uv_buf_t reply = uv_buf_init(buf->base, MESSAGE_LEN);

  if (nread != MESSAGE_LEN)
    fail("a message came in parts");
  check(uv_write(&replies[(uv_tcp_t*) stream - servers], stream, &reply, 1, on_written),
        "uv_write");
  if (++answered == connections)
    uv_stop(&loop);
}

static void on_connection(uv_stream_t* server, int status) {
  uv_tcp_t* client = &servers[accepted];

  check(status, "listen");
  uv_tcp_init(&loop, client);
  check(uv_accept(server, (uv_stream_t*) client), "uv_accept");
  uv_tcp_nodelay(client, 1);
  check(uv_read_start((uv_stream_t*) client, on_alloc, on_read), "uv_read_start");
  if (++accepted == connections)
    uv_stop(&loop);
}

static void open_connections(int count) {
  struct sockaddr_in address;
  int len = sizeof(address);

  connections = count;
  uv_ip4_addr("127.0.0.1", 0, &address);
  uv_tcp_init(&loop, &listener);
  check(uv_tcp_bind(&listener, (const struct sockaddr*) &address, 0), "uv_tcp_bind");
  check(uv_listen((uv_stream_t*) &listener, MOST_CONNECTIONS, on_connection), "uv_listen");
  uv_tcp_getsockname(&listener, (struct sockaddr*) &address, &len);
  for (int i = 0; i < count; i++) {
    clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(connect(clients[i], (struct sockaddr*) &address, sizeof(address)), "connect");
  }
  run_loop();
}

static void open_one_connection(void) {
  open_connections(1);
}

static void open_many_connections(void) {
  open_connections(MOST_CONNECTIONS);
}

/* Two system calls a message are the client's. */
static void echo(void) {
  char message[MESSAGE_LEN] = "message";

  for (; done < wanted; done += connections) {
    for (int i = 0; i < connections; i++)
      check(send(clients[i], message, sizeof(message), 0), "send");
    answered = 0;
    perform(run_loop);
    for (int i = 0; i < connections; i++)
      check(recv(clients[i], message, sizeof(message), MSG_WAITALL), "recv");
  }
}

/* -- Files ------------------------------------------------------------------------------------- */

static char path[] = "counts-XXXXXX";
static uv_file file;
static uv_fs_t fs_req;

static void remove_file(void) {
  unlink(path);
}

static void make_file(void) {
  file = mkstemp(path);
  check(file, "mkstemp");
  atexit(remove_file);
  check(write(file, text, BLOCK), "write");
}

/* What is in memory is done in the call where the system can tell that it is. */
static void open_to_read(void) {
  enum { DO_NOT_WAIT = 8 /* RWF_NOWAIT */ };
  struct iovec iov = {.iov_base = text, .iov_len = BLOCK};

  make_file();
  if (syscall(SYS_preadv2, file, &iov, 1L, 0L, 0L, DO_NOT_WAIT) != BLOCK)
    skip("this file system does not tell what is in memory");
}

static void open_by_name(void) {
  struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_CACHED};

  open_to_read();
  if (syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)) < 0)
    skip("names that are in memory cannot be asked for");
}

static uv_buf_t block(void) {
  return uv_buf_init(text, BLOCK);
}

static void on_block(uv_fs_t* req) {
  uv_buf_t buf = block();

  check(req->result, "read");
  uv_fs_req_cleanup(req);
  if (is_another_wanted())
    uv_fs_read(&loop, req, file, &buf, 1, 0, on_block);
}

static void read_blocks(void) {
  uv_buf_t buf = block();

  uv_fs_read(&loop, &fs_req, file, &buf, 1, 0, on_block);
  run_loop();
}

static void file_read(void) {
  perform(read_blocks);
}

static void on_stat(uv_fs_t* req) {
  check(req->result, "stat");
  uv_fs_req_cleanup(req);
  if (is_another_wanted())
    uv_fs_stat(&loop, req, path, on_stat);
}

static void ask(void) {
  uv_fs_stat(&loop, &fs_req, path, on_stat);
  run_loop();
}

static void file_stat(void) {
  perform(ask);
}

static int opened;

static void on_open(uv_fs_t* req);

static void on_close(uv_fs_t* req) {
  check(req->result, "close");
  uv_fs_req_cleanup(req);
  if (is_another_wanted())
    uv_fs_open(&loop, req, path, O_RDONLY, 0, on_open);
}

static void on_opened_read(uv_fs_t* req) {
  check(req->result, "read");
  uv_fs_req_cleanup(req);
  uv_fs_close(&loop, req, opened, on_close);
}

static void on_open(uv_fs_t* req) {
  uv_buf_t buf = block();

  check(req->result, "open");
  opened = (int) req->result;
  uv_fs_req_cleanup(req);
  uv_fs_read(&loop, req, opened, &buf, 1, 0, on_opened_read);
}

static void open_and_run(void) {
  uv_fs_open(&loop, &fs_req, path, O_RDONLY, 0, on_open);
  run_loop();
}

static void file_open_read_close(void) {
  perform(open_and_run);
}

/* -- Processes --------------------------------------------------------------------------------- */

static uv_process_t process;

static void start(void);

static void on_process_closed(uv_handle_t* handle) {
  (void) handle;
  if (is_another_wanted())
    start();
}

static void on_end(uv_process_t* ended, int64_t status, int signal) {
  (void) signal;
  check(-status, "/bin/true");
  uv_close((uv_handle_t*) ended, on_process_closed);
}

static void start(void) {
  static char* arguments[] = {"true", NULL};
  uv_process_options_t options = {.file = "/bin/true", .args = arguments, .exit_cb = on_end};

  check(uv_spawn(&loop, &process, &options), "uv_spawn");
}

static void start_and_run(void) {
  start();
  run_loop();
}

static void spawn(void) {
  perform(start_and_run);
}

/* -- All of them ------------------------------------------------------------------------------- */

/* Where rings are refused a turn that does not wait asks epoll. */
static void need_ring(void) {
  syscall(SYS_io_uring_setup, 0, NULL);
  if (errno == ENOSYS || errno == EPERM)
    skip("rings are refused here");
}

static const struct operation {
  const char* name;
  void (*open)(void);
  void (*perform)(void); /* until `done` is `wanted` */
  bool is_turning;       /* makes turns that do not wait */
} operations[] = {
    {.name = "idle_turn", .open = open_idle, .perform = turn, .is_turning = true},
    {.name = "timer_start_stop", .open = open_timer, .perform = timer_start_stop},
    {.name = "async_send_receive", .open = open_async, .perform = async_send_receive},
    {.name = "echo_1_connection", .open = open_one_connection, .perform = echo},
    {.name = "echo_64_connections", .open = open_many_connections, .perform = echo},
    {.name = "queue_work", .perform = queue_work},
    {.name = "file_read", .open = open_to_read, .perform = file_read, .is_turning = true},
    {.name = "file_open_read_close",
     .open = open_by_name,
     .perform = file_open_read_close,
     .is_turning = true},
    {.name = "file_stat", .open = open_by_name, .perform = file_stat, .is_turning = true},
    {.name = "spawn", .perform = spawn},
    {.name = "loop_init_close", .perform = loop_init_close},
};

static const struct operation* find(const char* name) {
  for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
    if (strcmp(operations[i].name, name) == 0)
      return &operations[i];
  fail("no such operation");
  return NULL;
}

static void perform_some(const struct operation* operation, long times) {
  done = 0;
  wanted = times;
  if (times > 0)
    operation->perform();
}

/* Leaves what is open to the system. */
int main(int argc, char** argv) {
  const struct operation* operation = find(argc == 3 ? argv[1] : "");

  alarm(TIME_LIMIT_S);
  if (operation->is_turning)
    need_ring();
  check(uv_loop_init(&loop), "uv_loop_init");
  if (operation->open != NULL)
    operation->open();
  perform_some(operation, operation->perform == spawn ? 2 : WARM_UP);
  is_measuring = true;
  perform_some(operation, atol(argv[2]));
  return EXIT_SUCCESS;
}
