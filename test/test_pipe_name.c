/* Pipes: their names and the rights on them. */
#include "support/child.h"
#include "support/descriptors.h"
#include "support/loop_fixture.h"
#include "support/temp_dir.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { PATH_MOST = sizeof(((struct sockaddr_un*) NULL)->sun_path), ROOM = 256, NOT_CALLED = 12345 };

static uv_pipe_t pipes[4];
static uv_connect_t connect_req;
static int connect_status;
static char name[ROOM];

static uv_handle_t* handle_of(uv_pipe_t* pipe) {
  return (uv_handle_t*) pipe;
}

static int setup(void** state) {
  struct loop_fixture* f;

  temp_dir_make();
  loop_setup(state);
  f = *state;
  for (int i = 0; i < 4; i++)
    assert_int_equal(uv_pipe_init(&f->loop, &pipes[i], 0), 0);
  memset(name, '#', sizeof(name));
  connect_status = NOT_CALLED;
  return 0;
}

/* Every test leaves no files. */
static int teardown(void** state) {
  loop_teardown(state);
  temp_dir_remove();
  return 0;
}

static void connected(uv_connect_t* req, int status) {
  (void) req;
  connect_status = status;
}

static int wait_connected(struct loop_fixture* f) {
  while (connect_status == NOT_CALLED)
    assert_true(uv_run(&f->loop, UV_RUN_ONCE) != 0 || connect_status != NOT_CALLED);
  return connect_status;
}

static void ignore_connection(uv_stream_t* server, int status) {
  (void) server;
  assert_int_equal(status, 0);
}

static void serve(uv_pipe_t* pipe) {
  assert_int_equal(uv_pipe_bind(pipe, temp_path("server")), 0);
  assert_int_equal(uv_listen((uv_stream_t*) pipe, 8, ignore_connection), 0);
}

/* What uv_pipe_getsockname() answers for a room of `size` bytes, with the size that it leaves. */
static int sockname(const uv_pipe_t* pipe, size_t size, size_t* size_after) {
  *size_after = size;
  return uv_pipe_getsockname(pipe, name, size_after);
}

static int peername(const uv_pipe_t* pipe, size_t size, size_t* size_after) {
  *size_after = size;
  return uv_pipe_getpeername(pipe, name, size_after);
}

/* -- Names ------------------------------------------------------------------------------------- */

static void a_bound_pipe_knows_its_path(void** state) {
  const char* path = temp_path("server");
  size_t size;

  (void) state;
  assert_int_equal(uv_pipe_bind(&pipes[0], path), 0);
  assert_int_equal(sockname(&pipes[0], ROOM, &size), 0);
  assert_int_equal(size, strlen(path));
  assert_string_equal(name, path);
}

static void too_little_room_is_told_with_what_is_needed(void** state) {
  const size_t len = strlen(temp_path("server"));
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
  const char* path = temp_path("server");
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

static void what_is_no_socket_has_no_name(void** state) {
  uv_file fds[2];
  size_t size;

  (void) state;
  assert_int_equal(uv_pipe(fds, 0, 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  assert_int_equal(sockname(&pipes[0], ROOM, &size), UV_ENOTSOCK);
  assert_int_equal(peername(&pipes[0], ROOM, &size), UV_ENOTSOCK);
  close(fds[1]);
}

#if UV_VERSION_HEX >= 0x012e00 /* uv_pipe_bind2() and uv_pipe_connect2() */
static void connect_never(uv_connect_t* req, int status) {
  (void) req;
  fail_msg("connect callback with %d", status);
}

static int connect2(uv_pipe_t* pipe, const char* to, size_t len, unsigned int flags) {
  return uv_pipe_connect2(&connect_req, pipe, to, len, flags, connected);
}

/* Fills `path` with so many bytes, in the test's directory. */
static void make_path(char* path, size_t len) {
  size_t dir_len = strlen(temp_path(""));

  memcpy(path, temp_path(""), dir_len);
  memset(path + dir_len, 'x', len - dir_len);
  path[len] = '\0';
}

static void a_name_may_end_without_a_nul(void** state) {
  struct loop_fixture* f = *state;
  const char* path = temp_path("serverbehind");
  size_t len = strlen(path) - strlen("behind");
  size_t size;

  assert_int_equal(uv_pipe_bind2(&pipes[0], path, len, 0), 0);
  assert_int_equal(uv_listen((uv_stream_t*) &pipes[0], 8, ignore_connection), 0);
  assert_int_equal(access(temp_path("server"), F_OK), 0);
  assert_int_equal(sockname(&pipes[0], ROOM, &size), 0);
  assert_int_equal(size, len);
  assert_int_equal(connect2(&pipes[1], path, len, UV_PIPE_NO_TRUNCATE), 0);
  assert_int_equal(wait_connected(f), 0);
}

static void bad_names_are_refused_and_no_callback_comes(void** state) {
  static const char nul_inside[] = "a\0b";
  struct loop_fixture* f = *state;
  char long_path[PATH_MOST + 2];
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
      {long_path, PATH_MOST + 1, UV_PIPE_NO_TRUNCATE},
  };

  make_path(long_path, PATH_MOST + 1);
  for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
    assert_int_equal(uv_pipe_bind2(&pipes[0], bad[i].name, bad[i].len, bad[i].flags), UV_EINVAL);
    assert_int_equal(uv_pipe_connect2(&connect_req, &pipes[1], bad[i].name, bad[i].len,
                                      bad[i].flags, connect_never),
                     UV_EINVAL);
  }
  assert_int_equal(uv_pipe_connect2(&connect_req, &pipes[1], "", 0, 0, connect_never), UV_EINVAL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);

  serve(&pipes[0]);
  assert_int_equal(connect2(&pipes[1], temp_path("server"), strlen(temp_path("server")), 0), 0);
  assert_int_equal(wait_connected(f), 0);
}

static void the_longest_path_fills_the_address(void** state) {
  struct loop_fixture* f = *state;
  char path[PATH_MOST + 1];
  size_t size;

  make_path(path, PATH_MOST);
  assert_int_equal(uv_pipe_bind2(&pipes[0], path, PATH_MOST, UV_PIPE_NO_TRUNCATE), 0);
  assert_int_equal(uv_listen((uv_stream_t*) &pipes[0], 8, ignore_connection), 0);
  assert_int_equal(sockname(&pipes[0], PATH_MOST, &size), UV_ENOBUFS);
  assert_int_equal(size, PATH_MOST + 1);
  assert_int_equal(sockname(&pipes[0], PATH_MOST + 1, &size), 0);
  assert_int_equal(size, PATH_MOST);
  assert_string_equal(name, path);
  assert_int_equal(connect2(&pipes[1], path, PATH_MOST, UV_PIPE_NO_TRUNCATE), 0);
  assert_int_equal(wait_connected(f), 0);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_READABLE), 0);
}

