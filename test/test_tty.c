/* Terminals as streams: opening, reading, writing, hanging up, closing. */
#include "support/allocator.h"
#include "support/backend.h"
#include "support/peer.h"
#include "support/pty.h"
#include "support/reader.h"

#include <sys/socket.h>
#include <sys/wait.h>

enum { BLOCKING_WRITES = 0x100000, NOT_CALLED = 12345 };

static uv_tty_t tty;
static struct reader reader;

static void write_all(int fd, const char* bytes, size_t len) {
  while (len > 0) {
    ssize_t n = write(fd, bytes, len);
    assert_true(n > 0);
    bytes += n;
    len -= (size_t) n;
  }
}

static void read_exactly(int fd, const char* expected) {
  char bytes[256];
  size_t len = 0;

  while (len < strlen(expected)) {
    ssize_t n = read(fd, bytes + len, strlen(expected) - len);
    assert_true(n > 0);
    len += (size_t) n;
  }
  assert_memory_equal(bytes, expected, len);
}

static int write_status;

static void written(uv_write_t* req, int status) {
  write_status = status;
  test_log(req->handle->loop, 'w');
}

static int write_text(uv_write_t* req, const char* text) {
  uv_buf_t buf = uv_buf_init((char*) text, (unsigned int) strlen(text));

  write_status = NOT_CALLED;
  return uv_write(req, stream_of(&tty), &buf, 1, written);
}

static void count_one(uv_handle_t* handle, void* arg) {
  (void) handle;
  (*(int*) arg)++;
}

static int count_handles(uv_loop_t* loop) {
  int count = 0;

  uv_walk(loop, count_one, &count);
  return count;
}

/* -- Opening ----------------------------------------------------------------------------------- */

static void init_sets_every_member_but_data(void** state) {
  struct loop_fixture* f = *state;
  char datum;

  memset(&tty, 0xab, sizeof(tty));
  tty.data = &datum;
  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  assert_ptr_equal(tty.data, &datum);
  assert_ptr_equal(tty.loop, &f->loop);
  assert_int_equal(tty.type, UV_TTY);
  assert_int_equal(tty.write_queue_size, 0);
  assert_int_equal(uv_is_active(handle_of(&tty)), 0);
  assert_int_equal(uv_has_ref(handle_of(&tty)), 1);
  assert_int_equal(uv_loop_alive(&f->loop), 0);
}

static void a_terminal_is_opened_anew_so_that_others_keep_their_flags(void** state) {
  struct loop_fixture* f = *state;
  int parents = dup(pty.slave);

  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  assert_int_not_equal(fd_of(&tty), pty.slave);
  assert_true(is_same_file(fd_of(&tty), parents));
  assert_true(is_same_file(pty.slave, parents));
  assert_false(is_nonblocking(parents));
  assert_true(is_nonblocking(fd_of(&tty)));
  assert_true(is_nonblocking(pty.slave));
  assert_true(is_cloexec(fd_of(&tty)));
  assert_true(is_cloexec(pty.slave));
  assert_int_equal(tty.flags & BLOCKING_WRITES, 0);
  close(parents);
}

static void the_given_number_stays_the_callers(void** state) {
  struct loop_fixture* f = *state;

  make_transparent(pty.slave);
  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  pty_close(&pty.slave);
  write_all(pty.master, "goes on", 7);
  reader_start(&reader, stream_of(&tty));
  reader_wait(&reader, &f->loop, 7);
  assert_memory_equal(reader.bytes, "goes on", 7);
}

static void closing_leaves_the_given_number_open(void** state) {
  struct loop_fixture* f = *state;
  int own;

  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  own = fd_of(&tty);
  close_tty(&tty);
  assert_false(is_open(own));
  assert_true(is_open(pty.slave));
  assert_int_equal(fd_of(&tty), UV_EBADF);
}

