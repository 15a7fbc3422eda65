/* The console that this process shares with others. */
#include "console.h"

#include "../atomic.h"
#include "console_size.h"

#if !defined(ENABLE_VIRTUAL_TERMINAL_PROCESSING)
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004
#endif

enum { WHITE_ON_BLACK = FOREGROUND_RED | FOREGROUND_GREEN | FOREGROUND_BLUE, COLOURS = 0xff };

static uv_once_t once = UV_ONCE_INIT;
static int open_error;

/* Of what the console is, whatever the standard streams are; invalid if there is none. */
static HANDLE input = INVALID_HANDLE_VALUE;
static HANDLE screen = INVALID_HANDLE_VALUE;

/* -- Opening ----------------------------------------------------------------------------------- */

static uv_sem_t output_lock;
static DWORD input_mode;
static unsigned int is_input_marked; /* atomic */

static HANDLE open_device(const WCHAR* name) {
  return CreateFileW(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                     OPEN_EXISTING, 0, NULL);
}

static void open_console(void) {
  open_error = uv_sem_init(&output_lock, 1);
  if (open_error != 0)
    return;
  input = open_device(L"CONIN$");
  if (input != INVALID_HANDLE_VALUE)
    GetConsoleMode(input, &input_mode);
  screen = open_device(L"CONOUT$");
  if (screen != INVALID_HANDLE_VALUE)
    uv__console_watch_size(screen);
}

int uv__console_open(void) {
  uv_once(&once, open_console);
  return open_error;
}

/* -- Output ------------------------------------------------------------------------------------ */

static struct {
  bool is_learnt;
  bool is_told; /* about sequences, by the user */
  uv_tty_vtermstate_t sequences;
  WORD attributes;
  CONSOLE_CURSOR_INFO cursor;
} output = {.sequences = UV_TTY_UNSUPPORTED, .attributes = WHITE_ON_BLACK};

void uv__console_lock(void) {
  uv_sem_wait(&output_lock);
}

void uv__console_unlock(void) {
  uv_sem_post(&output_lock);
}

static bool enable_sequences(HANDLE out) {
  DWORD mode;

  return GetConsoleMode(out, &mode) &&
         SetConsoleMode(out, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

void uv__console_learn(HANDLE out, const CONSOLE_SCREEN_BUFFER_INFO* info) {
  if (output.is_learnt)
    return;
  output.is_learnt = true;
  /* Black on black is a console that has not been set up. */
  if ((info->wAttributes & COLOURS) != 0)
    output.attributes = info->wAttributes;
  GetConsoleCursorInfo(out, &output.cursor);
  if (!output.is_told && enable_sequences(out))
    output.sequences = UV_TTY_SUPPORTED;
}

bool uv__console_has_sequences(void) {
  return output.sequences == UV_TTY_SUPPORTED;
}

WORD uv__console_attributes(void) {
  return output.attributes;
}

CONSOLE_CURSOR_INFO uv__console_cursor(void) {
  return output.cursor;
}

void uv_tty_set_vterm_state(uv_tty_vtermstate_t state) {
  output.is_told = true;
  output.sequences = state;
}

int uv_tty_get_vterm_state(uv_tty_vtermstate_t* state) {
  *state = output.sequences;
  return 0;
}

/* -- The window -------------------------------------------------------------------------------- */

enum { NOWHERE = -1 };

struct uv__console_window uv__console_follow(const CONSOLE_SCREEN_BUFFER_INFO* info) {
  static int top = NOWHERE;
  int height = info->srWindow.Bottom - info->srWindow.Top + 1;
  int cursor = info->dwCursorPosition.Y;

  if (top == NOWHERE)
    top = cursor;
  if (top < cursor - height + 1)
    top = cursor - height + 1;
  if (top > info->dwSize.Y - height)
    top = info->dwSize.Y - height;
  if (top < 0)
    top = 0;
  return (struct uv__console_window){.width = info->dwSize.X, .height = height, .top = top};
}

/* -- Input ------------------------------------------------------------------------------------- */

void uv__console_mark_input(void) {
  uv__store_release(&is_input_marked, 1);
}

int uv_tty_reset_mode(void) {
  if (uv__exchange_acquire(&is_input_marked, 0) == 0 || input == INVALID_HANDLE_VALUE)
    return 0;
  return SetConsoleMode(input, input_mode) ? 0 : uv_translate_sys_error((int) GetLastError());
}

bool uv__console_save_cursor(CONSOLE_SCREEN_BUFFER_INFO* info) {
  return GetConsoleScreenBufferInfo(screen, info);
}

void uv__console_restore_cursor(const CONSOLE_SCREEN_BUFFER_INFO* info) {
  COORD position = info->dwCursorPosition;

  /* At the bottom the end of the line has moved everything up. */
  if (position.Y == info->dwSize.Y - 1)
    position.Y--;
  SetConsoleCursorPosition(screen, position);
}
