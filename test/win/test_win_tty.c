/* Consoles as TTY handles: modes, input that is typed by the test, and the life of handles. What is
 * written is in test_win_tty_write. */
#include "support/loop_fixture.h"
#include "support/win/console.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static uv_tty_t tty;
static HANDLE input;
static DWORD first_mode; /* of the console */

/* What the read callbacks got. */
static char text[4096];
static size_t text_len;
static int reads;
static ssize_t last_nread;
static size_t buffer_size;
static int buffers_out;
static int stop_after; /* so many reads */

static int group_setup(void** state) {
  HANDLE in = open_console(L"CONIN$");

  (void) state;
  if (in == INVALID_HANDLE_VALUE)
    return 0;
  assert_true(GetConsoleMode(in, &first_mode));
  CloseHandle(in);
  return 0;
}

/* Leaves the console as it was. */
static int group_teardown(void** state) {
  HANDLE in = open_console(L"CONIN$");

  (void) state;
  if (in == INVALID_HANDLE_VALUE)
    return 0;
  SetConsoleMode(in, first_mode);
  CloseHandle(in);
  return 0;
}

static int setup(void** state) {
  loop_setup(state);
  memset(text, 0, sizeof(text));
  text_len = 0;
  reads = 0;
  buffer_size = 256;
  buffers_out = 0;
  stop_after = 0;
  if (!has_console())
    return 0;
  input = open_console(L"CONIN$");
  FlushConsoleInputBuffer(input);
  assert_true(SetConsoleMode(input, first_mode)); /* closing a handle leaves the mode */
  return 0;
}

static int teardown(void** state) {
  loop_teardown(state);
  if (has_console())
    CloseHandle(input);
  assert_int_equal(buffers_out, 0);
  return 0;
}

static void init_input(struct loop_fixture* f) {
  skip_without_console();
  assert_int_equal(uv_tty_init(&f->loop, &tty, open_console_fd(L"CONIN$"), 1), 0);
}

static void init_raw(struct loop_fixture* f) {
  init_input(f);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
}

/* -- Reading ----------------------------------------------------------------------------------- */

static void give(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
  (void) handle;
  (void) suggested_size;
  if (buffer_size == 0)
    return;
  *buf = uv_buf_init(malloc(buffer_size), (unsigned int) buffer_size);
  assert_non_null(buf->base);
  buffers_out++;
}

static void take(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  reads++;
  last_nread = nread;
  for (ssize_t i = 0; i < nread; i++)
    text[text_len++] = buf->base[i];
  text[text_len] = '\0';
  if (buf->base != NULL) {
    free(buf->base);
    buffers_out--;
  }
  if (reads == stop_after)
    assert_int_equal(uv_read_stop(stream), 0);
}

static void start(void) {
  assert_int_equal(uv_read_start((uv_stream_t*) &tty, give, take), 0);
}

/* Runs the loop until so much has been read. */
static void wait_text(struct loop_fixture* f, size_t len) {
  while (text_len < len) {
    assert_int_not_equal(uv_loop_alive(&f->loop), 0);
    uv_run(&f->loop, UV_RUN_ONCE);
  }
}

/* -- Typing ------------------------------------------------------------------------------------ */

struct stroke {
  WORD key;
  WCHAR character;
  DWORD held; /* ALT, CTRL, SHIFT and so on */
};

enum {
  ALT = LEFT_ALT_PRESSED,
  CTRL = LEFT_CTRL_PRESSED,
  SHIFT = SHIFT_PRESSED,
  ENHANCED = ENHANCED_KEY
};

static void type_record(bool is_down, struct stroke stroke, WORD repeat) {
  INPUT_RECORD record = {.EventType = KEY_EVENT};
  DWORD written;

  record.Event.KeyEvent.bKeyDown = is_down;
  record.Event.KeyEvent.wRepeatCount = repeat;
  record.Event.KeyEvent.wVirtualKeyCode = stroke.key;
  record.Event.KeyEvent.uChar.UnicodeChar = stroke.character;
  record.Event.KeyEvent.dwControlKeyState = stroke.held;
  assert_true(WriteConsoleInputW(input, &record, 1, &written));
  assert_int_equal(written, 1);
}