static void the_access_mode_says_where_the_stream_leads(void** state) {
  struct loop_fixture* f = *state;
  static const struct {
    int access;
    int readable;
    int writable;
  } cases[] = {{O_RDONLY, 1, 0}, {O_WRONLY, 0, 1}, {O_RDWR, 1, 1}};

  for (int i = 0; i < 6; i++) {
    int fd = open_slave(cases[i % 3].access);
    assert_int_equal(uv_tty_init(&f->loop, &tty, fd, i < 3), 0);
    assert_int_equal(uv_is_readable(stream_of(&tty)), cases[i % 3].readable);
    assert_int_equal(uv_is_writable(stream_of(&tty)), cases[i % 3].writable);
    assert_int_equal(fcntl(fd_of(&tty), F_GETFL) & O_ACCMODE, cases[i % 3].access);
    close_tty(&tty);
    assert_int_equal(uv_is_readable(stream_of(&tty)), 0);
    assert_int_equal(uv_is_writable(stream_of(&tty)), 0);
    close(fd);
  }
}

static void a_direction_that_is_not_there_is_refused(void** state) {
  struct loop_fixture* f = *state;
  int read_only = open_slave(O_RDONLY);
  int write_only = open_slave(O_WRONLY);
  uv_write_t req;

  assert_int_equal(uv_tty_init(&f->loop, &tty, read_only, 0), 0);
  assert_int_equal(write_text(&req, "x"), UV_EPIPE);
  close_tty(&tty);
  assert_int_equal(uv_tty_init(&f->loop, &tty, write_only, 1), 0);
  assert_int_equal(uv_read_start(stream_of(&tty), reader_alloc, reader_read), UV_ENOTCONN);
  close_tty(&tty);
  close(read_only);
  close(write_only);
}

static void the_master_of_a_pty_is_used_itself_and_writes_block(void** state) {
  struct loop_fixture* f = *state;
  int master = pty.master;

  assert_int_equal(uv_tty_init(&f->loop, &tty, master, 0), 0);
  pty.master = -1;
  assert_int_equal(fd_of(&tty), master);
  assert_int_equal(tty.flags & BLOCKING_WRITES, BLOCKING_WRITES);
  assert_false(is_nonblocking(master));
  assert_false(is_cloexec(master));
  close_tty(&tty);
  assert_false(is_open(master));
}

static void a_master_that_only_reads_does_not_block(void** state) {
  struct loop_fixture* f = *state;
  int master = open("/dev/ptmx", O_RDONLY | O_NOCTTY);

  assert_int_equal(uv_tty_init(&f->loop, &tty, master, 0), 0);
  assert_int_equal(fd_of(&tty), master);
  assert_int_equal(tty.flags & BLOCKING_WRITES, 0);
  assert_true(is_nonblocking(master));
}

static void pipes_and_sockets_are_streams_too(void** state) {
  struct loop_fixture* f = *state;
  int pair[2];
  int ends[2];
  uv_write_t req;

  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  assert_int_equal(uv_tty_init(&f->loop, &tty, pair[0], 0), 0);
  assert_int_equal(fd_of(&tty), pair[0]);
  assert_true(is_nonblocking(pair[0]));
  assert_int_equal(tty.flags & BLOCKING_WRITES, 0);
  assert_int_equal(write_text(&req, "to"), 0);
  read_exactly(pair[1], "to");
  write_all(pair[1], "fro", 3);
  reader_start(&reader, stream_of(&tty));
  reader_wait(&reader, &f->loop, 3);
  close(pair[1]);
  assert_int_equal(reader_wait_end(&reader, &f->loop), UV_EOF);
  close_tty(&tty);
  assert_false(is_open(pair[0]));

  assert_int_equal(pipe(ends), 0);
  assert_int_equal(uv_tty_init(&f->loop, &tty, ends[0], 0), 0);
  assert_int_equal(uv_is_readable(stream_of(&tty)), 1);
  assert_int_equal(uv_is_writable(stream_of(&tty)), 0);
  write_all(ends[1], "pipe", 4);
  reader_start(&reader, stream_of(&tty));
  reader_wait(&reader, &f->loop, 4);
  close_tty(&tty);
  close(ends[1]);
}

static void what_is_no_stream_is_refused(void** state) {
  struct loop_fixture* f = *state;
  int fds[] = {
      open("/proc/self/exe", O_RDONLY),
      open("/dev/null", O_RDWR),
      open("/dev/random", O_RDONLY),
      open("/dev/zero", O_RDONLY),
      open("/", O_RDONLY | O_DIRECTORY),
      socket(AF_UNIX, SOCK_DGRAM, 0),
      -1,
      MOST_DESCRIPTORS - 1,
  };

  for (int i = 0; i < 8; i++) {
    assert_true(fds[i] >= 0 || i == 6);
    assert_int_equal(uv_tty_init(&f->loop, &tty, fds[i], 0), UV_EINVAL);
    if (i < 6) {
      assert_false(is_nonblocking(fds[i]));
      close(fds[i]);
    }
  }
  assert_int_equal(count_handles(&f->loop), 0);
}