static void a_longer_path_is_cut(void** state) {
  struct loop_fixture* f = *state;
  char path[2 * PATH_MOST + 1];
  size_t size;

  make_path(path, 2 * PATH_MOST);
  assert_int_equal(uv_pipe_bind(&pipes[0], path), 0);
  assert_int_equal(uv_listen((uv_stream_t*) &pipes[0], 8, ignore_connection), 0);
  assert_int_equal(connect2(&pipes[1], path, 2 * PATH_MOST, 0), 0);
  assert_int_equal(wait_connected(f), 0);
  assert_int_equal(sockname(&pipes[0], ROOM, &size), 0);
  assert_int_equal(size, PATH_MOST);
  path[PATH_MOST] = '\0';
  assert_string_equal(name, path);
  assert_int_equal(access(path, F_OK), 0);
  uv_close(handle_of(&pipes[0]), NULL);
  assert_int_equal(access(path, F_OK), -1);
}
#endif

#if UV_VERSION_HEX >= 0x012e00 && defined(__linux__)
/* A name that nobody else on the machine has, with NULs at its start and inside. */
static size_t make_abstract_name(char* abstract) {
  return (size_t) snprintf(abstract, ROOM, "%c%s%cname", 0, temp_dir, 0);
}

static void an_abstract_name_is_its_bytes(void** state) {
  struct loop_fixture* f = *state;
  char abstract[ROOM];
  size_t len = make_abstract_name(abstract);
  size_t size;

  assert_int_equal(uv_pipe_bind2(&pipes[0], abstract, len, UV_PIPE_NO_TRUNCATE), 0);
  assert_int_equal(uv_listen((uv_stream_t*) &pipes[0], 8, ignore_connection), 0);
  assert_int_equal(connect2(&pipes[1], abstract, len, 0), 0);
  assert_int_equal(wait_connected(f), 0);

  assert_int_equal(sockname(&pipes[0], len - 1, &size), UV_ENOBUFS);
  assert_int_equal(size, len);
  assert_int_equal(name[0], '#');
  assert_int_equal(sockname(&pipes[0], len, &size), 0);
  assert_int_equal(size, len);
  assert_memory_equal(name, abstract, len);
  assert_int_equal(name[len], '#');
  assert_int_equal(peername(&pipes[1], ROOM, &size), 0);
  assert_int_equal(size, len);
  assert_memory_equal(name, abstract, len);
}

static void every_byte_of_an_abstract_name_counts(void** state) {
  struct loop_fixture* f = *state;
  char abstract[ROOM];
  size_t len = make_abstract_name(abstract);

  assert_int_equal(uv_pipe_bind2(&pipes[0], abstract, len, 0), 0);
  assert_int_equal(uv_pipe_bind2(&pipes[1], abstract, len, 0), UV_EADDRINUSE);
  assert_int_equal(uv_pipe_bind2(&pipes[1], abstract, len - 1, 0), 0);
  assert_int_equal(connect2(&pipes[2], abstract, len - 2, 0), 0);
  assert_int_equal(wait_connected(f), UV_ECONNREFUSED);
}