static void type_key(WORD key, WCHAR character, DWORD held) {
  type_record(true, (struct stroke){key, character, held}, 1);
}

static void type_text(const char* letters) {
  for (; *letters != '\0'; letters++)
    type_key((WORD) (*letters == '\r' ? VK_RETURN : 0), (WCHAR) *letters, 0);
}

/* What is typed comes before "~", so that what types nothing is noticed. */
static void check_typed(struct loop_fixture* f, const char* wanted) {
  char expected[64];

  type_key(0, '~', 0);
  snprintf(expected, sizeof(expected), "%s~", wanted);
  text_len = 0;
  wait_text(f, strlen(expected));
  assert_string_equal(text, expected);
}

/* -- Keys -------------------------------------------------------------------------------------- */

static void keys_without_a_character_become_sequences(void** state) {
  static const struct {
    struct stroke stroke;
    const char* bytes;
  } cases[] = {
      {{VK_UP, 0, 0}, "\33[A"},
      {{VK_DOWN, 0, SHIFT}, "\33[1;2B"},
      {{VK_RIGHT, 0, CTRL}, "\33[1;5C"},
      {{VK_LEFT, 0, CTRL | SHIFT}, "\33[1;6D"},
      {{VK_CLEAR, 0, 0}, "\33[G"},
      {{VK_HOME, 0, 0}, "\33[1~"},
      {{VK_INSERT, 0, SHIFT}, "\33[2;2~"},
      {{VK_DELETE, 0, CTRL}, "\33[3;5~"},
      {{VK_END, 0, CTRL | SHIFT}, "\33[4;6~"},
      {{VK_PRIOR, 0, 0}, "\33[5~"},
      {{VK_NEXT, 0, 0}, "\33[6~"},
      {{VK_NUMPAD7, 0, 0}, "\33[1~"},
      {{VK_NUMPAD8, 0, 0}, "\33[A"},
      {{VK_NUMPAD0, 0, CTRL}, "\33[2;5~"},
      {{VK_DECIMAL, 0, 0}, "\33[3~"},
      {{VK_F1, 0, 0}, "\33[[A"},
      {{VK_F5, 0, 0}, "\33[[E"},
      {{VK_F6, 0, 0}, "\33[17~"},
      {{VK_F12, 0, 0}, "\33[24~"},
      {{VK_F3, 0, SHIFT}, "\33[25~"},
      {{VK_F11, 0, SHIFT}, "\33[23$"},
      {{VK_F1, 0, CTRL}, "\33[11^"},
      {{VK_F12, 0, CTRL | SHIFT}, "\33[24@"},
      {{VK_UP, 0, ALT | ENHANCED}, "\33\33[A"},
      {{VK_F4, 0, RIGHT_ALT_PRESSED}, "\33\33[[D"},
      {{VK_SPACE, 0, CTRL}, ""},
      {{VK_SHIFT, 0, SHIFT}, ""},
      {{'A', 0, 0}, ""},
  };
  struct loop_fixture* f = *state;

  init_raw(f);
  start();
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    type_record(true, cases[i].stroke, 1);
    type_record(false, cases[i].stroke, 1); /* which types nothing */
    check_typed(f, cases[i].bytes);
  }
}

static void characters_become_utf8(void** state) {
  static const struct {
    struct stroke stroke;
    const char* bytes;
  } cases[] = {
      {{'A', 'a', 0}, "a"},
      {{'A', 1, CTRL}, "\1"},
      {{VK_RETURN, '\r', 0}, "\r"},
      {{VK_BACK, 8, 0}, "\b"},
      {{VK_TAB, '\t', 0}, "\t"},
      {{VK_ESCAPE, 27, 0}, "\33"},
      {{0, 0xe4, 0}, "\xc3\xa4"},
      {{0, 0x20ac, 0}, "\xe2\x82\xac"},
      {{'A', 'a', ALT}, "\33a"},
      {{'A', 'a', RIGHT_ALT_PRESSED}, "\33a"},
      {{'Q', '@', ALT | CTRL}, "@"}, /* AltGr */
      {{'Q', '@', RIGHT_ALT_PRESSED | CTRL}, "@"},
  };
  struct loop_fixture* f = *state;

  init_raw(f);
  start();
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    type_record(true, cases[i].stroke, 1);
    type_record(false, cases[i].stroke, 1);
    check_typed(f, cases[i].bytes);
  }
}

