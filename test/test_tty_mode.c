/* Terminals: their modes, what restores them, and their windows. */
#include "support/peer.h"
#include "support/pty.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

static uv_tty_t tty;
static uv_tty_t other;

/* -- The system's function, watched ------------------------------------------------------------ */

static struct {
  int calls;
  int fail_with;          /* errno of the next call, 0 for none */
  int (*interrupt)(void); /* what a signal handler does in the middle of the next call */
  int interrupt_result;
} watched;

int __real_tcsetattr(int fd, int actions, const struct termios* attributes);
int __wrap_tcsetattr(int fd, int actions, const struct termios* attributes);

/* The linker has the library call this one. */
int __wrap_tcsetattr(int fd, int actions, const struct termios* attributes) {
  watched.calls++;
  if (watched.interrupt != NULL) {
    int (*interrupt)(void) = watched.interrupt;
    watched.interrupt = NULL;
    watched.interrupt_result = interrupt();
  }
  if (watched.fail_with != 0) {
    errno = watched.fail_with;
    watched.fail_with = 0;
    return -1;
  }
  return __real_tcsetattr(fd, actions, attributes);
}

static int mode_setup(void** state) {
  memset(&watched, 0, sizeof(watched));
  return pty_setup(state);
}

static void open_tty(struct loop_fixture* f) {
  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.slave, 0), 0);
}

static bool terminal_has(const struct termios* expected) {
  struct termios now = attributes_of(pty.slave);
  return same_attributes(&now, expected);
}

/* A start that has all that raw mode takes away, and a letter of its own. */
static struct termios make_peculiar(void) {
  struct termios attributes = attributes_of(pty.slave);

  attributes.c_iflag |= BRKINT | ICRNL | INPCK | ISTRIP | IXON | IXOFF;
  attributes.c_oflag |= OPOST;
  attributes.c_oflag &= ~(tcflag_t) ONLCR;
  attributes.c_lflag |= ECHO | ICANON | IEXTEN | ISIG;
  attributes.c_cc[VERASE] = 'E';
  attributes.c_cc[VMIN] = 3;
  attributes.c_cc[VTIME] = 4;
  assert_int_equal(tcsetattr(pty.slave, TCSANOW, &attributes), 0);
  attributes = attributes_of(pty.slave);
  watched.calls = 0;
  return attributes;
}

static struct termios expected_raw(struct termios attributes) {
  attributes.c_iflag &= ~(tcflag_t) (BRKINT | ICRNL | INPCK | ISTRIP | IXON);
  attributes.c_oflag |= ONLCR;
  attributes.c_cflag |= CS8;
  attributes.c_lflag &= ~(tcflag_t) (ECHO | ICANON | IEXTEN | ISIG);
  attributes.c_cc[VMIN] = 1;
  attributes.c_cc[VTIME] = 0;
  return attributes;
}

static struct termios expected_io(struct termios attributes) {
  cfmakeraw(&attributes);
  return attributes;
}

/* -- Modes ------------------------------------------------------------------------------------- */

static void each_mode_sets_its_attributes_and_normal_restores_them(void** state) {
  struct termios before = make_peculiar();
  struct termios raw = expected_raw(before);
  struct termios io = expected_io(before);

  open_tty(*state);
  assert_true(terminal_has(&before));
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_true(terminal_has(&raw));
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_IO), 0);
  assert_true(terminal_has(&io));
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_true(terminal_has(&raw));
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_NORMAL), 0);
  assert_true(terminal_has(&before));
}

/* Older headers lack the name. */
static const uv_tty_mode_t mode_raw_vt = (uv_tty_mode_t) 3;

static void raw_vt_is_raw(void** state) {
  struct termios raw = expected_raw(make_peculiar());

  open_tty(*state);
  assert_int_equal(uv_tty_set_mode(&tty, mode_raw_vt), 0);
  assert_true(terminal_has(&raw));
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_int_equal(watched.calls, 1);
}

static void the_mode_it_has_already_costs_nothing(void** state) {
  struct termios before = make_peculiar();

  open_tty(*state);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_NORMAL), 0);
  assert_int_equal(watched.calls, 0);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_int_equal(watched.calls, 1);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_int_equal(watched.calls, 1);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_NORMAL), 0);
  assert_int_equal(watched.calls, 2);
  assert_true(terminal_has(&before));
}