/* -- Failures ---------------------------------------------------------------------------------- */

static void without_a_descriptor_to_spare_the_given_one_is_used(void** state) {
  struct loop_fixture* f = *state;
  struct rlimit before = limit_descriptors(0);
  int slave = pty.slave;
  int err = uv_tty_init(&f->loop, &tty, slave, 0);

  unlimit_descriptors(&before);
  assert_int_equal(err, 0);
  pty.slave = -1;
  assert_int_equal(fd_of(&tty), slave);
  assert_int_equal(tty.flags & BLOCKING_WRITES, BLOCKING_WRITES);
  assert_false(is_nonblocking(slave));

  uv_write_t req;
  make_transparent(slave);
  assert_int_equal(write_text(&req, "still"), 0);
  read_exactly(pty.master, "still");
  write_all(pty.master, "works", 5);
  reader_start(&reader, stream_of(&tty));
  reader_wait(&reader, &f->loop, 5);
  assert_int_equal(write_status, 0);
  close_tty(&tty);
  assert_false(is_open(slave));
}

static void without_memory_nothing_has_happened(void** state) {
  struct loop_fixture* f = *state;
  int fillers[64];
  int descriptors;
  long fail_at = 0;
  int err;

  /* A high number needs more room in the loop. */
  for (int i = 0; i < 64; i++)
    fillers[i] = dup(0);
  descriptors = count_descriptors();
  for (;;) {
    test_allocator_install(++fail_at, true);
    err = uv_tty_init(&f->loop, &tty, pty.slave, 0);
    test_allocator_remove();
    if (err == 0)
      break;
    assert_int_equal(err, UV_ENOMEM);
    assert_int_equal(count_descriptors(), descriptors);
    assert_false(is_nonblocking(pty.slave));
    assert_false(is_cloexec(pty.slave));
    assert_int_equal(count_handles(&f->loop), 0);
  }
  assert_true(fail_at > 1);
  close_tty(&tty);
  for (int i = 0; i < 64; i++)
    close(fillers[i]);
}

/* -- Standard streams -------------------------------------------------------------------------- */

/* Runs a check in a child, which may do to itself what it likes. The check answers 0, or a number
 * that says what was wrong. */