static void two_halves_make_a_character(void** state) {
  struct loop_fixture* f = *state;

  init_raw(f);
  start();
  type_key(0, 0xd83d, 0);
  type_key(0, 0xde00, 0);
  check_typed(f, "\xf0\x9f\x98\x80");
  type_key(0, 0xde00, 0); /* a second half alone */
  check_typed(f, "\xef\xbf\xbd");
  type_key(0, 0xd83d, 0); /* a first one */
  check_typed(f, "");
}

static void a_character_may_be_made_up_of_its_number(void** state) {
  struct loop_fixture* f = *state;

  init_raw(f);
  start();
  type_key(VK_MENU, 0, ALT);
  type_key(VK_NUMPAD6, 0, ALT);
  type_key(VK_RIGHT, 0, ALT);
  type_record(false, (struct stroke){VK_MENU, 'A', 0}, 1);
  check_typed(f, "A");
}

static void held_keys_repeat(void** state) {
  struct loop_fixture* f = *state;

  init_raw(f);
  start();
  type_record(true, (struct stroke){VK_UP, 0, 0}, 3);
  check_typed(f, "\33[A\33[A\33[A");
  type_record(true, (struct stroke){0, 'x', 0}, 0);
  check_typed(f, "x");
}

static void other_records_type_nothing(void** state) {
  struct loop_fixture* f = *state;
  INPUT_RECORD records[] = {
      {.EventType = FOCUS_EVENT},
      {.EventType = MOUSE_EVENT},
      {.EventType = WINDOW_BUFFER_SIZE_EVENT},
      {.EventType = MENU_EVENT},
  };
  DWORD written;

  init_raw(f);
  start();
  assert_true(WriteConsoleInputW(input, records, 4, &written));
  check_typed(f, "");
}

static void note_signal(uv_signal_t* handle, int signum) {
  assert_int_equal(signum, SIGWINCH);
  test_log(handle->loop, 'r');
}

static void tell_size_changed(void) {
  INPUT_RECORD record = {.EventType = WINDOW_BUFFER_SIZE_EVENT};
  DWORD written;

  assert_true(WriteConsoleInputW(input, &record, 1, &written));
}

/* Widens the screen of the console by some columns, or narrows it again. */
static void widen(int columns) {
  HANDLE screen = open_console(L"CONOUT$");
  CONSOLE_SCREEN_BUFFER_INFO info;

  assert_true(GetConsoleScreenBufferInfo(screen, &info));
  info.dwSize.X = (SHORT) (info.dwSize.X + columns);
  assert_true(SetConsoleScreenBufferSize(screen, info.dwSize));
  CloseHandle(screen);
}

static void another_size_is_a_signal(void** state) {
  struct loop_fixture* f = *state;
  static uv_signal_t handle;

  init_raw(f);
  assert_int_equal(uv_signal_init(&f->loop, &handle), 0);
  assert_int_equal(uv_signal_start(&handle, note_signal, SIGWINCH), 0);
  start();
  tell_size_changed(); /* which is not so */
  check_typed(f, "");
  turn(f);
  assert_string_equal(f->log, "");
  widen(3);
  tell_size_changed();
  while (f->log[0] == '\0')
    uv_run(&f->loop, UV_RUN_ONCE);
  widen(-3);
}

/* -- Buffers ----------------------------------------------------------------------------------- */

static void what_does_not_fit_comes_next(void** state) {
  struct loop_fixture* f = *state;

  init_raw(f);
  buffer_size = 2;
  start();
  type_record(true, (struct stroke){VK_F12, 0, 0}, 2);
  wait_text(f, 10);
  assert_string_equal(text, "\33[24~\33[24~");
  assert_int_equal(reads, 5);
}

static void what_is_left_survives_a_stop(void** state) {
  struct loop_fixture* f = *state;

  init_raw(f);
  buffer_size = 2;
  stop_after = 1;
  start();
  type_record(true, (struct stroke){VK_F12, 0, 0}, 2);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(text, "\33[");
  start();
  wait_text(f, 10);
  assert_string_equal(text, "\33[24~\33[24~");
}

