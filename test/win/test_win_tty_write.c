/* Consoles as TTY handles: what is written, and what escape sequences do where the console does not
 * understand them. Each test has a screen of its own, of 40 columns and 20 rows. */
#include "support/loop_fixture.h"
#include "support/win/console.h"

#include <stdbool.h>
#include <string.h>

enum { COLUMNS = 40, ROWS = 20, USUAL = FOREGROUND_RED | FOREGROUND_GREEN | FOREGROUND_BLUE };

static uv_tty_t tty;
static HANDLE screen; /* of the test: the handle has one of its own */
static int top;       /* where the window of the sequences begins in the buffer */

static int setup(void** state) {
  loop_setup(state);
  uv_tty_set_vterm_state(UV_TTY_UNSUPPORTED);
  return 0;
}

static int teardown(void** state) {
  loop_teardown(state);
  if (has_console() && screen != NULL)
    CloseHandle(screen);
  screen = NULL;
  return 0;
}

static CONSOLE_SCREEN_BUFFER_INFO info(void) {
  CONSOLE_SCREEN_BUFFER_INFO result;

  assert_true(GetConsoleScreenBufferInfo(screen, &result));
  return result;
}

static HANDLE duplicate(HANDLE handle) {
  HANDLE copy;

  assert_true(DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &copy, 0, FALSE,
                              DUPLICATE_SAME_ACCESS));
  return copy;
}

/* A screen that nobody sees, and a handle that writes there. */
static void init_screen(struct loop_fixture* f) {
  const COORD size = {COLUMNS, ROWS};
  const SMALL_RECT window = {0, 0, COLUMNS - 1, ROWS - 1};
  const SMALL_RECT small_window = {0, 0, 0, 0};
  int fd;

  skip_without_console();
  screen =
      CreateConsoleScreenBuffer(GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                NULL, CONSOLE_TEXTMODE_BUFFER, NULL);
  assert_true(screen != INVALID_HANDLE_VALUE);
  SetConsoleWindowInfo(screen, TRUE, &small_window);
  assert_true(SetConsoleScreenBufferSize(screen, size));
  SetConsoleWindowInfo(screen, TRUE, &window);
  assert_true(SetConsoleTextAttribute(screen, USUAL));
  fd = uv_open_osfhandle(duplicate(screen));
  assert_true(fd > 2);
  assert_int_equal(uv_tty_init(&f->loop, &tty, fd, 0), 0);
}

static void write_bytes(const char* bytes, size_t len) {
  uv_buf_t buf = uv_buf_init((char*) (uintptr_t) bytes, (unsigned int) len);

  assert_int_equal(uv_try_write((uv_stream_t*) &tty, &buf, 1), (int) len);
}

static void write_text(const char* text) {
  write_bytes(text, strlen(text));
}

static WCHAR unit_at(int column, int row) {
  COORD at = {(SHORT) column, (SHORT) row};
  WCHAR unit;
  DWORD n;

  assert_true(ReadConsoleOutputCharacterW(screen, &unit, 1, at, &n));
  assert_int_equal(n, 1);
  return unit;
}

/* What a row shows from its beginning, without the blanks at its end. */
static const char* row_text(int row) {
  static char text[COLUMNS + 1];
  int len = COLUMNS;

  for (int i = 0; i < COLUMNS; i++) {
    WCHAR unit = unit_at(i, row);
    text[i] = unit < 128 ? (char) unit : '?';
  }
  while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\0'))
    len--;
  text[len] = '\0';
  return text;
}

static WORD attributes_at(int column, int row) {
  COORD at = {(SHORT) column, (SHORT) row};
  WORD attributes;
  DWORD n;

  assert_true(ReadConsoleOutputAttribute(screen, &attributes, 1, at, &n));
  return attributes;
}

static void assert_cursor(int column, int row) {
  assert_int_equal(info().dwCursorPosition.X, column);
  assert_int_equal(info().dwCursorPosition.Y, row);
}

static void move_to(int column, int row) {
  COORD at = {(SHORT) column, (SHORT) row};

  assert_true(SetConsoleCursorPosition(screen, at));
}

/* -- Text -------------------------------------------------------------------------------------- */

static void text_is_written_and_lines_begin_at_the_left(void** state) {
  init_screen(*state);
  write_text("one\ntwo\r\nthree");
  assert_string_equal(row_text(0), "one");
  assert_string_equal(row_text(1), "two");
  assert_string_equal(row_text(2), "three");
  assert_cursor(5, 2);
}

