/* Descriptors: what uv_guess_handle() says of each kind. */
#include "support/cmocka_all.h"
#include "uv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#include <io.h>
#define NULL_DEVICE "NUL"
#else
#define NULL_DEVICE "/dev/null"
#include <netinet/in.h>
#include <pty.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

/* Says what the descriptor is and closes it. */
static void assert_guess(int fd, uv_handle_type expected) {
  assert_true(fd >= 0);
  uv_handle_type guess = uv_guess_handle(fd);
  close(fd);
  assert_int_equal(guess, expected);
}

static void what_is_no_descriptor_is_unknown(void** state) {
  (void) state;
  int fd = open(NULL_DEVICE, O_RDONLY);

  assert_true(fd >= 0);
  close(fd);
  assert_int_equal(uv_guess_handle(fd), UV_UNKNOWN_HANDLE);
  assert_int_equal(uv_guess_handle(-1), UV_UNKNOWN_HANDLE);
  assert_int_equal(uv_guess_handle(-1000), UV_UNKNOWN_HANDLE);
}

#if defined(_WIN32)

/* Of a file in the current directory, which is gone when it is closed. */
static int open_temporary(void) {
  return open("test_descriptor.tmp", O_CREAT | O_RDWR | O_TEMPORARY | O_TRUNC, 0600);
}

static void what_is_on_disk_and_devices_are_files(void** state) {
  (void) state;
  HANDLE directory = CreateFileW(L"C:\\", 0, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                 OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);

  assert_guess(open_temporary(), UV_FILE);
  assert_guess(open("NUL", O_RDWR), UV_FILE);
  assert_ptr_not_equal(directory, INVALID_HANDLE_VALUE);
  assert_guess(uv_open_osfhandle(directory), UV_FILE);
}

static void consoles_are_ttys(void** state) {
  (void) state;
  int fd = open("CONOUT$", O_RDWR);

  if (fd == -1) {
    print_message("there is no console\n");
    skip();
  }
  assert_guess(fd, UV_TTY);
}

static void pipes_and_sockets_are_pipes(void** state) {
  (void) state;
  HANDLE reader;
  HANDLE writer;
  char hostname[UV_MAXHOSTNAMESIZE];
  size_t size = sizeof(hostname);

  assert_true(CreatePipe(&reader, &writer, NULL, 0));
  assert_guess(uv_open_osfhandle(reader), UV_NAMED_PIPE);
  assert_guess(uv_open_osfhandle(writer), UV_NAMED_PIPE);

  assert_int_equal(uv_os_gethostname(hostname, &size), 0); /* starts Winsock */
  SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  assert_true(s != INVALID_SOCKET);
  int fd = uv_open_osfhandle((HANDLE) s);
  uv_handle_type guess = uv_guess_handle(fd);
  closesocket(s);
  assert_int_equal(guess, UV_NAMED_PIPE);
}

static void a_handle_and_its_descriptor_lead_to_each_other(void** state) {
  (void) state;
  HANDLE reader;
  HANDLE writer;
  DWORD written;
  char text[2] = "";

  assert_true(CreatePipe(&reader, &writer, NULL, 0));
  int fd = uv_open_osfhandle(reader);
  assert_true(fd >= 0);
  assert_ptr_equal(uv_get_osfhandle(fd), reader);
  assert_true(WriteFile(writer, "x", 1, &written, NULL));
  assert_int_equal(read(fd, text, 1), 1);
  assert_string_equal(text, "x");
  CloseHandle(writer);
  assert_int_equal(read(fd, text, 1), 0);

  /* The descriptor owns the handle. */
  DWORD flags;
  assert_int_equal(close(fd), 0);
  assert_false(GetHandleInformation(reader, &flags));
}

static void a_bad_descriptor_has_no_handle(void** state) {
  (void) state;
  int fd = open("NUL", O_RDWR);

  close(fd);
  assert_ptr_equal(uv_get_osfhandle(fd), INVALID_HANDLE_VALUE);
  assert_ptr_equal(uv_get_osfhandle(-1), INVALID_HANDLE_VALUE);
  assert_ptr_equal(uv_get_osfhandle(1 << 20), INVALID_HANDLE_VALUE);
  assert_int_equal(uv_open_osfhandle(INVALID_HANDLE_VALUE), -1);
}

#define PLATFORM_TESTS \
  cmocka_unit_test(what_is_on_disk_and_devices_are_files), cmocka_unit_test(consoles_are_ttys), \
      cmocka_unit_test(pipes_and_sockets_are_pipes), \
      cmocka_unit_test(a_handle_and_its_descriptor_lead_to_each_other), \
      cmocka_unit_test(a_bad_descriptor_has_no_handle)

#else

static void files_and_character_devices_are_files(void** state) {
  (void) state;
  char path[] = "/tmp/test_descriptor_XXXXXX";
  int fd = mkstemp(path);

  assert_true(fd >= 0);
  unlink(path);
  assert_guess(fd, UV_FILE);
  assert_guess(open("/dev/null", O_RDWR), UV_FILE);
  assert_guess(open("/dev/zero", O_RDONLY), UV_FILE);
}

