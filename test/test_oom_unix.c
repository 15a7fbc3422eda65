/* Out of memory while handles travel between the ends of a socket pair. */
#include "support/oom.h"

#include <sys/socket.h>
#include <unistd.h>

/* -- Handle passing ---------------------------------------------------------------------------- */

struct passing {
  struct program* program;
  uv_pipe_t ends[2];
  uv_tcp_t sent[3];
  uv_write_t writes[3];
  uv_tcp_t taken[3];
  int count;
};

static struct passing passing;

static void on_passed(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  uv_pipe_t* pipe = (uv_pipe_t*) stream;

  (void) buf;
  if (nread == UV_ENOMEM)
    passing.program->failed = true;
  else
    assert_true(nread >= 0);
  while (uv_pipe_pending_count(pipe) > 0) {
    uv_tcp_t* tcp = &passing.taken[passing.count];
    assert_int_equal(uv_pipe_pending_type(pipe), UV_TCP);
    if (!went_well(passing.program, uv_tcp_init(stream->loop, tcp)))
      break;
    passing.count++;
    if (!went_well(passing.program, uv_accept(stream, (uv_stream_t*) tcp)))
      break;
  }
  if (passing.count == 3 || passing.program->failed)
    uv_walk(stream->loop, close_handle, NULL);
}

static void handle_passing(struct program* p) {
  uv_buf_t buf = uv_buf_init((char*) "x", 1);
  uv_os_sock_t fds[2];

  memset(&passing, 0, sizeof(passing));
  passing.program = p;
  assert_int_equal(uv_socketpair(SOCK_STREAM, 0, fds, 0, 0), 0);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(uv_pipe_init(&p->loop, &passing.ends[i], 1), 0);
    if (!went_well(p, uv_pipe_open(&passing.ends[i], fds[i]))) {
      for (int left = i; left < 2; left++)
        close(fds[left]); /* still ours */
      return;
    }
  }
  for (int i = 0; i < 3; i++) {
    if (!went_well(p, uv_tcp_init_ex(&p->loop, &passing.sent[i], AF_INET)) ||
        !went_well(p, uv_write2(&passing.writes[i], (uv_stream_t*) &passing.ends[0], &buf, 1,
                                (uv_stream_t*) &passing.sent[i], on_write)))
      return;
  }
  if (went_well(p, uv_read_start((uv_stream_t*) &passing.ends[1], give_buffer, on_passed)))
    uv_run(&p->loop, UV_RUN_DEFAULT);
  if (!p->failed)
    assert_int_equal(passing.count, 3);
}

static void ipc(void** state) {
  (void) state;
  run_case(handle_passing);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ipc),
  };
  return cmocka_run_group_tests_name("oom_unix", tests, NULL, NULL);
}