static void check_in_child(int (*check)(void)) {
  int status;
  pid_t pid = fork();

  assert_true(pid >= 0);
  if (pid == 0) {
    alarm(20);
    _exit(check());
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

static int standard_output_without_standard_input(void) {
  uv_loop_t loop;

  if (dup2(pty.slave, 1) != 1 || close(0) != 0 || uv_loop_init(&loop) != 0)
    return 1;
  /* The loop's own descriptors may have got the number. */
  int descriptors = count_descriptors();
  if (uv_tty_init(&loop, &tty, 1, 0) != 0)
    return 2;
  if (fd_of(&tty) <= 2)
    return 3;
  close_tty(&tty);
  if (count_descriptors() != descriptors)
    return 4;
  return uv_loop_close(&loop) == 0 ? 0 : 5;
}

static void an_own_descriptor_is_never_a_standard_stream(void** state) {
  (void) state;
  check_in_child(standard_output_without_standard_input);
}

static int close_standard_input_that_is_a_pipe(void) {
  uv_loop_t loop;
  int ends[2];

  if (pipe(ends) != 0 || dup2(ends[0], 0) != 0 || uv_loop_init(&loop) != 0)
    return 1;
  if (uv_tty_init(&loop, &tty, 0, 1) != 0 || fd_of(&tty) != 0)
    return 2;
  close_tty(&tty);
  if (!is_open(0))
    return 3;
  return uv_loop_close(&loop) == 0 ? 0 : 4;
}

static void closing_leaves_standard_streams_open(void** state) {
  (void) state;
  check_in_child(close_standard_input_that_is_a_pipe);
}

static int open_without_permission(void) {
  uv_loop_t loop;

  if (fchmod(pty.slave, 0600) != 0 || setresuid(65534, 65534, 65534) != 0)
    return 1;
  if (uv_loop_init(&loop) != 0 || uv_tty_init(&loop, &tty, pty.slave, 0) != 0)
    return 2;
  if (fd_of(&tty) != pty.slave || !(tty.flags & BLOCKING_WRITES) || is_nonblocking(pty.slave))
    return 3;
  if (uv_tty_set_mode(&tty, UV_TTY_MODE_RAW) != 0)
    return 4;
  close_tty(&tty);
  return uv_loop_close(&loop) == 0 ? 0 : 5;
}

static void a_terminal_of_another_user_is_used_as_it_is(void** state) {
  (void) state;
  if (geteuid() != 0)
    skip();
  check_in_child(open_without_permission);
}

static int open_as_session_leader(void) {
  uv_loop_t loop;

  if (setsid() == -1 || open("/dev/tty", O_RDWR) != -1)
    return 1;
  if (uv_loop_init(&loop) != 0 || uv_tty_init(&loop, &tty, pty.slave, 0) != 0)
    return 2;
  if (open("/dev/tty", O_RDWR) != -1)
    return 3;
  close_tty(&tty);
  return uv_loop_close(&loop) == 0 ? 0 : 4;
}

static void no_controlling_terminal_is_acquired(void** state) {
  (void) state;
  check_in_child(open_as_session_leader);
}

static int use_the_controlling_terminal(void) {
  uv_loop_t loop;
  int fd;
  int width = 0;
  int height = 0;

  make_transparent(pty.slave);
  if (setsid() == -1 || ioctl(pty.slave, TIOCSCTTY, 0) != 0)
    return 1;
  fd = open("/dev/tty", O_RDWR);
  if (fd == -1 || uv_loop_init(&loop) != 0 || uv_tty_init(&loop, &tty, fd, 0) != 0)
    return 2;
  if (fd_of(&tty) == fd || uv_tty_get_winsize(&tty, &width, &height) != 0)
    return 3;
  write_all(pty.master, "typed", 5);
  reader_start(&reader, stream_of(&tty));
  reader_wait(&reader, &loop, 5);
  close_tty(&tty);
  return uv_loop_close(&loop) == 0 ? 0 : 4;
}

static void the_controlling_terminal_works_by_its_own_name(void** state) {
  (void) state;
  check_in_child(use_the_controlling_terminal);
}

/* -- Reading and writing ----------------------------------------------------------------------- */

static void bytes_pass_in_both_directions(void** state) {
  struct loop_fixture* f = *state;
  uv_write_t req;
  uv_buf_t buf = uv_buf_init((char*) "at once", 7);

  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_IO), 0);
  write_all(pty.master, "in", 2);
  reader_start(&reader, stream_of(&tty));
  assert_int_equal(uv_is_active(handle_of(&tty)), 1);
  reader_wait(&reader, &f->loop, 2);
  assert_memory_equal(reader.bytes, "in", 2);

  assert_int_equal(write_text(&req, "out"), 0);
  assert_int_equal(write_status, NOT_CALLED);
  read_exactly(pty.master, "out");
  turn(f);
  assert_int_equal(write_status, 0);
  assert_int_equal(uv_try_write(stream_of(&tty), &buf, 1), 7);
  read_exactly(pty.master, "at once");
}

static void lines_come_as_the_terminal_edits_them(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  reader_start(&reader, stream_of(&tty));
  write_all(pty.master, "wron\x7fng\r", 8);
  reader_wait(&reader, &f->loop, 6);
  assert_memory_equal(reader.bytes, "wrong\n", 6);
}

static void alloc_one_byte(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
  static char byte;

  (void) handle;
  (void) suggested_size;
  *buf = uv_buf_init(&byte, 1);
}

static void read_in_small_pieces(struct loop_fixture* f, int other_end) {
  static const char text[] = "every single byte";

  make_transparent(other_end);
  write_all(other_end, text, strlen(text));
  memset(&reader, 0, sizeof(reader));
  tty.data = &reader;
  assert_int_equal(uv_read_start(stream_of(&tty), alloc_one_byte, reader_read), 0);
  reader_wait(&reader, &f->loop, strlen(text));
  assert_memory_equal(reader.bytes, text, strlen(text));
  /* A read where there is nothing would block for ever on a descriptor that is shared. */
  turn(f);
  assert_int_equal(reader.len, strlen(text));
}