static void directories_and_kernel_objects_are_unknown(void** state) {
  (void) state;
  assert_guess(open("/", O_RDONLY | O_DIRECTORY), UV_UNKNOWN_HANDLE);
  assert_guess(epoll_create1(0), UV_UNKNOWN_HANDLE);
}

static void both_ends_of_a_terminal_are_ttys(void** state) {
  (void) state;
  int master;
  int slave;

  assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
  uv_handle_type slave_guess = uv_guess_handle(slave);
  assert_guess(master, UV_TTY);
  close(slave);
  assert_int_equal(slave_guess, UV_TTY);
}

static void pipes_and_fifos_are_pipes(void** state) {
  (void) state;
  char directory[] = "/tmp/test_descriptor_XXXXXX";
  char path[64];
  int ends[2];

  assert_int_equal(pipe(ends), 0);
  assert_guess(ends[0], UV_NAMED_PIPE);
  assert_guess(ends[1], UV_NAMED_PIPE);

  assert_non_null(mkdtemp(directory));
  snprintf(path, sizeof(path), "%s/fifo", directory);
  assert_int_equal(mkfifo(path, 0600), 0);
  int fd = open(path, O_RDONLY | O_NONBLOCK);
  unlink(path);
  rmdir(directory);
  assert_guess(fd, UV_NAMED_PIPE);
}

static void sockets_are_told_apart_by_family_and_type(void** state) {
  (void) state;
  const struct {
    int family;
    int type;
    uv_handle_type expected;
  } cases[] = {
      {AF_INET, SOCK_STREAM, UV_TCP},
      {AF_INET6, SOCK_STREAM, UV_TCP},
      {AF_INET, SOCK_DGRAM, UV_UDP},
      {AF_INET6, SOCK_DGRAM, UV_UDP},
      {AF_UNIX, SOCK_STREAM, UV_NAMED_PIPE},
      {AF_UNIX, SOCK_DGRAM, UV_UNKNOWN_HANDLE},
      {AF_UNIX, SOCK_SEQPACKET, UV_UNKNOWN_HANDLE},
      {AF_NETLINK, SOCK_DGRAM, UV_UNKNOWN_HANDLE},
  };

  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    int fd = socket(cases[i].family, cases[i].type, 0);
    if (fd < 0 && (errno == EAFNOSUPPORT || errno == EPERM))
      continue; /* no such sockets on this machine */
    assert_guess(fd, cases[i].expected);
  }
}

static void both_ends_of_a_socketpair_are_pipes(void** state) {
  (void) state;
  int ends[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  assert_guess(ends[0], UV_NAMED_PIPE);
  assert_guess(ends[1], UV_NAMED_PIPE);
}

static void a_tcp_socket_is_one_even_after_a_reset(void** state) {
  (void) state;
  struct sockaddr_in address;
  socklen_t len = sizeof(address);
  struct linger abort_on_close = {1, 0};
  char byte;

  memset(&address, 0, sizeof(address));
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int server = socket(AF_INET, SOCK_STREAM, 0);
  int client = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(bind(server, (struct sockaddr*) &address, len), 0);
  assert_int_equal(listen(server, 1), 0);
  assert_int_equal(getsockname(server, (struct sockaddr*) &address, &len), 0);
  assert_int_equal(connect(client, (struct sockaddr*) &address, len), 0);
  int accepted = accept(server, NULL, NULL);
  assert_true(accepted >= 0);

  assert_int_equal(
      setsockopt(accepted, SOL_SOCKET, SO_LINGER, &abort_on_close, sizeof(abort_on_close)), 0);
  close(accepted);
  assert_int_equal(read(client, &byte, 1), -1);
  assert_int_equal(errno, ECONNRESET);
  assert_guess(client, UV_TCP);
  assert_guess(server, UV_TCP);
}

static void a_descriptor_is_its_own_handle(void** state) {
  (void) state;
  assert_int_equal(uv_get_osfhandle(7), 7);
  assert_int_equal(uv_open_osfhandle(7), 7);
  assert_int_equal(uv_get_osfhandle(-1), -1);
  assert_int_equal(uv_open_osfhandle(-1), -1);
}

#define PLATFORM_TESTS \
  cmocka_unit_test(files_and_character_devices_are_files), \
      cmocka_unit_test(directories_and_kernel_objects_are_unknown), \
      cmocka_unit_test(both_ends_of_a_terminal_are_ttys), \
      cmocka_unit_test(pipes_and_fifos_are_pipes), \
      cmocka_unit_test(sockets_are_told_apart_by_family_and_type), \
      cmocka_unit_test(both_ends_of_a_socketpair_are_pipes), \
      cmocka_unit_test(a_tcp_socket_is_one_even_after_a_reset), \
      cmocka_unit_test(a_descriptor_is_its_own_handle)

#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_no_descriptor_is_unknown),
      PLATFORM_TESTS,
  };
  return cmocka_run_group_tests_name("descriptor", tests, NULL, NULL);
}
