/* A pseudo-terminal for each test: the handle under test is at one end of it. */
#ifndef RONDO_TEST_PTY_H_
#define RONDO_TEST_PTY_H_

#include "support/descriptors.h"
#include "support/loop_fixture.h"

#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static struct {
  int master;
  int slave;
  int descriptors; /* how many there were before */
} pty;

/* Both ends take care of themselves: a test may close them, and a handle too. */
static inline int pty_setup(void** state) {
  pty.descriptors = count_descriptors();
  assert_int_equal(openpty(&pty.master, &pty.slave, NULL, NULL, NULL), 0);
  return loop_setup(state);
}

static inline void pty_close(int* fd) {
  if (*fd != -1)
    assert_int_equal(close(*fd), 0);
  *fd = -1;
}

static inline int pty_teardown(void** state) {
  loop_teardown(state);
  pty_close(&pty.master);
  pty_close(&pty.slave);
  assert_int_equal(count_descriptors(), pty.descriptors);
  return 0;
}

/* The first loop of a process may make what all share. */
static inline int pty_group_setup(void** state) {
  return loop_setup(state) + loop_teardown(state);
}

static inline struct termios attributes_of(int fd) {
  struct termios attributes;

  memset(&attributes, 0, sizeof(attributes));
  assert_int_equal(tcgetattr(fd, &attributes), 0);
  return attributes;
}

static inline bool same_attributes(const struct termios* a, const struct termios* b) {
  return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
         a->c_lflag == b->c_lflag && memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc)) == 0;
}

/* No echo, no lines, no signals: bytes pass as they are. */
static inline void make_transparent(int fd) {
  struct termios attributes = attributes_of(fd);

  cfmakeraw(&attributes);
  assert_int_equal(tcsetattr(fd, TCSANOW, &attributes), 0);
}

static inline int open_slave(int flags) {
  char name[64];
  int fd;

  assert_int_equal(ptsname_r(pty.master, name, sizeof(name)), 0);
  fd = open(name, flags | O_NOCTTY | O_CLOEXEC);
  assert_true(fd >= 0);
  return fd;
}

static inline uv_stream_t* stream_of(uv_tty_t* tty) {
  return (uv_stream_t*) tty;
}

static inline uv_handle_t* handle_of(uv_tty_t* tty) {
  return (uv_handle_t*) tty;
}

/* The handle's descriptor, or the error of asking for it. */
static inline int fd_of(uv_tty_t* tty) {
  uv_os_fd_t fd = -1;
  int err = uv_fileno(handle_of(tty), &fd);

  return err != 0 ? err : fd;
}

/* Closes a handle and lets the loop finish with it. */
static inline void close_tty(uv_tty_t* tty) {
  uv_close(handle_of(tty), NULL);
  while (uv_loop_alive(tty->loop))
    uv_run(tty->loop, UV_RUN_ONCE);
}

#define pty_test(function) cmocka_unit_test_setup_teardown(function, pty_setup, pty_teardown)
#define newer_pty_test(function) newer_test_with(function, pty_setup, pty_teardown)

#endif /* RONDO_TEST_PTY_H_ */
