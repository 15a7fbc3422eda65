/* The escape sequences of keys that type no character: those of xterm for the cursor's keys and of
 * rxvt for the function keys, which is what programs on Windows are used to. */
#include "tty_keys.h"

struct key {
  WORD code;
  const char* plain;
  const char* shift;
  const char* ctrl;
  const char* ctrl_shift;
};

#define CURSOR(code, letter) \
  { code, "\33[" letter, "\33[1;2" letter, "\33[1;5" letter, "\33[1;6" letter }
#define EDITING(code, number) \
  { code, "\33[" number "~", "\33[" number ";2~", "\33[" number ";5~", "\33[" number ";6~" }
#define FUNCTION(code, plain, shift, ctrl, ctrl_shift) \
  { code, "\33[" plain, "\33[" shift, "\33[" ctrl, "\33[" ctrl_shift }

static const struct key keys[] = {
    CURSOR(VK_UP, "A"),
    CURSOR(VK_DOWN, "B"),
    CURSOR(VK_RIGHT, "C"),
    CURSOR(VK_LEFT, "D"),
    CURSOR(VK_CLEAR, "G"),
    EDITING(VK_HOME, "1"),
    EDITING(VK_INSERT, "2"),
    EDITING(VK_DELETE, "3"),
    EDITING(VK_END, "4"),
    EDITING(VK_PRIOR, "5"),
    EDITING(VK_NEXT, "6"),

    /* The keypad without Num Lock. */
    EDITING(VK_NUMPAD7, "1"),
    EDITING(VK_NUMPAD0, "2"),
    EDITING(VK_DECIMAL, "3"),
    EDITING(VK_NUMPAD1, "4"),
    EDITING(VK_NUMPAD9, "5"),
    EDITING(VK_NUMPAD3, "6"),
    CURSOR(VK_NUMPAD8, "A"),
    CURSOR(VK_NUMPAD2, "B"),
    CURSOR(VK_NUMPAD6, "C"),
    CURSOR(VK_NUMPAD4, "D"),
    CURSOR(VK_NUMPAD5, "G"),

    FUNCTION(VK_F1, "[A", "23~", "11^", "23^"),
    FUNCTION(VK_F2, "[B", "24~", "12^", "24^"),
    FUNCTION(VK_F3, "[C", "25~", "13^", "25^"),
    FUNCTION(VK_F4, "[D", "26~", "14^", "26^"),
    FUNCTION(VK_F5, "[E", "28~", "15^", "28^"),
    FUNCTION(VK_F6, "17~", "29~", "17^", "29^"),
    FUNCTION(VK_F7, "18~", "31~", "18^", "31^"),
    FUNCTION(VK_F8, "19~", "32~", "19^", "32^"),
    FUNCTION(VK_F9, "20~", "33~", "20^", "33^"),
    FUNCTION(VK_F10, "21~", "34~", "21^", "34^"),
    FUNCTION(VK_F11, "23~", "23$", "23^", "23@"),
    FUNCTION(VK_F12, "24~", "24$", "24^", "24@"),
};

const char* uv__tty_key_sequence(WORD key, bool shift, bool ctrl) {
  for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
    if (keys[i].code != key)
      continue;
    if (ctrl)
      return shift ? keys[i].ctrl_shift : keys[i].ctrl;
    return shift ? keys[i].shift : keys[i].plain;
  }
  return NULL;
}

bool uv__tty_key_composes(WORD key) {
  switch (key) {
    case VK_INSERT:
    case VK_END:
    case VK_DOWN:
    case VK_NEXT:
    case VK_LEFT:
    case VK_CLEAR:
    case VK_RIGHT:
    case VK_HOME:
    case VK_UP:
    case VK_PRIOR:
      return true;
    default:
      return key >= VK_NUMPAD0 && key <= VK_NUMPAD9;
  }
}