static void without_a_name_the_kernel_chooses_one(void** state) {
  (void) state;
  for (int i = 0; i < 2; i++) {
    size_t size;
    assert_int_equal(
        i == 0 ? uv_pipe_bind2(&pipes[i], "not read", 0, 0) : uv_pipe_bind(&pipes[i], ""), 0);
    memset(name, '#', sizeof(name));
    assert_int_equal(sockname(&pipes[i], ROOM, &size), 0);
    assert_int_equal(size, 6);
    assert_int_equal(name[0], '\0');
    assert_int_equal(name[6], '#');
    name[6] = '\0';
    assert_int_equal(strspn(name + 1, "0123456789abcdef"), 5);
  }
}
#endif

/* -- Rights ------------------------------------------------------------------------------------ */

static unsigned int rights_of_path(const char* path) {
  struct stat info;

  assert_int_equal(stat(path, &info), 0);
  return info.st_mode & 07777;
}

#if defined(RONDO_VERSION) /* libuv 1.44 adds rights to those of the path */
static unsigned int rights_of(const uv_pipe_t* pipe) {
  struct stat info;
  uv_os_fd_t fd;

  assert_int_equal(uv_fileno((const uv_handle_t*) pipe, &fd), 0);
  assert_int_equal(fstat(fd, &info), 0);
  return info.st_mode & 07777;
}

static void chmod_sets_everybodys_rights(void** state) {
  (void) state;
  serve(&pipes[0]);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_READABLE), 0);
  assert_int_equal(rights_of_path(temp_path("server")), 0444);
  assert_int_equal(rights_of(&pipes[0]), 0444);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_WRITABLE), 0);
  assert_int_equal(rights_of_path(temp_path("server")), 0222);
  assert_int_equal(rights_of(&pipes[0]), 0222);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_READABLE | UV_WRITABLE), 0);
  assert_int_equal(rights_of_path(temp_path("server")), 0666);
  assert_int_equal(rights_of(&pipes[0]), 0666);
}
#endif

static void chmod_needs_a_handle_with_a_descriptor(void** state) {
  (void) state;
  assert_int_equal(uv_pipe_chmod(NULL, UV_WRITABLE), UV_EBADF);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_WRITABLE), UV_EBADF);
  serve(&pipes[0]);
  uv_close(handle_of(&pipes[0]), NULL);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_WRITABLE), UV_EBADF);
}

child_function(chmod_as_another, become_another(), uv_pipe_chmod(&pipes[0], UV_WRITABLE));

static void chmod_is_for_the_owner(void** state) {
  (void) state;
  assert_int_equal(chmod(temp_dir, 0755), 0);
  serve(&pipes[0]);
  assert_child(chmod_as_another, UV_EPERM);
}

static void chmod_knows_two_rights(void** state) {
  unsigned int before;

  (void) state;
  serve(&pipes[0]);
  before = rights_of_path(temp_path("server"));
  assert_int_equal(uv_pipe_chmod(&pipes[0], 0), UV_EINVAL);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_DISCONNECT), UV_EINVAL);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_READABLE | UV_PRIORITIZED), UV_EINVAL);
  assert_int_equal(uv_pipe_chmod(&pipes[0], -1), UV_EINVAL);
  assert_int_equal(rights_of_path(temp_path("server")), before);
}

#if defined(RONDO_VERSION)
static void chmod_needs_a_path(void** state) {
  unsigned int before;
  int pair[2];

  (void) state;
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], pair[0]), 0);
  before = rights_of(&pipes[0]);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_READABLE), UV_ENOENT);
  assert_int_equal(rights_of(&pipes[0]), before);
  close(pair[1]);

  serve(&pipes[1]);
  assert_int_equal(unlink(temp_path("server")), 0);
  assert_int_equal(uv_pipe_chmod(&pipes[1], UV_READABLE), UV_ENOENT);

#if defined(__linux__)
  assert_int_equal(uv_pipe_bind(&pipes[2], ""), 0);
  assert_int_equal(uv_pipe_chmod(&pipes[2], UV_READABLE), UV_ENOENT);
#endif
}
#endif

#define name_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
    name_test(a_bound_pipe_knows_its_path),
    name_test(too_little_room_is_told_with_what_is_needed),
    name_test(a_client_has_no_name_but_its_peer_has_at_once),
    name_test(without_a_descriptor_or_a_peer_there_is_no_name),
    name_test(what_is_no_socket_has_no_name),
    name_test(chmod_needs_a_handle_with_a_descriptor),
    name_test(chmod_is_for_the_owner),
    name_test(chmod_knows_two_rights),
#if UV_VERSION_HEX >= 0x012e00
    name_test(a_name_may_end_without_a_nul),
    name_test(bad_names_are_refused_and_no_callback_comes),
    name_test(the_longest_path_fills_the_address),
    name_test(a_longer_path_is_cut),
#endif
#if UV_VERSION_HEX >= 0x012e00 && defined(__linux__)
    name_test(an_abstract_name_is_its_bytes),
    name_test(every_byte_of_an_abstract_name_counts),
    name_test(without_a_name_the_kernel_chooses_one),
#endif
#if defined(RONDO_VERSION)
    name_test(a_name_needs_a_buffer),
    name_test(chmod_sets_everybodys_rights),
    name_test(chmod_needs_a_path),
#endif
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