static void small_buffers_get_every_byte_of_a_slave(void** state) {
  struct loop_fixture* f = *state;

  make_transparent(pty.slave);
  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  read_in_small_pieces(f, pty.master);
}

static void small_buffers_get_every_byte_of_a_master(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.master, 0), 0);
  pty.master = -1;
  read_in_small_pieces(f, pty.slave);
}

static void an_empty_write_completes(void** state) {
  struct loop_fixture* f = *state;
  uv_write_t req;

  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  assert_int_equal(write_text(&req, ""), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(write_status, 0);
}

enum { MUCH = 200000 };
static char much[MUCH];

/* Reads from a terminal until so many bytes have come, in a thread of its own. */
struct drain {
  int fd;
  size_t len;
};

static void drain_terminal(void* arg) {
  struct drain* drain = arg;
  static char bytes[4096];

  while (drain->len < MUCH) {
    ssize_t n = read(drain->fd, bytes, sizeof(bytes));
    if (n <= 0)
      return;
    drain->len += (size_t) n;
  }
}

static void write_much(uv_write_t* req) {
  uv_buf_t buf = uv_buf_init(much, MUCH);

  memset(much, 'm', sizeof(much));
  write_status = NOT_CALLED;
  assert_int_equal(uv_write(req, stream_of(&tty), &buf, 1, written), 0);
}

static void blocking_writes_end_inside_the_call(void** state) {
  struct loop_fixture* f = *state;
  struct drain drain = {.fd = pty.slave};
  uv_thread_t thread;
  uv_write_t req;

  make_transparent(pty.slave);
  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.master, 0), 0);
  pty.master = -1;
  assert_int_equal(uv_thread_create(&thread, drain_terminal, &drain), 0);
  write_much(&req);
  assert_int_equal(tty.write_queue_size, 0);
  assert_int_equal(write_status, NOT_CALLED);
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_int_equal(drain.len, MUCH);
  turn(f);
  assert_int_equal(write_status, 0);
}

static void other_writes_wait_for_the_reader(void** state) {
  struct loop_fixture* f = *state;
  struct drain drain = {.fd = pty.master};
  uv_thread_t thread;
  uv_write_t req;

  make_transparent(pty.slave);
  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  write_much(&req);
  assert_true(tty.write_queue_size > 0);
  turn(f);
  assert_int_equal(write_status, NOT_CALLED);
  assert_int_equal(uv_thread_create(&thread, drain_terminal, &drain), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(write_status, 0);
  assert_int_equal(tty.write_queue_size, 0);
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_int_equal(drain.len, MUCH);
}

/* -- Hanging up -------------------------------------------------------------------------------- */

static int prepares;
static uv_timer_t end_timer;

static void stop_loop(uv_timer_t* timer) {
  uv_stop(timer->loop);
}

/* The time begins with the first turn: on a busy machine it may come late. */
static void count_prepare(uv_prepare_t* prepare) {
  (void) prepare;
  if (prepares++ == 0)
    assert_int_equal(uv_timer_start(&end_timer, stop_loop, 30, 0), 0);
}

/* Runs the loop for 30 ms and answers how often it turned. */
static int turns_in_a_while(uv_loop_t* loop) {
  static uv_prepare_t prepare;

  prepares = 0;
  assert_int_equal(uv_prepare_init(loop, &prepare), 0);
  assert_int_equal(uv_prepare_start(&prepare, count_prepare), 0);
  assert_int_equal(uv_timer_init(loop, &end_timer), 0);
  uv_run(loop, UV_RUN_DEFAULT);
  uv_prepare_stop(&prepare);
  return prepares;
}

static void a_slave_whose_master_closes_ends(void** state) {
  struct loop_fixture* f = *state;

  make_transparent(pty.slave);
  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  reader_start(&reader, stream_of(&tty));
  turn(f);
  pty_close(&pty.master);
  assert_int_equal(reader_wait_end(&reader, &f->loop), UV_EOF);
  assert_int_equal(reader.calls, 1);
  assert_int_equal(uv_is_active(handle_of(&tty)), 0);
  assert_in_range(turns_in_a_while(&f->loop), 1, 20);
}

static void a_master_whose_slave_closes_gets_all_and_ends(void** state) {
  struct loop_fixture* f = *state;

  need_no_kqueue("such a master has an end of file, where Linux's has the error EIO");
  make_transparent(pty.slave);
  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.master, 0), 0);
  pty.master = -1;
  write_all(pty.slave, "last words", 10);
  pty_close(&pty.slave);
  reader_start(&reader, stream_of(&tty));
  assert_int_equal(reader_wait_end(&reader, &f->loop), UV_EOF);
  assert_int_equal(reader.len, 10);
  assert_memory_equal(reader.bytes, "last words", 10);
  assert_in_range(turns_in_a_while(&f->loop), 1, 20);
}

