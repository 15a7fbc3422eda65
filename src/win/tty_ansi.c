/* Escape sequences by the console's functions. What is unknown does nothing. */
#include "tty_ansi.h"

#include "console.h"
#include "tty.h"

/* -- The cursor -------------------------------------------------------------------------------- */

static DWORD result_of(BOOL done) {
  return done ? 0 : GetLastError();
}

static DWORD get_screen(const uv_tty_t* tty, CONSOLE_SCREEN_BUFFER_INFO* info) {
  return result_of(GetConsoleScreenBufferInfo(tty->handle, info));
}

static int clip(int value, int lowest, int highest) {
  if (value < lowest)
    return lowest;
  return value > highest ? highest : value;
}

/* A place in the window, either part of it counted from the window's corner or from the cursor, as
 * one in the buffer. */
struct place {
  int column;
  int row;
  bool is_column_relative;
  bool is_row_relative;
};

static COORD in_buffer(const CONSOLE_SCREEN_BUFFER_INFO* info, struct place place) {
  struct uv__console_window window = uv__console_follow(info);
  int x = place.column + (place.is_column_relative ? info->dwCursorPosition.X : 0);
  int y = place.row + (place.is_row_relative ? info->dwCursorPosition.Y : window.top);

  return (COORD){.X = (SHORT) clip(x, 0, window.width - 1),
                 .Y = (SHORT) clip(y, window.top, window.top + window.height - 1)};
}

/* The console may be resized between question and answer; then it is asked anew. */
static DWORD move_cursor(uv_tty_t* tty, struct place place) {
  CONSOLE_SCREEN_BUFFER_INFO info;
  DWORD error;

  do {
    error = get_screen(tty, &info);
    if (error == 0)
      error = result_of(SetConsoleCursorPosition(tty->handle, in_buffer(&info, place)));
  } while (error == ERROR_INVALID_PARAMETER);
  return error;
}

static DWORD move_by(uv_tty_t* tty, int columns, int rows) {
  return move_cursor(tty, (struct place){columns, rows, true, true});
}

static DWORD move_to_column(uv_tty_t* tty, int column, int rows) {
  return move_cursor(tty, (struct place){column, rows, false, true});
}

static DWORD move_to(uv_tty_t* tty, int column, int row) {
  return move_cursor(tty, (struct place){column, row, false, false});
}

static DWORD save_position(uv_tty_t* tty) {
  CONSOLE_SCREEN_BUFFER_INFO info;
  DWORD error = get_screen(tty, &info);

  if (error != 0)
    return error;
  tty->tty.wr.saved_position = info.dwCursorPosition;
  tty->tty.wr.saved_position.Y = (SHORT) (info.dwCursorPosition.Y - uv__console_follow(&info).top);
  tty->flags |= UV__TTY_SAVED_POSITION;
  return 0;
}

static DWORD restore_position(uv_tty_t* tty) {
  if (!(tty->flags & UV__TTY_SAVED_POSITION))
    return 0;
  return move_to(tty, tty->tty.wr.saved_position.X, tty->tty.wr.saved_position.Y);
}

enum { FULL_BLOCK = 100, QUARTER_BLOCK = 25 };

static DWORD show_cursor(uv_tty_t* tty, bool is_visible) {
  CONSOLE_CURSOR_INFO cursor;

  if (!GetConsoleCursorInfo(tty->handle, &cursor))
    return GetLastError();
  cursor.bVisible = is_visible;
  return result_of(SetConsoleCursorInfo(tty->handle, &cursor));
}

/* 0 as at first, 1 and 2 a block, 3 to 6 a line. */
static DWORD shape_cursor(uv_tty_t* tty, int shape) {
  CONSOLE_CURSOR_INFO cursor;

  if (shape > 6)
    return 0;
  if (!GetConsoleCursorInfo(tty->handle, &cursor))
    return GetLastError();
  if (shape == 0)
    cursor.dwSize = uv__console_cursor().dwSize;
  else
    cursor.dwSize = shape <= 2 ? FULL_BLOCK : QUARTER_BLOCK;
  return result_of(SetConsoleCursorInfo(tty->handle, &cursor));
}

/* -- Clearing ---------------------------------------------------------------------------------- */

static DWORD fill(uv_tty_t* tty, COORD from, DWORD cells, WORD attributes) {
  DWORD filled;

  if (!FillConsoleOutputCharacterW(tty->handle, L' ', cells, from, &filled) ||
      !FillConsoleOutputAttribute(tty->handle, attributes, cells, from, &filled))
    return GetLastError();
  return 0;
}

enum { TO_END, TO_START, ALL };