static void line_ends_may_come_apart(void** state) {
  init_screen(*state);
  write_text("a\r");
  write_text("\nb\n");
  write_text("\rc");
  assert_string_equal(row_text(0), "a");
  assert_string_equal(row_text(1), "b");
  assert_string_equal(row_text(2), "c");
  write_text("\rC");
  assert_string_equal(row_text(2), "C");
  write_text("\n\nd");
  assert_string_equal(row_text(4), "d");
}

static void utf8_may_come_in_pieces(void** state) {
  const char* euro = "\xe2\x82\xac";

  init_screen(*state);
  for (int i = 0; i < 3; i++)
    write_bytes(euro + i, 1);
  write_text("\xc3\xa4");
  assert_int_equal(unit_at(0, 0), 0x20ac);
  assert_int_equal(unit_at(1, 0), 0xe4);
}

static void what_is_no_utf8_is_replaced(void** state) {
  static const char* const cases[] = {
      "\x80"
      "a",
      "\xff"
      "a",
      "\xe2\x82"
      "a",
      "\xc3"
      "a"};

  init_screen(*state);
  for (int i = 0; i < 4; i++) {
    move_to(0, i);
    write_text(cases[i]);
    assert_int_equal(unit_at(0, i), 0xfffd);
    assert_int_equal(unit_at(1, i), 'a');
  }
}

static void much_text_is_written(void** state) {
  static char text[COLUMNS * 500];

  init_screen(*state);
  memset(text, 'x', sizeof(text));
  write_bytes(text, sizeof(text));
  write_text("end");
  assert_string_equal(row_text(info().dwCursorPosition.Y), "end");
  assert_int_equal(strlen(row_text(info().dwCursorPosition.Y - 1)), COLUMNS);
}

/* -- The cursor -------------------------------------------------------------------------------- */

static void the_cursor_moves(void** state) {
  init_screen(*state);
  write_text("\33[5;10H");
  top = info().dwCursorPosition.Y - 4;
  assert_cursor(9, top + 4);
  write_text("\33[A\33[3B");
  assert_cursor(9, top + 6);
  write_text("\33[2C\33[D");
  assert_cursor(10, top + 6);
  write_text("\33[2E");
  assert_cursor(0, top + 8);
  write_text("\33[7G\33[3F");
  assert_cursor(0, top + 5);
  write_text("\33[7G");
  assert_cursor(6, top + 5);
  write_text("\33[0A\33[0C"); /* by nothing */
  assert_cursor(6, top + 5);
  write_text("\33[;4f");
  assert_cursor(3, top);
  write_text("\33[H");
  assert_cursor(0, top);
  write_text(
      "\xc2\x9b"
      "3;3H"); /* the other introducer */
  assert_cursor(2, top + 2);
}

static void the_cursor_stays_in_the_window(void** state) {
  CONSOLE_SCREEN_BUFFER_INFO now;
  int height;

  init_screen(*state);
  write_text("\33[H");
  top = info().dwCursorPosition.Y;
  write_text("\33[999;999H");
  now = info();
  height = now.srWindow.Bottom - now.srWindow.Top + 1;
  assert_cursor(COLUMNS - 1, top + height - 1);
  write_text("\33[999A\33[999D");
  assert_cursor(0, top);
}

static void positions_are_saved(void** state) {
  init_screen(*state);
  write_text("\33[u"); /* there is none */
  write_text("\33[4;4H\33[s\33[H\33[u");
  assert_int_equal(info().dwCursorPosition.X, 3);
  write_text("\33[1m\0337\33[22m\33[2;2H\0338");
  assert_int_equal(info().dwCursorPosition.X, 3);
  assert_int_equal(info().wAttributes, USUAL | FOREGROUND_INTENSITY);
}

static CONSOLE_CURSOR_INFO cursor(void) {
  CONSOLE_CURSOR_INFO result;

  assert_true(GetConsoleCursorInfo(screen, &result));
  return result;
}

static void the_cursor_hides_and_has_shapes(void** state) {
  init_screen(*state);
  write_text("\33[?25l");
  assert_false(cursor().bVisible);
  write_text("\33[?25;25h\33[?24h"); /* something else */
  assert_false(cursor().bVisible);
  write_text("\33[?25h");
  assert_true(cursor().bVisible);
  write_text("\33[2 q");
  assert_int_equal(cursor().dwSize, 100);
  write_text("\33[4 q");
  assert_int_equal(cursor().dwSize, 25);
  write_text("\33[ q");
  assert_int_equal(cursor().dwSize, 100);
  write_text("\33[7 q\33[5q"); /* no shape; another sequence */
  assert_int_equal(cursor().dwSize, 100);
}