static void without_a_buffer_input_waits(void** state) {
  struct loop_fixture* f = *state;

  init_raw(f);
  buffer_size = 0;
  start();
  type_text("waits");
  while (reads == 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_int_equal(last_nread, UV_ENOBUFS);
  buffer_size = 256;
  wait_text(f, 5);
  assert_string_equal(text, "waits");
}

/* -- Modes ------------------------------------------------------------------------------------- */

static DWORD input_mode(void) {
  DWORD mode;

  assert_true(GetConsoleMode(input, &mode));
  return mode;
}

static void modes_are_the_consoles(void** state) {
  enum { LINES = ENABLE_ECHO_INPUT | ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT };
  struct loop_fixture* f = *state;

  init_raw(f);
  assert_int_equal(input_mode() & (DWORD) LINES, 0);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_NORMAL), 0);
  assert_int_equal(input_mode() & (DWORD) LINES, LINES);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_IO), UV_ENOTSUP);
  assert_int_equal(uv_tty_set_mode(&tty, (uv_tty_mode_t) 17), UV_EINVAL);
  assert_int_equal(input_mode() & (DWORD) LINES, LINES);
  uv_close((uv_handle_t*) &tty, NULL);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), UV_EBADF);
}

static void reset_restores_what_a_raw_vt_mode_changed(void** state) {
  struct loop_fixture* f = *state;

  init_input(f);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  assert_int_equal(uv_tty_reset_mode(), 0);
  assert_int_equal(input_mode(), ENABLE_WINDOW_INPUT);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW_VT), 0);
  assert_int_equal(uv_tty_reset_mode(), 0);
  assert_int_equal(input_mode(), first_mode);
  assert_int_equal(uv_tty_reset_mode(), 0);
}

static void a_reader_goes_on_in_the_new_mode(void** state) {
  struct loop_fixture* f = *state;

  init_raw(f);
  start();
  turn(f);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_NORMAL), 0);
  assert_int_equal(uv_tty_set_mode(&tty, UV_TTY_MODE_RAW), 0);
  check_typed(f, "");
}

/* -- Lines ------------------------------------------------------------------------------------- */

static void lines_come_as_a_whole(void** state) {
  struct loop_fixture* f = *state;

  init_input(f);
  start();
  turn(f);
  type_text("one\rtwo\r");
  wait_text(f, 10);
  assert_string_equal(text, "one\r\ntwo\r\n");
  assert_int_equal(reads, 2);
}

static void a_line_comes_in_pieces_to_small_buffers(void** state) {
  struct loop_fixture* f = *state;

  init_input(f);
  buffer_size = 4;
  stop_after = 1;
  start();
  type_text("pieces\r");
  wait_text(f, 4);
  assert_string_equal(text, "piec");
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0); /* stopped, with the rest kept */
  start();
  wait_text(f, 8);
  assert_string_equal(text, "pieces\r\n");
  assert_int_equal(reads, 2);
}

static void a_line_that_is_waited_for_can_be_stopped(void** state) {
  struct loop_fixture* f = *state;

  init_input(f);
  for (int i = 0; i < 3; i++) {
    start();
    turn(f);
    assert_int_equal(uv_read_stop((uv_stream_t*) &tty), 0);
    assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  }
  assert_int_equal(reads, 0);
}

static void a_handle_closes_while_it_reads(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < 4; i++) {
    init_input(f);
    assert_int_equal(uv_tty_set_mode(&tty, i % 2 ? UV_TTY_MODE_RAW : UV_TTY_MODE_NORMAL), 0);
    start();
    if (i >= 2)
      turn(f);
    uv_close((uv_handle_t*) &tty, NULL);
    assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  }
  assert_int_equal(reads, 0);
}

