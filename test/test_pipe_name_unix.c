/* Pipes on POSIX: paths and their lengths, abstract names, rights on paths. */
#include "support/child.h"
#include "support/descriptors.h"
#include "support/pipe_name_fixture.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { PATH_MOST = sizeof(((struct sockaddr_un*) NULL)->sun_path) };

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

/* Fills `path` with so many bytes, in the test's directory. */
static void make_path(char* path, size_t len) {
  size_t dir_len = strlen(pipe_name(""));

  memcpy(path, pipe_name(""), dir_len);
  memset(path + dir_len, 'x', len - dir_len);
  path[len] = '\0';
}

static void a_path_that_is_too_long_is_refused_where_it_must_not_be_cut(void** state) {
  char path[PATH_MOST + 2];

  (void) state;
  make_path(path, PATH_MOST + 1);
  assert_int_equal(uv_pipe_bind2(&pipes[0], path, PATH_MOST + 1, UV_PIPE_NO_TRUNCATE), UV_EINVAL);
  assert_int_equal(uv_pipe_connect2(&connect_req, &pipes[1], path, PATH_MOST + 1,
                                    UV_PIPE_NO_TRUNCATE, connect_never),
                   UV_EINVAL);
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
  assert_int_equal(rights_of_path(pipe_name("server")), 0444);
  assert_int_equal(rights_of(&pipes[0]), 0444);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_WRITABLE), 0);
  assert_int_equal(rights_of_path(pipe_name("server")), 0222);
  assert_int_equal(rights_of(&pipes[0]), 0222);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_READABLE | UV_WRITABLE), 0);
  assert_int_equal(rights_of_path(pipe_name("server")), 0666);
  assert_int_equal(rights_of(&pipes[0]), 0666);
}
#endif

child_function(chmod_as_another, become_another(), uv_pipe_chmod(&pipes[0], UV_WRITABLE));

static void chmod_is_for_the_owner(void** state) {
  (void) state;
  assert_int_equal(chmod(temp_dir, 0755), 0);
  serve(&pipes[0]);
  assert_child(chmod_as_another, UV_EPERM);
}

static void refused_rights_change_nothing(void** state) {
  unsigned int before;

  (void) state;
  serve(&pipes[0]);
  before = rights_of_path(pipe_name("server"));
  assert_int_equal(uv_pipe_chmod(&pipes[0], 0), UV_EINVAL);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_DISCONNECT), UV_EINVAL);
  assert_int_equal(uv_pipe_chmod(&pipes[0], UV_READABLE | UV_PRIORITIZED), UV_EINVAL);
  assert_int_equal(uv_pipe_chmod(&pipes[0], -1), UV_EINVAL);
  assert_int_equal(rights_of_path(pipe_name("server")), before);
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
  assert_int_equal(unlink(pipe_name("server")), 0);
  assert_int_equal(uv_pipe_chmod(&pipes[1], UV_READABLE), UV_ENOENT);

#if defined(__linux__)
  assert_int_equal(uv_pipe_bind(&pipes[2], ""), 0);
  assert_int_equal(uv_pipe_chmod(&pipes[2], UV_READABLE), UV_ENOENT);
#endif
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
    name_test(what_is_no_socket_has_no_name),
    name_test(chmod_is_for_the_owner),
    name_test(refused_rights_change_nothing),
#if UV_VERSION_HEX >= 0x012e00
    name_test(a_path_that_is_too_long_is_refused_where_it_must_not_be_cut),
    name_test(the_longest_path_fills_the_address),
    name_test(a_longer_path_is_cut),
#endif
#if UV_VERSION_HEX >= 0x012e00 && defined(__linux__)
    name_test(an_abstract_name_is_its_bytes),
    name_test(every_byte_of_an_abstract_name_counts),
    name_test(without_a_name_the_kernel_chooses_one),
#endif
#if defined(RONDO_VERSION)
    name_test(chmod_sets_everybodys_rights),
    name_test(chmod_needs_a_path),
#endif
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