/* -- Clearing ---------------------------------------------------------------------------------- */

static void fill(void) {
  write_text("\33[2J\33[H");
  top = info().dwCursorPosition.Y;
  write_text("aaaaa\nbbbbb\nccccc");
  write_text("\33[2;3H");
}

static void lines_are_cleared(void** state) {
  init_screen(*state);
  fill();
  write_text("\33[K");
  assert_string_equal(row_text(top + 1), "bb");
  fill();
  write_text("\33[1K");
  assert_string_equal(row_text(top + 1), "   bb");
  fill();
  write_text("\33[2K");
  assert_string_equal(row_text(top + 1), "");
  fill();
  write_text("\33[3K");
  assert_string_equal(row_text(top + 1), "bbbbb");
  assert_string_equal(row_text(top), "aaaaa");
  assert_cursor(2, top + 1);
}

static void the_window_is_cleared(void** state) {
  init_screen(*state);
  fill();
  write_text("\33[J");
  assert_string_equal(row_text(top), "aaaaa");
  assert_string_equal(row_text(top + 1), "bb");
  assert_string_equal(row_text(top + 2), "");
  fill();
  write_text("\33[1J");
  assert_string_equal(row_text(top), "");
  assert_string_equal(row_text(top + 1), "   bb");
  assert_string_equal(row_text(top + 2), "ccccc");
  fill();
  write_text("\33[2J");
  for (int i = 0; i < 3; i++)
    assert_string_equal(row_text(top + i), "");
  assert_cursor(2, top + 1);
}

static void a_reset_begins_anew(void** state) {
  init_screen(*state);
  fill();
  write_text("\33[31m\33c");
  assert_cursor(0, 0);
  for (int i = 0; i < ROWS; i++)
    assert_string_equal(row_text(i), "");
  write_text("x");
  assert_int_equal(attributes_at(0, 0), USUAL);
}

/* -- Style ------------------------------------------------------------------------------------- */

static void text_has_style(void** state) {
  static const struct {
    const char* sequence;
    WORD attributes;
  } cases[] = {
      {"\33[31m", FOREGROUND_RED},
      {"\33[34;42m", FOREGROUND_BLUE | BACKGROUND_GREEN},
      {"\33[1m", USUAL | FOREGROUND_INTENSITY},
      {"\33[1m\33[22m", USUAL},
      {"\33[1;21m", USUAL},
      {"\33[5m", USUAL | BACKGROUND_INTENSITY},
      {"\33[5;25m", USUAL},
      {"\33[1;5;2m", USUAL},
      {"\33[91m", FOREGROUND_RED | FOREGROUND_INTENSITY},
      {"\33[104m", USUAL | BACKGROUND_BLUE | BACKGROUND_INTENSITY},
      {"\33[35;39m", USUAL},
      {"\33[35;45;49m", FOREGROUND_RED | FOREGROUND_BLUE},
      {"\33[36;1;m", USUAL},
      {"\33[7m", COMMON_LVB_REVERSE_VIDEO | USUAL << 4},
      {"\33[31;7m", COMMON_LVB_REVERSE_VIDEO | FOREGROUND_RED << 4},
      {"\33[7;31m", COMMON_LVB_REVERSE_VIDEO | FOREGROUND_RED << 4},
      {"\33[7m\33[32m\33[27m", FOREGROUND_GREEN},
      {"\33[38m", USUAL},
      {"\33[1;1;1;1;31m", USUAL}, /* more numbers than are taken */
      {"\33[70000m", USUAL},
  };

  init_screen(*state);
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    write_text("\33[m");
    write_text(cases[i].sequence);
    assert_int_equal(info().wAttributes, cases[i].attributes);
  }
}

/* -- Sequences --------------------------------------------------------------------------------- */

static void sequences_may_come_apart(void** state) {
  const char* sequence = "\33[31;42mx";

  init_screen(*state);
  for (size_t i = 0; i < strlen(sequence); i++)
    write_bytes(sequence + i, 1);
  assert_int_equal(attributes_at(0, 0), FOREGROUND_RED | BACKGROUND_GREEN);
}

static void what_is_unknown_is_swallowed(void** state) {
  init_screen(*state);
  write_text("a\33[5nb\33[>4;1mc\33Md\33[12!pe");
  write_text("\33]0;title\7f\33P\"quoted \33\\ \\\" \"\33\\g\33_x\33\\h");
  assert_string_equal(row_text(0), "abcdefgh");
  assert_cursor(8, 0);
}