/* The last test: there is no way back to the console. */
static void a_reader_closes_when_its_console_has_gone(void** state) {
  struct loop_fixture* f = *state;
  static uv_tty_t other;

  init_input(f);
  start();
  assert_int_equal(uv_tty_init(&f->loop, &other, open_console_fd(L"CONIN$"), 1), 0);
  assert_int_equal(uv_tty_set_mode(&other, UV_TTY_MODE_RAW), 0);
  assert_int_equal(uv_read_start((uv_stream_t*) &other, give, take), 0);
  for (int i = 0; i < 10; i++) {
    turn(f);
    uv_sleep(1);
  }
  assert_true(FreeConsole());
  CloseHandle(input);
  turn(f);
  uv_close((uv_handle_t*) &other, NULL);
  uv_close((uv_handle_t*) &tty, NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
}

/* -- Handles ----------------------------------------------------------------------------------- */

static void a_console_has_one_direction(void** state) {
  struct loop_fixture* f = *state;
  static uv_tty_t out;
  int width;
  int height;

  init_input(f);
  assert_int_equal(uv_is_readable((uv_stream_t*) &tty), 1);
  assert_int_equal(uv_is_writable((uv_stream_t*) &tty), 0);
  assert_int_equal(uv_is_active((uv_handle_t*) &tty), 0);
  assert_int_equal(tty.type, UV_TTY);
  assert_true(uv_tty_get_winsize(&tty, &width, &height) < 0);
  assert_int_equal(uv_tty_init(&f->loop, &out, open_console_fd(L"CONOUT$"), 1), 0);
  assert_int_equal(uv_is_readable((uv_stream_t*) &out), 0);
  assert_int_equal(uv_is_writable((uv_stream_t*) &out), 1);
  assert_int_equal(uv_tty_set_mode(&out, UV_TTY_MODE_RAW), UV_EINVAL);
  assert_int_equal(uv_read_start((uv_stream_t*) &out, give, take), UV_ENOTCONN);
}

static void what_is_no_console_is_refused(void** state) {
  struct loop_fixture* f = *state;
  int nul = _open("NUL", _O_RDWR);

  assert_true(nul >= 0);
  assert_true(uv_tty_init(&f->loop, &tty, nul, 0) < 0);
  _close(nul);
  assert_int_equal(uv_tty_init(&f->loop, &tty, nul, 0), UV_EBADF);
  assert_int_equal(uv_tty_init(&f->loop, &tty, -1, 0), UV_EBADF);
  assert_int_equal(uv_loop_close(&f->loop), 0);
  assert_int_equal(uv_loop_init(&f->loop), 0);
}

/* Descriptors 0 to 2 are others' too; the rest goes with the handle. */
static void standard_streams_stay_open(void** state) {
  struct loop_fixture* f = *state;
  int fd;

  skip_without_console();
  fd = open_console_fd(L"CONIN$");
  assert_true(fd > 2);
  assert_int_equal(uv_tty_init(&f->loop, &tty, fd, 1), 0);
  uv_close((uv_handle_t*) &tty, NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_true(uv_get_osfhandle(fd) == INVALID_HANDLE_VALUE);
  if (uv_guess_handle(0) != UV_TTY)
    return;
  assert_int_equal(uv_tty_init(&f->loop, &tty, 0, 1), 0);
  uv_close((uv_handle_t*) &tty, NULL);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_guess_handle(0), UV_TTY);
}

#define tty_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      tty_test(keys_without_a_character_become_sequences),
      tty_test(characters_become_utf8),
      tty_test(two_halves_make_a_character),
      tty_test(a_character_may_be_made_up_of_its_number),
      tty_test(held_keys_repeat),
      tty_test(other_records_type_nothing),
      tty_test(another_size_is_a_signal),
      tty_test(what_does_not_fit_comes_next),
      tty_test(what_is_left_survives_a_stop),
      tty_test(without_a_buffer_input_waits),
      tty_test(modes_are_the_consoles),
      tty_test(reset_restores_what_a_raw_vt_mode_changed),
      tty_test(a_reader_goes_on_in_the_new_mode),
      tty_test(lines_come_as_a_whole),
      tty_test(a_line_comes_in_pieces_to_small_buffers),
      tty_test(a_line_that_is_waited_for_can_be_stopped),
      tty_test(a_handle_closes_while_it_reads),
      tty_test(a_console_has_one_direction),
      tty_test(what_is_no_console_is_refused),
      tty_test(standard_streams_stay_open),
      tty_test(a_reader_closes_when_its_console_has_gone),
  };

  return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