static void a_hang_up_that_nobody_reads_does_not_spin(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  reader_start(&reader, stream_of(&tty));
  turn(f);
  assert_int_equal(uv_read_stop(stream_of(&tty)), 0);
  pty_close(&pty.master);
  assert_in_range(turns_in_a_while(&f->loop), 1, 20);
  assert_int_equal(reader.calls, 0);
}

static void writing_after_a_hang_up_fails(void** state) {
  struct loop_fixture* f = *state;
  uv_write_t req;

  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  pty_close(&pty.master);
  assert_int_equal(write_text(&req, "x"), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(write_status, UV_EIO);
}

/* -- What terminals cannot do, and closing ----------------------------------------------------- */

static void shut_down(uv_shutdown_t* req, int status) {
  test_log(req->handle->loop, status == UV_ENOTSOCK ? 's' : '?');
}

static void a_terminal_cannot_shut_down(void** state) {
  struct loop_fixture* f = *state;
  uv_shutdown_t req;

  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  assert_int_equal(uv_shutdown(&req, stream_of(&tty), shut_down), 0);
  assert_int_equal(uv_is_writable(stream_of(&tty)), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "s");
}

static void a_terminal_cannot_listen(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  assert_int_equal(uv_listen(stream_of(&tty), 1, NULL), UV_EINVAL);
}

static void closed(uv_handle_t* handle) {
  test_log(handle->loop, 'c');
}

static void closing_cancels_what_waits(void** state) {
  struct loop_fixture* f = *state;
  uv_write_t req;

  make_transparent(pty.slave);
  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
  reader_start(&reader, stream_of(&tty));
  write_much(&req);
  uv_close(handle_of(&tty), closed);
  assert_int_equal(fd_of(&tty), UV_EBADF);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(write_status, UV_ECANCELED);
  assert_string_equal(f->log, "wc");
  assert_int_equal(reader.calls, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      pty_test(init_sets_every_member_but_data),
      pty_test(a_terminal_is_opened_anew_so_that_others_keep_their_flags),
      pty_test(the_given_number_stays_the_callers),
      pty_test(closing_leaves_the_given_number_open),
      pty_test(the_access_mode_says_where_the_stream_leads),
      pty_test(a_direction_that_is_not_there_is_refused),
      pty_test(the_master_of_a_pty_is_used_itself_and_writes_block),
      pty_test(a_master_that_only_reads_does_not_block),
      pty_test(pipes_and_sockets_are_streams_too),
      pty_test(what_is_no_stream_is_refused),
      pty_test(without_a_descriptor_to_spare_the_given_one_is_used),
      newer_pty_test(without_memory_nothing_has_happened),
      newer_pty_test(an_own_descriptor_is_never_a_standard_stream),
      pty_test(closing_leaves_standard_streams_open),
      pty_test(a_terminal_of_another_user_is_used_as_it_is),
      pty_test(no_controlling_terminal_is_acquired),
      pty_test(the_controlling_terminal_works_by_its_own_name),
      pty_test(bytes_pass_in_both_directions),
      pty_test(lines_come_as_the_terminal_edits_them),
      pty_test(small_buffers_get_every_byte_of_a_slave),
      newer_pty_test(small_buffers_get_every_byte_of_a_master),
      pty_test(an_empty_write_completes),
      pty_test(blocking_writes_end_inside_the_call),
      pty_test(other_writes_wait_for_the_reader),
      pty_test(a_slave_whose_master_closes_ends),
      pty_test(a_master_whose_slave_closes_gets_all_and_ends),
      pty_test(a_hang_up_that_nobody_reads_does_not_spin),
      pty_test(writing_after_a_hang_up_fails),
      pty_test(a_terminal_cannot_shut_down),
      pty_test(a_terminal_cannot_listen),
      pty_test(closing_cancels_what_waits),
  };
  return cmocka_run_group_tests_name("tty", tests, pty_group_setup, NULL);
}