static void a_console_that_understands_gets_sequences_as_they_are(void** state) {
  uv_tty_vtermstate_t found = UV_TTY_UNSUPPORTED;

  init_screen(*state);
  uv_tty_set_vterm_state(UV_TTY_SUPPORTED);
  assert_int_equal(uv_tty_get_vterm_state(&found), 0);
  assert_int_equal(found, UV_TTY_SUPPORTED);
  /* This screen has not been told to understand them, so it shows them. */
  write_text("\33[31mx");
  assert_int_equal(info().wAttributes, USUAL);
  uv_tty_set_vterm_state(UV_TTY_UNSUPPORTED);
  assert_int_equal(uv_tty_get_vterm_state(&found), 0);
  assert_int_equal(found, UV_TTY_UNSUPPORTED);
}

/* -- Requests ---------------------------------------------------------------------------------- */

static void log_write(uv_write_t* req, int status) {
  test_log(req->handle->loop, status == 0 ? 'w' : 'e');
}

static void log_shutdown(uv_shutdown_t* req, int status) {
  test_log(req->handle->loop, status == 0 ? 's' : 'e');
}

static void log_close(uv_handle_t* handle) {
  test_log(handle->loop, 'c');
}

static void a_write_is_done_at_once_and_told_later(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t reqs[2];
  static uv_shutdown_t shutdown_req;
  uv_buf_t bufs[2] = {uv_buf_init("so", 2), uv_buf_init("on", 2)};

  init_screen(f);
  for (int i = 0; i < 2; i++)
    assert_int_equal(uv_write(&reqs[i], (uv_stream_t*) &tty, bufs, 2, log_write), 0);
  assert_string_equal(row_text(0), "soonsoon");
  assert_string_equal(f->log, "");
  assert_int_equal(tty.write_queue_size, 0);
  assert_int_equal(uv_is_active((uv_handle_t*) &tty), 1);
  assert_int_equal(uv_try_write((uv_stream_t*) &tty, bufs, 2), UV_EAGAIN);
  assert_int_equal(uv_shutdown(&shutdown_req, (uv_stream_t*) &tty, log_shutdown), 0);
  assert_int_equal(uv_is_writable((uv_stream_t*) &tty), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "wws");
  assert_int_equal(uv_is_active((uv_handle_t*) &tty), 0);
  assert_int_equal(uv_write(&reqs[0], (uv_stream_t*) &tty, bufs, 2, log_write), UV_EPIPE);
}

static void callbacks_come_before_the_close(void** state) {
  struct loop_fixture* f = *state;
  static uv_write_t req;
  static uv_shutdown_t shutdown_req;
  uv_buf_t buf = uv_buf_init("x", 1);

  init_screen(f);
  assert_int_equal(uv_write(&req, (uv_stream_t*) &tty, &buf, 1, log_write), 0);
  assert_int_equal(uv_shutdown(&shutdown_req, (uv_stream_t*) &tty, log_shutdown), 0);
  uv_close((uv_handle_t*) &tty, log_close);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(f->log, "wec");
}

static void the_window_has_a_size(void** state) {
  CONSOLE_SCREEN_BUFFER_INFO now;
  int width = 0;
  int height = 0;

  init_screen(*state);
  now = info();
  assert_int_equal(uv_tty_get_winsize(&tty, &width, &height), 0);
  assert_int_equal(width, now.dwSize.X);
  assert_int_equal(height, now.srWindow.Bottom - now.srWindow.Top + 1);
  uv_close((uv_handle_t*) &tty, NULL);
  assert_int_equal(uv_tty_get_winsize(&tty, &width, &height), UV_EBADF);
}

#define tty_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      tty_test(text_is_written_and_lines_begin_at_the_left),
      tty_test(line_ends_may_come_apart),
      tty_test(utf8_may_come_in_pieces),
      tty_test(what_is_no_utf8_is_replaced),
      tty_test(much_text_is_written),
      tty_test(the_cursor_moves),
      tty_test(the_cursor_stays_in_the_window),
      tty_test(positions_are_saved),
      tty_test(the_cursor_hides_and_has_shapes),
      tty_test(lines_are_cleared),
      tty_test(the_window_is_cleared),
      tty_test(a_reset_begins_anew),
      tty_test(text_has_style),
      tty_test(sequences_may_come_apart),
      tty_test(what_is_unknown_is_swallowed),
      tty_test(a_console_that_understands_gets_sequences_as_they_are),
      tty_test(a_write_is_done_at_once_and_told_later),
      tty_test(callbacks_come_before_the_close),
      tty_test(the_window_has_a_size),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