static void each_departure_from_normal_looks_anew(void** state) {
  struct termios changed;

  open_tty(*state);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_NORMAL), 0);
  changed = make_peculiar();
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_NORMAL), 0);
  assert_true(terminal_has(&changed));
}

static void what_was_typed_is_not_dropped(void** state) {
  char typed[8];

  open_tty(*state);
  assert_int_equal(write(pty.master, "abc", 3), 3);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_int_equal(read(pty.slave, typed, sizeof(typed)), 3);
  assert_memory_equal(typed, "abc", 3);
}

static void an_unknown_mode_is_refused(void** state) {
  struct termios before = make_peculiar();

  open_tty(*state);
  assert_int_equal(uv_tty_set_mode(&tty, (uv_tty_mode_t) 4), UV_EINVAL);
  assert_int_equal(uv_tty_set_mode(&tty, (uv_tty_mode_t) -1), UV_EINVAL);
  assert_true(terminal_has(&before));
}

static void only_terminals_have_modes(void** state) {
  struct loop_fixture* f = *state;
  int ends[2];

  assert_int_equal(pipe(ends), 0);
  assert_int_equal(uv_tty_init(&f->loop, &tty, ends[0], 0), 0);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), UV_ENOTTY);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_NORMAL), 0);
  assert_int_equal(uv_tty_reset_mode(), 0);
  close_tty(&tty);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), UV_EBADF);
  close(ends[1]);
}

static void a_mode_that_fails_leaves_everything_as_it_was(void** state) {
  struct termios before = make_peculiar();

  open_tty(*state);
  watched.fail_with = EIO;
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), UV_EIO);
  assert_int_equal(watched.calls, 1);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_NORMAL), 0);
  assert_int_equal(watched.calls, 1);
  /* There is nothing to restore: not even an attempt. */
  assert_int_equal(uv_tty_reset_mode(), 0);
  assert_int_equal(watched.calls, 1);
  assert_true(terminal_has(&before));
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
}

static void an_interrupted_system_call_is_repeated(void** state) {
  struct termios raw = expected_raw(make_peculiar());

  open_tty(*state);
  watched.fail_with = EINTR;
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_int_equal(watched.calls, 2);
  assert_true(terminal_has(&raw));
}

static void a_terminal_that_hung_up_answers_with_an_error(void** state) {
  int width = -7;
  int height = -7;

  open_tty(*state);
  pty_close(&pty.master);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), UV_EIO);
  assert_int_equal(uv_tty_get_winsize(&tty, &width, &height), UV_EIO);
  assert_int_equal(width, -7);
  assert_int_equal(height, -7);
}

/* -- Restoring --------------------------------------------------------------------------------- */

/* Older peers do not forget a terminal whose handle closed, so there each test would have to run in
 * a process of its own. */

static void closing_restores_the_terminal(void** state) {
  struct termios before = make_peculiar();

  open_tty(*state);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  uv_close(handle_of(&tty), NULL);
  assert_true(terminal_has(&before));
  assert_int_equal(watched.calls, 2);
  assert_int_equal(uv_tty_reset_mode(), 0);
  assert_int_equal(watched.calls, 2);
}

static void closing_a_terminal_that_kept_its_mode_leaves_it_alone(void** state) {
  open_tty(*state);
  close_tty(&tty);
  assert_int_equal(watched.calls, 0);
}

/* The attributes of the two ends are the same. */
static void closing_restores_through_a_master_too(void** state) {
  struct loop_fixture* f = *state;
  struct termios before = make_peculiar();
  int master = dup(pty.master); /* or the slave would be hung up */

  assert_int_equal(uv_tty_init(&f->loop, &tty, pty.master, 0), 0);
  pty.master = -1;
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_IO), 0);
  assert_false(terminal_has(&before));
  uv_close(handle_of(&tty), NULL);
  assert_true(terminal_has(&before));
  close(master);
}