/* Clears a part of the window or of the cursor's line. */
static DWORD clear(uv_tty_t* tty, int part, bool is_whole_window) {
  CONSOLE_SCREEN_BUFFER_INFO info;
  DWORD error;

  if (part > ALL)
    return 0;
  do {
    COORD from;
    COORD to;
    error = get_screen(tty, &info);
    if (error != 0)
      break;
    from = to = in_buffer(&info, (struct place){0, 0, true, true});
    if (part != TO_END)
      from = in_buffer(&info, (struct place){0, 0, false, !is_whole_window});
    if (part != TO_START)
      to = in_buffer(&info, (struct place){info.dwSize.X, is_whole_window ? info.dwSize.Y : 0,
                                           false, !is_whole_window});
    error = fill(tty, from, (DWORD) ((to.Y - from.Y) * info.dwSize.X + to.X - from.X + 1),
                 info.wAttributes);
  } while (error == ERROR_INVALID_PARAMETER);
  return error;
}

/* As if the console had just been opened. */
static DWORD reset(uv_tty_t* tty) {
  const COORD origin = {0, 0};
  CONSOLE_SCREEN_BUFFER_INFO info;
  CONSOLE_CURSOR_INFO cursor = uv__console_cursor();
  DWORD error;

  do {
    error = get_screen(tty, &info);
    if (error == 0)
      error = result_of(SetConsoleTextAttribute(tty->handle, uv__console_attributes()));
    if (error == 0)
      error = result_of(SetConsoleCursorPosition(tty->handle, origin));
    if (error == 0)
      error = fill(tty, origin, (DWORD) (info.dwSize.X * info.dwSize.Y), uv__console_attributes());
  } while (error == ERROR_INVALID_PARAMETER);
  return error != 0 ? error : result_of(SetConsoleCursorInfo(tty->handle, &cursor));
}

/* -- Style ------------------------------------------------------------------------------------- */

enum {
  FOREGROUND = FOREGROUND_RED | FOREGROUND_GREEN | FOREGROUND_BLUE,
  BACKGROUND = BACKGROUND_RED | BACKGROUND_GREEN | BACKGROUND_BLUE,
  FOREGROUND_ALL = FOREGROUND | FOREGROUND_INTENSITY,
  BACKGROUND_ALL = BACKGROUND | BACKGROUND_INTENSITY,
  BACKGROUND_SHIFT = 4,
  INVERSE = COMMON_LVB_REVERSE_VIDEO
};

/* Sequences count red 1, green 2, blue 4. */
static unsigned int to_attributes(int colour) {
  return (colour & 1 ? FOREGROUND_RED : 0u) | (colour & 2 ? FOREGROUND_GREEN : 0u) |
         (colour & 4 ? FOREGROUND_BLUE : 0u);
}

static unsigned int swapped(unsigned int attributes) {
  return (attributes & ~(unsigned int) (FOREGROUND_ALL | BACKGROUND_ALL)) |
         (attributes & FOREGROUND_ALL) << BACKGROUND_SHIFT |
         (attributes & BACKGROUND_ALL) >> BACKGROUND_SHIFT;
}

static unsigned int replaced(unsigned int attributes, unsigned int mask, unsigned int bits) {
  return (attributes & ~mask) | (bits & mask);
}

/* What one number makes of attributes that are not inverse. */
static unsigned int styled(unsigned int attributes, int number) {
  unsigned int usual = uv__console_attributes();
  unsigned int colour = to_attributes(number % 10);

  switch (number) {
    case 0:
      return usual;
    case 1:
      return attributes | FOREGROUND_INTENSITY;
    case 2:
      return attributes & ~(unsigned int) (FOREGROUND_INTENSITY | BACKGROUND_INTENSITY);
    case 5:
      return attributes | BACKGROUND_INTENSITY;
    case 7:
      return attributes | INVERSE;
    case 21:
    case 22:
      return attributes & ~(unsigned int) FOREGROUND_INTENSITY;
    case 25:
      return attributes & ~(unsigned int) BACKGROUND_INTENSITY;
    case 27:
      return attributes & ~(unsigned int) INVERSE;
    case 39:
      return replaced(attributes, FOREGROUND_ALL, usual);
    case 49:
      return replaced(attributes, BACKGROUND_ALL, usual);
    default:
      break;
  }
  if (number >= 30 && number <= 37)
    return replaced(attributes, FOREGROUND, colour);
  if (number >= 40 && number <= 47)
    return replaced(attributes, BACKGROUND, colour << BACKGROUND_SHIFT);
  if (number >= 90 && number <= 97)
    return replaced(attributes, FOREGROUND_ALL, colour | FOREGROUND_INTENSITY);
  if (number >= 100 && number <= 107)
    return replaced(attributes, BACKGROUND_ALL,
                    (colour | FOREGROUND_INTENSITY) << BACKGROUND_SHIFT);
  return attributes;
}

