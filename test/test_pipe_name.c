/* Pipes: their names and the rights on them. */
#include "support/pipe_name_fixture.h"

/* -- Names ------------------------------------------------------------------------------------- */

static void a_bound_pipe_knows_its_path(void** state) {
  const char* path = pipe_name("server");
  size_t size;

  (void) state;
  assert_int_equal(uv_pipe_bind(&pipes[0], path), 0);
  assert_int_equal(sockname(&pipes[0], ROOM, &size), 0);
  assert_int_equal(size, strlen(path));
  assert_string_equal(name, path);
}

static void too_little_room_is_told_with_what_is_needed(void** state) {
  const size_t len = strlen(pipe_name("server"));
  size_t size;

  (void) state;
  serve(&pipes[0]);
  assert_int_equal(sockname(&pipes[0], 1, &size), UV_ENOBUFS);
  assert_int_equal(size, len + 1);
  assert_int_equal(sockname(&pipes[0], len, &size), UV_ENOBUFS);
  assert_int_equal(size, len + 1);
  assert_int_equal(name[0], '#');
  assert_int_equal(sockname(&pipes[0], len + 1, &size), 0);
  assert_int_equal(size, len);
  assert_int_equal(name[len], '\0');
  assert_int_equal(name[len + 1], '#');
}

static void a_client_has_no_name_but_its_peer_has_at_once(void** state) {
  struct loop_fixture* f = *state;
  const char* path = pipe_name("server");
  size_t size;

  serve(&pipes[0]);
  uv_pipe_connect(&connect_req, &pipes[1], path, connected);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(peername(&pipes[1], ROOM, &size), 0);
    assert_int_equal(size, strlen(path));
    assert_string_equal(name, path);
    assert_int_equal(sockname(&pipes[1], ROOM, &size), 0);
    assert_int_equal(size, 0);
    if (i == 0)
      assert_int_equal(wait_connected(f), 0);
  }
  assert_int_equal(peername(&pipes[1], strlen(path), &size), UV_ENOBUFS);
  assert_int_equal(size, strlen(path) + 1);
}

#if defined(RONDO_VERSION) /* libuv 1.44 looks at the peer first */
static void a_name_needs_a_buffer(void** state) {
  size_t size = 0;

  (void) state;
  serve(&pipes[0]);
  assert_int_equal(uv_pipe_getsockname(&pipes[0], name, &size), UV_EINVAL);
  assert_int_equal(uv_pipe_getpeername(&pipes[0], name, &size), UV_EINVAL);
  size = sizeof(name);
  assert_int_equal(uv_pipe_getsockname(&pipes[0], NULL, &size), UV_EINVAL);
  assert_int_equal(uv_pipe_getpeername(&pipes[0], NULL, &size), UV_EINVAL);
  assert_int_equal(uv_pipe_getsockname(&pipes[0], name, NULL), UV_EINVAL);
  assert_int_equal(uv_pipe_getpeername(&pipes[0], name, NULL), UV_EINVAL);
  assert_int_equal(size, sizeof(name));
}
#endif

static void without_a_descriptor_or_a_peer_there_is_no_name(void** state) {
  size_t size;

  (void) state;
  assert_int_equal(sockname(&pipes[0], ROOM, &size), UV_EBADF);
  assert_int_equal(size, 0);
  assert_int_equal(peername(&pipes[0], ROOM, &size), UV_EBADF);
  assert_int_equal(size, 0);
  serve(&pipes[0]);
  assert_int_equal(peername(&pipes[0], ROOM, &size), UV_ENOTCONN);
  assert_int_equal(size, 0);
  uv_close(handle_of(&pipes[0]), NULL);
  assert_int_equal(sockname(&pipes[0], ROOM, &size), UV_EBADF);
  assert_int_equal(size, 0);
  assert_int_equal(peername(&pipes[0], ROOM, &size), UV_EBADF);
}

#if UV_VERSION_HEX >= 0x012e00 /* uv_pipe_bind2() and uv_pipe_connect2() */
static void connect_never(uv_connect_t* req, int status) {
  (void) req;
  fail_msg("connect callback with %d", status);
}

static void a_name_may_end_without_a_nul(void** state) {
  struct loop_fixture* f = *state;
  const char* path = pipe_name("serverbehind");
  size_t len = strlen(path) - strlen("behind");
  size_t size;

  assert_int_equal(uv_pipe_bind2(&pipes[0], path, len, 0), 0);
  assert_int_equal(uv_listen((uv_stream_t*) &pipes[0], 8, ignore_connection), 0);
  assert_int_equal(sockname(&pipes[0], ROOM, &size), 0);
  assert_int_equal(size, len);
  assert_int_equal(connect2(&pipes[1], path, len, UV_PIPE_NO_TRUNCATE), 0);
  assert_int_equal(wait_connected(f), 0);
}

static void bad_names_are_refused_and_no_callback_comes(void** state) {
  static const char nul_inside[] = "a\0b";
  struct loop_fixture* f = *state;
  const struct {
    const char* name;
    size_t len;
    unsigned int flags;
  } bad[] = {
      {"x", 1, UV_PIPE_NO_TRUNCATE << 1},
      {"x", 1, ~0u},
      {NULL, 0, 0},
      {NULL, 1, 0},
      {nul_inside, sizeof(nul_inside), 0},
      {nul_inside, 2, UV_PIPE_NO_TRUNCATE},
  };

  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    assert_int_equal(uv_pipe_bind2(&pipes[0], bad[i].name, bad[i].len, bad[i].flags), UV_EINVAL);
    assert_int_equal(uv_pipe_connect2(&connect_req, &pipes[1], bad[i].name, bad[i].len,
                                      bad[i].flags, connect_never),
                     UV_EINVAL);
  }
  assert_int_equal(uv_pipe_connect2(&connect_req, &pipes[1], "", 0, 0, connect_never), UV_EINVAL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);

  serve(&pipes[0]);
  assert_int_equal(connect2(&pipes[1], pipe_name("server"), strlen(pipe_name("server")), 0), 0);
  assert_int_equal(wait_connected(f), 0);
}
#endif

/* -- Rights ------------------------------------------------------------------------------------ */

static void chmod_needs_a_handle_with_a_descriptor(void** state) {
  (void) state;
  assert_int_equal(uv_pipe_chmod(NULL, UV_WRITABLE), UV_EBADF);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_WRITABLE), UV_EBADF);
  serve(&pipes[0]);
  uv_close(handle_of(&pipes[0]), NULL);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_WRITABLE), UV_EBADF);
}

static void chmod_knows_two_rights(void** state) {
  (void) state;
  serve(&pipes[0]);
  assert_int_equal(uv_pipe_chmod(&pipes[0], 0), UV_EINVAL);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_DISCONNECT), UV_EINVAL);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_READABLE | UV_PRIORITIZED), UV_EINVAL);
  assert_int_equal(uv_pipe_chmod(&pipes[0], -1), UV_EINVAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
    name_test(a_bound_pipe_knows_its_path),
    name_test(too_little_room_is_told_with_what_is_needed),
    name_test(a_client_has_no_name_but_its_peer_has_at_once),
    name_test(without_a_descriptor_or_a_peer_there_is_no_name),
    name_test(chmod_needs_a_handle_with_a_descriptor),
    name_test(chmod_knows_two_rights),
#if UV_VERSION_HEX >= 0x012e00
    name_test(a_name_may_end_without_a_nul),
    name_test(bad_names_are_refused_and_no_callback_comes),
#endif
#if defined(RONDO_VERSION)
    name_test(a_name_needs_a_buffer),
#endif
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
