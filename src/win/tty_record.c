/* Input records of a console as bytes: the bytes of the last key, how often it is to be repeated,
 * and half of a character stay in the handle until somebody takes them. */
#include "tty_record.h"

#include "console_size.h"
#include "tty_keys.h"

enum { ESC = 0x1B };

static WORD* repeats_of(uv_tty_t* tty) {
  return &tty->tty.rd.last_input_record.Event.KeyEvent.wRepeatCount;
}

void uv__tty_forget_keys(uv_tty_t* tty) {
  tty->tty.rd.last_key_len = 0;
  tty->tty.rd.last_key_offset = 0;
  tty->tty.rd.last_utf16_high_surrogate = 0;
  *repeats_of(tty) = 0;
}

size_t uv__tty_encode(uint32_t point, char* bytes) {
  if (point < 0x80) {
    bytes[0] = (char) point;
    return 1;
  }
  if (point < 0x800) {
    bytes[0] = (char) (0xC0 | point >> 6);
    bytes[1] = (char) (0x80 | (point & 0x3F));
    return 2;
  }
  if (point < 0x10000) {
    bytes[0] = (char) (0xE0 | point >> 12);
    bytes[1] = (char) (0x80 | (point >> 6 & 0x3F));
    bytes[2] = (char) (0x80 | (point & 0x3F));
    return 3;
  }
  bytes[0] = (char) (0xF0 | point >> 18);
  bytes[1] = (char) (0x80 | (point >> 12 & 0x3F));
  bytes[2] = (char) (0x80 | (point >> 6 & 0x3F));
  bytes[3] = (char) (0x80 | (point & 0x3F));
  return 4;
}

uint32_t uv__tty_take_unit(uv_tty_t* tty, WCHAR unit) {
  WCHAR* high = &tty->tty.rd.last_utf16_high_surrogate;
  uint32_t point = unit;

  if (IS_HIGH_SURROGATE(unit)) {
    *high = unit;
    return 0;
  }
  if (IS_LOW_SURROGATE(unit))
    point = *high == 0 ? 0xFFFD : 0x10000u + ((uint32_t) (*high - 0xD800) << 10) + (unit - 0xDC00u);
  *high = 0;
  return point;
}

/* Puts the bytes of a key into last_key: how many. */
static size_t bytes_of_key(uv_tty_t* tty, const KEY_EVENT_RECORD* key) {
  bool is_alt = (key->dwControlKeyState & (LEFT_ALT_PRESSED | RIGHT_ALT_PRESSED)) != 0;
  bool is_ctrl = (key->dwControlKeyState & (LEFT_CTRL_PRESSED | RIGHT_CTRL_PRESSED)) != 0;
  bool is_shift = (key->dwControlKeyState & SHIFT_PRESSED) != 0;
  char* bytes = tty->tty.rd.last_key;
  size_t len = 0;

  if (key->uChar.UnicodeChar != 0) {
    uint32_t point = uv__tty_take_unit(tty, key->uChar.UnicodeChar);
    if (point == 0)
      return 0;
    /* Alt with Ctrl is AltGr, which types a character of its own. */
    if (is_alt && !is_ctrl && key->bKeyDown)
      bytes[len++] = ESC;
    return len + uv__tty_encode(point, bytes + len);
  }

  const char* sequence = uv__tty_key_sequence(key->wVirtualKeyCode, is_shift, is_ctrl);
  if (sequence == NULL)
    return 0;
  if (is_alt)
    bytes[len++] = ESC;
  while (*sequence != '\0')
    bytes[len++] = *sequence++;
  return len;
}

static bool types_something(const KEY_EVENT_RECORD* key) {
  bool is_alt_released = !key->bKeyDown && key->wVirtualKeyCode == VK_MENU;

  /* Alt's release brings the character whose number was typed meanwhile. */
  if (!key->bKeyDown && (!is_alt_released || key->uChar.UnicodeChar == 0))
    return false;
  return !(key->dwControlKeyState & LEFT_ALT_PRESSED) || (key->dwControlKeyState & ENHANCED_KEY) ||
         !uv__tty_key_composes(key->wVirtualKeyCode);
}

void uv__tty_take_record(uv_tty_t* tty, const INPUT_RECORD* record) {
  const KEY_EVENT_RECORD* key = &record->Event.KeyEvent;
  size_t len;

  if (record->EventType == WINDOW_BUFFER_SIZE_EVENT)
    uv__console_check_size();
  if (record->EventType != KEY_EVENT || !types_something(key))
    return;
  len = bytes_of_key(tty, key);
  if (len == 0)
    return;
  tty->tty.rd.last_key_len = (unsigned char) len;
  tty->tty.rd.last_key_offset = 0;
  *repeats_of(tty) = key->wRepeatCount > 0 ? (WORD) (key->wRepeatCount - 1) : 0;
}

bool uv__tty_has_key(uv_tty_t* tty) {
  return tty->tty.rd.last_key_offset < tty->tty.rd.last_key_len || *repeats_of(tty) > 0;
}

char uv__tty_next_byte(uv_tty_t* tty) {
  if (tty->tty.rd.last_key_offset == tty->tty.rd.last_key_len) {
    tty->tty.rd.last_key_offset = 0;
    --*repeats_of(tty);
  }
  return tty->tty.rd.last_key[tty->tty.rd.last_key_offset++];
}
