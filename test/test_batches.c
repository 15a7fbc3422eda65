/* The poll phase: how much comes in one batch. Streams are echoed here, each block that is read
 * being in use until its write is done, as servers have it. */
#include "core.h"
#include "support/loop_fixture.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  PAIRS = 32,
  BLOCK = 65536,
  BATCH_BYTES = 512 * 1024, /* more than one block beyond that are not read in a batch */
  FEW_BLOCKS = BATCH_BYTES / BLOCK + 1,
};

struct block {
  uv_write_t req;
  char bytes[BLOCK];
};

static uv_pipe_t streams[PAIRS];
static int peers[PAIRS];
static int blocks_in_use;
static int most_blocks_in_use;
static int blocks_read;
static uv_process_t process;
static int reads_at_exit;

static char junk[BLOCK];

static void alloc_block(uv_handle_t* handle, size_t suggested, uv_buf_t* buf) {
  struct block* block = malloc(sizeof(*block));

  (void) handle;
  (void) suggested;
  assert_non_null(block);
  *buf = uv_buf_init(block->bytes, BLOCK);
  if (++blocks_in_use > most_blocks_in_use)
    most_blocks_in_use = blocks_in_use;
}

static void free_block(struct block* block) {
  blocks_in_use--;
  free(block);
}

static void on_written(uv_write_t* req, int status) {
  assert_int_equal(status, 0);
  free_block(uv__container(req, struct block, req));
}

static void echo(uv_stream_t* stream, ssize_t n, const uv_buf_t* buf) {
  struct block* block = uv__container(buf->base, struct block, bytes);
  uv_buf_t reply;

  assert_true(n >= 0);
  if (n == 0) {
    free_block(block);
    return;
  }
  blocks_read++;
  reply = uv_buf_init(buf->base, (unsigned int) n);
  assert_int_equal(uv_write(&block->req, stream, &reply, 1, on_written), 0);
}

static void only_read(uv_stream_t* stream, ssize_t n, const uv_buf_t* buf) {
  (void) stream;
  assert_true(n >= 0);
  blocks_read += n > 0;
  free_block(uv__container(buf->base, struct block, bytes));
}

static void open_pairs(struct loop_fixture* f, int count, uv_read_cb read_cb) {
  blocks_in_use = 0;
  most_blocks_in_use = 0;
  blocks_read = 0;
  for (int i = 0; i < count; i++) {
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
    assert_int_equal(uv_pipe_init(&f->loop, &streams[i], 0), 0);
    assert_int_equal(uv_pipe_open(&streams[i], fds[0]), 0);
    assert_int_equal(uv_read_start((uv_stream_t*) &streams[i], alloc_block, read_cb), 0);
    peers[i] = fds[1];
  }
}

static void close_pairs(int count) {
  for (int i = 0; i < count; i++) {
    uv_close((uv_handle_t*) &streams[i], NULL);
    close(peers[i]);
  }
}

static void send_blocks(int count, int blocks_each) {
  for (int i = 0; i < count; i++)
    for (int k = 0; k < blocks_each; k++)
      assert_int_equal(write(peers[i], junk, BLOCK), BLOCK);
}

static void take_echoes(int count) {
  for (int i = 0; i < count; i++)
    while (read(peers[i], junk, BLOCK) > 0) {
    }
}

/* Or the memory of all that is ready would be in use at once, and none of it in the cache. */
static void much_data_comes_in_small_batches(void** state) {
  struct loop_fixture* f = *state;

  open_pairs(f, PAIRS, echo);
  for (int round = 0; round < 3; round++) {
    send_blocks(PAIRS, 1);
    most_blocks_in_use = 0;
    while (blocks_read < (round + 1) * PAIRS)
      turn(f);
    take_echoes(PAIRS);
    if (round > 0)
      assert_in_range(most_blocks_in_use, 1, FEW_BLOCKS);
  }
  close_pairs(PAIRS);
}

static void send_bytes(int count) {
  for (int i = 0; i < count; i++)
    assert_int_equal(write(peers[i], "x", 1), 1);
}

static void echo_much(struct loop_fixture* f) {
  open_pairs(f, PAIRS, echo);
  send_blocks(PAIRS, 1);
  while (blocks_read < PAIRS)
    turn(f);
  take_echoes(PAIRS);
  blocks_read = 0;
}