static void reset_restores_the_terminal_as_often_as_asked(void** state) {
  struct termios before = make_peculiar();

  assert_int_equal(uv_tty_reset_mode(), 0);
  assert_int_equal(watched.calls, 0);
  open_tty(*state);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  errno = ELOOP;
  assert_int_equal(uv_tty_reset_mode(), 0);
  assert_true(terminal_has(&before));
  make_transparent(pty.slave);
  assert_int_equal(uv_tty_reset_mode(), 0);
  assert_true(terminal_has(&before));
  watched.fail_with = EIO;
  errno = ELOOP;
  assert_int_equal(uv_tty_reset_mode(), UV_EIO);
  assert_int_equal(errno, ELOOP);
}

static void reset_restores_the_first_terminal_that_changed(void** state) {
  struct loop_fixture* f = *state;
  struct termios before = make_peculiar();
  struct termios raw = expected_raw(before);
  struct termios other_before;
  struct termios now;
  int master;
  int slave;

  assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
  other_before = attributes_of(slave);
  open_tty(f);
  assert_int_equal(uv_tty_init(&f->loop, &other, slave, 0), 0);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_int_equal(uv_tty_set_mode(&other, UV_TTY_MODE_RAW), 0);
  assert_int_equal(uv_tty_reset_mode(), 0);
  assert_true(terminal_has(&before));
  now = attributes_of(slave);
  assert_false(same_attributes(&now, &other_before));

  /* Closing the other one does not bring the first one back or forget it. */
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_IO), 0);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  close_tty(&other);
  assert_true(terminal_has(&raw));
  assert_int_equal(uv_tty_reset_mode(), 0);
  assert_true(terminal_has(&before));
  close(master);
  close(slave);
}

static void after_a_close_the_next_terminal_is_remembered(void** state) {
  struct loop_fixture* f = *state;
  struct termios before = make_peculiar();

  open_tty(f);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  close_tty(&tty);
  open_tty(f);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_IO), 0);
  assert_int_equal(uv_tty_reset_mode(), 0);
  assert_true(terminal_has(&before));
}

static volatile sig_atomic_t handler_result;

static void reset_in_handler(int signum) {
  (void) signum;
  handler_result = uv_tty_reset_mode();
}

static void reset_works_in_a_signal_handler(void** state) {
  struct termios before = make_peculiar();

  open_tty(*state);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  handler_result = 1;
  signal(SIGUSR1, reset_in_handler);
  raise(SIGUSR1);
  signal(SIGUSR1, SIG_DFL);
  assert_int_equal(handler_result, 0);
  assert_true(terminal_has(&before));
}

static void reset_that_interrupts_a_change_of_mode_restores_the_terminal(void** state) {
  open_tty(*state);
  watched.interrupt = uv_tty_reset_mode;
  watched.interrupt_result = 1;
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_int_equal(watched.interrupt_result, 0);
}

static void reset_that_interrupts_a_close_is_busy(void** state) {
  struct termios before = make_peculiar();

  open_tty(*state);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  watched.interrupt = uv_tty_reset_mode;
  uv_close(handle_of(&tty), NULL);
  assert_int_equal(watched.interrupt_result, UV_EBUSY);
  assert_true(terminal_has(&before));
}

/* -- Restoring at the end of a process --------------------------------------------------------- */

static void reset_at_exit(void) {
  uv_tty_reset_mode();
}

static void reset_on_crash(int signum) {
  uv_tty_reset_mode();
  _exit(signum);
}

