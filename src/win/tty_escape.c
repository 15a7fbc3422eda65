/* Escape sequences (ECMA-48, xterm's) as they come: characters are collected in the handle, since a
 * write may end in the middle of a sequence. What is malformed is swallowed. */
#include "tty_escape.h"

/* uv_tty_t.tty.wr.ansi_parser_state: where in a sequence, with what is known of it. */
enum {
  STATE = 0x0f,
  OUTSIDE = 0,
  ESCAPE = 1,  /* after ESC */
  CONTROL = 2, /* after ESC [ */
  STRING = 3,  /* after ESC P and the like, which lasts until BEL or ESC \ */

  IN_NUMBER = 0x10,
  PRIVATE = 0x20, /* begins with ? */
  SPACED = 0x40,  /* a space before the last character */
  IGNORED = 0x80,
  SEPARATED = 0x100, /* behind a semicolon */
  QUOTED = 0x200,    /* of strings: between quotation marks, */
  ESCAPED = 0x400    /* behind a backslash there, or behind ESC elsewhere */
};

enum { ESC = 0x1B, BEL = 0x07, C1_CONTROL = 0x9B, MOST_NUMBERS = 4, LARGEST = 0xffff };

static void set_state(uv_tty_t* tty, int state) {
  tty->tty.wr.ansi_parser_state = (unsigned short) state;
}

static void mark(uv_tty_t* tty, int bits) {
  tty->tty.wr.ansi_parser_state |= (unsigned short) bits;
}

static void unmark(uv_tty_t* tty, int bits) {
  tty->tty.wr.ansi_parser_state &= (unsigned short) ~bits;
}

static bool is_marked(const uv_tty_t* tty, int bits) {
  return (tty->tty.wr.ansi_parser_state & bits) != 0;
}

static void begin_control(uv_tty_t* tty) {
  set_state(tty, CONTROL);
  tty->tty.wr.ansi_csi_argc = 0;
}

static void begin_number(uv_tty_t* tty) {
  if (tty->tty.wr.ansi_csi_argc == MOST_NUMBERS) {
    mark(tty, IGNORED);
    return;
  }
  tty->tty.wr.ansi_csi_argv[tty->tty.wr.ansi_csi_argc++] = 0;
  mark(tty, IN_NUMBER);
  unmark(tty, SEPARATED);
}

static void add_digit(uv_tty_t* tty, uint32_t digit) {
  unsigned short* number;
  uint32_t value;

  if (!is_marked(tty, IN_NUMBER))
    begin_number(tty);
  if (is_marked(tty, IGNORED))
    return;
  number = &tty->tty.wr.ansi_csi_argv[tty->tty.wr.ansi_csi_argc - 1];
  value = *number * 10u + digit;
  if (value > LARGEST)
    mark(tty, IGNORED);
  else
    *number = (unsigned short) value;
}

static void end_number(uv_tty_t* tty) {
  if (!is_marked(tty, IN_NUMBER))
    begin_number(tty); /* an empty one, which is 0 */
  unmark(tty, IN_NUMBER);
  mark(tty, SEPARATED);
}

static enum uv__escape_step end_control(uv_tty_t* tty, uint32_t point) {
  bool is_spaced = is_marked(tty, SPACED);

  if (is_marked(tty, SEPARATED))
    begin_number(tty);
  if (!is_marked(tty, IGNORED) && is_spaced == (point == 'q'))
    return UV__ESCAPE_COMPLETE;
  set_state(tty, OUTSIDE);
  return UV__ESCAPE_TAKEN;
}

static enum uv__escape_step feed_control(uv_tty_t* tty, uint32_t point) {
  if (point == ESC)
    set_state(tty, ESCAPE);
  else if (point >= '0' && point <= '9')
    add_digit(tty, point - '0');
  else if (point == ';')
    end_number(tty);
  else if (point == '?' && tty->tty.wr.ansi_csi_argc == 0)
    mark(tty, PRIVATE);
  else if (point == ' ')
    mark(tty, SPACED);
  else if (point >= '@' && point <= '~')
    return end_control(tty, point);
  else
    mark(tty, IGNORED);
  return UV__ESCAPE_TAKEN;
}

static enum uv__escape_step feed_string(uv_tty_t* tty, uint32_t point) {
  bool was_escaped = is_marked(tty, ESCAPED);

  unmark(tty, ESCAPED);
  if (is_marked(tty, QUOTED)) {
    if (point == '\\' && !was_escaped)
      mark(tty, ESCAPED);
    else if (point == '"' && !was_escaped)
      unmark(tty, QUOTED);
    return UV__ESCAPE_TAKEN;
  }

  if (point == BEL || (point == '\\' && was_escaped))
    set_state(tty, OUTSIDE);
  else if (point == ESC)
    mark(tty, ESCAPED);
  else if (point == '"')
    mark(tty, QUOTED);
  return UV__ESCAPE_TAKEN;
}

static enum uv__escape_step feed_escape(uv_tty_t* tty, uint32_t point) {
  switch (point) {
    case ESC:
      return UV__ESCAPE_TAKEN;
    case '[':
      begin_control(tty);
      return UV__ESCAPE_TAKEN;
    case 'P':
    case ']':
    case '^':
    case '_':
      set_state(tty, STRING);
      return UV__ESCAPE_TAKEN;
    case 'c':
    case '7':
    case '8':
      return UV__ESCAPE_COMPLETE;
    default:
      set_state(tty, OUTSIDE);
      return point >= '@' && point <= '_' ? UV__ESCAPE_TAKEN : UV__ESCAPE_TEXT;
  }
}

enum uv__escape_step uv__escape_feed(uv_tty_t* tty, uint32_t point) {
  switch (tty->tty.wr.ansi_parser_state & STATE) {
    case ESCAPE:
      return feed_escape(tty, point);
    case CONTROL:
      return feed_control(tty, point);
    case STRING:
      return feed_string(tty, point);
    default:
      break;
  }
  if (point == ESC)
    set_state(tty, ESCAPE);
  else if (point == C1_CONTROL)
    begin_control(tty);
  else
    return UV__ESCAPE_TEXT;
  return UV__ESCAPE_TAKEN;
}

enum uv__escape_kind uv__escape_take(uv_tty_t* tty) {
  bool is_control = (tty->tty.wr.ansi_parser_state & STATE) == CONTROL;
  bool is_private = is_marked(tty, PRIVATE);

  set_state(tty, OUTSIDE);
  if (!is_control)
    return UV__ESCAPE_SHORT;
  return is_private ? UV__ESCAPE_PRIVATE : UV__ESCAPE_CONTROL;
}