static void little_data_makes_batches_larger_again(void** state) {
  enum { FEW_ROUNDS = 5 };
  struct loop_fixture* f = *state;
  int turns = 0;

  echo_much(f);
  for (int round = 1; round <= FEW_ROUNDS; round++) {
    send_bytes(PAIRS);
    for (turns = 0; blocks_read < round * PAIRS; turns++)
      turn(f);
    if (round == 1)
      assert_true(turns > 1);
  }
  assert_int_equal(turns, 1);
  turn(f);
  close_pairs(PAIRS);
}

static void a_quiet_turn_makes_batches_large_again(void** state) {
  struct loop_fixture* f = *state;

  echo_much(f);
  turn(f);
  turn(f);
  send_bytes(PAIRS);
  turn(f);
  assert_int_equal(blocks_read, PAIRS);
  turn(f);
  close_pairs(PAIRS);
}

static void one_stream_reads_on_when_what_it_wrote_is_told(void** state) {
  struct loop_fixture* f = *state;

  open_pairs(f, 1, echo);
  send_blocks(1, 2);
  while (blocks_read < 2)
    turn(f);
  turn(f);
  assert_int_equal(most_blocks_in_use, 1);
  close_pairs(1);
}

static void what_is_only_read_comes_in_one_turn(void** state) {
  struct loop_fixture* f = *state;

  open_pairs(f, 1, only_read);
  send_blocks(1, 2);
  turn(f);
  assert_int_equal(blocks_read, 2);
  close_pairs(1);
}

/* -- What comes last --------------------------------------------------------------------------- */

/* Many streams that are read, a batch being smaller than they are. The system finds that there is
 * nothing else, and forgets the order of before. */
static void read_in_small_batches(struct loop_fixture* f) {
  open_pairs(f, PAIRS, only_read);
  send_blocks(PAIRS, 1);
  while (blocks_read < PAIRS)
    turn(f);
  send_bytes(1);
  turn(f);
  blocks_read = 0;
}

static uv_signal_t signal_handle;
static int reads_at_signal;

static void on_signal(uv_signal_t* handle, int signum) {
  (void) handle;
  assert_int_equal(signum, SIGUSR1);
  reads_at_signal = blocks_read;
}

static void a_signal_is_told_after_all_that_came_with_it(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv_signal_init(&f->loop, &signal_handle), 0);
  assert_int_equal(uv_signal_start(&signal_handle, on_signal, SIGUSR1), 0);
  read_in_small_batches(f);
  reads_at_signal = -1;
  raise(SIGUSR1);
  send_blocks(PAIRS, 1);
  while (reads_at_signal == -1)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(reads_at_signal, PAIRS);
  close_pairs(PAIRS);
}

static void on_child_exit(uv_process_t* ended, int64_t status, int signal) {
  assert_int_equal(status, 0);
  assert_int_equal(signal, 0);
  reads_at_exit = blocks_read;
  uv_close((uv_handle_t*) ended, NULL);
}

/* Starts a child that lives until the descriptor that is returned is closed. */
static int start_child(struct loop_fixture* f) {
  char* args[] = {"cat", NULL};
  uv_stdio_container_t stdio[1];
  uv_process_options_t options = {.file = "cat", .args = args, .stdio = stdio, .stdio_count = 1};
  int fds[2];

  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  stdio[0].flags = UV_INHERIT_FD;
  stdio[0].data.fd = fds[0];
  options.exit_cb = on_child_exit;
  assert_int_equal(uv_spawn(&f->loop, &process, &options), 0);
  close(fds[0]);
  return fds[1];
}

/* Its end is the first event that the system has, and batches are small. */
static void the_end_of_a_child_is_told_after_all_that_came_with_it(void** state) {
  struct loop_fixture* f = *state;
  siginfo_t info;
  int child_input = start_child(f);

  read_in_small_batches(f);
  close(child_input);
  assert_int_equal(waitid(P_PID, (id_t) process.pid, &info, WEXITED | WNOWAIT), 0);
  reads_at_exit = -1;
  send_blocks(PAIRS, 1);
  while (reads_at_exit == -1)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(reads_at_exit, PAIRS);
  close_pairs(PAIRS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(much_data_comes_in_small_batches),
      loop_test(little_data_makes_batches_larger_again),
      loop_test(a_quiet_turn_makes_batches_large_again),
      loop_test(one_stream_reads_on_when_what_it_wrote_is_told),
      loop_test(what_is_only_read_comes_in_one_turn),
      loop_test(a_signal_is_told_after_all_that_came_with_it),
      loop_test(the_end_of_a_child_is_told_after_all_that_came_with_it),
  };
  return cmocka_run_group_tests_name("batches", tests, NULL, NULL);
}