/* A process of its own makes the terminal raw and ends. */
static void end_process(void (*end)(void)) {
  int status;
  pid_t pid = fork();

  assert_true(pid >= 0);
  if (pid == 0) {
    uv_loop_t loop;
    alarm(20);
    if (uv_loop_init(&loop) == 0 && uv_tty_init(&loop, &tty, pty.slave, 0) == 0 &&
        uv_tty_set_mode(&tty, UV_TTY_MODE_RAW) == 0)
      end();
    _exit(1);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  assert_int_not_equal(WEXITSTATUS(status), 1);
}

static void end_by_return(void) {
  uv_tty_reset_mode();
  _exit(0);
}

/* What the test program itself has registered is none of the child's business. */
static void end_now(void) {
  _exit(0);
}

static void end_by_exit(void) {
  atexit(end_now);
  atexit(reset_at_exit);
  exit(0);
}

static void end_by_crash(void) {
  signal(SIGSEGV, reset_on_crash);
  raise(SIGSEGV);
}

static void end_without_reset(void) {
  _exit(0);
}

static void the_terminal_is_as_before_when_the_process_has_ended(void** state) {
  struct termios before = make_peculiar();
  struct termios raw = expected_raw(before);

  (void) state;
  end_process(end_by_return);
  assert_true(terminal_has(&before));
  end_process(end_by_exit);
  assert_true(terminal_has(&before));
  end_process(end_by_crash);
  assert_true(terminal_has(&before));
  end_process(end_without_reset);
  assert_true(terminal_has(&raw));
}

/* -- The window -------------------------------------------------------------------------------- */

static void the_size_of_the_window_is_columns_and_rows(void** state) {
  struct winsize size = {.ws_col = 123, .ws_row = 45};
  int width = 0;
  int height = 0;

  open_tty(*state);
  assert_int_equal(uv_tty_get_winsize(&tty, &width, &height), 0);
  assert_int_equal(width, 0);
  assert_int_equal(height, 0);
  assert_int_equal(ioctl(pty.master, TIOCSWINSZ, &size), 0);
  assert_int_equal(uv_tty_get_winsize(&tty, &width, &height), 0);
  assert_int_equal(width, 123);
  assert_int_equal(height, 45);
}

static void what_has_no_window_leaves_the_size_alone(void** state) {
  struct loop_fixture* f = *state;
  int width = -7;
  int height = -7;
  int ends[2];

  assert_int_equal(pipe(ends), 0);
  assert_int_equal(uv_tty_init(&f->loop, &tty, ends[0], 0), 0);
  assert_int_equal(uv_tty_get_winsize(&tty, &width, &height), UV_ENOTTY);
  close_tty(&tty);
  assert_int_equal(uv_tty_get_winsize(&tty, &width, &height), UV_EBADF);
  assert_int_equal(width, -7);
  assert_int_equal(height, -7);
  close(ends[1]);
}

static void only_windows_has_to_know_of_escape_sequences(void** state) {
  uv_tty_vtermstate_t answer = UV_TTY_UNSUPPORTED;

  (void) state;
  uv_tty_set_vterm_state(UV_TTY_SUPPORTED);
  assert_int_equal(uv_tty_get_vterm_state(&answer), UV_ENOTSUP);
  assert_int_equal(answer, UV_TTY_UNSUPPORTED);
}

#define mode_test(function) cmocka_unit_test_setup_teardown(function, mode_setup, pty_teardown)
#define newer_mode_test(function) newer_test_with(function, mode_setup, pty_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      mode_test(each_mode_sets_its_attributes_and_normal_restores_them),
      newer_mode_test(raw_vt_is_raw),
      mode_test(the_mode_it_has_already_costs_nothing),
      mode_test(each_departure_from_normal_looks_anew),
      mode_test(what_was_typed_is_not_dropped),
      newer_mode_test(an_unknown_mode_is_refused),
      newer_mode_test(only_terminals_have_modes),
      newer_mode_test(a_mode_that_fails_leaves_everything_as_it_was),
      mode_test(an_interrupted_system_call_is_repeated),
      mode_test(a_terminal_that_hung_up_answers_with_an_error),
      newer_mode_test(closing_restores_the_terminal),
      mode_test(closing_a_terminal_that_kept_its_mode_leaves_it_alone),
      newer_mode_test(closing_restores_through_a_master_too),
      newer_mode_test(reset_restores_the_terminal_as_often_as_asked),
      newer_mode_test(reset_restores_the_first_terminal_that_changed),
      newer_mode_test(after_a_close_the_next_terminal_is_remembered),
      newer_mode_test(reset_works_in_a_signal_handler),
      newer_mode_test(reset_that_interrupts_a_change_of_mode_restores_the_terminal),
      newer_mode_test(reset_that_interrupts_a_close_is_busy),
      newer_mode_test(the_terminal_is_as_before_when_the_process_has_ended),
      mode_test(the_size_of_the_window_is_columns_and_rows),
      mode_test(what_has_no_window_leaves_the_size_alone),
      mode_test(only_windows_has_to_know_of_escape_sequences),
  };
  return cmocka_run_group_tests_name("tty_mode", tests, pty_group_setup, NULL);
}