static DWORD set_style(uv_tty_t* tty) {
  CONSOLE_SCREEN_BUFFER_INFO info;
  DWORD error = get_screen(tty, &info);
  unsigned int attributes = info.wAttributes;

  if (error != 0)
    return error;
  /* Such a console only remembers that text is inverse: the halves have to be swapped, too. */
  if (attributes & INVERSE)
    attributes = swapped(attributes);
  if (tty->tty.wr.ansi_csi_argc == 0)
    attributes = styled(attributes, 0);
  for (int i = 0; i < tty->tty.wr.ansi_csi_argc; i++)
    attributes = styled(attributes, tty->tty.wr.ansi_csi_argv[i]);
  if (attributes & INVERSE)
    attributes = swapped(attributes);
  return result_of(SetConsoleTextAttribute(tty->handle, (WORD) attributes));
}

enum { INTENSITIES = FOREGROUND_INTENSITY | BACKGROUND_INTENSITY };

static DWORD save_all(uv_tty_t* tty) {
  CONSOLE_SCREEN_BUFFER_INFO info;
  DWORD error = save_position(tty);

  if (error == 0)
    error = get_screen(tty, &info);
  if (error != 0)
    return error;
  tty->tty.wr.saved_attributes = info.wAttributes & INTENSITIES;
  tty->flags |= UV__TTY_SAVED_ATTRIBUTES;
  return 0;
}

static DWORD restore_all(uv_tty_t* tty) {
  CONSOLE_SCREEN_BUFFER_INFO info;
  DWORD error = restore_position(tty);

  if (error == 0 && (tty->flags & UV__TTY_SAVED_ATTRIBUTES))
    error = get_screen(tty, &info);
  if (error != 0 || !(tty->flags & UV__TTY_SAVED_ATTRIBUTES))
    return error;
  return result_of(SetConsoleTextAttribute(
      tty->handle, (WORD) replaced(info.wAttributes, INTENSITIES, tty->tty.wr.saved_attributes)));
}

/* -- Acting ------------------------------------------------------------------------------------ */

/* The sequence's number at a place; there may be none. */
static int number_at(const uv_tty_t* tty, int at, int otherwise) {
  return at < tty->tty.wr.ansi_csi_argc ? tty->tty.wr.ansi_csi_argv[at] : otherwise;
}

/* A place counted from 1, where 0 means 1 too, as one counted from 0. */
static int place_at(const uv_tty_t* tty, int at) {
  int place = number_at(tty, at, 1);

  return place == 0 ? 0 : place - 1;
}

static DWORD act_on_control(uv_tty_t* tty, uint32_t final) {
  int count = number_at(tty, 0, 1);

  switch (final) {
    case 'A':
      return move_by(tty, 0, -count);
    case 'B':
      return move_by(tty, 0, count);
    case 'C':
      return move_by(tty, count, 0);
    case 'D':
      return move_by(tty, -count, 0);
    case 'E':
      return move_to_column(tty, 0, count);
    case 'F':
      return move_to_column(tty, 0, -count);
    case 'G':
      return move_to_column(tty, place_at(tty, 0), 0);
    case 'H':
    case 'f':
      return move_to(tty, place_at(tty, 1), place_at(tty, 0));
    case 'J':
      return clear(tty, number_at(tty, 0, TO_END), true);
    case 'K':
      return clear(tty, number_at(tty, 0, TO_END), false);
    case 'm':
      return set_style(tty);
    case 's':
      return save_position(tty);
    case 'u':
      return restore_position(tty);
    case 'q':
      return shape_cursor(tty, count);
    default:
      return 0;
  }
}

enum { CURSOR_IS_VISIBLE = 25 };

static DWORD act_on_private(uv_tty_t* tty, uint32_t final) {
  if (tty->tty.wr.ansi_csi_argc != 1 || tty->tty.wr.ansi_csi_argv[0] != CURSOR_IS_VISIBLE)
    return 0;
  if (final != 'h' && final != 'l')
    return 0;
  return show_cursor(tty, final == 'h');
}

static DWORD act_on_escape(uv_tty_t* tty, uint32_t final) {
  if (final == 'c')
    return reset(tty);
  return final == '7' ? save_all(tty) : restore_all(tty);
}

DWORD uv__ansi_act(uv_tty_t* tty, enum uv__escape_kind kind, uint32_t final) {
  switch (kind) {
    case UV__ESCAPE_CONTROL:
      return act_on_control(tty, final);
    case UV__ESCAPE_PRIVATE:
      return act_on_private(tty, final);
    default:
      return act_on_escape(tty, final);
  }
}
